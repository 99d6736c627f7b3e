/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-workers.h"

/*
 * Threads for what an upload has to wait for: a disk may take seconds to sync a file, and nobody else should
 * wait for that. Uploads go in with push and come back with take.
 */
struct _ReceiverWorkers {
  GThreadPool *threads;
  GAsyncQueue *done;
  ReceiverWakeFunc wake;
  gpointer data;
};

/* Syncs wait and do not compute; a journal takes those that wait together in one go. */
#define THREADS 8

static void
work_cb (gpointer item, gpointer data)
{
  ReceiverWorkers *self = data;
  ReceiverUpload *upload = item;

  receiver_upload_work (upload);
  g_async_queue_push (self->done, upload);
  self->wake (self->data);
}

ReceiverWorkers *
receiver_workers_new (ReceiverWakeFunc wake, gpointer data)
{
  ReceiverWorkers *self = g_new0 (ReceiverWorkers, 1);

  self->wake = wake;
  self->data = data;
  self->done = g_async_queue_new ();
  /* Without threads of its own a pool can't fail. */
  self->threads = g_thread_pool_new (work_cb, self, THREADS, FALSE, NULL);
  return self;
}

/* Waits for the threads. Every upload must have come back before. */
void
receiver_workers_free (ReceiverWorkers *self)
{
  if (self == NULL)
    return;

  g_thread_pool_free (self->threads, FALSE, TRUE);
  g_async_queue_unref (self->done);
  g_free (self);
}

/* Lends out an upload that receiver_upload_has_work(). */
void
receiver_workers_push (ReceiverWorkers *self, ReceiverUpload *upload)
{
  g_return_if_fail (receiver_upload_has_work (upload));

  g_thread_pool_push (self->threads, upload, NULL);
}

/* An upload that is done, for receiver_upload_worked(); or %NULL. */
ReceiverUpload *
receiver_workers_take (ReceiverWorkers *self)
{
  return g_async_queue_try_pop (self->done);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-publisher.h"

/*
 * Publishes complete files in threads, for a disk may take seconds to sync one, and nobody else should
 * wait for that. Uploads go in with push and come back with take.
 */
struct _ReceiverPublisher {
  GThreadPool *threads;
  GAsyncQueue *done;
  ReceiverWakeFunc wake;
  gpointer data;
};

/* Syncs wait and do not compute; a journal takes those that wait together in one go. */
#define THREADS 8

static void
publish_cb (gpointer item, gpointer data)
{
  ReceiverPublisher *self = data;
  ReceiverUpload *upload = item;

  receiver_upload_publish (upload);
  g_async_queue_push (self->done, upload);
  self->wake (self->data);
}

ReceiverPublisher *
receiver_publisher_new (ReceiverWakeFunc wake, gpointer data)
{
  ReceiverPublisher *self = g_new0 (ReceiverPublisher, 1);

  self->wake = wake;
  self->data = data;
  self->done = g_async_queue_new ();
  /* Without threads of its own a pool can't fail. */
  self->threads = g_thread_pool_new (publish_cb, self, THREADS, FALSE, NULL);
  return self;
}

/* Waits for the threads. Every upload must have come back before. */
void
receiver_publisher_free (ReceiverPublisher *self)
{
  if (self == NULL)
    return;

  g_thread_pool_free (self->threads, FALSE, TRUE);
  g_async_queue_unref (self->done);
  g_free (self);
}

/* Lends the publisher an upload that is %RECEIVER_UPLOAD_FINISHING. */
void
receiver_publisher_push (ReceiverPublisher *self, ReceiverUpload *upload)
{
  g_return_if_fail (receiver_upload_get_state (upload) == RECEIVER_UPLOAD_FINISHING);

  g_thread_pool_push (self->threads, upload, NULL);
}

/* An upload that is done, for receiver_upload_published(); or %NULL. */
ReceiverUpload *
receiver_publisher_take (ReceiverPublisher *self)
{
  return g_async_queue_try_pop (self->done);
}

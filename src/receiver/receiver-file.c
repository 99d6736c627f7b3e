/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-file.h"

#include <unistd.h>

struct _ReceiverFile {
  int fd;
  guint64 lost;
};

/* Giving back this much room takes the kernel long enough that nobody should wait for it. */
#define SLOW_CLOSE_MIN (64 * 1024 * 1024)

/*
 * receiver_file_new:
 * @fd: (transfer full): a descriptor
 */
ReceiverFile *
receiver_file_new (int fd)
{
  ReceiverFile *self = g_atomic_rc_box_new0 (ReceiverFile);

  self->fd = fd;
  return self;
}

ReceiverFile *
receiver_file_ref (ReceiverFile *self)
{
  return g_atomic_rc_box_acquire (self);
}

static gpointer
close_slowly (gpointer data)
{
  close (GPOINTER_TO_INT (data));
  return NULL;
}

static void
close_file (gpointer data)
{
  ReceiverFile *self = data;
  GThread *thread = NULL;

  if (self->lost >= SLOW_CLOSE_MIN)
    thread = g_thread_try_new ("close", close_slowly, GINT_TO_POINTER (self->fd), NULL);
  if (thread != NULL)
    g_thread_unref (thread);
  else
    close (self->fd);
}

void
receiver_file_unref (ReceiverFile *self)
{
  g_atomic_rc_box_release_full (self, close_file);
}

int
receiver_file_get_fd (ReceiverFile *self)
{
  return self->fd;
}

/*
 * receiver_file_set_lost:
 * @bytes: how much room the file takes
 *
 * Says that the file has no name any more, so that closing it gives all its room back.
 */
void
receiver_file_set_lost (ReceiverFile *self, guint64 bytes)
{
  self->lost = bytes;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-stall.h"

#include "galileo-error.h"

#include <glib/gi18n-lib.h>

/* Seconds of silence that each state bears. */
#define CONNECT_LIMIT 15
#define METADATA_LIMIT 30
#define SENDING_LIMIT 60
#define FINISHED_LIMIT 60
#define READ_LIMIT 60

/* A server may write the whole file at once before it confirms; slow disks write this many bytes a second. */
#define SLOW_DISK_RATE 20000000

void
galileo_stall_touch (GalileoStall *self)
{
  self->progress_time = g_get_monotonic_time ();
}

/* To be called when output has drained. sent: bytes of the file handed over until now. */
void
galileo_stall_mark (GalileoStall *self, const GalileoSocketCounts *counts, guint64 sent)
{
  self->mark_written = counts->acknowledged + counts->unacknowledged;
  self->mark_sent = sent;
}

/* What leaves after the mark, while output is drained, is pings. */
void
galileo_stall_look (GalileoStall *self, const GalileoSocketCounts *counts, gboolean drained)
{
  if (counts->acknowledged > self->acknowledged && (!drained || self->acknowledged < self->mark_written))
    galileo_stall_touch (self);
  self->acknowledged = counts->acknowledged;
}

/* Bytes of the file that the peer's host has, up to framing: an estimate, never more than sent. */
guint64
galileo_stall_get_delivered (GalileoStall *self, guint64 sent)
{
  guint64 missing;

  if (self->acknowledged >= self->mark_written)
    return MIN (sent, self->mark_sent + (self->acknowledged - self->mark_written));

  missing = self->mark_written - self->acknowledged;
  return self->mark_sent > missing ? self->mark_sent - missing : 0;
}

/* Seconds that may pass in a state without progress. timeout: the caller's wish, 0 for none. */
guint
galileo_stall_get_limit (GalileoUploadState state, guint64 size, guint timeout)
{
  if (timeout > 0)
    return timeout;

  switch (state) {
  case GALILEO_UPLOAD_STATE_CONNECTING:
    return CONNECT_LIMIT;
  case GALILEO_UPLOAD_STATE_METADATA:
    return METADATA_LIMIT;
  case GALILEO_UPLOAD_STATE_FINISHED:
    return FINISHED_LIMIT + (guint) MIN (size / SLOW_DISK_RATE, G_MAXINT32);
  case GALILEO_UPLOAD_STATE_NEW:
  case GALILEO_UPLOAD_STATE_SENDING:
  case GALILEO_UPLOAD_STATE_SENT:
  case GALILEO_UPLOAD_STATE_CLOSING:
  case GALILEO_UPLOAD_STATE_SUCCEEDED:
  case GALILEO_UPLOAD_STATE_FAILED:
  case GALILEO_UPLOAD_STATE_CANCELLED:
  default:
    return SENDING_LIMIT;
  }
}

/* Seconds that the file's own disk or network drive may take for one piece. */
guint
galileo_stall_get_read_limit (guint timeout)
{
  return timeout > 0 ? timeout : READ_LIMIT;
}

gboolean
galileo_stall_is_over (GalileoStall *self, guint limit)
{
  return g_get_monotonic_time () - self->progress_time >= (gint64) limit * G_USEC_PER_SEC;
}

GError *
galileo_stall_read_error_new (guint limit)
{
  return g_error_new (GALILEO_ERROR,
                      GALILEO_ERROR_STALLED,
                      _("The file can't be read: the disk or network drive that it is on did not answer for %u seconds"),
                      limit);
}

/* Says in which state nothing happened, and what that usually means. */
GError *
galileo_stall_error_new (GalileoUploadState state, guint limit, guint64 sent, guint64 size)
{
  g_autofree char *sent_text = g_format_size (sent);
  g_autofree char *size_text = g_format_size (size);

  /* All was handed over, but has not all left: what the server asked for ahead waits in the kernel. */
  if (sent < size && (state == GALILEO_UPLOAD_STATE_SENT || state == GALILEO_UPLOAD_STATE_FINISHED))
    state = GALILEO_UPLOAD_STATE_SENDING;

  switch (state) {
  case GALILEO_UPLOAD_STATE_METADATA:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_STALLED,
                        _("The site took the connection, but did not ask for the file within %u seconds. "
                          "There may be something else than uploads at this address"),
                        limit);
  case GALILEO_UPLOAD_STATE_SENT:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_STALLED,
                        _("The site stopped answering for %u seconds after the whole file was sent. It may be out of space"),
                        limit);
  case GALILEO_UPLOAD_STATE_FINISHED:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_STALLED,
                        _("The site has the whole file, but did not confirm it within %u seconds. "
                          "It may be out of space, or unable to write to its upload folder"),
                        limit);
  case GALILEO_UPLOAD_STATE_NEW:
  case GALILEO_UPLOAD_STATE_CONNECTING:
  case GALILEO_UPLOAD_STATE_SENDING:
  case GALILEO_UPLOAD_STATE_CLOSING:
  case GALILEO_UPLOAD_STATE_SUCCEEDED:
  case GALILEO_UPLOAD_STATE_FAILED:
  case GALILEO_UPLOAD_STATE_CANCELLED:
  default:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_STALLED,
                        _("Nothing moved for %u seconds after %s of %s. The connection may be dead, or the site out of space"),
                        limit,
                        sent_text,
                        size_text);
  }
}

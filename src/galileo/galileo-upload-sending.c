/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-upload-private.h"

/* How a server's readies are answered: each with one chunk, the one after the last chunk with finished. */

/* A reader of an earlier connection may still answer; the end of a running upload is another matter. */
static gboolean
is_current (GalileoUpload *self, GObject *reader)
{
  return galileo_upload_is_running (self) && (gpointer) self->reader == (gpointer) reader;
}

/*
 * The first ready tells from which byte on the server wants the file, and which hash of it. Returns FALSE if there is no
 * such byte.
 */
gboolean
galileo_upload_begin_file (GalileoUpload *self, GalileoSignal *ready)
{
  const char *wish = galileo_signal_get_string (ready, "hash");
  g_autoptr (GDateTime) modified = galileo_file_reader_get_modified (self->reader);
  GalileoHashType hash_type;
  guint64 offset = 0;

  /* Only of an upload that was announced with a key can a server hold a part. */
  if (self->id != NULL && modified != NULL && galileo_signal_get_size (ready, "offset", &offset)) {
    self->resumable = TRUE;
    g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_RESUMABLE]);
  }
  if (offset > self->size)
    return FALSE;

  if (wish != NULL && galileo_hash_type_parse (wish, &hash_type) && hash_type != self->hash_type) {
    self->hash_type = hash_type;
    g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_HASH_TYPE]);
  }

  galileo_file_reader_begin (self->reader, offset, self->hash_type);
  if (offset > 0) {
    self->offset = self->sent = self->acknowledged = offset;
    self->server_count = offset;
    self->stall.mark_sent = offset;
    g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_OFFSET]);
    g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_SENT]);
    g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_ACKNOWLEDGED]);
  }

  return TRUE;
}

static void
send_chunk (GalileoUpload *self, GBytes *bytes)
{
  gsize length = g_bytes_get_size (bytes);

  /* It is being closed, and nothing goes out any more. */
  if (!galileo_connection_is_open (self->connection))
    return;

  galileo_credits_use (self->credits);
  self->largest_chunk = MAX (self->largest_chunk, length);
  self->sent += length;
  g_assert (self->sent <= self->size);

  /* libsoup writes inside this call, and may find the connection broken. */
  galileo_connection_send_binary (self->connection, bytes);
  if (!galileo_upload_is_running (self))
    return;

  galileo_stall_touch (&self->stall);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_SENT]);
  g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_CHUNK], 0, (double) self->sent / (double) self->size);

  if (galileo_upload_is_running (self) && self->sent == self->size)
    galileo_upload_set_state (self, GALILEO_UPLOAD_STATE_SENT);
  if (galileo_upload_is_running (self) && galileo_connection_is_drained (self->connection))
    galileo_upload_drained (self);
  else
    galileo_upload_pump (self);
}

/* All that was sent is in the kernel, which takes more. */
void
galileo_upload_drained (GalileoUpload *self)
{
  GalileoSocketCounts counts;

  galileo_stall_touch (&self->stall);
  if (galileo_connection_get_counts (self->connection, &counts))
    galileo_stall_mark (&self->stall, &counts, self->sent);
  galileo_upload_pump (self);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalileoUpload) self = user_data;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  bytes = galileo_file_reader_read_finish (GALILEO_FILE_READER (source), result, &error);
  if (!is_current (self, source)) {
    g_clear_error (&error);
    return;
  }

  self->reading = FALSE;
  if (bytes == NULL) {
    galileo_upload_end (self, error, 0);
    return;
  }

  if (self->limiter != NULL)
    galileo_limiter_give_back (self->limiter, self->allowed - g_bytes_get_size (bytes));
  send_chunk (self, bytes);
}

static void
check_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalileoUpload) self = user_data;
  const char *type = NULL;
  g_autoptr (GalileoSignal) finished = NULL;
  g_autofree char *text = NULL;
  g_autofree char *hash = NULL;
  GError *error = NULL;

  if (!galileo_file_reader_check_finish (GALILEO_FILE_READER (source), result, &hash, &error)) {
    if (is_current (self, source))
      galileo_upload_end (self, g_steal_pointer (&error), 0);
    g_clear_error (&error);
    return;
  }
  if (!is_current (self, source))
    return;

  self->reading = FALSE;
  self->hash = g_steal_pointer (&hash);
  if (self->hash != NULL)
    type = galileo_hash_type_to_string (self->hash_type);
  finished = galileo_signal_new_finished (type, self->hash);
  text = galileo_signal_to_text (finished);
  galileo_credits_use (self->credits);
  galileo_upload_set_state (self, GALILEO_UPLOAD_STATE_FINISHED);
  if (galileo_upload_is_running (self))
    galileo_connection_send_text (self->connection, text);
}

static void
allowed_cb (gpointer waiter)
{
  GalileoUpload *self = waiter;

  self->limited = FALSE;
  galileo_upload_pump (self);
}

/* Asks the rate limit, if there is one. Returns 0 if it has to be waited for. */
static gsize
get_allowed (GalileoUpload *self, gsize most)
{
  gsize allowed;

  if (self->limiter == NULL)
    return most;

  allowed = galileo_limiter_take (self->limiter, most);
  if (allowed == 0) {
    self->limited = TRUE;
    galileo_limiter_wait (self->limiter, allowed_cb, self);
  }

  return allowed;
}

/* Waits for its turn no more. */
void
galileo_upload_rest (GalileoUpload *self)
{
  if (self->limited)
    galileo_limiter_forget (self->limiter, self);
  self->limited = FALSE;
}

/* Answers the oldest credit, if there is one and its answer can go: a chunk once output has drained, or finished. */
void
galileo_upload_pump (GalileoUpload *self)
{
  if (!galileo_upload_is_running (self) || self->reading || self->paused || self->limited ||
      galileo_credits_is_empty (self->credits))
    return;

  if (self->state == GALILEO_UPLOAD_STATE_SENDING && galileo_connection_is_drained (self->connection)) {
    guint64 most = MIN (galileo_credits_peek (self->credits), self->max_chunk_size);

    self->allowed = get_allowed (self, (gsize) MIN (most, self->size - self->sent));
    if (self->allowed == 0)
      return;
    self->reading = TRUE;
    galileo_file_reader_read_async (self->reader, self->allowed, self->cancellable, read_cb, g_object_ref (self));
  } else if (self->state == GALILEO_UPLOAD_STATE_SENT) {
    self->reading = TRUE;
    galileo_file_reader_check_async (self->reader, self->cancellable, check_cb, g_object_ref (self));
  }
}

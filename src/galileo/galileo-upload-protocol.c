/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-upload-private.h"

#include "galileo-connect-error.h"
#include "galileo-error.h"
#include "galileo-name.h"

#include <glib/gi18n-lib.h>

/* How often the stall timer and the acknowledged bytes are looked at. */
#define TICK_MS 100

/* More text than that which is no signal, and the peer speaks another protocol. */
#define MAX_NOT_SIGNALS 1

#define TO(state) (1u << GALILEO_UPLOAD_STATE_##state)

/* From each state, the states that may follow. Every end goes through CLOSING. */
static const guint legal_edges[] = {
  [GALILEO_UPLOAD_STATE_NEW] = TO (CONNECTING),
  [GALILEO_UPLOAD_STATE_CONNECTING] = TO (METADATA) | TO (CLOSING),
  [GALILEO_UPLOAD_STATE_METADATA] = TO (SENDING) | TO (SENT) | TO (CLOSING),
  [GALILEO_UPLOAD_STATE_SENDING] = TO (SENT) | TO (CLOSING),
  [GALILEO_UPLOAD_STATE_SENT] = TO (FINISHED) | TO (CLOSING),
  [GALILEO_UPLOAD_STATE_FINISHED] = TO (CLOSING),
  [GALILEO_UPLOAD_STATE_CLOSING] = TO (SUCCEEDED) | TO (FAILED) | TO (CANCELLED),
  [GALILEO_UPLOAD_STATE_SUCCEEDED] = 0,
  [GALILEO_UPLOAD_STATE_FAILED] = 0,
  [GALILEO_UPLOAD_STATE_CANCELLED] = 0,
};

#undef TO

static void
transition (GalileoUpload *self, GalileoUploadState state)
{
  g_assert (legal_edges[self->state] & (1u << state));

  self->state = state;
  galileo_stall_touch (&self->stall);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_STATE]);
}

static gboolean
is_running (GalileoUpload *self)
{
  return self->state > GALILEO_UPLOAD_STATE_NEW && self->state < GALILEO_UPLOAD_STATE_CLOSING;
}

/* Only of what the server asked for: whether it has been given all of it is known once it asked for something. */
static gboolean
all_sent (GalileoUpload *self)
{
  return self->state >= GALILEO_UPLOAD_STATE_SENT;
}

static void
set_acknowledged (GalileoUpload *self, guint64 acknowledged)
{
  if (acknowledged <= self->acknowledged)
    return;

  self->acknowledged = acknowledged;
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_ACKNOWLEDGED]);
}

static void
clear_tick (GalileoUpload *self)
{
  if (self->tick != NULL)
    g_source_destroy (self->tick);
  g_clear_pointer (&self->tick, g_source_unref);
}

/* The websocket is gone, or there never was one: nothing follows. */
static void
emit_closed (GalileoUpload *self)
{
  g_autoptr (GalileoConnection) connection = g_steal_pointer (&self->connection);

  if (connection != NULL)
    g_signal_handlers_disconnect_by_data (connection, self);
  g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_CLOSED], 0);
  g_object_unref (self);
}

/*
 * The one way to an end: the first cause wins, later ones find the upload ended. Takes the error, which is NULL for
 * success. code: what to close the websocket with in order, or 0 to cut it.
 */
static void
end (GalileoUpload *self, GError *error, gushort code)
{
  g_autoptr (GError) cause = error;
  g_autoptr (GalileoUpload) alive = NULL;

  if (!is_running (self))
    return;

  alive = g_object_ref (self);
  transition (self, GALILEO_UPLOAD_STATE_CLOSING);
  clear_tick (self);
  g_cancellable_cancel (self->cancellable);

  if (cause == NULL) {
    set_acknowledged (self, self->size);
    transition (self, GALILEO_UPLOAD_STATE_SUCCEEDED);
    g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_SUCCEEDED], 0);
  } else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    self->error = g_steal_pointer (&cause);
    transition (self, GALILEO_UPLOAD_STATE_CANCELLED);
  } else {
    if (self->error_signals->len == 0)
      g_ptr_array_add (self->error_signals, galileo_signal_new_local (cause->message));
    self->error = g_steal_pointer (&cause);
    transition (self, GALILEO_UPLOAD_STATE_FAILED);
    g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_FAILED], 0, self->error_signals);
  }

  if (self->connection == NULL || !galileo_connection_is_open (self->connection))
    emit_closed (self);
  else if (code != 0)
    galileo_connection_close (self->connection, code);
  else
    galileo_connection_abort (self->connection);
}

static void
end_with_protocol_error (GalileoUpload *self, const char *what)
{
  end (self,
       g_error_new (GALILEO_ERROR, GALILEO_ERROR_PROTOCOL, _("The site does not keep to the protocol: %s"), what),
       SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR);
}

static void
update_acknowledged (GalileoUpload *self)
{
  GalileoSocketCounts counts;

  if (!galileo_connection_get_counts (self->connection, &counts))
    return;

  galileo_stall_look (&self->stall, &counts, galileo_connection_is_drained (self->connection));
  if (self->state >= GALILEO_UPLOAD_STATE_SENDING)
    set_acknowledged (self, galileo_stall_get_delivered (&self->stall, self->sent));
}

static void pump (GalileoUpload *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalileoUpload) self = user_data;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  self->reading = FALSE;
  bytes = galileo_file_reader_read_finish (GALILEO_FILE_READER (source), result, &error);
  if (bytes == NULL) {
    end (self, error, 0);
    return;
  }
  if (!is_running (self))
    return;

  galileo_credits_use (self->credits);
  self->sent += g_bytes_get_size (bytes);
  g_assert (self->sent <= self->size);

  /* libsoup writes inside this call, and may find the connection broken. */
  galileo_connection_send_binary (self->connection, bytes);
  if (!is_running (self))
    return;

  galileo_stall_touch (&self->stall);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_SENT]);
  g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_CHUNK], 0, (double) self->sent / (double) self->size);

  if (is_running (self) && self->sent == self->size) {
    transition (self, GALILEO_UPLOAD_STATE_SENT);
    pump (self);
  }
}

static void
check_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalileoUpload) self = user_data;
  const char *type = NULL;
  g_autoptr (GalileoSignal) finished = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;

  self->reading = FALSE;
  if (!galileo_file_reader_check_finish (GALILEO_FILE_READER (source), result, &self->hash, &error)) {
    end (self, error, 0);
    return;
  }
  if (!is_running (self))
    return;

  if (self->hash != NULL)
    type = galileo_hash_type_to_string (self->hash_type);
  finished = galileo_signal_new_finished (type, self->hash);
  text = galileo_signal_to_text (finished);
  galileo_credits_use (self->credits);
  transition (self, GALILEO_UPLOAD_STATE_FINISHED);
  if (is_running (self))
    galileo_connection_send_text (self->connection, text);
}

/* Answers the oldest credit, if there is one and its answer can go: a chunk once output has drained, or finished. */
static void
pump (GalileoUpload *self)
{
  if (!is_running (self) || self->reading || galileo_credits_is_empty (self->credits))
    return;

  if (self->state == GALILEO_UPLOAD_STATE_SENDING && galileo_connection_is_drained (self->connection)) {
    guint64 most = MIN (galileo_credits_peek (self->credits), self->max_chunk_size);

    self->reading = TRUE;
    galileo_file_reader_read_async (self->reader, (gsize) most, self->cancellable, read_cb, g_object_ref (self));
  } else if (self->state == GALILEO_UPLOAD_STATE_SENT) {
    self->reading = TRUE;
    galileo_file_reader_check_async (self->reader, self->cancellable, check_cb, g_object_ref (self));
  }
}

static void
handle_close (GalileoUpload *self, GalileoSignal *signal)
{
  if (!all_sent (self)) {
    end (self,
         g_error_new_literal (GALILEO_ERROR,
                              GALILEO_ERROR_CLOSED_EARLY,
                              _("The site ended the upload before it had the whole file")),
         SOUP_WEBSOCKET_CLOSE_NORMAL);
    return;
  }

  self->verified = self->hash != NULL && galileo_signal_is_true (signal, "verified");
  self->url = g_strdup (galileo_signal_get_string (signal, "url"));
  end (self, NULL, SOUP_WEBSOCKET_CLOSE_NORMAL);
}

static void
handle_error (GalileoUpload *self, GalileoSignal *signal)
{
  g_ptr_array_add (self->error_signals, galileo_signal_ref (signal));
  g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_ERROR_SIGNAL], 0, signal);

  if (galileo_signal_get_fatal (signal)) {
    g_autofree char *message = galileo_signal_dup_message (signal);

    end (self,
         g_error_new (GALILEO_ERROR, GALILEO_ERROR_REFUSED, _("The site refused it: “%s”"), message),
         SOUP_WEBSOCKET_CLOSE_NORMAL);
  }
}

static void
handle_ready (GalileoUpload *self, GalileoSignal *signal)
{
  /* Whatever comes after finished was answered, asks for nothing more. */
  if (self->state == GALILEO_UPLOAD_STATE_FINISHED)
    return;

  galileo_credits_add (self->credits, galileo_signal_get_chunk_size (signal));
  if (self->state == GALILEO_UPLOAD_STATE_METADATA)
    transition (self, self->size > 0 ? GALILEO_UPLOAD_STATE_SENDING : GALILEO_UPLOAD_STATE_SENT);
  pump (self);
}

/* This and the callbacks below hold on to the upload: a handler of its signals may end it, and nobody else have it. */
static void
text_cb (GalileoConnection *connection, GBytes *bytes, GalileoUpload *upload)
{
  g_autoptr (GalileoUpload) self = g_object_ref (upload);
  g_autoptr (GalileoSignal) signal = NULL;
  g_autoptr (GError) error = NULL;
  const char *text;
  gsize length;

  if (!is_running (self))
    return;

  galileo_stall_touch (&self->stall);
  text = g_bytes_get_data (bytes, &length);
  signal = galileo_signal_parse (text != NULL ? text : "", length, &error);
  if (signal == NULL) {
    if (error->domain == GALILEO_ERROR || ++self->n_not_signals > MAX_NOT_SIGNALS)
      end_with_protocol_error (self, error->message);
    else
      g_debug ("Ignored a text that is no signal: %s", error->message);
    return;
  }

  switch (galileo_signal_get_kind (signal)) {
  case GALILEO_SIGNAL_CLOSE:
    handle_close (self, signal);
    break;
  case GALILEO_SIGNAL_ERROR:
    handle_error (self, signal);
    break;
  case GALILEO_SIGNAL_READY:
    handle_ready (self, signal);
    break;
  case GALILEO_SIGNAL_OTHER:
  default:
    g_debug ("Ignored a signal without close, error or ready");
    break;
  }
}

static void
binary_cb (GalileoConnection *connection, GBytes *bytes, GalileoUpload *self)
{
  end_with_protocol_error (self, _("it sent file data"));
}

static void
drained_cb (GalileoConnection *connection, GalileoUpload *upload)
{
  g_autoptr (GalileoUpload) self = g_object_ref (upload);
  GalileoSocketCounts counts;

  if (!is_running (self))
    return;

  galileo_stall_touch (&self->stall);
  if (galileo_connection_get_counts (connection, &counts))
    galileo_stall_mark (&self->stall, &counts, self->sent);
  pump (self);
}

static void
closed_cb (GalileoConnection *connection, guint code, const char *reason, GError *cause, GalileoUpload *self)
{
  if (is_running (self)) {
    g_autoptr (GError) error = galileo_close_error_new (code, reason, cause, all_sent (self));

    end (self, g_steal_pointer (&error), 0);
    return;
  }

  emit_closed (self);
}

static gboolean
tick_cb (gpointer user_data)
{
  g_autoptr (GalileoUpload) self = g_object_ref (user_data);
  guint limit = galileo_stall_get_limit (self->state, self->size, self->timeout);

  update_acknowledged (self);
  if (!is_running (self))
    return G_SOURCE_REMOVE;

  /* While the file is being read, it is this side that everybody waits for. */
  if (self->reading)
    galileo_stall_touch (&self->stall);

  if (galileo_stall_is_over (&self->stall, limit))
    end (self, galileo_stall_error_new (self->state, limit, self->acknowledged, self->size), 0);

  return G_SOURCE_CONTINUE;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalileoUpload) self = user_data;
  g_autoptr (GalileoSignal) metadata = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;

  if (!galileo_connection_open_finish (GALILEO_CONNECTION (source), result, &error)) {
    end (self, error, 0);
    return;
  }

  self->tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (self->tick, tick_cb, self, NULL);
  g_source_set_static_name (self->tick, "[galileo] upload tick");
  g_source_attach (self->tick, g_main_context_get_thread_default ());

  metadata = galileo_signal_new_metadata (self->name, self->size);
  text = galileo_signal_to_text (metadata);
  transition (self, GALILEO_UPLOAD_STATE_METADATA);
  if (is_running (self))
    galileo_connection_send_text (self->connection, text);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalileoUpload) self = user_data;
  GError *error = NULL;

  if (!galileo_file_reader_open_finish (GALILEO_FILE_READER (source), result, &error)) {
    end (self, error, 0);
    return;
  }
  if (!is_running (self))
    return;

  self->size = galileo_file_reader_get_size (self->reader);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_SIZE]);

  self->connection = galileo_connection_new (self->session, self->address);
  g_signal_connect (self->connection, "text", G_CALLBACK (text_cb), self);
  g_signal_connect (self->connection, "binary", G_CALLBACK (binary_cb), self);
  g_signal_connect (self->connection, "drained", G_CALLBACK (drained_cb), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (closed_cb), self);
  galileo_connection_open_async (self->connection,
                                 galileo_stall_get_limit (self->state, self->size, self->timeout),
                                 self->cancellable,
                                 connected_cb,
                                 g_object_ref (self));
}

static gboolean
start_cb (gpointer user_data)
{
  GalileoUpload *self = user_data;
  GError *error = NULL;

  if (!is_running (self))
    return G_SOURCE_REMOVE;

  if (!galileo_name_check (self->name, &error)) {
    end (self, error, 0);
    return G_SOURCE_REMOVE;
  }

  self->reader = galileo_file_reader_new (self->file, self->hash_type, (gsize) self->max_chunk_size);
  galileo_file_reader_open_async (self->reader, self->cancellable, opened_cb, g_object_ref (self));

  return G_SOURCE_REMOVE;
}

/**
 * galileo_upload_start:
 * @self: a new upload
 *
 * Starts the upload in the thread-default main context. No signal but a change of state comes before this returns.
 */
void
galileo_upload_start (GalileoUpload *self)
{
  g_autoptr (GSource) source = NULL;

  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  /* Released by emit_closed(). */
  g_object_ref (self);
  transition (self, GALILEO_UPLOAD_STATE_CONNECTING);

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, start_cb, g_object_ref (self), g_object_unref);
  g_source_set_static_name (source, "[galileo] upload start");
  g_source_attach (source, g_main_context_get_thread_default ());
}

/**
 * galileo_upload_cancel:
 * @self: an upload
 *
 * Ends the upload and cuts the connection. An upload that has ended stays as it is; if its websocket is still being
 * closed in order, that is cut short.
 */
void
galileo_upload_cancel (GalileoUpload *self)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));

  if (is_running (self))
    end (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Cancelled")), 0);
  else if (self->connection != NULL)
    galileo_connection_abort (self->connection);
}

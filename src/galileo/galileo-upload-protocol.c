/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-upload-private.h"

#include "galileo-connect-error.h"
#include "galileo-error.h"
#include "galileo-metadata.h"
#include "galileo-name.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How often the stall timer and the acknowledged bytes are looked at. */
#define TICK_MS 100

/* What a server says it has is believed for so long. Servers speak of it in readies, and need not send one for each chunk. */
#define SERVER_COUNT_MEMORY G_USEC_PER_SEC

/* A chunk that is too big for a server is halved, down to this many bytes. */
#define MIN_CHUNK_SIZE (16 * 1024)

/* How long a server that was told goodbye may take to answer; libsoup would wait for 5 s. */
#define GOODBYE_LIMIT 2

/* More text than that which is no signal, and the peer speaks another protocol. */
#define MAX_NOT_SIGNALS 1

#define TO(state) (1u << GALILEO_UPLOAD_STATE_##state)

/* From each state, the states that may follow. Every end goes through CLOSING; back to CONNECTING leads a chunk that was
 * too big for the server. */
static const guint legal_edges[] = {
  [GALILEO_UPLOAD_STATE_NEW] = TO (CONNECTING),
  [GALILEO_UPLOAD_STATE_CONNECTING] = TO (METADATA) | TO (CLOSING),
  [GALILEO_UPLOAD_STATE_METADATA] = TO (SENDING) | TO (SENT) | TO (CLOSING),
  [GALILEO_UPLOAD_STATE_SENDING] = TO (SENT) | TO (CONNECTING) | TO (CLOSING),
  [GALILEO_UPLOAD_STATE_SENT] = TO (FINISHED) | TO (CONNECTING) | TO (CLOSING),
  [GALILEO_UPLOAD_STATE_FINISHED] = TO (CONNECTING) | TO (CLOSING),
  [GALILEO_UPLOAD_STATE_CLOSING] = TO (SUCCEEDED) | TO (FAILED) | TO (CANCELLED),
  [GALILEO_UPLOAD_STATE_SUCCEEDED] = 0,
  [GALILEO_UPLOAD_STATE_FAILED] = 0,
  [GALILEO_UPLOAD_STATE_CANCELLED] = 0,
};

#undef TO

void
galileo_upload_set_state (GalileoUpload *self, GalileoUploadState state)
{
  g_assert (legal_edges[self->state] & (1u << state));

  self->state = state;
  galileo_stall_touch (&self->stall);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_STATE]);
}

/*
 * Whether this is the thread for it. Nothing of an upload is locked, so that a call from another thread while it runs is a
 * mistake; an upload that has not started, or is closed, is anybody's who was handed it.
 */
gboolean
galileo_upload_may_be_used (GalileoUpload *self)
{
  return self->thread == NULL || self->thread == g_thread_self ();
}

/* Every callback asks this first. */
gboolean
galileo_upload_is_running (GalileoUpload *self)
{
  g_assert (galileo_upload_may_be_used (self));

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

  /* A handler of the upload's end may have cancelled what was left of it. */
  if (self->closed)
    return;

  self->closed = TRUE;
  clear_tick (self);
  if (connection != NULL)
    g_signal_handlers_disconnect_by_data (connection, self);
  g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_CLOSED], 0);
  self->thread = NULL;
  g_object_unref (self);
}

/*
 * The one way to an end: the first cause wins, later ones find the upload ended. Takes the error, which is NULL for
 * success. code: what to close the websocket with in order, or 0 to cut it.
 */
void
galileo_upload_end (GalileoUpload *self, GError *error, gushort code)
{
  g_autoptr (GError) cause = error;
  g_autoptr (GalileoUpload) alive = NULL;

  if (!galileo_upload_is_running (self))
    return;

  alive = g_object_ref (self);
  self->ending = TRUE;
  galileo_upload_set_state (self, GALILEO_UPLOAD_STATE_CLOSING);
  galileo_upload_rest (self);
  g_cancellable_cancel (self->cancellable);

  if (cause == NULL) {
    set_acknowledged (self, self->size);
    galileo_upload_set_state (self, GALILEO_UPLOAD_STATE_SUCCEEDED);
    g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_SUCCEEDED], 0);
  } else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    self->error = g_steal_pointer (&cause);
    galileo_upload_set_state (self, GALILEO_UPLOAD_STATE_CANCELLED);
  } else {
    if (self->error_signals->len == 0)
      g_ptr_array_add (self->error_signals, galileo_signal_new_local (cause->message));
    self->error = g_steal_pointer (&cause);
    galileo_upload_set_state (self, GALILEO_UPLOAD_STATE_FAILED);
    g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_FAILED], 0, self->error_signals);
  }

  self->ending = FALSE;
  if (self->connection == NULL || !galileo_connection_is_open (self->connection))
    emit_closed (self);
  else if (code != 0 && !self->cut)
    galileo_connection_close (self->connection, code);
  else
    galileo_connection_abort (self->connection);
}

static void
end_with_protocol_error (GalileoUpload *self, const char *what)
{
  galileo_upload_end (self,
       g_error_new (GALILEO_ERROR, GALILEO_ERROR_PROTOCOL, _("The site does not keep to the protocol: %s"), what),
       SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR);
}

/*
 * What the kernel counts runs smoothly, but something between may take bytes that the server has not got. A server that
 * says itself what it has is believed, and the kernel for what may be under way beyond that.
 */
static guint64
estimate_acknowledged (GalileoUpload *self)
{
  guint64 estimate = galileo_stall_get_delivered (&self->stall, self->sent);

  if (g_get_monotonic_time () - self->server_count_time < SERVER_COUNT_MEMORY)
    estimate = MIN (estimate, self->server_count + 2 * self->largest_chunk);

  return MAX (estimate, self->server_count);
}

static void
look_at_counts (GalileoUpload *self)
{
  GalileoSocketCounts counts;

  if (self->connection == NULL || !galileo_connection_get_counts (self->connection, &counts))
    return;

  galileo_stall_look (&self->stall, &counts, galileo_connection_is_drained (self->connection));
  if (self->state > GALILEO_UPLOAD_STATE_CONNECTING && galileo_connection_is_flooded (self->connection, &counts))
    end_with_protocol_error (self, _("it sent a message without an end"));
  else if (self->state >= GALILEO_UPLOAD_STATE_SENDING)
    set_acknowledged (self, estimate_acknowledged (self));
}

static void
handle_close (GalileoUpload *self, GalileoSignal *signal)
{
  if (!all_sent (self)) {
    galileo_upload_end (self,
         g_error_new_literal (GALILEO_ERROR,
                              GALILEO_ERROR_CLOSED_EARLY,
                              _("The site ended the upload before it had the whole file")),
         SOUP_WEBSOCKET_CLOSE_NORMAL);
    return;
  }

  /* The word counts for a hash that the server was given. */
  self->verified = self->state == GALILEO_UPLOAD_STATE_FINISHED && self->hash != NULL &&
                   galileo_signal_is_true (signal, "verified");
  self->url = g_strdup (galileo_signal_get_string (signal, "url"));
  galileo_upload_end (self, NULL, SOUP_WEBSOCKET_CLOSE_NORMAL);
}

static void
handle_error (GalileoUpload *self, GalileoSignal *signal)
{
  g_ptr_array_add (self->error_signals, galileo_signal_ref (signal));
  g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_ERROR_SIGNAL], 0, signal);

  if (galileo_signal_get_fatal (signal)) {
    g_autofree char *message = galileo_signal_dup_message (signal);

    galileo_upload_end (self,
         g_error_new (GALILEO_ERROR, GALILEO_ERROR_REFUSED, _("The site refused it: “%s”"), message),
         SOUP_WEBSOCKET_CLOSE_NORMAL);
  }
}

static void
handle_ready (GalileoUpload *self, GalileoSignal *signal)
{
  guint64 count;

  /* Whatever comes after finished was answered, asks for nothing more. */
  if (self->state == GALILEO_UPLOAD_STATE_FINISHED)
    return;

  galileo_credits_add (self->credits, galileo_signal_get_chunk_size (signal));
  if (self->state == GALILEO_UPLOAD_STATE_METADATA) {
    if (!galileo_upload_begin_file (self, signal)) {
      end_with_protocol_error (self, _("it claims to have more of the file than there is"));
      return;
    }
    /* The handler of a property's notification may have ended it. */
    if (!galileo_upload_is_running (self))
      return;
    galileo_upload_set_state (self,
                              self->sent < self->size ? GALILEO_UPLOAD_STATE_SENDING : GALILEO_UPLOAD_STATE_SENT);
  } else if (galileo_signal_get_size (signal, "offset", &count)) {
    self->server_count = MAX (self->server_count, MIN (count, self->sent));
    self->server_count_time = g_get_monotonic_time ();
  }
  galileo_upload_pump (self);
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

  if (!galileo_upload_is_running (self))
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

  if (galileo_upload_is_running (self))
    galileo_upload_drained (self);
}

static void open_file (GalileoUpload *self);

/* Once more from the beginning, in smaller pieces, in a connection of its own. */
static void
start_over (GalileoUpload *self, guint64 max_chunk_size)
{
  g_debug ("Trying again with chunks of %" G_GUINT64_FORMAT " bytes", max_chunk_size);

  galileo_upload_rest (self);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_clear_object (&self->reader);
  g_clear_pointer (&self->credits, galileo_credits_free);
  g_clear_pointer (&self->hash, g_free);
  self->credits = galileo_credits_new ();
  memset (&self->stall, 0, sizeof self->stall);
  self->max_chunk_size = max_chunk_size;
  self->sent = 0;
  self->acknowledged = 0;
  self->offset = 0;
  self->largest_chunk = 0;
  self->server_count = 0;
  self->server_count_time = 0;
  self->n_not_signals = 0;
  self->kept_alive = FALSE;

  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_MAX_CHUNK_SIZE]);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_SENT]);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_ACKNOWLEDGED]);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_OFFSET]);
  g_object_thaw_notify (G_OBJECT (self));
  if (!galileo_upload_is_running (self))
    return;
  galileo_upload_set_state (self, GALILEO_UPLOAD_STATE_CONNECTING);
  if (galileo_upload_is_running (self))
    open_file (self);
}

static void
closed_cb (GalileoConnection *connection, guint code, const char *reason, GError *cause, GalileoUpload *upload)
{
  g_autoptr (GalileoUpload) self = g_object_ref (upload);

  if (galileo_upload_is_running (self)) {
    guint64 chunk_size = MIN (self->largest_chunk, self->max_chunk_size);

    /* With an error of that kind it is libsoup that found a message too big. Another one only tells that the server hung
     * up before it had read all that was under way. */
    if (code == SOUP_WEBSOCKET_CLOSE_TOO_BIG && (cause == NULL || cause->domain != SOUP_WEBSOCKET_ERROR) &&
        chunk_size > MIN_CHUNK_SIZE) {
      start_over (self, MAX (chunk_size / 2, MIN_CHUNK_SIZE));
      return;
    }
    galileo_upload_end (self, galileo_close_error_new (code, reason, cause, all_sent (self)), 0);
    return;
  }

  emit_closed (self);
}

/* Whether nobody is to be waited for: the user wants it so, or the rate limit. */
static gboolean
is_resting (GalileoUpload *self)
{
  switch (self->state) {
  case GALILEO_UPLOAD_STATE_METADATA:
  case GALILEO_UPLOAD_STATE_SENDING:
  case GALILEO_UPLOAD_STATE_SENT:
    return self->paused || self->limited;
  default:
    return FALSE;
  }
}

/* Returns why the upload is to end if something has been waited for long enough, or NULL. */
static GError *
check_stall (GalileoUpload *self)
{
  guint limit = galileo_stall_get_limit (self->state, self->size, self->timeout);

  if (self->reading) {
    /* It is this side that everybody waits for, and a disk that works on may take its time. */
    guint n_steps = galileo_file_reader_get_n_steps (self->reader);

    if (n_steps != self->n_reader_steps)
      galileo_stall_touch (&self->stall);
    self->n_reader_steps = n_steps;
    limit = galileo_stall_get_read_limit (self->timeout);
  } else if (is_resting (self)) {
    galileo_stall_touch (&self->stall);
  }

  if (!galileo_stall_is_over (&self->stall, limit))
    return NULL;
  if (self->reading)
    return galileo_stall_read_error_new (limit);
  if (self->state == GALILEO_UPLOAD_STATE_CONNECTING)
    return galileo_connect_timeout_error_new (self->address, limit);
  return galileo_stall_error_new (self->state, limit, self->acknowledged, self->size);
}

static gboolean
tick_cb (gpointer user_data)
{
  g_autoptr (GalileoUpload) self = g_object_ref (user_data);
  GError *error;

  if (!galileo_upload_is_running (self)) {
    if (!galileo_stall_is_over (&self->stall, GOODBYE_LIMIT))
      return G_SOURCE_CONTINUE;
    galileo_connection_abort (self->connection);
    return G_SOURCE_REMOVE;
  }

  if (self->connection != NULL && !self->kept_alive && galileo_connection_is_open (self->connection)) {
    galileo_connection_keep_alive (self->connection);
    self->kept_alive = TRUE;
  }

  look_at_counts (self);
  if (!galileo_upload_is_running (self))
    return G_SOURCE_CONTINUE;

  error = check_stall (self);
  if (error != NULL) {
    galileo_upload_end (self, error, 0);
    return G_SOURCE_CONTINUE;
  }

  g_signal_emit (self, galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_PROGRESS], 0);

  return G_SOURCE_CONTINUE;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalileoUpload) self = user_data;
  g_autoptr (GDateTime) modified = NULL;
  g_autoptr (GalileoSignal) signal = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;
  GalileoMetadata metadata;

  if (!galileo_connection_open_finish (GALILEO_CONNECTION (source), result, &error)) {
    g_set_object (&self->certificate, galileo_connection_get_certificate (GALILEO_CONNECTION (source)));
    self->certificate_errors = galileo_connection_get_certificate_errors (GALILEO_CONNECTION (source));
    galileo_upload_end (self, error, 0);
    return;
  }

  modified = galileo_file_reader_get_modified (self->reader);
  metadata = (GalileoMetadata) {
    .name = self->name,
    .size = self->size,
    .modified = modified,
    .path = self->path,
    .id = self->id,
    .hash_type = self->hash_type,
  };
  signal = galileo_metadata_to_signal (&metadata);
  text = galileo_signal_to_text (signal);
  galileo_upload_set_state (self, GALILEO_UPLOAD_STATE_METADATA);
  if (galileo_upload_is_running (self))
    galileo_connection_send_text (self->connection, text);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalileoUpload) self = user_data;
  GError *error = NULL;

  self->reading = FALSE;
  if (!galileo_file_reader_open_finish (GALILEO_FILE_READER (source), result, &error)) {
    galileo_upload_end (self, error, 0);
    return;
  }
  if (!galileo_upload_is_running (self))
    return;

  galileo_stall_touch (&self->stall);
  self->size = galileo_file_reader_get_size (self->reader);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_SIZE]);
  if (!galileo_upload_is_running (self))
    return;

  self->connection = galileo_connection_new (self->session, self->address);
  galileo_connection_set_data_size (self->connection, self->size);
  galileo_connection_set_headers (self->connection, self->headers);
  galileo_connection_set_pin (self->connection, self->pinned_certificate);
  g_signal_connect (self->connection, "text", G_CALLBACK (text_cb), self);
  g_signal_connect (self->connection, "binary", G_CALLBACK (binary_cb), self);
  g_signal_connect (self->connection, "drained", G_CALLBACK (drained_cb), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (closed_cb), self);
  galileo_connection_open_async (self->connection,
                                 self->cancellable,
                                 connected_cb,
                                 g_object_ref (self));
}

static void
open_file (GalileoUpload *self)
{
  self->reading = TRUE;
  self->n_reader_steps = 0;
  self->reader = galileo_file_reader_new (self->file, (gsize) self->max_chunk_size);
  galileo_file_reader_open_async (self->reader, self->cancellable, opened_cb, g_object_ref (self));
}

static gboolean
start_cb (gpointer user_data)
{
  GalileoUpload *self = user_data;
  GError *error = NULL;

  if (!galileo_upload_is_running (self))
    return G_SOURCE_REMOVE;

  if (!galileo_name_check (self->name, &error)) {
    galileo_upload_end (self, error, 0);
    return G_SOURCE_REMOVE;
  }

  self->tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (self->tick, tick_cb, self, NULL);
  g_source_set_static_name (self->tick, "[galileo] upload tick");
  g_source_attach (self->tick, g_main_context_get_thread_default ());
  open_file (self);

  return G_SOURCE_REMOVE;
}

/**
 * galileo_upload_start:
 * @self: a new upload
 *
 * Starts the upload in the thread-default main context. No signal but a change of state comes before this returns.
 *
 * An upload that is to be under the rate limit of an engine is started with [method@Galileo.Engine.start_upload]
 * instead.
 */
void
galileo_upload_start (GalileoUpload *self)
{
  g_autoptr (GSource) source = NULL;

  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);
  g_return_if_fail (self->session != NULL && self->address != NULL && self->file != NULL);

  /* Both until emit_closed(). */
  g_object_ref (self);
  self->thread = g_thread_self ();
  galileo_upload_set_state (self, GALILEO_UPLOAD_STATE_CONNECTING);

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
 * Ends the upload and cuts the connection: its state becomes %GALILEO_UPLOAD_STATE_CANCELLED, and
 * [signal@Galileo.Upload::closed] comes, before or after this returns. An upload that has ended stays as it is; if its
 * websocket is still being closed in order, that is cut short. One that was not started is left alone.
 */
void
galileo_upload_cancel (GalileoUpload *self)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (galileo_upload_may_be_used (self));

  if (galileo_upload_is_running (self))
    galileo_upload_end (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Cancelled")), 0);
  else if (self->ending)
    self->cut = TRUE;
  else if (self->connection != NULL)
    galileo_connection_abort (self->connection);
}

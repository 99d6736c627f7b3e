/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-upload.h"

#include "galileo-connect-error.h"
#include "galileo-connection.h"
#include "galileo-credits.h"
#include "galileo-enums.h"
#include "galileo-error.h"
#include "galileo-file-reader.h"
#include "galileo-name.h"
#include "galileo-stall.h"

#include <glib/gi18n-lib.h>

/* How often the stall timer and the acknowledged bytes are looked at. */
#define TICK_MS 100

/* More text than that which is no signal, and the peer speaks another protocol. */
#define MAX_NOT_SIGNALS 1

/**
 * GalileoUpload:
 *
 * One file on its way to a server over one websocket, by the GalileoSend protocol.
 *
 * Set what should differ from the defaults, connect to the signals, and call [method@Upload.start]. Then everything
 * happens in the thread-default main context of that call; the other methods are to be called there too. An upload
 * runs once: to try again, make a new one. While it runs it keeps itself alive.
 *
 * The handlers of the specification are signals: `onchunk` is [signal@Upload::chunk], `onerror`
 * [signal@Upload::error-signal], `onsuccess` [signal@Upload::succeeded], `onfailure` [signal@Upload::failed] and
 * `onclose` [signal@Upload::closed].
 *
 * An upload has succeeded if the server sent the close signal after it was given every byte, and never else.
 */
struct _GalileoUpload {
  GObject parent_instance;

  SoupSession *session;
  GUri *address;
  GFile *file;
  char *name;
  guint64 max_chunk_size;
  GalileoHashType hash_type;
  guint timeout;

  GalileoUploadState state;
  guint64 size;
  guint64 sent;
  guint64 acknowledged;
  char *hash;
  char *url;
  gboolean verified;
  GError *error;
  GPtrArray *error_signals;

  GCancellable *cancellable;
  GalileoFileReader *reader;
  GalileoConnection *connection;
  GalileoCredits *credits;
  GalileoStall stall;
  GSource *tick;
  guint n_not_signals;
  gboolean reading; /* a chunk is being read, or the file checked: it is not the server's turn */
};

enum {
  PROP_0,
  PROP_SESSION,
  PROP_ADDRESS,
  PROP_FILE,
  PROP_NAME,
  PROP_MAX_CHUNK_SIZE,
  PROP_HASH_TYPE,
  PROP_TIMEOUT,
  PROP_STATE,
  PROP_SIZE,
  PROP_SENT,
  PROP_ACKNOWLEDGED,
  N_PROPS
};

enum {
  SIGNAL_CHUNK,
  SIGNAL_ERROR_SIGNAL,
  SIGNAL_SUCCEEDED,
  SIGNAL_FAILED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalileoUpload, galileo_upload, G_TYPE_OBJECT)

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
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
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
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ACKNOWLEDGED]);
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
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
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
    g_signal_emit (self, signals[SIGNAL_SUCCEEDED], 0);
  } else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    self->error = g_steal_pointer (&cause);
    transition (self, GALILEO_UPLOAD_STATE_CANCELLED);
  } else {
    if (self->error_signals->len == 0)
      g_ptr_array_add (self->error_signals, galileo_signal_new_local (cause->message));
    self->error = g_steal_pointer (&cause);
    transition (self, GALILEO_UPLOAD_STATE_FAILED);
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, self->error_signals);
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
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SENT]);
  g_signal_emit (self, signals[SIGNAL_CHUNK], 0, (double) self->sent / (double) self->size);

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
  g_signal_emit (self, signals[SIGNAL_ERROR_SIGNAL], 0, signal);

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

static void
text_cb (GalileoConnection *connection, GBytes *bytes, GalileoUpload *self)
{
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
drained_cb (GalileoConnection *connection, GalileoUpload *self)
{
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
  GalileoUpload *self = user_data;
  guint limit = galileo_stall_get_limit (self->state, self->size, self->timeout);

  update_acknowledged (self);

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
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SIZE]);

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

static void
galileo_upload_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GalileoUpload *self = GALILEO_UPLOAD (object);

  switch (prop_id) {
  case PROP_SESSION:
    g_value_set_object (value, self->session);
    break;
  case PROP_ADDRESS:
    g_value_set_boxed (value, self->address);
    break;
  case PROP_FILE:
    g_value_set_object (value, self->file);
    break;
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case PROP_MAX_CHUNK_SIZE:
    g_value_set_uint64 (value, self->max_chunk_size);
    break;
  case PROP_HASH_TYPE:
    g_value_set_enum (value, self->hash_type);
    break;
  case PROP_TIMEOUT:
    g_value_set_uint (value, self->timeout);
    break;
  case PROP_STATE:
    g_value_set_enum (value, self->state);
    break;
  case PROP_SIZE:
    g_value_set_uint64 (value, self->size);
    break;
  case PROP_SENT:
    g_value_set_uint64 (value, self->sent);
    break;
  case PROP_ACKNOWLEDGED:
    g_value_set_uint64 (value, self->acknowledged);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
galileo_upload_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GalileoUpload *self = GALILEO_UPLOAD (object);

  switch (prop_id) {
  case PROP_SESSION:
    self->session = g_value_dup_object (value);
    break;
  case PROP_ADDRESS:
    self->address = g_value_dup_boxed (value);
    break;
  case PROP_FILE:
    self->file = g_value_dup_object (value);
    break;
  case PROP_NAME:
    galileo_upload_set_name (self, g_value_get_string (value));
    break;
  case PROP_MAX_CHUNK_SIZE:
    galileo_upload_set_max_chunk_size (self, g_value_get_uint64 (value));
    break;
  case PROP_HASH_TYPE:
    galileo_upload_set_hash_type (self, (GalileoHashType) g_value_get_enum (value));
    break;
  case PROP_TIMEOUT:
    galileo_upload_set_timeout (self, g_value_get_uint (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
galileo_upload_constructed (GObject *object)
{
  GalileoUpload *self = GALILEO_UPLOAD (object);

  G_OBJECT_CLASS (galileo_upload_parent_class)->constructed (object);

  if (self->name == NULL && self->file != NULL)
    self->name = galileo_name_for_file (self->file);
}

static void
galileo_upload_finalize (GObject *object)
{
  GalileoUpload *self = GALILEO_UPLOAD (object);

  g_assert (self->tick == NULL && self->connection == NULL);

  g_clear_object (&self->session);
  g_clear_pointer (&self->address, g_uri_unref);
  g_clear_object (&self->file);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->hash, g_free);
  g_clear_pointer (&self->url, g_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->error_signals, g_ptr_array_unref);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->reader);
  g_clear_pointer (&self->credits, galileo_credits_free);

  G_OBJECT_CLASS (galileo_upload_parent_class)->finalize (object);
}

static void
galileo_upload_class_init (GalileoUploadClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags option = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags figure = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = galileo_upload_get_property;
  object_class->set_property = galileo_upload_set_property;
  object_class->constructed = galileo_upload_constructed;
  object_class->finalize = galileo_upload_finalize;

  /**
   * GalileoUpload:session:
   *
   * The session that the websocket is opened with; it belongs to the context that the upload is started in.
   */
  props[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, SOUP_TYPE_SESSION, construct);
  /**
   * GalileoUpload:address:
   *
   * The `ws` or `wss` address to upload to.
   */
  props[PROP_ADDRESS] = g_param_spec_boxed ("address", NULL, NULL, G_TYPE_URI, construct);
  /**
   * GalileoUpload:file:
   *
   * The file to upload.
   */
  props[PROP_FILE] = g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE, construct);
  /**
   * GalileoUpload:name:
   *
   * The name to store the file under, UTF-8; the file's own base name unless set.
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, option);
  /**
   * GalileoUpload:max-chunk-size:
   *
   * The most bytes of file data in one message, even where the server takes more.
   */
  props[PROP_MAX_CHUNK_SIZE] = g_param_spec_uint64 ("max-chunk-size",
                                                    NULL,
                                                    NULL,
                                                    1,
                                                    GALILEO_UPLOAD_MAX_CHUNK_SIZE,
                                                    GALILEO_DEFAULT_CHUNK_SIZE,
                                                    option);
  /**
   * GalileoUpload:hash-type:
   *
   * The hash to send with `finished`.
   */
  props[PROP_HASH_TYPE] =
      g_param_spec_enum ("hash-type", NULL, NULL, GALILEO_TYPE_HASH_TYPE, GALILEO_HASH_SHA1, option);
  /**
   * GalileoUpload:timeout:
   *
   * Seconds that may pass in any state without progress; 0 for the defaults of each state.
   */
  props[PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXINT, 0, option);
  /**
   * GalileoUpload:state:
   *
   * Where the upload is.
   */
  props[PROP_STATE] = g_param_spec_enum ("state",
                                         NULL,
                                         NULL,
                                         GALILEO_TYPE_UPLOAD_STATE,
                                         GALILEO_UPLOAD_STATE_NEW,
                                         figure);
  /**
   * GalileoUpload:size:
   *
   * The file's size in bytes; 0 until it is open.
   */
  props[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  /**
   * GalileoUpload:sent:
   *
   * Bytes of the file that were handed to the connection.
   */
  props[PROP_SENT] = g_param_spec_uint64 ("sent", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  /**
   * GalileoUpload:acknowledged:
   *
   * Bytes of the file that have reached the server's host, as its TCP acknowledged them: an estimate up to framing, and
   * what progress should be shown by. Notified at most ten times a second, and at the end.
   */
  props[PROP_ACKNOWLEDGED] = g_param_spec_uint64 ("acknowledged", NULL, NULL, 0, G_MAXUINT64, 0, figure);

  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * GalileoUpload::chunk:
   * @self: the upload
   * @ratio: sent data to all data, above 0 and up to 1
   *
   * A chunk was handed to the connection.
   */
  signals[SIGNAL_CHUNK] =
      g_signal_new ("chunk", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
  /**
   * GalileoUpload::error-signal:
   * @self: the upload
   * @signal: the error signal
   *
   * The server sent an error signal. If it is fatal the upload fails next.
   */
  signals[SIGNAL_ERROR_SIGNAL] = g_signal_new ("error-signal",
                                               type,
                                               G_SIGNAL_RUN_LAST,
                                               0,
                                               NULL,
                                               NULL,
                                               NULL,
                                               G_TYPE_NONE,
                                               1,
                                               GALILEO_TYPE_SIGNAL);
  /**
   * GalileoUpload::succeeded:
   * @self: the upload
   *
   * The server confirmed the whole file.
   */
  signals[SIGNAL_SUCCEEDED] =
      g_signal_new ("succeeded", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * GalileoUpload::failed:
   * @self: the upload
   * @error_signals: (element-type GalileoSignal): all error signals received, in order; if the server sent
   *   none, one made here that is `local` and names the cause. Never empty.
   *
   * The upload failed; [method@Upload.get_error] tells why. Not emitted when it was cancelled.
   */
  signals[SIGNAL_FAILED] =
      g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  /**
   * GalileoUpload::closed:
   * @self: the upload
   *
   * The connection has ended, and with it the upload. Comes after every end, once, up to 5 s after `succeeded`.
   */
  signals[SIGNAL_CLOSED] =
      g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galileo_upload_init (GalileoUpload *self)
{
  self->max_chunk_size = GALILEO_DEFAULT_CHUNK_SIZE;
  self->hash_type = GALILEO_HASH_SHA1;
  self->error_signals = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_signal_unref);
  self->cancellable = g_cancellable_new ();
  self->credits = galileo_credits_new ();
}

/**
 * galileo_upload_new:
 * @session: a session of the context that the upload will be started in
 * @address: a `ws` or `wss` address
 * @file: the file to upload
 *
 * Makes an upload. Nothing happens before [method@Upload.start].
 *
 * Returns: (transfer full): a new upload
 */
GalileoUpload *
galileo_upload_new (SoupSession *session, GUri *address, GFile *file)
{
  g_return_val_if_fail (SOUP_IS_SESSION (session), NULL);
  g_return_val_if_fail (address != NULL, NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  return g_object_new (GALILEO_TYPE_UPLOAD, "session", session, "address", address, "file", file, NULL);
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

/**
 * galileo_upload_get_state:
 * @self: an upload
 *
 * Returns: where it is
 */
GalileoUploadState
galileo_upload_get_state (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), GALILEO_UPLOAD_STATE_NEW);

  return self->state;
}

/**
 * galileo_upload_get_size:
 * @self: an upload
 *
 * Returns: the file's size in bytes; 0 until it is open
 */
guint64
galileo_upload_get_size (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);

  return self->size;
}

/**
 * galileo_upload_get_sent:
 * @self: an upload
 *
 * Returns: bytes of the file that were handed to the connection
 */
guint64
galileo_upload_get_sent (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);

  return self->sent;
}

/**
 * galileo_upload_get_acknowledged:
 * @self: an upload
 *
 * Returns: bytes of the file that have reached the server's host
 */
guint64
galileo_upload_get_acknowledged (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);

  return self->acknowledged;
}

/**
 * galileo_upload_get_error:
 * @self: an upload
 *
 * Tells why the upload ended: an error of %GALILEO_ERROR, or `G_IO_ERROR_CANCELLED`. The message is a sentence for
 * people, in the language of the locale.
 *
 * Returns: (transfer none) (nullable): the error, owned by @self; %NULL while it runs and when it succeeded
 */
const GError *
galileo_upload_get_error (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->error;
}

/**
 * galileo_upload_get_error_signals:
 * @self: an upload
 *
 * Gives every error signal until now, in order; after a success they are warnings.
 *
 * Returns: (transfer none) (element-type GalileoSignal): the signals, owned by @self
 */
GPtrArray *
galileo_upload_get_error_signals (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->error_signals;
}

/**
 * galileo_upload_get_hash:
 * @self: an upload
 *
 * Returns: (transfer none) (nullable): the hash that was sent, in lower-case hexadecimal; %NULL before, and for none
 */
const char *
galileo_upload_get_hash (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->hash;
}

/**
 * galileo_upload_get_verified:
 * @self: an upload
 *
 * Returns: whether the server said that it compared the hash and it matched
 */
gboolean
galileo_upload_get_verified (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), FALSE);

  return self->verified;
}

/**
 * galileo_upload_get_url:
 * @self: an upload
 *
 * Returns: (transfer none) (nullable): where the file can be seen, if the server told
 */
const char *
galileo_upload_get_url (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->url;
}

/**
 * galileo_upload_get_name:
 * @self: an upload
 *
 * Returns: (transfer none): the name to store the file under
 */
const char *
galileo_upload_get_name (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->name;
}

/**
 * galileo_upload_set_name:
 * @self: a new upload
 * @name: the name to store the file under; the upload fails if [func@name_check] refuses it
 */
void
galileo_upload_set_name (GalileoUpload *self, const char *name)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);
  g_return_if_fail (name != NULL);

  if (g_strcmp0 (self->name, name) == 0)
    return;

  g_free (self->name);
  self->name = g_strdup (name);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_NAME]);
}

/**
 * galileo_upload_get_max_chunk_size:
 * @self: an upload
 *
 * Returns: the most bytes of file data in one message
 */
guint64
galileo_upload_get_max_chunk_size (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);

  return self->max_chunk_size;
}

/**
 * galileo_upload_set_max_chunk_size:
 * @self: a new upload
 * @size: bytes, 1 to %GALILEO_UPLOAD_MAX_CHUNK_SIZE
 */
void
galileo_upload_set_max_chunk_size (GalileoUpload *self, guint64 size)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);
  g_return_if_fail (size >= 1 && size <= GALILEO_UPLOAD_MAX_CHUNK_SIZE);

  if (self->max_chunk_size == size)
    return;

  self->max_chunk_size = size;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MAX_CHUNK_SIZE]);
}

/**
 * galileo_upload_get_hash_type:
 * @self: an upload
 *
 * Returns: the hash to send
 */
GalileoHashType
galileo_upload_get_hash_type (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), GALILEO_HASH_NONE);

  return self->hash_type;
}

/**
 * galileo_upload_set_hash_type:
 * @self: a new upload
 * @type: the hash to send
 */
void
galileo_upload_set_hash_type (GalileoUpload *self, GalileoHashType type)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  if (self->hash_type == type)
    return;

  self->hash_type = type;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_HASH_TYPE]);
}

/**
 * galileo_upload_get_timeout:
 * @self: an upload
 *
 * Returns: seconds that may pass without progress; 0 for the defaults
 */
guint
galileo_upload_get_timeout (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);

  return self->timeout;
}

/**
 * galileo_upload_set_timeout:
 * @self: a new upload
 * @seconds: how long may pass in any state without progress; 0 for the defaults of each
 */
void
galileo_upload_set_timeout (GalileoUpload *self, guint seconds)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  if (self->timeout == seconds)
    return;

  self->timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TIMEOUT]);
}

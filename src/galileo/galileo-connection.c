/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-connection.h"

#include "galileo-connect-error.h"
#include "galileo-error.h"
#include "galileo-signal.h"

#include <glib/gi18n-lib.h>

/* A server may drop a peer that is silent for 15 s. */
#define PING_INTERVAL 10

/* Enough to keep a fast link busy between two turns of the main loop; more would only be a long way to a cancel. */
#define MAX_UNSENT (1024 * 1024)

/* Lower than libsoup's own write source: dispatched only when libsoup has nothing left to write. */
#define DRAINED_PRIORITY (G_PRIORITY_DEFAULT + 10)

/*
 * GalileoConnection:
 *
 * A client's websocket, from the handshake to its end, with what libsoup does not tell by itself: a handshake
 * error that names the cause, when all output has been written, and what the kernel knows of the bytes.
 *
 * All of it happens in the thread-default context that it was opened in.
 */
struct _GalileoConnection {
  GObject parent_instance;

  SoupSession *session;
  GUri *address;
  SoupMessage *message;
  SoupWebsocketConnection *websocket;
  GSocket *socket;
  GError *error;

  GSource *drained_source;
  gboolean drained;
};

enum {
  SIGNAL_TEXT,
  SIGNAL_BINARY,
  SIGNAL_DRAINED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalileoConnection, galileo_connection, G_TYPE_OBJECT)

static void
clear_drained_source (GalileoConnection *self)
{
  if (self->drained_source != NULL)
    g_source_destroy (self->drained_source);
  g_clear_pointer (&self->drained_source, g_source_unref);
}

static gboolean
drained_cb (GObject *stream, gpointer user_data)
{
  GalileoConnection *self = GALILEO_CONNECTION (user_data);

  clear_drained_source (self);
  self->drained = TRUE;
  g_signal_emit (self, signals[SIGNAL_DRAINED], 0);

  return G_SOURCE_REMOVE;
}

static void
watch_drained (GalileoConnection *self)
{
  GOutputStream *output;

  self->drained = FALSE;
  if (self->drained_source != NULL || !galileo_connection_is_open (self))
    return;

  output = g_io_stream_get_output_stream (soup_websocket_connection_get_io_stream (self->websocket));
  self->drained_source = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (output), NULL);
  g_source_set_callback (self->drained_source, G_SOURCE_FUNC (drained_cb), self, NULL);
  g_source_set_priority (self->drained_source, DRAINED_PRIORITY);
  g_source_set_static_name (self->drained_source, "[galileo] drained");
  g_source_attach (self->drained_source, g_main_context_get_thread_default ());
}

/* Forgets the websocket. If this was the last reference, the stream closes at once. */
static void
drop_websocket (GalileoConnection *self)
{
  clear_drained_source (self);
  if (self->websocket != NULL)
    g_signal_handlers_disconnect_by_data (self->websocket, self);
  g_clear_object (&self->websocket);
  g_clear_object (&self->socket);
}

static void
message_cb (SoupWebsocketConnection *websocket, int type, GBytes *bytes, GalileoConnection *self)
{
  guint id = type == SOUP_WEBSOCKET_DATA_TEXT ? SIGNAL_TEXT : SIGNAL_BINARY;
  g_autoptr (GalileoConnection) alive = g_object_ref (self);

  g_signal_emit (alive, signals[id], 0, bytes);
}

/* May come more than once, and after a clean close; the first counts. */
static void
error_cb (SoupWebsocketConnection *websocket, GError *error, GalileoConnection *self)
{
  if (self->error == NULL)
    self->error = g_error_copy (error);
}

static void
closed_cb (SoupWebsocketConnection *websocket, GalileoConnection *self)
{
  g_autoptr (GalileoConnection) alive = g_object_ref (self);
  g_autofree char *reason = g_strdup (soup_websocket_connection_get_close_data (websocket));
  gushort code = soup_websocket_connection_get_close_code (websocket);

  drop_websocket (self);
  g_signal_emit (alive, signals[SIGNAL_CLOSED], 0, (guint) code, reason, alive->error);
}

static void
galileo_connection_dispose (GObject *object)
{
  GalileoConnection *self = GALILEO_CONNECTION (object);

  drop_websocket (self);
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);

  G_OBJECT_CLASS (galileo_connection_parent_class)->dispose (object);
}

static void
galileo_connection_finalize (GObject *object)
{
  GalileoConnection *self = GALILEO_CONNECTION (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->address, g_uri_unref);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (galileo_connection_parent_class)->finalize (object);
}

static void
galileo_connection_class_init (GalileoConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = galileo_connection_dispose;
  object_class->finalize = galileo_connection_finalize;

  /* text, binary (GBytes *): a whole message came in. */
  signals[SIGNAL_TEXT] =
      g_signal_new ("text", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
  signals[SIGNAL_BINARY] =
      g_signal_new ("binary", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
  /* drained (): the kernel has taken all that was sent. */
  signals[SIGNAL_DRAINED] =
      g_signal_new ("drained", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /* closed (guint code, const char *reason, GError *error): it has ended; not after an abort. The code is 0 where
   * the stream just ended; the error is NULL where the peer closed or the stream ended in order. */
  signals[SIGNAL_CLOSED] = g_signal_new ("closed",
                                         type,
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         3,
                                         G_TYPE_UINT,
                                         G_TYPE_STRING,
                                         G_TYPE_ERROR);
}

static void
galileo_connection_init (GalileoConnection *self)
{
  self->drained = TRUE;
}

GalileoConnection *
galileo_connection_new (SoupSession *session, GUri *address)
{
  GalileoConnection *self;

  g_return_val_if_fail (SOUP_IS_SESSION (session), NULL);
  g_return_val_if_fail (address != NULL, NULL);

  self = g_object_new (GALILEO_TYPE_CONNECTION, NULL);
  self->session = g_object_ref (session);
  self->address = g_uri_ref (address);

  return self;
}

/* The handshake's deadline: libsoup's own timeout is for each step of it, and off after it. */
typedef struct {
  GCancellable *cancellable;
  GSource *deadline;
  gulong cancelled_id;
  guint timeout;
  gboolean timed_out;
} Handshake;

static void
handshake_free (Handshake *handshake)
{
  g_source_destroy (handshake->deadline);
  g_source_unref (handshake->deadline);
  g_object_unref (handshake->cancellable);
  g_free (handshake);
}

static gboolean
deadline_cb (gpointer user_data)
{
  Handshake *handshake = user_data;

  handshake->timed_out = TRUE;
  g_cancellable_cancel (handshake->cancellable);

  return G_SOURCE_REMOVE;
}

static void
network_event_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *stream, GalileoConnection *self)
{
  if (event != G_SOCKET_CLIENT_CONNECTED || !G_IS_SOCKET_CONNECTION (stream))
    return;

  g_set_object (&self->socket, g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)));
  galileo_socket_limit_unsent (g_socket_get_fd (self->socket), MAX_UNSENT);
}

static void
cancelled_cb (GCancellable *outer, GCancellable *inner)
{
  g_cancellable_cancel (inner);
}

static void
connect_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalileoConnection *self = g_task_get_source_object (task);
  Handshake *handshake = g_task_get_task_data (task);
  g_autoptr (SoupMessage) message = g_steal_pointer (&self->message);
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_data (message, self);
  if (handshake->cancelled_id != 0)
    g_cancellable_disconnect (g_task_get_cancellable (task), handshake->cancelled_id);

  self->websocket = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    g_clear_object (&self->websocket);
  if (self->websocket == NULL) {
    if (g_task_return_error_if_cancelled (task))
      return;
    g_task_return_error (task,
                         galileo_connect_error_new (self->address,
                                                    message,
                                                    error,
                                                    handshake->timed_out ? handshake->timeout : 0));
    return;
  }

  soup_websocket_connection_set_max_incoming_payload_size (self->websocket, GALILEO_SIGNAL_MAX_LENGTH);
  soup_websocket_connection_set_keepalive_interval (self->websocket, PING_INTERVAL);
  g_signal_connect (self->websocket, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (self->websocket, "error", G_CALLBACK (error_cb), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (closed_cb), self);

  g_task_return_boolean (task, TRUE);
}

/* timeout: seconds for connecting and the handshake together. */
void
galileo_connection_open_async (GalileoConnection *self,
                               guint timeout,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  Handshake *handshake;
  GTask *task;

  g_return_if_fail (GALILEO_IS_CONNECTION (self));
  g_return_if_fail (self->message == NULL && self->websocket == NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, galileo_connection_open_async);
  if (g_task_return_error_if_cancelled (task)) {
    g_object_unref (task);
    return;
  }

  handshake = g_new0 (Handshake, 1);
  handshake->timeout = timeout;
  handshake->cancellable = g_cancellable_new ();
  handshake->deadline = g_timeout_source_new_seconds (timeout);
  g_source_set_callback (handshake->deadline, deadline_cb, handshake, NULL);
  g_source_set_static_name (handshake->deadline, "[galileo] handshake deadline");
  g_source_attach (handshake->deadline, g_main_context_get_thread_default ());
  g_task_set_task_data (task, handshake, (GDestroyNotify) handshake_free);
  if (cancellable != NULL)
    handshake->cancelled_id =
        g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), handshake->cancellable, NULL);

  self->message = soup_message_new_from_uri (SOUP_METHOD_GET, self->address);
  /* A redirect would be followed to any host, and end as "not a websocket" with the status lost. */
  soup_message_add_flags (self->message, SOUP_MESSAGE_NO_REDIRECT);
  g_signal_connect (self->message, "network-event", G_CALLBACK (network_event_cb), self);

  soup_session_websocket_connect_async (self->session,
                                        self->message,
                                        NULL,
                                        NULL,
                                        G_PRIORITY_DEFAULT,
                                        handshake->cancellable,
                                        connect_cb,
                                        task);
}

gboolean
galileo_connection_open_finish (GalileoConnection *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
galileo_connection_is_open (GalileoConnection *self)
{
  return self->websocket != NULL &&
         soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN;
}

/* Whether the kernel has taken all that was sent. */
gboolean
galileo_connection_is_drained (GalileoConnection *self)
{
  return self->drained;
}

/* Returns FALSE where the kernel does not tell. */
gboolean
galileo_connection_get_counts (GalileoConnection *self, GalileoSocketCounts *counts)
{
  return self->socket != NULL && galileo_socket_get_counts (g_socket_get_fd (self->socket), counts);
}

/* Sends nothing if the websocket is not open any more; "closed" tells, or has told. */
void
galileo_connection_send_text (GalileoConnection *self, const char *text)
{
  if (!galileo_connection_is_open (self))
    return;

  soup_websocket_connection_send_text (self->websocket, text);
  watch_drained (self);
}

/* As galileo_connection_send_text(). The queue behind it is unbounded: send only when drained. */
void
galileo_connection_send_binary (GalileoConnection *self, GBytes *bytes)
{
  if (!galileo_connection_is_open (self))
    return;

  soup_websocket_connection_send_message (self->websocket, SOUP_WEBSOCKET_DATA_BINARY, bytes);
  watch_drained (self);
}

/* Says goodbye in order; "closed" follows, at the latest after libsoup's 5 s. Output still queued then is cut off. */
void
galileo_connection_close (GalileoConnection *self, gushort code)
{
  if (galileo_connection_is_open (self))
    soup_websocket_connection_close (self->websocket, code, NULL);
}

/* Ends the connection at once; "closed" is emitted before this returns, unless it was before. */
void
galileo_connection_abort (GalileoConnection *self)
{
  g_autoptr (GalileoConnection) alive = g_object_ref (self);

  if (self->websocket == NULL)
    return;

  drop_websocket (self);
  g_signal_emit (alive, signals[SIGNAL_CLOSED], 0, 0u, NULL, alive->error);
}

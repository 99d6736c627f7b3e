/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-connection.h"

#include "galileo-connect-error.h"
#include "galileo-fingerprint-private.h"
#include "galileo-signal.h"
#include "galileo-wire.h"

/* A server may drop a peer that is silent for 15 s. */
#define PING_INTERVAL 10

/* A proxy is asked without credentials, and with them; some ways to prove them take a turn more. libsoup would go on with
 * wrong ones for ever. */
#define MAX_PROXY_TURNS 3

/* Enough to keep a fast link busy between two turns of the main loop; more would only be a long way to a cancel. */
#define MAX_UNSENT (1024 * 1024)

/* What a server has to say is short. This much of it may wait unread. */
#define MAX_UNREAD (32 * 1024)

/*
 * libsoup bounds a frame, but not what it puts together from fragments, and says nothing meanwhile: so many bytes without
 * a message, and the server is sending one that never ends. More than a message, for pings that come in a long pause.
 */
#define MAX_WITHOUT_MESSAGE (8 * GALILEO_SIGNAL_MAX_LENGTH)

/* So little file data is not worth a wire of its own, and a second websocket over it. */
#define LITTLE_DATA (8 * 1024)

/* After what came from the server was read: it may say why nothing can be written to it. */
#define BROKEN_PRIORITY (G_PRIORITY_DEFAULT + 10)

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
  SoupMessageHeaders *headers;
  char *pin;
  SoupMessage *message;
  SoupWebsocketConnection *websocket;
  GSocket *socket;
  GError *error;

  GTlsCertificate *certificate;
  GTlsCertificateFlags certificate_errors;

  GalileoWire *wire; /* NULL if there is little to send */
  guint64 data_size;
  GSource *broken_source; /* ends a connection that can't be written to */
  gboolean drained;

  gboolean message_came;      /* since the last look at the counts */
  guint64 received_at_message; /* bytes from the server by the look after its last message */
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
clear_broken_source (GalileoConnection *self)
{
  if (self->broken_source != NULL)
    g_source_destroy (self->broken_source);
  g_clear_pointer (&self->broken_source, g_source_unref);
}

/* Forgets the websocket. If this was the last reference, the stream closes at once. */
static void
drop_websocket (GalileoConnection *self)
{
  clear_broken_source (self);
  if (self->wire != NULL)
    galileo_wire_detach (self->wire);
  g_clear_object (&self->wire);
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

  self->message_came = TRUE;
  g_signal_emit (alive, signals[id], 0, bytes);
}

/* The websocket has ended; "closed" is told once. */
static void
finish (GalileoConnection *self)
{
  g_autoptr (GalileoConnection) alive = g_object_ref (self);
  g_autofree char *reason = g_strdup (soup_websocket_connection_get_close_data (self->websocket));
  gushort code = soup_websocket_connection_get_close_code (self->websocket);

  drop_websocket (self);
  g_signal_emit (alive, signals[SIGNAL_CLOSED], 0, (guint) code, reason, alive->error);
}

/*
 * May come more than once, and after a clean close; the first counts. After a breach of the rules of websockets nothing
 * may be taken from the peer any more (RFC 6455, 7.1.7), but libsoup would go on with what it has read already.
 */
static void
error_cb (SoupWebsocketConnection *websocket, GError *error, GalileoConnection *self)
{
  if (self->error == NULL)
    self->error = g_error_copy (error);
  if (error->domain == SOUP_WEBSOCKET_ERROR)
    finish (self);
}

static void
closed_cb (SoupWebsocketConnection *websocket, GalileoConnection *self)
{
  finish (self);
}

static gboolean
broken_cb (gpointer user_data)
{
  finish (user_data);

  return G_SOURCE_REMOVE;
}

static void
finish_soon (GalileoConnection *self, const GError *error)
{
  if (self->error == NULL)
    self->error = g_error_copy (error);

  self->broken_source = g_idle_source_new ();
  g_source_set_callback (self->broken_source, broken_cb, self, NULL);
  g_source_set_priority (self->broken_source, BROKEN_PRIORITY);
  g_source_set_static_name (self->broken_source, "[galileo] broken");
  g_source_attach (self->broken_source, g_main_context_get_thread_default ());
}

static void
wire_cb (GError *error, gpointer data)
{
  g_autoptr (GalileoConnection) self = g_object_ref (data);

  if (error != NULL) {
    finish_soon (self, error);
    return;
  }

  self->drained = TRUE;
  g_signal_emit (self, signals[SIGNAL_DRAINED], 0);
}

/*
 * Puts a wire of ours between the websocket and its stream. A websocket keeps the stream that it was made with, so another
 * one takes its place; and since it closes its stream when it goes, the stream is told to be busy meanwhile. Nothing was
 * read or written yet.
 */
static void
rewire (GalileoConnection *self, SoupWebsocketConnection *first)
{
  g_autoptr (GIOStream) stream = g_object_ref (soup_websocket_connection_get_io_stream (first));
  gboolean was_free = g_io_stream_set_pending (stream, NULL);

  g_assert (was_free);
  g_object_run_dispose (G_OBJECT (first));
  g_io_stream_clear_pending (stream);

  self->wire = galileo_wire_new (stream, wire_cb, self);
  self->websocket = soup_websocket_connection_new (G_IO_STREAM (self->wire),
                                                   self->address,
                                                   SOUP_WEBSOCKET_CONNECTION_CLIENT,
                                                   NULL,
                                                   NULL,
                                                   NULL);
}

static void
galileo_connection_dispose (GObject *object)
{
  GalileoConnection *self = GALILEO_CONNECTION (object);

  drop_websocket (self);
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  g_clear_object (&self->certificate);

  G_OBJECT_CLASS (galileo_connection_parent_class)->dispose (object);
}

static void
galileo_connection_finalize (GObject *object)
{
  GalileoConnection *self = GALILEO_CONNECTION (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->address, g_uri_unref);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->pin, g_free);
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
  /* drained (): the kernel has taken the file data that was sent, which it had not at once. */
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
  self->data_size = G_MAXUINT64;
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

/* Headers to send with the handshake. */
void
galileo_connection_set_headers (GalileoConnection *self, SoupMessageHeaders *headers)
{
  g_return_if_fail (GALILEO_IS_CONNECTION (self));

  g_clear_pointer (&self->headers, soup_message_headers_unref);
  if (headers != NULL)
    self->headers = soup_message_headers_ref (headers);
}

/* How many bytes of file data there will be at most; to be told before it is opened, if it is known. */
void
galileo_connection_set_data_size (GalileoConnection *self, guint64 size)
{
  g_return_if_fail (GALILEO_IS_CONNECTION (self));

  self->data_size = size;
}

/* fingerprint: as galileo_fingerprint_parse() gives it, of the one certificate that is accepted; NULL for any trusted. */
void
galileo_connection_set_pin (GalileoConnection *self, const char *fingerprint)
{
  g_return_if_fail (GALILEO_IS_CONNECTION (self));

  g_free (self->pin);
  self->pin = g_strdup (fingerprint);
}

/* Cancelled with the caller's cancellable, or when there is no use in going on. */
typedef struct {
  GCancellable *cancellable;
  gulong cancelled_id;
  GError *problem;     /* why it was not gone on with, if libsoup can't know */
  guint n_proxy_turns; /* how often a proxy was asked for a way */
} Handshake;

/* An answer that is no websocket: what it says beside its status may have no end. */
static void
got_headers_cb (SoupMessage *message, GTask *task)
{
  Handshake *handshake = g_task_get_task_data (task);

  g_cancellable_cancel (handshake->cancellable);
}

static void
handshake_free (Handshake *handshake)
{
  g_object_unref (handshake->cancellable);
  g_clear_error (&handshake->problem);
  g_free (handshake);
}

/* Takes the error. */
static void
refuse (Handshake *handshake, GError *problem)
{
  if (handshake->problem == NULL)
    handshake->problem = problem;
  else
    g_error_free (problem);
  g_cancellable_cancel (handshake->cancellable);
}

/* Comes before anything was sent to the server. A certificate may be trusted and still not be the one that is pinned; and
 * TLS 1.0 and 1.1 must not be spoken any more (RFC 8996), but GnuTLS may be set up to. */
static void
check_tls (GalileoConnection *self, GTlsConnection *tls, Handshake *handshake)
{
  GTlsProtocolVersion version = g_tls_connection_get_protocol_version (tls);

  if (version != G_TLS_PROTOCOL_VERSION_UNKNOWN && version < G_TLS_PROTOCOL_VERSION_TLS_1_2)
    refuse (handshake, galileo_tls_version_error_new (self->address));
  else if (self->pin != NULL && !galileo_fingerprint_matches (self->pin, g_tls_connection_get_peer_certificate (tls)))
    refuse (handshake, galileo_pin_error_new (self->address, self->certificate));
}

static void
network_event_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *stream, GTask *task)
{
  GalileoConnection *self = g_task_get_source_object (task);
  Handshake *handshake = g_task_get_task_data (task);
  int fd;

  /* With a proxy in between this is the connection to it. */
  if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (stream)) {
    g_set_object (&self->socket, g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)));
    fd = g_socket_get_fd (self->socket);
    galileo_socket_limit_unread (fd, MAX_UNREAD);
    galileo_socket_limit_unsent (fd, MAX_UNSENT);
  } else if (event == G_SOCKET_CLIENT_TLS_HANDSHAKED && G_IS_TLS_CONNECTION (stream)) {
    check_tls (self, G_TLS_CONNECTION (stream), handshake);
  } else if (event == G_SOCKET_CLIENT_PROXY_NEGOTIATING && ++handshake->n_proxy_turns > MAX_PROXY_TURNS) {
    refuse (handshake, galileo_proxy_error_new (self->address));
  }
}

/* Somebody looked at a pinned certificate and said yes to who signed it and whom it names. Not to its going out of date. */
static gboolean
accept_certificate_cb (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags errors, GTask *task)
{
  GalileoConnection *self = g_task_get_source_object (task);
  const GTlsCertificateFlags waived = G_TLS_CERTIFICATE_UNKNOWN_CA | G_TLS_CERTIFICATE_BAD_IDENTITY;
  gboolean pinned = self->pin != NULL && galileo_fingerprint_matches (self->pin, certificate);

  g_set_object (&self->certificate, certificate);
  self->certificate_errors = errors;
  if (self->pin != NULL && !pinned)
    refuse (g_task_get_task_data (task), galileo_pin_error_new (self->address, certificate));

  return pinned && (errors & ~waived) == 0;
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
  g_autoptr (SoupWebsocketConnection) websocket = NULL;
  g_autoptr (GError) cause = NULL;
  GalileoSocketCounts counts;

  g_signal_handlers_disconnect_by_data (message, task);
  if (handshake->cancelled_id != 0)
    g_cancellable_disconnect (g_task_get_cancellable (task), handshake->cancelled_id);

  websocket = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &cause);
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    g_clear_object (&websocket);
  if (websocket == NULL) {
    if (g_task_return_error_if_cancelled (task))
      return;
    if (handshake->problem != NULL)
      g_task_return_error (task, g_steal_pointer (&handshake->problem));
    else
      g_task_return_error (task, galileo_connect_error_new (self->address, message, cause));
    return;
  }

  if (self->data_size > LITTLE_DATA)
    rewire (self, websocket);
  else
    self->websocket = g_steal_pointer (&websocket);
  if (galileo_connection_get_counts (self, &counts))
    self->received_at_message = counts.received;
  soup_websocket_connection_set_max_incoming_payload_size (self->websocket, GALILEO_SIGNAL_MAX_LENGTH);
  g_signal_connect (self->websocket, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (self->websocket, "error", G_CALLBACK (error_cb), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (closed_cb), self);

  g_task_return_boolean (task, TRUE);
}

static void
copy_header (const char *name, const char *value, gpointer user_data)
{
  soup_message_headers_append (user_data, name, value);
}

/* Without a deadline: libsoup's own is for each step of it, so the caller cancels it when it has waited long enough. */
void
galileo_connection_open_async (GalileoConnection *self,
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
  handshake->cancellable = g_cancellable_new ();
  g_task_set_task_data (task, handshake, (GDestroyNotify) handshake_free);
  if (cancellable != NULL)
    handshake->cancelled_id =
        g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), handshake->cancellable, NULL);

  self->message = soup_message_new_from_uri (SOUP_METHOD_GET, self->address);
  /* A redirect would be followed to any host, and end as "not a websocket" with the status lost. A connection that is left
   * from a refused handshake may be dead, or trusted by another's pin. */
  soup_message_add_flags (self->message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION);
  if (self->headers != NULL)
    soup_message_headers_foreach (self->headers, copy_header, soup_message_get_request_headers (self->message));
  g_signal_connect (self->message, "got-headers", G_CALLBACK (got_headers_cb), task);
  g_signal_connect (self->message, "network-event", G_CALLBACK (network_event_cb), task);
  g_signal_connect (self->message, "accept-certificate", G_CALLBACK (accept_certificate_cb), task);

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

/* The certificate that the server was not trusted for at once; NULL if there was none. */
GTlsCertificate *
galileo_connection_get_certificate (GalileoConnection *self)
{
  return self->certificate;
}

/* What was wrong with it. */
GTlsCertificateFlags
galileo_connection_get_certificate_errors (GalileoConnection *self)
{
  return self->certificate_errors;
}

gboolean
galileo_connection_is_open (GalileoConnection *self)
{
  return self->websocket != NULL &&
         soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN;
}

/* Whether the kernel has taken all file data that was sent, and takes more. */
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

/* Whether the server sends a message that has no end. To be called now and then, with what is counted at that moment. */
gboolean
galileo_connection_is_flooded (GalileoConnection *self, const GalileoSocketCounts *counts)
{
  if (self->message_came)
    self->received_at_message = counts->received;
  self->message_came = FALSE;

  return counts->received - self->received_at_message > MAX_WITHOUT_MESSAGE;
}

/* Has the server pinged from now on. Not before the connection is some moments old: most of them never get that far, and
 * a timer for each of thousands costs. */
void
galileo_connection_keep_alive (GalileoConnection *self)
{
  if (galileo_connection_is_open (self))
    soup_websocket_connection_set_keepalive_interval (self->websocket, PING_INTERVAL);
}

/* Sends nothing if the websocket is not open any more; "closed" tells, or has told. Does not count as output to be drained:
 * what a client has to say beside its chunks is short, and there is little of it. */
void
galileo_connection_send_text (GalileoConnection *self, const char *text)
{
  if (!galileo_connection_is_open (self))
    return;

  soup_websocket_connection_send_text (self->websocket, text);
}

/* As galileo_connection_send_text(), but only to be called when drained: nothing waits here but this one message. */
void
galileo_connection_send_binary (GalileoConnection *self, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (self->drained);

  if (!galileo_connection_is_open (self))
    return;

  if (self->wire == NULL) {
    gsize length;
    const void *data = g_bytes_get_data (bytes, &length);

    soup_websocket_connection_send_binary (self->websocket, data, length);
    return;
  }

  self->drained = galileo_wire_send (self->wire, bytes, &error);
  if (error != NULL)
    finish_soon (self, error);
}

/* Says goodbye in order; "closed" follows when the peer has answered. */
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

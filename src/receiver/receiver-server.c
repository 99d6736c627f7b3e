/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-server.h"

#include "receiver-descriptors.h"
#include "receiver-http.h"
#include "receiver-tls-input.h"
#include "receiver-tls.h"
#include "receiver-workers.h"

#include <errno.h>
#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The websockets. All of it runs in one thread; only what takes long has threads of its own.
 *
 * A connection is known from the moment that it is accepted, so that the deadline for its handshake is one
 * from its first moment and not one that each byte puts off.
 */
struct _ReceiverServer {
  ReceiverStore *store; /* borrowed */
  ReceiverLog *log;     /* borrowed */
  ReceiverWorkers *workers;
  ReceiverLimits limits;
  char *address;
  gint64 handshake_limit; /* µs, as all times here */
  gint64 idle_limit;
  gint64 clean_interval;

  const char *certificate; /* borrowed, while it starts; NULL for none */
  const char *key;
  GError *problem; /* with them */

  struct lws_context *context;
  struct lws_vhost *vhost;
  struct lws *listener;
  lws_sorted_usec_list_t sweep;
  gint64 cleaned; /* when the folder was swept last */

  GQueue connections;
  GQueue ahead; /* those of which TLS may have been read that the library does not know of */
  guint max_connections;
  guint uploads;
  guint max_uploads;
  GHashTable *lent; /* to the workers: ReceiverUpload → Connection, or NULL if that is gone */

  int stop; /* atomic: set from a signal handler */
  gboolean stopping;
};

typedef struct {
  GList link;
  ReceiverTlsInput input; /* with TLS */
  struct lws *wsi;
  ReceiverUpload *upload; /* NULL before the websocket is there */
  gint64 seen;            /* when it was accepted, or the last message came */
  const char *reason;     /* why it is cut, if not by the client */
  gboolean closing;       /* whether the library was told to close the websocket */
} Connection;

#define PROTOCOL_NAME "galileosend"

/*
 * What is read and written at a time: enough that the calls do not count, little enough to stay in the
 * processor's cache from the socket to the file. It is shared; what the library allocates for each
 * websocket in addition is touched by control frames only.
 */
#define BUFFER_SIZE (256 * 1024)

/* A receiver that is stopped waits no longer than this for a client that does not take its answer. */
#define STOP_LIMIT (5 * G_USEC_PER_SEC)

/* All headers together. A browser may have collected cookies of a few thousand bytes for localhost. */
#define ALL_HEADERS_MAX (8 * 1024)

static void
kill_connection (Connection *connection, const char *reason)
{
  connection->reason = reason;
  lws_set_timeout (connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

/* Lets an upload go on after something happened to it. */
static void
pump (ReceiverServer *self, Connection *connection)
{
  ReceiverUpload *upload = connection->upload;

  if (receiver_upload_has_work (upload) && !g_hash_table_contains (self->lent, upload)) {
    g_hash_table_insert (self->lent, upload, connection);
    receiver_workers_push (self->workers, upload);
  }

  if (receiver_upload_get_state (upload) == RECEIVER_UPLOAD_FAILED || receiver_upload_has_signal (upload))
    lws_callback_on_writable (connection->wsi);
}

/* Takes back what the workers have done. An upload whose client is gone ends here. */
static void
take_back (ReceiverServer *self)
{
  ReceiverUpload *upload;

  while ((upload = receiver_workers_take (self->workers)) != NULL) {
    Connection *connection = g_hash_table_lookup (self->lent, upload);

    g_hash_table_remove (self->lent, upload);
    receiver_upload_worked (upload);
    if (connection != NULL) {
      connection->seen = g_get_monotonic_time ();
      pump (self, connection);
    } else {
      receiver_upload_free (upload);
    }
  }
}

/* In a thread of the workers. */
static void
wake_cb (gpointer data)
{
  ReceiverServer *self = data;

  lws_cancel_service (self->context);
}

/* Connections */

static Connection *
connection_new (ReceiverServer *self, struct lws *wsi)
{
  Connection *connection = g_new0 (Connection, 1);

  connection->wsi = wsi;
  connection->link.data = connection;
  connection->seen = g_get_monotonic_time ();
  g_queue_push_tail_link (&self->connections, &connection->link);
  lws_set_opaque_user_data (wsi, connection);
  return connection;
}

static void
connection_free (ReceiverServer *self, Connection *connection)
{
  ReceiverUpload *upload = connection->upload;

  if (upload != NULL) {
    receiver_upload_set_func (upload, NULL, NULL);
    receiver_upload_cut (upload, connection->reason != NULL ? connection->reason : "The connection ended");
    self->uploads--;
    if (g_hash_table_contains (self->lent, upload))
      g_hash_table_insert (self->lent, upload, NULL);
    else
      receiver_upload_free (upload);
  }

  receiver_tls_input_end (&connection->input, lws_get_ssl (connection->wsi));
  g_queue_unlink (&self->connections, &connection->link);
  g_free (connection);
}

/*
 * How long ago the client's last byte of any kind came. The library answers pings by itself without a word,
 * but a client that pauses an upload and pings is not a silent one.
 */
static gint64
get_silence (const Connection *connection)
{
  struct tcp_info info;
  socklen_t length = sizeof info;

  if (getsockopt (lws_get_socket_fd (connection->wsi), IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
    return G_MAXINT64;

  return (gint64) info.tcpi_last_data_recv * 1000;
}

static void
check_deadline (ReceiverServer *self, Connection *connection, gint64 now)
{
  gint64 limit = self->stopping ? MIN (self->idle_limit, STOP_LIMIT) : self->idle_limit;
  gint64 waited = now - connection->seen;

  if (connection->upload == NULL) {
    if (waited >= self->handshake_limit)
      kill_connection (connection, "The handshake took too long");
    return;
  }

  if (waited < limit)
    return;

  switch (receiver_upload_get_state (connection->upload)) {
  case RECEIVER_UPLOAD_OPENING:
  case RECEIVER_UPLOAD_FINISHING:
    /* It is the client who waits. */
    return;
  case RECEIVER_UPLOAD_RECEIVING:
    if (get_silence (connection) < limit)
      return;
    break;
  default:
    break;
  }
  kill_connection (connection, "The client was silent for too long");
}

static void
sweep_cb (lws_sorted_usec_list_t *sul)
{
  ReceiverServer *self = (gpointer) ((char *) sul - G_STRUCT_OFFSET (ReceiverServer, sweep));
  gint64 now = g_get_monotonic_time ();
  gint64 interval = CLAMP (MIN (self->handshake_limit, self->idle_limit) / 4, 10000, G_USEC_PER_SEC);

  for (GList *link = self->connections.head; link != NULL; link = link->next)
    check_deadline (self, link->data, now);

  if (now - self->cleaned >= self->clean_interval) {
    self->cleaned = now;
    receiver_store_sweep (self->store);
  }

  /* It may have been stopped for want of descriptors. */
  lws_rx_flow_control (self->listener, 1);
  lws_sul_schedule (self->context, 0, &self->sweep, sweep_cb, interval);
}

static void
accept_connections (ReceiverServer *self)
{
  int listener = lws_get_socket_fd (self->listener);

  /* In small batches, so that a crowd at the door does not keep those inside waiting. */
  for (int i = 0; i < 64; i++) {
    const int one = 1;
    int fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
      /* The client stays in the queue of the socket, which would wake us for it at once, and again. */
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        lws_rx_flow_control (self->listener, 0);
      return;
    }

    if (self->connections.length >= self->max_connections) {
      close (fd);
      continue;
    }

    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* On failure it is closed. */
    (void) lws_adopt_socket_vhost (self->vhost, fd);
  }
}

/* Websockets */

static gboolean
is_full (const ReceiverServer *self)
{
  return self->stopping || self->uploads >= self->max_uploads;
}

/* The upload was taken over. What its client is told may not get there, but then the library hangs up soon. */
static void
upload_cb (ReceiverUpload *upload, gpointer data)
{
  Connection *connection = data;

  lws_callback_on_writable (connection->wsi);
}

static int
begin_upload (ReceiverServer *self, Connection *connection)
{
  connection->upload = receiver_upload_new (self->store, &self->limits, self->log);
  receiver_upload_set_func (connection->upload, upload_cb, connection);
  connection->seen = g_get_monotonic_time ();
  if (lws_get_ssl (connection->wsi) != NULL)
    receiver_tls_input_begin (&connection->input, lws_get_ssl (connection->wsi), &self->ahead, connection);
  self->uploads++;
  return 0;
}

static int
receive (ReceiverServer *self, Connection *connection, const void *data, size_t length)
{
  struct lws *wsi = connection->wsi;
  gboolean last = lws_is_final_fragment (wsi);

  connection->seen = g_get_monotonic_time ();
  if (lws_frame_is_binary (wsi))
    receiver_upload_binary (connection->upload, data, length, last);
  else
    receiver_upload_text (connection->upload, data, length, last);

  pump (self, connection);
  return 0;
}

static gboolean
send_text (struct lws *wsi, const char *text)
{
  size_t length = strlen (text);
  g_autofree unsigned char *buffer = g_malloc (LWS_PRE + length);

  memcpy (buffer + LWS_PRE, text, length);
  return lws_write (wsi, buffer + LWS_PRE, length, LWS_WRITE_TEXT) >= (int) length;
}

static int
send_signals (Connection *connection)
{
  ReceiverUpload *upload = connection->upload;

  while (receiver_upload_has_signal (upload)) {
    g_autofree char *text = receiver_upload_take_signal (upload);

    if (!send_text (connection->wsi, text))
      return -1;
    if (receiver_upload_has_signal (upload) || receiver_upload_get_state (upload) == RECEIVER_UPLOAD_FAILED)
      lws_callback_on_writable (connection->wsi);
    /* What the socket did not take goes first, and a second message would not fit behind it. */
    if (lws_partial_buffered (connection->wsi))
      return 0;
  }

  if (receiver_upload_get_state (upload) != RECEIVER_UPLOAD_FAILED || connection->closing)
    return 0;

  /*
   * The close goes out now, but the client's data is read on until it closes as well: data left unread would
   * turn the close into a reset, and that may overtake the error signal. Told twice, the library hangs up.
   */
  connection->closing = TRUE;
  lws_close_reason (connection->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
  return -1;
}

static int
handle_event (struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
  ReceiverServer *self = lws_context_user (lws_get_context (wsi));
  Connection *connection = lws_get_opaque_user_data (wsi);

  switch (reason) {
  case LWS_CALLBACK_RAW_RX_FILE:
    accept_connections (self);
    return 0;
  case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
    take_back (self);
    return 0;
  case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
    connection_new (self, wsi);
    return 0;
  case LWS_CALLBACK_WSI_DESTROY:
    if (connection != NULL)
      connection_free (self, connection);
    return 0;
  case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
    return receiver_http_check_upgrade (wsi, in, self->address, is_full (self));
  case LWS_CALLBACK_HTTP:
    return receiver_http_serve_page (wsi);
  case LWS_CALLBACK_ESTABLISHED:
    return begin_upload (self, connection);
  case LWS_CALLBACK_RECEIVE:
    return receive (self, connection, in, length);
  case LWS_CALLBACK_SERVER_WRITEABLE:
    return send_signals (connection);
  case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
    return receiver_tls_load (user, self->certificate, self->key, &self->problem) ? 0 : -1;
  case LWS_CALLBACK_HTTP_BODY:
  case LWS_CALLBACK_HTTP_BODY_COMPLETION:
  case LWS_CALLBACK_RAW_ADOPT:
  case LWS_CALLBACK_RAW_RX:
    /* Neither bodies nor what a CONNECT would turn the connection into. */
    return -1;
  default:
    return 0;
  }
}

static const struct lws_protocols protocols[] = {
  { .name = PROTOCOL_NAME, .callback = handle_event, .rx_buffer_size = BUFFER_SIZE },
  { 0 },
};

/* The library's own pings would hang up on a client whose line is too slow to answer them in time. */
static const lws_retry_bo_t no_pings = { 0 };

/* Set-up */

static gboolean
create_context (ReceiverServer *self, int listener)
{
  const guint64 tls = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
  const struct lws_context_creation_info info = {
    .port = CONTEXT_PORT_NO_LISTEN_SERVER,
    .protocols = protocols,
    .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | (self->certificate != NULL ? tls : 0),
    .gid = (gid_t) -1,
    .uid = (uid_t) -1,
    .vhost_name = PROTOCOL_NAME,
    .pt_serv_buf_size = BUFFER_SIZE,
    .max_http_header_data = ALL_HEADERS_MAX,
    .timeout_secs = 10,
    /* Not HTTP/2, which has no websockets as they are meant here. */
    .alpn = "http/1.1",
    .retry_and_idle_policy = &no_pings,
    .user = self,
  };
  const lws_sock_file_fd_type fd = { .filefd = listener };

  /* It logs what peers do wrong. That is no trouble of the receiver's. */
  lws_set_log_level (0, NULL);

  self->context = lws_create_context (&info);
  if (self->context != NULL)
    self->vhost = lws_create_vhost (self->context, &info);
  if (self->vhost != NULL)
    self->listener = lws_adopt_descriptor_vhost (self->vhost,
                                                 LWS_ADOPT_RAW_FILE_DESC,
                                                 fd,
                                                 PROTOCOL_NAME,
                                                 NULL);
  return self->listener != NULL;
}

/*
 * receiver_server_new:
 * @listener: (transfer full): a listening socket
 */
ReceiverServer *
receiver_server_new (const ReceiverServerSettings *settings,
                     int listener,
                     ReceiverStore *store,
                     ReceiverLog *log,
                     GError **error)
{
  g_autoptr (ReceiverServer) self = g_new0 (ReceiverServer, 1);

  self->store = store;
  self->log = log;
  self->limits = settings->limits;
  self->address = g_strdup (settings->address);
  self->max_uploads = settings->max_uploads;
  self->handshake_limit = (gint64) settings->handshake_limit * 1000;
  self->idle_limit = (gint64) settings->idle_limit * 1000;
  self->clean_interval = (gint64) settings->clean_interval * 1000;
  self->cleaned = g_get_monotonic_time ();
  self->lent = g_hash_table_new (NULL, NULL);
  self->workers = receiver_workers_new (wake_cb, self);

  self->max_connections = receiver_descriptors_allow (self->max_uploads, error);
  if (self->max_connections == 0) {
    close (listener);
    return NULL;
  }

  self->certificate = settings->certificate;
  self->key = settings->key;
  if (!create_context (self, listener)) {
    close (listener);
    if (self->problem != NULL)
      g_propagate_error (error, g_steal_pointer (&self->problem));
    else
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "can't start the websocket service");
    return NULL;
  }
  self->certificate = self->key = NULL;

  sweep_cb (&self->sweep);
  return g_steal_pointer (&self);
}

/* Cuts what is still open. */
void
receiver_server_free (ReceiverServer *self)
{
  if (self == NULL)
    return;

  lws_sul_cancel (&self->sweep);
  g_clear_pointer (&self->workers, receiver_workers_free);
  if (self->context != NULL)
    lws_context_destroy (self->context);
  g_hash_table_unref (self->lent);
  g_free (self->address);
  g_free (self);
}

/* Whether the client has sent all of its file, and waits to be told that it is stored. */
static gboolean
is_owed_an_answer (const Connection *connection)
{
  if (connection->upload == NULL)
    return FALSE;

  switch (receiver_upload_get_state (connection->upload)) {
  case RECEIVER_UPLOAD_FINISHING:
    return TRUE;
  case RECEIVER_UPLOAD_STORED:
    return receiver_upload_has_signal (connection->upload);
  default:
    return FALSE;
  }
}

static void
begin_stop (ReceiverServer *self)
{
  self->stopping = TRUE;
  for (GList *link = self->connections.head; link != NULL; link = link->next) {
    if (!is_owed_an_answer (link->data))
      kill_connection (link->data, "The receiver was stopped");
  }
}

static gboolean
may_end (ReceiverServer *self)
{
  if (!self->stopping || g_hash_table_size (self->lent) > 0)
    return FALSE;

  for (GList *link = self->connections.head; link != NULL; link = link->next) {
    if (is_owed_an_answer (link->data))
      return FALSE;
  }
  return TRUE;
}

/* Has the library read one record that waits in a connection, if there is one. */
static void
read_ahead (ReceiverServer *self, Connection *connection)
{
  struct lws *wsi = connection->wsi;
  guint64 n_records = connection->input.n_records;
  struct lws_pollfd poll = { .fd = lws_get_socket_fd (wsi), .events = LWS_POLLIN, .revents = LWS_POLLIN };

  if (!receiver_tls_input_is_left (lws_get_ssl (wsi))) {
    receiver_tls_input_drop (&connection->input);
    return;
  }

  /* This may have been its end. */
  (void) lws_service_fd (self->context, &poll);
  if (g_queue_find (&self->ahead, connection) != NULL && connection->input.n_records == n_records)
    receiver_tls_input_drop (&connection->input);
}

/* Returns whether there may be more. A connection has a turn for about as much as is read in one call. */
static gboolean
read_all_ahead (ReceiverServer *self)
{
  for (int turn = 0; turn < 8; turn++) {
    for (guint n = self->ahead.length; n > 0 && self->ahead.length > 0; n--) {
      g_queue_push_tail_link (&self->ahead, g_queue_pop_head_link (&self->ahead));
      read_ahead (self, g_queue_peek_tail (&self->ahead));
    }
  }
  return self->ahead.length > 0;
}

/*
 * receiver_server_run:
 *
 * Serves until receiver_server_stop() is called, and then until those uploads that are complete are stored
 * and their clients know it.
 *
 * Returns: %FALSE with @error set if the service failed
 */
gboolean
receiver_server_run (ReceiverServer *self, GError **error)
{
  while (!may_end (self)) {
    /* Below 0 it does not wait. */
    if (lws_service (self->context, read_all_ahead (self) ? -1 : 0) < 0) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the websocket service failed");
      return FALSE;
    }
    if (g_atomic_int_get (&self->stop) && !self->stopping)
      begin_stop (self);
  }
  return TRUE;
}

/* Makes receiver_server_run() return soon. May be called in a signal handler. */
void
receiver_server_stop (ReceiverServer *self)
{
  g_atomic_int_set (&self->stop, TRUE);
  lws_cancel_service (self->context);
}

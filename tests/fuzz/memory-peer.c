/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memory-peer.h"

#include "frame.h"
#include "galileo/galileo-error.h"
#include "galileo/galileo-socket.h"
#include "galileo/galileo-upload-private.h"
#include "virtual-time.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct _MemoryPeer {
  MemoryPeerOptions options;
  GalileoUpload *upload; /* ours; NULL once released */
  GWeakRef alive;
  GalileoLimiter *limiter;
  RemoteFile *file;

  GTask *handshake;     /* not answered yet */
  MemoryStream *stream; /* of the current connection */
  gboolean plain;       /* the server keeps to the rules of websockets and of TCP, so all it sends counts */
  guint64 acknowledged; /* by the kernel, of what was written */
  guint64 flood;        /* bytes that the kernel counts as received beside those that were sent */
  gsize room;
  guint n_connections;
  guint64 largest_chunk;

  GByteArray *pending; /* the begin of a frame of the client */
  GByteArray *received;
  guint n_texts;
  GArray *credits; /* of guint64: the chunk sizes of the readies that the server sent, oldest first */
  gboolean raw;    /* it may have sent others */
  gboolean asked;  /* it sent a ready in this connection */
  guint64 claimed; /* what its first ready says that it has */
  gboolean breach; /* it broke the rules of websockets */
  gboolean client_closed;

  GPtrArray *expected; /* error signals that the server surely got across, as text */
  GPtrArray *raised;   /* those that the upload raised */
  GalileoUploadState outcome; /* NEW until there is one */
  guint n_succeeded;
  guint n_failed;
  guint n_closed;
  guint64 offset; /* the upload's, which may be gone */
  gboolean must_have_all; /* the server, of a file that succeeded */

  MemoryPeerDeed deed;
  guint deed_in; /* signals; 0 for none */
};

static SoupSession *session;
static GUri *address;
static GSocketConnection *socket_of_all; /* libsoup's stream is not it; the kernel's counts are asked of it */
static guint8 *contents;
static MemoryPeer *current;

#define MAX_FILE_SIZE (64 * 1024)

/* The functions behind the linker's --wrap, see meson.build. */
void     __wrap_soup_session_websocket_connect_async (SoupSession *, SoupMessage *, const char *, char **, int,
                                                      GCancellable *, GAsyncReadyCallback, gpointer);
SoupWebsocketConnection *
         __wrap_soup_session_websocket_connect_finish (SoupSession *, GAsyncResult *, GError **);
gboolean __wrap_galileo_socket_get_counts (int fd, GalileoSocketCounts *counts);

void
memory_peer_init (void)
{
  g_autoptr (GSocket) socket = NULL;
  int fds[2];

  /* No proxy resolver, no settings: nothing of it is used. */
  session = soup_session_new ();
  address = g_uri_parse ("ws://127.0.0.1/upload", G_URI_FLAGS_NONE, NULL);

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  close (fds[1]);
  socket = g_socket_new_from_fd (fds[0], NULL);
  socket_of_all = g_socket_connection_factory_create_connection (socket);

  contents = g_malloc (MAX_FILE_SIZE);
  for (gsize i = 0; i < MAX_FILE_SIZE; i++)
    contents[i] = (guint8) (i * 31 + i / 251);
}

void
__wrap_soup_session_websocket_connect_async (SoupSession *used_session,
                                             SoupMessage *message,
                                             const char *origin,
                                             char **protocols,
                                             int priority,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data)
{
  MemoryPeer *self = current;

  g_assert (self->handshake == NULL);
  self->handshake = g_task_new (used_session, cancellable, callback, user_data);
  g_signal_emit_by_name (message, "network-event", G_SOCKET_CLIENT_CONNECTED, socket_of_all);
  if (!self->options.slow_handshake)
    memory_peer_answer_handshake (self, TRUE);
}

SoupWebsocketConnection *
__wrap_soup_session_websocket_connect_finish (SoupSession *used_session, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
__wrap_galileo_socket_get_counts (int fd, GalileoSocketCounts *counts)
{
  MemoryPeer *self = current;
  guint64 written;

  if (self->stream == NULL)
    return FALSE;

  written = memory_stream_get_written (self->stream);
  counts->acknowledged = self->options.slow_kernel ? MIN (self->acknowledged, written) : written;
  counts->unacknowledged = written - counts->acknowledged;
  counts->received = memory_stream_get_fed (self->stream) + self->flood;

  return TRUE;
}

static void
abandon_stream (MemoryPeer *self)
{
  g_clear_object (&self->stream);
  g_byte_array_set_size (self->pending, 0);
}

void
memory_peer_answer_handshake (MemoryPeer *self, gboolean accept)
{
  const SoupWebsocketConnectionType type = SOUP_WEBSOCKET_CONNECTION_CLIENT;
  g_autoptr (GTask) task = g_steal_pointer (&self->handshake);
  SoupWebsocketConnection *websocket;

  if (task == NULL)
    return;
  if (!accept) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, "Connection refused");
    return;
  }
  if (g_task_return_error_if_cancelled (task))
    return;

  abandon_stream (self);
  self->stream = memory_stream_new ();
  memory_stream_set_room (self->stream, self->room);
  self->plain = TRUE;
  self->acknowledged = self->flood = 0;
  self->client_closed = FALSE;
  self->raw = self->asked = self->breach = FALSE;
  self->n_texts = 0;
  g_array_set_size (self->credits, 0);
  g_byte_array_set_size (self->received, 0);
  /* Each time with half the chunk. */
  g_assert_cmpuint (++self->n_connections, <, 12);
  websocket = soup_websocket_connection_new (G_IO_STREAM (self->stream), address, type, NULL, NULL, NULL);
  g_task_return_pointer (task, websocket, g_object_unref);
}

/* Each ready buys one chunk of at most the size that it names, or finished, in their order. */
static void
use_credit (MemoryPeer *self, gsize length)
{
  if (self->raw)
    return;

  g_assert_cmpuint (self->credits->len, >, 0);
  g_assert_cmpuint (length, <=, g_array_index (self->credits, guint64, 0));
  g_array_remove_index (self->credits, 0);
}

/* What the client sent, after its header. */
static void
take_frame (MemoryPeer *self, guint opcode, const guint8 *data, gsize length)
{
  g_autoptr (GalileoSignal) signal = NULL;
  g_autoptr (GError) error = NULL;
  guint64 size;

  /* Of a breach of the rules libsoup tells before what waits, and may tell twice. */
  g_assert_false (self->client_closed && self->plain);
  switch (opcode) {
  case MEMORY_PEER_TEXT:
    signal = galileo_signal_parse ((const char *) data, length, &error);
    g_assert_no_error (error);
    if (self->n_texts++ == 0) {
      g_assert_true (galileo_signal_get_size (signal, "size", &size));
      g_assert_cmpuint (size, ==, self->options.file_size);
      g_assert_cmpstr (galileo_signal_get_string (signal, "name"), ==, "remote.bin");
    } else {
      g_assert_cmpuint (self->n_texts, ==, 2);
      g_assert_true (galileo_signal_is_true (signal, "finished"));
      g_assert_cmpuint (self->offset + self->received->len, ==, self->options.file_size);
      use_credit (self, 0);
    }
    break;
  case MEMORY_PEER_BINARY:
    g_assert_cmpuint (self->n_texts, ==, 1);
    g_assert_cmpuint (length, >, 0);
    g_assert_cmpuint (length, <=, self->largest_chunk);
    use_credit (self, length);
    g_assert_cmpuint (self->offset + self->received->len + length, <=, self->options.file_size);
    g_assert_cmpmem (data, length, contents + self->offset + self->received->len, length);
    g_byte_array_append (self->received, data, (guint) length);
    break;
  case MEMORY_PEER_CLOSE:
    self->client_closed = TRUE;
    break;
  default:
    g_assert_cmpuint (opcode, ==, 10);
  }
}

/* Takes what has arrived at the server. */
static void
receive (MemoryPeer *self)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  g_autoptr (GByteArray) written = NULL;
  guint opcode;
  gsize length;

  if (self->stream == NULL)
    return;

  written = memory_stream_take (self->stream);
  g_byte_array_append (self->pending, written->data, written->len);
  while ((length = frame_read (self->pending->data, self->pending->len, &opcode, payload)) > 0) {
    take_frame (self, opcode, payload->data, payload->len);
    g_byte_array_remove_range (self->pending, 0, (guint) length);
  }
}

static void
settle (MemoryPeer *self)
{
  virtual_time_settle ();
  receive (self);
}

static gboolean
is_running (MemoryPeer *self)
{
  g_autoptr (GalileoUpload) upload = g_weak_ref_get (&self->alive);

  return upload != NULL && galileo_upload_is_running (upload);
}

/* Counts what the upload has to make of a text. Returns whether that ends it. */
static gboolean
expect (MemoryPeer *self, const void *data, gsize length)
{
  g_autoptr (GalileoSignal) signal = galileo_signal_parse (data, length, NULL);
  guint64 size;

  if (signal == NULL)
    return FALSE;

  if (galileo_signal_get_kind (signal) == GALILEO_SIGNAL_READY) {
    size = galileo_signal_get_chunk_size (signal);
    g_array_append_val (self->credits, size);
    if (!self->asked && (!self->options.has_id || !galileo_signal_get_size (signal, "offset", &self->claimed)))
      self->claimed = 0;
    self->asked = TRUE;
  }

  if (galileo_signal_get_kind (signal) == GALILEO_SIGNAL_ERROR && self->plain && self->deed_in == 0 &&
      is_running (self)) {
    g_ptr_array_add (self->expected, galileo_signal_to_text (signal));
    return galileo_signal_get_fatal (signal);
  }

  return FALSE;
}

void
memory_peer_send_bytes (MemoryPeer *self, const void *data, gsize length)
{
  if (self->stream == NULL)
    return;

  self->plain = FALSE;
  self->raw = TRUE;
  memory_stream_feed (self->stream, data, length);
  settle (self);
}

void
memory_peer_send (MemoryPeer *self, MemoryPeerOpcode opcode, const void *data, gsize length)
{
  guint8 header[FRAME_MAX_HEADER];
  gboolean ends = FALSE;

  if (self->stream == NULL)
    return;

  if (opcode == MEMORY_PEER_TEXT && frame_is_utf8 (data, length)) {
    ends = expect (self, data, length);
  } else if (opcode != MEMORY_PEER_PING) {
    self->breach = self->breach || (opcode == MEMORY_PEER_TEXT && self->plain);
    self->plain = FALSE;
  }

  memory_stream_feed (self->stream, header, frame_write_header (header, opcode, length));
  memory_stream_feed (self->stream, data, length);
  settle (self);
  g_assert_false (ends && is_running (self));
}

void
memory_peer_end (MemoryPeer *self)
{
  if (self->stream == NULL)
    return;

  self->plain = FALSE;
  memory_stream_end (self->stream);
  settle (self);
}

void
memory_peer_reset (MemoryPeer *self)
{
  if (self->stream == NULL)
    return;

  receive (self);
  self->plain = FALSE;
  memory_stream_reset (self->stream);
  settle (self);
}

void
memory_peer_set_room (MemoryPeer *self, gsize room)
{
  self->room = room;
  if (self->stream != NULL)
    memory_stream_set_room (self->stream, room);
  settle (self);
}

void
memory_peer_acknowledge (MemoryPeer *self, guint64 bytes)
{
  self->acknowledged += bytes;
}

void
memory_peer_flood (MemoryPeer *self, guint64 bytes)
{
  self->flood += bytes;
}

static void
do_deed (MemoryPeer *self, GalileoUpload *upload, MemoryPeerDeed deed)
{
  switch (deed) {
  case MEMORY_PEER_CANCEL:
    galileo_upload_cancel (upload);
    break;
  case MEMORY_PEER_PAUSE:
    galileo_upload_set_paused (upload, !galileo_upload_get_paused (upload));
    break;
  case MEMORY_PEER_RELEASE:
  default:
    g_clear_object (&self->upload);
  }
}

void
memory_peer_do (MemoryPeer *self, MemoryPeerDeed deed)
{
  g_autoptr (GalileoUpload) upload = g_weak_ref_get (&self->alive);

  if (upload != NULL)
    do_deed (self, upload, deed);
  g_clear_object (&upload);
  settle (self);
}

void
memory_peer_do_inside (MemoryPeer *self, MemoryPeerDeed deed, guint n)
{
  self->deed = deed;
  self->deed_in = n;
}

/* Called in each signal, after all else. */
static void
maybe_do_deed (MemoryPeer *self, GalileoUpload *upload)
{
  if (self->deed_in > 0 && --self->deed_in == 0)
    do_deed (self, upload, self->deed);
}

/* There is one outcome. It may be notified late, or twice: GObject::notify does not recurse. */
static void
look_at_state (MemoryPeer *self, GalileoUpload *upload)
{
  GalileoUploadState state = galileo_upload_get_state (upload);

  if (self->outcome == GALILEO_UPLOAD_STATE_NEW && state > GALILEO_UPLOAD_STATE_CLOSING)
    self->outcome = state;
  g_assert_true (self->outcome == GALILEO_UPLOAD_STATE_NEW || self->outcome == state);
}

static void
chunk_cb (GalileoUpload *upload, double ratio, MemoryPeer *self)
{
  guint64 sent = galileo_upload_get_sent (upload);

  g_assert_cmpfloat (ratio, >, 0.0);
  g_assert_cmpfloat (ratio, <=, 1.0);
  g_assert_cmpuint (sent, <=, galileo_upload_get_size (upload));

  /* Memory is bounded: of what was handed over at most one chunk has not left. Where the websocket is being closed
   * nothing leaves any more, and nothing is kept. */
  receive (self);
  if (self->plain)
    g_assert_cmpuint (sent - galileo_upload_get_offset (upload) - self->received->len, <=, self->largest_chunk);
  maybe_do_deed (self, upload);
}

static void
error_signal_cb (GalileoUpload *upload, GalileoSignal *signal, MemoryPeer *self)
{
  g_ptr_array_add (self->raised, galileo_signal_to_text (signal));
  maybe_do_deed (self, upload);
}

static void
succeeded_cb (GalileoUpload *upload, MemoryPeer *self)
{
  self->n_succeeded++;
  g_assert_cmpuint (self->n_closed, ==, 0);
  self->must_have_all = self->room == G_MAXSIZE || self->plain;
  g_assert_cmpint (galileo_upload_get_state (upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_false (self->breach);
  g_assert_true (self->raw || galileo_upload_get_offset (upload) == self->claimed);
  g_assert_null (galileo_upload_get_error (upload));
  g_assert_cmpuint (galileo_upload_get_sent (upload), ==, self->options.file_size);
  g_assert_cmpuint (galileo_upload_get_acknowledged (upload), ==, self->options.file_size);
  g_assert_true (!galileo_upload_get_verified (upload) || galileo_upload_get_hash (upload) != NULL);
  /* The server has stopped reading, and yet said that it has it all: what is on the way is to arrive. */
  if (self->stream != NULL)
    memory_stream_set_room (self->stream, G_MAXSIZE);
  maybe_do_deed (self, upload);
}

static void
failed_cb (GalileoUpload *upload, GPtrArray *signals, MemoryPeer *self)
{
  self->n_failed++;
  g_assert_cmpuint (self->n_closed, ==, 0);
  g_assert_cmpint (galileo_upload_get_state (upload), ==, GALILEO_UPLOAD_STATE_FAILED);
  g_assert_nonnull (galileo_upload_get_error (upload));
  g_assert_true (galileo_upload_get_error (upload)->domain == GALILEO_ERROR);
  g_assert_true (g_utf8_validate (galileo_upload_get_error (upload)->message, -1, NULL));
  g_assert_cmpuint (signals->len, >, 0);
  if (self->raised->len == 0) {
    g_assert_cmpuint (signals->len, ==, 1);
    g_assert_true (galileo_signal_is_true (g_ptr_array_index (signals, 0), "local"));
  }
  maybe_do_deed (self, upload);
}

/* All error signals, in order, and nothing else but the local one. */
static void
check_error_signals (MemoryPeer *self, GalileoUpload *upload)
{
  GPtrArray *signals = galileo_upload_get_error_signals (upload);

  if (self->raised->len > 0 || self->n_failed == 0)
    g_assert_cmpuint (signals->len, ==, self->raised->len);
  for (guint i = 0; i < self->raised->len; i++) {
    g_autofree char *text = galileo_signal_to_text (g_ptr_array_index (signals, i));

    g_assert_cmpstr (text, ==, g_ptr_array_index (self->raised, i));
  }

  /* What surely got across is among them, in its order. */
  for (guint i = 0, at = 0; i < self->expected->len; i++, at++) {
    while (at < self->raised->len &&
           g_strcmp0 (g_ptr_array_index (self->expected, i), g_ptr_array_index (self->raised, at)) != 0)
      at++;
    g_assert_cmpuint (at, <, self->raised->len);
  }
}

static void
closed_cb (GalileoUpload *upload, MemoryPeer *self)
{
  self->n_closed++;
  g_assert_cmpuint (self->n_closed, ==, 1);
  look_at_state (self, upload);
  g_assert_cmpint (self->outcome, !=, GALILEO_UPLOAD_STATE_NEW);
  check_error_signals (self, upload);
  maybe_do_deed (self, upload);
}

static void
notify_cb (GalileoUpload *upload, GParamSpec *pspec, MemoryPeer *self)
{
  g_assert_cmpuint (galileo_upload_get_sent (upload), <=, galileo_upload_get_size (upload));
  g_assert_cmpuint (galileo_upload_get_acknowledged (upload), <=, galileo_upload_get_size (upload));
  self->offset = galileo_upload_get_offset (upload);
  self->largest_chunk = MAX (self->largest_chunk, galileo_upload_get_max_chunk_size (upload));
  look_at_state (self, upload);
  maybe_do_deed (self, upload);
}

MemoryPeer *
memory_peer_new (const MemoryPeerOptions *options)
{
  MemoryPeer *self = g_new0 (MemoryPeer, 1);

  g_assert (current == NULL && options->file_size <= MAX_FILE_SIZE);
  current = self;
  self->options = *options;
  self->room = G_MAXSIZE;
  self->pending = g_byte_array_new ();
  self->received = g_byte_array_new ();
  self->credits = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->expected = g_ptr_array_new_with_free_func (g_free);
  self->raised = g_ptr_array_new_with_free_func (g_free);
  self->file = remote_file_new (contents, options->file_size);
  self->upload = galileo_upload_new (session, address, G_FILE (self->file));
  g_weak_ref_init (&self->alive, self->upload);
  if (options->max_chunk_size > 0)
    galileo_upload_set_max_chunk_size (self->upload, options->max_chunk_size);
  self->largest_chunk = galileo_upload_get_max_chunk_size (self->upload);
  galileo_upload_set_hash_type (self->upload, options->hash_type);
  galileo_upload_set_timeout (self->upload, options->timeout);
  galileo_upload_set_id (self->upload, options->has_id ? "an upload" : NULL);
  if (options->rate > 0) {
    self->limiter = galileo_limiter_new ();
    galileo_limiter_set_rate (self->limiter, options->rate);
    galileo_upload_set_limiter (self->upload, self->limiter);
  }
  galileo_upload_set_paused (self->upload, options->paused);

  g_signal_connect (self->upload, "chunk", G_CALLBACK (chunk_cb), self);
  g_signal_connect (self->upload, "error-signal", G_CALLBACK (error_signal_cb), self);
  g_signal_connect (self->upload, "succeeded", G_CALLBACK (succeeded_cb), self);
  g_signal_connect (self->upload, "failed", G_CALLBACK (failed_cb), self);
  g_signal_connect (self->upload, "closed", G_CALLBACK (closed_cb), self);
  g_signal_connect (self->upload, "notify", G_CALLBACK (notify_cb), self);
  virtual_time_set_slow (options->slow_disk);
  galileo_upload_start (self->upload);
  settle (self);

  return self;
}

RemoteFile *
memory_peer_get_file (MemoryPeer *self)
{
  return self->file;
}

static void
check_end (MemoryPeer *self)
{
  g_assert_cmpuint (self->n_closed, ==, 1);
  g_assert_cmpuint (self->n_succeeded, ==, self->outcome == GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_cmpuint (self->n_failed, ==, self->outcome == GALILEO_UPLOAD_STATE_FAILED);

  if (self->n_succeeded > 0 && self->must_have_all)
    g_assert_cmpuint (self->offset + self->received->len, ==, self->options.file_size);
}

void
memory_peer_finish (MemoryPeer *self)
{
  g_autoptr (GalileoUpload) left = NULL;

  /* Nobody holds anything up any more: silence ends it, whatever state it is in. Then the server goes away. */
  self->deed_in = 0;
  virtual_time_set_slow (FALSE);
  self->options.slow_handshake = self->options.slow_kernel = FALSE;
  left = g_weak_ref_get (&self->alive);
  if (left != NULL)
    galileo_upload_set_paused (left, FALSE);
  g_clear_object (&left);
  memory_peer_answer_handshake (self, TRUE);
  memory_peer_set_room (self, G_MAXSIZE);
  for (guint i = 0; i < 200 && is_running (self); i++)
    virtual_time_pass (100);
  g_assert_false (is_running (self));
  for (guint i = 0; i < 12 && self->n_closed == 0; i++) {
    memory_peer_end (self);
    virtual_time_pass (1000000);
  }
  receive (self);
  check_end (self);

  abandon_stream (self);
  g_clear_object (&self->upload);
  virtual_time_settle ();
  left = g_weak_ref_get (&self->alive);
  g_assert_null (left);
  g_weak_ref_clear (&self->alive);
  if (self->limiter != NULL)
    g_assert_finalize_object (self->limiter);
  g_assert_finalize_object (self->file);
  virtual_time_reset ();

  g_byte_array_unref (self->pending);
  g_byte_array_unref (self->received);
  g_array_unref (self->credits);
  g_ptr_array_unref (self->expected);
  g_ptr_array_unref (self->raised);
  g_free (self);
  current = NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "raw-peer.h"

#include "raw-peer-private.h"

#include "galileo/galileo-signal.h"

#include <string.h>
#include <sys/socket.h>

/* The connection of a peer, and what it reads from it: raw-peer-output.c has what it sends. */

static void
complain (RawPeer *self, const char *complaint)
{
  g_ptr_array_add (self->complaints, g_strdup (complaint));
}

static void
step (RawPeer *self, const char *name, const char *lines)
{
  if (self->step_func != NULL)
    self->step_func (self, name, self->step_data);
  raw_peer_play (self, lines);
}

static char *
dup_accept_key (const char *request)
{
  g_autoptr (GRegex) regex = g_regex_new ("^Sec-WebSocket-Key: *(\\S+)", G_REGEX_CASELESS | G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *key = NULL;
  guint8 digest[20];
  gsize length = sizeof digest;

  if (!g_regex_match (regex, request, 0, &match))
    return g_strdup ("");

  key = g_match_info_fetch (match, 1);
  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", -1);
  g_checksum_get_digest (checksum, digest, &length);

  return g_base64_encode (digest, length);
}

static gboolean
take_request (RawPeer *self)
{
  const char *end = g_strstr_len ((const char *) self->input->data, (gssize) self->input->len, "\r\n\r\n");
  gsize length;

  if (end == NULL)
    return FALSE;

  length = (gsize) (end - (const char *) self->input->data) + 4;
  g_free (self->request);
  self->request = g_strndup ((const char *) self->input->data, length);
  g_byte_array_remove_range (self->input, 0, (guint) length);
  g_free (self->accept_key);
  self->accept_key = dup_accept_key (self->request);
  self->open = TRUE;

  step (self, "request", self->script->on_request != NULL ? self->script->on_request : "#accept");
  step (self, "open", self->script->on_open);

  return TRUE;
}

static void
handle_text (RawPeer *self, const char *text, gsize length)
{
  if (!g_utf8_validate_len (text, length, NULL))
    complain (self, "a text that is not UTF-8");

  if (self->metadata == NULL) {
    g_autoptr (GalileoSignal) signal = galileo_signal_parse (text, length, NULL);

    self->metadata = g_strndup (text, length);
    if (signal == NULL || !galileo_signal_get_size (signal, "size", &self->size))
      complain (self, "metadata without a size");
    step (self, "metadata", self->script->on_metadata);
  } else {
    if (self->received->len != self->size)
      complain (self, "finished before the last chunk");
    g_free (self->finished);
    self->finished = g_strndup (text, length);
    self->n_finished++;
    step (self, "finished", self->script->on_finished);
  }
}

static void
handle_binary (RawPeer *self, const guint8 *data, gsize length)
{
  const char *first = self->script->on_first_chunk;

  if (self->metadata == NULL || length == 0)
    complain (self, "a chunk before metadata, or an empty one");

  g_byte_array_append (self->received, data, (guint) length);
  g_array_append_val (self->chunk_sizes, length);
  if (self->received->len > self->size)
    complain (self, "more bytes than announced");

  if (self->received->len == self->size && (first == NULL || self->chunk_sizes->len > 1))
    step (self, "last-chunk", self->script->on_last_chunk);
  else if (self->chunk_sizes->len == 1)
    step (self, "first-chunk", first != NULL ? first : self->script->on_chunk);
  else
    step (self, "chunk", self->script->on_chunk);
}

static void
handle_close (RawPeer *self, const guint8 *data, gsize length)
{
  self->close_code = length >= 2 ? data[0] << 8 | data[1] : 1005;
  if (length == 1)
    complain (self, "a close frame of one byte");
  if (self->mute)
    return;

  if (!self->said_close) {
    g_autofree char *answer = g_strdup_printf ("#close %d", self->close_code);

    raw_peer_play (self, answer);
  }
  raw_peer_play (self, "#fin");
}

static void
handle_frame (RawPeer *self, guint8 head, guint8 *data, gsize length)
{
  guint8 opcode = head & 0x0f;

  if (head & 0x70)
    complain (self, "reserved bits");
  if (!(head & 0x80))
    complain (self, "a fragment");
  if (opcode >= 8 && length > 125)
    complain (self, "a long control frame");
  if (self->close_code >= 0)
    complain (self, "a frame after close");

  switch (opcode) {
  case 1:
    handle_text (self, (const char *) data, length);
    break;
  case 2:
    handle_binary (self, data, length);
    break;
  case 8:
    handle_close (self, data, length);
    break;
  case 9:
    self->n_pings++;
    if (!self->mute && !self->said_close)
      raw_peer_send_frame (self, 0x8a, data, length);
    break;
  case 10:
    self->n_pongs++;
    break;
  default:
    complain (self, "an unknown opcode");
  }
}

/* Returns how many bytes a whole frame at `at` has, or 0 if it is not all there. */
static gsize
take_frame (RawPeer *self, gsize at)
{
  guint8 *data = self->input->data + at;
  gsize left = self->input->len - at;
  gsize head = 2;
  guint64 length;
  guint n_length_bytes;

  if (left < head)
    return 0;

  length = data[1] & 0x7f;
  n_length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
  head += n_length_bytes + (data[1] & 0x80 ? 4 : 0);
  if (left < head)
    return 0;

  if (n_length_bytes > 0) {
    guint64 least = n_length_bytes == 2 ? 126 : 65536;

    length = 0;
    for (guint i = 0; i < n_length_bytes; i++)
      length = length << 8 | data[2 + i];
    if (length < least)
      complain (self, "a length that is not minimal");
  }
  if (left - head < length)
    return 0;

  if (data[1] & 0x80) {
    const guint8 *mask = data + head - 4;

    for (guint64 i = 0; i < length; i++)
      data[head + i] ^= mask[i & 3];
  } else {
    complain (self, "a frame that is not masked");
  }
  handle_frame (self, data[0], data + head, (gsize) length);

  return head + (gsize) length;
}

static void
parse (RawPeer *self)
{
  gsize at = 0;
  gsize length;

  if (!self->open && !take_request (self))
    return;

  while ((length = take_frame (self, at)) > 0) {
    at += length;
    /* A step may have closed the connection. */
    if (self->input->len == 0)
      return;
  }
  g_byte_array_remove_range (self->input, 0, (guint) at);
}

static gboolean
in_cb (GObject *source, gpointer user_data)
{
  RawPeer *self = user_data;
  GPollableInputStream *stream = G_POLLABLE_INPUT_STREAM (source);
  g_autoptr (GError) error = NULL;
  guint8 buffer[65536];
  gssize n = g_pollable_input_stream_read_nonblocking (stream, buffer, sizeof buffer, NULL, &error);

  if (n > 0) {
    g_byte_array_append (self->input, buffer, (guint) n);
    parse (self);
    return self->in_source != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;

  /* It has ended, one way or another, or TLS failed. What the script still has to send goes out, if it can. */
  self->eof = TRUE;
  raw_peer_stop_reading (self);

  return G_SOURCE_REMOVE;
}

void
raw_peer_stop_reading (RawPeer *self)
{
  if (self->in_source != NULL)
    g_source_destroy (self->in_source);
  g_clear_pointer (&self->in_source, g_source_unref);
}

static gboolean
accept_cb (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  RawPeer *self = user_data;
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, NULL);

  if (socket == NULL)
    return G_SOURCE_CONTINUE;

  self->n_connections++;
  /* One at a time: nobody has a reason to come twice. */
  if (self->base != NULL)
    return G_SOURCE_CONTINUE;

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, 6 /* IPPROTO_TCP */, 1 /* TCP_NODELAY */, 1, NULL);
  self->base = g_socket_connection_factory_create_connection (socket);
  if (self->certificate != NULL)
    self->stream = g_tls_server_connection_new (G_IO_STREAM (self->base), self->certificate, NULL);
  else
    self->stream = g_object_ref (G_IO_STREAM (self->base));
  g_assert_nonnull (self->stream);

  self->in_source =
      g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream)), NULL);
  g_source_set_callback (self->in_source, G_SOURCE_FUNC (in_cb), self, NULL);
  g_source_set_static_name (self->in_source, "[raw peer] in");
  g_source_attach (self->in_source, g_main_context_get_thread_default ());

  step (self, "connect", self->script->on_connect);

  return G_SOURCE_CONTINUE;
}

/* Drops the connection without a word to the client; closes the socket. */
void
raw_peer_drop (RawPeer *self)
{
  raw_peer_stop_reading (self);
  if (self->out_source != NULL)
    g_source_destroy (self->out_source);
  g_clear_pointer (&self->out_source, g_source_unref);
  raw_peer_clear_output (self);
  g_byte_array_set_size (self->input, 0);

  if (self->base != NULL)
    g_socket_close (g_socket_connection_get_socket (self->base), NULL);
  g_clear_object (&self->stream);
  g_clear_object (&self->base);
}

RawPeer *
raw_peer_new (const RawScript *script)
{
  RawPeer *self = g_new0 (RawPeer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  self->script = script;
  self->close_code = -1;
  self->received = g_byte_array_new ();
  self->chunk_sizes = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->complaints = g_ptr_array_new_with_free_func (g_free);
  self->input = g_byte_array_new ();
  g_queue_init (&self->output);

  self->listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->listener, FALSE);
  g_assert_true (g_socket_bind (self->listener, any_port, TRUE, &error));
  g_assert_true (g_socket_listen (self->listener, &error));
  bound = g_socket_get_local_address (self->listener, &error);
  g_assert_no_error (error);

  self->accept_source = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->accept_source, G_SOURCE_FUNC (accept_cb), self, NULL);
  g_source_set_static_name (self->accept_source, "[raw peer] accept");
  g_source_attach (self->accept_source, g_main_context_get_thread_default ());

  self->address = g_uri_build (G_URI_FLAGS_NONE,
                               "ws",
                               NULL,
                               "127.0.0.1",
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)),
                               "/upload",
                               NULL,
                               NULL);

  return self;
}

void
raw_peer_destroy (gpointer peer)
{
  RawPeer *self = peer;

  raw_peer_drop (self);
  g_source_destroy (self->accept_source);
  g_source_unref (self->accept_source);
  g_object_unref (self->listener);
  g_clear_object (&self->certificate);
  g_uri_unref (self->address);
  g_free (self->request);
  g_free (self->accept_key);
  g_free (self->metadata);
  g_free (self->finished);
  g_byte_array_unref (self->received);
  g_array_unref (self->chunk_sizes);
  g_ptr_array_unref (self->complaints);
  g_byte_array_unref (self->input);
  g_free (self);
}

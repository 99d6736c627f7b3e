/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scripted-peer.h"

#include "galileo/galileo-signal.h"

#include <string.h>
#include <sys/socket.h>

static void
cut (ScriptedPeer *self, gboolean reset)
{
  g_autoptr (SoupWebsocketConnection) websocket = g_steal_pointer (&self->websocket);
  GIOStream *stream = soup_websocket_connection_get_io_stream (websocket);
  g_autoptr (GIOStream) base = NULL;

  g_signal_handlers_disconnect_by_data (websocket, self);
  g_object_get (stream, "base-iostream", &base, NULL);
  if (reset) {
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };
    GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (base));

    g_assert_cmpint (setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger), ==, 0);
    g_socket_close (socket, NULL);
  } else {
    g_io_stream_close (base, NULL, NULL);
  }
}

/* libsoup sends no codes that came after RFC 6455; other servers do. */
static void
send_raw_close (ScriptedPeer *self, guint code)
{
  const guint8 frame[] = { 0x88, 2, (guint8) (code >> 8), (guint8) code };
  GOutputStream *output =
      g_io_stream_get_output_stream (soup_websocket_connection_get_io_stream (self->websocket));

  g_assert_true (g_output_stream_write_all (output, frame, sizeof frame, NULL, NULL, NULL));
}

static void
play (ScriptedPeer *self, const char *lines)
{
  g_auto (GStrv) parts = NULL;

  if (lines == NULL)
    return;

  parts = g_strsplit (lines, "\n", -1);
  for (guint i = 0; parts[i] != NULL; i++) {
    if (self->websocket == NULL ||
        soup_websocket_connection_get_state (self->websocket) != SOUP_WEBSOCKET_STATE_OPEN)
      return;

    if (strcmp (parts[i], "#binary") == 0) {
      soup_websocket_connection_send_binary (self->websocket, "x", 1);
    } else if (g_str_has_prefix (parts[i], "#close ")) {
      guint code = (guint) atoi (parts[i] + 7);

      if (code < 1012)
        soup_websocket_connection_close (self->websocket, (gushort) code, "as scripted");
      else
        send_raw_close (self, code);
    } else if (strcmp (parts[i], "#cut") == 0) {
      cut (self, FALSE);
    } else if (strcmp (parts[i], "#reset") == 0) {
      cut (self, TRUE);
    } else if (g_str_has_prefix (parts[i], "#ready ")) {
      for (int n = atoi (parts[i] + 7); n > 0; n--)
        soup_websocket_connection_send_text (self->websocket, "{\"ready\":true}");
    } else if (strcmp (parts[i], "#offset") == 0) {
      g_autofree char *text = g_strdup_printf ("{\"ready\":true,\"offset\":%u}", self->received->len);

      soup_websocket_connection_send_text (self->websocket, text);
    } else {
      g_assert_false (g_str_has_prefix (parts[i], "#"));
      soup_websocket_connection_send_text (self->websocket, parts[i]);
    }
  }
}

static void
message_cb (SoupWebsocketConnection *websocket, int type, GBytes *bytes, ScriptedPeer *self)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  if (type == SOUP_WEBSOCKET_DATA_BINARY) {
    g_byte_array_append (self->received, (const guint8 *) data, (guint) length);
    g_array_append_val (self->chunk_sizes, length);
    play (self, self->received->len == self->size ? self->script->on_last_chunk : self->script->on_chunk);
  } else if (self->metadata == NULL) {
    g_autoptr (GalileoSignal) signal = galileo_signal_parse (data, length, NULL);

    self->metadata = g_strndup (data, length);
    g_assert_true (galileo_signal_get_size (signal, "size", &self->size));
    play (self, self->script->on_metadata);
  } else {
    g_free (self->finished);
    self->finished = g_strndup (data, length);
    self->n_finished++;
    play (self, self->script->on_finished);
  }
}

static void
closed_cb (SoupWebsocketConnection *websocket, ScriptedPeer *self)
{
  self->closed = TRUE;
  self->close_code = soup_websocket_connection_get_close_code (websocket);
}

static void
websocket_cb (SoupServer *server,
              SoupServerMessage *message,
              const char *path,
              SoupWebsocketConnection *websocket,
              gpointer user_data)
{
  ScriptedPeer *self = user_data;

  if (self->websocket != NULL)
    g_signal_handlers_disconnect_by_data (self->websocket, self);
  g_set_object (&self->websocket, websocket);
  g_clear_pointer (&self->metadata, g_free);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  self->headers = soup_message_headers_ref (soup_server_message_get_request_headers (message));
  self->closed = FALSE;
  if (!self->script->keeps)
    g_byte_array_set_size (self->received, 0);
  self->n_connections++;
  soup_websocket_connection_set_max_incoming_payload_size (websocket, 16 * 1024 * 1024);
  g_signal_connect (websocket, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (websocket, "closed", G_CALLBACK (closed_cb), self);
  play (self, self->script->on_open);
}

static void
status_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  soup_server_message_set_status (message, (guint) atoi (path + strlen ("/status/")), NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "Location",
                                "http://127.0.0.1:1/elsewhere");
}

ScriptedPeer *
scripted_peer_new (const Script *script)
{
  ScriptedPeer *self = g_new0 (ScriptedPeer, 1);
  g_autoptr (GError) error = NULL;
  GSList *uris;

  self->script = script;
  self->received = g_byte_array_new ();
  self->chunk_sizes = g_array_new (FALSE, FALSE, sizeof (gsize));

  self->server = soup_server_new (NULL, NULL);
  soup_server_remove_websocket_extension (self->server, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_websocket_handler (self->server, "/upload", NULL, NULL, websocket_cb, self, NULL);
  soup_server_add_handler (self->server, "/status", status_cb, self, NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);

  uris = soup_server_get_uris (self->server);
  self->address = g_uri_build (G_URI_FLAGS_NONE, "ws", NULL, "127.0.0.1", g_uri_get_port (uris->data), "/upload", NULL, NULL);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  return self;
}

void
scripted_peer_free (ScriptedPeer *self)
{
  if (self->websocket != NULL)
    g_signal_handlers_disconnect_by_data (self->websocket, self);
  g_clear_object (&self->websocket);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_uri_unref (self->address);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_free (self->metadata);
  g_free (self->finished);
  g_byte_array_unref (self->received);
  g_array_unref (self->chunk_sizes);
  g_free (self);
}

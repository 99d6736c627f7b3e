/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "raw-peer-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What a peer is to do next, once what stands before is done. */
typedef enum {
  DO_SEND,
  DO_SEND_BASE,
  DO_DRIP,
  DO_FIN,
  DO_BYE,
  DO_CUT,
  DO_RESET,
  DO_DEAF,
} Deed;

typedef struct {
  Deed deed;
  GByteArray *bytes;
  gsize done;
  guint ms;
} Item;

static void
item_free (gpointer data)
{
  Item *item = data;

  g_clear_pointer (&item->bytes, g_byte_array_unref);
  g_free (item);
}

void
raw_peer_clear_output (RawPeer *self)
{
  g_queue_clear_full (&self->output, item_free);
}

static Item *
push (RawPeer *self, Deed deed)
{
  Item *item = g_new0 (Item, 1);

  item->deed = deed;
  g_queue_push_tail (&self->output, item);

  return item;
}

/* Bytes that follow bytes go out with them. */
static void
push_bytes (RawPeer *self, Deed deed, const void *data, gsize length)
{
  Item *last = g_queue_peek_tail (&self->output);

  if (last == NULL || last->deed != deed) {
    last = push (self, deed);
    last->bytes = g_byte_array_new ();
  }
  g_byte_array_append (last->bytes, data, (guint) length);
}

static GByteArray *
build_frame (guint8 head, const void *data, gsize length)
{
  GByteArray *frame = g_byte_array_sized_new ((guint) length + 10);
  guint n_length_bytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
  guint8 second = n_length_bytes == 0 ? (guint8) length : n_length_bytes == 2 ? 126 : 127;

  g_byte_array_append (frame, &head, 1);
  g_byte_array_append (frame, &second, 1);
  for (guint i = n_length_bytes; i > 0; i--) {
    guint8 byte = (guint8) (length >> (8 * (i - 1)));

    g_byte_array_append (frame, &byte, 1);
  }
  g_byte_array_append (frame, data, (guint) length);

  return frame;
}

static void
push_frames (RawPeer *self, guint n, guint8 head, const void *data, gsize length)
{
  g_autoptr (GByteArray) frame = build_frame (head, data, length);

  for (guint i = 0; i < n; i++)
    push_bytes (self, DO_SEND, frame->data, frame->len);
}

static void
push_hex (RawPeer *self, Deed deed, const char *hex)
{
  for (char *end; *hex != '\0'; hex = end) {
    guint8 byte = (guint8) strtoul (hex, &end, 16);

    g_assert_true (end > hex);
    push_bytes (self, deed, &byte, 1);
  }
}

static void
push_fill (RawPeer *self, gsize n, guint8 byte)
{
  g_autofree char *bytes = g_malloc (n + 1);

  memset (bytes, byte, n);
  push_bytes (self, DO_SEND, bytes, n);
}

static void
push_http (RawPeer *self, const char *text)
{
  for (; *text != '\0'; text++) {
    if (*text == '|')
      push_bytes (self, DO_SEND, "\r\n", 2);
    else if (g_str_has_prefix (text, "%A"))
      push_bytes (self, DO_SEND, self->accept_key, strlen (self->accept_key)), text++;
    else
      push_bytes (self, DO_SEND, text, 1);
  }
}

static void
push_frame_line (RawPeer *self, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line, " ", 3);
  gsize n = (gsize) strtoul (parts[1], NULL, 10);
  g_autofree char *payload = g_malloc (n + 1);

  memset (payload, (int) strtoul (parts[2], NULL, 16), n);
  push_frames (self, 1, (guint8) strtoul (parts[0], NULL, 16), payload, n);
}

static void
push_close_line (RawPeer *self, const char *line)
{
  char *reason;
  guint code = (guint) strtoul (line, &reason, 10);
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  const guint8 number[] = { (guint8) (code >> 8), (guint8) code };

  g_byte_array_append (payload, number, sizeof number);
  if (*reason == ' ')
    g_byte_array_append (payload, (const guint8 *) reason + 1, (guint) strlen (reason + 1));
  push_frames (self, 1, 0x88, payload->data, payload->len);
  self->said_close = TRUE;
}

static void
push_line (RawPeer *self, const char *line)
{
  const char *rest = strchr (line, ' ');

  rest = rest != NULL ? rest + 1 : "";

  if (*line != '#') {
    push_frames (self, 1, 0x81, line, strlen (line));
  } else if (g_str_equal (line, "#accept")) {
    push_http (self,
               "HTTP/1.1 101 Switching Protocols|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: %A||");
  } else if (g_str_has_prefix (line, "#http ")) {
    push_http (self, rest);
  } else if (g_str_has_prefix (line, "#hex ")) {
    push_hex (self, DO_SEND, rest);
  } else if (g_str_has_prefix (line, "#base ")) {
    push_hex (self, DO_SEND_BASE, rest);
  } else if (g_str_has_prefix (line, "#fill ")) {
    char *byte;
    gsize n = (gsize) strtoul (rest, &byte, 10);

    push_fill (self, n, (guint8) strtoul (byte, NULL, 16));
  } else if (g_str_has_prefix (line, "#frame ")) {
    push_frame_line (self, rest);
  } else if (g_str_has_prefix (line, "#ready ")) {
    push_frames (self, (guint) atoi (rest), 0x81, "{\"ready\":true}", strlen ("{\"ready\":true}"));
  } else if (g_str_has_prefix (line, "#times ")) {
    char *text;
    guint n = (guint) strtoul (rest, &text, 10);

    push_frames (self, n, 0x81, text + 1, strlen (text + 1));
  } else if (g_str_equal (line, "#make")) {
    g_autoptr (GBytes) bytes = self->script->make ();

    push_frames (self, 1, 0x81, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  } else if (g_str_has_prefix (line, "#close ")) {
    push_close_line (self, rest);
  } else if (g_str_has_prefix (line, "#drip ")) {
    push (self, DO_DRIP)->ms = (guint) atoi (rest);
  } else if (g_str_equal (line, "#fin")) {
    push (self, DO_FIN);
  } else if (g_str_equal (line, "#bye")) {
    push (self, DO_BYE);
  } else if (g_str_equal (line, "#cut")) {
    push (self, DO_CUT);
  } else if (g_str_equal (line, "#reset")) {
    push (self, DO_RESET);
  } else if (g_str_equal (line, "#deaf")) {
    push (self, DO_DEAF);
  } else if (g_str_equal (line, "#mute")) {
    self->mute = TRUE;
  } else {
    g_error ("A script has the line %s", line);
  }
}

/* With bytes of the client unread, the kernel would send a reset instead. */
static void
drain (GSocket *socket)
{
  char buffer[4096];

  while (g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL) > 0) {
  }
}

static void
cut (RawPeer *self, gboolean reset)
{
  GSocket *socket = g_socket_connection_get_socket (self->base);

  if (reset) {
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    g_assert_cmpint (setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger), ==, 0);
  } else {
    drain (socket);
  }
  raw_peer_drop (self);
}

static gboolean write_on (RawPeer *self);

static void
watch_output (RawPeer *self, GSource *source, GSourceFunc callback)
{
  g_assert_null (self->out_source);
  self->out_source = source;
  g_source_set_callback (source, callback, self, NULL);
  g_source_set_static_name (source, "[raw peer] out");
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
resume (RawPeer *self)
{
  g_clear_pointer (&self->out_source, g_source_unref);
  while (write_on (self)) {
  }
}

static gboolean
writable_cb (GObject *stream, gpointer user_data)
{
  resume (user_data);

  return G_SOURCE_REMOVE;
}

static gboolean
timeout_cb (gpointer user_data)
{
  resume (user_data);

  return G_SOURCE_REMOVE;
}

/* Returns whether the bytes are all written. */
static gboolean
write_bytes (RawPeer *self, Item *item)
{
  GIOStream *stream = item->deed == DO_SEND_BASE ? G_IO_STREAM (self->base) : self->stream;
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));
  gsize length = self->dripping ? 1 : item->bytes->len - item->done;
  g_autoptr (GError) error = NULL;
  gssize n =
      g_pollable_output_stream_write_nonblocking (output, item->bytes->data + item->done, length, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    watch_output (self, g_pollable_output_stream_create_source (output, NULL), G_SOURCE_FUNC (writable_cb));
    return FALSE;
  }
  /* The client is gone: nobody reads the rest. */
  if (n <= 0)
    return TRUE;

  item->done += (gsize) n;
  if (self->dripping)
    watch_output (self, g_timeout_source_new (self->drip_ms), timeout_cb);

  return item->done == item->bytes->len;
}

/* Does what is to be done next; returns whether to go on at once. */
static gboolean
write_on (RawPeer *self)
{
  Item *item = g_queue_peek_head (&self->output);
  GSocket *socket;

  if (item == NULL || self->base == NULL || self->out_source != NULL)
    return FALSE;

  socket = g_socket_connection_get_socket (self->base);
  switch (item->deed) {
  case DO_SEND:
  case DO_SEND_BASE:
    if (!write_bytes (self, item))
      return self->out_source == NULL;
    break;
  case DO_DRIP:
    self->dripping = TRUE;
    self->drip_ms = item->ms;
    break;
  case DO_FIN:
    g_socket_shutdown (socket, FALSE, TRUE, NULL);
    break;
  case DO_BYE:
    /* Ends the TLS stream only; the socket stays, for there is a reference to it. */
    g_output_stream_close (g_io_stream_get_output_stream (self->stream), NULL, NULL);
    break;
  case DO_DEAF:
    self->deaf = TRUE;
    raw_peer_stop_reading (self);
    break;
  case DO_CUT:
    cut (self, FALSE);
    return FALSE;
  case DO_RESET:
    cut (self, TRUE);
    return FALSE;
  default:
    g_assert_not_reached ();
  }

  item_free (g_queue_pop_head (&self->output));

  return TRUE;
}

void
raw_peer_send_frame (RawPeer *self, guint8 head, const void *data, gsize length)
{
  push_frames (self, 1, head, data, length);
  while (write_on (self)) {
  }
}

void
raw_peer_play (RawPeer *self, const char *lines)
{
  g_auto (GStrv) parts = g_strsplit (lines != NULL ? lines : "", "\n", -1);

  if (self->base == NULL)
    return;

  for (guint i = 0; parts[i] != NULL; i++)
    push_line (self, parts[i]);
  while (write_on (self)) {
  }
}

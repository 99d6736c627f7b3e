/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "raw-peer-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Written at a time of what never ends. */
#define FOR_EVER_PIECE 65536

/* What a peer is to do next, once what stands before is done. */
typedef enum {
  DO_SEND,
  DO_SEND_BASE,
  DO_DRIP,
  DO_FIN,
  DO_BYE,
  DO_ALERT,
  DO_REKEY,
  DO_REHANDSHAKE,
  DO_CUT,
  DO_RESET,
  DO_DEAF,
} Deed;

typedef struct {
  Deed deed;
  GByteArray *bytes;
  gsize done;
  gboolean for_ever;
  guint number;
  gboolean fatal;
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
  for (; *text != '\0'; text += g_str_has_prefix (text, "%A") ? 2 : 1) {
    if (*text == '|')
      push_bytes (self, DO_SEND, "\r\n", 2);
    else if (g_str_has_prefix (text, "%A"))
      push_bytes (self, DO_SEND, self->accept_key, strlen (self->accept_key));
    else
      push_bytes (self, DO_SEND, text, 1);
  }
}

static void
push_frame_line (RawPeer *self, const char *line, gboolean for_ever)
{
  g_auto (GStrv) parts = g_strsplit (line, " ", 3);
  gsize n = (gsize) strtoul (parts[1], NULL, 10);
  guint times = for_ever ? 1 + (guint) (FOR_EVER_PIECE / (n + 1)) : 1;
  g_autofree char *payload = g_malloc (n + 1);

  memset (payload, (int) strtoul (parts[2], NULL, 16), n);
  if (for_ever)
    push (self, DO_SEND)->bytes = g_byte_array_new ();
  push_frames (self, times, (guint8) strtoul (parts[0], NULL, 16), payload, n);
  ((Item *) g_queue_peek_tail (&self->output))->for_ever = for_ever;
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
    push_frame_line (self, rest, FALSE);
  } else if (g_str_has_prefix (line, "#for-ever ")) {
    push_frame_line (self, rest, TRUE);
  } else if (g_str_has_prefix (line, "#ready ")) {
    push_frames (self, (guint) atoi (rest), 0x81, "{\"ready\":true}", strlen ("{\"ready\":true}"));
  } else if (g_str_has_prefix (line, "#times ")) {
    char *text;
    guint n = (guint) strtoul (rest, &text, 10);

    push_frames (self, n, 0x81, text + 1, strlen (text + 1));
  } else if (g_str_equal (line, "#payload")) {
    gsize length;
    const void *data = g_bytes_get_data (self->script->payload, &length);

    push_frames (self, 1, 0x81, data, length);
  } else if (g_str_has_prefix (line, "#close ")) {
    push_close_line (self, rest);
  } else if (g_str_has_prefix (line, "#drip ")) {
    push (self, DO_DRIP)->number = (guint) atoi (rest);
  } else if (g_str_equal (line, "#fin")) {
    push (self, DO_FIN);
  } else if (g_str_equal (line, "#bye")) {
    push (self, DO_BYE);
  } else if (g_str_has_prefix (line, "#alert ")) {
    Item *item = push (self, DO_ALERT);

    item->fatal = g_str_has_prefix (rest, "fatal ");
    item->number = (guint) atoi (strchr (rest, ' '));
  } else if (g_str_equal (line, "#rekey")) {
    push (self, DO_REKEY);
  } else if (g_str_equal (line, "#rehandshake")) {
    push (self, DO_REHANDSHAKE);
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

void
raw_peer_cut (RawPeer *self, gboolean reset)
{
  if (reset) {
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    g_assert_cmpint (setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger), ==, 0);
  } else {
    drain (self->socket);
  }
  raw_peer_drop (self);
}

static void
watch_output (RawPeer *self, GSource *source, GSourceFunc callback)
{
  g_assert (self->out_source == NULL);
  self->out_source = source;
  g_source_set_callback (source, callback, self, NULL);
  g_source_set_static_name (source, "[raw peer] out");
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
resume (RawPeer *self)
{
  g_clear_pointer (&self->out_source, g_source_unref);
  raw_peer_write_on (self);
}

static gboolean
writable_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
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

static gssize
transmit (RawPeer *self, Deed deed, const void *data, gsize length)
{
  ssize_t n;

  if (self->tls != NULL && deed == DO_SEND)
    return raw_tls_write (self->tls, data, length);

  n = send (g_socket_get_fd (self->socket), data, length, MSG_NOSIGNAL);

  return n >= 0 ? n : -errno;
}

/* Returns whether the bytes are all written; if not, there is an out_source now, or TLS has to be ready first. */
static gboolean
write_bytes (RawPeer *self, Item *item)
{
  gsize length = self->dripping ? 1 : item->bytes->len - item->done;
  gssize n = transmit (self, item->deed, item->bytes->data + item->done, length);

  if (n == -EAGAIN)
    watch_output (self, g_socket_create_source (self->socket, G_IO_OUT, NULL), G_SOURCE_FUNC (writable_cb));
  if (n == -EAGAIN || n == -EINPROGRESS)
    return FALSE;
  /* The client is gone: nobody reads the rest. */
  if (n <= 0)
    return TRUE;

  item->done += (gsize) n;
  if (self->dripping)
    watch_output (self, g_timeout_source_new (self->drip_ms), timeout_cb);

  /* Others get their turn between. */
  if (item->for_ever && item->done == item->bytes->len) {
    item->done = 0;
    watch_output (self, g_socket_create_source (self->socket, G_IO_OUT, NULL), G_SOURCE_FUNC (writable_cb));
    return FALSE;
  }

  return item->done == item->bytes->len;
}

/* Does what is to be done next; returns whether there may be more to do at once. */
static gboolean
write_next (RawPeer *self)
{
  Item *item = g_queue_peek_head (&self->output);

  if (item == NULL || self->socket == NULL || self->out_source != NULL)
    return FALSE;

  switch (item->deed) {
  case DO_SEND:
  case DO_SEND_BASE:
    if (!write_bytes (self, item))
      return self->out_source == NULL && (self->tls == NULL || raw_tls_is_shaken (self->tls));
    break;
  case DO_DRIP:
    self->dripping = TRUE;
    self->drip_ms = item->number;
    break;
  case DO_FIN:
    g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
    break;
  case DO_BYE:
    raw_tls_say_bye (self->tls);
    break;
  case DO_ALERT:
    raw_tls_send_alert (self->tls, item->fatal, item->number);
    break;
  case DO_REKEY:
    raw_tls_update_keys (self->tls);
    break;
  case DO_REHANDSHAKE:
    raw_tls_ask_handshake (self->tls);
    break;
  case DO_DEAF:
    self->deaf = TRUE;
    raw_peer_stop_reading (self);
    break;
  case DO_CUT:
    raw_peer_cut (self, FALSE);
    return FALSE;
  case DO_RESET:
    raw_peer_cut (self, TRUE);
    return FALSE;
  default:
    g_assert_not_reached ();
  }

  item_free (g_queue_pop_head (&self->output));

  return TRUE;
}

void
raw_peer_write_on (RawPeer *self)
{
  while (write_next (self)) {
  }
}

void
raw_peer_send_frame (RawPeer *self, guint8 head, const void *data, gsize length)
{
  push_frames (self, 1, head, data, length);
  raw_peer_write_on (self);
}

void
raw_peer_play (RawPeer *self, const char *lines)
{
  g_auto (GStrv) parts = g_strsplit (lines != NULL ? lines : "", "\n", -1);

  if (self->socket == NULL)
    return;

  for (guint i = 0; parts[i] != NULL; i++)
    push_line (self, parts[i]);
  raw_peer_write_on (self);
}

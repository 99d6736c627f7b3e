/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The least that libsoup can send a file with, as a measure: one websocket, each ready answered with the next piece of the
 * file, read on the spot. No hash, no checks, no timers, no thread. Usage: bare-sender ADDRESS FILE CHUNK
 */

#include <fcntl.h>
#include <libsoup/soup.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  GMainLoop *loop;
  int fd;
  guint64 size;
  guint64 sent;
  gsize chunk;
  gboolean finished;
  gboolean confirmed;
} Sender;

static void
message_cb (SoupWebsocketConnection *websocket, int type, GBytes *bytes, Sender *sender)
{
  const char *text = g_bytes_get_data (bytes, NULL);
  gsize length = g_bytes_get_size (bytes);

  if (g_strstr_len (text, (gssize) length, "\"close\"") != NULL) {
    sender->confirmed = TRUE;
    soup_websocket_connection_close (websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
    g_main_loop_quit (sender->loop);
  } else if (sender->sent < sender->size) {
    gsize n = (gsize) MIN (sender->chunk, sender->size - sender->sent);
    char *buffer = g_malloc (n);
    g_autoptr (GBytes) chunk = NULL;

    if (read (sender->fd, buffer, n) != (ssize_t) n)
      g_error ("The file can't be read");
    chunk = g_bytes_new_take (buffer, n);
    sender->sent += n;
    soup_websocket_connection_send_message (websocket, SOUP_WEBSOCKET_DATA_BINARY, chunk);
  } else if (!sender->finished) {
    sender->finished = TRUE;
    soup_websocket_connection_send_text (websocket, "{\"finished\":true}");
  }
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Sender *sender = user_data;
  SoupWebsocketConnection *websocket =
      soup_session_websocket_connect_finish (SOUP_SESSION (source), result, NULL);
  g_autofree char *metadata = NULL;

  if (websocket == NULL)
    g_error ("The server can't be reached");
  g_signal_connect (websocket, "message", G_CALLBACK (message_cb), sender);
  g_signal_connect_swapped (websocket, "closed", G_CALLBACK (g_main_loop_quit), sender->loop);
  metadata = g_strdup_printf ("{\"name\":\"bare.bin\",\"size\":%" G_GUINT64_FORMAT "}", sender->size);
  soup_websocket_connection_send_text (websocket, metadata);
}

int
main (int argc, char **argv)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = NULL;
  Sender sender = { 0 };
  struct stat status;

  if (argc != 4)
    g_error ("Usage: bare-sender ADDRESS FILE CHUNK");

  sender.loop = g_main_loop_new (NULL, FALSE);
  sender.fd = open (argv[2], O_RDONLY);
  sender.chunk = strtoul (argv[3], NULL, 10);
  if (sender.fd < 0 || fstat (sender.fd, &status) != 0)
    g_error ("The file can't be opened");
  sender.size = (guint64) status.st_size;

  message = soup_message_new (SOUP_METHOD_GET, argv[1]);
  soup_session_websocket_connect_async (session, message, NULL, NULL, G_PRIORITY_DEFAULT, NULL, connected_cb, &sender);
  g_main_loop_run (sender.loop);
  g_main_loop_unref (sender.loop);
  close (sender.fd);

  return sender.confirmed ? EXIT_SUCCESS : EXIT_FAILURE;
}

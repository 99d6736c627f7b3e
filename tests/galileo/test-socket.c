/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-socket.h"

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  GSocketConnection *client;
  GSocketConnection *server;
  int fd; /* the client's */
} Pair;

static void
pair_set_up (Pair *pair, gconstpointer data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autoptr (GError) error = NULL;

  pair->client = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, &error);
  g_assert_no_error (error);
  pair->server = g_socket_listener_accept (listener, NULL, NULL, &error);
  g_assert_no_error (error);
  pair->fd = g_socket_get_fd (g_socket_connection_get_socket (pair->client));
}

static void
pair_tear_down (Pair *pair, gconstpointer data)
{
  g_object_unref (pair->client);
  g_object_unref (pair->server);
}

static void
send_bytes (GSocketConnection *from, GSocketConnection *to, gsize length)
{
  g_autofree char *buffer = g_malloc0 (length);

  g_assert_true (
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (from)), buffer, length, NULL, NULL, NULL));
  g_assert_true (
      g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (to)), buffer, length, NULL, NULL, NULL));
}

/* Asks until the acknowledgement has come back; what is not acknowledged yet is always the rest. */
static void
test_counts (Pair *pair, gconstpointer data)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  GalileoSocketCounts before, counts;

  g_assert_true (galileo_socket_get_counts (pair->fd, &before));
  g_assert_cmpuint (before.unacknowledged, ==, 0);

  send_bytes (pair->client, pair->server, 5000);
  send_bytes (pair->server, pair->client, 70);
  do {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_assert_true (galileo_socket_get_counts (pair->fd, &counts));
    g_assert_cmpuint (counts.acknowledged, <=, before.acknowledged + 5000);
  } while (counts.acknowledged < before.acknowledged + 5000 || counts.received < before.received + 70);
  g_assert_cmpuint (counts.unacknowledged, ==, 0);
  g_assert_cmpuint (counts.received, ==, before.received + 70);
}

static void
test_limits (Pair *pair, gconstpointer data)
{
  int value = 0;
  socklen_t length = sizeof value;

  galileo_socket_limit_unsent (pair->fd, 123456);
  g_assert_cmpint (getsockopt (pair->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, &length), ==, 0);
  g_assert_cmpint (value, ==, 123456);

  /* The kernel doubles it for what it needs itself. */
  galileo_socket_limit_unread (pair->fd, 20000);
  length = sizeof value;
  g_assert_cmpint (getsockopt (pair->fd, SOL_SOCKET, SO_RCVBUF, &value, &length), ==, 0);
  g_assert_cmpint (value, ==, 40000);
}

/* Where nothing is counted the answer is no, and the limits do nothing. */
static void
test_no_tcp (void)
{
  GalileoSocketCounts counts = { 1, 2, 3 };
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  g_assert_false (galileo_socket_get_counts (fds[0], &counts));
  g_assert_cmpuint (counts.acknowledged, ==, 1);
  galileo_socket_limit_unsent (fds[0], 1000);
  galileo_socket_limit_unread (fds[0], 1000);
  g_assert_cmpint (write (fds[0], "x", 1), ==, 1);
  close (fds[0]);
  close (fds[1]);
  g_assert_false (galileo_socket_get_counts (-1, &counts));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/socket/counts", Pair, NULL, pair_set_up, test_counts, pair_tear_down);
  g_test_add ("/socket/limits", Pair, NULL, pair_set_up, test_limits, pair_tear_down);
  g_test_add_func ("/socket/no-tcp", test_no_tcp);

  return g_test_run ();
}

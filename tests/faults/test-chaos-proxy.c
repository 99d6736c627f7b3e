/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chaos-proxy.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a wait takes that only a broken proxy leaves unanswered. */
#define PATIENCE_MS 20000

#define SIZE 1000

typedef struct {
  ChaosProxy *proxy;
  int listener;
  int client;
  int server;
  guint n_descriptors;
} Fixture;

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;

  return n;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t length = sizeof address;

  fixture->n_descriptors = count_entries ("/proc/self/fd");
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fixture->client = fixture->server = -1;
  fixture->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (fixture->listener, (struct sockaddr *) (gpointer) &address, length), ==, 0);
  g_assert_cmpint (listen (fixture->listener, 8), ==, 0);
  g_assert_cmpint (getsockname (fixture->listener, (struct sockaddr *) (gpointer) &address, &length), ==, 0);
  fixture->proxy = chaos_proxy_new ("127.0.0.1", ntohs (address.sin_port));
}

static void
disconnect (Fixture *fixture)
{
  if (fixture->client >= 0)
    close (fixture->client);
  if (fixture->server >= 0)
    close (fixture->server);
  fixture->client = fixture->server = -1;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  disconnect (fixture);
  close (fixture->listener);
  chaos_proxy_free (fixture->proxy);
  g_assert_cmpuint (count_entries ("/proc/self/fd"), ==, fixture->n_descriptors);
}

static void
add_rule (Fixture *fixture, ChaosAction action, ChaosDirection direction, guint64 offset, guint connection)
{
  const ChaosRule rule = { action, direction, offset, connection };

  chaos_proxy_add_rule (fixture->proxy, &rule);
}

static void
start (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  chaos_proxy_start (fixture->proxy, 0, &error);
  g_assert_no_error (error);
}

static void
connect_client (Fixture *fixture)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (chaos_proxy_get_port (fixture->proxy)) };

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fixture->client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (connect (fixture->client, (struct sockaddr *) (gpointer) &address, sizeof address), ==, 0);
}

static void
connect_both (Fixture *fixture)
{
  struct pollfd poll_fd = { .fd = fixture->listener, .events = POLLIN };

  connect_client (fixture);
  g_assert_cmpint (poll (&poll_fd, 1, PATIENCE_MS), ==, 1);
  fixture->server = accept4 (fixture->listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (fixture->server, >=, 0);
}

static void
start_and_connect (Fixture *fixture)
{
  start (fixture);
  connect_both (fixture);
}

static char *
make_bytes (gsize size)
{
  char *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (char) (i * 7 + i / 256);

  return bytes;
}

static void
send_bytes (int fd, gsize size)
{
  g_autofree char *bytes = make_bytes (size);

  g_assert_cmpint (send (fd, bytes, size, MSG_NOSIGNAL), ==, size);
}

/* Returns as recv() does, and fails where nothing comes. */
static ssize_t
receive (int fd, char *buffer, gsize size)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

  g_assert_cmpint (poll (&poll_fd, 1, PATIENCE_MS), ==, 1);
  return recv (fd, buffer, size, 0);
}

static void
assert_receives (int fd, gsize size)
{
  g_autofree char *expected = make_bytes (size);
  g_autofree char *received = g_malloc (size + 1);

  for (gsize n = 0; n < size;) {
    ssize_t result = receive (fd, received + n, size - n);

    g_assert_cmpint (result, >, 0);
    n += (gsize) result;
  }
  g_assert_cmpmem (received, size, expected, size);
}

static void
assert_end (int fd)
{
  char byte;

  g_assert_cmpint (receive (fd, &byte, 1), ==, 0);
}

static void
assert_reset (int fd)
{
  char byte;

  g_assert_cmpint (receive (fd, &byte, 1), ==, -1);
  g_assert_cmpint (errno, ==, ECONNRESET);
}

static void
assert_silent (int fd)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

  g_assert_cmpint (poll (&poll_fd, 1, 50), ==, 0);
}

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_for_counts (Fixture *fixture, guint fired, guint open)
{
  g_autoptr (GSource) patience = g_timeout_source_new (PATIENCE_MS);
  gint64 deadline = g_get_monotonic_time () + PATIENCE_MS * 1000;
  ChaosCounts counts;

  g_source_set_callback (patience, wake_cb, NULL, NULL);
  g_source_attach (patience, NULL);
  for (;;) {
    chaos_proxy_get_counts (fixture->proxy, &counts);
    if (counts.fired == fired && counts.open == open)
      break;
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_main_context_iteration (NULL, TRUE);
  }
  g_source_destroy (patience);
}

static void
test_passes (Fixture *fixture, gconstpointer data)
{
  ChaosCounts counts;
  g_autoptr (GBytes) up = NULL;
  g_autofree char *expected = make_bytes (SIZE);

  chaos_proxy_set_capture (fixture->proxy, TRUE);
  start_and_connect (fixture);
  send_bytes (fixture->client, SIZE);
  assert_receives (fixture->server, SIZE);
  send_bytes (fixture->server, SIZE / 2);
  assert_receives (fixture->client, SIZE / 2);

  g_assert_cmpint (shutdown (fixture->client, SHUT_WR), ==, 0);
  assert_end (fixture->server);
  send_bytes (fixture->server, 1);
  assert_receives (fixture->client, 1);
  g_assert_cmpint (shutdown (fixture->server, SHUT_WR), ==, 0);
  assert_end (fixture->client);
  wait_for_counts (fixture, 0, 0);

  chaos_proxy_get_counts (fixture->proxy, &counts);
  g_assert_cmpuint (counts.connections, ==, 1);
  g_assert_cmpuint (counts.bytes[CHAOS_UP], ==, SIZE);
  g_assert_cmpuint (counts.bytes[CHAOS_DOWN], ==, SIZE / 2 + 1);
  up = chaos_proxy_dup_captured (fixture->proxy, CHAOS_UP);
  g_assert_cmpmem (g_bytes_get_data (up, NULL), g_bytes_get_size (up), expected, SIZE);
}

static void
test_passes_reset (Fixture *fixture, gconstpointer data)
{
  const struct linger at_once = { .l_onoff = 1 };

  start_and_connect (fixture);
  send_bytes (fixture->client, SIZE);
  assert_receives (fixture->server, SIZE);
  setsockopt (fixture->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close (fixture->client);
  fixture->client = -1;
  assert_reset (fixture->server);
  wait_for_counts (fixture, 0, 0);
}

static void
test_no_target (Fixture *fixture, gconstpointer data)
{
  start (fixture);
  close (fixture->listener);
  fixture->listener = -1;
  connect_client (fixture);
  assert_reset (fixture->client);
  fixture->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* Ends one direction at each of these offsets of it, with the other's bytes passing before. */
static void
test_cut (Fixture *fixture, gconstpointer data)
{
  static const guint64 offsets[] = { 0, 1, 400, SIZE - 1, SIZE };
  ChaosAction action = (ChaosAction) GPOINTER_TO_INT (data);

  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++) {
    add_rule (fixture, action, CHAOS_UP, offsets[i], 2 * i + 1);
    add_rule (fixture, action, CHAOS_DOWN, offsets[i], 2 * i + 2);
  }
  start (fixture);

  for (guint i = 0; i < 2 * G_N_ELEMENTS (offsets); i++) {
    int from, to;

    connect_both (fixture);
    from = i % 2 == 0 ? fixture->client : fixture->server;
    to = i % 2 == 0 ? fixture->server : fixture->client;
    send_bytes (to, 10);
    assert_receives (from, 10);
    send_bytes (from, SIZE);
    if (offsets[i / 2] > 0)
      assert_receives (to, offsets[i / 2]);
    if (action == CHAOS_FIN) {
      assert_end (to);
      assert_end (from);
    } else {
      assert_reset (to);
      assert_reset (from);
    }
    disconnect (fixture);
    wait_for_counts (fixture, i + 1, 0);
  }
}

static void
test_half_close (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, CHAOS_HALF_CLOSE, CHAOS_UP, 400, 0);
  start_and_connect (fixture);
  send_bytes (fixture->client, SIZE);
  assert_receives (fixture->server, 400);
  assert_end (fixture->server);
  send_bytes (fixture->server, SIZE);
  assert_receives (fixture->client, SIZE);
  g_assert_cmpint (shutdown (fixture->server, SHUT_WR), ==, 0);
  assert_end (fixture->client);
  g_assert_cmpint (shutdown (fixture->client, SHUT_WR), ==, 0);
  wait_for_counts (fixture, 1, 0);
}

static void
test_half_open (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, CHAOS_HALF_OPEN, CHAOS_UP, 400, 0);
  start_and_connect (fixture);
  send_bytes (fixture->client, 400);
  assert_receives (fixture->server, 400);
  assert_reset (fixture->server);
  send_bytes (fixture->client, SIZE);
  assert_silent (fixture->client);
  wait_for_counts (fixture, 1, 1);
}

static void
test_stall (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, CHAOS_STALL, CHAOS_DOWN, 400, 0);
  start_and_connect (fixture);
  send_bytes (fixture->server, SIZE);
  assert_receives (fixture->client, 400);
  assert_silent (fixture->client);
  send_bytes (fixture->client, SIZE);
  assert_receives (fixture->server, SIZE);
  wait_for_counts (fixture, 1, 1);
}

static void
test_stall_both (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, CHAOS_STALL_BOTH, CHAOS_UP, 400, 0);
  start_and_connect (fixture);
  send_bytes (fixture->client, SIZE);
  assert_receives (fixture->server, 400);
  wait_for_counts (fixture, 1, 1);
  send_bytes (fixture->server, SIZE);
  g_assert_cmpint (shutdown (fixture->server, SHUT_WR), ==, 0);
  assert_silent (fixture->client);
  assert_silent (fixture->server);
}

static void
test_flip (Fixture *fixture, gconstpointer data)
{
  g_autofree char *expected = make_bytes (SIZE);
  char received[SIZE];

  add_rule (fixture, CHAOS_FLIP, CHAOS_UP, 0, 0);
  add_rule (fixture, CHAOS_FLIP, CHAOS_UP, SIZE - 1, 0);
  start_and_connect (fixture);
  send_bytes (fixture->client, 1);
  g_assert_cmpint (receive (fixture->server, received, SIZE), ==, 1);
  g_assert_cmpint (send (fixture->client, expected + 1, SIZE - 1, 0), ==, SIZE - 1);
  for (gsize n = 1; n < SIZE;) {
    ssize_t result = receive (fixture->server, received + n, SIZE - n);

    g_assert_cmpint (result, >, 0);
    n += (gsize) result;
  }
  expected[0] ^= 1;
  expected[SIZE - 1] ^= 1;
  g_assert_cmpmem (received, SIZE, expected, SIZE);
  wait_for_counts (fixture, 2, 1);
}

static void
test_blackhole (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, CHAOS_BLACKHOLE, CHAOS_UP, 0, 0);
  start (fixture);
  connect_client (fixture);
  send_bytes (fixture->client, SIZE);
  wait_for_counts (fixture, 1, 1);
  assert_silent (fixture->client);
  assert_silent (fixture->listener);
}

static void
test_refuse_first (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, CHAOS_REFUSE, CHAOS_UP, 0, 1);
  start (fixture);
  connect_client (fixture);
  assert_reset (fixture->client);
  disconnect (fixture);
  connect_both (fixture);
  send_bytes (fixture->client, SIZE);
  assert_receives (fixture->server, SIZE);
  wait_for_counts (fixture, 1, 1);
}

static void
test_delay (Fixture *fixture, gconstpointer data)
{
  gint64 begin;

  chaos_proxy_set_link (fixture->proxy, 100, 0, 0);
  start_and_connect (fixture);
  begin = g_get_monotonic_time ();
  send_bytes (fixture->client, SIZE);
  assert_receives (fixture->server, SIZE);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 100000);
  send_bytes (fixture->server, SIZE);
  g_assert_cmpint (shutdown (fixture->server, SHUT_WR), ==, 0);
  assert_receives (fixture->client, SIZE);
  assert_end (fixture->client);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 200000);
}

static gpointer
send_much (gpointer data)
{
  Fixture *fixture = data;
  g_autofree char *bytes = make_bytes (1 << 20);

  for (guint i = 0; i < 32; i++)
    g_assert_cmpint (send (fixture->client, bytes, 1 << 20, MSG_NOSIGNAL), ==, 1 << 20);

  return NULL;
}

/* Many megabytes are on the line at once: one round trip for each read would take minutes. */
static void
test_delay_keeps_throughput (Fixture *fixture, gconstpointer data)
{
  GThread *thread;
  gint64 begin = g_get_monotonic_time ();

  chaos_proxy_set_link (fixture->proxy, 200, 100000000, 0);
  start_and_connect (fixture);
  thread = g_thread_new ("sender", send_much, fixture);
  for (guint i = 0; i < 32; i++)
    assert_receives (fixture->server, 1 << 20);
  g_thread_join (thread);
  g_test_message ("32 MiB took %.2f s", (double) (g_get_monotonic_time () - begin) / 1e6);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 500000);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5000000);
}

static void
test_throttle (Fixture *fixture, gconstpointer data)
{
  char buffer[100000];
  ssize_t largest = 0;
  gint64 begin, time;

  chaos_proxy_set_link (fixture->proxy, 0, 100000, 0);
  start_and_connect (fixture);
  begin = g_get_monotonic_time ();
  send_bytes (fixture->client, 50000);
  for (gsize n = 0; n < 50000;) {
    ssize_t result = receive (fixture->server, buffer, sizeof buffer);

    g_assert_cmpint (result, >, 0);
    n += (gsize) result;
    largest = MAX (largest, result);
  }
  time = g_get_monotonic_time () - begin;
  g_test_message ("50 kB took %.3f s, at most %d bytes at once", (double) time / 1e6, (int) largest);
  g_assert_cmpint (time, >=, 490000);
  /* Smooth: never what a second carries, nor a half of it. */
  g_assert_cmpint (largest, <, 20000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* It has a descriptor of its own, which is there to stay. */
  g_main_context_default ();

#define ADD(path, data, test) g_test_add ("/chaos-proxy/" path, Fixture, data, set_up, test, tear_down)
  ADD ("passes", NULL, test_passes);
  ADD ("passes-reset", NULL, test_passes_reset);
  ADD ("no-target", NULL, test_no_target);
  ADD ("fin", GINT_TO_POINTER (CHAOS_FIN), test_cut);
  ADD ("reset", GINT_TO_POINTER (CHAOS_RESET), test_cut);
  ADD ("half-close", NULL, test_half_close);
  ADD ("half-open", NULL, test_half_open);
  ADD ("stall", NULL, test_stall);
  ADD ("stall-both", NULL, test_stall_both);
  ADD ("flip", NULL, test_flip);
  ADD ("blackhole", NULL, test_blackhole);
  ADD ("refuse-first", NULL, test_refuse_first);
  ADD ("delay", NULL, test_delay);
  ADD ("delay-keeps-throughput", NULL, test_delay_keeps_throughput);
  ADD ("throttle", NULL, test_throttle);
#undef ADD

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-wire.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A wire over one end of a pair of sockets, and what comes out of the other. */
typedef struct {
  GIOStream *base;
  GalileoWire *wire;
  int far_end;
  GByteArray *arrived;
  guint n_calls;
  GError *error;
} Fixture;

static void
wire_cb (GError *error, gpointer data)
{
  Fixture *fixture = data;

  fixture->n_calls++;
  if (error != NULL)
    fixture->error = g_error_copy (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GSocket) socket = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], NULL);
  fixture->base = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  fixture->wire = galileo_wire_new (fixture->base, wire_cb, fixture);
  fixture->far_end = fds[1];
  fixture->arrived = g_byte_array_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  galileo_wire_detach (fixture->wire);
  g_assert_finalize_object (fixture->wire);
  g_assert_finalize_object (fixture->base);
  if (fixture->far_end >= 0)
    close (fixture->far_end);
  g_byte_array_unref (fixture->arrived);
  g_clear_error (&fixture->error);
}

static void
take (Fixture *fixture)
{
  guint8 buffer[65536];
  ssize_t n;

  while ((n = read (fixture->far_end, buffer, sizeof buffer)) > 0)
    g_byte_array_append (fixture->arrived, buffer, (guint) n);
}

static gssize
write_other (Fixture *fixture, const void *data, gsize length)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (fixture->wire));
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output), data, length, NULL, &error);

  if (n < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  return n;
}

static GBytes *
make_payload (gsize length)
{
  guint8 *data = g_malloc (length);

  memset (data, 'd', length);
  return g_bytes_new_take (data, length);
}

static void
wait_for_call (Fixture *fixture)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (fixture->n_calls == 0) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    take (fixture);
    g_main_context_iteration (NULL, FALSE);
  }
  take (fixture);
}

/* The frame of so many payload bytes stands at that place. */
static void
assert_frame (Fixture *fixture, gsize at, gsize length)
{
  const guint8 *frame = fixture->arrived->data + at;

  g_assert_cmpuint (fixture->arrived->len, >=, at + 14 + length);
  g_assert_cmpint (frame[0], ==, 0x82);
  g_assert_cmpint (frame[1], ==, 0xff);
  for (gsize i = 0; i < length; i++)
    g_assert_cmpint (frame[14 + i] ^ frame[10 + i % 4], ==, 'd');
}

static void
test_at_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) payload = make_payload (100);
  g_autoptr (GError) error = NULL;

  g_assert_true (galileo_wire_send (fixture->wire, payload, &error));
  g_assert_true (galileo_wire_send (fixture->wire, payload, &error));
  take (fixture);
  g_assert_cmpuint (fixture->arrived->len, ==, 2 * (6 + 100));
  g_assert_cmpuint (fixture->n_calls, ==, 0);
}

/* While a frame is on its way nothing else gets between. */
static void
test_not_interrupted (Fixture *fixture, gconstpointer data)
{
  const gsize length = 4 * 1024 * 1024;
  g_autoptr (GBytes) payload = make_payload (length);
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (fixture->wire));
  g_autoptr (GError) error = NULL;

  g_assert_false (galileo_wire_send (fixture->wire, payload, &error));
  g_assert_no_error (error);
  g_assert_false (g_pollable_output_stream_is_writable (G_POLLABLE_OUTPUT_STREAM (output)));
  g_assert_cmpint (write_other (fixture, "PONG", 4), ==, -1);
  take (fixture);
  g_assert_cmpint (write_other (fixture, "PONG", 4), ==, -1);

  wait_for_call (fixture);
  g_assert_cmpuint (fixture->n_calls, ==, 1);
  g_assert_cmpint (write_other (fixture, "PONG", 4), ==, 4);
  take (fixture);
  assert_frame (fixture, 0, length);
  g_assert_cmpuint (fixture->arrived->len, ==, 14 + length + 4);
  g_assert_cmpmem (fixture->arrived->data + 14 + length, 4, "PONG", 4);
}

/* A frame waits for the end of another that has begun, and comes before the next. */
static void
test_waits (Fixture *fixture, gconstpointer data)
{
  const gsize other_length = 4 * 1024 * 1024;
  const gsize length = 100000;
  g_autofree char *other = g_malloc0 (other_length);
  g_autoptr (GBytes) payload = make_payload (length);
  g_autoptr (GError) error = NULL;
  gssize written = write_other (fixture, other, other_length);

  g_assert_cmpint (written, >, 0);
  g_assert_cmpint (written, <, (gssize) other_length);
  g_assert_false (galileo_wire_send (fixture->wire, payload, &error));
  g_assert_no_error (error);
  while (written < (gssize) other_length) {
    gssize n;

    take (fixture);
    g_main_context_iteration (NULL, FALSE);
    n = write_other (fixture, other + written, other_length - (gsize) written);
    written += MAX (n, 0);
  }
  g_assert_cmpint (write_other (fixture, "PONG", 4), ==, -1);
  wait_for_call (fixture);
  assert_frame (fixture, other_length, length);
  g_assert_cmpuint (fixture->arrived->len, ==, other_length + 14 + length);
}

static void
test_broken (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) payload = make_payload (4 * 1024 * 1024);
  g_autoptr (GError) error = NULL;

  g_assert_false (galileo_wire_send (fixture->wire, payload, &error));
  g_assert_no_error (error);
  close (fixture->far_end);
  fixture->far_end = -1;
  while (fixture->n_calls == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);

  g_assert_false (galileo_wire_send (fixture->wire, payload, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

static void
keep_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Closing it closes what is below; and nobody writes to it and waits. */
static void
test_close (Fixture *fixture, gconstpointer data)
{
  GIOStream *stream = G_IO_STREAM (fixture->wire);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_io_stream_get_input_stream (stream) == g_io_stream_get_input_stream (fixture->base));
  g_assert_cmpint (g_output_stream_write (g_io_stream_get_output_stream (stream), "x", 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);

  g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, keep_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (g_io_stream_close_finish (stream, result, &error));
  g_assert_true (g_io_stream_is_closed (fixture->base));
  g_clear_object (&result);
}

#define ADD(name, function) g_test_add ("/wire/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("at-once", test_at_once);
  ADD ("not-interrupted", test_not_interrupted);
  ADD ("waits", test_waits);
  ADD ("broken", test_broken);
  ADD ("close", test_close);

  return g_test_run ();
}

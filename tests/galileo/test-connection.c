/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-connection.h"
#include "galileo/galileo-error.h"

typedef struct {
  SoupSession *session;
  GUri *address;
  GalileoConnection *connection;
  GSocketListener *listener;
  GError *error;
  guint n_answers;
  guint n_closed;
} Fixture;

static void
closed_cb (GalileoConnection *connection, guint code, const char *reason, GError *error, Fixture *fixture)
{
  fixture->n_closed++;
}

/* An address where somebody listens, and never answers. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  guint16 port;

  fixture->listener = g_socket_listener_new ();
  port = g_socket_listener_add_any_inet_port (fixture->listener, NULL, NULL);
  fixture->session = soup_session_new ();
  fixture->address = g_uri_build (G_URI_FLAGS_NONE, "ws", NULL, "127.0.0.1", port, "/", NULL, NULL);
  fixture->connection = galileo_connection_new (fixture->session, fixture->address);
  g_signal_connect (fixture->connection, "closed", G_CALLBACK (closed_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (fixture->n_closed, ==, 0);
  soup_session_abort (fixture->session);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_finalize_object (fixture->connection);
  g_assert_finalize_object (fixture->session);
  g_socket_listener_close (fixture->listener);
  g_object_unref (fixture->listener);
  g_uri_unref (fixture->address);
  g_clear_error (&fixture->error);
}

static void
open_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_clear_error (&fixture->error);
  g_assert_false (galileo_connection_open_finish (GALILEO_CONNECTION (source), result, &fixture->error));
  fixture->n_answers++;
}

static void
wait_for_answer (Fixture *fixture)
{
  while (fixture->n_answers == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* What is not open takes nothing, and has nothing to close. */
static void
test_not_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  GalileoSocketCounts counts;

  g_assert_false (galileo_connection_is_open (fixture->connection));
  g_assert_true (galileo_connection_is_drained (fixture->connection));
  g_assert_false (galileo_connection_get_counts (fixture->connection, &counts));
  g_assert_null (galileo_connection_get_certificate (fixture->connection));
  galileo_connection_send_text (fixture->connection, "{}");
  galileo_connection_send_binary (fixture->connection, bytes);
  g_assert_true (galileo_connection_is_drained (fixture->connection));
  galileo_connection_keep_alive (fixture->connection);
  galileo_connection_close (fixture->connection, SOUP_WEBSOCKET_CLOSE_NORMAL);
  galileo_connection_abort (fixture->connection);
}

/* Cancelled before, at once after, and while the server lets it wait. */
static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_autoptr (GSocketConnection) accepted = NULL;

    fixture->n_answers = 0;
    if (i == 0)
      g_cancellable_cancel (cancellable);
    galileo_connection_open_async (fixture->connection, cancellable, open_cb, fixture);
    g_assert_cmpuint (fixture->n_answers, ==, 0);
    if (i == 2) {
      GalileoSocketCounts counts;

      while (!galileo_connection_get_counts (fixture->connection, &counts))
        g_main_context_iteration (NULL, TRUE);
      accepted = g_socket_listener_accept (fixture->listener, NULL, NULL, NULL);
      g_assert_nonnull (accepted);
    }
    g_cancellable_cancel (cancellable);
    wait_for_answer (fixture);
    g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_false (galileo_connection_is_open (fixture->connection));
  }
}

/* Nobody there, and nobody who could cancel. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_socket_listener_close (fixture->listener);
  galileo_connection_open_async (fixture->connection, NULL, open_cb, fixture);
  wait_for_answer (fixture);
  g_assert_error (fixture->error, GALILEO_ERROR, GALILEO_ERROR_CONNECT);
}

/* Let go of while it is being opened: the caller is still answered. */
static void
test_released (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GalileoConnection *connection = galileo_connection_new (fixture->session, fixture->address);

  galileo_connection_open_async (connection, cancellable, open_cb, fixture);
  g_object_unref (connection);
  g_cancellable_cancel (cancellable);
  wait_for_answer (fixture);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/connection/not-open", Fixture, NULL, set_up, test_not_open, tear_down);
  g_test_add ("/connection/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  g_test_add ("/connection/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/connection/released", Fixture, NULL, set_up, test_released, tear_down);

  return g_test_run ();
}

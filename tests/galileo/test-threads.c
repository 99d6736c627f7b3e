/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-engine.h"

/* Nothing of an upload or a session is locked: each belongs to a thread, and calls from others are caught. */

typedef struct {
  GalileoEngine *engine;
  GSocketListener *listener;
  GSocketConnection *accepted;
  GUri *address;
  GFile *file;
  GalileoUpload *upload;
} Fixture;

static gboolean
start_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->upload = galileo_upload_new (galileo_engine_get_session (fixture->engine), fixture->address, fixture->file);
  galileo_engine_start_upload (fixture->engine, fixture->upload);

  return G_SOURCE_REMOVE;
}

/* An upload that runs in an engine, until something ends it: nobody answers the handshake. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "galileo", "certificate.pem", NULL);
  guint16 port;

  fixture->listener = g_socket_listener_new ();
  port = g_socket_listener_add_any_inet_port (fixture->listener, NULL, NULL);
  fixture->address = g_uri_build (G_URI_FLAGS_NONE, "ws", NULL, "127.0.0.1", port, "/", NULL, NULL);
  fixture->file = g_file_new_for_path (path);
  fixture->engine = galileo_engine_new ();
  galileo_engine_invoke (fixture->engine, start_cb, fixture, NULL);
  /* By then the file is open, and no worker has anything left to do. */
  fixture->accepted = g_socket_listener_accept (fixture->listener, NULL, NULL, NULL);
  g_assert_nonnull (fixture->accepted);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->engine);
  g_assert_finalize_object (fixture->upload);
  g_object_unref (fixture->accepted);
  g_object_unref (fixture->file);
  g_uri_unref (fixture->address);
  g_socket_listener_close (fixture->listener);
  g_object_unref (fixture->listener);
}

static void
call_cancel (Fixture *fixture)
{
  galileo_upload_cancel (fixture->upload);
}

static void
call_set_paused (Fixture *fixture)
{
  galileo_upload_set_paused (fixture->upload, TRUE);
}

static void
call_get_state (Fixture *fixture)
{
  galileo_upload_get_state (fixture->upload);
}

static void
call_get_error_signals (Fixture *fixture)
{
  galileo_upload_get_error_signals (fixture->upload);
}

static void
call_get_session (Fixture *fixture)
{
  galileo_engine_get_session (fixture->engine);
}

static void
call_start_upload (Fixture *fixture)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (GalileoUpload) upload = galileo_upload_new (session, fixture->address, fixture->file);

  galileo_engine_start_upload (fixture->engine, upload);
}

static const struct {
  const char *name;
  void (*call) (Fixture *fixture);
  const char *critical;
} calls[] = {
  { "cancel", call_cancel, "*galileo_upload_cancel*galileo_upload_may_be_used*" },
  { "set-paused", call_set_paused, "*galileo_upload_set_paused*galileo_upload_may_be_used*" },
  { "get-state", call_get_state, "*galileo_upload_get_state*galileo_upload_may_be_used*" },
  { "get-error-signals", call_get_error_signals, "*galileo_upload_get_error_signals*galileo_upload_may_be_used*" },
  { "get-session", call_get_session, "*galileo_engine_get_session*galileo_engine_is_owner*" },
  { "start-upload", call_start_upload, "*galileo_engine_start_upload*galileo_engine_is_owner*" },
};

static void
test_wrong_thread (Fixture *fixture, gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);

  if (g_test_subprocess ()) {
    calls[i].call (fixture);
    return;
  }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr (calls[i].critical);
}

/* What has ended, with its thread, may be asked by who is left. */
static void
test_closed (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (g_steal_pointer (&fixture->engine));

  g_assert_cmpint (galileo_upload_get_state (fixture->upload), ==, GALILEO_UPLOAD_STATE_CANCELLED);
  g_assert_error ((GError *) galileo_upload_get_error (fixture->upload), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  galileo_upload_cancel (fixture->upload);

  fixture->engine = galileo_engine_new ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++) {
    g_autofree char *path = g_strconcat ("/threads/wrong/", calls[i].name, NULL);

    g_test_add (path, Fixture, GSIZE_TO_POINTER (i), set_up, test_wrong_thread, tear_down);
  }
  g_test_add ("/threads/closed", Fixture, NULL, set_up, test_closed, tear_down);

  return g_test_run ();
}

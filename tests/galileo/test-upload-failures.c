/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "upload-fixture.h"

#include <glib/gstdio.h>
#include <unistd.h>

static void
test_handshake (void)
{
  static const struct {
    const char *path;
    GalileoError error;
    const char *words;
  } rows[] = {
    { "/status/200", GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
    { "/status/204", GALILEO_ERROR_HANDSHAKE, "204" },
    { "/status/301", GALILEO_ERROR_HANDSHAKE, "http://127.0.0.1:1/elsewhere" },
    { "/status/302", GALILEO_ERROR_UNAUTHORIZED, "Not signed in" },
    { "/status/401", GALILEO_ERROR_UNAUTHORIZED, "401" },
    { "/status/403", GALILEO_ERROR_UNAUTHORIZED, "403" },
    { "/status/404", GALILEO_ERROR_HANDSHAKE, "There is no upload address at /status/404" },
    { "/nowhere", GALILEO_ERROR_HANDSHAKE, "/nowhere" },
    { "/status/426", GALILEO_ERROR_HANDSHAKE, "426" },
    { "/status/429", GALILEO_ERROR_UNAVAILABLE, "429" },
    { "/status/500", GALILEO_ERROR_HANDSHAKE, "500" },
    { "/status/502", GALILEO_ERROR_UNAVAILABLE, "502" },
    { "/status/503", GALILEO_ERROR_UNAVAILABLE, "just now" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GUri) address = NULL;
    Fixture fixture;

    upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 10);
    address = g_uri_parse_relative (fixture.peer->address, rows[i].path, G_URI_FLAGS_NONE, NULL);
    g_assert_finalize_object (fixture.upload);
    fixture.upload = galileo_upload_new (fixture.session, address, fixture.file);
    upload_fixture_run (&fixture);
    upload_fixture_assert_error (&fixture, rows[i].error, rows[i].words);
    g_assert_cmpstr (fixture.events->str, ==, "cCF");
    g_assert_cmpuint (fixture.peer->n_connections, ==, 0);
    upload_fixture_tear_down (&fixture);
  }
}

static void
test_refused_connection (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autoptr (GUri) address = NULL;
  Fixture fixture;

  g_socket_listener_close (listener);
  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 10);
  address = g_uri_build (G_URI_FLAGS_NONE, "ws", NULL, "127.0.0.1", port, "/upload", NULL, NULL);
  g_assert_finalize_object (fixture.upload);
  fixture.upload = galileo_upload_new (fixture.session, address, fixture.file);
  upload_fixture_run (&fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_CONNECT, "connection refused");
  upload_fixture_tear_down (&fixture);
}

/* A host that takes the connection and says nothing. */
static void
test_silent_handshake (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autoptr (GUri) address = NULL;
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 10);
  address = g_uri_build (G_URI_FLAGS_NONE, "ws", NULL, "127.0.0.1", port, "/upload", NULL, NULL);
  g_assert_finalize_object (fixture.upload);
  fixture.upload = galileo_upload_new (fixture.session, address, fixture.file);
  galileo_upload_set_timeout (fixture.upload, 1);
  upload_fixture_run (&fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_CONNECT, "no answer within 1 second");
  upload_fixture_tear_down (&fixture);
  g_socket_listener_close (listener);
}

/* Nothing is connected to for a file that can't be sent. */
static void
test_bad_file (void)
{
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 10);
  g_remove (fixture.path);
  upload_fixture_run (&fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_FILE, "not there");
  g_assert_cmpuint (fixture.peer->n_connections, ==, 0);
  upload_fixture_tear_down (&fixture);

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 10);
  galileo_upload_set_name (fixture.upload, "../file.bin");
  upload_fixture_run (&fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_NAME, NULL);
  g_assert_cmpuint (fixture.peer->n_connections, ==, 0);
  upload_fixture_tear_down (&fixture);
}

static void
grow_cb (GalileoUpload *upload, double ratio, Fixture *fixture)
{
  FILE *file = g_fopen (fixture->path, "a");

  g_assert_nonnull (file);
  fputs ("more", file);
  fclose (file);
}

static void
shrink_cb (GalileoUpload *upload, double ratio, Fixture *fixture)
{
  g_assert_cmpint (truncate (fixture->path, 300000), ==, 0);
}

static void
replace_cb (GalileoUpload *upload, double ratio, Fixture *fixture)
{
  g_autofree char *other = g_strconcat (fixture->path, ".new", NULL);

  g_file_set_contents (other, "other", -1, NULL);
  g_assert_cmpint (g_rename (other, fixture->path), ==, 0);
}

static void
delete_cb (GalileoUpload *upload, double ratio, Fixture *fixture)
{
  g_remove (fixture->path);
}

static void
test_changed_file (void)
{
  static const struct {
    GCallback change;
    GalileoError code;
    const char *words;
  } rows[] = {
    { G_CALLBACK (grow_cb), GALILEO_ERROR_GREW, "grew" },
    { G_CALLBACK (shrink_cb), GALILEO_ERROR_SHRANK, "shorter" },
    { G_CALLBACK (replace_cb), GALILEO_ERROR_REPLACED, "replaced" },
    { G_CALLBACK (delete_cb), GALILEO_ERROR_VANISHED, "deleted" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Fixture fixture;

    upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 1000000);
    g_signal_connect (fixture.upload, "chunk", rows[i].change, &fixture);
    upload_fixture_run (&fixture);
    upload_fixture_assert_error (&fixture, rows[i].code, rows[i].words);
    g_assert_cmpuint (fixture.peer->n_finished, ==, 0);
    upload_fixture_tear_down (&fixture);
  }
}

static void
cancel_at_state_cb (GalileoUpload *upload, GParamSpec *pspec, gpointer state)
{
  if (galileo_upload_get_state (upload) == (GalileoUploadState) GPOINTER_TO_INT (state))
    galileo_upload_cancel (upload);
}

/* In every state, also out of its own notification. */
static void
test_cancel (void)
{
  for (int state = GALILEO_UPLOAD_STATE_CONNECTING; state <= GALILEO_UPLOAD_STATE_FINISHED; state++) {
    Fixture fixture;

    upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 600000);
    g_signal_connect (fixture.upload, "notify::state", G_CALLBACK (cancel_at_state_cb), GINT_TO_POINTER (state));
    upload_fixture_run (&fixture);
    g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_CANCELLED);
    g_assert_error ((GError *) galileo_upload_get_error (fixture.upload), G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_cmpuint (fixture.n_ended, ==, 0);
    galileo_upload_cancel (fixture.upload);
    upload_fixture_tear_down (&fixture);
  }
}

static void
cancel_at_error_cb (GalileoUpload *upload, GalileoSignal *signal, gpointer user_data)
{
  galileo_upload_cancel (upload);
}

static void
cancel_at_progress_cb (GalileoUpload *upload, GParamSpec *pspec, gpointer user_data)
{
  galileo_upload_cancel (upload);
}

/* Out of a handler, when nobody but the upload itself holds on to it. */
static void
test_cancel_last (void)
{
  static const Script fatal = { .on_metadata = "{\"error\":\"x\",\"fatal\":true}" };
  static const Script silent = { .on_metadata = READY };
  static const struct {
    const Script *script;
    const char *signal;
    GCallback handler;
  } rows[] = {
    { &fatal, "error-signal", G_CALLBACK (cancel_at_error_cb) },
    { &silent, "notify::acknowledged", G_CALLBACK (cancel_at_progress_cb) },
    { &silent, "notify::state", G_CALLBACK (cancel_at_progress_cb) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Fixture fixture;

    upload_fixture_set_up (&fixture, rows[i].script, 600000);
    g_signal_connect (fixture.upload, rows[i].signal, rows[i].handler, NULL);
    upload_fixture_start (&fixture);
    g_object_unref (fixture.upload);
    while (!fixture.closed)
      g_main_context_iteration (NULL, TRUE);
    g_assert_cmpuint (fixture.n_ended, ==, 0);
    fixture.upload = galileo_upload_new (fixture.session, fixture.peer->address, fixture.file);
    upload_fixture_tear_down (&fixture);
  }
}

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GSocketConnection **accepted = user_data;

  *accepted = g_socket_listener_accept_finish (G_SOCKET_LISTENER (source), result, NULL, NULL);
}

/* While the handshake is under way. */
static void
test_cancel_handshake (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autoptr (GUri) address = g_uri_build (G_URI_FLAGS_NONE, "ws", NULL, "127.0.0.1", port, "/upload", NULL, NULL);
  g_autoptr (GSocketConnection) accepted = NULL;
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 10);
  g_assert_finalize_object (fixture.upload);
  fixture.upload = galileo_upload_new (fixture.session, address, fixture.file);
  g_socket_listener_accept_async (listener, NULL, accepted_cb, &accepted);
  upload_fixture_start (&fixture);
  while (accepted == NULL)
    g_main_context_iteration (NULL, TRUE);

  galileo_upload_cancel (fixture.upload);
  while (!fixture.closed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_CANCELLED);
  upload_fixture_tear_down (&fixture);
  g_socket_listener_close (listener);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/upload-failures/handshake", test_handshake);
  g_test_add_func ("/upload-failures/refused-connection", test_refused_connection);
  g_test_add_func ("/upload-failures/silent-handshake", test_silent_handshake);
  g_test_add_func ("/upload-failures/bad-file", test_bad_file);
  g_test_add_func ("/upload-failures/changed-file", test_changed_file);
  g_test_add_func ("/upload-failures/cancel", test_cancel);
  g_test_add_func ("/upload-failures/cancel-last", test_cancel_last);
  g_test_add_func ("/upload-failures/cancel-handshake", test_cancel_handshake);

  return g_test_run ();
}

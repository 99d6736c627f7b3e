/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "upload-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

const Script upload_fixture_stop_and_wait = { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE };

static void
chunk_cb (GalileoUpload *upload, double ratio, Fixture *fixture)
{
  g_assert_cmpfloat (ratio, >, fixture->last_ratio);
  g_assert_cmpfloat (ratio, <=, 1.0);
  fixture->last_ratio = ratio;
  fixture->n_chunks++;
}

static void
error_signal_cb (GalileoUpload *upload, GalileoSignal *signal, Fixture *fixture)
{
  fixture->n_error_signals++;
}

static void
succeeded_cb (GalileoUpload *upload, Fixture *fixture)
{
  fixture->n_ended++;
  g_assert_cmpint (galileo_upload_get_state (upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_null (galileo_upload_get_error (upload));
}

static void
failed_cb (GalileoUpload *upload, GPtrArray *signals, Fixture *fixture)
{
  fixture->n_ended++;
  g_assert_cmpint (galileo_upload_get_state (upload), ==, GALILEO_UPLOAD_STATE_FAILED);
  g_assert_nonnull (galileo_upload_get_error (upload));
  g_assert_cmpuint (signals->len, >, 0);
}

static void
closed_cb (GalileoUpload *upload, Fixture *fixture)
{
  g_assert_false (fixture->closed);
  fixture->closed = TRUE;
}

static void
state_cb (GalileoUpload *upload, GParamSpec *pspec, Fixture *fixture)
{
  if (galileo_upload_get_state (upload) == GALILEO_UPLOAD_STATE_CONNECTING)
    fixture->last_ratio = 0;
  g_string_append_c (fixture->events, "ncmsSfCOFX"[galileo_upload_get_state (upload)]);
}

void
upload_fixture_set_up (Fixture *fixture, const Script *script, gsize size)
{
  g_autofree char *contents = g_malloc (size + 1);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < size; i++)
    contents[i] = (char) (i * 31 + i / 251);

  memset (fixture, 0, sizeof *fixture);
  fixture->folder = g_dir_make_tmp ("galileo-upload-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "file.bin", NULL);
  g_file_set_contents (fixture->path, contents, (gssize) size, &error);
  g_assert_no_error (error);

  fixture->file = g_file_new_for_path (fixture->path);
  fixture->session = soup_session_new ();
  fixture->peer = scripted_peer_new (script);
  fixture->events = g_string_new (NULL);
  fixture->upload = galileo_upload_new (fixture->session, fixture->peer->address, fixture->file);
}

void
upload_fixture_start (Fixture *fixture)
{
  g_signal_connect (fixture->upload, "chunk", G_CALLBACK (chunk_cb), fixture);
  g_signal_connect (fixture->upload, "error-signal", G_CALLBACK (error_signal_cb), fixture);
  g_signal_connect (fixture->upload, "succeeded", G_CALLBACK (succeeded_cb), fixture);
  g_signal_connect (fixture->upload, "failed", G_CALLBACK (failed_cb), fixture);
  g_signal_connect (fixture->upload, "closed", G_CALLBACK (closed_cb), fixture);
  g_signal_connect (fixture->upload, "notify::state", G_CALLBACK (state_cb), fixture);
  galileo_upload_start (fixture->upload);
}

void
upload_fixture_run (Fixture *fixture)
{
  upload_fixture_start (fixture);
  while (!fixture->closed)
    g_main_context_iteration (NULL, TRUE);
}

/* Another upload of the same file to the same peer, once the first has ended. */
void
upload_fixture_renew (Fixture *fixture)
{
  g_assert_true (fixture->closed);
  g_signal_handlers_disconnect_by_data (fixture->upload, fixture);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_finalize_object (fixture->upload);
  g_string_truncate (fixture->events, 0);
  fixture->closed = FALSE;
  fixture->last_ratio = 0;
  fixture->n_ended = fixture->n_chunks = fixture->n_error_signals = 0;
  fixture->upload = galileo_upload_new (fixture->session, fixture->peer->address, fixture->file);
}

/* Runs the main loop until the condition holds; not for longer than a test may take. */
void
upload_fixture_wait (gboolean (*condition) (gpointer data), gpointer data)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!condition (data)) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_main_context_iteration (NULL, TRUE);
  }
}

void
upload_fixture_tear_down (Fixture *fixture)
{
  g_signal_handlers_disconnect_by_data (fixture->upload, fixture);
  soup_session_abort (fixture->session);
  scripted_peer_free (fixture->peer);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_finalize_object (fixture->upload);
  g_assert_finalize_object (fixture->session);
  g_object_unref (fixture->file);
  g_remove (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_string_free (fixture->events, TRUE);
  g_free (fixture->path);
  g_free (fixture->folder);
}

void
upload_fixture_assert_error (Fixture *fixture, GalileoError code, const char *words)
{
  const GError *error = galileo_upload_get_error (fixture->upload);

  g_assert_error ((GError *) error, GALILEO_ERROR, (int) code);
  g_test_message ("%s", error->message);
  if (words != NULL)
    g_assert_nonnull (strstr (error->message, words));
}

void
upload_fixture_assert_arrived (Fixture *fixture)
{
  g_autofree char *contents = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (fixture->path, &contents, &length, NULL));
  g_assert_cmpmem (fixture->peer->received->data, fixture->peer->received->len, contents, length);
}

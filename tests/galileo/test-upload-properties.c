/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "upload-fixture.h"

#include <string.h>

/* An upload as bindings see it: made, set and read by its properties alone. */

static void
count_cb (GalileoUpload *upload, GParamSpec *pspec, guint *count)
{
  (*count)++;
}

/* Each setter notifies what has changed, and nothing that has not. */
static void
test_notify (void)
{
  static const struct {
    const char *name;
    const char *text; /* or */
    guint64 number;
  } rows[] = {
    { "name", "other.bin", 0 },
    { "path", "a/b", 0 },
    { "id", "one", 0 },
    { "rate-group", "a site", 0 },
    { "max-chunk-size", NULL, 1000 },
    { "hash-type", NULL, GALILEO_HASH_SHA512 },
    { "timeout", NULL, 7 },
    { "paused", NULL, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *signal = g_strconcat ("notify::", rows[i].name, NULL);
    guint count = 0;
    Fixture fixture;

    upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 0);
    g_signal_connect (fixture.upload, signal, G_CALLBACK (count_cb), &count);
    for (guint k = 0; k < 2; k++) {
      if (rows[i].text != NULL)
        g_object_set (fixture.upload, rows[i].name, rows[i].text, NULL);
      else if (strcmp (rows[i].name, "max-chunk-size") == 0)
        g_object_set (fixture.upload, rows[i].name, rows[i].number, NULL);
      else
        g_object_set (fixture.upload, rows[i].name, (guint) rows[i].number, NULL);
      g_assert_cmpuint (count, ==, 1);
    }
    g_signal_handlers_disconnect_by_data (fixture.upload, &count);
    upload_fixture_tear_down (&fixture);
  }
}

/* What a property says, the method says too. */
static void
assert_same (GalileoUpload *upload)
{
  g_autofree char *name = NULL;
  guint64 max_chunk_size, size, sent, acknowledged;
  GalileoHashType hash_type;
  GalileoUploadState state;
  guint timeout;

  g_object_get (upload,
                "name", &name,
                "max-chunk-size", &max_chunk_size,
                "hash-type", &hash_type,
                "timeout", &timeout,
                "state", &state,
                "size", &size,
                "sent", &sent,
                "acknowledged", &acknowledged,
                NULL);
  g_assert_cmpstr (name, ==, galileo_upload_get_name (upload));
  g_assert_cmpuint (max_chunk_size, ==, galileo_upload_get_max_chunk_size (upload));
  g_assert_cmpint (hash_type, ==, galileo_upload_get_hash_type (upload));
  g_assert_cmpuint (timeout, ==, galileo_upload_get_timeout (upload));
  g_assert_cmpint (state, ==, galileo_upload_get_state (upload));
  g_assert_cmpuint (size, ==, galileo_upload_get_size (upload));
  g_assert_cmpuint (sent, ==, galileo_upload_get_sent (upload));
  g_assert_cmpuint (acknowledged, ==, galileo_upload_get_acknowledged (upload));
}

static void
test_figures (void)
{
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 2500);
  g_object_set (fixture.upload,
                "name", "new.bin",
                "max-chunk-size", (guint64) 1000,
                "hash-type", GALILEO_HASH_SHA256,
                "timeout", 20,
                NULL);
  g_assert_cmpstr (galileo_upload_get_name (fixture.upload), ==, "new.bin");
  g_assert_cmpuint (galileo_upload_get_max_chunk_size (fixture.upload), ==, 1000);
  g_assert_cmpint (galileo_upload_get_hash_type (fixture.upload), ==, GALILEO_HASH_SHA256);
  g_assert_cmpuint (galileo_upload_get_timeout (fixture.upload), ==, 20);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_NEW);
  assert_same (fixture.upload);

  upload_fixture_run (&fixture);
  upload_fixture_assert_arrived (&fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_cmpuint (galileo_upload_get_size (fixture.upload), ==, 2500);
  g_assert_cmpuint (fixture.n_chunks, ==, 3);
  assert_same (fixture.upload);
  upload_fixture_tear_down (&fixture);
}

/* What it was made of can be read, and a name that was given then stays. */
static void
test_construct (void)
{
  g_autoptr (GalileoUpload) upload = NULL;
  g_autoptr (SoupSession) session = NULL;
  g_autoptr (GUri) address = NULL;
  g_autoptr (GFile) file = NULL;
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 0);
  upload = g_object_new (GALILEO_TYPE_UPLOAD,
                         "session", fixture.session,
                         "address", fixture.peer->address,
                         "file", fixture.file,
                         "name", "given.bin",
                         NULL);
  g_object_get (upload, "session", &session, "address", &address, "file", &file, NULL);
  g_assert_true (session == fixture.session);
  g_assert_true (address == fixture.peer->address);
  g_assert_true (file == fixture.file);
  g_assert_cmpstr (galileo_upload_get_name (upload), ==, "given.bin");
  g_assert_cmpstr (galileo_upload_get_name (fixture.upload), ==, "file.bin");

  g_clear_object (&session);
  g_assert_finalize_object (g_steal_pointer (&upload));
  upload_fixture_tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/upload-properties/notify", test_notify);
  g_test_add_func ("/upload-properties/figures", test_figures);
  g_test_add_func ("/upload-properties/construct", test_construct);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "upload-fixture.h"

#include <dirent.h>
#include <string.h>

static void
test_sizes (void)
{
  static const gsize sizes[] = { 0, 1, 249999, 250000, 250001, 262143, 262144, 262145, 1000000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *metadata = g_strdup_printf ("{\"name\":\"file.bin\",\"size\":%" G_GSIZE_FORMAT ",", sizes[i]);
    guint n_chunks = (guint) ((sizes[i] + GALILEO_DEFAULT_CHUNK_SIZE - 1) / GALILEO_DEFAULT_CHUNK_SIZE);
    Fixture fixture;

    upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, sizes[i]);
    upload_fixture_run (&fixture);
    g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
    g_assert_cmpstr (fixture.events->str, ==, sizes[i] > 0 ? "cmsSfCO" : "cmSfCO");
    g_assert_true (g_str_has_prefix (fixture.peer->metadata, metadata));
    g_assert_cmpuint (fixture.peer->n_finished, ==, 1);
    g_assert_cmpuint (fixture.peer->chunk_sizes->len, ==, n_chunks);
    g_assert_cmpuint (fixture.n_chunks, ==, n_chunks);
    g_assert_cmpuint (fixture.n_ended, ==, 1);
    g_assert_cmpuint (galileo_upload_get_sent (fixture.upload), ==, sizes[i]);
    g_assert_cmpuint (galileo_upload_get_acknowledged (fixture.upload), ==, sizes[i]);
    upload_fixture_assert_arrived (&fixture);
    upload_fixture_tear_down (&fixture);
  }
}

static void
test_hash (void)
{
  static const struct {
    GalileoHashType type;
    GChecksumType other;
    const char *word;
  } rows[] = {
    { GALILEO_HASH_SHA1, G_CHECKSUM_SHA1, "sha1" },
    { GALILEO_HASH_SHA256, G_CHECKSUM_SHA256, "sha256" },
    { GALILEO_HASH_SHA512, G_CHECKSUM_SHA512, "sha512" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *value = NULL;
    g_autofree char *finished = NULL;
    Fixture fixture;

    upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 600000);
    galileo_upload_set_hash_type (fixture.upload, rows[i].type);
    upload_fixture_run (&fixture);
    value = g_compute_checksum_for_data (rows[i].other, fixture.peer->received->data, fixture.peer->received->len);
    finished = g_strdup_printf ("{\"finished\":true,\"hash\":{\"type\":\"%s\",\"value\":\"%s\"}}", rows[i].word, value);
    g_assert_cmpstr (fixture.peer->finished, ==, finished);
    g_assert_cmpstr (galileo_upload_get_hash (fixture.upload), ==, value);
    g_assert_false (galileo_upload_get_verified (fixture.upload));
    upload_fixture_tear_down (&fixture);
  }
}

static void
test_no_hash (void)
{
  static const Script script = {
    .on_metadata = READY,
    .on_last_chunk = READY,
    .on_finished = "{\"close\":true,\"verified\":true,\"url\":\"https://example.org/file.bin\"}",
  };
  Fixture fixture;

  upload_fixture_set_up (&fixture, &script, 5);
  galileo_upload_set_hash_type (fixture.upload, GALILEO_HASH_NONE);
  upload_fixture_run (&fixture);
  g_assert_cmpstr (fixture.peer->finished, ==, "{\"finished\":true}");
  g_assert_null (galileo_upload_get_hash (fixture.upload));
  /* Nothing was sent that could have been compared. */
  g_assert_false (galileo_upload_get_verified (fixture.upload));
  g_assert_cmpstr (galileo_upload_get_url (fixture.upload), ==, "https://example.org/file.bin");
  upload_fixture_tear_down (&fixture);
}

static void
test_verified (void)
{
  static const Script script = {
    .on_metadata = READY,
    .on_last_chunk = READY,
    .on_finished = "{\"close\":true,\"verified\":true}",
  };
  Fixture fixture;

  upload_fixture_set_up (&fixture, &script, 5);
  upload_fixture_run (&fixture);
  g_assert_true (galileo_upload_get_verified (fixture.upload));
  upload_fixture_tear_down (&fixture);
}

/* The chunk size of a ready holds for that ready, is a maximum, and never beats the client's own. */
static void
test_chunk_sizes (void)
{
  static const Script small = {
    .on_metadata = "{\"ready\":true,\"chunksize\":\"1000\"}",
    .on_chunk = "{\"ready\":1,\"chunksize\":300}",
    .on_last_chunk = READY,
    .on_finished = CLOSE,
  };
  static const Script huge = {
    .on_metadata = "{\"ready\":true,\"chunksize\":1e12}",
    .on_chunk = "{\"ready\":true,\"chunksize\":1e12}",
    .on_last_chunk = READY,
    .on_finished = CLOSE,
  };
  Fixture fixture;

  upload_fixture_set_up (&fixture, &small, 2000);
  upload_fixture_run (&fixture);
  upload_fixture_assert_arrived (&fixture);
  g_assert_cmpuint (g_array_index (fixture.peer->chunk_sizes, gsize, 0), ==, 1000);
  for (guint i = 1; i < fixture.peer->chunk_sizes->len; i++)
    g_assert_cmpuint (g_array_index (fixture.peer->chunk_sizes, gsize, i), <=, 300);
  upload_fixture_tear_down (&fixture);

  upload_fixture_set_up (&fixture, &huge, 1000000);
  upload_fixture_run (&fixture);
  upload_fixture_assert_arrived (&fixture);
  for (guint i = 0; i < fixture.peer->chunk_sizes->len; i++)
    g_assert_cmpuint (g_array_index (fixture.peer->chunk_sizes, gsize, i), <=, GALILEO_DEFAULT_CHUNK_SIZE);
  upload_fixture_tear_down (&fixture);

  upload_fixture_set_up (&fixture, &huge, 3000000);
  galileo_upload_set_max_chunk_size (fixture.upload, 1000000);
  upload_fixture_run (&fixture);
  upload_fixture_assert_arrived (&fixture);
  g_assert_cmpuint (fixture.peer->chunk_sizes->len, ==, 3);
  upload_fixture_tear_down (&fixture);
}

/* Several readies at once: each is answered with one chunk, what is left over asks for finished, once. */
static void
test_credits (void)
{
  static const Script window = { .on_metadata = "#ready 16", .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE };
  static const Script flood = { .on_metadata = "#ready 100000", .on_finished = CLOSE };
  static const Script after = { .on_metadata = "#ready 50", .on_finished = READY "\n" READY "\n" CLOSE };
  static const Script *const scripts[] = { &window, &flood, &after };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++) {
    Fixture fixture;

    upload_fixture_set_up (&fixture, scripts[i], 3000000);
    upload_fixture_run (&fixture);
    g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
    upload_fixture_assert_arrived (&fixture);
    g_assert_cmpuint (fixture.peer->n_finished, ==, 1);
    upload_fixture_tear_down (&fixture);
  }
}

/* One credit too few: no chunk without one. */
static void
test_no_credit (void)
{
  static const Script script = { .on_metadata = "#ready 3" };
  Fixture fixture;

  upload_fixture_set_up (&fixture, &script, 1000000);
  galileo_upload_set_timeout (fixture.upload, 1);
  upload_fixture_run (&fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_STALLED, "1 second");
  g_assert_cmpuint (fixture.peer->received->len, ==, 750000);
  upload_fixture_tear_down (&fixture);
}

/* What a server may send instead, and what the client makes of it. The file has 600,000 bytes: three chunks. */
static void
test_scripts (void)
{
  static const struct {
    const char *name;
    Script script;
    int error; /* -1: succeeds */
    const char *words;
    guint n_error_signals;
  } rows[] = {
    { "error before ready",
      { .on_metadata = "{\"error\":\"warming up\"}\n" READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE },
      -1, NULL, 1 },
    { "error at open",
      { .on_open = "{\"error\":7}", .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE },
      -1, NULL, 1 },
    { "errors on the way",
      { .on_metadata = READY, .on_chunk = "{\"error\":{\"a\":1}}\n" READY, .on_last_chunk = READY, .on_finished = CLOSE },
      -1, NULL, 2 },
    { "error and ready in one",
      { .on_metadata = READY, .on_chunk = "{\"error\":\"x\",\"ready\":true}\n" READY, .on_last_chunk = READY, .on_finished = CLOSE },
      -1, NULL, 2 },
    { "close without finished",
      { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = CLOSE },
      -1, NULL, 0 },
    { "unknown keys",
      { .on_metadata = "{\"hello\":1}\n" READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE },
      -1, NULL, 0 },
    { "one text that is no signal",
      { .on_metadata = "welcome\n" READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE },
      -1, NULL, 0 },
    { "two texts that are no signals",
      { .on_metadata = "welcome\n[]\n" READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE },
      GALILEO_ERROR_PROTOCOL, "not an object", 0 },
    { "file data",
      { .on_metadata = "#binary\n" READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE },
      GALILEO_ERROR_PROTOCOL, "file data", 0 },
    { "fatal at metadata",
      { .on_metadata = "{\"error\":\"Quota exceeded\",\"fatal\":true}" },
      GALILEO_ERROR_REFUSED, "Quota exceeded", 1 },
    { "fatal without text",
      { .on_metadata = "{\"error\":{\"code\":5},\"fatal\":1}" },
      GALILEO_ERROR_REFUSED, "{\"code\":5}", 1 },
    { "fatal after an error",
      { .on_metadata = "{\"error\":\"a\"}\n" READY, .on_chunk = "{\"error\":\"b\",\"fatal\":true}" },
      GALILEO_ERROR_REFUSED, "b", 2 },
    { "fatal at finished",
      { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = "{\"error\":\"disk\",\"fatal\":true}" },
      GALILEO_ERROR_REFUSED, "disk", 1 },
    { "close early",
      { .on_metadata = READY, .on_chunk = CLOSE },
      GALILEO_ERROR_CLOSED_EARLY, NULL, 0 },
    { "close at once",
      { .on_metadata = CLOSE },
      GALILEO_ERROR_CLOSED_EARLY, NULL, 0 },
    { "cut at open", { .on_open = "#cut" }, GALILEO_ERROR_INTERRUPTED, "cut", 0 },
    { "cut at metadata", { .on_metadata = "#cut" }, GALILEO_ERROR_INTERRUPTED, NULL, 0 },
    { "cut at a chunk", { .on_metadata = READY, .on_chunk = "#cut" }, GALILEO_ERROR_INTERRUPTED, NULL, 0 },
    { "cut at the last chunk",
      { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = "#cut" },
      GALILEO_ERROR_UNCONFIRMED, "may or may not be there", 0 },
    { "cut at finished",
      { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = "#cut" },
      GALILEO_ERROR_UNCONFIRMED, NULL, 0 },
    { "reset at a chunk", { .on_metadata = READY, .on_chunk = "#reset" }, GALILEO_ERROR_INTERRUPTED, NULL, 0 },
    { "reset at finished",
      { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = "#reset" },
      GALILEO_ERROR_UNCONFIRMED, NULL, 0 },
    { "closed with 1000", { .on_metadata = READY, .on_chunk = "#close 1000" }, GALILEO_ERROR_INTERRUPTED, "1000", 0 },
    { "closed with 1001", { .on_metadata = READY, .on_chunk = "#close 1001" }, GALILEO_ERROR_INTERRUPTED, "restarting", 0 },
    { "closed with 1009", { .on_metadata = READY, .on_chunk = "#close 1009" }, GALILEO_ERROR_MESSAGE_TOO_BIG, "too big", 0 },
    { "closed with 1011", { .on_metadata = READY, .on_chunk = "#close 1011" }, GALILEO_ERROR_INTERRUPTED, "inside the site", 0 },
    { "closed with 1013", { .on_metadata = READY, .on_chunk = "#close 1013" }, GALILEO_ERROR_INTERRUPTED, "too busy", 0 },
    { "closed with 1000 at finished",
      { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = "#close 1000" },
      GALILEO_ERROR_UNCONFIRMED, "as scripted", 0 },
    { "silence at metadata", { .on_metadata = NULL }, GALILEO_ERROR_STALLED, "did not ask", 0 },
    { "silence after a chunk", { .on_metadata = READY }, GALILEO_ERROR_STALLED, "Nothing moved", 0 },
    { "silence after the last chunk",
      { .on_metadata = READY, .on_chunk = READY },
      GALILEO_ERROR_STALLED, "after the whole file was sent", 0 },
    { "silence after finished",
      { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY },
      GALILEO_ERROR_STALLED, "did not confirm", 0 },
    { "an error, then silence",
      { .on_metadata = READY, .on_chunk = "{\"error\":\"odd\"}" },
      GALILEO_ERROR_STALLED, NULL, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GPtrArray *error_signals;
    Fixture fixture;

    g_test_message ("%s", rows[i].name);
    upload_fixture_set_up (&fixture, &rows[i].script, 600000);
    galileo_upload_set_timeout (fixture.upload, 1);
    upload_fixture_run (&fixture);

    error_signals = galileo_upload_get_error_signals (fixture.upload);
    g_assert_cmpuint (fixture.n_ended, ==, 1);
    g_assert_cmpuint (fixture.n_error_signals, ==, rows[i].n_error_signals);
    if (rows[i].error < 0) {
      g_assert_no_error (galileo_upload_get_error (fixture.upload));
      g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
      g_assert_cmpuint (error_signals->len, ==, rows[i].n_error_signals);
      upload_fixture_assert_arrived (&fixture);
    } else {
      upload_fixture_assert_error (&fixture, (GalileoError) rows[i].error, rows[i].words);
      g_assert_cmpuint (error_signals->len, ==, MAX (rows[i].n_error_signals, 1));
      g_assert_cmpint (galileo_signal_is_true (g_ptr_array_index (error_signals, 0), "local"),
                       ==,
                       rows[i].n_error_signals == 0);
    }
    upload_fixture_tear_down (&fixture);
  }
}

/* The client says goodbye in order: the server sees 1000, not a broken connection. */
static void
test_goodbye (void)
{
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 600000);
  upload_fixture_run (&fixture);
  while (!fixture.peer->closed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture.peer->close_code, ==, 1000);
  upload_fixture_tear_down (&fixture);
}

static guint
count_descriptors (void)
{
  DIR *folder = opendir ("/proc/self/fd");
  guint n = 0;

  while (readdir (folder) != NULL)
    n++;
  closedir (folder);

  return n;
}

/* Whatever happens, no descriptor stays behind. */
static void
test_descriptors (void)
{
  static const Script cut = { .on_metadata = READY, .on_chunk = "#cut" };
  static const Script fatal = { .on_metadata = "{\"error\":\"x\",\"fatal\":true}" };
  static const Script *const scripts[] = { &upload_fixture_stop_and_wait, &cut, &fatal };
  guint before = 0;
  gint64 deadline;

  for (guint round = 0; round < 4; round++) {
    for (guint i = 0; i < G_N_ELEMENTS (scripts); i++) {
      Fixture fixture;

      upload_fixture_set_up (&fixture, scripts[i], 600000);
      upload_fixture_run (&fixture);
      upload_fixture_tear_down (&fixture);
    }
    if (round == 0)
      before = count_descriptors ();
  }
  deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  /* Workers close theirs a moment later. */
  while (count_descriptors () > before) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_main_context_iteration (NULL, FALSE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/upload/sizes", test_sizes);
  g_test_add_func ("/upload/hash", test_hash);
  g_test_add_func ("/upload/no-hash", test_no_hash);
  g_test_add_func ("/upload/verified", test_verified);
  g_test_add_func ("/upload/chunk-sizes", test_chunk_sizes);
  g_test_add_func ("/upload/credits", test_credits);
  g_test_add_func ("/upload/no-credit", test_no_credit);
  g_test_add_func ("/upload/scripts", test_scripts);
  g_test_add_func ("/upload/goodbye", test_goodbye);
  g_test_add_func ("/upload/descriptors", test_descriptors);

  return g_test_run ();
}

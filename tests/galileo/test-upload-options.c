/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "remote-file.h"
#include "upload-fixture.h"

#include "galileo/galileo-limiter.h"
#include "galileo/galileo-upload-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* What an upload may be told beyond where and what: the protocol's optional keys, and how it is to go. */

static GalileoSignal *
read_metadata (Fixture *fixture)
{
  GalileoSignal *signal = galileo_signal_parse (fixture->peer->metadata, strlen (fixture->peer->metadata), NULL);

  g_assert_nonnull (signal);
  return signal;
}

static char *
read_key (Fixture *fixture)
{
  g_autoptr (GalileoSignal) metadata = read_metadata (fixture);

  return g_strdup (galileo_signal_get_string (metadata, "upload"));
}

static void
test_metadata (void)
{
  g_autoptr (GalileoSignal) metadata = NULL;
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 10);
  galileo_upload_set_name (fixture.upload, "programme.pdf");
  galileo_upload_set_path (fixture.upload, "album/day 1");
  galileo_upload_set_hash_type (fixture.upload, GALILEO_HASH_SHA256);
  upload_fixture_run (&fixture);
  metadata = read_metadata (&fixture);
  g_assert_cmpstr (galileo_signal_get_string (metadata, "name"), ==, "programme.pdf");
  g_assert_cmpstr (galileo_signal_get_string (metadata, "path"), ==, "album/day 1");
  g_assert_cmpstr (galileo_signal_get_string (metadata, "type"), ==, "application/pdf");
  g_assert_cmpstr (galileo_signal_get_string (metadata, "hash"), ==, "sha256");
  g_assert_true (g_str_has_suffix (galileo_signal_get_string (metadata, "modified"), "Z"));
  g_assert_null (galileo_signal_get_string (metadata, "upload"));
  upload_fixture_tear_down (&fixture);
}

static void
test_header (void)
{
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 10);
  galileo_upload_set_header (fixture.upload, "X-One", "1");
  galileo_upload_set_header (fixture.upload, "Authorization", "Bearer old");
  galileo_upload_set_header (fixture.upload, "Authorization", "Bearer abc");
  upload_fixture_run (&fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_cmpstr (soup_message_headers_get_one (fixture.peer->headers, "X-One"), ==, "1");
  g_assert_cmpstr (soup_message_headers_get_list (fixture.peer->headers, "Authorization"), ==, "Bearer abc");
  upload_fixture_tear_down (&fixture);
}

/* Cut after so many chunks; the next upload with the same id goes on from there. */
static void
test_resume (void)
{
  static const Script cut = { .on_metadata = "#offset", .on_chunk = "#cut", .keeps = TRUE };
  static const Script go_on = {
    .on_metadata = "#offset", .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE, .keeps = TRUE,
  };
  g_autofree char *expected = NULL;
  g_autofree char *key = NULL;
  g_autofree char *other_key = NULL;
  Fixture fixture;

  upload_fixture_set_up (&fixture, &cut, 1000000);
  galileo_upload_set_id (fixture.upload, "one");
  upload_fixture_run (&fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_INTERRUPTED, NULL);
  g_assert_true (galileo_upload_get_resumable (fixture.upload));
  g_assert_cmpuint (galileo_upload_get_offset (fixture.upload), ==, 0);
  g_assert_cmpuint (fixture.peer->received->len, ==, 250000);
  key = read_key (&fixture);
  g_assert_true (g_uuid_string_is_valid (key));

  fixture.peer->script = &go_on;
  upload_fixture_renew (&fixture);
  galileo_upload_set_id (fixture.upload, "one");
  upload_fixture_run (&fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_cmpuint (galileo_upload_get_offset (fixture.upload), ==, 250000);
  g_assert_cmpuint (galileo_upload_get_sent (fixture.upload), ==, 1000000);
  g_assert_cmpuint (fixture.n_chunks, ==, 3);
  upload_fixture_assert_arrived (&fixture);
  other_key = read_key (&fixture);
  g_assert_cmpstr (other_key, ==, key);

  /* The hash is the whole file's. */
  expected = g_compute_checksum_for_data (G_CHECKSUM_SHA1, fixture.peer->received->data, 1000000);
  g_assert_cmpstr (galileo_upload_get_hash (fixture.upload), ==, expected);
  upload_fixture_tear_down (&fixture);
}

/* The server had all of it, and only the confirmation was lost. */
static void
test_resume_at_end (void)
{
  static const Script cut = {
    .on_metadata = "#offset", .on_chunk = READY, .on_last_chunk = "#cut", .keeps = TRUE,
  };
  static const Script go_on = { .on_metadata = "#offset", .on_finished = CLOSE, .keeps = TRUE };
  Fixture fixture;

  upload_fixture_set_up (&fixture, &cut, 600000);
  galileo_upload_set_id (fixture.upload, "one");
  upload_fixture_run (&fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_UNCONFIRMED, NULL);

  fixture.peer->script = &go_on;
  upload_fixture_renew (&fixture);
  galileo_upload_set_id (fixture.upload, "one");
  upload_fixture_run (&fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_cmpuint (fixture.n_chunks, ==, 0);
  g_assert_cmpuint (fixture.peer->n_finished, ==, 1);
  upload_fixture_assert_arrived (&fixture);
  upload_fixture_tear_down (&fixture);
}

/* The key is another as soon as anything is that must be the same. */
static void
test_key (void)
{
  const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1 } };
  const char *ids[] = { "one", "one", "two", "one", "one", "one" };
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 10);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    if (i > 0)
      upload_fixture_renew (&fixture);
    if (i == 3)
      galileo_upload_set_name (fixture.upload, "other.bin");
    if (i == 4)
      g_assert_cmpint (utimensat (AT_FDCWD, fixture.path, times, 0), ==, 0);
    if (i == 5) {
      g_assert_true (g_file_set_contents (fixture.path, "eleven byte", 11, NULL));
      g_assert_cmpint (utimensat (AT_FDCWD, fixture.path, times, 0), ==, 0);
    }
    galileo_upload_set_id (fixture.upload, ids[i]);
    upload_fixture_run (&fixture);
    g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
    g_hash_table_add (keys, read_key (&fixture));
  }
  g_assert_cmpuint (g_hash_table_size (keys), ==, G_N_ELEMENTS (ids) - 1);
  upload_fixture_tear_down (&fixture);
}

/* Offsets that nobody can go on from. */
static void
test_wrong_offsets (void)
{
  static const struct {
    Script script;
    const char *id;
    gboolean fails;
    gboolean resumable;
  } rows[] = {
    { { .on_metadata = "{\"ready\":true,\"offset\":600001}" }, "one", TRUE, TRUE },
    /* Only an upload with an id can have been there before. */
    { { .on_metadata = "{\"ready\":true,\"offset\":5}", READY, READY, CLOSE }, NULL, FALSE, FALSE },
    { { .on_metadata = "{\"ready\":true,\"offset\":-1}", READY, READY, CLOSE }, "one", FALSE, FALSE },
    { { .on_metadata = "{\"ready\":true,\"offset\":\"5\"}", READY, READY, CLOSE }, "one", FALSE, FALSE },
    { { .on_metadata = "{\"ready\":true,\"offset\":1.5}", READY, READY, CLOSE }, "one", FALSE, FALSE },
    { { .on_metadata = "{\"ready\":true,\"offset\":null}", READY, READY, CLOSE }, "one", FALSE, FALSE },
    { { .on_metadata = "{\"ready\":true,\"offset\":0}", READY, READY, CLOSE }, "one", FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Script script = rows[i].script;
    Fixture fixture;

    if (!rows[i].fails) {
      script.on_chunk = script.on_last_chunk = READY;
      script.on_finished = CLOSE;
    }
    upload_fixture_set_up (&fixture, &script, 600000);
    galileo_upload_set_id (fixture.upload, rows[i].id);
    upload_fixture_run (&fixture);
    g_assert_cmpint (galileo_upload_get_resumable (fixture.upload), ==, rows[i].resumable);
    g_assert_cmpuint (galileo_upload_get_offset (fixture.upload), ==, 0);
    if (rows[i].fails) {
      upload_fixture_assert_error (&fixture, GALILEO_ERROR_PROTOCOL, "more of the file than there is");
    } else {
      g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
      upload_fixture_assert_arrived (&fixture);
    }
    upload_fixture_tear_down (&fixture);
  }
}

/* The server's wish goes before the caller's. */
static void
test_hash_wish (void)
{
  static const struct {
    const char *ready;
    GalileoHashType own;
    GalileoHashType sent;
  } rows[] = {
    { "{\"ready\":true,\"hash\":\"sha256\"}", GALILEO_HASH_SHA1, GALILEO_HASH_SHA256 },
    { "{\"ready\":true,\"hash\":\"sha512\"}", GALILEO_HASH_NONE, GALILEO_HASH_SHA512 },
    { "{\"ready\":true,\"hash\":\"none\"}", GALILEO_HASH_SHA1, GALILEO_HASH_NONE },
    { "{\"ready\":true,\"hash\":\"md5\"}", GALILEO_HASH_SHA1, GALILEO_HASH_SHA1 },
    { "{\"ready\":true,\"hash\":5}", GALILEO_HASH_SHA1, GALILEO_HASH_SHA1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Script script = {
      .on_metadata = rows[i].ready, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE,
    };
    const char *type, *value;
    g_autoptr (GalileoSignal) finished = NULL;
    Fixture fixture;

    upload_fixture_set_up (&fixture, &script, 600000);
    galileo_upload_set_hash_type (fixture.upload, rows[i].own);
    upload_fixture_run (&fixture);
    g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
    g_assert_cmpint (galileo_upload_get_hash_type (fixture.upload), ==, rows[i].sent);
    finished = galileo_signal_parse (fixture.peer->finished, strlen (fixture.peer->finished), NULL);
    if (rows[i].sent == GALILEO_HASH_NONE) {
      g_assert_false (galileo_signal_get_hash (finished, &type, &value));
    } else {
      g_assert_true (galileo_signal_get_hash (finished, &type, &value));
      g_assert_cmpstr (type, ==, galileo_hash_type_to_string (rows[i].sent));
      g_assert_cmpstr (value, ==, galileo_upload_get_hash (fixture.upload));
    }
    upload_fixture_tear_down (&fixture);
  }
}

/* What a server says it verified before it was given the hash, it did not verify. */
static void
test_verified_too_early (void)
{
  static const Script script = {
    .on_metadata = READY, .on_chunk = READY, .on_last_chunk = "{\"close\":true,\"verified\":true}",
  };
  Fixture fixture;

  upload_fixture_set_up (&fixture, &script, 600000);
  upload_fixture_run (&fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_false (galileo_upload_get_verified (fixture.upload));
  upload_fixture_tear_down (&fixture);
}

/* Smaller until it fits, each time from the beginning and in a connection of its own. */
static void
test_too_big (void)
{
  static const Script refuse = { .on_metadata = READY, .on_chunk = "#close 1009", .on_last_chunk = "#close 1009" };
  static const struct {
    gsize size;
    guint64 max_chunk_size;
    guint n_connections;
  } rows[] = {
    { 600000, GALILEO_DEFAULT_CHUNK_SIZE, 5 }, /* 250000, 125000, 62500, 31250, 16384 */
    { 600000, 16384, 1 },
    { 600000, 16385, 2 },
    { 20000, GALILEO_DEFAULT_CHUNK_SIZE, 2 },  /* it is what was sent that was too big */
    { 100, GALILEO_DEFAULT_CHUNK_SIZE, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Fixture fixture;

    upload_fixture_set_up (&fixture, &refuse, rows[i].size);
    galileo_upload_set_max_chunk_size (fixture.upload, rows[i].max_chunk_size);
    upload_fixture_run (&fixture);
    upload_fixture_assert_error (&fixture, GALILEO_ERROR_MESSAGE_TOO_BIG, "too big");
    g_assert_cmpuint (fixture.peer->n_connections, ==, rows[i].n_connections);
    g_assert_cmpuint (fixture.n_ended, ==, 1);
    upload_fixture_tear_down (&fixture);
  }
}

static gboolean
is_closed (gpointer data)
{
  return ((Fixture *) data)->closed;
}

static void
relent_cb (GalileoUpload *upload, GParamSpec *pspec, Fixture *fixture)
{
  if (galileo_upload_get_max_chunk_size (upload) <= 62500)
    fixture->peer->script = &upload_fixture_stop_and_wait;
}

static void
test_too_big_at_first (void)
{
  static const Script refuse = { .on_metadata = READY, .on_chunk = "#close 1009" };
  Fixture fixture;

  upload_fixture_set_up (&fixture, &refuse, 600000);
  g_signal_connect (fixture.upload, "notify::max-chunk-size", G_CALLBACK (relent_cb), &fixture);
  upload_fixture_run (&fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_cmpstr (fixture.events->str, ==, "cmscmscmsSfCO");
  g_assert_cmpuint (galileo_upload_get_max_chunk_size (fixture.upload), ==, 62500);
  upload_fixture_assert_arrived (&fixture);
  upload_fixture_tear_down (&fixture);
}

static gboolean
has_one_chunk (gpointer data)
{
  return ((Fixture *) data)->n_chunks == 1;
}

static void
pause_cb (GalileoUpload *upload, double ratio, Fixture *fixture)
{
  if (fixture->n_chunks == 1)
    galileo_upload_set_paused (upload, TRUE);
}

static gboolean
tick_cb (gpointer data)
{
  return ++*(guint *) data < 25;
}

static gboolean
is_over (gpointer data)
{
  return *(guint *) data == 25;
}

/* Longer than the stall timer: the server's ready stays unanswered, the connection the same, and then it goes on. */
static void
test_pause (void)
{
  guint n_ticks = 0;
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 1000000);
  galileo_upload_set_timeout (fixture.upload, 1);
  upload_fixture_start (&fixture);
  g_signal_connect (fixture.upload, "chunk", G_CALLBACK (pause_cb), &fixture);
  upload_fixture_wait (has_one_chunk, &fixture);
  g_assert_true (galileo_upload_get_paused (fixture.upload));

  g_timeout_add (100, tick_cb, &n_ticks);
  upload_fixture_wait (is_over, &n_ticks);
  g_assert_cmpuint (fixture.n_chunks, ==, 1);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SENDING);

  galileo_upload_set_paused (fixture.upload, FALSE);
  upload_fixture_wait (is_closed, &fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_cmpuint (fixture.peer->n_connections, ==, 1);
  upload_fixture_assert_arrived (&fixture);
  upload_fixture_tear_down (&fixture);
}

/* It is the server's confirmation that is waited for once all is sent; a pause does not hold that up for ever. */
static void
test_pause_at_end (void)
{
  static const Script script = { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY };
  Fixture fixture;

  upload_fixture_set_up (&fixture, &script, 10);
  galileo_upload_set_timeout (fixture.upload, 1);
  upload_fixture_start (&fixture);
  upload_fixture_wait (has_one_chunk, &fixture);
  while (galileo_upload_get_state (fixture.upload) != GALILEO_UPLOAD_STATE_FINISHED)
    g_main_context_iteration (NULL, TRUE);
  galileo_upload_set_paused (fixture.upload, TRUE);
  upload_fixture_wait (is_closed, &fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_STALLED, "did not confirm");
  upload_fixture_tear_down (&fixture);
}

static void
server_gone_cb (GalileoUpload *upload, GParamSpec *pspec, Fixture *fixture)
{
  if (galileo_upload_get_paused (upload))
    soup_websocket_connection_close (fixture->peer->websocket, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
}

/* A server that had enough of waiting. */
static void
test_pause_cut (void)
{
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 1000000);
  g_signal_connect (fixture.upload, "notify::paused", G_CALLBACK (server_gone_cb), &fixture);
  upload_fixture_start (&fixture);
  g_signal_connect (fixture.upload, "chunk", G_CALLBACK (pause_cb), &fixture);
  upload_fixture_wait (is_closed, &fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_INTERRUPTED, "restarting");
  upload_fixture_tear_down (&fixture);
}

static void
pause_at_once_cb (GalileoUpload *upload, GParamSpec *pspec, gpointer user_data)
{
  galileo_upload_set_paused (upload, TRUE);
  galileo_upload_set_paused (upload, TRUE);
  galileo_upload_set_paused (upload, FALSE);
}

/* In every state, also before it starts and after it ended. */
static void
test_pause_any_time (void)
{
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 600000);
  pause_at_once_cb (fixture.upload, NULL, NULL);
  g_signal_connect (fixture.upload, "notify::state", G_CALLBACK (pause_at_once_cb), NULL);
  upload_fixture_run (&fixture);
  pause_at_once_cb (fixture.upload, NULL, NULL);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  upload_fixture_assert_arrived (&fixture);
  upload_fixture_tear_down (&fixture);
}

/* What the server says it has bounds what the kernel says was taken. */
static void
test_server_counts (void)
{
  static const Script script = {
    .on_metadata = "{\"ready\":true}\n{\"ready\":true}\n{\"ready\":true}\n{\"ready\":true}",
    .on_chunk = "{\"ready\":true,\"offset\":1}",
    .on_last_chunk = NULL,
  };
  Fixture fixture;

  upload_fixture_set_up (&fixture, &script, 1000);
  galileo_upload_set_max_chunk_size (fixture.upload, 100);
  galileo_upload_set_timeout (fixture.upload, 1);
  upload_fixture_run (&fixture);
  g_assert_cmpuint (galileo_upload_get_sent (fixture.upload), ==, 1000);
  g_assert_cmpuint (galileo_upload_get_acknowledged (fixture.upload), ==, 201);
  upload_fixture_tear_down (&fixture);
}

/* A drive that does not answer is no reason to wait for ever, and the reason is the drive's. */
static void
test_stuck_file (void)
{
  static const goffset places[] = { 0, 300000 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree char *contents = g_malloc0 (600000);
    RemoteFile *remote = remote_file_new (contents, 600000);
    Fixture fixture;

    remote->stuck_at = places[i];
    upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 0);
    g_object_unref (fixture.upload);
    fixture.upload = galileo_upload_new (fixture.session, fixture.peer->address, G_FILE (remote));
    galileo_upload_set_timeout (fixture.upload, 1);
    upload_fixture_run (&fixture);
    upload_fixture_assert_error (&fixture, GALILEO_ERROR_STALLED, "network drive");
    remote_file_go_on (remote);

    /* The worker lets go of what it was stuck with. */
    {
      gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

      while (G_OBJECT (fixture.upload)->ref_count > 1) {
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        g_main_context_iteration (NULL, FALSE);
      }
    }
    upload_fixture_tear_down (&fixture);
    g_object_unref (remote);
  }
}

/* The limiter lets an eighth of a second's bytes go at a time; all of them arrive, and none too early. */
static void
test_limit (void)
{
  g_autoptr (GalileoLimiter) limiter = galileo_limiter_new ();
  gint64 start = g_get_monotonic_time ();
  Fixture fixture;

  galileo_limiter_set_rate (limiter, 400000);
  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 400000);
  galileo_upload_set_limiter (fixture.upload, limiter);
  /* Waiting for one's turn is no stall. */
  galileo_upload_set_timeout (fixture.upload, 1);
  upload_fixture_run (&fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  for (guint i = 0; i < fixture.peer->chunk_sizes->len; i++)
    g_assert_cmpuint (g_array_index (fixture.peer->chunk_sizes, gsize, i), <=, 50000);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 7 * G_USEC_PER_SEC / 10);
  upload_fixture_assert_arrived (&fixture);
  upload_fixture_tear_down (&fixture);
}

static void
cancel_cb (GalileoUpload *upload, GParamSpec *pspec, gpointer user_data)
{
  galileo_upload_cancel (upload);
}

/* One that is cancelled while it waits for its turn leaves the line. */
static void
test_limit_cancelled (void)
{
  g_autoptr (GalileoLimiter) limiter = galileo_limiter_new ();
  Fixture fixture;

  galileo_limiter_set_rate (limiter, 100000);
  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 1000000);
  galileo_upload_set_limiter (fixture.upload, limiter);
  upload_fixture_start (&fixture);
  g_signal_connect (fixture.upload, "notify::acknowledged", G_CALLBACK (cancel_cb), NULL);
  upload_fixture_wait (is_closed, &fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_CANCELLED);
  upload_fixture_tear_down (&fixture);
}

static void
test_properties (void)
{
  const char *pin = "0123456789abcdef0123456789ABCDEF 0123456789abcdef:0123456789abcdef";
  g_autofree char *id = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *pinned = NULL;
  gboolean paused, resumable;
  guint64 offset;
  Fixture fixture;

  upload_fixture_set_up (&fixture, &upload_fixture_stop_and_wait, 0);
  g_object_set (fixture.upload, "id", "one", "path", "a/b", "paused", TRUE, "pinned-certificate", pin, NULL);
  g_object_get (fixture.upload,
                "id", &id,
                "path", &folder,
                "paused", &paused,
                "pinned-certificate", &pinned,
                "offset", &offset,
                "resumable", &resumable,
                NULL);
  g_assert_cmpstr (id, ==, "one");
  g_assert_cmpstr (folder, ==, "a/b");
  g_assert_true (paused);
  g_assert_cmpuint (strlen (pinned), ==, 95);
  g_assert_cmpstr (pinned, ==, galileo_upload_get_pinned_certificate (fixture.upload));
  g_assert_cmpuint (offset, ==, 0);
  g_assert_false (resumable);
  g_assert_cmpstr (galileo_upload_get_id (fixture.upload), ==, "one");
  g_assert_cmpstr (galileo_upload_get_path (fixture.upload), ==, "a/b");
  g_assert_null (galileo_upload_get_tls_certificate (fixture.upload));
  g_assert_cmpint (galileo_upload_get_tls_errors (fixture.upload), ==, G_TLS_CERTIFICATE_NO_FLAGS);
  g_object_set (fixture.upload, "pinned-certificate", NULL, "id", NULL, NULL);
  g_assert_null (galileo_upload_get_pinned_certificate (fixture.upload));
  upload_fixture_tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/upload-options/metadata", test_metadata);
  g_test_add_func ("/upload-options/header", test_header);
  g_test_add_func ("/upload-options/resume", test_resume);
  g_test_add_func ("/upload-options/resume-at-end", test_resume_at_end);
  g_test_add_func ("/upload-options/key", test_key);
  g_test_add_func ("/upload-options/wrong-offsets", test_wrong_offsets);
  g_test_add_func ("/upload-options/hash-wish", test_hash_wish);
  g_test_add_func ("/upload-options/verified-too-early", test_verified_too_early);
  g_test_add_func ("/upload-options/too-big", test_too_big);
  g_test_add_func ("/upload-options/too-big-at-first", test_too_big_at_first);
  g_test_add_func ("/upload-options/pause", test_pause);
  g_test_add_func ("/upload-options/pause-at-end", test_pause_at_end);
  g_test_add_func ("/upload-options/pause-cut", test_pause_cut);
  g_test_add_func ("/upload-options/pause-any-time", test_pause_any_time);
  g_test_add_func ("/upload-options/server-counts", test_server_counts);
  g_test_add_func ("/upload-options/stuck-file", test_stuck_file);
  g_test_add_func ("/upload-options/limit", test_limit);
  g_test_add_func ("/upload-options/limit-cancelled", test_limit_cancelled);
  g_test_add_func ("/upload-options/properties", test_properties);

  return g_test_run ();
}

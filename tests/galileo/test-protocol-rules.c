/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "faults/raw-peer.h"
#include "remote-file.h"
#include "upload-fixture.h"

#include "galileo/galileo-metadata.h"
#include "queue/galileo-queue.h"

#include <string.h>

/* Sentences of the protocol document that a peer has to see on the wire, and that other tests do not look at. */

#define FATAL "{\"error\":\"Full\",\"fatal\":true}"

#define CUT (-1)

/* Stop and wait: a ready for each chunk, one for finished. */
static const RawScript stop_and_wait = {
  .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE,
};

static RawPeer *
set_up (Fixture *fixture, const RawScript *script, gsize size)
{
  RawPeer *peer = raw_peer_new (script);

  upload_fixture_set_up (fixture, &upload_fixture_stop_and_wait, size);
  g_assert_finalize_object (fixture->upload);
  fixture->upload = galileo_upload_new (fixture->session, peer->address, fixture->file);

  return peer;
}

static void
tear_down (Fixture *fixture, RawPeer *peer)
{
  g_assert_cmpuint (peer->complaints->len, ==, 0);
  upload_fixture_tear_down (fixture);
  raw_peer_destroy (peer);
}

static gboolean
is_closed (gpointer data)
{
  return ((Fixture *) data)->closed;
}

static gboolean
is_at_end (gpointer data)
{
  return ((RawPeer *) data)->eof;
}

static void
cancel_cb (GalileoUpload *upload, double ratio, gpointer user_data)
{
  galileo_upload_cancel (upload);
}

static void
grow_cb (GalileoUpload *upload, double ratio, Fixture *fixture)
{
  g_autoptr (GFileOutputStream) stream = g_file_append_to (fixture->file, G_FILE_CREATE_NONE, NULL, NULL);

  g_assert_cmpint (g_output_stream_write (G_OUTPUT_STREAM (stream), "more", 4, NULL, NULL), ==, 4);
}

static char *
make_deep_text (void)
{
  g_autofree char *open = g_strnfill (GALILEO_SIGNAL_MAX_DEPTH, '[');
  g_autofree char *close = g_strnfill (GALILEO_SIGNAL_MAX_DEPTH, ']');

  return g_strdup_printf ("{\"a\":%s%s}", open, close);
}

/* With which code the client closes, or that it just cuts the connection. What went wrong only its own side is told. */
static void
test_close_codes (void)
{
  static const struct {
    const char *name;
    RawScript script;
    char *(*make_payload) (void);
    GCallback on_chunk;
    int error; /* -1: succeeds, -2: is cancelled */
    int close_code;
  } rows[] = {
    { "success", { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE },
      .error = -1, .close_code = 1000 },
    { "close early", { .on_metadata = CLOSE }, .error = GALILEO_ERROR_CLOSED_EARLY, .close_code = 1000 },
    { "fatal", { .on_metadata = FATAL }, .error = GALILEO_ERROR_REFUSED, .close_code = 1000 },
    { "fatal at a chunk", { .on_metadata = READY, .on_chunk = FATAL },
      .error = GALILEO_ERROR_REFUSED, .close_code = 1000 },
    { "two texts", { .on_metadata = "a\nb" }, .error = GALILEO_ERROR_PROTOCOL, .close_code = 1002 },
    { "file data", { .on_metadata = "#frame 82 3 00" }, .error = GALILEO_ERROR_PROTOCOL, .close_code = 1002 },
    { "offset", { .on_metadata = "{\"ready\":true,\"offset\":600001}" },
      .error = GALILEO_ERROR_PROTOCOL, .close_code = 1002 },
    { "too deep", { .on_metadata = "#payload" }, make_deep_text, .error = GALILEO_ERROR_PROTOCOL, .close_code = 1002 },
    { "stall", { .on_metadata = NULL }, .error = GALILEO_ERROR_STALLED, .close_code = CUT },
    { "cancelled", { .on_metadata = READY }, NULL, G_CALLBACK (cancel_cb), -2, CUT },
    { "file changed", { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY }, NULL, G_CALLBACK (grow_cb),
      GALILEO_ERROR_GREW, CUT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    RawScript script = rows[i].script;
    Fixture fixture;
    RawPeer *peer;

    g_test_message ("%s", rows[i].name);
    if (rows[i].make_payload != NULL) {
      char *text = rows[i].make_payload ();

      script.payload = g_bytes_new_take (text, strlen (text));
    }
    peer = set_up (&fixture, &script, 600000);
    galileo_upload_set_id (fixture.upload, "one");
    if (rows[i].error == GALILEO_ERROR_STALLED)
      galileo_upload_set_timeout (fixture.upload, 1);
    if (rows[i].on_chunk != NULL)
      g_signal_connect (fixture.upload, "chunk", rows[i].on_chunk, &fixture);
    upload_fixture_start (&fixture);
    upload_fixture_wait (is_closed, &fixture);
    upload_fixture_wait (is_at_end, peer);

    if (rows[i].error >= 0)
      upload_fixture_assert_error (&fixture, (GalileoError) rows[i].error, NULL);
    else
      g_assert_cmpint (galileo_upload_get_state (fixture.upload),
                       ==,
                       rows[i].error == -1 ? GALILEO_UPLOAD_STATE_SUCCEEDED : GALILEO_UPLOAD_STATE_CANCELLED);
    g_assert_cmpint (peer->close_code, ==, rows[i].close_code);
    g_assert_cmpuint (peer->n_finished, ==, rows[i].error == -1 ? 1 : 0);
    tear_down (&fixture, peer);
    g_clear_pointer (&script.payload, g_bytes_unref);
  }
}

/* A server that says nothing to the client's close is not waited for for long, and the outcome is known before. */
static void
test_goodbye (void)
{
  static const RawScript script = { .on_metadata = "#mute\n" READY, .on_chunk = READY, .on_last_chunk = CLOSE };
  Fixture fixture;
  RawPeer *peer = set_up (&fixture, &script, 1000);
  gint64 start;

  upload_fixture_start (&fixture);
  while (fixture.n_ended == 0)
    g_main_context_iteration (NULL, TRUE);
  start = g_get_monotonic_time ();
  g_assert_false (fixture.closed);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  upload_fixture_wait (is_closed, &fixture);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 15 * G_USEC_PER_SEC / 10);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
  tear_down (&fixture, peer);
}

static void
pause_cb (GalileoUpload *upload, double ratio, gpointer user_data)
{
  galileo_upload_set_paused (upload, TRUE);
}

/*
 * The server is pinged every ten seconds, also while the user has the upload paused and a ready stays unanswered. The
 * other upload's server answers pings and nothing else, so it is given up, in spite of the pong, when its time is over.
 */
static void
test_pings (void)
{
  static const RawScript silent = { .on_metadata = NULL };
  const guint timeout = 13;
  gint64 start = g_get_monotonic_time ();
  gint64 times[2];
  Fixture paused, waiting;
  RawPeer *paused_peer = set_up (&paused, &stop_and_wait, 1000000);
  RawPeer *waiting_peer = set_up (&waiting, &silent, 1000);

  g_signal_connect (paused.upload, "chunk", G_CALLBACK (pause_cb), NULL);
  upload_fixture_start (&paused);
  galileo_upload_set_timeout (waiting.upload, timeout);
  upload_fixture_start (&waiting);

  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    while (paused_peer->n_pings <= i)
      g_main_context_iteration (NULL, TRUE);
    times[i] = g_get_monotonic_time ();
  }
  g_assert_cmpint (times[0] - start, >=, 9 * G_USEC_PER_SEC);
  g_assert_cmpint (times[0] - start, <, 15 * G_USEC_PER_SEC);
  g_assert_cmpint (times[1] - times[0], >, 8 * G_USEC_PER_SEC);
  g_assert_cmpint (times[1] - times[0], <, 12 * G_USEC_PER_SEC);
  g_assert_cmpuint (paused_peer->chunk_sizes->len, ==, 1);

  /* Its own ping came at the same time as the first one there. */
  g_assert_true (waiting.closed);
  g_assert_cmpuint (waiting_peer->n_pings, ==, 1);
  upload_fixture_assert_error (&waiting, GALILEO_ERROR_STALLED, "did not ask");

  galileo_upload_set_paused (paused.upload, FALSE);
  g_signal_handlers_disconnect_by_func (paused.upload, pause_cb, NULL);
  upload_fixture_wait (is_closed, &paused);
  g_assert_cmpint (galileo_upload_get_state (paused.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  tear_down (&waiting, waiting_peer);
  tear_down (&paused, paused_peer);
}

/* Credits without number, and a server that takes no byte: what does not get into the kernel is not handed over. */
static void
test_one_chunk_in_flight (void)
{
  static const RawScript script = { .on_metadata = "#ready 1000\n#deaf" };
  const gsize size = 100000000;
  Fixture fixture;
  RawPeer *peer = set_up (&fixture, &script, size);

  galileo_upload_set_timeout (fixture.upload, 1);
  upload_fixture_start (&fixture);
  upload_fixture_wait (is_closed, &fixture);
  upload_fixture_assert_error (&fixture, GALILEO_ERROR_STALLED, "Nothing moved");
  g_assert_cmpuint (galileo_upload_get_sent (fixture.upload), <, size / 2);
  g_assert_cmpuint (galileo_upload_get_sent (fixture.upload),
                    <=,
                    galileo_upload_get_acknowledged (fixture.upload) + 5000000);
  tear_down (&fixture, peer);
}

/* Neither extensions nor subprotocols are asked for. */
static void
test_plain_handshake (void)
{
  g_autofree char *request = NULL;
  Fixture fixture;
  RawPeer *peer = set_up (&fixture, &stop_and_wait, 10);

  upload_fixture_start (&fixture);
  upload_fixture_wait (is_closed, &fixture);
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  request = g_ascii_strdown (peer->request, -1);
  g_assert_nonnull (strstr (request, "sec-websocket-key:"));
  g_assert_null (strstr (request, "sec-websocket-extensions"));
  g_assert_null (strstr (request, "sec-websocket-protocol"));
  tear_down (&fixture, peer);
}

/* Against values that were computed elsewhere: SHA-1 of the four lines, as a UUID of version 5. */
static void
test_key (void)
{
  g_autoptr (GDateTime) modified = g_date_time_new_from_iso8601 ("2024-05-17T09:30:12.000250Z", NULL);
  g_autoptr (GDateTime) whole = g_date_time_new_from_iso8601 ("2024-05-17T09:30:12Z", NULL);
  const struct {
    GDateTime *modified;
    const char *text;
    const char *key;
  } rows[] = {
    { modified, "2024-05-17T09:30:12.000250Z", "3eb83dac-0f8b-5743-8a16-9ad98293b666" },
    { whole, "2024-05-17T09:30:12Z", "56691eac-e7ca-5ced-a358-dbb551c0d1ba" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const GalileoMetadata metadata = {
      .name = "choir.wav", .size = 1234567, .modified = rows[i].modified, .id = "one", .hash_type = GALILEO_HASH_SHA1,
    };
    g_autoptr (GalileoSignal) signal = galileo_metadata_to_signal (&metadata);

    g_assert_cmpstr (galileo_signal_get_string (signal, "modified"), ==, rows[i].text);
    g_assert_cmpstr (galileo_signal_get_string (signal, "upload"), ==, rows[i].key);
  }
}

/* A file whose time is unknown has no key, and no server can have a part of it. */
static void
test_no_time (void)
{
  static const RawScript script = {
    .on_metadata = "{\"ready\":true,\"offset\":5}", .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE,
  };
  const char *contents = "ten bytes.";
  g_autoptr (GalileoSignal) metadata = NULL;
  RemoteFile *remote = remote_file_new (contents, strlen (contents));
  Fixture fixture;
  RawPeer *peer = set_up (&fixture, &script, 0);

  /* Beyond what a date can say. */
  remote->modified = 300000000000;
  g_assert_finalize_object (fixture.upload);
  fixture.upload = galileo_upload_new (fixture.session, peer->address, G_FILE (remote));
  galileo_upload_set_id (fixture.upload, "one");
  upload_fixture_start (&fixture);
  upload_fixture_wait (is_closed, &fixture);
  metadata = galileo_signal_parse (peer->metadata, strlen (peer->metadata), NULL);
  g_assert_null (galileo_signal_get_string (metadata, "modified"));
  g_assert_null (galileo_signal_get_string (metadata, "upload"));
  g_assert_cmpint (galileo_upload_get_state (fixture.upload), ==, GALILEO_UPLOAD_STATE_SUCCEEDED);
  g_assert_cmpuint (galileo_upload_get_offset (fixture.upload), ==, 0);
  g_assert_false (galileo_upload_get_resumable (fixture.upload));
  g_assert_cmpmem (peer->received->data, peer->received->len, contents, strlen (contents));
  tear_down (&fixture, peer);
  g_object_unref (remote);
}

static void
relent_cb (GalileoQueue *queue, GalileoItem *item, double delay, RawPeer *peer)
{
  g_assert_cmpfloat (delay, ==, 2);
  peer->script = &stop_and_wait;
}

static void
idle_cb (GalileoQueue *queue, gboolean *idle)
{
  *idle = TRUE;
}

/* A refusal is final, unless the server says after how many seconds to come back. */
static void
test_retry (void)
{
  static const struct {
    const char *refusal;
    guint n_attempts;
  } rows[] = {
    { "{\"error\":\"Busy\",\"fatal\":true,\"retry\":2}", 2 },
    { "{\"error\":\"Busy\",\"fatal\":true,\"retry\":0}", 1 },
    { "{\"error\":\"Busy\",\"fatal\":true,\"retry\":-1}", 1 },
    { "{\"error\":\"Busy\",\"fatal\":true,\"retry\":\"1\"}", 1 },
    { FATAL, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const RawScript script = { .on_metadata = rows[i].refusal };
    g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
    GalileoEngine *engine = galileo_engine_new ();
    GalileoQueue *queue = galileo_queue_new (engine);
    g_autoptr (GalileoSite) site = NULL;
    g_autofree char *address = NULL;
    gboolean idle = FALSE;
    GalileoItem *item;
    Fixture fixture;
    RawPeer *peer = set_up (&fixture, &script, 1000);

    g_test_message ("%s", rows[i].refusal);
    address = g_uri_to_string (peer->address);
    site = galileo_site_new (address, NULL);
    item = galileo_item_new (site, fixture.file, NULL);
    g_ptr_array_add (items, item);
    g_signal_connect (queue, "item-retry", G_CALLBACK (relent_cb), peer);
    g_signal_connect (queue, "idle", G_CALLBACK (idle_cb), &idle);
    galileo_queue_append (queue, items);
    while (!idle)
      g_main_context_iteration (NULL, TRUE);
    g_assert_cmpuint (galileo_item_get_attempt (item), ==, rows[i].n_attempts);
    g_assert_cmpint (galileo_item_get_state (item), ==, i == 0 ? GALILEO_ITEM_DONE : GALILEO_ITEM_FAILED);
    g_assert_finalize_object (queue);
    g_assert_finalize_object (engine);
    tear_down (&fixture, peer);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/protocol-rules/close-codes", test_close_codes);
  g_test_add_func ("/protocol-rules/goodbye", test_goodbye);
  g_test_add_func ("/protocol-rules/pings", test_pings);
  g_test_add_func ("/protocol-rules/one-chunk-in-flight", test_one_chunk_in_flight);
  g_test_add_func ("/protocol-rules/plain-handshake", test_plain_handshake);
  g_test_add_func ("/protocol-rules/key", test_key);
  g_test_add_func ("/protocol-rules/no-time", test_no_time);
  g_test_add_func ("/protocol-rules/retry", test_retry);

  return g_test_run ();
}

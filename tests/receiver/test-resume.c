/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "folder.h"

#include "galileo/galileo-signal.h"
#include "receiver/receiver-upload.h"

#include <stdlib.h>
#include <string.h>

/* Uploads that go on after a cut, each over a websocket of its own. */

#define METADATA "{\"name\":\"f\",\"size\":10,\"upload\":\"u-1\",\"modified\":\"2026-01-01T00:00:00Z\"}"
#define FINISHED(hash) "{\"finished\":true,\"hash\":{\"type\":\"sha1\",\"value\":\"" hash "\"}}"
/* Of 0123456789. */
#define SHA1 "87acec17cd9dcd20a716cc2cf67417b71c8a7016"

static const ReceiverLimits limits = { .chunk_size = 4, .window = 1, .max_size = 100 };

typedef struct {
  char *folder;
  ReceiverStore *store;
  ReceiverLog *log;
  FILE *out;
  char *log_text;
  size_t log_length;
} Fixture;

static void
open_store (Fixture *fixture, guint keep)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->store, receiver_store_free);
  fixture->store = receiver_store_open (fixture->folder, keep, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = folder_new ();
  open_store (fixture, 60);
  fixture->out = open_memstream (&fixture->log_text, &fixture->log_length);
  fixture->log = receiver_log_new (fixture->out, fixture->out, TRUE, FALSE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  receiver_log_free (fixture->log);
  fclose (fixture->out);
  free (fixture->log_text);
  receiver_store_free (fixture->store);
  folder_free (fixture->folder);
}

static void
feed (ReceiverUpload *upload, const char *text)
{
  receiver_upload_text (upload, text, strlen (text), TRUE);
}

static void
work (ReceiverUpload *upload)
{
  g_assert_true (receiver_upload_has_work (upload));
  receiver_upload_work (upload);
  receiver_upload_worked (upload);
  g_assert_false (receiver_upload_has_work (upload));
}

static ReceiverUpload *
begin (Fixture *fixture, const char *metadata)
{
  ReceiverUpload *upload = receiver_upload_new (fixture->store, &limits, fixture->log);

  feed (upload, metadata);
  return upload;
}

/* What is to be sent next, and nothing after it. */
static void
assert_answer (ReceiverUpload *upload, const char *expected)
{
  g_autofree char *text = receiver_upload_take_signal (upload);

  g_assert_cmpstr (text, ==, expected);
  g_assert_false (receiver_upload_has_signal (upload));
}

static void
assert_error (ReceiverUpload *upload, const char *code, const char *end)
{
  g_autofree char *text = receiver_upload_take_signal (upload);
  g_autofree char *word = g_strdup_printf ("\"code\":\"%s\"", code);

  g_assert_cmpint (receiver_upload_get_state (upload), ==, RECEIVER_UPLOAD_FAILED);
  g_test_message ("%s", text);
  g_assert_nonnull (strstr (text, word));
  g_assert_true (g_str_has_suffix (text, end));
  g_assert_false (receiver_upload_has_signal (upload));
}

static void
assert_list (Fixture *fixture, const char *expected)
{
  g_autofree char *list = folder_list (fixture->folder);

  g_assert_cmpstr (list, ==, expected);
}

/* Sends @text in one chunk, and answers nothing. */
static void
send (ReceiverUpload *upload, const char *text)
{
  receiver_upload_binary (upload, text, strlen (text), TRUE);
}

/* An upload whose connection ends after four bytes. */
static void
leave_four (Fixture *fixture, const char *metadata)
{
  g_autoptr (ReceiverUpload) upload = begin (fixture, metadata);

  assert_answer (upload, "{\"ready\":true,\"chunksize\":4,\"offset\":0}");
  send (upload, "0123");
  assert_answer (upload, "{\"ready\":true,\"chunksize\":4,\"offset\":4}");
  receiver_upload_cut (upload, "cut");
}

static ReceiverUpload *
go_on_from_four (Fixture *fixture)
{
  ReceiverUpload *upload = begin (fixture, METADATA);

  g_assert_cmpint (receiver_upload_get_state (upload), ==, RECEIVER_UPLOAD_OPENING);
  g_assert_false (receiver_upload_has_signal (upload));
  work (upload);
  assert_answer (upload, "{\"ready\":true,\"chunksize\":4,\"offset\":4}");
  return upload;
}

static void
send_rest (Fixture *fixture, ReceiverUpload *upload)
{
  send (upload, "4567");
  assert_answer (upload, "{\"ready\":true,\"chunksize\":4,\"offset\":8}");
  send (upload, "89");
  assert_answer (upload, "{\"ready\":true,\"chunksize\":4,\"offset\":10}");
}

static void
finish (Fixture *fixture, ReceiverUpload *upload)
{
  g_autofree char *contents = NULL;

  feed (upload, FINISHED (SHA1));
  work (upload);
  assert_answer (upload, "{\"close\":true,\"verified\":true}");
  contents = folder_read (fixture->folder, "f");
  g_assert_cmpstr (contents, ==, "0123456789");
  assert_list (fixture, "f");
}

static void
test_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ReceiverUpload) upload = NULL;

  leave_four (fixture, METADATA);
  upload = go_on_from_four (fixture);
  send_rest (fixture, upload);
  finish (fixture, upload);
}

/* Cut in the middle of a chunk: its first bytes count. */
static void
test_cut_in_a_chunk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ReceiverUpload) first = begin (fixture, METADATA);
  g_autoptr (ReceiverUpload) second = NULL;

  receiver_upload_binary (first, "01", 2, FALSE);
  receiver_upload_cut (first, "cut");
  second = begin (fixture, METADATA);
  work (second);
  assert_answer (second, "{\"ready\":true,\"chunksize\":4,\"offset\":2}");
}

/* All is there, and only `finished` was lost. */
static void
test_all_is_there (Fixture *fixture, gconstpointer data)
{
  ReceiverUpload *upload;

  leave_four (fixture, METADATA);
  upload = go_on_from_four (fixture);
  send_rest (fixture, upload);
  receiver_upload_cut (upload, "cut");
  receiver_upload_free (upload);

  upload = begin (fixture, METADATA);
  work (upload);
  assert_answer (upload, "{\"ready\":true,\"chunksize\":4,\"offset\":10}");
  finish (fixture, upload);
  receiver_upload_free (upload);
}

/* Another file, or another version of it, begins at 0 and touches nothing of the first. */
static void
test_something_else (Fixture *fixture, gconstpointer data)
{
  static const char *const others[] = {
    "{\"name\":\"f\",\"size\":10,\"upload\":\"u-2\",\"modified\":\"2026-01-01T00:00:00Z\"}",
    "{\"name\":\"g\",\"size\":10,\"upload\":\"u-1\",\"modified\":\"2026-01-01T00:00:00Z\"}",
    "{\"name\":\"f\",\"size\":11,\"upload\":\"u-1\",\"modified\":\"2026-01-01T00:00:00Z\"}",
    "{\"name\":\"f\",\"size\":10,\"upload\":\"u-1\",\"modified\":\"2026-01-01T00:00:01Z\"}",
    "{\"name\":\"f\",\"size\":10,\"upload\":\"u-1\"}",
  };
  g_autoptr (ReceiverUpload) upload = NULL;

  leave_four (fixture, METADATA);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autoptr (ReceiverUpload) other = begin (fixture, others[i]);

    assert_answer (other, "{\"ready\":true,\"chunksize\":4,\"offset\":0}");
    receiver_upload_cut (other, "cut");
  }
  upload = go_on_from_four (fixture);
  receiver_upload_cut (upload, "cut");
}

static void
test_no_upload_key (Fixture *fixture, gconstpointer data)
{
  static const char *const plain[] = {
    "{\"name\":\"f\",\"size\":10}",
    "{\"name\":\"f\",\"size\":10,\"upload\":\"a/b\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (plain); i++) {
    g_autoptr (ReceiverUpload) upload = begin (fixture, plain[i]);

    assert_answer (upload, "{\"ready\":true,\"chunksize\":4}");
    send (upload, "0123");
    assert_answer (upload, "{\"ready\":true,\"chunksize\":4,\"offset\":4}");
    receiver_upload_cut (upload, "cut");
    assert_list (fixture, "");
  }
}

static void
test_nothing_is_kept (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ReceiverUpload) upload = NULL;

  open_store (fixture, 0);
  upload = begin (fixture, METADATA);
  assert_answer (upload, "{\"ready\":true,\"chunksize\":4}");
  send (upload, "0123");
  receiver_upload_cut (upload, "cut");
  assert_list (fixture, "");
}

static void
count_cb (ReceiverUpload *upload, gpointer data)
{
  int *count = data;

  g_assert_true (receiver_upload_has_signal (upload));
  (*count)++;
}

/* The old connection still looks alive, and may have more to say. */
static void
test_taken_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ReceiverUpload) first = begin (fixture, METADATA);
  g_autoptr (ReceiverUpload) second = NULL;
  int count = 0;

  receiver_upload_set_func (first, count_cb, &count);
  assert_answer (first, "{\"ready\":true,\"chunksize\":4,\"offset\":0}");
  receiver_upload_binary (first, "012", 3, FALSE);
  second = begin (fixture, METADATA);
  g_assert_cmpint (count, ==, 1);
  assert_error (first, "taken-over", "\"retry\":0}");
  receiver_upload_binary (first, "3", 1, TRUE);
  feed (first, FINISHED (SHA1));
  g_assert_false (receiver_upload_has_signal (first));

  work (second);
  assert_answer (second, "{\"ready\":true,\"chunksize\":4,\"offset\":3}");
  receiver_upload_cut (first, "cut");
  send (second, "3456");
  assert_answer (second, "{\"ready\":true,\"chunksize\":4,\"offset\":7}");
  send (second, "789");
  assert_answer (second, "{\"ready\":true,\"chunksize\":4,\"offset\":10}");
  finish (fixture, second);
  g_assert_nonnull (strstr (fixture->log_text, "\"event\":\"cut\""));
}

static void
test_taken_over_with_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ReceiverUpload) first = begin (fixture, METADATA);
  g_autoptr (ReceiverUpload) second = begin (fixture, METADATA);

  assert_error (first, "taken-over", "\"retry\":0}");
  assert_answer (second, "{\"ready\":true,\"chunksize\":4,\"offset\":0}");
  receiver_upload_cut (second, "cut");
}

/* A thread has the file: it is published, or looked at. */
static void
test_busy (Fixture *fixture, gconstpointer data)
{
  ReceiverUpload *upload, *other;

  leave_four (fixture, METADATA);
  upload = begin (fixture, METADATA);
  other = begin (fixture, METADATA);
  assert_error (other, "busy", "\"retry\":2}");
  receiver_upload_free (other);

  work (upload);
  assert_answer (upload, "{\"ready\":true,\"chunksize\":4,\"offset\":4}");
  send_rest (fixture, upload);
  feed (upload, FINISHED (SHA1));
  other = begin (fixture, METADATA);
  assert_error (other, "busy", "\"retry\":2}");
  receiver_upload_free (other);

  /* Also when its client is gone. */
  receiver_upload_cut (upload, "cut");
  other = begin (fixture, METADATA);
  assert_error (other, "busy", "\"retry\":2}");
  receiver_upload_free (other);

  work (upload);
  receiver_upload_free (upload);
  assert_list (fixture, "f");
}

static void
test_cut_while_opening (Fixture *fixture, gconstpointer data)
{
  ReceiverUpload *upload;

  leave_four (fixture, METADATA);
  upload = begin (fixture, METADATA);
  receiver_upload_work (upload);
  receiver_upload_cut (upload, "cut");
  receiver_upload_worked (upload);
  g_assert_false (receiver_upload_has_signal (upload));
  receiver_upload_free (upload);

  upload = go_on_from_four (fixture);
  receiver_upload_cut (upload, "cut");
  receiver_upload_free (upload);
}

/* A client must hear where to go on before it sends. */
static void
test_speaks_too_early (Fixture *fixture, gconstpointer data)
{
  for (int moment = 0; moment < 3; moment++) {
    g_autoptr (ReceiverUpload) upload = NULL;

    leave_four (fixture, METADATA);
    upload = begin (fixture, METADATA);
    if (moment == 0)
      send (upload, "4567");
    else if (moment == 1)
      feed (upload, FINISHED (SHA1));
    work (upload);
    if (moment == 2)
      send (upload, "4567");
    assert_error (upload, "protocol", "\"}");
    assert_list (fixture, "");
  }
}

/* What was left is not the file: the next attempt sends all of it. */
static void
test_wrong_hash (Fixture *fixture, gconstpointer data)
{
  ReceiverUpload *upload;

  leave_four (fixture, METADATA);
  upload = go_on_from_four (fixture);
  send_rest (fixture, upload);
  feed (upload, FINISHED ("0000000000000000000000000000000000000000"));
  work (upload);
  assert_error (upload, "hash-mismatch", "\"}");
  receiver_upload_free (upload);
  assert_list (fixture, "");

  leave_four (fixture, METADATA);
}

/* Whether it makes sense to try again. */
static void
test_retry (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *metadata;
    const char *code;
    const char *end;
  } rows[] = {
    { "{\"name\":\"../f\",\"size\":1}", "name", "\"retry\":0}" },
    { "{\"name\":\"f\",\"size\":101}", "too-big", "\"retry\":0}" },
    { "{\"name\":\"f\",\"size\":\"1\"}", "size", "\"}" },
    { "{\"finished\":true}", "protocol", "\"}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (ReceiverUpload) upload = begin (fixture, rows[i].metadata);

    assert_error (upload, rows[i].code, rows[i].end);
  }
}

#define ADD(name, function) g_test_add ("/resume/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("goes-on", test_goes_on);
  ADD ("cut-in-a-chunk", test_cut_in_a_chunk);
  ADD ("all-is-there", test_all_is_there);
  ADD ("something-else", test_something_else);
  ADD ("no-upload-key", test_no_upload_key);
  ADD ("nothing-is-kept", test_nothing_is_kept);
  ADD ("taken-over", test_taken_over);
  ADD ("taken-over-with-nothing", test_taken_over_with_nothing);
  ADD ("busy", test_busy);
  ADD ("cut-while-opening", test_cut_while_opening);
  ADD ("speaks-too-early", test_speaks_too_early);
  ADD ("wrong-hash", test_wrong_hash);
  ADD ("retry", test_retry);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "folder.h"

#include "galileo/galileo-signal.h"
#include "receiver/receiver-upload.h"

#include <stdlib.h>
#include <string.h>

/*
 * Conversations in short. Each step is a letter with a parameter:
 *
 *   M5  the metadata of a file "f" of 5 bytes      T…  any other text
 *   B5  a whole chunk of 5 bytes, or its last      F   {"finished":true}
 *   b5  5 bytes of a chunk; more of it follows     t5  5 bytes of a text; more of it follows
 *   p   the thread publishes the file              d   and says that it is done
 *   P   both                                       X   the connection ends
 *
 * What the client gets at each step is r for a ready, c for close, v for close with `verified`, e(code) for a
 * fatal error, - for nothing.
 * Chunks have at most 100 bytes, three of that size go ahead, and a file has at most 1000 bytes.
 */
typedef struct {
  const char *name;
  const char *steps;
  const char *answers;
  ReceiverUploadState state;
  const char *files;
  const char *events;
} Row;

#define RECEIVING RECEIVER_UPLOAD_RECEIVING
#define STORED RECEIVER_UPLOAD_STORED
#define FAILED RECEIVER_UPLOAD_FAILED

/* Announces a file of 5 bytes and its hash. */
#define A5 "T{\"name\":\"f\",\"size\":5,\"hash\":\"sha1\"}"
#define FINISHED(type, value) \
  "T{\"finished\":true,\"hash\":{\"type\":\"" type "\",\"value\":\"" value "\"}}"
#define SHA1 "9addbf544119efa4a64223b649750a510f0d463f"
#define SHA1_UPPER "9ADDBF544119EFA4A64223B649750A510F0D463F"
#define SHA1_EMPTY "da39a3ee5e6b4b0d3255bfef95601890afd80709"

#define R9 "rrrrrrrrr"
#define R10 "r" R9

static const Row rows[] = {
  /* What is as it should be. */
  { "empty", "M0 F P", "r - c", STORED, "f", "start stored" },
  { "one-byte", "M1 B1 F P", "rr - - c", STORED, "f", "start stored" },
  { "one-chunk", "M100 B100 F P", "rr - - c", STORED, "f", "start stored" },
  { "chunk-and-a-byte", "M101 B100 B1 F P", "rrr - - - c", STORED, "f", "start stored" },
  { "window", "M500 B100 B100 B100 B100 B100 F P", "rrr r r r - - - c", STORED, "f", "start stored" },
  { "small-chunks", "M100 B30 B30 B30 B10 F P", "rr rrr - - - - c", STORED, "f", "start stored" },
  { "small-first-chunk", "M20 B1 B10 B9 F P", "rr " R10 R9 " - - - c", STORED, "f", "start stored" },
  { "empty-chunks", "M3 B0 B0 B3 B0 F P", "rr r r - r - c", STORED, "f", "start stored" },
  { "pieces", "M100 b50 b0 b49 B1 F P", "rr - - - - - c", STORED, "f", "start stored" },
  { "biggest", "M1000", "rrr", RECEIVING, "partial", "start" },
  { "truthy-finished", "M0 T{\"finished\":1} P", "r - c", STORED, "f", "start stored" },
  { "extra-keys",
    "T{\"name\":\"f\",\"size\":0,\"x\":[{}]} T{\"finished\":true,\"hash\":{}} P",
    "r - c",
    STORED,
    "f",
    "start stored" },
  { "spaces", "T\n{\"size\":0,\t\"name\":\"f\"} F P", "r - c", STORED, "f", "start stored" },

  /* A hash. That of "xxxxx" is 9addbf544119efa4a64223b649750a510f0d463f in SHA-1. */
  { "hash", "M5 B5 " FINISHED ("sha1", SHA1) " P", "rr - - v", STORED, "f", "start stored" },
  { "hash-upper-case", "M5 B5 " FINISHED ("sha1", SHA1_UPPER) " P", "rr - - v", STORED, "f", "start stored" },
  { "hash-announced", A5 " B5 " FINISHED ("sha1", SHA1) " P", "rr - - v", STORED, "f", "start stored" },
  { "hash-announced-only", A5 " B5 F P", "rr - - c", STORED, "f", "start stored" },
  { "hash-wrong", "M5 B5 " FINISHED ("sha1", "00") " P", "rr - - e(hash-mismatch)", FAILED, "", "start refused" },
  { "hash-type", "M5 B5 " FINISHED ("sha256", SHA1) " P", "rr - - e(hash-mismatch)", FAILED, "", "start refused" },
  { "hash-empty", "M5 B5 " FINISHED ("sha1", "") " P", "rr - - e(hash-mismatch)", FAILED, "", "start refused" },
  { "hash-of-nothing", "M0 " FINISHED ("sha1", SHA1_EMPTY) " P", "r - v", STORED, "f", "start stored" },
  { "hash-unknown", "M5 B5 " FINISHED ("md5", "00") " P", "rr - - c", STORED, "f", "start stored" },
  { "hash-none", "M5 B5 " FINISHED ("none", "00") " P", "rr - - c", STORED, "f", "start stored" },
  { "hash-type-upper-case", "M5 B5 " FINISHED ("SHA1", "00") " P", "rr - - c", STORED, "f", "start stored" },
  { "hash-wrong-after-cut",
    "M5 B5 " FINISHED ("sha1", "00") " X P",
    "rr - - - e(hash-mismatch)",
    FAILED,
    "",
    "start refused" },

  /* Names. */
  { "no-name", "T{\"size\":1}", "e(name)", FAILED, "", "refused" },
  { "name-null", "T{\"name\":null,\"size\":1}", "e(name)", FAILED, "", "refused" },
  { "name-number", "T{\"name\":1,\"size\":1}", "e(name)", FAILED, "", "refused" },
  { "name-empty", "T{\"name\":\"\",\"size\":1}", "e(name)", FAILED, "", "refused" },
  { "name-up", "T{\"name\":\"../f\",\"size\":1}", "e(name)", FAILED, "", "refused" },
  { "name-absolute", "T{\"name\":\"/etc/passwd\",\"size\":1}", "e(name)", FAILED, "", "refused" },
  { "name-escaped-slash", "T{\"name\":\"..\\u002ff\",\"size\":1}", "e(name)", FAILED, "", "refused" },
  { "name-device", "T{\"name\":\"CON\",\"size\":1}", "e(name)", FAILED, "", "refused" },
  { "name-hidden", "T{\"name\":\".f\",\"size\":1}", "e(name)", FAILED, "", "refused" },
  { "name-surrogate", "T{\"name\":\"\\ud800\",\"size\":1}", "e(protocol)", FAILED, "", "refused" },
  { "name-nul", "T{\"name\":\"f\\u0000/../g\",\"size\":1}", "e(protocol)", FAILED, "", "refused" },

  /* Sizes. */
  { "no-size", "T{\"name\":\"f\"}", "e(size)", FAILED, "", "refused" },
  { "size-null", "T{\"name\":\"f\",\"size\":null}", "e(size)", FAILED, "", "refused" },
  { "size-negative", "M-1", "e(size)", FAILED, "", "refused" },
  { "size-fraction", "M1.5", "e(size)", FAILED, "", "refused" },
  { "size-exponent", "M1e2", "e(size)", FAILED, "", "refused" },
  { "size-string", "M\"5\"", "e(size)", FAILED, "", "refused" },
  { "size-list", "M[5]", "e(size)", FAILED, "", "refused" },
  { "size-2^63", "M9223372036854775808", "e(size)", FAILED, "", "refused" },
  { "size-2^64", "M18446744073709551616", "e(size)", FAILED, "", "refused" },
  { "size-26-digits", "M99999999999999999999999999", "e(size)", FAILED, "", "refused" },
  { "size-2^63-1", "M9223372036854775807", "e(size)", FAILED, "", "refused" },
  { "size-2^63-2", "M9223372036854775806", "e(too-big)", FAILED, "", "refused" },
  { "too-big", "M1001", "e(too-big)", FAILED, "", "refused" },

  /* Text that is no signal. */
  { "no-json", "Thello", "e(protocol)", FAILED, "", "refused" },
  { "list", "T[]", "e(protocol)", FAILED, "", "refused" },
  { "number", "T1", "e(protocol)", FAILED, "", "refused" },
  { "nothing", "T", "e(protocol)", FAILED, "", "refused" },
  { "two-objects", "T{}{}", "e(protocol)", FAILED, "", "refused" },
  { "not-utf-8", "T{\"name\":\"\xff\",\"size\":1}", "e(protocol)", FAILED, "", "refused" },
  { "in-pieces", "t5 T", "- e(protocol)", FAILED, "", "refused" },
  { "long", "t1048576 t1", "- e(protocol)", FAILED, "", "refused" },
  { "empty-object", "T{}", "e(name)", FAILED, "", "refused" },

  /* What comes at the wrong time. */
  { "binary-first", "B1", "e(protocol)", FAILED, "", "refused" },
  { "empty-binary-first", "B0", "e(protocol)", FAILED, "", "refused" },
  { "finished-first", "F", "e(protocol)", FAILED, "", "refused" },
  { "metadata-twice", "M5 M5", "rr e(protocol)", FAILED, "", "start refused" },
  { "metadata-after-data", "M5 B5 M5", "rr - e(protocol)", FAILED, "", "start refused" },
  { "no-json-later", "M5 Thello", "rr e(protocol)", FAILED, "", "start refused" },
  { "unknown-signal", "M5 T{\"pause\":true}", "rr e(protocol)", FAILED, "", "start refused" },
  { "false-finished", "M0 T{\"finished\":false}", "r e(protocol)", FAILED, "", "start refused" },
  { "finished-early", "M5 F", "rr e(size)", FAILED, "", "start refused" },
  { "finished-too-early", "M5 B4 F", "rr r e(size)", FAILED, "", "start refused" },
  { "finished-twice", "M5 B5 F F P", "rr - - e(protocol) -", FAILED, "", "start refused" },
  { "finished-twice-late", "M5 B5 F p F d", "rr - - - e(protocol) -", FAILED, "f", "start refused stored" },
  { "finished-after-close", "M5 B5 F P F", "rr - - c e(protocol)", FAILED, "f", "start stored" },
  { "binary-after-finished", "M5 B5 F B0 P", "rr - - e(protocol) -", FAILED, "", "start refused" },
  { "binary-after-close", "M5 B5 F P B1", "rr - - c e(protocol)", FAILED, "f", "start stored" },
  { "metadata-after-close", "M5 B5 F P M5", "rr - - c e(protocol)", FAILED, "f", "start stored" },
  { "after-failure", "M5 B6 B5 M5 F X", "rr e(size) - - - -", FAILED, "", "start refused" },

  /* Too much. */
  { "one-byte-too-many", "M5 B6", "rr e(size)", FAILED, "", "start refused" },
  { "one-byte-after-all", "M5 B5 B1", "rr - e(size)", FAILED, "", "start refused" },
  { "one-byte-into-empty", "M0 B1", "r e(size)", FAILED, "", "start refused" },
  { "chunk-too-big", "M500 B101", "rrr e(protocol)", FAILED, "", "start refused" },
  { "chunk-too-big-piece", "M500 b60 b40 b1", "rrr - - e(protocol)", FAILED, "", "start refused" },
  { "chunk-too-big-end", "M500 b60 b40 B1", "rrr - - e(protocol)", FAILED, "", "start refused" },

  /* The end of the connection. */
  { "cut-at-once", "X", "-", FAILED, "", "" },
  { "cut-in-text", "t5 X", "- -", FAILED, "", "" },
  { "cut-after-metadata", "M5 X", "rr -", FAILED, "", "start cut" },
  { "cut-in-data", "M500 B100 b50 X", "rrr r - -", FAILED, "", "start cut" },
  { "cut-before-finished", "M5 B5 X", "rr - -", FAILED, "", "start cut" },
  { "cut-after-finished", "M5 B5 F X P", "rr - - - c", STORED, "f", "start stored" },
  { "cut-after-close", "M5 B5 F P X", "rr - - c -", STORED, "f", "start stored" },
  { "cut-after-failure", "M5 B6 X", "rr e(size) -", FAILED, "", "start refused" },
};

typedef struct {
  char *folder;
  ReceiverStore *store;
  ReceiverLog *log;
  ReceiverUpload *upload;
  FILE *out;
  char *log_text;
  size_t log_length;
} Fixture;

static void
set_up (Fixture *fixture, const ReceiverLimits *limits)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = folder_new ();
  fixture->store = receiver_store_open (fixture->folder, 60, &error);
  g_assert_no_error (error);
  fixture->out = open_memstream (&fixture->log_text, &fixture->log_length);
  fflush (fixture->out);
  fixture->log = receiver_log_new (fixture->out, fixture->out, TRUE, FALSE);
  fixture->upload = receiver_upload_new (fixture->store, limits, fixture->log);
}

static void
tear_down (Fixture *fixture)
{
  receiver_upload_free (fixture->upload);
  receiver_log_free (fixture->log);
  fclose (fixture->out);
  free (fixture->log_text);
  receiver_store_free (fixture->store);
  folder_free (fixture->folder);
}

static void
feed_text (Fixture *fixture, const char *text)
{
  receiver_upload_text (fixture->upload, text, strlen (text), TRUE);
}

static void
feed_filler (Fixture *fixture, char step, gsize length)
{
  g_autofree char *filler = g_strnfill (length, 'x');

  if (step == 't')
    receiver_upload_text (fixture->upload, filler, length, FALSE);
  else
    receiver_upload_binary (fixture->upload, filler, length, step == 'B');
}

static void
take_step (Fixture *fixture, const char *step)
{
  g_autofree char *metadata = NULL;

  switch (*step) {
  case 'M':
    metadata = g_strdup_printf ("{\"name\":\"f\",\"size\":%s}", step + 1);
    feed_text (fixture, metadata);
    break;
  case 'T':
    feed_text (fixture, step + 1);
    break;
  case 'F':
    feed_text (fixture, "{\"finished\":true}");
    break;
  case 'p':
    receiver_upload_work (fixture->upload);
    break;
  case 'd':
    receiver_upload_worked (fixture->upload);
    break;
  case 'P':
    receiver_upload_work (fixture->upload);
    receiver_upload_worked (fixture->upload);
    break;
  case 'X':
    receiver_upload_cut (fixture->upload, "cut");
    break;
  default:
    feed_filler (fixture, *step, (gsize) g_ascii_strtoull (step + 1, NULL, 10));
    break;
  }
}

/* The signals that wait to be sent, in short. */
static void
append_answers (Fixture *fixture, GString *answers)
{
  gsize before = answers->len;

  while (receiver_upload_has_signal (fixture->upload)) {
    g_autofree char *text = receiver_upload_take_signal (fixture->upload);
    g_autoptr (GalileoSignal) signal = galileo_signal_parse (text, strlen (text), NULL);

    switch (galileo_signal_get_kind (signal)) {
    case GALILEO_SIGNAL_READY:
      g_assert_cmpuint (galileo_signal_get_chunk_size (signal), ==, 100);
      g_string_append_c (answers, 'r');
      break;
    case GALILEO_SIGNAL_CLOSE:
      g_string_append_c (answers, galileo_signal_is_true (signal, "verified") ? 'v' : 'c');
      break;
    default:
      g_assert_true (galileo_signal_get_fatal (signal));
      g_test_message ("%s", galileo_signal_get_string (signal, "error"));
      g_string_append_printf (answers, "e(%s)", galileo_signal_get_string (signal, "code"));
      break;
    }
  }

  g_assert_null (receiver_upload_take_signal (fixture->upload));
  if (answers->len == before)
    g_string_append_c (answers, '-');
}

/* The kinds of events in the log, with spaces between. */
static char *
list_events (Fixture *fixture)
{
  g_auto (GStrv) lines = g_strsplit (fixture->log_text, "\n", -1);
  GString *events = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++) {
    g_autoptr (GalileoSignal) event = galileo_signal_parse (*line, strlen (*line), NULL);

    if (event == NULL)
      continue;
    if (events->len > 0)
      g_string_append_c (events, ' ');
    g_string_append (events, galileo_signal_get_string (event, "event"));
  }
  return g_string_free (events, FALSE);
}

static void
assert_files (Fixture *fixture, const char *expected)
{
  g_autofree char *files = folder_list (fixture->folder);

  if (g_str_equal (expected, "partial"))
    g_assert_true (g_str_has_prefix (files, ".galileo-"));
  else
    g_assert_cmpstr (files, ==, expected);
}

static void
test_conversation (gconstpointer data)
{
  static const ReceiverLimits limits = { .max_size = 1000, .chunk_size = 100, .window = 3 };
  const Row *row = data;
  g_auto (GStrv) steps = g_strsplit (row->steps, " ", -1);
  GString *answers = g_string_new (NULL);
  g_autofree char *events = NULL;
  Fixture fixture = { 0 };

  set_up (&fixture, &limits);
  for (char **step = steps; *step != NULL; step++) {
    if (answers->len > 0)
      g_string_append_c (answers, ' ');
    take_step (&fixture, *step);
    append_answers (&fixture, answers);
  }

  events = list_events (&fixture);
  g_assert_cmpstr (answers->str, ==, row->answers);
  g_assert_cmpint (receiver_upload_get_state (fixture.upload), ==, row->state);
  g_assert_cmpstr (events, ==, row->events);
  assert_files (&fixture, row->files);
  g_string_free (answers, TRUE);
  tear_down (&fixture);
}

/* Takes the signals; returns how many of them were readies. */
static guint
count_readies (ReceiverUpload *upload)
{
  guint count = 0;

  while (receiver_upload_has_signal (upload)) {
    g_autofree char *text = receiver_upload_take_signal (upload);

    g_assert_true (g_str_has_prefix (text, "{\"ready\":true"));
    count++;
  }
  return count;
}

/* Whatever sizes a client chooses for its chunks, there is always a ready for what it has to send next. */
static void
test_credits (void)
{
  static char data[300];

  for (int round = 0; round < 100; round++) {
    const ReceiverLimits limits = { .chunk_size = (guint64) g_test_rand_int_range (1, 300),
                                    .window = (guint) g_test_rand_int_range (1, 20) };
    guint64 rest = (guint64) g_test_rand_int_range (0, 3000);
    g_autofree char *metadata = g_strdup_printf ("{\"name\":\"f\",\"size\":%" G_GUINT64_FORMAT "}", rest);
    Fixture fixture = { 0 };
    guint credits;

    set_up (&fixture, &limits);
    feed_text (&fixture, metadata);
    credits = count_readies (fixture.upload);

    while (rest > 0) {
      guint64 most = MIN (rest, limits.chunk_size);
      guint64 length = g_test_rand_bit () ? most : (guint64) g_test_rand_int_range (0, (gint32) most + 1);

      g_assert_cmpuint (credits, >, 0);
      receiver_upload_binary (fixture.upload, data, (gsize) length, TRUE);
      rest -= length;
      credits += count_readies (fixture.upload) - 1;
    }

    g_assert_cmpuint (credits, >, 0);
    feed_text (&fixture, "{\"finished\":true}");
    g_assert_cmpint (receiver_upload_get_state (fixture.upload), ==, RECEIVER_UPLOAD_FINISHING);
    take_step (&fixture, "P");
    g_assert_cmpint (receiver_upload_get_state (fixture.upload), ==, RECEIVER_UPLOAD_STORED);
    tear_down (&fixture);
  }
}

/* The file has the bytes that came, however they were cut into pieces. */
static void
test_contents (void)
{
  static const ReceiverLimits limits = { .chunk_size = 4, .window = 1 };
  g_autofree char *contents = NULL;
  Fixture fixture = { 0 };

  set_up (&fixture, &limits);
  feed_text (&fixture, "{\"name\":\"f\",\"size\":10}");
  receiver_upload_binary (fixture.upload, "01", 2, FALSE);
  receiver_upload_binary (fixture.upload, "23", 2, TRUE);
  receiver_upload_binary (fixture.upload, "4", 1, TRUE);
  receiver_upload_binary (fixture.upload, "567", 3, FALSE);
  receiver_upload_binary (fixture.upload, "", 0, TRUE);
  receiver_upload_binary (fixture.upload, "89", 2, TRUE);
  take_step (&fixture, "F");
  take_step (&fixture, "P");

  contents = folder_read (fixture.folder, "f");
  g_assert_cmpstr (contents, ==, "0123456789");
  tear_down (&fixture);
}

/* A name that is taken: the client is told nothing of it, the log is. */
static void
test_name_taken (void)
{
  static const ReceiverLimits limits = { .chunk_size = 100, .window = 1 };
  g_autofree char *contents = NULL;
  Fixture fixture = { 0 };

  set_up (&fixture, &limits);
  folder_write (fixture.folder, "f", "mine");
  take_step (&fixture, "M0");
  take_step (&fixture, "F");
  take_step (&fixture, "P");

  g_assert_nonnull (strstr (fixture.log_text, "\"name\":\"f\",\"stored_as\":\"f (1)\",\"size\":0,"));
  contents = folder_read (fixture.folder, "f");
  g_assert_cmpstr (contents, ==, "mine");
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/upload/conversation/%s", rows[i].name);

    g_test_add_data_func (path, &rows[i], test_conversation);
  }
  g_test_add_func ("/upload/credits", test_credits);
  g_test_add_func ("/upload/contents", test_contents);
  g_test_add_func ("/upload/name-taken", test_name_taken);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"
#include "fault-words.h"

#include <string.h>

/*
 * A server that answers metadata with odd texts. What a text is taken for shows in the first chunk: the text is
 * followed by a ready for 7 bytes, so a chunk of 7 bytes first means that the text bought none. The upload takes
 * chunks larger than the default, so that "no maximum" and "the default" differ.
 */
#define SIZE 600000
#define MAX_CHUNK 400000
#define DEFAULT GALILEO_DEFAULT_CHUNK_SIZE

/* What a text is to be taken for. */
typedef enum {
  READY_OF,    /* a ready, for a first chunk of `chunk` bytes */
  IGNORED,     /* an object that asks for nothing */
  NO_SIGNAL,   /* no object: ignored once, the second time too many */
  ERROR,       /* an error signal with `words` as its message */
  FATAL,       /* a fatal one */
  CLOSES,      /* a close, before the whole file is there */
  BREACH,      /* a breach of the protocol at the first time */
} Meaning;

typedef struct {
  const char *name;
  const char *text;
  Meaning meaning;
  gsize chunk;
  const char *words;
  gsize length; /* of a text with NUL in it */
  GBytes *(*build) (void);
  const char *before; /* text is a value between these */
  const char *after;
} Row;

static void
check_first_chunk (RawPeer *peer, gsize length)
{
  gsize first = peer->chunk_sizes->len > 0 ? g_array_index (peer->chunk_sizes, gsize, 0) : 0;

  if (first != length)
    fault_problem ("the first chunk has %" G_GSIZE_FORMAT " bytes instead of %" G_GSIZE_FORMAT, first, length);
}

static void
check_message (FaultRun *run, const char *words)
{
  GPtrArray *signals = galileo_upload_get_error_signals (fault_run_get_upload (run));
  g_autofree char *message = NULL;

  if (run->n_error_signals != 1) {
    fault_problem ("%u error signals instead of one", run->n_error_signals);
    return;
  }

  message = galileo_signal_dup_message (g_ptr_array_index (signals, 0));
  if (words != NULL && g_strcmp0 (message, words) != 0)
    fault_problem ("the message is %s instead of %s", message, words);
}

/* So many times `middle` between two texts. */
static GBytes *
build (const char *start, guint n, const char *middle, const char *end)
{
  GString *text = g_string_new (start);

  for (guint i = 0; i < n; i++)
    g_string_append (text, middle);
  g_string_append (text, end);

  return g_string_free_to_bytes (text);
}

static void
run_text (const Row *row, guint times)
{
  g_autoptr (GBytes) payload = NULL;
  RawScript script = { FROM_METADATA };
  FaultRun *run = fault_run_new (SIZE);
  Meaning meaning = row->meaning;
  RawPeer *peer;

  if (row->build != NULL)
    payload = row->build ();
  else if (row->before != NULL)
    payload = build (row->before, 1, row->text, row->after);
  else
    payload = g_bytes_new_static (row->text, row->length > 0 ? row->length : strlen (row->text));
  script.payload = payload;
  script.on_metadata = times == 1 ? "#payload\n" READY_7 : "#payload\n#payload\n" READY_7;
  if (times > 1 && meaning == NO_SIGNAL)
    meaning = BREACH;

  peer = fault_run_serve (run, &script);
  galileo_upload_set_max_chunk_size (fault_run_get_upload (run), MAX_CHUNK);
  fault_run_go (run);

  switch (meaning) {
  case READY_OF:
    fault_run_expect (run, FAULT_SUCCESS, NULL);
    check_first_chunk (peer, row->chunk);
    break;
  case IGNORED:
  case NO_SIGNAL:
    fault_run_expect (run, FAULT_SUCCESS, NULL);
    check_first_chunk (peer, 7);
    break;
  case ERROR:
    fault_run_expect (run, FAULT_SUCCESS, NULL);
    check_first_chunk (peer, 7);
    check_message (run, row->words);
    break;
  case FATAL:
    fault_run_expect (run, GALILEO_ERROR_REFUSED, row->words);
    break;
  case CLOSES:
    fault_run_expect (run, GALILEO_ERROR_CLOSED_EARLY, NULL);
    break;
  case BREACH:
  default:
    fault_run_expect (run, GALILEO_ERROR_PROTOCOL, row->words);
    break;
  }
  if (meaning != ERROR && meaning != FATAL && run->n_error_signals > 0)
    fault_problem ("an error signal that was none");
  fault_run_free (run);
}

static void
test_once (gconstpointer row)
{
  run_text (row, 1);
}

static void
test_twice (gconstpointer row)
{
  run_text (row, 2);
}

#define READY_PAD "{\"ready\":true,\"chunksize\":9,\"pad\":\""

static GBytes *
build_longest (void)
{
  return build (READY_PAD, 1024 * 1024 - strlen (READY_PAD) - 2, "x", "\"}");
}

static GBytes *
build_too_long (void)
{
  return build (READY_PAD, 1024 * 1024 + 1 - strlen (READY_PAD) - 2, "x", "\"}");
}

static GBytes *
build_spaces (void)
{
  return build (READY_7, 1024 * 1024 - strlen (READY_7), " ", "");
}

static GBytes *
build_nesting_64 (void)
{
  g_autoptr (GBytes) closing = build ("", 63, "]", "}");
  g_autofree char *end = g_strndup (g_bytes_get_data (closing, NULL), g_bytes_get_size (closing));

  return build ("{\"ready\":true,\"chunksize\":9,\"x\":", 63, "[", end);
}

static GBytes *
build_nesting_65 (void)
{
  g_autoptr (GBytes) closing = build ("", 64, "]", "}");
  g_autofree char *end = g_strndup (g_bytes_get_data (closing, NULL), g_bytes_get_size (closing));

  return build ("{\"ready\":true,\"x\":", 64, "[", end);
}

static GBytes *
build_10000_objects (void)
{
  return build ("", 10000, "{\"a\":", "1");
}

static GBytes *
build_100000_arrays (void)
{
  return build ("{\"ready\":", 100000, "[", "");
}

static GBytes *
build_100000_objects (void)
{
  return build ("", 100000, "{\"a\":", "");
}

static GBytes *
build_10000_members (void)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (text, "\"key %u\":%u,", i, i);
  g_string_append (text, "\"ready\":true,\"chunksize\":9}");

  return g_string_free_to_bytes (text);
}

static GBytes *
build_10000_duplicates (void)
{
  return build ("{", 10000, "\"ready\":false,", "\"ready\":true,\"chunksize\":9}");
}

static GBytes *
build_100000_elements (void)
{
  return build ("{\"ready\":true,\"chunksize\":9,\"x\":[0", 100000, ",0", "]}");
}

static GBytes *
build_long_error (void)
{
  return build ("{\"error\":\"", 1000000, "x", "\"}");
}

static GBytes *
build_long_key (void)
{
  return build ("{\"ready\":true,\"chunksize\":9,\"", 1000000, "k", "\":1}");
}

static GBytes *
build_long_number (void)
{
  return build ("{\"ready\":true,\"chunksize\":1", 100000, "0", "}");
}

static GBytes *
build_long_fraction (void)
{
  return build ("{\"ready\":true,\"chunksize\":9.", 100000, "0", "1}");
}

#define BYTES(text) text, .length = sizeof text - 1

static const Row rows[] = {
  /* Grammar. */
  { "leading-space", " \t\r\n{\"ready\":true,\"chunksize\":9}", READY_OF, 9 },
  { "trailing-space", "{\"ready\":true,\"chunksize\":9} \r\n\t", READY_OF, 9 },
  { "space-within", "{ \"ready\" :\ttrue ,\n\"chunksize\": 9 }", READY_OF, 9 },
  { "escaped-keys", "{\"\\u0072eady\":true,\"chunk\\u0073ize\":9}", READY_OF, 9 },
  { "empty-text", "", NO_SIGNAL },
  { "only-space", "   ", NO_SIGNAL },
  { "plain-words", "ready", NO_SIGNAL },
  { "page", "<!DOCTYPE html><html><body>ready</body></html>", NO_SIGNAL },
  { "array", "[{\"ready\":true}]", NO_SIGNAL },
  { "empty-array", "[]", NO_SIGNAL },
  { "number", "1", NO_SIGNAL },
  { "string", "\"ready\"", NO_SIGNAL },
  { "true", "true", NO_SIGNAL },
  { "null", "null", NO_SIGNAL },
  { "nan", "{\"ready\":NaN}", NO_SIGNAL },
  { "infinity", "{\"ready\":Infinity}", NO_SIGNAL },
  { "undefined", "{\"ready\":undefined}", NO_SIGNAL },
  { "upper-case-true", "{\"ready\":TRUE}", NO_SIGNAL },
  { "byte-order-mark", "\xef\xbb\xbf{\"ready\":true}", NO_SIGNAL },
  { "no-break-space", "\xc2\xa0{\"ready\":true}", NO_SIGNAL },
  { "form-feed", "{\"ready\":true}\f", NO_SIGNAL },
  { "trailing-word", "{\"ready\":true} x", NO_SIGNAL },
  { "trailing-comma", "{\"ready\":true,}", NO_SIGNAL },
  { "trailing-semicolon", "{\"ready\":true};", NO_SIGNAL },
  { "two-objects", "{\"ready\":true}{\"ready\":true}", NO_SIGNAL },
  { "two-lines", "{\"ready\":true}\n{\"ready\":true}", NO_SIGNAL },
  { "assignment", "var x = {\"ready\":true};", NO_SIGNAL },
  { "call", "callback({\"ready\":true})", NO_SIGNAL },
  { "comment", "/* now */{\"ready\":true}", NO_SIGNAL },
  { "comment-within", "{\"ready\":/* now */true}", NO_SIGNAL },
  { "comment-line", "{\"ready\":true}// now\n", NO_SIGNAL },
  { "single-quotes", "{'ready':true}", NO_SIGNAL },
  { "no-quotes", "{ready:true}", NO_SIGNAL },
  { "unfinished-object", "{\"ready\":true", NO_SIGNAL },
  { "unfinished-string", "{\"ready\":true,\"x\":\"", NO_SIGNAL },
  { "unfinished-escape", "{\"ready\":true,\"x\":\"\\u12\"}", NO_SIGNAL },
  { "unknown-escape", "{\"ready\":true,\"x\":\"\\x41\"}", NO_SIGNAL },
  { "line-feed-in-string", "{\"ready\":true,\"x\":\"a\nb\"}", NO_SIGNAL },
  { "missing-colon", "{\"ready\" true}", NO_SIGNAL },
  { "missing-comma", "{\"ready\":true \"x\":1}", NO_SIGNAL },
  { "missing-value", "{\"ready\":}", NO_SIGNAL },
  { "brackets-crossed", "{\"ready\":[true}]", NO_SIGNAL },
  { "nul-behind", BYTES ("{\"ready\":true}\0"), .meaning = NO_SIGNAL },
  { "nul-then-more", BYTES ("{\"ready\":true}\0{\"error\":1}"), .meaning = NO_SIGNAL },
  { "nul-in-string", BYTES ("{\"ready\":true,\"x\":\"a\0b\"}"), .meaning = NO_SIGNAL },
  { "nul-first", BYTES ("\0{\"ready\":true}"), .meaning = NO_SIGNAL },
  { "escaped-nul-in-string", "{\"ready\":true,\"x\":\"a\\u0000b\"}", NO_SIGNAL },
  { "escaped-nul-in-key", "{\"ready\\u0000\":true}", NO_SIGNAL },

  /* Characters. */
  { "lone-high-surrogate", "{\"ready\":true,\"chunksize\":9,\"x\":\"\\ud800\"}", READY_OF, 9 },
  { "lone-low-surrogate", "{\"ready\":true,\"chunksize\":9,\"x\":\"\\udc00\"}", READY_OF, 9 },
  { "surrogates-swapped", "{\"ready\":true,\"chunksize\":9,\"x\":\"\\udc00\\ud800\"}", READY_OF, 9 },
  { "surrogate-pair", "{\"error\":\"\\ud83d\\ude00\"}", ERROR, .words = "😀" },
  { "error-of-lone-surrogate", "{\"error\":\"a\\ud800\"}", ERROR },
  { "fatal-of-lone-surrogate", "{\"error\":\"\\ud800\",\"fatal\":true}", FATAL },
  { "error-with-escapes", "{\"error\":\"a\\u001b[31m\\n\\u202eb\"}", ERROR, .words = "a\033[31m\n\342\200\256b" },
  { "fatal-with-escapes", "{\"error\":\"a\\u001b[31m\\n\\u202eb\",\"fatal\":true}", FATAL },
  { "bad-utf-8", "{\"ready\":true,\"x\":\"\xff\"}", BREACH, .words = "websocket" },
  { "bad-utf-8-overlong", "{\"ready\":true,\"x\":\"\xc0\xaf\"}", BREACH, .words = "websocket" },
  { "bad-utf-8-surrogate", "{\"ready\":true,\"x\":\"\xed\xa0\x80\"}", BREACH, .words = "websocket" },
  { "bad-utf-8-beyond", "{\"ready\":true,\"x\":\"\xf4\x90\x80\x80\"}", BREACH, .words = "websocket" },
  { "bad-utf-8-cut", "{\"ready\":true,\"x\":\"\xe2\x82", BREACH, .words = "websocket" },
  { "noncharacter", "{\"ready\":true,\"chunksize\":9,\"x\":\"\xef\xbf\xbf\"}", READY_OF, 9 },

  /* Size and depth. */
  { "1-mib", NULL, READY_OF, 9, .build = build_longest },
  { "1-mib-of-spaces", NULL, READY_OF, 7, .build = build_spaces },
  { "1-mib-and-1", NULL, BREACH, .words = "longer", .build = build_too_long },
  { "nesting-64", NULL, READY_OF, 9, .build = build_nesting_64 },
  { "nesting-65", NULL, BREACH, .words = "64 levels", .build = build_nesting_65 },
  { "nesting-10000", NULL, BREACH, .words = "64 levels", .build = build_10000_objects },
  { "nesting-100000-arrays", NULL, BREACH, .words = "64 levels", .build = build_100000_arrays },
  { "nesting-100000-objects", NULL, BREACH, .words = "64 levels", .build = build_100000_objects },
  { "10000-members", NULL, READY_OF, 9, .build = build_10000_members },
  { "10000-duplicates", NULL, READY_OF, 9, .build = build_10000_duplicates },
  { "100000-elements", NULL, READY_OF, 9, .build = build_100000_elements },
  { "1-mb-error", NULL, ERROR, .build = build_long_error },
  { "1-mb-key", NULL, READY_OF, 9, .build = build_long_key },
  { "chunksize-of-100000-digits", NULL, READY_OF, MAX_CHUNK, .build = build_long_number },
  { "chunksize-of-100000-decimals", NULL, READY_OF, 9, .build = build_long_fraction },

  /* Members. */
  { "no-members", "{}", IGNORED },
  { "unknown-member", "{\"hello\":1}", IGNORED },
  { "unknown-members-too", "{\"a\":[{}],\"ready\":true,\"b\":null,\"chunksize\":9,\"\":1}", READY_OF, 9 },
  { "other-case", "{\"Ready\":true,\"READY\":1}", IGNORED },
  { "chunksize-alone", "{\"chunksize\":9}", IGNORED },
  { "fatal-alone", "{\"fatal\":true}", IGNORED },
  { "finished", "{\"finished\":true}", IGNORED },
  { "metadata", "{\"name\":\"x\",\"size\":5}", IGNORED },
  { "ready-duplicate-false-true", "{\"ready\":false,\"ready\":true,\"chunksize\":9}", READY_OF, 9 },
  { "ready-duplicate-true-false", "{\"ready\":true,\"ready\":false}", IGNORED },
  { "chunksize-duplicate", "{\"ready\":true,\"chunksize\":5,\"chunksize\":9}", READY_OF, 9 },
  { "proto", "{\"__proto__\":{\"close\":true},\"ready\":true,\"chunksize\":9}", READY_OF, 9 },
  { "close-before-error-before-ready", "{\"ready\":true,\"error\":\"x\",\"close\":true}", CLOSES },
  { "close-before-fatal", "{\"error\":\"x\",\"fatal\":true,\"close\":true}", CLOSES },
  { "error-before-ready", "{\"ready\":true,\"error\":\"x\"}", ERROR, .words = "x" },
  { "error-number", "{\"error\":7}", ERROR, .words = "7" },
  { "error-fraction", "{\"error\":1.5}", ERROR, .words = "1.5" },
  { "error-true", "{\"error\":true}", ERROR, .words = "true" },
  { "error-object", "{\"error\": {\"a\": [1, \"b\"]}}", ERROR, .words = "{\"a\":[1,\"b\"]}" },
  { "error-array", "{\"error\": [1, 2]}", ERROR, .words = "[1,2]" },
  { "error-unicode", "{\"error\":\"voll: 100 % — größer\"}", ERROR, .words = "voll: 100 % — größer" },
  { "error-format", "{\"error\":\"%s%n%d %5$s\",\"fatal\":true}", FATAL, .words = "%s%n%d %5$s" },
  { "error-markup", "{\"error\":\"<b>&amp;\",\"fatal\":true}", FATAL, .words = "<b>&amp;" },
  { "fatal-number-of-error", "{\"error\":404,\"fatal\":true}", FATAL, .words = "404" },
  { "fatal-object", "{\"error\":{\"code\":5},\"fatal\":true}", FATAL, .words = "{\"code\":5}" },
};

/* chunksize of a ready, and the first chunk that follows. */
static const struct {
  const char *value;
  gsize chunk;
} chunk_sizes[] = {
  { "1", 1 }, { "1000", 1000 }, { "250000", 250000 }, { "250001", 250001 }, { "262144", 262144 },
  { "400000", 400000 }, { "400001", MAX_CHUNK }, { "0", DEFAULT }, { "-0", DEFAULT }, { "-1", DEFAULT },
  { "-1000", DEFAULT }, { "1e3", 1000 }, { "1E3", 1000 }, { "1e+3", 1000 }, { "1000e-3", 1 }, { "1e-5", DEFAULT },
  { "1.0", 1 }, { "1.5", 1 }, { "999.999", 999 }, { "0.5", DEFAULT }, { "0.99", DEFAULT }, { "-1.5", DEFAULT },
  { "1e12", MAX_CHUNK }, { "1e308", MAX_CHUNK }, { "1e999", MAX_CHUNK }, { "-1e999", DEFAULT },
  { "2147483647", MAX_CHUNK }, { "2147483648", MAX_CHUNK }, { "4294967295", MAX_CHUNK }, { "4294967296", MAX_CHUNK },
  { "4294967297", MAX_CHUNK }, { "9007199254740993", MAX_CHUNK }, { "9223372036854775806", MAX_CHUNK },
  /* Beyond what an integer holds: as big as you like. */
  { "9223372036854775807", MAX_CHUNK }, { "9223372036854775808", MAX_CHUNK }, { "18446744073709551617", MAX_CHUNK },
  { "12345678901234567890123456", MAX_CHUNK }, { "-9223372036854775808", DEFAULT }, { "-9223372036854775809", DEFAULT },
  { "null", DEFAULT }, { "true", DEFAULT }, { "false", DEFAULT }, { "[1]", DEFAULT }, { "[]", DEFAULT },
  { "{}", DEFAULT }, { "{\"chunksize\":5}", DEFAULT },
  { "\"1\"", 1 }, { "\"1000\"", 1000 }, { "\"1048576\"", MAX_CHUNK }, { "\"1.9\"", 1 }, { "\"1e3\"", 1000 },
  { "\"0\"", DEFAULT }, { "\"-5\"", DEFAULT }, { "\"\"", DEFAULT }, { "\" \"", DEFAULT }, { "\"1000abc\"", DEFAULT },
  { "\"abc\"", DEFAULT }, { "\"1000 bytes\"", DEFAULT }, { "\"1,000\"", DEFAULT }, { "\"1\\u0030\"", 10 },
  { "\"nan\"", DEFAULT }, { "\"NaN\"", DEFAULT }, { "\"-inf\"", DEFAULT }, { "\"1e999\"", MAX_CHUNK },
  { "\"9223372036854775808\"", MAX_CHUNK }, { "\"٣\"", DEFAULT }, { "\"true\"", DEFAULT }, { "\"null\"", DEFAULT },
};

/* Numbers of C and JavaScript that are none in JSON. */
static const char *const bad_numbers[] = { "0x10", "010", "+5", ".5", "5.", "1e", "1e+", "-", "--1", "1 000", "0b1",
"5n" };

/* Truth, as JavaScript sees it, but for "0". */
static const struct {
  const char *value;
  gboolean truth;
} truths[] = {
  { "true", TRUE }, { "false", FALSE }, { "null", FALSE }, { "0", FALSE }, { "-0", FALSE }, { "0.0", FALSE },
  { "0e5", FALSE }, { "1", TRUE }, { "-1", TRUE }, { "0.1", TRUE }, { "1e999", TRUE }, { "1e-999", FALSE },
  { "9223372036854775808", TRUE }, { "\"\"", FALSE }, { "\"0\"", FALSE }, { "\"\\u0030\"", FALSE }, { "\"1\"", TRUE },
  { "\"00\"", TRUE }, { "\"0.0\"", TRUE }, { "\"false\"", TRUE }, { "\"no\"", TRUE }, { "\"null\"", TRUE },
  { "\" \"", TRUE }, { "{}", TRUE }, { "{\"a\":1}", TRUE }, { "[]", TRUE }, { "[0]", TRUE },
};

/* Where truth is looked at, and what it changes. */
static const struct {
  const char *key;
  const char *before;
  const char *after;
  Meaning if_true;
  Meaning if_false;
} truth_keys[] = {
  { "ready", "{\"ready\":", ",\"chunksize\":9}", READY_OF, IGNORED },
  { "error", "{\"error\":", ",\"ready\":true,\"chunksize\":9}", ERROR, READY_OF },
  { "fatal", "{\"error\":\"x\",\"fatal\":", "}", FATAL, ERROR },
  { "close", "{\"close\":", ",\"ready\":true,\"chunksize\":9}", CLOSES, READY_OF },
};

/* Keys that are optional, with values that none of them can have. */
static const struct {
  const char *key;
  const char *before;
  const char *after;
  Meaning meaning;
} optional_keys[] = {
  { "offset", "{\"ready\":true,\"chunksize\":9,\"offset\":", "}", READY_OF },
  { "hash", "{\"ready\":true,\"chunksize\":9,\"hash\":", "}", READY_OF },
  { "code", "{\"error\":\"x\",\"code\":", "}", ERROR },
  { "retry", "{\"error\":\"x\",\"retry\":", "}", ERROR },
};

static const char *const odd_values[] = {
  "{}", "[]", "[5]", "{\"type\":5,\"value\":[]}", "-1", "1.5", "1e999", "null", "true", "9223372036854775808",
  "-9223372036854775808", "\"\"", "\"x\"", "\"\\ud800\"",
};

typedef struct {
  const char *key;
  const char *value;
  gboolean verified;
} Last;

/* The last signal with values of the wrong type: the file is there nevertheless. */
static void
test_last (gconstpointer data)
{
  const Last *last = data;
  g_autofree char *text = g_strdup_printf ("{\"close\":true,\"%s\":%s}", last->key, last->value);
  RawScript script = { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = text };
  FaultRun *run = fault_run_new (SIZE);
  GalileoUpload *upload;

  fault_run_serve (run, &script);
  upload = fault_run_get_upload (run);
  fault_run_go (run);
  fault_run_expect (run, FAULT_SUCCESS, NULL);
  if (galileo_upload_get_verified (upload) != last->verified)
    fault_problem ("verified: %d", galileo_upload_get_verified (upload));
  if (galileo_upload_get_url (upload) != NULL)
    fault_problem ("the address %s", galileo_upload_get_url (upload));
  fault_run_free (run);
}

/* A name for people and for shells. */
static char *
dup_name (const char *key, const char *value)
{
  return g_strdelimit (g_strdelimit (g_strdup_printf ("%s/%s", key, value), " \\", '_'), "\"", '\'');
}

static void
add_text (const char *key, const char *before, const char *value, const char *after, Meaning meaning, gsize chunk)
{
  g_autofree char *name = dup_name (key, value);
  Row row = {
    .text = value,
    .before = before,
    .after = after,
    .meaning = meaning,
    .chunk = chunk,
    .words = meaning == ERROR && strstr (before, "\"x\"") != NULL ? "x" : NULL,
  };

  fault_add_full ("json", name, g_memdup2 (&row, sizeof row), test_once);
}

static void
add_last (const char *key, const char *value, gboolean verified)
{
  g_autofree char *name = dup_name (key, value);
  Last last = { .key = key, .value = value, .verified = verified };

  fault_add_full ("json", name, g_memdup2 (&last, sizeof last), test_last);
}

static void
add_tables (void)
{
  const char *chunk_size = "{\"ready\":true,\"chunksize\":";

  for (guint i = 0; i < G_N_ELEMENTS (chunk_sizes); i++)
    add_text ("chunksize", chunk_size, chunk_sizes[i].value, "}", READY_OF, chunk_sizes[i].chunk);
  for (guint i = 0; i < G_N_ELEMENTS (bad_numbers); i++)
    add_text ("chunksize", chunk_size, bad_numbers[i], "}", NO_SIGNAL, 0);

  for (guint k = 0; k < G_N_ELEMENTS (truth_keys); k++) {
    for (guint i = 0; i < G_N_ELEMENTS (truths); i++)
      add_text (truth_keys[k].key,
                truth_keys[k].before,
                truths[i].value,
                truth_keys[k].after,
                truths[i].truth ? truth_keys[k].if_true : truth_keys[k].if_false,
                9);
  }
  for (guint i = 0; i < G_N_ELEMENTS (truths); i++)
    add_last ("verified", truths[i].value, truths[i].truth);

  for (guint i = 0; i < G_N_ELEMENTS (odd_values); i++) {
    for (guint k = 0; k < G_N_ELEMENTS (optional_keys); k++)
      add_text (optional_keys[k].key,
                optional_keys[k].before,
                odd_values[i],
                optional_keys[k].after,
                optional_keys[k].meaning,
                9);
    if (*odd_values[i] != '"')
      add_last ("url", odd_values[i], FALSE);
  }
}

int
main (int argc, char **argv)
{
  fault_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *twice = g_strconcat (rows[i].name, "-twice", NULL);

    fault_add ("json", rows[i].name, &rows[i], test_once);
    if (rows[i].meaning == NO_SIGNAL || rows[i].meaning == IGNORED)
      fault_add ("json", twice, &rows[i], test_twice);
  }
  add_tables ();

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"
#include "fault-words.h"

/* Frames and handshakes of frames that RFC 6455 forbids, or that are odd and allowed. */

#define SIZE 600000

#define RULES "rules of websockets"

typedef struct {
  const char *name;
  const char *lines;
  int code; /* FAULT_SUCCESS: it does no harm, and the server then goes on as it should */
  const char *words;
} Row;

/* Each at metadata and at finished, where all bytes are there: a breach is one there too. */
static const Row rows[] = {
  { "masked", "#hex 81 8e 01 02 03 04 7a 20 71 61 60 66 7a 26 3b 76 71 71 64 7f", GALILEO_ERROR_PROTOCOL, RULES },
  { "masked-close", "#hex 88 82 00 00 00 00 03 e8", GALILEO_ERROR_PROTOCOL, RULES },
  { "masked-ping", "#hex 89 80 00 00 00 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "reserved-bit-1", "#hex c1 02 7b 7d", GALILEO_ERROR_PROTOCOL, RULES },
  { "reserved-bit-2", "#hex a1 02 7b 7d", GALILEO_ERROR_PROTOCOL, RULES },
  { "reserved-bit-3", "#hex 91 02 7b 7d", GALILEO_ERROR_PROTOCOL, RULES },
  { "reserved-bits", "#hex f1 02 7b 7d", GALILEO_ERROR_PROTOCOL, RULES },
  { "reserved-bit-of-ping", "#hex c9 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "reserved-bit-of-close", "#hex c8 02 03 e8", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-3", "#hex 83 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-4", "#hex 84 02 7b 7d", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-5", "#hex 85 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-6", "#hex 86 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-7", "#hex 87 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-b", "#hex 8b 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-c", "#hex 8c 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-d", "#hex 8d 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-e", "#hex 8e 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "opcode-f", "#hex 8f 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "fragmented-ping", "#hex 09 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "fragmented-close", "#hex 08 02 03 e8", GALILEO_ERROR_PROTOCOL, RULES },
  { "ping-of-126", "#frame 89 126 61", GALILEO_ERROR_PROTOCOL, RULES },
  { "ping-of-65536", "#frame 89 65536 61", GALILEO_ERROR_PROTOCOL, RULES },
  { "close-of-126", "#hex 88 7e 00 7e 03 e8\n#fill 124 61", GALILEO_ERROR_PROTOCOL, RULES },
  { "continuation-without-start", "#hex 80 02 7b 7d", GALILEO_ERROR_PROTOCOL, RULES },
  { "continuation-without-start-or-end", "#hex 00 02 7b 7d", GALILEO_ERROR_PROTOCOL, RULES },
  { "text-within-fragments", "#hex 01 01 7b\n{\"ready\":true}", GALILEO_ERROR_PROTOCOL, RULES },
  { "data-within-fragments", "#hex 01 01 7b\n#hex 82 01 7b", GALILEO_ERROR_PROTOCOL, RULES },
  { "length-of-125-in-16-bits", "#hex 81 7e 00 7d\n#fill 125 20", GALILEO_ERROR_PROTOCOL, RULES },
  { "length-of-0-in-16-bits", "#hex 81 7e 00 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "length-of-65535-in-64-bits", "#hex 81 7f 00 00 00 00 00 00 ff ff\n#fill 65535 20", GALILEO_ERROR_PROTOCOL, RULES },
  { "length-of-0-in-64-bits", "#hex 81 7f 00 00 00 00 00 00 00 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "length-of-2^63", "#hex 81 7f 80 00 00 00 00 00 00 00", GALILEO_ERROR_PROTOCOL, NULL },
  { "length-of-2^64-1", "#hex 81 7f ff ff ff ff ff ff ff ff", GALILEO_ERROR_PROTOCOL, NULL },
  { "length-of-2^63-1", "#hex 81 7f 7f ff ff ff ff ff ff ff", GALILEO_ERROR_PROTOCOL, "longer" },
  { "length-of-2^32", "#hex 81 7f 00 00 00 01 00 00 00 00", GALILEO_ERROR_PROTOCOL, "longer" },
  { "length-of-1-gib-of-data", "#hex 82 7f 00 00 00 00 40 00 00 00", GALILEO_ERROR_PROTOCOL, "longer" },
  { "length-of-1-mib-and-1", "#hex 81 7f 00 00 00 00 00 10 00 01", GALILEO_ERROR_PROTOCOL, "longer" },
  { "close-of-1-byte", "#hex 88 01 03", GALILEO_ERROR_PROTOCOL, RULES },
  { "close-0", "#close 0", GALILEO_ERROR_PROTOCOL, RULES },
  { "close-999", "#close 999", GALILEO_ERROR_PROTOCOL, RULES },
  { "close-1004", "#close 1004", GALILEO_ERROR_PROTOCOL, RULES },
  { "close-1005", "#close 1005", GALILEO_ERROR_PROTOCOL, RULES },
  { "close-1006", "#close 1006", GALILEO_ERROR_PROTOCOL, RULES },
  { "close-5000", "#close 5000", GALILEO_ERROR_PROTOCOL, RULES },
  { "close-65535", "#close 65535", GALILEO_ERROR_PROTOCOL, RULES },
  { "close-with-bad-utf-8", "#hex 88 04 03 e8 c3 28", GALILEO_ERROR_PROTOCOL, RULES },
  { "text-with-bad-utf-8", "#hex 81 02 c3 28", GALILEO_ERROR_PROTOCOL, RULES },
  { "text-with-half-a-character", "#hex 81 01 c3", GALILEO_ERROR_PROTOCOL, RULES },
  { "fragments-with-bad-utf-8", "#hex 01 01 c3\n#hex 80 01 28", GALILEO_ERROR_PROTOCOL, RULES },
  { "empty-data", "#hex 82 00", GALILEO_ERROR_PROTOCOL, "file data" },
  { "data-in-fragments", "#hex 02 01 61\n#hex 80 01 61", GALILEO_ERROR_PROTOCOL, "file data" },
  { "http-again", "#http HTTP/1.1 200 OK|Content-Length: 200||\n#fill 200 20", GALILEO_ERROR_PROTOCOL, RULES },
  { "zeros", "#fill 4096 00", GALILEO_ERROR_PROTOCOL, RULES },
  { "ones", "#fill 4096 ff", GALILEO_ERROR_PROTOCOL, RULES },
  { "lines", "#fill 4096 0a", GALILEO_ERROR_PROTOCOL, RULES },
  { "tls-alert", "#hex 15 03 03 00 02 02 50", GALILEO_ERROR_PROTOCOL, RULES },

  { "unasked-pong", "#hex 8a 00", FAULT_SUCCESS },
  { "unasked-pong-with-payload", "#frame 8a 125 61", FAULT_SUCCESS },
  /* Against the rules too, but libsoup lets it pass, and nothing comes of it. */
  { "pong-of-126", "#frame 8a 126 61", FAULT_SUCCESS },
  { "empty-ping", "#hex 89 00", FAULT_SUCCESS },
  { "ping-of-125", "#frame 89 125 61", FAULT_SUCCESS },
  { "empty-text-frame-in-fragments", "#hex 01 00\n#hex 00 00\n#hex 80 02 7b 7d", FAULT_SUCCESS },
  { "text-in-fragments", "#hex 01 01 7b\n#hex 80 01 7d", FAULT_SUCCESS },
  { "text-in-fragments-around-pings",
    "#hex 01 01 7b\n#hex 89 00\n#hex 00 00\n#hex 8a 00\n#hex 89 01 61\n#hex 80 01 7d", FAULT_SUCCESS },
  { "character-in-fragments", "#hex 01 06 7b 22 78 22 3a 22\n#hex 00 01 c3\n#hex 80 03 a9 22 7d", FAULT_SUCCESS },
  { "dripping", "#drip 0\n{\"x\":1}\n#hex 89 02 61 62", FAULT_SUCCESS },
};

static void
run_script (const RawScript *script, int code, const char *words)
{
  FaultRun *run = fault_run_new (SIZE);

  fault_run_serve (run, script);
  fault_run_hurry_for (run, code, words);
  fault_run_go (run);
  fault_run_expect (run, code, words);
  fault_run_free (run);
}

static void
test_at_metadata (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *lines = g_strconcat (row->lines, row->code == FAULT_SUCCESS ? "\n" READY : NULL, NULL);
  const RawScript script = { .on_metadata = lines, FROM_CHUNK };

  run_script (&script, row->code, row->words);
}

static void
test_at_finished (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *lines = g_strconcat (row->lines, row->code == FAULT_SUCCESS ? "\n" CLOSE : NULL, NULL);
  const RawScript script = { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = lines };

  run_script (&script, row->code, row->words);
}

/* What stands behind a breach does not count any more, even if it were welcome. */
static void
test_before_close_signal (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *lines = g_strconcat (row->lines, "\n" CLOSE, NULL);
  const RawScript script = { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = lines };

  run_script (&script, row->code, row->words);
}

/* Conversations of frames. */
static const struct {
  const char *name;
  RawScript script;
  int code;
  const char *words;
} conversations[] = {
  { "close-signal-behind-close-frame",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = "#close 1000\n" CLOSE },
    GALILEO_ERROR_UNCONFIRMED, "1000" },
  { "close-signal-behind-empty-close-frame",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = "#hex 88 00\n" CLOSE },
    GALILEO_ERROR_UNCONFIRMED, NULL },
  { "ready-behind-close-frame", { .on_metadata = "#close 1001\n" READY, FROM_CHUNK }, GALILEO_ERROR_INTERRUPTED,
    "1001" },
  { "close-frame-twice", { .on_metadata = "#close 1001\n#close 1011" }, GALILEO_ERROR_INTERRUPTED, "1001" },
  { "close-1015", { .on_metadata = "#close 1015" }, GALILEO_ERROR_INTERRUPTED, "1015" },
  { "fragments-without-end", { .on_metadata = "#hex 01 01 7b" }, GALILEO_ERROR_STALLED, "did not ask" },
  { "cut-in-a-head", { .on_metadata = "#hex 81\n#cut" }, GALILEO_ERROR_INTERRUPTED, "cut" },
  { "cut-in-a-length", { .on_metadata = "#hex 81 7e 01\n#cut" }, GALILEO_ERROR_INTERRUPTED, "cut" },
  { "cut-in-a-text", { .on_metadata = "#hex 81 0e 7b 22 72\n#cut" }, GALILEO_ERROR_INTERRUPTED, "cut" },
  { "cut-in-a-close-signal",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY,
      .on_finished = "#hex 81 0e 7b 22 63 6c 6f 73 65 22 3a 74 72 75 65\n#cut" },
    GALILEO_ERROR_UNCONFIRMED, "cut" },
  { "reset-in-a-close-signal",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY,
      .on_finished = "#hex 81 0e 7b 22 63 6c 6f 73 65 22 3a 74 72 75 65\n#reset" },
    GALILEO_ERROR_UNCONFIRMED, NULL },
  { "text-without-its-end", { .on_metadata = "#hex 81 7e 10 00\n#fill 4095 20" }, GALILEO_ERROR_STALLED, NULL },
  { "all-dripping", { .on_metadata = "#drip 0\n" READY, FROM_CHUNK }, FAULT_SUCCESS },
  { "handshake-and-all-dripping", { .on_request = "#drip 0\n#accept", FROM_METADATA }, FAULT_SUCCESS },
  { "signals-in-1-byte-fragments",
    { .on_metadata = "#hex 01 01 7b 00 01 22 00 01 72 00 01 65 00 01 61 00 01 64 00 01 79 00 01 22 00 01 3a 00 01 31 "
                     "80 01 7d",
      FROM_CHUNK },
    FAULT_SUCCESS },
  { "1000-readies-in-one-piece", { .on_metadata = "#ready 1000", .on_finished = CLOSE }, FAULT_SUCCESS },
};

static void
test_conversation (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);

  run_script (&conversations[i].script, conversations[i].code, conversations[i].words);
}

/* So many bytes in frames of `piece`, the last of them without a FIN: one text that never ends. */
static char *
dup_fragments (gsize length, gsize piece)
{
  GString *lines = g_string_new (NULL);

  g_string_append_printf (lines, "#frame 01 %" G_GSIZE_FORMAT " 20", piece);
  for (gsize done = piece; done < length; done += piece)
    g_string_append_printf (lines, "\n#frame 00 %" G_GSIZE_FORMAT " 20", piece);

  return g_string_free (lines, FALSE);
}

/* A text is bounded, in how many frames it may come. */
static void
test_endless_text (gconstpointer data)
{
  g_autofree char *lines = g_strdup_printf ("#hex 01 00\n#for-ever 00 %" G_GSIZE_FORMAT " 20", GPOINTER_TO_SIZE (data));
  const RawScript script = { .on_metadata = lines };

  run_script (&script, GALILEO_ERROR_PROTOCOL, "without an end");
}

static void
test_long_text (gconstpointer data)
{
  gsize length = GPOINTER_TO_SIZE (data);
  g_autofree char *fragments = dup_fragments (length, 65536);
  g_autofree char *lines = g_strconcat (fragments, "\n#hex 80 02 7b 7d\n", READY, NULL);
  const RawScript script = { .on_metadata = lines, FROM_CHUNK };

  if (length + 2 > GALILEO_SIGNAL_MAX_LENGTH)
    run_script (&script, GALILEO_ERROR_PROTOCOL, "longer");
  else
    run_script (&script, FAULT_SUCCESS, NULL);
}

/* Each ping is answered, and none of it costs the upload. */
static void
test_ping_flood (gconstpointer data)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  RawScript script = { FROM_METADATA };
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *peer;

  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (lines, "#hex 89 02 %02x %02x\n", i & 0xff, i >> 8);
  g_string_append (lines, READY);
  script.on_metadata = lines->str;

  peer = fault_run_serve (run, &script);
  fault_run_go (run);
  fault_run_expect (run, FAULT_SUCCESS, NULL);
  if (peer->n_pongs != 10000)
    fault_problem ("%u pongs", peer->n_pongs);
  fault_run_free (run);
}

/* Pings alone are no progress. */
static void
test_only_pings (gconstpointer data)
{
  g_autoptr (GString) lines = g_string_new ("#drip 20");
  RawScript script = { NULL };

  for (guint i = 0; i < 1000; i++)
    g_string_append (lines, "\n#hex 89 00");
  script.on_metadata = lines->str;

  run_script (&script, GALILEO_ERROR_STALLED, "did not ask");
}

int
main (int argc, char **argv)
{
  fault_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *at_metadata = g_strconcat (rows[i].name, "-at-metadata", NULL);
    g_autofree char *at_finished = g_strconcat (rows[i].name, "-at-finished", NULL);
    g_autofree char *before_close = g_strconcat (rows[i].name, "-before-close-signal", NULL);

    fault_add ("frames", at_metadata, &rows[i], test_at_metadata);
    fault_add ("frames", at_finished, &rows[i], test_at_finished);
    if (rows[i].code != FAULT_SUCCESS)
      fault_add ("frames", before_close, &rows[i], test_before_close_signal);
  }
  for (guint i = 0; i < G_N_ELEMENTS (conversations); i++)
    fault_add ("frames", conversations[i].name, GUINT_TO_POINTER (i), test_conversation);
  fault_add ("frames", "endless-text-of-100-kb", GSIZE_TO_POINTER (100000), test_endless_text);
  fault_add ("frames", "endless-text-of-100-bytes", GSIZE_TO_POINTER (100), test_endless_text);
  fault_add ("frames", "long-text-in-fragments", GSIZE_TO_POINTER (15 * 65536), test_long_text);
  fault_add ("frames", "too-long-text-in-fragments", GSIZE_TO_POINTER (16 * 65536), test_long_text);
  fault_add ("frames", "ping-flood", NULL, test_ping_flood);
  fault_add ("frames", "only-pings", NULL, test_only_pings);

  return g_test_run ();
}

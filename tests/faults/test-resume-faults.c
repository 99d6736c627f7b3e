/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"
#include "fault-words.h"

#include <string.h>

/* What a server may say about the part of a file that it has, and about the hash that it wants. */

#define SIZE 600000

typedef struct {
  const char *name;
  const char *first; /* ready */
  const char *later; /* ready; NULL for one without anything */
  gsize held;        /* by the server from an earlier time */
  gboolean unknown;  /* the upload has no id */
  int code;
  const char *words;
  const char *hash_type; /* of finished */
} Row;

#define BEYOND "more of the file than there is"

static const Row rows[] = {
  { "offset-0", "{\"ready\":true,\"offset\":0}", .code = FAULT_SUCCESS },
  { "offset-1", "{\"ready\":true,\"offset\":1}", .held = 1, .code = FAULT_SUCCESS },
  { "offset-of-a-chunk", "{\"ready\":true,\"offset\":250000}", .held = 250000, .code = FAULT_SUCCESS },
  { "offset-before-the-end", "{\"ready\":true,\"offset\":599999}", .held = 599999, .code = FAULT_SUCCESS },
  { "offset-at-the-end", "{\"ready\":true,\"offset\":600000}", .held = 600000, .code = FAULT_SUCCESS },
  { "offset-with-chunksize", "{\"ready\":true,\"offset\":5,\"chunksize\":7}", .held = 5, .code = FAULT_SUCCESS },
  { "offset-with-hash", "{\"ready\":true,\"offset\":5,\"hash\":\"sha512\"}", .held = 5, .code = FAULT_SUCCESS,
    .hash_type = "sha512" },
  { "offset-behind-the-end", "{\"ready\":true,\"offset\":600001}", .code = GALILEO_ERROR_PROTOCOL, .words = BEYOND },
  { "offset-2^32", "{\"ready\":true,\"offset\":4294967296}", .code = GALILEO_ERROR_PROTOCOL, .words = BEYOND },
  { "offset-2^63-2", "{\"ready\":true,\"offset\":9223372036854775806}", .code = GALILEO_ERROR_PROTOCOL,
    .words = BEYOND },
  { "offset-and-more-readies", "{\"ready\":true,\"offset\":250000}\n#ready 9", .held = 250000, .code = FAULT_SUCCESS },
  { "offset-at-the-end-and-close", "{\"ready\":true,\"offset\":600000}\n" CLOSE, .held = 600000,
    .code = FAULT_SUCCESS },
  { "offset-before-the-end-and-close", "{\"ready\":true,\"offset\":599999}\n" CLOSE, .held = 599999,
    .code = GALILEO_ERROR_CLOSED_EARLY },
  { "offset-and-fatal", "{\"ready\":true,\"offset\":5,\"error\":\"Full\",\"fatal\":true}", .held = 5,
    .code = GALILEO_ERROR_REFUSED, .words = "Full" },

  /* No offsets: the file goes from its beginning. */
  { "offset-2^63-1", "{\"ready\":true,\"offset\":9223372036854775807}", .code = FAULT_SUCCESS },
  { "offset-2^63", "{\"ready\":true,\"offset\":9223372036854775808}", .code = FAULT_SUCCESS },
  { "offset-2^64+5", "{\"ready\":true,\"offset\":18446744073709551621}", .code = FAULT_SUCCESS },
  { "offset-negative", "{\"ready\":true,\"offset\":-5}", .code = FAULT_SUCCESS },
  { "offset-fraction", "{\"ready\":true,\"offset\":5.5}", .code = FAULT_SUCCESS },
  { "offset-whole-fraction", "{\"ready\":true,\"offset\":5.0}", .code = FAULT_SUCCESS },
  { "offset-exponent", "{\"ready\":true,\"offset\":5e3}", .code = FAULT_SUCCESS },
  { "offset-infinite", "{\"ready\":true,\"offset\":1e999}", .code = FAULT_SUCCESS },
  { "offset-string", "{\"ready\":true,\"offset\":\"5\"}", .code = FAULT_SUCCESS },
  { "offset-true", "{\"ready\":true,\"offset\":true}", .code = FAULT_SUCCESS },
  { "offset-null", "{\"ready\":true,\"offset\":null}", .code = FAULT_SUCCESS },
  { "offset-array", "{\"ready\":true,\"offset\":[5]}", .code = FAULT_SUCCESS },
  { "offset-object", "{\"ready\":true,\"offset\":{\"offset\":5}}", .code = FAULT_SUCCESS },
  { "offset-of-an-error", "{\"error\":\"x\",\"offset\":5}\n" READY, .code = FAULT_SUCCESS },
  { "offset-without-ready", "{\"offset\":5}\n" READY, .code = FAULT_SUCCESS },
  { "offset-for-no-id", "{\"ready\":true,\"offset\":5}", .unknown = TRUE, .code = FAULT_SUCCESS },
  { "offset-behind-the-end-for-no-id", "{\"ready\":true,\"offset\":600001}", .unknown = TRUE, .code = FAULT_SUCCESS },

  /* Later it only tells what has arrived. */
  { "later-offset-too-small", READY, "{\"ready\":true,\"offset\":1}", .code = FAULT_SUCCESS },
  { "later-offset-too-large", READY, "{\"ready\":true,\"offset\":599999}", .code = FAULT_SUCCESS },
  { "later-offset-behind-the-end", READY, "{\"ready\":true,\"offset\":600001}", .code = FAULT_SUCCESS },
  { "later-offset-2^63-2", READY, "{\"ready\":true,\"offset\":9223372036854775806}", .code = FAULT_SUCCESS },
  { "later-offset-negative", READY, "{\"ready\":true,\"offset\":-1}", .code = FAULT_SUCCESS },
  { "later-offset-string", READY, "{\"ready\":true,\"offset\":\"x\"}", .code = FAULT_SUCCESS },
  { "later-hash", READY, "{\"ready\":true,\"hash\":\"sha512\"}", .code = FAULT_SUCCESS, .hash_type = "sha1" },

  { "hash-sha1", "{\"ready\":true,\"hash\":\"sha1\"}", .code = FAULT_SUCCESS, .hash_type = "sha1" },
  { "hash-sha256", "{\"ready\":true,\"hash\":\"sha256\"}", .code = FAULT_SUCCESS, .hash_type = "sha256" },
  { "hash-sha512", "{\"ready\":true,\"hash\":\"sha512\"}", .code = FAULT_SUCCESS, .hash_type = "sha512" },
  { "hash-md5", "{\"ready\":true,\"hash\":\"md5\"}", .code = FAULT_SUCCESS, .hash_type = "sha1" },
  { "hash-upper-case", "{\"ready\":true,\"hash\":\"SHA512\"}", .code = FAULT_SUCCESS, .hash_type = "sha1" },
  { "hash-empty", "{\"ready\":true,\"hash\":\"\"}", .code = FAULT_SUCCESS, .hash_type = "sha1" },
  { "hash-number", "{\"ready\":true,\"hash\":1}", .code = FAULT_SUCCESS, .hash_type = "sha1" },
  { "hash-object", "{\"ready\":true,\"hash\":{\"type\":\"sha512\"}}", .code = FAULT_SUCCESS, .hash_type = "sha1" },
  { "hash-array", "{\"ready\":true,\"hash\":[\"sha512\"]}", .code = FAULT_SUCCESS, .hash_type = "sha1" },
};

static void
check_hash (RawPeer *peer, const char *hash_type)
{
  g_autoptr (GalileoSignal) finished = NULL;
  const char *type, *value;

  if (peer->finished == NULL)
    return;

  finished = galileo_signal_parse (peer->finished, strlen (peer->finished), NULL);
  if (!galileo_signal_get_hash (finished, &type, &value) || !g_str_equal (type, hash_type))
    fault_problem ("finished is %s", peer->finished);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  const char *later = row->later != NULL ? row->later : READY;
  const RawScript script = { .on_metadata = row->first, .on_chunk = later, .on_last_chunk = READY,
  .on_finished = CLOSE };
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *peer = fault_run_serve (run, &script);

  if (row->held > 0)
    peer->held = g_bytes_new_from_bytes (run->contents, 0, row->held);
  if (!row->unknown)
    galileo_upload_set_id (fault_run_get_upload (run), "an upload");
  fault_run_go (run);
  fault_run_expect (run, row->code, row->words);
  if (row->code == FAULT_SUCCESS && galileo_upload_get_offset (fault_run_get_upload (run)) != row->held)
    fault_problem ("it went on from %" G_GUINT64_FORMAT, galileo_upload_get_offset (fault_run_get_upload (run)));
  check_hash (peer, row->hash_type != NULL ? row->hash_type : "sha1");
  fault_run_free (run);
}

int
main (int argc, char **argv)
{
  fault_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fault_add ("resume", rows[i].name, &rows[i], test_row);

  return g_test_run ();
}

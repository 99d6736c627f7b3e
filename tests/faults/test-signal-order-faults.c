/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"

#define READY "{\"ready\":true}"
#define CLOSE "{\"close\":true}"
#define ERROR "{\"error\":\"odd\"}"
#define FATAL "{\"error\":\"Quota exceeded\",\"fatal\":true}"

/* The file has 600,000 bytes: three chunks. */
#define SIZE 600000

typedef struct {
  const char *name;
  RawScript script;
  int code;
  const char *words;
} Row;

static const Row rows[] = {
  { "stop-and-wait",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE },
    FAULT_SUCCESS },
  { "ready-before-metadata",
    { .on_open = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE },
    FAULT_SUCCESS },
  { "silence-at-metadata", { .on_metadata = NULL }, GALILEO_ERROR_STALLED, "1 second|did not ask" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  FaultRun *run = fault_run_new (SIZE);

  fault_run_serve (run, &row->script);
  galileo_upload_set_timeout (fault_run_get_upload (run), 1);
  fault_run_go (run);
  fault_run_expect (run, row->code, row->words);
  fault_run_free (run);
}

int
main (int argc, char **argv)
{
  fault_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fault_add ("signal-order", rows[i].name, &rows[i], test_row);

  return g_test_run ();
}

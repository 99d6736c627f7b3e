/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"
#include "fault-words.h"

#include <string.h>

#define ODD "{\"error\":\"odd\"}"
#define FATAL "{\"error\":\"Quota exceeded\",\"fatal\":true}"

/* Three chunks. */
#define SIZE 600000

typedef enum {
  AT_OPEN, /* with the answer to the handshake */
  AT_METADATA,
  AT_CHUNK, /* the first */
  AT_LAST_CHUNK,
  AT_FINISHED,
  N_STEPS
} Step;

static const char *const step_names[] = { "at-open", "at-metadata", "at-chunk", "at-last-chunk", "at-finished" };

/* What a server may do at any step instead of what it should; what comes of it before and after it has all the data. */
typedef struct {
  const char *name;
  const char *lines;
  gboolean goes_on; /* then does what it should */
  int early_code;
  const char *early_words;
  int late_code;
  const char *late_words;
  guint n_error_signals;
} Event;

static const Event events[] = {
  { "close", CLOSE, FALSE, GALILEO_ERROR_CLOSED_EARLY, "before it had the whole file", FAULT_SUCCESS },
  { "fatal", FATAL, FALSE, GALILEO_ERROR_REFUSED, "Quota exceeded", GALILEO_ERROR_REFUSED, "Quota exceeded", 1 },
  { "error-and-fatal", ODD "\n" FATAL, FALSE, GALILEO_ERROR_REFUSED, "Quota", GALILEO_ERROR_REFUSED, "Quota", 2 },
  { "fatal-and-close", FATAL "\n" CLOSE, FALSE, GALILEO_ERROR_REFUSED, "Quota", GALILEO_ERROR_REFUSED, "Quota", 1 },
  { "close-and-fatal", CLOSE "\n" FATAL, FALSE, GALILEO_ERROR_CLOSED_EARLY, NULL, FAULT_SUCCESS },
  { "close-with-error", "{\"close\":true,\"error\":\"x\"}", FALSE, GALILEO_ERROR_CLOSED_EARLY, NULL, FAULT_SUCCESS },
  { "close-twice", CLOSE "\n" CLOSE, FALSE, GALILEO_ERROR_CLOSED_EARLY, NULL, FAULT_SUCCESS },
  { "error-then-on", ODD, TRUE, FAULT_SUCCESS, NULL, FAULT_SUCCESS, NULL, 1 },
  { "error-with-ready-then-on", "{\"error\":\"x\",\"ready\":true}", TRUE, FAULT_SUCCESS, NULL, FAULT_SUCCESS, NULL, 1 },
  { "error-then-silence", ODD, FALSE, GALILEO_ERROR_STALLED, " second", GALILEO_ERROR_STALLED, " second", 1 },
  { "silence", NULL, FALSE, GALILEO_ERROR_STALLED, " second", GALILEO_ERROR_STALLED, " second" },
  { "file-data", "#frame 82 3 00", FALSE, GALILEO_ERROR_PROTOCOL, "file data", GALILEO_ERROR_PROTOCOL, "file data" },
  { "file-data-then-on", "#frame 82 3 00", TRUE, GALILEO_ERROR_PROTOCOL, "file data", GALILEO_ERROR_PROTOCOL,
    "file data" },
  { "no-json-then-on", "welcome", TRUE, FAULT_SUCCESS, NULL, FAULT_SUCCESS },
  { "no-json-twice", "welcome\n[1]", TRUE, GALILEO_ERROR_PROTOCOL, "not an object", GALILEO_ERROR_PROTOCOL,
    "not an object" },
  { "no-signal-then-on", "{\"hello\":1}\n{}\n{\"ready\":false}", TRUE, FAULT_SUCCESS, NULL, FAULT_SUCCESS },
  { "ping-then-on", "#frame 89 4 2e", TRUE, FAULT_SUCCESS, NULL, FAULT_SUCCESS },
  { "cut", "#cut", FALSE, GALILEO_ERROR_INTERRUPTED, "cut", GALILEO_ERROR_UNCONFIRMED, "may or may not be there" },
  { "reset", "#reset", FALSE, GALILEO_ERROR_INTERRUPTED, NULL, GALILEO_ERROR_UNCONFIRMED, NULL },
  { "half-close", "#fin", FALSE, GALILEO_ERROR_INTERRUPTED, "cut", GALILEO_ERROR_UNCONFIRMED, "cut" },
  { "deaf-and-silent", "#deaf", FALSE, GALILEO_ERROR_STALLED, " second", GALILEO_ERROR_STALLED, " second" },
};

/* The codes that may stand in a close frame, and some that none has defined yet. */
static const struct {
  guint code;
  const char *words;
} close_codes[] = {
  { 1000, "1000|closed the connection" },
  { 1001, "1001|shutting down or restarting" },
  { 1002, "1002|found fault" },
  { 1003, "1003|does not take" },
  { 1007, "1007|could not read" },
  { 1008, "1008|rules" },
  { 1009, "1009|too big" },
  { 1010, "1010" },
  { 1011, "1011|inside the site" },
  { 1012, "1012|restarting" },
  { 1013, "1013|too busy" },
  { 1014, "1014|gateway" },
  { 1016, "1016" },
  { 2999, "2999" },
  { 3000, "3000" },
  { 4000, "4000" },
  { 4999, "4999" },
};

typedef struct {
  const char *name;
  RawScript script;
  gsize size;
  int code;
  const char *words;
} Row;

static const Row rows[] = {
  { "stop-and-wait", { FROM_METADATA }, SIZE, FAULT_SUCCESS },
  { "ready-before-metadata", { .on_open = READY, FROM_CHUNK }, SIZE, FAULT_SUCCESS },
  { "all-readies-before-metadata", { .on_open = "#ready 4", .on_finished = CLOSE }, SIZE, FAULT_SUCCESS },
  { "all-readies-at-metadata", { .on_metadata = "#ready 4", .on_finished = CLOSE }, SIZE, FAULT_SUCCESS },
  { "more-readies-than-chunks", { .on_metadata = "#ready 50", .on_finished = CLOSE }, SIZE, FAULT_SUCCESS },
  { "100000-readies", { .on_metadata = "#ready 100000", .on_finished = CLOSE }, SIZE, FAULT_SUCCESS },
  { "100000-readies-after-finished",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = "#ready 100000\n" CLOSE },
    SIZE, FAULT_SUCCESS },
  { "100000-readies-then-deaf",
    { .on_metadata = "#ready 100000\n#deaf" }, 24000000, GALILEO_ERROR_STALLED, "Nothing moved" },
  { "ready-after-finished",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = READY "\n" READY "\n" CLOSE },
    SIZE, FAULT_SUCCESS },
  { "ready-after-finished-then-silence",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY, .on_finished = READY },
    SIZE, GALILEO_ERROR_STALLED, "did not confirm" },
  { "one-ready-too-few", { .on_metadata = "#ready 2" }, SIZE, GALILEO_ERROR_STALLED, "Nothing moved" },
  { "no-ready-for-finished", { .on_metadata = "#ready 3" }, SIZE, GALILEO_ERROR_STALLED,
    "after the whole file was sent" },
  { "close-with-ready", { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = "{\"ready\":true,\"close\":true}" },
    SIZE, FAULT_SUCCESS },
  { "close-ahead-of-the-last-chunk", { .on_metadata = "#ready 9\n" CLOSE }, SIZE, GALILEO_ERROR_CLOSED_EARLY, NULL },
  { "error-with-ready-is-no-credit",
    { .on_metadata = "{\"error\":\"x\",\"ready\":true}" }, SIZE, GALILEO_ERROR_STALLED, "did not ask" },
  { "errors-at-every-step",
    { .on_open = ODD, .on_metadata = ODD "\n" READY, .on_chunk = ODD "\n" READY, .on_last_chunk = ODD "\n" READY,
      .on_finished = ODD "\n" CLOSE },
    SIZE, FAULT_SUCCESS },
  { "10000-errors", { .on_metadata = "#times 10000 " ODD "\n" READY, FROM_CHUNK }, SIZE, FAULT_SUCCESS },
  { "100000-others", { .on_metadata = "#times 100000 {\"x\":1}\n" READY, FROM_CHUNK }, SIZE, FAULT_SUCCESS },
  { "much-after-close",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY,
      .on_finished = CLOSE "\n#ready 1000\n" ODD "\nwelcome\nwelcome\n#frame 82 9 00\n#hex 83 00" },
    SIZE, FAULT_SUCCESS },
  { "cut-after-close", { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = CLOSE "\n#cut" }, SIZE,
    FAULT_SUCCESS },
  { "reset-after-close",
    { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = CLOSE "\n#drip 50\n#hex 8a 00\n#reset" }, SIZE,
    FAULT_SUCCESS },
  { "close-and-goodbye", { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = CLOSE "\n#close 1000" }, SIZE,
    FAULT_SUCCESS },
  { "goodbye-unanswered", { .on_metadata = "#mute\n" READY, FROM_CHUNK }, SIZE, FAULT_SUCCESS },
  { "empty-file", { FROM_METADATA }, 0, FAULT_SUCCESS },
  { "empty-file-many-readies", { .on_metadata = "#ready 100", FROM_CHUNK }, 0, FAULT_SUCCESS },
  { "empty-file-close-before-ready", { .on_metadata = CLOSE }, 0, GALILEO_ERROR_CLOSED_EARLY, NULL },
  { "empty-file-close-at-ready", { .on_metadata = READY "\n" CLOSE }, 0, FAULT_SUCCESS },
  { "empty-file-silence-at-metadata", { .on_metadata = NULL }, 0, GALILEO_ERROR_STALLED, "did not ask" },
  { "empty-file-silence-at-finished", { .on_metadata = READY }, 0, GALILEO_ERROR_STALLED, "did not confirm" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  FaultRun *run = fault_run_new (row->size);
  RawPeer *peer = fault_run_serve (run, &row->script);

  fault_run_hurry_for (run, row->code, row->words);
  fault_run_go (run);
  fault_run_expect (run, row->code, row->words);
  if (peer->n_finished > 1)
    fault_problem ("finished was sent %u times", peer->n_finished);
  fault_run_free (run);
}

typedef struct {
  const Event *event;
  guint close_code;
  const char *words;
  Step step;
} Cell;

/* The script of a server that does what it should, but for one step. */
static void
run_step (Step step, const char *lines, int code, const char *words, guint n_error_signals)
{
  RawScript script = { FROM_METADATA };
  FaultRun *run = fault_run_new (SIZE);

  switch (step) {
  case AT_OPEN:
    script.on_open = lines;
    break;
  case AT_METADATA:
    script.on_metadata = lines;
    break;
  case AT_CHUNK:
    script.on_first_chunk = lines != NULL ? lines : "";
    break;
  case AT_LAST_CHUNK:
    script.on_last_chunk = lines;
    break;
  case AT_FINISHED:
  case N_STEPS:
  default:
    script.on_finished = lines;
    break;
  }
  /* What comes with the handshake comes before metadata is read; then it waits in vain for the answer to that. */
  if (step == AT_OPEN && code != FAULT_SUCCESS)
    script.on_metadata = NULL;

  fault_run_serve (run, &script);
  fault_run_hurry_for (run, code, words);
  fault_run_go (run);
  fault_run_expect (run, code, words);
  if (run->n_error_signals != n_error_signals)
    fault_problem ("%u error signals instead of %u", run->n_error_signals, n_error_signals);
  fault_run_free (run);
}

static void
test_event (gconstpointer data)
{
  const Cell *cell = data;
  const Event *event = cell->event;
  const char *on = cell->step == AT_OPEN ? "" : cell->step == AT_FINISHED ? CLOSE : READY;
  gboolean late = cell->step >= AT_LAST_CHUNK;
  g_autofree char *lines = NULL;

  if (event->lines != NULL)
    lines = event->goes_on && *on != '\0' ? g_strconcat (event->lines, "\n", on, NULL) : g_strdup (event->lines);
  run_step (cell->step,
            lines,
            late ? event->late_code : event->early_code,
            late ? event->late_words : event->early_words,
            event->n_error_signals);
}

static void
test_close_code (gconstpointer data)
{
  const Cell *cell = data;
  gboolean late = cell->step >= AT_LAST_CHUNK;
  int code = cell->close_code == 1009 ? GALILEO_ERROR_MESSAGE_TOO_BIG :
             late ? GALILEO_ERROR_UNCONFIRMED : GALILEO_ERROR_INTERRUPTED;
  g_autofree char *lines = g_strdup_printf ("#close %u as scripted", cell->close_code);
  g_autofree char *words = g_strdup_printf ("%s|as scripted", cell->words);

  run_step (cell->step, lines, code, words, 0);
}

static void
test_close_without_code (gconstpointer data)
{
  const Cell *cell = data;

  run_step (cell->step,
            "#hex 88 00",
            cell->step >= AT_LAST_CHUNK ? GALILEO_ERROR_UNCONFIRMED : GALILEO_ERROR_INTERRUPTED,
            NULL,
            0);
}

static gboolean
cancel_cb (gpointer upload)
{
  galileo_upload_cancel (upload);

  return G_SOURCE_REMOVE;
}

static void
state_cb (GalileoUpload *upload, GParamSpec *pspec, gpointer state)
{
  g_autoptr (GSource) source = NULL;

  if (galileo_upload_get_state (upload) != (GalileoUploadState) GPOINTER_TO_INT (state))
    return;

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, cancel_cb, g_object_ref (upload), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
}

/* In every state. After the outcome is known it only cuts the goodbye short. */
static void
test_cancel (gconstpointer data)
{
  static const RawScript script = { .on_metadata = "#mute\n" READY, FROM_CHUNK };
  GalileoUploadState state = (GalileoUploadState) GPOINTER_TO_INT (data);
  FaultRun *run = fault_run_new (SIZE);

  fault_run_serve (run, &script);
  g_signal_connect (fault_run_get_upload (run), "notify::state", G_CALLBACK (state_cb), GINT_TO_POINTER (state));
  fault_run_go (run);
  fault_run_expect (run, state == GALILEO_UPLOAD_STATE_SUCCEEDED ? FAULT_SUCCESS : FAULT_CANCELLED, NULL);
  fault_run_free (run);
}

typedef struct {
  const char *name;
  const char *signal;
  RawScript script;
  int code;
} Cancel;

/* Out of a handler. */
static const Cancel cancels[] = {
  { "cancel-in-chunk", "chunk", { FROM_METADATA }, FAULT_CANCELLED },
  { "cancel-in-error-signal", "error-signal", { .on_metadata = ODD "\n" READY, FROM_CHUNK }, FAULT_CANCELLED },
  { "cancel-in-fatal-error-signal", "error-signal", { .on_metadata = FATAL }, FAULT_CANCELLED },
  { "cancel-in-succeeded", "succeeded", { FROM_METADATA }, FAULT_SUCCESS },
  { "cancel-in-failed", "failed", { .on_metadata = FATAL }, GALILEO_ERROR_REFUSED },
  { "cancel-in-failed-when-cut", "failed", { .on_metadata = "#cut" }, GALILEO_ERROR_INTERRUPTED },
  { "cancel-in-closed", "closed", { FROM_METADATA }, FAULT_SUCCESS },
};

static void
test_cancel_in_handler (gconstpointer data)
{
  const Cancel *row = data;
  FaultRun *run = fault_run_new (SIZE);
  GalileoUpload *upload;

  fault_run_serve (run, &row->script);
  upload = fault_run_get_upload (run);
  g_signal_connect_swapped (upload, row->signal, G_CALLBACK (galileo_upload_cancel), upload);
  fault_run_go (run);
  fault_run_expect (run, row->code, NULL);
  fault_run_free (run);
}

static void
add_cell (const char *name, Step step, Cell cell, GTestDataFunc function)
{
  g_autofree char *full_name = g_strdup_printf ("%s-%s", name, step_names[step]);

  cell.step = step;
  fault_add_full ("signal-order", full_name, g_memdup2 (&cell, sizeof cell), function);
}

int
main (int argc, char **argv)
{
  static const char *const states[] = {
    [GALILEO_UPLOAD_STATE_CONNECTING] = "connecting", [GALILEO_UPLOAD_STATE_METADATA] = "metadata",
    [GALILEO_UPLOAD_STATE_SENDING] = "sending",       [GALILEO_UPLOAD_STATE_SENT] = "sent",
    [GALILEO_UPLOAD_STATE_FINISHED] = "finished",     [GALILEO_UPLOAD_STATE_SUCCEEDED] = "succeeded",
  };

  fault_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fault_add ("signal-order", rows[i].name, &rows[i], test_row);

  for (Step step = 0; step < N_STEPS; step++) {
    for (guint i = 0; i < G_N_ELEMENTS (events); i++)
      add_cell (events[i].name, step, (Cell) { .event = &events[i] }, test_event);
    for (guint i = 0; i < G_N_ELEMENTS (close_codes); i++) {
      g_autofree char *name = g_strdup_printf ("close-%u", close_codes[i].code);

      add_cell (name, step, (Cell) { .close_code = close_codes[i].code, .words = close_codes[i].words },
      test_close_code);
    }
    add_cell ("close-without-code", step, (Cell) { 0 }, test_close_without_code);
  }

  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    g_autofree char *name = states[i] != NULL ? g_strconcat ("cancel-when-", states[i], NULL) : NULL;

    if (name != NULL)
      fault_add ("signal-order", name, GUINT_TO_POINTER (i), test_cancel);
  }
  for (guint i = 0; i < G_N_ELEMENTS (cancels); i++)
    fault_add ("signal-order", cancels[i].name, &cancels[i], test_cancel_in_handler);

  return g_test_run ();
}

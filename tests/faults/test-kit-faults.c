/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"
#include "fault-words.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* The oracle itself: each of its questions is put to a case that has the wrong answer, and it has to notice. */

static const RawScript good = { FROM_METADATA };

static void
leave_nothing (FaultRun *run)
{
}

static void
leave_descriptor (FaultRun *run)
{
  g_assert (open ("/dev/null", O_RDONLY | O_CLOEXEC) >= 0);
}

static gboolean
never_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
leave_source (FaultRun *run)
{
  g_autoptr (GSource) source = g_timeout_source_new_seconds (3600);

  g_source_set_static_name (source, "forgotten");
  g_source_set_callback (source, never_cb, NULL, NULL);
  g_source_attach (source, run->context);
}

static gpointer
sleep_in_thread (gpointer data)
{
  g_usleep (G_MAXULONG);

  return NULL;
}

static void
leave_thread (FaultRun *run)
{
  g_thread_unref (g_thread_new ("forgotten", sleep_in_thread, NULL));
}

static void
leave_file (FaultRun *run)
{
  g_autofree char *path = g_build_filename (run->folder, "forgotten", NULL);

  g_assert (g_file_set_contents (path, "x", 1, NULL));
}

static void
leave_upload (FaultRun *run)
{
  g_object_ref (fault_run_get_upload (run));
}

static void
leave_session (FaultRun *run)
{
  g_object_ref (run->session);
}

static void
receive_other_bytes (FaultRun *run)
{
  run->received->data[5]++;
}

static void
receive_fewer_bytes (FaultRun *run)
{
  g_byte_array_set_size (run->received, 5);
}

static void
complain (FaultRun *run)
{
  g_ptr_array_add (run->peer->complaints, g_strdup ("odd things"));
}

static void
close_again (FaultRun *run)
{
  g_signal_emit_by_name (fault_run_get_upload (run), "closed");
}

static void
succeed_again (FaultRun *run)
{
  g_signal_emit_by_name (fault_run_get_upload (run), "succeeded");
}

typedef struct {
  const char *name;
  void (*spoil) (FaultRun *run); /* after the upload, which succeeds */
  int code;                      /* what is expected */
  const char *words;
  const char *problem; /* NULL for none */
} Row;

static const Row rows[] = {
  { "nothing", leave_nothing, FAULT_SUCCESS, NULL, NULL },
  { "descriptor", leave_descriptor, FAULT_SUCCESS, NULL, "left over: descriptor*/dev/null" },
  { "source", leave_source, FAULT_SUCCESS, NULL, "left over: source forgotten" },
  { "thread", leave_thread, FAULT_SUCCESS, NULL, "left over: thread*forgotten" },
  { "file", leave_file, FAULT_SUCCESS, NULL, "left over: file forgotten" },
  { "upload", leave_upload, FAULT_SUCCESS, NULL, "left over: *upload, with 1 references" },
  { "session", leave_session, FAULT_SUCCESS, NULL, "left over: *session, with 1 references" },
  { "other-bytes", receive_other_bytes, FAULT_SUCCESS, NULL, "does not hold the file" },
  { "fewer-bytes", receive_fewer_bytes, FAULT_SUCCESS, NULL, "does not hold the file: 5 of 600000" },
  { "complaint", complain, FAULT_SUCCESS, NULL, "the client sent odd things" },
  { "closed-twice", close_again, FAULT_SUCCESS, NULL, "event . after closed" },
  { "succeeded-twice", succeed_again, FAULT_SUCCESS, NULL, "event + after closed" },
  { "failure-expected", leave_nothing, GALILEO_ERROR_STALLED, NULL, "not failed" },
  { "cancellation-expected", leave_nothing, FAULT_CANCELLED, NULL, "not cancelled" },
  { "words-expected", leave_nothing, FAULT_SUCCESS, "no error|other words", "no word of*other words" },
};

static void
test_spoilt (gconstpointer data)
{
  const Row *row = data;
  FaultRun *run = fault_run_new (600000);

  fault_run_serve (run, &good);
  fault_run_go (run);
  row->spoil (run);
  fault_run_expect (run, row->code, row->words);
  fault_run_free (run);
}

/* In a process of its own, which may go wrong. */
static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *path = g_strdup_printf ("/faults/kit/%s/subprocess", row->name);

  g_test_trap_subprocess (path, 0, G_TEST_SUBPROCESS_DEFAULT);
  if (row->problem == NULL) {
    g_test_trap_assert_passed ();
    g_test_trap_assert_stderr_unmatched ("*WRONG*");
  } else {
    g_autofree char *pattern = g_strdup_printf ("*WRONG: *%s*", row->problem);

    g_test_trap_assert_failed ();
    g_test_trap_assert_stderr (pattern);
  }
}

int
main (int argc, char **argv)
{
  fault_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *spoilt = g_strconcat (rows[i].name, "/subprocess", NULL);

    fault_add ("kit", rows[i].name, &rows[i], test_row);
    fault_add ("kit", spoilt, &rows[i], test_spoilt);
  }

  return g_test_run ();
}

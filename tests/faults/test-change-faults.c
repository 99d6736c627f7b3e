/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"
#include "fault-words.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What may become of a file while it is being uploaded. */

static const RawScript good = { FROM_METADATA };

/* What becomes of the file. */
typedef struct {
  const char *name;
  void (*change) (FaultRun *run);
  int code; /* when the change comes before finished was sent */
  const char *words;
} Change;

static void
write_at (FaultRun *run, off_t offset, int flags)
{
  int fd = open (run->path, O_WRONLY | O_CLOEXEC | flags);

  g_assert (fd >= 0 && (offset < 0 || lseek (fd, offset, SEEK_SET) == offset) && write (fd, "changed", 7) == 7);
  close (fd);
}

static void
grow (FaultRun *run)
{
  write_at (run, -1, O_APPEND);
}

static void
grow_by_truncate (FaultRun *run)
{
  g_assert (truncate (run->path, (off_t) g_bytes_get_size (run->contents) + 1) == 0);
}

static void
shrink (FaultRun *run)
{
  g_assert (truncate (run->path, (off_t) g_bytes_get_size (run->contents) - 1) == 0);
}

static void
shrink_to_nothing (FaultRun *run)
{
  g_assert (truncate (run->path, 0) == 0);
}

static void
rewrite_first (FaultRun *run)
{
  write_at (run, 0, 0);
}

static void
rewrite_last (FaultRun *run)
{
  write_at (run, (off_t) g_bytes_get_size (run->contents) - 7, 0);
}

static void
rewrite_all (FaultRun *run)
{
  g_autofree char *other = g_strnfill (g_bytes_get_size (run->contents), 'x');
  int fd = open (run->path, O_WRONLY | O_CLOEXEC);
  gsize length = g_bytes_get_size (run->contents);

  g_assert (fd >= 0 && write (fd, other, length) == (ssize_t) length);
  close (fd);
}

/* As programs do that keep a file's time, whatever they write to it. */
static void
rewrite_with_its_time (FaultRun *run)
{
  const struct timespec long_ago[] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

  rewrite_all (run);
  g_assert (utimensat (AT_FDCWD, run->path, long_ago, 0) == 0);
}

static void
touch (FaultRun *run)
{
  g_assert (utimensat (AT_FDCWD, run->path, NULL, 0) == 0);
}

static void
delete (FaultRun *run)
{
  g_assert (g_unlink (run->path) == 0);
}

static void
rename_away (FaultRun *run)
{
  g_autofree char *other = g_build_filename (run->folder, "renamed", NULL);

  fault_run_allow_file (run, "renamed");
  g_assert (g_rename (run->path, other) == 0);
}

static void
replace_with (FaultRun *run, const char *contents, gsize length)
{
  const struct timespec long_ago[] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
  g_autofree char *other = g_build_filename (run->folder, "other", NULL);

  g_assert (g_file_set_contents (other, contents, (gssize) length, NULL));
  g_assert (utimensat (AT_FDCWD, other, long_ago, 0) == 0);
  g_assert (g_rename (other, run->path) == 0);
}

static void
replace_by_other (FaultRun *run)
{
  replace_with (run, "other", 5);
}

/* Only the inode tells. */
static void
replace_by_same (FaultRun *run)
{
  replace_with (run, g_bytes_get_data (run->contents, NULL), g_bytes_get_size (run->contents));
}

/* In one step, as another program sees it. */
static void
swap (FaultRun *run, const char *other)
{
  fault_run_allow_file (run, "other");
  g_assert (renameat2 (AT_FDCWD, other, AT_FDCWD, run->path, RENAME_EXCHANGE) == 0);
}

static void
replace_by_folder (FaultRun *run)
{
  g_autofree char *other = g_build_filename (run->folder, "other", NULL);

  g_assert (g_mkdir (other, 0700) == 0);
  swap (run, other);
}

static void
replace_by_pipe (FaultRun *run)
{
  g_autofree char *other = g_build_filename (run->folder, "other", NULL);

  g_assert (mkfifo (other, 0600) == 0);
  swap (run, other);
}

static void
replace_by_link_to_itself (FaultRun *run)
{
  g_autofree char *other = g_build_filename (run->folder, "other", NULL);

  g_assert (symlink (run->path, other) == 0);
  swap (run, other);
}

static void
replace_by_link_to_it (FaultRun *run)
{
  g_autofree char *other = g_build_filename (run->folder, "other", NULL);

  g_assert (symlink ("other", other) == 0);
  swap (run, other);
}

static void
make_unreadable_now (FaultRun *run)
{
  g_assert (g_chmod (run->path, 0) == 0);
}

static void
link_it (FaultRun *run)
{
  g_autofree char *other = g_build_filename (run->folder, "linked", NULL);

  fault_run_allow_file (run, "linked");
  g_assert (link (run->path, other) == 0);
}

static void
read_it (FaultRun *run)
{
  g_autofree char *contents = NULL;

  g_assert (g_file_get_contents (run->path, &contents, NULL, NULL));
}

static const Change changes[] = {
  { "grows", grow, GALILEO_ERROR_GREW, "grew while it was being uploaded" },
  { "grows-by-a-hole", grow_by_truncate, GALILEO_ERROR_GREW, "grew while it was being uploaded" },
  { "shrinks", shrink, GALILEO_ERROR_SHRANK, "became shorter while it was being uploaded" },
  { "shrinks-to-nothing", shrink_to_nothing, GALILEO_ERROR_SHRANK, "became shorter while it was being uploaded" },
  { "first-bytes-rewritten", rewrite_first, GALILEO_ERROR_CHANGED, "changed while it was being uploaded" },
  { "last-bytes-rewritten", rewrite_last, GALILEO_ERROR_CHANGED, "changed while it was being uploaded" },
  { "rewritten", rewrite_all, GALILEO_ERROR_CHANGED, "changed while it was being uploaded" },
  { "rewritten-with-its-old-time", rewrite_with_its_time, GALILEO_ERROR_CHANGED,
    "changed while it was being uploaded" },
  { "touched", touch, GALILEO_ERROR_CHANGED, "changed while it was being uploaded" },
  { "deleted", delete, GALILEO_ERROR_VANISHED, "moved or deleted" },
  { "renamed", rename_away, GALILEO_ERROR_VANISHED, "moved or deleted" },
  { "replaced-by-another", replace_by_other, GALILEO_ERROR_REPLACED, "replaced" },
  { "replaced-by-the-same", replace_by_same, GALILEO_ERROR_REPLACED, "replaced" },
  { "replaced-by-a-folder", replace_by_folder, GALILEO_ERROR_REPLACED, "replaced" },
  { "replaced-by-a-pipe", replace_by_pipe, GALILEO_ERROR_REPLACED, "replaced" },
  { "replaced-by-a-link-to-itself", replace_by_link_to_itself, GALILEO_ERROR_VANISHED, "moved or deleted" },
  /* None of its bytes is another. */
  { "replaced-by-a-link-to-it", replace_by_link_to_it, FAULT_SUCCESS, NULL },
  { "made-unreadable", make_unreadable_now, FAULT_SUCCESS, NULL },
  { "linked", link_it, FAULT_SUCCESS, NULL },
  { "read", read_it, FAULT_SUCCESS, NULL },
};

static const char *const steps[] = { "request", "metadata", "first-chunk", "chunk", "last-chunk", "finished" };

typedef struct {
  const Change *change;
  const char *step;
  FaultRun *run;
  gboolean done;
} Cell;

static void
step_cb (RawPeer *peer, const char *step, gpointer user_data)
{
  Cell *cell = user_data;

  if (cell->done || !g_str_equal (step, cell->step))
    return;

  cell->done = TRUE;
  cell->change->change (cell->run);
}

/* The file is twelve chunks long, so that some of it is not read yet at any step but the last. */
static void
test_change (gconstpointer data)
{
  Cell cell = *(const Cell *) data;
  gboolean too_late = g_str_equal (cell.step, "finished");
  RawPeer *peer;

  cell.run = fault_run_new (3000000);
  peer = fault_run_serve (cell.run, &good);
  peer->step_func = step_cb;
  peer->step_data = &cell;
  fault_run_go (cell.run);
  fault_run_expect (cell.run,
                    too_late ? FAULT_SUCCESS : cell.change->code,
                    too_late ? NULL : cell.change->words);
  if (!cell.done)
    fault_problem ("the step was never reached");
  if (!too_late && cell.change->code != FAULT_SUCCESS && peer->n_finished > 0)
    fault_problem ("finished was sent for a file that is another now");
  fault_run_free (cell.run);
}

/* A change of a short file: one chunk, read at once with opening. */
static void
test_change_of_short_file (gconstpointer data)
{
  Cell cell = { .change = data, .step = "metadata" };
  RawPeer *peer;

  cell.run = fault_run_new (1000);
  peer = fault_run_serve (cell.run, &good);
  peer->step_func = step_cb;
  peer->step_data = &cell;
  fault_run_go (cell.run);
  fault_run_expect (cell.run, cell.change->code, cell.change->words);
  fault_run_free (cell.run);
}

/* An empty file that gets its first bytes. */
static void
test_empty_file_grows (gconstpointer step)
{
  Cell cell = { .change = &changes[0], .step = step };
  RawPeer *peer;

  cell.run = fault_run_new (0);
  peer = fault_run_serve (cell.run, &good);
  peer->step_func = step_cb;
  peer->step_data = &cell;
  fault_run_go (cell.run);
  fault_run_expect (cell.run, GALILEO_ERROR_GREW, "grew");
  fault_run_free (cell.run);
}

int
main (int argc, char **argv)
{
  fault_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree char *short_name = g_strconcat (changes[i].name, "-when-short", NULL);

    for (guint step = 0; step < G_N_ELEMENTS (steps); step++) {
      g_autofree char *name = g_strdup_printf ("%s-at-%s", changes[i].name, steps[step]);
      Cell cell = { .change = &changes[i], .step = steps[step] };

      fault_add_full ("changes", name, g_memdup2 (&cell, sizeof cell), test_change);
    }
    fault_add ("changes", short_name, &changes[i], test_change_of_short_file);
  }
  fault_add ("changes", "empty-grows-at-request", "request", test_empty_file_grows);
  fault_add ("changes", "empty-grows-at-metadata", "metadata", test_empty_file_grows);

  return g_test_run ();
}

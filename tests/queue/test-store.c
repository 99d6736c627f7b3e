/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-store.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>

typedef struct {
  char *folder;
  char *path;
  GalileoStore *store;
} Fixture;

static void
open_store (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->store = galileo_store_new (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_null (galileo_store_get_set_aside (fixture->store));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("galileo-store-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "queue.db", NULL);
  open_store (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->store);
  /* The last reports may be under way still. */
  while (g_main_context_iteration (NULL, FALSE));
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static GPtrArray *
make_records (gint64 first, guint n)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_record_free);

  for (guint i = 0; i < n; i++) {
    GalileoRecord *record = galileo_record_new ();

    record->id = first + i;
    record->position = (double) record->id;
    record->address = g_strdup ("ws://localhost/");
    record->uri = g_strdup_printf ("file:///tmp/%" G_GINT64_FORMAT, record->id);
    record->name = g_strdup_printf ("%" G_GINT64_FORMAT, record->id);
    record->upload_id = g_strdup ("x");
    g_ptr_array_add (records, record);
  }
  return records;
}

/* Returns how many there are when it is opened again. */
static guint
count_again (Fixture *fixture)
{
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) error = NULL;
  gint64 last_id;

  g_clear_object (&fixture->store);
  open_store (fixture);
  records = galileo_store_load (fixture->store, &last_id, &error);
  g_assert_no_error (error);
  return records->len;
}

static GThread *main_thread;

typedef struct {
  guint n_written;
  guint n_failed;
} Told;

static void
told_cb (const GError *error, gpointer data)
{
  Told *told = data;

  /* Also while the main loop did not run. */
  g_assert_true (g_thread_self () == main_thread);

  if (error == NULL)
    told->n_written++;
  else
    told->n_failed++;
}

static void
test_in_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) records = NULL;
  Told told = { 0, 0 };
  gint64 last_id;

  for (gint64 id = 1; id <= 500; id++) {
    GArray *ids = g_array_new (FALSE, FALSE, sizeof id);

    galileo_store_put (fixture->store, make_records (id, 1), told_cb, &told);
    g_array_append_val (ids, id);
    if (id % 2 == 0)
      galileo_store_remove (fixture->store, ids);
    else
      g_array_unref (ids);
  }
  while (told.n_written < 500)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (told.n_failed, ==, 0);
  g_assert_null (galileo_store_get_problem (fixture->store));

  g_clear_object (&fixture->store);
  open_store (fixture);
  records = galileo_store_load (fixture->store, &last_id, NULL);
  g_assert_cmpuint (records->len, ==, 250);
  g_assert_cmpint (last_id, ==, 499);
  for (guint i = 0; i < records->len; i++)
    g_assert_cmpint (((GalileoRecord *) records->pdata[i])->id, ==, 2 * i + 1);
}

/* What was given is on the disk when the store ends, and whoever wanted to know is told. */
static void
test_end (Fixture *fixture, gconstpointer data)
{
  Told told = { 0, 0 };

  for (gint64 id = 1; id <= 100; id++)
    galileo_store_put (fixture->store, make_records (id * 100, 100), told_cb, &told);
  g_assert_cmpuint (count_again (fixture), ==, 10000);
  while (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (told.n_written, ==, 100);
}

static void
limit_files (rlim_t size)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = size == RLIM_INFINITY ? limit.rlim_max : size;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
problem_cb (GalileoStore *store, GParamSpec *pspec, guint *n_changes)
{
  (*n_changes)++;
}

/* A full disk: it is told at once, and what was given is written when there is room. */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  Told told = { 0, 0 };
  guint n_changes = 0;

  g_signal_connect (fixture->store, "notify::problem", G_CALLBACK (problem_cb), &n_changes);
  signal (SIGXFSZ, SIG_IGN);
  limit_files (100000);
  galileo_store_put (fixture->store, make_records (1, 10000), told_cb, &told);
  galileo_store_put (fixture->store, make_records (20000, 1), told_cb, &told);
  while (told.n_failed < 2 && told.n_written == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (told.n_failed, ==, 2);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_nonnull (galileo_store_get_problem (fixture->store));

  limit_files (RLIM_INFINITY);
  while (galileo_store_get_problem (fixture->store) != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_changes, ==, 2);
  g_assert_cmpuint (told.n_written, ==, 0);
  g_assert_cmpuint (count_again (fixture), ==, 10001);
}

static void
test_end_with_full_disk (Fixture *fixture, gconstpointer data)
{
  Told told = { 0, 0 };

  signal (SIGXFSZ, SIG_IGN);
  limit_files (100000);
  galileo_store_put (fixture->store, make_records (1, 10000), told_cb, &told);
  g_clear_object (&fixture->store);
  limit_files (RLIM_INFINITY);
  while (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (told.n_failed, ==, 1);
  open_store (fixture);
  g_assert_cmpuint (count_again (fixture), ==, 0);
}

typedef struct {
  GalileoStore *store;
  GError *error;
  gboolean ended;
} Opening;

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Opening *opening = user_data;

  opening->store = galileo_store_open_finish (result, &opening->error);
  opening->ended = TRUE;
}

/* A database that another program has for a moment is worth a wait, one that it keeps is not. */
static void
test_wait_for_one_that_is_kept (Fixture *fixture, gconstpointer data)
{
  Opening opening = { 0 };
  gint64 begin = g_get_monotonic_time ();

  galileo_store_open_async (fixture->path, opened_cb, &opening);
  while (!opening.ended)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (opening.store);
  g_assert_error (opening.error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, G_USEC_PER_SEC);
  g_clear_error (&opening.error);
}

static void
test_wait_for_one_that_ends (Fixture *fixture, gconstpointer data)
{
  Opening opening = { 0 };

  galileo_store_open_async (fixture->path, opened_cb, &opening);
  /* Meanwhile it is tried in vain. */
  for (guint i = 0; i < 50; i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (galileo_store_new (fixture->path, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  }
  g_assert_false (opening.ended);
  g_clear_object (&fixture->store);
  while (!opening.ended)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (opening.error);
  fixture->store = opening.store;
}

#define ADD(name, function) g_test_add ("/store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  main_thread = g_thread_self ();

  ADD ("in-order", test_in_order);
  ADD ("end", test_end);
  ADD ("full-disk", test_full_disk);
  ADD ("end-with-full-disk", test_end_with_full_disk);
  ADD ("wait-for-one-that-is-kept", test_wait_for_one_that_is_kept);
  ADD ("wait-for-one-that-ends", test_wait_for_one_that_ends);

  return g_test_run ();
}

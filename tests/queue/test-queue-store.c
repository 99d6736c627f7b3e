/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-error.h"
#include "queue/galileo-file-finder.h"
#include "queue/galileo-queue.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

/* A queue that is kept, with a site that nobody is at; how it is with one that takes files is in test_survival.py. */
#define NOBODY "ws://127.0.0.1:1/"
#define PIN "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF"

typedef struct {
  char *folder;
  char *path;
  GalileoEngine *engine;
  GalileoStore *store;
  GalileoQueue *queue;
  GalileoSite *site;
} Fixture;

static void
start (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->store = galileo_store_new (fixture->path, &error);
  g_assert_no_error (error);
  fixture->queue = galileo_queue_new (fixture->engine);
  g_assert_false (galileo_queue_is_kept (fixture->queue));
  g_assert_true (galileo_queue_set_store (fixture->queue, fixture->store, &error));
  g_assert_true (galileo_queue_is_kept (fixture->queue));
}

static void
stop (Fixture *fixture)
{
  g_clear_object (&fixture->queue);
  g_clear_object (&fixture->store);
  while (g_main_context_iteration (NULL, FALSE));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("galileo-queue-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "queue.db", NULL);
  fixture->engine = galileo_engine_new ();
  fixture->site = galileo_site_new (NOBODY, NULL);
  galileo_site_set_pin (fixture->site, PIN);
  start (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  stop (fixture);
  g_clear_object (&fixture->site);
  g_clear_object (&fixture->engine);
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static guint
count (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (fixture->queue));
}

/* The queue keeps its items for as long as it lives. */
static GalileoItem *
get (Fixture *fixture, guint position)
{
  g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (fixture->queue), position);

  g_assert_nonnull (item);
  return item;
}

static void
append (Fixture *fixture, guint n, GalileoItemState state)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_FILE, "It is a pipe");

  for (guint i = 0; i < n; i++) {
    g_autofree char *path = g_strdup_printf ("%s/%u.bin", fixture->folder, i);
    g_autoptr (GFile) file = g_file_new_for_path (path);

    g_ptr_array_add (items,
                     state == GALILEO_ITEM_FAILED ? galileo_item_new_failed (fixture->site, file, error)
                                                  : galileo_item_new (fixture->site, file, NULL));
  }
  galileo_queue_append (fixture->queue, items);
}

/* What another program would find there. */
static guint
count_on_disk (Fixture *fixture)
{
  sqlite3 *handle;
  sqlite3_stmt *statement;
  guint n;

  /* The store has it for itself; a copy of both files shows what has been committed. */
  g_autofree char *journal = g_strconcat (fixture->path, "-wal", NULL);
  g_autofree char *copy = g_build_filename (fixture->folder, "copy.db", NULL);
  g_autofree char *copied_journal = g_strconcat (copy, "-wal", NULL);
  const char *from[] = { fixture->path, journal }, *to[] = { copy, copied_journal };

  for (guint i = 0; i < 2; i++) {
    g_autofree char *contents = NULL;
    gsize length;

    g_assert_true (g_file_get_contents (from[i], &contents, &length, NULL));
    g_assert_true (g_file_set_contents (to[i], contents, (gssize) length, NULL));
  }
  g_assert_cmpint (sqlite3_open (copy, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (handle, "SELECT count(*) FROM items", -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  n = (guint) sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (handle);
  g_unlink (copy);
  g_unlink (copied_journal);
  return n;
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, Fixture *fixture)
{
  g_assert_cmpuint (count_on_disk (fixture), ==, g_list_model_get_n_items (model));
}

static void
test_on_disk_before_it_is_listed (Fixture *fixture, gconstpointer data)
{
  g_signal_connect (fixture->queue, "items-changed", G_CALLBACK (items_changed_cb), fixture);
  append (fixture, 200, GALILEO_ITEM_FAILED);
  g_assert_cmpuint (count (fixture), ==, 0);
  while (count (fixture) < 200)
    g_main_context_iteration (NULL, TRUE);
}

/* A failure and all that was said of it, in the order of the list. */
static void
test_again (Fixture *fixture, gconstpointer data)
{
  append (fixture, 3, GALILEO_ITEM_FAILED);
  append (fixture, 1, GALILEO_ITEM_WAITING);
  while (count (fixture) < 4 || galileo_queue_get_busy (fixture->queue))
    g_main_context_iteration (NULL, TRUE);

  for (int round = 0; round < 2; round++) {
    stop (fixture);
    start (fixture);
    g_assert_cmpuint (count (fixture), ==, 4);
    g_assert_false (galileo_queue_get_busy (fixture->queue));
    g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_FAILED), ==, 4);
    for (guint i = 0; i < 4; i++) {
      GalileoItem *item = get (fixture, i);
      GPtrArray *signals = galileo_item_get_error_signals (item);
      g_autofree char *name = g_strdup_printf ("%u.bin", i % 3);

      g_assert_cmpstr (galileo_item_get_name (item), ==, name);
      g_assert_error (galileo_item_get_error (item), GALILEO_ERROR, GALILEO_ERROR_FILE);
      g_assert_cmpuint (signals->len, ==, 1);
      g_assert_nonnull (galileo_item_get_finish_time (item));
      g_assert_cmpstr (galileo_site_get_pin (galileo_item_get_site (item)), ==, PIN);
      g_assert_true (galileo_item_get_site (item) == galileo_item_get_site (get (fixture, 0)));
    }
    /* That there is no such file was found by an attempt. */
    g_assert_cmpuint (galileo_item_get_attempt (get (fixture, 0)), ==, 0);
    g_assert_cmpuint (galileo_item_get_attempt (get (fixture, 3)), ==, 1);
  }
}

/* What was removed does not come back, and what comes later has an id of its own. */
static void
test_removed (Fixture *fixture, gconstpointer data)
{
  append (fixture, 3, GALILEO_ITEM_FAILED);
  while (count (fixture) < 3)
    g_main_context_iteration (NULL, TRUE);
  galileo_queue_remove (fixture->queue, get (fixture, 2));
  galileo_queue_remove (fixture->queue, get (fixture, 0));
  stop (fixture);
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 1);
  g_assert_cmpstr (galileo_item_get_name (get (fixture, 0)), ==, "1.bin");

  append (fixture, 1, GALILEO_ITEM_FAILED);
  stop (fixture);
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 2);
  g_assert_cmpstr (galileo_item_get_name (get (fixture, 1)), ==, "0.bin");
}

/* Figures are of what this run has to do. */
static void
test_figures (Fixture *fixture, gconstpointer data)
{
  guint n_batch, n_failed;

  append (fixture, 3, GALILEO_ITEM_FAILED);
  append (fixture, 2, GALILEO_ITEM_WAITING);
  stop (fixture);
  start (fixture);
  g_object_get (fixture->queue, "n-batch", &n_batch, "n-failed", &n_failed, NULL);
  g_assert_cmpuint (n_batch, ==, 2);
  g_assert_cmpuint (n_failed, ==, 3);

  galileo_queue_retry (fixture->queue, get (fixture, 0));
  g_object_get (fixture->queue, "n-batch", &n_batch, NULL);
  g_assert_cmpuint (n_batch, ==, 3);
}

static void
test_cleared (Fixture *fixture, gconstpointer data)
{
  append (fixture, 3, GALILEO_ITEM_WAITING);
  while (count (fixture) < 3)
    g_main_context_iteration (NULL, TRUE);
  galileo_queue_cancel_all (fixture->queue);
  append (fixture, 1, GALILEO_ITEM_FAILED);
  stop (fixture);
  start (fixture);
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_CANCELLED), ==, 3);
  galileo_queue_clear_finished (fixture->queue);
  stop (fixture);
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 1);
  g_assert_cmpint (galileo_item_get_state (get (fixture, 0)), ==, GALILEO_ITEM_FAILED);
}

/* What was asked for and is not listed yet is not lost when the queue ends, and counts as something to wait for. */
static void
test_ended_before_it_is_listed (Fixture *fixture, gconstpointer data)
{
  append (fixture, 10, GALILEO_ITEM_WAITING);
  g_assert_true (galileo_queue_get_busy (fixture->queue));
  stop (fixture);
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 10);
  g_assert_true (galileo_queue_get_busy (fixture->queue));
}

/* Tried anew by the user: it waits again, also after a restart. */
static void
test_retried (Fixture *fixture, gconstpointer data)
{
  append (fixture, 1, GALILEO_ITEM_FAILED);
  while (count (fixture) < 1)
    g_main_context_iteration (NULL, TRUE);
  galileo_queue_retry (fixture->queue, get (fixture, 0));
  stop (fixture);
  start (fixture);
  g_assert_cmpint (galileo_item_get_state (get (fixture, 0)), ==, GALILEO_ITEM_WAITING);
  g_assert_null (galileo_item_get_error (get (fixture, 0)));
}

/* A list of files that are there; queue paused, so that nothing is tried. */
static void
append_files (Fixture *fixture, guint n)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++) {
    g_autofree char *path = g_strdup_printf ("%s/%u.bin", fixture->folder, i);
    g_autoptr (GFile) file = g_file_new_for_path (path);
    g_autoptr (GFileInfo) info = NULL;
    GalileoItem *item = galileo_item_new (fixture->site, file, NULL);

    g_assert_true (g_file_set_contents (path, "abc", 3, NULL));
    info = g_file_query_info (file, GALILEO_FILE_FINDER_ATTRIBUTES, G_FILE_QUERY_INFO_NONE, NULL, NULL);
    galileo_item_set_expected (item, 3, galileo_file_finder_get_mtime (info));
    g_ptr_array_add (items, item);
  }
  galileo_queue_append (fixture->queue, items);
  while (count (fixture) < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
remove_files (Fixture *fixture, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *path = g_strdup_printf ("%s/%u.bin", fixture->folder, i);

    g_unlink (path);
  }
}

/* Pauses, of one and of all, and the order. */
static void
test_paused_and_moved (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) moved = g_ptr_array_new ();

  galileo_queue_set_paused (fixture->queue, TRUE);
  append_files (fixture, 4);
  galileo_queue_pause (fixture->queue, get (fixture, 1));
  g_ptr_array_add (moved, get (fixture, 3));
  g_ptr_array_add (moved, get (fixture, 1));
  galileo_queue_move (fixture->queue, moved, get (fixture, 0));
  for (guint round = 0; round < 2; round++) {
    static const char *const names[] = { "3.bin", "1.bin", "0.bin", "2.bin" };

    stop (fixture);
    start (fixture);
    g_assert_true (galileo_queue_get_paused (fixture->queue));
    for (guint i = 0; i < 4; i++) {
      g_assert_cmpstr (galileo_item_get_name (get (fixture, i)), ==, names[i]);
      g_assert_cmpint (galileo_item_get_state (get (fixture, i)),
                       ==,
                       i == 1 ? GALILEO_ITEM_PAUSED : GALILEO_ITEM_WAITING);
    }
  }

  galileo_queue_set_paused (fixture->queue, FALSE);
  stop (fixture);
  start (fixture);
  g_assert_false (galileo_queue_get_paused (fixture->queue));
  g_assert_cmpint (galileo_item_get_state (get (fixture, 1)), ==, GALILEO_ITEM_PAUSED);
  remove_files (fixture, 4);
}

static void
count_cb (guint *n)
{
  (*n)++;
}

/* What is put back stands where it was, though it is listed only when it is on the disk; and is tried again if it was to be. */
static void
test_put_back (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "0.bin", "1.bin", "2.bin", "3.bin" };
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_heard = 0;

  galileo_queue_set_paused (fixture->queue, TRUE);
  append_files (fixture, 4);
  g_signal_connect_swapped (fixture->queue, "item-state", G_CALLBACK (count_cb), &n_heard);
  g_ptr_array_add (items, g_object_ref (get (fixture, 1)));
  galileo_queue_remove (fixture->queue, g_ptr_array_index (items, 0));
  g_assert_cmpuint (n_heard, ==, 1);
  g_assert_cmpint (galileo_item_get_state (g_ptr_array_index (items, 0)), ==, GALILEO_ITEM_CANCELLED);

  galileo_queue_insert (fixture->queue, items, get (fixture, 1), TRUE);
  g_assert_cmpuint (count (fixture), ==, 3);
  while (count (fixture) < 4)
    g_main_context_iteration (NULL, TRUE);

  for (guint round = 0; round < 2; round++) {
    for (guint i = 0; i < 4; i++) {
      g_assert_cmpstr (galileo_item_get_name (get (fixture, i)), ==, names[i]);
      g_assert_cmpint (galileo_item_get_state (get (fixture, i)), ==, GALILEO_ITEM_WAITING);
    }
    stop (fixture);
    start (fixture);
  }
  remove_files (fixture, 4);
}

/* A file that is another one after a restart is not uploaded unasked; one that can't be reached can be located. */
static void
test_other_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *changed = g_build_filename (fixture->folder, "0.bin", NULL);
  g_autofree char *gone = g_build_filename (fixture->folder, "1.bin", NULL);
  g_autofree char *there = g_build_filename (fixture->folder, "2.bin", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (there);

  galileo_queue_set_paused (fixture->queue, TRUE);
  append_files (fixture, 2);
  stop (fixture);
  g_assert_true (g_file_set_contents (changed, "other", 5, NULL));
  g_assert_true (g_file_set_contents (there, "abc", 3, NULL));
  g_unlink (gone);
  start (fixture);
  galileo_queue_set_paused (fixture->queue, FALSE);
  while (galileo_queue_get_busy (fixture->queue))
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (galileo_item_get_error (get (fixture, 0)), GALILEO_ERROR, GALILEO_ERROR_CHANGED);
  g_assert_cmpuint (galileo_item_get_attempt (get (fixture, 0)), ==, 0);
  g_assert_error (galileo_item_get_error (get (fixture, 1)), GALILEO_ERROR, GALILEO_ERROR_FILE);
  g_assert_cmpstr (galileo_item_get_name (get (fixture, 1)), ==, "1.bin");

  /* Both are tried now: it is the site that is not there. */
  galileo_queue_retry (fixture->queue, get (fixture, 0));
  galileo_queue_locate (fixture->queue, get (fixture, 1), file);
  while (galileo_queue_get_busy (fixture->queue))
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < 2; i++)
    g_assert_error (galileo_item_get_error (get (fixture, i)), GALILEO_ERROR, GALILEO_ERROR_CONNECT);

  /* What was accepted is not asked again, and what was located is remembered; its name at the site stays. */
  galileo_queue_set_paused (fixture->queue, TRUE);
  galileo_queue_retry_failed (fixture->queue);
  stop (fixture);
  start (fixture);
  g_assert_cmpstr (galileo_item_get_name (get (fixture, 1)), ==, "1.bin");
  g_assert_true (g_file_equal (galileo_item_get_file (get (fixture, 1)), file));
  galileo_queue_set_paused (fixture->queue, FALSE);
  while (galileo_queue_get_busy (fixture->queue))
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < 2; i++)
    g_assert_error (galileo_item_get_error (get (fixture, i)), GALILEO_ERROR, GALILEO_ERROR_CONNECT);
  remove_files (fixture, 3);
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  gboolean *opened = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (galileo_queue_open_store_finish (GALILEO_QUEUE (object), result, &error));
  g_assert_no_error (error);
  *opened = TRUE;
}

/* In slices; what is appended meanwhile comes after what was there. */
static void
test_opened_in_slices (Fixture *fixture, gconstpointer data)
{
  const guint n = 5000;
  gboolean opened = FALSE;
  gboolean in_between = FALSE;

  append (fixture, n, GALILEO_ITEM_FAILED);
  stop (fixture);
  fixture->queue = galileo_queue_new (fixture->engine);
  galileo_queue_open_store_async (fixture->queue, fixture->path, opened_cb, &opened);
  g_assert_true (galileo_queue_is_loading (fixture->queue));
  append (fixture, 1, GALILEO_ITEM_FAILED);
  g_assert_cmpuint (count (fixture), ==, 0);
  while (!opened) {
    g_main_context_iteration (NULL, TRUE);
    in_between |= count (fixture) > 0 && count (fixture) < n;
  }
  g_assert_true (in_between);
  g_assert_false (galileo_queue_is_loading (fixture->queue));
  while (count (fixture) < n + 1)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("%u.bin", i);

    g_assert_cmpstr (galileo_item_get_name (get (fixture, i)), ==, name);
  }
  g_assert_cmpstr (galileo_item_get_name (get (fixture, n)), ==, "0.bin");
  fixture->store = g_object_ref (galileo_queue_get_store (fixture->queue));
}

/* Dropped in the middle: it comes to its end, and nothing is lost. */
static void
test_opened_and_dropped (Fixture *fixture, gconstpointer data)
{
  const guint n = 20000;
  gboolean opened = FALSE;

  append (fixture, n, GALILEO_ITEM_FAILED);
  stop (fixture);
  fixture->queue = galileo_queue_new (fixture->engine);
  galileo_queue_open_store_async (fixture->queue, fixture->path, opened_cb, &opened);
  while (count (fixture) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count (fixture), <, n);
  stop (fixture);
  g_assert_true (opened);
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, n);
}

static void
failed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  gboolean *failed = user_data;

  *failed = !galileo_queue_open_store_finish (GALILEO_QUEUE (object), result, NULL);
}

/* Without a database the queue goes on unkept, also with what was appended before that was known. */
static void
test_not_opened (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoQueue) queue = galileo_queue_new (fixture->engine);
  GalileoQueue *kept = g_steal_pointer (&fixture->queue);
  gboolean failed = FALSE;

  fixture->queue = queue;
  /* The fixture's own store has it. */
  galileo_queue_open_store_async (queue, fixture->path, failed_cb, &failed);
  append (fixture, 3, GALILEO_ITEM_FAILED);
  while (!failed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count (fixture), ==, 3);
  g_assert_false (galileo_queue_is_kept (queue));
  fixture->queue = kept;
}

static void
found_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GPtrArray **found = user_data;
  g_autoptr (GError) error = NULL;

  *found = galileo_store_search_history_finish (result, &error);
  g_assert_no_error (error);
}

static GPtrArray *
search (Fixture *fixture, const char *text)
{
  GPtrArray *found = NULL;

  galileo_store_search_history_async (fixture->store, text, NULL, found_cb, &found);
  while (found == NULL)
    g_main_context_iteration (NULL, TRUE);
  return found;
}

/* What failed is in the history once for each time, also after it was removed; what was only listed or moved is not. */
static void
test_history (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) moved = g_ptr_array_new ();
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) some = NULL;
  g_autoptr (GPtrArray) left = NULL;

  append (fixture, 2, GALILEO_ITEM_FAILED);
  append_files (fixture, 3);
  while (count (fixture) < 5 || galileo_queue_get_busy (fixture->queue))
    g_main_context_iteration (NULL, TRUE);
  g_ptr_array_add (moved, get (fixture, 4));
  galileo_queue_move_to (fixture->queue, moved, GALILEO_PLACE_TOP);
  galileo_queue_remove (fixture->queue, get (fixture, 0));

  all = search (fixture, "");
  g_assert_cmpuint (all->len, ==, 3);
  some = search (fixture, "1.BIN");
  g_assert_cmpuint (some->len, ==, 1);
  g_assert_nonnull (((GalileoRecord *) some->pdata[0])->error);
  g_assert_cmpuint (((GalileoRecord *) some->pdata[0])->signals->len, ==, 1);

  galileo_store_set_history_limits (fixture->store, 2, 90);
  galileo_queue_retry (fixture->queue, get (fixture, 3));
  while (galileo_queue_get_busy (fixture->queue))
    g_main_context_iteration (NULL, TRUE);
  left = search (fixture, "");
  g_assert_cmpuint (left->len, ==, 2);
  galileo_store_clear_history (fixture->store);
  g_clear_pointer (&left, g_ptr_array_unref);
  left = search (fixture, "");
  g_assert_cmpuint (left->len, ==, 0);
  remove_files (fixture, 3);
}

static GalileoSite *
get_listed_site (Fixture *fixture, guint position)
{
  g_autoptr (GalileoSite) site = g_list_model_get_item (galileo_queue_get_sites (fixture->queue), position);

  g_assert_nonnull (site);
  return site;
}

static void
test_remembered_sites (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoSite) other = galileo_site_new ("wss://example.org/upload", NULL);
  g_autoptr (GalileoSite) same = galileo_site_new (NOBODY, NULL);
  GalileoSite *known;

  g_assert_true (galileo_queue_remember_site (fixture->queue, fixture->site) == fixture->site);
  g_assert_true (galileo_queue_remember_site (fixture->queue, same) == fixture->site);
  galileo_queue_remember_site (fixture->queue, other);
  galileo_site_set_name (fixture->site, "  Parish Website ");
  g_assert_cmpuint (g_list_model_get_n_items (galileo_queue_get_sites (fixture->queue)), ==, 2);
  galileo_queue_forget_site (fixture->queue, other);
  g_assert_cmpuint (g_list_model_get_n_items (galileo_queue_get_sites (fixture->queue)), ==, 1);
  g_clear_object (&other);

  stop (fixture);
  start (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (galileo_queue_get_sites (fixture->queue)), ==, 1);
  known = get_listed_site (fixture, 0);
  g_assert_cmpstr (galileo_site_get_name (known), ==, "Parish Website");
  g_assert_cmpstr (galileo_site_get_pin (known), ==, PIN);

  /* Another time it is chosen it is there again, with its certificate. */
  galileo_site_set_max_uploads (known, 5);
  galileo_queue_forget_site (fixture->queue, known);
  g_assert_true (galileo_queue_remember_site (fixture->queue, same) == known);
  g_assert_true (get_listed_site (fixture, 0) == known);
  g_assert_cmpstr (galileo_site_get_name (known), ==, "127.0.0.1");
  g_assert_cmpuint (galileo_site_get_max_uploads (known), ==, 0);
}

#define ADD(name, function) g_test_add ("/queue-store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("on-disk-before-it-is-listed", test_on_disk_before_it_is_listed);
  ADD ("again", test_again);
  ADD ("removed", test_removed);
  ADD ("figures", test_figures);
  ADD ("cleared", test_cleared);
  ADD ("ended-before-it-is-listed", test_ended_before_it_is_listed);
  ADD ("retried", test_retried);
  ADD ("paused-and-moved", test_paused_and_moved);
  ADD ("put-back", test_put_back);
  ADD ("other-files", test_other_files);
  ADD ("history", test_history);
  ADD ("remembered-sites", test_remembered_sites);
  ADD ("opened-in-slices", test_opened_in_slices);
  ADD ("opened-and-dropped", test_opened_and_dropped);
  ADD ("not-opened", test_not_opened);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-adding.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/*
 * queue-rates items DATABASE N
 * queue-rates folder DATABASE FOLDER N
 * queue-rates storm DATABASE ADDRESS FILE N
 *
 * What a kept queue costs. "items" appends N items, and takes them up again; "folder" adds the N files of a folder; nothing
 * of that is uploaded. "storm" uploads a file N times at once. Prints a name and a number each: seconds, bytes an item, the
 * longest time in ms that the main loop was busy at a stretch, and the part of a core that the main thread took.
 */

/* As many as a folder is searched for at a time. */
#define AT_A_TIME 500

static gint64 longest;

static gint64
get_resident (void)
{
  g_autofree char *text = NULL;
  long pages = 0;

  g_file_get_contents ("/proc/self/statm", &text, NULL, NULL);
  sscanf (text, "%*d %ld", &pages);
  return (gint64) pages * sysconf (_SC_PAGESIZE);
}

static double
get_seconds (gint64 since)
{
  return (double) (g_get_monotonic_time () - since) / G_USEC_PER_SEC;
}

static double
get_thread_seconds (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* One turn of the loop, which remembers how long it was busy. */
static void
iterate (void)
{
  gint64 begin;

  if (!g_main_context_pending (NULL))
    g_usleep (200);
  begin = g_get_monotonic_time ();
  g_main_context_iteration (NULL, FALSE);
  longest = MAX (longest, g_get_monotonic_time () - begin);
}

static void
print (const char *name, double number)
{
  printf ("%s %f\n", name, number);
}

static void
print_longest (const char *name)
{
  print (name, (double) longest / 1000);
  longest = 0;
}

static guint
count (GalileoQueue *queue)
{
  return g_list_model_get_n_items (G_LIST_MODEL (queue));
}

static GPtrArray *
make_items (GalileoSite *site, const char *path, guint first, guint n)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("Pictures of the summer %06u.jpg", first + i);
    g_autoptr (GFile) file = g_file_new_for_path (path);

    g_ptr_array_add (items, galileo_item_new (site, file, name));
  }
  return items;
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  galileo_queue_open_store_finish (GALILEO_QUEUE (object), result, &error);
  g_assert_no_error (error);
}

static GalileoQueue *
open_queue (GalileoEngine *engine, const char *path, gboolean frozen)
{
  GalileoQueue *queue = galileo_queue_new (engine);

  if (frozen)
    galileo_queue_freeze (queue);
  galileo_queue_open_store_async (queue, path, opened_cb, NULL);
  while (galileo_queue_is_loading (queue))
    iterate ();
  return queue;
}

/* It is on the disk when it is gone, and so is its store. */
static void
close_queue (GalileoQueue *queue)
{
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_finalize_object (queue);
}

static void
run_items (GalileoEngine *engine, const char *path, const char *file, guint n)
{
  g_autoptr (GalileoSite) site = galileo_site_new ("ws://127.0.0.1:1/", NULL);
  GalileoQueue *queue = open_queue (engine, path, TRUE);
  gint64 resident = get_resident ();
  gint64 begin = g_get_monotonic_time ();

  longest = 0;
  for (guint i = 0; i < n; i += AT_A_TIME) {
    gint64 busy = g_get_monotonic_time ();
    g_autoptr (GPtrArray) items = make_items (site, file, i, MIN (AT_A_TIME, n - i));

    galileo_queue_append (queue, items);
    longest = MAX (longest, g_get_monotonic_time () - busy);
    iterate ();
  }
  while (count (queue) < n)
    iterate ();
  print ("appended", get_seconds (begin));
  print ("bytes", (double) (get_resident () - resident) / n);
  print_longest ("append-busy");
  close_queue (queue);

  begin = g_get_monotonic_time ();
  queue = open_queue (engine, path, TRUE);
  g_assert (count (queue) == n);
  print ("again", get_seconds (begin));
  print_longest ("again-busy");
  close_queue (queue);
}

static void
run_folder (GalileoEngine *engine, const char *path, const char *folder, guint n)
{
  g_autoptr (GalileoSite) site = galileo_site_new ("ws://127.0.0.1:1/", NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  GalileoQueue *queue = open_queue (engine, path, TRUE);
  g_autoptr (GalileoAdding) adding = galileo_adding_new (queue, site);
  gint64 begin = g_get_monotonic_time ();

  longest = 0;
  g_ptr_array_add (files, g_file_new_for_path (folder));
  galileo_adding_start (adding, files);
  while (count (queue) == 0)
    iterate ();
  print ("first", get_seconds (begin));
  while (count (queue) < n)
    iterate ();
  print ("added", get_seconds (begin));
  print_longest ("add-busy");
  g_assert (galileo_adding_get_n_added (adding) == n);
  g_clear_object (&adding);
  close_queue (queue);
}

static void
run_storm (GalileoEngine *engine, const char *path, const char *address, const char *file, guint n)
{
  g_autoptr (GalileoSite) site = galileo_site_new (address, NULL);
  g_autoptr (GPtrArray) items = make_items (site, file, 0, n);
  GalileoQueue *queue = open_queue (engine, path, FALSE);
  double thread_begin = get_thread_seconds ();
  gint64 begin = g_get_monotonic_time ();

  galileo_queue_set_max_uploads (queue, n);
  galileo_queue_append (queue, items);
  while (galileo_queue_get_n_in_state (queue, GALILEO_ITEM_DONE) < n) {
    g_main_context_iteration (NULL, TRUE);
    g_assert (galileo_queue_get_n_in_state (queue, GALILEO_ITEM_FAILED) == 0);
  }
  print ("storm", get_seconds (begin));
  print ("storm-core", (get_thread_seconds () - thread_begin) / get_seconds (begin));
  close_queue (queue);
}

int
main (int argc, char **argv)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  const char *what;
  guint n;

  g_assert (argc >= 4);
  what = argv[1];
  n = (guint) g_ascii_strtoull (argv[argc - 1], NULL, 10);
  if (g_str_equal (what, "items") && argc == 4)
    run_items (engine, argv[2], argv[0], n);
  else if (g_str_equal (what, "folder") && argc == 5)
    run_folder (engine, argv[2], argv[3], n);
  else if (g_str_equal (what, "storm") && argc == 6)
    run_storm (engine, argv[2], argv[3], argv[4], n);
  else
    g_error ("Usage: see the top of this file");

  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-queue.h"

#include <stdio.h>
#include <string.h>

/*
 * queue-runner DATABASE ADDRESS [FILE…]
 *
 * A queue without a window, for whoever wants to kill it: goes on with what the database has, adds the files if that is
 * nothing, and tells in a line each what it shows. Ends when all is done; with 3 where the database can't be used.
 */

#define EXIT_UNOPENED 3

static void
tell (const char *what, GalileoItem *item)
{
  printf ("%s %s\n", what, galileo_item_get_name (item));
  fflush (stdout);
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added)
{
  for (guint i = 0; i < added; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (model, position + i);

    tell ("listed", item);
  }
}

static void
started_cb (GalileoQueue *queue, GalileoItem *item)
{
  tell ("started", item);
}

static void
finished_cb (GalileoQueue *queue, GalileoItem *item)
{
  if (galileo_item_get_error (item) != NULL)
    g_printerr ("%s: %s\n", galileo_item_get_name (item), galileo_item_get_error (item)->message);
  tell (galileo_item_get_state (item) == GALILEO_ITEM_DONE ? "done" : "failed", item);
}

/* From "unkept" to "kept", what is shown may not be on the disk. */
static void
problem_cb (GalileoStore *store)
{
  const GError *problem = galileo_store_get_problem (store);

  if (problem != NULL)
    printf ("unkept %s\n", problem->message);
  else
    printf ("kept\n");
  fflush (stdout);
}

static int
tell_unopened (const GError *error)
{
  printf ("unopened %s\n", error->message);

  return EXIT_UNOPENED;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  g_autoptr (GalileoQueue) queue = galileo_queue_new (engine);
  g_autoptr (GalileoStore) store = NULL;
  g_autoptr (GalileoSite) site = NULL;
  g_autoptr (GError) error = NULL;

  g_assert (argc >= 3);
  g_signal_connect (queue, "items-changed", G_CALLBACK (items_changed_cb), NULL);
  g_signal_connect (queue, "item-started", G_CALLBACK (started_cb), NULL);
  g_signal_connect (queue, "item-finished", G_CALLBACK (finished_cb), NULL);
  g_signal_connect_swapped (queue, "idle", G_CALLBACK (g_main_loop_quit), loop);

  store = galileo_store_new (argv[1], &error);
  if (store == NULL)
    return tell_unopened (error);
  if (galileo_store_get_set_aside (store) != NULL) {
    printf ("aside %s\n", galileo_store_get_set_aside (store));
    fflush (stdout);
  }
  g_signal_connect (store, "notify::problem", G_CALLBACK (problem_cb), NULL);
  if (!galileo_queue_set_store (queue, store, &error))
    return tell_unopened (error);
  site = galileo_site_new (argv[2], &error);
  g_assert_no_error (error);

  if (g_list_model_get_n_items (G_LIST_MODEL (queue)) == 0) {
    for (int i = 3; i < argc; i++) {
      g_autoptr (GFile) file = g_file_new_for_path (argv[i]);

      g_ptr_array_add (items, galileo_item_new (site, file, NULL));
    }
    galileo_queue_append (queue, items);
  }
  g_main_loop_run (loop);

  return 0;
}

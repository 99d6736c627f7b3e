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
progress_cb (GalileoQueue *queue, GalileoItem *item)
{
  static gboolean told;

  if (!told && galileo_item_get_acknowledged (item) > 0)
    tell ("moving", item);
  told |= galileo_item_get_acknowledged (item) > 0;
}

static void
retry_cb (GalileoQueue *queue, GalileoItem *item)
{
  tell ("retry", item);
}

static void
waits_changed_cb (GalileoQueue *queue)
{
  if (galileo_queue_get_hold (queue) == GALILEO_WAIT_NETWORK) {
    printf ("waiting for the network\n");
    fflush (stdout);
  }
}

static void
network_changed_cb (GNetworkMonitor *monitor, gboolean available, gpointer user_data)
{
  g_autoptr (GNetworkAddress) nowhere = G_NETWORK_ADDRESS (g_network_address_new ("10.9.0.2", 1));

  if (!g_network_monitor_can_reach (monitor, G_SOCKET_CONNECTABLE (nowhere), NULL, NULL)) {
    printf ("the network is gone\n");
    fflush (stdout);
  }
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
  g_signal_connect (queue, "item-retry", G_CALLBACK (retry_cb), NULL);
  g_signal_connect (queue, "item-progress", G_CALLBACK (progress_cb), NULL);
  g_signal_connect (queue, "waits-changed", G_CALLBACK (waits_changed_cb), NULL);
  g_signal_connect (queue, "notify::n-waiting", G_CALLBACK (waits_changed_cb), NULL);
  g_signal_connect (g_network_monitor_get_default (), "network-changed", G_CALLBACK (network_changed_cb), NULL);
  galileo_queue_set_network_monitor (queue, g_network_monitor_get_default ());
  galileo_queue_set_patient (queue, TRUE);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-queue.h"

#include <stdio.h>
#include <unistd.h>

/*
 * queue-rates DATABASE N
 *
 * Adds N items to a queue that is kept, and takes them up again. They all wait: their site takes connections and says nothing.
 * Prints a name and a number each: seconds, bytes an item, and the longest time in ms that the main loop was busy at a stretch.
 */

/* As many as a folder is searched for at a time. */
#define AT_A_TIME 500

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

/* One turn of the loop; tells how long it was busy. */
static gint64
iterate (gboolean wait)
{
  gint64 begin;

  if (wait && !g_main_context_pending (NULL))
    g_usleep (200);
  begin = g_get_monotonic_time ();
  g_main_context_iteration (NULL, FALSE);
  return g_get_monotonic_time () - begin;
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

static GalileoSite *
make_site (GSocketListener *listener)
{
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *address = g_strdup_printf ("ws://127.0.0.1:%u/", port);

  return galileo_site_new (address, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  g_autoptr (GalileoQueue) queue = galileo_queue_new (engine);
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GalileoSite) site = make_site (listener);
  g_autoptr (GalileoStore) store = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin, resident, longest = 0;
  guint n;

  g_assert (argc == 3);
  n = (guint) g_ascii_strtoull (argv[2], NULL, 10);
  store = galileo_store_new (argv[1], &error);
  g_assert_no_error (error);
  galileo_queue_set_store (queue, store, &error);
  g_assert_no_error (error);

  resident = get_resident ();
  begin = g_get_monotonic_time ();
  for (guint i = 0; i < n; i += AT_A_TIME) {
    gint64 busy = g_get_monotonic_time ();
    g_autoptr (GPtrArray) items = make_items (site, argv[0], i, MIN (AT_A_TIME, n - i));

    galileo_queue_append (queue, items);
    longest = MAX (longest, g_get_monotonic_time () - busy);
    longest = MAX (longest, iterate (FALSE));
    if (i == 0) {
      while (g_list_model_get_n_items (G_LIST_MODEL (queue)) == 0)
        longest = MAX (longest, iterate (TRUE));
      printf ("first %f\n", get_seconds (begin));
    }
  }
  while (g_list_model_get_n_items (G_LIST_MODEL (queue)) < n)
    longest = MAX (longest, iterate (TRUE));
  printf ("added %f\n", get_seconds (begin));
  printf ("busy %f\n", (double) longest / 1000);
  printf ("bytes %f\n", (double) (get_resident () - resident) / n);

  g_clear_object (&queue);
  g_clear_object (&store);
  begin = g_get_monotonic_time ();
  queue = galileo_queue_new (engine);
  store = galileo_store_new (argv[1], &error);
  g_assert_no_error (error);
  galileo_queue_set_store (queue, store, &error);
  g_assert_no_error (error);
  g_assert (g_list_model_get_n_items (G_LIST_MODEL (queue)) == n);
  printf ("again %f\n", get_seconds (begin));

  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Usage: window-rows ADDRESS FILE
 * A window with fifty thousand rows. While its list is scrolled, eight uploads of the file at a time run; then everything is
 * cancelled and nothing happens. Says how it went, a figure a line.
 */

#include "config.h"

#include "queue/galileo-record.h"
#include "uploader/uploader-priority.h"
#include "uploader/uploader-window.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xcb/xcb.h>

#define N_ROWS 50000
#define N_UPLOADS 8
#define N_FILES 100
#define SECONDS 10
#define SETTLE_SECONDS 4
#define IDLE_SECONDS 5
#define INTERVAL_MS 1
#define SCROLL_STEP 37

/* Times between two ticks, in µs. */
typedef struct {
  GArray *gaps;
  gint64 last;
} Ticks;

static void
tick (Ticks *ticks)
{
  gint64 now = g_get_monotonic_time ();
  gint64 gap = now - ticks->last;

  if (ticks->last != 0)
    g_array_append_val (ticks->gaps, gap);
  ticks->last = now;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const gint64 *one = a, *other = b;

  return (*one > *other) - (*one < *other);
}

static void
say_gaps (const char *name, Ticks *ticks)
{
  g_array_sort (ticks->gaps, compare);
  g_print ("%s-p99 %.2f\n", name, (double) g_array_index (ticks->gaps, gint64, ticks->gaps->len * 99 / 100) / 1000);
  g_print ("%s-longest %.2f\n", name, (double) g_array_index (ticks->gaps, gint64, ticks->gaps->len - 1) / 1000);
  g_print ("%s-ticks %u\n", name, ticks->gaps->len);
}

static gboolean
tick_cb (gpointer user_data)
{
  tick (user_data);

  return G_SOURCE_CONTINUE;
}

/* What delays this one is the machine, which has no processor to spare for one that just sleeps and asks the server. */
typedef struct {
  Ticks ticks;
  int stop;
} Noise;

static gpointer
noise_thread (gpointer user_data)
{
  xcb_connection_t *server = xcb_connect (NULL, NULL);
  Noise *noise = user_data;

  while (!g_atomic_int_get (&noise->stop)) {
    g_usleep (INTERVAL_MS * 1000);
    free (xcb_get_input_focus_reply (server, xcb_get_input_focus (server), NULL));
    tick (&noise->ticks);
  }
  xcb_disconnect (server);

  return NULL;
}

static double
get_resident_mb (void)
{
  g_autofree char *text = NULL;
  unsigned long pages = 0;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL) || sscanf (text, "%*u %lu", &pages) != 1)
    return -1.0;

  return (double) pages * 4096 / 1e6;
}

static double
get_cpu_seconds (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);

  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static GalileoItem *
new_item (GalileoSite *site, guint number, GalileoItemState state)
{
  g_autoptr (GalileoRecord) record = galileo_record_new ();

  record->uri = g_strdup_printf ("file:///home/somebody/Pictures/Picture%%20%05u.jpg", number);
  record->name = g_strdup_printf ("Picture %05u.jpg", number);
  record->upload_id = g_strdup_printf ("%u", number);
  record->state = state;
  record->size = 4000000;
  record->finish_time = state == GALILEO_ITEM_WAITING || state == GALILEO_ITEM_PAUSED ? 0 : g_get_real_time ();
  if (state == GALILEO_ITEM_FAILED)
    record->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "The site refused it");

  return galileo_record_to_item (record, site);
}

/* The uploads come first; behind them there is some of everything that does not run. */
static void
fill (GalileoQueue *queue, GalileoSite *site, const char *path)
{
  static const GalileoItemState states[] = { GALILEO_ITEM_PAUSED, GALILEO_ITEM_DONE, GALILEO_ITEM_FAILED,
                                             GALILEO_ITEM_PAUSED, GALILEO_ITEM_CANCELLED };
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  for (guint i = 0; i < N_FILES; i++) {
    g_autofree char *name = g_strdup_printf ("upload-%u.bin", i);

    g_ptr_array_add (items, galileo_item_new (site, file, name));
  }
  for (guint i = N_FILES; i < N_ROWS; i++)
    g_ptr_array_add (items, new_item (site, i, states[i % G_N_ELEMENTS (states)]));
  galileo_queue_append (queue, items);
}


static gboolean scrolling;
static guint n_frames, n_uploaded;

static GtkWidget *
find_list (GtkWidget *widget)
{
  if (GTK_IS_LIST_VIEW (widget))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find_list (child);

    if (found != NULL)
      return found;
  }
  return NULL;
}

/* To and fro: what runs, at the top, is to be seen as well. */
static gboolean
scroll_cb (GtkWidget *list, GdkFrameClock *clock, gpointer user_data)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  double phase = (double) (n_frames % 240);

  if (!scrolling)
    return G_SOURCE_REMOVE;
  n_frames++;
  gtk_adjustment_set_value (adjustment, (phase < 120 ? phase : 240 - phase) * SCROLL_STEP);

  return G_SOURCE_CONTINUE;
}

static void
count_cb (GalileoQueue *queue, GalileoItem *item)
{
  if (scrolling && galileo_item_get_state (item) == GALILEO_ITEM_DONE)
    n_uploaded++;
}

static void
run (int milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (200);
}

/* As run(), but asleep while nothing happens. */
static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);

  return G_SOURCE_REMOVE;
}

static void
sleep_in_loop (guint seconds)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_timeout_add_seconds (seconds, quit_cb, loop);
  g_main_loop_run (loop);
}

int
main (int argc, char **argv)
{
  Ticks ticks = { g_array_new (FALSE, FALSE, sizeof (gint64)), 0 };
  Noise noise = { { g_array_new (FALSE, FALSE, sizeof (gint64)), 0 }, 0 };
  g_autoptr (GalileoEngine) engine = NULL;
  g_autoptr (GalileoQueue) queue = NULL;
  g_autoptr (GalileoSite) site = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  UploaderWindow *window;
  GtkWidget *list;
  GThread *thread;
  gint64 start;
  guint id;
  double cpu, seconds;

    if (argc != 3)
    return 2;

  adw_init ();
  engine = galileo_engine_new ();
  uploader_priority_lower_engine (engine);
  queue = galileo_queue_new (engine);
  site = galileo_site_new (argv[1], NULL);
  galileo_queue_set_max_uploads (queue, N_UPLOADS);
  window = uploader_window_new (NULL, queue);
  uploader_window_set_site (window, site);
  gtk_window_present (GTK_WINDOW (window));
  fill (queue, site, argv[2]);
  g_signal_connect (queue, "item-finished", G_CALLBACK (count_cb), NULL);
  run (2000);

  list = find_list (GTK_WIDGET (window));
  loop = g_main_loop_new (NULL, FALSE);
  thread = g_thread_new ("noise", noise_thread, &noise);
  id = g_timeout_add (INTERVAL_MS, tick_cb, &ticks);
  scrolling = TRUE;
  gtk_widget_add_tick_callback (list, scroll_cb, NULL, NULL);
  start = g_get_monotonic_time ();
  cpu = get_cpu_seconds (CLOCK_THREAD_CPUTIME_ID);
  g_timeout_add_seconds (SECONDS, quit_cb, loop);
  g_main_loop_run (loop);
  seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  cpu = get_cpu_seconds (CLOCK_THREAD_CPUTIME_ID) - cpu;
  scrolling = FALSE;
  g_source_remove (id);
  g_atomic_int_set (&noise.stop, TRUE);
  g_thread_join (thread);

  say_gaps ("gap", &ticks);
  say_gaps ("machine", &noise.ticks);
  g_print ("frames %.1f\n", n_frames / seconds);
  g_print ("core %.3f\n", cpu / seconds);
  g_print ("uploads %.2f\n", n_uploaded / seconds);
  g_print ("resident %.1f\n", get_resident_mb ());

  galileo_queue_cancel_all (queue);
  sleep_in_loop (SETTLE_SECONDS);
  cpu = get_cpu_seconds (CLOCK_PROCESS_CPUTIME_ID);
  sleep_in_loop (IDLE_SECONDS);
  g_print ("idle-core %.5f\n", (get_cpu_seconds (CLOCK_PROCESS_CPUTIME_ID) - cpu) / IDLE_SECONDS);

  gtk_window_destroy (GTK_WINDOW (window));
  g_array_unref (ticks.gaps);
  g_array_unref (noise.ticks.gaps);

  return 0;
}

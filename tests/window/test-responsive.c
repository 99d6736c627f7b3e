/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "uploader/uploader-window.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <xcb/xcb.h>

#define N_FILES 8
#define FILE_SIZE (200 * G_GUINT64_CONSTANT (1000000))
#define SMALLEST_FILE_SIZE (50 * G_GUINT64_CONSTANT (1000000))
#define INTERVAL_MS 2
#define N_ROUNDS 5
#define N_SMALL_FILES 50000
#define BAR_MS 50.0

/* The longest time between two ticks that should be INTERVAL_MS apart. */
typedef struct {
  gint64 last;
  gint64 longest;
  guint n;
} Gap;

static void
gap_add (Gap *gap)
{
  gint64 now = g_get_monotonic_time ();

  if (gap->last != 0)
    gap->longest = MAX (gap->longest, now - gap->last);
  gap->last = now;
  gap->n++;
}

static gboolean
tick_cb (gpointer user_data)
{
  gap_add (user_data);

  return G_SOURCE_CONTINUE;
}

/*
 * Only sleeps and asks the display server a question: what delays this thread is the machine,
 * which has no processor to spare for one of the two. GTK waits for the server's answers too when it draws.
 */
typedef struct {
  Gap gap;
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
    gap_add (&noise->gap);
  }

  xcb_disconnect (server);

  return NULL;
}

static void
empty_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    if (g_file_test (child, G_FILE_TEST_IS_DIR))
      empty_tree (child);
    g_remove (child);
  }
}

/* In memory if there is such a place: a disk that is busy writing is no measure of the window. */
static char *
make_directory (guint64 *file_size)
{
  const char *place = g_access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();
  g_autofree char *template = g_build_filename (place, "responsive-XXXXXX", NULL);
  struct statvfs file_system;
  guint64 room;

  g_assert_nonnull (g_mkdtemp (template));
  g_assert_cmpint (statvfs (template, &file_system), ==, 0);
  room = (guint64) file_system.f_bavail * file_system.f_frsize;
  *file_size = CLAMP (room / (2 * N_FILES), SMALLEST_FILE_SIZE, FILE_SIZE);

  return g_steal_pointer (&template);
}

/* A test that is cut off must leave nothing behind. */
static void
end_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static GSubprocess *
start_receiver (const char *directory, char **address)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *program = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) receiver = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;

  program = g_build_filename (g_getenv ("GALILEO_BUILD_DIR"), "src", "receiver", "galileosend-receiver", NULL);
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  receiver = g_subprocess_launcher_spawn (launcher, &error,
                                          program, "--quiet", "--directory", directory, "--port", "0",
                                          NULL);
  g_assert_no_error (error);

  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (receiver));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "Listening on "));
  *address = g_strdup (line + strlen ("Listening on "));

  return g_steal_pointer (&receiver);
}

static gboolean
is_drawn (gpointer data)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (data));

  return clock != NULL && gdk_frame_clock_get_frame_counter (clock) > 0;
}

/* What is measured, between the two ends. */
typedef struct {
  UploaderWindow *window;
  GalileoQueue *queue;
  GPtrArray *files;
  WindowKitCondition finished;
} Scene;

/* Returns: how much longer than the machine's delays the main loop's longest gap was, in ms */
static double
measure (Scene *scene)
{
  Noise noise = { 0, };
  Gap gap = { 0, };
  double gap_ms, noise_ms, seconds;
  GThread *thread;
  gint64 start;
  guint tick_id;

  thread = g_thread_new ("noise", noise_thread, &noise);
  tick_id = g_timeout_add (INTERVAL_MS, tick_cb, &gap);
  start = g_get_monotonic_time ();
  uploader_window_add_files (scene->window, scene->files);
  while (!scene->finished (scene->queue))
    g_main_context_iteration (NULL, TRUE);
  seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  g_source_remove (tick_id);
  g_atomic_int_set (&noise.stop, TRUE);
  g_thread_join (thread);

  gap_ms = (double) gap.longest / 1000;
  noise_ms = (double) noise.gap.longest / 1000;
  g_test_message ("%.1f s; longest gap of the main loop %.1f ms in %u ticks, "
                  "of the machine %.1f ms in %u",
                  seconds, gap_ms, gap.n, noise_ms, noise.gap.n);

  return gap_ms - noise_ms;
}

static void
open_scene (Scene *scene, const char *address)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  g_autoptr (GalileoSite) site = galileo_site_new (address, NULL);

  scene->files = g_ptr_array_new_with_free_func (g_object_unref);
  scene->queue = galileo_queue_new (engine);
  galileo_queue_set_max_uploads (scene->queue, N_FILES);
  scene->window = uploader_window_new (NULL, scene->queue);
  uploader_window_set_site (scene->window, site);
  gtk_window_present (GTK_WINDOW (scene->window));
  window_kit_wait_until (is_drawn, scene->window, "the window's first frames");
}

static void
close_scene (Scene *scene)
{
  g_object_ref (scene->window);
  gtk_window_destroy (GTK_WINDOW (scene->window));
  window_kit_settle ();
  g_assert_finalize_object (scene->window);
  g_assert_finalize_object (scene->queue);
  g_ptr_array_unref (scene->files);
}

static gboolean
all_are_done (gpointer data)
{
  return galileo_queue_get_n_in_state (GALILEO_QUEUE (data), GALILEO_ITEM_DONE) == N_FILES;
}

/* A loop that is kept busy is so each time. One that waited behind other programs is not. */
static void
test_full_speed (void)
{
  guint64 file_size;
  g_autofree char *directory = make_directory (&file_size);
  g_autofree char *target = g_build_filename (directory, "received", NULL);
  g_autofree char *address = NULL;
  g_autoptr (GSubprocess) receiver = NULL;
  double beyond_ms = G_MAXDOUBLE;
  Scene scene;

  g_assert_cmpint (g_mkdir (target, 0700), ==, 0);
  receiver = start_receiver (target, &address);
  open_scene (&scene, address);
  scene.finished = all_are_done;
  for (guint i = 0; i < N_FILES; i++) {
    g_autofree char *name = g_strdup_printf ("%u.bin", i);
    g_autofree char *path = g_build_filename (directory, name, NULL);

    g_assert_true (g_file_set_contents (path, "", 0, NULL));
    g_assert_cmpint (truncate (path, (off_t) file_size), ==, 0);
    g_ptr_array_add (scene.files, g_file_new_for_path (path));
  }

  g_test_message ("%d files of %.0f MB at once", N_FILES, (double) file_size / 1e6);
  for (guint i = 0; i < N_ROUNDS && beyond_ms > BAR_MS; i++) {
    beyond_ms = measure (&scene);
    galileo_queue_clear_finished (scene.queue);
    empty_tree (target);
  }
  g_assert_cmpfloat (beyond_ms, <=, BAR_MS);

  close_scene (&scene);
  g_subprocess_send_signal (receiver, SIGTERM);
  g_assert_true (g_subprocess_wait (receiver, NULL, NULL));
  empty_tree (directory);
  g_rmdir (directory);
}

static gboolean
all_are_listed (gpointer data)
{
  return g_list_model_get_n_items (G_LIST_MODEL (data)) == N_SMALL_FILES;
}

static void
test_many_files (void)
{
  guint64 file_size;
  g_autofree char *directory = make_directory (&file_size);
  g_autofree char *address = NULL;
  GSocket *silent = window_kit_new_silent (&address);
  double beyond_ms = G_MAXDOUBLE;
  Scene scene;

  open_scene (&scene, address);
  scene.finished = all_are_listed;
  g_ptr_array_add (scene.files, g_file_new_for_path (directory));
  for (guint i = 0; i < N_SMALL_FILES; i++) {
    g_autofree char *name = g_strdup_printf ("%05u.txt", i);
    g_autofree char *path = g_build_filename (directory, name, NULL);

    g_assert_true (g_file_set_contents_full (path, "", 0, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  }

  g_test_message ("a folder of %d files", N_SMALL_FILES);
  for (guint i = 0; i < N_ROUNDS && beyond_ms > BAR_MS; i++) {
    beyond_ms = measure (&scene);
    galileo_queue_cancel_all (scene.queue);
    galileo_queue_clear_finished (scene.queue);
  }
  g_assert_cmpfloat (beyond_ms, <=, BAR_MS);

  close_scene (&scene);
  g_object_unref (silent);
  empty_tree (directory);
  g_rmdir (directory);
}

int
main (int argc, char **argv)
{
  window_kit_init (&argc, &argv);

  g_test_add_func ("/window/responsive/full-speed", test_full_speed);
  g_test_add_func ("/window/responsive/many-files", test_many_files);

  return g_test_run ();
}

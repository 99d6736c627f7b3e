/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "uploader/uploader-window.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define N_FILES 8
#define FILE_SIZE (400 * G_GUINT64_CONSTANT (1000000))
#define SMALLEST_FILE_SIZE (50 * G_GUINT64_CONSTANT (1000000))
#define INTERVAL_MS 2
#define BAR_MS 50.0

/* The longest time between two ticks that should be INTERVAL_MS apart. */
typedef struct {
  gint64 last;
  gint64 last_work;
  gint64 longest;
  gint64 work; /* what the thread itself computed in the longest: the rest it slept, or waited for a processor */
  guint n;
} Gap;

static void
gap_add (Gap *gap)
{
  gint64 now = g_get_monotonic_time ();
  struct timespec time;
  gint64 work;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  work = time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;

  if (gap->last != 0 && now - gap->last > gap->longest) {
    gap->longest = now - gap->last;
    gap->work = work - gap->last_work;
  }
  gap->last = now;
  gap->last_work = work;
  gap->n++;
}

static gboolean
tick_cb (gpointer user_data)
{
  gap_add (user_data);

  return G_SOURCE_CONTINUE;
}

/* Only sleeps: what delays this thread is the machine, not the program. */
typedef struct {
  Gap gap;
  int stop;
} Noise;

static gpointer
noise_thread (gpointer user_data)
{
  Noise *noise = user_data;

  while (!g_atomic_int_get (&noise->stop)) {
    g_usleep (INTERVAL_MS * 1000);
    gap_add (&noise->gap);
  }

  return NULL;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    if (g_file_test (child, G_FILE_TEST_IS_DIR))
      remove_tree (child);
    else
      g_unlink (child);
  }
  g_rmdir (path);
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
is_done (gpointer data)
{
  return galileo_queue_get_n_in_state (GALILEO_QUEUE (data), GALILEO_ITEM_DONE) == N_FILES ||
         !galileo_queue_get_busy (GALILEO_QUEUE (data));
}

static gboolean
is_busy (gpointer data)
{
  return galileo_queue_get_n_in_state (GALILEO_QUEUE (data), GALILEO_ITEM_UPLOADING) == N_FILES;
}

static gboolean
is_drawn (gpointer data)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (data));

  return clock != NULL && gdk_frame_clock_get_frame_counter (clock) > 2;
}

static void
test_responsive (void)
{
  guint64 file_size;
  g_autofree char *directory = make_directory (&file_size);
  g_autofree char *target = g_build_filename (directory, "received", NULL);
  g_autofree char *address = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSubprocess) receiver = NULL;
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  g_autoptr (GalileoSite) site = NULL;
  GalileoQueue *queue = galileo_queue_new (engine);
  UploaderWindow *window;
  GThread *thread;
  Noise noise = { 0, };
  Gap gap = { 0, };
  double gap_ms, noise_ms, seconds;
  gint64 start;
  guint tick_id;

  g_assert_cmpint (g_mkdir (target, 0700), ==, 0);
  for (guint i = 0; i < N_FILES; i++) {
    g_autofree char *name = g_strdup_printf ("%u.bin", i);
    g_autofree char *path = g_build_filename (directory, name, NULL);

    g_assert_true (g_file_set_contents (path, "", 0, NULL));
    g_assert_cmpint (truncate (path, (off_t) file_size), ==, 0);
    g_ptr_array_add (files, g_file_new_for_path (path));
  }

  receiver = start_receiver (target, &address);
  site = galileo_site_new (address, NULL);
  galileo_queue_set_max_uploads (queue, N_FILES);
  window = uploader_window_new (NULL, queue);
  uploader_window_set_site (window, site);
  gtk_window_present (GTK_WINDOW (window));
  window_kit_wait_until (is_drawn, window, "the window's first frames");

  thread = g_thread_new ("noise", noise_thread, &noise);
  tick_id = g_timeout_add (INTERVAL_MS, tick_cb, &gap);
  start = g_get_monotonic_time ();
  uploader_window_add_files (window, files);
  window_kit_wait_until (is_busy, queue, "8 uploads at once");
  while (!is_done (queue))
    g_main_context_iteration (NULL, TRUE);
  seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  g_source_remove (tick_id);
  g_atomic_int_set (&noise.stop, TRUE);
  g_thread_join (thread);

  gap_ms = (double) gap.longest / 1000;
  noise_ms = (double) noise.gap.longest / 1000;
  g_test_message ("%d files of %.0f MB in %.1f s: %.0f MB/s", N_FILES, (double) file_size / 1e6,
                  seconds, N_FILES * (double) file_size / 1e6 / seconds);
  g_test_message ("main loop: longest gap %.1f ms (%.1f ms work) in %u ticks; a thread that only sleeps: %.1f ms in %u",
                  gap_ms, (double) gap.work / 1000, gap.n, noise_ms, noise.gap.n);
  g_assert_cmpuint (galileo_queue_get_n_in_state (queue, GALILEO_ITEM_DONE), ==, N_FILES);
  g_assert_cmpfloat (gap_ms - noise_ms, <=, BAR_MS);

  g_object_ref (window);
  gtk_window_destroy (GTK_WINDOW (window));
  window_kit_settle ();
  g_assert_finalize_object (window);
  g_assert_finalize_object (queue);

  g_subprocess_send_signal (receiver, SIGTERM);
  g_assert_true (g_subprocess_wait (receiver, NULL, NULL));
  remove_tree (directory);
}

int
main (int argc, char **argv)
{
  window_kit_init (&argc, &argv);

  g_test_add_func ("/window/responsive", test_responsive);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "queue/galileo-item-private.h"
#include "uploader/uploader-inhibitor.h"
#include "uploader/uploader-notifier.h"
#include "uploader/uploader-presence.h"
#include "uploader/uploader-priority.h"
#include "uploader/uploader-window.h"

#include <glib/gstdio.h>
#include <sys/resource.h>

/* Long enough for steps in between to be over by then. */
#define QUIET_TIME_MS 300

typedef struct {
  GtkApplication *application;
  GalileoQueue *queue;
  GSettings *settings;
  UploaderPresence *presence;
  GSocket *silent;
  char *address;
  char *directory;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();

  fixture->silent = window_kit_new_silent (&fixture->address);
  fixture->directory = g_dir_make_tmp ("presence-XXXXXX", NULL);
  fixture->application = GTK_APPLICATION ((gpointer) user_data);
  fixture->queue = galileo_queue_new (engine);
  fixture->settings = g_settings_new (APPLICATION_ID);
  g_settings_set_string (fixture->settings, "closing", "background");
  fixture->presence = uploader_presence_new (fixture->application, fixture->queue, fixture->settings);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->directory, 0, NULL);
  GList *windows;
  const char *name;

  galileo_queue_cancel_all (fixture->queue);
  while ((windows = gtk_application_get_windows (fixture->application)) != NULL)
    gtk_window_destroy (windows->data);
  window_kit_settle ();
  g_assert_finalize_object (fixture->presence);
  g_settings_reset (fixture->settings, "closing");
  g_clear_object (&fixture->settings);
  g_assert_finalize_object (fixture->queue);

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

    g_unlink (path);
  }
  g_rmdir (fixture->directory);
  g_clear_object (&fixture->silent);
  g_free (fixture->address);
  g_free (fixture->directory);
}

static UploaderWindow *
open_window (Fixture *fixture, const char *address)
{
  UploaderWindow *window;

  g_settings_set_string (fixture->settings, "site-address", address);
  window = uploader_window_new (fixture->application, fixture->queue);
  uploader_window_set_presence (window, fixture->presence);
  gtk_window_present (GTK_WINDOW (window));
  window_kit_settle ();

  return window;
}

static GFile *
ensure_file (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

  /* One that is written again is another one. */
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_assert_true (g_file_set_contents (path, "content", -1, NULL));

  return g_file_new_for_path (path);
}

static void
add_file (Fixture *fixture, UploaderWindow *window, const char *name)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (files, ensure_file (fixture, name));
  uploader_window_add_files (window, files);
}

static void
upload_something (Fixture *fixture)
{
  g_autoptr (GalileoSite) site = galileo_site_new (fixture->address, NULL);
  g_autoptr (GFile) file = ensure_file (fixture, "something.txt");
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (items, galileo_item_new (site, file, NULL));
  galileo_queue_append (fixture->queue, items);
}

static gboolean
has_two (gpointer data)
{
  return g_list_model_get_n_items (G_LIST_MODEL (data)) == 2;
}

static void
close_window (Fixture *fixture, UploaderWindow *window)
{
  gtk_window_close (GTK_WINDOW (window));
  g_assert_null (gtk_application_get_windows (fixture->application));
}

/* What the window had begun to add goes into the list without it. */
static void
test_adding_goes_on (Fixture *fixture, gconstpointer user_data)
{
  UploaderWindow *window = open_window (fixture, fixture->address);

  add_file (fixture, window, "first.txt");
  add_file (fixture, window, "second.txt");
  close_window (fixture, window);
  window_kit_wait_until (has_two, fixture->queue, "the files in the list");

  window = open_window (fixture, fixture->address);
  g_assert_nonnull (window_kit_wait_label (GTK_WIDGET (window), "second.txt"));
}

/* What it would have asked is asked by the next one. */
static void
test_questions_wait (Fixture *fixture, gconstpointer user_data)
{
  UploaderWindow *window = open_window (fixture, fixture->address);

  add_file (fixture, window, "first.txt");
  add_file (fixture, window, "second.txt");
  window_kit_wait_until (has_two, fixture->queue, "the files in the list");
  add_file (fixture, window, "second.txt");
  close_window (fixture, window);
  window_kit_settle ();

  window = open_window (fixture, fixture->address);
  g_assert_nonnull (window_kit_wait_label (GTK_WIDGET (window), "Already listed: “second.txt”"));
}

static gboolean
is_idle (gpointer data)
{
  return !galileo_queue_get_busy (GALILEO_QUEUE (data));
}

static void
return_cb (Fixture *fixture, const char *why)
{
  g_assert_null (why);
  open_window (fixture, "");
}

static gboolean
has_window (gpointer data)
{
  return gtk_application_get_windows (GTK_APPLICATION (data)) != NULL;
}

/* Files that have no site yet bring the window back once there is nothing else to do. */
static void
test_held_files_wait (Fixture *fixture, gconstpointer user_data)
{
  UploaderWindow *window = open_window (fixture, "");

  upload_something (fixture);
  add_file (fixture, window, "first.txt");
  g_signal_connect_swapped (fixture->presence, "return", G_CALLBACK (return_cb), fixture);
  close_window (fixture, window);
  window_kit_settle ();
  g_assert_null (gtk_application_get_windows (fixture->application));

  galileo_queue_cancel_all (fixture->queue);
  window_kit_wait_until (is_idle, fixture->queue, "the queue's end");
  window_kit_wait_until (has_window, fixture->application, "a window");
  window = UPLOADER_WINDOW (gtk_application_get_windows (fixture->application)->data);
  g_assert_nonnull (window_kit_wait_label (GTK_WIDGET (window), "“first.txt” is ready to go"));
}

static void
test_status (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *empty = uploader_presence_words_for_status (fixture->queue);
  g_autofree char *paused = NULL;
  g_autofree char *running = NULL;

  g_assert_cmpstr (empty, ==, "Looking for files");
  upload_something (fixture);
  running = uploader_presence_words_for_status (fixture->queue);
  g_assert_cmpstr (running, ==, "0 of 1 file");
  galileo_queue_set_paused (fixture->queue, TRUE);
  paused = uploader_presence_words_for_status (fixture->queue);
  g_assert_cmpstr (paused, ==, "0 of 1 file · Paused");
}

static void
test_words (void)
{
  static const struct {
    UploaderBatch batch;
    const char *title, *body;
  } cases[] = {
    { { 1, 0, "a.txt", "example.org", NULL }, "File Uploaded", "“a.txt” was uploaded to example.org" },
    { { 0, 1, "a.txt", "example.org", NULL }, "File Not Uploaded", "“a.txt” was not uploaded to example.org" },
    { { 112, 0, NULL, "example.org", NULL }, "Files Uploaded", "112 files uploaded to example.org" },
    { { 112, 0, NULL, NULL, NULL }, "Files Uploaded", "112 files uploaded" },
    { { 110, 2, NULL, "example.org", NULL }, "Some Files Not Uploaded", "110 of 112 files uploaded, 2 failed" },
    { { 0, 2, NULL, "example.org", NULL }, "Files Not Uploaded", "0 of 2 files uploaded, 2 failed" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *title = uploader_notifier_title_of_batch (&cases[i].batch);
    g_autofree char *body = uploader_notifier_body_of_batch (&cases[i].batch);

    g_assert_cmpstr (title, ==, cases[i].title);
    g_assert_cmpstr (body, ==, cases[i].body);
  }
}

/* How often the computer was kept awake, and with what. */
typedef struct {
  guint n_begun;
  guint n_ended;
  guint cookie; /* that is given out; 0: nobody keeps it awake */
} Awake;

static guint
inhibit_cb (gpointer data)
{
  Awake *awake = data;

  awake->n_begun++;

  return awake->cookie;
}

static void
uninhibit_cb (guint cookie, gpointer data)
{
  Awake *awake = data;

  g_assert_cmpuint (cookie, ==, awake->cookie);
  awake->n_ended++;
}

static gboolean
may_sleep (gpointer data)
{
  Awake *awake = data;

  return awake->n_ended == awake->n_begun;
}

static void
progress (GalileoQueue *queue, GalileoItem *item, guint64 acknowledged)
{
  galileo_item_set_progress (item, GALILEO_UPLOAD_STATE_SENDING, 8200000, acknowledged, g_get_monotonic_time ());
  g_signal_emit_by_name (queue, "item-progress", item);
}

static void
test_awake (void)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  g_autoptr (GalileoQueue) queue = galileo_queue_new (engine);
  g_autoptr (GalileoItem) item = window_kit_new_item ("a.txt");
  Awake awake = { .cookie = 7 };
  g_autoptr (UploaderInhibitor) inhibitor = uploader_inhibitor_new (queue, inhibit_cb, uninhibit_cb, &awake);
  gint64 start;

  uploader_inhibitor_set_quiet_time (inhibitor, QUIET_TIME_MS);
  galileo_item_set_expected (item, 8200000, 0);
  galileo_item_set_state (item, GALILEO_ITEM_UPLOADING);

  /* Steps that move nothing. */
  progress (queue, item, 0);
  progress (queue, item, 0);
  g_assert_cmpuint (awake.n_begun, ==, 0);

  /* One cookie at a time. */
  progress (queue, item, 1000);
  progress (queue, item, 2000);
  g_assert_cmpuint (awake.n_begun, ==, 1);
  g_assert_cmpuint (awake.n_ended, ==, 0);

  /* It stands still. */
  start = g_get_monotonic_time ();
  progress (queue, item, 3000);
  progress (queue, item, 3000);
  window_kit_wait_until (may_sleep, &awake, "sleep");
  g_assert_cmpint (g_get_monotonic_time () - start, >=, (QUIET_TIME_MS - 10) * 1000);

  /* It goes on, and everything is paused: at once. */
  progress (queue, item, 4000);
  g_assert_cmpuint (awake.n_begun, ==, 2);
  galileo_queue_set_paused (queue, TRUE);
  g_assert_cmpuint (awake.n_ended, ==, 2);
  progress (queue, item, 5000);
  g_assert_cmpuint (awake.n_begun, ==, 2);
  galileo_queue_set_paused (queue, FALSE);

  /* There is nothing left to do. */
  progress (queue, item, 6000);
  g_assert_cmpuint (awake.n_begun, ==, 3);
  g_signal_emit_by_name (queue, "idle");
  g_assert_cmpuint (awake.n_ended, ==, 3);

  /* Nobody keeps it awake: it is asked for once, and nothing is given back. */
  awake.cookie = 0;
  progress (queue, item, 7000);
  progress (queue, item, 8000);
  g_assert_cmpuint (awake.n_begun, ==, 4);
  g_clear_object (&inhibitor);
  g_assert_cmpuint (awake.n_ended, ==, 3);
}

static void
told_cb (guint *n_told, GNotification *notification)
{
  g_assert_true (G_IS_NOTIFICATION (notification));
  (*n_told)++;
}

/* What was cancelled is not told, and each batch is told by itself. */
static void
test_batches (void)
{
  static const struct {
    GalileoItemState state;
    guint n_told;
  } steps[] = {
    { GALILEO_ITEM_CANCELLED, 0 },
    { GALILEO_ITEM_DONE, 1 },
    { GALILEO_ITEM_FAILED, 2 },
  };
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  g_autoptr (GalileoQueue) queue = galileo_queue_new (engine);
  g_autoptr (UploaderNotifier) notifier = uploader_notifier_new (queue);
  guint n_told = 0;

  g_signal_connect_swapped (notifier, "notify-batch", G_CALLBACK (told_cb), &n_told);
  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_autoptr (GalileoItem) item = window_kit_new_item ("a.txt");

    galileo_item_set_state (item, steps[i].state);
    g_signal_emit_by_name (queue, "item-finished", item);
    g_signal_emit_by_name (queue, "idle");
    g_assert_cmpuint (n_told, ==, steps[i].n_told);
  }
  g_signal_emit_by_name (queue, "idle");
  g_assert_cmpuint (n_told, ==, 2);
}

static gboolean
get_nice_cb (gpointer user_data)
{
  g_atomic_int_set ((int *) user_data, getpriority (PRIO_PROCESS, 0));

  return G_SOURCE_REMOVE;
}

static gboolean
is_known (gpointer data)
{
  return g_atomic_int_get ((int *) data) != G_MAXINT;
}

/* Uploads leave the processor to the window, which stays as it is. */
static void
test_gives_way (void)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  int before = getpriority (PRIO_PROCESS, 0);
  int nice = G_MAXINT;

  uploader_priority_lower_engine (engine);
  galileo_engine_invoke (engine, get_nice_cb, &nice, NULL);
  window_kit_wait_until (is_known, &nice, "what the engine's thread says");
  g_assert_cmpint (nice, ==, 10);
  g_assert_cmpint (getpriority (PRIO_PROCESS, 0), ==, before);
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application = NULL;
  g_autoptr (GError) error = NULL;

  window_kit_init (&argc, &argv);
  application = adw_application_new (APPLICATION_ID ".Test", G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);

#define ADD(path, test) g_test_add (path, Fixture, application, set_up, test, tear_down)

  ADD ("/window/presence/adding-goes-on", test_adding_goes_on);
  ADD ("/window/presence/questions-wait", test_questions_wait);
  ADD ("/window/presence/held-files-wait", test_held_files_wait);
  ADD ("/window/presence/status", test_status);
  g_test_add_func ("/window/presence/words", test_words);
  g_test_add_func ("/window/presence/awake", test_awake);
  g_test_add_func ("/window/presence/batches", test_batches);
  g_test_add_func ("/window/presence/gives-way", test_gives_way);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "uploader/uploader-details.h"
#include "uploader/uploader-row.h"
#include "uploader/uploader-site-entry.h"
#include "uploader/uploader-strip.h"
#include "uploader/uploader-window.h"

#include <glib/gstdio.h>

/* Nothing listens there: each upload fails, at once. */
#define NOBODY "ws://127.0.0.1:1/upload"

typedef struct {
  GalileoQueue *queue;
  UploaderWindow *window;
  GSocket *silent;
  char *directory;
} Fixture;

static void
set_address (const char *address)
{
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);

  g_settings_set_string (settings, "site-address", address);
}

static void
open_window (Fixture *fixture, const char *address)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();

  set_address (address);
  fixture->queue = galileo_queue_new (engine);
  fixture->window = uploader_window_new (NULL, fixture->queue);
  fixture->directory = g_dir_make_tmp ("window-XXXXXX", NULL);
  gtk_window_present (GTK_WINDOW (fixture->window));
  window_kit_settle ();
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  open_window (fixture, NOBODY);
}

static void
set_up_without_site (Fixture *fixture, gconstpointer user_data)
{
  open_window (fixture, "");
}

static void
set_up_silent (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *address = NULL;

  fixture->silent = window_kit_new_silent (&address);
  open_window (fixture, address);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  galileo_queue_cancel_all (fixture->queue);
  g_object_ref (fixture->window);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  window_kit_settle ();
  g_assert_finalize_object (fixture->window);
  g_assert_finalize_object (fixture->queue);

  dir = g_dir_open (fixture->directory, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

    g_unlink (path);
  }
  g_rmdir (fixture->directory);
  g_clear_object (&fixture->silent);
  g_free (fixture->directory);
}

static GFile *
new_file (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

  g_assert_true (g_file_set_contents (path, "content", -1, NULL));

  return g_file_new_for_path (path);
}

static const char *
get_page (Fixture *fixture)
{
  GtkWidget *strip = window_kit_find (GTK_WIDGET (fixture->window), UPLOADER_TYPE_STRIP, NULL);

  return gtk_stack_get_visible_child_name (GTK_STACK (gtk_widget_get_ancestor (strip, GTK_TYPE_STACK)));
}

static gboolean
is_idle (gpointer data)
{
  return !galileo_queue_get_busy (GALILEO_QUEUE (data));
}

static gboolean
has_items (gpointer data)
{
  return g_list_model_get_n_items (G_LIST_MODEL (data)) > 0;
}

static gboolean
drop (Fixture *fixture, GSList *files)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->window));
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean handled = FALSE;

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_list (files));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_DROP_TARGET (controller)) {
      g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &handled);
      return handled;
    }
  }

  g_assert_not_reached ();
}

static void
test_empty (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  g_assert_cmpstr (get_page (fixture), ==, "empty");
  g_assert_nonnull (window_kit_find_label (window, "They go to 127.0.0.1"));
  g_assert_true (window_kit_get_enabled (window, "win.add-files"));
  g_assert_true (window_kit_get_enabled (window, "win.add-folder"));
  g_assert_true (window_kit_get_enabled (window, "win.paste"));
  g_assert_false (window_kit_get_enabled (window, "win.retry-failed"));
  g_assert_false (window_kit_get_enabled (window, "win.clear-finished"));
  g_assert_false (window_kit_get_enabled (window, "win.cancel-all"));
  g_assert_false (window_kit_get_enabled (window, "win.remove"));
}

static void
select_all (Fixture *fixture)
{
  GtkWidget *list = window_kit_find (GTK_WIDGET (fixture->window), GTK_TYPE_LIST_VIEW, NULL);

  gtk_selection_model_select_all (gtk_list_view_get_model (GTK_LIST_VIEW (list)));
}

static void
drop_two (Fixture *fixture)
{
  g_autoptr (GFile) first = new_file (fixture, "first.txt");
  g_autoptr (GFile) second = new_file (fixture, "second.txt");
  g_autoptr (GSList) files = g_slist_append (g_slist_append (NULL, first), second);

  g_assert_true (drop (fixture, files));
  window_kit_wait_until (has_items, fixture->queue, "the dropped files in the list");
  window_kit_settle ();
}

static void
test_failed (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  drop_two (fixture);
  g_assert_cmpstr (get_page (fixture), ==, "list");
  window_kit_wait_until (is_idle, fixture->queue, "the queue's end");
  window_kit_settle ();
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_FAILED), ==, 2);
  g_assert_nonnull (window_kit_find_label (window, "first.txt"));
  g_assert_nonnull (window_kit_find_label (window, "Can't reach 127.0.0.1"));
  g_assert_true (window_kit_get_enabled (window, "win.retry-failed"));
  g_assert_false (window_kit_get_enabled (window, "win.cancel-all"));
  g_assert_false (window_kit_get_enabled (window, "win.clear-finished"));

  gtk_widget_activate_action (window, "win.retry-failed", NULL);
  g_assert_true (galileo_queue_get_busy (fixture->queue));
}

static void
click (GtkWidget *root, const char *text)
{
  GtkWidget *label = window_kit_find_label (root, text);

  g_assert_nonnull (label);
  g_signal_emit_by_name (gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON), "clicked");
  window_kit_settle ();
}

/* Removed while they upload, put back, cancelled, removed, put back, cleared. */
static void
test_removed (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  drop_two (fixture);
  g_assert_true (window_kit_get_enabled (window, "win.cancel-all"));
  g_assert_false (window_kit_get_enabled (window, "win.clear-finished"));
  window_kit_wait_label (window, "Connecting…");
  window_kit_wait_label (window, "0 of 2 · ");

  select_all (fixture);
  g_assert_true (window_kit_get_enabled (window, "win.remove"));
  gtk_widget_activate_action (window, "win.remove", NULL);
  window_kit_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 0);
  g_assert_cmpstr (get_page (fixture), ==, "empty");
  g_assert_nonnull (window_kit_find_label (window, "2 files removed"));

  click (window, "Undo");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 2);
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_CANCELLED), ==, 0);
  g_assert_true (galileo_queue_get_busy (fixture->queue));

  gtk_widget_activate_action (window, "win.cancel-all", NULL);
  window_kit_settle ();
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_CANCELLED), ==, 2);
  g_assert_true (window_kit_get_enabled (window, "win.clear-finished"));

  select_all (fixture);
  gtk_widget_activate_action (window, "win.remove", NULL);
  window_kit_settle ();
  click (window, "Undo");
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_CANCELLED), ==, 2);

  gtk_widget_activate_action (window, "win.clear-finished", NULL);
  window_kit_settle ();
  g_assert_cmpstr (get_page (fixture), ==, "empty");
}

/* The buttons of a row reach the queue. */
static void
test_row_buttons (Fixture *fixture, gconstpointer user_data)
{
  static const struct {
    const char *action;
    GalileoItemState state;
    guint n;
  } steps[] = {
    { "row.cancel", GALILEO_ITEM_CANCELLED, 1 },
    { "row.retry", GALILEO_ITEM_CANCELLED, 0 },
    { "row.cancel", GALILEO_ITEM_CANCELLED, 1 },
    { "row.remove", GALILEO_ITEM_CANCELLED, 0 },
  };
  g_autoptr (GFile) file = new_file (fixture, "first.txt");
  g_autoptr (GSList) files = g_slist_append (NULL, file);

  g_assert_true (drop (fixture, files));
  window_kit_wait_label (GTK_WIDGET (fixture->window), "Connecting…");

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    GtkWidget *row = window_kit_find (GTK_WIDGET (fixture->window), UPLOADER_TYPE_ROW, NULL);
    GtkWidget *button = window_kit_find (row, GTK_TYPE_BUTTON, steps[i].action);

    g_signal_emit_by_name (button, "clicked");
    window_kit_settle ();
    g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, steps[i].state), ==, steps[i].n);
  }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 0);
}

/* A file that can't be uploaded is a row that says why, and stops no other. */
static void
test_bad_file (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  g_autoptr (GFile) gone = g_file_new_for_path ("/nonexistent/gone.txt");
  g_autoptr (GSList) files = g_slist_append (NULL, gone);

  g_assert_true (drop (fixture, files));
  window_kit_wait_until (has_items, fixture->queue, "a row");
  window_kit_wait_until (is_idle, fixture->queue, "the queue's end");
  window_kit_settle ();
  g_assert_nonnull (window_kit_find_label (window, "gone.txt"));
  g_assert_nonnull (window_kit_find_label (window, "The file is not there"));
}

static void
test_no_site (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  g_autoptr (GFile) first = new_file (fixture, "first.txt");
  g_autoptr (GFile) second = new_file (fixture, "second.txt");
  g_autoptr (GSList) files = g_slist_append (g_slist_append (NULL, first), second);
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);
  g_autofree char *address = NULL;
  GtkWidget *entry, *button;

  g_assert_cmpstr (get_page (fixture), ==, "site");
  g_assert_nonnull (window_kit_find_label (window, "Add a Site"));

  g_assert_true (drop (fixture, files));
  window_kit_settle ();
  g_assert_cmpstr (get_page (fixture), ==, "site");
  g_assert_nonnull (window_kit_find_label (window, "“first.txt” and 1 more are ready to go"));

  /* Of the two entries the one on the page is the one below the stack. */
  entry = gtk_widget_get_ancestor (window_kit_find_label (window, "For example"), UPLOADER_TYPE_SITE_ENTRY);
  button = window_kit_find (entry, GTK_TYPE_BUTTON, NULL);
  g_assert_false (gtk_widget_get_sensitive (button));

  uploader_site_entry_set_text (UPLOADER_SITE_ENTRY (entry), "ftp://example.org");
  g_assert_false (gtk_widget_get_sensitive (button));
  g_assert_nonnull (window_kit_find_label (entry, "ftp"));

  uploader_site_entry_set_text (UPLOADER_SITE_ENTRY (entry), "http://127.0.0.1:1/upload");
  g_assert_nonnull (window_kit_find_label (entry, "Files will go to " NOBODY));
  g_assert_true (gtk_widget_get_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
  window_kit_wait_until (has_items, fixture->queue, "the files that waited for a site");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 2);
  window_kit_settle ();
  g_assert_cmpstr (get_page (fixture), ==, "list");

  address = g_settings_get_string (settings, "site-address");
  g_assert_cmpstr (address, ==, NOBODY);
}

static void
test_paste (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GdkClipboard *clipboard = gtk_widget_get_clipboard (window);
  g_autoptr (GFile) first = new_file (fixture, "first.txt");
  g_autoptr (GSList) files = g_slist_append (NULL, first);
  g_auto (GValue) value = G_VALUE_INIT;

  gdk_clipboard_set_text (clipboard, "words");
  gtk_widget_activate_action (window, "win.paste", NULL);
  window_kit_wait_label (window, "Only files, folders and images can be pasted");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 0);

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_list (files));
  gdk_clipboard_set_value (clipboard, &value);
  gtk_widget_activate_action (window, "win.paste", NULL);
  window_kit_wait_until (has_items, fixture->queue, "the pasted file");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 1);
}

static void
test_wrong_drop (Fixture *fixture, gconstpointer user_data)
{
  g_assert_false (drop (fixture, NULL));
  window_kit_wait_label (GTK_WIDGET (fixture->window), "Only files, folders and images can be dropped here");
  g_assert_cmpstr (get_page (fixture), ==, "empty");
}

static void
test_quit_question (Fixture *fixture, gconstpointer user_data)
{
  GtkWindow *dialog;

  drop_two (fixture);
  for (guint i = 0; i < 2; i++) {
    gtk_window_close (GTK_WINDOW (fixture->window));
    gtk_window_close (GTK_WINDOW (fixture->window));
    dialog = GTK_WINDOW (window_kit_find_window (ADW_TYPE_MESSAGE_DIALOG));
    g_assert_nonnull (dialog);
    g_assert_cmpstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)), ==,
                     "2 files are not uploaded yet. The list of uploads can't be saved: if you quit, they are not "
                     "uploaded.");
    g_assert_nonnull (window_kit_find_label (GTK_WIDGET (dialog), "Cancel Uploads and Quit"));
    g_assert_null (window_kit_find_label (GTK_WIDGET (dialog), "Continue in Background"));

    click (GTK_WIDGET (dialog), "Keep Window Open");
    g_assert_null (window_kit_find_window (ADW_TYPE_MESSAGE_DIALOG));
    g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (fixture->window)));
  }
}

static void
test_details (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GalileoItem) item = window_kit_new_item ("a <b>.txt");
  GtkWidget *details = uploader_details_new (GTK_WINDOW (fixture->window), item);
  g_autofree char *text = NULL;

  gtk_window_present (GTK_WINDOW (details));
  window_kit_settle ();
  g_assert_nonnull (window_kit_find_label (details, "a <b>.txt"));
  g_assert_nonnull (window_kit_find_label (details, "ws://photos.example.org/upload"));

  text = uploader_details_dup_text (UPLOADER_DETAILS (details));
  g_assert_nonnull (strstr (text, "Name: a <b>.txt\n"));
  g_assert_nonnull (strstr (text, "Site: ws://photos.example.org/upload\n"));

  g_object_ref (details);
  gtk_window_destroy (GTK_WINDOW (details));
  g_assert_finalize_object (details);
}

static int
milliseconds_since (gint64 start)
{
  return (int) ((g_get_monotonic_time () - start) / 1000);
}

/* A list view makes rows for what it shows, whatever the length of the list, and does not keep the loop. */
static void
test_many (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  GtkWidget *window = GTK_WIDGET (fixture->window);
  gint64 start;

  for (guint i = 0; i < 50000; i++) {
    g_autofree char *name = g_strdup_printf ("%05u.txt", i);

    g_ptr_array_add (items, window_kit_new_item (name));
  }

  start = g_get_monotonic_time ();
  galileo_queue_append (fixture->queue, items);
  window_kit_settle ();
  g_test_message ("50000 rows appended in %d ms", milliseconds_since (start));

  start = g_get_monotonic_time ();
  gtk_widget_activate_action (window, "win.cancel-all", NULL);
  window_kit_settle ();
  g_test_message ("50000 rows cancelled in %d ms", milliseconds_since (start));
  g_assert_cmpuint (window_kit_count (window, UPLOADER_TYPE_ROW), <, 500);

  start = g_get_monotonic_time ();
  select_all (fixture);
  gtk_widget_activate_action (window, "win.remove", NULL);
  window_kit_settle ();
  g_test_message ("50000 rows removed in %d ms", milliseconds_since (start));
  g_assert_cmpstr (get_page (fixture), ==, "empty");
}

static void
test_narrow (Fixture *fixture, gconstpointer user_data)
{
  static const GtkTextDirection directions[] = { GTK_TEXT_DIR_RTL, GTK_TEXT_DIR_LTR };

  for (guint i = 0; i < G_N_ELEMENTS (directions); i++) {
    int minimum;

    gtk_widget_set_default_direction (directions[i]);
    window_kit_settle ();
    gtk_widget_measure (GTK_WIDGET (fixture->window), GTK_ORIENTATION_HORIZONTAL, -1,
                        &minimum, NULL, NULL, NULL);
    g_assert_cmpint (minimum, <=, 360);
  }
}

int
main (int argc, char **argv)
{
  window_kit_init (&argc, &argv);

#define ADD(path, set_up_func, test) \
  g_test_add (path, Fixture, NULL, set_up_func, test, tear_down)

  ADD ("/window/window/empty", set_up, test_empty);
  ADD ("/window/window/failed", set_up, test_failed);
  ADD ("/window/window/removed", set_up_silent, test_removed);
  ADD ("/window/window/row-buttons", set_up_silent, test_row_buttons);
  ADD ("/window/window/bad-file", set_up, test_bad_file);
  ADD ("/window/window/no-site", set_up_without_site, test_no_site);
  ADD ("/window/window/paste", set_up, test_paste);
  ADD ("/window/window/wrong-drop", set_up, test_wrong_drop);
  ADD ("/window/window/quit-question", set_up_silent, test_quit_question);
  ADD ("/window/window/details", set_up, test_details);
  ADD ("/window/window/many", set_up_silent, test_many);
  ADD ("/window/window/narrow", set_up, test_narrow);
  ADD ("/window/window/narrow-without-site", set_up_without_site, test_narrow);

  return g_test_run ();
}

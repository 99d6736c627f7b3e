/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "uploader/uploader-details.h"
#include "uploader/uploader-history-row.h"
#include "uploader/uploader-history.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#define MANY 10000

typedef struct {
  char *directory;
  GalileoQueue *queue;
  GalileoStore *store;
  GtkWidget *window;
  gint64 last_id;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  g_autofree char *path = NULL;

  fixture->directory = g_dir_make_tmp ("history-XXXXXX", NULL);
  path = g_build_filename (fixture->directory, "queue.db", NULL);
  fixture->store = galileo_store_new (path, NULL);
  fixture->queue = galileo_queue_new (engine);
  g_assert_true (galileo_queue_set_store (fixture->queue, fixture->store, NULL));
}

static void
set_up_without_store (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();

  fixture->directory = g_dir_make_tmp ("history-XXXXXX", NULL);
  fixture->queue = galileo_queue_new (engine);
}

static void
open_window (Fixture *fixture, const char *problem)
{
  fixture->window = uploader_history_new (NULL, fixture->queue, problem);
  gtk_window_present (GTK_WINDOW (fixture->window));
  window_kit_settle ();
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_object_ref (fixture->window);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  window_kit_settle ();
  g_assert_finalize_object (fixture->window);
  g_assert_finalize_object (fixture->queue);
  if (fixture->store != NULL)
    g_assert_finalize_object (fixture->store);

  dir = g_dir_open (fixture->directory, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

    g_unlink (path);
  }
  g_rmdir (fixture->directory);
  g_free (fixture->directory);
}

/* reason: why it failed; or NULL. */
static void
remember (Fixture *fixture, const char *name, const char *reason)
{
  GalileoRecord *record = galileo_record_new ();

  record->id = ++fixture->last_id;
  record->position = (double) record->id;
  record->address = g_strdup ("wss://photos.example.org/upload");
  record->uri = g_strdup_printf ("file:///photos/%" G_GINT64_FORMAT, record->id);
  record->name = g_strdup (name);
  record->path = g_strdup ("album");
  record->upload_id = g_strdup ("id");
  record->size = 8200000;
  record->attempt = 1;
  record->finish_time = g_get_real_time ();
  record->state = reason == NULL ? GALILEO_ITEM_DONE : GALILEO_ITEM_FAILED;
  if (reason != NULL) {
    record->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, reason);
    g_ptr_array_add (record->signals, g_strdup ("{\"error\":\"full\",\"fatal\":true}"));
  } else {
    record->hash = g_strdup ("00ff");
    record->verified = TRUE;
    record->url = g_strdup_printf ("https://photos.example.org/%s", name);
  }
  galileo_store_put_end (fixture->store, record, NULL, NULL);
}

static gpointer
get (Fixture *fixture, const char *name)
{
  return gtk_widget_get_template_child (fixture->window, UPLOADER_TYPE_HISTORY, name);
}

static const char *
get_page (Fixture *fixture)
{
  return gtk_stack_get_visible_child_name (get (fixture, "pages"));
}

static guint
count (Fixture *fixture)
{
  return g_list_model_get_n_items (get (fixture, "entries"));
}

static const char *
get_name (Fixture *fixture, guint position)
{
  g_autoptr (UploaderHistoryEntry) entry = g_list_model_get_item (get (fixture, "entries"), position);

  return uploader_history_entry_get_record (entry)->name;
}

typedef struct {
  Fixture *fixture;
  guint n;
  const char *page;
} Expected;

static gboolean
is_expected (gpointer data)
{
  Expected *expected = data;

  return count (expected->fixture) == expected->n && g_strcmp0 (get_page (expected->fixture), expected->page) == 0;
}

static void
wait_shown (Fixture *fixture, guint n, const char *page)
{
  Expected expected = { fixture, n, page };

  window_kit_wait_until (is_expected, &expected, page);
  window_kit_settle ();
}

static void
search (Fixture *fixture, const char *text)
{
  gtk_editable_set_text (get (fixture, "search"), text);
}

static void
test_rows (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *row;

  remember (fixture, "choir <b>.wav", "The site refused it: “Quota exceeded & over”");
  remember (fixture, "programme.pdf", NULL);
  open_window (fixture, NULL);
  wait_shown (fixture, 2, "list");

  g_assert_cmpstr (get_name (fixture, 0), ==, "programme.pdf");
  row = gtk_widget_get_ancestor (window_kit_find_label (fixture->window, "programme.pdf"), UPLOADER_TYPE_HISTORY_ROW);
  g_assert_nonnull (window_kit_find_label (row, "8.2\u00a0MB · Uploaded · checksum verified by the site"));
  g_assert_nonnull (window_kit_find_label (row, "photos.example.org/album · "));
  g_signal_emit_by_name (window_kit_find (row, GTK_TYPE_BUTTON, "history.copy-link"), "clicked");
  window_kit_wait_label (fixture->window, "Link copied");

  row = gtk_widget_get_ancestor (window_kit_find_label (fixture->window, "choir <b>.wav"), UPLOADER_TYPE_HISTORY_ROW);
  g_assert_nonnull (window_kit_find_label (row, "8.2\u00a0MB · The site refused it: “Quota exceeded & over”"));
  g_assert_false (gtk_widget_get_visible (window_kit_find (row, GTK_TYPE_BUTTON, NULL)));
}

static void
test_details (Fixture *fixture, gconstpointer user_data)
{
  GtkWindow *details;

  remember (fixture, "choir.wav", "Quota exceeded");
  open_window (fixture, NULL);
  wait_shown (fixture, 1, "list");
  g_signal_emit_by_name (window_kit_find (fixture->window, GTK_TYPE_LIST_VIEW, NULL), "activate", 0);
  window_kit_settle ();

  details = GTK_WINDOW (window_kit_find_window (UPLOADER_TYPE_DETAILS));
  g_assert_nonnull (details);
  g_assert_nonnull (window_kit_find_label (GTK_WIDGET (details), "{\"error\":\"full\",\"fatal\":true}"));
  gtk_window_destroy (details);
}

static void
test_empty (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);

  open_window (fixture, NULL);
  wait_shown (fixture, 0, "empty");
  g_assert_nonnull (window_kit_find_label (fixture->window, "No Uploads Yet"));
  g_assert_false (gtk_widget_get_visible (get (fixture, "search")));
  g_assert_false (window_kit_get_enabled (fixture->window, "history.clear"));

  g_settings_set_int (settings, "history-entries", 0);
  window_kit_settle ();
  g_assert_nonnull (window_kit_find_label (fixture->window, "The history is turned off in the preferences"));
  g_settings_reset (settings, "history-entries");
}

static void
test_search (Fixture *fixture, gconstpointer user_data)
{
  remember (fixture, "first.jpg", NULL);
  remember (fixture, "second.jpg", NULL);
  remember (fixture, "third.jpg", "Quota exceeded");
  open_window (fixture, NULL);
  wait_shown (fixture, 3, "list");

  search (fixture, "qUOTA");
  wait_shown (fixture, 1, "list");
  g_assert_cmpstr (get_name (fixture, 0), ==, "third.jpg");

  search (fixture, "nowhere");
  wait_shown (fixture, 0, "nothing-found");
  g_assert_true (gtk_widget_get_visible (get (fixture, "search")));

  /* What is typed while a search runs counts, and no answer to what was typed before. */
  search (fixture, "first");
  wait_shown (fixture, 1, "list");
  g_signal_emit_by_name (get (fixture, "search"), "search-changed");
  search (fixture, "second");
  g_signal_emit_by_name (get (fixture, "search"), "search-changed");
  wait_shown (fixture, 1, "list");
  window_kit_wait_label (fixture->window, "second.jpg");
  g_assert_null (window_kit_find_label (fixture->window, "first.jpg"));

  g_signal_emit_by_name (get (fixture, "search"), "stop-search");
  wait_shown (fixture, 3, "list");
  g_assert_cmpstr (get_name (fixture, 0), ==, "third.jpg");
}

/* What ends is listed by itself, without the others being made anew. */
static void
test_live (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GalileoItem) item = window_kit_new_item ("gone.txt");
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  g_autoptr (GObject) entry = NULL;
  g_autoptr (GObject) same = NULL;

  remember (fixture, "first.jpg", NULL);
  remember (fixture, "second.jpg", NULL);
  open_window (fixture, NULL);
  wait_shown (fixture, 2, "list");
  entry = g_list_model_get_item (get (fixture, "entries"), 1);

  /* Its site is not there. */
  g_ptr_array_add (items, item);
  galileo_queue_set_retries (fixture->queue, 0);
  galileo_queue_append (fixture->queue, items);
  wait_shown (fixture, 3, "list");
  g_assert_cmpstr (get_name (fixture, 0), ==, "gone.txt");
  same = g_list_model_get_item (get (fixture, "entries"), 2);
  g_assert_true (entry == same);
}

static void
answer (const char *response)
{
  GtkWindow *dialog = GTK_WINDOW (window_kit_find_window (ADW_TYPE_MESSAGE_DIALOG));

  g_assert_nonnull (dialog);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
  gtk_window_destroy (dialog);
  window_kit_settle ();
}

static void
test_clear (Fixture *fixture, gconstpointer user_data)
{
  remember (fixture, "first.jpg", NULL);
  open_window (fixture, NULL);
  wait_shown (fixture, 1, "list");

  gtk_widget_activate_action (fixture->window, "history.clear", NULL);
  answer ("cancel");
  g_signal_emit_by_name (get (fixture, "search"), "search-changed");
  wait_shown (fixture, 1, "list");

  gtk_widget_activate_action (fixture->window, "history.clear", NULL);
  answer ("clear");
  wait_shown (fixture, 0, "empty");
}

static void
test_unkept (Fixture *fixture, gconstpointer user_data)
{
  open_window (fixture, "The folder <i> can't be written to");
  wait_shown (fixture, 0, "unkept");
  g_assert_nonnull (window_kit_find_label (fixture->window, "The folder <i> can't be written to"));
  g_assert_false (window_kit_get_enabled (fixture->window, "history.clear"));
}

static char *
export (Fixture *fixture, const char *name, UploaderHistoryFormat format, const char *toast)
{
  g_autoptr (GFile) file = g_file_new_build_filename (fixture->directory, name, NULL);
  char *text = NULL;

  uploader_history_export (UPLOADER_HISTORY (fixture->window), file, format);
  window_kit_wait_label (fixture->window, toast);
  g_file_load_contents (file, NULL, &text, NULL, NULL, NULL);

  return text;
}

/* What was found is written, and can be read. */
static void
test_export (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *csv = NULL;
  g_autofree char *json = NULL;
  g_autofree char *none = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_auto (GStrv) lines = NULL;

  remember (fixture, "first, <b>.jpg", NULL);
  remember (fixture, "second.jpg", "Quota exceeded");
  open_window (fixture, NULL);
  wait_shown (fixture, 2, "list");

  csv = export (fixture, "a.csv", UPLOADER_HISTORY_FORMAT_CSV, "Exported to “a.csv”");
  lines = g_strsplit (csv, "\r\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_nonnull (strstr (lines[1], ",failed,wss://photos.example.org/upload,/photos/2,album,second.jpg,8200000,"));
  g_assert_nonnull (strstr (lines[2], ",album,\"first, <b>.jpg\",8200000,"));

  search (fixture, "first");
  wait_shown (fixture, 1, "list");
  json = export (fixture, "b.json", UPLOADER_HISTORY_FORMAT_JSON, "Exported to “b.json”");
  root = json_from_string (json, NULL);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (root)), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (json_node_get_array (root), 0),
                                                 "name"),
                   ==, "first, <b>.jpg");

  none = export (fixture, "no such folder/c.csv", UPLOADER_HISTORY_FORMAT_CSV, "“c.csv” can't be written: ");
  g_assert_null (none);
}

/* As much as is remembered by itself. */
static void
test_many (Fixture *fixture, gconstpointer user_data)
{
  Expected expected = { fixture, MANY, "list" };
  gint64 start;

  for (guint i = 0; i < MANY; i++) {
    g_autofree char *name = g_strdup_printf ("%05u.jpg", i);

    remember (fixture, name, i % 10 == 0 ? "Quota exceeded" : NULL);
  }
  start = g_get_monotonic_time ();
  open_window (fixture, NULL);
  window_kit_wait_until (is_expected, &expected, "all entries");
  window_kit_settle ();
  g_test_message ("%d entries written and listed in %d ms", MANY, (int) ((g_get_monotonic_time () - start) / 1000));
  g_assert_cmpuint (window_kit_count (fixture->window, UPLOADER_TYPE_HISTORY_ROW), <, 500);

  start = g_get_monotonic_time ();
  search (fixture, "quota");
  wait_shown (fixture, MANY / 10, "list");
  search (fixture, "");
  wait_shown (fixture, MANY, "list");
  g_test_message ("two searches in %d ms", (int) ((g_get_monotonic_time () - start) / 1000));
}

static void
test_narrow (Fixture *fixture, gconstpointer user_data)
{
  int minimum;

  remember (fixture, "a name that is much longer than any window of that width could ever show in one line.jpg", NULL);
  open_window (fixture, NULL);
  wait_shown (fixture, 1, "list");
  gtk_widget_measure (fixture->window, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
}

int
main (int argc, char **argv)
{
  window_kit_init (&argc, &argv);

#define ADD(path, set_up_func, test) g_test_add (path, Fixture, NULL, set_up_func, test, tear_down)

  ADD ("/window/history/rows", set_up, test_rows);
  ADD ("/window/history/details", set_up, test_details);
  ADD ("/window/history/empty", set_up, test_empty);
  ADD ("/window/history/search", set_up, test_search);
  ADD ("/window/history/live", set_up, test_live);
  ADD ("/window/history/clear", set_up, test_clear);
  ADD ("/window/history/unkept", set_up_without_store, test_unkept);
  ADD ("/window/history/export", set_up, test_export);
  ADD ("/window/history/many", set_up, test_many);
  ADD ("/window/history/narrow", set_up, test_narrow);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "uploader/uploader-row.h"
#include "uploader/uploader-site-chooser.h"
#include "uploader/uploader-site-dialog.h"
#include "uploader/uploader-view.h"
#include "uploader/uploader-window.h"

/* Everything rests, so that an item stays in the state that it is put into. */
typedef struct {
  GalileoQueue *queue;
  UploaderWindow *window;
  GtkWidget *list;
  UploaderView *view;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();

  g_settings_set_string (settings, "site-address", "ws://photos.example.org/upload");
  fixture->queue = galileo_queue_new (engine);
  galileo_queue_set_paused (fixture->queue, TRUE);
  fixture->window = uploader_window_new (NULL, fixture->queue);
  gtk_window_present (GTK_WINDOW (fixture->window));
  fixture->list = window_kit_find (GTK_WIDGET (fixture->window), GTK_TYPE_LIST_VIEW, NULL);
  fixture->view = UPLOADER_VIEW (gtk_list_view_get_model (GTK_LIST_VIEW (fixture->list)));
  window_kit_settle ();
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  galileo_queue_cancel_all (fixture->queue);
  g_object_ref (fixture->window);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  window_kit_settle ();
  g_assert_finalize_object (fixture->window);
  g_assert_finalize_object (fixture->queue);
}

static gboolean
is_settled (gpointer data)
{
  return uploader_view_get_settled (UPLOADER_VIEW (data));
}

static void
settle (Fixture *fixture)
{
  window_kit_settle ();
  window_kit_wait_until (is_settled, fixture->view, "the list shows what it should");
  window_kit_settle ();
}

static GalileoItem *
append (Fixture *fixture, const char *name, GalileoItemState state)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (items, window_kit_new_item_in (name, state));
  galileo_queue_append (fixture->queue, items);
  settle (fixture);

  return g_ptr_array_index (items, 0);
}

static void
append_one_of_each (Fixture *fixture)
{
  append (fixture, "waiting", GALILEO_ITEM_WAITING);
  append (fixture, "paused", GALILEO_ITEM_PAUSED);
  append (fixture, "failed", GALILEO_ITEM_FAILED);
  append (fixture, "done", GALILEO_ITEM_DONE);
  append (fixture, "cancelled", GALILEO_ITEM_CANCELLED);
}

/* The names of a list's items, in order. */
static char *
dup_names (GListModel *model)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (model, i);

    g_string_append_printf (names, "%s%s", i == 0 ? "" : " ", galileo_item_get_name (item));
  }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

static void
assert_names (gpointer model, const char *expected)
{
  g_autofree char *names = dup_names (model);

  g_assert_cmpstr (names, ==, expected);
}

static void
activate (Fixture *fixture, const char *action)
{
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), action, NULL);
  settle (fixture);
}

static void
select_names (Fixture *fixture, const char *const *names)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (fixture->view);

  gtk_selection_model_unselect_all (model);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (model), i);

    if (g_strv_contains (names, galileo_item_get_name (item)))
      gtk_selection_model_select_item (model, i, FALSE);
  }
}

#define SELECT(...) select_names (fixture, (const char *const[]) { __VA_ARGS__, NULL })

static void
filter (Fixture *fixture, const char *name)
{
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.filter", "s", name);
  settle (fixture);
}

static void
test_filters (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  append_one_of_each (fixture);
  append (fixture, "waiting-too", GALILEO_ITEM_WAITING);
  assert_names (fixture->view, "waiting paused failed waiting-too done cancelled");
  g_assert_nonnull (window_kit_find_label (window, "Waiting 3"));
  g_assert_nonnull (window_kit_find_label (window, "Failed 1"));
  g_assert_nonnull (window_kit_find_label (window, "Done 1"));

  filter (fixture, "waiting");
  assert_names (fixture->view, "waiting paused waiting-too");
  filter (fixture, "failed");
  assert_names (fixture->view, "failed");
  filter (fixture, "done");
  assert_names (fixture->view, "done");
  filter (fixture, "uploading");
  assert_names (fixture->view, "");
  g_assert_true (gtk_widget_get_mapped (window_kit_find_label (window, "Nothing Is Being Uploaded")));
  filter (fixture, "all");
  assert_names (fixture->view, "waiting paused failed waiting-too done cancelled");
  g_assert_true (gtk_widget_get_mapped (fixture->list));
}

static void
test_search (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GtkWidget *entry = window_kit_find (window, GTK_TYPE_SEARCH_ENTRY, NULL);
  gboolean searching;

  append (fixture, "first.jpg", GALILEO_ITEM_WAITING);
  append (fixture, "second.jpg", GALILEO_ITEM_WAITING);
  activate (fixture, "win.find");
  g_assert_true (gtk_widget_get_mapped (entry));

  gtk_editable_set_text (GTK_EDITABLE (entry), "SEC");
  g_signal_emit_by_name (entry, "search-changed");
  settle (fixture);
  assert_names (fixture->view, "second.jpg");

  gtk_editable_set_text (GTK_EDITABLE (entry), "third");
  g_signal_emit_by_name (entry, "search-changed");
  settle (fixture);
  g_assert_true (gtk_widget_get_mapped (window_kit_find_label (window, "No Results Found")));

  activate (fixture, "win.search");
  g_signal_emit_by_name (entry, "search-changed");
  settle (fixture);
  g_object_get (window, "searching", &searching, NULL);
  g_assert_false (searching);
  assert_names (fixture->view, "first.jpg second.jpg");
}

/* Which commands there are for what is selected, and what they make of it. */
static void
test_commands (Fixture *fixture, gconstpointer user_data)
{
  static const char *const commands[] = { "win.pause", "win.resume", "win.retry", "win.upload-again", "win.cancel",
                                          "win.locate", "win.copy-link" };
  static const struct {
    const char *name;
    const char *possible; /* of the commands above, one bit each, the first first */
    const char *command;
    GalileoItemState state;
  } cases[] = {
    { "waiting", "1000100", "win.pause", GALILEO_ITEM_PAUSED },
    { "waiting", "0100100", "win.toggle-pause", GALILEO_ITEM_WAITING },
    { "waiting", "1000100", "win.toggle-pause", GALILEO_ITEM_PAUSED },
    { "paused", "0100100", "win.resume", GALILEO_ITEM_WAITING },
    { "paused", "1000100", "win.cancel", GALILEO_ITEM_CANCELLED },
    { "failed", "0010000", "win.retry", GALILEO_ITEM_WAITING },
    { "gone", "0010010", "win.retry", GALILEO_ITEM_WAITING },
    { "done", "0001000", "win.upload-again", GALILEO_ITEM_DONE },
    { "linked", "0001001", "win.copy-link", GALILEO_ITEM_DONE },
    { "cancelled", "0010000", "win.retry", GALILEO_ITEM_WAITING },
  };
  GtkWidget *window = GTK_WIDGET (fixture->window);

  append_one_of_each (fixture);
  append (fixture, "gone", GALILEO_ITEM_FAILED);
  append (fixture, "linked", GALILEO_ITEM_DONE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) selected = NULL;

    g_test_message ("%s, %s", cases[i].name, cases[i].command);
    SELECT (cases[i].name);
    for (guint j = 0; j < G_N_ELEMENTS (commands); j++)
      g_assert_cmpint (window_kit_get_enabled (window, commands[j]), ==, cases[i].possible[j] == '1');
    g_assert_true (window_kit_get_enabled (window, "win.remove"));
    g_assert_true (window_kit_get_enabled (window, "win.details"));

    activate (fixture, cases[i].command);
    /* It is still selected, wherever it is now. */
    selected = uploader_view_dup_selected (fixture->view);
    g_assert_cmpuint (selected->len, ==, 1);
    g_assert_cmpstr (galileo_item_get_name (g_ptr_array_index (selected, 0)), ==, cases[i].name);
    g_assert_cmpint (galileo_item_get_state (g_ptr_array_index (selected, 0)), ==, cases[i].state);
  }

  /* The same once more, beside what is done. */
  assert_names (fixture->queue, "waiting paused failed done cancelled gone linked done");
  SELECT ("waiting", "failed", "done");
  g_assert_false (window_kit_get_enabled (window, "win.details"));
  g_assert_false (window_kit_get_enabled (window, "win.locate"));
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (fixture->view));
  g_assert_false (window_kit_get_enabled (window, "win.remove"));
  g_assert_false (window_kit_get_enabled (window, "win.move-up"));
}

static void
test_undo (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  append (fixture, "a", GALILEO_ITEM_WAITING);
  append (fixture, "b", GALILEO_ITEM_WAITING);
  append (fixture, "c", GALILEO_ITEM_DONE);
  append (fixture, "d", GALILEO_ITEM_FAILED);
  append (fixture, "e", GALILEO_ITEM_CANCELLED);
  append (fixture, "f", GALILEO_ITEM_PAUSED);
  append (fixture, "g", GALILEO_ITEM_DONE);
  g_assert_false (window_kit_get_enabled (window, "win.undo"));

  SELECT ("a", "d", "b", "g");
  activate (fixture, "win.remove");
  assert_names (fixture->queue, "c e f");
  g_assert_nonnull (window_kit_find_label (window, "4 files removed"));
  activate (fixture, "win.undo");
  assert_names (fixture->queue, "a b c d e f g");
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_WAITING), ==, 2);
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_FAILED), ==, 1);
  g_assert_false (window_kit_get_enabled (window, "win.undo"));

  activate (fixture, "win.clear-finished");
  assert_names (fixture->queue, "a b d f");
  g_assert_nonnull (window_kit_find_label (window, "3 finished files cleared"));
  activate (fixture, "win.undo");
  assert_names (fixture->queue, "a b c d e f g");
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_DONE), ==, 2);
}

/* As they are seen: what is done with stands elsewhere, and is no step. */
static void
test_order (Fixture *fixture, gconstpointer user_data)
{
  append (fixture, "a", GALILEO_ITEM_WAITING);
  append (fixture, "x", GALILEO_ITEM_DONE);
  append (fixture, "b", GALILEO_ITEM_WAITING);
  append (fixture, "y", GALILEO_ITEM_DONE);
  append (fixture, "c", GALILEO_ITEM_WAITING);
  assert_names (fixture->view, "a b c x y");

  SELECT ("c");
  activate (fixture, "win.move-up");
  assert_names (fixture->view, "a c b x y");
  activate (fixture, "win.move-up");
  activate (fixture, "win.move-up");
  assert_names (fixture->view, "c a b x y");
  activate (fixture, "win.move-down");
  assert_names (fixture->view, "a c b x y");
  activate (fixture, "win.move-to-bottom");
  assert_names (fixture->view, "a b c x y");
  activate (fixture, "win.move-to-top");
  assert_names (fixture->view, "c a b x y");
  SELECT ("a", "c");
  activate (fixture, "win.move-down");
  assert_names (fixture->view, "b c a x y");
}

static UploaderRow *
find_row (GtkWidget *widget, const char *name)
{
  if (UPLOADER_IS_ROW (widget)) {
    GalileoItem *item = uploader_row_get_item (UPLOADER_ROW (widget));

    return item != NULL && g_str_equal (galileo_item_get_name (item), name) ? UPLOADER_ROW (widget) : NULL;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child)) {
    UploaderRow *found = find_row (child, name);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static GtkDropTarget *
find_drop_target (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_DROP_TARGET (controller))
      return GTK_DROP_TARGET (controller);
  }
  g_assert_not_reached ();
}

static void
drop_on (Fixture *fixture, GalileoItem *item, const char *name, gboolean below)
{
  GtkWidget *row = GTK_WIDGET (find_row (fixture->list, name));
  GtkDropTarget *target = find_drop_target (fixture->list);
  g_auto (GValue) value = G_VALUE_INIT;
  int height = gtk_widget_get_height (row);
  GdkDragAction action = 0;
  gboolean taken = FALSE;
  double x, y;

  g_value_init (&value, GALILEO_TYPE_ITEM);
  g_value_set_object (&value, item);
  g_assert_true (gtk_widget_translate_coordinates (row, fixture->list, 20, below ? height - 2 : 2, &x, &y));
  g_signal_emit_by_name (target, "motion", x, y, &action);
  g_assert_cmpint (action, ==, GDK_ACTION_MOVE);
  g_assert_true (gtk_widget_has_css_class (row, below ? "drop-below" : "drop-above"));
  g_signal_emit_by_name (target, "drop", &value, x, y, &taken);
  g_assert_true (taken);
  g_assert_false (gtk_widget_has_css_class (row, "drop-below") || gtk_widget_has_css_class (row, "drop-above"));
  settle (fixture);
}

static gboolean
has_size (gpointer data)
{
  return gtk_widget_get_height (data) > 200;
}

static void
test_dragged (Fixture *fixture, gconstpointer user_data)
{
  GalileoItem *b;

  append (fixture, "a", GALILEO_ITEM_WAITING);
  b = append (fixture, "b", GALILEO_ITEM_WAITING);
  append (fixture, "c", GALILEO_ITEM_WAITING);
  append (fixture, "d", GALILEO_ITEM_WAITING);
  window_kit_wait_until (has_size, fixture->list, "the list has its size");

  SELECT ("b");
  drop_on (fixture, b, "a", FALSE);
  assert_names (fixture->view, "b a c d");
  drop_on (fixture, b, "d", TRUE);
  assert_names (fixture->view, "a c d b");
  SELECT ("b", "c");
  drop_on (fixture, b, "a", FALSE);
  assert_names (fixture->view, "c b a d");
  drop_on (fixture, b, "a", TRUE);
  assert_names (fixture->view, "a c b d");
}

static void
long_press (Fixture *fixture, UploaderRow *row)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (fixture->list);
  double x, y;

  g_assert_true (gtk_widget_translate_coordinates (GTK_WIDGET (row), fixture->list, 20, 10, &x, &y));
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_GESTURE_LONG_PRESS (controller)) {
      g_assert_true (gtk_gesture_single_get_touch_only (GTK_GESTURE_SINGLE (controller)));
      g_signal_emit_by_name (controller, "pressed", x, y);
    }
  }
  settle (fixture);
}

/* Whoever comes to a row by keyboard has it selected, and gets its menu. */
static void
test_menu (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *menu;
  g_autoptr (GPtrArray) selected = NULL;

  append (fixture, "a", GALILEO_ITEM_WAITING);
  append (fixture, "b", GALILEO_ITEM_FAILED);
  window_kit_wait_until (has_size, fixture->list, "the list has its size");

  gtk_widget_grab_focus (gtk_widget_get_parent (GTK_WIDGET (find_row (fixture->list, "b"))));
  window_kit_settle ();
  selected = uploader_view_dup_selected (fixture->view);
  g_assert_cmpuint (selected->len, ==, 1);
  g_assert_cmpstr (galileo_item_get_name (g_ptr_array_index (selected, 0)), ==, "b");

  menu = window_kit_find (fixture->list, GTK_TYPE_POPOVER_MENU, NULL);
  g_assert_false (gtk_widget_get_visible (menu));
  activate (fixture, "win.item-menu");
  g_assert_true (gtk_widget_get_visible (menu));
  gtk_popover_popdown (GTK_POPOVER (menu));
  settle (fixture);

  /* A finger that rests on a row brings it, too. */
  long_press (fixture, find_row (fixture->list, "a"));
  g_assert_true (gtk_widget_get_visible (menu));
  g_assert_true (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (fixture->view), 0));
  gtk_popover_popdown (GTK_POPOVER (menu));
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (fixture->view), 1, TRUE);
  settle (fixture);

  /* The button in a narrow row brings the same for another row. */
  g_signal_emit_by_name (find_row (fixture->list, "a"), "menu");
  settle (fixture);
  g_assert_true (gtk_widget_get_visible (menu));
  g_assert_true (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (fixture->view), 0));
  g_assert_false (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (fixture->view), 1));
  gtk_popover_popdown (GTK_POPOVER (menu));
  settle (fixture);
}

static GtkWidget *
find_window (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

    if (g_type_is_a (G_OBJECT_TYPE (window), type))
      return window;
  }
  return NULL;
}

/* The nth entry of the dialog: the address, and the name. */
static GtkEditable *
find_entry (GtkWidget *dialog, guint n)
{
  GtkWidget *entry = window_kit_find (dialog, ADW_TYPE_ENTRY_ROW, NULL);

  for (; n > 0; n--)
    entry = gtk_widget_get_next_sibling (entry);
  return GTK_EDITABLE (entry);
}

static void
press (GtkWidget *root, const char *text)
{
  GtkWidget *label = window_kit_find_label (root, text);

  g_assert_nonnull (label);
  g_signal_emit_by_name (gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON), "clicked");
  window_kit_settle ();
}

static void
press_default (GtkWidget *dialog)
{
  g_signal_emit_by_name (gtk_window_get_default_widget (GTK_WINDOW (dialog)), "clicked");
  window_kit_settle ();
}

static void
test_sites (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GListModel *sites = galileo_queue_get_sites (fixture->queue);
  GtkWidget *dialog, *save;
  GalileoSite *site;

  g_assert_cmpuint (g_list_model_get_n_items (sites), ==, 1);
  activate (fixture, "win.add-site");
  dialog = find_window (UPLOADER_TYPE_SITE_DIALOG);
  g_assert_nonnull (dialog);
  save = gtk_window_get_default_widget (GTK_WINDOW (dialog));
  g_assert_false (gtk_widget_get_sensitive (save));
  gtk_editable_set_text (find_entry (dialog, 0), "gopher://example.org");
  g_assert_nonnull (window_kit_find_label (dialog, "“gopher” addresses can"));
  g_assert_false (gtk_widget_get_sensitive (save));
  gtk_editable_set_text (find_entry (dialog, 0), "www.example.org/upload");
  g_assert_nonnull (window_kit_find_label (dialog, "Files will go to"));
  gtk_editable_set_text (find_entry (dialog, 1), "Parish <b>Website");
  press_default (dialog);

  g_assert_null (find_window (UPLOADER_TYPE_SITE_DIALOG));
  g_assert_cmpuint (g_list_model_get_n_items (sites), ==, 2);
  site = uploader_window_get_site (fixture->window);
  g_assert_cmpstr (galileo_site_get_name (site), ==, "Parish <b>Website");
  g_assert_nonnull (window_kit_find_label (window, "Parish <b>Website"));
  g_assert_nonnull (window_kit_find_label (window, "They go to Parish <b>Website"));

  /* A limit to the byte that was set elsewhere stays as it is. */
  galileo_site_set_rate_limit (site, 1234567);
  activate (fixture, "win.edit-site");
  dialog = find_window (UPLOADER_TYPE_SITE_DIALOG);
  g_assert_cmpstr (gtk_editable_get_text (find_entry (dialog, 1)), ==, "Parish <b>Website");
  gtk_editable_set_text (find_entry (dialog, 1), "Choir");
  gtk_switch_set_active (GTK_SWITCH (window_kit_find (dialog, GTK_TYPE_SWITCH, NULL)), TRUE);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (window_kit_find (dialog, GTK_TYPE_SPIN_BUTTON, NULL)), 5);
  press_default (dialog);
  g_assert_cmpstr (galileo_site_get_name (site), ==, "Choir");
  g_assert_cmpuint (galileo_site_get_rate_limit (site), ==, 1234567);
  g_assert_cmpuint (galileo_site_get_max_uploads (site), ==, 5);
  g_assert_true (galileo_site_get_keep_folders (site));
  g_assert_nonnull (window_kit_find_label (window, "They go to Choir"));

  activate (fixture, "win.edit-site");
  press (find_window (UPLOADER_TYPE_SITE_DIALOG), "Remove Site");
  g_assert_cmpuint (g_list_model_get_n_items (sites), ==, 1);
  g_assert_nonnull (window_kit_find_label (window, "They go to photos.example.org"));
  activate (fixture, "win.edit-site");
  press (find_window (UPLOADER_TYPE_SITE_DIALOG), "Remove Site");
  g_assert_null (uploader_window_get_site (fixture->window));
  g_assert_true (gtk_widget_get_mapped (window_kit_find_label (window, "Add a Site")));
}

/* Who mends the address means what could not go there, too. */
static void
test_redirected (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *dialog;
  GalileoItem *item;

  append_one_of_each (fixture);
  uploader_window_set_site (fixture->window, galileo_item_get_site (append (fixture, "other", GALILEO_ITEM_WAITING)));
  activate (fixture, "win.edit-site");
  dialog = find_window (UPLOADER_TYPE_SITE_DIALOG);
  gtk_editable_set_text (find_entry (dialog, 0), "ws://photos.example.org/correct");
  press_default (dialog);
  settle (fixture);

  assert_names (fixture->queue, "paused done cancelled waiting failed other");
  for (guint i = 0; i < 6; i++) {
    g_autofree char *address = NULL;

    item = g_list_model_get_item (G_LIST_MODEL (fixture->queue), i);
    address = g_uri_to_string (galileo_site_get_address (galileo_item_get_site (item)));
    g_assert_cmpstr (address, ==, i < 3 ? "ws://photos.example.org/upload" : "ws://photos.example.org/correct");
    if (i >= 3)
      g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_WAITING);
    g_object_unref (item);
  }
  g_assert_cmpuint (g_list_model_get_n_items (galileo_queue_get_sites (fixture->queue)), ==, 1);
}

static void
test_chooser (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *chooser = window_kit_find (GTK_WIDGET (fixture->window), UPLOADER_TYPE_SITE_CHOOSER, NULL);
  g_autoptr (GalileoSite) other = galileo_site_new ("wss://www.example.org/upload", NULL);
  GtkWidget *list = window_kit_find (chooser, GTK_TYPE_LIST_BOX, NULL);

  galileo_site_set_name (other, "A Parish");
  galileo_queue_remember_site (fixture->queue, other);
  activate (fixture, "win.choose-site");
  g_assert_true (gtk_widget_get_visible (chooser));

  /* By name, so the other is the first. */
  g_assert_nonnull (window_kit_find_label (GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0)), "A Parish"));
  g_signal_emit_by_name (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0), "activate");
  settle (fixture);
  g_assert_true (uploader_window_get_site (fixture->window) == other);
  g_assert_false (gtk_widget_get_visible (chooser));
  g_assert_cmpuint (g_list_model_get_n_items (galileo_queue_get_sites (fixture->queue)), ==, 2);
}

static gboolean
is_narrow (gpointer data)
{
  return gtk_widget_has_css_class (data, "narrow");
}

static void
test_narrow (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GtkWidget *button;

  append_one_of_each (fixture);
  gtk_window_set_default_size (GTK_WINDOW (window), 360, 294);
  window_kit_wait_until (is_narrow, window, "the narrow window");
  window_kit_settle ();
  g_assert_cmpint (gtk_widget_get_width (window), <=, 360);
  button = window_kit_find (GTK_WIDGET (find_row (fixture->list, "waiting")), GTK_TYPE_BUTTON, "row.menu");
  g_assert_true (gtk_widget_get_visible (button));

  gtk_window_set_default_size (GTK_WINDOW (window), 800, 600);
  window_kit_settle ();
  g_assert_false (gtk_widget_get_visible (button) && gtk_widget_has_css_class (window, "narrow") &&
                  gtk_widget_get_width (window) >= 500);
}

int
main (int argc, char **argv)
{
  window_kit_init (&argc, &argv);

#define ADD(name, func) g_test_add ("/window/list/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("filters", test_filters);
  ADD ("search", test_search);
  ADD ("commands", test_commands);
  ADD ("undo", test_undo);
  ADD ("order", test_order);
  ADD ("dragged", test_dragged);
  ADD ("menu", test_menu);
  ADD ("sites", test_sites);
  ADD ("redirected", test_redirected);
  ADD ("chooser", test_chooser);
  ADD ("narrow", test_narrow);
#undef ADD

  return g_test_run ();
}

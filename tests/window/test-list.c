/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "list-kit.h"

#include "uploader/uploader-row.h"

static void
filter (ListKit *fixture, const char *name)
{
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.filter", "s", name);
  list_kit_settle (fixture);
}

static void
test_filters (ListKit *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  list_kit_append_one_of_each (fixture);
  list_kit_append (fixture, "waiting-too", GALILEO_ITEM_WAITING);
  list_kit_assert_names (fixture->view, "waiting paused failed waiting-too done cancelled");
  g_assert_nonnull (window_kit_find_label (window, "Waiting 3"));
  g_assert_nonnull (window_kit_find_label (window, "Failed 1"));
  g_assert_nonnull (window_kit_find_label (window, "Done 1"));

  filter (fixture, "waiting");
  list_kit_assert_names (fixture->view, "waiting paused waiting-too");
  filter (fixture, "failed");
  list_kit_assert_names (fixture->view, "failed");
  filter (fixture, "done");
  list_kit_assert_names (fixture->view, "done");
  filter (fixture, "uploading");
  list_kit_assert_names (fixture->view, "");
  g_assert_true (gtk_widget_get_mapped (window_kit_find_label (window, "Nothing Is Being Uploaded")));
  filter (fixture, "all");
  list_kit_assert_names (fixture->view, "waiting paused failed waiting-too done cancelled");
  g_assert_true (gtk_widget_get_mapped (fixture->list));
}

static void
test_search (ListKit *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GtkWidget *entry = window_kit_find (window, GTK_TYPE_SEARCH_ENTRY, NULL);
  gboolean searching;

  list_kit_append (fixture, "first.jpg", GALILEO_ITEM_WAITING);
  list_kit_append (fixture, "second.jpg", GALILEO_ITEM_WAITING);
  list_kit_activate (fixture, "win.find");
  g_assert_true (gtk_widget_get_mapped (entry));

  gtk_editable_set_text (GTK_EDITABLE (entry), "SEC");
  g_signal_emit_by_name (entry, "search-changed");
  list_kit_settle (fixture);
  list_kit_assert_names (fixture->view, "second.jpg");

  gtk_editable_set_text (GTK_EDITABLE (entry), "third");
  g_signal_emit_by_name (entry, "search-changed");
  list_kit_settle (fixture);
  g_assert_true (gtk_widget_get_mapped (window_kit_find_label (window, "No Results Found")));

  list_kit_activate (fixture, "win.search");
  g_signal_emit_by_name (entry, "search-changed");
  list_kit_settle (fixture);
  g_object_get (window, "searching", &searching, NULL);
  g_assert_false (searching);
  list_kit_assert_names (fixture->view, "first.jpg second.jpg");
}

/* Which commands there are for what is selected, and what they make of it. */
static void
test_commands (ListKit *fixture, gconstpointer user_data)
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

  list_kit_append_one_of_each (fixture);
  list_kit_append (fixture, "gone", GALILEO_ITEM_FAILED);
  list_kit_append (fixture, "linked", GALILEO_ITEM_DONE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) selected = NULL;

    g_test_message ("%s, %s", cases[i].name, cases[i].command);
    SELECT (cases[i].name);
    for (guint j = 0; j < G_N_ELEMENTS (commands); j++)
      g_assert_cmpint (window_kit_get_enabled (window, commands[j]), ==, cases[i].possible[j] == '1');
    g_assert_true (window_kit_get_enabled (window, "win.remove"));
    g_assert_true (window_kit_get_enabled (window, "win.details"));

    list_kit_activate (fixture, cases[i].command);
    /* It is still selected, wherever it is now. */
    selected = uploader_view_dup_selected (fixture->view);
    g_assert_cmpuint (selected->len, ==, 1);
    g_assert_cmpstr (galileo_item_get_name (g_ptr_array_index (selected, 0)), ==, cases[i].name);
    g_assert_cmpint (galileo_item_get_state (g_ptr_array_index (selected, 0)), ==, cases[i].state);
  }

  /* The same once more, beside what is done. */
  list_kit_assert_names (fixture->queue, "waiting paused failed done cancelled gone linked done");
  SELECT ("waiting", "failed", "done");
  g_assert_false (window_kit_get_enabled (window, "win.details"));
  g_assert_false (window_kit_get_enabled (window, "win.locate"));
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (fixture->view));
  g_assert_false (window_kit_get_enabled (window, "win.remove"));
  g_assert_false (window_kit_get_enabled (window, "win.move-up"));
}

static void
test_undo (ListKit *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  list_kit_append (fixture, "a", GALILEO_ITEM_WAITING);
  list_kit_append (fixture, "b", GALILEO_ITEM_WAITING);
  list_kit_append (fixture, "c", GALILEO_ITEM_DONE);
  list_kit_append (fixture, "d", GALILEO_ITEM_FAILED);
  list_kit_append (fixture, "e", GALILEO_ITEM_CANCELLED);
  list_kit_append (fixture, "f", GALILEO_ITEM_PAUSED);
  list_kit_append (fixture, "g", GALILEO_ITEM_DONE);
  g_assert_false (window_kit_get_enabled (window, "win.undo"));

  SELECT ("a", "d", "b", "g");
  list_kit_activate (fixture, "win.remove");
  list_kit_assert_names (fixture->queue, "c e f");
  g_assert_nonnull (window_kit_find_label (window, "4 files removed"));
  list_kit_activate (fixture, "win.undo");
  list_kit_assert_names (fixture->queue, "a b c d e f g");
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_WAITING), ==, 2);
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_FAILED), ==, 1);
  g_assert_false (window_kit_get_enabled (window, "win.undo"));

  list_kit_activate (fixture, "win.clear-finished");
  list_kit_assert_names (fixture->queue, "a b d f");
  g_assert_nonnull (window_kit_find_label (window, "3 finished files cleared"));
  list_kit_activate (fixture, "win.undo");
  list_kit_assert_names (fixture->queue, "a b c d e f g");
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture->queue, GALILEO_ITEM_DONE), ==, 2);
}

/* As they are seen: what is done with stands elsewhere, and is no step. */
static void
test_order (ListKit *fixture, gconstpointer user_data)
{
  list_kit_append (fixture, "a", GALILEO_ITEM_WAITING);
  list_kit_append (fixture, "x", GALILEO_ITEM_DONE);
  list_kit_append (fixture, "b", GALILEO_ITEM_WAITING);
  list_kit_append (fixture, "y", GALILEO_ITEM_DONE);
  list_kit_append (fixture, "c", GALILEO_ITEM_WAITING);
  list_kit_assert_names (fixture->view, "a b c x y");

  SELECT ("c");
  list_kit_activate (fixture, "win.move-up");
  list_kit_assert_names (fixture->view, "a c b x y");
  list_kit_activate (fixture, "win.move-up");
  list_kit_activate (fixture, "win.move-up");
  list_kit_assert_names (fixture->view, "c a b x y");
  list_kit_activate (fixture, "win.move-down");
  list_kit_assert_names (fixture->view, "a c b x y");
  list_kit_activate (fixture, "win.move-to-bottom");
  list_kit_assert_names (fixture->view, "a b c x y");
  list_kit_activate (fixture, "win.move-to-top");
  list_kit_assert_names (fixture->view, "c a b x y");
  SELECT ("a", "c");
  list_kit_activate (fixture, "win.move-down");
  list_kit_assert_names (fixture->view, "b c a x y");
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
drop_on (ListKit *fixture, GalileoItem *item, const char *name, gboolean below)
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
  list_kit_settle (fixture);
}

static gboolean
has_size (gpointer data)
{
  return gtk_widget_get_height (data) > 200;
}

static void
test_dragged (ListKit *fixture, gconstpointer user_data)
{
  GalileoItem *b;

  list_kit_append (fixture, "a", GALILEO_ITEM_WAITING);
  b = list_kit_append (fixture, "b", GALILEO_ITEM_WAITING);
  list_kit_append (fixture, "c", GALILEO_ITEM_WAITING);
  list_kit_append (fixture, "d", GALILEO_ITEM_WAITING);
  window_kit_wait_until (has_size, fixture->list, "the list has its size");

  SELECT ("b");
  drop_on (fixture, b, "a", FALSE);
  list_kit_assert_names (fixture->view, "b a c d");
  drop_on (fixture, b, "d", TRUE);
  list_kit_assert_names (fixture->view, "a c d b");
  SELECT ("b", "c");
  drop_on (fixture, b, "a", FALSE);
  list_kit_assert_names (fixture->view, "c b a d");
  drop_on (fixture, b, "a", TRUE);
  list_kit_assert_names (fixture->view, "a c b d");
}

static void
long_press (ListKit *fixture, UploaderRow *row)
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
  list_kit_settle (fixture);
}

/* Whoever comes to a row by keyboard has it selected, and gets its menu. */
static void
test_menu (ListKit *fixture, gconstpointer user_data)
{
  GtkWidget *menu;
  g_autoptr (GPtrArray) selected = NULL;

  list_kit_append (fixture, "a", GALILEO_ITEM_WAITING);
  list_kit_append (fixture, "b", GALILEO_ITEM_FAILED);
  window_kit_wait_until (has_size, fixture->list, "the list has its size");

  gtk_widget_grab_focus (gtk_widget_get_parent (GTK_WIDGET (find_row (fixture->list, "b"))));
  window_kit_settle ();
  selected = uploader_view_dup_selected (fixture->view);
  g_assert_cmpuint (selected->len, ==, 1);
  g_assert_cmpstr (galileo_item_get_name (g_ptr_array_index (selected, 0)), ==, "b");

  menu = window_kit_find (fixture->list, GTK_TYPE_POPOVER_MENU, NULL);
  g_assert_false (gtk_widget_get_visible (menu));
  list_kit_activate (fixture, "win.item-menu");
  g_assert_true (gtk_widget_get_visible (menu));
  gtk_popover_popdown (GTK_POPOVER (menu));
  list_kit_settle (fixture);

  /* A finger that rests on a row brings it, too. */
  long_press (fixture, find_row (fixture->list, "a"));
  g_assert_true (gtk_widget_get_visible (menu));
  g_assert_true (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (fixture->view), 0));
  gtk_popover_popdown (GTK_POPOVER (menu));
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (fixture->view), 1, TRUE);
  list_kit_settle (fixture);

  /* The button in a narrow row brings the same for another row. */
  g_signal_emit_by_name (find_row (fixture->list, "a"), "menu");
  list_kit_settle (fixture);
  g_assert_true (gtk_widget_get_visible (menu));
  g_assert_true (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (fixture->view), 0));
  g_assert_false (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (fixture->view), 1));
  gtk_popover_popdown (GTK_POPOVER (menu));
  list_kit_settle (fixture);
}

static gboolean
is_narrow (gpointer data)
{
  return gtk_widget_has_css_class (data, "narrow");
}

static void
test_narrow (ListKit *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GtkWidget *button;

  list_kit_append_one_of_each (fixture);
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

#define ADD(name, func) g_test_add ("/window/list/" name, ListKit, NULL, list_kit_set_up, func, list_kit_tear_down)
  ADD ("filters", test_filters);
  ADD ("search", test_search);
  ADD ("commands", test_commands);
  ADD ("undo", test_undo);
  ADD ("order", test_order);
  ADD ("dragged", test_dragged);
  ADD ("menu", test_menu);
  ADD ("narrow", test_narrow);
#undef ADD

  return g_test_run ();
}

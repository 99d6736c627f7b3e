/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

/* The menu of a row, by mouse, finger and keyboard, and the row that the keyboard is on. */

/* For so long an open menu is looked at. */
#define MENU_FRAMES 30

/* Brings the keyboard to an item's row, if the list has made one. */
void
uploader_window_focus_item (UploaderWindow *self, GalileoItem *item)
{
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL)) {
    if (uploader_row_get_item (row) == item)
      gtk_widget_grab_focus (gtk_widget_get_parent (row));
  }
}

static void
menu_closed_cb (UploaderWindow *self)
{
  g_autoptr (GalileoItem) item = g_steal_pointer (&self->menu_item);

  gtk_widget_grab_focus (GTK_WIDGET (self->list));
  if (item != NULL)
    uploader_window_focus_item (self, item);
}

/* What can be done now, and the lines between, come some frames later, and GTK 4.8 leaves them no room. */
static gboolean
menu_frame_cb (GtkWidget *menu, GdkFrameClock *clock, gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);
  int natural;

  if (!gtk_widget_get_mapped (menu) || self->menu_frames-- == 0)
    return G_SOURCE_REMOVE;

  gtk_widget_measure (menu, GTK_ORIENTATION_VERTICAL, -1, NULL, &natural, NULL, NULL);
  if (gdk_surface_get_height (gtk_native_get_surface (GTK_NATIVE (menu))) < natural)
    gtk_popover_present (GTK_POPOVER (menu));

  return G_SOURCE_CONTINUE;
}

/* At a point of a row. What it does is done to what is selected, so the row is selected first. */
void
uploader_window_show_menu_of (UploaderWindow *self, UploaderRow *row, int x, int y)
{
  GtkWidget *list = GTK_WIDGET (self->list);
  GdkRectangle place = { 0, 0, 1, 1 };
  double list_x, list_y;
  guint position;

  if (uploader_view_find (self->view, uploader_row_get_item (row), &position) &&
      !gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->view), position))
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->view), position, TRUE);
  uploader_window_update_item_actions (self);
  g_set_object (&self->menu_item, uploader_row_get_item (row));

  if (!gtk_widget_translate_coordinates (GTK_WIDGET (row), list, x, y, &list_x, &list_y))
    return;
  place.x = (int) list_x;
  place.y = (int) list_y;
  gtk_popover_set_pointing_to (GTK_POPOVER (self->item_menu), &place);
  gtk_popover_popup (GTK_POPOVER (self->item_menu));
  self->menu_frames = MENU_FRAMES;
  gtk_widget_add_tick_callback (self->item_menu, menu_frame_cb, self, NULL);
}

/* Returns: the row that the keyboard is on, or in; or NULL. */
static GtkWidget *
get_focused_row (UploaderWindow *self)
{
  for (GtkWidget *at = gtk_root_get_focus (GTK_ROOT (self)); at != NULL; at = gtk_widget_get_parent (at)) {
    GtkWidget *child = gtk_widget_get_first_child (at);

    if (UPLOADER_IS_ROW (at))
      return at;
    if (child != NULL && UPLOADER_IS_ROW (child))
      return child;
  }
  return NULL;
}

/* Whoever comes to a row with Tab and presses Delete means that row. */
static void
focus_cb (UploaderWindow *self)
{
  GtkWidget *row = self->view != NULL ? get_focused_row (self) : NULL;
  GalileoItem *item = row != NULL ? uploader_row_get_item (UPLOADER_ROW (row)) : NULL;
  guint position;

  if (item != NULL && uploader_view_get_n_selected (self->view) == 0 &&
      uploader_view_find (self->view, item, &position))
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->view), position, TRUE);
}

void
uploader_window_show_item_menu (UploaderWindow *self)
{
  GtkWidget *row = get_focused_row (self);

  if (row != NULL)
    uploader_window_show_menu_of (self, UPLOADER_ROW (row), 48, gtk_widget_get_height (row) / 2);
}

UploaderRow *
uploader_window_get_row_at (UploaderWindow *self, double x, double y)
{
  GtkWidget *at = gtk_widget_pick (GTK_WIDGET (self->list), x, y, GTK_PICK_DEFAULT);

  for (; at != NULL && at != GTK_WIDGET (self->list); at = gtk_widget_get_parent (at)) {
    GtkWidget *child = gtk_widget_get_first_child (at);

    if (UPLOADER_IS_ROW (at))
      return UPLOADER_ROW (at);
    /* The cell is a little larger than the row in it. */
    if (child != NULL && UPLOADER_IS_ROW (child))
      return UPLOADER_ROW (child);
  }
  return NULL;
}

static void
show_menu_at (UploaderWindow *self, GtkGesture *gesture, double x, double y)
{
  UploaderRow *row = uploader_window_get_row_at (self, x, y);
  double row_x, row_y;

  if (row == NULL || !gtk_widget_translate_coordinates (GTK_WIDGET (self->list), GTK_WIDGET (row), x, y, &row_x, &row_y))
    return;

  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  uploader_window_show_menu_of (self, row, (int) row_x, (int) row_y);
}

static void
click_cb (UploaderWindow *self, int n_press, double x, double y, GtkGesture *gesture)
{
  GdkEvent *event = gtk_gesture_get_last_event (gesture, NULL);

  if (event != NULL && gdk_event_triggers_context_menu (event))
    show_menu_at (self, gesture, x, y);
}

static void
long_press_cb (UploaderWindow *self, double x, double y, GtkGesture *gesture)
{
  show_menu_at (self, gesture, x, y);
}

static void
add_gesture (UploaderWindow *self, GtkGesture *gesture, const char *signal, GCallback callback)
{
  g_signal_connect_object (gesture, signal, callback, self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->list), GTK_EVENT_CONTROLLER (gesture));
}

void
uploader_window_init_menu (UploaderWindow *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *press = gtk_gesture_long_press_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  add_gesture (self, click, "pressed", G_CALLBACK (click_cb));
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  add_gesture (self, press, "pressed", G_CALLBACK (long_press_cb));

  /* Ready before it is shown: its size is that of what can be done. */
  self->item_menu = gtk_popover_menu_new_from_model (self->item_menu_model);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->item_menu), FALSE);
  gtk_widget_set_halign (self->item_menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->item_menu, GTK_WIDGET (self->list));
  g_signal_connect_object (self->item_menu, "closed", G_CALLBACK (menu_closed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::focus-widget", G_CALLBACK (focus_cb), self, G_CONNECT_SWAPPED);
}

void
uploader_window_close_menu (UploaderWindow *self)
{
  g_clear_pointer (&self->item_menu, gtk_widget_unparent);
  g_clear_object (&self->menu_item);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-row.h"

#include <glib/gi18n.h>

/* The list of uploads: its rows, what is shown of it, and its menu. */

#define NARROW_WIDTH 500

/* For so long an open menu is looked at. */
#define MENU_FRAMES 30

/* So often it is looked which rows are to be seen: those that only pass by get no picture. */
#define THUMBNAILS_AFTER_MS 120

/* Pictures */

static gboolean
is_to_be_seen (UploaderWindow *self, GtkWidget *row)
{
  graphene_rect_t bounds;

  return gtk_widget_get_mapped (row) && gtk_widget_compute_bounds (row, GTK_WIDGET (self->list), &bounds) &&
         bounds.origin.y + bounds.size.height > 0 &&
         bounds.origin.y < gtk_widget_get_height (GTK_WIDGET (self->list));
}

/* The list has more rows than are to be seen. */
static gboolean
thumbnails_cb (gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);
  GHashTableIter iter;
  gpointer row;

  self->thumbnails_id = 0;
  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL)) {
    if (is_to_be_seen (self, row))
      uploader_row_load_thumbnail (row);
    else
      uploader_row_leave_thumbnail (row);
  }

  return G_SOURCE_REMOVE;
}

static void
queue_thumbnails (UploaderWindow *self)
{
  if (self->thumbnails_id == 0)
    self->thumbnails_id = g_timeout_add (THUMBNAILS_AFTER_MS, thumbnails_cb, self);
}

/* Rows */

static void
with_row (UploaderWindow *self, UploaderRow *row, void (*command) (GalileoQueue *queue, GalileoItem *item))
{
  g_autoptr (GalileoItem) item = g_object_ref (uploader_row_get_item (row));

  command (self->queue, item);
}

static void
row_cancel_cb (UploaderWindow *self, UploaderRow *row)
{
  with_row (self, row, galileo_queue_cancel);
}

static void
row_retry_cb (UploaderWindow *self, UploaderRow *row)
{
  with_row (self, row, galileo_queue_retry);
}

static void
row_pause_cb (UploaderWindow *self, UploaderRow *row)
{
  with_row (self, row, galileo_queue_pause);
}

static void
row_resume_cb (UploaderWindow *self, UploaderRow *row)
{
  with_row (self, row, galileo_queue_resume);
}

static void
row_remove_cb (UploaderWindow *self, UploaderRow *row)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (items, g_object_ref (uploader_row_get_item (row)));
  uploader_window_remove_items (self, items);
}

static void
row_details_cb (UploaderWindow *self, UploaderRow *row)
{
  uploader_window_show_details (self, uploader_row_get_item (row));
}

static void
row_copy_link_cb (UploaderWindow *self, UploaderRow *row)
{
  uploader_window_copy_link (self, galileo_item_get_url (uploader_row_get_item (row)));
}

static void
row_locate_cb (UploaderWindow *self, UploaderRow *row)
{
  uploader_window_locate (self, uploader_row_get_item (row));
}

static void
row_site_cb (UploaderWindow *self, UploaderRow *row)
{
  uploader_window_edit_site (self, galileo_item_get_site (uploader_row_get_item (row)));
}

static void
row_menu_cb (UploaderWindow *self, UploaderRow *row)
{
  GtkWidget *widget = GTK_WIDGET (row);

  uploader_window_show_menu_of (self, row, gtk_widget_get_width (widget), gtk_widget_get_height (widget) / 2);
}

static void
row_destroy_cb (UploaderWindow *self, GtkWidget *row)
{
  g_hash_table_remove (self->rows, row);
}

static void
row_setup_cb (GtkSignalListItemFactory *factory, GtkListItem *cell, UploaderWindow *self)
{
  static const struct {
    const char *signal;
    GCallback callback;
  } commands[] = {
    { "cancel", G_CALLBACK (row_cancel_cb) },
    { "retry", G_CALLBACK (row_retry_cb) },
    { "pause", G_CALLBACK (row_pause_cb) },
    { "resume", G_CALLBACK (row_resume_cb) },
    { "locate", G_CALLBACK (row_locate_cb) },
    { "remove", G_CALLBACK (row_remove_cb) },
    { "details", G_CALLBACK (row_details_cb) },
    { "copy-link", G_CALLBACK (row_copy_link_cb) },
    { "site", G_CALLBACK (row_site_cb) },
    { "menu", G_CALLBACK (row_menu_cb) },
    { "destroy", G_CALLBACK (row_destroy_cb) },
  };
  GtkWidget *row = uploader_row_new (self->queue);

  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    g_signal_connect_object (row, commands[i].signal, commands[i].callback, self, G_CONNECT_SWAPPED);
  uploader_row_set_narrow (UPLOADER_ROW (row), self->narrow);
  uploader_row_set_thumbnails (UPLOADER_ROW (row), self->thumbnails);
  gtk_list_item_set_child (cell, row);
  g_hash_table_add (self->rows, row);
}

static void
row_bind_cb (GtkSignalListItemFactory *factory, GtkListItem *cell, UploaderWindow *self)
{
  uploader_row_set_item (UPLOADER_ROW (gtk_list_item_get_child (cell)),
                         gtk_list_item_get_item (cell));
  queue_thumbnails (self);
}

static void
row_unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *cell, UploaderWindow *self)
{
  uploader_row_set_item (UPLOADER_ROW (gtk_list_item_get_child (cell)), NULL);
}

static void
row_activate_cb (UploaderWindow *self, guint position)
{
  g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (self->view), position);

  uploader_window_show_details (self, item);
}

/* A narrow window */

static void
set_narrow (UploaderWindow *self, gboolean narrow)
{
  GHashTableIter iter;
  gpointer row;

  if (self->narrow == narrow)
    return;

  self->narrow = narrow;
  /* What is left is for the site's name. */
  gtk_widget_set_visible (self->search_button, !narrow);
  gtk_widget_set_visible (self->add_menu_button, !narrow);
  if (narrow)
    gtk_widget_add_css_class (GTK_WIDGET (self), "narrow");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "narrow");
  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    uploader_row_set_narrow (row, narrow);
}

static gboolean
narrow_cb (gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);

  self->narrow_id = 0;
  set_narrow (self, gtk_widget_get_width (GTK_WIDGET (self)) < NARROW_WIDTH);

  return G_SOURCE_REMOVE;
}

/* Not at once: a widget must not change what it needs while it is given its size. */
void
uploader_window_sized (UploaderWindow *self, int width)
{
  if ((width < NARROW_WIDTH) != self->narrow && self->narrow_id == 0)
    self->narrow_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, narrow_cb, self, NULL);
}

/* What is shown */

static const char *
get_filter_label (UploaderFilter filter)
{
  switch (filter) {
  case UPLOADER_FILTER_UPLOADING:
    /* Translators: as this and the next, uploads that are in this state */
    return _("Uploading");
  case UPLOADER_FILTER_WAITING:
    return _("Waiting");
  case UPLOADER_FILTER_FAILED:
    return _("Failed");
  case UPLOADER_FILTER_DONE:
    return _("Done");
  case UPLOADER_FILTER_ALL:
  default:
    return _("All");
  }
}

static void
update_filters (UploaderWindow *self)
{
  for (guint filter = 0; filter < UPLOADER_N_FILTERS; filter++) {
    guint n = uploader_filter_count (filter, self->queue);
    g_autofree char *label = NULL;

    if (n == 0 || filter == UPLOADER_FILTER_ALL)
      label = g_strdup (get_filter_label (filter));
    else
      /* Translators: a state, and how many uploads are in it, for example "Waiting 70" */
      label = g_strdup_printf (_("%s %u"), get_filter_label (filter), n);
    gtk_label_set_text (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (self->filter_buttons[filter]))), label);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->filter_buttons[filter]),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
    if (filter == UPLOADER_FILTER_FAILED && n > 0)
      gtk_widget_add_css_class (self->filter_buttons[filter], "attention");
    else
      gtk_widget_remove_css_class (self->filter_buttons[filter], "attention");
  }
}

static const char *
words_for_nothing (UploaderWindow *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) != '\0')
    return _("No Results Found");

  switch (uploader_view_get_filter (self->view)) {
  case UPLOADER_FILTER_UPLOADING:
    return _("Nothing Is Being Uploaded");
  case UPLOADER_FILTER_WAITING:
    return _("Nothing Is Waiting");
  case UPLOADER_FILTER_FAILED:
    return _("Nothing Has Failed");
  case UPLOADER_FILTER_DONE:
  case UPLOADER_FILTER_ALL:
  default:
    return _("Nothing Has Been Uploaded Yet");
  }
}

void
uploader_window_update_list (UploaderWindow *self)
{
  gboolean nothing = g_list_model_get_n_items (G_LIST_MODEL (self->view)) == 0;

  update_filters (self);
  if (nothing && !uploader_view_get_settled (self->view))
    return;

  if (nothing)
    adw_status_page_set_title (self->nothing_page, words_for_nothing (self));
  gtk_stack_set_visible_child_name (self->list_stack, nothing ? "nothing" : "rows");
}

UploaderFilter
uploader_window_get_filter (UploaderWindow *self)
{
  return self->view != NULL ? uploader_view_get_filter (self->view) : UPLOADER_FILTER_ALL;
}

void
uploader_window_set_filter (UploaderWindow *self, UploaderFilter filter)
{
  uploader_view_set_filter (self->view, filter);
  uploader_window_queue_update (self);
}

static void
search_changed_cb (UploaderWindow *self)
{
  uploader_view_set_search (self->view, gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
  uploader_window_queue_update (self);
}

static void
search_mode_cb (UploaderWindow *self)
{
  if (!gtk_search_bar_get_search_mode (self->search_bar)) {
    gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
    gtk_widget_grab_focus (GTK_WIDGET (self->list));
  }
  uploader_window_notify_searching (self);
}

gboolean
uploader_window_get_searching (UploaderWindow *self)
{
  return self->search_bar != NULL && gtk_search_bar_get_search_mode (self->search_bar);
}

void
uploader_window_set_searching (UploaderWindow *self, gboolean searching)
{
  gtk_search_bar_set_search_mode (self->search_bar, searching);
  if (searching)
    gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

/* Ctrl+F: also goes back to a search that is there already. */
void
uploader_window_find (UploaderWindow *self)
{
  uploader_window_set_searching (self, TRUE);
}

/* The menu */

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
uploader_window_init_list (UploaderWindow *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *press = gtk_gesture_long_press_new ();
  GtkAdjustment *adjustment;

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

  self->thumbnails = uploader_thumbnails_new ();
  adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list));
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (queue_thumbnails), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (queue_thumbnails), self, G_CONNECT_SWAPPED);

  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  gtk_search_bar_set_key_capture_widget (self->search_bar, GTK_WIDGET (self));
  uploader_window_init_reorder (self);
}

/* Once there is a queue. */
void
uploader_window_open_list (UploaderWindow *self)
{
  int width, height;

  /* Laid out as a wide one first, it would become as wide as that needs. */
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  set_narrow (self, width > 0 && width < NARROW_WIDTH);

  self->view = uploader_view_new (self->queue);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->view));
  g_signal_connect_object (self->view, "items-changed", G_CALLBACK (uploader_window_queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::focus-widget", G_CALLBACK (focus_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "selection-changed",
                           G_CALLBACK (uploader_window_update_item_actions), self, G_CONNECT_SWAPPED);
}

void
uploader_window_close_list (UploaderWindow *self)
{
  g_clear_handle_id (&self->narrow_id, g_source_remove);
  g_clear_handle_id (&self->thumbnails_id, g_source_remove);
  uploader_window_stop_reorder (self);
  g_clear_pointer (&self->item_menu, gtk_widget_unparent);
  g_clear_object (&self->menu_item);
  if (self->view != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->view);
  g_clear_handle_id (&self->thumbnails_id, g_source_remove);
  g_clear_object (&self->thumbnails);
}

void
uploader_window_class_bind_list (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_callback (widget_class, row_setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_unbind_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_mode_cb);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-row.h"

/* Rows that are dragged to another place of the list. */

/* So near to an edge the list moves, so far in a frame. */
#define EDGE 36
#define SCROLL_STEP 9

static GdkContentProvider *
prepare_cb (UploaderWindow *self, double x, double y, GtkDragSource *source)
{
  UploaderRow *row = uploader_window_get_row_at (self, x, y);
  g_autoptr (GdkPaintable) picture = NULL;
  GalileoItem *item;
  guint position;

  if (row == NULL)
    return NULL;

  item = uploader_row_get_item (row);
  if (!uploader_view_find (self->view, item, &position))
    return NULL;
  if (!gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->view), position))
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->view), position, TRUE);

  picture = gtk_widget_paintable_new (GTK_WIDGET (row));
  gtk_drag_source_set_icon (source, picture, 24, 24);

  return gdk_content_provider_new_typed (GALILEO_TYPE_ITEM, item);
}

static void
set_mark (UploaderWindow *self, UploaderRow *row, gboolean below)
{
  if (self->marked_row != NULL) {
    gtk_widget_remove_css_class (GTK_WIDGET (self->marked_row), "drop-above");
    gtk_widget_remove_css_class (GTK_WIDGET (self->marked_row), "drop-below");
  }
  g_set_weak_pointer (&self->marked_row, row);
  if (row != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (row), below ? "drop-below" : "drop-above");
}

static gboolean
scroll_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list));

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + self->scroll_step);

  return G_SOURCE_CONTINUE;
}

static void
set_scrolling (UploaderWindow *self, int step)
{
  self->scroll_step = step;
  if (step != 0 && self->scroll_id == 0) {
    self->scroll_id = gtk_widget_add_tick_callback (GTK_WIDGET (self->list), scroll_cb, self, NULL);
  } else if (step == 0 && self->scroll_id != 0) {
    gtk_widget_remove_tick_callback (GTK_WIDGET (self->list), self->scroll_id);
    self->scroll_id = 0;
  }
}

void
uploader_window_stop_reorder (UploaderWindow *self)
{
  set_scrolling (self, 0);
  set_mark (self, NULL, FALSE);
}

/* Returns the row at a height, and whether below its middle. */
static UploaderRow *
get_row (UploaderWindow *self, double x, double y, gboolean *below)
{
  UploaderRow *row = uploader_window_get_row_at (self, x, y);
  double row_x, row_y;

  if (row == NULL || !gtk_widget_translate_coordinates (GTK_WIDGET (self->list), GTK_WIDGET (row), x, y, &row_x, &row_y))
    return NULL;

  *below = row_y > gtk_widget_get_height (GTK_WIDGET (row)) / 2.0;
  return row;
}

static GdkDragAction
motion_cb (UploaderWindow *self, double x, double y)
{
  int height = gtk_widget_get_height (GTK_WIDGET (self->list));
  gboolean below = FALSE;
  UploaderRow *row = get_row (self, x, y, &below);

  set_mark (self, row, below);
  set_scrolling (self, y < EDGE ? -SCROLL_STEP : y > height - EDGE ? SCROLL_STEP : 0);

  return row != NULL ? GDK_ACTION_MOVE : 0;
}

static gboolean
drop_cb (UploaderWindow *self, const GValue *value, double x, double y)
{
  g_autoptr (GPtrArray) items = uploader_view_dup_selected (self->view);
  gboolean below = FALSE;
  UploaderRow *row = get_row (self, x, y, &below);

  uploader_window_stop_reorder (self);
  if (row == NULL || items->len == 0 || galileo_queue_get_id (self->queue, g_value_get_object (value)) == 0)
    return FALSE;

  uploader_window_move_beside (self, items, uploader_row_get_item (row), below);

  return TRUE;
}

void
uploader_window_init_reorder (UploaderWindow *self)
{
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (GALILEO_TYPE_ITEM, GDK_ACTION_MOVE);

  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect_object (source, "prepare", G_CALLBACK (prepare_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->list), GTK_EVENT_CONTROLLER (source));

  g_signal_connect_object (target, "motion", G_CALLBACK (motion_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "leave", G_CALLBACK (uploader_window_stop_reorder), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->list), GTK_EVENT_CONTROLLER (target));
}

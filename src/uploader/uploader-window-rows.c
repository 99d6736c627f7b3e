/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

/* The rows of the list: what their buttons do, which of them need pictures, and how much room they have. */

#define NARROW_WIDTH 500

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

void
uploader_window_init_rows (UploaderWindow *self)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list));

  self->rows = g_hash_table_new (NULL, NULL);
  self->thumbnails = uploader_thumbnails_new ();
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (queue_thumbnails), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (queue_thumbnails), self, G_CONNECT_SWAPPED);
}

/* Once the window's size is known. */
void
uploader_window_open_rows (UploaderWindow *self)
{
  int width, height;

  /* Laid out as a wide one first, it would become as wide as that needs. */
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  set_narrow (self, width > 0 && width < NARROW_WIDTH);
}

/* To be called when the list has no model any more. */
void
uploader_window_close_rows (UploaderWindow *self)
{
  g_clear_handle_id (&self->narrow_id, g_source_remove);
  g_clear_handle_id (&self->thumbnails_id, g_source_remove);
  g_clear_object (&self->thumbnails);
}

void
uploader_window_class_bind_rows (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_callback (widget_class, row_setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_unbind_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activate_cb);
}

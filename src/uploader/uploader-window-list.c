/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include <glib/gi18n.h>

/* The list of uploads: what is shown of it. */

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

void
uploader_window_init_list (UploaderWindow *self)
{
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  gtk_search_bar_set_key_capture_widget (self->search_bar, GTK_WIDGET (self));
  uploader_window_init_rows (self);
  uploader_window_init_menu (self);
  uploader_window_init_reorder (self);
}

/* Once there is a queue. */
void
uploader_window_open_list (UploaderWindow *self)
{
  uploader_window_open_rows (self);
  self->view = uploader_view_new (self->queue);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->view));
  g_signal_connect_object (self->view, "items-changed", G_CALLBACK (uploader_window_queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "selection-changed",
                           G_CALLBACK (uploader_window_update_item_actions), self, G_CONNECT_SWAPPED);
}

void
uploader_window_close_list (UploaderWindow *self)
{
  uploader_window_stop_reorder (self);
  uploader_window_close_menu (self);
  if (self->view != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->view);
  uploader_window_close_rows (self);
}

void
uploader_window_class_bind_list (GtkWidgetClass *widget_class)
{
  uploader_window_class_bind_rows (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_mode_cb);
}

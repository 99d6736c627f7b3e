/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-site-dialog.h"
#include "uploader-words.h"

#include "galileo/galileo-address.h"

#include <glib/gi18n.h>

#define NAME_MAX_CHARACTERS 60

/* Where files go: the site in the title, and what there is to choose from. */

void
uploader_window_update_site (UploaderWindow *self)
{
  g_autofree char *address = NULL;
  g_autofree char *label = NULL;
  g_autofree char *page = NULL;
  g_autofree char *name = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->plain_title), self->site == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->site_button), self->site != NULL);
  uploader_site_chooser_set_site (self->site_chooser, self->site);
  if (self->site == NULL)
    return;

  name = uploader_words_isolate (galileo_site_get_name (self->site), NAME_MAX_CHARACTERS);
  address = galileo_address_to_display (galileo_site_get_address (self->site));
  gtk_label_set_text (self->site_label, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->site_button), address);

  /* Translators: a site's name */
  label = g_strdup_printf (_("Site: %s"), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->site_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);

  /* Translators: a site's name; it goes on from "Drop Files to Upload" */
  page = g_markup_printf_escaped (_("They go to %s"), name);
  adw_status_page_set_description (self->empty_page, page);
}

/* Brings the keyboard to wherever a site is chosen just now. */
void
uploader_window_ask_for_site (UploaderWindow *self)
{
  if (self->site == NULL) {
    uploader_window_update_page (self);
    gtk_widget_grab_focus (GTK_WIDGET (self->page_entry));
  } else {
    gtk_menu_button_popup (self->site_button);
  }
}

/* The entry that had the keyboard may be gone with its page. */
static void
site_chosen_cb (UploaderWindow *self, GalileoSite *site)
{
  uploader_window_set_site (self, site);
  uploader_window_update_page (self);
  gtk_widget_child_focus (gtk_stack_get_visible_child (self->pages), GTK_DIR_TAB_FORWARD);
}

static void
site_saved_cb (UploaderWindow *self, GalileoSite *site)
{
  uploader_window_set_site (self, site);
  uploader_window_update_site (self);
}

/* What could not go to the old address goes to the new one. */
static void
site_moved_cb (UploaderWindow *self, GalileoSite *site, GtkWidget *dialog)
{
  gtk_list_view_set_model (self->list, NULL);
  galileo_queue_redirect (self->queue, g_object_get_data (G_OBJECT (dialog), "site"), site);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->view));
}

/* Another of those that are left takes its place. */
static void
site_removed_cb (UploaderWindow *self, GalileoSite *site)
{
  g_autoptr (GalileoSite) other = NULL;

  if (site != self->site)
    return;

  other = g_list_model_get_item (galileo_queue_get_sites (self->queue), 0);
  uploader_window_set_site (self, other);
}

static void
show_dialog (UploaderWindow *self, GalileoSite *site)
{
  GtkWidget *dialog;

  gtk_popover_popdown (GTK_POPOVER (self->site_chooser));
  /* What is kept of the sites is not known yet, and would be lost. */
  if (galileo_queue_is_loading (self->queue))
    return;

  dialog = uploader_site_dialog_new (GTK_WINDOW (self), self->queue, site);
  if (site != NULL)
    g_object_set_data_full (G_OBJECT (dialog), "site", g_object_ref (site), g_object_unref);
  g_signal_connect_object (dialog, "moved", G_CALLBACK (site_moved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "saved", G_CALLBACK (site_saved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "removed", G_CALLBACK (site_removed_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
uploader_window_add_site (UploaderWindow *self)
{
  show_dialog (self, NULL);
}

void
uploader_window_edit_site (UploaderWindow *self, GalileoSite *site)
{
  GalileoSite *known;

  g_return_if_fail (GALILEO_IS_SITE (site));

  /* An item may have come with another object of the same address. */
  known = galileo_queue_find_site (self->queue, galileo_site_get_address (site));
  show_dialog (self, known != NULL ? known : site);
}

static void
edit_site_cb (UploaderWindow *self, GalileoSite *site)
{
  uploader_window_edit_site (self, site);
}

/* Once there is a queue. */
void
uploader_window_open_sites (UploaderWindow *self)
{
  uploader_site_chooser_set_sites (self->site_chooser, galileo_queue_get_sites (self->queue));
}

void
uploader_window_class_bind_sites (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_callback (widget_class, site_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, edit_site_cb);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-details.h"
#include "uploader-row.h"
#include "uploader-strip.h"
#include "uploader-words.h"

#include "galileo/galileo-address.h"

#include <glib/gi18n.h>

#define PAGE_NAME_MAX_CHARACTERS 60

/*
 * The window: one list of the queue's items, and the site that new files go to. It shows and commands
 * the queue, and uploads nothing itself.
 */
G_DEFINE_FINAL_TYPE (UploaderWindow, uploader_window, ADW_TYPE_APPLICATION_WINDOW)

enum {
  PROP_0,
  PROP_QUEUE,
  PROP_SITE,
  PROP_PAUSED,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

void
uploader_window_toast (UploaderWindow *self, const char *text)
{
  g_autofree char *title = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (title));
}

void
uploader_window_show_details (UploaderWindow *self, GalileoItem *item)
{
  GtkWidget *details = uploader_details_new (GTK_WINDOW (self), item);

  gtk_window_present (GTK_WINDOW (details));
}

static char *
words_for_site_page (UploaderWindow *self)
{
  g_autofree char *base = NULL;
  g_autofree char *name = NULL;
  guint n_more;

  if (self->held_files->len == 0)
    return g_strdup (_("Enter the address that your site takes uploads at"));

  base = g_file_get_basename (g_ptr_array_index (self->held_files, 0));
  name = uploader_words_clean (base != NULL ? base : "", PAGE_NAME_MAX_CHARACTERS);
  n_more = self->held_files->len - 1;
  if (n_more == 0)
    /* Translators: a file's name */
    return g_strdup_printf (_("“%s” is ready to go. Enter the address of the site to start"), name);

  /* Translators: a file's name, and how many others there are */
  return g_strdup_printf (ngettext ("“%s” and %u more are ready to go. "
                                    "Enter the address of the site to start",
                                    "“%s” and %u more are ready to go. "
                                    "Enter the address of the site to start",
                                    n_more),
                          name, n_more);
}

static void
update_site (UploaderWindow *self)
{
  g_autofree char *address = NULL;
  g_autofree char *label = NULL;
  g_autofree char *page = NULL;
  const char *name;

  gtk_widget_set_visible (GTK_WIDGET (self->plain_title), self->site == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->site_button), self->site != NULL);
  if (self->site == NULL)
    return;

  name = galileo_site_get_name (self->site);
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

static void
update_page (UploaderWindow *self)
{
  gboolean is_empty = g_list_model_get_n_items (G_LIST_MODEL (self->queue)) == 0;
  gboolean is_asking = self->site == NULL && (is_empty || self->held_files->len > 0);

  if (!is_asking) {
    gtk_stack_set_visible_child_name (self->pages, is_empty ? "empty" : "list");
  } else {
    g_autofree char *words = words_for_site_page (self);
    g_autofree char *description = g_markup_escape_text (words, -1);

    adw_status_page_set_description (self->site_page, description);
    gtk_stack_set_visible_child_name (self->pages, "site");
  }
}

/* Brings the keyboard to wherever an address is typed just now. */
void
uploader_window_ask_for_site (UploaderWindow *self)
{
  if (self->site == NULL) {
    update_page (self);
    gtk_widget_grab_focus (GTK_WIDGET (self->page_entry));
  } else {
    gtk_menu_button_popup (self->site_button);
  }
}

static gboolean
update_cb (gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);

  self->update_id = 0;
  update_page (self);
  uploader_window_update_actions (self);

  return G_SOURCE_REMOVE;
}

/* One update before the next frame, however much changes until then. */
void
uploader_window_queue_update (UploaderWindow *self)
{
  if (self->update_id == 0 && self->queue != NULL)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);
}

static void
site_chosen_cb (UploaderWindow *self, GalileoSite *site)
{
  gtk_popover_popdown (self->site_popover);
  uploader_window_set_site (self, site);
}

static void
site_popover_show_cb (UploaderWindow *self)
{
  g_autofree char *address = galileo_address_to_display (galileo_site_get_address (self->site));

  uploader_site_entry_set_text (self->popover_entry, address);
  gtk_widget_grab_focus (GTK_WIDGET (self->popover_entry));
}

static void
row_cancel_cb (UploaderWindow *self, UploaderRow *row)
{
  galileo_queue_cancel (self->queue, uploader_row_get_item (row));
}

static void
row_retry_cb (UploaderWindow *self, UploaderRow *row)
{
  galileo_queue_retry (self->queue, uploader_row_get_item (row));
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
row_pause_cb (UploaderWindow *self, UploaderRow *row)
{
  galileo_queue_pause (self->queue, uploader_row_get_item (row));
}

static void
row_resume_cb (UploaderWindow *self, UploaderRow *row)
{
  galileo_queue_resume (self->queue, uploader_row_get_item (row));
}

static void
row_locate_cb (UploaderWindow *self, UploaderRow *row)
{
  uploader_window_locate (self, uploader_row_get_item (row));
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
  };
  GtkWidget *row = uploader_row_new (self->queue);

  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    g_signal_connect_object (row, commands[i].signal, commands[i].callback, self, G_CONNECT_SWAPPED);
  gtk_list_item_set_child (cell, row);
}

static void
row_bind_cb (GtkSignalListItemFactory *factory, GtkListItem *cell, UploaderWindow *self)
{
  uploader_row_set_item (UPLOADER_ROW (gtk_list_item_get_child (cell)),
                         gtk_list_item_get_item (cell));
}

static void
row_unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *cell, UploaderWindow *self)
{
  uploader_row_set_item (UPLOADER_ROW (gtk_list_item_get_child (cell)), NULL);
}

static void
row_activate_cb (UploaderWindow *self, guint position)
{
  g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  uploader_window_show_details (self, item);
}

/* What was kept of the site is known now. */
static void
loading_cb (UploaderWindow *self)
{
  if (self->site != NULL && !galileo_queue_is_loading (self->queue))
    uploader_window_set_site (self, self->site);
}

static void
paused_cb (UploaderWindow *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAUSED]);
}

static void
uploader_window_constructed (GObject *object)
{
  UploaderWindow *self = UPLOADER_WINDOW (object);
  g_autoptr (GalileoSite) site = NULL;
  g_autofree char *address = NULL;

  G_OBJECT_CLASS (uploader_window_parent_class)->constructed (object);

  g_signal_connect_object (self->queue, "notify",
                           G_CALLBACK (uploader_window_queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "notify::loading", G_CALLBACK (loading_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "notify::paused", G_CALLBACK (paused_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "items-changed",
                           G_CALLBACK (uploader_window_queue_update), self, G_CONNECT_SWAPPED);

  /* An address that is no longer taken leaves the window without a site, and it asks for one. */
  address = g_settings_get_string (self->settings, "site-address");
  if (*address != '\0')
    site = galileo_site_new (address, NULL);
  if (site != NULL)
    uploader_window_set_site (self, site);

  update_site (self);
  update_cb (self);
}

static void
uploader_window_dispose (GObject *object)
{
  UploaderWindow *self = UPLOADER_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  if (self->addings != NULL)
    uploader_window_stop_adding (self);
  g_clear_pointer (&self->addings, g_ptr_array_unref);
  g_clear_handle_id (&self->show_finding_id, g_source_remove);
  uploader_window_clear_arrivals (self);
  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_weak_pointer (&self->closing_dialog);
  g_clear_object (&self->presence);
  g_clear_object (&self->chooser);
  g_clear_object (&self->site);
  g_clear_object (&self->settings);
  g_clear_object (&self->queue);

  G_OBJECT_CLASS (uploader_window_parent_class)->dispose (object);
}

static void
uploader_window_finalize (GObject *object)
{
  UploaderWindow *self = UPLOADER_WINDOW (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->held_files, g_ptr_array_unref);

  G_OBJECT_CLASS (uploader_window_parent_class)->finalize (object);
}

static void
uploader_window_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  UploaderWindow *self = UPLOADER_WINDOW (object);

  switch (property_id) {
  case PROP_QUEUE:
    g_value_set_object (value, self->queue);
    break;
  case PROP_SITE:
    g_value_set_object (value, self->site);
    break;
  case PROP_PAUSED:
    /* The menu asks before there is a queue. */
    g_value_set_boolean (value, self->queue != NULL && galileo_queue_get_paused (self->queue));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
uploader_window_set_property (GObject *object,
                              guint property_id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  UploaderWindow *self = UPLOADER_WINDOW (object);

  switch (property_id) {
  case PROP_QUEUE:
    self->queue = g_value_dup_object (value);
    break;
  case PROP_SITE:
    uploader_window_set_site (self, g_value_get_object (value));
    break;
  case PROP_PAUSED:
    galileo_queue_set_paused (self->queue, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
uploader_window_class_init (UploaderWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = uploader_window_constructed;
  object_class->dispose = uploader_window_dispose;
  object_class->finalize = uploader_window_finalize;
  object_class->get_property = uploader_window_get_property;
  object_class->set_property = uploader_window_set_property;
  GTK_WINDOW_CLASS (klass)->close_request = uploader_window_close_request;

  properties[PROP_QUEUE] =
    g_param_spec_object ("queue", NULL, NULL,
                         GALILEO_TYPE_QUEUE,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SITE] =
    g_param_spec_object ("site", NULL, NULL,
                         GALILEO_TYPE_SITE,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_PAUSED] =
    g_param_spec_boolean ("paused", NULL, NULL,
                          FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (UPLOADER_TYPE_SITE_ENTRY);
  g_type_ensure (UPLOADER_TYPE_STRIP);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               UPLOADER_RESOURCES "/uploader-window.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, plain_title);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, site_button);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, site_label);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, site_popover);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, popover_entry);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, page_entry);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, finding_bar);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, finding_label);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, site_page);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, empty_page);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, drop_overlay);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, drop_label);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, list);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, selection);
  gtk_widget_class_bind_template_callback (widget_class, site_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, site_popover_show_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_unbind_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, uploader_window_update_actions);
  gtk_widget_class_bind_template_callback (widget_class, uploader_window_stop_adding);

  uploader_window_class_install_actions (klass);
}

static void
uploader_window_init (UploaderWindow *self)
{
  self->settings = g_settings_new (APPLICATION_ID);
  self->cancellable = g_cancellable_new ();
  self->addings = g_ptr_array_new_with_free_func (g_object_unref);
  self->held_files = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->arrivals);

  gtk_widget_init_template (GTK_WIDGET (self));
  uploader_window_init_drop (self);
  uploader_window_init_keys (self);

  g_settings_bind (self->settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
}

UploaderWindow *
uploader_window_new (GtkApplication *application, GalileoQueue *queue)
{
  g_return_val_if_fail (application == NULL || GTK_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);

  return g_object_new (UPLOADER_TYPE_WINDOW, "application", application, "queue", queue, NULL);
}

GalileoSite *
uploader_window_get_site (UploaderWindow *self)
{
  g_return_val_if_fail (UPLOADER_IS_WINDOW (self), NULL);

  return self->site;
}

/* Chooses where files go from now on, and remembers it. Files that waited for a site start. */
void
uploader_window_set_site (UploaderWindow *self, GalileoSite *site)
{
  g_autofree char *address = NULL;
  GalileoSite *known;

  g_return_if_fail (UPLOADER_IS_WINDOW (self));
  g_return_if_fail (GALILEO_IS_SITE (site));

  /* What is known of it holds: its limits, its certificate. */
  known = galileo_queue_find_site (self->queue, galileo_site_get_address (site));
  if (known != NULL)
    site = known;
  if (!g_set_object (&self->site, site))
    return;

  address = g_uri_to_string (galileo_site_get_address (site));
  g_settings_set_string (self->settings, "site-address", address);
  update_site (self);
  uploader_window_start_held_files (self);
  uploader_window_queue_update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SITE]);
}

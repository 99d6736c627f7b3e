/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-details.h"
#include "uploader-enums.h"
#include "uploader-strip.h"
#include "uploader-words.h"

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
  PROP_FILTER,
  PROP_SEARCHING,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

void
uploader_window_toast (UploaderWindow *self, const char *text)
{
  g_autofree char *title = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (title));
}

/* text: what stays to be read until somebody has dismissed it; or NULL when it is no more. */
void
uploader_window_set_problem (UploaderWindow *self, const char *text)
{
  g_return_if_fail (UPLOADER_IS_WINDOW (self));

  if (text != NULL)
    gtk_label_set_text (self->problem_label, text);
  gtk_revealer_set_reveal_child (self->problem_bar, text != NULL);
}

static void
dismiss_problem_cb (UploaderWindow *self)
{
  uploader_window_set_problem (self, NULL);
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
  name = uploader_words_isolate (base != NULL ? base : "", PAGE_NAME_MAX_CHARACTERS);
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

void
uploader_window_update_page (UploaderWindow *self)
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

static gboolean
update_cb (gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);

  self->update_id = 0;
  uploader_window_update_page (self);
  uploader_window_update_list (self);
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

void
uploader_window_notify_searching (UploaderWindow *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCHING]);
}

static void
uploader_window_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GTK_WIDGET_CLASS (uploader_window_parent_class)->size_allocate (widget, width, height, baseline);
  uploader_window_sized (UPLOADER_WINDOW (widget), width);
}

static void
uploader_window_constructed (GObject *object)
{
  UploaderWindow *self = UPLOADER_WINDOW (object);
  g_autoptr (GalileoSite) site = NULL;
  g_autofree char *address = NULL;

  G_OBJECT_CLASS (uploader_window_parent_class)->constructed (object);

  uploader_window_open_list (self);
  uploader_window_open_sites (self);
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

  uploader_window_update_site (self);
  update_cb (self);
  if (self->site == NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->page_entry));
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
  uploader_window_stop_waiting_to_paste (self);
  uploader_window_close_list (self);
  g_clear_object (&self->undo_toast);
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
  g_clear_pointer (&self->rows, g_hash_table_unref);

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
  case PROP_FILTER:
    g_value_set_enum (value, uploader_window_get_filter (self));
    break;
  case PROP_SEARCHING:
    g_value_set_boolean (value, uploader_window_get_searching (self));
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
  case PROP_FILTER:
    uploader_window_set_filter (self, (UploaderFilter) g_value_get_enum (value));
    g_object_notify_by_pspec (object, pspec);
    break;
  case PROP_SEARCHING:
    uploader_window_set_searching (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

/* The buttons, as the template names them. */
static const char *const filter_names[UPLOADER_N_FILTERS] = {
  [UPLOADER_FILTER_ALL] = "filter_all",
  [UPLOADER_FILTER_UPLOADING] = "filter_uploading",
  [UPLOADER_FILTER_WAITING] = "filter_waiting",
  [UPLOADER_FILTER_FAILED] = "filter_failed",
  [UPLOADER_FILTER_DONE] = "filter_done",
};

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
  widget_class->size_allocate = uploader_window_size_allocate;
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
  properties[PROP_FILTER] =
    g_param_spec_enum ("filter", NULL, NULL,
                       UPLOADER_TYPE_FILTER, UPLOADER_FILTER_ALL,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SEARCHING] =
    g_param_spec_boolean ("searching", NULL, NULL,
                          FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (UPLOADER_TYPE_SITE_CHOOSER);
  g_type_ensure (UPLOADER_TYPE_SITE_ENTRY);
  g_type_ensure (UPLOADER_TYPE_STRIP);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               UPLOADER_RESOURCES "/uploader-window.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, plain_title);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, site_button);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, site_label);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, site_chooser);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, page_entry);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, problem_bar);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, problem_label);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, finding_bar);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, finding_label);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, site_page);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, empty_page);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, drop_overlay);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, drop_label);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, list_stack);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, nothing_page);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, list);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, search_bar);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, search_entry);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, search_button);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, add_menu_button);
  gtk_widget_class_bind_template_child (widget_class, UploaderWindow, item_menu_model);
  for (guint filter = 0; filter < UPLOADER_N_FILTERS; filter++)
    gtk_widget_class_bind_template_child_full (widget_class, filter_names[filter], FALSE,
                                               G_STRUCT_OFFSET (UploaderWindow, filter_buttons[filter]));
  gtk_widget_class_bind_template_callback (widget_class, dismiss_problem_cb);
  gtk_widget_class_bind_template_callback (widget_class, uploader_window_stop_adding);
  uploader_window_class_bind_list (widget_class);
  uploader_window_class_bind_sites (widget_class);

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
  uploader_window_init_list (self);

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

/* Chooses where files go from now on, and remembers it: NULL for nowhere yet. Files that waited for a site start. */
void
uploader_window_set_site (UploaderWindow *self, GalileoSite *site)
{
  g_autofree char *address = NULL;

  g_return_if_fail (UPLOADER_IS_WINDOW (self));
  g_return_if_fail (site == NULL || GALILEO_IS_SITE (site));

  /* What is known of it holds: its name, its limits, its certificate. */
  if (site != NULL && !galileo_queue_is_loading (self->queue))
    site = galileo_queue_remember_site (self->queue, site);
  if (!g_set_object (&self->site, site))
    return;

  address = site != NULL ? g_uri_to_string (galileo_site_get_address (site)) : g_strdup ("");
  g_settings_set_string (self->settings, "site-address", address);
  uploader_window_update_site (self);
  if (site != NULL)
    uploader_window_start_held_files (self);
  uploader_window_queue_update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SITE]);
}

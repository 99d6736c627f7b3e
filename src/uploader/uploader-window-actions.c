/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include <glib/gi18n.h>

static void
add_files_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  uploader_window_choose_files (UPLOADER_WINDOW (widget), FALSE);
}

static void
add_folder_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  uploader_window_choose_files (UPLOADER_WINDOW (widget), TRUE);
}

static void
paste_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  uploader_window_paste (UPLOADER_WINDOW (widget));
}

static void
choose_site_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  uploader_window_ask_for_site (UPLOADER_WINDOW (widget));
}

static void
retry_failed_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  galileo_queue_retry_failed (UPLOADER_WINDOW (widget)->queue);
}

static void
cancel_all_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderWindow *self = UPLOADER_WINDOW (widget);

  uploader_window_stop_adding (self);
  galileo_queue_cancel_all (self->queue);
}

/* As GtkApplication does it for a window that it has made. */
static void
show_accelerators (GtkWidget *widget, GtkApplication *application)
{
  g_autofree char *action = NULL;

  if (GTK_IS_SHORTCUTS_SHORTCUT (widget))
    g_object_get (widget, "action-name", &action, NULL);
  if (action != NULL) {
    g_auto (GStrv) accelerators = gtk_application_get_accels_for_action (application, action);
    g_autofree char *text = g_strjoinv (" ", accelerators);

    g_object_set (widget, "accelerator", text, NULL);
  }

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    show_accelerators (child, application);
}

/*
 * Built when it is asked for. GtkApplication would keep a hidden window for it, and while there is a
 * hidden one GTK 4.8 dies if a screen reader asks for the window that was the last until just now.
 */
static void
show_help_overlay_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GtkBuilder) builder = NULL;
  GtkWindow *overlay;

  builder = gtk_builder_new_from_resource (UPLOADER_RESOURCES "/help-overlay.ui");
  overlay = GTK_WINDOW (gtk_builder_get_object (builder, "help_overlay"));
  gtk_window_set_transient_for (overlay, GTK_WINDOW (widget));
  if (gtk_window_get_application (GTK_WINDOW (widget)) != NULL)
    show_accelerators (GTK_WIDGET (overlay), gtk_window_get_application (GTK_WINDOW (widget)));
  gtk_window_present (overlay);
}

static void
find_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  uploader_window_find (UPLOADER_WINDOW (widget));
}

static void
item_menu_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  uploader_window_show_item_menu (UPLOADER_WINDOW (widget));
}

static void
add_site_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  uploader_window_add_site (UPLOADER_WINDOW (widget));
}

static void
edit_site_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderWindow *self = UPLOADER_WINDOW (widget);

  uploader_window_edit_site (self, self->site);
}

static const struct {
  const char *name;
  GtkWidgetActionActivateFunc activate;
} actions[] = {
  { "win.add-files", add_files_cb },
  { "win.add-folder", add_folder_cb },
  { "win.paste", paste_cb },
  { "win.choose-site", choose_site_cb },
  { "win.add-site", add_site_cb },
  { "win.edit-site", edit_site_cb },
  { "win.find", find_cb },
  { "win.retry-failed", retry_failed_cb },
  { "win.clear-finished", uploader_window_clear_finished_cb },
  { "win.cancel-all", cancel_all_cb },
  { "win.pause", uploader_window_items_cb },
  { "win.resume", uploader_window_items_cb },
  { "win.retry", uploader_window_items_cb },
  { "win.upload-again", uploader_window_items_cb },
  { "win.cancel", uploader_window_items_cb },
  { "win.remove", uploader_window_items_cb },
  { "win.locate", uploader_window_items_cb },
  { "win.copy-link", uploader_window_items_cb },
  { "win.details", uploader_window_items_cb },
  { "win.toggle-pause", uploader_window_items_cb },
  { "win.move-to-top", uploader_window_move_cb },
  { "win.move-up", uploader_window_move_cb },
  { "win.move-down", uploader_window_move_cb },
  { "win.move-to-bottom", uploader_window_move_cb },
  { "win.item-menu", item_menu_cb },
  { "win.undo", uploader_window_undo_cb },
  { "win.show-help-overlay", show_help_overlay_cb },
};

/*
 * Keys that a text field needs for itself: as accelerators of the application they would not even get
 * there. The others are in uploader-application.c.
 */
static const struct {
  guint key;
  GdkModifierType modifiers;
  const char *action;
} keys[] = {
  { GDK_KEY_v, GDK_CONTROL_MASK, "win.paste" },
  { GDK_KEY_Insert, GDK_SHIFT_MASK, "win.paste" },
  { GDK_KEY_KP_Delete, 0, "win.remove" },
  { GDK_KEY_Delete, 0, "win.remove" },
  { GDK_KEY_BackSpace, GDK_CONTROL_MASK, "win.cancel" },
  { GDK_KEY_z, GDK_CONTROL_MASK, "win.undo" },
  { GDK_KEY_Menu, 0, "win.item-menu" },
  { GDK_KEY_F10, GDK_SHIFT_MASK, "win.item-menu" },
  { GDK_KEY_Home, GDK_ALT_MASK, "win.move-to-top" },
  { GDK_KEY_Up, GDK_ALT_MASK, "win.move-up" },
  { GDK_KEY_Down, GDK_ALT_MASK, "win.move-down" },
  { GDK_KEY_End, GDK_ALT_MASK, "win.move-to-bottom" },
};

void
uploader_window_class_install_actions (UploaderWindowClass *klass)
{
  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass),
                                     actions[i].name, NULL, actions[i].activate);
  gtk_widget_class_install_property_action (GTK_WIDGET_CLASS (klass), "win.pause-all", "paused");
  gtk_widget_class_install_property_action (GTK_WIDGET_CLASS (klass), "win.filter", "filter");
  gtk_widget_class_install_property_action (GTK_WIDGET_CLASS (klass), "win.search", "searching");

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass),
                                         keys[i].key, keys[i].modifiers, keys[i].action, NULL);
}

static gboolean
space_cb (GtkWidget *list, GVariant *arguments, gpointer user_data)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (list));

  /* A button that has the focus is to be pressed. */
  if (GTK_IS_BUTTON (focus))
    return GDK_EVENT_PROPAGATE;

  return gtk_widget_activate_action (list, "win.toggle-pause", NULL);
}

/* Before the list takes the key for itself. */
void
uploader_window_init_keys (UploaderWindow *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_space, 0),
                                                          gtk_callback_action_new (space_cb, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self->list), controller);
}

void
uploader_window_update_actions (UploaderWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  guint n_failed, n_finished;

  n_failed = galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_FAILED);
  n_finished = galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_DONE) +
               galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_CANCELLED);

  gtk_widget_action_set_enabled (widget, "win.clear-finished", n_finished > 0);
  gtk_widget_action_set_enabled (widget, "win.retry-failed", n_failed > 0);
  gtk_widget_action_set_enabled (widget, "win.cancel-all", galileo_queue_get_busy (self->queue));
  gtk_widget_action_set_enabled (widget, "win.edit-site", self->site != NULL);
  gtk_widget_action_set_enabled (widget, "win.undo", self->undo_toast != NULL);
  uploader_window_update_item_actions (self);
}

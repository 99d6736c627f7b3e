/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-words.h"

#include <glib/gi18n.h>

#define TOAST_NAME_MAX_CHARACTERS 60

/* The list view looks at each change of its model. For so many it is quicker to look at the whole. */
#define MANY_ITEMS 100

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
clear_finished_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  galileo_queue_clear_finished (UPLOADER_WINDOW (widget)->queue);
}

static void
cancel_all_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderWindow *self = UPLOADER_WINDOW (widget);

  uploader_window_stop_adding (self);
  galileo_queue_cancel_all (self->queue);
}

/* Returns: of GalileoItem, what is selected. */
static GPtrArray *
get_selected (UploaderWindow *self)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  GtkBitsetIter iter;
  guint position;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (self->selection), position));

  return items;
}

/* Pauses what is selected; resumes it if all of that is paused. */
static void
toggle_pause_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderWindow *self = UPLOADER_WINDOW (widget);
  g_autoptr (GPtrArray) items = get_selected (self);
  gboolean resume = TRUE;

  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);

    resume &= galileo_item_is_final (item) || galileo_item_get_state (item) == GALILEO_ITEM_PAUSED;
  }
  for (guint i = 0; i < items->len; i++) {
    if (resume)
      galileo_queue_resume (self->queue, g_ptr_array_index (items, i));
    else
      galileo_queue_pause (self->queue, g_ptr_array_index (items, i));
  }
}

static const struct {
  const char *action;
  GalileoPlace place;
} places[] = {
  { "win.move-to-top", GALILEO_PLACE_TOP },
  { "win.move-up", GALILEO_PLACE_UP },
  { "win.move-down", GALILEO_PLACE_DOWN },
  { "win.move-to-bottom", GALILEO_PLACE_BOTTOM },
};

/* They stay selected: they stand together now. */
static void
select_moved (UploaderWindow *self, GPtrArray *items)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->queue));
  g_autoptr (GHashTable) moved = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < items->len; i++)
    g_hash_table_add (moved, g_ptr_array_index (items, i));

  for (guint position = 0; position < n; position++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (self->queue), position);

    if (g_hash_table_contains (moved, item)) {
      gtk_selection_model_select_range (GTK_SELECTION_MODEL (self->selection), position, items->len, TRUE);
      gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
      return;
    }
  }
}

static void
move_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderWindow *self = UPLOADER_WINDOW (widget);
  g_autoptr (GPtrArray) items = get_selected (self);

  for (size_t i = 0; i < G_N_ELEMENTS (places) && items->len > 0; i++) {
    if (g_str_equal (places[i].action, name)) {
      galileo_queue_move_to (self->queue, items, places[i].place);
      select_moved (self, items);
    }
  }
}

static void
remove_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderWindow *self = UPLOADER_WINDOW (widget);
  g_autoptr (GPtrArray) items = get_selected (self);

  if (items->len > 0)
    uploader_window_remove_items (self, items);
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
  gtk_window_present (overlay);
}

static const struct {
  const char *name;
  GtkWidgetActionActivateFunc activate;
} actions[] = {
  { "win.add-files", add_files_cb },
  { "win.add-folder", add_folder_cb },
  { "win.paste", paste_cb },
  { "win.choose-site", choose_site_cb },
  { "win.retry-failed", retry_failed_cb },
  { "win.clear-finished", clear_finished_cb },
  { "win.cancel-all", cancel_all_cb },
  { "win.remove", remove_cb },
  { "win.toggle-pause", toggle_pause_cb },
  { "win.move-to-top", move_cb },
  { "win.move-up", move_cb },
  { "win.move-down", move_cb },
  { "win.move-to-bottom", move_cb },
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
  { GDK_KEY_Delete, 0, "win.remove" },
  { GDK_KEY_KP_Delete, 0, "win.remove" },
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
  g_autoptr (GtkBitset) selected = NULL;
  guint n_failed, n_finished;

  selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  n_failed = galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_FAILED);
  n_finished = galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_DONE) +
               galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_CANCELLED);

  gtk_widget_action_set_enabled (widget, "win.remove", !gtk_bitset_is_empty (selected));
  gtk_widget_action_set_enabled (widget, "win.toggle-pause", !gtk_bitset_is_empty (selected));
  gtk_widget_action_set_enabled (widget, "win.clear-finished", n_finished > 0);
  gtk_widget_action_set_enabled (widget, "win.retry-failed", n_failed > 0);
  gtk_widget_action_set_enabled (widget, "win.cancel-all", galileo_queue_get_busy (self->queue));
}

/* What Undo puts back. */
typedef struct {
  GWeakRef window;
  GPtrArray *items;   /* of GalileoItem */
  GHashTable *active; /* those among them that were not final when they were removed */
} Removal;

static void
removal_free (gpointer data, GClosure *closure)
{
  Removal *removal = data;

  g_weak_ref_clear (&removal->window);
  g_ptr_array_unref (removal->items);
  g_hash_table_unref (removal->active);
  g_free (removal);
}

static void
undo_cb (AdwToast *toast, Removal *removal)
{
  g_autoptr (UploaderWindow) self = g_weak_ref_get (&removal->window);

  if (self == NULL || self->queue == NULL)
    return;

  for (guint i = 0; i < removal->items->len; i++) {
    GalileoItem *item = g_ptr_array_index (removal->items, i);

    uploader_window_append_item (self, item, g_hash_table_contains (removal->active, item));
  }
}

static char *
words_for_removal (GPtrArray *items)
{
  g_autofree char *name = NULL;

  if (items->len > 1)
    return g_strdup_printf (ngettext ("%u file removed", "%u files removed", items->len),
                            items->len);

  name = uploader_words_clean (galileo_item_get_name (g_ptr_array_index (items, 0)),
                               TOAST_NAME_MAX_CHARACTERS);
  /* Translators: a file's name */
  return g_strdup_printf (_("“%s” removed"), name);
}

/* Takes items off the list, cancelling them if need be, and offers to put them back. */
void
uploader_window_remove_items (UploaderWindow *self, GPtrArray *items)
{
  g_autofree char *words = NULL;
  g_autofree char *title = NULL;
  Removal *removal;
  AdwToast *toast;

  g_return_if_fail (items->len > 0);

  removal = g_new0 (Removal, 1);
  g_weak_ref_init (&removal->window, self);
  removal->items = g_ptr_array_ref (items);
  removal->active = g_hash_table_new (NULL, NULL);

  if (items->len > MANY_ITEMS)
    gtk_multi_selection_set_model (self->selection, NULL);

  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);

    if (!galileo_item_is_final (item))
      g_hash_table_add (removal->active, item);
    galileo_queue_remove (self->queue, item);
  }

  if (items->len > MANY_ITEMS)
    gtk_multi_selection_set_model (self->selection, G_LIST_MODEL (self->queue));

  words = words_for_removal (items);
  title = g_markup_escape_text (words, -1);
  toast = adw_toast_new (title);
  adw_toast_set_button_label (toast, _("_Undo"));
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_cb), removal, removal_free, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

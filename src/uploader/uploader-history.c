/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-history.h"

#include "uploader-details.h"
#include "uploader-history-row.h"
#include "uploader-words.h"

#include <glib/gi18n.h>

/* Many files may end at once. */
#define REFRESH_DELAY_MS 300

#define NAME_MAX_CHARACTERS 60

/* What has been uploaded, or failed, also when it was cleared from the list; the newest first. */
struct _UploaderHistory {
  AdwWindow parent_instance;

  /* owned */
  GalileoQueue *queue;
  GSettings *settings;
  GCancellable *cancellable; /* of the search under way, or of the last */
  char *sought;              /* the text of it */
  char *found;               /* the text that the entries were found with */
  GtkFileChooserNative *chooser;
  guint refresh_id;

  /* template */
  AdwToastOverlay *toasts;
  GtkSearchEntry *search;
  GtkStack *pages;
  AdwStatusPage *empty_page;
  AdwStatusPage *unkept_page;
  GListStore *entries;
};

G_DEFINE_FINAL_TYPE (UploaderHistory, uploader_history, ADW_TYPE_WINDOW)

static void
say (UploaderHistory *self, const char *text)
{
  g_autofree char *title = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (title);

  /* Not after the ones before it. */
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static GalileoStore *
get_store (UploaderHistory *self)
{
  /* None while it is still being read. */
  return !galileo_queue_is_loading (self->queue) ? galileo_queue_get_store (self->queue) : NULL;
}

static const char *
get_text (UploaderHistory *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->search));
}

static void
update_page (UploaderHistory *self)
{
  gboolean kept = galileo_queue_is_loading (self->queue) || galileo_queue_get_store (self->queue) != NULL;
  gboolean has_entries = g_list_model_get_n_items (G_LIST_MODEL (self->entries)) > 0;
  gboolean any = has_entries || *get_text (self) != '\0';
  gboolean off = g_settings_get_int (self->settings, "history-entries") == 0 ||
                 g_settings_get_int (self->settings, "history-days") == 0;

  adw_status_page_set_description (self->empty_page,
                                   off ? _("The history is turned off in the preferences")
                                       : _("What has been uploaded, or failed, is listed here"));
  gtk_widget_set_visible (GTK_WIDGET (self->search), kept && any);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "history.export", has_entries);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "history.clear", kept && any);

  if (!kept)
    gtk_stack_set_visible_child_name (self->pages, "unkept");
  else if (self->found == NULL || has_entries)
    gtk_stack_set_visible_child_name (self->pages, "list");
  else
    gtk_stack_set_visible_child_name (self->pages, any ? "nothing-found" : "empty");
}

static gint64
get_id (UploaderHistory *self, guint position)
{
  g_autoptr (UploaderHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->entries), position);

  return uploader_history_entry_get_record (entry)->id;
}

/* Of the records the first ones are new. What is listed already stays, so that the list does not jump. */
static guint
count_new (UploaderHistory *self, GPtrArray *records)
{
  guint n_listed = g_list_model_get_n_items (G_LIST_MODEL (self->entries));
  gint64 newest = n_listed > 0 ? get_id (self, 0) : 0;
  guint n_new = 0;

  while (n_new < records->len && ((GalileoRecord *) g_ptr_array_index (records, n_new))->id > newest)
    n_new++;

  return n_new;
}

/* records: of GalileoRecord, taken out of the array. */
static void
show_records (UploaderHistory *self, GPtrArray *records)
{
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_listed = g_list_model_get_n_items (G_LIST_MODEL (self->entries));
  guint n_new = g_strcmp0 (self->found, self->sought) == 0 ? count_new (self, records) : records->len;
  guint n_kept = records->len - n_new;

  if (n_kept > n_listed || (n_kept > 0 && ((GalileoRecord *) records->pdata[n_new])->id != get_id (self, 0))) {
    n_new = records->len;
    n_kept = 0;
  }

  for (guint i = 0; i < n_new; i++)
    g_ptr_array_add (added, uploader_history_entry_new (g_steal_pointer (&records->pdata[i])));
  g_list_store_splice (self->entries, n_kept, n_listed - n_kept, NULL, 0);
  g_list_store_splice (self->entries, 0, 0, added->pdata, added->len);

  g_free (self->found);
  self->found = g_strdup (self->sought);
  update_page (self);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UploaderHistory) self = UPLOADER_HISTORY (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = galileo_store_search_history_finish (result, &error);

  if (records != NULL) {
    show_records (self, records);
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_autofree char *text = g_strdup_printf (_("The history can't be read: %s"), error->message);

    say (self, text);
  }
}

static void
search (UploaderHistory *self)
{
  GalileoStore *store = get_store (self);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->refresh_id, g_source_remove);

  if (store == NULL) {
    update_page (self);
    return;
  }

  self->cancellable = g_cancellable_new ();
  g_free (self->sought);
  self->sought = g_strdup (get_text (self));
  galileo_store_search_history_async (store, self->sought, self->cancellable, found_cb, g_object_ref (self));
}

static gboolean
refresh_cb (gpointer user_data)
{
  UploaderHistory *self = UPLOADER_HISTORY (user_data);

  self->refresh_id = 0;
  search (self);

  return G_SOURCE_REMOVE;
}

static void
item_finished_cb (UploaderHistory *self)
{
  if (self->refresh_id == 0)
    self->refresh_id = g_timeout_add (REFRESH_DELAY_MS, refresh_cb, self);
}

static void
stop_search_cb (UploaderHistory *self)
{
  if (*get_text (self) != '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* The list */

static void
row_setup_cb (GtkSignalListItemFactory *factory, GtkListItem *cell)
{
  gtk_list_item_set_child (cell, uploader_history_row_new ());
}

static void
row_bind_cb (GtkSignalListItemFactory *factory, GtkListItem *cell)
{
  uploader_history_row_set_entry (UPLOADER_HISTORY_ROW (gtk_list_item_get_child (cell)), gtk_list_item_get_item (cell));
}

static void
row_activate_cb (UploaderHistory *self, guint position)
{
  g_autoptr (UploaderHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->entries), position);
  g_autoptr (GalileoItem) item = uploader_history_entry_to_item (entry);

  if (item != NULL)
    gtk_window_present (GTK_WINDOW (uploader_details_new (GTK_WINDOW (self), item)));
}

static void
copy_link_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), g_variant_get_string (parameter, NULL));
  say (UPLOADER_HISTORY (widget), _("Link copied"));
}

/* Exporting */

typedef struct {
  UploaderHistory *self;
  GFile *file;
} Exporting;

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Exporting *exporting = user_data;
  g_autoptr (UploaderHistory) self = exporting->self;
  g_autoptr (GFile) file = exporting->file;
  g_autoptr (GError) error = NULL;
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = uploader_words_clean (base != NULL ? base : "", NAME_MAX_CHARACTERS);
  g_autofree char *text = NULL;

  if (uploader_history_export_finish (result, &error))
    /* Translators: a file's name */
    text = g_strdup_printf (_("Exported to “%s”"), name);
  else
    text = g_strdup_printf (_("“%s” can't be written: %s"), name, error->message);
  /* It may have been closed meanwhile. */
  if (self->queue != NULL)
    say (self, text);
  g_free (exporting);
}

/* Writes what is found now. */
void
uploader_history_export (UploaderHistory *self, GFile *file, UploaderHistoryFormat format)
{
  Exporting *exporting;

  g_return_if_fail (UPLOADER_IS_HISTORY (self));
  g_return_if_fail (G_IS_FILE (file));

  if (get_store (self) == NULL)
    return;

  exporting = g_new0 (Exporting, 1);
  exporting->self = g_object_ref (self);
  exporting->file = g_object_ref (file);
  uploader_history_export_async (get_store (self), get_text (self), file, format, exported_cb, exporting);
}

static void
chooser_response_cb (UploaderHistory *self, int response)
{
  g_autoptr (GtkFileChooserNative) chooser = g_steal_pointer (&self->chooser);
  gboolean json = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (chooser), "json"));

  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

    if (file != NULL)
      uploader_history_export (self, file, json ? UPLOADER_HISTORY_FORMAT_JSON : UPLOADER_HISTORY_FORMAT_CSV);
  }
  gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (chooser));
}

static void
export_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderHistory *self = UPLOADER_HISTORY (widget);
  gboolean json = g_str_equal (g_variant_get_string (parameter, NULL), "json");

  if (self->chooser != NULL)
    return;

  self->chooser = gtk_file_chooser_native_new (_("Export History"),
                                               GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SAVE,
                                               _("_Export"),
                                               NULL);
  /* Translators: the name of a file */
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), json ? _("uploads.json") : _("uploads.csv"));
  g_object_set_data (G_OBJECT (self->chooser), "json", GINT_TO_POINTER (json));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chooser_response_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* Clearing */

static void
clear_response_cb (GalileoStore *store, const char *response)
{
  GListModel *windows = gtk_window_get_toplevels ();

  if (!g_str_equal (response, "clear"))
    return;

  galileo_store_clear_history (store);
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

    if (UPLOADER_IS_HISTORY (window)) {
      g_list_store_remove_all (UPLOADER_HISTORY (window)->entries);
      search (UPLOADER_HISTORY (window));
    }
  }
}

void
uploader_history_ask_to_clear (GtkWindow *parent, GalileoStore *store)
{
  AdwMessageDialog *dialog;

  g_return_if_fail (parent == NULL || GTK_IS_WINDOW (parent));
  g_return_if_fail (GALILEO_IS_STORE (store));

  dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (parent, _("Clear the History?"),
                                                       _("The record of what was uploaded or failed is lost. "
                                                         "The list of uploads and all files stay.")));
  adw_message_dialog_add_responses (dialog, "cancel", _("_Cancel"), "clear", _("C_lear"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "clear", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (clear_response_cb), store, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
clear_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GalileoStore *store = get_store (UPLOADER_HISTORY (widget));

  if (store != NULL)
    uploader_history_ask_to_clear (GTK_WINDOW (widget), store);
}

static void
uploader_history_dispose (GObject *object)
{
  UploaderHistory *self = UPLOADER_HISTORY (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_object (&self->chooser);
  g_clear_object (&self->settings);
  g_clear_object (&self->queue);

  G_OBJECT_CLASS (uploader_history_parent_class)->dispose (object);
}

static void
uploader_history_finalize (GObject *object)
{
  UploaderHistory *self = UPLOADER_HISTORY (object);

  g_free (self->sought);
  g_free (self->found);

  G_OBJECT_CLASS (uploader_history_parent_class)->finalize (object);
}

static void
uploader_history_class_init (UploaderHistoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = uploader_history_dispose;
  object_class->finalize = uploader_history_finalize;

  g_type_ensure (UPLOADER_TYPE_HISTORY_ENTRY);

  gtk_widget_class_install_action (widget_class, "history.copy-link", "s", copy_link_cb);
  gtk_widget_class_install_action (widget_class, "history.export", "s", export_cb);
  gtk_widget_class_install_action (widget_class, "history.clear", NULL, clear_cb);

  gtk_widget_class_set_template_from_resource (widget_class, UPLOADER_RESOURCES "/uploader-history.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderHistory, toasts);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistory, search);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistory, pages);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistory, empty_page);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistory, unkept_page);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistory, entries);
  gtk_widget_class_bind_template_callback (widget_class, search);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activate_cb);
}

static void
uploader_history_init (UploaderHistory *self)
{
  self->settings = g_settings_new (APPLICATION_ID);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_entry_set_key_capture_widget (self->search, GTK_WIDGET (self));
}

/* problem: why the queue can't be kept, if that is so; or NULL. */
GtkWidget *
uploader_history_new (GtkWindow *parent, GalileoQueue *queue, const char *problem)
{
  UploaderHistory *self;

  g_return_val_if_fail (parent == NULL || GTK_IS_WINDOW (parent), NULL);
  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);

  self = g_object_new (UPLOADER_TYPE_HISTORY, "transient-for", parent, NULL);
  self->queue = g_object_ref (queue);
  g_signal_connect_object (queue, "item-finished", G_CALLBACK (item_finished_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "notify::loading", G_CALLBACK (search), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed", G_CALLBACK (update_page), self, G_CONNECT_SWAPPED);
  if (problem != NULL) {
    g_autofree char *description = g_markup_escape_text (problem, -1);

    adw_status_page_set_description (self->unkept_page, description);
  }
  search (self);

  return GTK_WIDGET (self);
}

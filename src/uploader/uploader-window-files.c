/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include <glib/gi18n.h>

/* Looking that ends sooner is not worth a word. */
#define SHOW_FINDING_AFTER_MS 400

/* So many items at once go back into the list, and so long at a time: thousands must not stop it. */
#define SLICE_LENGTH 10
#define SLICE_USEC (8 * 1000)

/* What Undo puts back: in slices, as the rows of thousands take time. */
typedef struct {
  GalileoItem *item;
  GalileoItem *before; /* NULL: at the end */
  gboolean retry;
} Arrival;

static void
arrival_free (Arrival *arrival)
{
  g_object_unref (arrival->item);
  g_clear_object (&arrival->before);
  g_free (arrival);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Arrival, arrival_free)

/* Those that go to the same place, and are alike, together. */
static void
insert_some (UploaderWindow *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (Arrival) first = g_queue_pop_head (&self->arrivals);
  Arrival *next;

  g_ptr_array_add (items, g_object_ref (first->item));
  while (items->len < SLICE_LENGTH && (next = g_queue_peek_head (&self->arrivals)) != NULL &&
         next->before == first->before && next->retry == first->retry) {
    g_ptr_array_add (items, g_object_ref (next->item));
    arrival_free (g_queue_pop_head (&self->arrivals));
  }

  galileo_queue_insert (self->queue, items, first->before, first->retry);
}

static gboolean
arrivals_cb (gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);
  gint64 start = g_get_monotonic_time ();

  do
    insert_some (self);
  while (!g_queue_is_empty (&self->arrivals) && g_get_monotonic_time () - start < SLICE_USEC);

  if (!g_queue_is_empty (&self->arrivals))
    return G_SOURCE_CONTINUE;

  self->arrivals_id = 0;
  uploader_window_queue_update (self);

  return G_SOURCE_REMOVE;
}

void
uploader_window_clear_arrivals (UploaderWindow *self)
{
  g_clear_handle_id (&self->arrivals_id, g_source_remove);
  g_queue_clear_full (&self->arrivals, (GDestroyNotify) arrival_free);
}

/* All of them now, however many: the window that would stop is about to go. */
void
uploader_window_finish_arrivals (UploaderWindow *self)
{
  gtk_list_view_set_model (self->list, NULL);
  while (!g_queue_is_empty (&self->arrivals))
    insert_some (self);
  uploader_window_clear_arrivals (self);
}

/* Takes an item back into the list, before another or at its end, and has it tried again if need be. */
void
uploader_window_return_item (UploaderWindow *self, GalileoItem *item, GalileoItem *before, gboolean retry)
{
  Arrival *arrival = g_new0 (Arrival, 1);

  arrival->item = g_object_ref (item);
  g_set_object (&arrival->before, before);
  arrival->retry = retry;
  g_queue_push_tail (&self->arrivals, arrival);
  if (self->arrivals_id == 0)
    self->arrivals_id = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, arrivals_cb, self, NULL);
}

/* Looking through folders */

static gboolean
show_finding_cb (gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);

  self->show_finding_id = 0;
  gtk_revealer_set_reveal_child (self->finding_bar, TRUE);

  return G_SOURCE_REMOVE;
}

/* How many files have been found and are not in the list yet. */
guint
uploader_window_count_adding (UploaderWindow *self)
{
  guint n = g_queue_get_length (&self->arrivals);

  for (guint i = 0; i < self->addings->len; i++) {
    GalileoAdding *adding = g_ptr_array_index (self->addings, i);

    if (galileo_adding_get_busy (adding))
      n += galileo_adding_get_n_found (adding) - galileo_adding_get_n_added (adding);
  }
  return n;
}

gboolean
uploader_window_is_adding (UploaderWindow *self)
{
  for (guint i = 0; i < self->addings->len; i++) {
    if (galileo_adding_get_busy (g_ptr_array_index (self->addings, i)))
      return TRUE;
  }
  return self->arrivals_id != 0;
}

static void
update_finding (UploaderWindow *self)
{
  g_autofree char *words = NULL;
  gboolean busy = FALSE;
  guint n_found = 0;

  for (guint i = 0; i < self->addings->len; i++) {
    GalileoAdding *adding = g_ptr_array_index (self->addings, i);

    if (galileo_adding_get_busy (adding)) {
      n_found += galileo_adding_get_n_found (adding);
      busy = TRUE;
    }
  }

  if (!busy) {
    g_clear_handle_id (&self->show_finding_id, g_source_remove);
    gtk_revealer_set_reveal_child (self->finding_bar, FALSE);
    return;
  }

  words = g_strdup_printf (ngettext ("%u file found…", "%u files found…", n_found), n_found);
  gtk_label_set_text (self->finding_label, words);
  if (self->show_finding_id == 0 && !gtk_revealer_get_reveal_child (self->finding_bar))
    self->show_finding_id = g_timeout_add (SHOW_FINDING_AFTER_MS, show_finding_cb, self);
}

/* Looks for no more files; what is in the list already stays. */
void
uploader_window_stop_adding (UploaderWindow *self)
{
  g_autoptr (GPtrArray) addings = g_ptr_array_new_with_free_func (g_object_unref);

  /* Those that are done leave the array. */
  for (guint i = 0; i < self->addings->len; i++)
    g_ptr_array_add (addings, g_object_ref (g_ptr_array_index (self->addings, i)));
  for (guint i = 0; i < addings->len; i++)
    galileo_adding_cancel (g_ptr_array_index (addings, i));
  update_finding (self);
}

static void
adding_done_cb (UploaderWindow *self, GalileoAdding *adding)
{
  g_autoptr (GalileoAdding) alive = g_object_ref (adding);

  g_ptr_array_remove (self->addings, adding);
  update_finding (self);
  uploader_window_queue_update (self);
  uploader_window_ask_about (self, adding);
}

static void
follow (UploaderWindow *self, GalileoAdding *adding)
{
  g_ptr_array_add (self->addings, g_object_ref (adding));
  g_signal_connect_object (adding, "notify::n-found", G_CALLBACK (update_finding), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adding, "done", G_CALLBACK (adding_done_cb), self, G_CONNECT_SWAPPED);
}

static void
add (UploaderWindow *self, GPtrArray *files)
{
  g_autoptr (GalileoAdding) adding = galileo_adding_new (self->queue, self->site);

  follow (self, adding);
  galileo_adding_start (adding, files);
  update_finding (self);
}

/* adding: that a window before this one has begun, and that may be done. */
void
uploader_window_take_adding (UploaderWindow *self, GalileoAdding *adding)
{
  if (galileo_adding_get_busy (adding)) {
    follow (self, adding);
    update_finding (self);
  } else {
    uploader_window_ask_about (self, adding);
  }
}

/* Locating */

static void
locate_response_cb (UploaderWindow *self, int response, GtkFileChooserNative *chooser)
{
  GalileoItem *item = g_object_get_data (G_OBJECT (chooser), "item");

  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

    if (file != NULL)
      galileo_queue_locate (self->queue, item, file);
  }
  gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (chooser));
  g_clear_object (&self->chooser);
}

/* Asks where the file of an item is now. */
void
uploader_window_locate (UploaderWindow *self, GalileoItem *item)
{
  if (self->chooser != NULL)
    return;

  self->chooser = gtk_file_chooser_native_new (_("Locate File"),
                                               GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_OPEN,
                                               _("_Upload"),
                                               NULL);
  g_object_set_data_full (G_OBJECT (self->chooser), "item", g_object_ref (item), g_object_unref);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (locate_response_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* Queues the files, and what is in folders among them, for the chosen site; without one it asks. */
void
uploader_window_add_files (UploaderWindow *self, GPtrArray *files)
{
  g_return_if_fail (UPLOADER_IS_WINDOW (self));
  g_return_if_fail (files != NULL);

  if (files->len == 0)
    return;

  if (self->site != NULL) {
    add (self, files);
    return;
  }

  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (self->held_files, g_object_ref (g_ptr_array_index (files, i)));
  uploader_window_queue_update (self);
  uploader_window_ask_for_site (self);
}

void
uploader_window_start_held_files (UploaderWindow *self)
{
  g_autoptr (GPtrArray) files = NULL;

  g_return_if_fail (self->site != NULL);

  files = g_steal_pointer (&self->held_files);
  self->held_files = g_ptr_array_new_with_free_func (g_object_unref);
  uploader_window_add_files (self, files);
}

static void
chooser_response_cb (UploaderWindow *self, int response)
{
  g_autoptr (GtkFileChooserNative) chooser = g_steal_pointer (&self->chooser);

  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GListModel) chosen = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (chooser));
    g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

    for (guint i = 0; i < g_list_model_get_n_items (chosen); i++)
      g_ptr_array_add (files, g_list_model_get_item (chosen, i));
    uploader_window_add_files (self, files);
  }

  gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (chooser));
}

void
uploader_window_choose_files (UploaderWindow *self, gboolean folders)
{
  if (self->chooser != NULL)
    return;

  self->chooser = gtk_file_chooser_native_new (folders ? _("Add Folders") : _("Add Files"),
                                               GTK_WINDOW (self),
                                               folders ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER :
                                                         GTK_FILE_CHOOSER_ACTION_OPEN,
                                               _("_Add"),
                                               NULL);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response",
                           G_CALLBACK (chooser_response_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

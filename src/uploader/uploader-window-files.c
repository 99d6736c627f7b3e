/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "queue/galileo-file-finder.h"

#include <glib/gi18n.h>

/* One search below the files that a user added. They go to the site that was chosen then. */
typedef struct {
  UploaderWindow *window;
  GalileoSite *site;
} Search;

static void
search_free (Search *search)
{
  g_object_unref (search->window);
  g_object_unref (search->site);
  g_free (search);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Search, search_free)

/* What can't be uploaded becomes a row like any other, which says why. */
static void
found_cb (GPtrArray *found, gpointer user_data)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  Search *search = user_data;

  if (g_cancellable_is_cancelled (search->window->cancellable))
    return;

  for (guint i = 0; i < found->len; i++) {
    GalileoFound *find = g_ptr_array_index (found, i);
    GalileoItem *item;

    if (find->error != NULL) {
      item = galileo_item_new_failed (search->site, find->file, find->error);
    } else {
      item = galileo_item_new (search->site, find->file, NULL);
      galileo_item_set_expected_size (item, find->size);
    }
    g_ptr_array_add (items, item);
  }

  galileo_queue_append (search->window->queue, items);
}

static void
search_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Search) search = user_data;
  g_autoptr (GError) error = NULL;

  search->window->n_finding--;
  if (!galileo_file_finder_run_finish (result, &error) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    uploader_window_toast (search->window, error->message);

  uploader_window_queue_update (search->window);
}

static void
search_files (UploaderWindow *self, GPtrArray *files)
{
  Search *search = g_new0 (Search, 1);

  search->window = g_object_ref (self);
  search->site = g_object_ref (self->site);
  self->n_finding++;
  uploader_window_queue_update (self);

  galileo_file_finder_run_async (files, TRUE, self->cancellable,
                                 found_cb, search,
                                 search_done_cb, search);
}

/* Queues the files, and what is in the folders among them, for the chosen site; without one it is asked for. */
void
uploader_window_add_files (UploaderWindow *self, GPtrArray *files)
{
  g_return_if_fail (UPLOADER_IS_WINDOW (self));
  g_return_if_fail (files != NULL);

  if (files->len == 0)
    return;

  if (self->site != NULL) {
    search_files (self, files);
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

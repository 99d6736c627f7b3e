/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "queue/galileo-file-finder.h"

#include <glib/gi18n.h>

/* So many items at once go into the list, and so long at a time: thousands must not stop it. */
#define SLICE_LENGTH 10
#define SLICE_USEC (8 * 1000)

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

/* Something on its way into the list: an item, or what one is made of. */
typedef struct {
  GalileoItem *item;
  gboolean retry;

  GalileoSite *site;
  GFile *file;
  goffset size;
  GError *error;
} Arrival;

static void
arrival_free (Arrival *arrival)
{
  g_clear_object (&arrival->item);
  g_clear_object (&arrival->site);
  g_clear_object (&arrival->file);
  g_clear_error (&arrival->error);
  g_free (arrival);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Arrival, arrival_free)

/* What can't be uploaded becomes a row like any other, which says why. */
static GalileoItem *
take_item (Arrival *arrival)
{
  GalileoItem *item;

  if (arrival->item != NULL)
    return g_steal_pointer (&arrival->item);
  if (arrival->error != NULL)
    return galileo_item_new_failed (arrival->site, arrival->file, arrival->error);

  item = galileo_item_new (arrival->site, arrival->file, NULL);
  galileo_item_set_expected (item, arrival->size, 0);

  return item;
}

static void
append_some (UploaderWindow *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) again = g_ptr_array_new ();

  while (items->len < SLICE_LENGTH && !g_queue_is_empty (&self->arrivals)) {
    g_autoptr (Arrival) arrival = g_queue_pop_head (&self->arrivals);
    GalileoItem *item = take_item (arrival);

    g_ptr_array_add (items, item);
    if (arrival->retry)
      g_ptr_array_add (again, item);
  }

  galileo_queue_append (self->queue, items);
  for (guint i = 0; i < again->len; i++)
    galileo_queue_retry (self->queue, g_ptr_array_index (again, i));
}

static gboolean
arrivals_cb (gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);
  gint64 start = g_get_monotonic_time ();

  do
    append_some (self);
  while (!g_queue_is_empty (&self->arrivals) && g_get_monotonic_time () - start < SLICE_USEC);

  if (!g_queue_is_empty (&self->arrivals))
    return G_SOURCE_CONTINUE;

  self->arrivals_id = 0;
  uploader_window_queue_update (self);

  return G_SOURCE_REMOVE;
}

/* Below the priority of drawing: the first items show while the others still come. */
static void
add_arrival (UploaderWindow *self, Arrival *arrival)
{
  g_queue_push_tail (&self->arrivals, arrival);
  if (self->arrivals_id == 0)
    self->arrivals_id = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, arrivals_cb, self, NULL);
}

void
uploader_window_clear_arrivals (UploaderWindow *self)
{
  g_clear_handle_id (&self->arrivals_id, g_source_remove);
  g_queue_clear_full (&self->arrivals, (GDestroyNotify) arrival_free);
}

/* Looks for no more files, and takes all that were found into the list at once. */
void
uploader_window_stop_adding (UploaderWindow *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();

  while (!g_queue_is_empty (&self->arrivals))
    append_some (self);
}

/* Takes an item into the list, and has it tried again if need be. */
void
uploader_window_append_item (UploaderWindow *self, GalileoItem *item, gboolean retry)
{
  Arrival *arrival = g_new0 (Arrival, 1);

  arrival->item = g_object_ref (item);
  arrival->retry = retry;
  add_arrival (self, arrival);
}

static void
found_cb (GPtrArray *found, gpointer user_data)
{
  Search *search = user_data;

  for (guint i = 0; i < found->len; i++) {
    GalileoFound *find = g_ptr_array_index (found, i);
    Arrival *arrival = g_new0 (Arrival, 1);

    arrival->site = g_object_ref (search->site);
    arrival->file = g_object_ref (find->file);
    arrival->size = find->size;
    arrival->error = find->error != NULL ? g_error_copy (find->error) : NULL;
    add_arrival (search->window, arrival);
  }
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

/* Queues the files, and what is in folders among them, for the chosen site; without one it asks. */
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-pasted.h"

#include "queue/galileo-item.h"
#include "queue/galileo-store.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <errno.h>

/*
 * A pasted image is kept for as long as an item of the queue refers to it, in whatever state, as that may be uploaded
 * again. The next start after that deletes it, but never one of the last day: it may wait for a site, or be of another program
 * whose queue can't be kept.
 */
#define KEPT_SECONDS (24 * 60 * 60)

/* The site gets to see it, so it is the same in all languages. */
#define NAME_FORMAT "Pasted %Y-%m-%d %H-%M-%S"
#define NAME_PATTERN "^Pasted \\d{4}-\\d\\d-\\d\\d \\d\\d-\\d\\d-\\d\\d( \\(\\d+\\))?\\.png$"

#define MOST_NUMBERS 1000

/* Beside the queue. */
char *
uploader_pasted_dup_folder (void)
{
  g_autofree char *path = galileo_store_dup_path ();
  g_autofree char *parent = g_path_get_dirname (path);

  return g_build_filename (parent, "pasted", NULL);
}

/* Saving */

typedef struct {
  char *folder;
  GdkTexture *texture;
} Save;

static void
save_free (Save *save)
{
  g_free (save->folder);
  g_object_unref (save->texture);
  g_free (save);
}

/* A new, empty file that nobody else can read. */
static GFileOutputStream *
create_file (const char *folder, GFile **file, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *base = g_date_time_format (now, NAME_FORMAT);

  if (g_mkdir_with_parents (folder, 0700) != 0) {
    int code = errno;

    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (code), g_strerror (code));
    return NULL;
  }

  for (guint i = 1; i <= MOST_NUMBERS; i++) {
    g_autofree char *name = i == 1 ? g_strdup_printf ("%s.png", base) : g_strdup_printf ("%s (%u).png", base, i);
    g_autoptr (GFile) candidate = g_file_new_build_filename (folder, name, NULL);
    g_autoptr (GError) cause = NULL;
    GFileOutputStream *stream = g_file_create (candidate, G_FILE_CREATE_PRIVATE, NULL, &cause);

    if (stream != NULL) {
      *file = g_steal_pointer (&candidate);
      return stream;
    }
    if (!g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_EXISTS) || i == MOST_NUMBERS) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }
  }

  g_assert_not_reached ();
}

static void
save_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Save *save = data;
  g_autoptr (GBytes) bytes = gdk_texture_save_to_png_bytes (save->texture);
  g_autoptr (GFileOutputStream) stream = NULL;
  g_autoptr (GFile) file = NULL;
  GError *error = NULL;

  if (bytes == NULL) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, _("it is too large"));
    return;
  }

  stream = create_file (save->folder, &file, &error);
  if (stream == NULL) {
    g_task_return_error (task, error);
    return;
  }

  if (g_output_stream_write_all (G_OUTPUT_STREAM (stream), g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                 NULL, cancellable, &error) &&
      g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, &error)) {
    g_task_return_pointer (task, g_steal_pointer (&file), g_object_unref);
    return;
  }

  g_file_delete (file, NULL, NULL);
  g_task_return_error (task, error);
}

/* Makes a PNG of the texture; its name tells the time. */
void
uploader_pasted_save_async (const char *folder,
                            GdkTexture *texture,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Save *save;

  g_return_if_fail (folder != NULL);
  g_return_if_fail (GDK_IS_TEXTURE (texture));

  save = g_new0 (Save, 1);
  save->folder = g_strdup (folder);
  save->texture = g_object_ref (texture);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, uploader_pasted_save_async);
  g_task_set_task_data (task, save, (GDestroyNotify) save_free);
  g_task_run_in_thread (task, save_in_thread);
}

GFile *
uploader_pasted_save_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Cleaning */

typedef struct {
  char *folder;
  GWeakRef items;    /* of GalileoItem; the queue must not wait for this */
  GHashTable *names; /* of files that can go */
} Clean;

static void
clean_free (Clean *clean)
{
  g_free (clean->folder);
  g_weak_ref_clear (&clean->items);
  g_hash_table_unref (clean->names);
  g_free (clean);
}

static gboolean
is_ours (GFileInfo *info)
{
  g_autoptr (GDateTime) time = g_file_info_get_modification_date_time (info);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return g_file_info_get_file_type (info) == G_FILE_TYPE_REGULAR && time != NULL &&
         g_date_time_difference (now, time) > KEPT_SECONDS * G_TIME_SPAN_SECOND &&
         g_regex_match_simple (NAME_PATTERN, g_file_info_get_name (info), G_REGEX_RAW, 0);
}

static void
list_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Clean *clean = data;
  g_autoptr (GFile) folder = g_file_new_for_path (clean->folder);
  g_autoptr (GFileEnumerator) files = NULL;
  GFileInfo *info;

  /* Were it a link, what is there would not be ours. */
  if (g_file_query_file_type (folder, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL) == G_FILE_TYPE_DIRECTORY)
    files = g_file_enumerate_children (folder,
                                       G_FILE_ATTRIBUTE_STANDARD_NAME "," G_FILE_ATTRIBUTE_STANDARD_TYPE ","
                                       G_FILE_ATTRIBUTE_TIME_MODIFIED,
                                       G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);

  while (files != NULL && g_file_enumerator_iterate (files, &info, NULL, NULL, NULL) && info != NULL)
    if (is_ours (info))
      g_hash_table_add (clean->names, g_strdup (g_file_info_get_name (info)));

  g_task_return_boolean (task, TRUE);
}

static void
delete_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Clean *clean = data;
  GHashTableIter iter;
  gpointer name;
  guint n_deleted = 0;

  g_hash_table_iter_init (&iter, clean->names);
  while (g_hash_table_iter_next (&iter, &name, NULL)) {
    g_autofree char *path = g_build_filename (clean->folder, name, NULL);

    if (g_unlink (path) == 0)
      n_deleted++;
  }

  g_task_return_int (task, n_deleted);
}

/* By the name alone: the same folder may have several paths. */
static void
spare_items (Clean *clean)
{
  g_autoptr (GListModel) items = g_weak_ref_get (&clean->items);

  if (items == NULL)
    g_hash_table_remove_all (clean->names);

  for (guint i = 0; g_hash_table_size (clean->names) > 0 && i < g_list_model_get_n_items (items); i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (items, i);
    g_autofree char *name = g_file_get_basename (galileo_item_get_file (item));

    if (name != NULL)
      g_hash_table_remove (clean->names, name);
  }
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  spare_items (g_task_get_task_data (task));
  g_task_run_in_thread (task, delete_in_thread);
}

/*
 * Deletes the pasted images that no item refers to. items: of GalileoItem, the whole of the queue that has been loaded;
 * with another queue, the files of this one would be deleted.
 */
void
uploader_pasted_clean_async (const char *folder, GListModel *items, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) listing = NULL;
  GTask *task;
  Clean *clean;

  g_return_if_fail (folder != NULL);
  g_return_if_fail (G_IS_LIST_MODEL (items));

  clean = g_new0 (Clean, 1);
  clean->folder = g_strdup (folder);
  g_weak_ref_init (&clean->items, items);
  clean->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (task, uploader_pasted_clean_async);
  g_task_set_task_data (task, clean, (GDestroyNotify) clean_free);

  listing = g_task_new (NULL, NULL, listed_cb, task);
  g_task_set_task_data (listing, clean, NULL);
  g_task_run_in_thread (listing, list_in_thread);
}

/* Returns: how many were deleted */
guint
uploader_pasted_clean_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), 0);

  /* It can't fail. */
  return (guint) g_task_propagate_int (G_TASK (result), NULL);
}

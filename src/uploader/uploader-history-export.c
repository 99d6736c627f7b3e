/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-history-export.h"

#include "queue/galileo-history.h"

#include <string.h>

/* Thousands of entries become text in a thread, and a file that may be on a slow disk. */
typedef struct {
  GFile *file;
  UploaderHistoryFormat format;
  GPtrArray *records; /* of GalileoRecord */
} Export;

static void
export_free (Export *export)
{
  g_object_unref (export->file);
  g_clear_pointer (&export->records, g_ptr_array_unref);
  g_free (export);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
make_text (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Export *export = data;
  char *text = export->format == UPLOADER_HISTORY_FORMAT_CSV ? galileo_history_to_csv (export->records) :
                                                               galileo_history_to_json (export->records);

  g_task_return_pointer (task, text, g_free);
}

static void
made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Export *export = g_task_get_task_data (task);
  char *text = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  g_file_replace_contents_bytes_async (export->file, bytes, NULL, FALSE, G_FILE_CREATE_NONE,
                                       NULL, written_cb, g_steal_pointer (&task));
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Export *export = g_task_get_task_data (task);
  g_autoptr (GTask) thread = NULL;
  GError *error = NULL;

  export->records = galileo_store_search_history_finish (result, &error);
  if (export->records == NULL) {
    g_task_return_error (task, error);
    return;
  }

  thread = g_task_new (NULL, NULL, made_cb, task);
  g_task_set_task_data (thread, export, NULL);
  g_task_run_in_thread (thread, make_text);
  g_steal_pointer (&task);
}

/* Writes what galileo_store_search_history_async() finds with the text. The file is replaced, or left as it was. */
void
uploader_history_export_async (GalileoStore *store,
                               const char *text,
                               GFile *file,
                               UploaderHistoryFormat format,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  Export *export;
  GTask *task;

  g_return_if_fail (GALILEO_IS_STORE (store));
  g_return_if_fail (text != NULL);
  g_return_if_fail (G_IS_FILE (file));

  export = g_new0 (Export, 1);
  export->file = g_object_ref (file);
  export->format = format;

  task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (task, uploader_history_export_async);
  g_task_set_task_data (task, export, (GDestroyNotify) export_free);
  galileo_store_search_history_async (store, text, NULL, found_cb, task);
}

gboolean
uploader_history_export_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

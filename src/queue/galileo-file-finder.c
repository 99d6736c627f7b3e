/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-file-finder.h"

#include "galileo/galileo-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ATTRIBUTES \
  GALILEO_FILE_FINDER_ATTRIBUTES "," G_FILE_ATTRIBUTE_STANDARD_NAME "," G_FILE_ATTRIBUTE_STANDARD_TYPE \
  "," G_FILE_ATTRIBUTE_STANDARD_IS_SYMLINK "," G_FILE_ATTRIBUTE_ACCESS_CAN_READ

/* Finds go to the caller in bundles of this many, or what was found since the last one after so long. */
#define BUNDLE_LENGTH 500
#define BUNDLE_USEC (50 * 1000)

typedef struct {
  GPtrArray *files;
  gboolean recursive;
  GalileoFoundFunc found;
  gpointer found_data;

  /* The worker's. */
  GPtrArray *bundle;
  gint64 bundle_time;
  char *folder; /* a GRefString: the one that is looked into; or NULL */
} Search;

static void
found_free (gpointer data)
{
  GalileoFound *found = data;

  g_object_unref (found->file);
  g_clear_pointer (&found->folder, g_ref_string_release);
  g_clear_error (&found->error);
  g_free (found);
}

static void
search_free (gpointer data)
{
  Search *search = data;

  g_ptr_array_unref (search->files);
  g_clear_pointer (&search->bundle, g_ptr_array_unref);
  g_free (search);
}

typedef struct {
  GTask *task;
  GPtrArray *bundle;
} Delivery;

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  g_object_unref (delivery->task);
  g_ptr_array_unref (delivery->bundle);
  g_free (delivery);
}

static gboolean
deliver_cb (gpointer user_data)
{
  Delivery *delivery = user_data;
  Search *search = g_task_get_task_data (delivery->task);

  if (!g_cancellable_is_cancelled (g_task_get_cancellable (delivery->task)))
    search->found (delivery->bundle, search->found_data);

  return G_SOURCE_REMOVE;
}

static void
flush (GTask *task)
{
  Search *search = g_task_get_task_data (task);
  g_autoptr (GSource) source = NULL;
  Delivery *delivery;

  if (search->bundle->len == 0)
    return;

  delivery = g_new0 (Delivery, 1);
  delivery->task = g_object_ref (task);
  delivery->bundle = g_steal_pointer (&search->bundle);
  search->bundle = g_ptr_array_new_with_free_func (found_free);
  search->bundle_time = g_get_monotonic_time ();

  /* The task's priority and context, so that the last bundle comes before the task's end. */
  source = g_idle_source_new ();
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, deliver_cb, delivery, delivery_free);
  g_source_attach (source, g_task_get_context (task));
}

gint64
galileo_file_finder_get_mtime (GFileInfo *info)
{
  return (gint64) g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED) * G_USEC_PER_SEC +
         g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC);
}

/* Takes the error. */
static void
add (GTask *task, GFile *file, GFileInfo *info, GError *error)
{
  Search *search = g_task_get_task_data (task);
  GalileoFound *found = g_new0 (GalileoFound, 1);

  found->file = g_object_ref (file);
  found->size = -1;
  found->folder = search->folder != NULL ? g_ref_string_acquire (search->folder) : NULL;
  found->error = error;
  if (error == NULL) {
    found->size = g_file_info_get_size (info);
    found->mtime = galileo_file_finder_get_mtime (info);
  }
  g_ptr_array_add (search->bundle, found);

  if (search->bundle->len >= BUNDLE_LENGTH || g_get_monotonic_time () - search->bundle_time >= BUNDLE_USEC)
    flush (task);
}

static void
add_refused (GTask *task, GFile *file, const char *sentence)
{
  add (task, file, NULL, g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_FILE, sentence));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/*
 * Returns the names of what is in a folder, sorted; an unreadable one is told and skipped. Only names: to look at each of
 * thousands takes long, and the first are to come soon.
 */
static GPtrArray *
list_folder (GTask *task, GFile *folder)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GFileEnumerator) children = NULL;
  g_autoptr (GError) error = NULL;
  GFileInfo *info;

  children = g_file_enumerate_children (folder,
                                        G_FILE_ATTRIBUTE_STANDARD_NAME,
                                        G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS,
                                        cancellable,
                                        &error);
  while (children != NULL && (info = g_file_enumerator_next_file (children, cancellable, &error)) != NULL) {
    g_ptr_array_add (names, g_strdup (g_file_info_get_name (info)));
    g_object_unref (info);
  }

  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    add (task,
         folder,
         NULL,
         g_error_new (GALILEO_ERROR, GALILEO_ERROR_FILE, _("The folder can't be read: %s"), error->message));
  g_ptr_array_sort (names, compare_names);

  return g_steal_pointer (&names);
}

/* Some file systems don't tell; then opening it will. */
static gboolean
can_read (GFileInfo *info)
{
  return !g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_ACCESS_CAN_READ) ||
         g_file_info_get_attribute_boolean (info, G_FILE_ATTRIBUTE_ACCESS_CAN_READ);
}

static void look_up (GTask *task, GFile *file, gboolean below);

/* Returns a GRefString. */
static char *
make_folder_name (const char *above, GFile *folder)
{
  g_autofree char *base = g_file_get_basename (folder);
  g_autofree char *name = g_filename_display_name (base);
  g_autofree char *whole = above != NULL ? g_strconcat (above, "/", name, NULL) : NULL;

  return g_ref_string_new (whole != NULL ? whole : name);
}

static void
look_into (GTask *task, GFile *folder)
{
  Search *search = g_task_get_task_data (task);
  g_autoptr (GPtrArray) names = list_folder (task, folder);
  char *above = search->folder;

  search->folder = make_folder_name (above, folder);

  for (guint i = 0; i < names->len; i++) {
    g_autoptr (GFile) child = NULL;

    if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
      break;

    child = g_file_get_child (folder, g_ptr_array_index (names, i));
    look_up (task, child, TRUE);
  }
  g_ref_string_release (search->folder);
  search->folder = above;
}

/* below: it was found in a folder, not named by the caller. */
static void
look_at (GTask *task, GFile *file, GFileInfo *info, gboolean below)
{
  Search *search = g_task_get_task_data (task);

  switch (g_file_info_get_file_type (info)) {
  case G_FILE_TYPE_REGULAR:
    if (can_read (info))
      add (task, file, info, NULL);
    else
      add_refused (task, file, _("The file can't be read: you have no permission to"));
    break;
  case G_FILE_TYPE_DIRECTORY:
    if (!search->recursive)
      add_refused (task, file, _("It is a folder, not a file"));
    else if (below && g_file_info_get_is_symlink (info))
      /* Could lead in a circle. */
      add_refused (task, file, _("It is a link to a folder, which is not followed"));
    else
      look_into (task, file);
    break;
  case G_FILE_TYPE_SYMBOLIC_LINK:
    add_refused (task, file, _("It is a link to something that is not there"));
    break;
  case G_FILE_TYPE_UNKNOWN:
    /* GLib says nothing else where the folder lets nobody look. */
    add_refused (task, file, _("The file can't be read: you have no permission to"));
    break;
  case G_FILE_TYPE_SPECIAL:
  case G_FILE_TYPE_SHORTCUT:
  case G_FILE_TYPE_MOUNTABLE:
  default:
    add_refused (task, file, _("It is no ordinary file but a pipe, socket or device, and can't be uploaded"));
    break;
  }
}

static GError *
describe (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_FILE, _("The file is not there"));

  return g_error_new (GALILEO_ERROR, GALILEO_ERROR_FILE, _("The file can't be read: %s"), error->message);
}

static void
look_up (GTask *task, GFile *file, gboolean below)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info =
      g_file_query_info (file, ATTRIBUTES, G_FILE_QUERY_INFO_NONE, g_task_get_cancellable (task), &error);

  if (info != NULL)
    look_at (task, file, info, below);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    add (task, file, NULL, describe (error));
}

static void
search_in_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Search *search = data;

  search->bundle = g_ptr_array_new_with_free_func (found_free);
  search->bundle_time = g_get_monotonic_time ();

  for (guint i = 0; i < search->files->len; i++) {
    GFile *file = g_ptr_array_index (search->files, i);

    if (g_task_return_error_if_cancelled (task))
      return;

    look_up (task, file, FALSE);
  }

  flush (task);
  g_task_return_boolean (task, TRUE);
}

void
galileo_file_finder_run_async (GPtrArray *files,
                               gboolean recursive,
                               GCancellable *cancellable,
                               GalileoFoundFunc found,
                               gpointer found_data,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Search *search;

  g_return_if_fail (files != NULL);
  g_return_if_fail (found != NULL);

  search = g_new0 (Search, 1);
  search->files = g_ptr_array_ref (files);
  search->recursive = recursive;
  search->found = found;
  search->found_data = found_data;

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, galileo_file_finder_run_async);
  g_task_set_task_data (task, search, search_free);
  g_task_run_in_thread (task, search_in_worker);
}

gboolean
galileo_file_finder_run_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

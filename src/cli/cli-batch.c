/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-batch.h"

#include "cli-text.h"
#include "galileo/galileo-error.h"
#include "galileo/galileo-name.h"

#include <glib/gi18n.h>

struct _CliBatch {
  GPtrArray *files; /* of GFile: what the command line names */
  GHashTable *typed; /* of GFile → char *: how it names them; all owned elsewhere */
  GStrv typed_names;
  char *name; /* --name, or NULL */
  gboolean recursive;

  GArray *entries;     /* of CliEntry; their names are the keys of by_name */
  GHashTable *by_name; /* of char * → index in entries */
};

static void
entry_clear (gpointer data)
{
  CliEntry *entry = data;

  g_clear_object (&entry->file);
}

/*
 * @files is what the command line names, in the file system's encoding; @name is the name for the
 * only one, or NULL; @recursive tells whether folders are gone into.
 */
CliBatch *
cli_batch_new (const char *const *files, const char *name, gboolean recursive)
{
  CliBatch *self = g_new0 (CliBatch, 1);

  self->files = g_ptr_array_new_with_free_func (g_object_unref);
  self->typed = g_hash_table_new (g_file_hash, (GEqualFunc) g_file_equal);
  self->typed_names = g_strdupv ((GStrv) files);
  self->name = g_strdup (name);
  self->recursive = recursive;
  self->entries = g_array_new (FALSE, FALSE, sizeof (CliEntry));
  g_array_set_clear_func (self->entries, entry_clear);
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  /* Paths only: “12:30” is a file, not an address with a scheme. */
  for (guint i = 0; self->typed_names[i] != NULL; i++) {
    GFile *file = g_file_new_for_path (self->typed_names[i]);

    g_ptr_array_add (self->files, file);
    g_hash_table_insert (self->typed, file, self->typed_names[i]);
  }

  return self;
}

void
cli_batch_free (CliBatch *self)
{
  g_hash_table_unref (self->by_name);
  g_array_unref (self->entries);
  g_free (self->name);
  g_hash_table_unref (self->typed);
  g_strfreev (self->typed_names);
  g_ptr_array_unref (self->files);
  g_free (self);
}

/* What the command line names, of GFile. */
GPtrArray *
cli_batch_get_files (CliBatch *self)
{
  return self->files;
}

/* The path of a file as the user would write it, from the argument that it was found under; may be
 * no UTF-8. */
char *
cli_batch_describe (CliBatch *self, GFile *file)
{
  g_autoptr (GFile) at = g_object_ref (file);

  while (at != NULL) {
    const char *typed = g_hash_table_lookup (self->typed, at);
    GFile *parent;

    if (typed != NULL) {
      g_autofree char *below = g_file_get_relative_path (at, file);

      return below != NULL ? g_build_filename (typed, below, NULL) : g_strdup (typed);
    }

    parent = g_file_get_parent (at);
    g_object_unref (at);
    at = parent;
  }

  return g_file_get_parse_name (file);
}

/* Why a thing that was found can't be sent, in the words of this program. */
static GError *
translate_error (CliBatch *self, const GalileoFound *found)
{
  if (!self->recursive && g_error_matches (found->error, GALILEO_ERROR, GALILEO_ERROR_FILE) &&
      g_file_query_file_type (found->file, G_FILE_QUERY_INFO_NONE, NULL) == G_FILE_TYPE_DIRECTORY)
    return g_error_new_literal (
        GALILEO_ERROR, GALILEO_ERROR_FILE, _("It is a folder; --recursive sends what is in it"));

  return g_error_copy (found->error);
}

/*
 * Takes a file into the batch, or says why it can't be sent. Two files of one name are refused:
 * many sites let the second overwrite the first without a word, and then both would be called
 * confirmed where one is gone.
 */
CliBatchAnswer
cli_batch_add (CliBatch *self, const GalileoFound *found, GError **error)
{
  g_autofree char *name = NULL;
  CliEntry entry = { 0 };
  gpointer index;

  if (found->error != NULL) {
    g_propagate_error (error, translate_error (self, found));
    return CLI_BATCH_REFUSED;
  }

  name = self->name != NULL ? g_strdup (self->name) : galileo_name_for_file (found->file);
  if (g_hash_table_lookup_extended (self->by_name, name, NULL, &index)) {
    GFile *first = cli_batch_get_entry (self, GPOINTER_TO_UINT (index))->file;
    g_autofree char *typed = NULL;
    g_autofree char *safe = NULL;

    if (g_file_equal (first, found->file))
      return CLI_BATCH_REPEATED;

    typed = cli_batch_describe (self, first);
    safe = cli_text_escape (typed);
    g_set_error (error,
                 GALILEO_ERROR,
                 GALILEO_ERROR_NAME,
                 _("“%s” has the same name, and the site may keep only one of them; send this one "
                    "by itself with --name"),
                 safe);
    return CLI_BATCH_REFUSED;
  }

  if (!galileo_name_check (name, error))
    return CLI_BATCH_REFUSED;

  entry.file = g_object_ref (found->file);
  entry.name = name;
  entry.size = (guint64) MAX (found->size, 0);
  g_hash_table_insert (
      self->by_name, g_steal_pointer (&name), GUINT_TO_POINTER (self->entries->len));
  g_array_append_val (self->entries, entry);

  return CLI_BATCH_TAKEN;
}

guint
cli_batch_get_n (CliBatch *self)
{
  return self->entries->len;
}

/* The file that was taken as the @index-th; valid until the next is added. */
const CliEntry *
cli_batch_get_entry (CliBatch *self, guint index)
{
  g_return_val_if_fail (index < self->entries->len, NULL);

  return &g_array_index (self->entries, CliEntry, index);
}

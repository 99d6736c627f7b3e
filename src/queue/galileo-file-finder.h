/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a finder found: a regular file, or a thing that can't be uploaded with the error that says why. */
typedef struct {
  GFile *file;
  goffset size; /* bytes; -1 if there is an error */
  gint64 mtime; /* Unix time in µs; 0 if not known */
  char *folder; /* a GRefString: where it is below what was given, with that folder's own name: "album/day 1"; NULL for a file
                   that was given itself */
  GError *error; /* NULL for a regular file; else GALILEO_ERROR_FILE or G_IO_ERROR_* */
} GalileoFound;

/* Called in the caller's main context with the next few hundred finds, in order; at least one. Owned by the finder, but a
 * reference may be kept. */
typedef void (*GalileoFoundFunc) (GPtrArray *found, gpointer user_data);

/*
 * Looks at files and, if recursive, everything in folders below them, in a worker thread; folders' contents are sorted by name.
 * Symbolic links to files are followed, links to folders inside a folder are not, so that nothing leads in a circle. One bad
 * file never stops the others.
 */
void     galileo_file_finder_run_async  (GPtrArray            *files, /* of GFile */
                                         gboolean              recursive,
                                         GCancellable         *cancellable,
                                         GalileoFoundFunc      found,
                                         gpointer              found_data,
                                         GAsyncReadyCallback   callback,
                                         gpointer              user_data);
gboolean galileo_file_finder_run_finish (GAsyncResult         *result,
                                         GError              **error);

/* What tells that a file is another one than before. */
#define GALILEO_FILE_FINDER_ATTRIBUTES \
  G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_TIME_MODIFIED "," G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC

/* Of a file's info with those attributes: Unix time in µs. */
gint64   galileo_file_finder_get_mtime  (GFileInfo            *info);

G_END_DECLS

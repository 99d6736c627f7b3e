/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-file-finder.h"

G_BEGIN_DECLS

/* A file to send. */
typedef struct {
  GFile *file;
  const char *name; /* at the site */
  guint64 size;
} CliEntry;

typedef enum {
  CLI_BATCH_TAKEN,
  CLI_BATCH_REPEATED, /* the same file again */
  CLI_BATCH_REFUSED,  /* with an error */
} CliBatchAnswer;

/*
 * What is to be sent, in order: files as they are found, checked, each taken once. Made for very many
 * of them: nothing in it takes longer for more files, and one costs little more than its path.
 */
typedef struct _CliBatch CliBatch;

CliBatch       *cli_batch_new       (const char *const  *files,
                                     const char         *name,
                                     gboolean            recursive) G_GNUC_WARN_UNUSED_RESULT;
void            cli_batch_free      (CliBatch           *self);

GPtrArray      *cli_batch_get_files (CliBatch           *self);
char           *cli_batch_describe  (CliBatch           *self,
                                     GFile              *file) G_GNUC_WARN_UNUSED_RESULT;

CliBatchAnswer  cli_batch_add       (CliBatch           *self,
                                     const GalileoFound *found,
                                     GError            **error);
guint           cli_batch_get_n     (CliBatch           *self);
const CliEntry *cli_batch_get_entry (CliBatch           *self,
                                     guint               index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliBatch, cli_batch_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-error.h"

#include <gio/gio.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* What a file that nobody touched keeps. Remote files have no inode here; then it is 0 throughout. */
typedef struct {
  guint64 size;
  gint64 modified; /* ns, or µs where the file is not local: only compared */
  gint64 changed;  /* ns; when anything of it was changed, its name and rights too; 0 where the file is not local */
  guint64 inode;
  guint64 device;
} GalileoFileIdentity;

void     galileo_file_identity_from_stat (GalileoFileIdentity        *identity,
                                          const struct stat          *status);
gboolean galileo_file_identity_check     (const GalileoFileIdentity  *before,
                                          const GalileoFileIdentity  *now,
                                          GError                    **error);
gboolean galileo_file_identity_is_fresh  (const GalileoFileIdentity  *identity);
gboolean galileo_file_check_type         (GFileType                   type,
                                          GError                    **error);

/* Why a file can't be read, or is not what it was: sentences for people. */
void     galileo_file_set_errno          (GError                    **error,
                                          int                         number);
void     galileo_file_set_io_error       (GError                    **error,
                                          GError                     *cause);
void     galileo_file_set_changed        (GError                    **error,
                                          GalileoError                code,
                                          const char                 *sentence);
void     galileo_file_set_shrank         (GError                    **error);
void     galileo_file_set_vanished       (GError                    **error);

G_END_DECLS

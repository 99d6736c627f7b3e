/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What GOption fills in, unchecked. Values are read as text: its own numbers take no ranges, and its sentences name
 * none.
 */
typedef struct {
  char *jobs;
  char *name;
  char *chunk_size;
  char *hash;
  char *retries;
  char *timeout;
  char *limit_rate;
  char *token_file;
  GStrv headers;
  char *ca_file;
  char *pin;
  char *files_from;
  char *same_name;
  gboolean null;
  gboolean recursive;
  gboolean json;
  gboolean quiet;
  gboolean dry_run;
  gboolean queue;
  gboolean csv;
  gboolean version;
  gboolean help;
  GStrv rest;
} CliValues;

gboolean cli_values_read     (CliValues         *self,
                              const char *const *arguments,
                              GError           **error);
void     cli_values_clear    (CliValues         *self);
char    *cli_values_get_help (void) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliValues, cli_values_clear)

G_END_DECLS

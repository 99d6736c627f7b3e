/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo/galileo-hash.h"

G_BEGIN_DECLS

#define CLI_MAX_JOBS 16
#define CLI_DEFAULT_JOBS 3
#define CLI_DEFAULT_RETRIES 5

typedef enum {
  CLI_ACTION_SEND,
  CLI_ACTION_HELP,
  CLI_ACTION_VERSION,
} CliAction;

/* What the command line asks for, checked. */
typedef struct {
  CliAction action;

  char *address;
  GStrv files; /* as typed, in the file system's encoding; at least one */
  char *name;  /* NULL: each file's own */

  guint jobs;
  guint retries;
  guint timeout; /* seconds; 0: the defaults */
  guint64 chunk_size;
  GalileoHashType hash_type;

  gboolean recursive;
  gboolean json;
  gboolean quiet;
  gboolean dry_run;
} CliOptions;

CliOptions *cli_options_parse    (const char *const *arguments,
                                  GError           **error) G_GNUC_WARN_UNUSED_RESULT;
void        cli_options_free     (CliOptions        *self);
char       *cli_options_get_help (void) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliOptions, cli_options_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "cli-queue-options.h"
#include "galileo/galileo-hash.h"

#include <gio/gio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

#define CLI_MAX_JOBS 16
#define CLI_DEFAULT_JOBS 3
#define CLI_DEFAULT_RETRIES 5

typedef enum {
  CLI_ACTION_SEND,
  CLI_ACTION_HELP,
  CLI_ACTION_VERSION,
  CLI_ACTION_QUEUE,
} CliAction;

/* What the command line asks for, checked; what it names to be read is read. */
typedef struct {
  CliAction action;

  CliQueueOptions *queue; /* for CLI_ACTION_QUEUE, and then all there is */

  char *address;
  GStrv files; /* as typed, in the file system's encoding; none only with --files-from */
  char *name;  /* NULL: each file's own */

  guint jobs;
  guint retries;
  guint timeout; /* seconds; 0: the defaults */
  guint64 chunk_size;
  GalileoHashType hash_type;
  guint64 rate_limit; /* bytes a second; 0: none */

  SoupMessageHeaders *headers; /* of the handshake; a token is among them */
  GTlsDatabase *authorities;   /* NULL: the system's */
  char *pin;                   /* fingerprint of the only certificate that is trusted, or NULL */

  gboolean recursive;
  gboolean json;
  gboolean quiet;
  gboolean dry_run;

  GPtrArray *warnings; /* of char *: sentences */
} CliOptions;

CliOptions *cli_options_parse    (const char *const *arguments,
                                  GError           **error) G_GNUC_WARN_UNUSED_RESULT;
void        cli_options_free     (CliOptions        *self);
char       *cli_options_get_help (void) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliOptions, cli_options_free)

G_END_DECLS

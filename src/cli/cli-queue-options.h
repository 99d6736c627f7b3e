/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "cli-values.h"

G_BEGIN_DECLS

typedef enum {
  CLI_QUEUE_SHOW,
  CLI_QUEUE_ADD,
  CLI_QUEUE_PAUSE,
  CLI_QUEUE_RESUME,
  CLI_QUEUE_RETRY_FAILED,
  CLI_QUEUE_REMOVE,
  CLI_QUEUE_CANCEL,
  CLI_QUEUE_MOVE,
  CLI_QUEUE_HISTORY,
  CLI_QUEUE_SITE,
} CliQueueCommand;

/* What --queue asks of the desktop's queue, checked as far as that goes without it. */
typedef struct {
  CliQueueCommand command;
  GArray *ids;   /* of gint64; for pause and resume perhaps none */
  char *address; /* for site, and for add with the next two */
  GStrv files;   /* as typed, in the file system's encoding */
  char *rule;    /* for names that clash, as the service knows it */
  char *place;   /* for move, as the service knows it */
  char *text;    /* for history: what to look for, perhaps empty */
  GVariant *changes; /* for site: what to set, as the service knows it */
  gboolean csv;
  gboolean json;
  gboolean quiet;
} CliQueueOptions;

CliQueueOptions *cli_queue_options_parse (const CliValues  *values,
                                          GError          **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean         cli_queue_options_check_unused (const CliValues  *values,
                                                 GError          **error);
void             cli_queue_options_free  (CliQueueOptions  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliQueueOptions, cli_queue_options_free)

G_END_DECLS

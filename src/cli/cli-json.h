/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "cli-report.h"

G_BEGIN_DECLS

/* The lines of --json, each without its newline. */
char *cli_json_would_send (const char          *file,
                           const char          *name,
                           guint64              size) G_GNUC_WARN_UNUSED_RESULT;
char *cli_json_start      (const char          *file,
                           const char          *name,
                           guint64              size,
                           guint                attempt) G_GNUC_WARN_UNUSED_RESULT;
char *cli_json_progress   (const char          *file,
                           guint64              sent,
                           gint64               size) G_GNUC_WARN_UNUSED_RESULT;
char *cli_json_error      (const char          *file,
                           const GalileoSignal *signal) G_GNUC_WARN_UNUSED_RESULT;
char *cli_json_retry      (const char          *file,
                           guint                attempt,
                           double               delay,
                           const GError        *reason) G_GNUC_WARN_UNUSED_RESULT;
char *cli_json_success    (const char          *file,
                           gint64               size,
                           guint64              offset,
                           double               seconds,
                           const char          *hash,
                           gboolean             verified,
                           const char          *url) G_GNUC_WARN_UNUSED_RESULT;
char *cli_json_failure    (const char          *file,
                           const GError        *reason,
                           GPtrArray           *signals) G_GNUC_WARN_UNUSED_RESULT;
char *cli_json_summary    (const CliTally      *tally,
                           double               seconds) G_GNUC_WARN_UNUSED_RESULT;

#define CLI_TYPE_JSON (cli_json_get_type ())

/* Reports as JSON lines on standard output. */
G_DECLARE_FINAL_TYPE (CliJson, cli_json, CLI, JSON, CliReport)

CliReport *cli_json_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

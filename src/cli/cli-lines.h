/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "cli-report.h"

G_BEGIN_DECLS

typedef enum {
  CLI_LINES_ALL,
  CLI_LINES_ERRORS,  /* --quiet */
  CLI_LINES_DRY_RUN, /* --dry-run */
} CliLinesMode;

#define CLI_TYPE_LINES (cli_lines_get_type ())

/*
 * Reports as lines for people: results on standard output, everything else on standard error, with bars
 * if that is a terminal.
 */
G_DECLARE_FINAL_TYPE (CliLines, cli_lines, CLI, LINES, CliReport)

CliReport *cli_lines_new (CliLinesMode mode) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

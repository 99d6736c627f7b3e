/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "cli-output.h"
#include "cli-report.h"

G_BEGIN_DECLS

/* One line of the display. */
typedef struct {
  const char *name;  /* escaped */
  const char *phase; /* shown instead of the speed, or NULL */
  double fraction;   /* 0 to 1; negative: not known */
  double speed;      /* bytes a second; 0: not known */
  gint64 time_left;  /* seconds; negative: not known */
} CliRow;

char *cli_progress_format_row (const CliRow *row,
                               guint         columns) G_GNUC_WARN_UNUSED_RESULT;

#define CLI_TYPE_PROGRESS (cli_progress_get_type ())

/*
 * Bars at the bottom of a terminal: one for each running upload and one for all, under the lines that
 * are printed. Nothing is drawn more than ten times a second.
 */
G_DECLARE_FINAL_TYPE (CliProgress, cli_progress, CLI, PROGRESS, GObject)

CliProgress *cli_progress_new    (const CliTally *tally) G_GNUC_WARN_UNUSED_RESULT;

void         cli_progress_add    (CliProgress    *self,
                                  GalileoItem    *item);
void         cli_progress_remove (CliProgress    *self,
                                  GalileoItem    *item);
void         cli_progress_print  (CliProgress    *self,
                                  CliOutput       output,
                                  const char     *line);
void         cli_progress_stop   (CliProgress    *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "cli-options.h"
#include "cli-report.h"

G_BEGIN_DECLS

#define CLI_TYPE_RUN (cli_run_get_type ())

/* One run of the program: finds the files, queues them, and ends with an exit status. */
G_DECLARE_FINAL_TYPE (CliRun, cli_run, CLI, RUN, GObject)

CliRun *cli_run_new       (const CliOptions *options,
                           CliReport        *report) G_GNUC_WARN_UNUSED_RESULT;

int     cli_run_execute   (CliRun           *self);
void    cli_run_interrupt (CliRun           *self);

G_END_DECLS

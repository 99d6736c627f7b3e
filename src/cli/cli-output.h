/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  CLI_OUTPUT_RESULTS, /* standard output */
  CLI_OUTPUT_NOTES,   /* standard error */
} CliOutput;

void     cli_output_init        (void);
void     cli_output_write       (CliOutput   output,
                                 const char *text);
void     cli_output_write_utf8  (CliOutput   output,
                                 const char *text);
gboolean cli_output_is_terminal (CliOutput   output);
gboolean cli_output_get_size    (CliOutput   output,
                                 guint      *columns,
                                 guint      *rows);

G_END_DECLS

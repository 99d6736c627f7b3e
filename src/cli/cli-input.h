/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What options have read from files. A file is a path, or “-” for standard input. Errors are of G_OPTION_ERROR. */

GPtrArray *cli_input_read_names (const char  *file,
                                 char         separator,
                                 GError     **error) G_GNUC_WARN_UNUSED_RESULT;
char      *cli_input_read_token (const char  *file,
                                 gboolean    *exposed,
                                 GError     **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

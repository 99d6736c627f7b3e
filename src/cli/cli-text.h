/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *cli_text_escape   (const char *text) G_GNUC_WARN_UNUSED_RESULT;
guint cli_text_width    (const char *text);
char *cli_text_cut      (const char *text,
                         guint       columns) G_GNUC_WARN_UNUSED_RESULT;
char *cli_text_fit      (const char *text,
                         guint       columns) G_GNUC_WARN_UNUSED_RESULT;
char *cli_text_speed    (double      speed) G_GNUC_WARN_UNUSED_RESULT;
char *cli_text_duration (gint64      seconds) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean galileo_json_check (const char  *text,
                             gsize        length,
                             guint        max_depth,
                             GError     **error);
void     galileo_json_mend_surrogates (char *text);

G_END_DECLS

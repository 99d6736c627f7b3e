/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

gboolean galileo_json_check (const char  *text,
                             gsize        length,
                             guint        max_depth,
                             GError     **error);
gboolean galileo_json_mend_surrogates (char *text);
char    *galileo_json_to_text (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

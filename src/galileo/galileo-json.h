/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonNode *galileo_json_parse (const char  *text,
                              gsize        length,
                              guint        max_depth,
                              gboolean    *mended,
                              GError     **error) G_GNUC_WARN_UNUSED_RESULT;
char *galileo_json_to_text (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

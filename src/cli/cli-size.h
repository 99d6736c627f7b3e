/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean cli_size_parse (const char *text,
                         guint64    *size);

G_END_DECLS

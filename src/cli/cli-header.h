/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

gboolean cli_header_add (SoupMessageHeaders  *headers,
                         const char          *field,
                         GError             **error);

G_END_DECLS

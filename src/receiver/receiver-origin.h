/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean receiver_host_is_valid (const char *host);
gboolean receiver_host_is_own   (const char *host,
                                 const char *address);
gboolean receiver_origin_is_own (const char *origin,
                                 const char *host);

G_END_DECLS

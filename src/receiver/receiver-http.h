/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <libwebsockets.h>

G_BEGIN_DECLS

int receiver_http_check_upgrade (struct lws *wsi,
                                 const char *upgrade,
                                 const char *address,
                                 gboolean    busy);
int receiver_http_serve_page    (struct lws *wsi);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GALILEO_TYPE_PROXY_CACHE (galileo_proxy_cache_get_type ())

G_DECLARE_FINAL_TYPE (GalileoProxyCache, galileo_proxy_cache, GALILEO, PROXY_CACHE, GObject)

GProxyResolver *galileo_proxy_cache_new (GProxyResolver *resolver) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

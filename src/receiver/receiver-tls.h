/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

gboolean receiver_tls_load (SSL_CTX    *context,
                            const char *certificate,
                            const char *key,
                            GError    **error);

G_END_DECLS

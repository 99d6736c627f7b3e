/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

GError *galileo_connect_error_new (GUri         *address,
                                   SoupMessage  *message,
                                   const GError *cause) G_GNUC_WARN_UNUSED_RESULT;
GError *galileo_connect_timeout_error_new (GUri *address,
                                           guint timeout) G_GNUC_WARN_UNUSED_RESULT;
GError *galileo_proxy_error_new   (GUri         *address) G_GNUC_WARN_UNUSED_RESULT;
GError *galileo_tls_version_error_new (GUri *address) G_GNUC_WARN_UNUSED_RESULT;
GError *galileo_pin_error_new     (GUri            *address,
                                   GTlsCertificate *certificate) G_GNUC_WARN_UNUSED_RESULT;
GError *galileo_close_error_new   (guint         code,
                                   const char   *reason,
                                   const GError *cause,
                                   gboolean      all_sent) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

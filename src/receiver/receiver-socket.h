/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

int   receiver_socket_listen  (const char *address,
                               guint16     port,
                               GError    **error);
char *receiver_socket_get_url (int         fd,
                               gboolean    secure) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

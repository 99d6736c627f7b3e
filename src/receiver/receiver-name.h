/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The most bytes that a file name has on the file systems of Linux, and in the protocol. */
#define RECEIVER_NAME_MAX 255

gboolean receiver_name_check    (const char *name,
                                 GError    **error);
char    *receiver_name_numbered (const char *name,
                                 guint       number) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

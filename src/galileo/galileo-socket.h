/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the kernel knows of a TCP connection, in bytes since it began. */
typedef struct {
  guint64 acknowledged;   /* sent and acknowledged by the peer's TCP */
  guint64 unacknowledged; /* written, and still in the kernel or under way */
  guint64 received;
} GalileoSocketCounts;

gboolean galileo_socket_get_counts (int                  fd,
                                    GalileoSocketCounts *counts);
void     galileo_socket_limit_unread (int   fd,
                                      guint bytes);
void     galileo_socket_limit_unsent (int   fd,
                                      guint bytes);

G_END_DECLS

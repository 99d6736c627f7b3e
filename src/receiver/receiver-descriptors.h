/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

guint receiver_descriptors_allow (guint    max_uploads,
                                  GError **error);

G_END_DECLS

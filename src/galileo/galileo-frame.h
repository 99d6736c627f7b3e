/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void galileo_frame_write (GByteArray *frame,
                          const void *payload,
                          gsize       length,
                          guint32     mask);

G_END_DECLS

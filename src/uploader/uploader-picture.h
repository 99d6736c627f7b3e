/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

gboolean    uploader_picture_can_load (const char   *name);
GdkTexture *uploader_picture_load     (GFile        *file,
                                       int           size,
                                       GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

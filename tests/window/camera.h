/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void       camera_settle        (GtkWidget  *window);
GtkWidget *camera_find_popover  (GtkWidget  *root);
void       camera_take          (GtkWidget  *window,
                                 const char *path);

guint      camera_count_colours (GdkTexture *texture,
                                 guint       enough);
char      *camera_checksum      (GdkTexture *texture) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

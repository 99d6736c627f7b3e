/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void       camera_settle        (GtkWidget  *window);
GtkWidget *camera_find_popover  (GtkWidget  *root);
void       camera_take          (GtkWidget  *window,
                                 const char *path);

G_END_DECLS

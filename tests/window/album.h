/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void album_check    (const char *directory,
                     const char *name,
                     int         width,
                     int         height);
void album_describe (const char *name,
                     const char *caption);
void album_save     (const char *directory);

G_END_DECLS

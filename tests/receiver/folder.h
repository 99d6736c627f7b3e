/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *folder_new   (void) G_GNUC_WARN_UNUSED_RESULT;
void  folder_empty (const char *folder);
void  folder_free  (char       *folder);

char *folder_list  (const char *folder) G_GNUC_WARN_UNUSED_RESULT;
void  folder_write (const char *folder,
                    const char *name,
                    const char *contents);
char *folder_read  (const char *folder,
                    const char *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

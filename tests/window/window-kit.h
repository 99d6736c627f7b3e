/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <adwaita.h>

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

typedef gboolean (*WindowKitCondition) (gpointer data);

void         window_kit_init           (int                *argc,
                                        char             ***argv);
void         window_kit_settle         (void);
void         window_kit_wait_until     (WindowKitCondition  condition,
                                        gpointer            data,
                                        const char         *what);

GtkWidget   *window_kit_find           (GtkWidget          *root,
                                        GType               type,
                                        const char         *action_name);
GtkWidget   *window_kit_find_label     (GtkWidget          *root,
                                        const char         *text);
GtkWidget   *window_kit_wait_label     (GtkWidget          *root,
                                        const char         *text);
GtkWidget   *window_kit_find_window    (GType               type);
guint        window_kit_count          (GtkWidget          *root,
                                        GType               type);
gboolean     window_kit_get_enabled    (GtkWidget          *widget,
                                        const char         *action_name);

GalileoItem *window_kit_new_item       (const char         *name);
GalileoItem *window_kit_new_item_in    (const char         *name,
                                        GalileoItemState    state);
GSocket     *window_kit_new_silent     (char              **address);

G_END_DECLS

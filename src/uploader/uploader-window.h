/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <adwaita.h>

#include "uploader-presence.h"

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_WINDOW (uploader_window_get_type ())

G_DECLARE_FINAL_TYPE (UploaderWindow, uploader_window, UPLOADER, WINDOW, AdwApplicationWindow)

UploaderWindow *uploader_window_new       (GtkApplication *application,
                                           GalileoQueue   *queue) G_GNUC_WARN_UNUSED_RESULT;

GalileoSite    *uploader_window_get_site  (UploaderWindow *self);
void            uploader_window_set_site  (UploaderWindow *self,
                                           GalileoSite    *site);
void            uploader_window_add_files (UploaderWindow *self,
                                           GPtrArray      *files);
void            uploader_window_toast     (UploaderWindow *self,
                                           const char     *text);
void            uploader_window_set_problem (UploaderWindow *self,
                                             const char     *text);

/* uploader-window-links.c */
void            uploader_window_copy_link          (UploaderWindow *self,
                                                    const char     *url);
void            uploader_window_copy_link_in_front (UploaderWindow *self,
                                                    const char     *url);

/* uploader-window-closing.c */
void            uploader_window_set_presence (UploaderWindow   *self,
                                              UploaderPresence *presence);
void            uploader_window_quit         (UploaderWindow   *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "queue/galileo-adding.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_PRESENCE (uploader_presence_get_type ())

/*
 * What the program is while its window is not in front, or closed: it runs as long as there is work, keeps the computer awake
 * while bytes move, and tells the desktop how it goes and how it ended. It also has what a window that was closed meanwhile
 * leaves to the next one.
 *
 * Signals:
 *   return (string why)   the window has to be there again; why: to be said to the user; or NULL
 */
G_DECLARE_FINAL_TYPE (UploaderPresence, uploader_presence, UPLOADER, PRESENCE, GObject)

UploaderPresence *uploader_presence_new              (GtkApplication   *application,
                                                      GalileoQueue     *queue,
                                                      GSettings        *settings) G_GNUC_WARN_UNUSED_RESULT;

gboolean          uploader_presence_get_denied       (UploaderPresence *self); /* the desktop wants no work without a window */

void              uploader_presence_keep_adding      (UploaderPresence *self,
                                                      GalileoAdding    *adding);
void              uploader_presence_keep_files       (UploaderPresence *self,
                                                      GPtrArray        *files); /* of GFile, that have no site yet */
GPtrArray        *uploader_presence_take_addings     (UploaderPresence *self) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray        *uploader_presence_take_files       (UploaderPresence *self) G_GNUC_WARN_UNUSED_RESULT;

char             *uploader_presence_words_for_status (GalileoQueue     *queue) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

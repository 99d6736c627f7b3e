/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define UPLOADER_TYPE_BACKGROUND (uploader_background_get_type ())

/* The desktop's limit for a status, in characters. */
#define UPLOADER_BACKGROUND_STATUS_MAX_CHARACTERS 96

/*
 * Asks the desktop's portal to let the program run without a window, and tells it what it is doing there. Where there is no
 * portal nobody has to be asked.
 *
 * Signals: denied (): it may not run without a window. Only after uploader_background_enter().
 */
G_DECLARE_FINAL_TYPE (UploaderBackground, uploader_background, UPLOADER, BACKGROUND, GObject)

UploaderBackground *uploader_background_new        (GDBusConnection    *connection) G_GNUC_WARN_UNUSED_RESULT;

void                uploader_background_enter      (UploaderBackground *self,
                                                    const char         *reason);
void                uploader_background_leave      (UploaderBackground *self);
void                uploader_background_set_status (UploaderBackground *self,
                                                    const char         *status);

G_END_DECLS

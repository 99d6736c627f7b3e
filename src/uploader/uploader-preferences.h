/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <adwaita.h>

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_PREFERENCES (uploader_preferences_get_type ())

G_DECLARE_FINAL_TYPE (UploaderPreferences, uploader_preferences, UPLOADER, PREFERENCES, AdwPreferencesWindow)

GtkWidget *uploader_preferences_new (GtkWindow    *parent,
                                     GalileoQueue *queue) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

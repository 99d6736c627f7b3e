/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <adwaita.h>

#include "uploader-history-export.h"

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_HISTORY (uploader_history_get_type ())

G_DECLARE_FINAL_TYPE (UploaderHistory, uploader_history, UPLOADER, HISTORY, AdwWindow)

GtkWidget *uploader_history_new          (GtkWindow             *parent,
                                          GalileoQueue          *queue,
                                          const char            *problem) G_GNUC_WARN_UNUSED_RESULT;

void       uploader_history_export       (UploaderHistory       *self,
                                          GFile                 *file,
                                          UploaderHistoryFormat  format);
void       uploader_history_ask_to_clear (GtkWindow             *parent,
                                          GalileoStore          *store);

G_END_DECLS

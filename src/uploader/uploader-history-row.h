/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <adwaita.h>

#include "uploader-history-entry.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_HISTORY_ROW (uploader_history_row_get_type ())

G_DECLARE_FINAL_TYPE (UploaderHistoryRow, uploader_history_row, UPLOADER, HISTORY_ROW, GtkWidget)

GtkWidget *uploader_history_row_new       (void) G_GNUC_WARN_UNUSED_RESULT;
void       uploader_history_row_set_entry (UploaderHistoryRow   *self,
                                           UploaderHistoryEntry *entry);

G_END_DECLS

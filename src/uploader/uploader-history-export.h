/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-store.h"

G_BEGIN_DECLS

typedef enum {
  UPLOADER_HISTORY_FORMAT_CSV,
  UPLOADER_HISTORY_FORMAT_JSON,
} UploaderHistoryFormat;

void     uploader_history_export_async  (GalileoStore          *store,
                                         const char            *text,
                                         GFile                 *file,
                                         UploaderHistoryFormat  format,
                                         GAsyncReadyCallback    callback,
                                         gpointer               user_data);
gboolean uploader_history_export_finish (GAsyncResult          *result,
                                         GError               **error);

G_END_DECLS

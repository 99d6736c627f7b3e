/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "uploader-thumbnails.h"

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_ROW (uploader_row_get_type ())

G_DECLARE_FINAL_TYPE (UploaderRow, uploader_row, UPLOADER, ROW, GtkWidget)

GtkWidget   *uploader_row_new      (GalileoQueue *queue) G_GNUC_WARN_UNUSED_RESULT;

GalileoItem *uploader_row_get_item (UploaderRow *self);
void         uploader_row_set_item (UploaderRow *self,
                                    GalileoItem *item);
void         uploader_row_set_narrow (UploaderRow *self,
                                      gboolean     narrow);
void         uploader_row_set_thumbnails  (UploaderRow        *self,
                                           UploaderThumbnails *thumbnails);
void         uploader_row_load_thumbnail  (UploaderRow        *self);
void         uploader_row_leave_thumbnail (UploaderRow        *self);

G_END_DECLS

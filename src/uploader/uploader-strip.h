/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_STRIP (uploader_strip_get_type ())

G_DECLARE_FINAL_TYPE (UploaderStrip, uploader_strip, UPLOADER, STRIP, GtkWidget)

GalileoQueue *uploader_strip_get_queue (UploaderStrip *self);
void          uploader_strip_set_queue (UploaderStrip *self,
                                        GalileoQueue  *queue);

G_END_DECLS

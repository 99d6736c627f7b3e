/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <adwaita.h>

#include "queue/galileo-item.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_DETAILS (uploader_details_get_type ())

G_DECLARE_FINAL_TYPE (UploaderDetails, uploader_details, UPLOADER, DETAILS, AdwWindow)

GtkWidget *uploader_details_new      (GtkWindow       *parent,
                                      GalileoItem     *item) G_GNUC_WARN_UNUSED_RESULT;

char      *uploader_details_dup_text (UploaderDetails *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

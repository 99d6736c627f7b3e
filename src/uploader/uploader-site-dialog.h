/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <adwaita.h>

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_SITE_DIALOG (uploader_site_dialog_get_type ())

G_DECLARE_FINAL_TYPE (UploaderSiteDialog, uploader_site_dialog, UPLOADER, SITE_DIALOG, AdwWindow)

GtkWidget *uploader_site_dialog_new (GtkWindow    *parent,
                                     GalileoQueue *queue,
                                     GalileoSite  *site) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

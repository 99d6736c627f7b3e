/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "queue/galileo-site.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_SITE_CHOOSER (uploader_site_chooser_get_type ())

G_DECLARE_FINAL_TYPE (UploaderSiteChooser, uploader_site_chooser, UPLOADER, SITE_CHOOSER, GtkPopover)

void uploader_site_chooser_set_sites (UploaderSiteChooser *self,
                                      GListModel          *sites);
void uploader_site_chooser_set_site  (UploaderSiteChooser *self,
                                      GalileoSite         *site);

G_END_DECLS

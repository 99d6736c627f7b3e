/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "queue/galileo-site.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_SITE_ENTRY (uploader_site_entry_get_type ())

G_DECLARE_FINAL_TYPE (UploaderSiteEntry, uploader_site_entry, UPLOADER, SITE_ENTRY, GtkWidget)

const char *uploader_site_entry_get_text (UploaderSiteEntry *self);
void        uploader_site_entry_set_text (UploaderSiteEntry *self,
                                          const char        *text);

G_END_DECLS

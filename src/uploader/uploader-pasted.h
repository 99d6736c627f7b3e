/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Files made of pasted images, in a folder of the program's own. */

char  *uploader_pasted_dup_folder   (void) G_GNUC_WARN_UNUSED_RESULT;

void   uploader_pasted_save_async   (const char           *folder,
                                     GdkTexture           *texture,
                                     GCancellable         *cancellable,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data);
GFile *uploader_pasted_save_finish  (GAsyncResult         *result,
                                     GError              **error) G_GNUC_WARN_UNUSED_RESULT;

void   uploader_pasted_clean_async  (const char           *folder,
                                     GListModel           *items,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data);
guint  uploader_pasted_clean_finish (GAsyncResult         *result);

G_END_DECLS

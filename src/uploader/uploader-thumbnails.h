/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* As many pictures as are kept. */
#define UPLOADER_THUMBNAILS_MAX 256

#define UPLOADER_TYPE_THUMBNAILS (uploader_thumbnails_get_type ())

G_DECLARE_FINAL_TYPE (UploaderThumbnails, uploader_thumbnails, UPLOADER, THUMBNAILS, GObject)

UploaderThumbnails *uploader_thumbnails_new         (void) G_GNUC_WARN_UNUSED_RESULT;
GdkTexture         *uploader_thumbnails_lookup      (UploaderThumbnails   *self,
                                                     GFile                *file,
                                                     gint64                mtime);
void                uploader_thumbnails_load_async  (UploaderThumbnails   *self,
                                                     GFile                *file,
                                                     const char           *name,
                                                     gint64                mtime,
                                                     int                   size,
                                                     GCancellable         *cancellable,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
GdkTexture         *uploader_thumbnails_load_finish (UploaderThumbnails   *self,
                                                     GAsyncResult         *result,
                                                     GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

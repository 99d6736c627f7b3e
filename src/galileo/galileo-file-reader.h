/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "galileo-hash.h"

G_BEGIN_DECLS

#define GALILEO_TYPE_FILE_READER (galileo_file_reader_get_type ())

G_DECLARE_FINAL_TYPE (GalileoFileReader, galileo_file_reader, GALILEO, FILE_READER, GObject)

GalileoFileReader *galileo_file_reader_new           (GFile                *file,
                                                      gsize                 first_block) G_GNUC_WARN_UNUSED_RESULT;

void               galileo_file_reader_open_async    (GalileoFileReader    *self,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
gboolean           galileo_file_reader_open_finish   (GalileoFileReader    *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);
guint64            galileo_file_reader_get_size      (GalileoFileReader    *self);
GDateTime         *galileo_file_reader_get_modified  (GalileoFileReader    *self) G_GNUC_WARN_UNUSED_RESULT;
guint              galileo_file_reader_get_n_steps   (GalileoFileReader    *self);
void               galileo_file_reader_begin         (GalileoFileReader    *self,
                                                      guint64               start,
                                                      GalileoHashType       hash_type);
void               galileo_file_reader_read_async    (GalileoFileReader    *self,
                                                      gsize                 most,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
GBytes            *galileo_file_reader_read_finish   (GalileoFileReader    *self,
                                                      GAsyncResult         *result,
                                                      GError              **error) G_GNUC_WARN_UNUSED_RESULT;
void               galileo_file_reader_check_async   (GalileoFileReader    *self,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
gboolean           galileo_file_reader_check_finish  (GalileoFileReader    *self,
                                                      GAsyncResult         *result,
                                                      char                **hash,
                                                      GError              **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-upload.h"

G_BEGIN_DECLS

#define GALILEO_TYPE_ENGINE (galileo_engine_get_type ())

G_DECLARE_FINAL_TYPE (GalileoEngine, galileo_engine, GALILEO, ENGINE, GObject)

GalileoEngine *galileo_engine_new         (void) G_GNUC_WARN_UNUSED_RESULT;

GMainContext  *galileo_engine_get_context (GalileoEngine  *self);
SoupSession   *galileo_engine_get_session (GalileoEngine  *self);
gboolean       galileo_engine_is_owner    (GalileoEngine  *self);
void           galileo_engine_invoke      (GalileoEngine  *self,
                                           GSourceFunc     function,
                                           gpointer        data,
                                           GDestroyNotify  destroy);
void           galileo_engine_set_rate_limit (GalileoEngine *self,
                                             guint64        bytes_per_second);
void           galileo_engine_set_tls_database (GalileoEngine *self,
                                             GTlsDatabase  *database);
void           galileo_engine_start_upload (GalileoEngine *self,
                                           GalileoUpload  *upload);

G_END_DECLS

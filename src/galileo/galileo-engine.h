/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-api.h"
#include "galileo-upload.h"

G_BEGIN_DECLS

#define GALILEO_TYPE_ENGINE (galileo_engine_get_type ())

GALILEO_API
G_DECLARE_FINAL_TYPE (GalileoEngine, galileo_engine, GALILEO, ENGINE, GObject)

GALILEO_API
GalileoEngine *galileo_engine_new         (void) G_GNUC_WARN_UNUSED_RESULT;

GALILEO_API
GMainContext  *galileo_engine_get_context (GalileoEngine  *self);
GALILEO_API
SoupSession   *galileo_engine_get_session (GalileoEngine  *self);
GALILEO_API
gboolean       galileo_engine_is_owner    (GalileoEngine  *self);
GALILEO_API
void           galileo_engine_invoke      (GalileoEngine  *self,
                                           GSourceFunc     function,
                                           gpointer        data,
                                           GDestroyNotify  destroy);
GALILEO_API
void           galileo_engine_set_rate_limit (GalileoEngine *self,
                                             guint64        bytes_per_second);
GALILEO_API
void           galileo_engine_set_group_rate_limit (GalileoEngine *self,
                                             const char    *group,
                                             guint64        bytes_per_second);
GALILEO_API
void           galileo_engine_set_tls_database (GalileoEngine *self,
                                             GTlsDatabase  *database);
GALILEO_API
void           galileo_engine_start_upload (GalileoEngine *self,
                                           GalileoUpload  *upload);

G_END_DECLS

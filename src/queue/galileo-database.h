/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-record.h"

G_BEGIN_DECLS

typedef struct _GalileoDatabase GalileoDatabase;

GalileoDatabase *galileo_database_open   (const char           *path,
                                          char                **set_aside,
                                          GError              **error) G_GNUC_WARN_UNUSED_RESULT;
void             galileo_database_close  (GalileoDatabase      *self);

GPtrArray       *galileo_database_load   (GalileoDatabase      *self,
                                          gint64               *last_id,
                                          GError              **error) G_GNUC_WARN_UNUSED_RESULT;

GPtrArray       *galileo_database_load_sites    (GalileoDatabase *self,
                                                 GError         **error) G_GNUC_WARN_UNUSED_RESULT;
GHashTable      *galileo_database_load_settings (GalileoDatabase *self,
                                                 GError         **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean         galileo_database_put_site      (GalileoDatabase         *self,
                                                 const GalileoSiteRecord *record,
                                                 GError                 **error);
gboolean         galileo_database_put_setting   (GalileoDatabase *self,
                                                 const char      *name,
                                                 const char      *value,
                                                 GError         **error);

/* What has ended: galileo-database-history.c */
gboolean         galileo_database_add_history    (GalileoDatabase     *self,
                                                  const GalileoRecord *record,
                                                  GError             **error);
gboolean         galileo_database_trim_history   (GalileoDatabase     *self,
                                                  guint                most,
                                                  guint                days,
                                                  GError             **error);
gboolean         galileo_database_clear_history  (GalileoDatabase     *self,
                                                  GError             **error);
GPtrArray       *galileo_database_search_history (GalileoDatabase     *self,
                                                  const char          *text,
                                                  guint                most,
                                                  GError             **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean         galileo_database_begin  (GalileoDatabase      *self,
                                          GError              **error);
gboolean         galileo_database_put    (GalileoDatabase      *self,
                                          const GalileoRecord  *record,
                                          GError              **error);
gboolean         galileo_database_remove (GalileoDatabase      *self,
                                          gint64                id,
                                          GError              **error);
gboolean         galileo_database_commit (GalileoDatabase      *self,
                                          GError              **error);
void             galileo_database_undo   (GalileoDatabase      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalileoDatabase, galileo_database_close)

G_END_DECLS

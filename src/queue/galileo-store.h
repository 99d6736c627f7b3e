/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-record.h"

G_BEGIN_DECLS

#define GALILEO_TYPE_STORE (galileo_store_get_type ())

/*
 * Keeps the queue on the disk, in a thread of its own. Main thread only.
 *
 * Properties: "problem" (GError, nullable): why what was given last is not on the disk; it is tried again every second, and
 * NULL once it is.
 */
G_DECLARE_FINAL_TYPE (GalileoStore, galileo_store, GALILEO, STORE, GObject)

/* error: NULL if it is on the disk; if not, it will be tried again. */
typedef void (*GalileoStoreFunc) (const GError *error, gpointer data);

GalileoStore *galileo_store_new           (const char       *path,
                                           GError          **error) G_GNUC_WARN_UNUSED_RESULT;
void          galileo_store_open_async    (const char       *path,
                                           GAsyncReadyCallback callback,
                                           gpointer          user_data);
GalileoStore *galileo_store_open_finish   (GAsyncResult     *result,
                                           GError          **error) G_GNUC_WARN_UNUSED_RESULT;
char         *galileo_store_dup_path      (void) G_GNUC_WARN_UNUSED_RESULT;
const char   *galileo_store_get_set_aside (GalileoStore     *self);
GPtrArray    *galileo_store_load          (GalileoStore     *self,
                                           gint64           *last_id,
                                           GError          **error) G_GNUC_WARN_UNUSED_RESULT;

void          galileo_store_put           (GalileoStore     *self,
                                           GPtrArray        *records,
                                           GalileoStoreFunc  func,
                                           gpointer          data);
GPtrArray    *galileo_store_load_sites    (GalileoStore     *self,
                                           GError          **error) G_GNUC_WARN_UNUSED_RESULT;
GHashTable   *galileo_store_load_settings (GalileoStore     *self,
                                           GError          **error) G_GNUC_WARN_UNUSED_RESULT;
void          galileo_store_put_end       (GalileoStore     *self,
                                           GalileoRecord    *record,
                                           GalileoStoreFunc  func,
                                           gpointer          data);
void          galileo_store_put_site      (GalileoStore      *self,
                                           GalileoSiteRecord *record);
void          galileo_store_put_setting   (GalileoStore     *self,
                                           const char       *name,
                                           const char       *value);
void          galileo_store_remove        (GalileoStore     *self,
                                           GArray           *ids);

void          galileo_store_set_history_limits    (GalileoStore        *self,
                                                   guint                most,
                                                   guint                days);
void          galileo_store_clear_history         (GalileoStore        *self);
void          galileo_store_flush                 (GalileoStore        *self,
                                                   GalileoStoreFunc     func,
                                                   gpointer             data);
void          galileo_store_search_history_async  (GalileoStore        *self,
                                                   const char          *text,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
GPtrArray    *galileo_store_search_history_finish (GAsyncResult        *result,
                                                   GError             **error) G_GNUC_WARN_UNUSED_RESULT;

const GError *galileo_store_get_problem   (GalileoStore     *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <libsoup/soup.h>

#include "galileo-socket.h"

G_BEGIN_DECLS

#define GALILEO_TYPE_CONNECTION (galileo_connection_get_type ())

G_DECLARE_FINAL_TYPE (GalileoConnection, galileo_connection, GALILEO, CONNECTION, GObject)

GalileoConnection *galileo_connection_new         (SoupSession          *session,
                                                   GUri                 *address) G_GNUC_WARN_UNUSED_RESULT;
void               galileo_connection_set_headers (GalileoConnection    *self,
                                                   SoupMessageHeaders   *headers);
void               galileo_connection_set_data_size (GalileoConnection  *self,
                                                     guint64             size);
void               galileo_connection_set_pin     (GalileoConnection    *self,
                                                   const char           *fingerprint);

void               galileo_connection_open_async  (GalileoConnection    *self,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              user_data);
gboolean           galileo_connection_open_finish (GalileoConnection    *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

GTlsCertificate   *galileo_connection_get_certificate (GalileoConnection *self);
GTlsCertificateFlags galileo_connection_get_certificate_errors (GalileoConnection *self);

gboolean           galileo_connection_is_open     (GalileoConnection    *self);
gboolean           galileo_connection_is_drained  (GalileoConnection    *self);
gboolean           galileo_connection_get_counts  (GalileoConnection    *self,
                                                   GalileoSocketCounts  *counts);
gboolean           galileo_connection_is_flooded  (GalileoConnection    *self,
                                                   const GalileoSocketCounts *counts);

void               galileo_connection_keep_alive  (GalileoConnection    *self);
void               galileo_connection_send_text   (GalileoConnection    *self,
                                                   const char           *text);
void               galileo_connection_send_binary (GalileoConnection    *self,
                                                   GBytes               *bytes);
void               galileo_connection_close       (GalileoConnection    *self,
                                                   gushort               code);
void               galileo_connection_abort       (GalileoConnection    *self);

G_END_DECLS

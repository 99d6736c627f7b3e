/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "receiver-upload.h"

G_BEGIN_DECLS

/*
 * ReceiverServerSettings:
 * @address: what the receiver listens on, as it was given
 * @certificate: (nullable): a PEM file, to speak TLS
 * @key: (nullable): a PEM file with its key
 * @limits: for each upload
 * @max_uploads: how many websockets may be open
 * @handshake_limit: milliseconds from the connection to the websocket
 * @idle_limit: milliseconds that a client may be silent
 * @clean_interval: milliseconds after which the folder is looked through for partials whose time is over
 */
typedef struct {
  const char *address;
  const char *certificate;
  const char *key;
  ReceiverLimits limits;
  guint max_uploads;
  guint handshake_limit;
  guint idle_limit;
  guint clean_interval;
} ReceiverServerSettings;

typedef struct _ReceiverServer ReceiverServer;

ReceiverServer *receiver_server_new  (const ReceiverServerSettings *settings,
                                      int                           listener,
                                      ReceiverStore                *store,
                                      ReceiverLog                  *log,
                                      GError                      **error) G_GNUC_WARN_UNUSED_RESULT;
void            receiver_server_free (ReceiverServer               *self);

gboolean        receiver_server_run  (ReceiverServer               *self,
                                      GError                      **error);
void            receiver_server_stop (ReceiverServer               *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverServer, receiver_server_free)

G_END_DECLS

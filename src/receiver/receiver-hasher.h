/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "receiver-file.h"

#include "galileo/galileo-hash.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _ReceiverHasher ReceiverHasher;

GThreadPool    *receiver_hasher_pool_new (void) G_GNUC_WARN_UNUSED_RESULT;

ReceiverHasher *receiver_hasher_new      (GalileoHashType  type,
                                          ReceiverFile    *file,
                                          GThreadPool     *pool) G_GNUC_WARN_UNUSED_RESULT;
void            receiver_hasher_free     (ReceiverHasher  *self);

GalileoHashType receiver_hasher_get_hash_type (const ReceiverHasher *self);

void            receiver_hasher_feed     (ReceiverHasher  *self,
                                          guint64          written);
char           *receiver_hasher_finish   (ReceiverHasher  *self,
                                          guint64          size,
                                          GCancellable    *cancellable,
                                          GError         **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverHasher, receiver_hasher_free)

G_END_DECLS

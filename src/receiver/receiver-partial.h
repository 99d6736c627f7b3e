/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "receiver-store.h"

#include "galileo/galileo-hash.h"

G_BEGIN_DECLS

/* Room is reserved from this size on; for less it costs more than it tells. */
#define RECEIVER_PARTIAL_RESERVE_MIN (1024 * 1024)

typedef struct _ReceiverPartial ReceiverPartial;

ReceiverPartial *receiver_partial_new         (ReceiverStore         *store,
                                               const char            *id,
                                               guint64                size,
                                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;
ReceiverPartial *receiver_partial_resume      (ReceiverStore         *store,
                                               const char            *key,
                                               guint64                size,
                                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;
void             receiver_partial_free        (ReceiverPartial       *self);
void             receiver_partial_keep        (ReceiverPartial       *self);

guint64          receiver_partial_get_written (const ReceiverPartial *self);
gpointer         receiver_partial_get_holder  (const ReceiverPartial *self);
void             receiver_partial_set_holder  (ReceiverPartial       *self,
                                               gpointer               holder);

void             receiver_partial_expect_hash (ReceiverPartial       *self,
                                               GalileoHashType        type);
gboolean         receiver_partial_write       (ReceiverPartial       *self,
                                               const void            *data,
                                               gsize                  length,
                                               GError               **error);

gboolean         receiver_partial_sync        (ReceiverPartial       *self,
                                               GError               **error);
char            *receiver_partial_hash        (ReceiverPartial       *self,
                                               GalileoHashType        type,
                                               GCancellable          *cancellable,
                                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;
char            *receiver_partial_publish     (ReceiverPartial       *self,
                                               const char            *name,
                                               GCancellable          *cancellable,
                                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverPartial, receiver_partial_free)

G_END_DECLS

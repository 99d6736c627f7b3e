/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An upload's id is 128 random bits in hexadecimal. */
#define RECEIVER_ID_LENGTH 32

typedef struct _ReceiverStore ReceiverStore;
typedef struct _ReceiverPartial ReceiverPartial;

ReceiverStore   *receiver_store_open        (const char      *directory,
                                             GError         **error) G_GNUC_WARN_UNUSED_RESULT;
void             receiver_store_free        (ReceiverStore   *self);
guint            receiver_store_clean       (ReceiverStore   *self);

char            *receiver_id_new            (void) G_GNUC_WARN_UNUSED_RESULT;

ReceiverPartial *receiver_partial_new       (ReceiverStore   *store,
                                             const char      *id,
                                             guint64          size,
                                             GError         **error) G_GNUC_WARN_UNUSED_RESULT;
void             receiver_partial_free      (ReceiverPartial *self);
gboolean         receiver_partial_write     (ReceiverPartial *self,
                                             const void      *data,
                                             gsize            length,
                                             GError         **error);
char            *receiver_partial_publish   (ReceiverPartial *self,
                                             const char      *name,
                                             GCancellable    *cancellable,
                                             GError         **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverStore, receiver_store_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverPartial, receiver_partial_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An upload's id is 128 random bits in hexadecimal. */
#define RECEIVER_ID_LENGTH 32

typedef struct _ReceiverStore ReceiverStore;

ReceiverStore *receiver_store_open       (const char           *directory,
                                          guint                 keep_seconds,
                                          GError              **error) G_GNUC_WARN_UNUSED_RESULT;
void           receiver_store_free       (ReceiverStore        *self);

gboolean       receiver_store_keeps      (const ReceiverStore  *self);
gpointer       receiver_store_get_holder (ReceiverStore        *self,
                                          const char           *key);

guint          receiver_store_clean      (ReceiverStore        *self);
void           receiver_store_sweep      (ReceiverStore        *self);

char          *receiver_id_new           (void) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverStore, receiver_store_free)

G_END_DECLS

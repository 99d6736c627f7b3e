/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo/galileo-hash.h"

G_BEGIN_DECLS

/* What became of an upload that is stored. */
typedef struct {
  char *key;
  char *stored_as;
  guint64 size;
  GalileoHashType hash_type; /* none if its client told no hash */
  char *hash;
} ReceiverRecord;

typedef struct _ReceiverMemory ReceiverMemory;

ReceiverMemory       *receiver_memory_new    (guint                 most) G_GNUC_WARN_UNUSED_RESULT;
void                  receiver_memory_free   (ReceiverMemory       *self);

void                  receiver_memory_add    (ReceiverMemory       *self,
                                              const ReceiverRecord *record);
const ReceiverRecord *receiver_memory_recall (ReceiverMemory       *self,
                                              const char           *key,
                                              int                   folder);

G_END_DECLS

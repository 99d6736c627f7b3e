/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "receiver-upload.h"

G_BEGIN_DECLS

typedef struct _ReceiverWorkers ReceiverWorkers;

/* Called in a thread of the workers when there is something to take. */
typedef void (*ReceiverWakeFunc) (gpointer data);

ReceiverWorkers *receiver_workers_new  (ReceiverWakeFunc  wake,
                                        gpointer          data) G_GNUC_WARN_UNUSED_RESULT;
void             receiver_workers_free (ReceiverWorkers  *self);

void             receiver_workers_push (ReceiverWorkers  *self,
                                        ReceiverUpload   *upload);
ReceiverUpload  *receiver_workers_take (ReceiverWorkers  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverWorkers, receiver_workers_free)

G_END_DECLS

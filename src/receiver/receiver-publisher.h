/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "receiver-upload.h"

G_BEGIN_DECLS

typedef struct _ReceiverPublisher ReceiverPublisher;

/* Called in a thread of the publisher when there is something to take. */
typedef void (*ReceiverWakeFunc) (gpointer data);

ReceiverPublisher *receiver_publisher_new  (ReceiverWakeFunc   wake,
                                            gpointer           data) G_GNUC_WARN_UNUSED_RESULT;
void               receiver_publisher_free (ReceiverPublisher *self);

void               receiver_publisher_push (ReceiverPublisher *self,
                                            ReceiverUpload    *upload);
ReceiverUpload    *receiver_publisher_take (ReceiverPublisher *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverPublisher, receiver_publisher_free)

G_END_DECLS

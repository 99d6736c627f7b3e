/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * An open file that several threads hold; the last of them closes it.
 */
typedef struct _ReceiverFile ReceiverFile;

ReceiverFile *receiver_file_new      (int           fd) G_GNUC_WARN_UNUSED_RESULT;
ReceiverFile *receiver_file_ref      (ReceiverFile *self) G_GNUC_WARN_UNUSED_RESULT;
void          receiver_file_unref    (ReceiverFile *self);

int           receiver_file_get_fd   (ReceiverFile *self);
void          receiver_file_set_lost (ReceiverFile *self,
                                      guint64       bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverFile, receiver_file_unref)

G_END_DECLS

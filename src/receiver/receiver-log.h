/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

typedef struct _ReceiverLog ReceiverLog;

ReceiverLog *receiver_log_new       (FILE              *out,
                                     FILE              *err,
                                     gboolean           json,
                                     gboolean           quiet) G_GNUC_WARN_UNUSED_RESULT;
void         receiver_log_free      (ReceiverLog       *self);

void         receiver_log_listening (ReceiverLog       *self,
                                     const char        *address);
void         receiver_log_start     (ReceiverLog       *self,
                                     const char        *upload,
                                     const char        *name,
                                     guint64            size);
void         receiver_log_stored    (ReceiverLog       *self,
                                     const char        *upload,
                                     const char        *name,
                                     const char        *stored_as,
                                     guint64            size,
                                     double             seconds);
void         receiver_log_refused   (ReceiverLog       *self,
                                     const char        *upload,
                                     const char        *name,
                                     const char        *reason,
                                     guint64            received);
void         receiver_log_cut       (ReceiverLog       *self,
                                     const char        *upload,
                                     const char        *name,
                                     const char        *reason,
                                     guint64            received);
void         receiver_log_error     (ReceiverLog       *self,
                                     const char        *format,
                                     ...) G_GNUC_PRINTF (2, 3);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverLog, receiver_log_free)

G_END_DECLS

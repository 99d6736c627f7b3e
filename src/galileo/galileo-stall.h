/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-socket.h"
#include "galileo-upload.h"

G_BEGIN_DECLS

/*
 * Watches whether an upload gets on: when a byte last arrived, or left. Bytes handed to the kernel have not left; those
 * that the peer's TCP acknowledged have. Pings do not count: a dead server's kernel acknowledges them for ever.
 */
typedef struct {
  gint64 progress_time;    /* monotonic, µs */
  guint64 acknowledged;    /* as of the last look */
  guint64 mark_written;    /* bytes on the wire, acknowledged or not, when output was last drained */
  guint64 mark_sent;       /* file bytes handed over at that moment */
} GalileoStall;

void    galileo_stall_touch         (GalileoStall              *self);
void    galileo_stall_mark          (GalileoStall              *self,
                                     const GalileoSocketCounts *counts,
                                     guint64                    sent);
void    galileo_stall_look          (GalileoStall              *self,
                                     const GalileoSocketCounts *counts,
                                     gboolean                   drained);
guint64 galileo_stall_get_delivered (GalileoStall              *self,
                                     guint64                    sent);
guint   galileo_stall_get_limit     (GalileoUploadState         state,
                                     guint64                    size,
                                     guint                      timeout);
guint   galileo_stall_get_read_limit (guint                     timeout);
gboolean galileo_stall_is_over      (GalileoStall              *self,
                                     guint                      limit);
GError *galileo_stall_read_error_new (guint                    limit) G_GNUC_WARN_UNUSED_RESULT;
GError *galileo_stall_error_new     (GalileoUploadState         state,
                                     guint                      limit,
                                     guint64                    sent,
                                     guint64                    size) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

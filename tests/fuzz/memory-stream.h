/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * One end of a connection that lives in memory: non-blocking and pollable as a socket's, but nothing happens on it
 * unless the test does it. Of one thread.
 */
#define MEMORY_TYPE_STREAM (memory_stream_get_type ())

G_DECLARE_FINAL_TYPE (MemoryStream, memory_stream, MEMORY, STREAM, GIOStream)

MemoryStream *memory_stream_new       (void) G_GNUC_WARN_UNUSED_RESULT;

/* To be read from it. */
void          memory_stream_feed      (MemoryStream *self,
                                       const void   *data,
                                       gsize         length);
/* What was fed can be read, then there is no more. */
void          memory_stream_end       (MemoryStream *self);
/* As a reset of the peer: reading and writing fail from now on. */
void          memory_stream_reset     (MemoryStream *self);
/* How much may be written from now on before it would block. */
void          memory_stream_set_room  (MemoryStream *self,
                                       gsize         room);
/* What was written to it since the last call. */
GByteArray   *memory_stream_take      (MemoryStream *self) G_GNUC_WARN_UNUSED_RESULT;
/* Bytes fed, and bytes written, in all. */
guint64       memory_stream_get_fed   (MemoryStream *self);
guint64       memory_stream_get_written (MemoryStream *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Frames of websockets (RFC 6455, 5.2), as a server sees them. */

#define FRAME_MAX_HEADER 10

/* Writes the header of a whole message to a client. Returns its length. */
gsize    frame_write_header (guint8        header[FRAME_MAX_HEADER],
                             guint         opcode,
                             gsize         length);
/* Reads one whole message of a client, and asserts that it keeps to the rules. Returns how many bytes it takes, or 0 if
 * they are not all there. */
gsize    frame_read         (const guint8 *data,
                             gsize         length,
                             guint        *opcode,
                             GByteArray   *payload);
/* As websockets see it: with NUL. */
gboolean frame_is_utf8      (const char   *data,
                             gsize         length);

G_END_DECLS

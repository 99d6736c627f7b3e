/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-frame.h"

#include <string.h>

/* A websocket frame (RFC 6455, 5.2): the last and only one of a BINARY message, masked as a client's are. */

#define FIN_BINARY 0x82
#define MASKED 0x80
#define LENGTH_16 126
#define LENGTH_64 127

#define HEADER_MAX 14

/* Copies with the mask laid over. A word at a time, in a loop that compilers turn into the widest instructions there are:
 * as fast as a plain copy. */
static void
copy_masked (guint8 *to, const guint8 *from, gsize length, const guint8 mask[4])
{
  guint64 wide;
  guint8 *bytes = (guint8 *) &wide;
  gsize at;

  for (at = 0; at < sizeof wide; at++)
    bytes[at] = mask[at & 3];

  for (at = 0; at + 4 * sizeof wide <= length; at += 4 * sizeof wide) {
    guint64 words[4];

    memcpy (words, from + at, sizeof words);
    words[0] ^= wide;
    words[1] ^= wide;
    words[2] ^= wide;
    words[3] ^= wide;
    memcpy (to + at, words, sizeof words);
  }

  for (; at < length; at++)
    to[at] = from[at] ^ mask[at & 3];
}

/* Writes the frame over what is in the array. mask: as a client chooses it, at random for each frame. */
void
galileo_frame_write (GByteArray *frame, const void *payload, gsize length, guint32 mask)
{
  guint8 *at;

  /* Space that is there is not cleared. */
  if (frame->len < HEADER_MAX + length)
    g_byte_array_set_size (frame, (guint) (HEADER_MAX + length));

  at = frame->data;
  *at++ = FIN_BINARY;
  if (length < LENGTH_16) {
    *at++ = (guint8) (MASKED | length);
  } else if (length <= G_MAXUINT16) {
    *at++ = MASKED | LENGTH_16;
    *at++ = (guint8) (length >> 8);
    *at++ = (guint8) length;
  } else {
    guint64 size = GUINT64_TO_BE ((guint64) length);

    *at++ = MASKED | LENGTH_64;
    memcpy (at, &size, sizeof size);
    at += sizeof size;
  }
  memcpy (at, &mask, sizeof mask);
  at += sizeof mask;

  copy_masked (at, payload, length, at - sizeof mask);
  g_byte_array_set_size (frame, (guint) (at - frame->data + (gssize) length));
}

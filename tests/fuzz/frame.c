/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "frame.h"

gsize
frame_write_header (guint8 header[FRAME_MAX_HEADER], guint opcode, gsize length)
{
  header[0] = (guint8) (0x80 | opcode);
  if (length < 126) {
    header[1] = (guint8) length;
    return 2;
  }
  if (length < 65536) {
    header[1] = 126;
    header[2] = (guint8) (length >> 8);
    header[3] = (guint8) length;
    return 4;
  }

  header[1] = 127;
  for (guint i = 0; i < 8; i++)
    header[2 + i] = (guint8) ((guint64) length >> (56 - 8 * i));

  return 10;
}

gsize
frame_read (const guint8 *data, gsize length, guint *opcode, GByteArray *payload)
{
  guint64 size;
  gsize at = 2;

  if (length < 2)
    return 0;
  g_assert_cmphex (data[0] & 0xf0, ==, 0x80);
  g_assert_cmphex (data[1] & 0x80, ==, 0x80);

  size = data[1] & 0x7f;
  if (size >= 126) {
    gsize end = at + (size == 126 ? 2 : 8);

    if (length < end)
      return 0;
    for (size = 0; at < end; at++)
      size = size << 8 | data[at];
  }
  if (length - at < 4 || length - at - 4 < size)
    return 0;

  *opcode = data[0] & 0x0f;
  g_byte_array_set_size (payload, (guint) size);
  for (gsize i = 0; i < size; i++)
    payload->data[i] = data[at + 4 + i] ^ data[at + i % 4];

  return at + 4 + (gsize) size;
}

gboolean
frame_is_utf8 (const char *data, gsize length)
{
  const char *end;

  while (!g_utf8_validate_len (data, length, &end)) {
    if (*end != '\0')
      return FALSE;
    length -= (gsize) (end + 1 - data);
    data = end + 1;
  }

  return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-frame.h"

#include <string.h>

/* Takes a frame apart by RFC 6455, 5.2, and gives its payload. */
static GBytes *
read_frame (GByteArray *frame, guint header_length)
{
  const guint8 *mask = frame->data + header_length - 4;
  gsize length = frame->len - header_length;
  guint8 *payload = g_malloc (length);

  for (gsize i = 0; i < length; i++)
    payload[i] = frame->data[header_length + i] ^ mask[i % 4];

  return g_bytes_new_take (payload, length);
}

static void
test_frame (void)
{
  static const struct {
    gsize length;
    guint header_length;
    const char *header;
  } rows[] = {
    { 0, 6, "\x82\x80" },
    { 1, 6, "\x82\x81" },
    { 31, 6, "\x82\x9f" },
    { 32, 6, "\x82\xa0" },
    { 33, 6, "\x82\xa1" },
    { 125, 6, "\x82\xfd" },
    { 126, 8, "\x82\xfe\0\x7e" },
    { 65535, 8, "\x82\xfe\xff\xff" },
    { 65536, 14, "\x82\xff\0\0\0\0\0\1\0\0" },
    { 250003, 14, "\x82\xff\0\0\0\0\0\3\xd0\x93" },
  };
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  g_autofree guint8 *payload = g_malloc (300000);

  for (gsize i = 0; i < 300000; i++)
    payload[i] = (guint8) (i * 7 + i / 253);

  /* Long ones first, then short ones in the same space. */
  for (guint i = 0; i < 2 * G_N_ELEMENTS (rows); i++) {
    guint row = i < G_N_ELEMENTS (rows) ? i : 2 * G_N_ELEMENTS (rows) - 1 - i;
    g_autoptr (GBytes) read = NULL;

    galileo_frame_write (frame, payload + 1, rows[row].length, 0x12345678 + i);
    g_assert_cmpuint (frame->len, ==, rows[row].header_length + rows[row].length);
    g_assert_cmpmem (frame->data, rows[row].header_length - 4, rows[row].header, rows[row].header_length - 4);
    read = read_frame (frame, rows[row].header_length);
    g_assert_cmpmem (g_bytes_get_data (read, NULL), g_bytes_get_size (read), payload + 1, rows[row].length);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/frame/frame", test_frame);

  return g_test_run ();
}

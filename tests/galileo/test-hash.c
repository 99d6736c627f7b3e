/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-hash-private.h"

/* Against GLib's own, in pieces of every length. */
static void
test_values (void)
{
  static const struct {
    GalileoHashType type;
    GChecksumType other;
  } rows[] = {
    { GALILEO_HASH_SHA1, G_CHECKSUM_SHA1 },
    { GALILEO_HASH_SHA256, G_CHECKSUM_SHA256 },
    { GALILEO_HASH_SHA512, G_CHECKSUM_SHA512 },
  };
  guchar data[4096];

  for (guint i = 0; i < sizeof data; i++)
    data[i] = (guchar) (i * 37 + i / 256);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    for (gsize length = 0; length <= sizeof data; length = length * 2 + 1) {
      g_autoptr (GalileoHash) hash = galileo_hash_new (rows[i].type);
      g_autofree char *expected = g_compute_checksum_for_data (rows[i].other, data, length);
      g_autofree char *value = NULL;

      galileo_hash_update (hash, data, length / 3);
      galileo_hash_update (hash, data + length / 3, length - length / 3);
      value = galileo_hash_finish (hash);
      g_assert_cmpstr (value, ==, expected);
    }
  }

  g_assert_null (galileo_hash_new (GALILEO_HASH_NONE));
}

static void
test_words (void)
{
  static const char *const words[] = { "none", "sha1", "sha256", "sha512" };
  GalileoHashType type = GALILEO_HASH_NONE;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    g_assert_true (galileo_hash_type_parse (words[i], &type));
    g_assert_cmpint (type, ==, i);
    g_assert_cmpstr (galileo_hash_type_to_string (type), ==, words[i]);
  }

  g_assert_false (galileo_hash_type_parse ("md5", &type));
  g_assert_false (galileo_hash_type_parse ("SHA1", &type));
  g_assert_false (galileo_hash_type_parse ("", &type));
  g_assert_cmpint (type, ==, GALILEO_HASH_SHA512);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/hash/values", test_values);
  g_test_add_func ("/hash/words", test_words);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver/receiver-error.h"
#include "receiver/receiver-metadata.h"

#include <string.h>

#define UPLOAD64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static GalileoSignal *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GalileoSignal *signal = galileo_signal_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return signal;
}

static char *
get_key (const char *text)
{
  g_autoptr (GalileoSignal) metadata = parse (text);

  return receiver_metadata_get_key (metadata);
}

/* Each stands for another upload, however alike they look. */
static void
test_keys_differ (void)
{
  static const char *const rows[] = {
    "{\"name\":\"f\",\"size\":5,\"upload\":\"u\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"U\"}",
    "{\"name\":\"F\",\"size\":5,\"upload\":\"u\"}",
    "{\"name\":\"f\",\"size\":6,\"upload\":\"u\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"u\",\"modified\":\"2026-01-01T00:00:00Z\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"u\",\"modified\":\"2026-01-01T00:00:01Z\"}",
    "{\"name\":\"f,1:5\",\"size\":5,\"upload\":\"u\"}",
    "{\"name\":\"f,5,0:\",\"size\":5,\"upload\":\"u\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"u\",\"modified\":\",\"}",
    "{\"name\":\"u\",\"size\":5,\"upload\":\"f\"}",
    "{\"name\":\"2\",\"size\":5,\"upload\":\"1\"}",
    "{\"name\":\"\",\"size\":5,\"upload\":\"12\"}",
    "{\"name\":\"12\",\"size\":5,\"upload\":\"1\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"" UPLOAD64 UPLOAD64 "\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"..\"}",
  };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    char *key = get_key (rows[i]);

    g_assert_true (g_regex_match_simple ("^[0-9a-f]{64}$", key, 0, 0));
    g_assert_true (g_hash_table_add (seen, key));
  }
}

/* What is not among the four does not count. */
static void
test_keys_equal (void)
{
  static const char *const rows[] = {
    "{\"size\":5,\"name\":\"f\",\"upload\":\"u\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"u\",\"modified\":\"\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"u\",\"modified\":null}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"u\",\"hash\":\"sha1\",\"path\":\"a/b\",\"type\":\"text/plain\"}",
  };
  g_autofree char *expected = get_key ("{\"name\":\"f\",\"size\":5,\"upload\":\"u\"}");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *key = get_key (rows[i]);

    g_assert_cmpstr (key, ==, expected);
  }
}

static void
test_no_key (void)
{
  static const char *const rows[] = {
    "{\"name\":\"f\",\"size\":5}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"" UPLOAD64 UPLOAD64 "0\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"a/b\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"a b\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"ü\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"a\\n\"}",
    "{\"name\":\"f\",\"size\":5,\"upload\":1}",
    "{\"name\":\"f\",\"size\":5,\"upload\":null}",
    "{\"name\":\"f\",\"size\":5,\"upload\":true}",
    "{\"name\":\"f\",\"size\":5,\"upload\":[\"u\"]}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"u\",\"modified\":1234567890}",
    "{\"name\":\"f\",\"size\":5,\"upload\":\"u\",\"modified\":{}}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *key = get_key (rows[i]);

    g_assert_null (key);
  }
}

static void
test_hash_type (void)
{
  static const struct {
    const char *text;
    GalileoHashType type;
  } rows[] = {
    { "{\"hash\":\"sha1\"}", GALILEO_HASH_SHA1 },
    { "{\"hash\":\"sha256\"}", GALILEO_HASH_SHA256 },
    { "{\"hash\":\"sha512\"}", GALILEO_HASH_SHA512 },
    { "{\"hash\":\"none\"}", GALILEO_HASH_NONE },
    { "{\"hash\":\"md5\"}", GALILEO_HASH_NONE },
    { "{\"hash\":\"SHA1\"}", GALILEO_HASH_NONE },
    { "{\"hash\":1}", GALILEO_HASH_NONE },
    { "{\"hash\":{\"type\":\"sha1\"}}", GALILEO_HASH_NONE },
    { "{}", GALILEO_HASH_NONE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GalileoSignal) metadata = parse (rows[i].text);

    g_assert_cmpint (receiver_metadata_get_hash_type (metadata), ==, rows[i].type);
  }
}

static void
test_check (void)
{
  static const struct {
    const char *text;
    int code; /* -1 if it is good */
  } rows[] = {
    { "{\"name\":\"f\",\"size\":10}", -1 },
    { "{\"name\":\"f\",\"size\":0}", -1 },
    { "{\"name\":\"f\",\"size\":11}", RECEIVER_ERROR_TOO_BIG },
    { "{\"name\":\"f\",\"size\":-1}", RECEIVER_ERROR_SIZE },
    { "{\"name\":\"f\"}", RECEIVER_ERROR_SIZE },
    { "{\"name\":\"../f\",\"size\":1}", RECEIVER_ERROR_NAME },
    { "{\"size\":1}", RECEIVER_ERROR_NAME },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GalileoSignal) metadata = parse (rows[i].text);
    g_autoptr (GError) error = NULL;
    guint64 size;

    if (receiver_metadata_check (metadata, 10, &size, &error))
      g_assert_cmpint (rows[i].code, ==, -1);
    else
      g_assert_error (error, RECEIVER_ERROR, rows[i].code);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/metadata/keys-differ", test_keys_differ);
  g_test_add_func ("/metadata/keys-equal", test_keys_equal);
  g_test_add_func ("/metadata/no-key", test_no_key);
  g_test_add_func ("/metadata/hash-type", test_hash_type);
  g_test_add_func ("/metadata/check", test_check);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-metadata.h"

#include <string.h>

static GDateTime *
new_time (void)
{
  return g_date_time_new_utc (2012, 5, 1, 10, 30, 15.25);
}

static void
test_all_keys (void)
{
  g_autoptr (GDateTime) modified = new_time ();
  const GalileoMetadata metadata = {
    .name = "choir.wav",
    .size = 1000,
    .modified = modified,
    .path = "album/day 1",
    .id = "one",
    .hash_type = GALILEO_HASH_SHA256,
  };
  g_autoptr (GalileoSignal) signal = galileo_metadata_to_signal (&metadata);
  guint64 size;

  g_assert_cmpstr (galileo_signal_get_string (signal, "name"), ==, "choir.wav");
  g_assert_true (galileo_signal_get_size (signal, "size", &size));
  g_assert_cmpuint (size, ==, 1000);
  g_assert_true (g_str_has_prefix (galileo_signal_get_string (signal, "modified"), "2012-05-01T10:30:15"));
  g_assert_true (g_str_has_suffix (galileo_signal_get_string (signal, "modified"), "Z"));
  g_assert_nonnull (strchr (galileo_signal_get_string (signal, "type"), '/'));
  g_assert_cmpstr (galileo_signal_get_string (signal, "path"), ==, "album/day 1");
  g_assert_cmpstr (galileo_signal_get_string (signal, "hash"), ==, "sha256");
  g_assert_true (g_uuid_string_is_valid (galileo_signal_get_string (signal, "upload")));
}

/* What is not known, or not wanted, is not there. */
static void
test_fewest_keys (void)
{
  const GalileoMetadata metadata = { .name = "x", .hash_type = GALILEO_HASH_NONE };
  g_autoptr (GalileoSignal) signal = galileo_metadata_to_signal (&metadata);
  const char *const keys[] = { "modified", "path", "hash", "upload" };

  g_assert_cmpstr (galileo_signal_get_string (signal, "name"), ==, "x");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_null (galileo_signal_get_string (signal, keys[i]));
}

static char *
get_key (const GalileoMetadata *metadata)
{
  g_autoptr (GalileoSignal) signal = galileo_metadata_to_signal (metadata);

  return g_strdup (galileo_signal_get_string (signal, "upload"));
}

/* A part can be gone on with only if it is of the same file: what tells files apart is in the key. */
static void
test_key (void)
{
  g_autoptr (GDateTime) modified = new_time ();
  g_autoptr (GDateTime) later = g_date_time_add (modified, 1);
  const GalileoMetadata metadata = { .name = "a", .size = 1, .modified = modified, .id = "one" };
  GalileoMetadata others[] = { metadata, metadata, metadata, metadata };
  GalileoMetadata timeless = metadata;
  g_autofree char *key = get_key (&metadata);
  g_autofree char *again = get_key (&metadata);

  g_assert_cmpstr (key, ==, again);
  others[0].name = "b";
  others[1].size = 2;
  others[2].modified = later;
  others[3].id = "two";
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autofree char *other = get_key (&others[i]);

    g_assert_true (g_uuid_string_is_valid (other));
    g_assert_cmpstr (key, !=, other);
  }

  timeless.modified = NULL;
  g_assert_null (get_key (&timeless));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/metadata/all-keys", test_all_keys);
  g_test_add_func ("/metadata/fewest-keys", test_fewest_keys);
  g_test_add_func ("/metadata/key", test_key);

  return g_test_run ();
}

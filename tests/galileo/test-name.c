/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-error.h"
#include "galileo/galileo-name.h"

static void
test_check (void)
{
  static const struct {
    const char *name;
    gboolean valid;
  } rows[] = {
    { "a", TRUE },
    { "IMG_2041.jpg", TRUE },
    { "0", TRUE },
    { "...", TRUE },
    { ".hidden", TRUE },
    { "-rf", TRUE },
    { "a b", TRUE },
    { "a:b", TRUE },
    { "Prozession am Sonntag – Übersicht.jpg", TRUE },
    { "写真.jpg", TRUE },
    { "صورة.jpg", TRUE },
    { "u\xcc\x88.txt", TRUE },
    { "", FALSE },
    { ".", FALSE },
    { "..", FALSE },
    { "a/b", FALSE },
    { "../a", FALSE },
    { "/etc/passwd", FALSE },
    { "a\\b", FALSE },
    { "a\nb", FALSE },
    { "a\tb", FALSE },
    { "\x1b[2J", FALSE },
    { "a\x7f", FALSE },
    { "a\xc2\x85", FALSE },
    { "\xff", FALSE },
    { "a\xed\xa0\x80", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("row %u", i);
    g_assert_cmpint (galileo_name_check (rows[i].name, &error), ==, rows[i].valid);
    if (rows[i].valid)
      g_assert_no_error (error);
    else
      g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_NAME);
  }
}

static void
test_length (void)
{
  g_autofree char *longest = g_strnfill (GALILEO_NAME_MAX_LENGTH, 'x');
  g_autofree char *longer = g_strnfill (GALILEO_NAME_MAX_LENGTH + 1, 'x');

  g_assert_true (galileo_name_check (longest, NULL));
  g_assert_false (galileo_name_check (longer, NULL));
}

static void
test_for_file (void)
{
  static const struct {
    const char *path;
    const char *name;
  } rows[] = {
    { "/tmp/a.txt", "a.txt" },
    { "/tmp/sub/ü.txt", "ü.txt" },
    { "/tmp/0", "0" },
    { "/", "/" },
  };
  g_autoptr (GFile) odd = g_file_new_for_path ("/tmp/caf\xe9.txt");
  g_autofree char *odd_name = galileo_name_for_file (odd);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GFile) file = g_file_new_for_path (rows[i].path);
    g_autofree char *name = galileo_name_for_file (file);

    g_assert_cmpstr (name, ==, rows[i].name);
  }

  g_assert_true (g_utf8_validate (odd_name, -1, NULL));
  g_assert_true (g_str_has_prefix (odd_name, "caf"));
  g_assert_true (galileo_name_check (odd_name, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/name/check", test_check);
  g_test_add_func ("/name/length", test_length);
  g_test_add_func ("/name/for-file", test_for_file);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-size.h"

static void
test_good (void)
{
  static const struct {
    const char *text;
    guint64 size;
  } cases[] = {
    { "0", 0 },
    { "1", 1 },
    { "007", 7 },
    { "250000", 250000 },
    { "1K", 1024 },
    { "1k", 1024 },
    { "64K", 65536 },
    { "8M", 8 * 1024 * 1024 },
    { "2m", 2 * 1024 * 1024 },
    { "5G", G_GUINT64_CONSTANT (5368709120) },
    { "3g", G_GUINT64_CONSTANT (3221225472) },
    { "1T", G_GUINT64_CONSTANT (1099511627776) },
    { "1t", G_GUINT64_CONSTANT (1099511627776) },
    { "0T", 0 },
    { "18446744073709551615", G_MAXUINT64 },
    { "16777215T", G_GUINT64_CONSTANT (16777215) << 40 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint64 size = 42;

    g_test_message ("%s", cases[i].text);
    g_assert_true (cli_size_parse (cases[i].text, &size));
    g_assert_cmpuint (size, ==, cases[i].size);
  }
}

static void
test_bad (void)
{
  static const char *const cases[] = {
    "",      " ",     "K",     "-1",  "+1",   " 1",  "1 ",  "1 K", "1KB", "1KiB", "1B", "1P", "1.5M", "1,5",
    "0x10",  "1e3",   "1KK",   "M1",  "many", "∞",   "1\n", "１",  "nan", "18446744073709551616", "16777216T",
    "18014398509481984K",      "99999999999999999999999999999999999",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *shown = g_strescape (cases[i], NULL);
    guint64 size = 42;

    g_test_message ("%s", shown);
    g_assert_false (cli_size_parse (cases[i], &size));
    g_assert_cmpuint (size, ==, 42);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/size/good", test_good);
  g_test_add_func ("/cli/size/bad", test_bad);

  return g_test_run ();
}

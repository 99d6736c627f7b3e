/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-progress.h"

#include "cli/cli-text.h"

#include <locale.h>
#include <string.h>

#define NAME "a holiday by the sea, with friends.jpeg"

static void
assert_row (const CliRow *row, guint columns, const char *expected)
{
  g_autofree char *text = cli_progress_format_row (row, columns);
  g_auto (GStrv) parts = g_strsplit (text, "\302\240", -1);
  /* The no-break space in sizes would be hard to tell from others here. */
  g_autofree char *plain = g_strjoinv (" ", parts);

  g_assert_cmpstr (plain, ==, expected);
  g_assert_cmpuint (cli_text_width (text), <, columns);
}

static void
test_layout (void)
{
  CliRow row = { .name = NAME, .fraction = 0.456, .speed = 12300000, .time_left = 92 };

  assert_row (&row, 20, "a holi…s.jpeg   45%");
  assert_row (&row, 40, "a holiday …ends.jpeg   45%    12.3 MB/s");
  assert_row (&row, 60, "a holiday by th…h friends.jpeg   45%    12.3 MB/s      1:32");
}

static void
test_layout_wide (void)
{
  CliRow row = { .name = "a.jpg", .fraction = 0.5, .speed = 12300000, .time_left = 92 };
  g_autofree char *medium = cli_progress_format_row (&row, 80);
  g_autofree char *wide = cli_progress_format_row (&row, 200);

  g_assert_true (g_str_has_prefix (medium, "a.jpg "));
  g_assert_nonnull (strstr (medium, "[======>"));
  g_assert_cmpuint (cli_text_width (medium), ==, 79);
  /* Bars do not run across a whole wide screen. */
  g_assert_cmpuint (cli_text_width (wide), ==, 109);
}

static void
test_parts (void)
{
  CliRow connecting = { .name = "a", .phase = "connecting", .speed = 5000, .fraction = 0.0, .time_left = -1 };
  CliRow unknown = { .name = "a", .fraction = -1.0, .speed = 0.0, .time_left = -1 };
  CliRow almost = { .name = "a", .fraction = 0.9999, .speed = 0.0, .time_left = -1 };
  CliRow whole = { .name = "a", .fraction = 1.0, .phase = "confirming", .time_left = 0 };

  assert_row (&connecting, 40, "a                       0%   connecting");
  assert_row (&unknown, 40, "a");
  assert_row (&almost, 40, "a                      99%");
  assert_row (&whole, 40, "a                     100%   confirming");
}

static void
test_all_widths (void)
{
  static const char *const names[] = { "", "a", NAME, "写真写真写真写真写真写真写真写真写真写真写真写真写真.jpg" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    for (guint columns = 16; columns < 300; columns++) {
      CliRow row = { .name = names[i], .fraction = 1.0, .speed = 999900000000.0, .time_left = G_MAXINT64 };
      g_autofree char *text = cli_progress_format_row (&row, columns);

      g_assert_cmpuint (cli_text_width (text), <, columns);
      g_assert_nonnull (strstr (text, "100%"));
      g_assert_null (strchr (text, '\n'));
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/progress/layout", test_layout);
  g_test_add_func ("/cli/progress/layout-wide", test_layout_wide);
  g_test_add_func ("/cli/progress/parts", test_parts);
  g_test_add_func ("/cli/progress/all-widths", test_all_widths);

  return g_test_run ();
}

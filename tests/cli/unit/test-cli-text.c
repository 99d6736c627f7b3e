/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-text.h"

#include <locale.h>

static void
test_escape (void)
{
  static const struct {
    const char *text;
    const char *escaped;
  } cases[] = {
    { "", "" },
    { "photo (1).jpg", "photo (1).jpg" },
    { "Grüße, 写真 🐚", "Grüße, 写真 🐚" },
    { "back\\slash", "back\\slash" },
    { "two\nlines\r\tand a tab", "two\\nlines\\r\\tand a tab" },
    { "\033[2Jgone\007", "\\x1b[2Jgone\\x07" },
    { "\177 \302\233" "1m", "\\x7f \\x9b1m" },
    { "caf\351.txt", "caf\\xe9.txt" },
    { "\360\237", "\\xf0\\x9f" },
    /* A right-to-left override makes “cod.exe” read as “exe.doc”. */
    { "\342\200\256cod.exe", "\\u{202e}cod.exe" },
    { "a\342\201\246b\342\201\251c", "a\\u{2066}b\\u{2069}c" },
    { "a\330\234b\342\200\217c", "a\\u{61c}b\\u{200f}c" },
    { "a\342\200\250b\342\200\251c", "a\\u{2028}b\\u{2029}c" },
    { "\357\273\277a", "\\u{feff}a" },
    /* Joiners stay: they are part of words and of emoji. */
    { "👩\342\200\215🚀 می\342\200\214خواهم", "👩\342\200\215🚀 می\342\200\214خواهم" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *escaped = cli_text_escape (cases[i].text);

    g_assert_cmpstr (escaped, ==, cases[i].escaped);
  }
}

static void
test_width (void)
{
  g_assert_cmpuint (cli_text_width (""), ==, 0);
  g_assert_cmpuint (cli_text_width ("photo.jpg"), ==, 9);
  g_assert_cmpuint (cli_text_width ("Grüße"), ==, 5);
  g_assert_cmpuint (cli_text_width ("Gru\314\210ße"), ==, 5);
  g_assert_cmpuint (cli_text_width ("写真.jpg"), ==, 8);
  g_assert_cmpuint (cli_text_width ("한글"), ==, 4);
}

static void
test_cut (void)
{
  static const struct {
    const char *text;
    guint columns;
    const char *cut;
  } cases[] = {
    { "photo.jpg", 9, "photo.jpg" },
    { "photo.jpg", 100, "photo.jpg" },
    { "photo.jpg", 8, "phot…jpg" },
    { "photo.jpg", 7, "pho…jpg" },
    { "photo.jpg", 3, "p…g" },
    { "photo.jpg", 2, "p…" },
    { "photo.jpg", 1, "…" },
    { "photo.jpg", 0, "" },
    { "", 0, "" },
    { "a very long name indeed.tar.gz", 16, "a very l….tar.gz" },
    /* A wide character is taken whole or not at all. */
    { "写真写真写真", 12, "写真写真写真" },
    { "写真写真写真", 11, "写真…写真" },
    { "写真写真写真", 9, "写真…写真" },
    { "写真写真写真", 8, "写真…真" },
    { "写真写真写真", 6, "写…真" },
    { "写真写真写真", 2, "…" },
    /* Marks stay with their letter. */
    { "u\314\210bu\314\210bu\314\210b", 5, "u\314\210b…u\314\210b" },
    { "u\314\210bu\314\210bu\314\210b", 4, "u\314\210b…b" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *cut = cli_text_cut (cases[i].text, cases[i].columns);

    g_assert_cmpstr (cut, ==, cases[i].cut);
    g_assert_cmpuint (cli_text_width (cut), <=, cases[i].columns);
  }
}

static void
test_fit (void)
{
  static const char *const names[] = { "", "a", "photo.jpg", "写真写真.jpg", "u\314\210ber", "a rather long name.jpg" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    for (guint columns = 0; columns < 30; columns++) {
      g_autofree char *fit = cli_text_fit (names[i], columns);

      g_assert_cmpuint (cli_text_width (fit), ==, columns);
    }
  }
}

static void
test_duration (void)
{
  static const struct {
    gint64 seconds;
    const char *text;
  } cases[] = {
    { -1, "0:00" },         { 0, "0:00" },         { 9, "0:09" },        { 61, "1:01" },
    { 3599, "59:59" },      { 3600, "1:00:00" },   { 86399, "23:59:59" }, { 359999, "99:59:59" },
    { 360000, "> 4 days" }, { G_MAXINT64, "> 4 days" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = cli_text_duration (cases[i].seconds);

    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/text/escape", test_escape);
  g_test_add_func ("/cli/text/width", test_width);
  g_test_add_func ("/cli/text/cut", test_cut);
  g_test_add_func ("/cli/text/fit", test_fit);
  g_test_add_func ("/cli/text/duration", test_duration);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver/receiver-error.h"
#include "receiver/receiver-name.h"

#include <string.h>

/* What people call their files, and what people call files who want something else. */
static const struct {
  const char *name;
  gboolean good;
} names[] = {
  { "plain.txt", TRUE },
  { "a", TRUE },
  { "0", TRUE },
  { "two words.jpg", TRUE },
  { " leading space", TRUE },
  { "-rf", TRUE },
  { "--help", TRUE },
  { "100%.txt", TRUE },
  { "%2e%2e%2fpasswd", TRUE },
  { "a+b&c=d.txt", TRUE },
  { "\"quoted\" 'name'.txt", TRUE },
  { "what? really*", TRUE },
  { "12:30.log", TRUE },
  { "~", TRUE },
  { "~root", TRUE },
  { "$HOME", TRUE },
  { "a..b", TRUE },
  { "a.tar.gz", TRUE },
  { "Ünïcödé.png", TRUE },
  { "Фотография.jpg", TRUE },
  { "写真 一.jpg", TRUE },
  { "صورة.png", TRUE },
  { "तस्वीर.png", TRUE },
  { "🐚 shell.gif", TRUE },
  { "caf\u00e9.txt", TRUE },
  { "cafe\u0301.txt", TRUE },
  { "invoice\u202efdp.exe", TRUE },
  { "CONSOLE", TRUE },
  { "CON1", TRUE },
  { "COM", TRUE },
  { "COM10", TRUE },
  { "LPT0", TRUE },
  { "NULL.txt", TRUE },
  { "a.CON", TRUE },
  { "desktop.ini.txt", TRUE },
  { "galileo-0.part", TRUE },
  { "．．", TRUE }, /* full-width dots are letters like others */

  { NULL, FALSE },
  { "", FALSE },
  { ".", FALSE },
  { "..", FALSE },
  { "...", FALSE },
  { "/", FALSE },
  { "//", FALSE },
  { "../escape", FALSE },
  { "..\\escape", FALSE },
  { "a/../../escape", FALSE },
  { "/etc/passwd", FALSE },
  { "C:\\autoexec.bat", FALSE },
  { "\\\\server\\share", FALSE },
  { "folder/file", FALSE },
  { "file/", FALSE },
  { ".htaccess", FALSE },
  { ".bashrc", FALSE },
  { ".galileo-00000000000000000000000000000000.part", FALSE },
  { "a\nb", FALSE },
  { "a\rb", FALSE },
  { "a\tb", FALSE },
  { "\001", FALSE },
  { "a\033[2Jb", FALSE },
  { "a\177b", FALSE },
  { "a\xc2\x80z", FALSE },
  { "a\xc2\x9bz", FALSE },
  { "a\xff", FALSE },
  { "\xc0\xaf", FALSE },         /* "/" in too many bytes */
  { "\xe0\x80\xaf", FALSE },     /* and in one more */
  { "a\xed\xa0\x80", FALSE },    /* half a surrogate pair */
  { "\xf4\x90\x80\x80", FALSE }, /* beyond Unicode */
  { "a\xc3", FALSE },            /* cut off */
  { "a ", FALSE },
  { " ", FALSE },
  { "a.", FALSE },
  { "a. .", FALSE },
  { "CON", FALSE },
  { "con", FALSE },
  { "Con.txt", FALSE },
  { "CON .txt", FALSE },
  { "con.tar.gz", FALSE },
  { "PRN", FALSE },
  { "aux.c", FALSE },
  { "NUL", FALSE },
  { "nul.", FALSE },
  { "COM1", FALSE },
  { "com9.log", FALSE },
  { "COM¹", FALSE },
  { "LPT1", FALSE },
  { "lpt³.x", FALSE },
  { "CONIN$", FALSE },
  { "desktop.ini", FALSE },
  { "Desktop.INI", FALSE },
};

static void
test_check (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *shown = g_strescape (names[i].name != NULL ? names[i].name : "(null)", NULL);
    gboolean good = receiver_name_check (names[i].name, &error);

    g_test_message ("%s", shown);
    g_assert_cmpint (good, ==, names[i].good);
    if (good)
      g_assert_no_error (error);
    else
      g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_NAME);
  }
}

static void
test_length (void)
{
  g_autofree char *longest = g_strnfill (255, 'a');
  g_autofree char *longer = g_strnfill (256, 'a');
  GString *wide = g_string_new (NULL);

  g_assert_true (receiver_name_check (longest, NULL));
  g_assert_false (receiver_name_check (longer, NULL));

  /* Bytes count, not characters. */
  for (int i = 0; i < 127; i++)
    g_string_append (wide, "ü");
  g_assert_true (receiver_name_check (wide->str, NULL));
  g_string_append (wide, "ü");
  g_assert_false (receiver_name_check (wide->str, NULL));
  g_string_free (wide, TRUE);
}

static void
test_numbered (void)
{
  static const struct {
    const char *name;
    guint number;
    const char *numbered;
  } rows[] = {
    { "a.txt", 0, "a.txt" },
    { "a.txt", 1, "a (1).txt" },
    { "a.txt", 9999, "a (9999).txt" },
    { "a", 2, "a (2)" },
    { "a.tar.gz", 1, "a.tar (1).gz" },
    { "a (1).txt", 1, "a (1) (1).txt" },
    { "Note 1. This dot ends a sentence and no name", 1, "Note 1. This dot ends a sentence and no name (1)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *numbered = receiver_name_numbered (rows[i].name, rows[i].number);

    g_assert_cmpstr (numbered, ==, rows[i].numbered);
  }
}

static void
test_numbered_fits (void)
{
  /* From one to four bytes for a character. */
  static const char *const characters[] = { "a", "ü", "写", "🐚" };

  for (gsize i = 0; i < G_N_ELEMENTS (characters); i++) {
    GString *name = g_string_new (NULL);

    while (name->len + strlen (characters[i]) <= RECEIVER_NAME_MAX - strlen (".jpeg"))
      g_string_append (name, characters[i]);
    g_string_append (name, ".jpeg");

    for (guint number = 1; number < 10000; number *= 3) {
      g_autofree char *numbered = receiver_name_numbered (name->str, number);
      g_autofree char *suffix = g_strdup_printf (" (%u).jpeg", number);

      g_assert_true (receiver_name_check (numbered, NULL));
      g_assert_true (g_str_has_suffix (numbered, suffix));
      g_assert_cmpuint (strlen (numbered), >, RECEIVER_NAME_MAX - 2 * strlen (characters[i]));
      g_assert_cmpint (strncmp (numbered, name->str, strlen (numbered) - strlen (suffix)), ==, 0);
    }
    g_string_free (name, TRUE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/name/check", test_check);
  g_test_add_func ("/name/length", test_length);
  g_test_add_func ("/name/numbered", test_numbered);
  g_test_add_func ("/name/numbered-fits", test_numbered_fits);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-input.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT(text) text, sizeof text - 1

/* A file of its own for each test, gone at its end. */
typedef struct {
  char *folder;
  char *file;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("cli-input-XXXXXX", NULL);
  fixture->file = g_build_filename (fixture->folder, "list", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->file);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->file);
}

static void
fill (Fixture *fixture, const char *text, gssize length)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (fixture->file, text, length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *text;
    gssize length;
    char separator;
    const char *names[4];
  } cases[] = {
    { TEXT (""), '\n', { NULL } },
    { TEXT ("\n\n\n"), '\n', { NULL } },
    { TEXT ("a\nb\n"), '\n', { "a", "b" } },
    { TEXT ("a\nb"), '\n', { "a", "b" } },
    { TEXT ("a\n\n\nb\n"), '\n', { "a", "b" } },
    { TEXT ("a\r\nb\r\n"), '\n', { "a\r", "b\r" } },
    { TEXT (" a \n\tb\n"), '\n', { " a ", "\tb" } },
    { TEXT ("-\n--help\n#x\n"), '\n', { "-", "--help", "#x" } },
    { TEXT ("caf\351\n"), '\n', { "caf\351" } },
    { TEXT (""), '\0', { NULL } },
    { TEXT ("a\0b\0"), '\0', { "a", "b" } },
    { TEXT ("a\0b"), '\0', { "a", "b" } },
    { TEXT ("\0\0a\0\0"), '\0', { "a" } },
    { TEXT ("two\nlines\0\n\0"), '\0', { "two\nlines", "\n" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) names = NULL;

    g_test_message ("case %u", i);
    fill (fixture, cases[i].text, cases[i].length);
    names = cli_input_read_names (fixture->file, cases[i].separator, &error);
    g_assert_no_error (error);
    for (guint j = 0; j < names->len; j++)
      g_assert_cmpstr (g_ptr_array_index (names, j), ==, cases[i].names[j]);
    g_assert_null (cases[i].names[names->len]);
  }
}

/* Longer than what is read at a time, so that names lie across the borders. */
static void
test_many_names (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 20000;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "folder %u/picture.jpg\n", i);
  fill (fixture, text->str, (gssize) text->len);

  names = cli_input_read_names (fixture->file, '\n', &error);
  g_assert_no_error (error);
  g_assert_cmpuint (names->len, ==, n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("folder %u/picture.jpg", i);

    g_assert_cmpstr (g_ptr_array_index (names, i), ==, name);
  }
}

static void
assert_names_refused (const char *file, char separator, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = cli_input_read_names (file, separator, &error);

  g_assert_null (names);
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "--files-from"));
  g_assert_nonnull (strstr (error->message, word));
  if (*file != '\0')
    g_assert_nonnull (strstr (error->message, file));
}

static void
test_names_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("first\n");

  assert_names_refused (fixture->file, '\n', "No such file");
  assert_names_refused (fixture->folder, '\n', "directory");
  assert_names_refused ("", '\n', "none is named");
  /* Without end: a bound has to hold, or memory would be full. */
  assert_names_refused ("/dev/zero", '\n', "--null");

  fill (fixture, "a\0b\0", 4);
  assert_names_refused (fixture->file, '\n', "--null");

  for (guint i = 0; i < 5000; i++)
    g_string_append_c (text, 'x');
  fill (fixture, text->str, (gssize) text->len);
  assert_names_refused (fixture->file, '\n', "ine 2");
  assert_names_refused (fixture->file, '\0', "--null");
}

static void
test_token (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *text;
    const char *token;
  } cases[] = {
    { "secret", "secret" },
    { "secret\n", "secret" },
    { "secret\r\n", "secret" },
    { "secret\nmore lines: of (anything)\n", "secret" },
    { "aZ09-._~+/==\n", "aZ09-._~+/==" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    gboolean exposed = TRUE;
    g_autofree char *token = NULL;

    fill (fixture, cases[i].text, -1);
    token = cli_input_read_token (fixture->file, &exposed, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (token, ==, cases[i].token);
    g_assert_false (exposed);
  }
}

static void
test_token_exposed (Fixture *fixture, gconstpointer data)
{
  static const struct {
    int mode;
    gboolean exposed;
  } cases[] = {
    { 0600, FALSE }, { 0400, FALSE }, { 0700, FALSE }, { 0640, TRUE }, { 0604, TRUE }, { 0620, TRUE }, { 0644, TRUE },
  };

  fill (fixture, "secret\n", -1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    gboolean exposed = !cases[i].exposed;
    g_autofree char *token = NULL;

    g_assert_cmpint (g_chmod (fixture->file, cases[i].mode), ==, 0);
    token = cli_input_read_token (fixture->file, &exposed, &error);
    g_assert_no_error (error);
    g_assert_cmpint (exposed, ==, cases[i].exposed);
  }
}

static void
assert_token_refused (const char *file, const char *word)
{
  g_autoptr (GError) error = NULL;
  gboolean exposed;
  g_autofree char *token = cli_input_read_token (file, &exposed, &error);

  g_assert_null (token);
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "--token-file"));
  g_assert_nonnull (strstr (error->message, word));
  g_assert_null (strstr (error->message, "secret"));
}

static void
test_token_refused (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *text;
    gssize length;
    const char *word;
  } cases[] = {
    { TEXT (""), "empty" },
    { TEXT ("\nsecret\n"), "empty" },
    { TEXT ("\r\nsecret\n"), "empty" },
    { TEXT (" secret\n"), "letters" },
    { TEXT ("secret \n"), "letters" },
    { TEXT ("sec ret\n"), "letters" },
    { TEXT ("secret\r"), "letters" },
    { TEXT ("sec\tret\n"), "letters" },
    { TEXT ("secret\0secret\n"), "letters" },
    { TEXT ("secr\303\251t\n"), "letters" },
    { TEXT ("\357\273\277secret\n"), "letters" },
    { TEXT ("secret=secret\n"), "letters" },
    { TEXT ("=secret\n"), "letters" },
    { TEXT ("==\n"), "letters" },
    { TEXT ("\"secret\"\n"), "letters" },
  };
  g_autofree char *missing = g_strconcat (fixture->folder, "/missing", NULL);
  g_autofree char *long_text = g_strnfill (16 * 1024 + 1, 's');

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("case %u", i);
    fill (fixture, cases[i].text, cases[i].length);
    assert_token_refused (fixture->file, cases[i].word);
  }

  assert_token_refused (missing, "No such file");
  assert_token_refused (fixture->folder, "directory");
  assert_token_refused ("", "none is named");
  assert_token_refused ("/dev/zero", "KiB");
  fill (fixture, long_text, -1);
  assert_token_refused (fixture->file, "KiB");
}

#define ADD(path, function) \
  g_test_add ("/cli/input/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("names", test_names);
  ADD ("many-names", test_many_names);
  ADD ("names-refused", test_names_refused);
  ADD ("token", test_token);
  ADD ("token-exposed", test_token_exposed);
  ADD ("token-refused", test_token_refused);

  return g_test_run ();
}

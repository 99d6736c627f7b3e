/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-batch.h"

#include "galileo/galileo-error.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  char *folder;
  CliBatch *batch;
} Fixture;

static char *
make_file (Fixture *fixture, const char *path, const char *content)
{
  char *whole = g_build_filename (fixture->folder, path, NULL);
  g_autofree char *parent = g_path_get_dirname (whole);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_file_set_contents (whole, content, -1, &error);
  g_assert_no_error (error);

  return whole;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("cli-batch-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
remove_tree (GFile *file)
{
  g_autoptr (GFileEnumerator) children =
      g_file_enumerate_children (file, G_FILE_ATTRIBUTE_STANDARD_NAME, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
  GFile *child;

  while (children != NULL && g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) && child != NULL)
    remove_tree (child);
  g_file_delete (file, NULL, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->folder);

  g_clear_pointer (&fixture->batch, cli_batch_free);
  remove_tree (folder);
  g_free (fixture->folder);
}

static CliBatchAnswer
add (Fixture *fixture, const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GalileoFound found = { .file = file };
  GStatBuf status;

  found.size = g_stat (path, &status) == 0 ? status.st_size : 0;
  return cli_batch_add (fixture->batch, &found, error);
}

static void
test_takes_in_order (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = make_file (fixture, "b.txt", "12345");
  g_autofree char *second = make_file (fixture, "a.txt", "");
  const char *const files[] = { first, second, NULL };

  fixture->batch = cli_batch_new (files, NULL, FALSE);
  g_assert_cmpuint (cli_batch_get_files (fixture->batch)->len, ==, 2);
  g_assert_cmpint (add (fixture, first, NULL), ==, CLI_BATCH_TAKEN);
  g_assert_cmpint (add (fixture, second, NULL), ==, CLI_BATCH_TAKEN);

  g_assert_cmpuint (cli_batch_get_n (fixture->batch), ==, 2);
  g_assert_cmpstr (cli_batch_get_entry (fixture->batch, 0)->name, ==, "b.txt");
  g_assert_cmpuint (cli_batch_get_entry (fixture->batch, 0)->size, ==, 5);
  g_assert_cmpstr (cli_batch_get_entry (fixture->batch, 1)->name, ==, "a.txt");
  g_assert_cmpuint (cli_batch_get_entry (fixture->batch, 1)->size, ==, 0);
}

static void
test_name (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file (fixture, "two\nlines", "12345");
  const char *const files[] = { path, NULL };

  fixture->batch = cli_batch_new (files, "other.txt", FALSE);
  g_assert_cmpint (add (fixture, path, NULL), ==, CLI_BATCH_TAKEN);
  g_assert_cmpstr (cli_batch_get_entry (fixture->batch, 0)->name, ==, "other.txt");
}

static void
test_same_name (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = make_file (fixture, "one/a.txt", "1");
  g_autofree char *second = make_file (fixture, "two/a.txt", "2");
  g_autoptr (GError) error = NULL;
  const char *const files[] = { fixture->folder, NULL };

  fixture->batch = cli_batch_new (files, NULL, FALSE);
  g_assert_cmpint (add (fixture, first, NULL), ==, CLI_BATCH_TAKEN);
  g_assert_cmpint (add (fixture, second, &error), ==, CLI_BATCH_REFUSED);
  g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_NAME);
  g_assert_nonnull (strstr (error->message, "one/a.txt"));
  g_assert_cmpuint (cli_batch_get_n (fixture->batch), ==, 1);
}

static void
test_same_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file (fixture, "a.txt", "1");
  g_autofree char *detour = g_build_filename (fixture->folder, ".", "x", "..", "a.txt", NULL);
  const char *const files[] = { path, path, detour, NULL };

  fixture->batch = cli_batch_new (files, NULL, FALSE);
  g_assert_cmpint (add (fixture, path, NULL), ==, CLI_BATCH_TAKEN);
  g_assert_cmpint (add (fixture, path, NULL), ==, CLI_BATCH_REPEATED);
  g_assert_cmpint (add (fixture, detour, NULL), ==, CLI_BATCH_REPEATED);
  g_assert_cmpuint (cli_batch_get_n (fixture->batch), ==, 1);
}

/* What is refused does not keep its name from another. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *bad_name = make_file (fixture, "back\\slash", "1");
  g_autoptr (GFile) gone_file = g_file_new_build_filename (fixture->folder, "one", "a.txt", NULL);
  g_autofree char *good = make_file (fixture, "two/a.txt", "2");
  g_autoptr (GError) error = NULL;
  const char *const files[] = { fixture->folder, NULL };
  GalileoFound found = { 0 };
  g_autoptr (GError) found_error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_FILE, "It is a pipe");
  g_autoptr (GError) copied_error = NULL;

  fixture->batch = cli_batch_new (files, NULL, FALSE);
  g_assert_cmpint (add (fixture, bad_name, &error), ==, CLI_BATCH_REFUSED);
  g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_NAME);

  found.file = gone_file;
  found.size = -1;
  found.error = found_error;
  g_assert_cmpint (cli_batch_add (fixture->batch, &found, &copied_error), ==, CLI_BATCH_REFUSED);
  g_assert_cmpstr (copied_error->message, ==, "It is a pipe");

  g_assert_cmpint (add (fixture, good, NULL), ==, CLI_BATCH_TAKEN);
}

/* The finder says what it is; the option that helps is ours. */
static void
test_folder (Fixture *fixture, gconstpointer data)
{
  const char *const files[] = { fixture->folder, NULL };
  g_autoptr (GFile) file = g_file_new_for_path (fixture->folder);
  g_autoptr (GError) found_error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_FILE, "It is a folder");
  GalileoFound found = { .file = file, .size = -1, .error = found_error };
  g_autoptr (GError) error = NULL;

  fixture->batch = cli_batch_new (files, NULL, FALSE);
  g_assert_cmpint (cli_batch_add (fixture->batch, &found, &error), ==, CLI_BATCH_REFUSED);
  g_assert_nonnull (strstr (error->message, "--recursive"));
}

static void
test_describe (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *path; /* below the current folder, or absolute */
    const char *described;
  } cases[] = {
    { "a.txt", "./a.txt" },
    { "dir/a.txt", "dir/a.txt" },
    { "dir/deep/er/b.txt", "dir/deep/er/b.txt" },
    { "other/caf\351", "other//caf\351" },
    { "twelve:30", "twelve:30" },
    { "/abs/x/y", "/abs/x/y" },
    { "/not/named", "/not/named" },
  };
  const char *const files[] = { "./a.txt", "dir/", "other//caf\351", "twelve:30", "/abs", NULL };

  fixture->batch = cli_batch_new (files, NULL, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GFile) file = g_file_new_for_path (cases[i].path);
    g_autofree char *described = cli_batch_describe (fixture->batch, file);

    g_assert_cmpstr (described, ==, cases[i].described);
  }
}

#define ADD(name, function) g_test_add ("/cli/batch/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("takes-in-order", test_takes_in_order);
  ADD ("name", test_name);
  ADD ("same-name", test_same_name);
  ADD ("same-file", test_same_file);
  ADD ("refused", test_refused);
  ADD ("folder", test_folder);
  ADD ("describe", test_describe);

  return g_test_run ();
}

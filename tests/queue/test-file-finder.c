/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-error.h"
#include "queue/galileo-file-finder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *folder;
  GString *found; /* names in order, those refused in brackets */
  guint n_bundles;
  gboolean done;
  GError *error;
  GCancellable *cancel_at_first;
} Fixture;

static void
found_cb (GPtrArray *bundle, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_bundles++;
  for (guint i = 0; i < bundle->len; i++) {
    GalileoFound *found = g_ptr_array_index (bundle, i);
    g_autofree char *name = g_file_get_basename (found->file);

    g_assert_true ((found->error == NULL) == (found->size >= 0));
    if (found->error != NULL)
      g_assert_error (found->error, GALILEO_ERROR, GALILEO_ERROR_FILE);
    g_string_append_printf (fixture->found, found->error != NULL ? "(%s) " : "%s ", name);
  }

  if (fixture->cancel_at_first != NULL)
    g_cancellable_cancel (fixture->cancel_at_first);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  galileo_file_finder_run_finish (result, &fixture->error);
  fixture->done = TRUE;
}

static void
run (Fixture *fixture, gboolean recursive, GCancellable *cancellable, const char *first, ...)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  const char *name = first;
  va_list names;

  va_start (names, first);
  for (; name != NULL; name = va_arg (names, const char *))
    g_ptr_array_add (files, g_file_new_build_filename (fixture->folder, name, NULL));
  va_end (names);

  g_string_truncate (fixture->found, 0);
  fixture->n_bundles = 0;
  fixture->done = FALSE;
  g_clear_error (&fixture->error);
  galileo_file_finder_run_async (files, recursive, cancellable, found_cb, fixture, done_cb, fixture);
  while (!fixture->done)
    g_main_context_iteration (NULL, TRUE);
}

static void
make (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  if (g_str_has_suffix (name, "/"))
    g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  else
    g_assert_true (g_file_set_contents (path, "x", 1, NULL));
}

static void
make_link (Fixture *fixture, const char *target, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
set_up (Fixture *fixture)
{
  memset (fixture, 0, sizeof *fixture);
  fixture->folder = g_dir_make_tmp ("galileo-finder-XXXXXX", NULL);
  fixture->found = g_string_new (NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) folder = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && (folder = g_dir_open (path, 0, NULL)) != NULL) {
    while ((name = g_dir_read_name (folder)) != NULL) {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
tear_down (Fixture *fixture)
{
  remove_tree (fixture->folder);
  g_clear_error (&fixture->error);
  g_string_free (fixture->found, TRUE);
  g_free (fixture->folder);
}

static void
test_order (void)
{
  Fixture fixture;

  set_up (&fixture);
  make (&fixture, "z");
  make (&fixture, "album/");
  make (&fixture, "album/b");
  make (&fixture, "album/a");
  make (&fixture, "album/c/");
  make (&fixture, "album/c/d");
  make (&fixture, "album/.hidden");
  make (&fixture, "album/empty/");

  run (&fixture, TRUE, NULL, "z", "album", "missing", "z", NULL);
  g_assert_no_error (fixture.error);
  g_assert_cmpstr (fixture.found->str, ==, "z .hidden a b d (missing) z ");

  run (&fixture, FALSE, NULL, "album", "z", NULL);
  g_assert_cmpstr (fixture.found->str, ==, "(album) z ");
  tear_down (&fixture);
}

/* Links to files are followed, links to folders only where they are named, and no circle is endless. */
static void
test_odd (void)
{
  g_autofree char *pipe_path = NULL;
  Fixture fixture;

  set_up (&fixture);
  make (&fixture, "album/");
  make (&fixture, "album/file");
  make_link (&fixture, "file", "album/link");
  make_link (&fixture, ".", "album/circle");
  make_link (&fixture, "nowhere", "album/dangling");
  make_link (&fixture, "album", "shortcut");
  pipe_path = g_build_filename (fixture.folder, "album", "pipe", NULL);
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);

  run (&fixture, TRUE, NULL, "album", NULL);
  g_assert_cmpstr (fixture.found->str, ==, "(circle) (dangling) file link (pipe) ");
  run (&fixture, TRUE, NULL, "shortcut", NULL);
  g_assert_cmpstr (fixture.found->str, ==, "(circle) (dangling) file link (pipe) ");
  tear_down (&fixture);
}

static void
test_many (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Fixture fixture;

  set_up (&fixture);
  make (&fixture, "album/");
  for (guint i = 0; i < 2000; i++) {
    g_autofree char *name = g_strdup_printf ("album/%u", i);

    make (&fixture, name);
  }

  run (&fixture, TRUE, NULL, "album", NULL);
  g_assert_cmpuint (fixture.n_bundles, >=, 4);

  /* After a cancel nothing more comes. */
  fixture.cancel_at_first = cancellable;
  run (&fixture, TRUE, cancellable, "album", NULL);
  g_assert_error (fixture.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture.n_bundles, ==, 1);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/file-finder/order", test_order);
  g_test_add_func ("/file-finder/odd", test_odd);
  g_test_add_func ("/file-finder/many", test_many);

  return g_test_run ();
}

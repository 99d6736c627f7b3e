/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-error.h"
#include "galileo/galileo-file-reader.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/socket.h>
#include <unistd.h>

static void
keep_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}

static gboolean
open_reader (GalileoFileReader *reader, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galileo_file_reader_open_async (reader, NULL, keep_cb, &result);
  return galileo_file_reader_open_finish (reader, wait_for (&result), error);
}

static GBytes *
read_reader (GalileoFileReader *reader, gsize most, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galileo_file_reader_read_async (reader, most, NULL, keep_cb, &result);
  return galileo_file_reader_read_finish (reader, wait_for (&result), error);
}

static gboolean
check_reader (GalileoFileReader *reader, char **hash, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galileo_file_reader_check_async (reader, NULL, keep_cb, &result);
  return galileo_file_reader_check_finish (reader, wait_for (&result), hash, error);
}

/* The last reference may be a worker's that is about to let go. */
static void
assert_goes (GalileoFileReader *reader)
{
  gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  gpointer weak = reader;

  g_object_add_weak_pointer (G_OBJECT (reader), &weak);
  g_object_unref (reader);
  while (g_atomic_pointer_get (&weak) != NULL) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_main_context_iteration (NULL, FALSE);
  }
}

static char *folder;

static GFile *
make_file (gsize size, char **contents)
{
  g_autofree char *path = g_build_filename (folder, "file", NULL);

  *contents = g_malloc (size + 1);
  for (gsize i = 0; i < size; i++)
    (*contents)[i] = (char) (i * 13 + i / 199);
  g_assert_true (g_file_set_contents (path, *contents, (gssize) size, NULL));

  return g_file_new_for_path (path);
}

/* However much is asked for at a time, all bytes come in order, and the hash is theirs. */
static void
test_read (void)
{
  static const gsize sizes[] = { 0, 1, 99, 100, 101, 1000, 4096 };
  static const gsize mosts[] = { 1, 7, 100, 5000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    for (guint k = 0; k < G_N_ELEMENTS (mosts); k++) {
      g_autofree char *contents = NULL;
      g_autofree char *expected = NULL;
      g_autofree char *hash = NULL;
      g_autoptr (GFile) file = make_file (sizes[i], &contents);
      g_autoptr (GByteArray) all = g_byte_array_new ();
      g_autoptr (GError) error = NULL;
      GalileoFileReader *reader = galileo_file_reader_new (file, GALILEO_HASH_SHA1, 100);

      g_assert_true (open_reader (reader, &error));
      g_assert_cmpuint (galileo_file_reader_get_size (reader), ==, sizes[i]);
      while (all->len < sizes[i]) {
        g_autoptr (GBytes) bytes = read_reader (reader, mosts[k], &error);

        g_assert_no_error (error);
        g_assert_cmpuint (g_bytes_get_size (bytes), >=, 1);
        g_assert_cmpuint (g_bytes_get_size (bytes), <=, mosts[k]);
        g_byte_array_append (all, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
      }
      g_assert_cmpmem (all->data, all->len, contents, sizes[i]);

      expected = g_compute_checksum_for_data (G_CHECKSUM_SHA1, (guchar *) contents, sizes[i]);
      g_assert_true (check_reader (reader, &hash, &error));
      g_assert_cmpstr (hash, ==, expected);
      assert_goes (reader);
      g_file_delete (file, NULL, NULL);
    }
  }
}

static void
assert_not_opened (GFile *file, const char *words)
{
  g_autoptr (GError) error = NULL;
  GalileoFileReader *reader = galileo_file_reader_new (file, GALILEO_HASH_SHA1, 100);

  g_assert_false (open_reader (reader, &error));
  g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_FILE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
  assert_goes (reader);
}

/* None of them blocks. */
static void
test_special (void)
{
  g_autofree char *pipe_path = g_build_filename (folder, "pipe", NULL);
  g_autofree char *socket_path = g_build_filename (folder, "socket", NULL);
  g_autofree char *loop_path = g_build_filename (folder, "loop", NULL);
  g_autoptr (GFile) missing = g_file_new_build_filename (folder, "missing", NULL);
  g_autoptr (GFile) pipe_file = g_file_new_for_path (pipe_path);
  g_autoptr (GFile) socket_file = g_file_new_for_path (socket_path);
  g_autoptr (GFile) loop_file = g_file_new_for_path (loop_path);
  g_autoptr (GFile) folder_file = g_file_new_for_path (folder);
  g_autoptr (GFile) device = g_file_new_for_path ("/dev/zero");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  g_strlcpy (address.sun_path, socket_path, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (symlink ("loop", loop_path), ==, 0);

  assert_not_opened (missing, "not there");
  assert_not_opened (pipe_file, "no ordinary file");
  assert_not_opened (socket_file, "no ordinary file");
  assert_not_opened (loop_file, "can't be read");
  assert_not_opened (folder_file, "folder");
  assert_not_opened (device, "no ordinary file");

  close (fd);
  g_remove (pipe_path);
  g_remove (socket_path);
  g_remove (loop_path);
}

static void
test_changed (void)
{
  g_autofree char *contents = NULL;
  g_autofree char *hash = NULL;
  g_autoptr (GFile) file = make_file (1000, &contents);
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GError) error = NULL;
  GalileoFileReader *reader = galileo_file_reader_new (file, GALILEO_HASH_NONE, 600);

  g_assert_true (open_reader (reader, NULL));
  g_assert_cmpint (truncate (g_file_peek_path (file), 700), ==, 0);
  first = read_reader (reader, 600, &error);
  g_assert_no_error (error);
  g_assert_null (read_reader (reader, 600, &error));
  g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_CHANGED);
  assert_goes (reader);
  g_clear_error (&error);
  g_file_delete (file, NULL, NULL);

  {
    g_autofree char *again = NULL;
    g_autoptr (GFile) same = make_file (10, &again);

    reader = galileo_file_reader_new (same, GALILEO_HASH_NONE, 600);
    g_assert_true (open_reader (reader, NULL));
    g_clear_pointer (&first, g_bytes_unref);
    first = read_reader (reader, 600, NULL);
    g_file_delete (same, NULL, NULL);
    g_assert_false (check_reader (reader, &hash, &error));
    g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_CHANGED);
    g_assert_null (hash);
    assert_goes (reader);
  }
}

/* A file that has no path is read as a stream. */
static void
test_stream (void)
{
  g_autoptr (GFile) file = g_file_new_for_uri ("resource:///org/gtk/no-such-thing");
  g_autoptr (GError) error = NULL;
  GalileoFileReader *reader = galileo_file_reader_new (file, GALILEO_HASH_SHA1, 100);

  g_assert_null (g_file_peek_path (file));
  g_assert_false (open_reader (reader, &error));
  g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_FILE);
  assert_goes (reader);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("galileo-reader-XXXXXX", NULL);
  g_assert_nonnull (folder);

  g_test_add_func ("/file-reader/read", test_read);
  g_test_add_func ("/file-reader/special", test_special);
  g_test_add_func ("/file-reader/changed", test_changed);
  g_test_add_func ("/file-reader/stream", test_stream);

  status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);

  return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "remote-file.h"

#include "galileo/galileo-error.h"
#include "galileo/galileo-file-reader.h"

#include <fcntl.h>
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

/* Reads to the end as an uploader does: whatever comes, in order. */
static GByteArray *
read_all (GalileoFileReader *reader, gsize size, gsize most)
{
  GByteArray *all = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  while (all->len < size) {
    g_autoptr (GBytes) bytes = read_reader (reader, most, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (g_bytes_get_size (bytes), >=, 1);
    g_assert_cmpuint (g_bytes_get_size (bytes), <=, most);
    g_byte_array_append (all, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  }

  return all;
}

typedef struct {
  GByteArray *all;
  gsize size;
  GAsyncResult *checked;
} Reading;

/* Asks for the check as soon as it has the last bytes, and comes back when the worker is in the middle of it. */
static void
read_on_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GalileoFileReader *reader = GALILEO_FILE_READER (source);
  Reading *reading = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = galileo_file_reader_read_finish (reader, result, &error);
  guint n_steps;

  g_assert_no_error (error);
  g_byte_array_append (reading->all, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  if (reading->all->len < reading->size) {
    galileo_file_reader_read_async (reader, 100000, NULL, read_on_cb, reading);
    return;
  }

  n_steps = galileo_file_reader_get_n_steps (reader);
  galileo_file_reader_check_async (reader, NULL, keep_cb, &reading->checked);
  while (galileo_file_reader_get_n_steps (reader) == n_steps)
    g_thread_yield ();
}

/* A file that was written a moment ago is read once more for the check. Nothing else may read it meanwhile. */
static void
test_checked_at_once (void)
{
  const gsize size = 3 * 1024 * 1024 + 5;
  g_autofree char *contents = NULL;
  g_autofree char *hash = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (GFile) file = make_file (size, &contents);
  GalileoFileReader *reader = galileo_file_reader_new (file, 100000);
  Reading reading = { g_byte_array_new (), size, NULL };
  g_autoptr (GError) error = NULL;

  /* Its status is changed now, however long writing has taken. */
  g_assert_cmpint (chmod (g_file_peek_path (file), 0600), ==, 0);
  g_assert_true (open_reader (reader, &error));
  galileo_file_reader_begin (reader, 0, GALILEO_HASH_SHA1);
  galileo_file_reader_read_async (reader, 100000, NULL, read_on_cb, &reading);
  while (reading.checked == NULL)
    g_main_context_iteration (NULL, TRUE);

  galileo_file_reader_check_finish (reader, reading.checked, &hash, &error);
  g_assert_no_error (error);
  expected = g_compute_checksum_for_data (G_CHECKSUM_SHA1, (const guchar *) contents, size);
  g_assert_cmpstr (hash, ==, expected);
  g_assert_cmpmem (reading.all->data, reading.all->len, contents, size);
  g_byte_array_unref (reading.all);
  g_object_unref (reading.checked);
  assert_goes (reader);
}

static void
assert_reads (GFile *file, const char *contents, gsize size, gsize start, gsize most, GalileoHashType type)
{
  static const int checksums[] = {
    [GALILEO_HASH_NONE] = -1,
    [GALILEO_HASH_SHA1] = G_CHECKSUM_SHA1,
    [GALILEO_HASH_SHA256] = G_CHECKSUM_SHA256,
    [GALILEO_HASH_SHA512] = G_CHECKSUM_SHA512,
  };
  g_autofree char *expected = NULL;
  g_autofree char *hash = NULL;
  g_autoptr (GByteArray) all = NULL;
  g_autoptr (GError) error = NULL;
  GalileoFileReader *reader = galileo_file_reader_new (file, 100);

  g_assert_true (open_reader (reader, &error));
  g_assert_cmpuint (galileo_file_reader_get_size (reader), ==, size);
  galileo_file_reader_begin (reader, start, type);
  all = read_all (reader, size - start, most);
  g_assert_cmpmem (all->data, all->len, contents + start, size - start);

  if (checksums[type] >= 0)
    expected = g_compute_checksum_for_data (checksums[type], (const guchar *) contents, size);
  g_assert_true (check_reader (reader, &hash, &error));
  g_assert_cmpstr (hash, ==, expected);
  assert_goes (reader);
}

/* However much is asked for at a time, and from wherever on, all bytes come in order, and the hash is the whole file's. */
static void
test_read (void)
{
  static const gsize sizes[] = { 0, 1, 99, 100, 101, 1000, 4096 };
  static const gsize mosts[] = { 1, 7, 100, 5000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    const gsize size = sizes[i];
    const gsize starts[] = { 0, 1, 50, 99, 100, 101, 999, size };
    g_autofree char *contents = NULL;
    g_autoptr (GFile) file = make_file (size, &contents);
    g_autoptr (RemoteFile) remote = remote_file_new (contents, size);

    for (guint k = 0; k < G_N_ELEMENTS (starts); k++) {
      for (guint m = 0; m < G_N_ELEMENTS (mosts) && starts[k] <= size; m++) {
        for (GalileoHashType type = GALILEO_HASH_NONE; type <= GALILEO_HASH_SHA512; type++) {
          assert_reads (file, contents, size, starts[k], mosts[m], type);
          assert_reads (G_FILE (remote), contents, size, starts[k], mosts[m], type);
        }
      }
    }
    g_file_delete (file, NULL, NULL);
  }
}

/* What lies before the start is more than a block. */
static void
test_start_far (void)
{
  const gsize size = 5 * 1024 * 1024 + 3;
  g_autofree char *contents = NULL;
  g_autoptr (GFile) file = make_file (size, &contents);
  g_autoptr (RemoteFile) remote = remote_file_new (contents, size);

  assert_reads (file, contents, size, size - 2, 1000, GALILEO_HASH_SHA1);
  assert_reads (file, contents, size, size - 2, 1000, GALILEO_HASH_NONE);
  assert_reads (file, contents, size, size, 1000, GALILEO_HASH_SHA256);
  assert_reads (G_FILE (remote), contents, size, size - 2, 1000, GALILEO_HASH_SHA1);
  assert_reads (G_FILE (remote), contents, size, size - 2, 1000, GALILEO_HASH_NONE);
  g_file_delete (file, NULL, NULL);
}

static void
test_modified (void)
{
  g_autofree char *contents = NULL;
  g_autoptr (GFile) file = make_file (10, &contents);
  g_autoptr (RemoteFile) remote = remote_file_new ("", 0);
  const struct timespec times[2] = { { 0 }, { .tv_sec = 1000000000, .tv_nsec = 123456789 } };
  GFile *files[] = { file, G_FILE (remote) };
  const char *expected[] = { "2001-09-09T01:46:40.123456Z", "2001-09-09T01:46:40Z" };

  g_assert_cmpint (utimensat (AT_FDCWD, g_file_peek_path (file), times, 0), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    GalileoFileReader *reader = galileo_file_reader_new (files[i], 100);
    g_autoptr (GDateTime) modified = NULL;
    g_autofree char *text = NULL;

    g_assert_true (open_reader (reader, NULL));
    modified = galileo_file_reader_get_modified (reader);
    text = g_date_time_format_iso8601 (modified);
    g_assert_cmpstr (text, ==, expected[i]);
    assert_goes (reader);
  }
  g_file_delete (file, NULL, NULL);
}

static void
assert_not_opened (GFile *file, const char *words)
{
  g_autoptr (GError) error = NULL;
  GalileoFileReader *reader = galileo_file_reader_new (file, 100);

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

typedef enum {
  GROW,
  SHRINK,
  REWRITE,
  REPLACE,
  VANISH,
  MOVE,
} Change;

static void
change_local (const char *path, Change change)
{
  g_autofree char *other = g_strconcat (path, ".other", NULL);
  const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1 } };

  switch (change) {
  case GROW:
    g_assert_cmpint (truncate (path, 1001), ==, 0);
    break;
  case SHRINK:
    g_assert_cmpint (truncate (path, 700), ==, 0);
    break;
  case REWRITE:
    g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
    break;
  case REPLACE:
    g_assert_true (g_file_set_contents (other, "", 0, NULL));
    g_assert_cmpint (truncate (other, 1000), ==, 0);
    g_assert_cmpint (rename (other, path), ==, 0);
    break;
  case VANISH:
    g_assert_cmpint (unlink (path), ==, 0);
    break;
  case MOVE:
  default:
    g_assert_cmpint (rename (path, other), ==, 0);
    break;
  }
}

static void
change_remote (RemoteFile *file, Change change)
{
  gsize size = g_bytes_get_size (file->contents);
  g_autofree char *zeroes = g_malloc0 (size + 1);

  g_mutex_lock (&file->lock);
  switch (change) {
  case GROW:
    g_bytes_unref (file->contents);
    file->contents = g_bytes_new (zeroes, size + 1);
    break;
  case SHRINK:
    g_bytes_unref (file->contents);
    file->contents = g_bytes_new (zeroes, size - 300);
    break;
  case REWRITE:
    file->modified++;
    break;
  case REPLACE:
  case VANISH:
  case MOVE:
  default:
    file->gone = TRUE;
    break;
  }
  g_mutex_unlock (&file->lock);
}

static const struct {
  Change change;
  GalileoError local;
  GalileoError remote;
} changes[] = {
  { GROW, GALILEO_ERROR_GREW, GALILEO_ERROR_GREW },
  { SHRINK, GALILEO_ERROR_SHRANK, GALILEO_ERROR_SHRANK },
  { REWRITE, GALILEO_ERROR_CHANGED, GALILEO_ERROR_CHANGED },
  { REPLACE, GALILEO_ERROR_REPLACED, GALILEO_ERROR_VANISHED },
  { VANISH, GALILEO_ERROR_VANISHED, GALILEO_ERROR_VANISHED },
  { MOVE, GALILEO_ERROR_VANISHED, GALILEO_ERROR_VANISHED },
};

/* Each way in which a file can change has its own error, whether it happens between two reads or after the last. */
static void
test_changed (void)
{
  for (guint i = 0; i < 4 * G_N_ELEMENTS (changes); i++) {
    const guint row = i / 4;
    const gboolean at_end = i % 2 != 0;
    const gboolean is_remote = i % 4 >= 2;
    g_autofree char *contents = NULL;
    g_autofree char *hash = NULL;
    g_autoptr (GFile) local = make_file (1000, &contents);
    g_autoptr (RemoteFile) remote = remote_file_new (contents, 1000);
    g_autoptr (GBytes) first = NULL;
    g_autoptr (GError) error = NULL;
    GalileoFileReader *reader = galileo_file_reader_new (is_remote ? G_FILE (remote) : local, at_end ? 1000 : 600);

    g_assert_true (open_reader (reader, NULL));
    if (is_remote)
      change_remote (remote, changes[row].change);
    else
      change_local (g_file_peek_path (local), changes[row].change);
    galileo_file_reader_begin (reader, 0, GALILEO_HASH_SHA1);
    first = read_reader (reader, 1000, &error);
    g_assert_no_error (error);
    if (at_end)
      g_assert_false (check_reader (reader, &hash, &error));
    else
      g_assert_null (read_reader (reader, 600, &error));
    g_assert_error (error, GALILEO_ERROR, (int) (is_remote ? changes[row].remote : changes[row].local));
    g_assert_true (galileo_error_is_changed_file (error));
    g_assert_null (hash);
    assert_goes (reader);

    {
      g_autofree char *moved = g_strconcat (g_file_peek_path (local), ".other", NULL);

      g_remove (moved);
      g_remove (g_file_peek_path (local));
    }
  }
}

/* A file that has no path is read as a stream. */
static void
test_stream (void)
{
  g_autoptr (GFile) missing = g_file_new_for_uri ("resource:///org/gtk/no-such-thing");
  g_autoptr (RemoteFile) shut = remote_file_new ("a", 1);
  g_autoptr (RemoteFile) device = remote_file_new ("a", 1);
  g_autoptr (RemoteFile) broken = remote_file_new ("a", 1);
  g_autoptr (RemoteFile) cancelled = remote_file_new ("a", 1);
  GalileoFileReader *reader = galileo_file_reader_new (G_FILE (cancelled), 100);
  g_autoptr (GError) error = NULL;

  shut->refuses_to_open = TRUE;
  device->type = G_FILE_TYPE_SPECIAL;
  broken->read_error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "the plug is out");
  cancelled->read_error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "enough");

  g_assert_null (g_file_peek_path (missing));
  assert_not_opened (missing, "not there");
  assert_not_opened (G_FILE (shut), "permission");
  assert_not_opened (G_FILE (device), "no ordinary file");
  assert_not_opened (G_FILE (broken), "the plug is out");

  g_assert_false (open_reader (reader, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_goes (reader);
}

/* Hashing a long stretch before the start ends when nobody wants it any more. */
static void
test_cancelled_start (void)
{
  g_autofree char *contents = NULL;
  g_autoptr (GFile) file = make_file (5 * 1024 * 1024, &contents);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *hash = NULL;
  g_autoptr (GError) error = NULL;
  GalileoFileReader *reader = galileo_file_reader_new (file, 100);

  galileo_file_reader_open_async (reader, cancellable, keep_cb, &result);
  g_assert_true (galileo_file_reader_open_finish (reader, wait_for (&result), &error));
  galileo_file_reader_begin (reader, 5 * 1024 * 1024, GALILEO_HASH_SHA1);
  g_cancellable_cancel (cancellable);
  g_assert_false (check_reader (reader, &hash, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&result);
  assert_goes (reader);
  g_file_delete (file, NULL, NULL);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("galileo-reader-XXXXXX", NULL);
  g_assert_nonnull (folder);

  g_test_add_func ("/file-reader/checked-at-once", test_checked_at_once);
  g_test_add_func ("/file-reader/read", test_read);
  g_test_add_func ("/file-reader/special", test_special);
  g_test_add_func ("/file-reader/changed", test_changed);
  g_test_add_func ("/file-reader/stream", test_stream);
  g_test_add_func ("/file-reader/start-far", test_start_far);
  g_test_add_func ("/file-reader/modified", test_modified);
  g_test_add_func ("/file-reader/cancelled-start", test_cancelled_start);

  status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);

  return status;
}

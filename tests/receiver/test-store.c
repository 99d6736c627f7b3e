/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "folder.h"

#include "receiver/receiver-error.h"
#include "receiver/receiver-partial.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The linker puts these in place of the system calls, so that a disk can fail in ways that no disk here
 * does. Each fails with the error number that is set for it.
 */
static struct {
  int write;
  int fdatasync;
  int fsync;
  int renameat2;
  int fallocate;
} broken;

ssize_t __real_write (int fd, const void *data, size_t length);
ssize_t __wrap_write (int fd, const void *data, size_t length);
int __real_fdatasync (int fd);
int __wrap_fdatasync (int fd);
int __real_fsync (int fd);
int __wrap_fsync (int fd);
int __real_renameat2 (int old_dir, const char *old_name, int new_dir, const char *new_name, unsigned int flags);
int __wrap_renameat2 (int old_dir, const char *old_name, int new_dir, const char *new_name, unsigned int flags);
int __real_fallocate64 (int fd, int mode, off_t offset, off_t length);
int __wrap_fallocate64 (int fd, int mode, off_t offset, off_t length);

static gboolean
fails (int number)
{
  errno = number;
  return number != 0;
}

ssize_t
__wrap_write (int fd, const void *data, size_t length)
{
  /* A full disk takes what still fits before it says no. */
  if (length > 1 && broken.write != 0)
    return __real_write (fd, data, length / 2);
  return fails (broken.write) ? -1 : __real_write (fd, data, length);
}

int
__wrap_fdatasync (int fd)
{
  return fails (broken.fdatasync) ? -1 : __real_fdatasync (fd);
}

int
__wrap_fsync (int fd)
{
  return fails (broken.fsync) ? -1 : __real_fsync (fd);
}

int
__wrap_renameat2 (int old_dir, const char *old_name, int new_dir, const char *new_name, unsigned int flags)
{
  return fails (broken.renameat2) ? -1 : __real_renameat2 (old_dir, old_name, new_dir, new_name, flags);
}

int
__wrap_fallocate64 (int fd, int mode, off_t offset, off_t length)
{
  return fails (broken.fallocate) ? -1 : __real_fallocate64 (fd, mode, offset, length);
}

typedef struct {
  char *folder;
  ReceiverStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = folder_new ();
  fixture->store = receiver_store_open (fixture->folder, 60, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  memset (&broken, 0, sizeof broken);
  receiver_store_free (fixture->store);
  folder_free (fixture->folder);
}

static ReceiverPartial *
new_partial (Fixture *fixture, const char *contents)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = receiver_id_new ();
  ReceiverPartial *partial;

  partial = receiver_partial_new (fixture->store, id, strlen (contents), &error);
  g_assert_no_error (error);
  g_assert_true (receiver_partial_write (partial, contents, strlen (contents), &error));
  g_assert_no_error (error);
  return partial;
}

static char *
store (Fixture *fixture, const char *name, const char *contents)
{
  g_autoptr (ReceiverPartial) partial = new_partial (fixture, contents);
  g_autoptr (GError) error = NULL;
  char *stored_as = receiver_partial_publish (partial, name, NULL, &error);

  g_assert_no_error (error);
  return stored_as;
}

static void
assert_list (Fixture *fixture, const char *expected)
{
  g_autofree char *list = folder_list (fixture->folder);

  g_assert_cmpstr (list, ==, expected);
}

static void
assert_contents (Fixture *fixture, const char *name, const char *expected)
{
  g_autofree char *contents = folder_read (fixture->folder, name);

  g_assert_cmpstr (contents, ==, expected);
}

static void
test_publish (Fixture *fixture, gconstpointer data)
{
  mode_t mask = umask (027);
  g_autofree char *path = g_build_filename (fixture->folder, "a.txt", NULL);
  g_autofree char *stored_as = store (fixture, "a.txt", "hello");
  struct stat info;

  umask (mask);
  g_assert_cmpstr (stored_as, ==, "a.txt");
  assert_list (fixture, "a.txt");
  assert_contents (fixture, "a.txt", "hello");
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0640);
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stored_as = store (fixture, "empty", "");

  g_assert_cmpstr (stored_as, ==, "empty");
  assert_contents (fixture, "empty", "");
}

static void
test_partial_is_hidden_and_goes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *during = NULL;
  ReceiverPartial *partial = new_partial (fixture, "half a fi");

  during = folder_list (fixture->folder);
  g_assert_true (g_regex_match_simple ("^\\.galileo-[0-9a-f]{32}\\.part$", during, 0, 0));
  receiver_partial_free (partial);
  assert_list (fixture, "");
}

static void
test_collisions (Fixture *fixture, gconstpointer data)
{
  folder_write (fixture->folder, "a.txt", "first");
  for (int i = 1; i <= 3; i++) {
    g_autofree char *expected = g_strdup_printf ("a (%d).txt", i);
    g_autofree char *stored_as = store (fixture, "a.txt", expected);

    g_assert_cmpstr (stored_as, ==, expected);
    assert_contents (fixture, expected, expected);
  }
  assert_list (fixture, "a (1).txt|a (2).txt|a (3).txt|a.txt");
  assert_contents (fixture, "a.txt", "first");
}

/* Nothing of what may stand there is replaced or followed. */
static void
test_never_overwrites (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "x", NULL);
  g_autofree char *link = g_build_filename (fixture->folder, "x (1)", NULL);
  g_autofree char *dangling = g_build_filename (fixture->folder, "x (2)", NULL);
  g_autofree char *fifo = g_build_filename (fixture->folder, "x (3)", NULL);
  g_autofree char *stored_as = NULL;

  folder_write (fixture->folder, "victim", "precious");
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (symlink ("victim", link), ==, 0);
  g_assert_cmpint (symlink ("nowhere", dangling), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);

  stored_as = store (fixture, "x", "new");
  g_assert_cmpstr (stored_as, ==, "x (4)");
  assert_list (fixture, "victim|x|x (1)|x (2)|x (3)|x (4)");
  assert_contents (fixture, "victim", "precious");
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_test (dangling, G_FILE_TEST_IS_SYMLINK));
}

/* A file system that can't rename without replacing, but link. */
static void
test_without_renameat2 (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  broken.renameat2 = EINVAL;
  first = store (fixture, "a", "1");
  second = store (fixture, "a", "2");
  g_assert_cmpstr (second, ==, "a (1)");
  assert_list (fixture, "a|a (1)");
  assert_contents (fixture, "a", "1");
}

static void
test_no_free_name (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ReceiverPartial) partial = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *stored_as = NULL;

  broken.renameat2 = EEXIST;
  partial = new_partial (fixture, "one too many");
  stored_as = receiver_partial_publish (partial, "a", NULL, &error);
  g_assert_null (stored_as);
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_EXISTS);
  g_clear_pointer (&partial, receiver_partial_free);
  assert_list (fixture, "");
}

static void
test_wrong_size (Fixture *fixture, gconstpointer data)
{
  for (int difference = -1; difference <= 1; difference += 2) {
    g_autofree char *id = receiver_id_new ();
    g_autoptr (GError) error = NULL;
    g_autoptr (ReceiverPartial) partial = receiver_partial_new (fixture->store, id, 5, &error);
    g_autofree char *stored_as = NULL;

    g_assert_no_error (error);
    g_assert_true (receiver_partial_write (partial, "123456", (gsize) (5 + difference), &error));
    stored_as = receiver_partial_publish (partial, "a", NULL, &error);
    g_assert_null (stored_as);
    g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_SIZE);
  }
  assert_list (fixture, "");
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ReceiverPartial) partial = new_partial (fixture, "no");
  g_autoptr (GError) error = NULL;
  g_autofree char *stored_as = NULL;

  g_cancellable_cancel (cancellable);
  stored_as = receiver_partial_publish (partial, "a", cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_pointer (&partial, receiver_partial_free);
  assert_list (fixture, "");
}

/* The disk fails at each step. There must be an error that names no path, and no file. */
static void
test_broken_disk (Fixture *fixture, gconstpointer data)
{
  static const struct {
    int *call;
    int number;
    ReceiverError code;
    const char *reason;
  } rows[] = {
    { &broken.write, ENOSPC, RECEIVER_ERROR_STORAGE, "No space left on device" },
    { &broken.write, EDQUOT, RECEIVER_ERROR_QUOTA, "Disk quota exceeded" },
    { &broken.write, EIO, RECEIVER_ERROR_STORAGE, "Input/output error" },
    { &broken.fdatasync, EIO, RECEIVER_ERROR_STORAGE, "Input/output error" },
    { &broken.fdatasync, ENOSPC, RECEIVER_ERROR_STORAGE, "No space left on device" },
    { &broken.renameat2, EROFS, RECEIVER_ERROR_STORAGE, "Read-only file system" },
    { &broken.renameat2, ENAMETOOLONG, RECEIVER_ERROR_STORAGE, "File name too long" },
    { &broken.fsync, EIO, RECEIVER_ERROR_STORAGE, "Input/output error" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *id = receiver_id_new ();
    g_autoptr (GError) error = NULL;
    g_autoptr (ReceiverPartial) partial = receiver_partial_new (fixture->store, id, 8, &error);
    g_autofree char *stored_as = NULL;

    *rows[i].call = rows[i].number;
    if (receiver_partial_write (partial, "contents", 8, &error))
      stored_as = receiver_partial_publish (partial, "a", NULL, &error);
    g_assert_null (stored_as);
    g_assert_error (error, RECEIVER_ERROR, (int) rows[i].code);
    g_assert_nonnull (strstr (error->message, rows[i].reason));
    g_assert_null (strchr (strstr (error->message, ": "), '.'));
    *rows[i].call = 0;

    g_clear_pointer (&partial, receiver_partial_free);
    assert_list (fixture, "");
  }
}

/* What a folder can't sync by itself is no error. */
static void
test_folder_without_sync (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stored_as = NULL;

  broken.fsync = EINVAL;
  stored_as = store (fixture, "a", "on a network disk");
  g_assert_cmpstr (stored_as, ==, "a");
}

static void
assert_refused (Fixture *fixture, guint64 size, const char *reason)
{
  g_autofree char *id = receiver_id_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ReceiverPartial) partial = receiver_partial_new (fixture->store, id, size, &error);

  g_assert_null (partial);
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_STORAGE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, reason));
  assert_list (fixture, "");
}

static void
test_no_room (Fixture *fixture, gconstpointer data)
{
  assert_refused (fixture, G_MAXINT64, "bytes are free");

  broken.fallocate = ENOSPC;
  assert_refused (fixture, 4 * 1024 * 1024, "No space left on device");
}

/* Where room can't be reserved it is counted: two uploads together are not promised more than there is. */
static void
test_promises (Fixture *fixture, gconstpointer data)
{
  const guint64 mib = 1024 * 1024;
  g_autofree char *first_id = receiver_id_new ();
  g_autofree char *second_id = receiver_id_new ();
  g_autofree char *block = g_malloc0 (mib);
  g_autoptr (GError) error = NULL;
  ReceiverPartial *first, *second;

  if (mount ("tmpfs", fixture->folder, "tmpfs", MS_NODEV | MS_NOSUID, "size=10m") != 0) {
    g_test_skip ("mounting a small file system takes root");
    return;
  }
  receiver_store_free (fixture->store);
  fixture->store = receiver_store_open (fixture->folder, 60, &error);
  g_assert_no_error (error);

  assert_refused (fixture, 11 * mib, "10485760 bytes are free");
  first = receiver_partial_new (fixture->store, first_id, 6 * mib, &error);
  g_assert_no_error (error);

  second = receiver_partial_new (fixture->store, second_id, 6 * mib, &error);
  g_assert_null (second);
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_STORAGE);
  g_clear_error (&error);

  /* What has come is counted by the file system. */
  for (int i = 0; i < 3; i++)
    g_assert_true (receiver_partial_write (first, block, mib, &error));
  second = receiver_partial_new (fixture->store, second_id, 4 * mib, &error);
  g_assert_no_error (error);
  receiver_partial_free (second);

  receiver_partial_free (first);
  first = receiver_partial_new (fixture->store, second_id, 10 * mib, &error);
  g_assert_no_error (error);

  /* Somebody else may fill the disk all the same. */
  folder_write (fixture->folder, "theirs", "");
  for (int i = 0; i < 9; i++)
    g_assert_true (receiver_partial_write (first, block, mib, &error));
  {
    g_autofree char *path = g_build_filename (fixture->folder, "theirs", NULL);

    g_assert_cmpint (truncate (path, 0), ==, 0);
    g_assert_true (g_file_set_contents (path, block, (gssize) mib / 2, NULL));
  }
  g_assert_false (receiver_partial_write (first, block, mib, &error));
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_STORAGE);
  receiver_partial_free (first);

  assert_list (fixture, "theirs");
  g_clear_pointer (&fixture->store, receiver_store_free);
  g_assert_cmpint (umount2 (fixture->folder, MNT_DETACH), ==, 0);
}

/* The receiver that runs keeps its partials, and those of a dead one go. */
static void
test_clean (Fixture *fixture, gconstpointer data)
{
  ReceiverPartial *live = new_partial (fixture, "still coming");
  g_autofree char *link = g_build_filename (fixture->folder, ".galileo-link.part", NULL);
  g_autofree char *folder = g_build_filename (fixture->folder, ".galileo-folder.part", NULL);
  g_autofree char *fifo = g_build_filename (fixture->folder, ".galileo-fifo.part", NULL);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  folder_write (fixture->folder, ".galileo-0123456789abcdef0123456789abcdef.part", "left over");
  folder_write (fixture->folder, ".galileo-fedcba9876543210fedcba9876543210.part", "");
  folder_write (fixture->folder, "galileo-.part", "a file of somebody's");
  folder_write (fixture->folder, ".galileo-x.part.txt", "another");
  folder_write (fixture->folder, ".part", "another");
  g_assert_cmpint (symlink ("galileo-.part", link), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);

  g_assert_cmpuint (receiver_store_clean (fixture->store), ==, 2);
  g_assert_cmpuint (receiver_store_clean (fixture->store), ==, 0);

  g_assert_true (receiver_partial_write (live, "", 0, &error));
  after = receiver_partial_publish (live, "live", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (after, ==, "live");
  receiver_partial_free (live);
  assert_list (fixture,
               ".galileo-fifo.part|.galileo-folder.part|.galileo-link.part|.galileo-x.part.txt|.part|"
               "galileo-.part|live");
}

/* A partial's name is not to be guessed, but if it is there, it is not touched. */
static void
test_partial_name_taken (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = receiver_id_new ();
  g_autofree char *name = g_strdup_printf (".galileo-%s.part", id);
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ReceiverPartial) partial = NULL;

  folder_write (fixture->folder, "victim", "precious");
  g_assert_cmpint (symlink ("victim", path), ==, 0);
  partial = receiver_partial_new (fixture->store, id, 3, &error);
  g_assert_null (partial);
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_STORAGE);
  assert_contents (fixture, "victim", "precious");
}

/* The folder is what was opened, whatever stands at its place later. */
static void
test_folder_swapped (Fixture *fixture, gconstpointer data)
{
  g_autofree char *moved = g_strconcat (fixture->folder, "-moved", NULL);
  char *other = folder_new ();
  g_autofree char *during = NULL;
  g_autofree char *stored_as = NULL;

  g_assert_cmpint (g_rename (fixture->folder, moved), ==, 0);
  g_assert_cmpint (symlink (other, fixture->folder), ==, 0);
  stored_as = store (fixture, "a", "1");
  g_assert_cmpint (g_unlink (fixture->folder), ==, 0);
  g_assert_cmpint (g_rename (moved, fixture->folder), ==, 0);

  assert_list (fixture, "a");
  during = folder_list (other);
  g_assert_cmpstr (during, ==, "");
  folder_free (other);
}

/* More than is flushed at a time, and what is freed in a thread. */
static void
test_large (Fixture *fixture, gconstpointer data)
{
  const gsize length = 1000 * 1000;
  g_autofree char *block = g_malloc (length);
  g_autofree char *stored_as = NULL;
  g_autoptr (GError) error = NULL;

  memset (block, 'x', length);
  for (int round = 0; round < 2; round++) {
    g_autofree char *id = receiver_id_new ();
    g_autoptr (ReceiverPartial) partial = receiver_partial_new (fixture->store, id, 70 * length, &error);

    g_assert_no_error (error);
    for (int i = 0; i < 70; i++)
      g_assert_true (receiver_partial_write (partial, block, length, &error));
    if (round == 1)
      stored_as = receiver_partial_publish (partial, "large", NULL, &error);
  }
  g_assert_cmpstr (stored_as, ==, "large");
  assert_list (fixture, "large");
}

static void
test_ids (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int i = 0; i < 1000; i++) {
    char *id = receiver_id_new ();

    g_assert_true (g_regex_match_simple ("^[0-9a-f]{32}$", id, 0, 0));
    g_assert_true (g_hash_table_add (seen, id));
  }
}

static void
test_open_fails (void)
{
  char *folder = folder_new ();
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  const char *const paths[] = { missing, file, "", "/proc/self" };

  folder_write (folder, "file", "");
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (ReceiverStore) opened = receiver_store_open (paths[i], 60, &error);

    g_assert_null (opened);
    g_assert_nonnull (error);
    g_assert_nonnull (strstr (error->message, paths[i]));
  }
  folder_free (folder);
}

#define ADD(name, function) g_test_add ("/store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("publish", test_publish);
  ADD ("empty", test_empty);
  ADD ("partial-is-hidden-and-goes", test_partial_is_hidden_and_goes);
  ADD ("collisions", test_collisions);
  ADD ("never-overwrites", test_never_overwrites);
  ADD ("without-renameat2", test_without_renameat2);
  ADD ("no-free-name", test_no_free_name);
  ADD ("wrong-size", test_wrong_size);
  ADD ("cancelled", test_cancelled);
  ADD ("broken-disk", test_broken_disk);
  ADD ("folder-without-sync", test_folder_without_sync);
  ADD ("no-room", test_no_room);
  ADD ("promises", test_promises);
  ADD ("clean", test_clean);
  ADD ("partial-name-taken", test_partial_name_taken);
  ADD ("folder-swapped", test_folder_swapped);
  ADD ("large", test_large);
  g_test_add_func ("/store/ids", test_ids);
  g_test_add_func ("/store/open-fails", test_open_fails);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "folder.h"

#include "receiver/receiver-error.h"
#include "receiver/receiver-partial.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Partials that outlive their upload. */

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER_KEY "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NAME ".galileo-keep-" KEY ".part"
#define KEEP 1000
#define MIB (1024 * 1024)

/* The linker puts these in place of the system calls. */
static struct {
  gboolean breaks;
  gint64 offset;
  gint64 length;
} reservation;
static int broken_sync;

int __wrap_fallocate64 (int fd, int mode, off_t offset, off_t length);
int __real_fdatasync (int fd);
int __wrap_fdatasync (int fd);

int
__wrap_fallocate64 (int fd, int mode, off_t offset, off_t length)
{
  g_assert_cmpint (mode, ==, FALLOC_FL_KEEP_SIZE);
  reservation.offset = offset;
  reservation.length = length;
  if (!reservation.breaks)
    return 0;
  errno = ENOSPC;
  return -1;
}

int
__wrap_fdatasync (int fd)
{
  errno = broken_sync;
  return broken_sync != 0 ? -1 : __real_fdatasync (fd);
}

typedef struct {
  char *folder;
  char *path;
  ReceiverStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  memset (&reservation, 0, sizeof reservation);
  broken_sync = 0;
  fixture->folder = folder_new ();
  fixture->path = g_build_filename (fixture->folder, NAME, NULL);
  fixture->store = receiver_store_open (fixture->folder, KEEP, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  receiver_store_free (fixture->store);
  g_free (fixture->path);
  folder_free (fixture->folder);
}

static ReceiverPartial *
resume (Fixture *fixture, guint64 size, guint64 expected)
{
  g_autoptr (GError) error = NULL;
  ReceiverPartial *partial = receiver_partial_resume (fixture->store, KEY, size, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (receiver_partial_get_written (partial), ==, expected);
  return partial;
}

static void
append (ReceiverPartial *partial, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (receiver_partial_write (partial, text, strlen (text), &error));
  g_assert_no_error (error);
}

static void
leave (Fixture *fixture, guint64 size, const char *text)
{
  ReceiverPartial *partial = resume (fixture, size, 0);

  append (partial, text);
  receiver_partial_keep (partial);
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

/* Ends it as a complete file: it must have the text. */
static void
assert_publishes (Fixture *fixture, ReceiverPartial *partial, const char *text)
{
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_SHA1, text, -1);
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = receiver_partial_hash (partial, GALILEO_HASH_SHA1, NULL, &error);
  g_autofree char *stored_as = receiver_partial_publish (partial, "f", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hash, ==, expected);
  g_assert_cmpstr (stored_as, ==, "f");
  receiver_partial_free (partial);
  assert_list (fixture, "f");
  assert_contents (fixture, "f", text);
}

static void
set_age (Fixture *fixture, gint64 seconds)
{
  const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
                                     { .tv_sec = g_get_real_time () / G_USEC_PER_SEC - seconds } };

  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, AT_SYMLINK_NOFOLLOW), ==, 0);
}

static void
test_goes_on (Fixture *fixture, gconstpointer data)
{
  ReceiverPartial *partial;

  leave (fixture, 10, "01234");
  assert_list (fixture, NAME);
  partial = resume (fixture, 10, 5);
  append (partial, "56");
  receiver_partial_keep (partial);

  partial = resume (fixture, 10, 7);
  append (partial, "789");
  assert_publishes (fixture, partial, "0123456789");
}

static void
test_goes_on_in_another_receiver (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  leave (fixture, 3, "012");
  receiver_store_free (fixture->store);
  fixture->store = receiver_store_open (fixture->folder, KEEP, &error);
  receiver_store_clean (fixture->store);
  assert_publishes (fixture, resume (fixture, 3, 3), "012");
}

static void
test_freed_is_gone (Fixture *fixture, gconstpointer data)
{
  ReceiverPartial *partial = resume (fixture, 10, 0);

  append (partial, "0");
  receiver_partial_free (partial);
  assert_list (fixture, "");
  receiver_partial_free (resume (fixture, 10, 0));
}

/* There is nothing to go on with. */
static void
test_nothing_to_keep (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = receiver_id_new ();
  g_autoptr (GError) error = NULL;
  ReceiverPartial *plain;

  receiver_partial_keep (resume (fixture, 10, 0));
  assert_list (fixture, "");

  plain = receiver_partial_new (fixture->store, id, 10, &error);
  g_assert_no_error (error);
  append (plain, "0");
  receiver_partial_keep (plain);
  assert_list (fixture, "");
}

static void
test_holder (Fixture *fixture, gconstpointer data)
{
  ReceiverPartial *partial = resume (fixture, 10, 0);

  receiver_partial_set_holder (partial, fixture);
  g_assert_true (receiver_store_get_holder (fixture->store, KEY) == fixture);
  g_assert_null (receiver_store_get_holder (fixture->store, OTHER_KEY));
  append (partial, "0");
  receiver_partial_keep (partial);
  g_assert_null (receiver_store_get_holder (fixture->store, KEY));
}

/* More than the file can have: it is of something else. */
static void
test_longer_than_the_file (Fixture *fixture, gconstpointer data)
{
  leave (fixture, 10, "0123456789");
  receiver_partial_free (resume (fixture, 9, 0));
  assert_list (fixture, "");
}

static void
test_expired (Fixture *fixture, gconstpointer data)
{
  leave (fixture, 10, "01234");
  set_age (fixture, KEEP - 100);
  receiver_partial_keep (resume (fixture, 10, 5));
  set_age (fixture, KEEP + 1);
  receiver_partial_free (resume (fixture, 10, 0));
}

/* What is not a receiver's own is put aside, and what it leads to stays as it is. */
static void
test_planted (Fixture *fixture, gconstpointer data)
{
  g_autofree char *victim = g_build_filename (fixture->folder, "victim", NULL);
  const char *const kinds[] = { "link", "dangling", "hard link", "pipe", "socket-like" };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    ReceiverPartial *partial;

    folder_write (fixture->folder, "victim", "precious");
    if (i == 0)
      g_assert_cmpint (symlink ("victim", fixture->path), ==, 0);
    else if (i == 1)
      g_assert_cmpint (symlink ("nowhere", fixture->path), ==, 0);
    else if (i == 2)
      g_assert_cmpint (link (victim, fixture->path), ==, 0);
    else if (i == 3)
      g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
    else
      g_assert_cmpint (mknod (fixture->path, S_IFSOCK | 0600, 0), ==, 0);

    partial = resume (fixture, 20, 0);
    append (partial, "mine");
    receiver_partial_keep (partial);
    assert_list (fixture, NAME "|victim");
    assert_contents (fixture, NAME, "mine");
    assert_contents (fixture, "victim", "precious");
    g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  }
}

/* Only root can give a file away; then it must not be trusted. */
static void
test_planted_by_another_user (Fixture *fixture, gconstpointer data)
{
  leave (fixture, 10, "01234");
  if (chown (fixture->path, 65534, 65534) == 0)
    receiver_partial_free (resume (fixture, 10, 0));
  else
    receiver_partial_free (resume (fixture, 10, 5));
  assert_list (fixture, "");
}

static void
test_planted_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (fixture->path, 0755), ==, 0);
  g_assert_null (receiver_partial_resume (fixture->store, KEY, 10, &error));
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_STORAGE);
  assert_list (fixture, NAME);
  g_assert_null (receiver_store_get_holder (fixture->store, KEY));
}

/* By another receiver on the same folder. */
static void
test_in_use (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd;

  leave (fixture, 10, "01234");
  fd = open (fixture->path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  g_assert_null (receiver_partial_resume (fixture->store, KEY, 10, &error));
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_BUSY);
  assert_contents (fixture, NAME, "01234");

  close (fd);
  receiver_partial_free (resume (fixture, 10, 5));
}

/* Room is taken for what is still to come. */
static void
test_room (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ReceiverPartial *partial;

  leave (fixture, 10 * MIB, "01234");
  g_assert_cmpint (reservation.offset, ==, 0);
  g_assert_cmpint (reservation.length, ==, 10 * MIB);
  partial = resume (fixture, 10 * MIB, 5);
  g_assert_cmpint (reservation.offset, ==, 5);
  g_assert_cmpint (reservation.length, ==, 10 * MIB - 5);
  receiver_partial_keep (partial);

  /* There may be room later. */
  reservation.breaks = TRUE;
  g_assert_null (receiver_partial_resume (fixture->store, KEY, 10 * MIB, &error));
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_STORAGE);
  reservation.breaks = FALSE;
  receiver_partial_free (resume (fixture, 10 * MIB, 5));
}

static void
test_broken_sync (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ReceiverPartial *partial;

  leave (fixture, 10, "01234");
  partial = resume (fixture, 10, 5);
  g_assert_true (receiver_partial_sync (partial, &error));
  broken_sync = EIO;
  g_assert_false (receiver_partial_sync (partial, &error));
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_STORAGE);
  receiver_partial_free (partial);
}

/* The hash is of the whole file, wherever it was cut and whatever was expected when. */
static void
test_hash (Fixture *fixture, gconstpointer data)
{
  static const GalileoHashType types[] = { GALILEO_HASH_NONE, GALILEO_HASH_SHA1, GALILEO_HASH_SHA512 };
  g_autofree char *block = g_strnfill (MIB, 'x');
  g_autofree char *whole = g_strnfill (6 * MIB, 'x');

  for (gsize i = 0; i < G_N_ELEMENTS (types) * G_N_ELEMENTS (types); i++) {
    ReceiverPartial *partial = resume (fixture, 6 * MIB, 0);

    receiver_partial_expect_hash (partial, types[i / G_N_ELEMENTS (types)]);
    for (int piece = 0; piece < 3; piece++)
      append (partial, block);
    /* Every other time the partial itself is handed on. */
    if (i % 2) {
      receiver_partial_keep (partial);
      partial = resume (fixture, 6 * MIB, 3 * MIB);
    }
    receiver_partial_expect_hash (partial, types[i % G_N_ELEMENTS (types)]);
    for (int piece = 0; piece < 3; piece++)
      append (partial, block);
    assert_publishes (fixture, partial, whole);
    folder_empty (fixture->folder);
  }
}

/* Given up in the middle, it is left or removed without waiting for the hash. */
static void
test_dropped_while_hashing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *block = g_strnfill (2 * MIB, 'x');

  for (int round = 0; round < 50; round++) {
    ReceiverPartial *partial = resume (fixture, 6 * MIB, 0);

    receiver_partial_expect_hash (partial, GALILEO_HASH_SHA1);
    append (partial, block);
    receiver_partial_keep (partial);
    partial = resume (fixture, 6 * MIB, 2 * MIB);
    receiver_partial_expect_hash (partial, GALILEO_HASH_SHA1);
    append (partial, block);
    receiver_partial_free (partial);
    assert_list (fixture, "");
  }
}

static void
test_clean (Fixture *fixture, gconstpointer data)
{
  ReceiverPartial *partial;

  leave (fixture, 10, "01234");
  folder_write (fixture->folder, ".galileo-0123456789abcdef0123456789abcdef.part", "plain");
  g_assert_cmpuint (receiver_store_clean (fixture->store), ==, 1);
  assert_list (fixture, NAME);

  /* In use it is of no age. */
  partial = resume (fixture, 10, 5);
  set_age (fixture, KEEP + 1);
  g_assert_cmpuint (receiver_store_clean (fixture->store), ==, 0);
  receiver_partial_keep (partial);
  g_assert_cmpuint (receiver_store_clean (fixture->store), ==, 1);
  assert_list (fixture, "");
}

/* Where nothing is kept, nothing that was kept stays. */
static void
test_clean_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  leave (fixture, 10, "01234");
  receiver_store_free (fixture->store);
  fixture->store = receiver_store_open (fixture->folder, 0, &error);
  g_assert_false (receiver_store_keeps (fixture->store));
  g_assert_cmpuint (receiver_store_clean (fixture->store), ==, 1);
  assert_list (fixture, "");
}

/* Beside running uploads: what may just begin is left alone. */
static void
test_sweep (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  folder_write (fixture->folder, ".galileo-0123456789abcdef0123456789abcdef.part", "plain");
  folder_write (fixture->folder, ".galileo-keep-" OTHER_KEY ".part", "young");
  leave (fixture, 10, "01234");
  set_age (fixture, KEEP + 1);

  receiver_store_sweep (fixture->store);
  receiver_store_sweep (fixture->store);
  /* Waits for it. */
  receiver_store_free (fixture->store);
  fixture->store = receiver_store_open (fixture->folder, KEEP, &error);
  assert_list (fixture, ".galileo-0123456789abcdef0123456789abcdef.part|.galileo-keep-" OTHER_KEY ".part");
}

#define ADD(name, function) g_test_add ("/partial/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("goes-on", test_goes_on);
  ADD ("goes-on-in-another-receiver", test_goes_on_in_another_receiver);
  ADD ("freed-is-gone", test_freed_is_gone);
  ADD ("nothing-to-keep", test_nothing_to_keep);
  ADD ("holder", test_holder);
  ADD ("longer-than-the-file", test_longer_than_the_file);
  ADD ("expired", test_expired);
  ADD ("planted", test_planted);
  ADD ("planted-by-another-user", test_planted_by_another_user);
  ADD ("planted-folder", test_planted_folder);
  ADD ("in-use", test_in_use);
  ADD ("room", test_room);
  ADD ("broken-sync", test_broken_sync);
  ADD ("hash", test_hash);
  ADD ("dropped-while-hashing", test_dropped_while_hashing);
  ADD ("clean", test_clean);
  ADD ("clean-all", test_clean_all);
  ADD ("sweep", test_sweep);

  return g_test_run ();
}

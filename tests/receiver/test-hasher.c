/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "folder.h"

#include "receiver/receiver-error.h"
#include "receiver/receiver-hasher.h"

#include <fcntl.h>
#include <unistd.h>

#define MIB (1024 * 1024)

typedef struct {
  char *folder;
  int fd;
  ReceiverFile *file;
  GThreadPool *pool;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  fixture->folder = folder_new ();
  path = g_build_filename (fixture->folder, "file", NULL);
  fixture->fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  g_assert_cmpint (fixture->fd, >=, 0);
  fixture->file = receiver_file_new (fixture->fd);
  fixture->pool = receiver_hasher_pool_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  /* Waits for the jobs of hashers that were freed before they were done. */
  g_thread_pool_free (fixture->pool, FALSE, TRUE);
  receiver_file_unref (fixture->file);
  folder_free (fixture->folder);
}

/* Bytes of which no two MiB are alike. */
static char *
make_data (gsize length)
{
  char *data = g_malloc (length + 1);
  GRand *rand = g_rand_new_with_seed ((guint32) length);

  for (gsize i = 0; i + 4 <= length; i += 4)
    *(guint32 *) (gpointer) (data + i) = g_rand_int (rand);
  data[length] = '\0';
  g_rand_free (rand);
  return data;
}

static void
append (Fixture *fixture, const char *data, gsize length)
{
  g_assert_cmpint (write (fixture->fd, data, length), ==, (gssize) length);
}

static void
assert_hash (ReceiverHasher *hasher, GChecksumType type, const char *data, gsize length)
{
  g_autofree char *expected = g_compute_checksum_for_data (type, (const guchar *) data, length);
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = receiver_hasher_finish (hasher, length, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hash, ==, expected);
}

/* While the file grows, in steps of all sizes. */
static void
test_beside (Fixture *fixture, gconstpointer data)
{
  static const gsize steps[] = { 1000, 250000, MIB - 1, MIB, MIB + 1, 5 * MIB };
  const gsize length = 20 * MIB;
  g_autofree char *contents = make_data (length);

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_autoptr (ReceiverHasher) hasher = receiver_hasher_new (GALILEO_HASH_SHA1, fixture->file, fixture->pool);

    g_assert_cmpint (ftruncate (fixture->fd, 0), ==, 0);
    g_assert_cmpint (lseek (fixture->fd, 0, SEEK_SET), ==, 0);
    for (gsize at = 0; at < length; at += MIN (steps[i], length - at)) {
      append (fixture, contents + at, MIN (steps[i], length - at));
      receiver_hasher_feed (hasher, MIN (at + steps[i], length));
    }
    assert_hash (hasher, G_CHECKSUM_SHA1, contents, length);
  }
}

/* What is there already when the hasher is made takes a job more than one turn. */
static void
test_long_prefix (Fixture *fixture, gconstpointer data)
{
  const gsize length = 50 * MIB + 7;
  g_autofree char *contents = make_data (length);
  g_autoptr (ReceiverHasher) hasher = NULL;

  append (fixture, contents, length);
  hasher = receiver_hasher_new (GALILEO_HASH_SHA256, fixture->file, fixture->pool);
  receiver_hasher_feed (hasher, length);
  assert_hash (hasher, G_CHECKSUM_SHA256, contents, length);
}

static void
test_at_the_end_only (Fixture *fixture, gconstpointer data)
{
  static const struct {
    GalileoHashType type;
    GChecksumType checksum;
  } rows[] = {
    { GALILEO_HASH_SHA1, G_CHECKSUM_SHA1 },
    { GALILEO_HASH_SHA256, G_CHECKSUM_SHA256 },
    { GALILEO_HASH_SHA512, G_CHECKSUM_SHA512 },
  };
  g_autofree char *contents = make_data (3 * MIB + 1);

  append (fixture, contents, 3 * MIB + 1);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (ReceiverHasher) hasher = receiver_hasher_new (rows[i].type, fixture->file, NULL);

    g_assert_cmpint (receiver_hasher_get_hash_type (hasher), ==, rows[i].type);
    assert_hash (hasher, rows[i].checksum, contents, 3 * MIB + 1);
  }
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ReceiverHasher) hasher = receiver_hasher_new (GALILEO_HASH_SHA1, fixture->file, fixture->pool);

  receiver_hasher_feed (hasher, 0);
  assert_hash (hasher, G_CHECKSUM_SHA1, "", 0);
}

/* More hashers than threads, and all are given up: at once, or after a while. */
static void
test_freed_at_work (Fixture *fixture, gconstpointer data)
{
  const gsize length = 16 * MIB;
  g_autofree char *contents = make_data (length);

  append (fixture, contents, length);
  for (int round = 0; round < 200; round++) {
    ReceiverHasher *hasher = receiver_hasher_new (GALILEO_HASH_SHA1, fixture->file, fixture->pool);

    receiver_hasher_feed (hasher, length / 2);
    if (round % 2)
      receiver_hasher_feed (hasher, length);
    if (round % 3 == 0)
      g_thread_yield ();
    receiver_hasher_free (hasher);
  }
}

static void
test_cut_short (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ReceiverHasher) hasher = receiver_hasher_new (GALILEO_HASH_SHA1, fixture->file, fixture->pool);
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = make_data (MIB);
  g_autofree char *hash = NULL;

  append (fixture, contents, MIB);
  receiver_hasher_feed (hasher, 3 * MIB);
  hash = receiver_hasher_finish (hasher, 3 * MIB, NULL, &error);
  g_assert_null (hash);
  g_assert_error (error, RECEIVER_ERROR, RECEIVER_ERROR_STORAGE);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ReceiverHasher) hasher = receiver_hasher_new (GALILEO_HASH_SHA1, fixture->file, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = NULL;

  append (fixture, "x", 1);
  g_cancellable_cancel (cancellable);
  hash = receiver_hasher_finish (hasher, 1, cancellable, &error);
  g_assert_null (hash);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define ADD(name, function) g_test_add ("/hasher/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("beside", test_beside);
  ADD ("long-prefix", test_long_prefix);
  ADD ("at-the-end-only", test_at_the_end_only);
  ADD ("empty", test_empty);
  ADD ("freed-at-work", test_freed_at_work);
  ADD ("cut-short", test_cut_short);
  ADD ("cancelled", test_cancelled);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-partial.h"

#include "receiver-error.h"
#include "receiver-hasher.h"
#include "receiver-name.h"
#include "receiver-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * A file that is not complete yet. Publishing gives it its final name, and never takes a name from another
 * file.
 */
struct _ReceiverPartial {
  ReceiverStore *store; /* borrowed */
  char *file_name;
  gboolean resumable;
  gpointer holder;    /* borrowed: who has a resumable one */
  ReceiverFile *file; /* NULL before it is open, and once it is published */
  guint64 size;
  guint64 written;
  guint64 flushed;
  guint64 reserved; /* up to here the file system keeps room for it */
  guint64 promised; /* or bytes that are just counted, and are still to come */

  ReceiverHasher *hasher; /* NULL if no hash is expected, or for a small file */
};

/* A file that is smaller is hashed when it is complete: telling another thread of it would take longer. */
#define HASH_BESIDE_MIN (256 * 1024)

/* So many bytes are handed to the disk at a time, so that the sync at the end is short. */
#define FLUSH_STEP (16 * 1024 * 1024)

/* "name (9999).ext" is the last name that is tried. */
#define NUMBER_MAX 9999

#define OPEN_FLAGS (O_RDWR | O_NOFOLLOW | O_CLOEXEC)

static int
get_fd (const ReceiverPartial *self)
{
  return receiver_file_get_fd (self->file);
}

/*
 * Takes the room from the file system, or at least keeps account of it, so that uploads that arrive together
 * are not promised the same bytes. The size stays what has been written.
 */
static gboolean
reserve_room (ReceiverPartial *self, GError **error)
{
  guint64 rest = self->size - self->written;
  int number = EOPNOTSUPP;

  if (!receiver_store_check_room (self->store, rest, error))
    return FALSE;

  if (self->store->reserves && rest >= RECEIVER_PARTIAL_RESERVE_MIN) {
    do
      number = fallocate (get_fd (self), FALLOC_FL_KEEP_SIZE, (off_t) self->written, (off_t) rest) == 0 ? 0 : errno;
    while (number == EINTR);
  }

  switch (number) {
  case 0:
    self->reserved = self->size;
    return TRUE;
  case EOPNOTSUPP:
  case ENOSYS:
  case EINVAL:
    self->promised = rest;
    self->store->promised += rest;
    return TRUE;
  default:
    receiver_error_set_errno (error, number);
    return FALSE;
  }
}

/*
 * Locks the new file. Before that a receiver that starts up may take it for a dead one's and remove it, so
 * it counts only if it still has its name. File systems without locks are used as they are: nothing is
 * cleaned up there either.
 */
static gboolean
lock_new (int fd)
{
  struct stat info;

  if (flock (fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return FALSE;

  return fstat (fd, &info) == 0 && info.st_nlink > 0;
}

static gboolean
create_file (ReceiverPartial *self, GError **error)
{
  int fd = openat (self->store->fd, self->file_name, OPEN_FLAGS | O_CREAT | O_EXCL, 0666);

  if (fd < 0) {
    receiver_error_set_errno (error, errno);
    return FALSE;
  }

  self->file = receiver_file_new (fd);
  if (lock_new (fd))
    return TRUE;

  receiver_error_set_errno (error, EAGAIN);
  return FALSE;
}

static ReceiverPartial *
partial_new (ReceiverStore *store, char *file_name, guint64 size)
{
  ReceiverPartial *self = g_new0 (ReceiverPartial, 1);

  self->store = store;
  self->file_name = file_name;
  self->size = size;
  return self;
}

/*
 * receiver_partial_new:
 * @id: from receiver_id_new()
 * @size: how many bytes are to come
 *
 * Creates the file that takes the bytes. It is there until it is published, or else freed.
 */
ReceiverPartial *
receiver_partial_new (ReceiverStore *store, const char *id, guint64 size, GError **error)
{
  g_autoptr (ReceiverPartial) self = NULL;

  g_return_val_if_fail (store != NULL, NULL);
  g_return_val_if_fail (id != NULL, NULL);

  self = partial_new (store, receiver_store_get_partial_name (id), size);
  if (!create_file (self, error) || !reserve_room (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

/*
 * Takes over what is left of an earlier attempt, if it can be. Whatever else stands under that name is
 * removed; it is never written to.
 *
 * Returns: %FALSE with @error set if somebody else has it
 */
static gboolean
open_left_over (ReceiverPartial *self, GError **error)
{
  ReceiverStore *store = self->store;
  g_autoptr (ReceiverFile) file = NULL;
  struct stat info;
  int fd;

  /* It may be a pipe, which must not be waited for. */
  fd = openat (store->fd, self->file_name, OPEN_FLAGS | O_NONBLOCK);
  if (fd < 0 && errno == ENOENT)
    return TRUE;

  if (fd >= 0) {
    file = receiver_file_new (fd);
    if (fstat (fd, &info) == 0 && receiver_store_is_own (&info)) {
      if (flock (fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        g_set_error_literal (error, RECEIVER_ERROR, RECEIVER_ERROR_BUSY, "The upload is still in use elsewhere");
        return FALSE;
      }

      /* Until now another receiver may have written to it, or removed it. */
      if (fstat (fd, &info) == 0 && receiver_store_is_own (&info) && (guint64) info.st_size <= self->size &&
          !receiver_store_is_expired (store, &info) && lseek (fd, info.st_size, SEEK_SET) == info.st_size) {
        self->file = g_steal_pointer (&file);
        self->written = self->flushed = (guint64) info.st_size;
        return TRUE;
      }
      receiver_file_set_lost (file, (guint64) info.st_size);
    }
  }

  unlinkat (store->fd, self->file_name, 0);
  return TRUE;
}

/*
 * receiver_partial_resume:
 * @key: 64 hexadecimal digits that stand for the upload
 * @size: how many bytes the whole file has
 *
 * Opens what receiver_partial_keep() or a dead receiver left of the upload, or else creates the file. How far
 * it is receiver_partial_get_written() tells; it is promised to nobody before receiver_partial_sync().
 */
ReceiverPartial *
receiver_partial_resume (ReceiverStore *store, const char *key, guint64 size, GError **error)
{
  g_autoptr (ReceiverPartial) self = NULL;

  g_return_val_if_fail (store != NULL && receiver_store_keeps (store), NULL);
  g_return_val_if_fail (key != NULL, NULL);
  g_return_val_if_fail (receiver_store_get_holder (store, key) == NULL, NULL);

  self = partial_new (store, receiver_store_get_resumable_name (key), size);
  self->resumable = TRUE;
  g_hash_table_insert (store->resumable, self->file_name, self);

  if (!open_left_over (self, error) || (self->file == NULL && !create_file (self, error)))
    return NULL;

  if (!reserve_room (self, error)) {
    /* There may be room later. */
    receiver_partial_keep (g_steal_pointer (&self));
    return NULL;
  }

  return g_steal_pointer (&self);
}

static void
forget (ReceiverPartial *self)
{
  g_clear_pointer (&self->hasher, receiver_hasher_free);
  g_clear_pointer (&self->file, receiver_file_unref);
  if (self->resumable)
    g_hash_table_remove (self->store->resumable, self->file_name);
  self->store->promised -= self->promised;
  g_free (self->file_name);
  g_free (self);
}

/* Removes the file, unless it was published. */
void
receiver_partial_free (ReceiverPartial *self)
{
  if (self == NULL)
    return;

  if (self->file != NULL) {
    unlinkat (self->store->fd, self->file_name, 0);
    receiver_file_set_lost (self->file, MAX (self->written, self->reserved));
  }
  forget (self);
}

/* Frees it as well, but what has arrived stays for receiver_partial_resume(), if that can be. */
void
receiver_partial_keep (ReceiverPartial *self)
{
  if (self == NULL)
    return;

  if (!self->resumable || self->written == 0 || self->file == NULL) {
    receiver_partial_free (self);
    return;
  }

  /* Room for what has not come is not kept. */
  if (self->reserved > self->written)
    (void) !ftruncate (get_fd (self), (off_t) self->written);
  /* A job that still hashes it has it open a moment longer. */
  flock (get_fd (self), LOCK_UN);
  forget (self);
}

guint64
receiver_partial_get_written (const ReceiverPartial *self)
{
  return self->written;
}

gpointer
receiver_partial_get_holder (const ReceiverPartial *self)
{
  return self->holder;
}

void
receiver_partial_set_holder (ReceiverPartial *self, gpointer holder)
{
  self->holder = holder;
}

/*
 * receiver_partial_expect_hash:
 * @type: what receiver_partial_hash() will be asked for, or %GALILEO_HASH_NONE
 *
 * Has the file hashed while it arrives.
 */
void
receiver_partial_expect_hash (ReceiverPartial *self, GalileoHashType type)
{
  if (self->hasher != NULL && receiver_hasher_get_hash_type (self->hasher) == type)
    return;

  g_clear_pointer (&self->hasher, receiver_hasher_free);
  if (type == GALILEO_HASH_NONE || self->size < HASH_BESIDE_MIN)
    return;

  self->hasher = receiver_hasher_new (type, self->file, self->store->hashers);
  receiver_hasher_feed (self->hasher, self->written);
}

/* Appends bytes. */
gboolean
receiver_partial_write (ReceiverPartial *self, const void *data, gsize length, GError **error)
{
  const char *at = data;
  guint64 kept;

  g_return_val_if_fail (self != NULL && self->file != NULL, FALSE);

  while (length > 0) {
    ssize_t count = write (get_fd (self), at, length);

    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0) {
      receiver_error_set_errno (error, errno);
      return FALSE;
    }
    at += count;
    length -= (gsize) count;
    self->written += (guint64) count;
    kept = MIN (self->promised, (guint64) count);
    self->promised -= kept;
    self->store->promised -= kept;
  }

  if (self->hasher != NULL)
    receiver_hasher_feed (self->hasher, self->written);

  /* Advice only: what it can't start the sync at the end will do, and will report. */
  if (self->written - self->flushed >= FLUSH_STEP) {
    (void) sync_file_range (get_fd (self),
                            (off_t) self->flushed,
                            (off_t) (self->written - self->flushed),
                            SYNC_FILE_RANGE_WRITE);
    self->flushed = self->written;
  }

  return TRUE;
}

/*
 * receiver_partial_sync:
 *
 * When this returns, what has arrived survives a power cut. For a thread, as what follows.
 */
gboolean
receiver_partial_sync (ReceiverPartial *self, GError **error)
{
  g_return_val_if_fail (self != NULL && self->file != NULL, FALSE);

  if (fdatasync (get_fd (self)) == 0)
    return TRUE;

  receiver_error_set_errno (error, errno);
  return FALSE;
}

/*
 * receiver_partial_hash:
 * @type: not %GALILEO_HASH_NONE
 *
 * Gives the hash of all that has arrived. To be called once, when nothing more comes.
 */
char *
receiver_partial_hash (ReceiverPartial *self, GalileoHashType type, GCancellable *cancellable, GError **error)
{
  g_autoptr (ReceiverHasher) late = NULL;

  g_return_val_if_fail (self != NULL && self->file != NULL, NULL);

  if (self->hasher != NULL && receiver_hasher_get_hash_type (self->hasher) == type)
    return receiver_hasher_finish (self->hasher, self->written, cancellable, error);

  late = receiver_hasher_new (type, self->file, NULL);
  return receiver_hasher_finish (late, self->written, cancellable, error);
}

/* Gives the partial a name that no file has. Returns 0 or an error number; EEXIST if @name is taken. */
static int
take_name (ReceiverPartial *self, const char *name)
{
  int folder = self->store->fd;

  if (renameat2 (folder, self->file_name, folder, name, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;

  /* The file system can't rename that way. A hard link never replaces a file either. */
  if (linkat (folder, self->file_name, folder, name, 0) != 0)
    return errno;
  unlinkat (folder, self->file_name, 0);
  return 0;
}

static char *
take_free_name (ReceiverPartial *self, const char *name, GError **error)
{
  for (guint number = 0; number <= NUMBER_MAX; number++) {
    g_autofree char *candidate = receiver_name_numbered (name, number);
    int problem = take_name (self, candidate);

    if (problem == 0)
      return g_steal_pointer (&candidate);
    if (problem != EEXIST) {
      receiver_error_set_errno (error, problem);
      return NULL;
    }
  }

  g_set_error_literal (error, RECEIVER_ERROR, RECEIVER_ERROR_EXISTS, "There are too many files of that name");
  return NULL;
}

static gboolean
check_size (ReceiverPartial *self, GError **error)
{
  struct stat info;

  if (fstat (get_fd (self), &info) != 0) {
    receiver_error_set_errno (error, errno);
    return FALSE;
  }
  if ((guint64) info.st_size == self->size && self->written == self->size)
    return TRUE;

  g_set_error (error,
               RECEIVER_ERROR,
               RECEIVER_ERROR_SIZE,
               "%" G_GUINT64_FORMAT " bytes came instead of %" G_GUINT64_FORMAT,
               self->written,
               self->size);
  return FALSE;
}

/*
 * receiver_partial_publish:
 * @name: a checked name
 *
 * Gives the complete file its final name: @name, or if that is taken "name (1)", "name (2)" and so on.
 * When this returns, the file survives a power cut under that name. May take as long as the disk takes, so
 * it is made for a thread; meanwhile nothing else may be done with @self.
 *
 * Returns: the name it has, or %NULL with @error set: then it has none and will be removed
 */
char *
receiver_partial_publish (ReceiverPartial *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autofree char *stored_as = NULL;

  g_return_val_if_fail (self != NULL && self->file != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (!check_size (self, error) || !receiver_partial_sync (self, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  stored_as = take_free_name (self, name, error);
  if (stored_as == NULL)
    return NULL;

  /* Some network file systems can't sync a folder, and say so. */
  if (fsync (self->store->fd) != 0 && errno != EINVAL && errno != EOPNOTSUPP) {
    receiver_error_set_errno (error, errno);
    unlinkat (self->store->fd, stored_as, 0);
    return NULL;
  }

  g_clear_pointer (&self->hasher, receiver_hasher_free);
  g_clear_pointer (&self->file, receiver_file_unref);
  return g_steal_pointer (&stored_as);
}

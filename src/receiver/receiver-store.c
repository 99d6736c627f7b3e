/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-store.h"

#include "receiver-error.h"
#include "receiver-name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * The folder that files go to. It is opened once and used by its descriptor, so that nobody can put another
 * folder in its place, and no path is ever built.
 *
 * While bytes arrive a file is a partial: a hidden file with a name of the receiver's own, locked as long as
 * it is open. So a receiver that starts can tell the partials that a dead one left from those of a live one.
 * Publishing gives it its final name, and never takes a name from another file.
 */
struct _ReceiverStore {
  int fd;
  gboolean reserves; /* whether the file system reserves room, and quickly */
  guint64 promised;  /* bytes that are still to come for partials without a reservation */
};

struct _ReceiverPartial {
  ReceiverStore *store; /* borrowed */
  char *file_name;
  int fd;
  guint64 size;
  guint64 written;
  guint64 flushed;
  guint64 reserved; /* bytes that the file system keeps for it */
  guint64 promised; /* or bytes that are just counted, and are still to come */
};

#define PARTIAL_PREFIX ".galileo-"
#define PARTIAL_SUFFIX ".part"

/* Room is reserved from this size on; for less it costs more than it tells. */
#define RESERVE_MIN (1024 * 1024)

/* So many bytes are handed to the disk at a time, so that the sync at the end is short. */
#define FLUSH_STEP (16 * 1024 * 1024)

/* Giving back this much room takes the kernel long enough that nobody should wait for it. */
#define SLOW_CLOSE_MIN (64 * 1024 * 1024)

/* "name (9999).ext" is the last name that is tried. */
#define NUMBER_MAX 9999

/* A file system in memory fills the room that it reserves, a third of a second for each GB. */
static gboolean
can_reserve (int fd)
{
  struct statfs info;

  return fstatfs (fd, &info) == 0 && info.f_type != TMPFS_MAGIC && info.f_type != RAMFS_MAGIC;
}

/*
 * receiver_store_open:
 * @directory: an existing folder, writable
 *
 * Errors are for the owner of the receiver: they name the folder.
 */
ReceiverStore *
receiver_store_open (const char *directory, GError **error)
{
  g_autoptr (ReceiverStore) self = g_new0 (ReceiverStore, 1);
  const char *problem = NULL;
  int number = 0;

  g_return_val_if_fail (directory != NULL, NULL);

  self->fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->fd < 0) {
    problem = "open";
    number = errno;
  } else if (faccessat (self->fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
    problem = "write to";
    number = errno;
  }

  if (problem != NULL) {
    g_set_error (error,
                 G_FILE_ERROR,
                 g_file_error_from_errno (number),
                 "can't %s the folder “%s”: %s",
                 problem,
                 directory,
                 g_strerror (number));
    return NULL;
  }

  self->reserves = can_reserve (self->fd);
  return g_steal_pointer (&self);
}

/* No partial may outlive its store. */
void
receiver_store_free (ReceiverStore *self)
{
  if (self == NULL)
    return;

  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

static gboolean
is_partial_name (const char *name)
{
  return g_str_has_prefix (name, PARTIAL_PREFIX) && g_str_has_suffix (name, PARTIAL_SUFFIX);
}

/* Whether the file was a partial that no running receiver holds; then it is gone. */
static gboolean
remove_stale (ReceiverStore *self, const char *name)
{
  gboolean removed = FALSE;
  struct stat info;
  int fd;

  fd = openat (self->fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return FALSE;

  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && flock (fd, LOCK_EX | LOCK_NB) == 0)
    removed = unlinkat (self->fd, name, 0) == 0;

  close (fd);
  return removed;
}

/*
 * receiver_store_clean:
 *
 * Removes the partials of receivers that were killed. Another receiver may be at work in the same folder:
 * its partials stay.
 *
 * Returns: how many were removed
 */
guint
receiver_store_clean (ReceiverStore *self)
{
  struct dirent *entry;
  guint count = 0;
  DIR *folder;
  int fd;

  g_return_val_if_fail (self != NULL, 0);

  /* A descriptor of its own, for reading moves the position. */
  fd = openat (self->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  folder = fd >= 0 ? fdopendir (fd) : NULL;
  if (folder == NULL) {
    if (fd >= 0)
      close (fd);
    return 0;
  }

  while ((entry = readdir (folder)) != NULL) {
    if (is_partial_name (entry->d_name) && remove_stale (self, entry->d_name))
      count++;
  }

  closedir (folder);
  return count;
}

/* A new upload's id. Nobody can guess it, so nobody can have put a file in its place. */
char *
receiver_id_new (void)
{
  unsigned char bytes[RECEIVER_ID_LENGTH / 2];
  GString *id = g_string_sized_new (RECEIVER_ID_LENGTH);

  /* Sixteen bytes come whole or not at all, and only a kernel that is just starting has none. */
  while (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    g_assert (errno == EINTR);

  for (size_t i = 0; i < sizeof bytes; i++)
    g_string_append_printf (id, "%02x", bytes[i]);

  return g_string_free (id, FALSE);
}

/* The early answer: a file that does not fit is refused before its first byte. */
static gboolean
check_room (ReceiverStore *self, guint64 size, GError **error)
{
  struct statvfs info;
  guint64 available;

  /* Some file systems do not know their size. */
  if (fstatvfs (self->fd, &info) != 0 || info.f_blocks == 0)
    return TRUE;

  available = (guint64) info.f_bavail * info.f_frsize;
  available -= MIN (available, self->promised);
  if (size <= available)
    return TRUE;

  g_set_error (error,
               RECEIVER_ERROR,
               RECEIVER_ERROR_STORAGE,
               "There is no room for the file: %" G_GUINT64_FORMAT " bytes are free",
               available);
  return FALSE;
}

/*
 * Takes the room from the file system, or at least keeps account of it, so that uploads that arrive together
 * are not promised the same bytes. The size stays what has been written.
 */
static gboolean
reserve_room (ReceiverPartial *self, GError **error)
{
  int number = EOPNOTSUPP;

  if (self->store->reserves && self->size >= RESERVE_MIN) {
    do
      number = fallocate (self->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t) self->size) == 0 ? 0 : errno;
    while (number == EINTR);
  }

  switch (number) {
  case 0:
    self->reserved = self->size;
    return TRUE;
  case EOPNOTSUPP:
  case ENOSYS:
  case EINVAL:
    self->promised = self->size;
    self->store->promised += self->size;
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

  if (!check_room (store, size, error))
    return NULL;

  self = g_new0 (ReceiverPartial, 1);
  self->store = store;
  self->size = size;
  self->file_name = g_strconcat (PARTIAL_PREFIX, id, PARTIAL_SUFFIX, NULL);
  self->fd = openat (store->fd, self->file_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (self->fd < 0) {
    receiver_error_set_errno (error, errno);
    return NULL;
  }

  if (!lock_new (self->fd)) {
    receiver_error_set_errno (error, EAGAIN);
    return NULL;
  }

  return reserve_room (self, error) ? g_steal_pointer (&self) : NULL;
}

static gpointer
close_slowly (gpointer data)
{
  close (GPOINTER_TO_INT (data));
  return NULL;
}

/* Removes the file, unless it was published. */
void
receiver_partial_free (ReceiverPartial *self)
{
  if (self == NULL)
    return;

  if (self->fd >= 0) {
    GThread *thread = NULL;

    unlinkat (self->store->fd, self->file_name, 0);
    /* The last close of a file without a name gives all its blocks back, and that takes a while. */
    if (MAX (self->written, self->reserved) >= SLOW_CLOSE_MIN)
      thread = g_thread_try_new ("close", close_slowly, GINT_TO_POINTER (self->fd), NULL);
    if (thread != NULL)
      g_thread_unref (thread);
    else
      close (self->fd);
  }

  self->store->promised -= self->promised;
  g_free (self->file_name);
  g_free (self);
}

/* Appends bytes. */
gboolean
receiver_partial_write (ReceiverPartial *self, const void *data, gsize length, GError **error)
{
  const char *at = data;
  guint64 kept;

  g_return_val_if_fail (self != NULL && self->fd >= 0, FALSE);

  while (length > 0) {
    ssize_t count = write (self->fd, at, length);

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

  /* Advice only: what it can't start the sync at the end will do, and will report. */
  if (self->written - self->flushed >= FLUSH_STEP) {
    (void) sync_file_range (self->fd,
                            (off_t) self->flushed,
                            (off_t) (self->written - self->flushed),
                            SYNC_FILE_RANGE_WRITE);
    self->flushed = self->written;
  }

  return TRUE;
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

  if (fstat (self->fd, &info) != 0) {
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

  g_return_val_if_fail (self != NULL && self->fd >= 0, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (!check_size (self, error))
    return NULL;

  if (fdatasync (self->fd) != 0) {
    receiver_error_set_errno (error, errno);
    return NULL;
  }

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
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

  close (self->fd);
  self->fd = -1;
  return g_steal_pointer (&stored_as);
}

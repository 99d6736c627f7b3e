/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-store-private.h"

#include "receiver-error.h"
#include "receiver-hasher.h"
#include "receiver-partial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * The folder that files go to. It is opened once and used by its descriptor, so that nobody can put another
 * folder in its place, and no path is ever built.
 *
 * While bytes arrive a file is a partial: a hidden file with a name of the receiver's own, locked as long as
 * it is open. So a receiver that starts can tell the partials that a dead one left from those of a live one.
 * A resumable one has a name that its client leads to again, and outlives the receiver for a time.
 */

#define PARTIAL_PREFIX ".galileo-"
#define RESUMABLE_PREFIX ".galileo-keep-"
#define PARTIAL_SUFFIX ".part"

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
 * @keep_seconds: how long resumable partials are kept; 0 for no such thing
 *
 * Errors are for the owner of the receiver: they name the folder.
 */
ReceiverStore *
receiver_store_open (const char *directory, guint keep_seconds, GError **error)
{
  g_autoptr (ReceiverStore) self = g_new0 (ReceiverStore, 1);
  const char *problem = NULL;
  int number = 0;

  g_return_val_if_fail (directory != NULL, NULL);

  self->keep = keep_seconds;
  self->resumable = g_hash_table_new (g_str_hash, g_str_equal);
  self->hashers = receiver_hasher_pool_new ();

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

  g_clear_pointer (&self->sweeper, g_thread_join);
  g_thread_pool_free (self->hashers, FALSE, TRUE);
  g_hash_table_unref (self->resumable);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

/* Whether an upload that was cut can go on. */
gboolean
receiver_store_keeps (const ReceiverStore *self)
{
  return self->keep > 0;
}

/*
 * receiver_store_get_holder:
 *
 * Returns: (nullable): who has the resumable partial of that key at the moment, if it is open in this receiver
 */
gpointer
receiver_store_get_holder (ReceiverStore *self, const char *key)
{
  g_autofree char *name = receiver_store_get_resumable_name (key);
  ReceiverPartial *partial = g_hash_table_lookup (self->resumable, name);

  return partial != NULL ? receiver_partial_get_holder (partial) : NULL;
}

char *
receiver_store_get_partial_name (const char *id)
{
  return g_strconcat (PARTIAL_PREFIX, id, PARTIAL_SUFFIX, NULL);
}

char *
receiver_store_get_resumable_name (const char *key)
{
  return g_strconcat (RESUMABLE_PREFIX, key, PARTIAL_SUFFIX, NULL);
}

/*
 * Whether a file under the name of a partial can be one that a receiver made: nobody else's, and not a second
 * name of some other file.
 */
gboolean
receiver_store_is_own (const struct stat *info)
{
  return S_ISREG (info->st_mode) && info->st_nlink == 1 && info->st_uid == geteuid ();
}

gboolean
receiver_store_is_expired (const ReceiverStore *self, const struct stat *info)
{
  gint64 modified = (gint64) info->st_mtim.tv_sec * G_USEC_PER_SEC + info->st_mtim.tv_nsec / 1000;

  return g_get_real_time () - modified >= (gint64) self->keep * G_USEC_PER_SEC;
}

/* Cleaning */

typedef enum {
  KIND_OTHER,
  KIND_PLAIN,
  KIND_RESUMABLE,
} Kind;

static Kind
get_kind (const char *name)
{
  if (!g_str_has_prefix (name, PARTIAL_PREFIX) || !g_str_has_suffix (name, PARTIAL_SUFFIX))
    return KIND_OTHER;

  return g_str_has_prefix (name, RESUMABLE_PREFIX) ? KIND_RESUMABLE : KIND_PLAIN;
}

/* Gives back the room that was reserved for what never came. */
static void
give_back_room (int fd, const struct stat *info)
{
  guint64 taken = (guint64) info->st_blocks * 512;

  if (receiver_store_is_own (info) && taken >= (guint64) info->st_size + RECEIVER_PARTIAL_RESERVE_MIN)
    (void) !ftruncate (fd, info->st_size);
}

/* Whether the file was a partial that no running receiver holds, and that is not to be kept; then it is gone. */
static gboolean
remove_stale (ReceiverStore *self, const char *name, Kind kind)
{
  gboolean removed = FALSE;
  struct stat info;
  int fd;

  fd = openat (self->fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return FALSE;

  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && flock (fd, LOCK_EX | LOCK_NB) == 0) {
    if (kind == KIND_PLAIN || receiver_store_is_expired (self, &info))
      removed = unlinkat (self->fd, name, 0) == 0;
    else
      give_back_room (fd, &info);
  }

  close (fd);
  return removed;
}

static gboolean
looks_expired (ReceiverStore *self, const char *name)
{
  struct stat info;

  return fstatat (self->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && receiver_store_is_expired (self, &info);
}

static guint
clean (ReceiverStore *self, gboolean at_start)
{
  struct dirent *entry;
  guint count = 0;
  DIR *folder;
  int fd;

  /* A descriptor of its own, for reading moves the position. */
  fd = openat (self->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  folder = fd >= 0 ? fdopendir (fd) : NULL;
  if (folder == NULL) {
    if (fd >= 0)
      close (fd);
    return 0;
  }

  while ((entry = readdir (folder)) != NULL) {
    Kind kind = get_kind (entry->d_name);

    /* While uploads run nothing is opened, and so locked, that may just begin. */
    if (!at_start && (kind != KIND_RESUMABLE || !looks_expired (self, entry->d_name)))
      continue;
    if (kind != KIND_OTHER && remove_stale (self, entry->d_name, kind))
      count++;
  }

  closedir (folder);
  return count;
}

/*
 * receiver_store_clean:
 *
 * Removes the partials of receivers that were killed, but not resumable ones before their time. Another
 * receiver may be at work in the same folder: its partials stay.
 *
 * Returns: how many were removed
 */
guint
receiver_store_clean (ReceiverStore *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return clean (self, TRUE);
}

static gpointer
sweep (gpointer data)
{
  ReceiverStore *self = data;

  clean (self, FALSE);
  g_atomic_int_set (&self->sweeping, FALSE);
  return NULL;
}

/*
 * receiver_store_sweep:
 *
 * Removes the resumable partials whose time is over, in a thread: the folder may be large.
 */
void
receiver_store_sweep (ReceiverStore *self)
{
  g_return_if_fail (self != NULL);

  if (self->keep == 0 || g_atomic_int_get (&self->sweeping))
    return;

  g_clear_pointer (&self->sweeper, g_thread_join);
  g_atomic_int_set (&self->sweeping, TRUE);
  self->sweeper = g_thread_try_new ("sweep", sweep, self, NULL);
  if (self->sweeper == NULL)
    g_atomic_int_set (&self->sweeping, FALSE);
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
gboolean
receiver_store_check_room (ReceiverStore *self, guint64 size, GError **error)
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

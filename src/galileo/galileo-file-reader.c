/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-file-reader.h"

#include "galileo-error.h"
#include "galileo-file-identity.h"
#include "galileo-hash-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read at a time, in whole chunks if they are smaller: one turn of the worker for several of them. Measured with chunks
 * of 250,000 bytes: a file takes 12 % less time than with a turn for each. */
#define BLOCK_SIZE (1024 * 1024)

/*
 * GalileoFileReader:
 *
 * Reads a file in a worker thread, one block ahead of who asks, feeds the hash there, and notices when the file is no
 * longer the one that was opened.
 *
 * The first block is read while the file is opened, before anybody knows where to begin or which hash is wanted. Once
 * that is known (galileo_file_reader_begin()), what lies before the beginning is read for the hash alone.
 *
 * Used from one context. What the worker needs is touched by the owner only while no work is under way, and work
 * is started one piece at a time; the task system's hand-over orders the rest.
 */

struct _GalileoFileReader {
  GObject parent_instance;

  GFile *file;
  GCancellable *cancellable;

  /* The worker's while working is set. */
  int fd;
  GFileInputStream *stream;
  GalileoFileIdentity identity;
  gboolean fresh; /* it was changed so lately that another change may bear the same time */
  guint64 offset; /* of the next byte to read */
  guint64 start;  /* of the first byte that is asked for */
  gsize block;
  GalileoHashType hash_type;
  GalileoHash *hash;
  GBytes *unhashed; /* what was read before the hash was known */
  char *hash_value;

  int n_steps; /* atomic: pieces of work done, so that a slow disk can be told from a dead one */

  gboolean begun;
  gboolean working;
  GBytes *ahead;
  GError *ahead_error;
  GTask *waiting;
  gsize waiting_most;
};

G_DEFINE_FINAL_TYPE (GalileoFileReader, galileo_file_reader, G_TYPE_OBJECT)

/* What the system makes up as it is read, such as the files of /proc, has no size, and may hold something all the same. */
static gboolean
check_empty (GalileoFileReader *self, GError **error)
{
  char byte;
  ssize_t n = pread (self->fd, &byte, 1, 0);

  if (n == 0)
    return TRUE;

  if (n < 0)
    galileo_file_set_errno (error, errno);
  else
    g_set_error_literal (error,
                         GALILEO_ERROR,
                         GALILEO_ERROR_FILE,
                         _("It has no size until it is read, as what the system makes up; copy it, and upload the copy"));
  return FALSE;
}

static gboolean
open_local (GalileoFileReader *self, const char *path, GError **error)
{
  struct stat status;
  GFileType type;

  /* Without O_NONBLOCK, opening a pipe would wait for somebody to write to it. */
  self->fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (self->fd < 0) {
    /* Sockets and some devices can't be opened at all. */
    if (errno == ENXIO || errno == ENODEV)
      return galileo_file_check_type (G_FILE_TYPE_SPECIAL, error);
    galileo_file_set_errno (error, errno);
    return FALSE;
  }

  if (fstat (self->fd, &status) != 0) {
    galileo_file_set_errno (error, errno);
    return FALSE;
  }

  type = S_ISREG (status.st_mode) ? G_FILE_TYPE_REGULAR :
         S_ISDIR (status.st_mode) ? G_FILE_TYPE_DIRECTORY : G_FILE_TYPE_SPECIAL;
  if (!galileo_file_check_type (type, error))
    return FALSE;

  galileo_file_identity_from_stat (&self->identity, &status);
  self->fresh = galileo_file_identity_is_fresh (&self->identity);
  if (status.st_size == 0 && !check_empty (self, error))
    return FALSE;
  (void) posix_fadvise (self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);

  return TRUE;
}

static gboolean
query_stream (GalileoFileReader *self, GalileoFileIdentity *identity, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (GError) cause = NULL;

  info = g_file_query_info (self->file,
                            G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE ","
                            G_FILE_ATTRIBUTE_TIME_MODIFIED "," G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC,
                            G_FILE_QUERY_INFO_NONE,
                            cancellable,
                            &cause);
  if (info == NULL) {
    galileo_file_set_io_error (error, cause);
    return FALSE;
  }

  if (!galileo_file_check_type (g_file_info_get_file_type (info), error))
    return FALSE;

  memset (identity, 0, sizeof *identity);
  identity->size = (guint64) g_file_info_get_size (info);
  identity->modified =
      (gint64) g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED) * G_USEC_PER_SEC +
      g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC);

  return TRUE;
}

static gboolean
open_remote (GalileoFileReader *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (!query_stream (self, &self->identity, cancellable, error))
    return FALSE;

  self->stream = g_file_read (self->file, cancellable, &cause);
  if (self->stream == NULL) {
    galileo_file_set_io_error (error, cause);
    return FALSE;
  }

  return TRUE;
}

/* Compares what stands under the file's name now with what was opened. touched: whether its ctime is another. */
static gboolean
check_unchanged (GalileoFileReader *self, gboolean *touched, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GalileoFileIdentity now = self->identity;
  struct stat status;

  if (self->fd < 0) {
    if (!query_stream (self, &now, self->cancellable, &cause)) {
      if (g_error_matches (cause, GALILEO_ERROR, GALILEO_ERROR_FILE))
        galileo_file_set_vanished (error);
      else
        g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  } else if (stat (g_file_peek_path (self->file), &status) != 0) {
    galileo_file_set_vanished (error);
    return FALSE;
  } else {
    galileo_file_identity_from_stat (&now, &status);
  }

  if (touched != NULL)
    *touched = now.changed != self->identity.changed;

  return galileo_file_identity_check (&self->identity, &now, error);
}

static gboolean
read_fully (GalileoFileReader *self, char *buffer, gsize length, GError **error)
{
  gsize done = 0;

  if (self->fd < 0) {
    g_autoptr (GError) cause = NULL;

    if (!g_input_stream_read_all (G_INPUT_STREAM (self->stream), buffer, length, &done, self->cancellable, &cause)) {
      galileo_file_set_io_error (error, cause);
      return FALSE;
    }
  }

  while (self->fd >= 0 && done < length) {
    ssize_t n = pread (self->fd, buffer + done, length - done, (off_t) (self->offset + done));

    if (n == 0)
      break;
    if (n < 0 && errno != EINTR) {
      galileo_file_set_errno (error, errno);
      return FALSE;
    }
    if (n > 0)
      done += (gsize) n;
  }

  if (done < length) {
    galileo_file_set_shrank (error);
    return FALSE;
  }

  g_atomic_int_inc (&self->n_steps);
  return TRUE;
}

/* Reads the next bytes, hashed if the hash is known. */
static char *
read_piece (GalileoFileReader *self, gsize length, GError **error)
{
  g_autofree char *buffer = g_malloc (length);

  if (!read_fully (self, buffer, length, error) || !check_unchanged (self, NULL, error))
    return NULL;

  self->offset += length;
  if (self->hash != NULL)
    galileo_hash_update (self->hash, buffer, length);

  return g_steal_pointer (&buffer);
}

/* Brings the hash, and the place to read from, to where the caller begins. */
static gboolean
catch_up (GalileoFileReader *self, GError **error)
{
  if (self->unhashed != NULL && self->hash != NULL) {
    gsize length;
    gconstpointer data = g_bytes_get_data (self->unhashed, &length);

    galileo_hash_update (self->hash, data, length);
  }
  g_clear_pointer (&self->unhashed, g_bytes_unref);

  /* A stream can only be read on; an open file can be read from anywhere. */
  if (self->hash == NULL && self->fd >= 0)
    self->offset = MAX (self->offset, self->start);

  while (self->offset < self->start) {
    g_autofree char *piece = NULL;

    if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
      return FALSE;
    piece = read_piece (self, (gsize) MIN (BLOCK_SIZE, self->start - self->offset), error);
    if (piece == NULL)
      return FALSE;
  }

  return TRUE;
}

/* Reads the next block: NULL without an error at the end of the file. */
static GBytes *
read_block (GalileoFileReader *self, GError **error)
{
  char *buffer;
  gsize length;

  if (!catch_up (self, error))
    return NULL;

  length = (gsize) MIN (self->block, self->identity.size - self->offset);
  if (length == 0)
    return NULL;

  buffer = read_piece (self, length, error);
  return buffer != NULL ? g_bytes_new_take (buffer, length) : NULL;
}

static void
open_in_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GalileoFileReader *self = source;
  const char *path = g_file_peek_path (self->file);
  GError *error = NULL;
  GBytes *first;

  if (path != NULL ? !open_local (self, path, &error) : !open_remote (self, cancellable, &error)) {
    g_task_return_error (task, error);
    return;
  }

  first = read_block (self, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, first, (GDestroyNotify) g_bytes_unref);
}

static void
read_in_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  GBytes *bytes = read_block (source, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
}

/*
 * Whether the file still holds what was sent. Its size and time can be the same although it was written to: some programs
 * set the time back. Then its ctime tells; but that tells of a new name or new rights as well.
 */
static gboolean
check_contents (GalileoFileReader *self, GError **error)
{
  g_autoptr (GalileoHash) hash = galileo_hash_new (self->hash_type);
  g_autofree char *value = NULL;
  gboolean touched = FALSE;
  struct stat status;

  if (fstat (self->fd, &status) != 0) {
    galileo_file_set_errno (error, errno);
    return FALSE;
  }

  galileo_file_identity_from_stat (&self->identity, &status);
  for (self->offset = 0; hash != NULL && self->offset < self->identity.size;) {
    gsize length = (gsize) MIN (BLOCK_SIZE, self->identity.size - self->offset);
    g_autofree char *buffer = g_malloc (length);

    if (g_cancellable_set_error_if_cancelled (self->cancellable, error) || !read_fully (self, buffer, length, error))
      return FALSE;
    galileo_hash_update (hash, buffer, length);
    self->offset += length;
  }

  if (!check_unchanged (self, &touched, error))
    return FALSE;

  value = hash != NULL ? galileo_hash_finish (hash) : NULL;
  if (touched || value == NULL || strcmp (value, self->hash_value) != 0) {
    galileo_file_set_changed (error, GALILEO_ERROR_CHANGED, _("The file changed while it was being uploaded"));
    return FALSE;
  }

  return TRUE;
}

static void
check_in_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GalileoFileReader *self = source;
  gboolean touched = FALSE;
  GError *error = NULL;

  if (!catch_up (self, &error) || !check_unchanged (self, &touched, &error)) {
    g_task_return_error (task, error);
    return;
  }

  if (self->hash != NULL && self->hash_value == NULL)
    self->hash_value = galileo_hash_finish (self->hash);
  if ((touched || (self->fresh && self->hash != NULL)) && !check_contents (self, &error)) {
    g_task_return_error (task, error);
    return;
  }
  g_task_return_boolean (task, TRUE);
}

static void read_ahead (GalileoFileReader *self);

/* Answers who waits, if there is something to answer with, and has the next block read. */
static void
deliver (GalileoFileReader *self)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize length;

  if (self->waiting != NULL && self->ahead_error != NULL) {
    task = g_steal_pointer (&self->waiting);
    g_task_return_error (task, g_steal_pointer (&self->ahead_error));
    return;
  }

  if (self->waiting != NULL && self->ahead != NULL) {
    task = g_steal_pointer (&self->waiting);
    bytes = g_steal_pointer (&self->ahead);
    length = g_bytes_get_size (bytes);
    if (length > self->waiting_most) {
      self->ahead = g_bytes_new_from_bytes (bytes, self->waiting_most, length - self->waiting_most);
      g_task_return_pointer (task,
                             g_bytes_new_from_bytes (bytes, 0, self->waiting_most),
                             (GDestroyNotify) g_bytes_unref);
    } else {
      g_task_return_pointer (task, g_steal_pointer (&bytes), (GDestroyNotify) g_bytes_unref);
    }
  }

  if (!self->working && self->ahead == NULL && self->ahead_error == NULL &&
      MAX (self->offset, self->start) < self->identity.size)
    read_ahead (self);
}

static void
read_ahead_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GalileoFileReader *self = GALILEO_FILE_READER (source);

  self->working = FALSE;
  self->ahead = g_task_propagate_pointer (G_TASK (result), &self->ahead_error);
  deliver (self);
}

static void
read_ahead (GalileoFileReader *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, read_ahead_cb, NULL);

  g_task_set_source_tag (task, read_ahead);
  self->working = TRUE;
  g_task_run_in_thread (task, read_in_worker);
}

static void
galileo_file_reader_finalize (GObject *object)
{
  GalileoFileReader *self = GALILEO_FILE_READER (object);

  g_assert (self->waiting == NULL);

  if (self->fd >= 0)
    close (self->fd);
  g_clear_object (&self->stream);
  g_clear_object (&self->file);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->unhashed, g_bytes_unref);
  g_clear_pointer (&self->hash, galileo_hash_free);
  g_clear_pointer (&self->hash_value, g_free);
  g_clear_pointer (&self->ahead, g_bytes_unref);
  g_clear_error (&self->ahead_error);

  G_OBJECT_CLASS (galileo_file_reader_parent_class)->finalize (object);
}

static void
galileo_file_reader_class_init (GalileoFileReaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galileo_file_reader_finalize;
}

static void
galileo_file_reader_init (GalileoFileReader *self)
{
  self->fd = -1;
}

/* first_block: bytes to read at once with opening, before anybody has said how much they take. */
GalileoFileReader *
galileo_file_reader_new (GFile *file, gsize first_block)
{
  GalileoFileReader *self;

  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (first_block > 0, NULL);

  self = g_object_new (GALILEO_TYPE_FILE_READER, NULL);
  self->file = g_object_ref (file);
  self->block = first_block;

  return self;
}

static void
open_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GalileoFileReader *self = GALILEO_FILE_READER (source);
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  self->working = FALSE;
  self->ahead = g_task_propagate_pointer (G_TASK (result), &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/*
 * Opens the file. Fails with GALILEO_ERROR_FILE if there is none, it can't be read or is no regular file.
 * cancellable: ends this and what is read later, too.
 */
void
galileo_file_reader_open_async (GalileoFileReader *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) work = NULL;
  GTask *task;

  g_return_if_fail (GALILEO_IS_FILE_READER (self));
  g_return_if_fail (self->fd < 0 && self->stream == NULL && !self->working);

  g_set_object (&self->cancellable, cancellable);
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, galileo_file_reader_open_async);

  work = g_task_new (self, cancellable, open_cb, task);
  g_task_set_source_tag (work, galileo_file_reader_open_async);
  self->working = TRUE;
  g_task_run_in_thread (work, open_in_worker);
}

gboolean
galileo_file_reader_open_finish (GalileoFileReader *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The file's size in bytes as it was when it was opened. */
guint64
galileo_file_reader_get_size (GalileoFileReader *self)
{
  return self->identity.size;
}

/* When the file was last modified as it was opened, in UTC; NULL if nobody knows. */
GDateTime *
galileo_file_reader_get_modified (GalileoFileReader *self)
{
  gint64 second = self->fd >= 0 ? G_GINT64_CONSTANT (1000000000) : G_USEC_PER_SEC;
  g_autoptr (GDateTime) whole = g_date_time_new_from_unix_utc (self->identity.modified / second);
  gint64 rest = self->identity.modified % second;

  /* g_date_time_add() counts in µs. */
  return whole != NULL ? g_date_time_add (whole, rest / (second / G_USEC_PER_SEC)) : NULL;
}

/* How many pieces of work the worker has done: one that stays the same while something is asked for has got stuck. */
guint
galileo_file_reader_get_n_steps (GalileoFileReader *self)
{
  return (guint) g_atomic_int_get (&self->n_steps);
}

/*
 * Says from which byte on the file is wanted, and which hash of the whole of it. To be called once, after it was opened
 * and before the first read.
 */
void
galileo_file_reader_begin (GalileoFileReader *self, guint64 start, GalileoHashType hash_type)
{
  gsize length;

  g_return_if_fail (GALILEO_IS_FILE_READER (self));
  g_return_if_fail (!self->begun && !self->working && start <= self->identity.size);

  self->begun = TRUE;
  self->start = start;
  self->hash_type = hash_type;
  self->hash = galileo_hash_new (hash_type);
  if (self->ahead == NULL)
    return;

  self->unhashed = g_steal_pointer (&self->ahead);
  length = g_bytes_get_size (self->unhashed);
  if (start < length)
    self->ahead = g_bytes_new_from_bytes (self->unhashed, (gsize) start, length - (gsize) start);
}

/*
 * Gives the next 1 to `most` bytes; only to be called before the end of the file, and one call at a time. It may
 * give less than `most` at any time, since it reads ahead before it knows how much is wanted.
 */
void
galileo_file_reader_read_async (GalileoFileReader *self,
                                gsize most,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (GALILEO_IS_FILE_READER (self));
  g_return_if_fail (most > 0);
  g_return_if_fail (self->begun && self->waiting == NULL);

  self->waiting = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->waiting, galileo_file_reader_read_async);
  self->waiting_most = most;
  if (!self->working)
    self->block = most * MAX (BLOCK_SIZE / most, 1);
  deliver (self);
}

GBytes *
galileo_file_reader_read_finish (GalileoFileReader *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Checks, after everything was read, that the file is still what was opened; gives the hash of what was read. */
void
galileo_file_reader_check_async (GalileoFileReader *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (GALILEO_IS_FILE_READER (self));
  g_return_if_fail (self->begun && !self->working);

  /* The caller may have been given the last bytes just now, and who gave them would look whether there is more to read. */
  self->working = TRUE;
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, galileo_file_reader_check_async);
  g_task_run_in_thread (task, check_in_worker);
}

gboolean
galileo_file_reader_check_finish (GalileoFileReader *self, GAsyncResult *result, char **hash, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  self->working = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  *hash = g_strdup (self->hash_value);
  return TRUE;
}

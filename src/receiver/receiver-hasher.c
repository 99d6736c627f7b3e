/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-hasher.h"

#include "receiver-error.h"

#include <errno.h>
#include <unistd.h>

/*
 * Hashes a file while it grows, in a thread beside the one that writes it. The bytes are read back from the
 * page cache: that costs a tenth of what hashing does, and nothing of what has arrived must be kept for it.
 *
 * There is one job at most for a hasher, and while it is in the pool it holds the hasher. Who frees the
 * hasher only says that it is not wanted any more, and never waits.
 */
struct _ReceiverHasher {
  ReceiverFile *file;
  GThreadPool *pool; /* borrowed */
  GalileoHashType type;
  guint64 fed; /* the writer's own: what it told last */

  GMutex lock;
  GCond idle;
  enum { IDLE, QUEUED, WORKING, FINISHING } state;
  guint64 written;
  gboolean stopped;

  /* These belong to the thread that is WORKING or FINISHING. */
  GalileoHash *hash;
  guint64 hashed;
  int problem;
};

/* So many new bytes are worth a job. */
#define STEP (1024 * 1024)

/* So many are read at a time: they stay in the processor's cache until they are hashed. */
#define PIECE (64 * 1024)

/* A job that has more to do than this lets others go first. A file that goes on may begin with many GB. */
#define TURN (16 * 1024 * 1024)

static void
clear_hasher (gpointer data)
{
  ReceiverHasher *self = data;

  g_clear_pointer (&self->hash, galileo_hash_free);
  receiver_file_unref (self->file);
  g_cond_clear (&self->idle);
  g_mutex_clear (&self->lock);
}

/* Hashes up to @end. */
static void
hash_until (ReceiverHasher *self, guint64 end)
{
  unsigned char piece[PIECE];

  while (self->hashed < end && self->problem == 0) {
    size_t length = (size_t) MIN (end - self->hashed, PIECE);
    ssize_t count = pread (receiver_file_get_fd (self->file), piece, length, (off_t) self->hashed);

    if (count > 0) {
      galileo_hash_update (self->hash, piece, (gsize) count);
      self->hashed += (guint64) count;
    } else if (count == 0) {
      /* Somebody else has cut it short. */
      self->problem = EIO;
    } else if (errno != EINTR) {
      self->problem = errno;
    }
  }
}

/* Returns whether there is enough left for another job. */
static gboolean
work (ReceiverHasher *self)
{
  guint64 turn_end = self->hashed + TURN;

  while (!self->stopped && self->problem == 0 && self->hashed < MIN (self->written, turn_end)) {
    guint64 end = MIN (self->written, self->hashed + STEP);

    g_mutex_unlock (&self->lock);
    hash_until (self, end);
    g_mutex_lock (&self->lock);
  }

  return !self->stopped && self->problem == 0 && self->written - self->hashed >= STEP;
}

static void
work_cb (gpointer data, gpointer user_data)
{
  ReceiverHasher *self = data;
  gboolean again = FALSE;

  g_mutex_lock (&self->lock);
  /* If not, somebody has taken the work over in the meantime. */
  if (self->state == QUEUED) {
    self->state = WORKING;
    again = work (self);
    self->state = again ? QUEUED : IDLE;
    g_cond_signal (&self->idle);
  }
  g_mutex_unlock (&self->lock);

  if (again)
    g_thread_pool_push (self->pool, self, NULL);
  else
    g_atomic_rc_box_release_full (self, clear_hasher);
}

/* The threads that hashers share. To be freed after the last hasher. */
GThreadPool *
receiver_hasher_pool_new (void)
{
  /* Without threads of its own a pool can't fail. */
  return g_thread_pool_new (work_cb, NULL, (int) MAX (g_get_num_processors (), 2), FALSE, NULL);
}

/*
 * receiver_hasher_new:
 * @type: not %GALILEO_HASH_NONE
 * @file: to read from
 * @pool: (nullable): from receiver_hasher_pool_new(); %NULL to leave all the work to receiver_hasher_finish()
 */
ReceiverHasher *
receiver_hasher_new (GalileoHashType type, ReceiverFile *file, GThreadPool *pool)
{
  ReceiverHasher *self = g_atomic_rc_box_new0 (ReceiverHasher);

  g_mutex_init (&self->lock);
  g_cond_init (&self->idle);
  self->type = type;
  self->hash = galileo_hash_new (type);
  self->file = receiver_file_ref (file);
  self->pool = pool;
  return self;
}

void
receiver_hasher_free (ReceiverHasher *self)
{
  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  g_mutex_unlock (&self->lock);
  g_atomic_rc_box_release_full (self, clear_hasher);
}

GalileoHashType
receiver_hasher_get_hash_type (const ReceiverHasher *self)
{
  return self->type;
}

/*
 * receiver_hasher_feed:
 * @written: how long the file is by now
 *
 * To be called by the one who writes, after each piece.
 */
void
receiver_hasher_feed (ReceiverHasher *self, guint64 written)
{
  gboolean push;

  if (written - self->fed < STEP)
    return;

  self->fed = written;
  g_mutex_lock (&self->lock);
  self->written = written;
  push = self->state == IDLE;
  if (push)
    self->state = QUEUED;
  g_mutex_unlock (&self->lock);

  if (push)
    g_thread_pool_push (self->pool, g_atomic_rc_box_acquire (self), NULL);
}

/*
 * receiver_hasher_finish:
 * @size: how long the file is; it does not grow any more
 *
 * Hashes what is left, in the calling thread. To be called once, and nothing but free after it.
 *
 * Returns: the hash of the whole file, in hexadecimal; or %NULL with @error set
 */
char *
receiver_hasher_finish (ReceiverHasher *self, guint64 size, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&self->lock);
  while (self->state == WORKING)
    g_cond_wait (&self->idle, &self->lock);
  self->state = FINISHING;
  g_mutex_unlock (&self->lock);

  while (self->hashed < size && self->problem == 0) {
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return NULL;
    hash_until (self, MIN (size, self->hashed + STEP));
  }

  if (self->problem != 0) {
    receiver_error_set_errno (error, self->problem);
    return NULL;
  }

  return galileo_hash_finish (self->hash);
}

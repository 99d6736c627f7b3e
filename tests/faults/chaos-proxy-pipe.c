/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chaos-proxy-pipe.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/* Of an emulated link nothing is read or written more often, so that a fast one costs few wakeups. */
#define TICK (G_GINT64_CONSTANT (1000000))

/* Without a delay the ring only carries bytes over; without a rate nobody knows how many are on the line. */
#define CAPACITY (256 * 1024)
#define CAPACITY_DELAYED (32 * 1024 * 1024)

#define NS_PER_SECOND 1e9

/* Bytes read together. They are due little by little, as a line delivers them. */
typedef struct {
  guint64 from;
  guint64 to;
  gint64 start;
  gint64 end;
} Segment;

gint64
chaos_pipe_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

static gboolean
is_link (ChaosPipe *self)
{
  return self->link->delay > 0 || self->link->rate > 0;
}

static gint64
line_time (ChaosPipe *self, gsize bytes)
{
  return self->link->rate == 0 ? 0 : (gint64) ((double) bytes * NS_PER_SECOND / (double) self->link->rate);
}

void
chaos_pipe_init (ChaosPipe *self, ChaosLink *link, int from, int to)
{
  self->link = link;
  self->from = from;
  self->to = to;
  if (link->rate > 0)
    self->capacity = (gsize) ((double) link->rate * (double) link->delay / NS_PER_SECOND) + link->queue;
  else
    self->capacity = link->delay > 0 ? CAPACITY_DELAYED : CAPACITY;
  self->ring = g_malloc (self->capacity);
  g_queue_init (&self->segments);
}

void
chaos_pipe_clear (ChaosPipe *self)
{
  g_clear_pointer (&self->ring, g_free);
  g_queue_clear_full (&self->segments, g_free);
}

/* How many bytes the router's queue has room for. */
static gsize
get_room (ChaosPipe *self, gint64 now)
{
  gsize room = self->capacity - (gsize) (self->n_read - self->n_written);
  double waiting;

  if (self->link->rate == 0 || self->link->free_at <= now)
    return self->link->rate == 0 ? room : MIN (room, self->link->queue);

  waiting = (double) (self->link->free_at - now) * (double) self->link->rate / NS_PER_SECOND;
  return waiting >= (double) self->link->queue ? 0 : MIN (room, self->link->queue - (gsize) waiting);
}

/* A full queue is left alone until a quarter of it is free again. */
static gint64
get_read_time (ChaosPipe *self)
{
  gint64 time = 0;

  if (is_link (self))
    time = self->last_read + TICK;
  if (self->link->rate > 0)
    time = MAX (time, self->link->free_at - line_time (self, self->link->queue - self->link->queue / 4));

  return time;
}

static gboolean
may_read (ChaosPipe *self)
{
  if (self->ended || self->paused)
    return FALSE;

  return self->discards || self->n_read - self->n_written < self->capacity;
}

gboolean
chaos_pipe_wants_input (ChaosPipe *self, gint64 now)
{
  return may_read (self) && (self->discards || get_read_time (self) <= now);
}

gint64
chaos_pipe_get_next_time (ChaosPipe *self, gint64 now)
{
  const Segment *first = g_queue_peek_head (&self->segments);
  gint64 next = G_MAXINT64;

  if (self->paused)
    return next;
  if (may_read (self) && !self->discards) {
    gint64 read_time = get_read_time (self);

    /* Before that it is not polled for; after it, poll tells. */
    if (read_time > now)
      next = read_time;
  }
  if (self->discards)
    return next;
  if (!self->blocked && first != NULL)
    next = MIN (next, MIN (first->end, MAX (first->start, self->last_write) + TICK));
  else if (first == NULL && self->ended && !self->shut && self->n_written == self->n_read)
    next = MIN (next, self->end_due);

  return next;
}

static guint
get_areas (ChaosPipe *self, guint64 offset, gsize length, struct iovec *areas)
{
  gsize at = (gsize) (offset % self->capacity);
  gsize first = MIN (length, self->capacity - at);

  areas[0] = (struct iovec) { self->ring + at, first };
  areas[1] = (struct iovec) { self->ring, length - first };

  return length > first ? 2 : 1;
}

static void
queue_segment (ChaosPipe *self, gint64 now, gsize length)
{
  gint64 start = MAX (now, self->link->free_at);
  Segment *segment;

  if (!is_link (self)) {
    self->n_due = self->n_read;
    return;
  }

  self->link->free_at = start + line_time (self, length);
  segment = g_new (Segment, 1);
  *segment = (Segment) {
    .from = self->n_read - length,
    .to = self->n_read,
    .start = start + self->link->delay,
    .end = self->link->free_at + self->link->delay,
  };
  g_queue_push_tail (&self->segments, segment);
}

static ChaosPipeResult
discard (ChaosPipe *self)
{
  char nowhere[16 * 1024];
  ssize_t n = recv (self->from, nowhere, sizeof nowhere, MSG_DONTWAIT);

  if (n == 0)
    self->ended = TRUE;

  return n < 0 && errno != EAGAIN && errno != EINTR ? CHAOS_PIPE_BROKEN : CHAOS_PIPE_MOVED;
}

ChaosPipeResult
chaos_pipe_read (ChaosPipe *self, gint64 now, guint64 flip_at)
{
  struct iovec areas[2];
  struct msghdr message = { .msg_iov = areas };
  gsize room;
  ssize_t n;

  if (self->discards)
    return discard (self);

  room = get_room (self, now);
  if (room == 0)
    return CHAOS_PIPE_IDLE;

  message.msg_iovlen = get_areas (self, self->n_read, room, areas);
  n = recvmsg (self->from, &message, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return CHAOS_PIPE_IDLE;
  if (n <= 0) {
    self->ended = TRUE;
    self->broken = n < 0;
    self->end_due = MAX (now, self->link->free_at) + self->link->delay;
    return CHAOS_PIPE_IDLE;
  }

  if (flip_at >= self->n_read && flip_at < self->n_read + (guint64) n)
    self->ring[flip_at % self->capacity] ^= 1;
  self->n_read += (guint64) n;
  self->last_read = now;
  queue_segment (self, now, (gsize) n);

  return CHAOS_PIPE_MOVED;
}

static void
take_due (ChaosPipe *self, gint64 now)
{
  Segment *first;

  while ((first = g_queue_peek_head (&self->segments)) != NULL && first->end <= now) {
    self->n_due = first->to;
    g_free (g_queue_pop_head (&self->segments));
  }
  if (first != NULL && first->start < now) {
    double share = (double) (now - first->start) / (double) (first->end - first->start);

    self->n_due = first->from + (guint64) (share * (double) (first->to - first->from));
  }
}

ChaosPipeResult
chaos_pipe_write (ChaosPipe *self, gint64 now, guint64 limit, GByteArray *capture)
{
  struct iovec areas[2];
  struct msghdr message = { .msg_iov = areas };
  guint64 until;
  ssize_t n;

  take_due (self, now);
  until = MIN (self->n_due, limit);
  if (until <= self->n_written) {
    if (self->ended && !self->shut && self->n_written == self->n_read && self->end_due <= now) {
      if (self->broken)
        return CHAOS_PIPE_BROKEN;
      self->shut = TRUE;
      shutdown (self->to, SHUT_WR);
      return CHAOS_PIPE_MOVED;
    }
    return CHAOS_PIPE_IDLE;
  }

  message.msg_iovlen = get_areas (self, self->n_written, (gsize) (until - self->n_written), areas);
  n = sendmsg (self->to, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  self->last_write = now;
  self->blocked = n < 0 ? errno == EAGAIN : self->n_written + (guint64) n < until;
  if (n < 0)
    return errno == EAGAIN || errno == EINTR ? CHAOS_PIPE_IDLE : CHAOS_PIPE_BROKEN;

  for (gsize i = 0, left = (gsize) n; capture != NULL && left > 0; i++) {
    gsize length = MIN (left, areas[i].iov_len);

    g_byte_array_append (capture, areas[i].iov_base, (guint) length);
    left -= length;
  }
  self->n_written += (guint64) n;

  return CHAOS_PIPE_MOVED;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A direction of the emulated link. What its connections send queues up for one line, as before a router. In ns. */
typedef struct {
  gint64 delay;   /* one way */
  guint64 rate;   /* bytes per second, 0 for no limit */
  gsize queue;    /* bytes that may wait for the line; those on it come on top */
  gint64 free_at; /* when the line has taken all that waits */
} ChaosLink;

typedef enum {
  CHAOS_PIPE_MOVED,
  CHAOS_PIPE_IDLE,   /* nothing to move now */
  CHAOS_PIPE_BROKEN, /* a socket failed */
} ChaosPipeResult;

/* One direction of one connection: bytes read from a socket, each with the time when it is due at the other. */
typedef struct {
  ChaosLink *link; /* borrowed */
  int from;
  int to;

  char *ring;
  gsize capacity;
  guint64 n_read;
  guint64 n_due;
  guint64 n_written;
  GQueue segments;

  gint64 last_read;
  gint64 last_write;
  gint64 end_due; /* of the end of the stream */
  gboolean paused;
  gboolean discards; /* reads and drops */
  gboolean blocked;  /* the other socket is full */
  gboolean ended;    /* no more comes in */
  gboolean broken;   /* and that was no end in order */
  gboolean shut;     /* and the other side was told so */
} ChaosPipe;

gint64          chaos_pipe_now           (void);
void            chaos_pipe_init          (ChaosPipe *self,
                                          ChaosLink *link,
                                          int        from,
                                          int        to);
void            chaos_pipe_clear         (ChaosPipe *self);
/* When there is something to do without waiting for a socket, or G_MAXINT64. */
gint64          chaos_pipe_get_next_time (ChaosPipe *self,
                                          gint64     now);
gboolean        chaos_pipe_wants_input   (ChaosPipe *self,
                                          gint64     now);
/* flip_at: the byte whose lowest bit is turned on the way, or G_MAXUINT64. */
ChaosPipeResult chaos_pipe_read          (ChaosPipe *self,
                                          gint64     now,
                                          guint64    flip_at);
/* Writes what is due, but never beyond the limit. */
ChaosPipeResult chaos_pipe_write         (ChaosPipe *self,
                                          gint64     now,
                                          guint64    limit,
                                          GByteArray *capture);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-limiter.h"

#include <math.h>

/*
 * GalileoLimiter:
 *
 * A token bucket that uploads share: what they send together stays below a rate, smoothly, and each gets its turn.
 *
 * Used from one context.
 */
struct _GalileoLimiter {
  GObject parent_instance;

  guint64 rate;      /* bytes a second; 0: no limit */
  double tokens;     /* bytes that may go now */
  gint64 filled_at;  /* monotonic µs: up to when the tokens were counted */
  GQueue waiters;    /* of Waiter, who came first first */
  gboolean in_turn;  /* the first waiter is being asked */
  GSource *wake;
};

typedef struct {
  GalileoLimiterFunc function;
  gpointer waiter;
} Waiter;

/*
 * The bucket holds a quarter of a second, so no second sees more than 1.25 times the rate. One turn takes at most an
 * eighth of a second: short enough to look smooth and to let others in, and long enough that a server on the other side
 * of the world, which asks for one chunk at a time, is kept busy.
 */
#define BUCKET_SECONDS 0.25
#define TURN_SECONDS 0.125

G_DEFINE_FINAL_TYPE (GalileoLimiter, galileo_limiter, G_TYPE_OBJECT)

static void
fill (GalileoLimiter *self)
{
  gint64 now = g_get_monotonic_time ();

  self->tokens += (double) self->rate * (double) (now - self->filled_at) / G_USEC_PER_SEC;
  self->tokens = MIN (self->tokens, MAX ((double) self->rate * BUCKET_SECONDS, 1.0));
  self->filled_at = now;
}

/* What one turn takes of `most` bytes. */
static gsize
get_turn (GalileoLimiter *self, gsize most)
{
  return (gsize) CLAMP ((double) self->rate * TURN_SECONDS, 1.0, (double) most);
}

static void
clear_wake (GalileoLimiter *self)
{
  if (self->wake != NULL)
    g_source_destroy (self->wake);
  g_clear_pointer (&self->wake, g_source_unref);
}

static gboolean wake_cb (gpointer user_data);

static void
wake_later (GalileoLimiter *self)
{
  double turn = (double) get_turn (self, G_MAXSIZE);
  double seconds;

  clear_wake (self);
  if (g_queue_is_empty (&self->waiters))
    return;

  fill (self);
  seconds = self->rate > 0 ? MAX (turn - self->tokens, 0.0) / (double) self->rate : 0.0;
  self->wake = g_timeout_source_new ((guint) ceil (seconds * 1000.0));
  g_source_set_callback (self->wake, wake_cb, self, NULL);
  g_source_set_static_name (self->wake, "[galileo] limiter");
  g_source_attach (self->wake, g_main_context_get_thread_default ());
}

static gboolean
wake_cb (gpointer user_data)
{
  g_autoptr (GalileoLimiter) self = g_object_ref (user_data);
  g_autofree Waiter *first = g_queue_pop_head (&self->waiters);

  self->in_turn = TRUE;
  first->function (first->waiter);
  self->in_turn = FALSE;
  wake_later (self);

  return G_SOURCE_REMOVE;
}

static void
galileo_limiter_finalize (GObject *object)
{
  GalileoLimiter *self = GALILEO_LIMITER (object);

  g_assert (g_queue_is_empty (&self->waiters));
  clear_wake (self);

  G_OBJECT_CLASS (galileo_limiter_parent_class)->finalize (object);
}

static void
galileo_limiter_class_init (GalileoLimiterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galileo_limiter_finalize;
}

static void
galileo_limiter_init (GalileoLimiter *self)
{
  g_queue_init (&self->waiters);
}

/* Without a limit at first. */
GalileoLimiter *
galileo_limiter_new (void)
{
  return g_object_new (GALILEO_TYPE_LIMITER, NULL);
}

guint64
galileo_limiter_get_rate (GalileoLimiter *self)
{
  return self->rate;
}

/* rate: bytes a second, 0 for no limit. Holds from now on, also for those that wait. */
void
galileo_limiter_set_rate (GalileoLimiter *self, guint64 rate)
{
  g_return_if_fail (GALILEO_IS_LIMITER (self));

  if (self->rate == rate)
    return;

  if (self->rate == 0)
    self->filled_at = g_get_monotonic_time ();
  else
    fill (self);
  self->rate = rate;
  fill (self);
  wake_later (self);
}

/* Returns how many of `most` bytes may go now; 0 if the caller has to wait for its turn. */
gsize
galileo_limiter_take (GalileoLimiter *self, gsize most)
{
  gsize turn;

  g_return_val_if_fail (GALILEO_IS_LIMITER (self), most);
  g_return_val_if_fail (most > 0, 0);

  if (self->rate == 0)
    return most;
  if (!self->in_turn && !g_queue_is_empty (&self->waiters))
    return 0;

  fill (self);
  turn = get_turn (self, most);
  if (self->tokens < (double) turn)
    return 0;

  self->tokens -= (double) turn;
  self->in_turn = FALSE;
  return turn;
}

/* Of what was taken, some did not go. */
void
galileo_limiter_give_back (GalileoLimiter *self, gsize bytes)
{
  g_return_if_fail (GALILEO_IS_LIMITER (self));

  if (self->rate > 0)
    self->tokens += (double) bytes;
}

/* Has the function called once when it is the waiter's turn. A waiter waits for one turn at a time. */
void
galileo_limiter_wait (GalileoLimiter *self, GalileoLimiterFunc function, gpointer waiter)
{
  Waiter *last;

  g_return_if_fail (GALILEO_IS_LIMITER (self));
  g_return_if_fail (function != NULL);

  last = g_new (Waiter, 1);
  *last = (Waiter) { function, waiter };
  /* Whoever had its turn and could not use it stays first. */
  if (self->in_turn)
    g_queue_push_head (&self->waiters, last);
  else
    g_queue_push_tail (&self->waiters, last);
  if (self->wake == NULL && !self->in_turn)
    wake_later (self);
}

/* A waiter that is gone. */
void
galileo_limiter_forget (GalileoLimiter *self, gpointer waiter)
{
  g_return_if_fail (GALILEO_IS_LIMITER (self));

  for (GList *link = self->waiters.head; link != NULL; link = link->next) {
    if (((Waiter *) link->data)->waiter == waiter) {
      g_free (link->data);
      g_queue_delete_link (&self->waiters, link);
      break;
    }
  }
  if (g_queue_is_empty (&self->waiters))
    clear_wake (self);
}

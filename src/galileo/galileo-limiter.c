/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-limiter.h"

#include <math.h>

/*
 * GalileoLimiter:
 *
 * A token bucket that uploads share: what they send together stays below a rate, smoothly, and each gets its turn.
 *
 * One for a group stands below one for all: what goes by it takes from both, or waits. Within a group, who came first
 * is first. Between groups it is bytes that count, as turns may differ in size: each group has an account of what it
 * got for each of its waiters, and the one with the least goes next. Who waits for the tokens of its own group is in
 * nobody's way.
 *
 * Used from one context.
 */
struct _GalileoLimiter {
  GObject parent_instance;

  GalileoLimiter *all; /* that this one is a part of, or NULL */
  guint64 rate;        /* bytes a second; 0: no limit */
  double tokens;       /* bytes that may go now */
  gint64 filled_at;    /* monotonic µs: up to when the tokens were counted */
  GQueue waiters;      /* of Waiter, who came first first */
  double account;      /* bytes for each waiter */

  /* Of one that is no part of another. */
  GQueue line;          /* of GalileoLimiter, borrowed: itself and its groups, those that have waiters */
  GalileoLimiter *turn; /* borrowed: its first waiter is being asked */
  double most_account;
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

static GalileoLimiter *
get_all (GalileoLimiter *self)
{
  return self->all != NULL ? self->all : self;
}

static void
fill (GalileoLimiter *self, gint64 now)
{
  self->tokens += (double) self->rate * (double) (now - self->filled_at) / G_USEC_PER_SEC;
  self->tokens = MIN (self->tokens, MAX ((double) self->rate * BUCKET_SECONDS, 1.0));
  self->filled_at = now;
}

/* What one turn takes of `most` bytes. */
static gsize
get_turn (GalileoLimiter *self, gsize most)
{
  for (GalileoLimiter *limiter = self; limiter != NULL; limiter = limiter->all)
    if (limiter->rate > 0)
      most = (gsize) CLAMP ((double) limiter->rate * TURN_SECONDS, 1.0, (double) most);

  return most;
}

/* Seconds until there are so many tokens, as far as this one is concerned. */
static double
get_delay (GalileoLimiter *self, gsize bytes, gint64 now)
{
  if (self->rate == 0)
    return 0;

  fill (self, now);

  return MAX ((double) bytes - self->tokens, 0.0) / (double) self->rate;
}

/* Seconds until its own tokens would let its first waiter go; those of the one for all are another matter. */
static double
get_group_delay (GalileoLimiter *self, gint64 now)
{
  return self->all != NULL ? get_delay (self, get_turn (self, G_MAXSIZE), now) : 0;
}

/* What its account comes to with so many bytes more. Who took little for long may catch up by no more than one turn. */
static double
get_next_account (GalileoLimiter *self, gsize bytes)
{
  GalileoLimiter *all = get_all (self);
  double least = all->most_account - (double) all->rate * TURN_SECONDS;
  guint n_waiters = self->waiters.length + (all->turn == self ? 1 : 0);

  return MAX (self->account, least) + (double) bytes / (double) MAX (n_waiters, 1);
}

static void
charge (GalileoLimiter *self, gsize bytes)
{
  GalileoLimiter *all = get_all (self);

  self->account = get_next_account (self, bytes);
  all->most_account = MAX (all->most_account, self->account);
  for (GalileoLimiter *limiter = self; limiter != NULL; limiter = limiter->all)
    if (limiter->rate > 0)
      limiter->tokens -= (double) bytes;
}

/*
 * Returns whose waiter is next, or NULL if each waits for its group. seconds: until it can go, or somebody else has to
 * be looked at.
 */
static GalileoLimiter *
find_next (GalileoLimiter *all, double *seconds)
{
  gint64 now = g_get_monotonic_time ();
  GalileoLimiter *next = NULL;
  double least = G_MAXDOUBLE;

  *seconds = G_MAXUINT / 1000;
  for (GList *link = all->line.head; link != NULL; link = link->next) {
    GalileoLimiter *limiter = link->data;
    double delay = get_group_delay (limiter, now);
    double account = get_next_account (limiter, get_turn (limiter, G_MAXSIZE));

    if (delay > 0) {
      *seconds = MIN (*seconds, delay);
    } else if (account < least) {
      next = limiter;
      least = account;
    }
  }
  if (next != NULL)
    *seconds = MIN (*seconds, get_delay (all, get_turn (next, G_MAXSIZE), now));

  return next;
}

/* Whether one that comes now has to let others go first. */
static gboolean
has_to_line_up (GalileoLimiter *self, gint64 now)
{
  GalileoLimiter *all = get_all (self);

  if (!g_queue_is_empty (&self->waiters))
    return TRUE;
  for (GList *link = all->line.head; all->rate > 0 && link != NULL; link = link->next)
    if (get_group_delay (link->data, now) <= 0)
      return TRUE;

  return FALSE;
}

static void
clear_wake (GalileoLimiter *all)
{
  if (all->wake != NULL)
    g_source_destroy (all->wake);
  g_clear_pointer (&all->wake, g_source_unref);
}

static gboolean wake_cb (gpointer user_data);

static void
wake_later (GalileoLimiter *all)
{
  double seconds;

  clear_wake (all);
  if (g_queue_is_empty (&all->line))
    return;

  find_next (all, &seconds);
  all->wake = g_timeout_source_new ((guint) ceil (seconds * 1000.0));
  g_source_set_callback (all->wake, wake_cb, all, NULL);
  g_source_set_static_name (all->wake, "[galileo] limiter");
  g_source_attach (all->wake, g_main_context_get_thread_default ());
}

/* Takes one out of the line of its group, and that out of the line of all if it was the last. */
static Waiter *
remove_waiter (GalileoLimiter *self, GList *link)
{
  Waiter *waiter = link->data;

  g_queue_delete_link (&self->waiters, link);
  if (g_queue_is_empty (&self->waiters))
    g_queue_remove (&get_all (self)->line, self);

  return waiter;
}

static gboolean
wake_cb (gpointer user_data)
{
  g_autoptr (GalileoLimiter) self = g_object_ref (user_data);
  double seconds;
  GalileoLimiter *next = find_next (self, &seconds);

  if (next != NULL && seconds <= 0) {
    g_autofree Waiter *first = remove_waiter (next, next->waiters.head);

    self->turn = next;
    first->function (first->waiter);
    self->turn = NULL;
  }
  wake_later (self);

  return G_SOURCE_REMOVE;
}

static void
galileo_limiter_finalize (GObject *object)
{
  GalileoLimiter *self = GALILEO_LIMITER (object);

  g_assert (g_queue_is_empty (&self->waiters) && g_queue_is_empty (&self->line));
  clear_wake (self);
  if (self->all != NULL && self->all->turn == self)
    self->all->turn = NULL;
  g_clear_object (&self->all);

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
  g_queue_init (&self->line);
}

/* Without a limit at first. */
GalileoLimiter *
galileo_limiter_new (void)
{
  return g_object_new (GALILEO_TYPE_LIMITER, NULL);
}

/* all: what is sent by the new one counts for this one too; it is no part of another. */
GalileoLimiter *
galileo_limiter_new_for_group (GalileoLimiter *all)
{
  GalileoLimiter *self;

  g_return_val_if_fail (GALILEO_IS_LIMITER (all), NULL);
  g_return_val_if_fail (all->all == NULL, NULL);

  self = galileo_limiter_new ();
  self->all = g_object_ref (all);
  self->account = all->most_account;

  return self;
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
  gint64 now = g_get_monotonic_time ();

  g_return_if_fail (GALILEO_IS_LIMITER (self));

  if (self->rate == rate)
    return;

  if (self->rate == 0)
    self->filled_at = now;
  else
    fill (self, now);
  self->rate = rate;
  fill (self, now);

  wake_later (get_all (self));
}

/* Returns how many of `most` bytes may go now; 0 if the caller has to wait for its turn. */
gsize
galileo_limiter_take (GalileoLimiter *self, gsize most)
{
  GalileoLimiter *all;
  gint64 now;
  gsize turn;

  g_return_val_if_fail (GALILEO_IS_LIMITER (self), most);
  g_return_val_if_fail (most > 0, 0);

  all = get_all (self);
  if (self->rate == 0 && all->rate == 0)
    return most;

  now = g_get_monotonic_time ();
  if (all->turn != self && has_to_line_up (self, now))
    return 0;

  turn = get_turn (self, most);
  if (get_delay (self, turn, now) > 0 || get_delay (all, turn, now) > 0)
    return 0;

  charge (self, turn);
  all->turn = NULL;
  return turn;
}

/* Of what was taken, some did not go. */
void
galileo_limiter_give_back (GalileoLimiter *self, gsize bytes)
{
  g_return_if_fail (GALILEO_IS_LIMITER (self));

  for (GalileoLimiter *limiter = self; limiter != NULL; limiter = limiter->all)
    if (limiter->rate > 0)
      limiter->tokens += (double) bytes;
}

/* Has the function called once when it is the waiter's turn. A waiter waits for one turn at a time. */
void
galileo_limiter_wait (GalileoLimiter *self, GalileoLimiterFunc function, gpointer waiter)
{
  GalileoLimiter *all;
  Waiter *last;

  g_return_if_fail (GALILEO_IS_LIMITER (self));
  g_return_if_fail (function != NULL);

  all = get_all (self);
  if (g_queue_is_empty (&self->waiters))
    g_queue_push_tail (&all->line, self);
  last = g_new (Waiter, 1);
  *last = (Waiter) { function, waiter };
  /* Whoever had its turn and could not use it stays first. */
  if (all->turn == self)
    g_queue_push_head (&self->waiters, last);
  else
    g_queue_push_tail (&self->waiters, last);
  if (all->turn == NULL)
    wake_later (all);
}

/* A waiter that is gone. */
void
galileo_limiter_forget (GalileoLimiter *self, gpointer waiter)
{
  g_return_if_fail (GALILEO_IS_LIMITER (self));

  for (GList *link = self->waiters.head; link != NULL; link = link->next) {
    if (((Waiter *) link->data)->waiter == waiter) {
      g_free (remove_waiter (self, link));
      break;
    }
  }
  if (g_queue_is_empty (&get_all (self)->line))
    clear_wake (get_all (self));
}

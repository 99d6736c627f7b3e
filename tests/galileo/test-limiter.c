/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-limiter.h"

/* One who always wants to send. */
typedef struct {
  GalileoLimiter *limiter;
  gsize piece;
  guint64 sent;
  guint n_turns;
  GArray *times; /* of Sent */
} Sender;

typedef struct {
  gint64 time;
  gsize bytes;
} Sent;

static void
turn_cb (gpointer waiter)
{
  Sender *self = waiter;
  gsize taken;

  self->n_turns++;
  while ((taken = galileo_limiter_take (self->limiter, self->piece)) > 0) {
    Sent sent = { g_get_monotonic_time (), taken };

    self->sent += taken;
    g_array_append_val (self->times, sent);
  }
  galileo_limiter_wait (self->limiter, turn_cb, self);
}

static void
run_until_sent (Sender *sender, guint64 bytes)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (sender->sent < bytes) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_main_context_iteration (NULL, TRUE);
  }
}

/* The most bytes in any stretch of a second. */
static guint64
get_peak (GArray *times)
{
  guint64 peak = 0;

  for (guint i = 0; i < times->len; i++) {
    guint64 sum = 0;

    for (guint k = i; k < times->len; k++) {
      Sent *sent = &g_array_index (times, Sent, k);

      if (sent->time - g_array_index (times, Sent, i).time >= G_USEC_PER_SEC)
        break;
      sum += sent->bytes;
    }
    peak = MAX (peak, sum);
  }

  return peak;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 first = ((const Sent *) a)->time, second = ((const Sent *) b)->time;

  return (first > second) - (first < second);
}

static void
test_unlimited (void)
{
  g_autoptr (GalileoLimiter) limiter = galileo_limiter_new ();

  g_assert_cmpuint (galileo_limiter_get_rate (limiter), ==, 0);
  g_assert_cmpuint (galileo_limiter_take (limiter, G_MAXSIZE), ==, G_MAXSIZE);
  galileo_limiter_give_back (limiter, 5);

  {
    g_autoptr (GalileoLimiter) group = galileo_limiter_new_for_group (limiter);

    g_assert_cmpuint (galileo_limiter_take (group, G_MAXSIZE), ==, G_MAXSIZE);
    galileo_limiter_give_back (group, 5);
  }
}

/* All together keep to the rate in every second, each gets its share, and a new rate holds at once. */
static void
test_shared (void)
{
  g_autoptr (GalileoLimiter) limiter = galileo_limiter_new ();
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (Sent));
  Sender senders[4] = { { 0 } };

  galileo_limiter_set_rate (limiter, 100000);
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++) {
    senders[i] = (Sender) { .limiter = limiter, .piece = 250000, .times = times };
    galileo_limiter_wait (limiter, turn_cb, &senders[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    run_until_sent (&senders[i], 50000);
  g_assert_cmpuint (get_peak (times), <=, 125000);
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    g_assert_cmpuint (senders[i].sent, <, 2 * senders[(i + 1) % G_N_ELEMENTS (senders)].sent);

  galileo_limiter_set_rate (limiter, 1000);
  g_array_set_size (times, 0);
  run_until_sent (&senders[0], senders[0].sent + 300);
  g_assert_cmpuint (get_peak (times), <=, 1250);

  /* At the old rate this would take a quarter of an hour. */
  galileo_limiter_set_rate (limiter, 10000000);
  run_until_sent (&senders[0], senders[0].sent + 1000000);

  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    galileo_limiter_forget (limiter, &senders[i]);
  galileo_limiter_forget (limiter, &senders[0]);
}

/* Whoever comes does not push in front of those who wait. */
static void
test_in_turn (void)
{
  g_autoptr (GalileoLimiter) limiter = galileo_limiter_new ();
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (Sent));
  Sender waiting = { .limiter = limiter, .piece = 1000, .times = times };

  galileo_limiter_set_rate (limiter, 1000000);
  galileo_limiter_wait (limiter, turn_cb, &waiting);
  g_assert_cmpuint (galileo_limiter_take (limiter, 1), ==, 0);
  galileo_limiter_forget (limiter, &waiting);

  /* What was given back can be taken again. */
  while (galileo_limiter_take (limiter, 1000) > 0) {
  }
  galileo_limiter_give_back (limiter, 1000);
  g_assert_cmpuint (galileo_limiter_take (limiter, 1000), ==, 1000);
}

/* A rate that comes while somebody waits, and one that goes. */
static void
test_lifted (void)
{
  g_autoptr (GalileoLimiter) limiter = galileo_limiter_new ();
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (Sent));
  Sender waiting = { .limiter = limiter, .piece = 1, .times = times };

  galileo_limiter_set_rate (limiter, 1);
  galileo_limiter_wait (limiter, turn_cb, &waiting);
  galileo_limiter_set_rate (limiter, 1);
  galileo_limiter_set_rate (limiter, 1000);
  while (waiting.n_turns < 2)
    g_main_context_iteration (NULL, TRUE);
  galileo_limiter_forget (limiter, &waiting);
  galileo_limiter_set_rate (limiter, 0);
  g_assert_cmpuint (galileo_limiter_take (limiter, 5000), ==, 5000);
}

static void
note_cb (gpointer waiter)
{
  Sender *self = waiter;

  self->n_turns++;
  self->sent += galileo_limiter_take (self->limiter, self->piece);
}

/* It would get an eighth of a second's bytes in its turn; without the limit it gets all. */
static void
test_lifted_while_waiting (void)
{
  g_autoptr (GalileoLimiter) limiter = galileo_limiter_new ();
  Sender waiting = { .limiter = limiter, .piece = 1000000 };

  galileo_limiter_set_rate (limiter, 100);
  while (galileo_limiter_take (limiter, 1000000) > 0) {
  }
  galileo_limiter_wait (limiter, note_cb, &waiting);
  galileo_limiter_set_rate (limiter, 0);
  while (waiting.n_turns == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (waiting.sent, ==, 1000000);
}

static void
shy_cb (gpointer waiter)
{
  Sender *self = waiter;

  /* The first time it finds that it can't use its turn yet. */
  if (self->n_turns++ == 0)
    galileo_limiter_wait (self->limiter, shy_cb, self);
  else
    self->sent += galileo_limiter_take (self->limiter, self->piece);
}

/* Who waits again in its turn stays in front of those who came later. */
static void
test_turn_kept (void)
{
  g_autoptr (GalileoLimiter) limiter = galileo_limiter_new ();
  Sender shy = { .limiter = limiter, .piece = 10 }, other = { .limiter = limiter, .piece = 10 };

  galileo_limiter_set_rate (limiter, 100000);
  galileo_limiter_wait (limiter, shy_cb, &shy);
  galileo_limiter_wait (limiter, note_cb, &other);
  while (shy.n_turns < 2) {
    g_assert_cmpuint (other.n_turns, ==, 0);
    g_main_context_iteration (NULL, TRUE);
  }
  while (other.n_turns == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (shy.sent, ==, 10);
  g_assert_cmpuint (other.sent, ==, 10);
}

/* Sends without end, from now on. */
static void
send_by (Sender *self, GalileoLimiter *limiter, GArray *times)
{
  *self = (Sender) { .limiter = limiter, .piece = 250000, .times = times };
  galileo_limiter_wait (limiter, turn_cb, self);
}

static void
forget_all (Sender *senders, guint n_senders)
{
  for (guint i = 0; i < n_senders; i++)
    galileo_limiter_forget (senders[i].limiter, &senders[i]);
}

/* Both limits hold, and what a group may not use is there for the others, in equal parts. */
static void
test_group (void)
{
  g_autoptr (GalileoLimiter) all = galileo_limiter_new ();
  g_autoptr (GalileoLimiter) limited = galileo_limiter_new_for_group (all);
  g_autoptr (GalileoLimiter) unlimited = galileo_limiter_new_for_group (all);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (Sent));
  g_autoptr (GArray) other_times = g_array_new (FALSE, FALSE, sizeof (Sent));
  Sender senders[4];
  guint64 in_group;

  galileo_limiter_set_rate (all, 200000);
  galileo_limiter_set_rate (limited, 50000);
  send_by (&senders[0], limited, times);
  send_by (&senders[1], limited, times);
  send_by (&senders[2], unlimited, other_times);
  send_by (&senders[3], all, other_times);
  run_until_sent (&senders[3], 150000);
  forget_all (senders, G_N_ELEMENTS (senders));

  in_group = senders[0].sent + senders[1].sent;
  g_test_message ("limited %" G_GUINT64_FORMAT ", others %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT,
                  in_group,
                  senders[2].sent,
                  senders[3].sent);
  g_assert_cmpuint (senders[0].sent, <, 2 * senders[1].sent);
  g_assert_cmpuint (senders[1].sent, <, 2 * senders[0].sent);
  g_assert_cmpuint (senders[2].sent * 4, >, senders[3].sent * 3);
  g_assert_cmpuint (senders[2].sent * 3, <, senders[3].sent * 4);
  /* A quarter of all, were it exact. */
  g_assert_cmpuint (in_group * 5, >, senders[2].sent + senders[3].sent);
  g_assert_cmpuint (get_peak (times), <=, 62500);
  g_array_append_vals (times, other_times->data, other_times->len);
  g_array_sort (times, compare_times);
  g_assert_cmpuint (get_peak (times), <=, 250000);
}

/* Who waits for a slow group's tokens is in nobody's way but its own group's. */
static void
test_slow_group (void)
{
  g_autoptr (GalileoLimiter) all = galileo_limiter_new ();
  g_autoptr (GalileoLimiter) slow = galileo_limiter_new_for_group (all);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (Sent));
  Sender waiting[3], other;

  galileo_limiter_set_rate (all, 1000000);
  galileo_limiter_set_rate (slow, 1);
  for (guint i = 0; i < G_N_ELEMENTS (waiting); i++)
    send_by (&waiting[i], slow, times);
  send_by (&other, all, times);
  run_until_sent (&other, 300000);
  galileo_limiter_forget (all, &other);

  g_assert_cmpuint (galileo_limiter_take (slow, 1), ==, 0);
  galileo_limiter_set_rate (all, 0);
  g_assert_cmpuint (galileo_limiter_take (slow, 1), ==, 0);
  g_assert_cmpuint (galileo_limiter_take (all, 1000000), ==, 1000000);
  forget_all (waiting, G_N_ELEMENTS (waiting));
}

/* Where many want more than there is, a group with a low limit still gets that: turns are small, and come often. */
static void
test_small_turns (void)
{
  g_autoptr (GalileoLimiter) all = galileo_limiter_new ();
  g_autoptr (GalileoLimiter) small = galileo_limiter_new_for_group (all);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (Sent));
  Sender senders[5];
  guint64 sum = 0;

  /* A fifth of all would be its share, it may have a tenth, and by turns alone it would have a fortieth. */
  galileo_limiter_set_rate (all, 400000);
  galileo_limiter_set_rate (small, 40000);
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    send_by (&senders[i], i == 2 ? small : all, times);
  run_until_sent (&senders[0], 300000);
  forget_all (senders, G_N_ELEMENTS (senders));

  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    sum += senders[i].sent;
  g_test_message ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT, senders[2].sent, sum);
  g_assert_cmpuint (senders[2].sent * 15, >, sum);
  g_assert_cmpuint (senders[2].sent * 8, <, sum);
}

/* Neither many of a group nor one without starve the other. */
static void
test_large_group (void)
{
  g_autoptr (GalileoLimiter) all = galileo_limiter_new ();
  g_autoptr (GalileoLimiter) large = galileo_limiter_new_for_group (all);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (Sent));
  Sender senders[6];

  galileo_limiter_set_rate (all, 400000);
  galileo_limiter_set_rate (large, 390000);
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    send_by (&senders[i], i == 0 ? all : large, times);
  run_until_sent (&senders[0], 200000);
  for (guint i = 1; i < G_N_ELEMENTS (senders); i++) {
    g_assert_cmpuint (senders[i].sent * 2, >, senders[0].sent);
    g_assert_cmpuint (senders[i].sent, <, senders[0].sent * 2);
  }
  forget_all (senders, G_N_ELEMENTS (senders));
}

/* One in a group waits for either limit, and is woken when that goes. */
static void
test_group_lifted (void)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GalileoLimiter) all = galileo_limiter_new ();
    g_autoptr (GalileoLimiter) group = galileo_limiter_new_for_group (all);
    GalileoLimiter *slow = i == 0 ? group : all, *fast = i == 0 ? all : group;
    Sender waiting = { .limiter = group, .piece = 1000000 };

    galileo_limiter_set_rate (fast, 8000000);
    galileo_limiter_set_rate (slow, 1);
    galileo_limiter_wait (group, note_cb, &waiting);
    galileo_limiter_set_rate (slow, 0);
    while (waiting.n_turns == 0)
      g_main_context_iteration (NULL, TRUE);
    g_assert_cmpuint (waiting.sent, ==, 1000000);

    /* A limit that comes holds at once. */
    galileo_limiter_set_rate (fast, 0);
    g_assert_cmpuint (galileo_limiter_take (group, 1000000), ==, 1000000);
    galileo_limiter_set_rate (slow, 1);
    while (galileo_limiter_take (group, 1000000) == 1) {
    }
    g_assert_cmpuint (galileo_limiter_take (group, 1000000), ==, 0);
  }
}

/* What did not go is there again for both. */
static void
test_group_give_back (void)
{
  g_autoptr (GalileoLimiter) all = galileo_limiter_new ();
  g_autoptr (GalileoLimiter) group = galileo_limiter_new_for_group (all);

  galileo_limiter_set_rate (all, 1000);
  galileo_limiter_set_rate (group, 1000);
  while (galileo_limiter_take (group, 100) > 0) {
  }
  galileo_limiter_give_back (group, 100);
  g_assert_cmpuint (galileo_limiter_take (group, 100), ==, 100);
}

/* Whoever lined up for a large turn is not left behind for ever by small ones. */
static void
test_slowed_down (void)
{
  g_autoptr (GalileoLimiter) all = galileo_limiter_new ();
  g_autoptr (GalileoLimiter) slow = galileo_limiter_new_for_group (all);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (Sent));
  Sender first, large, late;

  galileo_limiter_set_rate (all, G_GUINT64_CONSTANT (100000000000));
  galileo_limiter_set_rate (slow, 1);
  send_by (&first, slow, times);
  send_by (&large, all, times);
  galileo_limiter_set_rate (all, 100000);
  send_by (&late, all, times);
  run_until_sent (&large, 50000);
  run_until_sent (&late, 50000);
  galileo_limiter_forget (slow, &first);
  galileo_limiter_forget (all, &large);
  galileo_limiter_forget (all, &late);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/limiter/unlimited", test_unlimited);
  g_test_add_func ("/limiter/shared", test_shared);
  g_test_add_func ("/limiter/in-turn", test_in_turn);
  g_test_add_func ("/limiter/lifted", test_lifted);
  g_test_add_func ("/limiter/lifted-while-waiting", test_lifted_while_waiting);
  g_test_add_func ("/limiter/turn-kept", test_turn_kept);
  g_test_add_func ("/limiter/group", test_group);
  g_test_add_func ("/limiter/slow-group", test_slow_group);
  g_test_add_func ("/limiter/small-turns", test_small_turns);
  g_test_add_func ("/limiter/large-group", test_large_group);
  g_test_add_func ("/limiter/group-lifted", test_group_lifted);
  g_test_add_func ("/limiter/group-give-back", test_group_give_back);
  g_test_add_func ("/limiter/slowed-down", test_slowed_down);

  return g_test_run ();
}

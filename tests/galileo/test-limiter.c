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

static void
test_unlimited (void)
{
  g_autoptr (GalileoLimiter) limiter = galileo_limiter_new ();

  g_assert_cmpuint (galileo_limiter_get_rate (limiter), ==, 0);
  g_assert_cmpuint (galileo_limiter_take (limiter, G_MAXSIZE), ==, G_MAXSIZE);
  galileo_limiter_give_back (limiter, 5);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/limiter/unlimited", test_unlimited);
  g_test_add_func ("/limiter/shared", test_shared);
  g_test_add_func ("/limiter/in-turn", test_in_turn);
  g_test_add_func ("/limiter/lifted", test_lifted);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-credits.h"

/* In the order in which they came, each with its own size. */
static void
test_order (void)
{
  static const guint64 sizes[] = { 5, 5, 7, 5, 1, 1, 1, 9 };
  GalileoCredits *credits = galileo_credits_new ();

  g_assert_true (galileo_credits_is_empty (credits));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    galileo_credits_add (credits, sizes[i]);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_assert_false (galileo_credits_is_empty (credits));
    g_assert_cmpuint (galileo_credits_peek (credits), ==, sizes[i]);
    galileo_credits_use (credits);
  }

  g_assert_true (galileo_credits_is_empty (credits));
  galileo_credits_free (credits);
}

static void
test_refill (void)
{
  GalileoCredits *credits = galileo_credits_new ();

  for (guint64 i = 1; i < 1000; i++) {
    galileo_credits_add (credits, i / 3);
    g_assert_cmpuint (galileo_credits_peek (credits), ==, i / 3);
    galileo_credits_use (credits);
    g_assert_true (galileo_credits_is_empty (credits));
  }

  galileo_credits_add (credits, 1);
  galileo_credits_free (credits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/credits/order", test_order);
  g_test_add_func ("/credits/refill", test_refill);

  return g_test_run ();
}

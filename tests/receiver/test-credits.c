/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver/receiver-credits.h"

#define MIB (1024 * 1024)

/* Sends @count chunks of @length bytes, each when it has a credit; returns how many credits are open then. */
static guint
send (ReceiverCredits *credits, guint64 *rest, guint64 length, guint count)
{
  for (guint i = 0; i < count; i++) {
    receiver_credits_begin (credits);
    *rest -= length;
    receiver_credits_end (credits, length);
    receiver_credits_grant (credits, *rest);
    g_assert_cmpuint (credits->open, >, 0);
    g_assert_cmpuint (credits->open, <=, RECEIVER_CREDITS_MAX);
  }
  return credits->open;
}

static void
test_start (void)
{
  static const struct {
    guint64 size;
    guint credits;
  } rows[] = {
    { 0, 1 },       { 1, 2 },           { MIB, 2 }, { MIB + 1, 3 }, { 14 * MIB + 1, 16 }, { 15 * MIB, 16 },
    { 16 * MIB, 16 }, { G_MAXINT64, 16 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    ReceiverCredits credits;

    receiver_credits_init (&credits, MIB, 16);
    g_assert_cmpuint (receiver_credits_grant (&credits, rows[i].size), ==, rows[i].credits);
    g_assert_cmpuint (receiver_credits_grant (&credits, rows[i].size), ==, 0);
  }
}

/* So many chunks of each size are 16 MiB. */
static void
test_window_is_bytes (void)
{
  static const struct {
    guint64 chunk;
    guint credits;
  } rows[] = {
    { MIB, 16 },
    { MIB / 2, 32 },
    { 250000, 68 },
    { 16384, 1024 },
    { 4096, 4096 },
    { 4095, RECEIVER_CREDITS_MAX },
    { 1, RECEIVER_CREDITS_MAX },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint64 rest = G_GUINT64_CONSTANT (1) << 40;
    ReceiverCredits credits;

    receiver_credits_init (&credits, MIB, 16);
    receiver_credits_grant (&credits, rest);
    g_assert_cmpuint (send (&credits, &rest, rows[i].chunk, 10000), ==, rows[i].credits);
  }
}

/* The largest chunk so far is what counts: a small one in between means nothing. */
static void
test_sizes_mixed (void)
{
  guint64 rest = 1000 * MIB;
  ReceiverCredits credits;

  receiver_credits_init (&credits, MIB, 16);
  receiver_credits_grant (&credits, rest);
  g_assert_cmpuint (send (&credits, &rest, MIB / 4, 10), ==, 64);
  g_assert_cmpuint (send (&credits, &rest, 1, 10), ==, 64);
  /* What was granted is not taken back, but not granted again. */
  g_assert_cmpuint (send (&credits, &rest, MIB, 1), ==, 63);
  g_assert_cmpuint (send (&credits, &rest, MIB, 46), ==, 17);
  g_assert_cmpuint (send (&credits, &rest, MIB, 100), ==, 16);
}

/* Towards the end no more than the file needs. */
static void
test_end (void)
{
  guint64 rest = 20 * 250000;
  ReceiverCredits credits;

  receiver_credits_init (&credits, MIB, 16);
  g_assert_cmpuint (receiver_credits_grant (&credits, rest), ==, 6);
  g_assert_cmpuint (send (&credits, &rest, 250000, 1), ==, 20);
  g_assert_cmpuint (send (&credits, &rest, 250000, 18), ==, 2);
  g_assert_cmpuint (send (&credits, &rest, 250000, 1), ==, 1);
}

/* Empty chunks do not move anything, and are answered all the same. */
static void
test_empty_chunks (void)
{
  guint64 rest = 10;
  ReceiverCredits credits;

  receiver_credits_init (&credits, 100, 1);
  g_assert_cmpuint (receiver_credits_grant (&credits, rest), ==, 1);
  g_assert_cmpuint (send (&credits, &rest, 0, 1000), ==, 1);
  g_assert_cmpuint (send (&credits, &rest, 10, 1), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/credits/start", test_start);
  g_test_add_func ("/credits/window-is-bytes", test_window_is_bytes);
  g_test_add_func ("/credits/sizes-mixed", test_sizes_mixed);
  g_test_add_func ("/credits/end", test_end);
  g_test_add_func ("/credits/empty-chunks", test_empty_chunks);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-speed.h"

#define SECOND G_USEC_PER_SEC

static void
test_steady (void)
{
  GalileoSpeed speed = { 0 };

  g_assert_cmpfloat (galileo_speed_get (&speed), ==, 0.0);
  g_assert_cmpint (galileo_speed_get_time_left (&speed, 100), ==, -1);

  for (guint i = 0; i <= 100; i++)
    galileo_speed_add (&speed, i * 1000, (gint64) SECOND + i * SECOND / 10);
  g_assert_cmpfloat_with_epsilon (galileo_speed_get (&speed), 10000.0, 0.1);
  g_assert_cmpint (galileo_speed_get_time_left (&speed, 100000), ==, 10);
  g_assert_cmpint (galileo_speed_get_time_left (&speed, 0), ==, 0);
}

/* The pace of the samples is of no account. */
static void
test_uneven (void)
{
  GalileoSpeed often = { 0 }, seldom = { 0 };

  for (guint i = 0; i <= 1000; i++)
    galileo_speed_add (&often, i * 10, (gint64) SECOND + i * SECOND / 100);
  for (guint i = 0; i <= 10; i++)
    galileo_speed_add (&seldom, i * 1000, (gint64) SECOND + i * SECOND);
  g_assert_cmpfloat_with_epsilon (galileo_speed_get (&often), galileo_speed_get (&seldom), 0.1);
}

static void
test_change (void)
{
  GalileoSpeed speed = { 0 };
  guint64 bytes = 0;
  gint64 now = SECOND;

  for (guint i = 0; i < 100; i++)
    galileo_speed_add (&speed, bytes += 1000, now += SECOND / 10);
  for (guint i = 0; i < 30; i++)
    galileo_speed_add (&speed, bytes, now += SECOND / 10);
  g_assert_cmpfloat (galileo_speed_get (&speed), <, 4000.0);
  g_assert_cmpfloat (galileo_speed_get (&speed), >, 3000.0);
}

/* An upload that starts over does not run backwards. */
static void
test_start_over (void)
{
  GalileoSpeed speed = { 0 };

  galileo_speed_add (&speed, 0, SECOND);
  galileo_speed_add (&speed, 1000, 2 * SECOND);
  galileo_speed_add (&speed, 0, 3 * SECOND);
  g_assert_cmpfloat_with_epsilon (galileo_speed_get (&speed), 1000.0, 0.1);
  galileo_speed_add (&speed, 1000, 4 * SECOND);
  g_assert_cmpfloat_with_epsilon (galileo_speed_get (&speed), 1000.0, 0.1);

  galileo_speed_reset (&speed);
  g_assert_cmpfloat (galileo_speed_get (&speed), ==, 0.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/speed/steady", test_steady);
  g_test_add_func ("/speed/uneven", test_uneven);
  g_test_add_func ("/speed/change", test_change);
  g_test_add_func ("/speed/start-over", test_start_over);

  return g_test_run ();
}

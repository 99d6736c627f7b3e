/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-sleep-monitor.h"

#include <time.h>

static void
woke_cb (GalileoSleepMonitor *monitor, guint *n_woke)
{
  (*n_woke)++;
}

static void
test_sleep (void)
{
  g_autoptr (GalileoSleepMonitor) monitor = galileo_sleep_monitor_new ();
  struct timespec boot, monotonic;
  gint64 slept, now;
  guint n_woke = 0;

  g_signal_connect (monitor, "woke", G_CALLBACK (woke_cb), &n_woke);
  clock_gettime (CLOCK_BOOTTIME, &boot);
  clock_gettime (CLOCK_MONOTONIC, &monotonic);
  now = (gint64) monotonic.tv_sec * G_USEC_PER_SEC;
  slept = (gint64) (boot.tv_sec - monotonic.tv_sec) * G_USEC_PER_SEC + (boot.tv_nsec - monotonic.tv_nsec) / 1000;

  /* Somebody set the clock: both others go on alike. */
  galileo_sleep_monitor_check (monitor, now + slept, now);
  galileo_sleep_monitor_check (monitor, now + slept + G_GINT64_CONSTANT (100) * G_USEC_PER_SEC, now + G_GINT64_CONSTANT (100) * G_USEC_PER_SEC);
  g_assert_cmpuint (n_woke, ==, 0);

  galileo_sleep_monitor_check (monitor, now + slept + G_GINT64_CONSTANT (3700) * G_USEC_PER_SEC, now + G_GINT64_CONSTANT (101) * G_USEC_PER_SEC);
  g_assert_cmpuint (n_woke, ==, 1);
  galileo_sleep_monitor_check (monitor, now + slept + G_GINT64_CONSTANT (3701) * G_USEC_PER_SEC, now + G_GINT64_CONSTANT (102) * G_USEC_PER_SEC);
  g_assert_cmpuint (n_woke, ==, 1);
  galileo_sleep_monitor_check (monitor, now + slept + G_GINT64_CONSTANT (7301) * G_USEC_PER_SEC, now + G_GINT64_CONSTANT (103) * G_USEC_PER_SEC);
  g_assert_cmpuint (n_woke, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sleep-monitor/sleep", test_sleep);

  return g_test_run ();
}

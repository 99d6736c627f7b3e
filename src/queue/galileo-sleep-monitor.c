/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-sleep-monitor.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/*
 * The kernel sets the clock when it wakes up, and a timer can ask to be told when the clock is set. Whether it was sleep or
 * just somebody who set the clock shows in two others: one goes on in sleep, one stands still.
 */
struct _GalileoSleepMonitor {
  GObject parent_instance;

  int timer; /* -1 where there is none */
  GSource *source;
  gint64 slept; /* in all, µs */
};

#define SHORTEST_SLEEP (2 * G_USEC_PER_SEC)

enum {
  SIGNAL_WOKE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalileoSleepMonitor, galileo_sleep_monitor, G_TYPE_OBJECT)

static gint64
get_time (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* A time that never comes: what counts is that the clock is set. */
static void
arm (GalileoSleepMonitor *self)
{
  struct itimerspec never = { .it_value.tv_sec = G_MAXINT32 };

  (void) timerfd_settime (self->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static gboolean
clock_set_cb (int descriptor, GIOCondition condition, gpointer user_data)
{
  GalileoSleepMonitor *self = user_data;
  guint64 expirations;

  /* Fails with ECANCELED, which is the news. */
  if (read (descriptor, &expirations, sizeof expirations) < 0 && errno == EAGAIN)
    return G_SOURCE_CONTINUE;

  arm (self);
  galileo_sleep_monitor_check (self, get_time (CLOCK_BOOTTIME), get_time (CLOCK_MONOTONIC));

  return G_SOURCE_CONTINUE;
}

static void
galileo_sleep_monitor_finalize (GObject *object)
{
  GalileoSleepMonitor *self = GALILEO_SLEEP_MONITOR (object);

  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->timer >= 0)
    close (self->timer);

  G_OBJECT_CLASS (galileo_sleep_monitor_parent_class)->finalize (object);
}

static void
galileo_sleep_monitor_class_init (GalileoSleepMonitorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galileo_sleep_monitor_finalize;

  signals[SIGNAL_WOKE] = g_signal_new ("woke",
                                       GALILEO_TYPE_SLEEP_MONITOR,
                                       G_SIGNAL_RUN_LAST,
                                       0,
                                       NULL,
                                       NULL,
                                       NULL,
                                       G_TYPE_NONE,
                                       0);
}

static void
galileo_sleep_monitor_init (GalileoSleepMonitor *self)
{
  self->slept = get_time (CLOCK_BOOTTIME) - get_time (CLOCK_MONOTONIC);
  self->timer = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (self->timer < 0)
    return;

  arm (self);
  self->source = g_unix_fd_source_new (self->timer, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (clock_set_cb), self, NULL);
  g_source_set_static_name (self->source, "[galileo] sleep monitor");
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

GalileoSleepMonitor *
galileo_sleep_monitor_new (void)
{
  return g_object_new (GALILEO_TYPE_SLEEP_MONITOR, NULL);
}

void
galileo_sleep_monitor_check (GalileoSleepMonitor *self, gint64 boot_time, gint64 monotonic_time)
{
  gint64 slept = boot_time - monotonic_time;
  gboolean woke;

  g_return_if_fail (GALILEO_IS_SLEEP_MONITOR (self));

  woke = slept - self->slept >= SHORTEST_SLEEP;
  self->slept = MAX (self->slept, slept);
  if (woke)
    g_signal_emit (self, signals[SIGNAL_WOKE], 0);
}

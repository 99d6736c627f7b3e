/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "virtual-time.h"

/* The functions behind the linker's --wrap, see meson.build. */
gint64   __wrap_g_get_monotonic_time (void);
GSource *__wrap_g_timeout_source_new (guint interval);
GSource *__real_g_timeout_source_new (guint interval);
void     __wrap_g_task_run_in_thread (GTask *task, GTaskThreadFunc function);

typedef struct {
  GSource *source;
  gint64 due;
  guint interval;
} Timer;

static gint64 now = G_USEC_PER_SEC;
static GArray *timers; /* of Timer */

static GQueue work = G_QUEUE_INIT; /* of Work */
static gboolean is_slow;

typedef struct {
  GTask *task;
  GTaskThreadFunc function;
} Work;

gint64
__wrap_g_get_monotonic_time (void)
{
  return now;
}

static void
clear_timer (gpointer data)
{
  g_source_unref (((Timer *) data)->source);
}

GSource *
__wrap_g_timeout_source_new (guint interval)
{
  /* Never by itself: in 49 days. */
  GSource *source = __real_g_timeout_source_new (G_MAXUINT);
  Timer timer = { g_source_ref (source), now + (gint64) interval * 1000, interval };

  if (timers == NULL) {
    timers = g_array_new (FALSE, FALSE, sizeof (Timer));
    g_array_set_clear_func (timers, clear_timer);
  }
  g_array_append_val (timers, timer);

  return source;
}

static void
do_work (GTask *task, GTaskThreadFunc function)
{
  function (task, g_task_get_source_object (task), g_task_get_task_data (task), g_task_get_cancellable (task));
}

void
__wrap_g_task_run_in_thread (GTask *task, GTaskThreadFunc function)
{
  Work *piece;

  if (!is_slow) {
    do_work (task, function);
    return;
  }

  piece = g_new (Work, 1);
  *piece = (Work) { g_object_ref (task), function };
  g_queue_push_tail (&work, piece);
}

void
virtual_time_set_slow (gboolean slow)
{
  is_slow = slow;
}

gboolean
virtual_time_work (void)
{
  g_autofree Work *piece = g_queue_pop_head (&work);

  if (piece == NULL)
    return FALSE;

  do_work (piece->task, piece->function);
  g_object_unref (piece->task);

  return TRUE;
}

/* Returns whether there were timers that are due. */
static gboolean
fire_timers (void)
{
  gboolean fired = FALSE;

  for (guint i = 0; timers != NULL && i < timers->len;) {
    Timer *timer = &g_array_index (timers, Timer, i);

    if (g_source_is_destroyed (timer->source)) {
      g_array_remove_index (timers, i);
      continue;
    }
    if (timer->due <= now) {
      /* Late ones fire once, as after a suspended computer wakes up. */
      timer->due = now + MAX (timer->interval, 1) * 1000;
      g_source_set_ready_time (timer->source, 0);
      fired = TRUE;
    }
    i++;
  }

  return fired;
}

void
virtual_time_settle (void)
{
  do {
    while (g_main_context_iteration (NULL, FALSE)) {
    }
  } while (fire_timers () || (!is_slow && virtual_time_work ()));
}

void
virtual_time_pass (guint seconds)
{
  now += (gint64) seconds * G_USEC_PER_SEC;
  virtual_time_settle ();
}

void
virtual_time_reset (void)
{
  g_assert_true (g_queue_is_empty (&work));
  fire_timers ();
  g_assert_true (timers == NULL || timers->len == 0);
  now = G_USEC_PER_SEC;
  is_slow = FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli-interrupt.h"

#include <glib-unix.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EXIT_INTERRUPTED 130

static int event_descriptor = -1;
static volatile sig_atomic_t was_interrupted;

/* The second interrupt ends the process even while the main thread is held up in writing to a pipe
 * that nobody reads. */
static void
interrupted_cb (int number)
{
  guint64 one = 1;
  gssize written;

  if (was_interrupted)
    _exit (EXIT_INTERRUPTED);

  was_interrupted = 1;
  written = write (event_descriptor, &one, sizeof one);
  (void) written;
}

static void
catch_signal (int number)
{
  struct sigaction action = { .sa_handler = interrupted_cb, .sa_flags = SA_RESTART };
  struct sigaction old;

  /* A shell starts background jobs with SIGINT ignored, and means it. */
  if (sigaction (number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
    sigaction (number, &action, NULL);
}

static gboolean
event_cb (int descriptor, GIOCondition condition, gpointer user_data)
{
  GSourceFunc function = ((gpointer *) user_data)[0];
  gpointer data = ((gpointer *) user_data)[1];

  function (data);
  return G_SOURCE_REMOVE;
}

/* Calls the function in the main context at the first SIGINT or SIGTERM; the second ends the
 * process. To be called once. */
void
cli_interrupt_watch (GSourceFunc function, gpointer data)
{
  gpointer *call = g_new (gpointer, 2);

  g_return_if_fail (event_descriptor < 0);

  call[0] = function;
  call[1] = data;
  event_descriptor = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_unix_fd_add_full (G_PRIORITY_HIGH, event_descriptor, G_IO_IN, event_cb, call, g_free);

  catch_signal (SIGINT);
  catch_signal (SIGTERM);
}

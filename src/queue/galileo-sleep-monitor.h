/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GALILEO_TYPE_SLEEP_MONITOR (galileo_sleep_monitor_get_type ())

/*
 * Tells that the computer slept. It needs no service, so it works in a sandbox, and wakes nobody up to find out.
 *
 * Signals: woke (): the computer slept for two seconds or more, and is awake; in the context that it was made in.
 */
G_DECLARE_FINAL_TYPE (GalileoSleepMonitor, galileo_sleep_monitor, GALILEO, SLEEP_MONITOR, GObject)

GalileoSleepMonitor *galileo_sleep_monitor_new   (void) G_GNUC_WARN_UNUSED_RESULT;

/* Looks whether it slept. boot_time, monotonic_time: µs of the clocks that go on, and stand still, in sleep. */
void                 galileo_sleep_monitor_check (GalileoSleepMonitor *self,
                                                  gint64               boot_time,
                                                  gint64               monotonic_time);

G_END_DECLS

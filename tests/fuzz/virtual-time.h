/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * A clock that stands still unless the test moves it, and workers that work when the test says so: a run does the same
 * each time, and waits for nothing. Holds for the library's own code, whose calls the linker leads here (--wrap); GLib
 * and libsoup keep theirs.
 */

/* Time passes at once; then everything that is due, is due. */
void     virtual_time_pass        (guint    seconds);
/* Whether work waits until virtual_time_work() instead of being done when it is asked for. */
void     virtual_time_set_slow    (gboolean slow);
/* Does the oldest piece of work. Returns FALSE if there is none. */
gboolean virtual_time_work        (void);
/* Runs the main loop until nothing is left to do without time passing. */
void     virtual_time_settle      (void);
/* Asserts that no timer is left. */
void     virtual_time_reset       (void);

G_END_DECLS

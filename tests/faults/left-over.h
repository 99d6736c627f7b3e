/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * What is there before a case and should be there after it, and nothing else: descriptors, threads beyond GLib's pools,
 * sources in a context, files in a folder, and of some objects that they are gone.
 */
typedef struct _LeftOver LeftOver;

/* The name of a thread that may come and stay. */
#define LEFT_OVER_WATCHDOG "watchdog"

LeftOver *left_over_new        (GMainContext *context,
                                const char   *folder);
void      left_over_free       (LeftOver     *self);
void      left_over_allow_file (LeftOver     *self,
                                const char   *name);
/* Nothing for NULL. */
void      left_over_watch      (LeftOver     *self,
                                const char   *name,
                                gpointer      object);
/* Turns the context until nothing is left over, for some seconds if that has to be. Gives what still is, or NULL. */
char     *left_over_wait       (LeftOver     *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

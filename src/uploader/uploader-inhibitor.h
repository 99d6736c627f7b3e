/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_INHIBITOR (uploader_inhibitor_get_type ())

/* Keeps the computer awake while bytes move, and only then. */
G_DECLARE_FINAL_TYPE (UploaderInhibitor, uploader_inhibitor, UPLOADER, INHIBITOR, GObject)

/* What keeps it awake: the first returns a cookie, which the second gets. */
typedef guint (*UploaderInhibitFunc) (gpointer data);
typedef void (*UploaderUninhibitFunc) (guint cookie, gpointer data);

UploaderInhibitor *uploader_inhibitor_new            (GalileoQueue          *queue,
                                                      UploaderInhibitFunc    inhibit,
                                                      UploaderUninhibitFunc  uninhibit,
                                                      gpointer               data) G_GNUC_WARN_UNUSED_RESULT;

void               uploader_inhibitor_set_quiet_time (UploaderInhibitor     *self,
                                                      guint                  milliseconds);

G_END_DECLS

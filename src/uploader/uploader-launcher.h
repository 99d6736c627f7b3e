/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_LAUNCHER (uploader_launcher_get_type ())

/* Shows at the program's icon, in docks that know of it, how far the queue is and how many files are left. */
G_DECLARE_FINAL_TYPE (UploaderLauncher, uploader_launcher, UPLOADER, LAUNCHER, GObject)

UploaderLauncher *uploader_launcher_new (GalileoQueue    *queue,
                                         GDBusConnection *connection) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

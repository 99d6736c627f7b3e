/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The way to the desktop's queue: the program that has it, if one is on the session bus; else the database that it is
 * kept in, which is this program's own meanwhile.
 */
typedef struct _CliQueueReach CliQueueReach;

CliQueueReach *cli_queue_reach_new           (gboolean         makes) G_GNUC_WARN_UNUSED_RESULT;
void           cli_queue_reach_free          (CliQueueReach   *self);

GVariant      *cli_queue_reach_call          (CliQueueReach   *self,
                                              const char      *command,
                                              GVariant        *parameters,
                                              GError         **error) G_GNUC_WARN_UNUSED_RESULT;
void           cli_queue_reach_close         (CliQueueReach   *self);

gboolean       cli_queue_reach_is_running    (CliQueueReach   *self);
const char    *cli_queue_reach_get_set_aside (CliQueueReach   *self);
gboolean       cli_queue_reach_is_refusal    (const GError    *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliQueueReach, cli_queue_reach_free)

G_END_DECLS

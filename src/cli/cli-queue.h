/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "cli-queue-options.h"

G_BEGIN_DECLS

int cli_queue_execute (const CliQueueOptions *options);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void cli_interrupt_watch (GSourceFunc function,
                          gpointer    data);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "galileo-api.h"

G_BEGIN_DECLS

/**
 * GALILEO_NAME_MAX_LENGTH:
 *
 * The longest name, in bytes, that is sent to a server.
 */
#define GALILEO_NAME_MAX_LENGTH 255

GALILEO_API
char     *galileo_name_for_file (GFile       *file) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
gboolean  galileo_name_check    (const char  *name,
                                 GError     **error);

G_END_DECLS

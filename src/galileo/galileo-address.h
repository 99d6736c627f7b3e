/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "galileo-api.h"

G_BEGIN_DECLS

GALILEO_API
GUri *galileo_address_parse      (const char  *text,
                                  GError     **error) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
char *galileo_address_to_display (GUri        *address) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

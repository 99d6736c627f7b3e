/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

GUri *galileo_address_parse      (const char  *text,
                                  GError     **error) G_GNUC_WARN_UNUSED_RESULT;
char *galileo_address_to_display (GUri        *address) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whom to trust as the site. Errors are of G_OPTION_ERROR. */

GTlsDatabase *cli_trust_load_authorities (const char  *file,
                                          GError     **error) G_GNUC_WARN_UNUSED_RESULT;
char         *cli_trust_parse_pin        (const char  *text,
                                          GError     **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

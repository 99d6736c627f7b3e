/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

char     *galileo_fingerprint_parse           (const char      *text) G_GNUC_WARN_UNUSED_RESULT;
char     *galileo_fingerprint_for_certificate (GTlsCertificate *certificate) G_GNUC_WARN_UNUSED_RESULT;
gboolean  galileo_fingerprint_matches         (const char      *fingerprint,
                                               GTlsCertificate *certificate);

G_END_DECLS

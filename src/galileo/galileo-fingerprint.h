/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "galileo-api.h"

G_BEGIN_DECLS

GALILEO_API
char *galileo_fingerprint_parse           (const char      *text) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
char *galileo_fingerprint_for_certificate (GTlsCertificate *certificate) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-fingerprint.h"

G_BEGIN_DECLS

gboolean galileo_fingerprint_matches (const char      *fingerprint,
                                      GTlsCertificate *certificate);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo/galileo-hash.h"
#include "galileo/galileo-signal.h"

G_BEGIN_DECLS

gboolean        receiver_metadata_check         (const GalileoSignal *metadata,
                                                 guint64              max_size,
                                                 guint64             *size,
                                                 GError             **error);
char           *receiver_metadata_get_key       (const GalileoSignal *metadata) G_GNUC_WARN_UNUSED_RESULT;
GalileoHashType receiver_metadata_get_hash_type (const GalileoSignal *metadata);

G_END_DECLS

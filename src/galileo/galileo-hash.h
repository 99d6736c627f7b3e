/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

#include "galileo-api.h"

G_BEGIN_DECLS

/**
 * GalileoHashType:
 * @GALILEO_HASH_NONE: no hash is computed or sent
 * @GALILEO_HASH_SHA1: SHA-1, the one that the specification names
 * @GALILEO_HASH_SHA256: SHA-256
 * @GALILEO_HASH_SHA512: SHA-512
 *
 * The hash that goes to the server with `finished`.
 */
typedef enum {
  GALILEO_HASH_NONE,
  GALILEO_HASH_SHA1,
  GALILEO_HASH_SHA256,
  GALILEO_HASH_SHA512,
} GalileoHashType;

GALILEO_API
const char *galileo_hash_type_to_string (GalileoHashType  type);
GALILEO_API
gboolean    galileo_hash_type_parse     (const char      *text,
                                         GalileoHashType *type);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

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

const char *galileo_hash_type_to_string (GalileoHashType  type);
gboolean    galileo_hash_type_parse     (const char      *text,
                                         GalileoHashType *type);

/*
 * A running hash. Private to the library: made, fed and finished by whoever reads the file.
 */
typedef struct _GalileoHash GalileoHash;

GalileoHash *galileo_hash_new    (GalileoHashType  type) G_GNUC_WARN_UNUSED_RESULT;
void         galileo_hash_update (GalileoHash     *self,
                                  const void      *data,
                                  gsize            length);
char        *galileo_hash_finish (GalileoHash     *self) G_GNUC_WARN_UNUSED_RESULT;
void         galileo_hash_free   (GalileoHash     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalileoHash, galileo_hash_free)

G_END_DECLS

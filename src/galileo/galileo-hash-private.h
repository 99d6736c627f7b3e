/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-hash.h"

G_BEGIN_DECLS

/* A running hash: made, fed and finished by whoever reads the file. */
typedef struct _GalileoHash GalileoHash;

GalileoHash *galileo_hash_new    (GalileoHashType  type) G_GNUC_WARN_UNUSED_RESULT;
void         galileo_hash_update (GalileoHash     *self,
                                  const void      *data,
                                  gsize            length);
char        *galileo_hash_finish (GalileoHash     *self) G_GNUC_WARN_UNUSED_RESULT;
void         galileo_hash_free   (GalileoHash     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalileoHash, galileo_hash_free)

G_END_DECLS

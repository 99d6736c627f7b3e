/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-hash.h"
#include "galileo-signal.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a client tells a server of a file before it sends it. */
typedef struct {
  const char *name;
  guint64 size;
  GDateTime *modified;       /* UTC, or NULL */
  const char *path;          /* or NULL */
  const char *id;            /* or NULL: an upload that can't be gone on with */
  GalileoHashType hash_type; /* what will be sent with finished */
} GalileoMetadata;

GalileoSignal *galileo_metadata_to_signal (const GalileoMetadata *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo/galileo-engine.h"
#include "galileo/galileo-upload.h"

G_BEGIN_DECLS

/*
 * One attempt at one file: a GalileoUpload in the engine's thread, seen from the owner's. Messages go between the two;
 * nothing else is shared. Progress comes in batches, at most ten a second; error signals and the end come at once.
 *
 * Belongs to the thread-default context that it was made in; its callbacks are called there.
 */
#define GALILEO_TYPE_TRANSFER (galileo_transfer_get_type ())

G_DECLARE_FINAL_TYPE (GalileoTransfer, galileo_transfer, GALILEO, TRANSFER, GObject)

typedef struct {
  GUri *address;
  GFile *file;
  const char *name;
  const char *path; /* the folder at the site; or NULL */
  const char *id; /* by which a site knows what it has of the file */
  guint64 max_chunk_size;
  GalileoHashType hash_type;
  guint timeout;
  SoupMessageHeaders *headers; /* of the handshake */
  const char *rate_group;      /* of the engine, that shares a rate limit; or NULL */
  const char *pin;             /* fingerprint of the only certificate that is trusted, or NULL */
} GalileoTransferOptions;

/* Where the upload is. Strings and the error belong to the update. */
typedef struct {
  GalileoUploadState state;
  guint64 size;
  guint64 acknowledged;
  guint64 offset;
  gboolean resumable;
  guint64 max_chunk_size;
  GError *error;
  char *hash;
  char *url;
  gboolean verified;
} GalileoTransferUpdate;

/*
 * Signals:
 *   update (GalileoTransferUpdate *)   where it is now; the last one has a final state
 *   error-signal (GalileoSignal *)     the server sent one
 */
GalileoTransfer *galileo_transfer_new    (GalileoEngine                *engine,
                                          const GalileoTransferOptions *options) G_GNUC_WARN_UNUSED_RESULT;
void             galileo_transfer_cancel (GalileoTransfer              *self);
void             galileo_transfer_set_paused (GalileoTransfer          *self,
                                          gboolean                      paused);

G_END_DECLS

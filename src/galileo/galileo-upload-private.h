/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-upload.h"

#include "galileo-connection.h"
#include "galileo-credits.h"
#include "galileo-file-reader.h"
#include "galileo-stall.h"

G_BEGIN_DECLS

/* The two halves of an upload: galileo-upload.c is the object that others see, galileo-upload-protocol.c the state machine. */

struct _GalileoUpload {
  GObject parent_instance;

  SoupSession *session;
  GUri *address;
  GFile *file;
  char *name;
  guint64 max_chunk_size;
  GalileoHashType hash_type;
  guint timeout;

  GalileoUploadState state;
  guint64 size;
  guint64 sent;
  guint64 acknowledged;
  char *hash;
  char *url;
  gboolean verified;
  GError *error;
  GPtrArray *error_signals;

  GCancellable *cancellable;
  GalileoFileReader *reader;
  GalileoConnection *connection;
  GalileoCredits *credits;
  GalileoStall stall;
  GSource *tick;
  guint n_not_signals;
  gboolean reading; /* a chunk is being read, or the file checked: it is not the server's turn */
};

enum {
  GALILEO_UPLOAD_PROP_0,
  GALILEO_UPLOAD_PROP_SESSION,
  GALILEO_UPLOAD_PROP_ADDRESS,
  GALILEO_UPLOAD_PROP_FILE,
  GALILEO_UPLOAD_PROP_NAME,
  GALILEO_UPLOAD_PROP_MAX_CHUNK_SIZE,
  GALILEO_UPLOAD_PROP_HASH_TYPE,
  GALILEO_UPLOAD_PROP_TIMEOUT,
  GALILEO_UPLOAD_PROP_STATE,
  GALILEO_UPLOAD_PROP_SIZE,
  GALILEO_UPLOAD_PROP_SENT,
  GALILEO_UPLOAD_PROP_ACKNOWLEDGED,
  GALILEO_UPLOAD_N_PROPS
};

enum {
  GALILEO_UPLOAD_SIGNAL_CHUNK,
  GALILEO_UPLOAD_SIGNAL_ERROR_SIGNAL,
  GALILEO_UPLOAD_SIGNAL_SUCCEEDED,
  GALILEO_UPLOAD_SIGNAL_FAILED,
  GALILEO_UPLOAD_SIGNAL_CLOSED,
  GALILEO_UPLOAD_N_SIGNALS
};

extern GParamSpec *galileo_upload_props[GALILEO_UPLOAD_N_PROPS];
extern guint galileo_upload_signals[GALILEO_UPLOAD_N_SIGNALS];

G_END_DECLS

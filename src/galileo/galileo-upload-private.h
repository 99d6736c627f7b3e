/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-upload.h"

#include "galileo-connection.h"
#include "galileo-credits.h"
#include "galileo-file-reader.h"
#include "galileo-limiter.h"
#include "galileo-stall.h"

G_BEGIN_DECLS

/*
 * The parts of an upload: galileo-upload.c is the object that others see, galileo-upload-options.c what they may set,
 * galileo-upload-figures.c what they may ask; galileo-upload-protocol.c is the state machine, and
 * galileo-upload-sending.c answers the server's readies.
 */

struct _GalileoUpload {
  GObject parent_instance;

  SoupSession *session;
  GUri *address;
  GFile *file;
  char *name;
  char *path;
  char *id;
  guint64 max_chunk_size;
  GalileoHashType hash_type;
  guint timeout;
  SoupMessageHeaders *headers;
  char *pinned_certificate;
  char *rate_group;
  GalileoLimiter *limiter;
  gboolean paused;

  GThread *thread; /* that it runs in; NULL before and after */
  GalileoUploadState state;
  guint64 size;
  guint64 sent;
  guint64 acknowledged;
  guint64 offset;
  gboolean resumable;
  char *hash;
  char *url;
  gboolean verified;
  GError *error;
  GPtrArray *error_signals;
  GTlsCertificate *certificate;
  GTlsCertificateFlags certificate_errors;

  GCancellable *cancellable;
  GalileoFileReader *reader;
  GalileoConnection *connection;
  GalileoCredits *credits;
  GalileoStall stall;
  GSource *tick;
  guint n_not_signals;
  guint64 largest_chunk; /* that was sent over this connection */
  guint64 server_count;  /* bytes that the server says it has; 0 if it never says */
  gint64 server_count_time;
  guint n_reader_steps;
  gboolean reading; /* the file is being opened, read or checked: it is not the server's turn */
  gsize allowed;    /* bytes that may be read for the next chunk */
  gboolean kept_alive; /* the server is being pinged */
  gboolean ending;  /* the signals of its end are being given */
  gboolean cut;     /* and a handler of one wants the connection cut */
  gboolean closed;  /* the last signal was given */
  gboolean limited; /* the rate limit has to let the next chunk go first */
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
  GALILEO_UPLOAD_PROP_PATH,
  GALILEO_UPLOAD_PROP_ID,
  GALILEO_UPLOAD_PROP_PINNED_CERTIFICATE,
  GALILEO_UPLOAD_PROP_RATE_GROUP,
  GALILEO_UPLOAD_PROP_PAUSED,
  GALILEO_UPLOAD_PROP_STATE,
  GALILEO_UPLOAD_PROP_SIZE,
  GALILEO_UPLOAD_PROP_SENT,
  GALILEO_UPLOAD_PROP_ACKNOWLEDGED,
  GALILEO_UPLOAD_PROP_OFFSET,
  GALILEO_UPLOAD_PROP_RESUMABLE,
  GALILEO_UPLOAD_N_PROPS
};

enum {
  GALILEO_UPLOAD_SIGNAL_PROGRESS,
  GALILEO_UPLOAD_SIGNAL_CHUNK,
  GALILEO_UPLOAD_SIGNAL_ERROR_SIGNAL,
  GALILEO_UPLOAD_SIGNAL_SUCCEEDED,
  GALILEO_UPLOAD_SIGNAL_FAILED,
  GALILEO_UPLOAD_SIGNAL_CLOSED,
  GALILEO_UPLOAD_N_SIGNALS
};

extern GParamSpec *galileo_upload_props[GALILEO_UPLOAD_N_PROPS];
extern guint galileo_upload_signals[GALILEO_UPLOAD_N_SIGNALS];

void     galileo_upload_set_limiter    (GalileoUpload      *self,
                                        GalileoLimiter     *limiter);

gboolean galileo_upload_may_be_used    (GalileoUpload      *self);
gboolean galileo_upload_is_running     (GalileoUpload      *self);
void     galileo_upload_set_state      (GalileoUpload      *self,
                                        GalileoUploadState  state);
void     galileo_upload_end            (GalileoUpload      *self,
                                        GError             *error,
                                        gushort             code);
gboolean galileo_upload_begin_file     (GalileoUpload      *self,
                                        GalileoSignal      *ready);
void     galileo_upload_pump           (GalileoUpload      *self);
void     galileo_upload_drained        (GalileoUpload      *self);
void     galileo_upload_rest           (GalileoUpload      *self);

G_END_DECLS

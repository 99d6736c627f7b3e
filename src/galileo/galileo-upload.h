/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

#include "galileo-hash.h"
#include "galileo-signal.h"

G_BEGIN_DECLS

/**
 * GALILEO_UPLOAD_MAX_CHUNK_SIZE:
 *
 * The largest value of [property@Galileo.Upload:max-chunk-size]. An upload holds up to three chunks in memory.
 */
#define GALILEO_UPLOAD_MAX_CHUNK_SIZE (8 * 1024 * 1024)

/**
 * GalileoUploadState:
 * @GALILEO_UPLOAD_STATE_NEW: not started
 * @GALILEO_UPLOAD_STATE_CONNECTING: the file is being opened, then the websocket
 * @GALILEO_UPLOAD_STATE_METADATA: name and size are sent; waiting for the first ready
 * @GALILEO_UPLOAD_STATE_SENDING: chunks go, one for each ready
 * @GALILEO_UPLOAD_STATE_SENT: all data is handed over; waiting for the ready that `finished` answers
 * @GALILEO_UPLOAD_STATE_FINISHED: `finished` is sent; waiting for the server to confirm
 * @GALILEO_UPLOAD_STATE_CLOSING: the outcome is known; the websocket is being closed
 * @GALILEO_UPLOAD_STATE_SUCCEEDED: the server confirmed the whole file
 * @GALILEO_UPLOAD_STATE_FAILED: it ended any other way
 * @GALILEO_UPLOAD_STATE_CANCELLED: the caller cancelled it
 *
 * Where an upload is. The last three are final.
 */
typedef enum {
  GALILEO_UPLOAD_STATE_NEW,
  GALILEO_UPLOAD_STATE_CONNECTING,
  GALILEO_UPLOAD_STATE_METADATA,
  GALILEO_UPLOAD_STATE_SENDING,
  GALILEO_UPLOAD_STATE_SENT,
  GALILEO_UPLOAD_STATE_FINISHED,
  GALILEO_UPLOAD_STATE_CLOSING,
  GALILEO_UPLOAD_STATE_SUCCEEDED,
  GALILEO_UPLOAD_STATE_FAILED,
  GALILEO_UPLOAD_STATE_CANCELLED,
} GalileoUploadState;

#define GALILEO_TYPE_UPLOAD (galileo_upload_get_type ())

G_DECLARE_FINAL_TYPE (GalileoUpload, galileo_upload, GALILEO, UPLOAD, GObject)

GalileoUpload     *galileo_upload_new                (SoupSession     *session,
                                                      GUri            *address,
                                                      GFile           *file) G_GNUC_WARN_UNUSED_RESULT;

void               galileo_upload_start              (GalileoUpload   *self);
void               galileo_upload_cancel             (GalileoUpload   *self);

GalileoUploadState galileo_upload_get_state          (GalileoUpload   *self);
guint64            galileo_upload_get_size           (GalileoUpload   *self);
guint64            galileo_upload_get_sent           (GalileoUpload   *self);
guint64            galileo_upload_get_acknowledged   (GalileoUpload   *self);
const GError      *galileo_upload_get_error          (GalileoUpload   *self);
GPtrArray         *galileo_upload_get_error_signals  (GalileoUpload   *self);
const char        *galileo_upload_get_hash           (GalileoUpload   *self);
gboolean           galileo_upload_get_verified       (GalileoUpload   *self);
const char        *galileo_upload_get_url            (GalileoUpload   *self);
guint64            galileo_upload_get_offset         (GalileoUpload   *self);
gboolean           galileo_upload_get_resumable      (GalileoUpload   *self);
GTlsCertificate   *galileo_upload_get_tls_certificate (GalileoUpload  *self);
GTlsCertificateFlags galileo_upload_get_tls_errors   (GalileoUpload   *self);

const char        *galileo_upload_get_name           (GalileoUpload   *self);
void               galileo_upload_set_name           (GalileoUpload   *self,
                                                      const char      *name);
const char        *galileo_upload_get_path           (GalileoUpload   *self);
void               galileo_upload_set_path           (GalileoUpload   *self,
                                                      const char      *path);
const char        *galileo_upload_get_id             (GalileoUpload   *self);
void               galileo_upload_set_id             (GalileoUpload   *self,
                                                      const char      *id);
void               galileo_upload_set_header         (GalileoUpload   *self,
                                                      const char      *name,
                                                      const char      *value);
const char        *galileo_upload_get_pinned_certificate (GalileoUpload *self);
void               galileo_upload_set_pinned_certificate (GalileoUpload *self,
                                                      const char      *fingerprint);
gboolean           galileo_upload_get_paused         (GalileoUpload   *self);
void               galileo_upload_set_paused         (GalileoUpload   *self,
                                                      gboolean         paused);
guint64            galileo_upload_get_max_chunk_size (GalileoUpload   *self);
void               galileo_upload_set_max_chunk_size (GalileoUpload   *self,
                                                      guint64          size);
GalileoHashType    galileo_upload_get_hash_type      (GalileoUpload   *self);
void               galileo_upload_set_hash_type      (GalileoUpload   *self,
                                                      GalileoHashType  type);
guint              galileo_upload_get_timeout        (GalileoUpload   *self);
void               galileo_upload_set_timeout        (GalileoUpload   *self,
                                                      guint            seconds);

G_END_DECLS

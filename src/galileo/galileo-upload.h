/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

#include "galileo-api.h"
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
 * @GALILEO_UPLOAD_STATE_CONNECTING: the file is being opened, then the websocket; also once more, with smaller chunks,
 *   after a chunk that was too big for the server
 * @GALILEO_UPLOAD_STATE_METADATA: name and size are sent; waiting for the first ready
 * @GALILEO_UPLOAD_STATE_SENDING: chunks go, one for each ready
 * @GALILEO_UPLOAD_STATE_SENT: all data is handed over; waiting for the ready that `finished` answers
 * @GALILEO_UPLOAD_STATE_FINISHED: `finished` is sent; waiting for the server to confirm
 * @GALILEO_UPLOAD_STATE_CLOSING: the outcome is known; the websocket is being closed
 * @GALILEO_UPLOAD_STATE_SUCCEEDED: the server confirmed the whole file
 * @GALILEO_UPLOAD_STATE_FAILED: it ended any other way
 * @GALILEO_UPLOAD_STATE_CANCELLED: the caller cancelled it
 *
 * Where an upload is. It goes through these in order, but for an end, which may come from any of them, and for the way
 * back to %GALILEO_UPLOAD_STATE_CONNECTING. The last three are final.
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

GALILEO_API
G_DECLARE_FINAL_TYPE (GalileoUpload, galileo_upload, GALILEO, UPLOAD, GObject)

GALILEO_API
GalileoUpload     *galileo_upload_new                (SoupSession     *session,
                                                      GUri            *address,
                                                      GFile           *file) G_GNUC_WARN_UNUSED_RESULT;

GALILEO_API
void               galileo_upload_start              (GalileoUpload   *self);
GALILEO_API
void               galileo_upload_cancel             (GalileoUpload   *self);

GALILEO_API
GalileoUploadState galileo_upload_get_state          (GalileoUpload   *self);
GALILEO_API
guint64            galileo_upload_get_size           (GalileoUpload   *self);
GALILEO_API
guint64            galileo_upload_get_sent           (GalileoUpload   *self);
GALILEO_API
guint64            galileo_upload_get_acknowledged   (GalileoUpload   *self);
GALILEO_API
const GError      *galileo_upload_get_error          (GalileoUpload   *self);
GALILEO_API
GPtrArray         *galileo_upload_get_error_signals  (GalileoUpload   *self);
GALILEO_API
const char        *galileo_upload_get_hash           (GalileoUpload   *self);
GALILEO_API
gboolean           galileo_upload_get_verified       (GalileoUpload   *self);
GALILEO_API
const char        *galileo_upload_get_url            (GalileoUpload   *self);
GALILEO_API
guint64            galileo_upload_get_offset         (GalileoUpload   *self);
GALILEO_API
gboolean           galileo_upload_get_resumable      (GalileoUpload   *self);
GALILEO_API
GTlsCertificate   *galileo_upload_get_tls_certificate (GalileoUpload  *self);
GALILEO_API
GTlsCertificateFlags galileo_upload_get_tls_errors   (GalileoUpload   *self);

GALILEO_API
const char        *galileo_upload_get_name           (GalileoUpload   *self);
GALILEO_API
void               galileo_upload_set_name           (GalileoUpload   *self,
                                                      const char      *name);
GALILEO_API
const char        *galileo_upload_get_path           (GalileoUpload   *self);
GALILEO_API
void               galileo_upload_set_path           (GalileoUpload   *self,
                                                      const char      *path);
GALILEO_API
const char        *galileo_upload_get_id             (GalileoUpload   *self);
GALILEO_API
void               galileo_upload_set_id             (GalileoUpload   *self,
                                                      const char      *id);
GALILEO_API
void               galileo_upload_set_header         (GalileoUpload   *self,
                                                      const char      *name,
                                                      const char      *value);
GALILEO_API
const char        *galileo_upload_get_pinned_certificate (GalileoUpload *self);
GALILEO_API
void               galileo_upload_set_pinned_certificate (GalileoUpload *self,
                                                      const char      *fingerprint);
GALILEO_API
const char        *galileo_upload_get_rate_group     (GalileoUpload   *self);
GALILEO_API
void               galileo_upload_set_rate_group     (GalileoUpload   *self,
                                                      const char      *group);
GALILEO_API
gboolean           galileo_upload_get_paused         (GalileoUpload   *self);
GALILEO_API
void               galileo_upload_set_paused         (GalileoUpload   *self,
                                                      gboolean         paused);
GALILEO_API
guint64            galileo_upload_get_max_chunk_size (GalileoUpload   *self);
GALILEO_API
void               galileo_upload_set_max_chunk_size (GalileoUpload   *self,
                                                      guint64          size);
GALILEO_API
GalileoHashType    galileo_upload_get_hash_type      (GalileoUpload   *self);
GALILEO_API
void               galileo_upload_set_hash_type      (GalileoUpload   *self,
                                                      GalileoHashType  type);
GALILEO_API
guint              galileo_upload_get_timeout        (GalileoUpload   *self);
GALILEO_API
void               galileo_upload_set_timeout        (GalileoUpload   *self,
                                                      guint            seconds);

G_END_DECLS

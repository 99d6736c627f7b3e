/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "receiver-log.h"
#include "receiver-store.h"

G_BEGIN_DECLS

/*
 * ReceiverLimits:
 * @max_size: the biggest file that is taken; 0 for no limit
 * @chunk_size: the most bytes of one binary message
 * @window: how many chunks of that size the client may send ahead; of smaller ones more
 */
typedef struct {
  guint64 max_size;
  guint64 chunk_size;
  guint window;
} ReceiverLimits;

/*
 * ReceiverUploadState:
 * @RECEIVER_UPLOAD_WAITING: for the metadata
 * @RECEIVER_UPLOAD_OPENING: a thread makes sure of what an earlier attempt left
 * @RECEIVER_UPLOAD_RECEIVING: chunks, then `finished`
 * @RECEIVER_UPLOAD_FINISHING: all is there, a thread publishes the file
 * @RECEIVER_UPLOAD_STORED: the file has its final name; the client is told so, and closes
 * @RECEIVER_UPLOAD_FAILED: refused or cut; what still comes is ignored
 */
typedef enum {
  RECEIVER_UPLOAD_WAITING,
  RECEIVER_UPLOAD_OPENING,
  RECEIVER_UPLOAD_RECEIVING,
  RECEIVER_UPLOAD_FINISHING,
  RECEIVER_UPLOAD_STORED,
  RECEIVER_UPLOAD_FAILED,
} ReceiverUploadState;

typedef struct _ReceiverUpload ReceiverUpload;

/* Called when something happens to an upload that was not fed. */
typedef void (*ReceiverUploadFunc) (ReceiverUpload *upload, gpointer data);

ReceiverUpload     *receiver_upload_new          (ReceiverStore        *store,
                                                  const ReceiverLimits *limits,
                                                  ReceiverLog          *log) G_GNUC_WARN_UNUSED_RESULT;
void                receiver_upload_free         (ReceiverUpload       *self);

void                receiver_upload_set_func     (ReceiverUpload       *self,
                                                  ReceiverUploadFunc    func,
                                                  gpointer              data);
ReceiverUploadState receiver_upload_get_state    (const ReceiverUpload *self);

void                receiver_upload_text         (ReceiverUpload       *self,
                                                  const char           *text,
                                                  gsize                 length,
                                                  gboolean              last);
void                receiver_upload_binary       (ReceiverUpload       *self,
                                                  const void           *data,
                                                  gsize                 length,
                                                  gboolean              last);
void                receiver_upload_cut          (ReceiverUpload       *self,
                                                  const char           *reason);

gboolean            receiver_upload_has_signal   (const ReceiverUpload *self);
char               *receiver_upload_take_signal  (ReceiverUpload       *self) G_GNUC_WARN_UNUSED_RESULT;

gboolean            receiver_upload_has_work     (const ReceiverUpload *self);
void                receiver_upload_work         (ReceiverUpload       *self);
void                receiver_upload_worked       (ReceiverUpload       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverUpload, receiver_upload_free)

G_END_DECLS

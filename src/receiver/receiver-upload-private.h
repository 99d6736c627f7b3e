/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "receiver-credits.h"
#include "receiver-partial.h"
#include "receiver-upload.h"

#include "galileo/galileo-signal.h"

G_BEGIN_DECLS

/*
 * The receiving side of one websocket, which carries one file. Pieces of messages go in, signals come out,
 * and bytes go straight to the file: nothing of a chunk is kept, so memory does not depend on its size.
 *
 * The websocket itself is somebody else's: whoever feeds this sends the signals that it has, closes once it
 * has failed and has no signal left, and has a thread call receiver_upload_work() when it has work.
 *
 * receiver-upload.c is the conversation, receiver-upload-storing.c what becomes of the file.
 */
struct _ReceiverUpload {
  ReceiverStore *store; /* borrowed */
  ReceiverLog *log;     /* borrowed */
  ReceiverLimits limits;
  ReceiverUploadFunc func;
  gpointer data;

  ReceiverUploadState state;
  char *id;
  char *name; /* as the client gave it, also when it is refused */
  guint64 size;
  guint64 offset; /* what an earlier attempt left */
  guint64 received;
  gint64 started;
  char *key; /* by which the client may go on after a cut, or NULL */

  GString *text;       /* of the TEXT message that is arriving */
  guint64 message;     /* bytes of the BINARY message that is arriving */
  gboolean in_message; /* whether one is */
  ReceiverCredits credits;
  guint unsent;          /* the readies that wait to be taken */
  gboolean is_asked;     /* whether one was taken */
  GalileoSignal *answer; /* the close or error signal that waits to be taken */

  ReceiverPartial *partial;
  enum { NOTHING, SYNC, PUBLISH } work; /* what a thread has the partial for */
  GCancellable *cancellable;
  gboolean keep; /* whether it stays when it comes back and is not needed */
  GalileoHashType hash_type;
  char *hash; /* what the client says that it is */

  /* What the thread found out. */
  char *stored_as;
  gboolean verified;
  GError *problem;
};

void receiver_upload_set_state       (ReceiverUpload      *self,
                                      ReceiverUploadState  state);
void receiver_upload_start_receiving (ReceiverUpload      *self);
void receiver_upload_fail            (ReceiverUpload      *self,
                                      GError              *error);
void receiver_upload_drop_partial    (ReceiverUpload      *self,
                                      gboolean             keep);
void receiver_upload_confirm_stored  (ReceiverUpload      *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RECEIVER_ERROR (receiver_error_quark ())

/*
 * Why a file is refused. Each code goes to the client as a stable word, so words are never changed:
 *
 * RECEIVER_ERROR_NAME        "name"           the name is missing, or none that a file may have here
 * RECEIVER_ERROR_SIZE        "size"           the size is missing or no whole number, or not what came
 * RECEIVER_ERROR_TOO_BIG     "too-big"        the file is bigger than this receiver takes
 * RECEIVER_ERROR_PROTOCOL    "protocol"       the client sent what the protocol does not allow at that moment
 * RECEIVER_ERROR_EXISTS      "exists"         there is a file of that name, and no other name is free
 * RECEIVER_ERROR_QUOTA       "quota"          the owner of the folder has used up the disk quota
 * RECEIVER_ERROR_STORAGE     "storage"        the folder or its disk can't take the file
 * RECEIVER_ERROR_HASH        "hash-mismatch"  what arrived is not what the client hashed
 * RECEIVER_ERROR_BUSY        "busy"           an earlier connection is not done with the same upload
 * RECEIVER_ERROR_TAKEN_OVER  "taken-over"     a later connection goes on with the upload
 */
typedef enum {
  RECEIVER_ERROR_NAME,
  RECEIVER_ERROR_SIZE,
  RECEIVER_ERROR_TOO_BIG,
  RECEIVER_ERROR_PROTOCOL,
  RECEIVER_ERROR_EXISTS,
  RECEIVER_ERROR_QUOTA,
  RECEIVER_ERROR_STORAGE,
  RECEIVER_ERROR_HASH,
  RECEIVER_ERROR_BUSY,
  RECEIVER_ERROR_TAKEN_OVER,
} ReceiverError;

GQuark      receiver_error_quark     (void);

const char *receiver_error_get_word  (const GError *error);
gboolean    receiver_error_get_retry (const GError *error,
                                      guint        *seconds);
void        receiver_error_set_errno (GError      **error,
                                      int           number);

G_END_DECLS

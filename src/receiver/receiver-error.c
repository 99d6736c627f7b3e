/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-error.h"

#include <errno.h>

G_DEFINE_QUARK (receiver-error-quark, receiver_error)

/* A disk is done with a file in that time, as a rule. */
#define BUSY_SECONDS 2

static const char *const words[] = {
  [RECEIVER_ERROR_NAME] = "name",
  [RECEIVER_ERROR_SIZE] = "size",
  [RECEIVER_ERROR_TOO_BIG] = "too-big",
  [RECEIVER_ERROR_PROTOCOL] = "protocol",
  [RECEIVER_ERROR_EXISTS] = "exists",
  [RECEIVER_ERROR_QUOTA] = "quota",
  [RECEIVER_ERROR_STORAGE] = "storage",
  [RECEIVER_ERROR_HASH] = "hash-mismatch",
  [RECEIVER_ERROR_BUSY] = "busy",
  [RECEIVER_ERROR_TAKEN_OVER] = "taken-over",
};

/* The stable word for the client's program. */
const char *
receiver_error_get_word (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);
  g_return_val_if_fail (error->domain == RECEIVER_ERROR, NULL);
  g_return_val_if_fail (error->code >= 0 && error->code < (int) G_N_ELEMENTS (words), NULL);

  return words[error->code];
}

/*
 * receiver_error_get_retry:
 * @seconds: (out): after which it makes sense to try again; 0 for never
 *
 * Returns: whether that is known
 */
gboolean
receiver_error_get_retry (const GError *error, guint *seconds)
{
  g_return_val_if_fail (error != NULL && error->domain == RECEIVER_ERROR, FALSE);

  switch (error->code) {
  case RECEIVER_ERROR_BUSY:
    *seconds = BUSY_SECONDS;
    return TRUE;
  case RECEIVER_ERROR_NAME:
  case RECEIVER_ERROR_TOO_BIG:
  case RECEIVER_ERROR_TAKEN_OVER:
    *seconds = 0;
    return TRUE;
  default:
    return FALSE;
  }
}

/* A failed system call while storing. The client reads the message, so it names no path of this machine. */
void
receiver_error_set_errno (GError **error, int number)
{
  g_set_error (error,
               RECEIVER_ERROR,
               number == EDQUOT ? RECEIVER_ERROR_QUOTA : RECEIVER_ERROR_STORAGE,
               "The receiver can't store the file: %s",
               g_strerror (number));
}

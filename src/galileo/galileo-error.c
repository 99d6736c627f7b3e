/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-error.h"

G_DEFINE_QUARK (galileo-error-quark, galileo_error)

/**
 * galileo_error_is_transient:
 * @error: why an upload failed
 *
 * Tells whether the same upload may succeed later without anybody doing something about it.
 *
 * Returns: true if it is worth trying again
 */
gboolean
galileo_error_is_transient (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  if (error->domain != GALILEO_ERROR)
    return FALSE;

  switch ((GalileoError) error->code) {
  case GALILEO_ERROR_CONNECT:
  case GALILEO_ERROR_UNAVAILABLE:
  case GALILEO_ERROR_INTERRUPTED:
  case GALILEO_ERROR_UNCONFIRMED:
  case GALILEO_ERROR_STALLED:
    return TRUE;

  case GALILEO_ERROR_ADDRESS:
  case GALILEO_ERROR_NAME:
  case GALILEO_ERROR_FILE:
  case GALILEO_ERROR_CHANGED:
  case GALILEO_ERROR_GREW:
  case GALILEO_ERROR_SHRANK:
  case GALILEO_ERROR_REPLACED:
  case GALILEO_ERROR_VANISHED:
  case GALILEO_ERROR_TLS:
  case GALILEO_ERROR_UNAUTHORIZED:
  case GALILEO_ERROR_HANDSHAKE:
  case GALILEO_ERROR_PROTOCOL:
  case GALILEO_ERROR_MESSAGE_TOO_BIG:
  case GALILEO_ERROR_REFUSED:
  case GALILEO_ERROR_CLOSED_EARLY:
  default:
    return FALSE;
  }
}

/**
 * galileo_error_is_about_site:
 * @error: why an upload failed
 *
 * Tells whether the failure has nothing to do with the file: the site could not be reached, is not
 * trusted, wants a log-in, or speaks something else. Any other file would fail likewise.
 *
 * Returns: true if the failure is the site's
 */
gboolean
galileo_error_is_about_site (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  return g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_ADDRESS) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_CONNECT) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_TLS) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_UNAUTHORIZED) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_HANDSHAKE) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_UNAVAILABLE);
}

/**
 * galileo_error_is_changed_file:
 * @error: why an upload failed
 *
 * Tells whether the file did not stay what it was while it was being uploaded: it was modified, grew, shrank, was
 * replaced, moved or deleted.
 *
 * Returns: true if the file changed
 */
gboolean
galileo_error_is_changed_file (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  return g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_CHANGED) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_GREW) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_SHRANK) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_REPLACED) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_VANISHED);
}

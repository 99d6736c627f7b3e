/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GALILEO_ERROR:
 *
 * The error domain of the protocol client. Codes are of the [error@Galileo.Error] enumeration.
 */
#define GALILEO_ERROR (galileo_error_quark ())

/**
 * GalileoError:
 * @GALILEO_ERROR_ADDRESS: the address is none that an upload can go to
 * @GALILEO_ERROR_NAME: the file's name can't be sent: it is empty, too long or holds a forbidden character
 * @GALILEO_ERROR_FILE: the file is missing, unreadable or no regular file
 * @GALILEO_ERROR_CHANGED: the file was modified while it was being uploaded, its size stayed
 * @GALILEO_ERROR_GREW: the file became longer while it was being uploaded
 * @GALILEO_ERROR_SHRANK: the file became shorter while it was being uploaded
 * @GALILEO_ERROR_REPLACED: another file took the file's name while it was being uploaded
 * @GALILEO_ERROR_VANISHED: the file was moved or deleted while it was being uploaded
 * @GALILEO_ERROR_CONNECT: no connection: unknown host, refused, unreachable, or no answer in time
 * @GALILEO_ERROR_TLS: the server's certificate is not trusted, or TLS failed
 * @GALILEO_ERROR_UNAUTHORIZED: the handshake was answered with 302, 401, 403 or 407: not signed in, or not allowed
 * @GALILEO_ERROR_HANDSHAKE: the server answered, but not with a websocket
 * @GALILEO_ERROR_UNAVAILABLE: the handshake was answered with 429, 502, 503 or 504: the server asks to come back later
 * @GALILEO_ERROR_PROTOCOL: the server sent what the protocol does not allow
 * @GALILEO_ERROR_MESSAGE_TOO_BIG: the server closed with 1009: a chunk exceeded what it takes in one message
 * @GALILEO_ERROR_REFUSED: the server sent a fatal error signal
 * @GALILEO_ERROR_CLOSED_EARLY: the server sent the close signal before it had the whole file
 * @GALILEO_ERROR_INTERRUPTED: the connection ended before the server had confirmed the file
 * @GALILEO_ERROR_UNCONFIRMED: the connection ended after the whole file was handed over, without a confirmation
 * @GALILEO_ERROR_STALLED: neither side moved a byte for too long
 *
 * What can go wrong with an upload. A cancelled upload has `G_IO_ERROR_CANCELLED` instead.
 */
typedef enum {
  GALILEO_ERROR_ADDRESS,
  GALILEO_ERROR_NAME,
  GALILEO_ERROR_FILE,
  GALILEO_ERROR_CHANGED,
  GALILEO_ERROR_GREW,
  GALILEO_ERROR_SHRANK,
  GALILEO_ERROR_REPLACED,
  GALILEO_ERROR_VANISHED,
  GALILEO_ERROR_CONNECT,
  GALILEO_ERROR_TLS,
  GALILEO_ERROR_UNAUTHORIZED,
  GALILEO_ERROR_HANDSHAKE,
  GALILEO_ERROR_UNAVAILABLE,
  GALILEO_ERROR_PROTOCOL,
  GALILEO_ERROR_MESSAGE_TOO_BIG,
  GALILEO_ERROR_REFUSED,
  GALILEO_ERROR_CLOSED_EARLY,
  GALILEO_ERROR_INTERRUPTED,
  GALILEO_ERROR_UNCONFIRMED,
  GALILEO_ERROR_STALLED,
} GalileoError;

GQuark galileo_error_quark (void);

gboolean galileo_error_is_transient (const GError *error);
gboolean galileo_error_is_about_site (const GError *error);
gboolean galileo_error_is_changed_file (const GError *error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-connect-error.h"

#include "galileo-error.h"
#include "galileo-fingerprint.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Sentences for what goes wrong between two hosts: at the handshake, and at the end of a websocket. */

/* The TLS library's sentences end in a full stop, ours don't: others may follow. */
static char *
without_full_stop (const char *sentence)
{
  size_t length = strlen (sentence);

  return g_strndup (sentence, g_str_has_suffix (sentence, ".") ? length - 1 : length);
}

static char *
describe_expired (GTlsCertificate *certificate)
{
  g_autoptr (GDateTime) end = certificate != NULL ? g_tls_certificate_get_not_valid_after (certificate) : NULL;
  g_autoptr (GDateTime) local = end != NULL ? g_date_time_to_local (end) : NULL;
  g_autofree char *date = local != NULL ? g_date_time_format (local, "%x") : NULL;

  return date != NULL ? g_strdup_printf (_("it expired on %s"), date) : g_strdup (_("it has expired"));
}

static char *
describe_unknown (GTlsCertificate *certificate, const char *sentence)
{
  g_autofree char *fingerprint = certificate != NULL ? galileo_fingerprint_for_certificate (certificate) : NULL;

  if (fingerprint == NULL)
    return g_strdup (sentence);

  return g_strdup_printf (_("%s; its SHA-256 fingerprint is %s"), sentence, fingerprint);
}

static char *
describe_certificate (GTlsCertificate *certificate, GTlsCertificateFlags flags, const char *fallback)
{
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return describe_expired (certificate);
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return g_strdup (_("it is not valid yet; check this computer's clock"));
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return g_strdup (_("it was revoked"));
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return describe_unknown (certificate, _("it belongs to another host"));
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return describe_unknown (certificate, _("no authority that is trusted here has signed it"));

  return without_full_stop (fallback);
}

static GError *
new_tls_error (GUri *address, SoupMessage *message, const GError *cause)
{
  GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors (message);
  g_autofree char *reason = NULL;

  if (flags == G_TLS_CERTIFICATE_NO_FLAGS) {
    reason = without_full_stop (cause->message);
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_TLS,
                        _("%s does not speak TLS as expected: %s. If the site has no TLS, its address begins with ws://"),
                        g_uri_get_host (address),
                        reason);
  }

  reason = describe_certificate (soup_message_get_tls_peer_certificate (message), flags, cause->message);
  return g_error_new (GALILEO_ERROR,
                      GALILEO_ERROR_TLS,
                      _("The certificate of %s is not trusted: %s"),
                      g_uri_get_host (address),
                      reason);
}

/* The proxy does not let this user through. */
GError *
galileo_proxy_error_new (GUri *address)
{
  return g_error_new (GALILEO_ERROR,
                      GALILEO_ERROR_UNAUTHORIZED,
                      _("The proxy on the way to %s wants another user name or password (%u %s)"),
                      g_uri_get_host (address),
                      SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED,
                      soup_status_get_phrase (SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED));
}

static GError *
new_status_error (GUri *address, SoupMessage *message)
{
  const char *host = g_uri_get_host (address);
  const char *path = g_uri_get_path (address);
  SoupStatus status = soup_message_get_status (message);
  const char *phrase = soup_status_get_phrase (status);
  const char *location = soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");

  switch ((guint) status) {
  case SOUP_STATUS_MOVED_PERMANENTLY:
  case SOUP_STATUS_PERMANENT_REDIRECT:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_HANDSHAKE,
                        _("The upload address has moved to %s; use that one (%u %s)"),
                        location != NULL ? location : "?",
                        status,
                        phrase);
  case SOUP_STATUS_FOUND:
  case SOUP_STATUS_SEE_OTHER:
  case SOUP_STATUS_TEMPORARY_REDIRECT:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_UNAUTHORIZED,
                        _("Not signed in at %s, or not allowed to upload there (%u %s, to %s)"),
                        host,
                        status,
                        phrase,
                        location != NULL ? location : "?");
  case SOUP_STATUS_UNAUTHORIZED:
  case SOUP_STATUS_FORBIDDEN:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_UNAUTHORIZED,
                        _("Not signed in at %s, or not allowed to upload there (%u %s)"),
                        host,
                        status,
                        phrase);
  case SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED:
    return galileo_proxy_error_new (address);
  case SOUP_STATUS_NOT_FOUND:
  case SOUP_STATUS_GONE:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_HANDSHAKE,
                        _("There is no upload address at %s on %s (%u %s)"),
                        path,
                        host,
                        status,
                        phrase);
  case 429:
  case SOUP_STATUS_BAD_GATEWAY:
  case SOUP_STATUS_SERVICE_UNAVAILABLE:
  case SOUP_STATUS_GATEWAY_TIMEOUT:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_UNAVAILABLE,
                        _("%s takes no uploads just now (%u %s)"),
                        host,
                        status,
                        phrase);
  default:
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_HANDSHAKE,
                        _("%s answered at %s, but not with a websocket to upload to (%u %s)"),
                        host,
                        path,
                        status,
                        phrase);
  }
}

/* Sentences end without a full stop, so that they can stand in a list, after a colon, or before another. */
GError *
galileo_connect_error_new (GUri *address, SoupMessage *message, const GError *cause)
{
  const char *host = g_uri_get_host (address);
  g_autofree char *reason = NULL;

  if (cause->domain == G_TLS_ERROR)
    return new_tls_error (address, message, cause);
  if (soup_message_get_status (message) == SOUP_STATUS_SWITCHING_PROTOCOLS)
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_HANDSHAKE,
                        _("%s answered with a websocket that breaks the rules: %s"),
                        host,
                        cause->message);
  if (soup_message_get_status (message) != SOUP_STATUS_NONE)
    return new_status_error (address, message);
  if (g_error_matches (cause, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    return g_error_new (GALILEO_ERROR, GALILEO_ERROR_CONNECT, _("Can't reach %s: no such host is known"), host);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_CONNECT,
                        _("Can't reach %s: connection refused; nothing listens at that address"),
                        host);
  /* libsoup has one code for a connection that ended and for a header that is too big. */
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) &&
      strcmp (cause->message, g_dgettext ("libsoup-3.0", "Header too big")) != 0)
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_CONNECT,
                        _("Can't reach %s: it ended the connection without an answer"),
                        host);
  if (cause->domain == SOUP_SESSION_ERROR || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_HANDSHAKE,
                        _("%s does not answer as a web server does: %s"),
                        host,
                        cause->message);

  reason = without_full_stop (cause->message);
  return g_error_new (GALILEO_ERROR, GALILEO_ERROR_CONNECT, _("Can't reach %s: %s"), host, reason);
}

GError *
galileo_connect_timeout_error_new (GUri *address, guint timeout)
{
  return g_error_new (GALILEO_ERROR,
                      GALILEO_ERROR_CONNECT,
                      _("Can't reach %s: no answer within %u seconds"),
                      g_uri_get_host (address),
                      timeout);
}

GError *
galileo_tls_version_error_new (GUri *address)
{
  return g_error_new (GALILEO_ERROR,
                      GALILEO_ERROR_TLS,
                      _("%s speaks only a version of TLS that is not safe any more; it takes 1.2 or newer"),
                      g_uri_get_host (address));
}

/* certificate: what the server showed instead of the pinned one; NULL if it is trusted otherwise. */
GError *
galileo_pin_error_new (GUri *address, GTlsCertificate *certificate)
{
  g_autofree char *fingerprint = certificate != NULL ? galileo_fingerprint_for_certificate (certificate) : NULL;

  if (fingerprint == NULL)
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_TLS,
                        _("The certificate of %s is not the one that is pinned for it"),
                        g_uri_get_host (address));

  return g_error_new (GALILEO_ERROR,
                      GALILEO_ERROR_TLS,
                      _("The certificate of %s is not the one that is pinned for it; its SHA-256 fingerprint is %s"),
                      g_uri_get_host (address),
                      fingerprint);
}

static const char *
describe_close_code (guint code)
{
  switch (code) {
  case SOUP_WEBSOCKET_CLOSE_NORMAL:
    return _("the site closed the connection");
  case SOUP_WEBSOCKET_CLOSE_GOING_AWAY:
    return _("the site is shutting down or restarting");
  case SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR:
    return _("the site found fault with a message");
  case SOUP_WEBSOCKET_CLOSE_UNSUPPORTED_DATA:
    return _("the site does not take file data here");
  case SOUP_WEBSOCKET_CLOSE_BAD_DATA:
    return _("the site could not read a message");
  case SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION:
    return _("it is against the site's rules");
  case SOUP_WEBSOCKET_CLOSE_TOO_BIG:
    return _("a message was too big for the site");
  case SOUP_WEBSOCKET_CLOSE_SERVER_ERROR:
    return _("something went wrong inside the site");
  case 1012:
    return _("the site is restarting");
  case 1013:
    return _("the site is too busy");
  case 1014:
    return _("a server behind the site's gateway failed");
  default:
    return _("the connection was cut");
  }
}

/* all_sent: whether the server had been given the whole file, so that it may be there. */
GError *
galileo_close_error_new (guint code, const char *reason, const GError *cause, gboolean all_sent)
{
  GalileoError error_code = GALILEO_ERROR_INTERRUPTED;
  g_autofree char *details = NULL;

  /* libsoup takes the codes for a fault that RFC 6455 leaves to later specifications: it gives no other cause with them. */
  if (code >= 1012 && code <= 2999)
    cause = NULL;

  if (g_error_matches (cause, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG))
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_PROTOCOL,
                        _("The site sent a longer message than the protocol allows"));
  if (cause != NULL && cause->domain == SOUP_WEBSOCKET_ERROR)
    return g_error_new (GALILEO_ERROR,
                        GALILEO_ERROR_PROTOCOL,
                        _("The site broke the rules of websockets: %s"),
                        cause->message);

  if (code == SOUP_WEBSOCKET_CLOSE_TOO_BIG)
    error_code = GALILEO_ERROR_MESSAGE_TOO_BIG;
  else if (all_sent)
    error_code = GALILEO_ERROR_UNCONFIRMED;

  if (cause != NULL)
    details = without_full_stop (cause->message);
  else if (code == 0 || code == SOUP_WEBSOCKET_CLOSE_NO_STATUS)
    details = g_strdup (describe_close_code (code));
  else if (reason != NULL && *reason != '\0')
    details = g_strdup_printf ("%s (%u: “%s”)", describe_close_code (code), code, reason);
  else
    details = g_strdup_printf ("%s (%u)", describe_close_code (code), code);

  if (all_sent)
    return g_error_new (GALILEO_ERROR,
                        (int) error_code,
                        _("Sent, but the site did not confirm it; it may or may not be there: %s"),
                        details);

  return g_error_new (GALILEO_ERROR, (int) error_code, _("Connection lost: %s"), details);
}

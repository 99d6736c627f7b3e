/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-address.h"

#include "galileo-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The websocket scheme that each scheme a person may type stands for. */
static const char *
websocket_scheme (const char *scheme)
{
  if (strcmp (scheme, "ws") == 0 || strcmp (scheme, "http") == 0)
    return "ws";
  if (strcmp (scheme, "wss") == 0 || strcmp (scheme, "https") == 0)
    return "wss";
  return NULL;
}

/**
 * galileo_address_parse:
 * @text: what a person typed, UTF-8
 * @error: set to %GALILEO_ERROR_ADDRESS with a sentence for people if it is no address
 *
 * Reads the address of an upload websocket.
 *
 * It may begin with `ws://`, `wss://`, `http://` (which stands for `ws://`) or `https://` (for `wss://`); a bare host
 * stands for `wss://` with it. Space around it is ignored, and a fragment is dropped. User names and passwords are
 * refused, because an address is shown, logged and remembered.
 *
 * May be called in any thread.
 *
 * Returns: (transfer full): a `ws` or `wss` address with a path, or %NULL with @error set
 */
GUri *
galileo_address_parse (const char *text, GError **error)
{
  g_autofree char *trimmed = NULL;
  g_autofree char *full = NULL;
  g_autoptr (GUri) uri = NULL;
  const char *scheme;

  g_return_val_if_fail (text != NULL, NULL);

  trimmed = g_strstrip (g_strdup (text));
  if (*trimmed == '\0') {
    g_set_error_literal (error, GALILEO_ERROR, GALILEO_ERROR_ADDRESS, _("The address is empty"));
    return NULL;
  }

  full = strstr (trimmed, "://") != NULL ? g_strdup (trimmed) : g_strconcat ("wss://", trimmed, NULL);
  uri = g_uri_parse (full, G_URI_FLAGS_SCHEME_NORMALIZE | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY, NULL);
  if (uri == NULL || strpbrk (trimmed, " \t\r\n\"<>\\") != NULL) {
    g_set_error (error, GALILEO_ERROR, GALILEO_ERROR_ADDRESS, _("“%s” is not an address"), trimmed);
    return NULL;
  }

  scheme = websocket_scheme (g_uri_get_scheme (uri));
  if (scheme == NULL) {
    g_set_error (error,
                 GALILEO_ERROR,
                 GALILEO_ERROR_ADDRESS,
                 _("“%s” addresses can't be uploaded to; use wss:// or ws://"),
                 g_uri_get_scheme (uri));
    return NULL;
  }

  if (g_uri_get_userinfo (uri) != NULL) {
    g_set_error_literal (error,
                         GALILEO_ERROR,
                         GALILEO_ERROR_ADDRESS,
                         _("An address with a user name or password in it is not accepted; leave out what stands before the @"));
    return NULL;
  }

  if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0') {
    g_set_error (error, GALILEO_ERROR, GALILEO_ERROR_ADDRESS, _("“%s” names no host"), trimmed);
    return NULL;
  }

  if (g_uri_get_port (uri) == 0) {
    g_set_error (error, GALILEO_ERROR, GALILEO_ERROR_ADDRESS, _("“%s” has port 0, which no site has"), trimmed);
    return NULL;
  }

  return g_uri_build (G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_SCHEME_NORMALIZE,
                      scheme,
                      NULL,
                      g_uri_get_host (uri),
                      g_uri_get_port (uri),
                      *g_uri_get_path (uri) != '\0' ? g_uri_get_path (uri) : "/",
                      g_uri_get_query (uri),
                      NULL);
}

/**
 * galileo_address_to_display:
 * @address: an address
 *
 * Writes an address for people: without a user name or password.
 *
 * May be called in any thread.
 *
 * Returns: (transfer full): the text, UTF-8
 */
char *
galileo_address_to_display (GUri *address)
{
  g_return_val_if_fail (address != NULL, NULL);

  return g_uri_to_string_partial (address, G_URI_HIDE_USERINFO);
}

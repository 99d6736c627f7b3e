/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-header.h"

#include <glib/gi18n.h>
#include <string.h>

/* A token of RFC 9110. */
static gboolean
is_field_name (const char *text)
{
  if (*text == '\0')
    return FALSE;

  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("!#$%&'*+-.^_`|~", *text) == NULL)
      return FALSE;

  return TRUE;
}

static gboolean
is_field_value (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_iscntrl (*text) && *text != '\t')
      return FALSE;

  return TRUE;
}

/* The handshake's own fields, and those that would change what follows it. */
static gboolean
is_reserved (const char *name)
{
  static const char *const names[] = { "Host",  "Upgrade", "Connection", "Content-Length", "Transfer-Encoding",
                                       "Expect" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;

  return g_ascii_strncasecmp (name, "Sec-WebSocket-", strlen ("Sec-WebSocket-")) == 0;
}

/*
 * Adds a field that was written as “NAME: VALUE”. Values may be secrets, so errors hold none, of G_OPTION_ERROR. A
 * name that comes twice is refused: whether a server takes the first, the last or both is anybody's guess.
 */
gboolean
cli_header_add (SoupMessageHeaders *headers, const char *field, GError **error)
{
  const char *colon = strchr (field, ':');
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  if (colon == NULL) {
    g_set_error_literal (error,
                         G_OPTION_ERROR,
                         G_OPTION_ERROR_BAD_VALUE,
                         _("--header takes “NAME: VALUE”, and there is no colon in what was given"));
    return FALSE;
  }

  name = g_strndup (field, (gsize) (colon - field));
  value = g_strstrip (g_strdup (colon + 1));
  if (!is_field_name (name)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--header: “%s” is no name of a header: it may hold letters, digits and !#$%%&'*+-.^_`|~ only"),
                 name);
    return FALSE;
  }

  if (is_reserved (name)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--header: %s belongs to the websocket's handshake, and can't be set; leave it out"),
                 name);
    return FALSE;
  }

  /* Stripped or not: a line end at the end is a line end. */
  if (!is_field_value (colon + 1)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--header: The value of %s holds a line end or another control character; take it out"),
                 name);
    return FALSE;
  }

  if (soup_message_headers_get_one (headers, name) != NULL) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--header: %s is given twice; give one, with its values after each other if it takes several"),
                 name);
    return FALSE;
  }

  soup_message_headers_append (headers, name, value);
  return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-origin.h"

#include <arpa/inet.h>
#include <string.h>

/*
 * Two checks on a handshake that keep the web pages of others from using a browser of this network as a
 * way in. Programs other than browsers are not asked: they send no Origin.
 */

/* The host without the port, and without the brackets of an IPv6 address; or NULL. */
static char *
parse_host (const char *host, gboolean *is_v6)
{
  const char *end, *port;

  if (!g_str_is_ascii (host) || strpbrk (host, ", @/\\") != NULL)
    return NULL;

  *is_v6 = *host == '[';
  if (*is_v6) {
    host++;
    end = strchr (host, ']');
    if (end == NULL)
      return NULL;
    port = end + 1;
  } else {
    end = port = host + strcspn (host, ":");
  }

  if (*port == ':') {
    port++;
    port += strspn (port, "0123456789");
  }
  if (*port != '\0' || end == host)
    return NULL;

  return g_strndup (host, (gsize) (end - host));
}

/* Whether it is one host, with or without a port. */
gboolean
receiver_host_is_valid (const char *host)
{
  g_autofree char *name = NULL;
  gboolean is_v6;

  g_return_val_if_fail (host != NULL, FALSE);

  name = parse_host (host, &is_v6);

  return name != NULL;
}

/*
 * receiver_host_is_own:
 * @host: the Host header
 * @address: what the receiver was told to listen on
 *
 * Whether the client meant this receiver. A page can make a name of its own point to this machine (DNS
 * rebinding) and is then its "own" origin here; it can't do that with a number or with localhost.
 */
gboolean
receiver_host_is_own (const char *host, const char *address)
{
  struct in6_addr number;
  g_autofree char *name = NULL;
  gboolean is_v6;

  g_return_val_if_fail (host != NULL && address != NULL, FALSE);

  name = parse_host (host, &is_v6);
  if (name == NULL)
    return FALSE;
  if (is_v6)
    return inet_pton (AF_INET6, name, &number) == 1;

  return inet_pton (AF_INET, name, &number) == 1 || g_ascii_strcasecmp (name, "localhost") == 0 ||
         g_ascii_strcasecmp (name, address) == 0;
}

/* Browsers leave the usual port out in an origin, but perhaps not in a host. */
static char *
without_port (const char *host, const char *port)
{
  g_autofree char *lower = g_ascii_strdown (host, -1);

  if (g_str_has_suffix (lower, port))
    lower[strlen (lower) - strlen (port)] = '\0';
  return g_steal_pointer (&lower);
}

/*
 * receiver_origin_is_own:
 * @origin: the Origin header
 * @host: the Host header, known to be the receiver's own
 *
 * Whether the page that opens the websocket came from this receiver itself.
 */
gboolean
receiver_origin_is_own (const char *origin, const char *host)
{
  g_autofree char *theirs = NULL;
  g_autofree char *ours = NULL;
  const char *authority, *port;

  g_return_val_if_fail (origin != NULL && host != NULL, FALSE);

  if (g_ascii_strncasecmp (origin, "http://", 7) == 0) {
    authority = origin + 7;
    port = ":80";
  } else if (g_ascii_strncasecmp (origin, "https://", 8) == 0) {
    authority = origin + 8;
    port = ":443";
  } else {
    return FALSE;
  }

  theirs = without_port (authority, port);
  ours = without_port (host, port);
  return strcmp (theirs, ours) == 0;
}

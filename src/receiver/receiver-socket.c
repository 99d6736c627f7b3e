/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-socket.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The listening socket. It is opened here and not by the websocket library, which can't say why it did not
 * get an address.
 */

static int
open_listener (const struct addrinfo *info)
{
  const int one = 1;
  int fd, number;

  fd = socket (info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;

  /* A receiver that is started again takes the address over while old connections still end. */
  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
      bind (fd, info->ai_addr, info->ai_addrlen) == 0 && listen (fd, SOMAXCONN) == 0)
    return fd;

  number = errno;
  close (fd);
  errno = number;
  return -1;
}

/*
 * receiver_socket_listen:
 * @address: an address of this machine, as a number or a name
 * @port: the port, or 0 for any
 *
 * Returns: a listening socket that does not block, or -1 with @error set
 */
int
receiver_socket_listen (const char *address, guint16 port, GError **error)
{
  const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
  struct addrinfo *list = NULL;
  char service[8];
  int fd = -1;
  int result;

  g_return_val_if_fail (address != NULL, -1);

  g_snprintf (service, sizeof service, "%u", port);
  result = getaddrinfo (address, service, &hints, &list);
  if (result != 0) {
    g_set_error (error,
                 G_IO_ERROR,
                 G_IO_ERROR_FAILED,
                 "can't listen on “%s”: %s",
                 address,
                 gai_strerror (result));
    return -1;
  }

  for (const struct addrinfo *info = list; info != NULL && fd < 0; info = info->ai_next)
    fd = open_listener (info);
  if (fd < 0) {
    int number = errno;

    g_set_error (error,
                 G_IO_ERROR,
                 g_io_error_from_errno (number),
                 "can't listen on %s port %u: %s",
                 address,
                 port,
                 g_strerror (number));
  }

  freeaddrinfo (list);
  return fd;
}

/*
 * receiver_socket_get_url:
 * @secure: whether TLS is spoken
 *
 * Returns: where uploads go to
 */
char *
receiver_socket_get_url (int fd, gboolean secure)
{
  const char *scheme = secure ? "wss" : "ws";
  struct sockaddr_storage address = { 0 };
  socklen_t length = sizeof address;
  char host[NI_MAXHOST] = "";
  char port[NI_MAXSERV] = "";

  if (getsockname (fd, (struct sockaddr *) &address, &length) != 0 ||
      getnameinfo ((struct sockaddr *) &address,
                   length,
                   host,
                   sizeof host,
                   port,
                   sizeof port,
                   NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return NULL;

  if (address.ss_family == AF_INET6)
    return g_strdup_printf ("%s://[%s]:%s/upload", scheme, host, port);
  return g_strdup_printf ("%s://%s:%s/upload", scheme, host, port);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-socket.h"

/* Not netinet/tcp.h: its struct tcp_info ends before the byte counters. */
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Returns FALSE where the kernel does not tell. */
gboolean
galileo_socket_get_counts (int fd, GalileoSocketCounts *counts)
{
  struct tcp_info info;
  socklen_t length = sizeof info;
  int queued;

  memset (&info, 0, sizeof info);
  if (getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 ||
      length < offsetof (struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received ||
      ioctl (fd, SIOCOUTQ, &queued) != 0)
    return FALSE;

  counts->acknowledged = info.tcpi_bytes_acked;
  counts->unacknowledged = (guint64) queued;
  counts->received = info.tcpi_bytes_received;

  return TRUE;
}

/*
 * Has the kernel hold less than about this of what the peer sent ahead. A peer that sends faster than it is read would
 * otherwise keep whoever reads until nothing is left from ever coming back to its main loop.
 */
void
galileo_socket_limit_unread (int fd, guint bytes)
{
  int limit = (int) bytes;

  (void) setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &limit, sizeof limit);
}

/*
 * Has the kernel take more data only while it holds less than this unsent. Without it, megabytes wait in the send
 * buffer: minutes on a slow line, for which progress would be a guess. Where it is not known nothing is lost but that.
 */
void
galileo_socket_limit_unsent (int fd, guint bytes)
{
  int limit = (int) bytes;

  (void) setsockopt (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &limit, sizeof limit);
}

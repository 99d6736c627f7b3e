/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-descriptors.h"

#include <sys/resource.h>

/* Connections beyond the uploads: handshakes, and those who never get that far. */
#define SPARE_CONNECTIONS 1024

/* The fewest of these that an upload still gets past them. */
#define LEAST_CONNECTIONS 32

/* Standard streams, the folder, the libraries' own, files that are being closed. */
#define OTHERS 32

/*
 * receiver_descriptors_allow:
 * @max_uploads: how many uploads there may be, each a socket and a file
 *
 * Sets the limit of open files to what is needed. It may go down as well: the websocket library makes
 * tables of as many entries as there may be files, and some systems allow a thousand million.
 *
 * Returns: how many connections may be open, or 0 with @error set if the system allows too few
 */
guint
receiver_descriptors_allow (guint max_uploads, GError **error)
{
  const rlim_t uploads = 2 * (rlim_t) max_uploads + OTHERS;
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < uploads + LEAST_CONNECTIONS) {
    g_set_error (error,
                 G_IO_ERROR,
                 G_IO_ERROR_TOO_MANY_OPEN_FILES,
                 "--max-uploads=%u needs %lu open files, and the system allows %lu: "
                 "lower the one or raise the other",
                 max_uploads,
                 (unsigned long) uploads + LEAST_CONNECTIONS,
                 (unsigned long) limit.rlim_max);
    return 0;
  }

  limit.rlim_cur = MIN (uploads + SPARE_CONNECTIONS, limit.rlim_max);
  if (setrlimit (RLIMIT_NOFILE, &limit) != 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "can't set the limit of open files");
    return 0;
  }

  return (guint) (limit.rlim_cur - max_uploads - OTHERS);
}

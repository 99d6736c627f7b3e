/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What an HTTP request says that matters here. A header that is missing is NULL. */
typedef struct {
  gboolean is_get;
  gboolean is_head;
  const char *path;
  const char *upgrade;
  const char *host;
  const char *origin;
  const char *version;
  const char *protocol;
} ReceiverRequest;

/* An answer in HTTP: its status line, headers that it has beyond the usual ones, and its text. */
typedef struct {
  int status;
  const char *reason;
  const char *headers;
  const char *text;
} ReceiverAnswer;

const ReceiverAnswer *receiver_request_check_upgrade (const ReceiverRequest *request,
                                                      const char            *address,
                                                      gboolean               busy);
const ReceiverAnswer *receiver_request_get_page      (const ReceiverRequest *request);

G_END_DECLS

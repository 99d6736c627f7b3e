/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-http.h"

#include "receiver-request.h"

#include <string.h>

/*
 * The HTTP before the websocket, as the library has read it.
 */

/* Longest header that is looked at. A host name has at most 253 characters. */
#define HEADER_MAX 512

/* For a longer one. It is no value that anything would accept. */
#define HEADER_TOO_LONG "…"

/* A header that comes twice is given as both, with a comma, which is neither a host nor an origin. */
static const char *
get_header (struct lws *wsi, enum lws_token_indexes token, char value[HEADER_MAX])
{
  if (lws_hdr_total_length (wsi, token) <= 0)
    return NULL;

  return lws_hdr_copy (wsi, value, HEADER_MAX, token) >= 0 ? value : HEADER_TOO_LONG;
}

/* Answers, and tells the library to close when the answer is out. */
static int
send_answer (struct lws *wsi, const ReceiverAnswer *answer, gboolean with_text)
{
  g_autofree char *response = NULL;

  response = g_strdup_printf ("%*sHTTP/1.1 %d %s\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Content-Length: %" G_GSIZE_FORMAT "\r\n"
                              "Connection: close\r\n"
                              "%s\r\n"
                              "%s",
                              LWS_PRE,
                              "",
                              answer->status,
                              answer->reason,
                              strlen (answer->text),
                              answer->headers,
                              with_text ? answer->text : "");
  if (lws_write (wsi,
                 (unsigned char *) response + LWS_PRE,
                 strlen (response + LWS_PRE),
                 LWS_WRITE_HTTP_FINAL) < 0)
    return -1;

  return 1;
}

/*
 * receiver_http_check_upgrade:
 * @upgrade: the protocol that the client wants to speak
 * @address: what the receiver was told to listen on
 * @busy: whether it has no room for another upload
 *
 * Returns: 0 to let the library upgrade the connection
 */
int
receiver_http_check_upgrade (struct lws *wsi, const char *upgrade, const char *address, gboolean busy)
{
  char path[HEADER_MAX], host[HEADER_MAX], origin[HEADER_MAX], version[HEADER_MAX], protocol[HEADER_MAX];
  const ReceiverRequest request = {
    .is_get = lws_hdr_total_length (wsi, WSI_TOKEN_GET_URI) > 0,
    .path = get_header (wsi, WSI_TOKEN_GET_URI, path),
    .upgrade = upgrade,
    .host = get_header (wsi, WSI_TOKEN_HOST, host),
    .origin = get_header (wsi, WSI_TOKEN_ORIGIN, origin),
    .version = get_header (wsi, WSI_TOKEN_VERSION, version),
    .protocol = get_header (wsi, WSI_TOKEN_PROTOCOL, protocol),
  };
  const ReceiverAnswer *answer;

  answer = receiver_request_check_upgrade (&request, address, busy);
  return answer != NULL ? send_answer (wsi, answer, TRUE) : 0;
}

/* Answers a plain request. */
int
receiver_http_serve_page (struct lws *wsi)
{
  char path[HEADER_MAX];
  gboolean is_head = lws_hdr_total_length (wsi, WSI_TOKEN_HEAD_URI) > 0;
  const ReceiverRequest request = {
    .is_get = lws_hdr_total_length (wsi, WSI_TOKEN_GET_URI) > 0,
    .is_head = is_head,
    .path = get_header (wsi, is_head ? WSI_TOKEN_HEAD_URI : WSI_TOKEN_GET_URI, path),
  };

  return send_answer (wsi, receiver_request_get_page (&request), !is_head);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "receiver-request.h"

#include "receiver-origin.h"

/*
 * Who gets a websocket, and what the others are told. Decides only; speaking HTTP is done elsewhere.
 */

static const ReceiverAnswer page = {
  200,
  "OK",
  "",
  "This is galileosend-receiver " GALILEO_VERSION ".\n\n"
  "It takes files over websockets at /upload, by the GalileoSend protocol.\n"
  "Send some with galileosend, or with galileosend-cli.\n",
};
static const ReceiverAnswer no_websocket = { 400, "Bad Request", "", "Only websockets are spoken here.\n" };
static const ReceiverAnswer subprotocol = { 400, "Bad Request", "", "GalileoSend has no subprotocol.\n" };
static const ReceiverAnswer wrong_host = {
  403, "Forbidden", "", "The Host header is not an address of this receiver.\n"
};
static const ReceiverAnswer wrong_origin = {
  403, "Forbidden", "", "Web pages from elsewhere may not send files here.\n"
};
static const ReceiverAnswer not_found = {
  404, "Not Found", "", "There is nothing here. Uploads go to /upload.\n"
};
static const ReceiverAnswer wrong_method = {
  405, "Method Not Allowed", "Allow: GET, HEAD\r\n", "Files come over websockets only.\n"
};
static const ReceiverAnswer upgrade_required = {
  426, "Upgrade Required", "Upgrade: websocket\r\n", "Files come over websockets only.\n"
};
static const ReceiverAnswer wrong_version = {
  426,
  "Upgrade Required",
  "Sec-WebSocket-Version: 13\r\n",
  "Only version 13 of the websocket protocol is spoken here.\n",
};
static const ReceiverAnswer too_many = {
  503, "Service Unavailable", "Retry-After: 5\r\n", "Too many uploads at once.\n"
};

/*
 * receiver_request_check_upgrade:
 * @request: asks to go over to another protocol
 * @address: what the receiver was told to listen on
 * @busy: whether it has no room for another upload
 *
 * Returns: (nullable): why it may not, or %NULL if it gets its websocket
 */
const ReceiverAnswer *
receiver_request_check_upgrade (const ReceiverRequest *request, const char *address, gboolean busy)
{
  if (request->upgrade == NULL || g_ascii_strcasecmp (request->upgrade, "websocket") != 0)
    return &no_websocket;

  if (!request->is_get || (g_strcmp0 (request->path, "/") != 0 && g_strcmp0 (request->path, "/upload") != 0))
    return &not_found;

  if (request->host == NULL || !receiver_host_is_valid (request->host))
    return &wrong_host;

  /* Only browsers can be led astray, and they always send an Origin. Others may use any name that leads here. */
  if (request->origin != NULL && !receiver_host_is_own (request->host, address))
    return &wrong_host;
  if (request->origin != NULL && !receiver_origin_is_own (request->origin, request->host))
    return &wrong_origin;

  if (g_strcmp0 (request->version, "13") != 0)
    return &wrong_version;

  if (request->protocol != NULL)
    return &subprotocol;

  return busy ? &too_many : NULL;
}

/*
 * receiver_request_get_page:
 * @request: a plain request
 *
 * Returns: the answer to it
 */
const ReceiverAnswer *
receiver_request_get_page (const ReceiverRequest *request)
{
  if (!request->is_get && !request->is_head)
    return &wrong_method;

  if (g_strcmp0 (request->path, "/upload") == 0)
    return &upgrade_required;

  return g_strcmp0 (request->path, "/") == 0 ? &page : &not_found;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver/receiver-request.h"

#include <string.h>

#define WS "websocket"
#define OWN "127.0.0.1:8642"
#define ELSEWHERE "evil.example:8642"

/* A request is: whether it is GET, and HEAD, path, Upgrade, Host, Origin, version, subprotocol. */
static const struct {
  ReceiverRequest request;
  int status; /* 0 for a websocket */
} upgrades[] = {
  { { TRUE, FALSE, "/upload", WS, OWN, NULL, "13", NULL }, 0 },
  { { TRUE, FALSE, "/", WS, OWN, NULL, "13", NULL }, 0 },
  { { TRUE, FALSE, "/upload", "WebSocket", OWN, NULL, "13", NULL }, 0 },
  { { TRUE, FALSE, "/upload", WS, "nas.home:8642", NULL, "13", NULL }, 0 },
  { { TRUE, FALSE, "/upload", WS, ELSEWHERE, NULL, "13", NULL }, 0 },
  { { TRUE, FALSE, "/upload", WS, OWN, "http://" OWN, "13", NULL }, 0 },

  { { TRUE, FALSE, "/upload", "h2c", OWN, NULL, "13", NULL }, 400 },
  { { TRUE, FALSE, "/upload", NULL, OWN, NULL, "13", NULL }, 400 },
  { { TRUE, FALSE, "/upload", WS, OWN, NULL, "13", "galileosend" }, 400 },
  { { TRUE, FALSE, "/upload", WS, NULL, NULL, "13", NULL }, 403 },
  { { TRUE, FALSE, "/upload", WS, ELSEWHERE, "http://" ELSEWHERE, "13", NULL }, 403 },
  { { TRUE, FALSE, "/upload", WS, OWN, "http://" ELSEWHERE, "13", NULL }, 403 },
  { { TRUE, FALSE, "/upload", WS, OWN, "null", "13", NULL }, 403 },
  { { TRUE, FALSE, "/upload", WS, OWN, "", "13", NULL }, 403 },
  { { FALSE, FALSE, "/upload", WS, OWN, NULL, "13", NULL }, 404 },
  { { TRUE, FALSE, NULL, WS, OWN, NULL, "13", NULL }, 404 },
  { { TRUE, FALSE, "", WS, OWN, NULL, "13", NULL }, 404 },
  { { TRUE, FALSE, "/upload/", WS, OWN, NULL, "13", NULL }, 404 },
  { { TRUE, FALSE, "/Upload", WS, OWN, NULL, "13", NULL }, 404 },
  { { TRUE, FALSE, "upload", WS, OWN, NULL, "13", NULL }, 404 },
  { { TRUE, FALSE, "/upload", WS, OWN, NULL, NULL, NULL }, 426 },
  { { TRUE, FALSE, "/upload", WS, OWN, NULL, "8", NULL }, 426 },
};

static void
test_upgrade (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (upgrades); i++) {
    const ReceiverAnswer *answer = receiver_request_check_upgrade (&upgrades[i].request, "nas.home", FALSE);

    g_test_message ("row %" G_GSIZE_FORMAT, i);
    g_assert_cmpint (answer != NULL ? answer->status : 0, ==, upgrades[i].status);
    if (answer != NULL) {
      g_assert_nonnull (answer->reason);
      g_assert_true (*answer->headers == '\0' || g_str_has_suffix (answer->headers, "\r\n"));
      g_assert_true (g_str_has_suffix (answer->text, "\n"));
    }
  }
}

/* Those who would not get a websocket anyway do not learn that others have them all. */
static void
test_busy (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (upgrades); i++) {
    const ReceiverAnswer *answer = receiver_request_check_upgrade (&upgrades[i].request, "nas.home", TRUE);

    g_assert_nonnull (answer);
    g_assert_cmpint (answer->status, ==, upgrades[i].status != 0 ? upgrades[i].status : 503);
  }
}

static void
test_page (void)
{
  static const struct {
    ReceiverRequest request;
    int status;
  } rows[] = {
    { { .is_get = TRUE, .path = "/" }, 200 },
    { { .is_head = TRUE, .path = "/" }, 200 },
    { { .is_get = TRUE, .path = "/upload" }, 426 },
    { { .is_get = TRUE, .path = "/x" }, 404 },
    { { .is_get = TRUE, .path = NULL }, 404 },
    { { .path = "/" }, 405 },
    { { .path = NULL }, 405 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (receiver_request_get_page (&rows[i].request)->status, ==, rows[i].status);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/request/upgrade", test_upgrade);
  g_test_add_func ("/request/busy", test_busy);
  g_test_add_func ("/request/page", test_page);

  return g_test_run ();
}

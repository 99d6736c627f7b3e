/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver/receiver-request.h"

#include <string.h>

#define GOOD .is_get = TRUE, .path = "/upload", .upgrade = "websocket", .host = "127.0.0.1:8642", .version = "13"

static const struct {
  ReceiverRequest request;
  int status; /* 0 for a websocket */
} upgrades[] = {
  { { GOOD }, 0 },
  { { GOOD, .path = "/" }, 0 },
  { { GOOD, .upgrade = "WebSocket" }, 0 },
  { { GOOD, .host = "nas.home:8642" }, 0 },
  { { GOOD, .origin = "http://127.0.0.1:8642" }, 0 },

  { { GOOD, .upgrade = "h2c" }, 400 },
  { { GOOD, .upgrade = NULL }, 400 },
  { { GOOD, .protocol = "galileosend" }, 400 },
  { { GOOD, .host = NULL }, 403 },
  { { GOOD, .host = "evil.example" }, 403 },
  { { GOOD, .host = "evil.example:8642", .origin = "http://evil.example:8642" }, 403 },
  { { GOOD, .origin = "http://evil.example" }, 403 },
  { { GOOD, .origin = "null" }, 403 },
  { { GOOD, .origin = "" }, 403 },
  { { GOOD, .is_get = FALSE }, 404 },
  { { GOOD, .path = NULL }, 404 },
  { { GOOD, .path = "" }, 404 },
  { { GOOD, .path = "/upload/" }, 404 },
  { { GOOD, .path = "/Upload" }, 404 },
  { { GOOD, .path = "upload" }, 404 },
  { { GOOD, .version = NULL }, 426 },
  { { GOOD, .version = "8" }, 426 },
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

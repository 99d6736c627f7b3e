/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver/receiver-origin.h"

static void
test_host (void)
{
  static const struct {
    const char *host;
    gboolean own;
  } rows[] = {
    { "127.0.0.1", TRUE },
    { "127.0.0.1:8642", TRUE },
    { "192.168.1.20:8642", TRUE },
    { "[::1]", TRUE },
    { "[::1]:8642", TRUE },
    { "localhost", TRUE },
    { "LocalHost:8642", TRUE },
    { "nas.home", TRUE },
    { "NAS.home:80", TRUE },

    { "", FALSE },
    { ":8642", FALSE },
    { "evil.example", FALSE },
    { "evil.example:8642", FALSE },
    { "localhost.evil.example", FALSE },
    { "127.0.0.1.evil.example", FALSE },
    { "evil.example@127.0.0.1", FALSE },
    { "127.0.0.1@evil.example", FALSE },
    { "127.0.0.1,evil.example", FALSE },
    { "127.0.0.1, 127.0.0.1", FALSE },
    { "127.0.0.1:8642,127.0.0.1:8642", FALSE },
    { "127.0.0.1:port", FALSE },
    { "127.0.0.1:8642/upload", FALSE },
    { "127.0.0.1 ", FALSE },
    { "127.1", FALSE },
    { "0x7f000001", FALSE },
    { "::1", FALSE },
    { "[::1", FALSE },
    { "[::1]x", FALSE },
    { "[127.0.0.1]", FALSE },
    { "[localhost]", FALSE },
    { "[]", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s", rows[i].host);
    g_assert_cmpint (receiver_host_is_own (rows[i].host, "nas.home"), ==, rows[i].own);
    if (rows[i].own)
      g_assert_true (receiver_host_is_valid (rows[i].host));
  }
}

static void
test_origin (void)
{
  static const struct {
    const char *origin;
    const char *host;
    gboolean own;
  } rows[] = {
    { "http://127.0.0.1:8642", "127.0.0.1:8642", TRUE },
    { "https://127.0.0.1:8642", "127.0.0.1:8642", TRUE },
    { "HTTP://LOCALHOST:8642", "localhost:8642", TRUE },
    { "http://[::1]:8642", "[::1]:8642", TRUE },
    { "http://127.0.0.1", "127.0.0.1:80", TRUE },
    { "http://127.0.0.1", "127.0.0.1", TRUE },
    { "https://127.0.0.1", "127.0.0.1:443", TRUE },

    { "", "127.0.0.1:8642", FALSE },
    { "null", "127.0.0.1:8642", FALSE },
    { "file://", "127.0.0.1:8642", FALSE },
    { "127.0.0.1:8642", "127.0.0.1:8642", FALSE },
    { "http://evil.example", "127.0.0.1:8642", FALSE },
    { "http://evil.example:8642", "127.0.0.1:8642", FALSE },
    { "http://1.2.3.4:8642", "127.0.0.1:8642", FALSE },
    { "http://127.0.0.1:8643", "127.0.0.1:8642", FALSE },
    { "http://127.0.0.1", "127.0.0.1:8642", FALSE },
    { "http://127.0.0.1:443", "127.0.0.1:80", FALSE },
    { "https://127.0.0.1", "127.0.0.1:80", FALSE },
    { "http://localhost:8642", "127.0.0.1:8642", FALSE },
    { "http://127.0.0.1:8642.evil.example", "127.0.0.1:8642", FALSE },
    { "http://127.0.0.1:8642@evil.example", "127.0.0.1:8642", FALSE },
    { "http://127.0.0.1:8642/", "127.0.0.1:8642", FALSE },
    { "http://127.0.0.1:8642,http://127.0.0.1:8642", "127.0.0.1:8642", FALSE },
    { "chrome-extension://127.0.0.1:8642", "127.0.0.1:8642", FALSE },
    { "ws://127.0.0.1:8642", "127.0.0.1:8642", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s at %s", rows[i].origin, rows[i].host);
    g_assert_cmpint (receiver_origin_is_own (rows[i].origin, rows[i].host), ==, rows[i].own);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/origin/host", test_host);
  g_test_add_func ("/origin/origin", test_origin);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-header.h"

#include <string.h>

static void
test_taken (void)
{
  static const struct {
    const char *field;
    const char *name;
    const char *value;
  } cases[] = {
    { "X-Name: value", "X-Name", "value" },
    { "X-Name:value", "X-Name", "value" },
    { "x-name: \t two words \t", "X-Name", "two words" },
    { "X-Empty:", "X-Empty", "" },
    { "Authorization: Basic YTpi", "Authorization", "Basic YTpi" },
    { "Cookie: a=b; c=d", "Cookie", "a=b; c=d" },
    { "X-Time: 12:30", "X-Time", "12:30" },
    { "X-Tab: a\tb", "X-Tab", "a\tb" },
    { "X-Bytes: caf\351", "X-Bytes", "caf\351" },
    { "!#$%&'*+-.^_`|~: odd", "!#$%&'*+-.^_`|~", "odd" },
    { "Hostess: no reserved name", "Hostess", "no reserved name" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
    g_autoptr (GError) error = NULL;

    g_assert_true (cli_header_add (headers, cases[i].field, &error));
    g_assert_no_error (error);
    g_assert_cmpstr (soup_message_headers_get_one (headers, cases[i].name), ==, cases[i].value);
    soup_message_headers_unref (headers);
  }
}

static void
test_refused (void)
{
  static const struct {
    const char *field;
    const char *word; /* what the sentence has to name */
  } cases[] = {
    { "", "colon" },
    { "secret", "colon" },
    { ": secret", "name" },
    { "X Name: secret", "X Name" },
    { "X-Name : secret", "X-Name " },
    { "\303\234: secret", "\303\234" },
    { "X-Na\rme: secret", "name" },
    { "(X): secret", "(X)" },
    { "X-Name: secret\r\nEvil: yes", "X-Name" },
    { "X-Name: secret\n", "X-Name" },
    { "X-Name: secret\r", "X-Name" },
    { "X-Name: sec\001ret", "X-Name" },
    { "X-Name: sec\177ret", "X-Name" },
    { "Host: secret", "Host" },
    { "HOST: secret", "HOST" },
    { "Upgrade: secret", "Upgrade" },
    { "Connection: secret", "Connection" },
    { "Sec-WebSocket-Key: secret", "Sec-WebSocket-Key" },
    { "sec-websocket-extensions: secret", "sec-websocket-extensions" },
    { "Sec-WebSocket-: secret", "Sec-WebSocket-" },
    { "Content-Length: 5", "Content-Length" },
    { "Transfer-Encoding: chunked", "Transfer-Encoding" },
    { "Expect: 100-continue", "Expect" },
    { "x-there: secret", "twice" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
    g_autofree char *shown = g_strescape (cases[i].field, NULL);
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", shown);
    soup_message_headers_append (headers, "X-There", "already");
    g_assert_false (cli_header_add (headers, cases[i].field, &error));
    g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    g_assert_nonnull (strstr (error->message, cases[i].word));
    g_assert_null (strstr (error->message, "secret"));
    soup_message_headers_unref (headers);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/header/taken", test_taken);
  g_test_add_func ("/cli/header/refused", test_refused);

  return g_test_run ();
}

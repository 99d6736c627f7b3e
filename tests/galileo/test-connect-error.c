/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-connect-error.h"
#include "galileo/galileo-error.h"

#include <string.h>

/* Why there is no connection, before any server said so with a status. */
static void
test_no_connection (void)
{
  static const struct {
    GQuark (*domain) (void);
    int cause;
    int code;
    const char *words;
  } rows[] = {
    { g_resolver_error_quark, G_RESOLVER_ERROR_NOT_FOUND, GALILEO_ERROR_CONNECT, "no such host is known" },
    { g_resolver_error_quark, G_RESOLVER_ERROR_TEMPORARY_FAILURE, GALILEO_ERROR_CONNECT, "site.example: the cause" },
    { g_io_error_quark, G_IO_ERROR_CONNECTION_REFUSED, GALILEO_ERROR_CONNECT, "nothing listens" },
    { g_io_error_quark, G_IO_ERROR_PARTIAL_INPUT, GALILEO_ERROR_CONNECT, "without an answer" },
    { g_io_error_quark, G_IO_ERROR_HOST_UNREACHABLE, GALILEO_ERROR_CONNECT, "Can't reach site.example: the cause" },
    { g_io_error_quark, G_IO_ERROR_PROXY_FAILED, GALILEO_ERROR_CONNECT, "Can't reach site.example: the cause" },
    { soup_session_error_quark, SOUP_SESSION_ERROR_PARSING, GALILEO_ERROR_HANDSHAKE, "not answer as a web server" },
    { g_tls_error_quark, G_TLS_ERROR_HANDSHAKE, GALILEO_ERROR_TLS, "the cause" },
  };
  g_autoptr (GUri) address = g_uri_parse ("wss://site.example/upload", G_URI_FLAGS_NONE, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", "http://site.example/upload");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) cause = g_error_new_literal (rows[i].domain (), rows[i].cause, "the cause.");
    g_autoptr (GError) error = galileo_connect_error_new (address, message, cause);

    g_test_message ("%s", error->message);
    g_assert_error (error, GALILEO_ERROR, rows[i].code);
    g_assert_nonnull (strstr (error->message, rows[i].words));
    g_assert_nonnull (strstr (error->message, "site.example"));
  }

  {
    g_autoptr (GError) error = galileo_connect_timeout_error_new (address, 15);

    g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_CONNECT);
    g_assert_nonnull (strstr (error->message, "15 seconds"));
  }
}

/* Another certificate than the pinned one: its fingerprint is told where it is known. */
static void
test_pin (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "galileo", "certificate.pem", NULL);
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, NULL);
  g_autoptr (GUri) address = g_uri_parse ("wss://site.example/upload", G_URI_FLAGS_NONE, NULL);
  g_autoptr (GError) with = galileo_pin_error_new (address, certificate);
  g_autoptr (GError) without = galileo_pin_error_new (address, NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  *strchr (text, '\n') = '\0';
  g_assert_error (with, GALILEO_ERROR, GALILEO_ERROR_TLS);
  g_assert_nonnull (strstr (with->message, text));
  g_assert_error (without, GALILEO_ERROR, GALILEO_ERROR_TLS);
  g_assert_nonnull (strstr (without->message, "site.example"));
  g_assert_null (strstr (without->message, "fingerprint"));
}

/* Each close code has words of its own, and what was sent until then decides what they mean. */
static void
test_close_codes (void)
{
  static const struct {
    guint code;
    const char *words;
  } rows[] = {
    { 0, "the connection was cut" },
    { 1000, "the site closed the connection (1000)" },
    { 1001, "shutting down or restarting (1001)" },
    { 1002, "found fault with a message (1002)" },
    { 1003, "does not take file data (1003)" },
    { 1005, "the connection was cut" },
    { 1006, "the connection was cut (1006)" },
    { 1007, "could not read a message (1007)" },
    { 1008, "against the site's rules (1008)" },
    { 1011, "went wrong inside the site (1011)" },
    { 1012, "the site is restarting (1012)" },
    { 1013, "too busy (1013)" },
    { 1014, "gateway failed (1014)" },
    { 4000, "the connection was cut (4000)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) before = galileo_close_error_new (rows[i].code, NULL, NULL, FALSE);
    g_autoptr (GError) after = galileo_close_error_new (rows[i].code, "", NULL, TRUE);
    g_autofree char *pattern = g_strdelimit (g_strdup (rows[i].words), "()", ' ');
    g_auto (GStrv) words = g_strsplit (pattern, " ", -1);

    g_test_message ("%s; %s", before->message, after->message);
    g_assert_error (before, GALILEO_ERROR, GALILEO_ERROR_INTERRUPTED);
    g_assert_error (after, GALILEO_ERROR, GALILEO_ERROR_UNCONFIRMED);
    for (guint k = 0; words[k] != NULL; k++) {
      g_assert_nonnull (strstr (before->message, words[k]));
      g_assert_nonnull (strstr (after->message, words[k]));
    }
  }

  /* It is the chunks that were too big, wherever that shows. */
  for (int all_sent = 0; all_sent <= 1; all_sent++) {
    g_autoptr (GError) error = galileo_close_error_new (1009, NULL, NULL, all_sent);

    g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_MESSAGE_TOO_BIG);
  }
}

/* The site's own words are passed on; a cause that is known tells more than no code. */
static void
test_close_details (void)
{
  g_autoptr (GError) reset = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "Connection reset by peer");
  g_autoptr (GError) breach = g_error_new_literal (SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_BAD_DATA, "not UTF-8");
  g_autoptr (GError) huge = g_error_new_literal (SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG, "too big");
  g_autoptr (GError) with_reason = galileo_close_error_new (1011, "disk on fire", NULL, FALSE);
  g_autoptr (GError) with_cause = galileo_close_error_new (0, NULL, reset, TRUE);
  g_autoptr (GError) of_breach = galileo_close_error_new (0, NULL, breach, TRUE);
  g_autoptr (GError) of_huge = galileo_close_error_new (0, NULL, huge, FALSE);
  g_autoptr (GError) of_young_code = galileo_close_error_new (1013, "later", breach, FALSE);

  g_assert_error (with_reason, GALILEO_ERROR, GALILEO_ERROR_INTERRUPTED);
  g_assert_nonnull (strstr (with_reason->message, "disk on fire"));
  g_assert_error (with_cause, GALILEO_ERROR, GALILEO_ERROR_UNCONFIRMED);
  g_assert_nonnull (strstr (with_cause->message, "Connection reset by peer"));
  g_assert_error (of_breach, GALILEO_ERROR, GALILEO_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (of_breach->message, "not UTF-8"));
  g_assert_error (of_huge, GALILEO_ERROR, GALILEO_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (of_huge->message, "longer message"));
  g_assert_error (of_young_code, GALILEO_ERROR, GALILEO_ERROR_INTERRUPTED);
  g_assert_nonnull (strstr (of_young_code->message, "later"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connect-error/no-connection", test_no_connection);
  g_test_add_func ("/connect-error/pin", test_pin);
  g_test_add_func ("/connect-error/close-codes", test_close_codes);
  g_test_add_func ("/connect-error/close-details", test_close_details);

  return g_test_run ();
}

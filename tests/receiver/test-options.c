/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver/receiver-options.h"

#include <string.h>

static ReceiverOptions *
parse (const char *line, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autofree char **argv = NULL;
  int argc;

  /* The parser takes out of the list what it knows. */
  argc = (int) g_strv_length (words);
  argv = g_memdup2 (words, sizeof (char *) * ((gsize) argc + 1));
  return receiver_options_parse (argc, argv, error);
}

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ReceiverOptions) options = parse ("receiver", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (options->directory, ==, ".");
  g_assert_cmpstr (options->address, ==, "127.0.0.1");
  g_assert_cmpuint (options->port, ==, 8642);
  g_assert_cmpuint (options->max_size, ==, 0);
  g_assert_cmpuint (options->max_uploads, ==, 64);
  g_assert_cmpuint (options->chunk_size, ==, 1024 * 1024);
  g_assert_cmpuint (options->window, ==, 16);
  g_assert_false (options->json);
  g_assert_false (options->quiet);
  g_assert_false (options->version);
  g_assert_cmpuint (options->handshake_limit, ==, 10000);
  g_assert_cmpuint (options->idle_limit, ==, 60000);
  g_assert_cmpuint (options->keep_partial, ==, 86400);
  g_assert_cmpuint (options->clean_interval, ==, 60000);
}

static void
test_all (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ReceiverOptions) options = NULL;

  options = parse ("receiver -d /srv --address=::1 -p 0 --max-size=2G --max-uploads=7 --chunk-size 64k "
                   "--window=1 --keep-partial=0 --tls-certificate=c.pem --tls-key k.pem --json -q --version",
                   &error);
  g_assert_no_error (error);
  g_assert_cmpstr (options->directory, ==, "/srv");
  g_assert_cmpstr (options->address, ==, "::1");
  g_assert_cmpuint (options->port, ==, 0);
  g_assert_cmpuint (options->max_size, ==, G_GUINT64_CONSTANT (2) << 30);
  g_assert_cmpuint (options->max_uploads, ==, 7);
  g_assert_cmpuint (options->chunk_size, ==, 65536);
  g_assert_cmpuint (options->window, ==, 1);
  g_assert_cmpuint (options->keep_partial, ==, 0);
  g_assert_cmpstr (options->certificate, ==, "c.pem");
  g_assert_cmpstr (options->key, ==, "k.pem");
  g_assert_true (options->json);
  g_assert_true (options->quiet);
  g_assert_true (options->version);
}

static void
test_sizes (void)
{
  static const struct {
    const char *text;
    guint64 size;
  } rows[] = {
    { "1", 1 },
    { "250000", 250000 },
    { "1k", 1 << 10 },
    { "3M", 3 << 20 },
    { "5g", G_GUINT64_CONSTANT (5) << 30 },
    { "7T", G_GUINT64_CONSTANT (7) << 40 },
    { "8388607T", G_GUINT64_CONSTANT (8388607) << 40 },
    { "9223372036854775807", G_MAXINT64 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *line = g_strconcat ("receiver --max-size=", rows[i].text, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (ReceiverOptions) options = parse (line, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (options->max_size, ==, rows[i].size);
  }
}

/* Each is refused in a sentence that names it. */
static void
test_errors (void)
{
  static const struct {
    const char *line;
    const char *named;
  } rows[] = {
    { "--port=", "--port=" },
    { "--port=http", "--port=http" },
    { "--port=-1", "--port=-1" },
    { "--port=65536", "from 0 to 65535" },
    { "--port=80a", "--port=80a" },
    { "--max-uploads=0", "from 1 to" },
    { "--max-uploads=-1", "--max-uploads=-1" },
    { "--max-uploads=many", "--max-uploads=many" },
    { "--window=0", "--window=0" },
    { "--window=1025", "from 1 to 1024" },
    { "--chunk-size=0", "--chunk-size=0" },
    { "--chunk-size=2G", "1073741824" },
    { "--chunk-size=1T", "--chunk-size=1T" },
    { "--max-size=", "--max-size=" },
    { "--max-size=K", "--max-size=K" },
    { "--max-size=0", "--max-size=0" },
    { "--max-size=-5", "--max-size=-5" },
    { "--max-size=1.5M", "such as 512M" },
    { "--max-size=1X", "--max-size=1X" },
    { "--max-size=1KB", "--max-size=1KB" },
    { "--max-size=1MM", "--max-size=1MM" },
    { "--max-size=8388608T", "--max-size=8388608T" },
    { "--max-size=9223372036854775808", "--max-size=9223372036854775808" },
    { "--existing=replace", "--existing" },
    { "--token-file=/dev/null", "--token-file" },
    { "--origin=http://example.org", "--origin" },
    { "--tls-certificate=a.pem", "--tls-certificate goes with --tls-key only" },
    { "--tls-key=a.pem", "--tls-key goes with --tls-certificate only" },
    { "--on-complete=true", "--on-complete" },
    { "--keep-partial=-1", "--keep-partial=-1" },
    { "--keep-partial=1h", "--keep-partial=1h" },
    { "--keep-partial=4000000000", "from 0 to 3153600000" },
    { "--no-such-option", "--no-such-option" },
    { "-Z", "-Z" },
    { "--port", "--port" },
    { "folder", "folder" },
    { "-- folder", "folder" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *line = g_strconcat ("receiver ", rows[i].line, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (ReceiverOptions) options = parse (line, &error);

    g_assert_null (options);
    g_assert_nonnull (error);
    g_test_message ("%s", error->message);
    g_assert_cmpint (error->domain, ==, G_OPTION_ERROR);
    g_assert_nonnull (strstr (error->message, rows[i].named));
  }
}

static void
test_deadlines (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ReceiverOptions) options = NULL;

  g_setenv ("GALILEOSEND_RECEIVER_DEADLINES", "250,500,750", TRUE);
  options = parse ("receiver", &error);
  g_unsetenv ("GALILEOSEND_RECEIVER_DEADLINES");
  g_assert_no_error (error);
  g_assert_cmpuint (options->handshake_limit, ==, 250);
  g_assert_cmpuint (options->idle_limit, ==, 500);
  g_assert_cmpuint (options->clean_interval, ==, 750);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/options/defaults", test_defaults);
  g_test_add_func ("/options/all", test_all);
  g_test_add_func ("/options/sizes", test_sizes);
  g_test_add_func ("/options/errors", test_errors);
  g_test_add_func ("/options/deadlines", test_deadlines);

  return g_test_run ();
}

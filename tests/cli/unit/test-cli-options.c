/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-options.h"

#include "galileo/galileo-signal.h"

#include <string.h>

#define SITE "ws://127.0.0.1:8642/upload"
#define TLS_SITE "wss://127.0.0.1:8642/upload"
#define PIN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Splits a command line at each space, so that two make an empty argument. */
static CliOptions *
parse (const char *line, GError **error)
{
  g_auto (GStrv) arguments = NULL;
  g_autofree char *whole = g_strconcat ("galileosend-cli", *line != '\0' ? " " : "", line, NULL);

  arguments = g_strsplit (whole, " ", -1);
  return cli_options_parse ((const char *const *) arguments, error);
}

static CliOptions *
parse_good (const char *line)
{
  g_autoptr (GError) error = NULL;
  CliOptions *options = parse (line, &error);

  g_assert_no_error (error);
  g_assert_nonnull (options);
  return options;
}

static void
test_defaults (void)
{
  g_autoptr (CliOptions) options = parse_good (SITE " a.jpg b.jpg");

  g_assert_cmpint (options->action, ==, CLI_ACTION_SEND);
  g_assert_cmpstr (options->address, ==, SITE);
  g_assert_cmpuint (g_strv_length (options->files), ==, 2);
  g_assert_cmpstr (options->files[0], ==, "a.jpg");
  g_assert_cmpstr (options->files[1], ==, "b.jpg");
  g_assert_null (options->name);
  g_assert_cmpuint (options->jobs, ==, 3);
  g_assert_cmpuint (options->retries, ==, 5);
  g_assert_cmpuint (options->timeout, ==, 0);
  g_assert_cmpuint (options->chunk_size, ==, GALILEO_DEFAULT_CHUNK_SIZE);
  g_assert_cmpint (options->hash_type, ==, GALILEO_HASH_SHA1);
  g_assert_false (options->recursive);
  g_assert_false (options->json);
  g_assert_false (options->quiet);
  g_assert_false (options->dry_run);
  g_assert_cmpuint (options->rate_limit, ==, 0);
  g_assert_null (options->authorities);
  g_assert_null (options->pin);
  g_assert_cmpuint (options->warnings->len, ==, 0);
  g_assert_null (soup_message_headers_get_one (options->headers, "Authorization"));
}

static void
test_jobs (void)
{
  static const char *const lines[] = {
    "-j 7 " SITE " a",     "-j7 " SITE " a",          "--jobs=7 " SITE " a", "--jobs 7 " SITE " a",
    SITE " a -j7",         "-rj7 " SITE " a",         "-rqj 7 " SITE " a",   "-j1 --jobs=7 " SITE " a",
    SITE " -j7 -- a",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (CliOptions) options = parse_good (lines[i]);

    g_assert_cmpuint (options->jobs, ==, 7);
    g_assert_cmpstr (options->address, ==, SITE);
    g_assert_cmpstr (options->files[0], ==, "a");
    g_assert_null (options->files[1]);
    g_assert_cmpint (options->recursive, ==, strstr (lines[i], "-r") != NULL);
  }
}

static void
test_values (void)
{
  g_autoptr (CliOptions) options =
      parse_good ("-r -q --json --dry-run --chunk-size=64K --hash=sha256 --retries=0 --timeout=90 " SITE " a");
  g_autoptr (CliOptions) largest = parse_good ("--chunk-size=8M --jobs=16 --retries=1000 --timeout=86400 " SITE " a");
  g_autoptr (CliOptions) smallest = parse_good ("--chunk-size=1 --jobs=1 --timeout=1 --hash=none " SITE " a");

  g_assert_true (options->recursive);
  g_assert_true (options->quiet);
  g_assert_true (options->json);
  g_assert_true (options->dry_run);
  g_assert_cmpuint (options->chunk_size, ==, 65536);
  g_assert_cmpint (options->hash_type, ==, GALILEO_HASH_SHA256);
  g_assert_cmpuint (options->retries, ==, 0);
  g_assert_cmpuint (options->timeout, ==, 90);

  g_assert_cmpuint (largest->chunk_size, ==, 8 * 1024 * 1024);
  g_assert_cmpuint (largest->jobs, ==, 16);
  g_assert_cmpuint (largest->retries, ==, 1000);
  g_assert_cmpuint (largest->timeout, ==, 86400);

  g_assert_cmpuint (smallest->chunk_size, ==, 1);
  g_assert_cmpuint (smallest->jobs, ==, 1);
  g_assert_cmpuint (smallest->timeout, ==, 1);
  g_assert_cmpint (smallest->hash_type, ==, GALILEO_HASH_NONE);
}

static void
test_name (void)
{
  static const char *const lines[] = {
    "-n -x.jpg " SITE " a", "-n-x.jpg " SITE " a", "--name=-x.jpg " SITE " a", "--name -x.jpg " SITE " a", "-qn -x.jpg " SITE " a",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (CliOptions) options = parse_good (lines[i]);

    g_assert_cmpstr (options->name, ==, "-x.jpg");
  }
}

static void
test_rate_limit (void)
{
  g_autoptr (CliOptions) options = parse_good ("--limit-rate=2M " SITE " a");
  g_autoptr (CliOptions) smallest = parse_good ("--limit-rate 1024 " SITE " a");

  g_assert_cmpuint (options->rate_limit, ==, 2 * 1024 * 1024);
  g_assert_cmpuint (smallest->rate_limit, ==, 1024);
}

static void
test_headers (void)
{
  const char *const arguments[] = {
    "galileosend-cli", "--header", "X-One: 1", "--header=-: dash", "--header", "Authorization: Basic YTpi", SITE, "a", NULL,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (CliOptions) options = cli_options_parse (arguments, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (soup_message_headers_get_one (options->headers, "X-One"), ==, "1");
  g_assert_cmpstr (soup_message_headers_get_one (options->headers, "-"), ==, "dash");
  g_assert_cmpstr (soup_message_headers_get_one (options->headers, "Authorization"), ==, "Basic YTpi");
  g_assert_cmpuint (options->warnings->len, ==, 0);
}

/* Only where somebody else can read along. */
static void
test_plain_text_is_warned_of (void)
{
  static const struct {
    const char *address;
    gboolean warned;
  } cases[] = {
    { "ws://site.example/upload", TRUE },  { "http://192.0.2.1:80/", TRUE },      { "ws://localhost.example/", TRUE },
    { "wss://site.example/", FALSE },      { "site.example", FALSE },             { "https://site.example/", FALSE },
    { "ws://127.0.0.1:8642/", FALSE },     { "ws://[::1]:8642/upload", FALSE },   { "ws://localhost/", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *line = g_strconcat ("--header=Authorization:Basic ", cases[i].address, " a", NULL);
    g_autoptr (CliOptions) options = parse_good (line);

    g_test_message ("%s", line);
    g_assert_cmpuint (options->warnings->len, ==, cases[i].warned ? 1 : 0);
    if (cases[i].warned)
      g_assert_nonnull (strstr (g_ptr_array_index (options->warnings, 0), "wss://"));
  }
}

static void
test_pin (void)
{
  g_autoptr (CliOptions) options = parse_good ("--pin=" PIN " " TLS_SITE " a");
  g_autoptr (CliOptions) bare_host = parse_good ("--pin " PIN " site.example a");

  g_assert_cmpstr (options->pin, ==, bare_host->pin);
  g_assert_cmpuint (strlen (options->pin), ==, strlen ("01:") * 32 - 1);
}

static void
test_files_from_nothing (void)
{
  g_autoptr (CliOptions) options = parse_good ("--files-from=/dev/null " SITE);
  g_autoptr (CliOptions) with_files = parse_good ("--null --files-from=/dev/null " SITE " a b");
  g_autoptr (CliOptions) with_name = parse_good ("--name=x --files-from=/dev/null " SITE " a");

  g_assert_cmpuint (g_strv_length (options->files), ==, 0);
  g_assert_cmpuint (g_strv_length (with_files->files), ==, 2);
  g_assert_cmpstr (with_files->files[1], ==, "b");
  g_assert_cmpstr (with_name->files[0], ==, "a");
}

static void
test_files_with_dashes (void)
{
  g_autoptr (CliOptions) options = parse_good (SITE " -- -j3 --help -- -");
  g_autoptr (CliOptions) all_after = parse_good ("-q -- " SITE " --name");

  g_assert_cmpuint (g_strv_length (options->files), ==, 4);
  g_assert_cmpstr (options->files[0], ==, "-j3");
  g_assert_cmpstr (options->files[1], ==, "--help");
  g_assert_cmpstr (options->files[2], ==, "--");
  g_assert_cmpstr (options->files[3], ==, "-");
  g_assert_cmpuint (options->jobs, ==, CLI_DEFAULT_JOBS);

  g_assert_cmpstr (all_after->address, ==, SITE);
  g_assert_cmpstr (all_after->files[0], ==, "--name");
  g_assert_true (all_after->quiet);
}

static void
test_file_that_is_not_utf8 (void)
{
  const char *const arguments[] = { "galileosend-cli", SITE, "caf\351.txt", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (CliOptions) options = cli_options_parse (arguments, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (options->files[0], ==, "caf\351.txt");
}

static void
test_actions (void)
{
  g_autoptr (CliOptions) help = parse_good ("--help");
  g_autoptr (CliOptions) short_help = parse_good ("-h " SITE);
  g_autoptr (CliOptions) version = parse_good ("--version --jobs=0");
  g_autofree char *text = cli_options_get_help ();

  g_assert_cmpint (help->action, ==, CLI_ACTION_HELP);
  g_assert_cmpint (short_help->action, ==, CLI_ACTION_HELP);
  g_assert_cmpint (version->action, ==, CLI_ACTION_VERSION);
  g_assert_nonnull (strstr (text, "ADDRESS FILE…"));
  g_assert_nonnull (strstr (text, "--chunk-size=SIZE"));
}

static void
test_refused (void)
{
  static const struct {
    const char *line;
    const char *word; /* what the sentence has to name */
  } cases[] = {
    { "", "address" },
    { SITE, SITE },
    { "-q " SITE, SITE },
    { "-- " SITE, SITE },
    { SITE " ", "empty" },
    { SITE " a  b", "empty" },
    { "/etc/passwd /etc/group", "/etc/passwd" },
    { "-Z " SITE " a", "-Z" },
    { "--no-such-option " SITE " a", "--no-such-option" },
    { "--quiet=yes " SITE " a", "--quiet=yes" },
    { "--dry-run=no " SITE " a", "--dry-run" },
    { SITE " a --json=", "--json" },
    { "-5 " SITE " a", "-5" },
    { "-j0 " SITE " a", "--jobs" },
    { "-j 17 " SITE " a", "--jobs" },
    { "-j -1 " SITE " a", "--jobs" },
    { "--jobs=many " SITE " a", "many" },
    { "--jobs=3x " SITE " a", "3x" },
    { "--jobs= " SITE " a", "--jobs" },
    { "--jobs=1K " SITE " a", "1K" },
    { SITE " a --jobs", "--jobs" },
    { SITE " a -j", "-j" },
    { SITE " a --name", "--name" },
    { "--retries=-1 " SITE " a", "--retries" },
    { "--retries=often " SITE " a", "often" },
    { "--retries=1001 " SITE " a", "--retries" },
    { "--timeout=0 " SITE " a", "--timeout" },
    { "--timeout=-1 " SITE " a", "--timeout" },
    { "--timeout=soon " SITE " a", "soon" },
    { "--timeout=86401 " SITE " a", "--timeout" },
    { "--chunk-size=0 " SITE " a", "--chunk-size" },
    { "--chunk-size=-5 " SITE " a", "-5" },
    { "--chunk-size=big " SITE " a", "big" },
    { "--chunk-size=1X " SITE " a", "1X" },
    { "--chunk-size= " SITE " a", "--chunk-size" },
    { "--chunk-size=8388609 " SITE " a", "8388609" },
    { "--chunk-size=1G " SITE " a", "8M" },
    { "--hash=md5 " SITE " a", "md5" },
    { "--hash=SHA1 " SITE " a", "SHA1" },
    { "--hash= " SITE " a", "--hash" },
    { "--name=x " SITE " a b", "--name" },
    { "--name=x -r " SITE " a", "--recursive" },
    { "--name= " SITE " a", "--name" },
    { "--name=../x " SITE " a", "--name" },
    { "--name=a/b " SITE " a", "--name" },
    { "--name=a\\b " SITE " a", "--name" },
    { "--name=. " SITE " a", "--name" },
    { "--name=caf\351 " SITE " a", "--name" },
    { "--name=two\nlines " SITE " a", "--name" },
    { "--user=ada " SITE " a", "--user" },
    { "--login=http://127.0.0.1/login " SITE " a", "--login" },
    { "--password-file=/dev/null " SITE " a", "--password-file" },
    { "--limit-rate=1023 " SITE " a", "1023" },
    { "--limit-rate=0 " SITE " a", "1K" },
    { "--limit-rate=fast " SITE " a", "fast" },
    { "--limit-rate= " SITE " a", "--limit-rate" },
    { "--limit-rate=-1M " SITE " a", "-1M" },
    { "--limit-rate=99999999T " SITE " a", "99999999T" },
    { "--token-file=/dev/null " SITE " a", "/dev/null" },
    { "--token-file=/nowhere/token " SITE " a", "/nowhere/token" },
    { "--token-file= " SITE " a", "--token-file" },
    { "--token-file=/dev/null --header=authorization:x " SITE " a", "Authorization" },
    { "--header=X-Name " SITE " a", "--header" },
    { "--header=Host:x " SITE " a", "Host" },
    { "--header=A:1 --header=a:2 " SITE " a", "twice" },
    { "--ca-file=/dev/null " TLS_SITE " a", "/dev/null" },
    { "--ca-file=/nowhere/ca.pem " TLS_SITE " a", "/nowhere/ca.pem" },
    { "--ca-file=/etc/passwd " TLS_SITE " a", "no certificate" },
    { "--ca-file=/etc " TLS_SITE " a", "/etc" },
    { "--ca-file= " TLS_SITE " a", "--ca-file" },
    { "--ca-file=/etc/passwd " SITE " a", "wss://" },
    { "--pin=01:23 " TLS_SITE " a", "01:23" },
    { "--pin=" PIN " " SITE " a", "wss://" },
    { "--pin=" PIN " http://127.0.0.1/ a", "wss://" },
    { "--pin=" PIN " --ca-file=/etc/passwd " TLS_SITE " a", "--ca-file" },
    { "--files-from=/nowhere/list " SITE, "/nowhere/list" },
    { "--files-from=/dev/zero " SITE, "--null" },
    { "--files-from= " SITE, "--files-from" },
    { "--files-from=- --token-file=- " SITE, "standard input" },
    { "--files-from=/dev/null", "address" },
    { "--files-from=/dev/null --name=x " SITE, "exactly one" },
    { "--null " SITE " a", "--files-from" },
    { "--null=yes --files-from=- " SITE, "--null" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CliOptions) options = parse (cases[i].line, &error);
    g_autofree char *shown = g_strescape (cases[i].line, NULL);

    g_test_message ("%s", shown);
    g_assert_null (options);
    g_assert_nonnull (error);
    g_assert_true (error->domain == G_OPTION_ERROR);
    g_assert_nonnull (strstr (error->message, cases[i].word));
  }
}

static void
test_no_arguments (void)
{
  const char *const arguments[] = { "galileosend-cli", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (CliOptions) options = cli_options_parse (arguments, &error);

  g_assert_null (options);
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/options/defaults", test_defaults);
  g_test_add_func ("/cli/options/jobs", test_jobs);
  g_test_add_func ("/cli/options/values", test_values);
  g_test_add_func ("/cli/options/name", test_name);
  g_test_add_func ("/cli/options/rate-limit", test_rate_limit);
  g_test_add_func ("/cli/options/headers", test_headers);
  g_test_add_func ("/cli/options/plain-text-is-warned-of", test_plain_text_is_warned_of);
  g_test_add_func ("/cli/options/pin", test_pin);
  g_test_add_func ("/cli/options/files-from-nothing", test_files_from_nothing);
  g_test_add_func ("/cli/options/files-with-dashes", test_files_with_dashes);
  g_test_add_func ("/cli/options/file-that-is-not-utf8", test_file_that_is_not_utf8);
  g_test_add_func ("/cli/options/actions", test_actions);
  g_test_add_func ("/cli/options/refused", test_refused);
  g_test_add_func ("/cli/options/no-arguments", test_no_arguments);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-options.h"

#include "galileo/galileo-signal.h"

#include <string.h>

#define SITE "ws://127.0.0.1:8642/upload"

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
    { "--limit-rate=1M " SITE " a", "--limit-rate" },
    { "--user=ada " SITE " a", "--user" },
    { "--login=http://127.0.0.1/login " SITE " a", "--login" },
    { "--password-file=/dev/null " SITE " a", "--password-file" },
    { "--token-file=/dev/null " SITE " a", "--token-file" },
    { "--header=X-Name:value " SITE " a", "--header" },
    { "--ca-file=/dev/null " SITE " a", "--ca-file" },
    { "--files-from=/dev/null " SITE " a", "--files-from" },
    { "--null " SITE " a", "--null" },
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
  g_test_add_func ("/cli/options/files-with-dashes", test_files_with_dashes);
  g_test_add_func ("/cli/options/file-that-is-not-utf8", test_file_that_is_not_utf8);
  g_test_add_func ("/cli/options/actions", test_actions);
  g_test_add_func ("/cli/options/refused", test_refused);
  g_test_add_func ("/cli/options/no-arguments", test_no_arguments);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-options.h"

#include <glib/gstdio.h>
#include <string.h>

#define SITE "ws://127.0.0.1:8642/upload"

/* Splits a command line at each space, so that two make an empty argument. */
static CliOptions *
parse (const char *line, GError **error)
{
  g_autofree char *whole = g_strconcat ("galileosend-cli", *line != '\0' ? " " : "", line, NULL);
  g_auto (GStrv) arguments = g_strsplit (whole, " ", -1);

  return cli_options_parse ((const char *const *) arguments, error);
}

static CliOptions *
parse_good (const char *line)
{
  g_autoptr (GError) error = NULL;
  CliOptions *options = parse (line, &error);

  g_assert_no_error (error);
  g_assert_nonnull (options);
  g_assert_cmpint (options->action, ==, CLI_ACTION_QUEUE);
  g_assert_nonnull (options->queue);
  return options;
}

static void
test_commands (void)
{
  static const struct {
    const char *line;
    CliQueueCommand command;
    guint n_ids;
  } cases[] = {
    { "--queue", CLI_QUEUE_SHOW, 0 },
    { "--queue show", CLI_QUEUE_SHOW, 0 },
    { "--queue add " SITE " a", CLI_QUEUE_ADD, 0 },
    { "--queue pause", CLI_QUEUE_PAUSE, 0 },
    { "pause --queue 1 2", CLI_QUEUE_PAUSE, 2 },
    { "--queue resume", CLI_QUEUE_RESUME, 0 },
    { "--queue resume 9", CLI_QUEUE_RESUME, 1 },
    { "--queue retry-failed", CLI_QUEUE_RETRY_FAILED, 0 },
    { "--queue remove 1", CLI_QUEUE_REMOVE, 1 },
    { "--queue cancel 1 2 3", CLI_QUEUE_CANCEL, 3 },
    { "--queue move top 4 5", CLI_QUEUE_MOVE, 2 },
    { "--queue history", CLI_QUEUE_HISTORY, 0 },
    { "--queue -- history", CLI_QUEUE_HISTORY, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CliOptions) options = parse_good (cases[i].line);

    g_assert_cmpint (options->queue->command, ==, cases[i].command);
    g_assert_cmpuint (options->queue->ids->len, ==, cases[i].n_ids);
    g_assert_false (options->queue->json);
    g_assert_false (options->queue->csv);
    g_assert_false (options->queue->quiet);
  }
}

static void
test_ids (void)
{
  g_autoptr (CliOptions) options = parse_good ("--queue cancel 7 9223372036854775807 7");

  g_assert_cmpint (g_array_index (options->queue->ids, gint64, 0), ==, 7);
  g_assert_cmpint (g_array_index (options->queue->ids, gint64, 1), ==, G_MAXINT64);
  g_assert_cmpint (g_array_index (options->queue->ids, gint64, 2), ==, 7);
}

static void
test_add (void)
{
  g_autoptr (CliOptions) plain = parse_good ("--queue add " SITE " a b/c");
  g_autoptr (CliOptions) rule = parse_good ("--queue --same-name replace --json -q add " SITE " -- -a");

  g_assert_cmpstr (plain->queue->address, ==, SITE);
  g_assert_cmpuint (g_strv_length (plain->queue->files), ==, 2);
  g_assert_cmpstr (plain->queue->files[0], ==, "a");
  g_assert_cmpstr (plain->queue->files[1], ==, "b/c");
  g_assert_cmpstr (plain->queue->rule, ==, "site");
  g_assert_cmpstr (rule->queue->files[0], ==, "-a");
  g_assert_cmpstr (rule->queue->rule, ==, "replace");
  g_assert_true (rule->queue->json);
  g_assert_true (rule->queue->quiet);
}

static void
test_add_from_list (void)
{
  g_autofree char *path = NULL;
  g_autofree char *line = NULL;
  g_autoptr (CliOptions) options = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents ("queue-names", "one\0two\0", 8, &error));
  path = g_canonicalize_filename ("queue-names", NULL);
  line = g_strdup_printf ("--queue add --null --files-from=queue-names %s zero", SITE);
  options = parse_good (line);
  g_assert_cmpuint (g_strv_length (options->queue->files), ==, 3);
  g_assert_cmpstr (options->queue->files[0], ==, "zero");
  g_assert_cmpstr (options->queue->files[2], ==, "two");
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
test_move_and_history (void)
{
  g_autoptr (CliOptions) move = parse_good ("--queue move down 3");
  g_autoptr (CliOptions) all = parse_good ("--queue history --csv");
  g_autoptr (CliOptions) some = parse_good ("--queue history choir");

  g_assert_cmpstr (move->queue->place, ==, "down");
  g_assert_cmpstr (all->queue->text, ==, "");
  g_assert_true (all->queue->csv);
  g_assert_cmpstr (some->queue->text, ==, "choir");
}

/* Each with a word of the sentence that says so. */
static void
test_refused (void)
{
  static const struct {
    const char *line;
    const char *word;
  } cases[] = {
    { "--queue frobnicate", "“frobnicate” is no command" },
    { "--queue " SITE " a", "is no command" },
    { "--queue show 1", "--queue show" },
    { "--queue retry-failed 1", "--queue retry-failed" },
    { "--queue remove", "remove ID…" },
    { "--queue cancel", "cancel ID…" },
    { "--queue cancel x", "“x” is no number" },
    { "--queue pause 0", "“0” is no number" },
    { "--queue pause 1.5", "“1.5” is no number" },
    { "--queue pause 9223372036854775808", "is no number" },
    { "--queue move top", "move PLACE ID…" },
    { "--queue move 1 top", "PLACE is" },
    { "--queue history a b", "history [TEXT]" },
    { "--queue add", "add ADDRESS FILE…" },
    { "--queue add " SITE, "files to add are missing" },
    { "--queue add " SITE " ", "empty name" },
    { "--queue add gopher://x a", "gopher" },
    { "--queue add --same-name=ask " SITE " a", "not “ask”" },
    { "--queue add --null " SITE " a", "--null tells" },
    { "--queue show --same-name=skip", "--same-name goes with --queue add only" },
    { "--queue show --files-from=x", "--files-from goes with --queue add only" },
    { "--queue pause --null", "--null goes with --queue add only" },
    { "--queue show --csv", "--csv goes with --queue history only" },
    { "--queue history --csv --json", "exclude each other" },
    { "--queue -j3", "--jobs does nothing" },
    { "--queue --recursive add " SITE " a", "--recursive does nothing" },
    { "--queue --name=b add " SITE " a", "--name does nothing" },
    { "--queue --chunk-size=1", "--chunk-size does nothing" },
    { "--queue --hash=sha1", "--hash does nothing" },
    { "--queue --retries=1", "--retries does nothing" },
    { "--queue --timeout=1", "--timeout does nothing" },
    { "--queue --limit-rate=1M", "--limit-rate does nothing" },
    { "--queue --token-file=x", "--token-file does nothing" },
    { "--queue --header=X:y", "--header does nothing" },
    { "--queue --ca-file=x", "--ca-file does nothing" },
    { "--queue --pin=x", "--pin does nothing" },
    { "--queue --dry-run", "--dry-run does nothing" },
    { "--queue=yes", "--queue takes no value" },
    { "--csv=yes " SITE " a", "--csv takes no value" },
    { "--csv " SITE " a", "--csv goes with --queue only" },
    { "--same-name=skip " SITE " a", "--same-name goes with --queue only" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CliOptions) options = parse (cases[i].line, &error);

    g_assert_null (options);
    g_assert_nonnull (error);
    if (strstr (error->message, cases[i].word) == NULL)
      g_error ("“%s”: %s", cases[i].line, error->message);
  }
}

/* Without --queue, its commands are an address and files like any other. */
static void
test_not_asked (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CliOptions) options = parse ("show a", &error);

  g_assert_no_error (error);
  g_assert_cmpint (options->action, ==, CLI_ACTION_SEND);
  g_assert_null (options->queue);
  g_assert_cmpstr (options->address, ==, "show");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/queue-options/commands", test_commands);
  g_test_add_func ("/cli/queue-options/ids", test_ids);
  g_test_add_func ("/cli/queue-options/add", test_add);
  g_test_add_func ("/cli/queue-options/add-from-list", test_add_from_list);
  g_test_add_func ("/cli/queue-options/move-and-history", test_move_and_history);
  g_test_add_func ("/cli/queue-options/refused", test_refused);
  g_test_add_func ("/cli/queue-options/not-asked", test_not_asked);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-interrupt.h"
#include "cli-json.h"
#include "cli-lines.h"
#include "cli-options.h"
#include "cli-output.h"
#include "cli-queue.h"
#include "cli-run.h"
#include "cli-text.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define EXIT_INTERRUPTED 130

static int
show_usage_error (const GError *error)
{
  g_autofree char *safe = cli_text_escape (error->message);
  g_autofree char *line = g_strdup_printf ("galileosend-cli: %s\n", safe);

  cli_output_write (CLI_OUTPUT_NOTES, line);
  return EXIT_USAGE;
}

static void
show_warnings (const CliOptions *options)
{
  for (guint i = 0; i < options->warnings->len && !options->quiet; i++) {
    g_autofree char *safe = cli_text_escape (g_ptr_array_index (options->warnings, i));
    g_autofree char *line = g_strdup_printf ("galileosend-cli: %s\n", safe);

    cli_output_write (CLI_OUTPUT_NOTES, line);
  }
}

static CliReport *
new_report (const CliOptions *options)
{
  if (options->json)
    return cli_json_new ();
  if (options->quiet)
    return cli_lines_new (CLI_LINES_ERRORS);
  return cli_lines_new (options->dry_run ? CLI_LINES_DRY_RUN : CLI_LINES_ALL);
}

static gboolean
interrupted_cb (gpointer user_data)
{
  cli_run_interrupt (user_data);
  return G_SOURCE_REMOVE;
}

static int
send_files (const CliOptions *options)
{
  g_autoptr (CliReport) report = new_report (options);
  g_autoptr (CliRun) run = cli_run_new (options, report);
  int status;

  show_warnings (options);
  cli_interrupt_watch (interrupted_cb, run);
  status = cli_run_execute (run);

  /* An upload that did not end when it was cancelled must not hold the process up. */
  if (status == EXIT_INTERRUPTED)
    _exit (status);

  return status;
}

int
main (int argc, char **argv)
{
  g_autoptr (CliOptions) options = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *help = NULL;

  cli_output_init ();

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("galileosend-cli");

  options = cli_options_parse ((const char *const *) argv, &error);
  if (options == NULL)
    return show_usage_error (error);

  switch (options->action) {
  case CLI_ACTION_HELP:
    help = cli_options_get_help ();
    cli_output_write (CLI_OUTPUT_RESULTS, help);
    return 0;
  case CLI_ACTION_VERSION:
    cli_output_write (CLI_OUTPUT_RESULTS, "galileosend-cli " GALILEO_VERSION "\n");
    return 0;
  case CLI_ACTION_QUEUE:
    return cli_queue_execute (options->queue);
  case CLI_ACTION_SEND:
  default:
    return send_files (options);
  }
}

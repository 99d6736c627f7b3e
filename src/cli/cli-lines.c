/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-lines.h"

#include "cli-progress.h"
#include "cli-text.h"
#include "galileo/galileo-error.h"

#include <glib/gi18n.h>

/* A name cut shorter says nothing. */
#define MIN_NAME_COLUMNS 14

/* Less is no measure of speed. */
#define MIN_SPEED_SECONDS 0.05
#define MIN_SPEED_BYTES 65536

struct _CliLines {
  CliReport parent_instance;

  /* owned */
  CliProgress *bars; /* or NULL */
  char *site;
  char *site_error; /* the last sentence about the site */
  char *site_retry;

  CliLinesMode mode;
};

G_DEFINE_FINAL_TYPE (CliLines, cli_lines, CLI_TYPE_REPORT)

/* Takes the line. */
static void
print_line (CliLines *self, CliOutput output, char *line)
{
  g_autofree char *owned = line;
  g_autofree char *terminated = NULL;

  if (self->bars != NULL) {
    cli_progress_print (self->bars, output, owned);
    return;
  }

  terminated = g_strconcat (owned, "\n", NULL);
  cli_output_write (output, terminated);
}

/* The sign before a result, in letters where the locale has no better. */
static const char *
get_mark (gboolean good)
{
  if (!g_get_charset (NULL))
    return good ? "ok:" : "failed:";

  return good ? "✓" : "✗";
}

static gboolean
wants_bars (void)
{
  return cli_output_is_terminal (CLI_OUTPUT_NOTES) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0 &&
         g_getenv ("TERM") != NULL;
}

static void
cli_lines_begin (CliReport *report, const char *site)
{
  CliLines *self = CLI_LINES (report);

  g_free (self->site);
  self->site = cli_text_escape (site);
}

static void
cli_lines_would_send (CliReport *report, const char *file, const char *name, guint64 size)
{
  CliLines *self = CLI_LINES (report);
  g_autofree char *safe_file = cli_text_escape (file);
  g_autofree char *safe_name = cli_text_escape (name);
  g_autofree char *size_text = g_format_size (size);

  if (self->mode != CLI_LINES_ERRORS)
    /* Translators: name at the site, size, path of the file */
    print_line (self,
                CLI_OUTPUT_RESULTS,
                g_strdup_printf (_("%s  %s  from %s"), safe_name, size_text, safe_file));
}

static void
cli_lines_repeated (CliReport *report, const char *file)
{
  CliLines *self = CLI_LINES (report);
  g_autofree char *safe_file = cli_text_escape (file);

  if (self->mode != CLI_LINES_ERRORS)
    print_line (self,
                CLI_OUTPUT_NOTES,
                g_strdup_printf (_("%s: This file is named twice; it is sent once"), safe_file));
}

static void
cli_lines_started (CliReport *report, const char *file, GalileoItem *item, guint64 size)
{
  CliLines *self = CLI_LINES (report);

  if (self->mode == CLI_LINES_ERRORS)
    return;

  if (self->bars == NULL && wants_bars ())
    self->bars = cli_progress_new (cli_report_get_tally (report));
  if (self->bars != NULL)
    cli_progress_add (self->bars, item);
}

static void
cli_lines_error_signal (CliReport *report,
                        const char *file,
                        GalileoItem *item,
                        const GalileoSignal *signal)
{
  CliLines *self = CLI_LINES (report);
  g_autofree char *message = NULL;
  g_autofree char *safe_file = NULL;
  g_autofree char *safe_message = NULL;

  /* A fatal one is the reason that the failure will give. */
  if (self->mode == CLI_LINES_ERRORS || galileo_signal_get_fatal (signal))
    return;

  message = galileo_signal_dup_message (signal);
  safe_file = cli_text_escape (file);
  safe_message = cli_text_escape (message);
  print_line (self,
              CLI_OUTPUT_NOTES,
              g_strdup_printf (_("%s: The site says: %s"), safe_file, safe_message));
}

static void
cli_lines_retry (CliReport *report, const char *file, GalileoItem *item, double delay)
{
  CliLines *self = CLI_LINES (report);
  const GError *error = galileo_item_get_error (item);
  guint attempt = galileo_item_get_attempt (item) + 1;
  g_autofree char *safe_reason = NULL;
  g_autofree char *safe_file = NULL;
  char *line;

  if (self->bars != NULL)
    cli_progress_remove (self->bars, item);
  if (self->mode == CLI_LINES_ERRORS || error == NULL)
    return;

  safe_reason = cli_text_escape (error->message);
  if (galileo_error_is_about_site (error)) {
    g_autofree char *key = g_strdup_printf ("%u %s", attempt, safe_reason);

    /* Each running upload meets the same trouble; once is enough. */
    if (g_strcmp0 (key, self->site_retry) == 0)
      return;
    g_free (self->site_retry);
    self->site_retry = g_steal_pointer (&key);
    safe_file = g_strdup (self->site);
  } else {
    safe_file = cli_text_escape (file);
  }

  /* Translators: file or site, reason, number of the next attempt, seconds */
  line = g_strdup_printf (_("%s: %s; attempt %u follows in %.1f s"),
                          safe_file,
                          safe_reason,
                          attempt,
                          delay);
  print_line (self, CLI_OUTPUT_NOTES, line);
}

/*
 * What is worth knowing about a file that the site has, with its name, in so many columns if there
 * is that little room; the name is cut, the last details left out.
 */
static char *
describe_success (GalileoItem *item, guint columns)
{
  g_autofree char *name = cli_text_escape (galileo_item_get_name (item));
  guint64 size = (guint64) MAX (galileo_item_get_size (item), 0);
  double seconds = galileo_item_get_seconds (item);
  g_autofree char *size_text = g_format_size (size);
  g_autofree char *speed = seconds >= MIN_SPEED_SECONDS && size >= MIN_SPEED_BYTES ?
                               cli_text_speed ((double) size / seconds) :
                               NULL;
  const char *const details[] = {
    size_text,
    speed,
    /* Only the site's own word makes it verified. */
    galileo_item_get_verified (item)     ? _("verified by the site") :
    galileo_item_get_hash (item) != NULL ? _("checksum sent") :
                                           NULL,
  };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *short_name = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (details); i++) {
    if (details[i] == NULL)
      continue;
    if (cli_text_width (text->str) + 2 + cli_text_width (details[i]) + MIN_NAME_COLUMNS > columns)
      break;
    g_string_append_printf (text, "  %s", details[i]);
  }

  short_name = cli_text_cut (name, MAX (columns, MIN_NAME_COLUMNS) - cli_text_width (text->str));
  g_string_prepend (text, short_name);

  /* Nobody can use half an address. */
  if (galileo_item_get_url (item) != NULL) {
    g_autofree char *url = cli_text_escape (galileo_item_get_url (item));

    g_string_append_printf (text, "  %s", url);
  }

  return g_strdup (text->str);
}

static void
cli_lines_success (CliReport *report, const char *file, GalileoItem *item)
{
  CliLines *self = CLI_LINES (report);
  const char *mark = get_mark (TRUE);
  g_autofree char *text = NULL;
  guint columns;
  guint rows;

  if (self->mode == CLI_LINES_ERRORS)
    return;

  /* In a file or a pipe everything is whole. */
  if (!cli_output_is_terminal (CLI_OUTPUT_RESULTS) ||
      !cli_output_get_size (CLI_OUTPUT_RESULTS, &columns, &rows))
    columns = G_MAXINT;

  text = describe_success (item, columns - MIN (columns, cli_text_width (mark) + 1));
  print_line (self, CLI_OUTPUT_RESULTS, g_strdup_printf ("%s %s", mark, text));
}

static void
cli_lines_failure (CliReport *report, const CliFailure *failure)
{
  CliLines *self = CLI_LINES (report);
  g_autofree char *safe_reason = NULL;
  g_autofree char *safe_file = NULL;

  /* Who interrupts knows why, and the summary counts. */
  if (g_error_matches (failure->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  safe_reason = cli_text_escape (failure->error->message);

  /* A site that takes nothing is one trouble, not one for each file. */
  if (galileo_error_is_about_site (failure->error) &&
      cli_report_get_tally (report)->n_succeeded == 0) {
    if (g_strcmp0 (safe_reason, self->site_error) == 0)
      return;
    g_free (self->site_error);
    self->site_error = g_strdup (safe_reason);
    safe_file = g_strdup (self->site);
  } else {
    safe_file = cli_text_escape (failure->file);
  }

  print_line (self,
              CLI_OUTPUT_NOTES,
              g_strdup_printf ("%s %s: %s", get_mark (FALSE), safe_file, safe_reason));
}

static void
cli_lines_ended (CliReport *report, GalileoItem *item)
{
  CliLines *self = CLI_LINES (report);

  if (self->bars != NULL)
    cli_progress_remove (self->bars, item);
}

static void
cli_lines_interrupted (CliReport *report)
{
  CliLines *self = CLI_LINES (report);

  if (self->mode != CLI_LINES_ERRORS)
    print_line (self, CLI_OUTPUT_NOTES, g_strdup (_("Interrupted; ending the uploads")));
}

static void
cli_lines_summary (CliReport *report)
{
  CliLines *self = CLI_LINES (report);
  const CliTally *tally = cli_report_get_tally (report);
  guint n_planned = tally->n_files - tally->n_failed;
  g_autofree char *size = NULL;
  GString *text;

  if (self->bars != NULL) {
    cli_progress_stop (self->bars);
    g_clear_object (&self->bars);
  }

  if (self->mode == CLI_LINES_ERRORS)
    return;

  if (tally->n_files == 0) {
    print_line (self, CLI_OUTPUT_NOTES, g_strdup (_("There are no files to send")));
    return;
  }

  /* A single file's own line has said it all. */
  if (tally->n_files == 1 && !tally->interrupted && self->mode == CLI_LINES_ALL)
    return;

  size = g_format_size (self->mode == CLI_LINES_DRY_RUN ? tally->size : tally->confirmed);
  text = g_string_new (NULL);
  if (self->mode == CLI_LINES_DRY_RUN) {
    g_string_append_printf (
        text,
        ngettext ("%u file (%s) would go to %s", "%u files (%s) would go to %s", n_planned),
        n_planned,
        size,
        self->site);
    if (tally->n_failed > 0)
      g_string_append_printf (
          text, ngettext (", %u can't", ", %u can't", tally->n_failed), tally->n_failed);
  } else {
    double seconds = (double) (g_get_monotonic_time () - tally->start_time) / G_USEC_PER_SEC;
    g_autofree char *duration = seconds < 60.0 ? g_strdup_printf (_("%.1f s"), seconds) :
                                                 cli_text_duration ((gint64) seconds);
    guint n_tried = tally->n_failed - tally->n_untried - tally->n_interrupted;

    if (tally->n_succeeded > 0)
      g_string_append_printf (text,
                              ngettext ("%u file confirmed by the site (%s in %s)",
                                        "%u files confirmed by the site (%s in %s)",
                                        tally->n_succeeded),
                              tally->n_succeeded,
                              size,
                              duration);
    else
      g_string_append (text, _("No file was sent"));
    if (n_tried > 0)
      g_string_append_printf (text, ngettext (", %u failed", ", %u failed", n_tried), n_tried);
    if (tally->n_untried > 0)
      g_string_append_printf (
          text, ngettext (", %u not tried", ", %u not tried", tally->n_untried), tally->n_untried);
    if (tally->n_interrupted > 0)
      g_string_append_printf (
          text,
          ngettext (", %u interrupted", ", %u interrupted", tally->n_interrupted),
          tally->n_interrupted);
  }

  print_line (self, CLI_OUTPUT_NOTES, g_string_free (text, FALSE));
}

static void
cli_lines_dispose (GObject *object)
{
  CliLines *self = CLI_LINES (object);

  g_clear_object (&self->bars);
  g_clear_pointer (&self->site, g_free);
  g_clear_pointer (&self->site_error, g_free);
  g_clear_pointer (&self->site_retry, g_free);

  G_OBJECT_CLASS (cli_lines_parent_class)->dispose (object);
}

static void
cli_lines_class_init (CliLinesClass *klass)
{
  CliReportClass *report_class = CLI_REPORT_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cli_lines_dispose;

  report_class->begin = cli_lines_begin;
  report_class->would_send = cli_lines_would_send;
  report_class->repeated = cli_lines_repeated;
  report_class->started = cli_lines_started;
  report_class->error_signal = cli_lines_error_signal;
  report_class->retry = cli_lines_retry;
  report_class->success = cli_lines_success;
  report_class->failure = cli_lines_failure;
  report_class->ended = cli_lines_ended;
  report_class->interrupted = cli_lines_interrupted;
  report_class->summary = cli_lines_summary;
}

static void
cli_lines_init (CliLines *self)
{
}

CliReport *
cli_lines_new (CliLinesMode mode)
{
  CliLines *self = g_object_new (CLI_TYPE_LINES, NULL);

  self->mode = mode;
  return CLI_REPORT (self);
}

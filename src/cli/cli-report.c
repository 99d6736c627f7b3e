/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli-report.h"

typedef struct {
  const CliTally *tally; /* borrowed from the run, which outlives us */
} CliReportPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (CliReport, cli_report, G_TYPE_OBJECT)

#define EMIT(self, method, ...)                                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    CliReportClass *klass;                                                                         \
                                                                                                   \
    g_return_if_fail (CLI_IS_REPORT (self));                                                       \
                                                                                                   \
    klass = CLI_REPORT_GET_CLASS (self);                                                           \
    if (klass->method != NULL)                                                                     \
      klass->method (__VA_ARGS__);                                                                 \
  }                                                                                                \
  G_STMT_END

static void
cli_report_class_init (CliReportClass *klass)
{
}

static void
cli_report_init (CliReport *self)
{
}

/* What a script learns. An interrupted batch is told apart even where nothing was left to do. */
int
cli_tally_get_exit_status (const CliTally *tally)
{
  if (tally->interrupted)
    return 130;
  if (tally->n_failed == 0)
    return 0;
  if (tally->n_succeeded == 0 && tally->n_failed_site == tally->n_failed)
    return 3;
  return 1;
}

const CliTally *
cli_report_get_tally (CliReport *self)
{
  CliReportPrivate *priv = cli_report_get_instance_private (self);

  g_return_val_if_fail (CLI_IS_REPORT (self), NULL);

  return priv->tally;
}

void
cli_report_set_tally (CliReport *self, const CliTally *tally)
{
  CliReportPrivate *priv = cli_report_get_instance_private (self);

  g_return_if_fail (CLI_IS_REPORT (self));

  priv->tally = tally;
}

/* The batch begins; @site is the address, fit for people. */
void
cli_report_begin (CliReport *self, const char *site)
{
  EMIT (self, begin, self, site);
}

void
cli_report_would_send (CliReport *self, const char *file, const char *name, guint64 size)
{
  EMIT (self, would_send, self, file, name, size);
}

/* The same file came up a second time, and goes once. */
void
cli_report_repeated (CliReport *self, const char *file)
{
  EMIT (self, repeated, self, file);
}

/* An attempt begins. @size is what the file had when it was found: the item does not know before
 * the file is open. */
void
cli_report_started (CliReport *self, const char *file, GalileoItem *item, guint64 size)
{
  EMIT (self, started, self, file, item, size);
}

void
cli_report_progress (CliReport *self, const char *file, GalileoItem *item)
{
  EMIT (self, progress, self, file, item);
}

void
cli_report_error_signal (CliReport *self,
                         const char *file,
                         GalileoItem *item,
                         const GalileoSignal *signal)
{
  EMIT (self, error_signal, self, file, item, signal);
}

void
cli_report_retry (CliReport *self, const char *file, GalileoItem *item, double delay)
{
  EMIT (self, retry, self, file, item, delay);
}

void
cli_report_success (CliReport *self, const char *file, GalileoItem *item)
{
  EMIT (self, success, self, file, item);
}

void
cli_report_failure (CliReport *self, const CliFailure *failure)
{
  EMIT (self, failure, self, failure);
}

/* The item is over, whether it succeeded, failed or was cancelled. */
void
cli_report_ended (CliReport *self, GalileoItem *item)
{
  EMIT (self, ended, self, item);
}

void
cli_report_interrupted (CliReport *self)
{
  EMIT (self, interrupted, self);
}

void
cli_report_summary (CliReport *self)
{
  EMIT (self, summary, self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-item.h"

G_BEGIN_DECLS

/* Where the whole batch is. */
typedef struct {
  gboolean looking;     /* more files may be found */
  gboolean interrupted;
  guint n_files;        /* found so far; each ends as succeeded or failed */
  guint n_succeeded;
  guint n_failed;
  guint n_failed_site;  /* of these: because of the site, not the file */
  guint n_untried;      /* of these: not even tried, as the site takes nothing */
  guint n_interrupted;  /* of these: cut off, or not begun, when the user interrupted */
  guint64 size;         /* bytes of what has not failed */
  guint64 confirmed;    /* bytes of what succeeded */
  gint64 start_time;    /* monotonic µs */
} CliTally;

int cli_tally_get_exit_status (const CliTally *tally);

/* How one file failed. */
typedef struct {
  const char *file;     /* as the user would write it; may be no UTF-8 */
  const GError *error;
  GPtrArray *signals;   /* of GalileoSignal; or NULL */
} CliFailure;

#define CLI_TYPE_REPORT (cli_report_get_type ())

/*
 * Tells the user, or the script, what happens. Each kind of output is a subclass; what one leaves out it
 * does not tell.
 */
G_DECLARE_DERIVABLE_TYPE (CliReport, cli_report, CLI, REPORT, GObject)

struct _CliReportClass {
  GObjectClass parent_class;

  void (*begin)        (CliReport           *self,
                        const char          *site);
  void (*would_send)   (CliReport           *self,
                        const char          *file,
                        const char          *name,
                        guint64              size);
  void (*repeated)     (CliReport           *self,
                        const char          *file);
  void (*started)      (CliReport           *self,
                        const char          *file,
                        GalileoItem         *item,
                        guint64              size);
  void (*progress)     (CliReport           *self,
                        const char          *file,
                        GalileoItem         *item);
  void (*error_signal) (CliReport           *self,
                        const char          *file,
                        GalileoItem         *item,
                        const GalileoSignal *signal);
  void (*retry)        (CliReport           *self,
                        const char          *file,
                        GalileoItem         *item,
                        double               delay);
  void (*success)      (CliReport           *self,
                        const char          *file,
                        GalileoItem         *item);
  void (*failure)      (CliReport           *self,
                        const CliFailure    *failure);
  void (*ended)        (CliReport           *self,
                        GalileoItem         *item);
  void (*interrupted)  (CliReport           *self);
  void (*summary)      (CliReport           *self);
};

const CliTally *cli_report_get_tally    (CliReport           *self);
void            cli_report_set_tally    (CliReport           *self,
                                         const CliTally      *tally);

void            cli_report_begin        (CliReport           *self,
                                         const char          *site);
void            cli_report_would_send   (CliReport           *self,
                                         const char          *file,
                                         const char          *name,
                                         guint64              size);
void            cli_report_repeated     (CliReport           *self,
                                         const char          *file);
void            cli_report_started      (CliReport           *self,
                                         const char          *file,
                                         GalileoItem         *item,
                                         guint64              size);
void            cli_report_progress     (CliReport           *self,
                                         const char          *file,
                                         GalileoItem         *item);
void            cli_report_error_signal (CliReport           *self,
                                         const char          *file,
                                         GalileoItem         *item,
                                         const GalileoSignal *signal);
void            cli_report_retry        (CliReport           *self,
                                         const char          *file,
                                         GalileoItem         *item,
                                         double               delay);
void            cli_report_success      (CliReport           *self,
                                         const char          *file,
                                         GalileoItem         *item);
void            cli_report_failure      (CliReport           *self,
                                         const CliFailure    *failure);
void            cli_report_ended        (CliReport           *self,
                                         GalileoItem         *item);
void            cli_report_interrupted  (CliReport           *self);
void            cli_report_summary      (CliReport           *self);

G_END_DECLS

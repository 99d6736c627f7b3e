/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-report.h"

static void
test_exit_status (void)
{
  static const struct {
    CliTally tally;
    int status;
  } cases[] = {
    { { .n_files = 0 }, 0 },
    { { .n_files = 2, .n_succeeded = 2 }, 0 },
    { { .n_files = 2, .n_succeeded = 1, .n_failed = 1 }, 1 },
    { { .n_files = 1, .n_failed = 1 }, 1 },
    /* The site took one, so it is not the site. */
    { { .n_files = 2, .n_succeeded = 1, .n_failed = 1, .n_failed_site = 1 }, 1 },
    /* A missing file would not have gone through anyhow. */
    { { .n_files = 2, .n_failed = 2, .n_failed_site = 1 }, 1 },
    { { .n_files = 2, .n_failed = 2, .n_failed_site = 2 }, 3 },
    { { .n_files = 2, .n_failed = 2, .n_failed_site = 2, .interrupted = TRUE }, 130 },
    { { .n_files = 2, .n_succeeded = 1, .n_failed = 1, .interrupted = TRUE }, 130 },
    { { .n_files = 2, .n_succeeded = 2, .interrupted = TRUE }, 130 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (cli_tally_get_exit_status (&cases[i].tally), ==, cases[i].status);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/report/exit-status", test_exit_status);

  return g_test_run ();
}

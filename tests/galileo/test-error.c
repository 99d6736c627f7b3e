/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-error.h"

#include <gio/gio.h>

static void
test_kinds (void)
{
  static const struct {
    GalileoError code;
    gboolean transient;
    gboolean about_site;
  } rows[] = {
    { GALILEO_ERROR_ADDRESS, FALSE, TRUE },
    { GALILEO_ERROR_NAME, FALSE, FALSE },
    { GALILEO_ERROR_FILE, FALSE, FALSE },
    { GALILEO_ERROR_CHANGED, FALSE, FALSE },
    { GALILEO_ERROR_GREW, FALSE, FALSE },
    { GALILEO_ERROR_SHRANK, FALSE, FALSE },
    { GALILEO_ERROR_REPLACED, FALSE, FALSE },
    { GALILEO_ERROR_VANISHED, FALSE, FALSE },
    { GALILEO_ERROR_CONNECT, TRUE, TRUE },
    { GALILEO_ERROR_TLS, FALSE, TRUE },
    { GALILEO_ERROR_UNAUTHORIZED, FALSE, TRUE },
    { GALILEO_ERROR_HANDSHAKE, FALSE, TRUE },
    { GALILEO_ERROR_UNAVAILABLE, TRUE, TRUE },
    { GALILEO_ERROR_PROTOCOL, FALSE, FALSE },
    { GALILEO_ERROR_MESSAGE_TOO_BIG, FALSE, FALSE },
    { GALILEO_ERROR_REFUSED, FALSE, FALSE },
    { GALILEO_ERROR_CLOSED_EARLY, FALSE, FALSE },
    { GALILEO_ERROR_INTERRUPTED, TRUE, FALSE },
    { GALILEO_ERROR_UNCONFIRMED, TRUE, FALSE },
    { GALILEO_ERROR_STALLED, TRUE, FALSE },
  };
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = g_error_new_literal (GALILEO_ERROR, (int) rows[i].code, "");

    g_test_message ("code %d", (int) rows[i].code);
    g_assert_cmpint (galileo_error_is_transient (error), ==, rows[i].transient);
    g_assert_cmpint (galileo_error_is_about_site (error), ==, rows[i].about_site);
    g_assert_cmpint (galileo_error_is_changed_file (error),
                     ==,
                     rows[i].code >= GALILEO_ERROR_CHANGED && rows[i].code <= GALILEO_ERROR_VANISHED);
  }

  g_assert_false (galileo_error_is_transient (cancelled));
  g_assert_false (galileo_error_is_about_site (cancelled));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/error/kinds", test_kinds);

  return g_test_run ();
}

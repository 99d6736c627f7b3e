/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-trust.h"

#include <string.h>

#define PIN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_pin (void)
{
  static const char *const texts[] = {
    PIN,
    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
    "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:ab:cd:ef",
    " 01 23 45 67 89 AB CD EF 01 23 45 67 89 AB CD EF 01 23 45 67 89 AB CD EF 01 23 45 67 89 ab cd ef ",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *pin = cli_trust_parse_pin (texts[i], &error);

    g_assert_no_error (error);
    g_assert_cmpstr (pin, ==, PIN);
  }
}

static void
test_pin_refused (void)
{
  static const char *const texts[] = {
    "",
    ":",
    "0123",
    PIN "0",
    PIN "00",
    PIN "x",
    "x123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    /* One digit less, and SHA-1. */
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
    "0123456789abcdef0123456789abcdef01234567",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *pin = cli_trust_parse_pin (texts[i], &error);

    g_assert_null (pin);
    g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    g_assert_nonnull (strstr (error->message, "--pin"));
    g_assert_nonnull (strstr (error->message, texts[i]));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/trust/pin", test_pin);
  g_test_add_func ("/cli/trust/pin-refused", test_pin_refused);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-fingerprint.h"

#include <string.h>

#define DIGITS "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define PRETTY \
  "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

static void
test_parse (void)
{
  const char *good[] = { DIGITS, PRETTY, "  " DIGITS "\n", "0 01:1 2233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF" };
  const char *bad[] = { "", ":", "00", DIGITS "0", DIGITS "00", "g0" DIGITS, "SHA256:" DIGITS, "ü" DIGITS };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autofree char *fingerprint = galileo_fingerprint_parse (good[i]);

    g_assert_cmpstr (fingerprint, ==, PRETTY);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (galileo_fingerprint_parse (bad[i]));
}

/* What `openssl x509 -fingerprint -sha256` says of this certificate. */
static void
test_certificate (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "galileo", "certificate.pem", NULL);
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, NULL);
  g_autofree char *fingerprint = NULL;
  g_autofree char *expected = NULL;

  g_assert_true (G_IS_TLS_CERTIFICATE (certificate));
  g_assert_true (g_file_get_contents (path, &expected, NULL, NULL));
  *strchr (expected, '\n') = '\0';
  fingerprint = galileo_fingerprint_for_certificate (certificate);
  g_assert_cmpstr (fingerprint, ==, expected);
  g_assert_true (galileo_fingerprint_matches (fingerprint, certificate));
  g_assert_false (galileo_fingerprint_matches (PRETTY, certificate));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fingerprint/parse", test_parse);
  g_test_add_func ("/fingerprint/certificate", test_certificate);

  return g_test_run ();
}

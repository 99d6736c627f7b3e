/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-fingerprint.h"

#include <string.h>

/* Bytes of a SHA-256, and the letters that it is written with: two a byte, a colon between. */
#define N_BYTES 32
#define LENGTH (3 * N_BYTES - 1)

/**
 * galileo_fingerprint_parse:
 * @text: what a person typed or pasted
 *
 * Reads the SHA-256 fingerprint of a certificate: 64 hexadecimal digits of either letter case; colons and spaces between
 * them don't count.
 *
 * Returns: (transfer full) (nullable): the fingerprint as [func@fingerprint_for_certificate] writes it, or %NULL if @text
 *   is none
 */
char *
galileo_fingerprint_parse (const char *text)
{
  g_autoptr (GString) fingerprint = g_string_sized_new (LENGTH);
  guint n_digits = 0;

  g_return_val_if_fail (text != NULL, NULL);

  for (const char *at = text; *at != '\0'; at++) {
    if (*at == ':' || g_ascii_isspace (*at))
      continue;
    if (!g_ascii_isxdigit (*at) || n_digits == 2 * N_BYTES)
      return NULL;

    if (n_digits > 0 && n_digits % 2 == 0)
      g_string_append_c (fingerprint, ':');
    g_string_append_c (fingerprint, g_ascii_toupper (*at));
    n_digits++;
  }

  return n_digits == 2 * N_BYTES ? g_string_free (g_steal_pointer (&fingerprint), FALSE) : NULL;
}

/**
 * galileo_fingerprint_for_certificate:
 * @certificate: a certificate
 *
 * Writes the SHA-256 fingerprint of a certificate, that of its DER form: upper-case hexadecimal digits, with a colon
 * after each two, as browsers and `openssl x509 -fingerprint -sha256` show it.
 *
 * Returns: (transfer full): the fingerprint
 */
char *
galileo_fingerprint_for_certificate (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *digest = NULL;

  g_return_val_if_fail (G_IS_TLS_CERTIFICATE (certificate), NULL);

  g_object_get (certificate, "certificate", &der, NULL);
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);

  return galileo_fingerprint_parse (digest);
}

/* fingerprint: as galileo_fingerprint_parse() gives it. */
gboolean
galileo_fingerprint_matches (const char *fingerprint, GTlsCertificate *certificate)
{
  g_autofree char *actual = galileo_fingerprint_for_certificate (certificate);

  return strcmp (actual, fingerprint) == 0;
}

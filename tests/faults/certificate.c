/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "certificate.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#define DAY (24 * 60 * 60)

struct _Certificate {
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
  char *text;
  char *key_text;
};

static void
check (int result)
{
  if (result < 0)
    g_error ("No certificate: %s", gnutls_strerror (result));
}

static char *
dup_datum (gnutls_datum_t *datum)
{
  char *text = g_strndup ((const char *) datum->data, datum->size);

  gnutls_free (datum->data);

  return text;
}

static void
add_names (gnutls_x509_crt_t certificate, const CertificateSpec *spec)
{
  struct in_addr address;

  if (spec->host != NULL)
    check (gnutls_x509_crt_set_subject_alt_name (certificate,
                                                 GNUTLS_SAN_DNSNAME,
                                                 spec->host,
                                                 (unsigned int) strlen (spec->host),
                                                 GNUTLS_FSAN_APPEND));
  if (spec->address != NULL) {
    g_assert (inet_pton (AF_INET, spec->address, &address) == 1);
    check (gnutls_x509_crt_set_subject_alt_name (certificate,
                                                 GNUTLS_SAN_IPADDRESS,
                                                 &address,
                                                 sizeof address,
                                                 GNUTLS_FSAN_APPEND));
  }
}

Certificate *
certificate_new (const CertificateSpec *spec, Certificate *issuer)
{
  static guint32 serial;
  Certificate *self = g_new0 (Certificate, 1);
  g_autofree char *name = g_strdup_printf ("Test %u", ++serial);
  time_t now = time (NULL);
  guint32 big_endian;
  gnutls_datum_t datum;

  check (gnutls_x509_privkey_init (&self->key));
  if (spec->weak)
    check (gnutls_x509_privkey_generate (self->key, GNUTLS_PK_RSA, 1024, 0));
  else
    check (gnutls_x509_privkey_generate (self->key,
                                         GNUTLS_PK_ECDSA,
                                         GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1),
                                         0));

  big_endian = GUINT32_TO_BE (serial);
  check (gnutls_x509_crt_init (&self->certificate));
  check (gnutls_x509_crt_set_version (self->certificate, 3));
  check (gnutls_x509_crt_set_serial (self->certificate, &big_endian, sizeof big_endian));
  check (gnutls_x509_crt_set_dn_by_oid (self->certificate,
                                        GNUTLS_OID_X520_COMMON_NAME,
                                        0,
                                        name,
                                        (unsigned int) strlen (name)));
  check (gnutls_x509_crt_set_activation_time (self->certificate,
                                              now + DAY * (spec->from_days != 0 ? spec->from_days : -1)));
  check (gnutls_x509_crt_set_expiration_time (self->certificate,
                                              now + DAY * (spec->to_days != 0 ? spec->to_days : 1)));
  check (gnutls_x509_crt_set_key (self->certificate, self->key));
  check (gnutls_x509_crt_set_basic_constraints (self->certificate, spec->authority, -1));
  check (gnutls_x509_crt_set_key_usage (self->certificate,
                                        spec->authority ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE));
  if (!spec->authority)
    check (gnutls_x509_crt_set_key_purpose_oid (self->certificate,
                                                GNUTLS_KP_TLS_WWW_SERVER,
                                                0));
  add_names (self->certificate, spec);
  check (gnutls_x509_crt_sign2 (self->certificate,
                                issuer != NULL ? issuer->certificate : self->certificate,
                                issuer != NULL ? issuer->key : self->key,
                                spec->weak ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256,
                                0));

  check (gnutls_x509_crt_export2 (self->certificate, GNUTLS_X509_FMT_PEM, &datum));
  self->text = dup_datum (&datum);
  check (gnutls_x509_privkey_export2 (self->key, GNUTLS_X509_FMT_PEM, &datum));
  self->key_text = dup_datum (&datum);

  return self;
}

void
certificate_free (Certificate *self)
{
  gnutls_x509_crt_deinit (self->certificate);
  gnutls_x509_privkey_deinit (self->key);
  g_free (self->text);
  g_free (self->key_text);
  g_free (self);
}

const char *
certificate_get_text (Certificate *self)
{
  return self->text;
}

const char *
certificate_get_key (Certificate *self)
{
  return self->key_text;
}

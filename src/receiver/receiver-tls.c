/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/*
 * The certificate and its key. They are loaded here and not by the websocket library, which can't say what is
 * wrong with them.
 */

static void
set_error (GError **error, const char *path, const char *problem)
{
  /* The first one is the cause. */
  unsigned long number = ERR_peek_error ();
  const char *reason = number != 0 ? ERR_reason_error_string (number) : NULL;

  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_INVALID_DATA,
               "“%s” %s%s%s%s",
               path,
               problem,
               reason != NULL ? " (" : "",
               reason != NULL ? reason : "",
               reason != NULL ? ")" : "");
  ERR_clear_error ();
}

static gboolean
check_readable (const char *path, GError **error)
{
  g_autofree char *contents = NULL;

  /* Its message names the file. */
  return g_file_get_contents (path, &contents, NULL, error);
}

/* Nobody is there to be asked. */
static int
no_password_cb (char *buffer, int size, int writing, void *data)
{
  gboolean *was_asked = data;

  *was_asked = TRUE;
  return -1;
}

/*
 * receiver_tls_load:
 * @certificate: a PEM file with the certificate, and after it those that lead to a known one
 * @key: a PEM file with the key of the first
 *
 * Returns: %FALSE with @error set to a sentence that names the file
 */
gboolean
receiver_tls_load (SSL_CTX *context, const char *certificate, const char *key, GError **error)
{
  gboolean was_asked = FALSE;

  g_return_val_if_fail (context != NULL && certificate != NULL && key != NULL, FALSE);

  ERR_clear_error ();
  SSL_CTX_set_min_proto_version (context, TLS1_2_VERSION);
  SSL_CTX_set_options (context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_default_passwd_cb (context, no_password_cb);
  SSL_CTX_set_default_passwd_cb_userdata (context, &was_asked);

  if (!check_readable (certificate, error) || !check_readable (key, error))
    return FALSE;

  if (SSL_CTX_use_certificate_chain_file (context, certificate) != 1) {
    set_error (error, certificate, "is no certificate in PEM that can be used");
    return FALSE;
  }

  if (SSL_CTX_use_PrivateKey_file (context, key, SSL_FILETYPE_PEM) != 1) {
    int reason = ERR_GET_REASON (ERR_peek_error ());
    gboolean is_other = reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH;

    if (was_asked)
      set_error (error, key, "is protected by a password: a key without one is needed");
    else if (is_other)
      set_error (error, key, "is not the key of the certificate");
    else
      set_error (error, key, "is no private key in PEM that can be used");
    return FALSE;
  }

  /* A key of another kind is taken as one for a certificate that is still to come. */
  if (SSL_CTX_check_private_key (context) != 1) {
    set_error (error, key, "is not the key of the certificate");
    return FALSE;
  }

  SSL_CTX_set_default_passwd_cb_userdata (context, NULL);
  return TRUE;
}

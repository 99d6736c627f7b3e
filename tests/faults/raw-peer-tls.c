/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "raw-peer-tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <string.h>

struct _RawTls {
  gnutls_certificate_credentials_t credentials;
  char *priority;
  gnutls_session_t session;
  gboolean shaken;
};

RawTls *
raw_tls_new (const char *chain, const char *key, const char *priority)
{
  RawTls *self = g_new0 (RawTls, 1);
  gnutls_datum_t chain_datum = { .data = (unsigned char *) chain, .size = (unsigned int) strlen (chain) };
  gnutls_datum_t key_datum = { .data = (unsigned char *) key, .size = (unsigned int) strlen (key) };
  int result;

  self->priority = g_strdup (priority != NULL ? priority : "NORMAL");
  gnutls_certificate_allocate_credentials (&self->credentials);
  result = gnutls_certificate_set_x509_key_mem (self->credentials, &chain_datum, &key_datum, GNUTLS_X509_FMT_PEM);
  if (result < 0)
    g_error ("No certificate: %s", gnutls_strerror (result));

  return self;
}

void
raw_tls_free (RawTls *self)
{
  raw_tls_end (self);
  gnutls_certificate_free_credentials (self->credentials);
  g_free (self->priority);
  g_free (self);
}

void
raw_tls_begin (RawTls *self, int fd)
{
  g_assert (self->session == NULL);

  gnutls_init (&self->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  if (gnutls_priority_set_direct (self->session, self->priority, NULL) < 0)
    g_error ("No priority: %s", self->priority);
  gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE, self->credentials);
  gnutls_transport_set_int (self->session, fd);
  self->shaken = FALSE;
}

void
raw_tls_end (RawTls *self)
{
  if (self->session != NULL)
    gnutls_deinit (self->session);
  self->session = NULL;
}

gboolean
raw_tls_is_shaken (RawTls *self)
{
  return self->shaken;
}

gboolean
raw_tls_has_pending (RawTls *self)
{
  return self->session != NULL && self->shaken && gnutls_record_check_pending (self->session) > 0;
}

static gssize
to_errno (ssize_t result)
{
  if (result == GNUTLS_E_PREMATURE_TERMINATION)
    return 0;

  return gnutls_error_is_fatal ((int) result) ? -ECONNABORTED : -EAGAIN;
}

/* As a server does, it tells the client what it does not like. */
static gssize
shake (RawTls *self)
{
  int result = gnutls_handshake (self->session);

  if (result == GNUTLS_E_SUCCESS) {
    self->shaken = TRUE;
    return 0;
  }
  if (gnutls_error_is_fatal (result))
    gnutls_alert_send_appropriate (self->session, result);

  return gnutls_error_is_fatal (result) ? -ECONNABORTED : -EAGAIN;
}

gssize
raw_tls_read (RawTls *self, void *buffer, gsize length)
{
  ssize_t n;

  if (!self->shaken) {
    gssize result = shake (self);

    if (result < 0)
      return result;
  }

  n = gnutls_record_recv (self->session, buffer, length);
  if (n == GNUTLS_E_REHANDSHAKE) {
    self->shaken = FALSE;
    return -EAGAIN;
  }

  return n >= 0 ? n : to_errno (n);
}

gssize
raw_tls_write (RawTls *self, const void *data, gsize length)
{
  ssize_t n;

  if (!self->shaken)
    return -EINPROGRESS;

  n = gnutls_record_send (self->session, data, length);

  return n >= 0 ? n : to_errno (n);
}

void
raw_tls_say_bye (RawTls *self)
{
  gnutls_bye (self->session, GNUTLS_SHUT_WR);
}

void
raw_tls_send_alert (RawTls *self, gboolean fatal, guint description)
{
  gnutls_alert_send (self->session,
                     fatal ? GNUTLS_AL_FATAL : GNUTLS_AL_WARNING,
                     (gnutls_alert_description_t) description);
}

void
raw_tls_update_keys (RawTls *self)
{
  if (gnutls_session_key_update (self->session, GNUTLS_KU_PEER) < 0)
    g_error ("No new keys in %s", gnutls_protocol_get_name (gnutls_protocol_get_version (self->session)));
}

void
raw_tls_ask_handshake (RawTls *self)
{
  if (gnutls_rehandshake (self->session) < 0)
    g_error ("No handshake in %s", gnutls_protocol_get_name (gnutls_protocol_get_version (self->session)));
}

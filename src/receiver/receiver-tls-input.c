/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-tls-input.h"

/*
 * Reading TLS ahead: as much as there is in one call, instead of two calls and a poll for each record of 16 KiB.
 *
 * The websocket library does not know of it: it polls the socket, and what has been read from there already would wait
 * for the next byte to come. So each read from the socket puts its connection into a queue, and who runs the service
 * has the library take record after record until nothing is left but the beginning of one.
 */

#define AHEAD_SIZE (64 * 1024)

static long
socket_cb (BIO *bio,
           int operation,
           const char *data,
           size_t length,
           int number,
           long larger,
           int result,
           size_t *processed)
{
  ReceiverTlsInput *self = (gpointer) BIO_get_callback_arg (bio);

  if (operation == (BIO_CB_READ | BIO_CB_RETURN) && result > 0 && !self->queued) {
    g_queue_push_tail_link (self->queue, &self->link);
    self->queued = TRUE;
  }
  return result;
}

static void
record_cb (int is_write, int version, int type, const void *data, size_t length, SSL *ssl, void *arg)
{
  ReceiverTlsInput *self = arg;

  if (!is_write && type == SSL3_RT_HEADER)
    self->n_records++;
}

/*
 * receiver_tls_input_begin:
 * @queue: where @owner is put when something may be left to read
 *
 * To be called once the handshake is over.
 */
void
receiver_tls_input_begin (ReceiverTlsInput *self, SSL *ssl, GQueue *queue, gpointer owner)
{
  self->queue = queue;
  self->link.data = owner;
  BIO_set_callback_arg (SSL_get_rbio (ssl), (char *) self);
  BIO_set_callback_ex (SSL_get_rbio (ssl), socket_cb);
  SSL_set_msg_callback_arg (ssl, self);
  SSL_set_msg_callback (ssl, record_cb);
  SSL_set_read_ahead (ssl, TRUE);

  /* The buffer is as big as one record; if it is empty, a bigger one will be made. */
  SSL_set_default_read_buffer_len (ssl, AHEAD_SIZE);
  (void) SSL_free_buffers (ssl);
}

/* @ssl: (nullable): if it is still there */
void
receiver_tls_input_end (ReceiverTlsInput *self, SSL *ssl)
{
  if (self->queue == NULL)
    return;

  if (ssl != NULL) {
    BIO_set_callback_ex (SSL_get_rbio (ssl), NULL);
    SSL_set_msg_callback (ssl, NULL);
  }
  receiver_tls_input_drop (self);
}

/* Whether something has been read ahead. It may be the beginning of a record only. */
gboolean
receiver_tls_input_is_left (const SSL *ssl)
{
  return SSL_has_pending (ssl);
}

/* Takes it out of the queue. */
void
receiver_tls_input_drop (ReceiverTlsInput *self)
{
  if (self->queued)
    g_queue_unlink (self->queue, &self->link);
  self->queued = FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

/* What has been read of a connection's TLS ahead of who asks for it. */
typedef struct {
  GList link;    /* in queue, while something may be left; the data is the owner */
  GQueue *queue; /* borrowed; NULL before the beginning */
  gboolean queued;
  guint64 n_records; /* begun */
} ReceiverTlsInput;

void receiver_tls_input_begin (ReceiverTlsInput *self,
                               SSL              *ssl,
                               GQueue           *queue,
                               gpointer          owner);
void receiver_tls_input_end (ReceiverTlsInput *self, SSL *ssl);
gboolean receiver_tls_input_is_left (const SSL *ssl);
void receiver_tls_input_drop (ReceiverTlsInput *self);

G_END_DECLS

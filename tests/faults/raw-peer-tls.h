/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The TLS below a raw peer, on GnuTLS itself: GIO's has no say in versions, alerts and keys. Nothing here blocks.
 * Reading and writing give a count of bytes, 0 at the end of the stream, or a negative errno: -EAGAIN to wait for
 * the socket, -EINPROGRESS to wait until reading has finished the handshake.
 */
typedef struct _RawTls RawTls;

/* chain: PEM of the certificate, and of those that lead to its authority. priority: GnuTLS's words, or NULL. */
RawTls  *raw_tls_new             (const char *chain,
                                  const char *key,
                                  const char *priority);
void     raw_tls_free            (RawTls     *self);
void     raw_tls_begin           (RawTls     *self,
                                  int         fd);
void     raw_tls_end             (RawTls     *self);
gboolean raw_tls_is_shaken       (RawTls     *self);
gboolean raw_tls_has_pending     (RawTls     *self);
gssize   raw_tls_read            (RawTls     *self,
                                  void       *buffer,
                                  gsize       length);
gssize   raw_tls_write           (RawTls     *self,
                                  const void *data,
                                  gsize       length);
/* A close-notify: the stream ends in order. */
void     raw_tls_say_bye         (RawTls     *self);
void     raw_tls_send_alert      (RawTls     *self,
                                  gboolean    fatal,
                                  guint       description);
/* TLS 1.3: new keys for both directions. */
void     raw_tls_update_keys     (RawTls     *self);
/* TLS 1.2: asks the client for another handshake. */
void     raw_tls_ask_handshake   (RawTls     *self);

G_END_DECLS

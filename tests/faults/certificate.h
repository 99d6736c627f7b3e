/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A certificate with its key, made for the moment. */
typedef struct _Certificate Certificate;

typedef struct {
  const char *host;    /* the one name that it is for, or NULL */
  const char *address; /* the one IPv4 address, or NULL */
  int from_days;       /* from now; 0 for the day before */
  int to_days;         /* 0 for the day after */
  gboolean authority;
  gboolean weak; /* 1024 bits of RSA, and signed with SHA-1 */
} CertificateSpec;

/* issuer: NULL for one that signs itself. */
Certificate *certificate_new         (const CertificateSpec *spec,
                                      Certificate           *issuer);
void         certificate_free        (Certificate           *self);
/* PEM. */
const char  *certificate_get_text    (Certificate           *self);
const char  *certificate_get_key     (Certificate           *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Certificate, certificate_free)

G_END_DECLS

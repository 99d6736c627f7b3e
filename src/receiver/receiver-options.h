/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The command line. A handshake and a silence, in milliseconds, are as long as they may be; so long it takes
 * from one look for partials whose time is over to the next.
 */
typedef struct {
  char *directory;
  char *address;
  guint16 port;
  char *certificate;
  char *key;
  guint64 max_size;
  guint max_uploads;
  guint64 chunk_size;
  guint window;
  guint keep_partial;
  gboolean json;
  gboolean quiet;
  gboolean version;
  guint handshake_limit;
  guint idle_limit;
  guint clean_interval;
} ReceiverOptions;

ReceiverOptions *receiver_options_parse (int             argc,
                                         char          **argv,
                                         GError        **error) G_GNUC_WARN_UNUSED_RESULT;
void             receiver_options_free  (ReceiverOptions *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReceiverOptions, receiver_options_free)

G_END_DECLS

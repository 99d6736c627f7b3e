/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "receiver-store.h"

#include <sys/stat.h>

G_BEGIN_DECLS

/* What a store shares with its partials. */
struct _ReceiverStore {
  int fd;
  gboolean reserves; /* whether the file system reserves room, and quickly */
  guint keep;        /* seconds that a resumable partial is kept after its last byte */
  guint64 promised;  /* bytes that are still to come for partials without a reservation */

  GHashTable *resumable; /* name → ReceiverPartial, of those that are open here */
  GThreadPool *hashers;

  GThread *sweeper;
  int sweeping; /* atomic */
};

char    *receiver_store_get_partial_name   (const char          *id) G_GNUC_WARN_UNUSED_RESULT;
char    *receiver_store_get_resumable_name (const char          *key) G_GNUC_WARN_UNUSED_RESULT;

gboolean receiver_store_is_own             (const struct stat   *info);
gboolean receiver_store_is_expired         (const ReceiverStore *self,
                                            const struct stat   *info);

gboolean receiver_store_check_room         (ReceiverStore       *self,
                                            guint64              size,
                                            GError             **error);

G_END_DECLS

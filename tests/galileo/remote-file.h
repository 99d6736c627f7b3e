/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * A file without a path, as those on a network drive are: it is queried and read as a stream. It does what the test says,
 * and counts what it was asked; fields may be changed while a worker reads, under the lock.
 */
#define REMOTE_TYPE_FILE (remote_file_get_type ())

G_DECLARE_FINAL_TYPE (RemoteFile, remote_file, REMOTE, FILE, GObject)

struct _RemoteFile {
  GObject parent_instance;

  GMutex lock;
  GCond changed;
  GBytes *contents;
  GFileType type;
  guint64 modified; /* seconds */
  gboolean gone;
  gboolean refuses_to_open;
  GError *read_error;     /* what the next read ends with */
  goffset stuck_at;       /* reads from here on wait until it is changed; -1 for none */
  gboolean stuck;         /* one does wait */
};

RemoteFile *remote_file_new   (const void *data,
                               gsize       size) G_GNUC_WARN_UNUSED_RESULT;
/* Reads that wait go on. */
void        remote_file_go_on (RemoteFile *self);

G_END_DECLS

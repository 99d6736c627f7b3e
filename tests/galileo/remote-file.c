/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "remote-file.h"

#include <string.h>

static void file_iface_init (GFileIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RemoteFile, remote_file, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_FILE, file_iface_init))

#define REMOTE_TYPE_STREAM (remote_stream_get_type ())

G_DECLARE_FINAL_TYPE (RemoteStream, remote_stream, REMOTE, STREAM, GFileInputStream)

struct _RemoteStream {
  GFileInputStream parent_instance;

  RemoteFile *file;
  goffset at;
};

G_DEFINE_FINAL_TYPE (RemoteStream, remote_stream, G_TYPE_FILE_INPUT_STREAM)

static gssize
remote_stream_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  RemoteStream *self = REMOTE_STREAM (stream);
  RemoteFile *file = self->file;
  gsize size, length;
  const char *data;

  g_mutex_lock (&file->lock);
  while (file->stuck_at >= 0 && self->at >= file->stuck_at) {
    file->stuck = TRUE;
    g_cond_broadcast (&file->changed);
    g_cond_wait (&file->changed, &file->lock);
  }
  file->stuck = FALSE;
  if (file->read_error != NULL) {
    g_propagate_error (error, g_steal_pointer (&file->read_error));
    g_mutex_unlock (&file->lock);
    return -1;
  }

  data = g_bytes_get_data (file->contents, &size);
  length = (gsize) self->at < size ? MIN (count, size - (gsize) self->at) : 0;
  if (file->stuck_at > self->at)
    length = MIN (length, (gsize) (file->stuck_at - self->at));
  if (length > 0)
    memcpy (buffer, data + self->at, length);
  self->at += (goffset) length;
  g_mutex_unlock (&file->lock);

  return (gssize) length;
}

static void
remote_stream_finalize (GObject *object)
{
  g_clear_object (&REMOTE_STREAM (object)->file);

  G_OBJECT_CLASS (remote_stream_parent_class)->finalize (object);
}

static void
remote_stream_class_init (RemoteStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = remote_stream_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = remote_stream_read;
}

static void
remote_stream_init (RemoteStream *self)
{
}

static GFileInputStream *
remote_file_read (GFile *file, GCancellable *cancellable, GError **error)
{
  RemoteStream *stream;

  if (REMOTE_FILE (file)->refuses_to_open) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "no");
    return NULL;
  }

  stream = g_object_new (REMOTE_TYPE_STREAM, NULL);
  stream->file = g_object_ref (REMOTE_FILE (file));

  return G_FILE_INPUT_STREAM (stream);
}

static GFileInfo *
remote_file_query_info (GFile *file,
                        const char *attributes,
                        GFileQueryInfoFlags flags,
                        GCancellable *cancellable,
                        GError **error)
{
  RemoteFile *self = REMOTE_FILE (file);
  g_autoptr (GFileInfo) info = g_file_info_new ();
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->gone) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "gone");
    return NULL;
  }

  g_file_info_set_file_type (info, self->type);
  g_file_info_set_size (info, (goffset) g_bytes_get_size (self->contents));
  g_file_info_set_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED, self->modified);
  g_file_info_set_attribute_uint32 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC, 0);

  return g_steal_pointer (&info);
}

static GFile *
remote_file_dup (GFile *file)
{
  return g_object_ref (file);
}

static char *
remote_file_get_basename (GFile *file)
{
  return g_strdup ("remote.bin");
}

static char *
remote_file_get_uri (GFile *file)
{
  return g_strdup ("test://host/remote.bin");
}

static char *
remote_file_get_path (GFile *file)
{
  return NULL;
}

static void
file_iface_init (GFileIface *iface)
{
  iface->dup = remote_file_dup;
  iface->get_basename = remote_file_get_basename;
  iface->get_uri = remote_file_get_uri;
  iface->get_parse_name = remote_file_get_uri;
  iface->get_path = remote_file_get_path;
  iface->query_info = remote_file_query_info;
  iface->read_fn = remote_file_read;
}

static void
remote_file_finalize (GObject *object)
{
  RemoteFile *self = REMOTE_FILE (object);

  g_clear_pointer (&self->contents, g_bytes_unref);
  g_clear_error (&self->read_error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);

  G_OBJECT_CLASS (remote_file_parent_class)->finalize (object);
}

static void
remote_file_class_init (RemoteFileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = remote_file_finalize;
}

static void
remote_file_init (RemoteFile *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
}

RemoteFile *
remote_file_new (const void *data, gsize size)
{
  RemoteFile *self = g_object_new (REMOTE_TYPE_FILE, NULL);

  self->contents = g_bytes_new (data, size);
  self->type = G_FILE_TYPE_REGULAR;
  self->modified = 1000000000;
  self->stuck_at = -1;

  return self;
}

void
remote_file_go_on (RemoteFile *self)
{
  g_mutex_lock (&self->lock);
  self->stuck_at = -1;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

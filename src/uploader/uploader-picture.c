/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-picture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES (64 * 1000 * 1000)

/* A JPEG is made smaller while it is decoded. Others are in memory whole, with three or four bytes a pixel. */
#define MAX_PIXELS_JPEG (100 * 1000 * 1000)
#define MAX_PIXELS (40 * 1000 * 1000)

#define PIECE_BYTES (32 * 1024)

typedef struct {
  int size;
  gboolean refused;
} Wanted;

static gpointer
list_mime_types (gpointer data)
{
  GHashTable *types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GSList) formats = gdk_pixbuf_get_formats ();

  for (GSList *l = formats; l != NULL; l = l->next) {
    g_auto (GStrv) names = gdk_pixbuf_format_get_mime_types (l->data);

    if (gdk_pixbuf_format_is_disabled (l->data))
      continue;
    for (size_t i = 0; names[i] != NULL; i++)
      g_hash_table_add (types, g_strdup (names[i]));
  }

  return types;
}

/* Whether the name is that of a picture. The file is not looked at. */
gboolean
uploader_picture_can_load (const char *name)
{
  static GOnce once = G_ONCE_INIT;
  g_autofree char *content_type = g_content_type_guess (name, NULL, 0, NULL);
  g_autofree char *mime_type = g_content_type_get_mime_type (content_type);

  g_once (&once, list_mime_types, NULL);

  return mime_type != NULL && g_hash_table_contains (once.retval, mime_type);
}

static void
fit (int *width, int *height, int size)
{
  double scale = (double) size / MAX (*width, *height);

  *width = MAX (1, (int) (*width * scale));
  *height = MAX (1, (int) (*height * scale));
}

/* The header is read, nothing is decoded yet. */
static void
size_prepared_cb (GdkPixbufLoader *loader, int width, int height, Wanted *wanted)
{
  GdkPixbufFormat *format = gdk_pixbuf_loader_get_format (loader);
  gboolean scalable = gdk_pixbuf_format_is_scalable (format);
  g_autofree char *name = gdk_pixbuf_format_get_name (format);
  gint64 max_pixels = strcmp (name, "jpeg") == 0 ? MAX_PIXELS_JPEG : MAX_PIXELS;

  if (width < 1 || height < 1 || (!scalable && (gint64) width * height > max_pixels)) {
    /* This ends the decoding. */
    wanted->refused = TRUE;
    gdk_pixbuf_loader_set_size (loader, 0, 0);
  } else if (scalable || width > wanted->size || height > wanted->size) {
    fit (&width, &height, wanted->size);
    gdk_pixbuf_loader_set_size (loader, width, height);
  }
}

/* A film shows its first frame, and the others need not be decoded. */
static gboolean
has_second_frame (GdkPixbufLoader *loader)
{
  GdkPixbufAnimation *animation = gdk_pixbuf_loader_get_animation (loader);

  return animation != NULL && !gdk_pixbuf_animation_is_static_image (animation);
}

static gboolean
feed (GdkPixbufLoader *loader, int fd, const Wanted *wanted, GCancellable *cancellable)
{
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  size_t total = 0;
  ssize_t n;

  do {
    if (g_cancellable_is_cancelled (cancellable) || total > MAX_BYTES)
      return FALSE;

    n = read (fd, piece, PIECE_BYTES);
    if (n < 0 || (n > 0 && !gdk_pixbuf_loader_write (loader, piece, (size_t) n, NULL)) || wanted->refused)
      return FALSE;
    total += (size_t) n;
  } while (n > 0 && !has_second_frame (loader));

  /* Left in the middle of a film, this complains. */
  return gdk_pixbuf_loader_close (loader, NULL) || has_second_frame (loader);
}

static GdkPixbuf *
decode (int fd, int size, GCancellable *cancellable)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autoptr (GdkPixbuf) turned = NULL;
  Wanted wanted = { size, FALSE };
  GdkPixbuf *pixbuf = NULL;
  int width, height;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared_cb), &wanted);

  if (feed (loader, fd, &wanted, cancellable))
    pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  else
    gdk_pixbuf_loader_close (loader, NULL);
  if (pixbuf == NULL)
    return NULL;

  turned = gdk_pixbuf_apply_embedded_orientation (pixbuf);
  width = gdk_pixbuf_get_width (turned);
  height = gdk_pixbuf_get_height (turned);
  if (width <= size && height <= size)
    return g_steal_pointer (&turned);

  /* Not every format scales as it is told. */
  fit (&width, &height, size);

  return gdk_pixbuf_scale_simple (turned, width, height, GDK_INTERP_BILINEAR);
}

/* A pipe would wait for its other end, and to open a device may do something. */
static gboolean
is_wanted (const struct stat *status)
{
  return S_ISREG (status->st_mode) && status->st_size <= MAX_BYTES;
}

static int
open_file (const char *path)
{
  struct stat status;
  int fd;

  if (stat (path, &status) != 0 || !is_wanted (&status))
    return -1;

  /* It may be another one by now. */
  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd >= 0 && (fstat (fd, &status) != 0 || !is_wanted (&status))) {
    close (fd);
    return -1;
  }

  return fd;
}

static GdkPixbuf *
load_path (const char *path, int size, GCancellable *cancellable)
{
  int fd = open_file (path);
  GdkPixbuf *pixbuf;

  if (fd < 0)
    return NULL;

  pixbuf = decode (fd, size, cancellable);
  close (fd);

  return pixbuf;
}

/* The thumbnail that the desktop keeps, if it shows the file as it is now. */
static GdkPixbuf *
load_kept (GFile *file, int size, GCancellable *cancellable)
{
  g_autoptr (GFileInfo) info = NULL;
  const char *path;

  info = g_file_query_info (file, G_FILE_ATTRIBUTE_THUMBNAIL_PATH "," G_FILE_ATTRIBUTE_THUMBNAIL_IS_VALID,
                            G_FILE_QUERY_INFO_NONE, cancellable, NULL);
  if (info == NULL || !g_file_info_get_attribute_boolean (info, G_FILE_ATTRIBUTE_THUMBNAIL_IS_VALID))
    return NULL;

  path = g_file_info_get_attribute_byte_string (info, G_FILE_ATTRIBUTE_THUMBNAIL_PATH);

  return path != NULL ? load_path (path, size, cancellable) : NULL;
}

static GdkTexture *
new_texture (GdkPixbuf *pixbuf)
{
  g_autoptr (GBytes) bytes = gdk_pixbuf_read_pixel_bytes (pixbuf);

  return gdk_memory_texture_new (gdk_pixbuf_get_width (pixbuf), gdk_pixbuf_get_height (pixbuf),
                                 gdk_pixbuf_get_has_alpha (pixbuf) ? GDK_MEMORY_R8G8B8A8 : GDK_MEMORY_R8G8B8,
                                 bytes, (size_t) gdk_pixbuf_get_rowstride (pixbuf));
}

/*
 * The picture in a local file, both sides at most that many pixels long; or NULL if there is none, or it is too large.
 * For a thread of its own: it takes a while. A picture lies about its size easily, so nothing is taken for granted.
 */
GdkTexture *
uploader_picture_load (GFile *file, int size, GCancellable *cancellable)
{
  g_autoptr (GdkPixbuf) pixbuf = NULL;

  g_return_val_if_fail (g_file_peek_path (file) != NULL, NULL);
  g_return_val_if_fail (size > 0, NULL);

  if (g_cancellable_is_cancelled (cancellable))
    return NULL;

  pixbuf = load_kept (file, size, cancellable);
  if (pixbuf == NULL)
    pixbuf = load_path (g_file_peek_path (file), size, cancellable);

  return pixbuf != NULL ? new_texture (pixbuf) : NULL;
}

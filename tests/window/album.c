/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "album.h"

/* The pictures that were taken: whether they show something, and all of them on one page. */

/* A window has letters with soft edges. A picture with fewer colours shows nothing. */
#define ENOUGH_COLOURS 60

static GHashTable *seen; /* checksum → name */
static GString *page;

static guint32 *
download (GdkTexture *texture, gsize *n_pixels)
{
  gsize width = (gsize) gdk_texture_get_width (texture);
  guint32 *pixels;

  *n_pixels = width * (gsize) gdk_texture_get_height (texture);
  pixels = g_new (guint32, *n_pixels);
  gdk_texture_download (texture, (guchar *) pixels, width * sizeof *pixels);

  return pixels;
}

/* Up to enough. */
static guint
count_colours (GdkTexture *texture, guint enough)
{
  g_autoptr (GHashTable) colours = g_hash_table_new (NULL, NULL);
  gsize n_pixels;
  g_autofree guint32 *pixels = download (texture, &n_pixels);

  for (gsize i = 0; i < n_pixels && g_hash_table_size (colours) < enough; i++)
    g_hash_table_add (colours, GUINT_TO_POINTER (pixels[i]));

  return g_hash_table_size (colours);
}

static char *
make_checksum (GdkTexture *texture)
{
  gsize n_pixels;
  g_autofree guint32 *pixels = download (texture, &n_pixels);

  return g_compute_checksum_for_data (G_CHECKSUM_SHA1, (guchar *) pixels, n_pixels * sizeof *pixels);
}

/* A picture that is in the folder: it has its size, unless that is -1, is not empty, and not the same as another. */
void
album_check (const char *directory, const char *name, int width, int height)
{
  g_autofree char *file_name = g_strconcat (name, ".png", NULL);
  g_autofree char *path = g_build_filename (directory, file_name, NULL);
  g_autofree char *checksum = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_filename (path, &error);

  g_assert_no_error (error);
  if (width >= 0) {
    g_assert_cmpint (gdk_texture_get_width (texture), ==, width);
    g_assert_cmpint (gdk_texture_get_height (texture), ==, height);
  }
  g_assert_cmpuint (count_colours (texture, ENOUGH_COLOURS), ==, ENOUGH_COLOURS);

  if (seen == NULL)
    seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  checksum = make_checksum (texture);
  if (g_hash_table_contains (seen, checksum))
    g_error ("%s is the same as %s", name, (char *) g_hash_table_lookup (seen, checksum));
  g_hash_table_insert (seen, g_steal_pointer (&checksum), g_strdup (name));
}

void
album_describe (const char *name, const char *caption)
{
  if (page == NULL)
    page = g_string_new ("<!doctype html>\n<meta charset=\"utf-8\">\n<title>Galileo Send</title>\n"
                         "<style>\n"
                         "body { background: #b5b5bd; font: 14px Cantarell, sans-serif; }\n"
                         "figure { display: inline-block; margin: 12px; vertical-align: top; }\n"
                         "figcaption { margin-bottom: 6px; }\n"
                         "</style>\n");
  g_string_append_printf (page,
                          "<figure><figcaption>%s <small>(%s)</small></figcaption>"
                          "<img src=\"%s.png\" alt=\"\"></figure>\n",
                          caption, name, name);
}

/* Writes the page, and ends. */
void
album_save (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "index.html", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, page->str, -1, &error);
  g_assert_no_error (error);
  g_string_free (page, TRUE);
  g_clear_pointer (&seen, g_hash_table_unref);
}

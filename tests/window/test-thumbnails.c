/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "window-kit.h"

#include "uploader/uploader-thumbnails.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 64

#define RED 0xff0000ff
#define BLUE 0x0000ffff

static char *cache;

typedef struct {
  char *folder;
  UploaderThumbnails *thumbnails;
  int watch;     /* of what is opened in the folder */
  guint n_asked; /* and not yet answered */
} Fixture;

/* What was answered */
typedef struct {
  Fixture *fixture;
  guint place; /* among the answers of a test, from 1; 0 while there is none */
  GdkTexture *texture;
  GError *error;
} Answer;

static guint n_answers;

static void
setup (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("thumbnails-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->watch = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  g_assert_cmpint (inotify_add_watch (fixture->watch, fixture->folder, IN_OPEN), >=, 0);
  fixture->thumbnails = uploader_thumbnails_new ();
  n_answers = 0;
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
      remove_folder (child);
    else
      g_assert_cmpint (g_unlink (child), ==, 0);
  }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  window_kit_settle ();
  g_assert_finalize_object (fixture->thumbnails);
  close (fixture->watch);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

/* Whether that file was opened since this was last asked; forgets what else was. */
static gboolean
was_opened (Fixture *fixture, const char *name)
{
  _Alignas (struct inotify_event) char buffer[16 * 1024];
  gboolean opened = FALSE;
  ssize_t n;

  while ((n = read (fixture->watch, buffer, sizeof buffer)) > 0) {
    for (const char *at = buffer; at < buffer + n;) {
      const struct inotify_event *event = (const void *) at;

      if (event->len > 0 && strcmp (event->name, name) == 0)
        opened = TRUE;
      at += sizeof *event + event->len;
    }
  }

  return opened;
}

static char *
path_of (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->folder, name, NULL);
}

static void
write_file (Fixture *fixture, const char *name, const char *data, gssize length)
{
  g_autofree char *path = path_of (fixture, name);

  g_assert_true (g_file_set_contents (path, data, length, NULL));
}

/* The upper half is red, the lower half blue. */
static GdkPixbuf *
paint (int width, int height)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  g_autoptr (GdkPixbuf) upper = gdk_pixbuf_new_subpixbuf (pixbuf, 0, 0, width, MAX (height / 2, 1));

  gdk_pixbuf_fill (pixbuf, BLUE);
  gdk_pixbuf_fill (upper, RED);

  return pixbuf;
}

static void
write_png (Fixture *fixture, const char *name, int width, int height)
{
  g_autofree char *path = path_of (fixture, name);
  g_autoptr (GdkPixbuf) pixbuf = paint (width, height);

  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, "compression", "1", NULL));
}

/* As a camera that was held on its side: what is on the left of the file belongs on top. */
static void
write_turned_jpeg (Fixture *fixture, const char *name, int width, int height)
{
  static const char exif[] =
    "\xff\xe1\x00\x22" "Exif\0\0" "MM\0\x2a\0\0\0\x08" "\0\x01" "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" "\0\0\0\0";
  g_autoptr (GdkPixbuf) upright = paint (height, width);
  g_autoptr (GdkPixbuf) lying = gdk_pixbuf_rotate_simple (upright, GDK_PIXBUF_ROTATE_COUNTERCLOCKWISE);
  g_autoptr (GString) data = g_string_new (NULL);
  g_autofree char *jpeg = NULL;
  gsize length;

  g_assert_true (gdk_pixbuf_save_to_buffer (lying, &jpeg, &length, "jpeg", NULL, NULL));
  g_string_append_len (data, jpeg, 2);
  g_string_append_len (data, exif, sizeof exif - 1);
  g_string_append_len (data, jpeg + 2, (gssize) length - 2);
  write_file (fixture, name, data->str, (gssize) data->len);
}

static guint32
crc (const char *data, size_t length)
{
  guint32 rest = 0xffffffff;

  for (size_t i = 0; i < length; i++) {
    rest ^= (guint8) data[i];
    for (int bit = 0; bit < 8; bit++)
      rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xedb88320 : 0);
  }

  return ~rest;
}

static void
append_number (GString *data, guint32 number)
{
  number = GUINT32_TO_BE (number);
  g_string_append_len (data, (const char *) &number, sizeof number);
}

static void
append_chunk (GString *png, const char *type, const char *body, size_t length)
{
  size_t start;

  append_number (png, (guint32) length);
  start = png->len;
  g_string_append (png, type);
  g_string_append_len (png, body, (gssize) length);
  append_number (png, crc (png->str + start, png->len - start));
}

/* One bit a pixel, all of them black: a small file, and a proper one. */
static void
write_black_png (Fixture *fixture, const char *name, guint32 width, guint32 height)
{
  g_autoptr (GConverter) compressor = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9));
  g_autoptr (GString) png = g_string_new_len ("\x89PNG\r\n\x1a\n", 8);
  g_autoptr (GString) header = g_string_new (NULL);
  size_t length = (size_t) (1 + (width + 7) / 8) * height;
  g_autofree char *black = g_malloc0 (length);
  g_autofree char *compressed = g_malloc (length);
  gsize n_read, n_written;

  g_assert_cmpint (g_converter_convert (compressor, black, length, compressed, length, G_CONVERTER_INPUT_AT_END,
                                        &n_read, &n_written, NULL),
                   ==, G_CONVERTER_FINISHED);
  append_number (header, width);
  append_number (header, height);
  g_string_append_len (header, "\x01\0\0\0\0", 5);
  append_chunk (png, "IHDR", header->str, header->len);
  append_chunk (png, "IDAT", compressed, n_written);
  append_chunk (png, "IEND", "", 0);
  write_file (fixture, name, png->str, (gssize) png->len);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->texture = uploader_thumbnails_load_finish (UPLOADER_THUMBNAILS (source), result, &answer->error);
  answer->place = ++n_answers;
  answer->fixture->n_asked--;
}

static Answer *
ask (Fixture *fixture, const char *name, GCancellable *cancellable)
{
  g_autofree char *path = path_of (fixture, name);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  Answer *answer = g_new0 (Answer, 1);

  answer->fixture = fixture;
  fixture->n_asked++;
  uploader_thumbnails_load_async (fixture->thumbnails, file, name, 1, SIZE, cancellable, loaded_cb, answer);
  g_assert_cmpuint (answer->place, ==, 0);

  return answer;
}

static void
answer_free (Answer *answer)
{
  g_clear_object (&answer->texture);
  g_clear_error (&answer->error);
  g_free (answer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

static gboolean
is_all_answered (gpointer data)
{
  return ((Fixture *) data)->n_asked == 0;
}

static void
wait_for_answers (Fixture *fixture)
{
  window_kit_wait_until (is_all_answered, fixture, "all answers");
}

static GdkTexture *
lookup (Fixture *fixture, const char *name, gint64 mtime)
{
  g_autofree char *path = path_of (fixture, name);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return uploader_thumbnails_lookup (fixture->thumbnails, file, mtime);
}

static GdkTexture *
load (Fixture *fixture, const char *name)
{
  g_autoptr (Answer) answer = ask (fixture, name, NULL);

  wait_for_answers (fixture);
  g_assert_no_error (answer->error);
  g_assert_true (answer->texture == lookup (fixture, name, 1));

  return g_steal_pointer (&answer->texture);
}

/* The colour above the middle or below it, as in paint(); a JPEG is not exact. */
static void
assert_colour (GdkTexture *texture, gboolean upper, guint32 colour)
{
  int width = gdk_texture_get_width (texture);
  int height = gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = g_new (guint32, (size_t) (width * height));
  guint32 pixel;

  gdk_texture_download (texture, (guchar *) pixels, (gsize) width * 4);
  pixel = pixels[(upper ? height / 4 : height * 3 / 4) * width + width / 2];
  g_assert_cmpint (ABS ((int) (pixel >> 16 & 0xff) - (int) (colour >> 24)), <, 8);
  g_assert_cmpint (ABS ((int) (pixel & 0xff) - (int) (colour >> 8 & 0xff)), <, 8);
}

static void
assert_picture (GdkTexture *texture, int width, int height)
{
  g_assert_nonnull (texture);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, width);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, height);
  assert_colour (texture, TRUE, RED);
  assert_colour (texture, FALSE, BLUE);
}

static void
test_png (Fixture *fixture, gconstpointer data)
{
  static const struct {
    int width, height, shown_width, shown_height;
  } sizes[] = {
    { 640, 320, 64, 32 }, { 320, 640, 32, 64 }, { 65, 64, 64, 63 }, { 64, 64, 64, 64 }, { 20, 10, 20, 10 },
    { 2000, 2, 64, 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *name = g_strdup_printf ("%zu.png", i);
    g_autoptr (GdkTexture) texture = NULL;

    write_png (fixture, name, sizes[i].width, sizes[i].height);
    g_assert_null (lookup (fixture, name, 1));
    texture = load (fixture, name);
    g_assert_nonnull (texture);
    g_assert_cmpint (gdk_texture_get_width (texture), ==, sizes[i].shown_width);
    g_assert_cmpint (gdk_texture_get_height (texture), ==, sizes[i].shown_height);
    if (sizes[i].shown_height > 1)
      assert_picture (texture, sizes[i].shown_width, sizes[i].shown_height);
    g_assert_null (lookup (fixture, name, 2));
  }
}

static void
test_turned_jpeg (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GdkTexture) large = NULL;
  g_autoptr (GdkTexture) small = NULL;

  write_turned_jpeg (fixture, "large.jpg", 800, 400);
  large = load (fixture, "large.jpg");
  assert_picture (large, 32, 64);

  write_turned_jpeg (fixture, "small.JPEG", 40, 20);
  small = load (fixture, "small.JPEG");
  assert_picture (small, 20, 40);
}

static gboolean
is_loadable (const char *format)
{
  g_autoptr (GSList) formats = gdk_pixbuf_get_formats ();

  for (GSList *l = formats; l != NULL; l = l->next) {
    g_autofree char *name = gdk_pixbuf_format_get_name (l->data);

    if (strcmp (name, format) == 0)
      return TRUE;
  }

  return FALSE;
}

/* What has no pixels is drawn as large as it is shown. Not every machine can. */
static void
test_svg (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GdkTexture) texture = NULL;

  write_file (fixture, "drawing.svg",
              "<svg xmlns='http://www.w3.org/2000/svg' width='16' height='8'>"
              "<rect width='16' height='4' fill='#f00'/><rect y='4' width='16' height='4' fill='#00f'/></svg>",
              -1);
  texture = load (fixture, "drawing.svg");
  if (is_loadable ("svg"))
    assert_picture (texture, 64, 32);
  else
    g_assert_null (texture);
}

/* Only the first picture of a film is wanted, so that it is decoded to the end is not waited for. */
static void
test_film (Fixture *fixture, gconstpointer data)
{
  static const char start[] = "GIF89a\x02\0\x02\0\x80\0\0\xff\0\0\0\0\xff" "!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
  static const char frame[] = "!\xf9\x04\0\x0a\0\0\0" ",\0\0\0\0\x02\0\x02\0\0" "\x02\x03\x44\x34\x05\0";
  g_autoptr (GString) film = g_string_new_len (start, sizeof start - 1);
  g_autoptr (GdkTexture) texture = NULL;

  for (guint i = 0; i < 3; i++)
    g_string_append_len (film, frame, sizeof frame - 1);
  /* And it goes on, but not as a film. */
  g_string_append (film, "no frame");
  while (film->len < 100000)
    g_string_append (film, "and no end");
  write_file (fixture, "film.gif", film->str, (gssize) film->len);

  texture = load (fixture, "film.gif");
  g_assert_nonnull (texture);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, 2);
}

/* What is no picture, though it says so. */
static void
test_none (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "empty.png", "text.png", "cut.png", "broken.jpg", "pipe.png", "zero.png", "folder.png", "gone.png",
  };
  g_autofree char *png = NULL;
  g_autofree char *path = NULL;

  write_file (fixture, "empty.png", "", 0);
  write_file (fixture, "text.png", "Dear all,\n", -1);
  /* In its header. Of one that is cut off later, there is what came before. */
  write_png (fixture, "cut.png", 300, 300);
  path = path_of (fixture, "cut.png");
  g_assert_true (g_file_get_contents (path, &png, NULL, NULL));
  write_file (fixture, "cut.png", png, 30);
  write_file (fixture, "broken.jpg", "\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0", 16);

  g_free (path);
  path = path_of (fixture, "pipe.png");
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_free (path);
  path = path_of (fixture, "zero.png");
  g_assert_cmpint (symlink ("/dev/zero", path), ==, 0);
  g_free (path);
  path = path_of (fixture, "folder.png");
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_test_message ("%s", names[i]);
    g_assert_null (load (fixture, names[i]));
    g_assert_cmpint (was_opened (fixture, names[i]), ==, i < 4);

    /* Nor is it tried again. */
    g_assert_null (load (fixture, names[i]));
    g_assert_false (was_opened (fixture, names[i]));
  }
}

/* By its name it is no picture, whatever it holds. */
static void
test_not_by_name (Fixture *fixture, gconstpointer data)
{
  write_png (fixture, "letter.txt", 10, 10);
  was_opened (fixture, "");
  g_assert_null (load (fixture, "letter.txt"));
  g_assert_false (was_opened (fixture, "letter.txt"));
}

static void
test_not_local (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_uri ("sftp://photos.example.org/a.png");
  g_autoptr (Answer) answer = g_new0 (Answer, 1);

  answer->fixture = fixture;
  fixture->n_asked++;
  uploader_thumbnails_load_async (fixture->thumbnails, file, "a.png", 1, SIZE, NULL, loaded_cb, answer);
  wait_for_answers (fixture);
  g_assert_no_error (answer->error);
  g_assert_null (answer->texture);
  g_assert_null (uploader_thumbnails_lookup (fixture->thumbnails, file, 1));
}

/* The first would take 10 GB; the second is just above the limit, and the third below it. */
static void
test_huge (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GdkTexture) texture = NULL;

  write_black_png (fixture, "bomb.png", 50000, 50000);
  g_assert_null (load (fixture, "bomb.png"));
  write_black_png (fixture, "above.png", 40001, 1000);
  g_assert_null (load (fixture, "above.png"));
  write_black_png (fixture, "below.png", 40000, 1000);
  texture = load (fixture, "below.png");
  g_assert_nonnull (texture);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, 64);
}

static void
test_large_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = path_of (fixture, "large.png");

  write_png (fixture, "large.png", 10, 10);
  g_assert_cmpint (truncate (path, 64 * 1000 * 1000 + 1), ==, 0);
  was_opened (fixture, "");
  g_assert_null (load (fixture, "large.png"));
  g_assert_false (was_opened (fixture, "large.png"));
  g_assert_cmpint (truncate (path, 64 * 1000 * 1000), ==, 0);
  {
    g_autoptr (GFile) file = g_file_new_for_path (path);
    g_autoptr (Answer) answer = g_new0 (Answer, 1);

    answer->fixture = fixture;
    fixture->n_asked++;
    uploader_thumbnails_load_async (fixture->thumbnails, file, "large.png", 2, SIZE, NULL, loaded_cb, answer);
    wait_for_answers (fixture);
    g_assert_nonnull (answer->texture);
  }
}

/* The thread is at it, for long enough that others ask meanwhile. */
static Answer *
ask_for_long_one (Fixture *fixture, GCancellable *cancellable)
{
  Answer *answer;

  write_black_png (fixture, "long.png", 6000, 6000);
  was_opened (fixture, "");
  answer = ask (fixture, "long.png", cancellable);
  while (!was_opened (fixture, "long.png")) {
    GPollFD watch = { fixture->watch, G_IO_IN, 0 };

    g_poll (&watch, 1, -1);
  }

  return answer;
}

static void
test_newest_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Answer) first = NULL;
  g_autoptr (Answer) long_one = NULL;
  g_autoptr (Answer) second = NULL;
  g_autoptr (Answer) third = NULL;
  g_autoptr (Answer) first_again = NULL;

  write_png (fixture, "1.png", 10, 10);
  write_png (fixture, "2.png", 10, 10);
  write_png (fixture, "3.png", 10, 10);
  long_one = ask_for_long_one (fixture, NULL);
  first = ask (fixture, "1.png", NULL);
  second = ask (fixture, "2.png", NULL);
  third = ask (fixture, "3.png", NULL);
  first_again = ask (fixture, "1.png", NULL);
  wait_for_answers (fixture);

  g_assert_cmpuint (long_one->place, ==, 1);
  g_assert_cmpuint (first->place, ==, 2);
  g_assert_cmpuint (first_again->place, ==, 3);
  g_assert_cmpuint (third->place, ==, 4);
  g_assert_cmpuint (second->place, ==, 5);

  /* Both have the same one: it was made once. */
  g_assert_nonnull (first->texture);
  g_assert_true (first->texture == first_again->texture);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Answer) long_one = NULL;
  g_autoptr (Answer) cancelled = NULL;
  g_autoptr (Answer) also_cancelled = NULL;
  g_autoptr (Answer) shared = NULL;
  g_autoptr (Answer) late = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  write_png (fixture, "cancelled.png", 10, 10);
  write_png (fixture, "shared.png", 10, 10);
  long_one = ask_for_long_one (fixture, NULL);
  also_cancelled = ask (fixture, "shared.png", cancellable);
  shared = ask (fixture, "shared.png", NULL);
  cancelled = ask (fixture, "cancelled.png", cancellable);
  g_cancellable_cancel (cancellable);
  late = ask (fixture, "cancelled.png", cancellable);
  wait_for_answers (fixture);

  /* At once, not when it is their turn. */
  g_assert_cmpuint (cancelled->place, <, long_one->place);
  g_assert_error (cancelled->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (also_cancelled->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (late->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (cancelled->texture);

  /* Somebody else waits for that one. */
  g_assert_no_error (shared->error);
  g_assert_nonnull (shared->texture);

  /* Who scrolls back has it; so it was not taken for a file without a picture. */
  g_assert_false (was_opened (fixture, "cancelled.png"));
  texture = load (fixture, "cancelled.png");
  g_assert_nonnull (texture);
}

/* While it is read: it ends, and is made anew for the next who asks. */
static void
test_cancelled_under_way (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Answer) cancelled = ask_for_long_one (fixture, cancellable);
  g_autoptr (Answer) again = NULL;

  g_cancellable_cancel (cancellable);
  wait_for_answers (fixture);
  g_assert_error (cancelled->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  again = ask (fixture, "long.png", NULL);
  wait_for_answers (fixture);
  g_assert_nonnull (again->texture);
}

/* Gone with requests under way that nobody waits for any more. */
static void
test_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Answer) long_one = ask_for_long_one (fixture, cancellable);
  g_autoptr (Answer) other = NULL;

  write_png (fixture, "other.png", 10, 10);
  other = ask (fixture, "other.png", cancellable);
  g_cancellable_cancel (cancellable);
  wait_for_answers (fixture);
  g_assert_finalize_object (fixture->thumbnails);
  fixture->thumbnails = uploader_thumbnails_new ();
}

static void
test_bound (Fixture *fixture, gconstpointer data)
{
  for (int i = 0; i <= UPLOADER_THUMBNAILS_MAX; i++) {
    g_autofree char *name = g_strdup_printf ("%d.png", i);
    g_autoptr (GdkTexture) texture = NULL;

    write_png (fixture, name, 8, 8);
    texture = load (fixture, name);
    g_assert_nonnull (texture);

    /* Whoever is looked at stays. */
    g_assert_nonnull (lookup (fixture, "0.png", 1));
  }

  g_assert_null (lookup (fixture, "1.png", 1));
  g_assert_nonnull (lookup (fixture, "2.png", 1));
}

static void
test_kept_by_desktop (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = path_of (fixture, "photo.png");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *uri = g_file_get_uri (file);
  g_autofree char *checksum = g_compute_checksum_for_string (G_CHECKSUM_MD5, uri, -1);
  g_autofree char *folder = g_build_filename (cache, "thumbnails", "normal", NULL);
  g_autofree char *name = g_strconcat (checksum, ".png", NULL);
  g_autofree char *kept = g_build_filename (folder, name, NULL);
  g_autofree char *mtime = NULL;
  g_autoptr (GdkPixbuf) pixbuf = paint (128, 16);
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GdkTexture) own = NULL;
  struct stat status;

  write_png (fixture, "photo.png", 20, 20);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  mtime = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) status.st_mtime);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (gdk_pixbuf_save (pixbuf, kept, "png", NULL, "tEXt::Thumb::URI", uri, "tEXt::Thumb::MTime", mtime,
                                  NULL));
  was_opened (fixture, "");
  texture = load (fixture, "photo.png");
  assert_picture (texture, 64, 8);
  g_assert_false (was_opened (fixture, "photo.png"));

  /* One of the file as it was is none. */
  g_assert_true (gdk_pixbuf_save (pixbuf, kept, "png", NULL, "tEXt::Thumb::URI", uri, "tEXt::Thumb::MTime", "1",
                                  NULL));
  g_assert_finalize_object (g_steal_pointer (&fixture->thumbnails));
  fixture->thumbnails = uploader_thumbnails_new ();
  own = load (fixture, "photo.png");
  assert_picture (own, 20, 20);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, setup, test, teardown);
}

int
main (int argc, char **argv)
{
  int status;

  setlocale (LC_ALL, "");
  cache = g_dir_make_tmp ("thumbnails-cache-XXXXXX", NULL);
  g_assert_nonnull (cache);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);

  add ("/window/thumbnails/png", test_png);
  add ("/window/thumbnails/turned-jpeg", test_turned_jpeg);
  add ("/window/thumbnails/svg", test_svg);
  add ("/window/thumbnails/film", test_film);
  add ("/window/thumbnails/none", test_none);
  add ("/window/thumbnails/not-by-name", test_not_by_name);
  add ("/window/thumbnails/not-local", test_not_local);
  add ("/window/thumbnails/huge", test_huge);
  add ("/window/thumbnails/large-file", test_large_file);
  add ("/window/thumbnails/newest-first", test_newest_first);
  add ("/window/thumbnails/cancelled", test_cancelled);
  add ("/window/thumbnails/cancelled-under-way", test_cancelled_under_way);
  add ("/window/thumbnails/gone", test_gone);
  add ("/window/thumbnails/bound", test_bound);
  add ("/window/thumbnails/kept-by-desktop", test_kept_by_desktop);

  status = g_test_run ();
  remove_folder (cache);
  g_free (cache);

  return status;
}

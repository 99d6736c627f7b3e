/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "uploader/uploader-pasted.h"
#include "uploader/uploader-window.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <utime.h>

#define WIDTH 30
#define HEIGHT 20
#define NAME "^Pasted \\d{4}-\\d\\d-\\d\\d \\d\\d-\\d\\d-\\d\\d( \\(\\d+\\))?\\.png$"

static char *state_dir;

typedef struct {
  char *folder;
  GalileoQueue *queue;
  UploaderWindow *window;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer address)
{
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();

  fixture->folder = uploader_pasted_dup_folder ();
  g_settings_set_string (settings, "site-address", address);
  fixture->queue = galileo_queue_new (engine);
  fixture->window = uploader_window_new (NULL, fixture->queue);
  gtk_window_present (GTK_WINDOW (fixture->window));
  window_kit_settle ();
}

static void
empty_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_remove (path) != 0) {
      empty_folder (path);
      g_rmdir (path);
    }
  }
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  galileo_queue_cancel_all (fixture->queue);
  g_object_ref (fixture->window);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  window_kit_settle ();
  g_assert_finalize_object (fixture->window);
  g_assert_finalize_object (fixture->queue);
  empty_folder (state_dir);
  g_free (fixture->folder);
}

/* No two pixels alike, some seen through. */
static GBytes *
new_pixels (void)
{
  guchar *pixels = g_malloc (WIDTH * HEIGHT * 4);

  for (guint i = 0; i < WIDTH * HEIGHT; i++) {
    pixels[4 * i] = (guchar) i;
    pixels[4 * i + 1] = (guchar) (i / 3);
    pixels[4 * i + 2] = (guchar) (i >> 8);
    pixels[4 * i + 3] = i % 2 ? 0xff : 0x80;
  }

  return g_bytes_new_take (pixels, WIDTH * HEIGHT * 4);
}

static GdkTexture *
new_texture (void)
{
  g_autoptr (GBytes) pixels = new_pixels ();

  return gdk_memory_texture_new (WIDTH, HEIGHT, GDK_MEMORY_R8G8B8A8, pixels, WIDTH * 4);
}

static void
assert_image (GFile *file)
{
  g_autoptr (GdkTexture) expected = new_texture ();
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_file (file, NULL);
  g_autofree guchar *a = g_malloc0 (WIDTH * HEIGHT * 4);
  g_autofree guchar *b = g_malloc0 (WIDTH * HEIGHT * 4);

  g_assert_nonnull (texture);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, WIDTH);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, HEIGHT);
  gdk_texture_download (expected, a, WIDTH * 4);
  gdk_texture_download (texture, b, WIDTH * 4);
  g_assert_cmpmem (a, WIDTH * HEIGHT * 4, b, WIDTH * HEIGHT * 4);
}

static gboolean
has_items (gpointer data)
{
  return g_list_model_get_n_items (G_LIST_MODEL (data)) > 0;
}

static GFile *
wait_file (Fixture *fixture)
{
  g_autoptr (GalileoItem) item = NULL;

  window_kit_wait_until (has_items, fixture->queue, "the image in the list");
  item = g_list_model_get_item (G_LIST_MODEL (fixture->queue), 0);
  g_assert_true (g_regex_match_simple (NAME, galileo_item_get_name (item), 0, 0));

  return g_object_ref (galileo_item_get_file (item));
}

static void
paste (Fixture *fixture, const GValue *value)
{
  gdk_clipboard_set_value (gtk_widget_get_clipboard (GTK_WIDGET (fixture->window)), value);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.paste", NULL);
}

static void
paste_image (Fixture *fixture)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, GDK_TYPE_TEXTURE);
  g_value_take_object (&value, new_texture ());
  paste (fixture, &value);
}

static void
test_image (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFile) parent = NULL;
  struct stat status;

  paste_image (fixture);
  file = wait_file (fixture);
  parent = g_file_get_parent (file);
  g_assert_cmpstr (g_file_peek_path (parent), ==, fixture->folder);
  assert_image (file);

  g_assert_cmpint (stat (fixture->folder, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
  g_assert_cmpint (stat (g_file_peek_path (file), &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
test_no_site (Fixture *fixture, gconstpointer user_data)
{
  paste_image (fixture);
  window_kit_wait_label (GTK_WIDGET (fixture->window), "“Pasted 2");
  g_assert_nonnull (window_kit_find_label (GTK_WIDGET (fixture->window), ".png” is ready to go"));
}

static void
test_dropped (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->window));
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean handled = FALSE;
  g_autoptr (GFile) file = NULL;

  g_value_init (&value, GDK_TYPE_TEXTURE);
  g_value_take_object (&value, new_texture ());
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_DROP_TARGET (controller)) {
      gsize n_types;
      const GType *types = gtk_drop_target_get_gtypes (GTK_DROP_TARGET (controller), &n_types);

      g_assert_cmpuint (n_types, ==, 2);
      g_assert_true (types[0] == GDK_TYPE_FILE_LIST && types[1] == GDK_TYPE_TEXTURE);
      g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &handled);
    }
  }

  g_assert_true (handled);
  file = wait_file (fixture);
  assert_image (file);
}

/* The files, and not the picture of them that comes along. */
static void
test_files_first (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *path = g_build_filename (state_dir, "first.txt", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GSList) files = g_slist_append (NULL, file);
  g_auto (GValue) list = G_VALUE_INIT;
  g_autoptr (GdkTexture) texture = new_texture ();
  g_autoptr (GdkContentProvider) both = NULL;
  GdkContentProvider *providers[2];
  g_autoptr (GalileoItem) item = NULL;

  g_assert_true (g_file_set_contents (path, "content", -1, NULL));
  g_value_init (&list, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&list, gdk_file_list_new_from_list (files));
  providers[0] = gdk_content_provider_new_typed (GDK_TYPE_TEXTURE, texture);
  providers[1] = gdk_content_provider_new_for_value (&list);
  both = gdk_content_provider_new_union (providers, 2);

  gdk_clipboard_set_content (gtk_widget_get_clipboard (GTK_WIDGET (fixture->window)), both);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.paste", NULL);
  window_kit_wait_until (has_items, fixture->queue, "the file in the list");
  item = g_list_model_get_item (G_LIST_MODEL (fixture->queue), 0);
  g_assert_cmpstr (galileo_item_get_name (item), ==, "first.txt");
}

/* The folder can't be made. */
static void
test_failure (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *blocked = g_build_filename (state_dir, "galileosend", NULL);

  g_assert_true (g_file_set_contents (blocked, "", -1, NULL));
  paste_image (fixture);
  window_kit_wait_label (GTK_WIDGET (fixture->window), "The image can't be added: Not a directory");
  g_assert_false (has_items (fixture->queue));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GFile *file = uploader_pasted_save_finish (result, &error);

  g_assert_no_error (error);
  g_ptr_array_add (user_data, file);
}

static gboolean
are_five (gpointer data)
{
  return ((GPtrArray *) data)->len == 5;
}

/* Of the same second; none replaces another. */
static void
test_numbers (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GdkTexture) texture = new_texture ();

  for (guint i = 0; i < 5; i++)
    uploader_pasted_save_async (fixture->folder, texture, NULL, saved_cb, files);
  window_kit_wait_until (are_five, files, "five files");

  for (guint i = 0; i < files->len; i++) {
    char *name = g_file_get_basename (g_ptr_array_index (files, i));

    g_assert_true (g_regex_match_simple (NAME, name, 0, 0));
    assert_image (g_ptr_array_index (files, i));
    g_hash_table_add (names, name);
  }
  g_assert_cmpuint (g_hash_table_size (names), ==, 5);
}

static void
cleaned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(int *) user_data = (int) uploader_pasted_clean_finish (result);
}

static gboolean
is_cleaned (gpointer data)
{
  return *(int *) data >= 0;
}

static void
make_old (const char *folder, const char *name, int hours)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct utimbuf times;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_assert_true (g_file_set_contents (path, "x", -1, NULL));
  times.actime = times.modtime = time (NULL) - hours * 3600;
  g_assert_cmpint (utime (path, &times), ==, 0);
}

static gboolean
exists (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Appends an item of that file, and has it end in that state. */
static void
list_file (Fixture *fixture, const char *name, GalileoItemState state)
{
  g_autoptr (GalileoSite) site = galileo_site_new ("ws://127.0.0.1:1/upload", NULL);
  g_autoptr (GFile) file = g_file_new_build_filename (fixture->folder, name, NULL);
  g_autoptr (GalileoItem) item = galileo_item_new (site, file, "renamed.png");
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  g_ptr_array_add (items, item);
  galileo_queue_append (fixture->queue, items);
  if (state == GALILEO_ITEM_CANCELLED)
    galileo_queue_cancel (fixture->queue, item);
}

static void
test_clean (Fixture *fixture, gconstpointer user_data)
{
  static const struct {
    const char *name;
    int hours;
    gboolean kept;
  } files[] = {
    { "Pasted 2026-11-28 14-02-33.png", 25, FALSE },
    { "Pasted 2026-11-28 14-02-33 (2).png", 1000, FALSE },
    { "Pasted 2026-11-28 14-02-34.png", 23, TRUE },
    { "Pasted 2026-11-28 14-02-35.png", 1000, TRUE }, /* waits */
    { "Pasted 2026-11-28 14-02-36 (3).png", 1000, TRUE }, /* cancelled */
    { "Pasted 2026-11-28 14-02-37.jpg", 1000, TRUE },
    { "Pasted photo.png", 1000, TRUE },
    { "pasted 2026-11-28 14-02-33.png", 1000, TRUE },
    { "Pasted 2026-11-28 14-02-33.png.txt", 1000, TRUE },
    { "Copy of Pasted 2026-11-28 14-02-33.png", 1000, TRUE },
    { "photo.png", 1000, TRUE },
  };
  g_autofree char *outside = g_build_filename (state_dir, "Pasted 2026-11-28 14-02-33.png", NULL);
  g_autofree char *target = g_build_filename (state_dir, "photo.png", NULL);
  g_autofree char *link = g_build_filename (fixture->folder, "Pasted 2026-11-28 14-02-40.png", NULL);
  g_autofree char *folder = g_build_filename (fixture->folder, "Pasted 2026-11-28 14-02-41.png", NULL);
  int n_cleaned = -1;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  make_old (fixture->folder, "Pasted 2026-11-28 14-02-41.png", 1000);
  make_old (state_dir, "Pasted 2026-11-28 14-02-33.png", 1000);
  make_old (state_dir, "photo.png", 1000);
  g_assert_cmpint (symlink (target, link), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    make_old (fixture->folder, files[i].name, files[i].hours);
  galileo_queue_set_paused (fixture->queue, TRUE);
  list_file (fixture, "Pasted 2026-11-28 14-02-35.png", GALILEO_ITEM_WAITING);
  list_file (fixture, "Pasted 2026-11-28 14-02-36 (3).png", GALILEO_ITEM_CANCELLED);

  uploader_pasted_clean_async (fixture->folder, G_LIST_MODEL (fixture->queue), cleaned_cb, &n_cleaned);
  window_kit_wait_until (is_cleaned, &n_cleaned, "the end of the cleaning");
  g_assert_cmpint (n_cleaned, ==, 2);
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_test_message ("%s", files[i].name);
    g_assert_true (exists (fixture->folder, files[i].name) == files[i].kept);
  }
  g_assert_true (g_file_test (outside, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_test (target, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
}

/* What a link leads to is somebody else's. */
static void
test_clean_link (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *elsewhere = g_build_filename (state_dir, "elsewhere", NULL);
  g_autofree char *parent = g_path_get_dirname (fixture->folder);
  int n_cleaned = -1;

  g_assert_cmpint (g_mkdir_with_parents (elsewhere, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  make_old (elsewhere, "Pasted 2026-11-28 14-02-33.png", 1000);
  g_assert_cmpint (symlink (elsewhere, fixture->folder), ==, 0);

  uploader_pasted_clean_async (fixture->folder, G_LIST_MODEL (fixture->queue), cleaned_cb, &n_cleaned);
  window_kit_wait_until (is_cleaned, &n_cleaned, "the end of the cleaning");
  g_assert_cmpint (n_cleaned, ==, 0);
  g_assert_true (exists (elsewhere, "Pasted 2026-11-28 14-02-33.png"));
}

static void
test_clean_nothing (Fixture *fixture, gconstpointer user_data)
{
  int n_cleaned = -1;

  uploader_pasted_clean_async ("/nonexistent", G_LIST_MODEL (fixture->queue), cleaned_cb, &n_cleaned);
  window_kit_wait_until (is_cleaned, &n_cleaned, "the end of the cleaning");
  g_assert_cmpint (n_cleaned, ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  /* Before anybody asks where it is. */
  state_dir = g_dir_make_tmp ("paste-XXXXXX", NULL);
  g_setenv ("XDG_STATE_HOME", state_dir, TRUE);
  window_kit_init (&argc, &argv);

#define ADD(path, address, test) g_test_add (path, Fixture, address, set_up, test, tear_down)
#define NOBODY "ws://127.0.0.1:1/upload"

  ADD ("/window/paste/image", NOBODY, test_image);
  ADD ("/window/paste/no-site", "", test_no_site);
  ADD ("/window/paste/dropped", NOBODY, test_dropped);
  ADD ("/window/paste/files-first", NOBODY, test_files_first);
  ADD ("/window/paste/failure", NOBODY, test_failure);
  ADD ("/window/paste/numbers", NOBODY, test_numbers);
  ADD ("/window/paste/clean", NOBODY, test_clean);
  ADD ("/window/paste/clean-link", NOBODY, test_clean_link);
  ADD ("/window/paste/clean-nothing", NOBODY, test_clean_nothing);

  status = g_test_run ();
  g_rmdir (state_dir);
  g_free (state_dir);

  return status;
}

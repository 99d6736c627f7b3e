/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "album.h"
#include "camera.h"
#include "scene.h"

#include "uploader/uploader-application.h"
#include "uploader/uploader-details.h"
#include "uploader/uploader-history.h"
#include "uploader/uploader-preferences.h"
#include "uploader/uploader-row-private.h"
#include "uploader/uploader-site-dialog.h"
#include "uploader/uploader-window-private.h"

#include <glib/gstdio.h>

/*
 * Usage: pictures [OPTION…] DIRECTORY
 *
 * Draws every page and state of the window into PNG files, and an index.html that shows them all. Each is a test.
 */

#define NORMAL_DPI (96 * 1024)

typedef struct {
  Scene *scene;
  UploaderWindow *window;
} Stage;

typedef enum {
  DARK = 1 << 0,
  RIGHT_TO_LEFT = 1 << 1,
  LARGE_TEXT = 1 << 2,
  CONTRAST = 1 << 3,
} Look;

typedef enum {
  NO_SITE,
  NOTHING,
  BATCH,
  STATES,
} Contents;

/* A state of the window: what to do to get there, and which window is the one in the picture, if it is another. */
typedef struct {
  const char *name;
  const char *caption;
  int width, height; /* of the main window */
  Contents contents;
  Look look;
  GtkWidget *(*arrange) (Stage *stage);
  int picture_width, picture_height; /* if they are others; -1: as it comes */
} Picture;

static UploaderApplication *application;
static const char *program;
static const char *directory;

static gpointer
find_window (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

    if (g_type_is_a (G_OBJECT_TYPE (window), type) && gtk_widget_get_mapped (GTK_WIDGET (window)))
      return window;
  }

  return NULL;
}

static gboolean
is_open (gpointer data)
{
  return find_window (*(GType *) data) != NULL;
}

static GtkWidget *
wait_window (GType type)
{
  window_kit_wait_until (is_open, &type, g_type_name (type));

  return find_window (type);
}

static void
activate (Stage *stage, const char *action)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (stage->window), action, NULL));
  window_kit_settle ();
}

static UploaderRow *
find_row (Stage *stage, const char *name)
{
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, stage->window->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL)) {
    GalileoItem *item = uploader_row_get_item (row);

    if (item != NULL && g_str_equal (galileo_item_get_name (item), name))
      return row;
  }

  g_assert_not_reached ();
}

/* What is in the pictures */

static GtkWidget *
type_wrong_address (Stage *stage)
{
  uploader_site_entry_set_text (stage->window->page_entry, "ftp://www.example.org/upload");

  return NULL;
}

static GtkWidget *
type_address (Stage *stage)
{
  uploader_site_entry_set_text (stage->window->page_entry, "www.example.org/upload");

  return NULL;
}

/* As while something is dragged over the window, which takes a second program. */
static GtkWidget *
drag (Stage *stage)
{
  gtk_label_set_text (stage->window->drop_label, "Upload to Parish Website");
  gtk_revealer_set_reveal_child (stage->window->drop_overlay, TRUE);

  return NULL;
}

static void
search (Stage *stage, const char *text)
{
  uploader_window_set_searching (stage->window, TRUE);
  gtk_editable_set_text (GTK_EDITABLE (stage->window->search_entry), text);
  gtk_editable_set_position (GTK_EDITABLE (stage->window->search_entry), -1);
  g_signal_emit_by_name (stage->window->search_entry, "search-changed");
}

static GtkWidget *
search_some (Stage *stage)
{
  search (stage, "img 204");

  return NULL;
}

static GtkWidget *
search_nothing (Stage *stage)
{
  search (stage, "wedding");

  return NULL;
}

static GtkWidget *
filter_failed (Stage *stage)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (stage->window), "win.filter", "s", "failed"));

  return NULL;
}

static GtkWidget *
open_item_menu (Stage *stage)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (stage->window->view);

  gtk_selection_model_select_range (model, 0, 3, TRUE);
  uploader_window_show_menu_of (stage->window, find_row (stage, "IMG_2042.jpg"), 260, 30);

  return NULL;
}

static GtkWidget *
open_site_chooser (Stage *stage)
{
  gtk_menu_button_popup (stage->window->site_button);

  return NULL;
}

static GtkWidget *
open_main_menu (Stage *stage)
{
  GtkWidget *button = gtk_widget_get_last_child (gtk_widget_get_parent (stage->window->search_button));

  for (; !GTK_IS_MENU_BUTTON (button); button = gtk_widget_get_prev_sibling (button))
    ;
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));

  return NULL;
}

static GtkWidget *
add_site (Stage *stage)
{
  uploader_window_add_site (stage->window);

  return wait_window (UPLOADER_TYPE_SITE_DIALOG);
}

static GtkWidget *
edit_site (Stage *stage)
{
  galileo_site_set_rate_limit (stage->scene->site, 2000000);
  galileo_site_set_max_uploads (stage->scene->site, 2);
  uploader_window_edit_site (stage->window, stage->scene->site);

  return wait_window (UPLOADER_TYPE_SITE_DIALOG);
}

static GtkWidget *
show_details (Stage *stage)
{
  uploader_window_show_details (stage->window, scene_find (stage->scene, "choir.wav"));

  return wait_window (UPLOADER_TYPE_DETAILS);
}

static GtkWidget *
show_preferences (Stage *stage)
{
  GtkWidget *preferences = uploader_preferences_new (GTK_WINDOW (stage->window), stage->scene->queue);

  gtk_window_set_default_size (GTK_WINDOW (preferences), 560, 860);
  gtk_window_present (GTK_WINDOW (preferences));

  return preferences;
}

static gboolean
has_rows (gpointer data)
{
  return window_kit_count (data, GTK_TYPE_LIST_VIEW) > 0 && window_kit_find_label (data, "choir.wav") != NULL;
}

static GtkWidget *
show_history (Stage *stage)
{
  GtkWidget *history;

  scene_add_history (stage->scene);
  history = uploader_history_new (GTK_WINDOW (stage->window), stage->scene->queue, NULL);
  gtk_window_present (GTK_WINDOW (history));
  window_kit_wait_until (has_rows, history, "the history's rows");

  return history;
}

/* Each shortcut has its keys. */
static void
check_shortcuts (GtkWidget *root)
{
  g_autofree char *keys = NULL;

  if (GTK_IS_SHORTCUTS_SHORTCUT (root)) {
    g_object_get (root, "accelerator", &keys, NULL);
    g_assert_true (keys != NULL && *keys != '\0');
  }

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    check_shortcuts (child);
}

static GtkWidget *
show_shortcuts (Stage *stage)
{
  GtkWidget *shortcuts;

  activate (stage, "win.show-help-overlay");
  shortcuts = wait_window (GTK_TYPE_SHORTCUTS_WINDOW);
  check_shortcuts (shortcuts);

  return shortcuts;
}

static GtkWidget *
show_about (Stage *stage)
{
  activate (stage, "app.about");

  return wait_window (ADW_TYPE_ABOUT_WINDOW);
}

static GtkWidget *
ask_to_quit (Stage *stage)
{
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);
  g_autoptr (UploaderPresence) presence = uploader_presence_new (GTK_APPLICATION (application), stage->scene->queue, settings);

  uploader_window_set_presence (stage->window, presence);
  gtk_window_close (GTK_WINDOW (stage->window));

  return wait_window (ADW_TYPE_MESSAGE_DIALOG);
}

static gboolean
has_no_addings (gpointer data)
{
  return !uploader_window_is_adding (data);
}

static void
add (Stage *stage, GFile *file)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  g_ptr_array_add (files, file);
  uploader_window_add_files (stage->window, files);
  window_kit_wait_until (has_no_addings, stage->window, "the file in the list");
}

/* The photograph of another camera that counts likewise. */
static GtkWidget *
ask_about_name (Stage *stage)
{
  g_autoptr (GFile) file = scene_new_picture (stage->scene, "Second Camera", "IMG_2045.jpg");

  add (stage, file);

  return wait_window (ADW_TYPE_MESSAGE_DIALOG);
}

static GtkWidget *
add_twice (Stage *stage)
{
  g_autoptr (GFile) file = scene_new_picture (stage->scene, "Corpus Christi",
                                              "The procession leaves the church, 31 May.jpg");

  add (stage, file);
  add (stage, file);
  window_kit_wait_label (GTK_WIDGET (stage->window), "Already listed");

  return NULL;
}

static GtkWidget *
remove_some (Stage *stage)
{
  gtk_selection_model_select_range (GTK_SELECTION_MODEL (stage->window->view), 7, 2, TRUE);
  activate (stage, "win.remove");
  window_kit_wait_label (GTK_WIDGET (stage->window), "removed");

  return NULL;
}

static const Picture pictures[] = {
  { "main-wide-light", "A batch of uploads", 900, 700, BATCH },
  { "main-wide-dark", "The same, dark", 900, 700, BATCH, DARK },
  { "main-narrow-light", "On a phone", 360, 640, BATCH },
  { "main-narrow-dark", "The same, dark", 360, 640, BATCH, DARK },
  { "main-smallest", "The smallest window", 360, 294, BATCH },
  { "main-wide-rtl", "Right to left", 900, 700, BATCH, RIGHT_TO_LEFT },
  { "main-narrow-rtl", "Right to left, on a phone", 360, 640, BATCH, RIGHT_TO_LEFT },
  { "main-wide-contrast", "High contrast", 900, 700, BATCH, CONTRAST },
  { "main-wide-large-text", "Text of twice the size", 900, 700, BATCH, LARGE_TEXT },
  { "main-narrow-large-text", "Text of twice the size, on a phone", 360, 640, BATCH, LARGE_TEXT },
  { "states-light", "Every state of a file", 720, 1740, STATES },
  { "states-dark", "The same, dark", 720, 1740, STATES, DARK },
  { "states-narrow", "The same, on a phone", 360, 2100, STATES },
  { "first-page-wide", "Before there is a site", 720, 560, NO_SITE, 0, type_address },
  { "first-page-narrow-wrong", "An address that is none", 360, 640, NO_SITE, 0, type_wrong_address },
  { "empty", "Nothing in the list", 720, 560, NOTHING },
  { "drop", "Something is dragged over the window", 720, 560, BATCH, 0, drag },
  { "search", "Search", 720, 560, BATCH, 0, search_some },
  { "search-nothing", "Search: nothing found", 720, 560, BATCH, 0, search_nothing },
  { "failed", "What failed", 720, 560, STATES, 0, filter_failed },
  { "item-menu", "Several are selected: what can be done to them", 720, 560, BATCH, 0, open_item_menu, -1 },
  { "main-menu", "The main menu", 720, 700, BATCH, 0, open_main_menu, -1 },
  { "site-chooser", "The sites", 720, 560, BATCH, 0, open_site_chooser, -1 },
  { "site-add", "Another site", 720, 560, BATCH, 0, add_site, 460, 640 },
  { "site-edit", "A site's settings", 720, 560, BATCH, 0, edit_site, 460, 640 },
  { "details", "Details of an upload that the site refused", 720, 560, BATCH, 0, show_details, 460, 620 },
  { "preferences", "Preferences", 720, 560, NOTHING, 0, show_preferences, 560, 860 },
  { "history", "History", 720, 560, NOTHING, 0, show_history, 560, 620 },
  { "shortcuts", "Keyboard shortcuts", 720, 560, NOTHING, 0, show_shortcuts, -1 },
  { "about", "About", 720, 560, NOTHING, 0, show_about, -1 },
  { "question-quit", "Closed while it uploads", 720, 560, BATCH, 0, ask_to_quit, -1 },
  { "question-name", "A name that is taken", 720, 560, BATCH, 0, ask_about_name, -1 },
  { "toast-removed", "Removed, with a way back", 360, 640, BATCH, 0, remove_some },
  { "toast-duplicate", "Added twice", 360, 640, BATCH, 0, add_twice },
};

/* The studio */

static void
put_on (Look look)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  adw_style_manager_set_color_scheme (manager,
                                      (look & DARK) != 0 ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);
  gtk_widget_set_default_direction ((look & RIGHT_TO_LEFT) != 0 ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
  g_object_set (gtk_settings_get_default (),
                "gtk-xft-dpi", (look & LARGE_TEXT) != 0 ? 2 * NORMAL_DPI : NORMAL_DPI,
                NULL);
  g_assert_cmpint (adw_style_manager_get_high_contrast (manager), ==, (look & CONTRAST) != 0);
}

static void
set_up (Stage *stage, const Picture *picture)
{
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);

  put_on (picture->look);
  g_settings_set_string (settings, "site-address", "");
  stage->scene = scene_new ();
  if (picture->contents == BATCH)
    scene_add_batch (stage->scene);
  else if (picture->contents == STATES)
    scene_add_states (stage->scene);

  stage->window = uploader_window_new (GTK_APPLICATION (application), stage->scene->queue);
  if (picture->contents != NO_SITE)
    uploader_window_set_site (stage->window, stage->scene->site);
  gtk_window_set_default_size (GTK_WINDOW (stage->window), picture->width, picture->height);
  gtk_window_present (GTK_WINDOW (stage->window));
  camera_settle (GTK_WIDGET (stage->window));
  /* It may need less now that it knows that it is narrow. */
  gtk_window_set_default_size (GTK_WINDOW (stage->window), picture->width, picture->height);
  camera_settle (GTK_WIDGET (stage->window));
}

/* Dialogs before the window that they belong to. */
static void
tear_down (Stage *stage)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWidget *popover = camera_find_popover (GTK_WIDGET (stage->window));
  g_autoptr (GPtrArray) dialogs = g_ptr_array_new ();

  if (popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (popover));
  window_kit_settle ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

    if (gtk_window_get_transient_for (window) == GTK_WINDOW (stage->window))
      g_ptr_array_add (dialogs, window);
  }
  for (guint i = 0; i < dialogs->len; i++)
    gtk_window_destroy (g_ptr_array_index (dialogs, i));

  galileo_queue_cancel_all (stage->scene->queue);
  g_object_ref (stage->window);
  gtk_window_destroy (GTK_WINDOW (stage->window));
  window_kit_settle ();
  g_assert_finalize_object (stage->window);
  scene_free (stage->scene);
}

static gboolean
is_seen (GtkWidget *row, GtkWidget *window)
{
  graphene_rect_t place;

  return gtk_widget_get_mapped (row) && gtk_widget_compute_bounds (row, window, &place) &&
         place.origin.y + place.size.height > 0 &&
         place.origin.y < (float) gtk_widget_get_height (window);
}

static gboolean
has_its_photos (gpointer data)
{
  UploaderWindow *window = data;
  GHashTableIter iter;
  gpointer row;

  if (!uploader_view_get_settled (window->view))
    return FALSE;

  g_hash_table_iter_init (&iter, window->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL)) {
    GalileoItem *item = uploader_row_get_item (row);

    if (item != NULL && g_str_has_suffix (galileo_item_get_name (item), ".jpg") && is_seen (row, data) &&
        gtk_image_get_storage_type (((UploaderRow *) row)->icon) != GTK_IMAGE_PAINTABLE)
      return FALSE;
  }

  return TRUE;
}

static char *
make_path (const Picture *picture)
{
  g_autofree char *name = g_strconcat (picture->name, ".png", NULL);

  return g_build_filename (directory, name, NULL);
}

/* High contrast is for good in a process: another takes that picture. */
static void
have_taken (const Picture *picture)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *test = g_strconcat ("/window/pictures/", picture->name, NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "ADW_DEBUG_HIGH_CONTRAST", "1", TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, program, "-p", test, directory, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

static void
take (const Picture *picture, const char *path)
{
  GtkWidget *other = NULL;
  Stage stage;

  set_up (&stage, picture);
  if (picture->arrange != NULL)
    other = picture->arrange (&stage);
  camera_settle (GTK_WIDGET (stage.window));
  window_kit_wait_until (has_its_photos, stage.window, "the photographs in the rows");
  scene_freshen (stage.scene);
  camera_take (other != NULL ? other : GTK_WIDGET (stage.window), path);
  tear_down (&stage);
}

static void
test_picture (gconstpointer data)
{
  const Picture *picture = data;
  g_autofree char *path = make_path (picture);

  g_remove (path);
  if ((picture->look & CONTRAST) != 0 && !adw_style_manager_get_high_contrast (adw_style_manager_get_default ()))
    have_taken (picture);
  else
    take (picture, path);
  if (picture->picture_width != 0)
    album_check (directory, picture->name, picture->picture_width, picture->picture_height);
  else
    album_check (directory, picture->name, picture->width, picture->height);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  window_kit_init (&argc, &argv);
  if (argc != 2) {
    g_printerr ("Usage: pictures [OPTION…] DIRECTORY\n");
    return 2;
  }
  program = argv[0];
  directory = argv[1];
  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  /* As GNOME has it, which no other desktop's settings change here. */
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11", "gtk-cursor-blink", FALSE, NULL);

  /* Only for its actions, its shortcuts and what it says about itself. */
  application = uploader_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);

  for (gsize i = 0; i < G_N_ELEMENTS (pictures); i++) {
    g_autofree char *path = g_strconcat ("/window/pictures/", pictures[i].name, NULL);

    g_test_add_data_func (path, &pictures[i], test_picture);
    album_describe (pictures[i].name, pictures[i].caption);
  }
  status = g_test_run ();
  album_save (directory);

  return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-adding.h"
#include "queue/galileo-number-name.h"

#include "galileo/galileo-error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *folder;
  GalileoEngine *engine;
  GalileoQueue *queue;
  GalileoSite *site;
  GalileoAdding *adding;
  guint n_done;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("galileo-adding-XXXXXX", NULL);
  fixture->engine = galileo_engine_new ();
  fixture->queue = galileo_queue_new (fixture->engine);
  /* Nothing is to start. */
  galileo_queue_set_paused (fixture->queue, TRUE);
  fixture->site = galileo_site_new ("ws://127.0.0.1:1/", NULL);
}

static void
delete (GFile *file)
{
  g_autoptr (GFileEnumerator) children = NULL;
  GFileInfo *info;

  if (g_file_query_file_type (file, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL) == G_FILE_TYPE_DIRECTORY)
    children = g_file_enumerate_children (file, "standard::name", G_FILE_QUERY_INFO_NONE, NULL, NULL);

  while (children != NULL && (info = g_file_enumerator_next_file (children, NULL, NULL)) != NULL) {
    g_autoptr (GFile) child = g_file_get_child (file, g_file_info_get_name (info));

    delete (child);
    g_object_unref (info);
  }
  g_assert_true (g_file_delete (file, NULL, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->folder);

  g_clear_object (&fixture->adding);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_finalize_object (fixture->queue);
  g_assert_finalize_object (fixture->engine);
  g_object_unref (fixture->site);
  delete (folder);
  g_free (fixture->folder);
}

static void
make (Fixture *fixture, const char *name, const char *contents)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, contents, -1, NULL));
}

static void
done_cb (GalileoAdding *adding, Fixture *fixture)
{
  g_assert_false (galileo_adding_get_busy (adding));
  fixture->n_done++;
}

/* Adds what is named, and waits until all of it has been found. */
static void
add (Fixture *fixture, const char *first, ...)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  const char *name = first;
  va_list names;

  va_start (names, first);
  for (; name != NULL; name = va_arg (names, const char *))
    g_ptr_array_add (files, g_file_new_build_filename (fixture->folder, name, NULL));
  va_end (names);

  g_clear_object (&fixture->adding);
  fixture->n_done = 0;
  fixture->adding = galileo_adding_new (fixture->queue, fixture->site);
  g_signal_connect (fixture->adding, "done", G_CALLBACK (done_cb), fixture);
  galileo_adding_start (fixture->adding, files);
  while (fixture->n_done == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* The names in the queue, in its order, with their folders; those that failed in brackets. */
static char *
list (Fixture *fixture)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)); i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (fixture->queue), i);
    gboolean failed = galileo_item_get_state (item) == GALILEO_ITEM_FAILED;

    g_string_append_printf (text,
                            "%s%s%s%s%s%s",
                            i > 0 ? ", " : "",
                            failed ? "(" : "",
                            galileo_item_get_path (item) != NULL ? galileo_item_get_path (item) : "",
                            galileo_item_get_path (item) != NULL ? "/" : "",
                            galileo_item_get_name (item),
                            failed ? ")" : "");
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

#define ASSERT_LIST(fixture, expected) \
  G_STMT_START { \
    g_autofree char *listed = list (fixture); \
    g_assert_cmpstr (listed, ==, expected); \
  } G_STMT_END

static void
test_duplicates (Fixture *fixture, gconstpointer data)
{
  make (fixture, "a.jpg", "a");
  make (fixture, "b.jpg", "b");
  add (fixture, "a.jpg", "a.jpg", "b.jpg", NULL);
  g_assert_cmpuint (galileo_adding_get_n_found (fixture->adding), ==, 3);
  g_assert_cmpuint (galileo_adding_get_n_added (fixture->adding), ==, 2);
  g_assert_cmpuint (galileo_adding_get_duplicates (fixture->adding)->len, ==, 1);
  galileo_adding_answer_duplicates (fixture->adding, FALSE);
  ASSERT_LIST (fixture, "a.jpg, b.jpg");
  g_assert_cmpuint (galileo_adding_get_n_skipped (fixture->adding), ==, 1);

  add (fixture, "b.jpg", "a.jpg", NULL);
  g_assert_cmpuint (galileo_adding_get_n_added (fixture->adding), ==, 0);
  galileo_adding_answer_duplicates (fixture->adding, TRUE);
  ASSERT_LIST (fixture, "a.jpg, b.jpg, b.jpg, a.jpg");
  g_assert_cmpuint (galileo_adding_get_n_added (fixture->adding), ==, 2);
}

/* A file that was changed is no duplicate, nor is one that was given up, nor one for another site. */
static void
test_no_duplicates (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoItem) item = NULL;

  make (fixture, "a.jpg", "a");
  make (fixture, "b.jpg", "b");
  add (fixture, "a.jpg", "b.jpg", NULL);
  make (fixture, "a.jpg", "more");
  item = g_list_model_get_item (G_LIST_MODEL (fixture->queue), 1);
  galileo_queue_cancel (fixture->queue, item);
  add (fixture, "a.jpg", "b.jpg", NULL);
  g_assert_cmpuint (galileo_adding_get_n_added (fixture->adding), ==, 2);

  g_object_unref (fixture->site);
  fixture->site = galileo_site_new ("ws://127.0.0.1:2/", NULL);
  add (fixture, "a.jpg", "b.jpg", NULL);
  g_assert_cmpuint (galileo_adding_get_n_added (fixture->adding), ==, 2);
  g_assert_cmpuint (galileo_adding_get_conflicts (fixture->adding)->len, ==, 0);
}

static void
make_folders (Fixture *fixture)
{
  make (fixture, "album/day 1/x.jpg", "1");
  make (fixture, "album/day 2/x.jpg", "22");
  make (fixture, "album/day 3/x.jpg", "333");
  make (fixture, "album/x (2).jpg", "4444");
}

static void
test_ask (Fixture *fixture, gconstpointer data)
{
  make_folders (fixture);
  add (fixture, "album", NULL);
  ASSERT_LIST (fixture, "x.jpg, x (2).jpg");
  g_assert_cmpuint (galileo_adding_get_conflicts (fixture->adding)->len, ==, 2);
  galileo_adding_answer_conflicts (fixture->adding, GALILEO_NAME_RULE_RENAME);
  g_assert_cmpuint (galileo_adding_get_conflicts (fixture->adding)->len, ==, 0);
  ASSERT_LIST (fixture, "x.jpg, x (2).jpg, x (3).jpg, x (4).jpg");
  g_assert_cmpuint (galileo_adding_get_n_added (fixture->adding), ==, 4);

  /* Told once more, with the same answer for all: what is there already is the same, by its file. */
  add (fixture, "album", NULL);
  g_assert_cmpuint (galileo_adding_get_duplicates (fixture->adding)->len, ==, 4);
  g_assert_cmpuint (galileo_adding_get_conflicts (fixture->adding)->len, ==, 0);
}

static void
test_rules (Fixture *fixture, gconstpointer data)
{
  static const struct {
    GalileoNameRule rule;
    const char *list;
    guint n_skipped;
  } cases[] = {
    { GALILEO_NAME_RULE_RENAME, "x.jpg, x (2).jpg, x (3).jpg, x (2) (2).jpg", 0 },
    { GALILEO_NAME_RULE_SKIP, "x.jpg, x (2).jpg", 2 },
    { GALILEO_NAME_RULE_REPLACE, "x.jpg, x.jpg, x.jpg, x (2).jpg", 0 },
  };

  make_folders (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_object_unref (fixture->queue);
    fixture->queue = galileo_queue_new (fixture->engine);
    galileo_queue_set_paused (fixture->queue, TRUE);
    galileo_site_set_name_rule (fixture->site, cases[i].rule);
    add (fixture, "album", NULL);
    ASSERT_LIST (fixture, cases[i].list);
    g_assert_cmpuint (galileo_adding_get_n_skipped (fixture->adding), ==, cases[i].n_skipped);
    g_assert_cmpuint (galileo_adding_get_conflicts (fixture->adding)->len, ==, 0);
    g_clear_object (&fixture->adding);
  }
}

static void
test_folders_kept (Fixture *fixture, gconstpointer data)
{
  make_folders (fixture);
  galileo_site_set_keep_folders (fixture->site, TRUE);
  add (fixture, "album", "album/x (2).jpg", NULL);
  ASSERT_LIST (fixture, "album/day 1/x.jpg, album/day 2/x.jpg, album/day 3/x.jpg, album/x (2).jpg");
  /* Named by itself it is the same file as in the folder. */
  g_assert_cmpuint (galileo_adding_get_duplicates (fixture->adding)->len, ==, 1);
}

/* Links to files are followed, to folders not, and nothing leads in a circle; what can't be read stops nothing. */
static void
test_strange_things (Fixture *fixture, gconstpointer data)
{
  g_autofree char *loop = g_build_filename (fixture->folder, "album", "loop", NULL);
  g_autofree char *link = g_build_filename (fixture->folder, "album", "link.jpg", NULL);
  g_autofree char *pipe = g_build_filename (fixture->folder, "album", "pipe", NULL);

  make (fixture, "album/y.jpg", "1");
  make (fixture, "z.jpg", "2");
  g_assert_cmpint (symlink ("..", loop), ==, 0);
  g_assert_cmpint (symlink ("../z.jpg", link), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  add (fixture, "album", "nothing", NULL);
  ASSERT_LIST (fixture, "link.jpg, (loop), (pipe), y.jpg, (nothing)");
  g_assert_cmpuint (galileo_adding_get_n_found (fixture->adding), ==, 5);
}

static void
n_found_cb (GalileoAdding *adding, GParamSpec *pspec, gpointer user_data)
{
  if (galileo_adding_get_n_found (adding) > 0)
    galileo_adding_cancel (adding);
}

/* What is in the queue by then stays there. */
static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 3000; i++) {
    g_autofree char *name = g_strdup_printf ("many/%u", i);

    make (fixture, name, "");
  }
  g_ptr_array_add (files, g_file_new_build_filename (fixture->folder, "many", NULL));
  fixture->adding = galileo_adding_new (fixture->queue, fixture->site);
  g_signal_connect (fixture->adding, "done", G_CALLBACK (done_cb), fixture);
  g_signal_connect (fixture->adding, "notify::n-found", G_CALLBACK (n_found_cb), NULL);
  galileo_adding_start (fixture->adding, files);
  while (fixture->n_done == 0)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_cmpuint (fixture->n_done, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), <, 3000);
  g_assert_cmpuint (galileo_adding_get_n_added (fixture->adding),
                    ==,
                    g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)));
}

static void
test_numbered_names (void)
{
  static const struct {
    const char *name;
    const char *numbered;
  } cases[] = {
    { "a.jpg", "a (7).jpg" },
    { "a", "a (7)" },
    { ".profile", ".profile (7)" },
    { "a.tar.gz", "a (7).tar.gz" },
    { "a.TAR.xz", "a (7).TAR.xz" },
    { "tar.gz", "tar (7).gz" },
    { "a.b.c", "a.b (7).c" },
    { "a.", "a (7)." },
    { "a (2).jpg", "a (2) (7).jpg" },
  };
  g_autoptr (GString) umlauts = g_string_new (NULL);
  g_autofree char *cut = NULL;
  g_autofree char *cut_extension = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *numbered = galileo_number_name (cases[i].name, 7);

    g_assert_cmpstr (numbered, ==, cases[i].numbered);
  }

  while (umlauts->len < 250)
    g_string_append (umlauts, "ä");
  g_string_append (umlauts, ".jpg");
  cut = galileo_number_name (umlauts->str, 10);
  g_assert_true (g_utf8_validate (cut, -1, NULL));
  g_assert_cmpuint (strlen (cut), <=, 255);
  g_assert_cmpuint (strlen (cut), >=, 253);
  g_assert_true (g_str_has_suffix (cut, "ä (10).jpg"));

  g_string_insert (umlauts, 0, "x.");
  umlauts->str[strlen (umlauts->str) - 4] = '_';
  cut_extension = galileo_number_name (umlauts->str, 10);
  g_assert_true (g_utf8_validate (cut_extension, -1, NULL));
  g_assert_cmpuint (strlen (cut_extension), <=, 255);
}

#define ADD(name, function) g_test_add ("/adding/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("duplicates", test_duplicates);
  ADD ("no-duplicates", test_no_duplicates);
  ADD ("ask", test_ask);
  ADD ("rules", test_rules);
  ADD ("folders-kept", test_folders_kept);
  ADD ("strange-things", test_strange_things);
  ADD ("cancel", test_cancel);
  g_test_add_func ("/adding/numbered-names", test_numbered_names);

  return g_test_run ();
}

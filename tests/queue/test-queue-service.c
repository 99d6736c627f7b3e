/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-queue-service.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/socket.h>

/* Nobody is at the site, and the queue is frozen: what happens is what the commands do. */
#define NOBODY "ws://127.0.0.1:1/upload"

typedef struct {
  char *folder;
  char *path;
  GalileoEngine *engine;
  GalileoStore *store;
  GalileoQueue *queue;
  GalileoQueueService *service;
} Fixture;

static void
start (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->store = galileo_store_new (fixture->path, &error);
  g_assert_no_error (error);
  fixture->queue = galileo_queue_new (fixture->engine);
  galileo_queue_freeze (fixture->queue);
  g_assert_true (galileo_queue_set_store (fixture->queue, fixture->store, &error));
  galileo_queue_service_set_queue (fixture->service, fixture->queue, fixture->store);
}

static void
stop (Fixture *fixture)
{
  galileo_queue_service_set_queue (fixture->service, NULL, NULL);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_finalize_object (fixture->queue);
  g_assert_finalize_object (fixture->store);
}

/* As after a crash: what is there then is what was on the disk. */
static void
start_again (Fixture *fixture)
{
  stop (fixture);
  start (fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("galileo-service-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "queue.db", NULL);
  fixture->engine = galileo_engine_new ();
  fixture->service = galileo_queue_service_new ();
  start (fixture);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    if (g_file_test (child, G_FILE_TEST_IS_DIR))
      remove_folder (child);
    else
      g_assert_cmpint (g_unlink (child), ==, 0);
  }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  stop (fixture);
  g_assert_finalize_object (fixture->service);
  g_assert_finalize_object (fixture->engine);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
called_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (result);
}

static GVariant *
call (Fixture *fixture, const char *command, GVariant *parameters, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galileo_queue_service_call_async (fixture->service, command, parameters, called_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return galileo_queue_service_call_finish (fixture->service, result, error);
}

static void
assert_fails (Fixture *fixture, const char *command, GVariant *parameters, GalileoQueueServiceError code, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, command, parameters, &error);

  g_assert_error (error, GALILEO_QUEUE_SERVICE_ERROR, (int) code);
  g_assert_null (answer);
  g_assert_nonnull (strstr (error->message, word));
}

static guint
change (Fixture *fixture, const char *command, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, command, parameters, &error);
  guint n;

  g_assert_no_error (error);
  g_variant_get (answer, "(u)", &n);
  return n;
}

static char *
make_file (Fixture *fixture, const char *name, const char *contents)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, contents, -1, NULL));
  return g_filename_to_uri (path, NULL, NULL);
}

static GVariant *
new_add (const char *rule, const char *const *uris)
{
  return g_variant_new ("(s^ass)", NOBODY, uris, rule);
}

/* Returns how many failed. */
static guint
add (Fixture *fixture, const char *rule, const char *const *uris, guint *n_added, guint *n_skipped)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, "Add", new_add (rule, uris), &error);
  g_autoptr (GVariant) failed = NULL;

  g_assert_no_error (error);
  g_variant_get (answer, "(uu@a(ss))", n_added, n_skipped, &failed);
  return (guint) g_variant_n_children (failed);
}

/* Adds so many files, of ids from 1. */
static void
fill (Fixture *fixture, guint n)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) uris = NULL;
  guint n_added, n_skipped;

  for (guint i = 1; i <= n; i++) {
    g_autofree char *name = g_strdup_printf ("%u.bin", i);
    g_autofree char *uri = make_file (fixture, name, "x");

    g_strv_builder_add (builder, uri);
  }
  uris = g_strv_builder_end (builder);
  g_assert_cmpuint (add (fixture, "site", (const char *const *) uris, &n_added, &n_skipped), ==, 0);
  g_assert_cmpuint (n_added, ==, n);
}

static GVariant *
list (Fixture *fixture, gint64 after, guint most, gboolean *paused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, "List", g_variant_new ("(xu)", after, most), &error);
  gboolean is_paused;
  GVariant *items;

  g_assert_no_error (error);
  g_variant_get (answer, "(b@aa{sv})", &is_paused, &items);
  if (paused != NULL)
    *paused = is_paused;
  return items;
}

/* "1 2 3": the ids of the queue, and with states "1:waiting 2:paused". */
static char *
outline (Fixture *fixture, gboolean with_states)
{
  g_autoptr (GVariant) items = list (fixture, 0, 0, NULL);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < g_variant_n_children (items); i++) {
    g_autoptr (GVariant) item = g_variant_get_child_value (items, i);
    const char *state;
    gint64 id;

    g_assert_true (g_variant_lookup (item, "id", "x", &id));
    g_assert_true (g_variant_lookup (item, "state", "&s", &state));
    g_string_append_printf (text, "%s%d", i > 0 ? " " : "", (int) id);
    if (with_states)
      g_string_append_printf (text, ":%s", state);
  }
  return g_string_free (text, FALSE);
}

static void
assert_ids (Fixture *fixture, const char *expected)
{
  g_autofree char *text = outline (fixture, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_states (Fixture *fixture, const char *expected)
{
  g_autofree char *text = outline (fixture, TRUE);

  g_assert_cmpstr (text, ==, expected);
}

static GVariant *
ids (const char *text)
{
  g_autofree char *whole = g_strdup_printf ("(@ax [%s],)", text);

  return g_variant_new_parsed (whole);
}

static GVariant *
ids_and_place (const char *text, const char *place)
{
  g_autofree char *whole = g_strdup_printf ("(@ax [%s], %%s)", text);

  return g_variant_new_parsed (whole, place);
}

static void
test_add_and_list (Fixture *fixture, gconstpointer data)
{
  g_autofree char *photo = make_file (fixture, "album/photo.jpg", "12345");
  g_autofree char *other = make_file (fixture, "album/day 1/other.jpg", "");
  g_autofree char *album = g_strconcat ("file://", fixture->folder, "/album", NULL);
  g_autofree char *gone = g_strconcat ("file://", fixture->folder, "/gone.jpg", NULL);
  const char *uris[] = { album, gone, NULL };
  g_autoptr (GVariant) items = NULL;
  guint n_added, n_skipped;
  guint n_found = 0;

  g_assert_cmpuint (add (fixture, "site", uris, &n_added, &n_skipped), ==, 1);
  g_assert_cmpuint (n_added, ==, 2);
  g_assert_cmpuint (n_skipped, ==, 0);

  start_again (fixture);
  items = list (fixture, 0, 0, NULL);
  g_assert_cmpuint (g_variant_n_children (items), ==, 2);
  for (gsize i = 0; i < 2; i++) {
    g_autoptr (GVariant) item = g_variant_get_child_value (items, i);
    const char *name, *state, *wait, *uri, *file, *site;
    gint64 size;

    g_assert_true (g_variant_lookup (item, "name", "&s", &name));
    g_assert_true (g_variant_lookup (item, "state", "&s", &state));
    g_assert_true (g_variant_lookup (item, "wait", "&s", &wait));
    g_assert_true (g_variant_lookup (item, "uri", "&s", &uri));
    g_assert_true (g_variant_lookup (item, "file", "&s", &file));
    g_assert_true (g_variant_lookup (item, "site", "&s", &site));
    g_assert_true (g_variant_lookup (item, "size", "x", &size));
    g_assert_cmpstr (state, ==, "waiting");
    g_assert_cmpstr (wait, ==, "turn");
    g_assert_cmpstr (site, ==, NOBODY);
    if (g_str_equal (name, "photo.jpg")) {
      g_assert_cmpint (size, ==, 5);
      g_assert_cmpstr (uri, ==, photo);
      g_assert_true (g_str_has_suffix (file, "/album/photo.jpg"));
    } else {
      g_assert_cmpstr (name, ==, "other.jpg");
      g_assert_cmpint (size, ==, 0);
      g_assert_cmpstr (uri, ==, other);
    }
    n_found++;
  }
  g_assert_cmpuint (n_found, ==, 2);
}

static void
test_failed_are_told (Fixture *fixture, gconstpointer data)
{
  g_autofree char *gone = g_strconcat ("file://", fixture->folder, "/gone.jpg", NULL);
  const char *uris[] = { gone, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, "Add", new_add ("site", uris), &error);
  g_autoptr (GVariant) failed = NULL;
  const char *uri, *reason;

  g_assert_no_error (error);
  failed = g_variant_get_child_value (answer, 2);
  g_assert_cmpuint (g_variant_n_children (failed), ==, 1);
  g_variant_get_child (failed, 0, "(&s&s)", &uri, &reason);
  g_assert_cmpstr (uri, ==, gone);
  g_assert_cmpstr (reason, ==, "The file is not there");
  assert_ids (fixture, "");
}

static void
test_added_twice (Fixture *fixture, gconstpointer data)
{
  g_autofree char *uri = make_file (fixture, "a.bin", "1");
  const char *uris[] = { uri, uri, NULL };
  guint n_added, n_skipped;

  g_assert_cmpuint (add (fixture, "site", uris, &n_added, &n_skipped), ==, 0);
  g_assert_cmpuint (n_added, ==, 1);
  g_assert_cmpuint (n_skipped, ==, 1);
  g_assert_cmpuint (add (fixture, "replace", uris, &n_added, &n_skipped), ==, 0);
  g_assert_cmpuint (n_added, ==, 0);
  g_assert_cmpuint (n_skipped, ==, 2);
  assert_ids (fixture, "1");
}

/* The second of two files of one name, as each rule has it. */
static void
test_rules (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *rule;
    guint n_added;
    const char *name;
  } cases[] = {
    { "site", 1, "a (2).bin" },
    { "rename", 1, "a (3).bin" },
    { "skip", 0, NULL },
    { "replace", 1, "a.bin" },
  };
  g_autofree char *first = make_file (fixture, "a.bin", "1");
  const char *uris[] = { first, NULL };
  guint n_added, n_skipped;

  add (fixture, "site", uris, &n_added, &n_skipped);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("%u/a.bin", i);
    g_autofree char *second = make_file (fixture, path, "2");
    const char *more[] = { second, NULL };
    g_autoptr (GVariant) items = NULL;
    g_autoptr (GVariant) last = NULL;
    const char *name;

    g_assert_cmpuint (add (fixture, cases[i].rule, more, &n_added, &n_skipped), ==, 0);
    g_assert_cmpuint (n_added, ==, cases[i].n_added);
    g_assert_cmpuint (n_skipped, ==, 1 - cases[i].n_added);
    if (cases[i].name == NULL)
      continue;

    items = list (fixture, 0, 0, NULL);
    last = g_variant_get_child_value (items, g_variant_n_children (items) - 1);
    g_assert_true (g_variant_lookup (last, "name", "&s", &name));
    g_assert_cmpstr (name, ==, cases[i].name);
  }
}

static void
test_site_keeps_its_rule (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GUri) address = g_uri_parse (NOBODY, G_URI_FLAGS_NONE, NULL);
  g_autofree char *first = make_file (fixture, "a.bin", "1");
  g_autofree char *second = make_file (fixture, "b/a.bin", "2");
  const char *uris[] = { first, NULL }, *more[] = { second, NULL };
  guint n_added, n_skipped;
  GalileoSite *site;

  add (fixture, "replace", uris, &n_added, &n_skipped);
  site = galileo_queue_find_site (fixture->queue, address);
  g_assert_cmpint (galileo_site_get_name_rule (site), ==, GALILEO_NAME_RULE_ASK);
  galileo_site_set_name_rule (site, GALILEO_NAME_RULE_SKIP);
  add (fixture, "site", more, &n_added, &n_skipped);
  g_assert_cmpuint (n_added, ==, 0);
  g_assert_cmpuint (n_skipped, ==, 1);
}

static void
test_pause_and_resume (Fixture *fixture, gconstpointer data)
{
  fill (fixture, 3);
  g_assert_cmpuint (change (fixture, "Pause", ids ("1, 3")), ==, 2);
  g_assert_cmpuint (change (fixture, "Pause", ids ("1, 2, 2")), ==, 1);
  start_again (fixture);
  assert_states (fixture, "1:paused 2:paused 3:paused");
  g_assert_cmpuint (change (fixture, "Resume", ids ("2")), ==, 1);
  g_assert_cmpuint (change (fixture, "Resume", ids ("2")), ==, 0);
  start_again (fixture);
  assert_states (fixture, "1:paused 2:waiting 3:paused");
}

static void
test_pause_everything (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) items = NULL;
  gboolean paused;

  fill (fixture, 1);
  change (fixture, "Pause", ids (""));
  start_again (fixture);
  g_assert_true (galileo_queue_service_get_paused (fixture->service));
  items = list (fixture, 0, 0, &paused);
  g_assert_true (paused);
  assert_states (fixture, "1:waiting");
  change (fixture, "Resume", ids (""));
  start_again (fixture);
  g_assert_false (galileo_queue_service_get_paused (fixture->service));
}

static void
test_cancel_retry_remove (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "It is a pipe");
  g_autoptr (GalileoSite) site = galileo_site_new (NOBODY, NULL);
  g_autoptr (GFile) file = g_file_new_for_path ("/pipe");

  fill (fixture, 3);
  g_ptr_array_add (items, galileo_item_new_failed (site, file, error));
  galileo_queue_append (fixture->queue, items);
  while (galileo_queue_find_id (fixture->queue, 4) == NULL)
    g_main_context_iteration (NULL, TRUE);
  {
    g_autoptr (GVariant) page = list (fixture, 3, 0, NULL);
    g_autoptr (GVariant) item = g_variant_get_child_value (page, 0);
    const char *reason;

    g_assert_true (g_variant_lookup (item, "reason", "&s", &reason));
    g_assert_cmpstr (reason, ==, "It is a pipe");
  }

  g_assert_cmpuint (change (fixture, "Cancel", ids ("2, 4")), ==, 1);
  start_again (fixture);
  assert_states (fixture, "1:waiting 2:cancelled 3:waiting 4:failed");
  g_assert_cmpuint (change (fixture, "RetryFailed", g_variant_new ("()")), ==, 1);
  g_assert_cmpuint (change (fixture, "RetryFailed", NULL), ==, 0);
  start_again (fixture);
  assert_states (fixture, "1:waiting 2:cancelled 3:waiting 4:waiting");
  g_assert_cmpuint (change (fixture, "Remove", ids ("1, 2, 1")), ==, 2);
  start_again (fixture);
  assert_ids (fixture, "3 4");
}

static void
test_move (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *ids, *place, *order;
  } cases[] = {
    { "3, 5", "top", "3 5 1 2 4" },
    { "5", "up", "5 3 1 2 4" },
    { "5", "up", "5 3 1 2 4" },
    { "3, 2", "bottom", "5 1 4 3 2" },
    { "1", "down", "5 4 1 3 2" },
    { "2", "down", "5 4 1 3 2" },
  };

  fill (fixture, 5);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    change (fixture, "Move", ids_and_place (cases[i].ids, cases[i].place));
    start_again (fixture);
    assert_ids (fixture, cases[i].order);
  }
}

/* One that is unknown has the others stay as they are. */
static void
test_unknown_id (Fixture *fixture, gconstpointer data)
{
  static const char *const commands[] = { "Pause", "Resume", "Remove", "Cancel" };

  fill (fixture, 2);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    assert_fails (fixture, commands[i], ids ("1, 77"), GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM, "77");
  assert_fails (fixture, "Move", ids_and_place ("2, 78", "top"), GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM, "78");
  assert_fails (fixture, "List", g_variant_new ("(xu)", (gint64) 79, 1), GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM, "79");
  assert_fails (fixture, "Pause", ids ("0"), GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM, "0");
  assert_states (fixture, "1:waiting 2:waiting");
}

static void
test_pages (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) first = NULL;
  g_autoptr (GVariant) second = NULL;
  g_autoptr (GVariant) third = NULL;
  g_autoptr (GVariant) item = NULL;
  gint64 id;

  fill (fixture, 5);
  first = list (fixture, 0, 2, NULL);
  second = list (fixture, 2, 2, NULL);
  third = list (fixture, 4, 2, NULL);
  g_assert_cmpuint (g_variant_n_children (first), ==, 2);
  g_assert_cmpuint (g_variant_n_children (second), ==, 2);
  g_assert_cmpuint (g_variant_n_children (third), ==, 1);
  item = g_variant_get_child_value (third, 0);
  g_assert_true (g_variant_lookup (item, "id", "x", &id));
  g_assert_cmpint (id, ==, 5);
}

static void
test_bad_parameters (Fixture *fixture, gconstpointer data)
{
  const char *uris[] = { NULL };

  assert_fails (fixture, "Explode", NULL, GALILEO_QUEUE_SERVICE_ERROR_INVALID, "Explode");
  assert_fails (fixture, "List", NULL, GALILEO_QUEUE_SERVICE_ERROR_INVALID, "List");
  assert_fails (fixture, "Pause", g_variant_new ("(s)", "1"), GALILEO_QUEUE_SERVICE_ERROR_INVALID, "Pause");
  assert_fails (fixture, "Add", new_add ("ask", uris), GALILEO_QUEUE_SERVICE_ERROR_INVALID, "ask");
  assert_fails (fixture, "Add", g_variant_new ("(s^ass)", "gopher://x", uris, "site"), GALILEO_QUEUE_SERVICE_ERROR_INVALID,
                "gopher");
  assert_fails (fixture, "Move", ids_and_place ("", "aside"), GALILEO_QUEUE_SERVICE_ERROR_INVALID, "aside");
  assert_fails (fixture, "SearchHistory", g_variant_new ("(ss)", "", "xml"), GALILEO_QUEUE_SERVICE_ERROR_INVALID, "xml");
}

static void
put_end (Fixture *fixture, const char *name)
{
  GalileoRecord *record = galileo_record_new ();

  record->id = 1000;
  record->address = g_strdup (NOBODY);
  record->uri = g_strdup_printf ("file:///%s", name);
  record->name = g_strdup (name);
  record->upload_id = g_strdup ("u");
  record->state = GALILEO_ITEM_DONE;
  record->size = 3;
  record->seconds = 1.0;
  record->finish_time = g_get_real_time ();
  galileo_store_put_end (fixture->store, record, NULL, NULL);
}

static char *
search (Fixture *fixture, const char *text, const char *format)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, "SearchHistory", g_variant_new ("(ss)", text, format), &error);
  char *found;

  g_assert_no_error (error);
  g_variant_get (answer, "(s)", &found);
  return found;
}

static void
test_history (Fixture *fixture, gconstpointer data)
{
  g_autofree char *json = NULL;
  g_autofree char *csv = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *upload;

  put_end (fixture, "choir.wav");
  put_end (fixture, "organ.wav");
  json = search (fixture, "choir", "json");
  root = json_from_string (json, NULL);
  g_assert_nonnull (root);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (root)), ==, 1);
  upload = json_array_get_object_element (json_node_get_array (root), 0);
  g_assert_cmpstr (json_object_get_string_member (upload, "name"), ==, "choir.wav");

  csv = search (fixture, "", "csv");
  g_assert_true (g_str_has_prefix (csv, "time,state,site,"));
  g_assert_nonnull (strstr (csv, "choir.wav"));
  g_assert_nonnull (strstr (csv, "organ.wav"));
}

/* A queue that is not kept takes commands, but nothing that somebody relies on it to keep. */
static void
test_not_kept (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoQueue) queue = galileo_queue_new (fixture->engine);
  g_autoptr (GalileoSite) site = galileo_site_new (NOBODY, NULL);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GFile) file = g_file_new_for_path ("/a");
  g_autofree char *uri = make_file (fixture, "a.bin", "1");
  g_autofree char *json = NULL;
  const char *uris[] = { uri, NULL };

  galileo_queue_freeze (queue);
  galileo_queue_service_set_queue (fixture->service, queue, NULL);
  assert_fails (fixture, "Add", new_add ("site", uris), GALILEO_QUEUE_SERVICE_ERROR_NOT_SAVED, "nothing was added");
  assert_ids (fixture, "");
  g_ptr_array_add (items, galileo_item_new (site, file, NULL));
  galileo_queue_append (queue, items);
  g_assert_cmpuint (change (fixture, "Pause", ids ("1")), ==, 1);
  assert_states (fixture, "1:paused");
  json = search (fixture, "", "json");
  g_assert_cmpstr (json, ==, "[]");
}

static void
test_no_queue (Fixture *fixture, gconstpointer data)
{
  galileo_queue_service_set_queue (fixture->service, NULL, NULL);
  assert_fails (fixture, "List", g_variant_new ("(xu)", (gint64) 0, 0), GALILEO_QUEUE_SERVICE_ERROR_NOT_READY, "starting");
  g_assert_false (galileo_queue_service_get_paused (fixture->service));
}

/* The program ends while somebody adds: that is answered, and holds nothing up. */
static void
test_queue_goes_while_adding (Fixture *fixture, gconstpointer data)
{
  g_autofree char *uri = make_file (fixture, "a.bin", "1");
  const char *uris[] = { uri, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;

  galileo_queue_service_call_async (fixture->service, "Add", new_add ("site", uris), called_cb, &result);
  start_again (fixture);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  answer = galileo_queue_service_call_finish (fixture->service, result, &error);
  g_assert_error (error, GALILEO_QUEUE_SERVICE_ERROR, GALILEO_QUEUE_SERVICE_ERROR_NOT_READY);
  assert_ids (fixture, "");
}

/* A disk that takes nothing is said, and not passed over. */
static void
test_disk_takes_nothing (Fixture *fixture, gconstpointer data)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_record_free);
  GalileoRecord *record = galileo_record_new ();

  fill (fixture, 1);
  /* Something that no record can be, for it has no URI: all that is given with it fails. */
  record->id = 99;
  record->upload_id = g_strdup ("u");
  record->address = g_strdup (NOBODY);
  record->name = g_strdup ("no uri");
  g_ptr_array_add (records, record);
  galileo_store_put (fixture->store, records, NULL, NULL);
  assert_fails (fixture, "Pause", ids ("1"), GALILEO_QUEUE_SERVICE_ERROR_NOT_SAVED, "can't be saved");
  g_assert_nonnull (galileo_store_get_problem (fixture->store));
}

/* Over D-Bus */

static GDBusConnection *
finish_connection (GAsyncResult **result)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  connection = g_dbus_connection_new_finish (*result, &error);
  g_assert_no_error (error);
  g_object_unref (*result);
  return connection;
}

static void
connect_pair (GDBusConnection **server, GDBusConnection **client)
{
  g_autofree char *guid = g_dbus_generate_guid ();
  const GDBusConnectionFlags flags[] = { G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER,
                                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT };
  GAsyncResult *results[] = { NULL, NULL };
  int descriptors[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors), ==, 0);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GSocket) socket = g_socket_new_from_fd (descriptors[i], NULL);
    g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);

    g_dbus_connection_new (G_IO_STREAM (stream), i == 0 ? guid : NULL, flags[i], NULL, NULL, called_cb, &results[i]);
  }
  *server = finish_connection (&results[0]);
  *client = finish_connection (&results[1]);
}

static GVariant *
call_over (GDBusConnection *connection, const char *interface, const char *method, GVariant *parameters, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_call (connection, NULL, "/queue", interface, method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          called_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_dbus_connection_call_finish (connection, result, error);
}

static void
test_dbus (Fixture *fixture, gconstpointer data)
{
  const char *interface = GALILEO_QUEUE_SERVICE_INTERFACE;
  g_autofree char *uri = make_file (fixture, "a.bin", "1");
  const char *uris[] = { uri, NULL };
  g_autoptr (GDBusConnection) server = NULL;
  g_autoptr (GDBusConnection) client = NULL;
  g_autoptr (GVariant) added = NULL;
  g_autoptr (GVariant) items = NULL;
  g_autoptr (GVariant) paused = NULL;
  g_autofree char *added_text = NULL;
  g_autofree char *paused_text = NULL;
  g_autoptr (GError) error = NULL;

  connect_pair (&server, &client);
  g_assert_true (galileo_queue_service_export (fixture->service, server, "/queue", &error));

  added = call_over (client, interface, "Add", new_add ("site", uris), &error);
  g_assert_no_error (error);
  added_text = g_variant_print (added, TRUE);
  g_assert_cmpstr (added_text, ==, "(uint32 1, uint32 0, @a(ss) [])");

  items = call_over (client, interface, "List", g_variant_new ("(xu)", (gint64) 0, 0), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_type_string (items), ==, "(baa{sv})");

  paused = call_over (client, "org.freedesktop.DBus.Properties", "Get", g_variant_new ("(ss)", interface, "Paused"), &error);
  g_assert_no_error (error);
  paused_text = g_variant_print (paused, TRUE);
  g_assert_cmpstr (paused_text, ==, "(<false>,)");

  g_assert_null (call_over (client, interface, "Cancel", ids ("5"), &error));
  g_assert_error (error, GALILEO_QUEUE_SERVICE_ERROR, GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM);
  g_clear_error (&error);

  galileo_queue_service_unexport (fixture->service, server);
  g_assert_null (call_over (client, interface, "Cancel", ids ("1"), &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);

  g_assert_true (g_dbus_connection_close_sync (client, NULL, NULL));
  while (!g_dbus_connection_is_closed (server))
    g_main_context_iteration (NULL, FALSE);
}

/* The commands are those that the interface has, no fewer and no others. */
static void
test_interface (Fixture *fixture, gconstpointer data)
{
  GDBusInterfaceInfo *info = galileo_queue_service_get_info ();
  guint n = 0;

  galileo_queue_service_set_queue (fixture->service, NULL, NULL);
  for (; info->methods[n] != NULL; n++) {
    GVariantBuilder parameters = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_TUPLE);

    for (guint i = 0; info->methods[n]->in_args != NULL && info->methods[n]->in_args[i] != NULL; i++) {
      const char *type = info->methods[n]->in_args[i]->signature;

      if (g_str_equal (type, "s"))
        g_variant_builder_add (&parameters, "s", "");
      else if (g_str_equal (type, "x"))
        g_variant_builder_add (&parameters, "x", (gint64) 0);
      else if (g_str_equal (type, "u"))
        g_variant_builder_add (&parameters, "u", 0);
      else
        g_variant_builder_add_value (&parameters, g_variant_new_array (G_VARIANT_TYPE (type + 1), NULL, 0));
    }
    assert_fails (fixture,
                  info->methods[n]->name,
                  g_variant_builder_end (&parameters),
                  GALILEO_QUEUE_SERVICE_ERROR_NOT_READY,
                  "starting");
  }
  g_assert_cmpuint (n, ==, 9);
}

/* A database that another program has for a moment is worth a wait, one that it keeps is not. */
static void
test_wait_for_store (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();
  GalileoStore *second = galileo_store_wait_for (fixture->path, 100, &error);

  g_assert_null (second);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 100 * 1000);
}

/* Ends a store after some time, which is that of trying in vain to open it. */
static gpointer
let_go (gpointer data)
{
  const char *path = g_object_get_data (data, "path");

  for (guint i = 0; i < 50; i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (galileo_store_new (path, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  }
  g_object_unref (data);
  return NULL;
}

static void
test_wait_for_store_that_ends (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "other.db", NULL);
  g_autoptr (GError) error = NULL;
  GalileoStore *first = galileo_store_new (path, &error);
  g_autoptr (GalileoStore) second = NULL;
  GThread *thread;

  g_assert_no_error (error);
  g_object_set_data (G_OBJECT (first), "path", path);
  thread = g_thread_new ("let go", let_go, first);
  second = galileo_store_wait_for (path, 30000, &error);
  g_assert_no_error (error);
  g_assert_nonnull (second);
  g_thread_join (thread);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add ("/queue-service/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("add-and-list", test_add_and_list);
  ADD ("failed-are-told", test_failed_are_told);
  ADD ("added-twice", test_added_twice);
  ADD ("rules", test_rules);
  ADD ("site-keeps-its-rule", test_site_keeps_its_rule);
  ADD ("pause-and-resume", test_pause_and_resume);
  ADD ("pause-everything", test_pause_everything);
  ADD ("cancel-retry-remove", test_cancel_retry_remove);
  ADD ("move", test_move);
  ADD ("unknown-id", test_unknown_id);
  ADD ("pages", test_pages);
  ADD ("bad-parameters", test_bad_parameters);
  ADD ("history", test_history);
  ADD ("not-kept", test_not_kept);
  ADD ("no-queue", test_no_queue);
  ADD ("queue-goes-while-adding", test_queue_goes_while_adding);
  ADD ("disk-takes-nothing", test_disk_takes_nothing);
  ADD ("interface", test_interface);
  ADD ("dbus", test_dbus);
  ADD ("wait-for-store", test_wait_for_store);
  ADD ("wait-for-store-that-ends", test_wait_for_store_that_ends);

  return g_test_run ();
}

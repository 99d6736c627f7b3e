/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

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
void
start_again (Fixture *fixture)
{
  stop (fixture);
  start (fixture);
}

void
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

void
tear_down (Fixture *fixture, gconstpointer data)
{
  stop (fixture);
  g_assert_finalize_object (fixture->service);
  g_assert_finalize_object (fixture->engine);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

void
called_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (result);
}

GVariant *
call (Fixture *fixture, const char *command, GVariant *parameters, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galileo_queue_service_call_async (fixture->service, command, parameters, called_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return galileo_queue_service_call_finish (fixture->service, result, error);
}

void
assert_fails (Fixture *fixture, const char *command, GVariant *parameters, GalileoQueueServiceError code, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, command, parameters, &error);

  g_assert_error (error, GALILEO_QUEUE_SERVICE_ERROR, (int) code);
  g_assert_null (answer);
  g_assert_nonnull (strstr (error->message, word));
}

guint
change (Fixture *fixture, const char *command, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, command, parameters, &error);
  guint n;

  g_assert_no_error (error);
  g_variant_get (answer, "(u)", &n);
  return n;
}

char *
make_file (Fixture *fixture, const char *name, const char *contents)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, contents, -1, NULL));
  return g_filename_to_uri (path, NULL, NULL);
}

GVariant *
new_add (const char *rule, const char *const *uris)
{
  return g_variant_new ("(s^ass)", NOBODY, uris, rule);
}

/* Returns how many failed. */
guint
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
void
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

GVariant *
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

void
assert_ids (Fixture *fixture, const char *expected)
{
  g_autofree char *text = outline (fixture, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

void
assert_states (Fixture *fixture, const char *expected)
{
  g_autofree char *text = outline (fixture, TRUE);

  g_assert_cmpstr (text, ==, expected);
}

GVariant *
ids (const char *text)
{
  g_autofree char *whole = g_strdup_printf ("(@ax [%s],)", text);

  return g_variant_new_parsed (whole);
}

GVariant *
ids_and_place (const char *text, const char *place)
{
  g_autofree char *whole = g_strdup_printf ("(@ax [%s], %%s)", text);

  return g_variant_new_parsed (whole, place);
}

char *
search (Fixture *fixture, const char *text, const char *format)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, "SearchHistory", g_variant_new ("(ss)", text, format), &error);
  char *found;

  g_assert_no_error (error);
  g_variant_get (answer, "(s)", &found);
  return found;
}

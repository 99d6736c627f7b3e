/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service-fixture.h"

#include <json-glib/json-glib.h>
#include <string.h>

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
  g_assert_cmpuint (n, ==, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add ("/queue-service/" path, Fixture, NULL, set_up, function, tear_down)
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
  ADD ("disk-takes-nothing", test_disk_takes_nothing);
  ADD ("interface", test_interface);

  return g_test_run ();
}

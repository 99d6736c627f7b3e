/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service-fixture.h"

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
  ADD ("queue-goes-while-adding", test_queue_goes_while_adding);

  return g_test_run ();
}

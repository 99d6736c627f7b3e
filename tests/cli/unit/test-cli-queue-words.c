/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-queue-words.h"

#include <json-glib/json-glib.h>

static GVariant *
new_item (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *item = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return item;
}

static void
test_states (void)
{
  static const struct {
    const char *item;
    const char *words;
  } cases[] = {
    { "{'state': <'waiting'>, 'wait': <'turn'>}", "waiting" },
    { "{'state': <'waiting'>, 'wait': <'paused'>}", "waiting" },
    { "{'state': <'waiting'>, 'wait': <'network'>}", "waiting: there is no network" },
    { "{'state': <'waiting'>, 'wait': <'metered'>}", "waiting: the network is metered" },
    { "{'state': <'waiting'>, 'wait': <'site'>}", "waiting: the site can't be reached" },
    { "{'state': <'waiting'>, 'wait': <'sign-in'>}", "waiting: signing in at the site" },
    { "{'state': <'waiting'>, 'wait': <'name'>}", "waiting: another file of its name goes first" },
    { "{'state': <'uploading'>, 'size': <int64 200>, 'acknowledged': <uint64 85>}", "uploading 42 %" },
    { "{'state': <'uploading'>, 'size': <int64 0>, 'acknowledged': <uint64 0>}", "uploading 0 %" },
    { "{'state': <'uploading'>, 'acknowledged': <uint64 7>}", "uploading 0 %" },
    { "{'state': <'uploading'>, 'size': <int64 200>, 'acknowledged': <uint64 300>, 'speed': <2000.0>}",
      "uploading 100 %, 2.0 kB/s" },
    { "{'state': <'retrying'>, 'retry-in': <7.2>, 'reason': <'It broke'>}", "trying again in 8 s: It broke" },
    { "{'state': <'retrying'>}", "trying again in 0 s" },
    { "{'state': <'paused'>}", "paused" },
    { "{'state': <'failed'>, 'reason': <'a\\u001b[31mb'>}", "failed: a\\x1b[31mb" },
    { "{'state': <'failed'>}", "failed" },
    { "{'state': <'done'>, 'reason': <'not said'>}", "done" },
    { "{'state': <'cancelled'>}", "cancelled" },
    { "{'state': <'of a later version\\n'>}", "of a later version\\n" },
    { "{}", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GVariant) item = new_item (cases[i].item);
    g_autofree char *words = cli_queue_words_state (item);

    g_assert_cmpstr (words, ==, cases[i].words);
  }
}

static GPtrArray *
new_items (void)
{
  GPtrArray *items = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  g_ptr_array_add (items, new_item ("{'id': <int64 9>, 'name': <'a\\n.jpg'>, 'size': <int64 5>, 'state': <'done'>, "
                                    "'site': <'wss://one.example/upload'>}"));
  g_ptr_array_add (items, new_item ("{'id': <int64 10>, 'name': <'写真.jpg'>, 'state': <'paused'>, "
                                    "'site': <'ws://b.example/'>, 'acknowledged': <uint64 18446744073709551615>}"));
  return items;
}

static void
test_list (void)
{
  g_autoptr (GPtrArray) items = new_items ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autofree char *text = cli_queue_words_list (items);
  g_autofree char *nothing = cli_queue_words_list (none);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_cmpstr (nothing, ==, "");
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_cmpstr (lines[0], ==, " 9  a\\n.jpg   5 bytes  one.example  done");
  g_assert_cmpstr (lines[1], ==, "10  写真.jpg           b.example    paused");
  g_assert_cmpstr (lines[2], ==, "");
}

static void
test_json (void)
{
  g_autoptr (GPtrArray) items = new_items ();
  g_autofree char *line = cli_queue_words_json (items, TRUE, FALSE);
  g_autoptr (JsonNode) root = json_from_string (line, NULL);
  JsonObject *object = json_node_get_object (root);
  JsonObject *upload = json_array_get_object_element (json_object_get_array_member (object, "uploads"), 0);

  g_assert_true (g_str_has_suffix (line, "}\n"));
  g_assert_true (json_object_get_boolean_member (object, "running"));
  g_assert_false (json_object_get_boolean_member (object, "paused"));
  g_assert_cmpint (json_object_get_int_member (upload, "id"), ==, 9);
  g_assert_cmpstr (json_object_get_string_member (upload, "name"), ==, "a\n.jpg");
}

static void
test_history (void)
{
  g_autofree char *text = cli_queue_words_history (
      "[{\"time\": \"2026-05-04T03:02:01Z\", \"state\": \"done\", \"name\": \"a\\u001b.jpg\", \"bytes\": 1000,"
      "  \"site\": \"wss://x/\", \"link\": \"https://x/\\u0007\"},"
      " {\"time\": \"some time\", \"state\": \"failed\", \"name\": \"b\", \"site\": \"wss://x/\", \"reason\": \"No\"}]");
  g_autofree char *nothing = cli_queue_words_history ("[]");
  g_autofree char *nonsense = cli_queue_words_history ("nonsense");

  g_assert_cmpstr (text,
                   ==,
                   "2026-05-04 03:02:01  a\\x1b.jpg                   1.0 kB  wss://x/  https://x/\\x07\n"
                   "some time  b                                   wss://x/  failed: No\n");
  g_assert_cmpstr (nothing, ==, "");
  g_assert_cmpstr (nonsense, ==, "");
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/queue-words/states", test_states);
  g_test_add_func ("/cli/queue-words/list", test_list);
  g_test_add_func ("/cli/queue-words/json", test_json);
  g_test_add_func ("/cli/queue-words/history", test_history);

  return g_test_run ();
}

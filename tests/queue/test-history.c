/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-history.h"

#include "galileo/galileo-error.h"

#include <json-glib/json-glib.h>

static GPtrArray *
make_records (void)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_record_free);
  GalileoRecord *record = galileo_record_new ();

  record->finish_time = G_GINT64_CONSTANT (1790000000000000);
  record->address = g_strdup ("wss://example.org/upload");
  record->uri = g_strdup ("file:///photos/a%20%22b%22.jpg");
  record->name = g_strdup ("a \"b\".jpg");
  record->state = GALILEO_ITEM_DONE;
  record->size = 3000;
  record->attempt = 2;
  record->seconds = 1.5;
  record->hash = g_strdup ("00ff");
  record->verified = TRUE;
  record->url = g_strdup ("https://example.org/a");
  g_ptr_array_add (records, record);

  record = galileo_record_new ();
  record->finish_time = G_GINT64_CONSTANT (1790000001000000);
  record->address = g_strdup ("wss://example.org/upload");
  record->uri = g_strdup ("file:///photos/=1+1");
  record->name = g_strdup ("=1+1");
  record->path = g_strdup ("album, 2026");
  record->state = GALILEO_ITEM_FAILED;
  record->attempt = 1;
  record->error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_REFUSED, "Two\nlines");
  g_ptr_array_add (record->signals, g_strdup ("{\"error\":\"full\",\"code\":\"quota\"}"));
  g_ptr_array_add (record->signals, g_strdup ("{\"error\":true}"));
  g_ptr_array_add (records, record);

  return records;
}

static void
test_csv (void)
{
  g_autoptr (GPtrArray) records = make_records ();
  g_autofree char *text = galileo_history_to_csv (records);

  g_assert_cmpstr (text,
                   ==,
                   "time,state,site,file,folder,name,bytes,seconds,speed,attempts,hash,verified,link,reason,signals\r\n"
                   "2026-09-21T14:13:20Z,done,wss://example.org/upload,\"/photos/a \"\"b\"\".jpg\",,\"a \"\"b\"\".jpg\",3000,"
                   "1.500,2000,2,00ff,yes,https://example.org/a,,\r\n"
                   "2026-09-21T14:13:21Z,failed,wss://example.org/upload,/photos/=1+1,\"album, 2026\",\"'=1+1\",,0.000,,1,,"
                   "no,,\"Two\nlines\",\"{\"\"error\"\":\"\"full\"\",\"\"code\"\":\"\"quota\"\"}\n{\"\"error\"\":true}\"\r\n");
}

static void
test_json (void)
{
  g_autoptr (GPtrArray) records = make_records ();
  g_autofree char *text = galileo_history_to_json (records);
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  JsonArray *array = json_node_get_array (root);
  JsonObject *object = json_array_get_object_element (array, 0);

  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (object, "time"), ==, "2026-09-21T14:13:20Z");
  g_assert_cmpstr (json_object_get_string_member (object, "file"), ==, "/photos/a \"b\".jpg");
  g_assert_cmpint (json_object_get_int_member (object, "bytes"), ==, 3000);
  g_assert_cmpfloat (json_object_get_double_member (object, "speed"), ==, 2000.0);
  g_assert_true (json_object_get_boolean_member (object, "verified"));
  g_assert_false (json_object_has_member (object, "reason"));

  object = json_array_get_object_element (array, 1);
  g_assert_cmpstr (json_object_get_string_member (object, "name"), ==, "=1+1");
  g_assert_cmpstr (json_object_get_string_member (object, "reason"), ==, "Two\nlines");
  g_assert_cmpstr (json_object_get_string_member (object, "folder"), ==, "album, 2026");
  g_assert_false (json_object_has_member (object, "bytes"));
  array = json_object_get_array_member (object, "signals");
  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  object = json_array_get_object_element (array, 0);
  g_assert_cmpstr (json_object_get_string_member (object, "code"), ==, "quota");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/history/csv", test_csv);
  g_test_add_func ("/history/json", test_json);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-json.h"

#include <string.h>

/* The reader of JSON beside json-glib's own, on texts made at random. */

#define ROUNDS 3000
#define DEPTH 12

static void
append_space (GString *text)
{
  static const char *const spaces[] = { "", "", "", " ", "\n", "\t\r\n " };

  g_string_append (text, spaces[g_test_rand_int_range (0, G_N_ELEMENTS (spaces))]);
}

static void
append_string (GString *text)
{
  static const char *const pieces[] = { "a", "Z", "0", " ", "/", "ä", "€", "😀", "\\\"", "\\\\", "\\/", "\\b", "\\f",
                                        "\\n", "\\r", "\\t", "\\u00e4", "\\u20AC", "\\ud83d\\ude00", "\\u0001", "\x7f",
                                        "{", "}", "[", "]", ",", ":" };

  g_string_append_c (text, '"');
  for (int n = g_test_rand_int_range (0, 8); n > 0; n--)
    g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
  g_string_append_c (text, '"');
}

static void
append_scalar (GString *text)
{
  static const char *const scalars[] = { "true", "false", "null", "0", "-0.0", "7", "-12", "9223372036854775806",
                                         "-9223372036854775807", "0.5", "-3.25", "1e3", "2.5E-7", "1e+20", "123456789" };

  if (g_test_rand_bit ())
    append_string (text);
  else
    g_string_append (text, scalars[g_test_rand_int_range (0, G_N_ELEMENTS (scalars))]);
}

static void
append_value (GString *text, int depth)
{
  int kind = depth < DEPTH ? g_test_rand_int_range (0, 4) : 3;

  append_space (text);
  if (kind >= 2) {
    append_scalar (text);
  } else {
    g_string_append_c (text, kind == 0 ? '{' : '[');
    append_space (text);
    for (int n = g_test_rand_int_range (0, 5); n > 0; n--) {
      if (kind == 0) {
        append_space (text);
        append_string (text);
        append_space (text);
        g_string_append_c (text, ':');
      }
      append_value (text, depth + 1);
      if (n > 1)
        g_string_append_c (text, ',');
    }
    g_string_append_c (text, kind == 0 ? '}' : ']');
  }
  append_space (text);
}

static JsonNode *
read_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  gboolean mended = TRUE;
  JsonNode *node = galileo_json_parse (text, strlen (text), DEPTH + 1, &mended, &error);

  g_assert_no_error (error);
  g_assert_false (mended);
  return node;
}

static void
test_same (void)
{
  guint n_containers = 0;

  for (int i = 0; i < ROUNDS; i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    g_autoptr (JsonParser) parser = json_parser_new ();
    g_autoptr (JsonNode) ours = NULL;
    g_autoptr (JsonNode) again = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *written = NULL;

    append_value (text, 0);
    json_parser_load_from_data (parser, text->str, (gssize) text->len, &error);
    g_assert_no_error (error);
    ours = read_text (text->str);
    n_containers += !JSON_NODE_HOLDS_VALUE (ours) && !JSON_NODE_HOLDS_NULL (ours);
    if (!json_node_equal (ours, json_parser_get_root (parser)))
      g_error ("Read differently: %s", text->str);

    written = galileo_json_to_text (ours);
    again = read_text (written);
    if (!json_node_equal (ours, again))
      g_error ("Written differently: %s as %s", text->str, written);
  }

  g_assert_cmpuint (n_containers, >, ROUNDS / 4);
}

/* What is cut short or changed in one byte is read or refused, without reading beyond its end. */
static void
test_damaged (void)
{
  guint n_refused = 0;

  for (int i = 0; i < ROUNDS; i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    g_autofree char *exact = NULL;
    g_autoptr (JsonNode) node = NULL;
    g_autoptr (GError) error = NULL;
    gboolean mended;
    gsize length;

    append_value (text, 0);
    length = (gsize) g_test_rand_int_range (0, (int) text->len + 1);
    /* Without a NUL behind it, so that a memory checker sees who goes on. */
    exact = g_memdup2 (text->str, length);
    if (g_test_rand_bit () && length > 0)
      exact[g_test_rand_int_range (0, (int) length)] = (char) g_test_rand_int_range (0, 256);

    node = galileo_json_parse (exact != NULL ? exact : "", length, DEPTH + 1, &mended, &error);
    g_assert_true ((node == NULL) == (error != NULL));
    n_refused += node == NULL;
  }

  g_assert_cmpuint (n_refused, >, ROUNDS / 2);
  g_assert_cmpuint (n_refused, <, ROUNDS);
}

static void
test_numbers (void)
{
  static const struct {
    const char *text;
    double number; /* if it is none of the whole ones */
    gint64 whole;
  } rows[] = {
    { "9223372036854775807", 0, G_MAXINT64 },
    { "-9223372036854775808", 0, G_MININT64 },
    { "-0", 0, 0 },
    { "9223372036854775808", 9223372036854775808.0, 0 },
    { "-9223372036854775809", -9223372036854775808.0, 0 },
    { "100000000000000000000000", 1e23, 0 },
    { "1e2", 100, 0 },
    { "1.0", 1, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (JsonNode) node = read_text (rows[i].text);

    g_test_message ("%s", rows[i].text);
    if (rows[i].number == 0) {
      g_assert_true (json_node_get_value_type (node) == G_TYPE_INT64);
      g_assert_cmpint (json_node_get_int (node), ==, rows[i].whole);
    } else {
      g_assert_true (json_node_get_value_type (node) == G_TYPE_DOUBLE);
      g_assert_cmpfloat (json_node_get_double (node), ==, rows[i].number);
    }
  }
}

static void
test_same_key (void)
{
  g_autoptr (JsonNode) node = read_text ("{\"a\":{\"x\":[1]},\"b\":2,\"a\":3}");
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpuint (json_object_get_size (object), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "a"), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json/same-as-json-glib", test_same);
  g_test_add_func ("/json/damaged", test_damaged);
  g_test_add_func ("/json/numbers", test_numbers);
  g_test_add_func ("/json/same-key", test_same_key);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-json.h"

#include <math.h>
#include <string.h>

static void
append_string (GString *text, const char *string)
{
  g_string_append_c (text, '"');
  for (const char *at = string; *at != '\0'; at++) {
    unsigned char c = (unsigned char) *at;

    if (c == '"' || c == '\\') {
      g_string_append_c (text, '\\');
      g_string_append_c (text, *at);
    } else if (c == '\n') {
      g_string_append (text, "\\n");
    } else if (c == '\t') {
      g_string_append (text, "\\t");
    } else if (c == '\r') {
      g_string_append (text, "\\r");
    } else if (c < 0x20) {
      g_string_append_printf (text, "\\u%04x", c);
    } else {
      g_string_append_c (text, *at);
    }
  }
  g_string_append_c (text, '"');
}

/* A fraction, an exponent or ".0" tells readers that it is no integer. JSON has no infinity, but numbers that become it. */
static void
append_double (GString *text, double number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (number)) {
    g_string_append (text, "null");
  } else if (isinf (number)) {
    g_string_append (text, number > 0 ? "1e999" : "-1e999");
  } else {
    g_string_append (text, g_ascii_dtostr (digits, sizeof digits, number));
    if (strpbrk (digits, ".e") == NULL)
      g_string_append (text, ".0");
  }
}

static void
append_integer (GString *text, gint64 number)
{
  char digits[24];

  g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, number);
  g_string_append (text, digits);
}

static void
append_scalar (GString *text, JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node)) {
    g_string_append (text, "null");
    return;
  }

  switch (json_node_get_value_type (node)) {
  case G_TYPE_BOOLEAN:
    g_string_append (text, json_node_get_boolean (node) ? "true" : "false");
    break;
  case G_TYPE_INT64:
    append_integer (text, json_node_get_int (node));
    break;
  case G_TYPE_DOUBLE:
    append_double (text, json_node_get_double (node));
    break;
  default:
    append_string (text, json_node_get_string (node));
    break;
  }
}

/* Recursion is bounded by whoever made the node: galileo_json_parse() by its max_depth, our own code by what it builds. */
static void
append_node (GString *text, JsonNode *node)
{
  const char *separator = "";

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    const char *key;
    JsonNode *member;
    JsonObjectIter iter;

    g_string_append_c (text, '{');
    json_object_iter_init_ordered (&iter, json_node_get_object (node));
    while (json_object_iter_next_ordered (&iter, &key, &member)) {
      g_string_append (text, separator);
      append_string (text, key);
      g_string_append_c (text, ':');
      append_node (text, member);
      separator = ",";
    }
    g_string_append_c (text, '}');
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    g_string_append_c (text, '[');
    for (guint i = 0; i < json_array_get_length (array); i++) {
      g_string_append (text, separator);
      append_node (text, json_array_get_element (array, i));
      separator = ",";
    }
    g_string_append_c (text, ']');
  } else {
    append_scalar (text, node);
  }
}

/*
 * Writes compact JSON, members in the order in which they were set. Not by json-glib: up to 1.6 it writes some things that
 * are none, U+001F as it is, "1e+62.0" for 1e62, and "inf.0" for numbers beyond those of doubles.
 */
char *
galileo_json_to_text (JsonNode *node)
{
  GString *text = g_string_sized_new (256);

  append_node (text, node);
  return g_string_free (text, FALSE);
}

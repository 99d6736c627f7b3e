/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-json.h"

#include "galileo-error.h"

#include <gio/gio.h>
#include <string.h>

/*
 * Reads JSON (RFC 8259) without recursion and with nothing beside the grammar. json-glib's own parser recurses, up to
 * 1.9.1, as deep as its input says (131,072 brackets crash it), takes comments, single quotes, "var x =" and text behind
 * the value, and needs four times as many instructions for a signal.
 */

typedef struct {
  const char *at;
  const char *end;
  gboolean mended; /* half a character was replaced */
} Scanner;

/* U+FFFD */
#define REPLACEMENT "\xef\xbf\xbd"

static void
skip_space (Scanner *scan)
{
  while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\r' || *scan->at == '\n'))
    scan->at++;
}

static gboolean
take (Scanner *scan, char c)
{
  if (scan->at == scan->end || *scan->at != c)
    return FALSE;

  scan->at++;
  return TRUE;
}

static gboolean
take_word (Scanner *scan, const char *word)
{
  size_t length = strlen (word);

  if ((size_t) (scan->end - scan->at) < length || memcmp (scan->at, word, length) != 0)
    return FALSE;

  scan->at += length;
  return TRUE;
}

static gboolean
take_digits (Scanner *scan)
{
  const char *start = scan->at;

  while (scan->at < scan->end && g_ascii_isdigit (*scan->at))
    scan->at++;

  return scan->at > start;
}

/* Returns a whole number as an integer, if it fits; everything else as a double, as JavaScript does. */
static JsonNode *
take_number (Scanner *scan)
{
  const char *start = scan->at;
  g_autofree char *text = NULL;
  gboolean whole = TRUE;
  gint64 number;

  take (scan, '-');
  if (!take (scan, '0') && !take_digits (scan))
    return NULL;
  if (take (scan, '.')) {
    whole = FALSE;
    if (!take_digits (scan))
      return NULL;
  }
  if (take (scan, 'e') || take (scan, 'E')) {
    whole = FALSE;
    if (!take (scan, '+'))
      take (scan, '-');
    if (!take_digits (scan))
      return NULL;
  }

  text = g_strndup (start, (gsize) (scan->at - start));
  if (whole && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return json_node_init_int (json_node_alloc (), number);

  return json_node_init_double (json_node_alloc (), g_ascii_strtod (text, NULL));
}

static gboolean
take_unit (Scanner *scan, gunichar *unit)
{
  *unit = 0;
  if (scan->end - scan->at < 4)
    return FALSE;

  for (int i = 0; i < 4; i++, scan->at++) {
    if (!g_ascii_isxdigit (*scan->at))
      return FALSE;
    *unit = *unit << 4 | (gunichar) g_ascii_xdigit_value (*scan->at);
  }
  return TRUE;
}

static gboolean
is_high (gunichar unit)
{
  return unit >= 0xd800 && unit < 0xdc00;
}

static gboolean
is_low (gunichar unit)
{
  return unit >= 0xdc00 && unit < 0xe000;
}

/*
 * What follows \u. Half a character is grammatical JSON, and what a JavaScript server sends which shortens a text in the
 * middle of an emoji; it is replaced.
 */
static gboolean
take_unicode (Scanner *scan, GString *text)
{
  gunichar unit, second;
  const char *behind;

  /* A NUL would end the string early for every reader of C strings. */
  if (!take_unit (scan, &unit) || unit == 0)
    return FALSE;

  behind = scan->at;
  if (is_high (unit) && take_word (scan, "\\u")) {
    if (take_unit (scan, &second) && is_low (second)) {
      g_string_append_unichar (text, 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00));
      return TRUE;
    }
    scan->at = behind;
  }

  if (is_high (unit) || is_low (unit)) {
    g_string_append (text, REPLACEMENT);
    scan->mended = TRUE;
  } else {
    g_string_append_unichar (text, unit);
  }
  return TRUE;
}

static gboolean
take_escape (Scanner *scan, GString *text)
{
  static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  const char *name;

  if (scan->at == scan->end || *scan->at == '\0')
    return FALSE;
  if (take (scan, 'u'))
    return take_unicode (scan, text);

  name = strchr (names, *scan->at++);
  if (name == NULL)
    return FALSE;

  g_string_append_c (text, values[name - names]);
  return TRUE;
}

/* Up to what ends a string or is no plain part of it. */
static const char *
find_plain_end (Scanner *scan)
{
  const char *at = scan->at;

  while (at < scan->end && *at != '"' && *at != '\\' && (unsigned char) *at >= 0x20)
    at++;

  return at;
}

static char *
take_string (Scanner *scan)
{
  g_autoptr (GString) text = NULL;

  if (!take (scan, '"'))
    return NULL;

  for (;;) {
    const char *start = scan->at;

    scan->at = find_plain_end (scan);
    if (text == NULL && scan->at < scan->end && *scan->at == '"')
      return g_strndup (start, (gsize) (scan->at++ - start));

    if (text == NULL)
      text = g_string_new (NULL);
    g_string_append_len (text, start, scan->at - start);
    if (take (scan, '"'))
      return g_string_free (g_steal_pointer (&text), FALSE);
    if (!take (scan, '\\') || !take_escape (scan, text))
      return NULL;
  }
}

static JsonNode *
take_scalar (Scanner *scan)
{
  g_autofree char *string = NULL;

  if (scan->at == scan->end)
    return NULL;

  switch (*scan->at) {
  case '"':
    string = take_string (scan);
    return string != NULL ? json_node_init_string (json_node_alloc (), string) : NULL;
  case 't':
    return take_word (scan, "true") ? json_node_init_boolean (json_node_alloc (), TRUE) : NULL;
  case 'f':
    return take_word (scan, "false") ? json_node_init_boolean (json_node_alloc (), FALSE) : NULL;
  case 'n':
    return take_word (scan, "null") ? json_node_init_null (json_node_alloc ()) : NULL;
  default:
    return take_number (scan);
  }
}

/* An object or array that is open. */
typedef struct {
  JsonNode *node; /* borrowed but for the first: the one around it owns it */
  char *key;      /* of the member that comes next; NULL in an array */
} Level;

static gboolean
take_key (Scanner *scan, Level *level)
{
  skip_space (scan);
  level->key = take_string (scan);
  if (level->key == NULL)
    return FALSE;
  skip_space (scan);
  return take (scan, ':');
}

/* Takes the node. */
static void
put (Level *level, JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (level->node))
    json_array_add_element (json_node_get_array (level->node), node);
  else
    json_object_set_member (json_node_get_object (level->node), level->key, node);
  g_clear_pointer (&level->key, g_free);
}

static JsonNode *
new_container (char bracket)
{
  JsonNode *node = json_node_alloc ();

  if (bracket == '{') {
    g_autoptr (JsonObject) object = json_object_new ();

    return json_node_init_object (node, object);
  } else {
    g_autoptr (JsonArray) array = json_array_new ();

    return json_node_init_array (node, array);
  }
}

/* Returns the value, or NULL; levels is what was open then, innermost last. */
static JsonNode *
take_value (Scanner *scan, Level *levels, guint max_depth, guint *depth, gboolean *too_deep)
{
  g_autoptr (JsonNode) root = NULL;

  for (;;) {
    JsonNode *node = NULL;
    gboolean opened = FALSE;

    skip_space (scan);
    if (take (scan, '{') || take (scan, '[')) {
      char bracket = scan->at[-1];

      if (*depth == max_depth) {
        *too_deep = TRUE;
        return NULL;
      }
      node = new_container (bracket);
      skip_space (scan);
      opened = !take (scan, bracket == '{' ? '}' : ']');
    } else {
      node = take_scalar (scan);
      if (node == NULL)
        return NULL;
    }

    if (*depth > 0)
      put (&levels[*depth - 1], node);
    else
      root = node;

    if (opened) {
      levels[*depth].node = node;
      levels[(*depth)++].key = NULL;
      if (JSON_NODE_HOLDS_OBJECT (node) && !take_key (scan, &levels[*depth - 1]))
        return NULL;
      continue;
    }

    for (;;) {
      Level *level;

      if (*depth == 0)
        return g_steal_pointer (&root);
      level = &levels[*depth - 1];
      skip_space (scan);
      if (take (scan, ',')) {
        if (JSON_NODE_HOLDS_OBJECT (level->node) && !take_key (scan, level))
          return NULL;
        break;
      }
      if (!take (scan, JSON_NODE_HOLDS_OBJECT (level->node) ? '}' : ']'))
        return NULL;
      (*depth)--;
    }
  }
}

/*
 * galileo_json_parse:
 * @text: the text; need not end in NUL
 * @length: its length in bytes
 * @max_depth: how many objects and arrays may be open at once
 * @mended: (out): whether half a character, written as an escape, was replaced
 *
 * Reads one JSON value and nothing else (RFC 8259), in UTF-8. Fails with G_IO_ERROR_INVALID_DATA, or with
 * GALILEO_ERROR_PROTOCOL for the depth. Of members of the same name the last one counts.
 */
JsonNode *
galileo_json_parse (const char *text, gsize length, guint max_depth, gboolean *mended, GError **error)
{
  Scanner scan = { text, text + length, FALSE };
  g_autofree Level *levels = g_new (Level, max_depth);
  g_autoptr (JsonNode) root = NULL;
  gboolean too_deep = FALSE;
  guint depth = 0;

  if (!g_utf8_validate_len (text, length, NULL)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it is not UTF-8");
    return NULL;
  }

  root = take_value (&scan, levels, max_depth, &depth, &too_deep);
  while (depth > 0)
    g_free (levels[--depth].key);
  if (too_deep) {
    g_set_error (error, GALILEO_ERROR, GALILEO_ERROR_PROTOCOL, "it nests deeper than %u levels", max_depth);
    return NULL;
  }

  skip_space (&scan);
  if (root == NULL || scan.at < scan.end) {
    g_set_error (error,
                 G_IO_ERROR,
                 G_IO_ERROR_INVALID_DATA,
                 "it is not JSON from byte %" G_GSIZE_FORMAT " on",
                 (gsize) (scan.at - text));
    return NULL;
  }

  *mended = scan.mended;
  return g_steal_pointer (&root);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-json.h"

#include "galileo-error.h"

#include <gio/gio.h>
#include <string.h>

/*
 * A guard before json-glib, which up to 1.9.1 recurses as deep as its input says (131,072 brackets
 * crash it) and takes comments, single quotes, "var x =" and text behind the value. It checks the
 * grammar of RFC 8259 with a loop instead of recursion, and builds nothing.
 */

typedef struct {
  const char *at;
  const char *end;
} Scanner;

static void
skip_space (Scanner *scan)
{
  while (scan->at < scan->end && *scan->at != '\0' && strchr (" \t\r\n", *scan->at) != NULL)
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

static gboolean
take_number (Scanner *scan)
{
  take (scan, '-');
  if (!take (scan, '0') && !take_digits (scan))
    return FALSE;
  if (take (scan, '.') && !take_digits (scan))
    return FALSE;
  if (take (scan, 'e') || take (scan, 'E')) {
    if (!take (scan, '+'))
      take (scan, '-');
    return take_digits (scan);
  }
  return TRUE;
}

static gboolean
take_string (Scanner *scan)
{
  if (!take (scan, '"'))
    return FALSE;

  while (scan->at < scan->end) {
    unsigned char c = (unsigned char) *scan->at++;

    if (c == '"')
      return TRUE;
    if (c < 0x20)
      return FALSE;
    if (c != '\\')
      continue;
    if (scan->at == scan->end)
      return FALSE;

    c = (unsigned char) *scan->at++;
    if (c == 'u') {
      /* A NUL would end the string early for every reader of C strings. */
      if (take_word (scan, "0000"))
        return FALSE;
      for (int i = 0; i < 4; i++, scan->at++) {
        if (scan->at == scan->end || !g_ascii_isxdigit (*scan->at))
          return FALSE;
      }
    } else if (c == '\0' || strchr ("\"\\/bfnrt", c) == NULL) {
      return FALSE;
    }
  }

  return FALSE;
}

static gboolean
take_scalar (Scanner *scan)
{
  if (scan->at == scan->end)
    return FALSE;

  switch (*scan->at) {
  case '"':
    return take_string (scan);
  case 't':
    return take_word (scan, "true");
  case 'f':
    return take_word (scan, "false");
  case 'n':
    return take_word (scan, "null");
  default:
    return take_number (scan);
  }
}

static gboolean
take_key (Scanner *scan)
{
  skip_space (scan);
  if (!take_string (scan))
    return FALSE;
  skip_space (scan);
  return take (scan, ':');
}

/* What is open, innermost last: '{' or '['. */
static gboolean
take_value (Scanner *scan, guint max_depth, gboolean *too_deep)
{
  g_autofree char *open = g_malloc (max_depth + 1);
  guint depth = 0;

  for (;;) {
    gboolean done = TRUE;

    skip_space (scan);
    if (take (scan, '{') || take (scan, '[')) {
      char bracket = scan->at[-1];

      if (depth == max_depth) {
        *too_deep = TRUE;
        return FALSE;
      }
      skip_space (scan);
      if (!take (scan, bracket == '{' ? '}' : ']')) {
        open[depth++] = bracket;
        if (bracket == '{' && !take_key (scan))
          return FALSE;
        done = FALSE;
      }
    } else if (!take_scalar (scan)) {
      return FALSE;
    }

    while (done) {
      if (depth == 0)
        return TRUE;
      skip_space (scan);
      if (take (scan, ',')) {
        if (open[depth - 1] == '{' && !take_key (scan))
          return FALSE;
        done = FALSE;
      } else if (take (scan, open[depth - 1] == '{' ? '}' : ']')) {
        depth--;
      } else {
        return FALSE;
      }
    }
  }
}

static gboolean
read_escape (const char *at, guint *unit)
{
  if (at[0] != '\\' || at[1] != 'u')
    return FALSE;

  *unit = 0;
  for (int i = 2; i < 6; i++)
    *unit = *unit << 4 | (guint) g_ascii_xdigit_value (at[i]);

  return TRUE;
}

static gboolean
is_high (guint unit)
{
  return unit >= 0xd800 && unit < 0xdc00;
}

static gboolean
is_low (guint unit)
{
  return unit >= 0xdc00 && unit < 0xe000;
}

/*
 * galileo_json_mend_surrogates:
 * @text: what galileo_json_check() found good; ends in NUL
 *
 * Puts the replacement character in place of each half of a character that is written as an escape. That is grammatical
 * JSON, and what a JavaScript server sends which shortens a text in the middle of an emoji; but json-glib does not read it.
 * Returns whether there were any.
 */
gboolean
galileo_json_mend_surrogates (char *text)
{
  gboolean mended = FALSE;
  guint unit, next;

  for (char *at = strchr (text, '\\'); at != NULL; at = strchr (at, '\\')) {
    if (!read_escape (at, &unit)) {
      at += 2;
    } else if (is_high (unit) && read_escape (at + 6, &next) && is_low (next)) {
      at += 12;
    } else {
      if (is_high (unit) || is_low (unit)) {
        memcpy (at + 2, "fffd", 4);
        mended = TRUE;
      }
      at += 6;
    }
  }

  return mended;
}

/*
 * galileo_json_check:
 * @text: the text; need not end in NUL
 * @length: its length in bytes
 * @max_depth: how many objects and arrays may be open at once
 *
 * Checks that @text is one JSON value and nothing else (RFC 8259), and UTF-8. Fails with G_IO_ERROR_INVALID_DATA, or
 * with GALILEO_ERROR_PROTOCOL for the depth.
 */
gboolean
galileo_json_check (const char *text, gsize length, guint max_depth, GError **error)
{
  Scanner scan = { text, text + length };
  gboolean too_deep = FALSE;
  gboolean valid;

  if (!g_utf8_validate_len (text, length, NULL)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it is not UTF-8");
    return FALSE;
  }

  valid = take_value (&scan, max_depth, &too_deep);
  if (too_deep) {
    g_set_error (error, GALILEO_ERROR, GALILEO_ERROR_PROTOCOL, "it nests deeper than %u levels", max_depth);
    return FALSE;
  }

  skip_space (&scan);
  if (!valid || scan.at < scan.end) {
    g_set_error (error,
                 G_IO_ERROR,
                 G_IO_ERROR_INVALID_DATA,
                 "it is not JSON from byte %" G_GSIZE_FORMAT " on",
                 (gsize) (scan.at - text));
    return FALSE;
  }

  return TRUE;
}

/*
 * Writes compact JSON. json-glib 1.6 writes some things that are none: U+001F as it is, "1e+62.0" for 1e62, and "inf.0" for
 * numbers beyond those of doubles.
 */
char *
galileo_json_to_text (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);
  GString *mended = g_string_sized_new (strlen (text));
  gboolean in_string = FALSE;
  gboolean has_exponent = FALSE;

  for (const char *at = text; *at != '\0'; at++) {
    if (*at == '\x1f') {
      g_string_append (mended, "\\u001f");
    } else if (in_string || *at == '"') {
      if (*at == '"')
        in_string = !in_string;
      g_string_append_c (mended, *at);
      if (*at == '\\')
        g_string_append_c (mended, *++at);
    } else if (g_str_has_prefix (at, "inf")) {
      g_string_append (mended, "1e999");
      has_exponent = TRUE;
      at += 2;
    } else if (has_exponent && g_str_has_prefix (at, ".0")) {
      at++;
    } else {
      has_exponent = *at == 'e' || (has_exponent && strchr ("+-0123456789", *at) != NULL);
      g_string_append_c (mended, *at);
    }
  }

  return g_string_free (mended, FALSE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* Joiners decide how letters look in Persian, Hindi and emoji; the other format characters can
 * reverse or hide text. */
static gboolean
is_harmful (gunichar c)
{
  switch (g_unichar_type (c)) {
  case G_UNICODE_CONTROL:
  case G_UNICODE_LINE_SEPARATOR:
  case G_UNICODE_PARAGRAPH_SEPARATOR:
  case G_UNICODE_SURROGATE:
    return TRUE;
  case G_UNICODE_FORMAT:
    return c != 0x200c && c != 0x200d;
  default:
    return FALSE;
  }
}

/*
 * Makes a text safe to show: what could steer the terminal or deceive the reader is written as an
 * escape, and so are bytes that are not UTF-8. A file's name and a site's message may hold
 * anything. The result is one line.
 */
char *
cli_text_escape (const char *text)
{
  GString *escaped;

  g_return_val_if_fail (text != NULL, NULL);

  escaped = g_string_new (NULL);
  for (const char *at = text; *at != '\0';) {
    gunichar c = g_utf8_get_char_validated (at, -1);

    if (c == (gunichar) -1 || c == (gunichar) -2) {
      g_string_append_printf (escaped, "\\x%02x", (guchar) *at);
      at++;
      continue;
    }

    if (c == '\n')
      g_string_append (escaped, "\\n");
    else if (c == '\t')
      g_string_append (escaped, "\\t");
    else if (c == '\r')
      g_string_append (escaped, "\\r");
    else if (is_harmful (c))
      g_string_append_printf (escaped, c < 0x100 ? "\\x%02x" : "\\u{%x}", c);
    else
      g_string_append_unichar (escaped, c);
    at = g_utf8_next_char (at);
  }

  return g_string_free (escaped, FALSE);
}

static guint
char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

/* The columns that a text takes on a terminal; the text is UTF-8. */
guint
cli_text_width (const char *text)
{
  guint width = 0;

  g_return_val_if_fail (text != NULL, 0);

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += char_width (g_utf8_get_char (text));

  return width;
}

/* Shortens a text to so many columns by leaving out its middle: both the start and the suffix of a
 * name tell something. */
char *
cli_text_cut (const char *text, guint columns)
{
  guint head_width = 0;
  guint tail_width = 0;
  guint head_columns;
  guint tail_columns;
  const char *head = text;
  const char *tail;
  const char *best_tail;

  g_return_val_if_fail (text != NULL, NULL);

  if (cli_text_width (text) <= columns)
    return g_strdup (text);
  if (columns == 0)
    return g_strdup ("");

  tail_columns = (columns - 1) / 2;
  head_columns = columns - 1 - tail_columns;

  while (head_width + char_width (g_utf8_get_char (head)) <= head_columns) {
    head_width += char_width (g_utf8_get_char (head));
    head = g_utf8_next_char (head);
  }

  /* A tail never begins with a mark: it would sit on the ellipsis. */
  best_tail = tail = text + strlen (text);
  while (tail > head) {
    const char *previous = g_utf8_prev_char (tail);
    guint width = char_width (g_utf8_get_char (previous));

    if (tail_width + width > tail_columns)
      break;
    tail_width += width;
    tail = previous;
    if (width > 0)
      best_tail = tail;
  }

  return g_strdup_printf ("%.*s…%s", (int) (head - text), text, best_tail);
}

/* The same, and fills up with spaces what is shorter. */
char *
cli_text_fit (const char *text, guint columns)
{
  g_autofree char *cut = cli_text_cut (text, columns);
  guint width = cli_text_width (cut);

  return g_strdup_printf ("%s%*s", cut, (int) (columns - MIN (width, columns)), "");
}

char *
cli_text_speed (double speed)
{
  g_autofree char *size = g_format_size ((guint64) MAX (speed, 0.0));

  /* Translators: a size for each second, such as 1.2 MB/s */
  return g_strdup_printf (_("%s/s"), size);
}

char *
cli_text_duration (gint64 seconds)
{
  seconds = MAX (seconds, 0);

  if (seconds < 60 * 60)
    return g_strdup_printf ("%d:%02d", (int) (seconds / 60), (int) (seconds % 60));
  if (seconds < 100 * 60 * 60)
    return g_strdup_printf (
        "%d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60 % 60), (int) (seconds % 60));

  /* Translators: more than a hundred hours; at most eight columns */
  return g_strdup (_("> 4 days"));
}

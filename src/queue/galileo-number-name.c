/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-number-name.h"

#include "galileo/galileo-name.h"

#include <string.h>

/* Bytes with the dot: what is longer belongs to the name. */
#define LONGEST_EXTENSION 16

/* Where the number goes: before the last dot, or before ".tar" and what follows; the end of a name without one. */
static const char *
find_extension (const char *name)
{
  const char *dot = strrchr (name, '.');
  const gsize tar = strlen (".tar");

  if (dot == NULL || dot == name || strlen (dot) > LONGEST_EXTENSION)
    return name + strlen (name);

  return (gsize) (dot - name) > tar && g_ascii_strncasecmp (dot - tar, ".tar", tar) == 0 ? dot - tar : dot;
}

/* Makes "name (2).jpg" of "name.jpg". What would be too long for a name is cut before the number. */
char *
galileo_number_name (const char *name, guint number)
{
  const char *extension = find_extension (name);
  g_autofree char *suffix = g_strdup_printf (" (%u)%s", number, extension);
  gsize most = GALILEO_NAME_MAX_LENGTH - MIN (strlen (suffix), GALILEO_NAME_MAX_LENGTH);
  gsize length = (gsize) (extension - name);
  g_autofree char *stem = NULL;

  if (length > most) {
    const char *end = g_utf8_find_prev_char (name, name + most + 1);

    length = end != NULL ? (gsize) (end - name) : 0;
  }
  stem = g_strndup (name, length);
  return g_strconcat (stem, suffix, NULL);
}

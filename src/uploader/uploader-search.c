/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-search.h"

#include <string.h>

struct _UploaderSearch {
  char **words; /* folded */
};

/* Upper and lower case are one, and so are an "é" of one character and one of two. */
static char *
fold (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL);

  return g_utf8_casefold (normal, -1);
}

/* Returns NULL if there is nothing to search for. */
UploaderSearch *
uploader_search_new (const char *text)
{
  g_autofree char *folded = NULL;
  g_auto (GStrv) words = NULL;
  UploaderSearch *self;

  g_return_val_if_fail (text != NULL, NULL);

  folded = g_strstrip (fold (text));
  if (*folded == '\0')
    return NULL;

  words = g_strsplit_set (folded, " \t", -1);
  self = g_new0 (UploaderSearch, 1);
  self->words = g_steal_pointer (&words);

  return self;
}

void
uploader_search_free (UploaderSearch *self)
{
  if (self == NULL)
    return;

  g_strfreev (self->words);
  g_free (self);
}

/* Most names are ASCII, and to fold fifty thousand of them takes longer than a frame. */
static gboolean
contains (const char *text, const char *word)
{
  g_autofree char *folded = NULL;

  if (text == NULL)
    return FALSE;
  if (g_str_is_ascii (text))
    return strcasestr (text, word) != NULL;

  folded = fold (text);
  return strstr (folded, word) != NULL;
}

/* self: NULL matches everything. */
gboolean
uploader_search_matches (const UploaderSearch *self, GalileoItem *item)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (item), FALSE);

  for (gsize i = 0; self != NULL && self->words[i] != NULL; i++) {
    if (!contains (galileo_item_get_name (item), self->words[i]) &&
        !contains (galileo_item_get_path (item), self->words[i]) &&
        !contains (galileo_site_get_name (galileo_item_get_site (item)), self->words[i]))
      return FALSE;
  }
  return TRUE;
}

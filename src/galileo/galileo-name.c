/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-name.h"

#include "galileo-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/**
 * galileo_name_for_file:
 * @file: a file
 *
 * Gives the name to upload a file under unless the caller has another: its base name, or for a name that is not UTF-8 a
 * readable version of it. It may still be one that [func@Galileo.name_check] refuses.
 *
 * Looks at the name only, not at the disk. May be called in any thread.
 *
 * Returns: (transfer full): the name, UTF-8; empty if the file has none
 */
char *
galileo_name_for_file (GFile *file)
{
  g_autofree char *base = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  base = g_file_get_basename (file);
  if (base == NULL)
    return g_strdup ("");

  return g_utf8_validate (base, -1, NULL) ? g_steal_pointer (&base) : g_filename_display_name (base);
}

/* Control characters are C0, DEL and C1. */
static gboolean
is_control (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/**
 * galileo_name_check:
 * @name: a name
 * @error: set to %GALILEO_ERROR_NAME with a sentence for people if it can't be sent
 *
 * Checks that a name is one to send: a base name in UTF-8 of 1 to %GALILEO_NAME_MAX_LENGTH bytes, without `/`, `\` and
 * control characters, and neither `.` nor `..`. Servers have been seen to obey `../`.
 *
 * May be called in any thread.
 *
 * Returns: whether it is; @error is set if not
 */
gboolean
galileo_name_check (const char *name, GError **error)
{
  g_return_val_if_fail (name != NULL, FALSE);

  if (*name == '\0') {
    g_set_error_literal (error, GALILEO_ERROR, GALILEO_ERROR_NAME, _("The name is empty"));
    return FALSE;
  }

  if (!g_utf8_validate (name, -1, NULL)) {
    g_set_error_literal (error, GALILEO_ERROR, GALILEO_ERROR_NAME, _("The name is not UTF-8"));
    return FALSE;
  }

  if (strlen (name) > GALILEO_NAME_MAX_LENGTH) {
    g_set_error (error,
                 GALILEO_ERROR,
                 GALILEO_ERROR_NAME,
                 _("The name is longer than %d bytes; give it a shorter one"),
                 GALILEO_NAME_MAX_LENGTH);
    return FALSE;
  }

  if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0) {
    g_set_error (error, GALILEO_ERROR, GALILEO_ERROR_NAME, _("“%s” stands for a folder and can't be a file's name"), name);
    return FALSE;
  }

  if (strpbrk (name, "/\\") != NULL) {
    g_set_error (error,
                 GALILEO_ERROR,
                 GALILEO_ERROR_NAME,
                 _("The name holds a “%s”, which sites may take for a folder; rename the file"),
                 strchr (name, '/') != NULL ? "/" : "\\");
    return FALSE;
  }

  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at)) {
    if (is_control (g_utf8_get_char (at))) {
      g_set_error (error,
                   GALILEO_ERROR,
                   GALILEO_ERROR_NAME,
                   _("The name holds a control character (U+%04X); rename the file"),
                   (unsigned int) g_utf8_get_char (at));
      return FALSE;
    }
  }

  return TRUE;
}

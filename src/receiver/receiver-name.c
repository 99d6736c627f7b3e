/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-name.h"

#include "receiver-error.h"

#include <string.h>

/*
 * A name that comes from outside is a label. It is taken as it is or refused, never cleaned up: what a
 * cleaner makes of a bad name is a name that nobody chose, and perhaps one that somebody aimed at.
 */

/* Longer than this it is no extension, just a dot in the name. */
#define EXTENSION_MAX 32

static gboolean
has_control (const char *name)
{
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);

    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
      return TRUE;
  }
  return FALSE;
}

/* Whether the first @length bytes of @name are one of the devices that Windows has in every folder. */
static gboolean
is_device (const char *name, size_t length)
{
  static const char *const devices[] = { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$" };
  /* Windows takes the superscript digits for the plain ones. */
  static const char *const ports[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³" };

  for (size_t i = 0; i < G_N_ELEMENTS (devices); i++) {
    if (length == strlen (devices[i]) && g_ascii_strncasecmp (name, devices[i], length) == 0)
      return TRUE;
  }

  if (g_ascii_strncasecmp (name, "COM", 3) != 0 && g_ascii_strncasecmp (name, "LPT", 3) != 0)
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (ports); i++) {
    if (length == 3 + strlen (ports[i]) && strncmp (name + 3, ports[i], length - 3) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Folders are shared with Windows, where a device answers to its name with any extension as well. */
static gboolean
is_reserved (const char *name)
{
  size_t length = strcspn (name, ".");

  while (length > 0 && name[length - 1] == ' ')
    length--;

  return is_device (name, length) || g_ascii_strcasecmp (name, "desktop.ini") == 0;
}

/*
 * receiver_name_check:
 * @name: (nullable): what the client wants the file to be called
 *
 * Checks that @name may stand as a file name in the folder: it is one component, visible, UTF-8, at most
 * 255 bytes, and means the same on every system that may share the folder. A leading dot is refused, for a
 * hidden file can change how a server or a shell behaves (.htaccess, .bashrc), and the receiver's own
 * partial files begin with one.
 */
gboolean
receiver_name_check (const char *name, GError **error)
{
  const char *problem = NULL;

  if (name == NULL)
    problem = "The name is missing, or is not text";
  else if (*name == '\0')
    problem = "The name is empty";
  else if (!g_utf8_validate (name, -1, NULL))
    problem = "The name is not UTF-8";
  else if (strlen (name) > RECEIVER_NAME_MAX)
    problem = "The name is longer than 255 bytes";
  else if (strpbrk (name, "/\\") != NULL)
    problem = "The name holds a slash or a backslash: send a name without a folder";
  else if (has_control (name))
    problem = "The name holds a control character";
  else if (*name == '.')
    problem = "The name begins with a dot";
  else if (strchr (" .", name[strlen (name) - 1]) != NULL)
    problem = "The name ends with a space or a dot";
  else if (is_reserved (name))
    problem = "The name is reserved by an operating system";

  if (problem == NULL)
    return TRUE;

  g_set_error_literal (error, RECEIVER_ERROR, RECEIVER_ERROR_NAME, problem);
  return FALSE;
}

/*
 * receiver_name_numbered:
 * @name: a checked name
 * @number: 0 for @name itself
 *
 * Gives the name to try when @name and those with lower numbers are taken: "name (1).ext". The part before
 * the number is cut between characters where the whole would be too long for a file name.
 */
char *
receiver_name_numbered (const char *name, guint number)
{
  g_autofree char *suffix = NULL;
  const char *extension;
  size_t stem, room;

  g_return_val_if_fail (name != NULL, NULL);

  if (number == 0)
    return g_strdup (name);

  extension = strrchr (name, '.');
  if (extension == NULL || strlen (extension) > EXTENSION_MAX)
    extension = name + strlen (name);

  suffix = g_strdup_printf (" (%u)%s", number, extension);
  stem = (size_t) (extension - name);
  room = RECEIVER_NAME_MAX - strlen (suffix);
  if (stem > room) {
    stem = room;
    while (((unsigned char) name[stem] & 0xc0) == 0x80)
      stem--;
  }

  return g_strdup_printf ("%.*s%s", (int) stem, name, suffix);
}

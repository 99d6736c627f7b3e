/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-input.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A path with its end; what is longer is none. */
#define MAX_NAME_LENGTH (PATH_MAX - 1)

/* Servers take headers of 8 or 16 KiB. */
#define MAX_TOKEN_FILE (16 * 1024)

#define BUFFER_SIZE (64 * 1024)

/* Returns a descriptor that is to be closed, or -1. */
static int
open_input (const char *option, const char *file, GError **error)
{
  struct stat status;
  int descriptor;
  int error_number;

  if (strcmp (file, "-") == 0)
    return dup (STDIN_FILENO);

  if (*file == '\0') {
    g_set_error (
        error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("%s takes a file, and none is named"), option);
    return -1;
  }

  descriptor = open (file, O_RDONLY | O_CLOEXEC);
  error_number = errno;
  if (descriptor >= 0 && fstat (descriptor, &status) == 0 && S_ISDIR (status.st_mode)) {
    error_number = EISDIR;
    close (descriptor);
    descriptor = -1;
  }
  if (descriptor < 0)
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("%s: “%s” can't be read: %s"),
                 option,
                 file,
                 g_strerror (error_number));

  return descriptor;
}

static void
set_read_error (GError **error, const char *option, const char *file, const GError *cause)
{
  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               _("%s: “%s” can't be read to its end: %s"),
               option,
               file,
               cause->message);
}

/* The two mistakes with --null show as a NUL inside of a name, or as a name without end. */
static gboolean
check_name (const char *file, const GString *name, guint number, char separator, GError **error)
{
  if (separator != '\0' && memchr (name->str, '\0', name->len) != NULL) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--files-from: “%s” holds a NUL in line %u; if its names end so, as find -print0 writes them, "
                   "add --null"),
                 file,
                 number);
    return FALSE;
  }

  if (name->len > MAX_NAME_LENGTH) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 separator == '\0'
                     ? _("--files-from: Name %u in “%s” is longer than any path; leave out --null if there is one "
                         "name a line")
                     : _("--files-from: Line %u of “%s” is longer than any path; put one name on a line"),
                 number,
                 file);
    return FALSE;
  }

  return TRUE;
}

static void
take_name (GPtrArray *names, GString *name)
{
  if (name->len > 0)
    g_ptr_array_add (names, g_strndup (name->str, name->len));
  g_string_truncate (name, 0);
}

/*
 * Reads names that each end in the separator, the last perhaps without. Nothing is stripped, as names may begin
 * and end with anything; empty ones are ignored. Returns paths in the file system's encoding, in their order.
 */
GPtrArray *
cli_input_read_names (const char *file, char separator, GError **error)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) name = g_string_new (NULL);
  g_autoptr (GError) cause = NULL;
  g_autofree char *buffer = NULL;
  guint number = 1;
  gssize length;
  int descriptor;

  descriptor = open_input ("--files-from", file, error);
  if (descriptor < 0)
    return NULL;

  stream = g_unix_input_stream_new (descriptor, TRUE);
  buffer = g_malloc (BUFFER_SIZE);
  while ((length = g_input_stream_read (stream, buffer, BUFFER_SIZE, NULL, &cause)) > 0) {
    const char *end = buffer + length;
    const char *next;

    for (const char *at = buffer; at < end; at = next) {
      const char *stop = memchr (at, separator, (gsize) (end - at));

      g_string_append_len (name, at, (stop != NULL ? stop : end) - at);
      if (!check_name (file, name, number, separator, error))
        return NULL;

      next = end;
      if (stop != NULL) {
        take_name (names, name);
        number++;
        next = stop + 1;
      }
    }
  }

  if (length < 0) {
    set_read_error (error, "--files-from", file, cause);
    return NULL;
  }

  take_name (names, name);
  return g_steal_pointer (&names);
}

/* The characters of a bearer token: RFC 6750's b64token. */
static gboolean
is_token (const char *text, gsize length)
{
  gsize at = 0;

  while (at < length && (g_ascii_isalnum (text[at]) || (text[at] != '\0' && strchr ("-._~+/", text[at]) != NULL)))
    at++;
  if (at == 0)
    return FALSE;
  while (at < length && text[at] == '=')
    at++;

  return at == length;
}

static gboolean
is_exposed (int descriptor)
{
  struct stat status;

  return fstat (descriptor, &status) == 0 && S_ISREG (status.st_mode) &&
         (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

/*
 * Reads a bearer token: the first line of a file. exposed: set to whether other users of this computer may read or
 * change the file. Nothing of the token ever stands in an error.
 */
char *
cli_input_read_token (const char *file, gboolean *exposed, GError **error)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autofree char *buffer = NULL;
  g_autoptr (GError) cause = NULL;
  const char *line_end;
  gsize length;
  gsize span;
  int descriptor;

  descriptor = open_input ("--token-file", file, error);
  if (descriptor < 0)
    return NULL;

  stream = g_unix_input_stream_new (descriptor, TRUE);
  buffer = g_malloc (MAX_TOKEN_FILE + 1);
  if (!g_input_stream_read_all (stream, buffer, MAX_TOKEN_FILE + 1, &length, NULL, &cause)) {
    set_read_error (error, "--token-file", file, cause);
    return NULL;
  }

  if (length > MAX_TOKEN_FILE) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--token-file: “%s” is longer than %u KiB, so it holds something else than a token"),
                 file,
                 MAX_TOKEN_FILE / 1024);
    return NULL;
  }

  line_end = memchr (buffer, '\n', length);
  span = line_end != NULL ? (gsize) (line_end - buffer) : length;
  if (span > 0 && line_end != NULL && buffer[span - 1] == '\r')
    span--;
  if (span == 0) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--token-file: The first line of “%s” is empty; put the token there"),
                 file);
    return NULL;
  }

  if (!is_token (buffer, span)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--token-file: The first line of “%s” is no bearer token: it may hold letters, digits and "
                   "-._~+/ only, and = at its end"),
                 file);
    return NULL;
  }

  *exposed = is_exposed (descriptor);
  return g_strndup (buffer, span);
}

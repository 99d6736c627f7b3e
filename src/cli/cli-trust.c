/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-trust.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define PIN_LENGTH 64

static GTlsDatabase *
fail (GError **error, const char *file, const char *reason)
{
  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               _("--ca-file: “%s” can't be used: %s"),
               file,
               reason);

  return NULL;
}

/*
 * Reads the certificates of authorities that are trusted instead of the system's. GLib makes a database of a file
 * without any as well, which then trusts nobody; the reason would come much later.
 */
GTlsDatabase *
cli_trust_load_authorities (const char *file, GError **error)
{
  g_autolist (GTlsCertificate) certificates = NULL;
  g_autoptr (GError) cause = NULL;
  g_autofree char *path = NULL;
  GTlsDatabase *database;
  GStatBuf status;

  if (*file == '\0') {
    g_set_error_literal (
        error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("--ca-file takes a file, and none is named"));
    return NULL;
  }

  if (g_stat (file, &status) != 0)
    return fail (error, file, g_strerror (errno));
  /* A pipe could be read once only, and a device for ever. */
  if (!S_ISREG (status.st_mode))
    return fail (error, file, _("it is no ordinary file"));

  certificates = g_tls_certificate_list_new_from_file (file, &cause);
  if (cause != NULL)
    return fail (error, file, cause->message);
  if (certificates == NULL)
    return fail (error, file, _("there is no certificate in PEM form in it"));

  path = g_canonicalize_filename (file, NULL);
  database = g_tls_file_database_new (path, &cause);
  if (database == NULL)
    return fail (error, file, cause->message);

  return database;
}

/* Reads a SHA-256 fingerprint, as openssl and browsers show it or without its colons. Returns 64 lower-case hex digits. */
char *
cli_trust_parse_pin (const char *text, GError **error)
{
  g_autoptr (GString) pin = g_string_sized_new (PIN_LENGTH);

  for (const char *at = text; *at != '\0'; at++) {
    if (*at == ':' || *at == ' ')
      continue;
    if (!g_ascii_isxdigit (*at) || pin->len == PIN_LENGTH) {
      pin->len = 0;
      break;
    }
    g_string_append_c (pin, g_ascii_tolower (*at));
  }

  if (pin->len != PIN_LENGTH) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--pin takes a SHA-256 fingerprint, 64 hex digits with or without colons between, not “%s”"),
                 text);
    return NULL;
  }

  return g_string_free (g_steal_pointer (&pin), FALSE);
}

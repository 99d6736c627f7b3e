/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-trust.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

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
 * without any as well, which then trusts nobody; the reason would come much later. Errors are of G_OPTION_ERROR.
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

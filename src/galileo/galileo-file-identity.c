/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-file-identity.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

/* What makes a file the same as before, and the words for when it is not. */

/* The clock that file systems take their times from moves in steps of up to 10 ms; this is some more. */
#define CLOCK_STEP_NS (50 * 1000 * 1000)

void
galileo_file_set_changed (GError **error, GalileoError code, const char *sentence)
{
  g_set_error_literal (error, GALILEO_ERROR, (int) code, sentence);
}

void
galileo_file_set_errno (GError **error, int number)
{
  if (number == ENOENT)
    g_set_error_literal (error, GALILEO_ERROR, GALILEO_ERROR_FILE, _("The file is not there"));
  else if (number == EACCES || number == EPERM)
    g_set_error_literal (error,
                         GALILEO_ERROR,
                         GALILEO_ERROR_FILE,
                         _("The file can't be read: you have no permission to"));
  else
    g_set_error (error,
                 GALILEO_ERROR,
                 GALILEO_ERROR_FILE,
                 _("The file can't be read: %s"),
                 g_strerror (number));
}

/* Keeps cancellation as it is and says everything else in the library's own domain. */
void
galileo_file_set_io_error (GError **error, GError *cause)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    galileo_file_set_errno (error, ENOENT);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    galileo_file_set_errno (error, EACCES);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_set_error_literal (error, cause->domain, cause->code, cause->message);
  else
    g_set_error (error,
                 GALILEO_ERROR,
                 GALILEO_ERROR_FILE,
                 _("The file can't be read: %s"),
                 cause->message);
}

void
galileo_file_identity_from_stat (GalileoFileIdentity *identity, const struct stat *status)
{
  identity->size = (guint64) status->st_size;
  identity->modified = status->st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + status->st_mtim.tv_nsec;
  identity->changed = status->st_ctim.tv_sec * G_GINT64_CONSTANT (1000000000) + status->st_ctim.tv_nsec;
  identity->inode = status->st_ino;
  identity->device = status->st_dev;
}

gboolean
galileo_file_check_type (GFileType type, GError **error)
{
  const char *sentence;

  switch (type) {
  case G_FILE_TYPE_REGULAR:
    return TRUE;
  case G_FILE_TYPE_DIRECTORY:
    sentence = _("It is a folder, not a file");
    break;
  default:
    sentence = _("It is no ordinary file but a pipe, socket or device, and can't be uploaded");
    break;
  }

  g_set_error_literal (error, GALILEO_ERROR, GALILEO_ERROR_FILE, sentence);
  return FALSE;
}

void
galileo_file_set_shrank (GError **error)
{
  galileo_file_set_changed (error, GALILEO_ERROR_SHRANK, _("The file became shorter while it was being uploaded"));
}

void
galileo_file_set_vanished (GError **error)
{
  galileo_file_set_changed (error, GALILEO_ERROR_VANISHED, _("The file was moved or deleted while it was being uploaded"));
}

gboolean
galileo_file_identity_check (const GalileoFileIdentity *before, const GalileoFileIdentity *now, GError **error)
{
  if (now->inode != before->inode || now->device != before->device)
    galileo_file_set_changed (error, GALILEO_ERROR_REPLACED, _("The file was replaced while it was being uploaded"));
  else if (now->size < before->size)
    galileo_file_set_shrank (error);
  else if (now->size > before->size)
    galileo_file_set_changed (error, GALILEO_ERROR_GREW, _("The file grew while it was being uploaded"));
  else if (now->modified != before->modified)
    galileo_file_set_changed (error, GALILEO_ERROR_CHANGED, _("The file changed while it was being uploaded"));
  else
    return TRUE;

  return FALSE;
}

gboolean
galileo_file_identity_is_fresh (const GalileoFileIdentity *identity)
{
  return g_get_real_time () * 1000 - identity->changed < CLOCK_STEP_NS;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-metadata.h"

#include "receiver-error.h"
#include "receiver-name.h"

#include <string.h>

/*
 * What a client says of its file before it sends it. Beside the name and the size of the specification:
 *
 *   upload    the client's id for this upload, the same in each attempt at it
 *   modified  when the file was changed last; a file that was changed is another one
 *   hash      the type of the hash that will come with `finished`: sha1, sha256 or sha512. It is an addition of
 *             this receiver's: who announces it has the file hashed while it arrives
 *   path      the folder that it came from; this receiver keeps no folders
 */

#define UPLOAD_MAX 128
#define UPLOAD_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-"

/*
 * receiver_metadata_check:
 * @max_size: the biggest file that is taken; 0 for no limit
 * @size: (out): the size of the file
 *
 * Checks the keys that must be there.
 */
gboolean
receiver_metadata_check (const GalileoSignal *metadata, guint64 max_size, guint64 *size, GError **error)
{
  if (!receiver_name_check (galileo_signal_get_string (metadata, "name"), error))
    return FALSE;

  if (!galileo_signal_get_size (metadata, "size", size)) {
    g_set_error_literal (error,
                         RECEIVER_ERROR,
                         RECEIVER_ERROR_SIZE,
                         "The size is missing, or is not a whole number of bytes from 0 to 2^63 - 2");
    return FALSE;
  }

  if (max_size > 0 && *size > max_size) {
    g_set_error (error,
                 RECEIVER_ERROR,
                 RECEIVER_ERROR_TOO_BIG,
                 "The file is too big: at most %" G_GUINT64_FORMAT " bytes are taken",
                 max_size);
    return FALSE;
  }

  return TRUE;
}

static gboolean
is_upload_id (const char *upload)
{
  size_t length;

  if (upload == NULL)
    return FALSE;

  length = strlen (upload);
  return length >= 1 && length <= UPLOAD_MAX && strspn (upload, UPLOAD_CHARACTERS) == length;
}

/*
 * receiver_metadata_get_key:
 * @metadata: with name and size, checked
 *
 * Gives what the upload is found again by: a hash of all that must be the same in another attempt. So nothing
 * that comes from the client becomes part of a file's name.
 *
 * Returns: (nullable): 64 hexadecimal digits, or %NULL for an upload that can't go on after a cut
 */
char *
receiver_metadata_get_key (const GalileoSignal *metadata)
{
  const char *upload = galileo_signal_get_string (metadata, "upload");
  const char *name = galileo_signal_get_string (metadata, "name");
  const char *modified = galileo_signal_get_string (metadata, "modified");
  g_autofree char *text = NULL;
  guint64 size = 0;

  g_return_val_if_fail (name != NULL && galileo_signal_get_size (metadata, "size", &size), NULL);

  /* A date that can't be read can't be compared either. */
  if (!is_upload_id (upload) || (modified == NULL && galileo_signal_is_true (metadata, "modified")))
    return NULL;
  if (modified == NULL)
    modified = "";

  /* With their lengths, so that no two lists of values give the same text. */
  text = g_strdup_printf ("%zu:%s,%zu:%s,%" G_GUINT64_FORMAT ",%zu:%s",
                          strlen (upload),
                          upload,
                          strlen (name),
                          name,
                          size,
                          strlen (modified),
                          modified);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

/* The announced type, or %GALILEO_HASH_NONE. */
GalileoHashType
receiver_metadata_get_hash_type (const GalileoSignal *metadata)
{
  const char *text = galileo_signal_get_string (metadata, "hash");
  GalileoHashType type = GALILEO_HASH_NONE;

  if (text != NULL)
    galileo_hash_type_parse (text, &type);
  return type;
}

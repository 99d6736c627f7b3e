/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-metadata.h"

#include <string.h>

/*
 * The key to what the server has of a file. It is made of the caller's id and of all that has to be the same for going on
 * to be right, so no server can offer a part of another version: it does not know that key. Written as a UUID of version
 * 5 (RFC 9562: a name-based one, by SHA-1).
 */
static char *
make_key (const GalileoMetadata *self, const char *modified)
{
  g_autofree char *text =
      g_strdup_printf ("%s\n%s\n%" G_GUINT64_FORMAT "\n%s", self->id, self->name, self->size, modified);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA1, text, -1);
  const char *variant = "89ab";

  return g_strdup_printf ("%.8s-%.4s-5%.3s-%c%.3s-%.12s",
                          digest,
                          digest + 8,
                          digest + 13,
                          variant[g_ascii_xdigit_value (digest[16]) & 3],
                          digest + 17,
                          digest + 20);
}

GalileoSignal *
galileo_metadata_to_signal (const GalileoMetadata *self)
{
  GalileoSignal *signal = galileo_signal_new_metadata (self->name, self->size);
  g_autofree char *modified = self->modified != NULL ? g_date_time_format_iso8601 (self->modified) : NULL;
  g_autofree char *content_type = g_content_type_guess (self->name, NULL, 0, NULL);
  g_autofree char *type = g_content_type_get_mime_type (content_type);

  if (modified != NULL)
    signal = galileo_signal_add_string (signal, "modified", modified);
  if (type != NULL)
    signal = galileo_signal_add_string (signal, "type", type);
  if (self->path != NULL)
    signal = galileo_signal_add_string (signal, "path", self->path);
  if (self->hash_type != GALILEO_HASH_NONE)
    signal = galileo_signal_add_string (signal, "hash", galileo_hash_type_to_string (self->hash_type));

  /* Without a time nobody knows whether the file is still the same. */
  if (self->id != NULL && modified != NULL) {
    g_autofree char *key = make_key (self, modified);

    signal = galileo_signal_add_string (signal, "upload", key);
  }

  return signal;
}

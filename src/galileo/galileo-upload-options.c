/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-upload-private.h"

#include "galileo-fingerprint.h"

static void
set_text (GalileoUpload *self, char **field, const char *text, guint prop_id)
{
  if (g_strcmp0 (*field, text) == 0)
    return;

  g_free (*field);
  *field = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[prop_id]);
}

/**
 * galileo_upload_get_name:
 * @self: an upload
 *
 * Returns: (transfer none): the name to store the file under
 */
const char *
galileo_upload_get_name (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->name;
}

/**
 * galileo_upload_set_name:
 * @self: a new upload
 * @name: the name to store the file under; the upload fails if [func@name_check] refuses it
 */
void
galileo_upload_set_name (GalileoUpload *self, const char *name)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);
  g_return_if_fail (name != NULL);

  set_text (self, &self->name, name, GALILEO_UPLOAD_PROP_NAME);
}

/**
 * galileo_upload_get_path:
 * @self: an upload
 *
 * Returns: (transfer none) (nullable): the folder to store the file in
 */
const char *
galileo_upload_get_path (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->path;
}

/**
 * galileo_upload_set_path:
 * @self: a new upload
 * @path: (nullable): the folder to store the file in, relative, with `/` between its parts, UTF-8
 */
void
galileo_upload_set_path (GalileoUpload *self, const char *path)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  set_text (self, &self->path, path, GALILEO_UPLOAD_PROP_PATH);
}

/**
 * galileo_upload_get_id:
 * @self: an upload
 *
 * Returns: (transfer none) (nullable): what the server is to know this upload by
 */
const char *
galileo_upload_get_id (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->id;
}

/**
 * galileo_upload_set_id:
 * @self: a new upload
 * @id: (nullable): any text that is this upload's alone; the same again goes on where that one was cut
 *
 * An upload goes on only where the server can, and only if the file has the name, the size and the modification time that
 * it had: what goes to the server is made of all four.
 */
void
galileo_upload_set_id (GalileoUpload *self, const char *id)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  set_text (self, &self->id, id, GALILEO_UPLOAD_PROP_ID);
}

/**
 * galileo_upload_set_header:
 * @self: a new upload
 * @name: the name of an HTTP header
 * @value: its value, without line breaks
 *
 * Sets a header to send with the handshake, such as `Authorization`. The address is never redirected, so it goes to the
 * host of [property@Upload:address] only.
 */
void
galileo_upload_set_header (GalileoUpload *self, const char *name, const char *value)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);
  g_return_if_fail (name != NULL && value != NULL);

  if (self->headers == NULL)
    self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  soup_message_headers_replace (self->headers, name, value);
}

/**
 * galileo_upload_get_pinned_certificate:
 * @self: an upload
 *
 * Returns: (transfer none) (nullable): the fingerprint of the one certificate that is accepted
 */
const char *
galileo_upload_get_pinned_certificate (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->pinned_certificate;
}

/**
 * galileo_upload_set_pinned_certificate:
 * @self: a new upload
 * @fingerprint: (nullable): the SHA-256 fingerprint of the one certificate to accept, in any form that
 *   [func@fingerprint_parse] reads; %NULL to accept what is trusted
 */
void
galileo_upload_set_pinned_certificate (GalileoUpload *self, const char *fingerprint)
{
  g_autofree char *parsed = NULL;

  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  if (fingerprint != NULL) {
    parsed = galileo_fingerprint_parse (fingerprint);
    g_return_if_fail (parsed != NULL);
  }

  set_text (self, &self->pinned_certificate, parsed, GALILEO_UPLOAD_PROP_PINNED_CERTIFICATE);
}

/**
 * galileo_upload_get_paused:
 * @self: an upload
 *
 * Returns: whether it rests
 */
gboolean
galileo_upload_get_paused (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), FALSE);

  return self->paused;
}

/**
 * galileo_upload_set_paused:
 * @self: an upload, in any state
 * @paused: whether to rest
 *
 * Lets the upload rest, or go on, in the same connection. A chunk that is under way is sent to its end.
 */
void
galileo_upload_set_paused (GalileoUpload *self, gboolean paused)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));

  paused = paused != FALSE;
  if (self->paused == paused)
    return;

  self->paused = paused;
  galileo_stall_touch (&self->stall);
  if (!paused)
    galileo_upload_pump (self);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_PAUSED]);
}

/* limiter: what this upload shares its rate with; of the context that it will be started in. */
void
galileo_upload_set_limiter (GalileoUpload *self, GalileoLimiter *limiter)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  g_set_object (&self->limiter, limiter);
}

/**
 * galileo_upload_get_max_chunk_size:
 * @self: an upload
 *
 * Returns: the most bytes of file data in one message
 */
guint64
galileo_upload_get_max_chunk_size (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);

  return self->max_chunk_size;
}

/**
 * galileo_upload_set_max_chunk_size:
 * @self: a new upload
 * @size: bytes, 1 to %GALILEO_UPLOAD_MAX_CHUNK_SIZE
 */
void
galileo_upload_set_max_chunk_size (GalileoUpload *self, guint64 size)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);
  g_return_if_fail (size >= 1 && size <= GALILEO_UPLOAD_MAX_CHUNK_SIZE);

  if (self->max_chunk_size == size)
    return;

  self->max_chunk_size = size;
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_MAX_CHUNK_SIZE]);
}

/**
 * galileo_upload_get_hash_type:
 * @self: an upload
 *
 * Returns: the hash to send
 */
GalileoHashType
galileo_upload_get_hash_type (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), GALILEO_HASH_NONE);

  return self->hash_type;
}

/**
 * galileo_upload_set_hash_type:
 * @self: a new upload
 * @type: the hash to send
 */
void
galileo_upload_set_hash_type (GalileoUpload *self, GalileoHashType type)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  if (self->hash_type == type)
    return;

  self->hash_type = type;
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_HASH_TYPE]);
}

/**
 * galileo_upload_get_timeout:
 * @self: an upload
 *
 * Returns: seconds that may pass without progress; 0 for the defaults
 */
guint
galileo_upload_get_timeout (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);

  return self->timeout;
}

/**
 * galileo_upload_set_timeout:
 * @self: a new upload
 * @seconds: how long may pass in any state without progress; 0 for the defaults of each
 */
void
galileo_upload_set_timeout (GalileoUpload *self, guint seconds)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  if (self->timeout == seconds)
    return;

  self->timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), galileo_upload_props[GALILEO_UPLOAD_PROP_TIMEOUT]);
}

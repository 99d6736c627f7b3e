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
 * Gives the name to store the file under.
 *
 * Returns: (transfer none): the name, UTF-8, owned by @self
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
 * @name: the name, UTF-8; the upload fails with %GALILEO_ERROR_NAME if [func@Galileo.name_check] refuses it
 *
 * Sets the name to store the file under, in place of the file's own.
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
 * Gives the folder to store the file in.
 *
 * Returns: (transfer none) (nullable): the folder, UTF-8, owned by @self; %NULL for none
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
 * @path: (nullable): the folder, relative, with `/` between its parts, UTF-8; %NULL for none
 *
 * Sets the folder to store the file in. Only servers that keep folders do something with it.
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
 * Gives what the server is to know this upload by.
 *
 * Returns: (transfer none) (nullable): the id, owned by @self; %NULL for none
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
 * @id: (nullable): any text that is this upload's alone, UTF-8; %NULL for none
 *
 * Sets what the server is to know this upload by: with the same id, another upload goes on where this one was cut.
 *
 * That is so only where the server can, and only if the file has the name, the size and the modification time that it
 * had: what goes to the server is made of all four.
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
 * Sets a header to send with the handshake, such as `Authorization`, in place of one of the same name. Redirects are
 * not followed, so it goes to the host of [property@Galileo.Upload:address] only.
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
 * Gives the fingerprint of the one certificate that is accepted.
 *
 * Returns: (transfer none) (nullable): the fingerprint, owned by @self; %NULL if those are accepted that are trusted
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
 * @fingerprint: (nullable): the SHA-256 fingerprint of the certificate, in any form that
 *   [func@Galileo.fingerprint_parse] reads; %NULL to accept what is trusted
 *
 * Sets the one certificate that is accepted. What a person typed is to be read with [func@Galileo.fingerprint_parse]
 * first: it is an error of the program to give this something else than a fingerprint.
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
 * galileo_upload_get_rate_group:
 * @self: an upload
 *
 * Gives the group that this upload shares a rate limit with.
 *
 * Returns: (transfer none) (nullable): the group, UTF-8, owned by @self; %NULL for none
 */
const char *
galileo_upload_get_rate_group (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);

  return self->rate_group;
}

/**
 * galileo_upload_set_rate_group:
 * @self: a new upload
 * @group: (nullable): any text, UTF-8; %NULL for none
 *
 * Sets the group that this upload shares a rate limit with; the limit of all uploads of the engine holds as well. It is
 * set with [method@Galileo.Engine.set_group_rate_limit], before or while the upload runs. Only for uploads that are
 * started with [method@Galileo.Engine.start_upload].
 */
void
galileo_upload_set_rate_group (GalileoUpload *self, const char *group)
{
  g_return_if_fail (GALILEO_IS_UPLOAD (self));
  g_return_if_fail (self->state == GALILEO_UPLOAD_STATE_NEW);

  set_text (self, &self->rate_group, group, GALILEO_UPLOAD_PROP_RATE_GROUP);
}

/**
 * galileo_upload_get_paused:
 * @self: an upload
 *
 * Tells whether the upload rests.
 *
 * Returns: whether it does
 */
gboolean
galileo_upload_get_paused (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), FALSE);
  g_return_val_if_fail (galileo_upload_may_be_used (self), FALSE);

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
  g_return_if_fail (galileo_upload_may_be_used (self));

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
 * Gives the most bytes of file data in one message.
 *
 * Returns: bytes
 */
guint64
galileo_upload_get_max_chunk_size (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);
  g_return_val_if_fail (galileo_upload_may_be_used (self), 0);

  return self->max_chunk_size;
}

/**
 * galileo_upload_set_max_chunk_size:
 * @self: a new upload
 * @size: bytes, 1 to %GALILEO_UPLOAD_MAX_CHUNK_SIZE
 *
 * Sets the most bytes of file data in one message. A server that asks for less gets less.
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
 * Gives the type of the hash that is sent with `finished`.
 *
 * Returns: the type
 */
GalileoHashType
galileo_upload_get_hash_type (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), GALILEO_HASH_NONE);
  g_return_val_if_fail (galileo_upload_may_be_used (self), GALILEO_HASH_NONE);

  return self->hash_type;
}

/**
 * galileo_upload_set_hash_type:
 * @self: a new upload
 * @type: the type; %GALILEO_HASH_NONE for no hash
 *
 * Sets the type of the hash to send with `finished`.
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
 * Gives how long may pass in any state without progress.
 *
 * Returns: seconds; 0 for the defaults
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
 * @seconds: how long, 0 to %G_MAXINT; 0 for the defaults of each state, which [property@Galileo.Upload:timeout] lists
 *
 * Sets how long may pass in any state without progress. Then the upload fails with %GALILEO_ERROR_STALLED, or with
 * %GALILEO_ERROR_CONNECT if it had no connection yet.
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

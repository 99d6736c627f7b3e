/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-upload-private.h"

/**
 * galileo_upload_get_state:
 * @self: an upload
 *
 * Tells where the upload is.
 *
 * Returns: the state
 */
GalileoUploadState
galileo_upload_get_state (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), GALILEO_UPLOAD_STATE_NEW);
  g_return_val_if_fail (galileo_upload_may_be_used (self), GALILEO_UPLOAD_STATE_NEW);

  return self->state;
}

/**
 * galileo_upload_get_size:
 * @self: an upload
 *
 * Tells the size of the file.
 *
 * Returns: bytes; 0 until the file is open
 */
guint64
galileo_upload_get_size (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);
  g_return_val_if_fail (galileo_upload_may_be_used (self), 0);

  return self->size;
}

/**
 * galileo_upload_get_sent:
 * @self: an upload
 *
 * Tells how much of the file was handed to the connection, what is before [property@Galileo.Upload:offset] included.
 *
 * Returns: bytes
 */
guint64
galileo_upload_get_sent (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);
  g_return_val_if_fail (galileo_upload_may_be_used (self), 0);

  return self->sent;
}

/**
 * galileo_upload_get_acknowledged:
 * @self: an upload
 *
 * Tells how much of the file has reached the server's host. Progress should be shown by this.
 *
 * Returns: bytes
 */
guint64
galileo_upload_get_acknowledged (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);
  g_return_val_if_fail (galileo_upload_may_be_used (self), 0);

  return self->acknowledged;
}

/**
 * galileo_upload_get_error:
 * @self: an upload
 *
 * Tells why the upload ended: an error of `GALILEO_ERROR`, or `G_IO_ERROR_CANCELLED`. The message is a sentence for
 * people, in the language of the locale and without a full stop.
 *
 * Returns: (transfer none) (nullable): the error, owned by @self; %NULL while it runs and when it succeeded
 */
const GError *
galileo_upload_get_error (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);
  g_return_val_if_fail (galileo_upload_may_be_used (self), NULL);

  return self->error;
}

/**
 * galileo_upload_get_error_signals:
 * @self: an upload
 *
 * Gives every error signal until now, in order; after a success they are warnings.
 *
 * Returns: (transfer none) (element-type GalileoSignal): the signals, owned by @self; empty if there were none
 */
GPtrArray *
galileo_upload_get_error_signals (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);
  g_return_val_if_fail (galileo_upload_may_be_used (self), NULL);

  return self->error_signals;
}

/**
 * galileo_upload_get_hash:
 * @self: an upload
 *
 * Gives the hash of the file, of the type [property@Galileo.Upload:hash-type], as it was sent to the server.
 *
 * Returns: (transfer none) (nullable): lower-case hexadecimal, owned by @self; %NULL before `finished` is sent, and for
 *   no hash
 */
const char *
galileo_upload_get_hash (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);
  g_return_val_if_fail (galileo_upload_may_be_used (self), NULL);

  return self->hash;
}

/**
 * galileo_upload_get_verified:
 * @self: an upload
 *
 * Tells whether the server said that it compared the hash and it matched. Many servers succeed without a word on it.
 *
 * Returns: whether it did; false before the upload succeeded
 */
gboolean
galileo_upload_get_verified (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), FALSE);
  g_return_val_if_fail (galileo_upload_may_be_used (self), FALSE);

  return self->verified;
}

/**
 * galileo_upload_get_url:
 * @self: an upload
 *
 * Tells where the file can be seen. It is the server's word: look at it before it is opened.
 *
 * Returns: (transfer none) (nullable): an address, UTF-8, owned by @self; %NULL if the server told none, and before
 *   success
 */
const char *
galileo_upload_get_url (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);
  g_return_val_if_fail (galileo_upload_may_be_used (self), NULL);

  return self->url;
}

/**
 * galileo_upload_get_offset:
 * @self: an upload
 *
 * Tells how much of the file the server had already, so that this upload went on from there.
 *
 * Returns: bytes; 0 for an upload from the beginning
 */
guint64
galileo_upload_get_offset (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), 0);
  g_return_val_if_fail (galileo_upload_may_be_used (self), 0);

  return self->offset;
}

/**
 * galileo_upload_get_resumable:
 * @self: an upload
 *
 * Tells whether the server keeps what it has for another upload with the same [property@Galileo.Upload:id].
 *
 * Returns: whether it said so
 */
gboolean
galileo_upload_get_resumable (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), FALSE);
  g_return_val_if_fail (galileo_upload_may_be_used (self), FALSE);

  return self->resumable;
}

/**
 * galileo_upload_get_tls_certificate:
 * @self: an upload
 *
 * Gives the certificate that an upload failed for with %GALILEO_ERROR_TLS, to be shown to somebody who may know it.
 * With their yes, another upload may pin it by its fingerprint: [func@Galileo.fingerprint_for_certificate].
 *
 * Returns: (transfer none) (nullable): the certificate, owned by @self; %NULL if none was found fault with
 */
GTlsCertificate *
galileo_upload_get_tls_certificate (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), NULL);
  g_return_val_if_fail (galileo_upload_may_be_used (self), NULL);

  return self->certificate;
}

/**
 * galileo_upload_get_tls_errors:
 * @self: an upload
 *
 * Tells what was wrong with the certificate of [method@Galileo.Upload.get_tls_certificate]: expired, for another host,
 * unknown authority.
 *
 * Returns: all that was wrong with it; 0 if there is none
 */
GTlsCertificateFlags
galileo_upload_get_tls_errors (GalileoUpload *self)
{
  g_return_val_if_fail (GALILEO_IS_UPLOAD (self), G_TLS_CERTIFICATE_NO_FLAGS);
  g_return_val_if_fail (galileo_upload_may_be_used (self), G_TLS_CERTIFICATE_NO_FLAGS);

  return self->certificate_errors;
}

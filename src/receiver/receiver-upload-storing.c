/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-upload-private.h"

#include "receiver-error.h"

/* What becomes of a file that is complete, and of one that an earlier connection left. */

static double
get_seconds (const ReceiverUpload *self)
{
  return (double) (g_get_monotonic_time () - self->started) / G_USEC_PER_SEC;
}

static void
set_stored (ReceiverUpload *self)
{
  receiver_upload_set_state (self, RECEIVER_UPLOAD_STORED);
  self->answer = galileo_signal_new_close ();
  if (self->verified)
    self->answer = galileo_signal_add_boolean (self->answer, "verified", TRUE);
}

/* An earlier attempt stored the file; what it was, is known. */
void
receiver_upload_confirm_stored (ReceiverUpload *self)
{
  const ReceiverRecord *record = receiver_store_recall (self->store, self->key);

  if (record == NULL) {
    receiver_upload_fail (
        self, g_error_new_literal (RECEIVER_ERROR, RECEIVER_ERROR_BUSY, "The file went away meanwhile; send it again"));
  } else if (self->hash == NULL || record->hash == NULL || record->hash_type != self->hash_type) {
    set_stored (self);
  } else if (g_ascii_strcasecmp (record->hash, self->hash) == 0) {
    self->verified = TRUE;
    set_stored (self);
  } else {
    receiver_upload_fail (
        self, g_error_new_literal (RECEIVER_ERROR, RECEIVER_ERROR_HASH, "Another file was stored by the same upload key"));
  }
}

/* Whether the file is what the client hashed, if it told. */
static gboolean
check_hash (ReceiverUpload *self)
{
  g_autofree char *hash = NULL;

  if (self->hash == NULL || self->hash_type == GALILEO_HASH_NONE)
    return TRUE;

  hash = receiver_partial_hash (self->partial, self->hash_type, self->cancellable, &self->problem);
  if (hash == NULL)
    return FALSE;

  self->verified = g_ascii_strcasecmp (hash, self->hash) == 0;
  if (!self->verified)
    g_set_error (&self->problem,
                 RECEIVER_ERROR,
                 RECEIVER_ERROR_HASH,
                 "The %s of what arrived is %s, which is not what was sent",
                 galileo_hash_type_to_string (self->hash_type),
                 hash);
  return self->verified;
}

/*
 * receiver_upload_work:
 *
 * Does what may take long: makes sure of what is there, or makes the complete file permanent. For a thread:
 * until receiver_upload_worked() is called in the thread that @self belongs to, this touches only what nobody
 * else does.
 */
void
receiver_upload_work (ReceiverUpload *self)
{
  if (self->work == SYNC)
    (void) receiver_partial_sync (self->partial, &self->problem);
  else if (check_hash (self))
    self->stored_as = receiver_partial_publish (self->partial, self->name, self->cancellable, &self->problem);
}

static void
remember (ReceiverUpload *self)
{
  const ReceiverRecord record = {
    .key = self->key,
    .stored_as = self->stored_as,
    .size = self->size,
    .hash_type = self->verified ? self->hash_type : GALILEO_HASH_NONE,
    .hash = self->verified ? self->hash : NULL,
  };

  if (self->key != NULL)
    receiver_store_remember (self->store, &record);
}

static void
published (ReceiverUpload *self)
{
  gboolean failed = self->state == RECEIVER_UPLOAD_FAILED;

  if (self->stored_as != NULL) {
    receiver_log_stored (self->log, self->id, self->name, self->stored_as, self->size, get_seconds (self));
    remember (self);
    if (!failed)
      set_stored (self);
  } else if (!failed) {
    receiver_upload_fail (self, g_steal_pointer (&self->problem));
  }

  g_clear_pointer (&self->partial, receiver_partial_free);
}

/*
 * receiver_upload_worked:
 *
 * Takes over what receiver_upload_work() did.
 */
void
receiver_upload_worked (ReceiverUpload *self)
{
  gboolean was_sync = self->work == SYNC;

  self->work = NOTHING;
  if (!was_sync)
    published (self);
  else if (self->state == RECEIVER_UPLOAD_FAILED)
    receiver_upload_drop_partial (self, self->keep);
  else if (self->problem != NULL)
    receiver_upload_fail (self, g_steal_pointer (&self->problem));
  else
    receiver_upload_start_receiving (self);
}

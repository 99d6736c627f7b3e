/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-upload-private.h"

#include "receiver-error.h"
#include "receiver-metadata.h"

/* What may follow what: bits of the states that a state leads to. */
static const guint edges[] = {
  [RECEIVER_UPLOAD_WAITING] =
      1 << RECEIVER_UPLOAD_OPENING | 1 << RECEIVER_UPLOAD_RECEIVING | 1 << RECEIVER_UPLOAD_FAILED,
  [RECEIVER_UPLOAD_OPENING] = 1 << RECEIVER_UPLOAD_RECEIVING | 1 << RECEIVER_UPLOAD_FAILED,
  [RECEIVER_UPLOAD_RECEIVING] = 1 << RECEIVER_UPLOAD_FINISHING | 1 << RECEIVER_UPLOAD_FAILED,
  [RECEIVER_UPLOAD_FINISHING] = 1 << RECEIVER_UPLOAD_STORED | 1 << RECEIVER_UPLOAD_FAILED,
  /* A client that goes on talking is told off; the file stays. */
  [RECEIVER_UPLOAD_STORED] = 1 << RECEIVER_UPLOAD_FAILED,
  [RECEIVER_UPLOAD_FAILED] = 0,
};

void
receiver_upload_set_state (ReceiverUpload *self, ReceiverUploadState state)
{
  g_assert (edges[self->state] & 1u << state);

  self->state = state;
}

/* Gives the partial up. A thread that has it is done with it first. */
void
receiver_upload_drop_partial (ReceiverUpload *self, gboolean keep)
{
  if (self->work != NOTHING) {
    self->keep = keep;
    g_cancellable_cancel (self->cancellable);
  } else if (keep) {
    g_clear_pointer (&self->partial, receiver_partial_keep);
  } else {
    g_clear_pointer (&self->partial, receiver_partial_free);
  }
}

static void
drop_text (ReceiverUpload *self)
{
  if (self->text != NULL)
    g_string_free (g_steal_pointer (&self->text), TRUE);
}

/* Ends the upload, and tells the client why. */
static void
end_with_error (ReceiverUpload *self, const GError *reason)
{
  guint seconds;

  receiver_upload_set_state (self, RECEIVER_UPLOAD_FAILED);
  drop_text (self);
  self->unsent = 0;
  g_clear_pointer (&self->answer, galileo_signal_unref);
  self->answer = galileo_signal_new_error (reason->message, receiver_error_get_word (reason), TRUE);
  if (receiver_error_get_retry (reason, &seconds))
    self->answer = galileo_signal_add_size (self->answer, "retry", seconds);
}

/* Takes the error, and tells the client and the log why. */
void
receiver_upload_fail (ReceiverUpload *self, GError *error)
{
  g_autoptr (GError) reason = error;

  receiver_upload_drop_partial (self, FALSE);
  if (self->state != RECEIVER_UPLOAD_STORED)
    receiver_log_refused (self->log, self->id, self->name, reason->message, self->received);
  if (reason->code == RECEIVER_ERROR_STORAGE)
    receiver_log_error (self->log, "%s", reason->message);

  end_with_error (self, reason);
}

static void
fail_protocol (ReceiverUpload *self, const char *message)
{
  receiver_upload_fail (self, g_error_new_literal (RECEIVER_ERROR, RECEIVER_ERROR_PROTOCOL, message));
}

static void
give_credits (ReceiverUpload *self)
{
  self->unsent += receiver_credits_grant (&self->credits, self->size - self->received);
}

void
receiver_upload_start_receiving (ReceiverUpload *self)
{
  receiver_upload_set_state (self, RECEIVER_UPLOAD_RECEIVING);
  give_credits (self);
}

/*
 * The client that this upload came from has come back over another connection, and does not know that this one
 * still looks alive here. What it sent over this one is taken up to here, and goes on over the other.
 */
static ReceiverPartial *
hand_over (ReceiverUpload *self)
{
  ReceiverPartial *partial = g_steal_pointer (&self->partial);
  g_autoptr (GError) reason = NULL;

  reason = g_error_new_literal (RECEIVER_ERROR,
                                RECEIVER_ERROR_TAKEN_OVER,
                                "The upload goes on over another connection");
  receiver_log_cut (self->log, self->id, self->name, reason->message, self->received);
  end_with_error (self, reason);
  if (self->func != NULL)
    self->func (self, self->data);

  return partial;
}

static ReceiverPartial *
open_resumable (ReceiverUpload *self, const char *key, GError **error)
{
  ReceiverUpload *other = receiver_store_get_holder (self->store, key);

  if (other == NULL)
    return receiver_partial_resume (self->store, key, self->size, error);
  if (other->state == RECEIVER_UPLOAD_RECEIVING)
    return hand_over (other);

  g_set_error_literal (error,
                       RECEIVER_ERROR,
                       RECEIVER_ERROR_BUSY,
                       "An earlier connection is not done with the upload yet");
  return NULL;
}

static void
begin (ReceiverUpload *self, const GalileoSignal *metadata)
{
  GError *error = NULL;

  self->name = g_strdup (galileo_signal_get_string (metadata, "name"));
  self->started = g_get_monotonic_time ();

  if (receiver_metadata_check (metadata, self->limits.max_size, &self->size, &error)) {
    if (receiver_store_keeps (self->store))
      self->key = receiver_metadata_get_key (metadata);
    if (self->key != NULL && receiver_store_recall (self->store, self->key) != NULL) {
      /* It is stored already, and only the client does not know. */
      receiver_log_start (self->log, self->id, self->name, self->size);
      self->offset = self->received = self->size;
      receiver_upload_start_receiving (self);
      return;
    }
    self->partial = self->key != NULL ? open_resumable (self, self->key, &error)
                                      : receiver_partial_new (self->store, self->id, self->size, &error);
  }
  if (self->partial == NULL) {
    receiver_upload_fail (self, error);
    return;
  }

  receiver_partial_set_holder (self->partial, self);
  receiver_partial_expect_hash (self->partial, receiver_metadata_get_hash_type (metadata));
  self->offset = self->received = receiver_partial_get_written (self->partial);
  receiver_log_start (self->log, self->id, self->name, self->size);

  if (self->offset == 0) {
    receiver_upload_start_receiving (self);
    return;
  }

  /* What is promised to be here must be on the disk. */
  receiver_upload_set_state (self, RECEIVER_UPLOAD_OPENING);
  self->work = SYNC;
}

static void
finish (ReceiverUpload *self, const GalileoSignal *signal)
{
  const char *type, *hash;

  if (!galileo_signal_is_true (signal, "finished")) {
    fail_protocol (self, "After the metadata only chunks and then {\"finished\":true} may come");
    return;
  }

  if (self->received < self->size) {
    receiver_upload_fail (self,
                          g_error_new (RECEIVER_ERROR,
                                       RECEIVER_ERROR_SIZE,
                                       "Finished after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes",
                                       self->received,
                                       self->size));
    return;
  }

  if (galileo_signal_get_hash (signal, &type, &hash) && galileo_hash_type_parse (type, &self->hash_type))
    self->hash = g_strdup (hash);

  self->unsent = 0;
  receiver_upload_set_state (self, RECEIVER_UPLOAD_FINISHING);
  if (self->partial != NULL)
    self->work = PUBLISH;
  else
    receiver_upload_confirm_stored (self);
}

static void
handle_signal (ReceiverUpload *self, const GalileoSignal *signal)
{
  switch (self->state) {
  case RECEIVER_UPLOAD_WAITING:
    if (galileo_signal_is_true (signal, "finished"))
      fail_protocol (self, "Finished before the metadata: send name and size first");
    else
      begin (self, signal);
    break;
  case RECEIVER_UPLOAD_RECEIVING:
    finish (self, signal);
    break;
  case RECEIVER_UPLOAD_OPENING:
    fail_protocol (self, "Nothing may come between the metadata and the first ready");
    break;
  default:
    fail_protocol (self, "Nothing may come after {\"finished\":true}");
    break;
  }
}

/*
 * receiver_upload_new:
 *
 * Prepares for the one file that a new websocket will bring.
 */
ReceiverUpload *
receiver_upload_new (ReceiverStore *store, const ReceiverLimits *limits, ReceiverLog *log)
{
  ReceiverUpload *self = g_new0 (ReceiverUpload, 1);

  g_return_val_if_fail (store != NULL && limits != NULL && log != NULL, NULL);

  self->store = store;
  self->log = log;
  self->limits = *limits;
  self->id = receiver_id_new ();
  self->cancellable = g_cancellable_new ();
  receiver_credits_init (&self->credits, limits->chunk_size, limits->window);
  return self;
}

/* Must not be called while a thread works for it. */
void
receiver_upload_free (ReceiverUpload *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->partial, receiver_partial_free);
  g_clear_pointer (&self->answer, galileo_signal_unref);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->problem);
  drop_text (self);
  g_free (self->stored_as);
  g_free (self->hash);
  g_free (self->key);
  g_free (self->name);
  g_free (self->id);
  g_free (self);
}

/*
 * receiver_upload_set_func:
 * @func: (nullable): called when another upload has taken this one over: it has a signal then, and has failed
 */
void
receiver_upload_set_func (ReceiverUpload *self, ReceiverUploadFunc func, gpointer data)
{
  self->func = func;
  self->data = data;
}

ReceiverUploadState
receiver_upload_get_state (const ReceiverUpload *self)
{
  return self->state;
}

/*
 * receiver_upload_text:
 * @last: whether the message ends with this piece
 *
 * Takes a piece of a TEXT message.
 */
void
receiver_upload_text (ReceiverUpload *self, const char *text, gsize length, gboolean last)
{
  g_autoptr (GalileoSignal) signal = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;

  if (self->state == RECEIVER_UPLOAD_FAILED)
    return;

  if (self->text == NULL)
    self->text = g_string_new (NULL);
  if (self->text->len + length > GALILEO_SIGNAL_MAX_LENGTH) {
    fail_protocol (self, "The text is longer than 1 MiB");
    return;
  }
  g_string_append_len (self->text, text, (gssize) length);
  if (!last)
    return;

  signal = galileo_signal_parse (self->text->str, self->text->len, &error);
  drop_text (self);
  if (signal != NULL && galileo_signal_get_mended (signal)) {
    fail_protocol (self, "The text holds half a character");
    return;
  }
  if (signal != NULL) {
    handle_signal (self, signal);
    return;
  }

  message = g_strdup_printf ("The text is not a signal: %s", error->message);
  fail_protocol (self, message);
}

/* Whether a chunk may begin now; it uses a credit up. */
static gboolean
begin_chunk (ReceiverUpload *self)
{
  const char *problem = NULL;

  if (self->state == RECEIVER_UPLOAD_WAITING)
    problem = "File data before the metadata: send name and size first";
  else if (self->state == RECEIVER_UPLOAD_OPENING || (self->offset > 0 && !self->is_asked))
    problem = "File data before the first ready, which says where it goes on";
  else if (self->state != RECEIVER_UPLOAD_RECEIVING)
    problem = "Nothing may come after {\"finished\":true}";

  if (problem != NULL) {
    fail_protocol (self, problem);
    return FALSE;
  }

  self->in_message = TRUE;
  self->message = 0;
  receiver_credits_begin (&self->credits);
  return TRUE;
}

/*
 * receiver_upload_binary:
 * @last: whether the message ends with this piece
 *
 * Takes a piece of a BINARY message and writes it to the file.
 */
void
receiver_upload_binary (ReceiverUpload *self, const void *data, gsize length, gboolean last)
{
  GError *error = NULL;

  if (self->state == RECEIVER_UPLOAD_FAILED || (!self->in_message && !begin_chunk (self)))
    return;

  if (length > self->limits.chunk_size - self->message) {
    g_set_error (&error,
                 RECEIVER_ERROR,
                 RECEIVER_ERROR_PROTOCOL,
                 "The chunk is bigger than the %" G_GUINT64_FORMAT " bytes that were asked for",
                 self->limits.chunk_size);
  } else if (length > self->size - self->received) {
    g_set_error (&error,
                 RECEIVER_ERROR,
                 RECEIVER_ERROR_SIZE,
                 "More than the announced %" G_GUINT64_FORMAT " bytes came",
                 self->size);
  } else if (receiver_partial_write (self->partial, data, length, &error)) {
    self->message += length;
    self->received += length;
  }

  if (error != NULL) {
    receiver_upload_fail (self, error);
    return;
  }

  if (last) {
    self->in_message = FALSE;
    receiver_credits_end (&self->credits, self->message);
    give_credits (self);
  }
}

/*
 * receiver_upload_cut:
 * @reason: why nothing more will come, for the log
 *
 * The websocket is gone. A file that is already being published is published: all its bytes are here, and
 * its sender said that it is finished.
 */
void
receiver_upload_cut (ReceiverUpload *self, const char *reason)
{
  switch (self->state) {
  case RECEIVER_UPLOAD_OPENING:
  case RECEIVER_UPLOAD_RECEIVING:
    receiver_upload_drop_partial (self, TRUE);
    receiver_log_cut (self->log, self->id, self->name, reason, self->received);
    G_GNUC_FALLTHROUGH;
  case RECEIVER_UPLOAD_WAITING:
    receiver_upload_set_state (self, RECEIVER_UPLOAD_FAILED);
    break;
  default:
    break;
  }

  self->unsent = 0;
  g_clear_pointer (&self->answer, galileo_signal_unref);
}

gboolean
receiver_upload_has_signal (const ReceiverUpload *self)
{
  return self->unsent > 0 || self->answer != NULL;
}

/*
 * The first ready has `offset` only if the upload can go on after a cut: it is what the client goes on from.
 * Later ones say how far it has come.
 */
static GalileoSignal *
make_ready (ReceiverUpload *self)
{
  GalileoSignal *signal = galileo_signal_new_ready (self->limits.chunk_size);
  gboolean is_first = !self->is_asked;

  self->is_asked = TRUE;
  if (is_first && self->key == NULL)
    return signal;

  return galileo_signal_add_size (signal, "offset", is_first ? self->offset : self->received);
}

/* The next signal to send, as text; or %NULL. */
char *
receiver_upload_take_signal (ReceiverUpload *self)
{
  g_autoptr (GalileoSignal) signal = NULL;

  if (self->unsent > 0) {
    self->unsent--;
    signal = make_ready (self);
  } else {
    signal = g_steal_pointer (&self->answer);
  }

  return signal != NULL ? galileo_signal_to_text (signal) : NULL;
}

/* Whether there is work for a thread; also while it is being done. */
gboolean
receiver_upload_has_work (const ReceiverUpload *self)
{
  return self->work != NOTHING;
}

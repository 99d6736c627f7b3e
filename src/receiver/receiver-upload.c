/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-upload.h"

#include "receiver-error.h"
#include "receiver-name.h"

#include "galileo/galileo-signal.h"

/*
 * The receiving side of one websocket, which carries one file. Pieces of messages go in, signals come out,
 * and bytes go straight to the file: nothing of a chunk is kept, so memory does not depend on its size.
 *
 * The websocket itself is somebody else's: whoever feeds this sends the signals that it has, closes once it
 * has failed and has no signal left, and has a thread call receiver_upload_publish() when the state turns
 * to %RECEIVER_UPLOAD_FINISHING.
 */
struct _ReceiverUpload {
  ReceiverStore *store; /* borrowed */
  ReceiverLog *log;     /* borrowed */
  ReceiverLimits limits;

  ReceiverUploadState state;
  char *id;
  char *name; /* as the client gave it, also when it is refused */
  guint64 size;
  guint64 received;
  gint64 started;

  GString *text;         /* of the TEXT message that is arriving */
  guint64 message;       /* bytes of the BINARY message that is arriving */
  gboolean in_message;   /* whether one is */
  guint credits;         /* chunks that the client was asked for and has not begun */
  guint unsent;          /* of these, the readies that wait to be taken */
  GalileoSignal *answer; /* the close or error signal that waits to be taken */

  ReceiverPartial *partial;
  GCancellable *cancellable;

  /* What the publishing thread found out. */
  char *stored_as;
  GError *problem;
};

/* What may follow what: bits of the states that a state leads to. */
static const guint edges[] = {
  [RECEIVER_UPLOAD_WAITING] = 1 << RECEIVER_UPLOAD_RECEIVING | 1 << RECEIVER_UPLOAD_FAILED,
  [RECEIVER_UPLOAD_RECEIVING] = 1 << RECEIVER_UPLOAD_FINISHING | 1 << RECEIVER_UPLOAD_FAILED,
  [RECEIVER_UPLOAD_FINISHING] = 1 << RECEIVER_UPLOAD_STORED | 1 << RECEIVER_UPLOAD_FAILED,
  /* A client that goes on talking is told off; the file stays. */
  [RECEIVER_UPLOAD_STORED] = 1 << RECEIVER_UPLOAD_FAILED,
  [RECEIVER_UPLOAD_FAILED] = 0,
};

static void
set_state (ReceiverUpload *self, ReceiverUploadState state)
{
  g_assert (edges[self->state] & 1u << state);

  self->state = state;
}

static double
get_seconds (const ReceiverUpload *self)
{
  return (double) (g_get_monotonic_time () - self->started) / G_USEC_PER_SEC;
}

/* The thread that publishes has the partial until it is done. */
static void
drop_partial (ReceiverUpload *self)
{
  if (self->state == RECEIVER_UPLOAD_FINISHING)
    g_cancellable_cancel (self->cancellable);
  else
    g_clear_pointer (&self->partial, receiver_partial_free);
}

static void
drop_text (ReceiverUpload *self)
{
  if (self->text != NULL)
    g_string_free (g_steal_pointer (&self->text), TRUE);
}

/* Takes the error, and tells the client and the log why. */
static void
fail (ReceiverUpload *self, GError *error)
{
  g_autoptr (GError) reason = error;

  drop_text (self);
  drop_partial (self);
  if (self->state != RECEIVER_UPLOAD_STORED)
    receiver_log_refused (self->log, self->id, self->name, reason->message, self->received);
  if (reason->code == RECEIVER_ERROR_STORAGE)
    receiver_log_error (self->log, "%s", reason->message);

  set_state (self, RECEIVER_UPLOAD_FAILED);
  self->unsent = 0;
  g_clear_pointer (&self->answer, galileo_signal_unref);
  self->answer = galileo_signal_new_error (reason->message, receiver_error_get_word (reason), TRUE);
}

static void
fail_protocol (ReceiverUpload *self, const char *message)
{
  fail (self, g_error_new_literal (RECEIVER_ERROR, RECEIVER_ERROR_PROTOCOL, message));
}

/*
 * Asks for as many chunks as the window allows and the file needs. A client that sends smaller chunks than
 * it may needs more of them, so the need is counted anew after each; the last credit is for `finished`.
 */
static void
give_credits (ReceiverUpload *self)
{
  guint64 rest = self->size - self->received;
  guint64 need = rest / self->limits.chunk_size + (rest % self->limits.chunk_size > 0) + 1;
  guint want = (guint) MIN (need, self->limits.window);

  if (self->credits < want) {
    self->unsent += want - self->credits;
    self->credits = want;
  }
}

static gboolean
check_metadata (ReceiverUpload *self, const GalileoSignal *metadata, GError **error)
{
  if (!receiver_name_check (self->name, error))
    return FALSE;

  if (!galileo_signal_get_size (metadata, "size", &self->size)) {
    g_set_error_literal (error,
                         RECEIVER_ERROR,
                         RECEIVER_ERROR_SIZE,
                         "The size is missing, or is not a whole number of bytes from 0 to 2^63 - 2");
    return FALSE;
  }

  if (self->limits.max_size > 0 && self->size > self->limits.max_size) {
    g_set_error (error,
                 RECEIVER_ERROR,
                 RECEIVER_ERROR_TOO_BIG,
                 "The file is too big: at most %" G_GUINT64_FORMAT " bytes are taken",
                 self->limits.max_size);
    return FALSE;
  }

  return TRUE;
}

static void
begin (ReceiverUpload *self, const GalileoSignal *metadata)
{
  GError *error = NULL;

  self->name = g_strdup (galileo_signal_get_string (metadata, "name"));
  self->started = g_get_monotonic_time ();

  if (check_metadata (self, metadata, &error))
    self->partial = receiver_partial_new (self->store, self->id, self->size, &error);
  if (self->partial == NULL) {
    fail (self, error);
    return;
  }

  set_state (self, RECEIVER_UPLOAD_RECEIVING);
  receiver_log_start (self->log, self->id, self->name, self->size);
  give_credits (self);
}

static void
finish (ReceiverUpload *self, const GalileoSignal *signal)
{
  if (!galileo_signal_is_true (signal, "finished")) {
    fail_protocol (self, "After the metadata only chunks and then {\"finished\":true} may come");
    return;
  }

  if (self->received < self->size) {
    fail (self,
          g_error_new (RECEIVER_ERROR,
                       RECEIVER_ERROR_SIZE,
                       "Finished after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes",
                       self->received,
                       self->size));
    return;
  }

  self->unsent = 0;
  set_state (self, RECEIVER_UPLOAD_FINISHING);
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
  return self;
}

/* Must not be called while a thread publishes. */
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
  g_free (self->name);
  g_free (self->id);
  g_free (self);
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
  if (self->state == RECEIVER_UPLOAD_WAITING) {
    fail_protocol (self, "File data before the metadata: send name and size first");
    return FALSE;
  }
  if (self->state != RECEIVER_UPLOAD_RECEIVING) {
    fail_protocol (self, "Nothing may come after {\"finished\":true}");
    return FALSE;
  }

  /* There is a credit left at any time before the end, since each chunk is answered by one at once. */
  self->in_message = TRUE;
  self->message = 0;
  self->credits--;
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
    fail (self, error);
    return;
  }

  if (last) {
    self->in_message = FALSE;
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
  if (self->state == RECEIVER_UPLOAD_RECEIVING)
    receiver_log_cut (self->log, self->id, self->name, reason, self->received);

  if (self->state == RECEIVER_UPLOAD_WAITING || self->state == RECEIVER_UPLOAD_RECEIVING) {
    drop_partial (self);
    set_state (self, RECEIVER_UPLOAD_FAILED);
  }
  self->unsent = 0;
  g_clear_pointer (&self->answer, galileo_signal_unref);
}

gboolean
receiver_upload_has_signal (const ReceiverUpload *self)
{
  return self->unsent > 0 || self->answer != NULL;
}

/* The next signal to send, as text; or %NULL. */
char *
receiver_upload_take_signal (ReceiverUpload *self)
{
  g_autoptr (GalileoSignal) signal = NULL;

  if (self->unsent > 0) {
    self->unsent--;
    signal = galileo_signal_new_ready (self->limits.chunk_size);
  } else {
    signal = g_steal_pointer (&self->answer);
  }

  return signal != NULL ? galileo_signal_to_text (signal) : NULL;
}

/*
 * receiver_upload_publish:
 *
 * Makes the complete file permanent. For a thread: until receiver_upload_published() is called in the
 * thread that @self belongs to, this touches only what nobody else does.
 */
void
receiver_upload_publish (ReceiverUpload *self)
{
  self->stored_as = receiver_partial_publish (self->partial, self->name, self->cancellable, &self->problem);
}

/*
 * receiver_upload_published:
 *
 * Takes over what receiver_upload_publish() did.
 */
void
receiver_upload_published (ReceiverUpload *self)
{
  gboolean failed = self->state == RECEIVER_UPLOAD_FAILED;

  if (self->stored_as != NULL) {
    receiver_log_stored (self->log, self->id, self->name, self->stored_as, self->size, get_seconds (self));
    if (!failed) {
      set_state (self, RECEIVER_UPLOAD_STORED);
      self->answer = galileo_signal_new_close ();
    }
  } else if (!failed) {
    fail (self, g_steal_pointer (&self->problem));
  }

  g_clear_pointer (&self->partial, receiver_partial_free);
}

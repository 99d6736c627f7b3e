/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-item-private.h"

/* What becomes of an item: set by who makes it, and then by the queue alone. */

static void
notify (GalileoItem *self, guint prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), galileo_item_props[prop_id]);
}

/* mtime: Unix time in µs; 0 if it is not known. */
void
galileo_item_set_expected (GalileoItem *self, gint64 size, gint64 mtime)
{
  g_return_if_fail (GALILEO_IS_ITEM (self));
  g_return_if_fail (size >= -1);

  self->mtime = mtime;
  if (self->size == size)
    return;

  self->size = size;
  notify (self, GALILEO_ITEM_PROP_SIZE);
}

/* path: relative, with "/" between its parts; or NULL. */
void
galileo_item_set_path (GalileoItem *self, const char *path)
{
  g_return_if_fail (GALILEO_IS_ITEM (self));

  g_free (self->path);
  self->path = g_strdup (path);
  notify (self, GALILEO_ITEM_PROP_PATH);
}

void
galileo_item_set_name (GalileoItem *self, const char *name)
{
  g_return_if_fail (GALILEO_IS_ITEM (self));
  g_return_if_fail (name != NULL);

  g_free (self->name);
  self->name = g_strdup (name);
  notify (self, GALILEO_ITEM_PROP_NAME);
}

/* The time that an attempt rests is none that it takes. */
void
galileo_item_rest (GalileoItem *self, gboolean rest)
{
  gint64 now = g_get_monotonic_time ();

  if (rest == (self->rest_time != 0))
    return;

  if (!rest) {
    self->start_time += now - self->rest_time;
    galileo_speed_reset (&self->speed);
  }
  self->rest_time = rest ? now : 0;
}

/* How long the attempt that is under way has taken. */
double
galileo_item_get_seconds_so_far (GalileoItem *self)
{
  return self->start_time != 0 ? (double) (g_get_monotonic_time () - self->start_time) / G_USEC_PER_SEC : 0.0;
}

static void
failure_free (gpointer data)
{
  GalileoFailure *failure = data;

  g_date_time_unref (failure->time);
  g_free (failure->reason);
  g_free (failure);
}

static void
add_failure (GalileoItem *self)
{
  GalileoFailure *failure = g_new0 (GalileoFailure, 1);

  failure->time = g_date_time_new_now_utc ();
  failure->attempt = self->attempt;
  failure->reason = g_strdup (self->error->message);

  if (self->failures == NULL)
    self->failures = g_ptr_array_new_with_free_func (failure_free);
  else if (self->failures->len == GALILEO_ITEM_MAX_FAILURES)
    g_ptr_array_remove_index (self->failures, 0);
  g_ptr_array_add (self->failures, failure);
}

void
galileo_item_set_state (GalileoItem *self, GalileoItemState state)
{
  if (self->state == state)
    return;

  if (self->start_time != 0)
    self->seconds = galileo_item_get_seconds_so_far (self);
  self->state = state;
  if (state != GALILEO_ITEM_RETRYING)
    galileo_item_set_retry (self, 0);

  /* A failure is told with at least one error signal; without the site's it is this side's. */
  if (state == GALILEO_ITEM_FAILED && galileo_item_get_error_signals (self)->len == 0 && self->error != NULL)
    g_ptr_array_add (self->error_signals, galileo_signal_new_local (self->error->message));

  if ((state == GALILEO_ITEM_FAILED || state == GALILEO_ITEM_RETRYING) && self->error != NULL)
    add_failure (self);

  g_clear_pointer (&self->finish_time, g_date_time_unref);
  if (galileo_item_is_final (self))
    self->finish_time = g_date_time_new_now_utc ();
  notify (self, GALILEO_ITEM_PROP_FINISH_TIME);
  notify (self, GALILEO_ITEM_PROP_STATE);
  notify (self, GALILEO_ITEM_PROP_FRACTION);
  notify (self, GALILEO_ITEM_PROP_SPEED);
  notify (self, GALILEO_ITEM_PROP_TIME_LEFT);
}

/* An item that nobody has yet becomes again what it was. finish_time: Unix time in µs, or 0. */
void
galileo_item_restore (GalileoItem *self,
                      GalileoItemState state,
                      guint attempt,
                      gint64 finish_time,
                      double seconds)
{
  self->state = state;
  self->attempt = attempt;
  self->seconds = seconds;
  if (state == GALILEO_ITEM_DONE && self->size > 0)
    self->acknowledged = (guint64) self->size;
  if (finish_time != 0) {
    g_autoptr (GDateTime) whole = g_date_time_new_from_unix_utc (finish_time / G_USEC_PER_SEC);

    self->finish_time = whole != NULL ? g_date_time_add (whole, finish_time % G_USEC_PER_SEC) : NULL;
  }
}

/* Another file takes the place of the one that it was; the name at the site stays. */
void
galileo_item_set_file (GalileoItem *self, GFile *file)
{
  if (g_set_object (&self->file, file))
    notify (self, GALILEO_ITEM_PROP_FILE);
}

/* error: NULL for none. */
void
galileo_item_set_error (GalileoItem *self, const GError *error)
{
  if (self->error == NULL && error == NULL)
    return;

  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  notify (self, GALILEO_ITEM_PROP_ERROR);
}

static void
reset_progress (GalileoItem *self)
{
  galileo_speed_reset (&self->speed);
  self->acknowledged = 0;
  self->phase = GALILEO_UPLOAD_STATE_NEW;
  galileo_item_set_offset (self, 0, FALSE);
  notify (self, GALILEO_ITEM_PROP_ACKNOWLEDGED);
  notify (self, GALILEO_ITEM_PROP_PHASE);
}

/* Counts one attempt more; its progress starts at nothing. */
void
galileo_item_begin_attempt (GalileoItem *self)
{
  reset_progress (self);
  galileo_item_set_error (self, NULL);
  self->start_time = g_get_monotonic_time ();
  self->rest_time = 0;
  self->attempt++;
  notify (self, GALILEO_ITEM_PROP_ATTEMPT);
}

/* The attempt that began does not count. */
void
galileo_item_forget_attempt (GalileoItem *self)
{
  g_return_if_fail (self->attempt > 0);

  reset_progress (self);
  self->attempt--;
  notify (self, GALILEO_ITEM_PROP_ATTEMPT);
}

/* Forgets all attempts: the user wants it tried anew. */
void
galileo_item_forget (GalileoItem *self)
{
  reset_progress (self);
  galileo_item_set_error (self, NULL);
  g_clear_pointer (&self->error_signals, g_ptr_array_unref);
  self->attempt = 0;
  self->start_time = 0;
  self->seconds = 0.0;
  notify (self, GALILEO_ITEM_PROP_ATTEMPT);
}

/* time: of the next attempt, monotonic, in µs; 0 for none. */
void
galileo_item_set_retry (GalileoItem *self, gint64 time)
{
  if (self->retry_time == time)
    return;

  self->retry_time = time;
  notify (self, GALILEO_ITEM_PROP_RETRY_TIME);
}

void
galileo_item_set_progress (GalileoItem *self,
                           GalileoUploadState phase,
                           gint64 size,
                           guint64 acknowledged,
                           gint64 now)
{
  if (self->size != size) {
    self->size = size;
    notify (self, GALILEO_ITEM_PROP_SIZE);
  }
  if (self->phase != phase) {
    self->phase = phase;
    notify (self, GALILEO_ITEM_PROP_PHASE);
  }

  galileo_speed_add (&self->speed, acknowledged, now);
  if (self->acknowledged != acknowledged) {
    self->acknowledged = acknowledged;
    notify (self, GALILEO_ITEM_PROP_ACKNOWLEDGED);
    notify (self, GALILEO_ITEM_PROP_FRACTION);
  }
  notify (self, GALILEO_ITEM_PROP_SPEED);
  notify (self, GALILEO_ITEM_PROP_TIME_LEFT);
}

/* To be called before the progress that it is part of. */
void
galileo_item_set_offset (GalileoItem *self, guint64 offset, gboolean resumable)
{
  if (self->offset != offset) {
    /* What was there already did not go fast, it did not go at all. */
    galileo_speed_reset (&self->speed);
    self->offset = offset;
    notify (self, GALILEO_ITEM_PROP_OFFSET);
  }
  if (self->resumable != resumable) {
    self->resumable = resumable;
    notify (self, GALILEO_ITEM_PROP_RESUMABLE);
  }
}

void
galileo_item_set_result (GalileoItem *self, const char *hash, gboolean verified, const char *url)
{
  g_free (self->hash);
  self->hash = g_strdup (hash);
  g_free (self->url);
  self->url = g_strdup (url);
  self->verified = verified;
  notify (self, GALILEO_ITEM_PROP_HASH);
  notify (self, GALILEO_ITEM_PROP_VERIFIED);
  notify (self, GALILEO_ITEM_PROP_URL);
}

void
galileo_item_add_signal (GalileoItem *self, GalileoSignal *signal)
{
  g_ptr_array_add (galileo_item_get_error_signals (self), galileo_signal_ref (signal));
}

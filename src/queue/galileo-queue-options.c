/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

/* What the queue goes by. */

void
galileo_queue_set_max_uploads (GalileoQueue *self, guint max_uploads)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (max_uploads >= 1 && max_uploads <= GALILEO_SITE_MAX_UPLOADS);

  if (self->max_uploads == max_uploads)
    return;

  self->max_uploads = max_uploads;
  galileo_queue_schedule_soon (self);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_MAX_UPLOADS]);
}

void
galileo_queue_set_max_uploads_in_all (GalileoQueue *self, guint max_uploads)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (max_uploads >= 1 && max_uploads <= GALILEO_QUEUE_MAX_UPLOADS_IN_ALL);

  if (self->max_uploads_in_all == max_uploads)
    return;

  self->max_uploads_in_all = max_uploads;
  galileo_queue_schedule_soon (self);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_MAX_UPLOADS_IN_ALL]);
}

void
galileo_queue_set_retries (GalileoQueue *self, guint retries)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->retries == retries)
    return;

  self->retries = retries;
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_RETRIES]);
}

/* This and the next two hold for attempts that begin later. */
void
galileo_queue_set_max_chunk_size (GalileoQueue *self, guint64 size)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (size >= 1 && size <= GALILEO_UPLOAD_MAX_CHUNK_SIZE);

  if (self->max_chunk_size == size)
    return;

  self->max_chunk_size = size;
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_MAX_CHUNK_SIZE]);
}

void
galileo_queue_set_hash_type (GalileoQueue *self, GalileoHashType type)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->hash_type == type)
    return;

  self->hash_type = type;
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_HASH_TYPE]);
}

void
galileo_queue_set_timeout (GalileoQueue *self, guint seconds)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->timeout == seconds)
    return;

  self->timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_TIMEOUT]);
}

/* Whether a site that was reached once is tried for as long as it takes. */
void
galileo_queue_set_patient (GalileoQueue *self, gboolean patient)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->patient == patient)
    return;

  self->patient = patient;
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_PATIENT]);
}

/* Whether everything rests while the network costs by the byte, as its monitor says. */
void
galileo_queue_set_pause_on_metered (GalileoQueue *self, gboolean pause)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->pause_on_metered == pause)
    return;

  self->pause_on_metered = pause;
  galileo_queue_update_hold (self);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_PAUSE_ON_METERED]);
}

/* Holds at once, also for what is under way. */
void
galileo_queue_set_rate_limit (GalileoQueue *self, guint64 bytes_per_second)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->rate_limit == bytes_per_second)
    return;

  self->rate_limit = bytes_per_second;
  galileo_engine_set_rate_limit (self->engine, bytes_per_second);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_RATE_LIMIT]);
}

gboolean
galileo_queue_get_paused (GalileoQueue *self)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), FALSE);

  return self->paused;
}

/* Has everything rest, or go on but for what is paused by itself. With a store it holds across restarts. */
void
galileo_queue_set_paused (GalileoQueue *self, gboolean paused)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->paused == paused)
    return;

  self->paused = paused;
  galileo_queue_update_hold (self);
  galileo_queue_save_paused (self);
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_PAUSED]);
}

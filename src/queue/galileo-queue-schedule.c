/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

#include "galileo-item-private.h"

/*
 * What runs when. Each site has slots of its own, and there is a limit for all together. A site that does not answer must
 * not hold others back: until it has, one attempt at a time tries it, and that takes none of all slots; an attempt at a site
 * that has answered before lends its slot to others as soon as the answer takes long.
 */

/* An answer takes long. */
#define LEND_AFTER_USEC (2 * G_USEC_PER_SEC)

void
galileo_queue_clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* Returns a source that calls the function in the context of the caller's thread. */
GSource *
galileo_queue_call_later (double seconds, GSourceFunc function, gpointer data)
{
  GSource *source = g_timeout_source_new ((guint) (seconds * 1000.0));

  g_source_set_callback (source, function, data, NULL);
  g_source_set_static_name (source, "[galileo] queue");
  g_source_attach (source, g_main_context_get_thread_default ());

  return source;
}

static guint
get_site_limit (GalileoQueueSite *site)
{
  guint limit = galileo_site_get_max_uploads (site->site);

  if (!site->answered)
    return 1;

  return limit != 0 ? limit : site->queue->max_uploads;
}

static gboolean
may_start_one (GalileoQueueSite *site)
{
  GalileoQueue *self = site->queue;

  return !g_sequence_is_empty (site->waiting) && !site->unreachable && !site->asking &&
         !site->signing_in && site->retry_source == NULL && site->n_running < get_site_limit (site) &&
         (!site->answered || self->n_running < self->max_uploads_in_all);
}

/* The first in the user's order that may start; or NULL. */
static GalileoQueueEntry *
choose (GalileoQueue *self)
{
  GalileoQueueEntry *best = NULL;
  GalileoQueueSite *site;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->sites);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &site)) {
    GalileoQueueEntry *first;

    if (!may_start_one (site))
      continue;
    first = g_sequence_get (g_sequence_get_begin_iter (site->waiting));
    if (best == NULL || first->position < best->position)
      best = first;
  }
  return best;
}

static void
take_slots (GalileoQueueEntry *entry)
{
  entry->running = TRUE;
  entry->site->n_running++;
  entry->counted = entry->site->answered;
  entry->queue->n_running += entry->counted;
  entry->start_time = g_get_monotonic_time ();
}

/* Its site has answered, so it counts like any other; there may be one too many for a while then. */
void
galileo_queue_entry_count (GalileoQueueEntry *entry)
{
  if (entry->running && !entry->counted) {
    entry->counted = TRUE;
    entry->queue->n_running++;
  }
}

void
galileo_queue_entry_give_slots_back (GalileoQueueEntry *entry)
{
  if (!entry->running)
    return;

  entry->running = FALSE;
  entry->site->n_running--;
  entry->queue->n_running -= entry->counted;
  entry->counted = FALSE;
  galileo_queue_schedule_soon (entry->queue);
}

/* Has what is under way of it rest, in its connection, or go on. */
void
galileo_queue_entry_rest (GalileoQueueEntry *entry, gboolean rest)
{
  if (entry->transfer == NULL)
    return;

  galileo_transfer_set_paused (entry->transfer, rest);
  galileo_item_rest (entry->item, rest);
}

/* The entry's transfer is over, or dropped. */
void
galileo_queue_entry_stop (GalileoQueueEntry *entry)
{
  galileo_queue_entry_give_slots_back (entry);
  if (entry->transfer == NULL)
    return;

  g_signal_handlers_disconnect_by_data (entry->transfer, entry);
  g_clear_object (&entry->transfer);
}

/* Those that have waited long for their site's answer give back what others could use. */
static gboolean
lend_cb (gpointer user_data)
{
  GalileoQueue *self = user_data;
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  GalileoQueueEntry *entry;

  galileo_queue_clear_source (&self->lend_source);
  g_hash_table_iter_init (&iter, self->owners);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry)) {
    if (entry->counted && galileo_item_get_phase (entry->item) <= GALILEO_UPLOAD_STATE_CONNECTING &&
        now - entry->start_time >= LEND_AFTER_USEC) {
      entry->counted = FALSE;
      self->n_running--;
    }
  }
  galileo_queue_schedule_soon (self);

  return G_SOURCE_REMOVE;
}

static gboolean
is_held_back (GalileoQueue *self)
{
  GalileoQueueSite *site;
  GHashTableIter iter;

  if (self->n_running < self->max_uploads_in_all)
    return FALSE;

  g_hash_table_iter_init (&iter, self->sites);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &site)) {
    if (!g_sequence_is_empty (site->waiting) && site->n_running < get_site_limit (site))
      return TRUE;
  }
  return FALSE;
}

static void
schedule (GalileoQueue *self)
{
  GalileoQueueEntry *entry;

  while (!galileo_queue_is_held (self) && (entry = choose (self)) != NULL) {
    galileo_queue_entry_leave_line (entry);
    take_slots (entry);
    galileo_queue_entry_start (entry);
  }

  if (self->lend_source == NULL && is_held_back (self))
    self->lend_source = galileo_queue_call_later ((double) LEND_AFTER_USEC / G_USEC_PER_SEC, lend_cb, self);

  if (self->busy && !galileo_queue_get_busy (self)) {
    self->busy = FALSE;
    galileo_queue_notify_figures (self);
    g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_IDLE], 0);
  }
}

static gboolean
schedule_cb (gpointer user_data)
{
  g_autoptr (GalileoQueue) self = g_object_ref (user_data);

  galileo_queue_clear_source (&self->schedule_source);
  schedule (self);

  return G_SOURCE_REMOVE;
}

/* Not at once: whoever calls is in the middle of changing something. */
void
galileo_queue_schedule_soon (GalileoQueue *self)
{
  if (self->schedule_source != NULL)
    return;

  self->schedule_source = g_idle_source_new ();
  g_source_set_priority (self->schedule_source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->schedule_source, schedule_cb, self, NULL);
  g_source_set_static_name (self->schedule_source, "[galileo] queue schedule");
  g_source_attach (self->schedule_source, g_main_context_get_thread_default ());
}

void
galileo_queue_clear_schedule (GalileoQueue *self)
{
  galileo_queue_clear_source (&self->schedule_source);
  galileo_queue_clear_source (&self->lend_source);
}

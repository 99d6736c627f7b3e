/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

#include "galileo-item-private.h"

/*
 * When nothing may start: the user has everything rest, the network costs by the byte, or none leads to a site. What runs
 * when the network goes is left alone: it may come back soon. Once it is back, connections that do not move are given up.
 */

#define STUCK_AFTER_SECONDS 10.0

gboolean
galileo_queue_is_held (GalileoQueue *self)
{
  return self->frozen || self->paused || (self->pause_on_metered && self->metered);
}

/* Has what runs rest, or go on. */
void
galileo_queue_update_hold (GalileoQueue *self)
{
  gboolean held = galileo_queue_is_held (self);
  GalileoQueueEntry *entry;
  GHashTableIter iter;

  if (self->held != held) {
    self->held = held;
    g_hash_table_iter_init (&iter, self->owners);
    while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry)) {
      if (entry->running)
        galileo_queue_entry_rest (entry, held);
    }
  }
  galileo_queue_schedule_soon (self);
  g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_WAITS_CHANGED], 0);
}

/* Has nothing start, whatever else holds; this is not kept. For those who change what another program will go on with. */
void
galileo_queue_freeze (GalileoQueue *self)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  self->frozen = TRUE;
  galileo_queue_update_hold (self);
}

/* Whether the network leads to a site */

typedef struct {
  GWeakRef queue;
  char *address;
} Question;

static void
asked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GalileoQueue) self = g_weak_ref_get (&question->queue);
  g_autoptr (GError) error = NULL;
  gboolean reachable = g_network_monitor_can_reach_finish (G_NETWORK_MONITOR (object), result, &error);

  if (self != NULL && self->sites != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    GalileoQueueSite *site = g_hash_table_lookup (self->sites, question->address);

    site->asking = FALSE;
    site->unreachable = self->offline && !reachable;
    galileo_queue_schedule_soon (self);
    g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_WAITS_CHANGED], 0);
  }
  g_weak_ref_clear (&question->queue);
  g_free (question->address);
  g_free (question);
}

/* There is no way to everywhere, but there may be one to this site: on this computer, or nearby. */
void
galileo_queue_site_ask (GalileoQueueSite *site)
{
  GUri *address = galileo_site_get_address (site->site);
  int port = g_uri_get_port (address);
  Question *question = g_new0 (Question, 1);
  g_autoptr (GSocketConnectable) target = NULL;

  if (port < 0)
    port = g_str_equal (g_uri_get_scheme (address), "wss") ? 443 : 80;
  target = g_network_address_new (g_uri_get_host (address), (guint16) port);
  g_weak_ref_init (&question->queue, site->queue);
  question->address = g_strdup (site->address);
  site->asking = TRUE;
  g_network_monitor_can_reach_async (site->queue->monitor, target, site->queue->asking, asked_cb, question);
}

/* The network is back */

static gboolean
stuck_cb (gpointer user_data)
{
  GalileoQueue *self = user_data;
  g_autoptr (GPtrArray) stuck = g_ptr_array_new ();
  GalileoQueueEntry *entry;
  GHashTableIter iter;

  galileo_queue_clear_source (&self->stuck_source);
  g_hash_table_iter_init (&iter, self->owners);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry)) {
    gboolean doubtful = entry->doubtful;

    entry->doubtful = FALSE;
    if (doubtful && entry->running && !self->held &&
        galileo_item_get_phase (entry->item) <= GALILEO_UPLOAD_STATE_SENDING &&
        galileo_item_get_acknowledged (entry->item) == entry->before)
      g_ptr_array_add (stuck, entry);
  }
  for (guint i = 0; i < stuck->len; i++)
    galileo_queue_entry_wait_again (g_ptr_array_index (stuck, i));

  return G_SOURCE_REMOVE;
}

static void
doubt_connections (GalileoQueue *self)
{
  GalileoQueueEntry *entry;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->owners);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry)) {
    entry->doubtful = entry->running;
    entry->before = galileo_item_get_acknowledged (entry->item);
  }
  galileo_queue_clear_source (&self->stuck_source);
  self->stuck_source = galileo_queue_call_later (STUCK_AFTER_SECONDS, stuck_cb, self);
}

static void
hasten_all (GalileoQueue *self, gboolean forget_failures)
{
  GalileoQueueSite *site;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->sites);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &site)) {
    site->unreachable = FALSE;
    site->asking = FALSE;
    if (forget_failures)
      site->failures = 0;
    galileo_queue_site_hasten (site);
  }
}

/*
 * To be called after the computer slept, or when there is another reason to think that connections are dead and sites can
 * be reached: everything is tried at once.
 */
void
galileo_queue_wake (GalileoQueue *self)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (!self->offline)
    hasten_all (self, TRUE);
  doubt_connections (self);
}

static void
ask_all (GalileoQueue *self)
{
  GalileoQueueSite *site;
  GHashTableIter iter;

  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  self->asking = g_cancellable_new ();
  g_hash_table_iter_init (&iter, self->sites);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &site))
    galileo_queue_site_ask (site);
}

static void
network_changed_cb (GalileoQueue *self)
{
  gboolean was_offline = self->offline;

  self->offline = !g_network_monitor_get_network_available (self->monitor);
  self->metered = g_network_monitor_get_network_metered (self->monitor);
  if (self->offline) {
    ask_all (self);
  } else {
    g_cancellable_cancel (self->asking);
    hasten_all (self, was_offline);
    if (was_offline)
      doubt_connections (self);
  }
  galileo_queue_update_hold (self);
}

/* Has the queue wait while there is no network; see GNetworkMonitor. To be called once at most. */
void
galileo_queue_set_network_monitor (GalileoQueue *self, GNetworkMonitor *monitor)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (G_IS_NETWORK_MONITOR (monitor));
  g_return_if_fail (self->monitor == NULL);

  self->monitor = g_object_ref (monitor);
  g_signal_connect_object (monitor, "network-changed", G_CALLBACK (network_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (monitor, "notify::network-available", G_CALLBACK (network_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (monitor, "notify::network-metered", G_CALLBACK (network_changed_cb), self, G_CONNECT_SWAPPED);
  network_changed_cb (self);
}

void
galileo_queue_clear_hold (GalileoQueue *self)
{
  galileo_queue_clear_source (&self->stuck_source);
  if (self->asking != NULL)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  g_clear_object (&self->monitor);
}

/* The network, or that of one site, if all that wait are for sites that it does not lead to. */
static gboolean
is_cut_off (GalileoQueue *self)
{
  gboolean is_waiting = FALSE;
  GalileoQueueSite *site;
  GHashTableIter iter;

  if (self->n_in_state[GALILEO_ITEM_UPLOADING] > 0)
    return FALSE;

  g_hash_table_iter_init (&iter, self->sites);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &site)) {
    if (g_sequence_is_empty (site->waiting))
      continue;
    if (!site->unreachable)
      return FALSE;
    is_waiting = TRUE;
  }
  return is_waiting;
}

/* GALILEO_WAIT_TURN if nothing does. */
GalileoWait
galileo_queue_get_hold (GalileoQueue *self)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), GALILEO_WAIT_TURN);

  if (self->paused)
    return GALILEO_WAIT_PAUSED;
  if (galileo_queue_is_held (self))
    return GALILEO_WAIT_METERED;
  return is_cut_off (self) ? GALILEO_WAIT_NETWORK : GALILEO_WAIT_TURN;
}

/* What keeps an item that is not under way from being so; of others: what keeps them from moving. */
GalileoWait
galileo_queue_get_wait (GalileoQueue *self, GalileoItem *item)
{
  GalileoQueueEntry *entry;

  g_return_val_if_fail (GALILEO_IS_QUEUE (self), GALILEO_WAIT_TURN);
  g_return_val_if_fail (GALILEO_IS_ITEM (item), GALILEO_WAIT_TURN);

  entry = g_hash_table_lookup (self->by_item, item);
  if (self->paused)
    return GALILEO_WAIT_PAUSED;
  if (self->frozen)
    return GALILEO_WAIT_TURN;
  if (galileo_queue_is_held (self))
    return GALILEO_WAIT_METERED;
  if (entry == NULL)
    return GALILEO_WAIT_TURN;
  if (entry->site->unreachable)
    return GALILEO_WAIT_NETWORK;
  if (!entry->owns_target)
    return GALILEO_WAIT_NAME;
  if (entry->site->signing_in)
    return GALILEO_WAIT_SIGN_IN;
  if (entry->site->retry_source != NULL)
    return GALILEO_WAIT_SITE;
  return GALILEO_WAIT_TURN;
}

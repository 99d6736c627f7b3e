/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

#include "galileo-item-private.h"

/*
 * Keeping the queue. What would be wrong after a crash if it were not on the disk is shown only once it is: items that are
 * added, which would be gone, and a site's confirmation, whose file would be sent again. Everything else is given to the
 * store as it happens. Where the disk takes nothing it is shown all the same: work goes on, and the store's "problem" tells.
 *
 * Without a store all of this is as if the disk were quick.
 */

/* Entries that were given to the store, and are not listed yet. */
typedef struct {
  GalileoQueue *queue; /* borrowed; NULL once it is gone */
  GPtrArray *entries;
  GList link; /* in queue->arriving */
} GalileoArrival;

/* An item whose confirmation was given to the store. */
typedef struct {
  GWeakRef queue;
  GalileoItem *item;
} Confirmation;

static GalileoRecord *
make_record (GalileoQueueEntry *entry)
{
  GalileoRecord *record = galileo_record_new_for_item (entry->item);

  record->id = entry->id;
  record->position = entry->position;
  record->upload_id = g_strdup (entry->upload_id);
  if (entry->confirmed) {
    record->state = GALILEO_ITEM_DONE;
    record->finish_time = g_get_real_time ();
    record->seconds = galileo_item_get_seconds_so_far (entry->item);
  }

  return record;
}

static void
put (GalileoQueue *self, GalileoRecord *record, GalileoStoreFunc func, gpointer data)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_record_free);

  g_ptr_array_add (records, record);
  galileo_store_put (self->store, records, func, data);
}

static void
arrival_free (GalileoArrival *arrival)
{
  g_ptr_array_unref (arrival->entries);
  g_free (arrival);
}

static void
arrived_cb (const GError *error, gpointer data)
{
  GalileoArrival *arrival = data;
  g_autoptr (GalileoQueue) self = arrival->queue != NULL ? g_object_ref (arrival->queue) : NULL;

  if (self != NULL) {
    g_queue_unlink (&self->arriving, &arrival->link);
    galileo_queue_list_entries (self, arrival->entries);
  }
  arrival_free (arrival);
}

/* entries: of GalileoQueueEntry, taken out of the array; they are listed when they are on the disk. */
void
galileo_queue_save_new (GalileoQueue *self, GPtrArray *entries)
{
  GPtrArray *records = g_ptr_array_new_full (entries->len, (GDestroyNotify) galileo_record_free);
  GalileoArrival *arrival = g_new0 (GalileoArrival, 1);

  arrival->queue = self;
  arrival->entries = g_ptr_array_new_full (entries->len, NULL);
  arrival->link.data = arrival;
  for (guint i = 0; i < entries->len; i++) {
    GalileoQueueEntry *entry = g_ptr_array_index (entries, i);

    g_ptr_array_add (records, make_record (entry));
    g_ptr_array_add (arrival->entries, entry);
  }
  g_ptr_array_set_size (entries, 0);

  g_queue_push_tail_link (&self->arriving, &arrival->link);
  galileo_store_put (self->store, records, arrived_cb, arrival);
}

/* Gives the store what an entry is now. */
void
galileo_queue_save (GalileoQueueEntry *entry)
{
  if (entry->queue->store != NULL)
    put (entry->queue, make_record (entry), NULL, NULL);
}

/* As well, of one that has become final but is not done; the history gets a failure, too. */
void
galileo_queue_save_end (GalileoQueueEntry *entry)
{
  if (entry->queue->store != NULL && galileo_item_get_state (entry->item) == GALILEO_ITEM_FAILED)
    galileo_store_put_end (entry->queue->store, make_record (entry), NULL, NULL);
  else
    galileo_queue_save (entry);
}

void
galileo_queue_save_paused (GalileoQueue *self)
{
  if (self->store != NULL)
    galileo_store_put_setting (self->store, GALILEO_QUEUE_SETTING_PAUSED, self->paused ? "true" : "false");
}

void
galileo_queue_save_site (GalileoQueueSite *site)
{
  if (site->queue->store != NULL)
    galileo_store_put_site (site->queue->store, galileo_site_record_new_for_site (site->site));
}

static void
confirmed_cb (const GError *error, gpointer data)
{
  Confirmation *confirmation = data;
  g_autoptr (GalileoQueue) self = g_weak_ref_get (&confirmation->queue);
  GalileoQueueEntry *entry = self != NULL ? g_hash_table_lookup (self->by_item, confirmation->item) : NULL;

  /* It may have been removed meanwhile. */
  if (entry != NULL)
    galileo_queue_entry_finish (entry, GALILEO_ITEM_DONE, NULL);
  g_weak_ref_clear (&confirmation->queue);
  g_object_unref (confirmation->item);
  g_free (confirmation);
}

/* The site has the file, and the item knows the result: it is done as soon as that is on the disk. */
void
galileo_queue_save_confirmed (GalileoQueueEntry *entry)
{
  GalileoQueue *self = entry->queue;
  Confirmation *confirmation;
  GalileoRecord *record;

  if (self->store == NULL) {
    galileo_queue_entry_finish (entry, GALILEO_ITEM_DONE, NULL);
    return;
  }

  galileo_queue_entry_stop (entry);
  entry->confirmed = TRUE;
  record = make_record (entry);

  confirmation = g_new0 (Confirmation, 1);
  g_weak_ref_init (&confirmation->queue, self);
  confirmation->item = g_object_ref (entry->item);
  galileo_store_put_end (self->store, record, confirmed_cb, confirmation);
}

/* ids: of gint64, taken: the store's, of items that are in the queue no more. */
void
galileo_queue_forget (GalileoQueue *self, GArray *ids)
{
  if (self->store != NULL && ids->len > 0)
    galileo_store_remove (self->store, ids);
  else
    g_array_unref (ids);
}

/* Those that are still to be listed are on the disk, or will be: they come when the store is loaded again. */
void
galileo_queue_clear_arriving (GalileoQueue *self)
{
  GList *link;

  while ((link = g_queue_pop_head_link (&self->arriving)) != NULL) {
    GalileoArrival *arrival = link->data;

    arrival->queue = NULL;
    g_ptr_array_set_free_func (arrival->entries, galileo_queue_entry_free);
    g_ptr_array_set_size (arrival->entries, 0);
  }
}

gboolean
galileo_queue_is_arriving (GalileoQueue *self)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), FALSE);

  return !g_queue_is_empty (&self->arriving) || (self->held_items != NULL && self->held_items->len > 0);
}

gboolean
galileo_queue_is_kept (GalileoQueue *self)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), FALSE);

  return self->store != NULL && galileo_store_get_problem (self->store) == NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

/*
 * What is in the queue already: by the file and by the name at the site. Entries with the same are chained; each table knows
 * the first of a chain.
 */

static guint
hash_file (gconstpointer key)
{
  const GalileoQueueEntry *entry = key;

  return g_file_hash (galileo_item_get_file (entry->item)) ^ GPOINTER_TO_UINT (entry->site);
}

static gboolean
equal_file (gconstpointer a, gconstpointer b)
{
  const GalileoQueueEntry *one = a, *other = b;

  return one->site == other->site &&
         g_file_equal (galileo_item_get_file (one->item), galileo_item_get_file (other->item));
}

static guint
hash_target (gconstpointer key)
{
  return g_str_hash (((const GalileoQueueEntry *) key)->target);
}

static gboolean
equal_target (gconstpointer a, gconstpointer b)
{
  return g_str_equal (((const GalileoQueueEntry *) a)->target, ((const GalileoQueueEntry *) b)->target);
}

void
galileo_queue_init_index (GalileoQueue *self)
{
  self->by_file = g_hash_table_new (hash_file, equal_file);
  self->by_target = g_hash_table_new (hash_target, equal_target);
}

void
galileo_queue_clear_index (GalileoQueue *self)
{
  g_clear_pointer (&self->by_file, g_hash_table_unref);
  g_clear_pointer (&self->by_target, g_hash_table_unref);
}

/* The chain that an entry is in by one of the tables. */
static GalileoQueueEntry **
get_next (GalileoQueueEntry *entry, gboolean by_file)
{
  return by_file ? &entry->next_of_file : &entry->next_of_target;
}

static void
add_to (GHashTable *table, GalileoQueueEntry *entry, gboolean by_file)
{
  GalileoQueueEntry *first = g_hash_table_lookup (table, entry);

  if (first == NULL) {
    *get_next (entry, by_file) = NULL;
    g_hash_table_add (table, entry);
  } else {
    *get_next (entry, by_file) = *get_next (first, by_file);
    *get_next (first, by_file) = entry;
  }
}

static void
remove_from (GHashTable *table, GalileoQueueEntry *entry, gboolean by_file)
{
  GalileoQueueEntry *first = g_hash_table_lookup (table, entry);
  GalileoQueueEntry *next = *get_next (entry, by_file);

  if (first == entry) {
    g_hash_table_remove (table, entry);
    if (next != NULL)
      g_hash_table_add (table, next);
    return;
  }
  while (first != NULL && *get_next (first, by_file) != entry)
    first = *get_next (first, by_file);
  if (first != NULL)
    *get_next (first, by_file) = next;
}

void
galileo_queue_index_add (GalileoQueueEntry *entry)
{
  add_to (entry->queue->by_file, entry, TRUE);
  add_to (entry->queue->by_target, entry, FALSE);
}

void
galileo_queue_index_remove (GalileoQueueEntry *entry)
{
  remove_from (entry->queue->by_file, entry, TRUE);
  remove_from (entry->queue->by_target, entry, FALSE);
}

/* What failed or was cancelled is no reason not to try it. */
static gboolean
counts (GalileoQueueEntry *entry)
{
  GalileoItemState state = galileo_item_get_state (entry->item);

  return state != GALILEO_ITEM_FAILED && state != GALILEO_ITEM_CANCELLED;
}

/* Something that the tables take for an entry of an item that is not in the queue. */
static GalileoQueueEntry *
look_up (GalileoQueue *self, GHashTable *table, GalileoItem *item)
{
  g_autofree char *target = galileo_queue_make_target (item);
  g_autofree char *address = g_uri_to_string (galileo_site_get_address (galileo_item_get_site (item)));
  GalileoQueueEntry key = {
    .item = item,
    .site = g_hash_table_lookup (self->sites, address),
    .target = target,
  };

  return g_hash_table_lookup (table, &key);
}

/*
 * Finds what is in the queue already and was not given up: the same file, for the same site, of the same size and modification
 * time. Returns: (transfer none), or NULL.
 */
GalileoItem *
galileo_queue_find_duplicate (GalileoQueue *self, GalileoItem *item)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), NULL);
  g_return_val_if_fail (GALILEO_IS_ITEM (item), NULL);

  for (GalileoQueueEntry *entry = look_up (self, self->by_file, item); entry != NULL; entry = entry->next_of_file) {
    if (counts (entry) && galileo_item_get_size (entry->item) == galileo_item_get_size (item) &&
        galileo_item_get_mtime (entry->item) == galileo_item_get_mtime (item))
      return entry->item;
  }
  return NULL;
}

/* Finds another file that is in the queue for the same place at the same site, and was not given up. */
GalileoItem *
galileo_queue_find_name (GalileoQueue *self, GalileoItem *item)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), NULL);
  g_return_val_if_fail (GALILEO_IS_ITEM (item), NULL);

  for (GalileoQueueEntry *entry = look_up (self, self->by_target, item); entry != NULL; entry = entry->next_of_target) {
    if (counts (entry) && !g_file_equal (galileo_item_get_file (entry->item), galileo_item_get_file (item)))
      return entry->item;
  }
  return NULL;
}

/* The number by which others know an item, from 1, for as long as it is in the queue, also across restarts. */
gint64
galileo_queue_get_id (GalileoQueue *self, GalileoItem *item)
{
  GalileoQueueEntry *entry;

  g_return_val_if_fail (GALILEO_IS_QUEUE (self), 0);
  g_return_val_if_fail (GALILEO_IS_ITEM (item), 0);

  entry = g_hash_table_lookup (self->by_item, item);
  return entry != NULL ? entry->id : 0;
}

/* Returns: (transfer none): the item that is known by that number, or NULL. */
GalileoItem *
galileo_queue_find_id (GalileoQueue *self, gint64 id)
{
  GalileoQueueEntry *entry;

  g_return_val_if_fail (GALILEO_IS_QUEUE (self), NULL);

  entry = g_hash_table_lookup (self->by_id, &id);
  return entry != NULL ? entry->item : NULL;
}

/* Where an item of the queue is in the list. */
guint
galileo_queue_get_position (GalileoQueue *self, GalileoItem *item)
{
  GalileoQueueEntry *entry;

  g_return_val_if_fail (GALILEO_IS_QUEUE (self), 0);
  g_return_val_if_fail (GALILEO_IS_ITEM (item), 0);

  entry = g_hash_table_lookup (self->by_item, item);
  g_return_val_if_fail (entry != NULL, 0);

  return (guint) g_sequence_iter_get_position (entry->iter);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

/*
 * Who waits for what. An entry that is not final owns its target, a name at a site, or follows the one that does: two
 * files of one name never run at once, and come in the user's order. One that owns its target and waits stands in its
 * site's line. One that is paused, or to be retried, keeps its target, so that none of the same name overtakes it.
 */

static void
site_free (gpointer data)
{
  GalileoQueueSite *site = data;

  galileo_queue_clear_source (&site->retry_source);
  g_sequence_free (site->waiting);
  g_signal_handlers_disconnect_by_data (site->site, site);
  g_object_unref (site->site);
  g_free (site->address);
  g_free (site);
}

void
galileo_queue_init_lines (GalileoQueue *self)
{
  self->listed_sites = g_list_store_new (GALILEO_TYPE_SITE);
  self->sites = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, site_free);
  self->owners = g_hash_table_new (g_str_hash, g_str_equal);
  self->followers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_sequence_free);
}

/* To be called when no entry is left. */
void
galileo_queue_clear_lines (GalileoQueue *self)
{
  g_assert (g_hash_table_size (self->owners) == 0 && g_hash_table_size (self->followers) == 0);

  g_clear_pointer (&self->sites, g_hash_table_unref);
  g_clear_object (&self->listed_sites);
  g_clear_pointer (&self->owners, g_hash_table_unref);
  g_clear_pointer (&self->followers, g_hash_table_unref);
}

static int
compare_positions (gconstpointer a, gconstpointer b, gpointer unused)
{
  const GalileoQueueEntry *one = a, *other = b;

  return (one->position > other->position) - (one->position < other->position);
}

static void
update_listed (GalileoQueueSite *site)
{
  GListStore *list = site->queue->listed_sites;
  gboolean listed = galileo_site_get_listed (site->site);
  guint position;

  if (g_list_store_find (list, site->site, &position) == listed)
    return;

  if (listed)
    g_list_store_append (list, site->site);
  else
    g_list_store_remove (list, position);
}

/* The site's numbers are known, or others. */
static void
changed_cb (GalileoQueueSite *site)
{
  galileo_engine_set_group_rate_limit (site->queue->engine, site->address, galileo_site_get_rate_limit (site->site));
  galileo_queue_save_site (site);
  update_listed (site);
  galileo_queue_schedule_soon (site->queue);
}

/* What the queue knows of the site's address, from now on if nothing: then this is the site that it goes by. */
GalileoQueueSite *
galileo_queue_add_site (GalileoQueue *self, GalileoSite *site)
{
  g_autofree char *address = g_uri_to_string (galileo_site_get_address (site));
  GalileoQueueSite *found = g_hash_table_lookup (self->sites, address);

  if (found == NULL) {
    found = g_new0 (GalileoQueueSite, 1);
    found->queue = self;
    found->address = g_steal_pointer (&address);
    found->site = g_object_ref (site);
    found->waiting = g_sequence_new (NULL);
    g_signal_connect_swapped (site, "changed", G_CALLBACK (changed_cb), found);
    g_hash_table_insert (self->sites, found->address, found);
    changed_cb (found);
    if (self->offline)
      galileo_queue_site_ask (found);
  }

  return found;
}

/* Site, folder and name, as one string. */
char *
galileo_queue_make_target (GalileoItem *item)
{
  GalileoSite *site = galileo_item_get_site (item);
  g_autofree char *address = g_uri_to_string (galileo_site_get_address (site));
  const char *path = galileo_item_get_path (item);

  return g_strjoin ("\n", address, path != NULL ? path : "", galileo_item_get_name (item), NULL);
}

/* The site at an address, as galileo_address_parse() gives it, if something went there or was to; or NULL. */
GalileoSite *
galileo_queue_find_site (GalileoQueue *self, GUri *address)
{
  g_autofree char *text = NULL;
  GalileoQueueSite *found;

  g_return_val_if_fail (GALILEO_IS_QUEUE (self), NULL);
  g_return_val_if_fail (address != NULL, NULL);

  text = g_uri_to_string (address);
  found = g_hash_table_lookup (self->sites, text);
  return found != NULL ? found->site : NULL;
}

/* Returns: (transfer none): a GListModel of GalileoSite, those to choose from. */
GListModel *
galileo_queue_get_sites (GalileoQueue *self)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), NULL);

  return G_LIST_MODEL (self->listed_sites);
}

/* Has the site kept, and offered from now on. Returns: (transfer none): the one that holds for its address. */
GalileoSite *
galileo_queue_remember_site (GalileoQueue *self, GalileoSite *site)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), NULL);
  g_return_val_if_fail (GALILEO_IS_SITE (site), NULL);
  /* What was kept of it would not be taken up any more. */
  g_return_val_if_fail (!galileo_queue_is_loading (self), NULL);

  site = galileo_queue_add_site (self, site)->site;
  galileo_site_set_listed (site, TRUE);

  return site;
}

/* It is not offered any more, and what was set for it is forgotten. What is in the queue for it stays. */
void
galileo_queue_forget_site (GalileoQueue *self, GalileoSite *site)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_SITE (site));

  galileo_site_set_listed (site, FALSE);
  galileo_site_set_name (site, NULL);
  galileo_site_set_max_uploads (site, 0);
  galileo_site_set_rate_limit (site, 0);
  galileo_site_set_name_rule (site, GALILEO_NAME_RULE_ASK);
  galileo_site_set_keep_folders (site, FALSE);
}

/* What the entry is for. */
void
galileo_queue_entry_set_target (GalileoQueueEntry *entry)
{
  g_assert (!entry->owns_target && entry->turn == NULL);

  entry->site = galileo_queue_add_site (entry->queue, galileo_item_get_site (entry->item));
  g_free (entry->target);
  entry->target = galileo_queue_make_target (entry->item);
}

static void
own (GalileoQueueEntry *entry)
{
  entry->owns_target = TRUE;
  g_hash_table_replace (entry->queue->owners, entry->target, entry);
}

static void
stand_in_line (GalileoQueueEntry *entry)
{
  if (galileo_item_get_state (entry->item) == GALILEO_ITEM_WAITING)
    entry->turn = g_sequence_insert_sorted (entry->site->waiting, entry, compare_positions, NULL);
}

static void
follow (GalileoQueueEntry *entry)
{
  GHashTable *followers = entry->queue->followers;
  GSequence *line = g_hash_table_lookup (followers, entry->target);

  if (line == NULL) {
    line = g_sequence_new (NULL);
    g_hash_table_insert (followers, g_strdup (entry->target), line);
  }
  entry->turn = g_sequence_insert_sorted (line, entry, compare_positions, NULL);
}

/* An entry that waits, is paused or to be retried: it takes the place that it has a right to. */
void
galileo_queue_entry_claim (GalileoQueueEntry *entry)
{
  if (entry->turn != NULL)
    return;

  if (!entry->owns_target && g_hash_table_contains (entry->queue->owners, entry->target)) {
    follow (entry);
    galileo_queue_entry_moved (entry);
    return;
  }
  if (!entry->owns_target)
    own (entry);
  stand_in_line (entry);
}

static void
leave_followers (GalileoQueueEntry *entry)
{
  GSequence *line = g_sequence_iter_get_sequence (entry->turn);

  g_sequence_remove (entry->turn);
  entry->turn = NULL;
  if (g_sequence_is_empty (line))
    g_hash_table_remove (entry->queue->followers, entry->target);
}

/* It is not its turn any more, but the target stays its own. */
void
galileo_queue_entry_leave_line (GalileoQueueEntry *entry)
{
  if (entry->turn == NULL || !entry->owns_target)
    return;

  g_sequence_remove (entry->turn);
  entry->turn = NULL;
}

static GalileoQueueEntry *
get_first_follower (GalileoQueueEntry *entry)
{
  GSequence *line = g_hash_table_lookup (entry->queue->followers, entry->target);

  return line != NULL ? g_sequence_get (g_sequence_get_begin_iter (line)) : NULL;
}

/* The next in line takes the target. */
static void
hand_over (GalileoQueueEntry *entry, GalileoQueueEntry *next)
{
  galileo_queue_entry_leave_line (entry);
  entry->owns_target = FALSE;
  leave_followers (next);
  own (next);
  stand_in_line (next);
}

/* It wants its target no more. */
void
galileo_queue_entry_release (GalileoQueueEntry *entry)
{
  GalileoQueueEntry *next;

  if (!entry->owns_target) {
    if (entry->turn != NULL)
      leave_followers (entry);
    return;
  }

  next = get_first_follower (entry);
  if (next != NULL) {
    hand_over (entry, next);
  } else {
    galileo_queue_entry_leave_line (entry);
    entry->owns_target = FALSE;
    g_hash_table_remove (entry->queue->owners, entry->target);
  }
}

/* Whether something of it may be at the site already: then none of its name comes before it any more. */
static gboolean
has_begun (GalileoQueueEntry *entry)
{
  return entry->transfer != NULL || galileo_item_get_attempt (entry->item) > 0 || entry->confirmed;
}

/* Its position is another. */
void
galileo_queue_entry_moved (GalileoQueueEntry *entry)
{
  GalileoQueueEntry *owner = g_hash_table_lookup (entry->queue->owners, entry->target);
  GalileoQueueEntry *first;

  if (entry->turn != NULL)
    g_sequence_sort_changed (entry->turn, compare_positions, NULL);
  first = get_first_follower (entry);
  if (owner == NULL || first == NULL || has_begun (owner) || owner->position < first->position)
    return;

  hand_over (owner, first);
  follow (owner);
}

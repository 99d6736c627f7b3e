/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

#include "galileo-item-private.h"
#include "galileo/galileo-error.h"

/* Of so few items each is moved for itself, if one goes so far. */
#define FEW 8
#define FAR 500

/* What the user may ask of the queue. */

static GalileoQueueEntry *
lookup (GalileoQueue *self, GalileoItem *item)
{
  return g_hash_table_lookup (self->by_item, item);
}

/* Does nothing to an item that is final. */
void
galileo_queue_cancel (GalileoQueue *self, GalileoItem *item)
{
  GalileoQueueEntry *entry;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  entry = lookup (self, item);
  if (entry != NULL && !entry->confirmed && !galileo_item_is_final (item))
    galileo_queue_entry_finish (entry, GALILEO_ITEM_CANCELLED, NULL);
}

/* Calls a function with each item, which may change the queue. */
static void
for_each (GalileoQueue *self, void (*function) (GalileoQueue *, GalileoItem *), GalileoItemState only)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (GSequenceIter *iter = g_sequence_get_begin_iter (self->entries); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter)) {
    GalileoQueueEntry *entry = g_sequence_get (iter);

    if (only == GALILEO_ITEM_N_STATES || galileo_item_get_state (entry->item) == only)
      g_ptr_array_add (items, g_object_ref (entry->item));
  }

  for (guint i = 0; i < items->len; i++)
    function (self, g_ptr_array_index (items, i));
}

void
galileo_queue_cancel_all (GalileoQueue *self)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  for_each (self, galileo_queue_cancel, (GalileoItemState) GALILEO_ITEM_N_STATES);
}

/* The file is wanted as it is now, whatever it was. */
static void
accept_file (GalileoQueueEntry *entry)
{
  const GError *error = galileo_item_get_error (entry->item);

  if (entry->unchecked || (error != NULL && galileo_error_is_changed_file (error)))
    galileo_item_set_expected (entry->item, galileo_item_get_size (entry->item), 0);
  entry->unchecked = FALSE;
}

/* Tries an item anew that is failed or cancelled, with all its attempts before it, or at once one that would be later. */
void
galileo_queue_retry (GalileoQueue *self, GalileoItem *item)
{
  GalileoItemState state;
  GalileoQueueEntry *entry;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  entry = lookup (self, item);
  state = galileo_item_get_state (item);
  if (entry == NULL || (state != GALILEO_ITEM_RETRYING && state != GALILEO_ITEM_FAILED && state != GALILEO_ITEM_CANCELLED))
    return;

  galileo_queue_become_busy (self);
  galileo_queue_clear_source (&entry->retry_source);
  accept_file (entry);
  if (state != GALILEO_ITEM_RETRYING) {
    galileo_totals_leave (&self->totals, &entry->share);
    galileo_item_forget (item);
    entry->most = 0;
  }
  entry->failures = 0;
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_WAITING);
  galileo_queue_entry_claim (entry);
  entry->site->failures = 0;
  galileo_queue_site_hasten (entry->site);
  galileo_queue_save (entry);
}

void
galileo_queue_retry_failed (GalileoQueue *self)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  for_each (self, galileo_queue_retry, GALILEO_ITEM_FAILED);
}

/*
 * Has an item rest until galileo_queue_resume(), also across restarts. An upload that is under way rests in its connection,
 * and its slot goes to others, but none of the same name at the same site overtakes it. Does nothing to a final item.
 */
void
galileo_queue_pause (GalileoQueue *self, GalileoItem *item)
{
  GalileoQueueEntry *entry;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  entry = lookup (self, item);
  if (entry == NULL || entry->confirmed || galileo_item_is_final (item) ||
      galileo_item_get_state (item) == GALILEO_ITEM_PAUSED)
    return;

  galileo_queue_entry_leave_line (entry);
  galileo_queue_clear_source (&entry->retry_source);
  galileo_queue_entry_rest (entry, TRUE);
  galileo_queue_entry_give_slots_back (entry);
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_PAUSED);
  galileo_queue_save (entry);
  galileo_queue_schedule_soon (self);
}

/* Lets a paused item have its turn. */
void
galileo_queue_resume (GalileoQueue *self, GalileoItem *item)
{
  GalileoQueueEntry *entry;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  entry = lookup (self, item);
  if (entry == NULL || galileo_item_get_state (item) != GALILEO_ITEM_PAUSED)
    return;

  galileo_queue_become_busy (self);
  if (entry->share.batch != self->totals.batch)
    galileo_totals_leave (&self->totals, &entry->share);
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_WAITING);
  galileo_queue_entry_claim (entry);
  galileo_queue_save (entry);
}

/* Takes another file for an item that is waiting, paused or failed, since its own can't be reached any more, and tries it. */
void
galileo_queue_locate (GalileoQueue *self, GalileoItem *item, GFile *file)
{
  GalileoQueueEntry *entry;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));
  g_return_if_fail (G_IS_FILE (file));

  entry = lookup (self, item);
  if (entry == NULL || entry->confirmed || entry->transfer != NULL || galileo_item_get_state (item) == GALILEO_ITEM_DONE)
    return;

  galileo_queue_index_remove (entry);
  galileo_item_set_file (item, file);
  galileo_item_set_expected (item, -1, 0);
  entry->unchecked = FALSE;
  galileo_queue_index_add (entry);
  if (galileo_item_is_final (item))
    galileo_queue_retry (self, item);
  else
    galileo_queue_save (entry);
}

/* Removing */

/* Takes an item out; its upload is cut. */
void
galileo_queue_remove (GalileoQueue *self, GalileoItem *item)
{
  g_autoptr (GalileoItem) alive = NULL;
  GalileoQueueEntry *entry;
  guint position;
  GArray *ids;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  alive = g_object_ref (item);
  galileo_queue_cancel (self, item);
  entry = lookup (self, item);
  if (entry == NULL)
    return;

  position = (guint) g_sequence_iter_get_position (entry->iter);
  ids = g_array_new (FALSE, FALSE, sizeof entry->id);
  g_array_append_val (ids, entry->id);
  galileo_queue_forget (self, ids);
  galileo_queue_unlist (entry);
  g_sequence_remove (entry->iter);
  galileo_queue_notify_figures_soon (self);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static gboolean
is_clearable (GSequenceIter *iter)
{
  GalileoQueueEntry *entry = g_sequence_get (iter);
  GalileoItemState state = galileo_item_get_state (entry->item);

  return state == GALILEO_ITEM_DONE || state == GALILEO_ITEM_CANCELLED;
}

/* Takes out what is done or cancelled. From the end, neighbours together: the view's work is by changes, not items. */
void
galileo_queue_clear_finished (GalileoQueue *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  GSequenceIter *iter;

  g_return_if_fail (GALILEO_IS_QUEUE (self));

  iter = g_sequence_get_end_iter (self->entries);
  while (!g_sequence_iter_is_begin (iter)) {
    GSequenceIter *end = iter;
    guint n = 0;

    while (!g_sequence_iter_is_begin (iter) && is_clearable (g_sequence_iter_prev (iter))) {
      GalileoQueueEntry *entry;

      iter = g_sequence_iter_prev (iter);
      entry = g_sequence_get (iter);
      galileo_queue_unlist (entry);
      g_array_append_val (ids, entry->id);
      n++;
    }

    if (n > 0) {
      guint position = (guint) g_sequence_iter_get_position (iter);

      g_sequence_remove_range (iter, end);
      g_list_model_items_changed (G_LIST_MODEL (self), position, n, 0);
      iter = g_sequence_get_iter_at_pos (self->entries, (int) position);
    }
    if (!g_sequence_iter_is_begin (iter))
      iter = g_sequence_iter_prev (iter);
  }
  galileo_queue_forget (self, ids);
  galileo_queue_notify_figures_soon (self);
}

/*
 * What waits to go to one site, or failed there, goes to another from now on: the address was wrong. What is under way or
 * rests stays. They are new items, at the end.
 */
void
galileo_queue_redirect (GalileoQueue *self, GalileoSite *from, GalileoSite *to)
{
  g_autoptr (GPtrArray) old = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) new = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_SITE (from));
  g_return_if_fail (GALILEO_IS_SITE (to));

  for (GSequenceIter *iter = g_sequence_get_begin_iter (self->entries); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter)) {
    GalileoQueueEntry *entry = g_sequence_get (iter);
    GalileoItemState state = galileo_item_get_state (entry->item);
    GalileoItem *item;

    if (entry->site->site != from || entry->confirmed ||
        (state != GALILEO_ITEM_WAITING && state != GALILEO_ITEM_RETRYING && state != GALILEO_ITEM_FAILED))
      continue;

    item = galileo_item_new (to, galileo_item_get_file (entry->item), galileo_item_get_name (entry->item));
    galileo_item_set_path (item, galileo_item_get_path (entry->item));
    galileo_item_set_expected (item, galileo_item_get_size (entry->item), galileo_item_get_mtime (entry->item));
    g_ptr_array_add (new, item);
    g_ptr_array_add (old, g_object_ref (entry->item));
  }

  /* Kept before the others are forgotten: should this end between the two, each is there twice rather than not at all. */
  galileo_queue_append (self, new);
  for (guint i = old->len; i > 0; i--)
    galileo_queue_remove (self, g_ptr_array_index (old, i - 1));
}

/* Order */

/* The positions of neighbours have become too close to put something between them. */
static void
spread (GalileoQueue *self)
{
  double position = 0.0;

  for (GSequenceIter *iter = g_sequence_get_begin_iter (self->entries); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter)) {
    GalileoQueueEntry *entry = g_sequence_get (iter);

    entry->position = ++position;
    galileo_queue_save (entry);
  }
  self->last_position = MAX (self->last_position, position);
}

static double
get_position (GSequenceIter *iter)
{
  GalileoQueueEntry *entry = g_sequence_get (iter);

  return entry->position;
}

/* Finds the positions between which something comes that is to stand before an entry, or at the end. */
static void
find_gap (GalileoQueue *self, GSequenceIter *before, GHashTable *moving, double *low, double *high)
{
  GSequenceIter *after = before;

  *high = g_sequence_iter_is_end (before) ? self->last_position + 1.0 : get_position (before);
  *low = *high - 1.0;
  while (!g_sequence_iter_is_begin (after)) {
    after = g_sequence_iter_prev (after);
    if (!g_hash_table_contains (moving, g_sequence_get (after))) {
      *low = get_position (after);
      break;
    }
  }
}

/*
 * Moves one of a few a long way: it is taken out, and put in again, which is two small changes. A view looks at each item of
 * a change, and there may be fifty thousand between the two places.
 */
static void
move_far (GalileoQueue *self, GalileoQueueEntry *entry, GSequenceIter *before)
{
  GSequence *nowhere = g_sequence_new (NULL);
  guint old = (guint) g_sequence_iter_get_position (entry->iter);

  g_sequence_move (entry->iter, g_sequence_get_end_iter (nowhere));
  g_list_model_items_changed (G_LIST_MODEL (self), old, 1, 0);
  g_sequence_move (entry->iter, before);
  g_list_model_items_changed (G_LIST_MODEL (self), (guint) g_sequence_iter_get_position (entry->iter), 0, 1);
  g_sequence_free (nowhere);
}

static gboolean
is_far (GPtrArray *entries, GSequenceIter *before)
{
  int place = g_sequence_iter_get_position (before);

  if (entries->len > FEW)
    return FALSE;

  for (guint i = 0; i < entries->len; i++) {
    GalileoQueueEntry *entry = g_ptr_array_index (entries, i);

    if (ABS (g_sequence_iter_get_position (entry->iter) - place) > FAR)
      return TRUE;
  }
  return FALSE;
}

/* A view is told of all between the first and the last that have another place now, or of each if that is less. */
static void
move_entries (GalileoQueue *self, GPtrArray *entries, GHashTable *moving, GSequenceIter *before)
{
  guint from = G_MAXUINT, to = 0;
  double low, high, step;
  gboolean far;

  find_gap (self, before, moving, &low, &high);
  if (low + (high - low) / (entries->len + 1) / 2.0 <= low) {
    spread (self);
    find_gap (self, before, moving, &low, &high);
  }
  step = (high - low) / (entries->len + 1);
  far = is_far (entries, before);

  for (guint i = 0; i < entries->len; i++) {
    GalileoQueueEntry *entry = g_ptr_array_index (entries, i);
    guint old = (guint) g_sequence_iter_get_position (entry->iter);
    guint new;

    if (far)
      move_far (self, entry, before);
    else
      g_sequence_move (entry->iter, before);
    new = (guint) g_sequence_iter_get_position (entry->iter);
    from = MIN (from, MIN (old, new));
    to = MAX (to, MAX (old, new));
    entry->position = low + step * (i + 1);
    galileo_queue_entry_moved (entry);
    galileo_queue_save (entry);
  }
  if (g_sequence_iter_is_end (before))
    self->last_position = high;
  if (!far)
    g_list_model_items_changed (G_LIST_MODEL (self), from, to - from + 1, to - from + 1);
}

/*
 * Moves items, of GalileoItem, so that they stand together before another, or at the end if that is NULL; in the order of
 * the array. The next that is uploaded is the first of those that may be; what is under way stays so.
 */
void
galileo_queue_move (GalileoQueue *self, GPtrArray *items, GalileoItem *before)
{
  g_autoptr (GHashTable) moving = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  GalileoQueueEntry *anchor;
  GSequenceIter *place;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (items != NULL);

  anchor = before != NULL ? lookup (self, before) : NULL;
  g_return_if_fail (before == NULL || anchor != NULL);

  moving = g_hash_table_new (NULL, NULL);
  entries = g_ptr_array_new ();
  for (guint i = 0; i < items->len; i++) {
    GalileoQueueEntry *entry = lookup (self, g_ptr_array_index (items, i));

    if (entry != NULL && g_hash_table_add (moving, entry))
      g_ptr_array_add (entries, entry);
  }

  /* What is moved can't be what it is moved to: the next that stays takes over. */
  place = anchor != NULL ? anchor->iter : g_sequence_get_end_iter (self->entries);
  while (!g_sequence_iter_is_end (place) && g_hash_table_contains (moving, g_sequence_get (place)))
    place = g_sequence_iter_next (place);

  if (entries->len > 0)
    move_entries (self, entries, moving, place);
}

static int
compare_entries (gconstpointer a, gconstpointer b, gpointer unused)
{
  const GalileoQueueEntry *one = *(GalileoQueueEntry *const *) a, *other = *(GalileoQueueEntry *const *) b;

  return (one->position > other->position) - (one->position < other->position);
}

/* The same items, in the order of the list. */
static GPtrArray *
sort (GalileoQueue *self, GPtrArray *items)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  GPtrArray *sorted = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++) {
    GalileoQueueEntry *entry = lookup (self, g_ptr_array_index (items, i));

    if (entry != NULL)
      g_ptr_array_add (entries, entry);
  }
  g_ptr_array_sort_with_data (entries, compare_entries, NULL);
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (sorted, ((GalileoQueueEntry *) g_ptr_array_index (entries, i))->item);

  return sorted;
}

static GalileoItem *
get_item_at (GSequenceIter *iter)
{
  return g_sequence_iter_is_end (iter) ? NULL : ((GalileoQueueEntry *) g_sequence_get (iter))->item;
}

/* Moves items, which keep their order among themselves. */
void
galileo_queue_move_to (GalileoQueue *self, GPtrArray *items, GalileoPlace place)
{
  g_autoptr (GPtrArray) sorted = NULL;
  GSequenceIter *first, *last, *target;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (items != NULL);

  sorted = sort (self, items);
  if (sorted->len == 0)
    return;

  first = lookup (self, g_ptr_array_index (sorted, 0))->iter;
  last = lookup (self, g_ptr_array_index (sorted, sorted->len - 1))->iter;
  switch (place) {
  case GALILEO_PLACE_TOP:
    target = g_sequence_get_begin_iter (self->entries);
    break;
  case GALILEO_PLACE_UP:
    target = g_sequence_iter_prev (first);
    break;
  case GALILEO_PLACE_DOWN:
    target = g_sequence_iter_next (g_sequence_iter_next (last));
    break;
  case GALILEO_PLACE_BOTTOM:
  default:
    target = g_sequence_get_end_iter (self->entries);
  }
  galileo_queue_move (self, sorted, get_item_at (target));
}

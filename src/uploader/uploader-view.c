/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-view-private.h"

/* What changes its place moves at most so often: thousands of small files in a second are no film. */
#define MOVE_INTERVAL_USEC (100 * 1000)

/* So long at a time for looking through all. */
#define SLICE_USEC (4 * 1000)

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (UploaderView,
                               uploader_view,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init)
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL, uploader_view_selection_iface_init))

/* The filters */

static const guint shown_states[UPLOADER_N_FILTERS] = {
  [UPLOADER_FILTER_ALL] = (1 << GALILEO_ITEM_N_STATES) - 1,
  [UPLOADER_FILTER_UPLOADING] = 1 << GALILEO_ITEM_UPLOADING | 1 << GALILEO_ITEM_RETRYING,
  [UPLOADER_FILTER_WAITING] = 1 << GALILEO_ITEM_WAITING | 1 << GALILEO_ITEM_PAUSED,
  [UPLOADER_FILTER_FAILED] = 1 << GALILEO_ITEM_FAILED,
  [UPLOADER_FILTER_DONE] = 1 << GALILEO_ITEM_DONE,
};

gboolean
uploader_filter_matches (UploaderFilter filter, GalileoItemState state)
{
  g_return_val_if_fail (filter < UPLOADER_N_FILTERS, FALSE);

  return (shown_states[filter] & 1u << state) != 0;
}

/* Returns: how many items of the queue it matches. */
guint
uploader_filter_count (UploaderFilter filter, GalileoQueue *queue)
{
  guint n = 0;

  g_return_val_if_fail (filter < UPLOADER_N_FILTERS, 0);
  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), 0);

  for (guint state = 0; state < GALILEO_ITEM_N_STATES; state++)
    n += uploader_filter_matches (filter, state) ? galileo_queue_get_n_in_state (queue, state) : 0;

  return n;
}

/* The model */

static GType
get_item_type (GListModel *model)
{
  return GALILEO_TYPE_ITEM;
}

static guint
get_n_in_group (UploaderView *self, guint group)
{
  return (guint) gtk_bitset_get_size (self->groups[group]);
}

static guint
get_n_items (GListModel *model)
{
  UploaderView *self = UPLOADER_VIEW (model);
  guint n = 0;

  for (guint group = 0; group < N_GROUPS; group++)
    n += get_n_in_group (self, group);

  return n;
}

static gpointer
get_item (GListModel *model, guint position)
{
  UploaderView *self = UPLOADER_VIEW (model);

  for (guint group = 0; group < N_GROUPS; group++) {
    guint n = get_n_in_group (self, group);

    if (position < n)
      return g_list_model_get_item (G_LIST_MODEL (self->queue), gtk_bitset_get_nth (self->groups[group], position));
    position -= n;
  }
  return NULL;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* Where a group begins. */
static guint
get_base (UploaderView *self, guint group)
{
  guint base = 0;

  for (guint i = 0; i < group; i++)
    base += get_n_in_group (self, i);

  return base;
}

/* How many of a group are before a position of the queue. */
static guint
get_rank (UploaderView *self, guint group, guint position)
{
  return position == 0 ? 0 : (guint) gtk_bitset_get_size_in_range (self->groups[group], 0, position - 1);
}

static guint
count_range (UploaderView *self, guint group, guint position, guint n)
{
  return n == 0 ? 0 : (guint) gtk_bitset_get_size_in_range (self->groups[group], position, position + n - 1);
}

static guint
get_group_for_state (GalileoItemState state)
{
  return state == GALILEO_ITEM_DONE || state == GALILEO_ITEM_CANCELLED ? GROUP_FINISHED : GROUP_OPEN;
}

/* Returns: the group that an item is to be shown in, or NO_GROUP. */
static guint
get_group (UploaderView *self, GalileoItem *item)
{
  GalileoItemState state = galileo_item_get_state (item);

  if (!uploader_filter_matches (self->filter, state) || !uploader_search_matches (self->search, item))
    return NO_GROUP;

  return get_group_for_state (state);
}

/* Returns whether an item is shown, and where. */
gboolean
uploader_view_find (UploaderView *self, GalileoItem *item, guint *position)
{
  guint queue_position;

  g_return_val_if_fail (UPLOADER_IS_VIEW (self), FALSE);
  g_return_val_if_fail (GALILEO_IS_ITEM (item), FALSE);

  if (galileo_queue_get_id (self->queue, item) == 0)
    return FALSE;

  queue_position = galileo_queue_get_position (self->queue, item);
  for (guint group = 0; group < N_GROUPS; group++) {
    if (gtk_bitset_contains (self->groups[group], queue_position)) {
      if (position != NULL)
        *position = get_base (self, group) + get_rank (self, group, queue_position);
      return TRUE;
    }
  }
  return FALSE;
}

/* Looking through the queue */

/* What is to be shown of some of the queue, by group. */
static void
sort_range (UploaderView *self, guint position, guint n, GtkBitset *found[N_GROUPS])
{
  for (guint group = 0; group < N_GROUPS; group++)
    found[group] = gtk_bitset_new_empty ();

  for (guint i = position; i < position + n; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (self->queue), i);
    guint group = get_group (self, item);

    if (group != NO_GROUP)
      gtk_bitset_add (found[group], i);
  }
}

static void
changed (UploaderView *self, guint position, guint removed, guint added)
{
  if (removed != 0 || added != 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

/* Looks again at some of the queue. */
static void
refilter_range (UploaderView *self, guint position, guint n)
{
  GtkBitset *found[N_GROUPS];

  sort_range (self, position, n, found);
  for (guint group = 0; group < N_GROUPS; group++) {
    guint removed = count_range (self, group, position, n);
    g_autoptr (GtkBitset) old = gtk_bitset_new_range (position, n);
    gboolean same;

    gtk_bitset_intersect (old, self->groups[group]);
    same = gtk_bitset_equals (old, found[group]);
    if (!same) {
      gtk_bitset_remove_range (self->groups[group], position, n);
      gtk_bitset_union (self->groups[group], found[group]);
      changed (self,
               get_base (self, group) + get_rank (self, group, position),
               removed,
               (guint) gtk_bitset_get_size (found[group]));
    }
    gtk_bitset_unref (found[group]);
  }
}

static gboolean
refilter_cb (gpointer user_data)
{
  UploaderView *self = UPLOADER_VIEW (user_data);
  gint64 start = g_get_monotonic_time ();
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->queue));
  guint from = self->refilter_position;
  guint to = from;

  /* A view is told once for the slice, so it ends before that is known. */
  do {
    guint step = MIN (1000, n_items - to);

    refilter_range (self, to, step);
    to += step;
  } while (to < n_items && g_get_monotonic_time () - start < SLICE_USEC);

  self->refilter_position = to;
  if (to < n_items)
    return G_SOURCE_CONTINUE;

  self->refilter_id = 0;
  uploader_view_prune_selection (self);

  return G_SOURCE_REMOVE;
}

static void
refilter (UploaderView *self)
{
  self->refilter_position = 0;
  if (self->refilter_id == 0)
    self->refilter_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 15, refilter_cb, self, NULL);
}

/* Whether all that is to be shown is, and nothing else. */
gboolean
uploader_view_get_settled (UploaderView *self)
{
  g_return_val_if_fail (UPLOADER_IS_VIEW (self), TRUE);

  return self->refilter_id == 0 && self->move_id == 0;
}

/* What changes its state */

static int
compare_positions (gconstpointer a, gconstpointer b)
{
  const guint *one = a, *other = b;

  return (*one > *other) - (*one < *other);
}

/*
 * Takes positions of the queue into a group or out of it, as one change from the first to the last. A list view looks at each
 * of its two hundred rows with each change; for them all to move takes it 4 ms.
 */
static void
change_group (UploaderView *self, guint group, GArray *positions, gboolean add)
{
  guint base = get_base (self, group);
  guint first, last, n;

  if (positions->len == 0)
    return;

  g_array_sort (positions, compare_positions);
  first = g_array_index (positions, guint, 0);
  last = g_array_index (positions, guint, positions->len - 1);
  n = count_range (self, group, first, last - first + 1);
  for (guint i = 0; i < positions->len; i++) {
    if (add)
      gtk_bitset_add (self->groups[group], g_array_index (positions, guint, i));
    else
      gtk_bitset_remove (self->groups[group], g_array_index (positions, guint, i));
  }
  changed (self,
           base + get_rank (self, group, first),
           n,
           add ? n + positions->len : n - positions->len);
}

static gboolean
move_cb (gpointer user_data)
{
  UploaderView *self = UPLOADER_VIEW (user_data);
  GArray *leaving[N_GROUPS], *coming[N_GROUPS];
  GHashTableIter iter;
  gpointer item;

  self->move_id = 0;
  self->last_move = g_get_monotonic_time ();
  for (guint group = 0; group < N_GROUPS; group++) {
    leaving[group] = g_array_new (FALSE, FALSE, sizeof (guint));
    coming[group] = g_array_new (FALSE, FALSE, sizeof (guint));
  }

  g_hash_table_iter_init (&iter, self->moving);
  while (g_hash_table_iter_next (&iter, &item, NULL)) {
    guint position, wanted;

    if (galileo_queue_get_id (self->queue, item) == 0)
      continue;
    position = galileo_queue_get_position (self->queue, item);
    wanted = get_group (self, item);
    for (guint group = 0; group < N_GROUPS; group++) {
      gboolean has = gtk_bitset_contains (self->groups[group], position);

      if (has && group != wanted)
        g_array_append_val (leaving[group], position);
      else if (!has && group == wanted)
        g_array_append_val (coming[group], position);
    }
  }
  g_hash_table_remove_all (self->moving);

  for (guint group = 0; group < N_GROUPS; group++)
    change_group (self, group, leaving[group], FALSE);
  for (guint group = 0; group < N_GROUPS; group++)
    change_group (self, group, coming[group], TRUE);
  for (guint group = 0; group < N_GROUPS; group++) {
    g_array_unref (leaving[group]);
    g_array_unref (coming[group]);
  }
  uploader_view_prune_selection (self);

  return G_SOURCE_REMOVE;
}

static void
item_state_cb (UploaderView *self, GalileoItem *item, GalileoItemState old_state)
{
  GalileoItemState state = galileo_item_get_state (item);
  gint64 wait;

  if (get_group_for_state (old_state) == get_group_for_state (state) &&
      uploader_filter_matches (self->filter, old_state) == uploader_filter_matches (self->filter, state) &&
      !g_hash_table_contains (self->moving, item))
    return;

  g_hash_table_add (self->moving, g_object_ref (item));
  if (self->move_id != 0)
    return;

  wait = self->last_move + MOVE_INTERVAL_USEC - g_get_monotonic_time ();
  if (wait > 0)
    self->move_id = g_timeout_add ((guint) (wait / 1000) + 1, move_cb, self);
  else
    self->move_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, move_cb, self, NULL);
}

/* Some of the queue is something else: as one change, since both groups are by positions that hold only after it. */
static void
items_changed_cb (UploaderView *self, guint position, guint removed, guint added)
{
  guint from = G_MAXUINT, to = 0, before = get_n_items (G_LIST_MODEL (self)), base = 0;
  GtkBitset *found[N_GROUPS];

  sort_range (self, position, added, found);
  for (guint group = 0; group < N_GROUPS; group++) {
    guint n_old = count_range (self, group, position, removed);
    guint n_new = (guint) gtk_bitset_get_size (found[group]);

    if (n_old > 0 || n_new > 0) {
      guint rank = get_rank (self, group, position);

      from = MIN (from, base + rank);
      to = base + rank + n_old;
    }
    base += get_n_in_group (self, group);
  }

  for (guint group = 0; group < N_GROUPS; group++) {
    gtk_bitset_splice (self->groups[group], position, removed, added);
    gtk_bitset_union (self->groups[group], found[group]);
    gtk_bitset_unref (found[group]);
  }
  if (self->refilter_position > position)
    self->refilter_position = MAX (position, self->refilter_position - MIN (self->refilter_position, removed));

  if (from == G_MAXUINT)
    return;
  changed (self, from, to - from, to - from + get_n_items (G_LIST_MODEL (self)) - before);
  if (removed > 0)
    uploader_view_prune_selection (self);
}

static void
uploader_view_dispose (GObject *object)
{
  UploaderView *self = UPLOADER_VIEW (object);

  g_clear_handle_id (&self->refilter_id, g_source_remove);
  g_clear_handle_id (&self->move_id, g_source_remove);
  g_clear_handle_id (&self->prune_id, g_source_remove);
  g_hash_table_remove_all (self->moving);
  g_hash_table_remove_all (self->selected);
  if (self->queue != NULL)
    g_signal_handlers_disconnect_by_data (self->queue, self);
  g_clear_object (&self->queue);

  G_OBJECT_CLASS (uploader_view_parent_class)->dispose (object);
}

static void
uploader_view_finalize (GObject *object)
{
  UploaderView *self = UPLOADER_VIEW (object);

  for (guint group = 0; group < N_GROUPS; group++)
    gtk_bitset_unref (self->groups[group]);
  g_hash_table_unref (self->moving);
  g_hash_table_unref (self->selected);
  g_clear_pointer (&self->search, uploader_search_free);
  g_free (self->search_text);

  G_OBJECT_CLASS (uploader_view_parent_class)->finalize (object);
}

static void
uploader_view_class_init (UploaderViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = uploader_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = uploader_view_finalize;
}

static void
uploader_view_init (UploaderView *self)
{
  for (guint group = 0; group < N_GROUPS; group++)
    self->groups[group] = gtk_bitset_new_empty ();
  self->moving = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->selected = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

UploaderView *
uploader_view_new (GalileoQueue *queue)
{
  UploaderView *self;

  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);

  self = g_object_new (UPLOADER_TYPE_VIEW, NULL);
  self->queue = g_object_ref (queue);
  g_signal_connect_object (queue, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "item-state", G_CALLBACK (item_state_cb), self, G_CONNECT_SWAPPED);
  items_changed_cb (self, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (queue)));

  return self;
}

UploaderFilter
uploader_view_get_filter (UploaderView *self)
{
  g_return_val_if_fail (UPLOADER_IS_VIEW (self), UPLOADER_FILTER_ALL);

  return self->filter;
}

/* What it shows follows within some frames. */
void
uploader_view_set_filter (UploaderView *self, UploaderFilter filter)
{
  g_return_if_fail (UPLOADER_IS_VIEW (self));
  g_return_if_fail (filter < UPLOADER_N_FILTERS);

  if (self->filter == filter)
    return;

  self->filter = filter;
  refilter (self);
}

/* text: empty for none. What it shows follows within some frames. */
void
uploader_view_set_search (UploaderView *self, const char *text)
{
  g_return_if_fail (UPLOADER_IS_VIEW (self));
  g_return_if_fail (text != NULL);

  if (g_strcmp0 (self->search_text, text) == 0)
    return;

  g_free (self->search_text);
  self->search_text = g_strdup (text);
  g_clear_pointer (&self->search, uploader_search_free);
  self->search = uploader_search_new (text);
  refilter (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-view-private.h"

/* What is selected of a view: items, not positions, which change whenever something is done with. */

static gboolean
is_selected (GtkSelectionModel *model, guint position)
{
  g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (model), position);

  return item != NULL && g_hash_table_contains (UPLOADER_VIEW (model)->selected, item);
}

/* May be wider than what was asked for. */
static GtkBitset *
get_selection_in_range (GtkSelectionModel *model, guint position, guint n)
{
  UploaderView *self = UPLOADER_VIEW (model);
  GtkBitset *selection = gtk_bitset_new_empty ();
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->selected);
  while (g_hash_table_iter_next (&iter, &item, NULL)) {
    guint at;

    if (uploader_view_find (self, item, &at))
      gtk_bitset_add (selection, at);
  }
  return selection;
}

static void
unselect (UploaderView *self, GtkBitset *selected, GtkBitset *mask)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->selected);
  while (g_hash_table_iter_next (&iter, &item, NULL)) {
    guint position;

    if (!uploader_view_find (self, item, &position) ||
        (gtk_bitset_contains (mask, position) && !gtk_bitset_contains (selected, position)))
      g_hash_table_iter_remove (&iter);
  }
}

static gboolean
set_selection (GtkSelectionModel *model, GtkBitset *selected, GtkBitset *mask)
{
  UploaderView *self = UPLOADER_VIEW (model);
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self));
  g_autoptr (GtkBitset) added = gtk_bitset_copy (selected);
  GtkBitsetIter iter;
  guint position, last;

  unselect (self, selected, mask);
  gtk_bitset_intersect (added, mask);
  for (gboolean more = gtk_bitset_iter_init_first (&iter, added, &position); more && position < n_items;
       more = gtk_bitset_iter_next (&iter, &position))
    g_hash_table_add (self->selected, g_list_model_get_item (G_LIST_MODEL (self), position));

  position = gtk_bitset_get_minimum (mask);
  last = MIN (gtk_bitset_get_maximum (mask), n_items - 1);
  if (n_items > 0 && position <= last)
    gtk_selection_model_selection_changed (model, position, last - position + 1);

  return TRUE;
}

void
uploader_view_selection_iface_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = is_selected;
  iface->get_selection_in_range = get_selection_in_range;
  iface->set_selection = set_selection;
}

static gboolean
prune_cb (gpointer user_data)
{
  UploaderView *self = UPLOADER_VIEW (user_data);
  GHashTableIter iter;
  gpointer item;

  self->prune_id = 0;
  g_hash_table_iter_init (&iter, self->selected);
  while (g_hash_table_iter_next (&iter, &item, NULL)) {
    if (!uploader_view_find (self, item, NULL))
      g_hash_table_iter_remove (&iter);
  }

  return G_SOURCE_REMOVE;
}

/* What is not shown any more must not be what a command is for. Once for all that changes until then. */
void
uploader_view_prune_selection (UploaderView *self)
{
  if (self->prune_id == 0 && g_hash_table_size (self->selected) > 0)
    self->prune_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, prune_cb, self, NULL);
}

/* Returns: of GalileoItem, what is selected and shown, in the order in which it is. */
GPtrArray *
uploader_view_dup_selected (UploaderView *self)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) selection = NULL;
  GtkBitsetIter iter;
  guint position;

  g_return_val_if_fail (UPLOADER_IS_VIEW (self), items);

  selection = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self));
  for (gboolean more = gtk_bitset_iter_init_first (&iter, selection, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (self), position));

  return items;
}

/* May count some that have just gone. */
guint
uploader_view_get_n_selected (UploaderView *self)
{
  g_return_val_if_fail (UPLOADER_IS_VIEW (self), 0);

  return g_hash_table_size (self->selected);
}

/* Returns: a bit for each GalileoItemState that something selected is in. */
guint
uploader_view_get_selected_states (UploaderView *self)
{
  GHashTableIter iter;
  guint states = 0;
  gpointer item;

  g_return_val_if_fail (UPLOADER_IS_VIEW (self), 0);

  g_hash_table_iter_init (&iter, self->selected);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    states |= 1u << galileo_item_get_state (item);

  return states;
}

/* Selects just these, as far as they are shown. */
void
uploader_view_select (UploaderView *self, GPtrArray *items)
{
  g_autoptr (GtkBitset) selected = gtk_bitset_new_empty ();
  g_autoptr (GtkBitset) mask = NULL;

  g_return_if_fail (UPLOADER_IS_VIEW (self));
  g_return_if_fail (items != NULL);

  for (guint i = 0; i < items->len; i++) {
    guint position;

    if (uploader_view_find (self, g_ptr_array_index (items, i), &position))
      gtk_bitset_add (selected, position);
  }
  mask = gtk_bitset_new_range (0, g_list_model_get_n_items (G_LIST_MODEL (self)));
  gtk_selection_model_set_selection (GTK_SELECTION_MODEL (self), selected, mask);
}

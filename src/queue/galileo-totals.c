/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-totals.h"

/* Starts a new batch: shares of the old one count no more. */
void
galileo_totals_begin (GalileoTotals *self)
{
  *self = (GalileoTotals){ .batch = self->batch + 1 };
}

/* Takes the share of an item out of the figures, or puts it in. */
static void
subtract (GalileoTotals *self, const GalileoShare *share)
{
  self->n_items -= share->n_items;
  self->n_done -= share->n_done;
  self->size -= share->size;
  self->acknowledged -= share->acknowledged;
}

static void
add (GalileoTotals *self, const GalileoShare *share)
{
  self->n_items += share->n_items;
  self->n_done += share->n_done;
  self->size += share->size;
  self->acknowledged += share->acknowledged;
}

/* Brings the share of an item up to date; one that has none yet joins the batch. */
void
galileo_totals_update (GalileoTotals *self, GalileoShare *share, GalileoItem *item)
{
  GalileoItemState state = galileo_item_get_state (item);
  gboolean counts = state != GALILEO_ITEM_FAILED && state != GALILEO_ITEM_CANCELLED;
  GalileoShare now = {
    .batch = self->batch,
    .n_items = state != GALILEO_ITEM_CANCELLED,
    .n_done = state == GALILEO_ITEM_DONE,
    .size = counts ? (guint64) MAX (galileo_item_get_size (item), 0) : 0,
    .acknowledged = counts ? galileo_item_get_acknowledged (item) : 0,
  };

  if (share->batch != 0 && share->batch != self->batch)
    return;

  if (now.acknowledged > share->acknowledged)
    self->moved += now.acknowledged - share->acknowledged;
  subtract (self, share);
  add (self, &now);
  *share = now;
}

/* Takes the share out; it may join again, then in the batch of that time. */
void
galileo_totals_leave (GalileoTotals *self, GalileoShare *share)
{
  if (share->batch == self->batch)
    subtract (self, share);
  *share = (GalileoShare){ 0 };
}

/* 0 to 1; 1 only when the batch is over, which is the caller's to say. */
double
galileo_totals_get_fraction (GalileoTotals *self)
{
  if (self->size == 0)
    return 0.0;

  return MIN ((double) self->acknowledged / (double) self->size, 0.999);
}

/* Seconds; -1 if they can't be told. */
gint64
galileo_totals_get_time_left (GalileoTotals *self)
{
  return galileo_speed_get_time_left (&self->speed,
                                      self->size - MIN (self->acknowledged, self->size));
}

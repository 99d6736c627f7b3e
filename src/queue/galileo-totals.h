/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-item.h"
#include "galileo-speed.h"

G_BEGIN_DECLS

/* The overall figures of a batch: all items since the queue was last idle. */
typedef struct {
  guint batch;
  guint n_items; /* without cancelled ones */
  guint n_done;
  guint64 size;
  guint64 acknowledged;
  guint64 moved; /* every byte that got through, those of failed attempts too: what speed is made of */
  GalileoSpeed speed;
} GalileoTotals;

/* What one item adds to them. */
typedef struct {
  guint batch;
  guint n_items;
  guint n_done;
  guint64 size;
  guint64 acknowledged;
} GalileoShare;

void   galileo_totals_begin         (GalileoTotals *self);
void   galileo_totals_update        (GalileoTotals *self,
                                     GalileoShare  *share,
                                     GalileoItem   *item);
void   galileo_totals_leave         (GalileoTotals *self,
                                     GalileoShare  *share);
double galileo_totals_get_fraction  (GalileoTotals *self);
gint64 galileo_totals_get_time_left (GalileoTotals *self);

G_END_DECLS

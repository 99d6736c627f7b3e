/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-credits.h"

typedef struct {
  guint64 chunk_size;
  guint64 count;
} Run;

struct _GalileoCredits {
  GQueue runs;
};

GalileoCredits *
galileo_credits_new (void)
{
  GalileoCredits *self = g_new0 (GalileoCredits, 1);

  g_queue_init (&self->runs);

  return self;
}

void
galileo_credits_free (GalileoCredits *self)
{
  g_queue_clear_full (&self->runs, g_free);
  g_free (self);
}

void
galileo_credits_add (GalileoCredits *self, guint64 chunk_size)
{
  Run *last = g_queue_peek_tail (&self->runs);

  if (last == NULL || last->chunk_size != chunk_size) {
    last = g_new0 (Run, 1);
    last->chunk_size = chunk_size;
    g_queue_push_tail (&self->runs, last);
  }
  last->count++;
}

gboolean
galileo_credits_is_empty (GalileoCredits *self)
{
  return g_queue_is_empty (&self->runs);
}

/* The size that the oldest names; there must be one. */
guint64
galileo_credits_peek (GalileoCredits *self)
{
  Run *first = g_queue_peek_head (&self->runs);

  return first->chunk_size;
}

/* Takes the oldest away; there must be one. */
void
galileo_credits_use (GalileoCredits *self)
{
  Run *first = g_queue_peek_head (&self->runs);

  if (--first->count == 0)
    g_free (g_queue_pop_head (&self->runs));
}

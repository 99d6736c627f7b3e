/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-credits.h"

/*
 * How many chunks to ask a client for. What counts is the bytes that are under way, for they are what a long
 * line holds; so who sends smaller chunks than it may is asked for more of them.
 */

/* @window: how many chunks of the full size may be under way */
void
receiver_credits_init (ReceiverCredits *self, guint64 chunk_size, guint window)
{
  g_return_if_fail (chunk_size > 0 && chunk_size <= G_MAXUINT64 / MAX (window, 1));

  *self = (ReceiverCredits){ .chunk_size = chunk_size, .window = chunk_size * window };
}

/* A chunk begins, and uses a credit up. There is always one, since grant leaves at least one open. */
void
receiver_credits_begin (ReceiverCredits *self)
{
  g_return_if_fail (self->open > 0);

  self->open--;
}

void
receiver_credits_end (ReceiverCredits *self, guint64 length)
{
  self->largest = MAX (self->largest, length);
}

static guint64
divide_up (guint64 bytes, guint64 by)
{
  return bytes / by + (bytes % by > 0);
}

/*
 * receiver_credits_grant:
 * @rest: bytes of the file that are still to come
 *
 * To be called at the start and after each chunk: what is needed is counted anew each time, so a client may
 * change the size of its chunks as it likes. The last credit is for `finished`.
 *
 * Returns: how many more chunks to ask for now
 */
guint
receiver_credits_grant (ReceiverCredits *self, guint64 rest)
{
  guint64 usual = self->largest > 0 ? self->largest : self->chunk_size;
  guint64 need = divide_up (rest, usual) + 1;
  guint64 want = MIN (MIN (need, divide_up (self->window, usual)), RECEIVER_CREDITS_MAX);
  guint more = want > self->open ? (guint) want - self->open : 0;

  self->open += more;
  return more;
}

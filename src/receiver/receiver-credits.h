/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A client of tiny chunks gets no more credits than this at a time: each is a message to it. */
#define RECEIVER_CREDITS_MAX 4096

typedef struct {
  guint64 chunk_size; /* the most that the client may send in one chunk */
  guint64 window;     /* bytes that may be under way */
  guint64 largest;    /* the largest chunk so far; 0 before the first */
  guint open;         /* chunks that the client was asked for and has not begun */
} ReceiverCredits;

void  receiver_credits_init  (ReceiverCredits *self,
                              guint64          chunk_size,
                              guint            window);
void  receiver_credits_begin (ReceiverCredits *self);
void  receiver_credits_end   (ReceiverCredits *self,
                              guint64          length);
guint receiver_credits_grant (ReceiverCredits *self,
                              guint64          rest);

G_END_DECLS

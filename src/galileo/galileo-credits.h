/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The ready signals that have not been answered, first come first served. Each bought one chunk of at most the
 * size it named. Equal neighbours are counted, not stored: a server may send 100,000 readies at once.
 */
typedef struct _GalileoCredits GalileoCredits;

GalileoCredits *galileo_credits_new      (void) G_GNUC_WARN_UNUSED_RESULT;
void            galileo_credits_free     (GalileoCredits *self);

void            galileo_credits_add      (GalileoCredits *self,
                                          guint64         chunk_size);
gboolean        galileo_credits_is_empty (GalileoCredits *self);
guint64         galileo_credits_peek     (GalileoCredits *self);
void            galileo_credits_use      (GalileoCredits *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GALILEO_TYPE_LIMITER (galileo_limiter_get_type ())

G_DECLARE_FINAL_TYPE (GalileoLimiter, galileo_limiter, GALILEO, LIMITER, GObject)

/* It is the waiter's turn: to be answered with galileo_limiter_take(). */
typedef void (*GalileoLimiterFunc) (gpointer waiter);

GalileoLimiter *galileo_limiter_new           (void) G_GNUC_WARN_UNUSED_RESULT;
GalileoLimiter *galileo_limiter_new_for_group (GalileoLimiter     *all) G_GNUC_WARN_UNUSED_RESULT;

guint64         galileo_limiter_get_rate      (GalileoLimiter     *self);
void            galileo_limiter_set_rate      (GalileoLimiter     *self,
                                               guint64             rate);

gsize           galileo_limiter_take          (GalileoLimiter     *self,
                                               gsize               most);
void            galileo_limiter_give_back     (GalileoLimiter     *self,
                                               gsize               bytes);
void            galileo_limiter_wait          (GalileoLimiter     *self,
                                               GalileoLimiterFunc  function,
                                               gpointer            waiter);
void            galileo_limiter_forget        (GalileoLimiter     *self,
                                               gpointer            waiter);

G_END_DECLS

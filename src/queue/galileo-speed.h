/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A smoothed rate of bytes: an exponential average whose memory is a few seconds, whatever the pace of the samples. */
typedef struct {
  gint64 time; /* of the last sample, µs; 0 before the first */
  guint64 bytes;
  double rate; /* bytes a second */
  double weight; /* of all samples until now, 0 to 1: less than 1 at the beginning */
} GalileoSpeed;

void   galileo_speed_reset         (GalileoSpeed *self);
void   galileo_speed_add           (GalileoSpeed *self,
                                    guint64       bytes,
                                    gint64        now);
double galileo_speed_get           (GalileoSpeed *self);
gint64 galileo_speed_get_time_left (GalileoSpeed *self,
                                    guint64       bytes_left);

G_END_DECLS

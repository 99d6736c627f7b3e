/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-speed.h"

#include <math.h>

/* Seconds after which a sample counts for 1/e of a fresh one. */
#define MEMORY 3.0

/* Before so much was seen, a time left would be a guess. */
#define MIN_WEIGHT 0.15

void
galileo_speed_reset (GalileoSpeed *self)
{
  *self = (GalileoSpeed){ 0 };
}

/* bytes: the total until now. It may fall, when an upload starts over: then nothing is learned. */
void
galileo_speed_add (GalileoSpeed *self, guint64 bytes, gint64 now)
{
  double seconds = (double) (now - self->time) / G_USEC_PER_SEC;

  if (self->time != 0 && bytes >= self->bytes && seconds > 0.0) {
    double keep = exp (-seconds / MEMORY);

    self->rate = keep * self->rate + (1.0 - keep) * (double) (bytes - self->bytes) / seconds;
    self->weight = keep * self->weight + (1.0 - keep);
  }

  self->time = now;
  self->bytes = bytes;
}

/* Bytes a second; 0 if there is nothing to go by. */
double
galileo_speed_get (GalileoSpeed *self)
{
  return self->weight > 0.0 ? self->rate / self->weight : 0.0;
}

/* Seconds, rounded up; -1 if they can't be told. */
gint64
galileo_speed_get_time_left (GalileoSpeed *self, guint64 bytes_left)
{
  double speed = galileo_speed_get (self);

  if (self->weight < MIN_WEIGHT || speed < 1.0)
    return -1;

  return (gint64) ceil ((double) bytes_left / speed);
}

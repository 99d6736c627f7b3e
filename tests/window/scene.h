/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

/* What there is to see in a window: a queue that uploads nothing, its files, its site and what was uploaded before. */
typedef struct {
  char *directory;
  GalileoStore *store;
  GalileoQueue *queue;
  GalileoSite *site; /* in the queue's hands */
} Scene;

Scene       *scene_new           (void) G_GNUC_WARN_UNUSED_RESULT;
void         scene_free          (Scene      *self);

void         scene_add_batch     (Scene      *self);
void         scene_add_states    (Scene      *self);
void         scene_add_history   (Scene      *self);
GFile       *scene_new_picture   (Scene      *self,
                                  const char *folder,
                                  const char *name) G_GNUC_WARN_UNUSED_RESULT;
GalileoItem *scene_find          (Scene      *self,
                                  const char *name);
void         scene_freshen       (Scene      *self);

G_END_DECLS

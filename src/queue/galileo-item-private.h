/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-item.h"

G_BEGIN_DECLS

/* For the queue, which alone changes items. */

void galileo_item_set_state     (GalileoItem        *self,
                                 GalileoItemState    state);
void galileo_item_restore       (GalileoItem        *self,
                                 GalileoItemState    state,
                                 guint               attempt,
                                 gint64              finish_time,
                                 double              seconds);
void galileo_item_set_file      (GalileoItem        *self,
                                 GFile              *file);
void galileo_item_set_error     (GalileoItem        *self,
                                 const GError       *error);
void galileo_item_begin_attempt (GalileoItem        *self);
void galileo_item_forget_attempt (GalileoItem       *self);
void galileo_item_forget        (GalileoItem        *self);
void galileo_item_set_retry     (GalileoItem        *self,
                                 gint64              time);
void galileo_item_set_progress  (GalileoItem        *self,
                                 GalileoUploadState  phase,
                                 gint64              size,
                                 guint64             acknowledged,
                                 gint64              now);
void galileo_item_set_offset    (GalileoItem        *self,
                                 guint64             offset,
                                 gboolean            resumable);
void galileo_item_set_result    (GalileoItem        *self,
                                 const char         *hash,
                                 gboolean            verified,
                                 const char         *url);
void galileo_item_add_signal    (GalileoItem        *self,
                                 GalileoSignal      *signal);

double galileo_item_get_seconds_so_far (GalileoItem *self);

G_END_DECLS

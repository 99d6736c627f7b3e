/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-queue.h"

G_BEGIN_DECLS

#define GALILEO_TYPE_ADDING (galileo_adding_get_type ())

/*
 * One act of adding files and folders to a queue, for a site: looks through the folders, and puts what it finds into the queue
 * while it goes on looking. What is in the queue already, and what would take the name of another file, is kept back until
 * somebody answers; where the site's rule has the answer, that holds. Main thread only.
 *
 * Properties, all read-only: "n-found" (files so far, with what can't be uploaded), "n-added", "n-duplicates" and "n-conflicts"
 * (kept back, to be answered), "n-skipped" (uint), "busy" (boolean: it looks, or puts into the queue).
 *
 * Signals: done (): everything has been found; what is kept back can be answered now, before nothing is asked. Emitted
 * once, also when it was cancelled.
 */
G_DECLARE_FINAL_TYPE (GalileoAdding, galileo_adding, GALILEO, ADDING, GObject)

GalileoAdding *galileo_adding_new               (GalileoQueue    *queue,
                                                 GalileoSite     *site) G_GNUC_WARN_UNUSED_RESULT;

void           galileo_adding_set_rule          (GalileoAdding   *self,
                                                 GalileoNameRule  rule);
void           galileo_adding_keep_failed_back  (GalileoAdding   *self);
void           galileo_adding_start             (GalileoAdding   *self,
                                                 GPtrArray       *files); /* of GFile */
void           galileo_adding_cancel            (GalileoAdding   *self);

guint          galileo_adding_get_n_found       (GalileoAdding   *self);
guint          galileo_adding_get_n_added       (GalileoAdding   *self);
guint          galileo_adding_get_n_skipped     (GalileoAdding   *self);
gboolean       galileo_adding_get_busy          (GalileoAdding   *self);
GPtrArray     *galileo_adding_get_duplicates    (GalileoAdding   *self);  /* of GalileoItem; transfer none */
GPtrArray     *galileo_adding_get_conflicts     (GalileoAdding   *self);  /* of GalileoItem; transfer none */
GPtrArray     *galileo_adding_get_failed        (GalileoAdding   *self);  /* of GalileoItem; transfer none */
GalileoSite   *galileo_adding_get_site          (GalileoAdding   *self);

void           galileo_adding_answer_duplicates (GalileoAdding   *self,
                                                 gboolean         add);
void           galileo_adding_answer_conflicts  (GalileoAdding   *self,
                                                 GalileoNameRule  rule);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-queue.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * UploaderFilter:
 * @UPLOADER_FILTER_ALL: everything
 * @UPLOADER_FILTER_UPLOADING: what is under way, or tried again
 * @UPLOADER_FILTER_WAITING: what waits or is paused
 * @UPLOADER_FILTER_FAILED: what failed
 * @UPLOADER_FILTER_DONE: what the site confirmed
 */
typedef enum {
  UPLOADER_FILTER_ALL,
  UPLOADER_FILTER_UPLOADING,
  UPLOADER_FILTER_WAITING,
  UPLOADER_FILTER_FAILED,
  UPLOADER_FILTER_DONE,
} UploaderFilter;

#define UPLOADER_N_FILTERS (UPLOADER_FILTER_DONE + 1)

#define UPLOADER_TYPE_VIEW (uploader_view_get_type ())

/*
 * What of a queue is shown, in the order in which it is: a GListModel of GalileoItem, and what is selected of it, a
 * GtkSelectionModel. First comes what is not done with yet, in the user's order, and then what is done or cancelled.
 *
 * A selection is of items: it stays with them when they move. What is not shown any more is not selected either.
 */
G_DECLARE_FINAL_TYPE (UploaderView, uploader_view, UPLOADER, VIEW, GObject)

UploaderView  *uploader_view_new          (GalileoQueue   *queue);

UploaderFilter uploader_view_get_filter   (UploaderView   *self);
void           uploader_view_set_filter   (UploaderView   *self,
                                           UploaderFilter  filter);
void           uploader_view_set_search   (UploaderView   *self,
                                           const char     *text);
gboolean       uploader_view_get_settled  (UploaderView   *self);

gboolean       uploader_view_find         (UploaderView   *self,
                                           GalileoItem    *item,
                                           guint          *position);
GPtrArray     *uploader_view_dup_selected (UploaderView   *self) G_GNUC_WARN_UNUSED_RESULT;
guint          uploader_view_get_n_selected (UploaderView *self);
guint          uploader_view_get_selected_states (UploaderView *self);
void           uploader_view_select       (UploaderView   *self,
                                           GPtrArray      *items);

guint          uploader_filter_count      (UploaderFilter  filter,
                                           GalileoQueue   *queue);
gboolean       uploader_filter_matches    (UploaderFilter  filter,
                                           GalileoItemState state);

G_END_DECLS

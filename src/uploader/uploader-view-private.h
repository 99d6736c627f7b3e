/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "uploader-search.h"
#include "uploader-view.h"

G_BEGIN_DECLS

/* In the order in which they are shown. */
enum {
  GROUP_OPEN,
  GROUP_FINISHED,
  N_GROUPS,
  NO_GROUP = N_GROUPS,
};

struct _UploaderView {
  GObject parent_instance;

  /* owned */
  GalileoQueue *queue;
  UploaderSearch *search; /* NULL for everything */
  char *search_text;
  GtkBitset *groups[N_GROUPS]; /* positions in the queue */
  GHashTable *moving;          /* of GalileoItem: may have to be shown in another group */
  GHashTable *selected;        /* of GalileoItem */
  guint move_id;
  guint refilter_id;
  guint prune_id;

  UploaderFilter filter;
  gint64 last_move;        /* monotonic µs */
  guint refilter_position; /* in the queue: what comes before is looked through */
};

/* uploader-view-selection.c */
void uploader_view_selection_iface_init (GtkSelectionModelInterface *iface);
void uploader_view_prune_selection      (UploaderView               *self);

G_END_DECLS

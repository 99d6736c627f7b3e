/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-database.h"
#include "galileo-store.h"

G_BEGIN_DECLS

/* The store's parts: galileo-store.c is what others call, galileo-store-thread.c what its thread does. */

/* More than any limit of the history that is worth having. */
#define GALILEO_STORE_MOST_HISTORY 1000000

/* By which a report finds the store, if it is still there. Changed and looked at in the main thread only. */
typedef struct {
  GalileoStore *store;
} GalileoStoreAnchor;

/*
 * One thread has the database once it is open. What it is given while it commits is the next commit, so that many changes
 * cost one wait for the disk and a single one does not wait for others.
 */
struct _GalileoStore {
  GObject parent_instance;

  GalileoDatabase *database; /* the thread's, once that runs */
  char *set_aside;
  GPtrArray *records; /* read ahead by galileo_store_open_async(); or NULL */
  gint64 last_id;
  GThread *thread;
  GAsyncQueue *changes;
  GMainContext *context;
  GalileoStoreAnchor *anchor;
  GError *problem;
  int history_most; /* atomic, as is the next */
  int history_days;
};

/* Given to the thread, and given back with what came of it. */
typedef struct {
  GPtrArray *records; /* to put; or NULL */
  gboolean is_end;    /* of the items: they go into the history, too */
  GalileoSiteRecord *site; /* to put; or NULL */
  char *setting;      /* to put, with the next; or NULL */
  char *value;
  GArray *ids;        /* to remove, of gint64; or NULL */
  gboolean clear_history;
  GTask *search;      /* to be answered from the history; or NULL */
  gboolean stop;
  GalileoStoreFunc func; /* NULL once it was called, or if nobody wants to know */
  gpointer data;
} GalileoStoreChange;

/* What the thread leaves: changes that nobody was told of yet, and why they are not on the disk. */
typedef struct {
  GPtrArray *batch;
  GError *error;
} GalileoStoreRest;

void     galileo_store_change_free (gpointer      change);
void     galileo_store_tell        (GPtrArray    *changes,
                                    const GError *error);
gpointer galileo_store_run         (gpointer      store);

G_END_DECLS

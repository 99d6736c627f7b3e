/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-queue.h"
#include "galileo-store.h"
#include "galileo-totals.h"
#include "galileo-transfer.h"

G_BEGIN_DECLS

/*
 * The queue's parts:
 * galileo-queue.c            the model
 * galileo-queue-options.c    what it goes by
 * galileo-queue-commands.c   what others may ask of it
 * galileo-queue-lines.c      who waits for what
 * galileo-queue-schedule.c   what runs when
 * galileo-queue-attempt.c    how an attempt goes and ends
 * galileo-queue-hold.c       when nothing may start
 * galileo-queue-index.c      what is there already
 * galileo-queue-store.c      has it kept
 * galileo-queue-load.c       takes up what was kept
 */

typedef struct _GalileoQueueEntry GalileoQueueEntry;

/* What goes to one address. Kept as long as the queue. */
typedef struct {
  GalileoQueue *queue;
  char *address;
  GalileoSite *site;    /* whose numbers hold */
  GSequence *waiting;   /* of entries whose turn it may be, in the user's order */
  guint n_running;
  gboolean answered;    /* a websocket was open, and none has failed to open since */
  guint failures;       /* to open one, in a row */
  GSource *retry_source; /* until it is called nothing is tried */
  gboolean unreachable; /* the network leads nowhere near it */
  gboolean asking;      /* whether it does */
  gboolean signing_in;
  gboolean signed_in;   /* again, and no handshake has succeeded since */
} GalileoQueueSite;

/* An item and what the queue knows beside it. */
struct _GalileoQueueEntry {
  GalileoQueue *queue;
  GalileoItem *item;
  GalileoQueueSite *site;
  GSequenceIter *iter;
  char *target; /* site, folder and remote name: one entry at a time owns it, until it is final */
  gboolean owns_target;
  GalileoQueueEntry *next_of_file, *next_of_target; /* in the index */
  GSequenceIter *turn;  /* its place in site->waiting, or among those that wait for the target; NULL if it is in no line */
  GalileoTransfer *transfer; /* also while it is paused: its connection rests */
  gboolean running;     /* it has one of the site's slots */
  gboolean counted;     /* and one of all slots */
  gint64 start_time;    /* of the attempt, while the site has not answered; monotonic µs */
  guint64 before;       /* acknowledged when the network came back */
  gboolean doubtful;    /* it ran then, and its connection may be dead */
  GSource *retry_source;
  guint failures;       /* in a row, without anything new having got through */
  guint64 most;         /* bytes that the site's host had at best */
  guint64 max_chunk_size; /* 0: the queue's; smaller once a site found that too big */
  char *upload_id;      /* by which the site knows what it has of the file */
  gint64 id;            /* by which the store knows it, and others who don't have the item */
  double position;      /* in the user's order */
  gboolean confirmed;   /* the site has it; it is shown as done once that is on the disk */
  gint64 before_id;     /* of the entry that it is to stand before once it is listed; 0: none */
  gboolean again;       /* it is to be tried again then */
  gboolean unchecked;   /* it comes from an earlier run, and its file may be another by now */
  GalileoShare share;
};

struct _GalileoQueue {
  GObject parent_instance;

  GalileoEngine *engine;
  GalileoStore *store; /* NULL if nothing is kept */
  gint64 last_id;
  double last_position;
  struct _GalileoLoading *loading; /* NULL once all that was kept is listed */
  GPtrArray *held_items; /* of GalileoItem: appended meanwhile; or NULL */
  GQueue arriving; /* of GalileoArrival: to be listed once they are on the disk */
  guint max_uploads;
  guint max_uploads_in_all;
  guint retries;
  gboolean patient;
  gboolean paused;
  gboolean pause_on_metered;
  gboolean frozen;
  guint64 rate_limit;
  guint64 max_chunk_size;
  GalileoHashType hash_type;
  guint timeout;

  GSequence *entries;
  GHashTable *by_item;
  GHashTable *by_id;
  GHashTable *by_file;   /* of entries, by site and file: the first of a chain */
  GHashTable *by_target; /* of entries: the first of a chain */
  GHashTable *sites;     /* address → GalileoQueueSite */
  GListStore *listed_sites;
  GHashTable *owners;    /* target → the entry that owns it */
  GHashTable *followers; /* target → GSequence of entries that wait for it, in the user's order; only where there are any */
  guint n_in_state[GALILEO_ITEM_N_STATES];
  guint n_running; /* of all slots */
  gboolean busy;
  GSource *schedule_source;
  GSource *lend_source;

  GNetworkMonitor *monitor; /* NULL: the network is always there */
  GCancellable *asking;
  gboolean offline;
  gboolean metered;
  gboolean held;            /* what runs has been told to rest */
  GSource *stuck_source;

  GalileoTotals totals;
  GSource *figures_source;
};

/* Properties: indices into galileo_queue_props. */
enum {
  GALILEO_QUEUE_PROP_0,
  GALILEO_QUEUE_PROP_MAX_UPLOADS,
  GALILEO_QUEUE_PROP_MAX_UPLOADS_IN_ALL,
  GALILEO_QUEUE_PROP_RETRIES,
  GALILEO_QUEUE_PROP_MAX_CHUNK_SIZE,
  GALILEO_QUEUE_PROP_HASH_TYPE,
  GALILEO_QUEUE_PROP_TIMEOUT,
  GALILEO_QUEUE_PROP_PATIENT,
  GALILEO_QUEUE_PROP_PAUSED,
  GALILEO_QUEUE_PROP_PAUSE_ON_METERED,
  GALILEO_QUEUE_PROP_RATE_LIMIT,
  GALILEO_QUEUE_PROP_LOADING,
  GALILEO_QUEUE_PROP_N_WAITING,
  GALILEO_QUEUE_PROP_N_UPLOADING,
  GALILEO_QUEUE_PROP_N_PAUSED,
  GALILEO_QUEUE_PROP_N_FAILED,
  GALILEO_QUEUE_PROP_N_DONE,
  GALILEO_QUEUE_PROP_N_CANCELLED,
  GALILEO_QUEUE_PROP_BUSY,
  GALILEO_QUEUE_PROP_N_BATCH,
  GALILEO_QUEUE_PROP_N_BATCH_DONE,
  GALILEO_QUEUE_PROP_SIZE,
  GALILEO_QUEUE_PROP_ACKNOWLEDGED,
  GALILEO_QUEUE_PROP_FRACTION,
  GALILEO_QUEUE_PROP_SPEED,
  GALILEO_QUEUE_PROP_TIME_LEFT,
  GALILEO_QUEUE_N_PROPS
};

extern GParamSpec *galileo_queue_props[GALILEO_QUEUE_N_PROPS];

/* Signals: indices into galileo_queue_signals. */
enum {
  GALILEO_QUEUE_ITEM_STARTED,
  GALILEO_QUEUE_ITEM_PROGRESS,
  GALILEO_QUEUE_ITEM_ERROR_SIGNAL,
  GALILEO_QUEUE_ITEM_RETRY,
  GALILEO_QUEUE_ITEM_FINISHED,
  GALILEO_QUEUE_ITEM_STATE,
  GALILEO_QUEUE_IDLE,
  GALILEO_QUEUE_WAITS_CHANGED,
  GALILEO_QUEUE_N_SIGNALS
};

extern guint galileo_queue_signals[GALILEO_QUEUE_N_SIGNALS];

/* galileo-queue.c */
GalileoQueueEntry *galileo_queue_entry_new       (GalileoQueue      *self,
                                                  GalileoItem       *item);
void               galileo_queue_entry_free      (gpointer           entry);
void               galileo_queue_entry_set_state (GalileoQueueEntry *entry,
                                                  GalileoItemState   state);
void               galileo_queue_list_entries    (GalileoQueue      *self,
                                                  GPtrArray         *entries);
void               galileo_queue_unlist          (GalileoQueueEntry *entry);
void               galileo_queue_notify_loading  (GalileoQueue      *self);
void               galileo_queue_become_busy     (GalileoQueue      *self);
void               galileo_queue_notify_figures  (GalileoQueue      *self);
void               galileo_queue_notify_figures_soon (GalileoQueue  *self);

/* galileo-queue-lines.c */
void               galileo_queue_init_lines      (GalileoQueue      *self);
void               galileo_queue_clear_lines     (GalileoQueue      *self);
GalileoQueueSite  *galileo_queue_add_site        (GalileoQueue      *self,
                                                  GalileoSite       *site);
char              *galileo_queue_make_target     (GalileoItem       *item);
void               galileo_queue_entry_set_target (GalileoQueueEntry *entry);
void               galileo_queue_entry_claim     (GalileoQueueEntry *entry);
void               galileo_queue_entry_leave_line (GalileoQueueEntry *entry);
void               galileo_queue_entry_release   (GalileoQueueEntry *entry);
void               galileo_queue_entry_moved     (GalileoQueueEntry *entry);

/* galileo-queue-schedule.c */
void               galileo_queue_clear_schedule  (GalileoQueue      *self);
void               galileo_queue_schedule_soon   (GalileoQueue      *self);
void               galileo_queue_entry_count     (GalileoQueueEntry *entry);
void               galileo_queue_entry_give_slots_back (GalileoQueueEntry *entry);
void               galileo_queue_entry_rest      (GalileoQueueEntry *entry,
                                                  gboolean           rest);
void               galileo_queue_entry_stop      (GalileoQueueEntry *entry);
void               galileo_queue_clear_source    (GSource          **source);
GSource           *galileo_queue_call_later      (double             seconds,
                                                  GSourceFunc        function,
                                                  gpointer           data);

/* galileo-queue-attempt.c */
void               galileo_queue_entry_start     (GalileoQueueEntry *entry);
void               galileo_queue_entry_finish    (GalileoQueueEntry *entry,
                                                  GalileoItemState   state,
                                                  const GError      *error);
void               galileo_queue_entry_wait_again (GalileoQueueEntry *entry);
void               galileo_queue_site_hasten     (GalileoQueueSite  *site);

/* galileo-queue-index.c */
void               galileo_queue_init_index      (GalileoQueue      *self);
void               galileo_queue_clear_index     (GalileoQueue      *self);
void               galileo_queue_index_add       (GalileoQueueEntry *entry);
void               galileo_queue_index_remove    (GalileoQueueEntry *entry);

/* galileo-queue-hold.c */
gboolean           galileo_queue_is_held         (GalileoQueue      *self);
void               galileo_queue_update_hold     (GalileoQueue      *self);
void               galileo_queue_site_ask        (GalileoQueueSite  *site);
void               galileo_queue_clear_hold      (GalileoQueue      *self);

/* galileo-queue-load.c */
void               galileo_queue_hold_items      (GalileoQueue      *self,
                                                  GPtrArray         *items);
void               galileo_queue_clear_loading   (GalileoQueue      *self);

/* The names of what is kept of the queue itself. */
#define GALILEO_QUEUE_SETTING_PAUSED "paused"

/* galileo-queue-store.c */
void               galileo_queue_save_new        (GalileoQueue      *self,
                                                  GPtrArray         *entries);
void               galileo_queue_save            (GalileoQueueEntry *entry);
void               galileo_queue_save_end        (GalileoQueueEntry *entry);
void               galileo_queue_save_paused     (GalileoQueue      *self);
void               galileo_queue_save_site       (GalileoQueueSite  *site);
void               galileo_queue_save_confirmed  (GalileoQueueEntry *entry);
void               galileo_queue_forget          (GalileoQueue      *self,
                                                  GArray            *ids);
void               galileo_queue_clear_arriving  (GalileoQueue      *self);

G_END_DECLS

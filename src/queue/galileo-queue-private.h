/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-queue.h"
#include "galileo-store.h"
#include "galileo-totals.h"
#include "galileo-transfer.h"

G_BEGIN_DECLS

/* The queue's parts: galileo-queue.c is the model and what others call, galileo-queue-schedule.c decides what runs when,
 * galileo-queue-store.c has it kept. */

/* An item and what the queue knows beside it. In the sequence always; while its turn has not come, in a line too. */
typedef struct {
  GalileoQueue *queue;
  GalileoItem *item;
  GSequenceIter *iter;
  char *target; /* site and remote name: no two of the same run at once */
  GList link;   /* in queue->waiting or in a queue of queue->running */
  GQueue *lined_up_in;
  GalileoTransfer *transfer;
  GSource *retry_source;
  guint64 max_chunk_size; /* 0: the queue's; smaller once a site found that too big */
  char *upload_id;        /* by which the site knows what it has of the file */
  gint64 id;              /* by which the store knows it; 0 without one */
  double position;        /* there */
  gboolean confirmed;     /* the site has it; it is shown as done once that is on the disk */
  GalileoShare share;
} GalileoQueueEntry;

struct _GalileoQueue {
  GObject parent_instance;

  GalileoEngine *engine;
  GalileoStore *store; /* NULL if nothing is kept */
  gint64 last_id;
  double last_position;
  GQueue arriving; /* of GalileoArrival: to be listed once they are on the disk */
  guint max_uploads;
  guint retries;
  guint64 max_chunk_size;
  GalileoHashType hash_type;
  guint timeout;

  GSequence *entries;
  GHashTable *by_item;
  GQueue waiting;
  GHashTable *running; /* target → GQueue of entries that wait for it */
  GHashTable *reached; /* sites that a websocket was open to */
  guint n_in_state[GALILEO_ITEM_N_STATES];
  guint n_running;
  gboolean busy;
  GSource *schedule_source;

  GalileoTotals totals;
  GSource *figures_source;
};

/* Signals: indices into galileo_queue_signals. */
enum {
  GALILEO_QUEUE_ITEM_STARTED,
  GALILEO_QUEUE_ITEM_PROGRESS,
  GALILEO_QUEUE_ITEM_ERROR_SIGNAL,
  GALILEO_QUEUE_ITEM_RETRY,
  GALILEO_QUEUE_ITEM_FINISHED,
  GALILEO_QUEUE_IDLE,
  GALILEO_QUEUE_N_SIGNALS
};

extern guint galileo_queue_signals[GALILEO_QUEUE_N_SIGNALS];

GalileoQueueEntry *galileo_queue_entry_new       (GalileoQueue      *self,
                                                  GalileoItem       *item);
void               galileo_queue_entry_free      (gpointer           entry);
void               galileo_queue_entry_line_up   (GalileoQueueEntry *entry,
                                                  gboolean           first);
void               galileo_queue_entry_set_state (GalileoQueueEntry *entry,
                                                  GalileoItemState   state);
void               galileo_queue_entry_finish    (GalileoQueueEntry *entry,
                                                  GalileoItemState   state,
                                                  const GError      *error);
void               galileo_queue_entry_stop      (GalileoQueueEntry *entry);
void               galileo_queue_entry_hasten    (GalileoQueueEntry *entry);

void               galileo_queue_list_entries    (GalileoQueue      *self,
                                                  GPtrArray         *entries);

void               galileo_queue_save_new        (GalileoQueue      *self,
                                                  GPtrArray         *entries);
void               galileo_queue_save            (GalileoQueueEntry *entry);
void               galileo_queue_save_confirmed  (GalileoQueueEntry *entry);
void               galileo_queue_forget          (GalileoQueue      *self,
                                                  GArray            *ids);
void               galileo_queue_clear_arriving  (GalileoQueue      *self);

void               galileo_queue_init_schedule   (GalileoQueue      *self);
void               galileo_queue_clear_schedule  (GalileoQueue      *self);
void               galileo_queue_schedule_soon   (GalileoQueue      *self);
void               galileo_queue_notify_figures  (GalileoQueue      *self);
void               galileo_queue_notify_figures_soon (GalileoQueue  *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo/galileo-engine.h"
#include "galileo-item.h"
#include "galileo-store.h"

G_BEGIN_DECLS

/* What an item waits for. */
typedef enum {
  GALILEO_WAIT_TURN,    /* others come first */
  GALILEO_WAIT_PAUSED,  /* everything rests */
  GALILEO_WAIT_METERED, /* the network costs by the byte */
  GALILEO_WAIT_NETWORK, /* there is none that leads to the site */
  GALILEO_WAIT_SITE,    /* the site can't be reached, and is tried again later */
  GALILEO_WAIT_SIGN_IN, /* at the site, which is under way */
  GALILEO_WAIT_NAME,    /* another file of its name at the site is not through */
} GalileoWait;

#define GALILEO_TYPE_QUEUE (galileo_queue_get_type ())

#define GALILEO_QUEUE_MAX_UPLOADS_IN_ALL 64

typedef enum {
  GALILEO_PLACE_TOP,
  GALILEO_PLACE_UP,
  GALILEO_PLACE_DOWN,
  GALILEO_PLACE_BOTTOM,
} GalileoPlace;

/*
 * A GListModel of GalileoItem in the user's order, that uploads what waits in it. Main thread only.
 *
 * Properties: "n-waiting", "n-uploading" (with those to be retried), "n-paused", "n-failed", "n-done", "n-cancelled" (uint),
 * "busy" (boolean: anything is waiting, uploading or to be retried), and the overall figures "n-batch" and
 * "n-batch-done" (uint, items), "size" and "acknowledged" (bytes), "fraction", "speed" (bytes a second) and "time-left"
 * (seconds, -1 if unknown), notified together at most ten times a second. Overall figures cover the batch: the items
 * since the queue was last idle, without cancelled ones; failed ones count as items, but not by their bytes.
 *
 * Signals, each with the item as first argument:
 *   item-started (item)                    an attempt begins; see its "attempt"
 *   item-progress (item)                   acknowledged bytes grew; coalesced, at most ten a second an item
 *   item-error-signal (item, signal)       the server sent an error signal (GalileoSignal)
 *   item-retry (item, double delay)        an attempt failed, the next follows in delay seconds; see its "error"
 *   item-finished (item)                   it became failed, done or cancelled
 *   item-state (item, old state)           its state, as listed in the queue, is another
 *   idle ()                                nothing is waiting, uploading or to be retried any more
 *   waits-changed ()                       what galileo_queue_get_wait() says of some items is something else now
 */
G_DECLARE_FINAL_TYPE (GalileoQueue, galileo_queue, GALILEO, QUEUE, GObject)

GalileoQueue *galileo_queue_new                (GalileoEngine   *engine) G_GNUC_WARN_UNUSED_RESULT;

/* "max-uploads": at once to one site, unless the site has a number of its own, 1 to 16 (3). "max-uploads-in-all": 1 to 64
 * (16). "retries": failures in a row without progress that are tried again (5). "patient": a site that was reached once is
 * tried for as long as it takes (false). "max-chunk-size": bytes (GALILEO_DEFAULT_CHUNK_SIZE). "hash-type" (SHA-1).
 * "timeout": seconds for each stall timer, 0: the defaults. "paused": everything rests (false). "pause-on-metered": as well
 * while the network is metered (false).
 * "rate-limit": bytes a second of everything, 0: none (0); that of a site is the site's.
 * Plain GObject properties with setters: */
void          galileo_queue_set_max_uploads    (GalileoQueue    *self,
                                                guint            max_uploads);
void          galileo_queue_set_max_uploads_in_all (GalileoQueue *self,
                                                guint            max_uploads);
void          galileo_queue_set_patient        (GalileoQueue    *self,
                                                gboolean         patient);
void          galileo_queue_set_pause_on_metered (GalileoQueue  *self,
                                                gboolean         pause);
void          galileo_queue_set_network_monitor (GalileoQueue   *self,
                                                GNetworkMonitor *monitor);
void          galileo_queue_wake               (GalileoQueue    *self);
void          galileo_queue_freeze             (GalileoQueue    *self);
void          galileo_queue_set_rate_limit     (GalileoQueue    *self,
                                                guint64          bytes_per_second);
gboolean      galileo_queue_get_paused         (GalileoQueue    *self);
void          galileo_queue_set_paused         (GalileoQueue    *self,
                                                gboolean         paused);
void          galileo_queue_set_retries        (GalileoQueue    *self,
                                                guint            retries);
void          galileo_queue_set_max_chunk_size (GalileoQueue    *self,
                                                guint64          size);
void          galileo_queue_set_hash_type      (GalileoQueue    *self,
                                                GalileoHashType  type);
void          galileo_queue_set_timeout        (GalileoQueue    *self,
                                                guint            seconds);

/* Has the queue kept, and goes on with what the store has; see galileo-queue-load.c. Before anything is appended. */
gboolean      galileo_queue_set_store          (GalileoQueue    *self,
                                                GalileoStore    *store,
                                                GError         **error);

/* The same without stopping the main loop; "loading" (boolean, read-only) is true meanwhile. */
void          galileo_queue_open_store_async   (GalileoQueue    *self,
                                                const char      *path,
                                                GAsyncReadyCallback callback,
                                                gpointer         user_data);
gboolean      galileo_queue_open_store_finish  (GalileoQueue    *self,
                                                GAsyncResult    *result,
                                                GError         **error);
gboolean      galileo_queue_is_loading         (GalileoQueue    *self);
GalileoStore *galileo_queue_get_store          (GalileoQueue    *self);

gboolean      galileo_queue_is_kept            (GalileoQueue    *self);  /* in a store that works */

GalileoSite  *galileo_queue_find_site          (GalileoQueue    *self,
                                                GUri            *address);
GListModel   *galileo_queue_get_sites          (GalileoQueue    *self);
GalileoSite  *galileo_queue_remember_site      (GalileoQueue    *self,
                                                GalileoSite     *site);
void          galileo_queue_forget_site        (GalileoQueue    *self,
                                                GalileoSite     *site);
void          galileo_queue_redirect           (GalileoQueue    *self,
                                                GalileoSite     *from,
                                                GalileoSite     *to);

gint64        galileo_queue_get_id             (GalileoQueue    *self,
                                                GalileoItem     *item);  /* 0 if it is not in the queue */
GalileoItem  *galileo_queue_find_id            (GalileoQueue    *self,
                                                gint64           id);
guint         galileo_queue_get_position       (GalileoQueue    *self,
                                                GalileoItem     *item);  /* that is in the queue */

GalileoItem  *galileo_queue_find_duplicate     (GalileoQueue    *self,
                                                GalileoItem     *item);  /* that is in no queue */
GalileoItem  *galileo_queue_find_name          (GalileoQueue    *self,
                                                GalileoItem     *item);

void          galileo_queue_append             (GalileoQueue    *self,
                                                GPtrArray       *items); /* of GalileoItem; starts by itself */
void          galileo_queue_insert             (GalileoQueue    *self,
                                                GPtrArray       *items,  /* of GalileoItem */
                                                GalileoItem     *before,
                                                gboolean         retry);
void          galileo_queue_cancel             (GalileoQueue    *self,
                                                GalileoItem     *item);
void          galileo_queue_cancel_all         (GalileoQueue    *self);
void          galileo_queue_retry              (GalileoQueue    *self,
                                                GalileoItem     *item);  /* a final or retrying item, now */
void          galileo_queue_retry_failed       (GalileoQueue    *self);
void          galileo_queue_pause              (GalileoQueue    *self,
                                                GalileoItem     *item);
void          galileo_queue_resume             (GalileoQueue    *self,
                                                GalileoItem     *item);
void          galileo_queue_move               (GalileoQueue    *self,
                                                GPtrArray       *items,  /* of GalileoItem */
                                                GalileoItem     *before);
void          galileo_queue_move_to            (GalileoQueue    *self,
                                                GPtrArray       *items,  /* of GalileoItem */
                                                GalileoPlace     place);
void          galileo_queue_locate             (GalileoQueue    *self,
                                                GalileoItem     *item,
                                                GFile           *file);
void          galileo_queue_remove             (GalileoQueue    *self,
                                                GalileoItem     *item);  /* cancels it first if need be */
void          galileo_queue_clear_finished     (GalileoQueue    *self);  /* done and cancelled; failed ones stay */

GalileoWait   galileo_queue_get_hold           (GalileoQueue    *self);  /* what keeps everything back */
GalileoWait   galileo_queue_get_wait           (GalileoQueue    *self,
                                                GalileoItem     *item);  /* that is waiting or uploading */
guint         galileo_queue_get_n_in_state     (GalileoQueue    *self,
                                                GalileoItemState state);
gboolean      galileo_queue_get_busy           (GalileoQueue    *self);
gboolean      galileo_queue_is_arriving        (GalileoQueue    *self);  /* something was appended and is not listed yet */

G_END_DECLS

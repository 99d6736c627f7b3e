/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue.h"

#include "galileo-item-private.h"
#include "galileo-totals.h"
#include "galileo-transfer.h"
#include "galileo/galileo-address.h"
#include "galileo/galileo-enums.h"
#include "galileo/galileo-error.h"

#define DEFAULT_MAX_UPLOADS 3
#define MAX_UPLOADS 16
#define DEFAULT_RETRIES 5

/* The wait before the n-th retry doubles from the first to the longest; a fifth of it is chance, so that many
 * clients of a site that comes back don't all come at once. */
#define FIRST_RETRY_DELAY 1.0
#define LONGEST_RETRY_DELAY 300.0
#define RETRY_JITTER 0.2

/* A chunk that is too big for a site is halved down to this. */
#define MIN_CHUNK_SIZE (16 * 1024)

#define FIGURES_INTERVAL_MS 100

/* An item and what the queue knows beside it. In the sequence always; in waiting, or blocked, or neither. */
typedef struct {
  GalileoQueue *queue;
  GalileoItem *item;
  GSequenceIter *iter;
  char *target; /* site and remote name: no two of the same run at once */
  GList link;   /* in queue->waiting or in a queue of queue->blocked */
  GQueue *lined_up_in;
  GalileoTransfer *transfer;
  GSource *retry_source;
  guint64 max_chunk_size; /* 0: the queue's */
  GalileoShare share;
} Entry;

struct _GalileoQueue {
  GObject parent_instance;

  GalileoEngine *engine;
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

enum {
  PROP_0,
  PROP_MAX_UPLOADS,
  PROP_RETRIES,
  PROP_MAX_CHUNK_SIZE,
  PROP_HASH_TYPE,
  PROP_TIMEOUT,
  PROP_N_WAITING,
  PROP_N_UPLOADING,
  PROP_N_FAILED,
  PROP_N_DONE,
  PROP_N_CANCELLED,
  PROP_BUSY,
  PROP_SIZE,
  PROP_ACKNOWLEDGED,
  PROP_FRACTION,
  PROP_SPEED,
  PROP_TIME_LEFT,
  N_PROPS
};

enum {
  SIGNAL_ITEM_STARTED,
  SIGNAL_ITEM_PROGRESS,
  SIGNAL_ITEM_ERROR_SIGNAL,
  SIGNAL_ITEM_RETRY,
  SIGNAL_ITEM_FINISHED,
  SIGNAL_IDLE,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalileoQueue,
                               galileo_queue,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void schedule_soon (GalileoQueue *self);

/* Overall figures: notified together, at most every FIGURES_INTERVAL_MS. */

static gboolean
figures_cb (gpointer user_data)
{
  GalileoQueue *self = user_data;

  g_clear_pointer (&self->figures_source, g_source_unref);
  galileo_speed_add (&self->totals.speed, self->totals.moved, g_get_monotonic_time ());

  g_object_freeze_notify (G_OBJECT (self));
  for (guint prop = PROP_N_WAITING; prop < N_PROPS; prop++)
    g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
  g_object_thaw_notify (G_OBJECT (self));

  return G_SOURCE_REMOVE;
}

static void
notify_figures_soon (GalileoQueue *self)
{
  if (self->figures_source != NULL)
    return;

  self->figures_source = g_timeout_source_new (FIGURES_INTERVAL_MS);
  g_source_set_callback (self->figures_source, figures_cb, self, NULL);
  g_source_set_static_name (self->figures_source, "[galileo] queue figures");
  g_source_attach (self->figures_source, g_main_context_get_thread_default ());
}

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
set_state (Entry *entry, GalileoItemState state)
{
  GalileoQueue *self = entry->queue;

  self->n_in_state[galileo_item_get_state (entry->item)]--;
  self->n_in_state[state]++;
  galileo_item_set_state (entry->item, state);
  galileo_totals_update (&self->totals, &entry->share, entry->item);
  notify_figures_soon (self);
}

/* Lines: entries whose turn has not come stand in one of them. */

static void
line_up (Entry *entry, GQueue *line, gboolean first)
{
  g_assert (entry->lined_up_in == NULL);

  entry->lined_up_in = line;
  if (first)
    g_queue_push_head_link (line, &entry->link);
  else
    g_queue_push_tail_link (line, &entry->link);
}

static void
leave_line (Entry *entry)
{
  if (entry->lined_up_in != NULL)
    g_queue_unlink (entry->lined_up_in, &entry->link);
  entry->lined_up_in = NULL;
}

static void
line_free (gpointer data)
{
  GQueue *line = data;

  g_assert (g_queue_is_empty (line));
  g_queue_free (line);
}

/* The entry's transfer is over, or dropped: others of its target may go. */
static void
stop_transfer (Entry *entry)
{
  GalileoQueue *self = entry->queue;
  GQueue *line;
  GList *link;

  if (entry->transfer == NULL)
    return;

  g_signal_handlers_disconnect_by_data (entry->transfer, entry);
  g_clear_object (&entry->transfer);
  self->n_running--;

  line = g_hash_table_lookup (self->running, entry->target);
  while ((link = g_queue_peek_tail_link (line)) != NULL) {
    Entry *other = link->data;

    leave_line (other);
    line_up (other, &self->waiting, TRUE);
  }
  g_hash_table_remove (self->running, entry->target);
  schedule_soon (self);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  GalileoQueue *self = entry->queue;

  leave_line (entry);
  stop_transfer (entry);
  clear_source (&entry->retry_source);
  self->n_in_state[galileo_item_get_state (entry->item)]--;
  galileo_totals_leave (&self->totals, &entry->share);
  g_clear_object (&entry->item);
  g_free (entry->target);
  g_free (entry);
}

static void
finish (Entry *entry, GalileoItemState state, const GError *error)
{
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);
  GalileoQueue *self = entry->queue;

  leave_line (entry);
  stop_transfer (entry);
  clear_source (&entry->retry_source);
  galileo_item_set_error (item, error);
  set_state (entry, state);
  schedule_soon (self);
  g_signal_emit (self, signals[SIGNAL_ITEM_FINISHED], 0, item);
}

/* Any other file would fail likewise, and nobody has seen this site work: all that wait for it fail at once. */
static void
fail_site (GalileoQueue *self, GalileoSite *site, const GError *error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *link = self->waiting.head; link != NULL; link = link->next) {
    Entry *entry = link->data;

    if (galileo_item_get_site (entry->item) == site)
      g_ptr_array_add (items, g_object_ref (entry->item));
  }

  /* Handlers may change the queue. */
  for (guint i = 0; i < items->len; i++) {
    Entry *entry = g_hash_table_lookup (self->by_item, g_ptr_array_index (items, i));

    if (entry != NULL && entry->lined_up_in != NULL)
      finish (entry, GALILEO_ITEM_FAILED, error);
  }
}

static gboolean
retry_cb (gpointer user_data)
{
  Entry *entry = user_data;

  clear_source (&entry->retry_source);
  set_state (entry, GALILEO_ITEM_WAITING);
  line_up (entry, &entry->queue->waiting, TRUE);
  schedule_soon (entry->queue);

  return G_SOURCE_REMOVE;
}

static void
retry_later (Entry *entry, const GError *error)
{
  GalileoQueue *self = entry->queue;
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);
  guint failures = galileo_item_get_attempt (item);
  double delay = MIN (FIRST_RETRY_DELAY * (double) (1u << MIN (failures - 1, 16)), LONGEST_RETRY_DELAY);

  delay *= 1.0 + RETRY_JITTER * (g_random_double () - 0.5);
  stop_transfer (entry);
  galileo_item_set_error (item, error);
  galileo_item_set_retry (item, g_get_monotonic_time () + (gint64) (delay * G_USEC_PER_SEC));
  set_state (entry, GALILEO_ITEM_RETRYING);

  entry->retry_source = g_timeout_source_new ((guint) (delay * 1000.0));
  g_source_set_callback (entry->retry_source, retry_cb, entry, NULL);
  g_source_set_static_name (entry->retry_source, "[galileo] queue retry");
  g_source_attach (entry->retry_source, g_main_context_get_thread_default ());
  schedule_soon (self);
  g_signal_emit (self, signals[SIGNAL_ITEM_RETRY], 0, item, delay);
}

static gboolean
halve_chunk (Entry *entry)
{
  guint64 size = entry->max_chunk_size != 0 ? entry->max_chunk_size : entry->queue->max_chunk_size;

  if (size <= MIN_CHUNK_SIZE)
    return FALSE;

  entry->max_chunk_size = MAX (size / 2, MIN_CHUNK_SIZE);
  return TRUE;
}

static void start (Entry *entry);

static void
handle_failure (Entry *entry, const GError *error)
{
  GalileoQueue *self = entry->queue;
  g_autoptr (GalileoSite) site = g_object_ref (galileo_item_get_site (entry->item));
  gboolean unreached = galileo_error_is_about_site (error) && !g_hash_table_contains (self->reached, site);
  gboolean worth_it = galileo_error_is_transient (error) &&
                      !(unreached && g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_CONNECT));

  if (!galileo_error_is_about_site (error) && !g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_FILE) &&
      !g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_NAME))
    g_hash_table_add (self->reached, g_object_ref (site));

  if (g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_MESSAGE_TOO_BIG) && halve_chunk (entry)) {
    /* The same attempt, in smaller pieces. */
    stop_transfer (entry);
    start (entry);
  } else if (worth_it && galileo_item_get_attempt (entry->item) <= self->retries) {
    retry_later (entry, error);
  } else {
    g_autoptr (GError) cause = g_error_copy (error);

    finish (entry, GALILEO_ITEM_FAILED, cause);
    if (unreached)
      fail_site (self, site, cause);
  }
}

static void
update_cb (GalileoTransfer *transfer, GalileoTransferUpdate *update, Entry *entry)
{
  GalileoQueue *self = entry->queue;
  g_autoptr (GalileoQueue) alive = g_object_ref (self);
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);
  gboolean opened = update->state > GALILEO_UPLOAD_STATE_CONNECTING || update->size > 0;

  galileo_item_set_progress (item,
                             update->state,
                             opened ? (gint64) update->size : galileo_item_get_size (item),
                             update->acknowledged,
                             g_get_monotonic_time ());
  galileo_totals_update (&self->totals, &entry->share, item);
  notify_figures_soon (self);

  switch (update->state) {
  case GALILEO_UPLOAD_STATE_SUCCEEDED:
    g_hash_table_add (self->reached, g_object_ref (galileo_item_get_site (item)));
    galileo_item_set_result (item, update->hash, update->verified, update->url);
    finish (entry, GALILEO_ITEM_DONE, NULL);
    break;
  case GALILEO_UPLOAD_STATE_FAILED:
    handle_failure (entry, update->error);
    break;
  case GALILEO_UPLOAD_STATE_CANCELLED:
    finish (entry, GALILEO_ITEM_CANCELLED, NULL);
    break;
  case GALILEO_UPLOAD_STATE_NEW:
  case GALILEO_UPLOAD_STATE_CONNECTING:
  case GALILEO_UPLOAD_STATE_METADATA:
  case GALILEO_UPLOAD_STATE_SENDING:
  case GALILEO_UPLOAD_STATE_SENT:
  case GALILEO_UPLOAD_STATE_FINISHED:
  case GALILEO_UPLOAD_STATE_CLOSING:
  default:
    g_signal_emit (self, signals[SIGNAL_ITEM_PROGRESS], 0, item);
    break;
  }
}

static void
error_signal_cb (GalileoTransfer *transfer, GalileoSignal *signal, Entry *entry)
{
  galileo_item_add_signal (entry->item, signal);
  g_signal_emit (entry->queue, signals[SIGNAL_ITEM_ERROR_SIGNAL], 0, entry->item, signal);
}

/* The entry is in no line, and its target is free. */
static void
start (Entry *entry)
{
  GalileoQueue *self = entry->queue;
  GalileoTransferOptions options = {
    .address = galileo_site_get_address (galileo_item_get_site (entry->item)),
    .file = galileo_item_get_file (entry->item),
    .name = galileo_item_get_name (entry->item),
    .max_chunk_size = entry->max_chunk_size != 0 ? entry->max_chunk_size : self->max_chunk_size,
    .hash_type = self->hash_type,
    .timeout = self->timeout,
  };

  entry->transfer = galileo_transfer_new (self->engine, &options);
  g_signal_connect (entry->transfer, "update", G_CALLBACK (update_cb), entry);
  g_signal_connect (entry->transfer, "error-signal", G_CALLBACK (error_signal_cb), entry);
  g_hash_table_insert (self->running, g_strdup (entry->target), g_queue_new ());
  self->n_running++;
}

static void
start_attempt (Entry *entry)
{
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);
  GalileoQueue *self = entry->queue;

  galileo_item_begin_attempt (item);
  set_state (entry, GALILEO_ITEM_UPLOADING);
  start (entry);
  g_signal_emit (self, signals[SIGNAL_ITEM_STARTED], 0, item);
}

static void
schedule (GalileoQueue *self)
{
  while (self->n_running < self->max_uploads && !g_queue_is_empty (&self->waiting)) {
    Entry *entry = g_queue_peek_head_link (&self->waiting)->data;
    GQueue *line = g_hash_table_lookup (self->running, entry->target);

    leave_line (entry);
    if (line != NULL)
      line_up (entry, line, FALSE);
    else
      start_attempt (entry);
  }

  if (self->busy && !galileo_queue_get_busy (self)) {
    self->busy = FALSE;
    clear_source (&self->figures_source);
    figures_cb (self);
    g_signal_emit (self, signals[SIGNAL_IDLE], 0);
  }
}

static gboolean
schedule_cb (gpointer user_data)
{
  GalileoQueue *self = user_data;
  g_autoptr (GalileoQueue) alive = g_object_ref (self);

  clear_source (&self->schedule_source);
  schedule (self);

  return G_SOURCE_REMOVE;
}

/* Not at once: whoever calls is in the middle of changing something. */
static void
schedule_soon (GalileoQueue *self)
{
  if (self->schedule_source != NULL)
    return;

  self->schedule_source = g_idle_source_new ();
  g_source_set_priority (self->schedule_source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->schedule_source, schedule_cb, self, NULL);
  g_source_set_static_name (self->schedule_source, "[galileo] queue schedule");
  g_source_attach (self->schedule_source, g_main_context_get_thread_default ());
}

static GType
get_item_type (GListModel *model)
{
  return GALILEO_TYPE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return (guint) g_sequence_get_length (GALILEO_QUEUE (model)->entries);
}

static gpointer
get_item (GListModel *model, guint position)
{
  GSequenceIter *iter;
  Entry *entry;

  if (position >= get_n_items (model))
    return NULL;

  iter = g_sequence_get_iter_at_pos (GALILEO_QUEUE (model)->entries, (int) position);
  entry = g_sequence_get (iter);

  return g_object_ref (entry->item);
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
galileo_queue_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GalileoQueue *self = GALILEO_QUEUE (object);

  switch (prop_id) {
  case PROP_MAX_UPLOADS:
    g_value_set_uint (value, self->max_uploads);
    break;
  case PROP_RETRIES:
    g_value_set_uint (value, self->retries);
    break;
  case PROP_MAX_CHUNK_SIZE:
    g_value_set_uint64 (value, self->max_chunk_size);
    break;
  case PROP_HASH_TYPE:
    g_value_set_enum (value, self->hash_type);
    break;
  case PROP_TIMEOUT:
    g_value_set_uint (value, self->timeout);
    break;
  case PROP_N_WAITING:
    g_value_set_uint (value, self->n_in_state[GALILEO_ITEM_WAITING]);
    break;
  case PROP_N_UPLOADING:
    g_value_set_uint (value,
                      self->n_in_state[GALILEO_ITEM_UPLOADING] + self->n_in_state[GALILEO_ITEM_RETRYING]);
    break;
  case PROP_N_FAILED:
    g_value_set_uint (value, self->n_in_state[GALILEO_ITEM_FAILED]);
    break;
  case PROP_N_DONE:
    g_value_set_uint (value, self->n_in_state[GALILEO_ITEM_DONE]);
    break;
  case PROP_N_CANCELLED:
    g_value_set_uint (value, self->n_in_state[GALILEO_ITEM_CANCELLED]);
    break;
  case PROP_BUSY:
    g_value_set_boolean (value, galileo_queue_get_busy (self));
    break;
  case PROP_SIZE:
    g_value_set_uint64 (value, self->totals.size);
    break;
  case PROP_ACKNOWLEDGED:
    g_value_set_uint64 (value, self->totals.acknowledged);
    break;
  case PROP_FRACTION:
    g_value_set_double (value, galileo_queue_get_busy (self) ? galileo_totals_get_fraction (&self->totals) : 1.0);
    break;
  case PROP_SPEED:
    g_value_set_double (value, galileo_speed_get (&self->totals.speed));
    break;
  case PROP_TIME_LEFT:
    g_value_set_int64 (value, galileo_totals_get_time_left (&self->totals));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
galileo_queue_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GalileoQueue *self = GALILEO_QUEUE (object);

  switch (prop_id) {
  case PROP_MAX_UPLOADS:
    galileo_queue_set_max_uploads (self, g_value_get_uint (value));
    break;
  case PROP_RETRIES:
    galileo_queue_set_retries (self, g_value_get_uint (value));
    break;
  case PROP_MAX_CHUNK_SIZE:
    galileo_queue_set_max_chunk_size (self, g_value_get_uint64 (value));
    break;
  case PROP_HASH_TYPE:
    galileo_queue_set_hash_type (self, (GalileoHashType) g_value_get_enum (value));
    break;
  case PROP_TIMEOUT:
    galileo_queue_set_timeout (self, g_value_get_uint (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
galileo_queue_dispose (GObject *object)
{
  GalileoQueue *self = GALILEO_QUEUE (object);

  if (self->entries != NULL)
    g_sequence_remove_range (g_sequence_get_begin_iter (self->entries), g_sequence_get_end_iter (self->entries));
  clear_source (&self->schedule_source);
  clear_source (&self->figures_source);
  g_clear_pointer (&self->entries, g_sequence_free);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (galileo_queue_parent_class)->dispose (object);
}

static void
galileo_queue_finalize (GObject *object)
{
  GalileoQueue *self = GALILEO_QUEUE (object);

  g_hash_table_unref (self->by_item);
  g_hash_table_unref (self->running);
  g_hash_table_unref (self->reached);

  G_OBJECT_CLASS (galileo_queue_parent_class)->finalize (object);
}

static void
add_item_signal (guint id, const char *name, guint n_more, GType more)
{
  signals[id] = g_signal_new (name,
                              GALILEO_TYPE_QUEUE,
                              G_SIGNAL_RUN_LAST,
                              0,
                              NULL,
                              NULL,
                              NULL,
                              G_TYPE_NONE,
                              1 + n_more,
                              GALILEO_TYPE_ITEM,
                              more);
}

static void
galileo_queue_class_init (GalileoQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags option = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags figure = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = galileo_queue_get_property;
  object_class->set_property = galileo_queue_set_property;
  object_class->dispose = galileo_queue_dispose;
  object_class->finalize = galileo_queue_finalize;

  props[PROP_MAX_UPLOADS] =
      g_param_spec_uint ("max-uploads", NULL, NULL, 1, MAX_UPLOADS, DEFAULT_MAX_UPLOADS, option);
  props[PROP_RETRIES] = g_param_spec_uint ("retries", NULL, NULL, 0, G_MAXUINT, DEFAULT_RETRIES, option);
  props[PROP_MAX_CHUNK_SIZE] = g_param_spec_uint64 ("max-chunk-size",
                                                    NULL,
                                                    NULL,
                                                    1,
                                                    GALILEO_UPLOAD_MAX_CHUNK_SIZE,
                                                    GALILEO_DEFAULT_CHUNK_SIZE,
                                                    option);
  props[PROP_HASH_TYPE] =
      g_param_spec_enum ("hash-type", NULL, NULL, GALILEO_TYPE_HASH_TYPE, GALILEO_HASH_SHA1, option);
  props[PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXINT, 0, option);

  props[PROP_N_WAITING] = g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0, figure);
  props[PROP_N_UPLOADING] = g_param_spec_uint ("n-uploading", NULL, NULL, 0, G_MAXUINT, 0, figure);
  props[PROP_N_FAILED] = g_param_spec_uint ("n-failed", NULL, NULL, 0, G_MAXUINT, 0, figure);
  props[PROP_N_DONE] = g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0, figure);
  props[PROP_N_CANCELLED] = g_param_spec_uint ("n-cancelled", NULL, NULL, 0, G_MAXUINT, 0, figure);
  props[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, figure);
  props[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  props[PROP_ACKNOWLEDGED] = g_param_spec_uint64 ("acknowledged", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  props[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0.0, 1.0, 1.0, figure);
  props[PROP_SPEED] = g_param_spec_double ("speed", NULL, NULL, 0.0, G_MAXDOUBLE, 0.0, figure);
  props[PROP_TIME_LEFT] = g_param_spec_int64 ("time-left", NULL, NULL, -1, G_MAXINT64, -1, figure);

  g_object_class_install_properties (object_class, N_PROPS, props);

  add_item_signal (SIGNAL_ITEM_STARTED, "item-started", 0, G_TYPE_NONE);
  add_item_signal (SIGNAL_ITEM_PROGRESS, "item-progress", 0, G_TYPE_NONE);
  add_item_signal (SIGNAL_ITEM_ERROR_SIGNAL, "item-error-signal", 1, GALILEO_TYPE_SIGNAL);
  add_item_signal (SIGNAL_ITEM_RETRY, "item-retry", 1, G_TYPE_DOUBLE);
  add_item_signal (SIGNAL_ITEM_FINISHED, "item-finished", 0, G_TYPE_NONE);
  signals[SIGNAL_IDLE] =
      g_signal_new ("idle", GALILEO_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galileo_queue_init (GalileoQueue *self)
{
  self->max_uploads = DEFAULT_MAX_UPLOADS;
  self->retries = DEFAULT_RETRIES;
  self->max_chunk_size = GALILEO_DEFAULT_CHUNK_SIZE;
  self->hash_type = GALILEO_HASH_SHA1;
  self->entries = g_sequence_new (entry_free);
  self->by_item = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->waiting);
  self->running = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, line_free);
  self->reached = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

GalileoQueue *
galileo_queue_new (GalileoEngine *engine)
{
  GalileoQueue *self;

  g_return_val_if_fail (GALILEO_IS_ENGINE (engine), NULL);

  self = g_object_new (GALILEO_TYPE_QUEUE, NULL);
  self->engine = g_object_ref (engine);

  return self;
}

void
galileo_queue_set_max_uploads (GalileoQueue *self, guint max_uploads)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (max_uploads >= 1 && max_uploads <= MAX_UPLOADS);

  if (self->max_uploads == max_uploads)
    return;

  self->max_uploads = max_uploads;
  schedule_soon (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MAX_UPLOADS]);
}

void
galileo_queue_set_retries (GalileoQueue *self, guint retries)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->retries == retries)
    return;

  self->retries = retries;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RETRIES]);
}

/* This and the next two hold for attempts that begin later. */
void
galileo_queue_set_max_chunk_size (GalileoQueue *self, guint64 size)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (size >= 1 && size <= GALILEO_UPLOAD_MAX_CHUNK_SIZE);

  if (self->max_chunk_size == size)
    return;

  self->max_chunk_size = size;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MAX_CHUNK_SIZE]);
}

void
galileo_queue_set_hash_type (GalileoQueue *self, GalileoHashType type)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->hash_type == type)
    return;

  self->hash_type = type;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_HASH_TYPE]);
}

void
galileo_queue_set_timeout (GalileoQueue *self, guint seconds)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  if (self->timeout == seconds)
    return;

  self->timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TIMEOUT]);
}

static void
become_busy (GalileoQueue *self)
{
  if (!self->busy)
    galileo_totals_begin (&self->totals);
  self->busy = TRUE;
  notify_figures_soon (self);
  schedule_soon (self);
}

/* items: of GalileoItem, new ones or such as were removed, each in this queue at most once. */
void
galileo_queue_append (GalileoQueue *self, GPtrArray *items)
{
  guint position;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (items != NULL);

  if (items->len == 0)
    return;

  position = get_n_items (G_LIST_MODEL (self));
  become_busy (self);
  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);
    g_autofree char *address = galileo_address_to_display (
        galileo_site_get_address (galileo_item_get_site (item)));
    Entry *entry;

    g_return_if_fail (!g_hash_table_contains (self->by_item, item));

    entry = g_new0 (Entry, 1);
    entry->queue = self;
    entry->item = g_object_ref (item);
    entry->target = g_strconcat (address, "\n", galileo_item_get_name (item), NULL);
    entry->link.data = entry;
    entry->iter = g_sequence_append (self->entries, entry);
    g_hash_table_insert (self->by_item, item, entry);
    self->n_in_state[galileo_item_get_state (item)]++;

    if (galileo_item_get_state (item) == GALILEO_ITEM_WAITING) {
      line_up (entry, &self->waiting, FALSE);
      galileo_totals_update (&self->totals, &entry->share, item);
    }
  }
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, items->len);
}

static Entry *
lookup (GalileoQueue *self, GalileoItem *item)
{
  return g_hash_table_lookup (self->by_item, item);
}

/* Does nothing to an item that is final. */
void
galileo_queue_cancel (GalileoQueue *self, GalileoItem *item)
{
  Entry *entry;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  entry = lookup (self, item);
  if (entry != NULL && !galileo_item_is_final (item))
    finish (entry, GALILEO_ITEM_CANCELLED, NULL);
}

/* Calls a function with each item, which may change the queue. */
static void
for_each (GalileoQueue *self, void (*function) (GalileoQueue *, GalileoItem *), GalileoItemState only)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (GSequenceIter *iter = g_sequence_get_begin_iter (self->entries); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter)) {
    Entry *entry = g_sequence_get (iter);

    if (only == GALILEO_ITEM_N_STATES || galileo_item_get_state (entry->item) == only)
      g_ptr_array_add (items, g_object_ref (entry->item));
  }

  for (guint i = 0; i < items->len; i++)
    function (self, g_ptr_array_index (items, i));
}

void
galileo_queue_cancel_all (GalileoQueue *self)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  for_each (self, galileo_queue_cancel, (GalileoItemState) GALILEO_ITEM_N_STATES);
}

/* Tries an item anew that is failed or cancelled, with all its attempts before it, or at once one that would be later. */
void
galileo_queue_retry (GalileoQueue *self, GalileoItem *item)
{
  GalileoItemState state;
  Entry *entry;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  entry = lookup (self, item);
  state = galileo_item_get_state (item);
  if (entry == NULL || state == GALILEO_ITEM_WAITING || state == GALILEO_ITEM_UPLOADING ||
      state == GALILEO_ITEM_DONE)
    return;

  become_busy (self);
  clear_source (&entry->retry_source);
  if (state != GALILEO_ITEM_RETRYING) {
    galileo_totals_leave (&self->totals, &entry->share);
    galileo_item_forget (item);
  }
  set_state (entry, GALILEO_ITEM_WAITING);
  line_up (entry, &self->waiting, state == GALILEO_ITEM_RETRYING);
}

void
galileo_queue_retry_failed (GalileoQueue *self)
{
  g_return_if_fail (GALILEO_IS_QUEUE (self));

  for_each (self, galileo_queue_retry, GALILEO_ITEM_FAILED);
}

/* Takes an item out; its upload is cut. */
void
galileo_queue_remove (GalileoQueue *self, GalileoItem *item)
{
  g_autoptr (GalileoItem) alive = NULL;
  Entry *entry;
  guint position;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  alive = g_object_ref (item);
  galileo_queue_cancel (self, item);
  entry = lookup (self, item);
  if (entry == NULL)
    return;

  position = (guint) g_sequence_iter_get_position (entry->iter);
  g_hash_table_remove (self->by_item, item);
  g_sequence_remove (entry->iter);
  notify_figures_soon (self);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static gboolean
is_clearable (GSequenceIter *iter)
{
  Entry *entry = g_sequence_get (iter);
  GalileoItemState state = galileo_item_get_state (entry->item);

  return state == GALILEO_ITEM_DONE || state == GALILEO_ITEM_CANCELLED;
}

/* Takes out what is done or cancelled. From the end, neighbours together: the view's work is by changes, not items. */
void
galileo_queue_clear_finished (GalileoQueue *self)
{
  GSequenceIter *iter;

  g_return_if_fail (GALILEO_IS_QUEUE (self));

  iter = g_sequence_get_end_iter (self->entries);
  while (!g_sequence_iter_is_begin (iter)) {
    GSequenceIter *end = iter;
    guint n = 0;

    while (!g_sequence_iter_is_begin (iter) && is_clearable (g_sequence_iter_prev (iter))) {
      Entry *entry;

      iter = g_sequence_iter_prev (iter);
      entry = g_sequence_get (iter);
      g_hash_table_remove (self->by_item, entry->item);
      n++;
    }

    if (n > 0) {
      guint position = (guint) g_sequence_iter_get_position (iter);

      g_sequence_remove_range (iter, end);
      g_list_model_items_changed (G_LIST_MODEL (self), position, n, 0);
      iter = g_sequence_get_iter_at_pos (self->entries, (int) position);
    }
    if (!g_sequence_iter_is_begin (iter))
      iter = g_sequence_iter_prev (iter);
  }
  notify_figures_soon (self);
}

guint
galileo_queue_get_n_in_state (GalileoQueue *self, GalileoItemState state)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), 0);
  g_return_val_if_fail (state < GALILEO_ITEM_N_STATES, 0);

  return self->n_in_state[state];
}

gboolean
galileo_queue_get_busy (GalileoQueue *self)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), FALSE);

  return self->n_in_state[GALILEO_ITEM_WAITING] > 0 || self->n_in_state[GALILEO_ITEM_UPLOADING] > 0 ||
         self->n_in_state[GALILEO_ITEM_RETRYING] > 0;
}

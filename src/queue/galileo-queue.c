/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

#include "galileo-item-private.h"
#include "galileo/galileo-enums.h"

#define DEFAULT_MAX_UPLOADS 3
#define MAX_UPLOADS 16
#define DEFAULT_RETRIES 5

#define FIGURES_INTERVAL_MS 100

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
  PROP_N_BATCH,
  PROP_N_BATCH_DONE,
  PROP_SIZE,
  PROP_ACKNOWLEDGED,
  PROP_FRACTION,
  PROP_SPEED,
  PROP_TIME_LEFT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
guint galileo_queue_signals[GALILEO_QUEUE_N_SIGNALS];

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalileoQueue,
                               galileo_queue,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

void
galileo_queue_notify_figures (GalileoQueue *self)
{
  if (self->figures_source != NULL)
    g_source_destroy (self->figures_source);
  g_clear_pointer (&self->figures_source, g_source_unref);
  galileo_speed_add (&self->totals.speed, self->totals.moved, g_get_monotonic_time ());

  g_object_freeze_notify (G_OBJECT (self));
  for (guint prop = PROP_N_WAITING; prop < N_PROPS; prop++)
    g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
  g_object_thaw_notify (G_OBJECT (self));
}

static gboolean
figures_cb (gpointer user_data)
{
  galileo_queue_notify_figures (user_data);

  return G_SOURCE_REMOVE;
}

/* Together, and at most every FIGURES_INTERVAL_MS. */
void
galileo_queue_notify_figures_soon (GalileoQueue *self)
{
  if (self->figures_source != NULL)
    return;

  self->figures_source = g_timeout_source_new (FIGURES_INTERVAL_MS);
  g_source_set_callback (self->figures_source, figures_cb, self, NULL);
  g_source_set_static_name (self->figures_source, "[galileo] queue figures");
  g_source_attach (self->figures_source, g_main_context_get_thread_default ());
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
  GalileoQueueEntry *entry;

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
  case PROP_N_BATCH:
    g_value_set_uint (value, self->totals.n_items);
    break;
  case PROP_N_BATCH_DONE:
    g_value_set_uint (value, self->totals.n_done);
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
  g_clear_pointer (&self->entries, g_sequence_free);
  galileo_queue_clear_arriving (self);
  galileo_queue_clear_schedule (self);
  if (self->figures_source != NULL)
    g_source_destroy (self->figures_source);
  g_clear_pointer (&self->figures_source, g_source_unref);
  g_clear_object (&self->engine);
  g_clear_object (&self->store);

  G_OBJECT_CLASS (galileo_queue_parent_class)->dispose (object);
}

static void
galileo_queue_finalize (GObject *object)
{
  GalileoQueue *self = GALILEO_QUEUE (object);

  g_hash_table_unref (self->by_item);

  G_OBJECT_CLASS (galileo_queue_parent_class)->finalize (object);
}

static void
add_item_signal (guint id, const char *name, guint n_more, GType more)
{
  galileo_queue_signals[id] = g_signal_new (name,
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
  props[PROP_N_BATCH] = g_param_spec_uint ("n-batch", NULL, NULL, 0, G_MAXUINT, 0, figure);
  props[PROP_N_BATCH_DONE] = g_param_spec_uint ("n-batch-done", NULL, NULL, 0, G_MAXUINT, 0, figure);
  props[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  props[PROP_ACKNOWLEDGED] = g_param_spec_uint64 ("acknowledged", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  props[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0.0, 1.0, 1.0, figure);
  props[PROP_SPEED] = g_param_spec_double ("speed", NULL, NULL, 0.0, G_MAXDOUBLE, 0.0, figure);
  props[PROP_TIME_LEFT] = g_param_spec_int64 ("time-left", NULL, NULL, -1, G_MAXINT64, -1, figure);

  g_object_class_install_properties (object_class, N_PROPS, props);

  add_item_signal (GALILEO_QUEUE_ITEM_STARTED, "item-started", 0, G_TYPE_NONE);
  add_item_signal (GALILEO_QUEUE_ITEM_PROGRESS, "item-progress", 0, G_TYPE_NONE);
  add_item_signal (GALILEO_QUEUE_ITEM_ERROR_SIGNAL, "item-error-signal", 1, GALILEO_TYPE_SIGNAL);
  add_item_signal (GALILEO_QUEUE_ITEM_RETRY, "item-retry", 1, G_TYPE_DOUBLE);
  add_item_signal (GALILEO_QUEUE_ITEM_FINISHED, "item-finished", 0, G_TYPE_NONE);
  galileo_queue_signals[GALILEO_QUEUE_IDLE] =
      g_signal_new ("idle", GALILEO_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galileo_queue_init (GalileoQueue *self)
{
  self->max_uploads = DEFAULT_MAX_UPLOADS;
  self->retries = DEFAULT_RETRIES;
  self->max_chunk_size = GALILEO_DEFAULT_CHUNK_SIZE;
  self->hash_type = GALILEO_HASH_SHA1;
  self->entries = g_sequence_new (galileo_queue_entry_free);
  self->by_item = g_hash_table_new (NULL, NULL);
  galileo_queue_init_schedule (self);
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
  galileo_queue_schedule_soon (self);
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
  galileo_queue_notify_figures_soon (self);
  galileo_queue_schedule_soon (self);
}

/* entries: of GalileoQueueEntry, taken out of the array: those that wait are uploaded, others are just listed. */
void
galileo_queue_list_entries (GalileoQueue *self, GPtrArray *entries)
{
  guint position = get_n_items (G_LIST_MODEL (self));

  if (entries->len == 0)
    return;

  become_busy (self);
  for (guint i = 0; i < entries->len; i++) {
    GalileoQueueEntry *entry = g_ptr_array_index (entries, i);

    entry->iter = g_sequence_append (self->entries, entry);
    g_hash_table_insert (self->by_item, entry->item, entry);

    galileo_totals_update (&self->totals, &entry->share, entry->item);
    if (galileo_item_get_state (entry->item) == GALILEO_ITEM_WAITING)
      galileo_queue_entry_line_up (entry, FALSE);
  }
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, entries->len);
  g_ptr_array_set_size (entries, 0);
}

/*
 * items: of GalileoItem, each in this queue at most once: those that wait are uploaded, others are just listed. With a store
 * they come once they are on the disk.
 */
void
galileo_queue_append (GalileoQueue *self, GPtrArray *items)
{
  g_autoptr (GPtrArray) entries = NULL;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (items != NULL);

  if (items->len == 0)
    return;

  entries = g_ptr_array_sized_new (items->len);
  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);

    g_return_if_fail (!g_hash_table_contains (self->by_item, item));
    g_ptr_array_add (entries, galileo_queue_entry_new (self, item));
  }

  if (self->store != NULL)
    galileo_queue_save_new (self, entries);
  else
    galileo_queue_list_entries (self, entries);
}

static GalileoQueueEntry *
lookup (GalileoQueue *self, GalileoItem *item)
{
  return g_hash_table_lookup (self->by_item, item);
}

/* Does nothing to an item that is final. */
void
galileo_queue_cancel (GalileoQueue *self, GalileoItem *item)
{
  GalileoQueueEntry *entry;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  entry = lookup (self, item);
  if (entry != NULL && !entry->confirmed && !galileo_item_is_final (item))
    galileo_queue_entry_finish (entry, GALILEO_ITEM_CANCELLED, NULL);
}

/* Calls a function with each item, which may change the queue. */
static void
for_each (GalileoQueue *self, void (*function) (GalileoQueue *, GalileoItem *), GalileoItemState only)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (GSequenceIter *iter = g_sequence_get_begin_iter (self->entries); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter)) {
    GalileoQueueEntry *entry = g_sequence_get (iter);

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
  GalileoQueueEntry *entry;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  entry = lookup (self, item);
  state = galileo_item_get_state (item);
  if (entry == NULL || state == GALILEO_ITEM_WAITING || state == GALILEO_ITEM_UPLOADING ||
      state == GALILEO_ITEM_DONE)
    return;

  become_busy (self);
  galileo_queue_entry_hasten (entry);
  if (state != GALILEO_ITEM_RETRYING) {
    galileo_totals_leave (&self->totals, &entry->share);
    galileo_item_forget (item);
  }
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_WAITING);
  galileo_queue_entry_line_up (entry, state == GALILEO_ITEM_RETRYING);
  galileo_queue_save (entry);
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
  GalileoQueueEntry *entry;
  guint position;
  GArray *ids;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  alive = g_object_ref (item);
  galileo_queue_cancel (self, item);
  entry = lookup (self, item);
  if (entry == NULL)
    return;

  position = (guint) g_sequence_iter_get_position (entry->iter);
  ids = g_array_new (FALSE, FALSE, sizeof entry->id);
  g_array_append_val (ids, entry->id);
  galileo_queue_forget (self, ids);
  g_hash_table_remove (self->by_item, item);
  g_sequence_remove (entry->iter);
  galileo_queue_notify_figures_soon (self);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static gboolean
is_clearable (GSequenceIter *iter)
{
  GalileoQueueEntry *entry = g_sequence_get (iter);
  GalileoItemState state = galileo_item_get_state (entry->item);

  return state == GALILEO_ITEM_DONE || state == GALILEO_ITEM_CANCELLED;
}

/* Takes out what is done or cancelled. From the end, neighbours together: the view's work is by changes, not items. */
void
galileo_queue_clear_finished (GalileoQueue *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  GSequenceIter *iter;

  g_return_if_fail (GALILEO_IS_QUEUE (self));

  iter = g_sequence_get_end_iter (self->entries);
  while (!g_sequence_iter_is_begin (iter)) {
    GSequenceIter *end = iter;
    guint n = 0;

    while (!g_sequence_iter_is_begin (iter) && is_clearable (g_sequence_iter_prev (iter))) {
      GalileoQueueEntry *entry;

      iter = g_sequence_iter_prev (iter);
      entry = g_sequence_get (iter);
      g_hash_table_remove (self->by_item, entry->item);
      g_array_append_val (ids, entry->id);
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
  galileo_queue_forget (self, ids);
  galileo_queue_notify_figures_soon (self);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

#include "galileo-item-private.h"
#include "galileo-queue-enums.h"
#include "galileo/galileo-enums.h"

#define DEFAULT_MAX_UPLOADS 3
#define DEFAULT_MAX_UPLOADS_IN_ALL 16
#define DEFAULT_RETRIES 5

#define FIGURES_INTERVAL_MS 100

GParamSpec *galileo_queue_props[GALILEO_QUEUE_N_PROPS];
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
  for (guint prop = GALILEO_QUEUE_PROP_N_WAITING; prop < GALILEO_QUEUE_N_PROPS; prop++)
    g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[prop]);
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
  case GALILEO_QUEUE_PROP_MAX_UPLOADS:
    g_value_set_uint (value, self->max_uploads);
    break;
  case GALILEO_QUEUE_PROP_MAX_UPLOADS_IN_ALL:
    g_value_set_uint (value, self->max_uploads_in_all);
    break;
  case GALILEO_QUEUE_PROP_RETRIES:
    g_value_set_uint (value, self->retries);
    break;
  case GALILEO_QUEUE_PROP_MAX_CHUNK_SIZE:
    g_value_set_uint64 (value, self->max_chunk_size);
    break;
  case GALILEO_QUEUE_PROP_HASH_TYPE:
    g_value_set_enum (value, self->hash_type);
    break;
  case GALILEO_QUEUE_PROP_TIMEOUT:
    g_value_set_uint (value, self->timeout);
    break;
  case GALILEO_QUEUE_PROP_PATIENT:
    g_value_set_boolean (value, self->patient);
    break;
  case GALILEO_QUEUE_PROP_PAUSED:
    g_value_set_boolean (value, self->paused);
    break;
  case GALILEO_QUEUE_PROP_PAUSE_ON_METERED:
    g_value_set_boolean (value, self->pause_on_metered);
    break;
  case GALILEO_QUEUE_PROP_RATE_LIMIT:
    g_value_set_uint64 (value, self->rate_limit);
    break;
  case GALILEO_QUEUE_PROP_LOADING:
    g_value_set_boolean (value, galileo_queue_is_loading (self));
    break;
  case GALILEO_QUEUE_PROP_N_WAITING:
    g_value_set_uint (value, self->n_in_state[GALILEO_ITEM_WAITING]);
    break;
  case GALILEO_QUEUE_PROP_N_UPLOADING:
    g_value_set_uint (value,
                      self->n_in_state[GALILEO_ITEM_UPLOADING] + self->n_in_state[GALILEO_ITEM_RETRYING]);
    break;
  case GALILEO_QUEUE_PROP_N_PAUSED:
    g_value_set_uint (value, self->n_in_state[GALILEO_ITEM_PAUSED]);
    break;
  case GALILEO_QUEUE_PROP_N_FAILED:
    g_value_set_uint (value, self->n_in_state[GALILEO_ITEM_FAILED]);
    break;
  case GALILEO_QUEUE_PROP_N_DONE:
    g_value_set_uint (value, self->n_in_state[GALILEO_ITEM_DONE]);
    break;
  case GALILEO_QUEUE_PROP_N_CANCELLED:
    g_value_set_uint (value, self->n_in_state[GALILEO_ITEM_CANCELLED]);
    break;
  case GALILEO_QUEUE_PROP_BUSY:
    g_value_set_boolean (value, galileo_queue_get_busy (self));
    break;
  case GALILEO_QUEUE_PROP_N_BATCH:
    g_value_set_uint (value, self->totals.n_items);
    break;
  case GALILEO_QUEUE_PROP_N_BATCH_DONE:
    g_value_set_uint (value, self->totals.n_done);
    break;
  case GALILEO_QUEUE_PROP_SIZE:
    g_value_set_uint64 (value, self->totals.size);
    break;
  case GALILEO_QUEUE_PROP_ACKNOWLEDGED:
    g_value_set_uint64 (value, self->totals.acknowledged);
    break;
  case GALILEO_QUEUE_PROP_FRACTION:
    g_value_set_double (value, galileo_queue_get_busy (self) ? galileo_totals_get_fraction (&self->totals) : 1.0);
    break;
  case GALILEO_QUEUE_PROP_SPEED:
    g_value_set_double (value, galileo_speed_get (&self->totals.speed));
    break;
  case GALILEO_QUEUE_PROP_TIME_LEFT:
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
  case GALILEO_QUEUE_PROP_MAX_UPLOADS:
    galileo_queue_set_max_uploads (self, g_value_get_uint (value));
    break;
  case GALILEO_QUEUE_PROP_MAX_UPLOADS_IN_ALL:
    galileo_queue_set_max_uploads_in_all (self, g_value_get_uint (value));
    break;
  case GALILEO_QUEUE_PROP_RETRIES:
    galileo_queue_set_retries (self, g_value_get_uint (value));
    break;
  case GALILEO_QUEUE_PROP_MAX_CHUNK_SIZE:
    galileo_queue_set_max_chunk_size (self, g_value_get_uint64 (value));
    break;
  case GALILEO_QUEUE_PROP_HASH_TYPE:
    galileo_queue_set_hash_type (self, (GalileoHashType) g_value_get_enum (value));
    break;
  case GALILEO_QUEUE_PROP_TIMEOUT:
    galileo_queue_set_timeout (self, g_value_get_uint (value));
    break;
  case GALILEO_QUEUE_PROP_PATIENT:
    galileo_queue_set_patient (self, g_value_get_boolean (value));
    break;
  case GALILEO_QUEUE_PROP_PAUSED:
    galileo_queue_set_paused (self, g_value_get_boolean (value));
    break;
  case GALILEO_QUEUE_PROP_PAUSE_ON_METERED:
    galileo_queue_set_pause_on_metered (self, g_value_get_boolean (value));
    break;
  case GALILEO_QUEUE_PROP_RATE_LIMIT:
    galileo_queue_set_rate_limit (self, g_value_get_uint64 (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
galileo_queue_dispose (GObject *object)
{
  GalileoQueue *self = GALILEO_QUEUE (object);

  g_hash_table_remove_all (self->by_id);
  if (self->entries != NULL)
    g_sequence_remove_range (g_sequence_get_begin_iter (self->entries), g_sequence_get_end_iter (self->entries));
  g_clear_pointer (&self->entries, g_sequence_free);
  galileo_queue_clear_loading (self);
  galileo_queue_clear_arriving (self);
  galileo_queue_clear_hold (self);
  galileo_queue_clear_schedule (self);
  galileo_queue_clear_index (self);
  if (self->sites != NULL)
    galileo_queue_clear_lines (self);
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
  g_hash_table_unref (self->by_id);

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

  galileo_queue_props[GALILEO_QUEUE_PROP_MAX_UPLOADS] =
      g_param_spec_uint ("max-uploads", NULL, NULL, 1, GALILEO_SITE_MAX_UPLOADS, DEFAULT_MAX_UPLOADS, option);
  galileo_queue_props[GALILEO_QUEUE_PROP_MAX_UPLOADS_IN_ALL] = g_param_spec_uint ("max-uploads-in-all",
                                                      NULL,
                                                      NULL,
                                                      1,
                                                      GALILEO_QUEUE_MAX_UPLOADS_IN_ALL,
                                                      DEFAULT_MAX_UPLOADS_IN_ALL,
                                                      option);
  galileo_queue_props[GALILEO_QUEUE_PROP_RETRIES] = g_param_spec_uint ("retries", NULL, NULL, 0, G_MAXUINT, DEFAULT_RETRIES, option);
  galileo_queue_props[GALILEO_QUEUE_PROP_MAX_CHUNK_SIZE] = g_param_spec_uint64 ("max-chunk-size",
                                                    NULL,
                                                    NULL,
                                                    1,
                                                    GALILEO_UPLOAD_MAX_CHUNK_SIZE,
                                                    GALILEO_DEFAULT_CHUNK_SIZE,
                                                    option);
  galileo_queue_props[GALILEO_QUEUE_PROP_HASH_TYPE] =
      g_param_spec_enum ("hash-type", NULL, NULL, GALILEO_TYPE_HASH_TYPE, GALILEO_HASH_SHA1, option);
  galileo_queue_props[GALILEO_QUEUE_PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXINT, 0, option);
  galileo_queue_props[GALILEO_QUEUE_PROP_PATIENT] = g_param_spec_boolean ("patient", NULL, NULL, FALSE, option);
  galileo_queue_props[GALILEO_QUEUE_PROP_PAUSED] = g_param_spec_boolean ("paused", NULL, NULL, FALSE, option);
  galileo_queue_props[GALILEO_QUEUE_PROP_PAUSE_ON_METERED] = g_param_spec_boolean ("pause-on-metered", NULL, NULL, FALSE, option);
  galileo_queue_props[GALILEO_QUEUE_PROP_RATE_LIMIT] = g_param_spec_uint64 ("rate-limit", NULL, NULL, 0, G_MAXUINT64, 0, option);

  galileo_queue_props[GALILEO_QUEUE_PROP_LOADING] =
      g_param_spec_boolean ("loading", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  galileo_queue_props[GALILEO_QUEUE_PROP_N_WAITING] = g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_N_UPLOADING] = g_param_spec_uint ("n-uploading", NULL, NULL, 0, G_MAXUINT, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_N_PAUSED] = g_param_spec_uint ("n-paused", NULL, NULL, 0, G_MAXUINT, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_N_FAILED] = g_param_spec_uint ("n-failed", NULL, NULL, 0, G_MAXUINT, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_N_DONE] = g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_N_CANCELLED] = g_param_spec_uint ("n-cancelled", NULL, NULL, 0, G_MAXUINT, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_N_BATCH] = g_param_spec_uint ("n-batch", NULL, NULL, 0, G_MAXUINT, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_N_BATCH_DONE] = g_param_spec_uint ("n-batch-done", NULL, NULL, 0, G_MAXUINT, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_ACKNOWLEDGED] = g_param_spec_uint64 ("acknowledged", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0.0, 1.0, 1.0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_SPEED] = g_param_spec_double ("speed", NULL, NULL, 0.0, G_MAXDOUBLE, 0.0, figure);
  galileo_queue_props[GALILEO_QUEUE_PROP_TIME_LEFT] = g_param_spec_int64 ("time-left", NULL, NULL, -1, G_MAXINT64, -1, figure);

  g_object_class_install_properties (object_class, GALILEO_QUEUE_N_PROPS, galileo_queue_props);

  add_item_signal (GALILEO_QUEUE_ITEM_STARTED, "item-started", 0, G_TYPE_NONE);
  add_item_signal (GALILEO_QUEUE_ITEM_PROGRESS, "item-progress", 0, G_TYPE_NONE);
  add_item_signal (GALILEO_QUEUE_ITEM_ERROR_SIGNAL, "item-error-signal", 1, GALILEO_TYPE_SIGNAL);
  add_item_signal (GALILEO_QUEUE_ITEM_RETRY, "item-retry", 1, G_TYPE_DOUBLE);
  add_item_signal (GALILEO_QUEUE_ITEM_FINISHED, "item-finished", 0, G_TYPE_NONE);
  add_item_signal (GALILEO_QUEUE_ITEM_STATE, "item-state", 1, GALILEO_TYPE_ITEM_STATE);
  galileo_queue_signals[GALILEO_QUEUE_IDLE] =
      g_signal_new ("idle", GALILEO_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  galileo_queue_signals[GALILEO_QUEUE_WAITS_CHANGED] =
      g_signal_new ("waits-changed", GALILEO_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galileo_queue_init (GalileoQueue *self)
{
  self->max_uploads = DEFAULT_MAX_UPLOADS;
  self->max_uploads_in_all = DEFAULT_MAX_UPLOADS_IN_ALL;
  self->retries = DEFAULT_RETRIES;
  self->max_chunk_size = GALILEO_DEFAULT_CHUNK_SIZE;
  self->hash_type = GALILEO_HASH_SHA1;
  self->entries = g_sequence_new (galileo_queue_entry_free);
  self->by_item = g_hash_table_new (NULL, NULL);
  self->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  galileo_queue_init_lines (self);
  galileo_queue_init_index (self);
}

void
galileo_queue_entry_set_state (GalileoQueueEntry *entry, GalileoItemState state)
{
  GalileoQueue *self = entry->queue;

  GalileoItemState old_state = galileo_item_get_state (entry->item);

  self->n_in_state[old_state]--;
  self->n_in_state[state]++;
  galileo_item_set_state (entry->item, state);
  galileo_totals_update (&self->totals, &entry->share, entry->item);
  galileo_queue_notify_figures_soon (self);
  if (entry->iter != NULL && old_state != state)
    g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_ITEM_STATE], 0, entry->item, old_state);
}

GalileoQueueEntry *
galileo_queue_entry_new (GalileoQueue *self, GalileoItem *item)
{
  GalileoQueueEntry *entry = g_new0 (GalileoQueueEntry, 1);

  entry->queue = self;
  entry->item = g_object_ref (item);
  entry->upload_id = g_uuid_string_random ();
  entry->position = ++self->last_position;
  galileo_queue_entry_set_target (entry);
  self->n_in_state[galileo_item_get_state (item)]++;

  return entry;
}

void
galileo_queue_entry_free (gpointer data)
{
  GalileoQueueEntry *entry = data;
  GalileoQueue *self = entry->queue;

  galileo_queue_entry_stop (entry);
  galileo_queue_entry_release (entry);
  galileo_queue_clear_source (&entry->retry_source);
  self->n_in_state[galileo_item_get_state (entry->item)]--;
  galileo_totals_leave (&self->totals, &entry->share);
  g_clear_object (&entry->item);
  g_free (entry->target);
  g_free (entry->upload_id);
  g_free (entry);
}

void
galileo_queue_notify_loading (GalileoQueue *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), galileo_queue_props[GALILEO_QUEUE_PROP_LOADING]);
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

/* There is something to do: unless there was before, a new batch begins. */
void
galileo_queue_become_busy (GalileoQueue *self)
{
  if (!self->busy)
    galileo_totals_begin (&self->totals);
  self->busy = TRUE;
  galileo_queue_notify_figures_soon (self);
  galileo_queue_schedule_soon (self);
}

/* Takes entries that have just been listed to their places, neighbours together, and has them tried that are to be. */
static void
place (GalileoQueue *self, GPtrArray *entries)
{
  for (guint i = 0; i < entries->len;) {
    g_autoptr (GPtrArray) items = g_ptr_array_new ();
    GalileoQueueEntry *first = g_ptr_array_index (entries, i);
    GalileoItem *before = galileo_queue_find_id (self, first->before_id);

    for (; i < entries->len && ((GalileoQueueEntry *) g_ptr_array_index (entries, i))->before_id == first->before_id; i++)
      g_ptr_array_add (items, ((GalileoQueueEntry *) g_ptr_array_index (entries, i))->item);
    if (before != NULL)
      galileo_queue_move (self, items, before);
  }

  for (guint i = 0; i < entries->len; i++) {
    GalileoQueueEntry *entry = g_ptr_array_index (entries, i);

    if (entry->again)
      galileo_queue_retry (self, entry->item);
    entry->again = FALSE;
  }
}

/* entries: of GalileoQueueEntry, taken out of the array: those that wait are uploaded, others are just listed. */
void
galileo_queue_list_entries (GalileoQueue *self, GPtrArray *entries)
{
  guint position = get_n_items (G_LIST_MODEL (self));

  if (entries->len == 0)
    return;

  galileo_queue_become_busy (self);
  for (guint i = 0; i < entries->len; i++) {
    GalileoQueueEntry *entry = g_ptr_array_index (entries, i);

    entry->iter = g_sequence_append (self->entries, entry);
    g_hash_table_insert (self->by_item, entry->item, entry);
    g_hash_table_insert (self->by_id, &entry->id, entry);

    galileo_totals_update (&self->totals, &entry->share, entry->item);
    if (!galileo_item_is_final (entry->item))
      galileo_queue_entry_claim (entry);
  }
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, entries->len);
  place (self, entries);
  g_ptr_array_set_size (entries, 0);
}

/* The entry is about to leave the list. */
void
galileo_queue_unlist (GalileoQueueEntry *entry)
{
  galileo_queue_index_remove (entry);
  g_hash_table_remove (entry->queue->by_item, entry->item);
  g_hash_table_remove (entry->queue->by_id, &entry->id);
}

/*
 * items: of GalileoItem, each in this queue at most once: those that wait are uploaded, others are just listed. With a store
 * they come once they are on the disk.
 */
void
galileo_queue_append (GalileoQueue *self, GPtrArray *items)
{
  galileo_queue_insert (self, items, NULL, FALSE);
}

/*
 * The same, before another item if that is still there then. retry: those that are final are tried again, as by
 * galileo_queue_retry().
 */
void
galileo_queue_insert (GalileoQueue *self, GPtrArray *items, GalileoItem *before, gboolean retry)
{
  g_autoptr (GPtrArray) entries = NULL;
  gint64 before_id;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (items != NULL);

  before_id = before != NULL ? galileo_queue_get_id (self, before) : 0;

  if (items->len == 0)
    return;
  if (galileo_queue_is_loading (self)) {
    galileo_queue_hold_items (self, items);
    return;
  }

  entries = g_ptr_array_sized_new (items->len);
  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);
    GalileoQueueEntry *entry;

    g_return_if_fail (!g_hash_table_contains (self->by_item, item));
    entry = galileo_queue_entry_new (self, item);
    entry->id = ++self->last_id;
    entry->before_id = before_id;
    entry->again = retry && galileo_item_is_final (item);
    galileo_queue_index_add (entry);
    g_ptr_array_add (entries, entry);
  }

  if (self->store != NULL)
    galileo_queue_save_new (self, entries);
  else
    galileo_queue_list_entries (self, entries);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

#include "galileo-item-private.h"
#include "galileo/galileo-address.h"
#include "galileo/galileo-error.h"

/* The wait before the n-th retry doubles from the first to the longest; a fifth of it is chance, so that many
 * clients of a site that comes back don't all come at once. */
#define FIRST_RETRY_DELAY 1.0
#define LONGEST_RETRY_DELAY 300.0
#define RETRY_JITTER 0.2

/* A site may ask for more patience than that, up to a day. */
#define LONGEST_SITE_DELAY 86400.0

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
galileo_queue_entry_set_state (GalileoQueueEntry *entry, GalileoItemState state)
{
  GalileoQueue *self = entry->queue;

  self->n_in_state[galileo_item_get_state (entry->item)]--;
  self->n_in_state[state]++;
  galileo_item_set_state (entry->item, state);
  galileo_totals_update (&self->totals, &entry->share, entry->item);
  galileo_queue_notify_figures_soon (self);
}

/* Lines: entries whose turn has not come stand in one of them. */

static void
line_up (GalileoQueueEntry *entry, GQueue *line, gboolean first)
{
  g_assert (entry->lined_up_in == NULL);

  entry->lined_up_in = line;
  if (first)
    g_queue_push_head_link (line, &entry->link);
  else
    g_queue_push_tail_link (line, &entry->link);
}

/* Has it wait for its turn: as the next, or as the last. */
void
galileo_queue_entry_line_up (GalileoQueueEntry *entry, gboolean first)
{
  line_up (entry, &entry->queue->waiting, first);
}

static void
leave_line (GalileoQueueEntry *entry)
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
void
galileo_queue_entry_stop (GalileoQueueEntry *entry)
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
    GalileoQueueEntry *other = link->data;

    leave_line (other);
    galileo_queue_entry_line_up (other, TRUE);
  }
  g_hash_table_remove (self->running, entry->target);
  galileo_queue_schedule_soon (self);
}

GalileoQueueEntry *
galileo_queue_entry_new (GalileoQueue *self, GalileoItem *item)
{
  GUri *address = galileo_site_get_address (galileo_item_get_site (item));
  g_autofree char *address_text = galileo_address_to_display (address);
  GalileoQueueEntry *entry = g_new0 (GalileoQueueEntry, 1);

  entry->queue = self;
  entry->item = g_object_ref (item);
  entry->target = g_strconcat (address_text, "\n", galileo_item_get_name (item), NULL);
  entry->link.data = entry;
  entry->upload_id = g_uuid_string_random ();
  self->n_in_state[galileo_item_get_state (item)]++;

  return entry;
}

void
galileo_queue_entry_free (gpointer data)
{
  GalileoQueueEntry *entry = data;
  GalileoQueue *self = entry->queue;

  leave_line (entry);
  galileo_queue_entry_stop (entry);
  clear_source (&entry->retry_source);
  self->n_in_state[galileo_item_get_state (entry->item)]--;
  galileo_totals_leave (&self->totals, &entry->share);
  g_clear_object (&entry->item);
  g_free (entry->target);
  g_free (entry->upload_id);
  g_free (entry);
}

void
galileo_queue_entry_finish (GalileoQueueEntry *entry, GalileoItemState state, const GError *error)
{
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);
  GalileoQueue *self = entry->queue;

  leave_line (entry);
  galileo_queue_entry_stop (entry);
  clear_source (&entry->retry_source);
  galileo_item_set_error (item, error);
  galileo_queue_entry_set_state (entry, state);
  if (!entry->confirmed)
    galileo_queue_save (entry);
  entry->confirmed = FALSE;
  galileo_queue_schedule_soon (self);
  g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_ITEM_FINISHED], 0, item);
}

/* Any other file would fail likewise, and nobody has seen this site work: all that wait for it fail at once. */
static void
fail_site (GalileoQueue *self, GalileoSite *site, const GError *error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *link = self->waiting.head; link != NULL; link = link->next) {
    GalileoQueueEntry *entry = link->data;

    if (galileo_item_get_site (entry->item) == site)
      g_ptr_array_add (items, g_object_ref (entry->item));
  }

  /* Handlers may change the queue. */
  for (guint i = 0; i < items->len; i++) {
    GalileoQueueEntry *entry = g_hash_table_lookup (self->by_item, g_ptr_array_index (items, i));

    if (entry != NULL && entry->lined_up_in != NULL)
      galileo_queue_entry_finish (entry, GALILEO_ITEM_FAILED, error);
  }
}

static gboolean
retry_cb (gpointer user_data)
{
  GalileoQueueEntry *entry = user_data;

  clear_source (&entry->retry_source);
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_WAITING);
  galileo_queue_entry_line_up (entry, TRUE);
  galileo_queue_schedule_soon (entry->queue);

  return G_SOURCE_REMOVE;
}

static void
retry_later (GalileoQueueEntry *entry, const GError *error, double least)
{
  GalileoQueue *self = entry->queue;
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);
  guint failures = galileo_item_get_attempt (item);
  double delay = MIN (FIRST_RETRY_DELAY * (double) (1u << MIN (failures - 1, 16)), LONGEST_RETRY_DELAY);

  delay *= 1.0 + RETRY_JITTER * (g_random_double () - 0.5);
  delay = MAX (delay, MIN (least, LONGEST_SITE_DELAY));
  galileo_queue_entry_stop (entry);
  galileo_item_set_error (item, error);
  galileo_item_set_retry (item, g_get_monotonic_time () + (gint64) (delay * G_USEC_PER_SEC));
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_RETRYING);
  galileo_queue_save (entry);

  entry->retry_source = g_timeout_source_new ((guint) (delay * 1000.0));
  g_source_set_callback (entry->retry_source, retry_cb, entry, NULL);
  g_source_set_static_name (entry->retry_source, "[galileo] queue retry");
  g_source_attach (entry->retry_source, g_main_context_get_thread_default ());
  galileo_queue_schedule_soon (self);
  g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_ITEM_RETRY], 0, item, delay);
}

/* Whether the site itself said that it is worth coming back, and when. */
static gboolean
get_site_delay (GalileoQueueEntry *entry, const GError *error, double *delay)
{
  GPtrArray *error_signals = galileo_item_get_error_signals (entry->item);

  return g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_REFUSED) && error_signals->len > 0 &&
         galileo_signal_get_number (g_ptr_array_index (error_signals, error_signals->len - 1), "retry", delay) &&
         *delay > 0;
}

static void
handle_failure (GalileoQueueEntry *entry, const GError *error)
{
  GalileoQueue *self = entry->queue;
  g_autoptr (GalileoSite) site = g_object_ref (galileo_item_get_site (entry->item));
  gboolean unreached = galileo_error_is_about_site (error) && !g_hash_table_contains (self->reached, site);
  g_autoptr (GError) cause = NULL;
  double delay = 0.0;
  gboolean worth_it = get_site_delay (entry, error, &delay) ||
                      (galileo_error_is_transient (error) &&
                       !(unreached && g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_CONNECT)));

  if (!galileo_error_is_about_site (error) && !g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_FILE) &&
      !g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_NAME))
    g_hash_table_add (self->reached, g_object_ref (site));

  if (worth_it && galileo_item_get_attempt (entry->item) <= self->retries) {
    retry_later (entry, error, delay);
  } else {
    /* What a site did not want, such as a copy whose hash is wrong, is not to be gone on with. */
    g_free (entry->upload_id);
    entry->upload_id = g_uuid_string_random ();
    cause = g_error_copy (error);
    galileo_queue_entry_finish (entry, GALILEO_ITEM_FAILED, cause);
    if (unreached)
      fail_site (self, site, cause);
  }
}

static guint64
get_max_chunk_size (GalileoQueueEntry *entry)
{
  return entry->max_chunk_size != 0 ? entry->max_chunk_size : entry->queue->max_chunk_size;
}

static void
update_cb (GalileoTransfer *transfer, GalileoTransferUpdate *update, GalileoQueueEntry *entry)
{
  g_autoptr (GalileoQueue) self = g_object_ref (entry->queue);
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);
  gboolean opened = update->state > GALILEO_UPLOAD_STATE_CONNECTING || update->size > 0;

  galileo_item_set_offset (item, update->offset, update->resumable);
  galileo_item_set_progress (item,
                             update->state,
                             opened ? (gint64) update->size : galileo_item_get_size (item),
                             update->acknowledged,
                             g_get_monotonic_time ());
  galileo_totals_update (&self->totals, &entry->share, item);
  galileo_queue_notify_figures_soon (self);
  if (update->max_chunk_size < get_max_chunk_size (entry))
    entry->max_chunk_size = update->max_chunk_size;

  switch (update->state) {
  case GALILEO_UPLOAD_STATE_SUCCEEDED:
    g_hash_table_add (self->reached, g_object_ref (galileo_item_get_site (item)));
    galileo_item_set_result (item, update->hash, update->verified, update->url);
    galileo_queue_save_confirmed (entry);
    break;
  case GALILEO_UPLOAD_STATE_FAILED:
    handle_failure (entry, update->error);
    break;
  case GALILEO_UPLOAD_STATE_CANCELLED:
    galileo_queue_entry_finish (entry, GALILEO_ITEM_CANCELLED, NULL);
    break;
  case GALILEO_UPLOAD_STATE_NEW:
  case GALILEO_UPLOAD_STATE_CONNECTING:
  case GALILEO_UPLOAD_STATE_METADATA:
  case GALILEO_UPLOAD_STATE_SENDING:
  case GALILEO_UPLOAD_STATE_SENT:
  case GALILEO_UPLOAD_STATE_FINISHED:
  case GALILEO_UPLOAD_STATE_CLOSING:
  default:
    g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_ITEM_PROGRESS], 0, item);
    break;
  }
}

static void
error_signal_cb (GalileoTransfer *transfer, GalileoSignal *signal, GalileoQueueEntry *entry)
{
  galileo_item_add_signal (entry->item, signal);
  g_signal_emit (entry->queue, galileo_queue_signals[GALILEO_QUEUE_ITEM_ERROR_SIGNAL], 0, entry->item, signal);
}

/* The entry is in no line, and its target is free. */
static void
start (GalileoQueueEntry *entry)
{
  GalileoQueue *self = entry->queue;
  GalileoSite *site = galileo_item_get_site (entry->item);
  GalileoTransferOptions options = {
    .address = galileo_site_get_address (site),
    .file = galileo_item_get_file (entry->item),
    .name = galileo_item_get_name (entry->item),
    .id = entry->upload_id,
    .max_chunk_size = get_max_chunk_size (entry),
    .hash_type = self->hash_type,
    .timeout = self->timeout,
    .headers = galileo_site_get_headers (site),
    .pin = galileo_site_get_pin (site),
  };

  entry->transfer = galileo_transfer_new (self->engine, &options);
  g_signal_connect (entry->transfer, "update", G_CALLBACK (update_cb), entry);
  g_signal_connect (entry->transfer, "error-signal", G_CALLBACK (error_signal_cb), entry);
  g_hash_table_insert (self->running, g_strdup (entry->target), g_queue_new ());
  self->n_running++;
}

static void
start_attempt (GalileoQueueEntry *entry)
{
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);
  GalileoQueue *self = entry->queue;

  galileo_item_begin_attempt (item);
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_UPLOADING);
  start (entry);
  g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_ITEM_STARTED], 0, item);
}

static void
schedule (GalileoQueue *self)
{
  while (self->n_running < self->max_uploads && !g_queue_is_empty (&self->waiting)) {
    GalileoQueueEntry *entry = g_queue_peek_head_link (&self->waiting)->data;
    GQueue *line = g_hash_table_lookup (self->running, entry->target);

    leave_line (entry);
    if (line != NULL)
      line_up (entry, line, FALSE);
    else
      start_attempt (entry);
  }

  if (self->busy && !galileo_queue_get_busy (self)) {
    self->busy = FALSE;
    galileo_queue_notify_figures (self);
    g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_IDLE], 0);
  }
}

static gboolean
schedule_cb (gpointer user_data)
{
  g_autoptr (GalileoQueue) self = g_object_ref (user_data);

  clear_source (&self->schedule_source);
  schedule (self);

  return G_SOURCE_REMOVE;
}

/* Not at once: whoever calls is in the middle of changing something. */
void
galileo_queue_schedule_soon (GalileoQueue *self)
{
  if (self->schedule_source != NULL)
    return;

  self->schedule_source = g_idle_source_new ();
  g_source_set_priority (self->schedule_source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->schedule_source, schedule_cb, self, NULL);
  g_source_set_static_name (self->schedule_source, "[galileo] queue schedule");
  g_source_attach (self->schedule_source, g_main_context_get_thread_default ());
}

/* Forgets when it would be tried again: it gets its turn another way. */
void
galileo_queue_entry_hasten (GalileoQueueEntry *entry)
{
  clear_source (&entry->retry_source);
}

void
galileo_queue_init_schedule (GalileoQueue *self)
{
  g_queue_init (&self->waiting);
  self->running = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, line_free);
  self->reached = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

/* To be called when no entry is left. */
void
galileo_queue_clear_schedule (GalileoQueue *self)
{
  clear_source (&self->schedule_source);
  g_clear_pointer (&self->running, g_hash_table_unref);
  g_clear_pointer (&self->reached, g_hash_table_unref);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-queue-private.h"

#include "galileo-file-finder.h"
#include "galileo-item-private.h"
#include "galileo/galileo-error.h"

#include <glib/gi18n-lib.h>

/*
 * How an attempt begins and ends. Failures are counted for a file as long as nothing new of it gets through, and for a site
 * as long as it can't be reached: then the whole site waits, and one file tries it.
 */

/* The wait before the n-th retry doubles from the first to the longest; a fifth of it is chance, so that many
 * clients of a site that comes back don't all come at once. */
#define FIRST_RETRY_DELAY 1.0
#define LONGEST_RETRY_DELAY 300.0
#define RETRY_JITTER 0.2

/* A site may ask for more patience than that, up to a day. */
#define LONGEST_SITE_DELAY 86400.0

/* The end */

void
galileo_queue_entry_finish (GalileoQueueEntry *entry, GalileoItemState state, const GError *error)
{
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);
  GalileoQueue *self = entry->queue;

  galileo_queue_entry_stop (entry);
  galileo_queue_clear_source (&entry->retry_source);
  galileo_item_set_error (item, error);
  galileo_queue_entry_set_state (entry, state);
  galileo_queue_entry_release (entry);
  if (!entry->confirmed)
    galileo_queue_save_end (entry);
  entry->confirmed = FALSE;
  galileo_queue_schedule_soon (self);
  g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_ITEM_FINISHED], 0, item);
}

/* Any other file would fail likewise: all that wait for the site fail at once. */
static void
fail_site (GalileoQueueSite *site, const GError *error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  GalileoQueue *self = site->queue;

  for (GSequenceIter *iter = g_sequence_get_begin_iter (self->entries); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter)) {
    GalileoQueueEntry *entry = g_sequence_get (iter);

    if (entry->site == site)
      g_ptr_array_add (items, g_object_ref (entry->item));
  }

  /* Handlers may change the queue. */
  for (guint i = 0; i < items->len; i++) {
    GalileoQueueEntry *entry = g_hash_table_lookup (self->by_item, g_ptr_array_index (items, i));
    GalileoItemState state = galileo_item_get_state (g_ptr_array_index (items, i));

    if (entry != NULL && entry->transfer == NULL &&
        (state == GALILEO_ITEM_WAITING || state == GALILEO_ITEM_RETRYING))
      galileo_queue_entry_finish (entry, GALILEO_ITEM_FAILED, error);
  }
}

/* Trying again */

static double
get_delay (guint failures)
{
  double delay = MIN (FIRST_RETRY_DELAY * (double) (1u << MIN (failures - 1, 16)), LONGEST_RETRY_DELAY);

  return delay * (1.0 + RETRY_JITTER * (g_random_double () - 0.5));
}

/* It waits for its turn again. */
void
galileo_queue_entry_wait_again (GalileoQueueEntry *entry)
{
  galileo_queue_entry_stop (entry);
  galileo_queue_clear_source (&entry->retry_source);
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_WAITING);
  galileo_queue_entry_claim (entry);
  galileo_queue_schedule_soon (entry->queue);
}

static gboolean
retry_cb (gpointer user_data)
{
  galileo_queue_entry_wait_again (user_data);

  return G_SOURCE_REMOVE;
}

static void
retry_later (GalileoQueueEntry *entry, const GError *error, double delay)
{
  GalileoQueue *self = entry->queue;
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);

  galileo_queue_entry_stop (entry);
  galileo_item_set_error (item, error);
  galileo_item_set_retry (item, g_get_monotonic_time () + (gint64) (delay * G_USEC_PER_SEC));
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_RETRYING);
  galileo_queue_save (entry);
  entry->retry_source = galileo_queue_call_later (delay, retry_cb, entry);
  galileo_queue_schedule_soon (self);
  g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_ITEM_RETRY], 0, item, delay);
}

/* Whether only the way to the site was to blame: then it costs nothing to try it for as long as it takes. */
static gboolean
is_about_way (const GError *error)
{
  return g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_CONNECT) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_UNAVAILABLE);
}

/* There is reason to think that the site can be reached: what waits for it does so no longer. */
void
galileo_queue_site_hasten (GalileoQueueSite *site)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  GalileoQueueEntry *entry;
  GHashTableIter iter;

  galileo_queue_clear_source (&site->retry_source);
  g_hash_table_iter_init (&iter, site->queue->owners);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry)) {
    if (entry->site == site && galileo_item_get_state (entry->item) == GALILEO_ITEM_RETRYING &&
        (is_about_way (galileo_item_get_error (entry->item)) ||
         g_error_matches (galileo_item_get_error (entry->item), GALILEO_ERROR, GALILEO_ERROR_INTERRUPTED)))
      g_ptr_array_add (entries, entry);
  }
  for (guint i = 0; i < entries->len; i++)
    galileo_queue_entry_wait_again (g_ptr_array_index (entries, i));
  galileo_queue_schedule_soon (site->queue);
}

static gboolean
site_retry_cb (gpointer user_data)
{
  GalileoQueueSite *site = user_data;

  galileo_queue_clear_source (&site->retry_source);
  galileo_queue_schedule_soon (site->queue);

  return G_SOURCE_REMOVE;
}

static void
note_answer (GalileoQueueSite *site)
{
  site->signed_in = FALSE;
  if (site->answered)
    return;

  site->answered = TRUE;
  site->failures = 0;
  galileo_site_set_reached (site->site);
  galileo_queue_site_hasten (site);
}

/* The site can't be reached: all that wait for it wait together. Returns whether to go on trying. */
static gboolean
wait_for_site (GalileoQueueEntry *entry, const GError *error, double least)
{
  GalileoQueueSite *site = entry->site;
  GalileoQueue *self = entry->queue;
  double delay;

  site->answered = FALSE;
  if (!galileo_site_get_reached (site->site) && g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_CONNECT))
    return FALSE;

  /* Those that ran beside the first that failed fail of the same. */
  if (site->retry_source == NULL)
    site->failures++;
  if (site->failures > self->retries && !self->patient)
    return FALSE;

  delay = MAX (get_delay (site->failures), MIN (least, LONGEST_SITE_DELAY));
  if (site->retry_source == NULL)
    site->retry_source = galileo_queue_call_later (delay, site_retry_cb, site);
  retry_later (entry, error, delay);
  return TRUE;
}

/* Signing in again */

typedef struct {
  GWeakRef queue;
  char *address;
} SignIn;

static void
signed_in_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  SignIn *sign_in = user_data;
  g_autoptr (GalileoQueue) self = g_weak_ref_get (&sign_in->queue);

  /* If it failed, the next attempt tells what the site says. */
  (void) galileo_site_sign_in_finish (GALILEO_SITE (object), result, NULL);
  if (self != NULL && self->sites != NULL) {
    GalileoQueueSite *site = g_hash_table_lookup (self->sites, sign_in->address);

    site->signing_in = FALSE;
    site->signed_in = TRUE;
    galileo_queue_schedule_soon (self);
  }
  g_weak_ref_clear (&sign_in->queue);
  g_free (sign_in->address);
  g_free (sign_in);
}

/* Once, and the attempt does not count. Returns whether the entry waits for that. */
static gboolean
sign_in_again (GalileoQueueEntry *entry)
{
  GalileoQueueSite *site = entry->site;

  if (site->signed_in || !galileo_site_can_sign_in (site->site))
    return FALSE;

  galileo_item_forget_attempt (entry->item);
  if (!site->signing_in) {
    SignIn *sign_in = g_new0 (SignIn, 1);

    g_weak_ref_init (&sign_in->queue, entry->queue);
    sign_in->address = g_strdup (site->address);
    site->signing_in = TRUE;
    galileo_site_sign_in_async (site->site, NULL, signed_in_cb, sign_in);
  }
  galileo_queue_entry_wait_again (entry);
  return TRUE;
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

static gboolean
is_about_file (const GError *error)
{
  return g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_FILE) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_NAME);
}

static void
give_up (GalileoQueueEntry *entry, const GError *error, gboolean with_site)
{
  g_autoptr (GalileoQueue) self = g_object_ref (entry->queue);
  g_autoptr (GError) cause = g_error_copy (error);
  GalileoQueueSite *site = entry->site;

  /* What a site did not want, such as a copy whose hash is wrong, is not to be gone on with. */
  g_free (entry->upload_id);
  entry->upload_id = g_uuid_string_random ();
  galileo_queue_entry_finish (entry, GALILEO_ITEM_FAILED, cause);
  if (with_site)
    fail_site (site, cause);
}

static void
handle_failure (GalileoQueueEntry *entry, const GError *error)
{
  GalileoQueue *self = entry->queue;
  GalileoQueueSite *site = entry->site;
  double delay = 0.0;

  /* It was not to go on anyway, or not yet. */
  if (galileo_item_get_state (entry->item) != GALILEO_ITEM_UPLOADING && galileo_error_is_transient (error)) {
    galileo_queue_entry_stop (entry);
    return;
  }

  if (!galileo_error_is_about_site (error)) {
    if (!is_about_file (error))
      note_answer (site);
  } else if (g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_UNAUTHORIZED) && sign_in_again (entry)) {
    return;
  } else if (is_about_way (error)) {
    if (site->unreachable) {
      galileo_item_forget_attempt (entry->item);
      galileo_queue_entry_wait_again (entry);
    } else if (!wait_for_site (entry, error, delay)) {
      give_up (entry, error, TRUE);
    }
    return;
  }

  if ((get_site_delay (entry, error, &delay) || galileo_error_is_transient (error)) &&
      ++entry->failures <= self->retries)
    retry_later (entry, error, MAX (get_delay (entry->failures), MIN (delay, LONGEST_SITE_DELAY)));
  else
    give_up (entry, error, galileo_error_is_about_site (error) && !galileo_site_get_reached (site->site));
}

/* Under way */

static guint64
get_max_chunk_size (GalileoQueueEntry *entry)
{
  return entry->max_chunk_size != 0 ? entry->max_chunk_size : entry->queue->max_chunk_size;
}

static void
show_progress (GalileoQueueEntry *entry, GalileoTransferUpdate *update)
{
  /* One that failed without a size never was: what it was thought to be stays. */
  gboolean opened = update->size > 0 || (update->state > GALILEO_UPLOAD_STATE_CONNECTING &&
                                         update->state <= GALILEO_UPLOAD_STATE_SUCCEEDED);
  GalileoQueue *self = entry->queue;
  GalileoItem *item = entry->item;

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
  if (update->acknowledged > entry->most) {
    entry->most = update->acknowledged;
    entry->failures = 0;
  }
}

static void
update_cb (GalileoTransfer *transfer, GalileoTransferUpdate *update, GalileoQueueEntry *entry)
{
  g_autoptr (GalileoQueue) self = g_object_ref (entry->queue);
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);

  show_progress (entry, update);

  switch (update->state) {
  case GALILEO_UPLOAD_STATE_SUCCEEDED:
    note_answer (entry->site);
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
    g_signal_emit (self, galileo_queue_signals[GALILEO_QUEUE_ITEM_PROGRESS], 0, item);
    break;
  case GALILEO_UPLOAD_STATE_METADATA:
  case GALILEO_UPLOAD_STATE_SENDING:
  case GALILEO_UPLOAD_STATE_SENT:
  case GALILEO_UPLOAD_STATE_FINISHED:
  case GALILEO_UPLOAD_STATE_CLOSING:
  default:
    galileo_queue_entry_count (entry);
    note_answer (entry->site);
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

static void
make_transfer (GalileoQueueEntry *entry)
{
  GalileoQueue *self = entry->queue;
  GalileoSite *site = galileo_item_get_site (entry->item);
  GalileoTransferOptions options = {
    .address = galileo_site_get_address (site),
    .file = galileo_item_get_file (entry->item),
    .name = galileo_item_get_name (entry->item),
    .path = galileo_item_get_path (entry->item),
    .id = entry->upload_id,
    .max_chunk_size = get_max_chunk_size (entry),
    .hash_type = self->hash_type,
    .timeout = self->timeout,
    .headers = galileo_site_get_headers (site),
    .rate_group = entry->site->address,
    .pin = galileo_site_get_pin (site),
  };

  entry->transfer = galileo_transfer_new (self->engine, &options);
  g_signal_connect (entry->transfer, "update", G_CALLBACK (update_cb), entry);
  g_signal_connect (entry->transfer, "error-signal", G_CALLBACK (error_signal_cb), entry);
  /* While its file was looked at, everything may have been paused. */
  if (galileo_queue_is_held (self))
    galileo_queue_entry_rest (entry, TRUE);
}

static void
begin_attempt (GalileoQueueEntry *entry)
{
  g_autoptr (GalileoItem) item = g_object_ref (entry->item);

  galileo_item_begin_attempt (item);
  make_transfer (entry);
  g_signal_emit (entry->queue, galileo_queue_signals[GALILEO_QUEUE_ITEM_STARTED], 0, item);
}

/* Whether the file is still the one that was added */

typedef struct {
  GWeakRef queue;
  GalileoItem *item;
} Look;

static gboolean
is_another_file (GalileoItem *item, GFileInfo *info)
{
  return g_file_info_get_size (info) != galileo_item_get_size (item) ||
         galileo_file_finder_get_mtime (info) != galileo_item_get_mtime (item);
}

static void
looked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Look *look = user_data;
  g_autoptr (GalileoQueue) self = g_weak_ref_get (&look->queue);
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (object), result, NULL);
  GalileoQueueEntry *entry = self != NULL ? g_hash_table_lookup (self->by_item, look->item) : NULL;

  /* Meanwhile it may have been paused, or be tried anew. */
  if (entry != NULL && entry->unchecked && entry->running && entry->transfer == NULL) {
    if (info != NULL && is_another_file (look->item, info)) {
      g_autoptr (GError) error =
          g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_CHANGED, _("The file was changed since it was added"));

      galileo_queue_entry_finish (entry, GALILEO_ITEM_FAILED, error);
    } else {
      /* Of one that is not there the attempt tells. */
      entry->unchecked = FALSE;
      begin_attempt (entry);
    }
  }
  g_weak_ref_clear (&look->queue);
  g_object_unref (look->item);
  g_free (look);
}

static void
look_at_file (GalileoQueueEntry *entry)
{
  Look *look = g_new0 (Look, 1);

  g_weak_ref_init (&look->queue, entry->queue);
  look->item = g_object_ref (entry->item);
  g_file_query_info_async (galileo_item_get_file (entry->item),
                           GALILEO_FILE_FINDER_ATTRIBUTES,
                           G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT,
                           NULL,
                           looked_cb,
                           look);
}

/* An entry whose turn it is: another attempt, or the one that rested goes on. */
void
galileo_queue_entry_start (GalileoQueueEntry *entry)
{
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_UPLOADING);
  if (entry->transfer != NULL)
    galileo_queue_entry_rest (entry, FALSE);
  else if (entry->unchecked)
    look_at_file (entry);
  else
    begin_attempt (entry);
}

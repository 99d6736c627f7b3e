/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-run.h"

#include "cli-batch.h"
#include "galileo/galileo-address.h"
#include "galileo/galileo-error.h"
#include "queue/galileo-queue.h"

#include <glib/gi18n.h>

/* The queue gets files by the handful: a hundred thousand rows at once would cost memory and serve
 * nobody. */
#define LOW_WATER 64
#define HIGH_WATER 256

#define INTERRUPT_SECONDS 2

struct _CliRun {
  GObject parent_instance;

  /* owned */
  CliReport *report;
  GMainLoop *loop;
  CliBatch *batch;
  GalileoSite *site;
  GalileoEngine *engine;
  GalileoQueue *queue;
  GHashTable *indices; /* of GalileoItem → index in the batch: what is under way */
  GPtrArray *failed;   /* of GalileoItem: failed, still in the queue */
  GCancellable *cancellable; /* of the finder */
  GError *site_error;        /* why nothing more is tried, or NULL */

  /* borrowed */
  const CliOptions *options;

  CliTally tally;
  guint next; /* index in the batch of the first that the queue did not get */
  guint step_id;
  guint limit_id;
};

G_DEFINE_FINAL_TYPE (CliRun, cli_run, G_TYPE_OBJECT)

static void schedule_step (CliRun *self);

static void
fail (CliRun *self, GFile *file, const GError *error, GPtrArray *signals, gboolean tried)
{
  g_autofree char *typed = cli_batch_describe (self->batch, file);
  CliFailure failure = { .file = typed, .error = error, .signals = signals };

  self->tally.n_failed++;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->tally.n_interrupted++;
  if (galileo_error_is_about_site (error)) {
    self->tally.n_failed_site++;
    if (!tried)
      self->tally.n_untried++;
  }

  cli_report_failure (self->report, &failure);
}

static void
fail_entry (CliRun *self, guint index, const GError *error, GPtrArray *signals, gboolean tried)
{
  const CliEntry *entry = cli_batch_get_entry (self->batch, index);

  self->tally.size -= entry->size;
  fail (self, entry->file, error, signals, tried);
}

static void
fail_rest (CliRun *self, const GError *error)
{
  while (self->next < cli_batch_get_n (self->batch))
    fail_entry (self, self->next++, error, NULL, FALSE);
}

static GError *
new_interrupted_error (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Interrupted"));
}

static char *
describe_item (CliRun *self, GalileoItem *item)
{
  return cli_batch_describe (self->batch, galileo_item_get_file (item));
}

static void
item_started_cb (CliRun *self, GalileoItem *item)
{
  g_autofree char *file = describe_item (self, item);
  gpointer index;

  if (g_hash_table_lookup_extended (self->indices, item, NULL, &index))
    cli_report_started (self->report,
                        file,
                        item,
                        cli_batch_get_entry (self->batch, GPOINTER_TO_UINT (index))->size);
}

static void
item_progress_cb (CliRun *self, GalileoItem *item)
{
  g_autofree char *file = describe_item (self, item);

  cli_report_progress (self->report, file, item);
}

static void
item_error_signal_cb (CliRun *self, GalileoItem *item, GalileoSignal *signal)
{
  g_autofree char *file = describe_item (self, item);

  cli_report_error_signal (self->report, file, item, signal);
}

static void
item_retry_cb (CliRun *self, GalileoItem *item, double delay)
{
  g_autofree char *file = describe_item (self, item);

  cli_report_retry (self->report, file, item, delay);
}

static void
succeed (CliRun *self, GalileoItem *item, guint index)
{
  const CliEntry *entry = cli_batch_get_entry (self->batch, index);
  guint64 size = (guint64) MAX (galileo_item_get_size (item), 0);
  g_autofree char *file = describe_item (self, item);

  /* It may have grown between being found and being sent. */
  self->tally.size += size - entry->size;
  self->tally.confirmed += size;
  self->tally.n_succeeded++;

  cli_report_success (self->report, file, item);
}

/* Why an item that is over and not done failed. Nobody but an interrupt cancels. */
static GError *
dup_item_error (GalileoItem *item)
{
  const GError *error = galileo_item_get_error (item);

  if (galileo_item_get_state (item) == GALILEO_ITEM_CANCELLED || error == NULL)
    return new_interrupted_error ();

  return g_error_copy (error);
}

static void
item_finished_cb (CliRun *self, GalileoItem *item)
{
  g_autoptr (GalileoItem) owned = NULL;
  gpointer index;

  if (!g_hash_table_steal_extended (self->indices, item, (gpointer *) &owned, &index))
    return;

  if (galileo_item_get_state (item) == GALILEO_ITEM_DONE) {
    succeed (self, item, GPOINTER_TO_UINT (index));
  } else {
    g_autoptr (GError) error = dup_item_error (item);
    gboolean tried = galileo_item_get_attempt (item) > 0;

    fail_entry (
        self, GPOINTER_TO_UINT (index), error, galileo_item_get_error_signals (item), tried);
    if (galileo_item_get_state (item) == GALILEO_ITEM_FAILED)
      g_ptr_array_add (self->failed, g_object_ref (item));

    /* The queue fails all that it has for a site that takes nothing, untried; the rest need not go
     * through it. */
    if (!tried && galileo_error_is_about_site (error) && self->site_error == NULL)
      self->site_error = g_steal_pointer (&error);
  }

  cli_report_ended (self->report, item);
  schedule_step (self);
}

/* What is over leaves the queue, so that it stays short. */
static void
clear_queue (CliRun *self)
{
  galileo_queue_clear_finished (self->queue);
  for (guint i = 0; i < self->failed->len; i++)
    galileo_queue_remove (self->queue, g_ptr_array_index (self->failed, i));
  g_ptr_array_set_size (self->failed, 0);
}

static void
feed_queue (CliRun *self)
{
  guint n_waiting = galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_WAITING);
  g_autoptr (GPtrArray) items = NULL;

  if (n_waiting >= LOW_WATER || self->next == cli_batch_get_n (self->batch))
    return;

  clear_queue (self);
  items = g_ptr_array_new_with_free_func (g_object_unref);
  while (n_waiting + items->len < HIGH_WATER && self->next < cli_batch_get_n (self->batch)) {
    const CliEntry *entry = cli_batch_get_entry (self->batch, self->next);
    GalileoItem *item = galileo_item_new (self->site, entry->file, entry->name);

    g_hash_table_insert (self->indices, g_object_ref (item), GUINT_TO_POINTER (self->next));
    g_ptr_array_add (items, item);
    self->next++;
  }
  galileo_queue_append (self->queue, items);
}

static void
list_rest (CliRun *self)
{
  while (self->next < cli_batch_get_n (self->batch)) {
    const CliEntry *entry = cli_batch_get_entry (self->batch, self->next++);
    g_autofree char *file = cli_batch_describe (self->batch, entry->file);

    cli_report_would_send (self->report, file, entry->name, entry->size);
  }
}

/* Moves things on: the next files into the queue, or out of the program when there are none. */
static void
step (CliRun *self)
{
  if (self->options->dry_run)
    list_rest (self);
  else if (self->tally.interrupted) {
    g_autoptr (GError) error = new_interrupted_error ();

    fail_rest (self, error);
  } else if (self->site_error != NULL) {
    fail_rest (self, self->site_error);
  } else {
    feed_queue (self);
  }

  if (!self->tally.looking && self->next == cli_batch_get_n (self->batch) &&
      g_hash_table_size (self->indices) == 0)
    g_main_loop_quit (self->loop);
}

static gboolean
step_cb (gpointer user_data)
{
  CliRun *self = user_data;

  self->step_id = 0;
  step (self);

  return G_SOURCE_REMOVE;
}

/* Later, as the queue is not to be changed from within what it tells. */
static void
schedule_step (CliRun *self)
{
  if (self->step_id == 0)
    self->step_id = g_idle_add_full (G_PRIORITY_DEFAULT, step_cb, self, NULL);
}

static void
found_cb (GPtrArray *found, gpointer user_data)
{
  CliRun *self = user_data;

  for (guint i = 0; i < found->len; i++) {
    const GalileoFound *one = g_ptr_array_index (found, i);
    g_autoptr (GError) error = NULL;
    g_autofree char *file = NULL;

    switch (cli_batch_add (self->batch, one, &error)) {
    case CLI_BATCH_TAKEN:
      self->tally.n_files++;
      self->tally.size +=
          cli_batch_get_entry (self->batch, cli_batch_get_n (self->batch) - 1)->size;
      break;
    case CLI_BATCH_REPEATED:
      file = cli_batch_describe (self->batch, one->file);
      cli_report_repeated (self->report, file);
      break;
    case CLI_BATCH_REFUSED:
    default:
      self->tally.n_files++;
      fail (self, one->file, error, NULL, FALSE);
      break;
    }
  }

  schedule_step (self);
}

static void
finder_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CliRun) self = user_data;
  g_autoptr (GError) error = NULL;

  /* Each thing that can't be read was reported as found; only an interrupt ends the search itself.
   */
  if (!galileo_file_finder_run_finish (result, &error) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("The search for files ended: %s", error->message);

  self->tally.looking = FALSE;
  schedule_step (self);
}

static gboolean
limit_cb (gpointer user_data)
{
  CliRun *self = user_data;
  g_autoptr (GError) error = new_interrupted_error ();
  g_autoptr (GHashTable) left = g_steal_pointer (&self->indices);
  GHashTableIter iter;
  gpointer index;

  self->limit_id = 0;
  self->indices = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  g_hash_table_iter_init (&iter, left);
  while (g_hash_table_iter_next (&iter, NULL, &index))
    fail_entry (self, GPOINTER_TO_UINT (index), error, NULL, TRUE);
  g_main_loop_quit (self->loop);

  return G_SOURCE_REMOVE;
}

static void
set_header_cb (const char *name, const char *value, gpointer user_data)
{
  galileo_site_set_header (user_data, name, value);
}

static gboolean
prepare (CliRun *self, GError **error)
{
  g_autofree char *address = NULL;

  self->site = galileo_site_new (self->options->address, error);
  if (self->site == NULL)
    return FALSE;

  address = galileo_address_to_display (galileo_site_get_address (self->site));
  cli_report_begin (self->report, address);
  if (self->options->dry_run)
    return TRUE;

  soup_message_headers_foreach (self->options->headers, set_header_cb, self->site);
  galileo_site_set_pin (self->site, self->options->pin);

  self->engine = galileo_engine_new ();
  galileo_engine_set_rate_limit (self->engine, self->options->rate_limit);
  if (self->options->authorities != NULL)
    galileo_engine_set_tls_database (self->engine, self->options->authorities);
  self->queue = galileo_queue_new (self->engine);
  galileo_queue_set_max_uploads (self->queue, self->options->jobs);
  galileo_queue_set_retries (self->queue, self->options->retries);
  galileo_queue_set_timeout (self->queue, self->options->timeout);
  galileo_queue_set_max_chunk_size (self->queue, self->options->chunk_size);
  galileo_queue_set_hash_type (self->queue, self->options->hash_type);

  g_signal_connect_object (
      self->queue, "item-started", G_CALLBACK (item_started_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->queue, "item-progress", G_CALLBACK (item_progress_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->queue, "item-error-signal", G_CALLBACK (item_error_signal_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->queue, "item-retry", G_CALLBACK (item_retry_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->queue, "item-finished", G_CALLBACK (item_finished_cb), self, G_CONNECT_SWAPPED);

  return TRUE;
}

/* The address is none: every file that the command line names fails for it, unlooked at. */
static void
fail_all (CliRun *self, const GError *error)
{
  GPtrArray *files = cli_batch_get_files (self->batch);

  cli_report_begin (self->report, self->options->address);
  self->tally.n_files = files->len;
  for (guint i = 0; i < files->len; i++)
    fail (self, g_ptr_array_index (files, i), error, NULL, FALSE);
}

static void
cli_run_dispose (GObject *object)
{
  CliRun *self = CLI_RUN (object);

  g_clear_handle_id (&self->step_id, g_source_remove);
  g_clear_handle_id (&self->limit_id, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->indices, g_hash_table_unref);
  g_clear_pointer (&self->failed, g_ptr_array_unref);
  g_clear_object (&self->queue);
  g_clear_object (&self->engine);
  g_clear_object (&self->site);
  g_clear_pointer (&self->batch, cli_batch_free);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_object (&self->report);
  g_clear_error (&self->site_error);

  G_OBJECT_CLASS (cli_run_parent_class)->dispose (object);
}

static void
cli_run_class_init (CliRunClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cli_run_dispose;
}

static void
cli_run_init (CliRun *self)
{
  self->loop = g_main_loop_new (NULL, FALSE);
  self->indices = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->failed = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
}

/* @options must outlive it. */
CliRun *
cli_run_new (const CliOptions *options, CliReport *report)
{
  CliRun *self = g_object_new (CLI_TYPE_RUN, NULL);

  self->options = options;
  self->report = g_object_ref (report);
  self->batch =
      cli_batch_new ((const char *const *) options->files, options->name, options->recursive);
  cli_report_set_tally (report, &self->tally);

  return self;
}

/* Does everything, and returns the exit status of the program. To be called once. */
int
cli_run_execute (CliRun *self)
{
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (CLI_IS_RUN (self), 1);

  self->tally.start_time = g_get_monotonic_time ();
  if (prepare (self, &error)) {
    self->tally.looking = TRUE;
    galileo_file_finder_run_async (cli_batch_get_files (self->batch),
                                   self->options->recursive,
                                   self->cancellable,
                                   found_cb,
                                   self,
                                   finder_cb,
                                   g_object_ref (self));
    g_main_loop_run (self->loop);
  } else {
    fail_all (self, error);
  }

  cli_report_summary (self->report);
  return cli_tally_get_exit_status (&self->tally);
}

/* Cancels what is under way; the run ends soon after, at the latest in two seconds. */
void
cli_run_interrupt (CliRun *self)
{
  g_return_if_fail (CLI_IS_RUN (self));

  if (self->tally.interrupted)
    return;

  self->tally.interrupted = TRUE;
  self->limit_id = g_timeout_add_seconds (INTERRUPT_SECONDS, limit_cb, self);
  cli_report_interrupted (self->report);
  g_cancellable_cancel (self->cancellable);
  if (self->queue != NULL)
    galileo_queue_cancel_all (self->queue);
  schedule_step (self);
}

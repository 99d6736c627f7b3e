/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-store-private.h"

#define RETRY_INTERVAL G_USEC_PER_SEC

/* What the main thread is told. */
typedef struct {
  GalileoStoreAnchor *anchor;
  GPtrArray *changes;  /* of GalileoStoreChange, those that tell somebody */
  GError *error;
} Report;

void
galileo_store_change_free (gpointer data)
{
  GalileoStoreChange *change = data;

  g_clear_pointer (&change->records, g_ptr_array_unref);
  g_clear_pointer (&change->site, galileo_site_record_free);
  g_free (change->setting);
  g_free (change->value);
  g_clear_pointer (&change->ids, g_array_unref);
  g_clear_object (&change->search);
  g_free (change);
}

static void
report_free (gpointer data)
{
  Report *report = data;

  g_ptr_array_unref (report->changes);
  g_clear_error (&report->error);
  g_atomic_rc_box_release (report->anchor);
  g_free (report);
}

void
galileo_store_tell (GPtrArray *changes, const GError *error)
{
  for (guint i = 0; i < changes->len; i++) {
    GalileoStoreChange *change = g_ptr_array_index (changes, i);

    if (change->func != NULL)
      change->func (error, change->data);
  }
}

static gboolean
report_cb (gpointer user_data)
{
  Report *report = user_data;
  GalileoStore *self = report->anchor->store;

  if (self != NULL && (self->problem == NULL) != (report->error == NULL)) {
    g_clear_error (&self->problem);
    self->problem = report->error != NULL ? g_error_copy (report->error) : NULL;
    g_object_notify (G_OBJECT (self), "problem");
  }
  galileo_store_tell (report->changes, report->error);

  return G_SOURCE_REMOVE;
}

/* Tells those who have not been told yet. */
static void
send_report (GalileoStore *self, GPtrArray *batch, const GError *error)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Report *report = g_new0 (Report, 1);

  report->anchor = g_atomic_rc_box_acquire (self->anchor);
  report->error = error != NULL ? g_error_copy (error) : NULL;
  report->changes = g_ptr_array_new_with_free_func (galileo_store_change_free);
  for (guint i = 0; i < batch->len; i++) {
    GalileoStoreChange *change = g_ptr_array_index (batch, i);

    if (change->func != NULL) {
      GalileoStoreChange *told = g_new0 (GalileoStoreChange, 1);

      told->func = g_steal_pointer (&change->func);
      told->data = change->data;
      g_ptr_array_add (report->changes, told);
    }
  }

  /* Not g_main_context_invoke_full(): that would call it in this thread while the main loop does not run. */
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, report_cb, report, report_free);
  g_source_set_static_name (source, "[galileo] store report");
  g_source_attach (source, self->context);
}

static gboolean
apply (GalileoDatabase *database, const GalileoStoreChange *change, GError **error)
{
  for (guint i = 0; change->records != NULL && i < change->records->len; i++) {
    const GalileoRecord *record = g_ptr_array_index (change->records, i);

    if (!galileo_database_put (database, record, error) ||
        (change->is_end && !galileo_database_add_history (database, record, error)))
      return FALSE;
  }
  if (change->site != NULL && !galileo_database_put_site (database, change->site, error))
    return FALSE;
  if (change->setting != NULL && !galileo_database_put_setting (database, change->setting, change->value, error))
    return FALSE;
  if (change->clear_history && !galileo_database_clear_history (database, error))
    return FALSE;
  for (guint i = 0; change->ids != NULL && i < change->ids->len; i++) {
    if (!galileo_database_remove (database, g_array_index (change->ids, gint64, i), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
write_batch (GalileoStore *self, GPtrArray *batch, GError **error)
{
  GalileoDatabase *database = self->database;
  gboolean ok = galileo_database_begin (database, error);
  gboolean has_end = FALSE;

  for (guint i = 0; ok && i < batch->len; i++) {
    const GalileoStoreChange *change = g_ptr_array_index (batch, i);

    ok = apply (database, change, error);
    has_end |= change->is_end;
  }
  if (ok && has_end)
    ok = galileo_database_trim_history (database,
                                        (guint) g_atomic_int_get (&self->history_most),
                                        (guint) g_atomic_int_get (&self->history_days),
                                        error);
  if (ok && galileo_database_commit (database, error))
    return TRUE;

  galileo_database_undo (database);
  return FALSE;
}

/* What is asked is answered from what is on the disk; once, also if the rest of the batch is tried again. */
static void
answer (GalileoStore *self, GPtrArray *batch)
{
  for (guint i = 0; i < batch->len; i++) {
    GalileoStoreChange *change = g_ptr_array_index (batch, i);
    g_autoptr (GTask) task = g_steal_pointer (&change->search);
    g_autoptr (GError) error = NULL;
    GPtrArray *found;

    if (task == NULL)
      continue;
    found = galileo_database_search_history (self->database, g_task_get_task_data (task), GALILEO_STORE_MOST_HISTORY, &error);
    if (found != NULL)
      g_task_return_pointer (task, found, (GDestroyNotify) g_ptr_array_unref);
    else
      g_task_return_error (task, g_steal_pointer (&error));
  }
}

/* Takes what is there; waits for it unless something is left to do. Returns whether it is the last. */
static gboolean
take_changes (GalileoStore *self, GPtrArray *batch)
{
  GalileoStoreChange *change = batch->len > 0 ? g_async_queue_timeout_pop (self->changes, RETRY_INTERVAL)
                                  : g_async_queue_pop (self->changes);
  gboolean stop = FALSE;

  for (; change != NULL; change = g_async_queue_try_pop (self->changes)) {
    stop |= change->stop;
    g_ptr_array_add (batch, change);
  }
  return stop;
}

/* data: the store. Returns a GalileoStoreRest. */
gpointer
galileo_store_run (gpointer data)
{
  GalileoStore *self = data;
  GalileoStoreRest *rest = g_new0 (GalileoStoreRest, 1);
  GPtrArray *batch = g_ptr_array_new_with_free_func (galileo_store_change_free);
  gboolean had_problem = FALSE;
  gboolean stop;

  do {
    g_autoptr (GError) error = NULL;
    gboolean has_news = FALSE;

    stop = take_changes (self, batch);
    (void) write_batch (self, batch, &error);
    answer (self, batch);
    for (guint i = 0; i < batch->len; i++)
      has_news |= ((GalileoStoreChange *) g_ptr_array_index (batch, i))->func != NULL;
    if (!stop && (has_news || had_problem != (error != NULL)))
      send_report (self, batch, error);
    had_problem = error != NULL;
    if (error == NULL && !stop)
      g_ptr_array_set_size (batch, 0);
    if (error != NULL)
      g_debug ("The list of uploads can't be written: %s", error->message);
    if (stop)
      rest->error = g_steal_pointer (&error);
  } while (!stop);

  rest->batch = batch;
  return rest;
}

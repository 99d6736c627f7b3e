/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-store-private.h"

#define BUSY_INTERVAL_MS 20

/* The command line may have the database for a moment. */
#define PATIENCE_MS 2000

#define DEFAULT_HISTORY_MOST 10000
#define DEFAULT_HISTORY_DAYS 90

enum {
  PROP_0,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GalileoStore, galileo_store, G_TYPE_OBJECT)

static void
push (GalileoStore *self, GalileoStoreChange *change)
{
  g_async_queue_push (self->changes, change);
}

static void
galileo_store_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GalileoStore *self = GALILEO_STORE (object);

  switch (prop_id) {
  case PROP_PROBLEM:
    g_value_set_boxed (value, self->problem);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

/* Waits until all that was given is written, or until that has failed once more. */
static void
galileo_store_finalize (GObject *object)
{
  GalileoStore *self = GALILEO_STORE (object);

  if (self->thread != NULL) {
    GalileoStoreChange *change = g_new0 (GalileoStoreChange, 1);
    GalileoStoreRest *rest;

    change->stop = TRUE;
    push (self, change);
    rest = g_thread_join (self->thread);
    galileo_store_tell (rest->batch, rest->error);
    g_ptr_array_unref (rest->batch);
    g_clear_error (&rest->error);
    g_free (rest);
  }
  self->anchor->store = NULL;
  g_atomic_rc_box_release (self->anchor);
  g_clear_pointer (&self->database, galileo_database_close);
  g_clear_pointer (&self->changes, g_async_queue_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->set_aside, g_free);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_error (&self->problem);

  G_OBJECT_CLASS (galileo_store_parent_class)->finalize (object);
}

static void
galileo_store_class_init (GalileoStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = galileo_store_get_property;
  object_class->finalize = galileo_store_finalize;

  props[PROP_PROBLEM] =
      g_param_spec_boxed ("problem", NULL, NULL, G_TYPE_ERROR, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
galileo_store_init (GalileoStore *self)
{
  self->changes = g_async_queue_new_full (galileo_store_change_free);
  self->context = g_main_context_ref_thread_default ();
  self->anchor = g_atomic_rc_box_new0 (GalileoStoreAnchor);
  self->anchor->store = self;
  self->history_most = DEFAULT_HISTORY_MOST;
  self->history_days = DEFAULT_HISTORY_DAYS;
}

/* path: of the database, see galileo_database_open(); this blocks. */
GalileoStore *
galileo_store_new (const char *path, GError **error)
{
  g_autoptr (GalileoStore) self = g_object_new (GALILEO_TYPE_STORE, NULL);

  self->database = galileo_database_open (path, &self->set_aside, error);
  return self->database != NULL ? g_steal_pointer (&self) : NULL;
}

/* Opens the database, and waits for it while another program has it, which may be one that is about to end. */
static gboolean
wait_for_database (GalileoStore *self, const char *path, guint milliseconds, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * (gint64) 1000;

  while (TRUE) {
    g_autoptr (GError) cause = NULL;

    self->database = galileo_database_open (path, &self->set_aside, &cause);
    if (self->database != NULL)
      return TRUE;
    if (!g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_BUSY) || g_get_monotonic_time () >= deadline) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
    g_usleep (BUSY_INTERVAL_MS * 1000);
  }
}

static void
open_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GalileoStore *self = source;
  GError *error = NULL;

  if (wait_for_database (self, data, PATIENCE_MS, &error))
    self->records = galileo_database_load (self->database, &self->last_id, &error);
  if (self->records != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/*
 * As galileo_store_new(), in a thread, which also reads what galileo_store_load() gives, and waits for two seconds if another
 * program has the database: the command line may have it for a moment.
 */
void
galileo_store_open_async (const char *path, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GalileoStore) self = g_object_new (GALILEO_TYPE_STORE, NULL);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, galileo_store_open_async);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, open_in_thread);
}

GalileoStore *
galileo_store_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);

  return g_task_propagate_boolean (G_TASK (result), error) ? g_object_ref (g_task_get_source_object (G_TASK (result)))
                                                           : NULL;
}

/* Where the desktop's queue is kept. */
char *
galileo_store_dup_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "galileosend", "queue.db", NULL);
}

/* Where a damaged database was put when this one was opened; or NULL. */
const char *
galileo_store_get_set_aside (GalileoStore *self)
{
  g_return_val_if_fail (GALILEO_IS_STORE (self), NULL);

  return self->set_aside;
}

/* See galileo_database_load(). To be called before anything is given to it; blocks. */
GPtrArray *
galileo_store_load (GalileoStore *self, gint64 *last_id, GError **error)
{
  g_return_val_if_fail (GALILEO_IS_STORE (self), NULL);
  g_return_val_if_fail (self->thread == NULL, NULL);

  if (self->records != NULL) {
    *last_id = self->last_id;
    return g_steal_pointer (&self->records);
  }
  return galileo_database_load (self->database, last_id, error);
}

/* Returns all sites, of GalileoSiteRecord. Like galileo_store_load(). */
GPtrArray *
galileo_store_load_sites (GalileoStore *self, GError **error)
{
  g_return_val_if_fail (GALILEO_IS_STORE (self), NULL);
  g_return_val_if_fail (self->thread == NULL, NULL);

  return galileo_database_load_sites (self->database, error);
}

/* Returns char * → char *. Like galileo_store_load(). */
GHashTable *
galileo_store_load_settings (GalileoStore *self, GError **error)
{
  g_return_val_if_fail (GALILEO_IS_STORE (self), NULL);
  g_return_val_if_fail (self->thread == NULL, NULL);

  return galileo_database_load_settings (self->database, error);
}

/* change: taken. */
static void
give (GalileoStore *self, GalileoStoreChange *change)
{
  push (self, change);
  if (self->thread == NULL)
    self->thread = g_thread_new ("galileo-store", galileo_store_run, self);
}

/*
 * Adds items, or writes what they are now. records: of GalileoRecord, taken. func: told once, in the context in which the
 * store was made; also after the store's end, so it must know by itself whether what it is for is still there.
 */
void
galileo_store_put (GalileoStore *self, GPtrArray *records, GalileoStoreFunc func, gpointer data)
{
  GalileoStoreChange *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (GalileoStoreChange, 1);
  change->records = records;
  change->func = func;
  change->data = data;
  give (self, change);
}

/* Like galileo_store_put(), of an item that is done or failed now: it goes into the history, too. record: taken. */
void
galileo_store_put_end (GalileoStore *self, GalileoRecord *record, GalileoStoreFunc func, gpointer data)
{
  GalileoStoreChange *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (GalileoStoreChange, 1);
  change->records = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_record_free);
  g_ptr_array_add (change->records, record);
  change->is_end = TRUE;
  change->func = func;
  change->data = data;
  give (self, change);
}

/* record: taken. */
void
galileo_store_put_site (GalileoStore *self, GalileoSiteRecord *record)
{
  GalileoStoreChange *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (GalileoStoreChange, 1);
  change->site = record;
  give (self, change);
}

void
galileo_store_put_setting (GalileoStore *self, const char *name, const char *value)
{
  GalileoStoreChange *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (GalileoStoreChange, 1);
  change->setting = g_strdup (name);
  change->value = g_strdup (value);
  give (self, change);
}

/* ids: of gint64, taken. */
void
galileo_store_remove (GalileoStore *self, GArray *ids)
{
  GalileoStoreChange *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (GalileoStoreChange, 1);
  change->ids = ids;
  give (self, change);
}

/* Tells when all that was given before is on the disk; see galileo_store_put(). */
void
galileo_store_flush (GalileoStore *self, GalileoStoreFunc func, gpointer data)
{
  GalileoStoreChange *change;

  g_return_if_fail (GALILEO_IS_STORE (self));
  g_return_if_fail (func != NULL);

  change = g_new0 (GalileoStoreChange, 1);
  change->func = func;
  change->data = data;
  give (self, change);
}

/* How much of the history is kept: entries (10,000), and for how many days (90). Holds when the next entry comes. */
void
galileo_store_set_history_limits (GalileoStore *self, guint most, guint days)
{
  g_return_if_fail (GALILEO_IS_STORE (self));
  g_return_if_fail (most <= GALILEO_STORE_MOST_HISTORY && days <= 36500);

  g_atomic_int_set (&self->history_most, (int) most);
  g_atomic_int_set (&self->history_days, (int) days);
}

void
galileo_store_clear_history (GalileoStore *self)
{
  GalileoStoreChange *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (GalileoStoreChange, 1);
  change->clear_history = TRUE;
  give (self, change);
}

/* See galileo_database_search_history(); what was given before is found. */
void
galileo_store_search_history_async (GalileoStore *self,
                                    const char *text,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GalileoStoreChange *change;

  g_return_if_fail (GALILEO_IS_STORE (self));
  g_return_if_fail (text != NULL);

  change = g_new0 (GalileoStoreChange, 1);
  change->search = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (change->search, galileo_store_search_history_async);
  g_task_set_task_data (change->search, g_strdup (text), g_free);
  give (self, change);
}

/* Returns: of GalileoRecord, the newest first. */
GPtrArray *
galileo_store_search_history_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

const GError *
galileo_store_get_problem (GalileoStore *self)
{
  g_return_val_if_fail (GALILEO_IS_STORE (self), NULL);

  return self->problem;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-store.h"

#include "galileo-database.h"

/* By which a report finds the store, if it is still there. Changed and looked at in the main thread only. */
typedef struct {
  GalileoStore *store;
} Anchor;

/*
 * One thread has the database once it is open. What it is given while it commits is the next commit, so that many changes
 * cost one wait for the disk and a single one does not wait for others.
 */
struct _GalileoStore {
  GObject parent_instance;

  GalileoDatabase *database; /* the thread's, once that runs */
  char *set_aside;
  GPtrArray *records; /* read ahead by galileo_store_open_async(); or NULL */
  gint64 last_id;
  GThread *thread;
  GAsyncQueue *changes;
  GMainContext *context;
  Anchor *anchor;
  GError *problem;
  int history_most; /* atomic, as is the next */
  int history_days;
};

/* Given to the thread, and given back with what came of it. */
typedef struct {
  GPtrArray *records; /* to put; or NULL */
  gboolean is_end;    /* of the items: they go into the history, too */
  GalileoSiteRecord *site; /* to put; or NULL */
  char *setting;      /* to put, with the next; or NULL */
  char *value;
  GArray *ids;        /* to remove, of gint64; or NULL */
  gboolean clear_history;
  GTask *search;      /* to be answered from the history; or NULL */
  gboolean stop;
  GalileoStoreFunc func; /* NULL once it was called, or if nobody wants to know */
  gpointer data;
} Change;

/* What the main thread is told. */
typedef struct {
  Anchor *anchor;
  GPtrArray *changes;  /* of Change, those that tell somebody */
  GError *error;
} Report;

#define RETRY_INTERVAL G_USEC_PER_SEC

#define BUSY_INTERVAL_MS 20

/* The command line may have the database for a moment. */
#define PATIENCE_MS 2000

#define DEFAULT_HISTORY_MOST 10000
#define DEFAULT_HISTORY_DAYS 90

/* More than any limit of the history that is worth having. */
#define HISTORY_SHOWN 1000000

enum {
  PROP_0,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GalileoStore, galileo_store, G_TYPE_OBJECT)

static void
change_free (gpointer data)
{
  Change *change = data;

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

static void
tell (GPtrArray *changes, const GError *error)
{
  for (guint i = 0; i < changes->len; i++) {
    Change *change = g_ptr_array_index (changes, i);

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
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROBLEM]);
  }
  tell (report->changes, report->error);

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
  report->changes = g_ptr_array_new_with_free_func (change_free);
  for (guint i = 0; i < batch->len; i++) {
    Change *change = g_ptr_array_index (batch, i);

    if (change->func != NULL) {
      Change *told = g_new0 (Change, 1);

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
apply (GalileoDatabase *database, const Change *change, GError **error)
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
    const Change *change = g_ptr_array_index (batch, i);

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
    Change *change = g_ptr_array_index (batch, i);
    g_autoptr (GTask) task = g_steal_pointer (&change->search);
    g_autoptr (GError) error = NULL;
    GPtrArray *found;

    if (task == NULL)
      continue;
    found = galileo_database_search_history (self->database, g_task_get_task_data (task), HISTORY_SHOWN, &error);
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
  Change *change = batch->len > 0 ? g_async_queue_timeout_pop (self->changes, RETRY_INTERVAL)
                                  : g_async_queue_pop (self->changes);
  gboolean stop = FALSE;

  for (; change != NULL; change = g_async_queue_try_pop (self->changes)) {
    stop |= change->stop;
    g_ptr_array_add (batch, change);
  }
  return stop;
}

/* What the thread leaves: changes that nobody was told of yet, and why they are not on the disk. */
typedef struct {
  GPtrArray *batch;
  GError *error;
} Rest;

static gpointer
run (gpointer data)
{
  GalileoStore *self = data;
  Rest *rest = g_new0 (Rest, 1);
  GPtrArray *batch = g_ptr_array_new_with_free_func (change_free);
  gboolean had_problem = FALSE;
  gboolean stop;

  do {
    g_autoptr (GError) error = NULL;
    gboolean has_news = FALSE;

    stop = take_changes (self, batch);
    (void) write_batch (self, batch, &error);
    answer (self, batch);
    for (guint i = 0; i < batch->len; i++)
      has_news |= ((Change *) g_ptr_array_index (batch, i))->func != NULL;
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

static void
push (GalileoStore *self, Change *change)
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
    Change *change = g_new0 (Change, 1);
    Rest *rest;

    change->stop = TRUE;
    push (self, change);
    rest = g_thread_join (self->thread);
    tell (rest->batch, rest->error);
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
  self->changes = g_async_queue_new_full (change_free);
  self->context = g_main_context_ref_thread_default ();
  self->anchor = g_atomic_rc_box_new0 (Anchor);
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
give (GalileoStore *self, Change *change)
{
  push (self, change);
  if (self->thread == NULL)
    self->thread = g_thread_new ("galileo-store", run, self);
}

/*
 * Adds items, or writes what they are now. records: of GalileoRecord, taken. func: told once, in the context in which the
 * store was made; also after the store's end, so it must know by itself whether what it is for is still there.
 */
void
galileo_store_put (GalileoStore *self, GPtrArray *records, GalileoStoreFunc func, gpointer data)
{
  Change *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (Change, 1);
  change->records = records;
  change->func = func;
  change->data = data;
  give (self, change);
}

/* Like galileo_store_put(), of an item that is done or failed now: it goes into the history, too. record: taken. */
void
galileo_store_put_end (GalileoStore *self, GalileoRecord *record, GalileoStoreFunc func, gpointer data)
{
  Change *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (Change, 1);
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
  Change *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (Change, 1);
  change->site = record;
  give (self, change);
}

void
galileo_store_put_setting (GalileoStore *self, const char *name, const char *value)
{
  Change *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (Change, 1);
  change->setting = g_strdup (name);
  change->value = g_strdup (value);
  give (self, change);
}

/* ids: of gint64, taken. */
void
galileo_store_remove (GalileoStore *self, GArray *ids)
{
  Change *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (Change, 1);
  change->ids = ids;
  give (self, change);
}

/* Tells when all that was given before is on the disk; see galileo_store_put(). */
void
galileo_store_flush (GalileoStore *self, GalileoStoreFunc func, gpointer data)
{
  Change *change;

  g_return_if_fail (GALILEO_IS_STORE (self));
  g_return_if_fail (func != NULL);

  change = g_new0 (Change, 1);
  change->func = func;
  change->data = data;
  give (self, change);
}

/* How much of the history is kept: entries (10,000), and for how many days (90). Holds when the next entry comes. */
void
galileo_store_set_history_limits (GalileoStore *self, guint most, guint days)
{
  g_return_if_fail (GALILEO_IS_STORE (self));
  g_return_if_fail (most <= HISTORY_SHOWN && days <= 36500);

  g_atomic_int_set (&self->history_most, (int) most);
  g_atomic_int_set (&self->history_days, (int) days);
}

void
galileo_store_clear_history (GalileoStore *self)
{
  Change *change;

  g_return_if_fail (GALILEO_IS_STORE (self));

  change = g_new0 (Change, 1);
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
  Change *change;

  g_return_if_fail (GALILEO_IS_STORE (self));
  g_return_if_fail (text != NULL);

  change = g_new0 (Change, 1);
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

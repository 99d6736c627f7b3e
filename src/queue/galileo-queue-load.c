/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-private.h"

#include "galileo-item-private.h"

/*
 * Taking up what an earlier run left: what was waiting or under way is uploaded, and each file by the id that the site knows,
 * so that it goes on where it was and what the site has already is not sent again.
 *
 * Thousands of items come in slices, and what is added meanwhile comes after them.
 */

#define SLICE_LENGTH 100
#define SLICE_USEC (6 * 1000)

typedef struct _GalileoLoading Loading;

struct _GalileoLoading {
  GTask *task;        /* to be told at the end */
  GHashTable *sites;  /* address → GalileoSite */
  GPtrArray *records; /* of GalileoRecord, in order */
  guint next;         /* of them */
  GSource *source;
};

/* Makes the sites as they were: address → GalileoSite. One that can't be understood any more is left out. */
static GHashTable *
load_sites (GalileoQueue *self, GalileoStore *store, GError **error)
{
  g_autoptr (GHashTable) sites = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_autoptr (GPtrArray) records = galileo_store_load_sites (store, error);

  if (records == NULL)
    return NULL;

  for (guint i = 0; i < records->len; i++) {
    const GalileoSiteRecord *record = g_ptr_array_index (records, i);
    g_autoptr (GError) unclear = NULL;
    GalileoSite *site = galileo_site_record_to_site (record, &unclear);

    if (site != NULL) {
      galileo_queue_add_site (self, site);
      g_hash_table_insert (sites, g_strdup (record->address), site);
    } else {
      g_message ("Nothing can be uploaded to “%s”: %s", record->address, unclear->message);
    }
  }
  return g_steal_pointer (&sites);
}

static gboolean
load_settings (GalileoQueue *self, GalileoStore *store, GError **error)
{
  g_autoptr (GHashTable) settings = galileo_store_load_settings (store, error);

  if (settings == NULL)
    return FALSE;

  galileo_queue_set_paused (self, g_strcmp0 (g_hash_table_lookup (settings, GALILEO_QUEUE_SETTING_PAUSED), "true") == 0);
  return TRUE;
}

/* The first part: everything but the items. */
static Loading *
begin (GalileoQueue *self, GalileoStore *store, GError **error)
{
  g_autoptr (GPtrArray) records = galileo_store_load (store, &self->last_id, error);
  g_autoptr (GHashTable) sites = NULL;
  Loading *loading;

  if (records == NULL || !load_settings (self, store, error) || (sites = load_sites (self, store, error)) == NULL)
    return NULL;

  self->store = g_object_ref (store);
  if (records->len > 0)
    self->last_position = ((GalileoRecord *) g_ptr_array_index (records, records->len - 1))->position;

  loading = g_new0 (Loading, 1);
  loading->records = g_steal_pointer (&records);
  loading->sites = g_steal_pointer (&sites);
  return loading;
}

static void
loading_free (Loading *loading)
{
  galileo_queue_clear_source (&loading->source);
  g_clear_object (&loading->task);
  g_ptr_array_unref (loading->records);
  g_hash_table_unref (loading->sites);
  g_free (loading);
}

/* Returns NULL for one whose site is none any more. */
static GalileoQueueEntry *
make_entry (GalileoQueue *self, const GalileoRecord *record, GHashTable *sites)
{
  GalileoSite *site = g_hash_table_lookup (sites, record->address);
  double last_position = self->last_position;
  g_autoptr (GalileoItem) item = NULL;
  GalileoQueueEntry *entry;

  if (site == NULL)
    return NULL;

  item = galileo_record_to_item (record, site);
  entry = galileo_queue_entry_new (self, item);
  self->last_position = last_position;
  entry->id = record->id;
  entry->position = record->position;
  entry->unchecked = !galileo_item_is_final (item) && record->mtime != 0;
  g_free (entry->upload_id);
  entry->upload_id = g_strdup (record->upload_id);
  galileo_queue_index_add (entry);

  return entry;
}

/* What ended in an earlier run is no part of what is done in this one. */
static void
leave_ended_out (GalileoQueue *self, GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++) {
    GalileoQueueEntry *entry = g_ptr_array_index (entries, i);

    if (galileo_item_is_final (entry->item))
      galileo_totals_leave (&self->totals, &entry->share);
  }
}

/* Lists the next few. Returns whether there are more. */
static gboolean
list_some (GalileoQueue *self, Loading *loading, guint most)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (GPtrArray) listed = NULL;

  for (; most > 0 && loading->next < loading->records->len; loading->next++, most--) {
    /* To free all at the end would take too long. */
    g_autoptr (GalileoRecord) record = g_steal_pointer (&loading->records->pdata[loading->next]);
    GalileoQueueEntry *entry = make_entry (self, record, loading->sites);

    if (entry != NULL)
      g_ptr_array_add (entries, entry);
  }
  listed = g_ptr_array_copy (entries, NULL, NULL);
  galileo_queue_list_entries (self, entries);
  leave_ended_out (self, listed);

  return loading->next < loading->records->len;
}

/* To be called when a store is set, or none is to be had. */
static void
release_held_items (GalileoQueue *self)
{
  g_autoptr (GPtrArray) items = g_steal_pointer (&self->held_items);

  galileo_queue_notify_loading (self);
  if (items != NULL)
    galileo_queue_append (self, items);
}

/*
 * Has the queue kept in a store, and lists what that has, all before it returns. To be called before anything is appended.
 */
gboolean
galileo_queue_set_store (GalileoQueue *self, GalileoStore *store, GError **error)
{
  Loading *loading;

  g_return_val_if_fail (GALILEO_IS_QUEUE (self), FALSE);
  g_return_val_if_fail (GALILEO_IS_STORE (store), FALSE);
  g_return_val_if_fail (self->store == NULL && g_hash_table_size (self->by_item) == 0, FALSE);

  loading = begin (self, store, error);
  if (loading == NULL)
    return FALSE;

  (void) list_some (self, loading, G_MAXUINT);
  loading_free (loading);
  return TRUE;
}

static gboolean
slice_cb (gpointer user_data)
{
  g_autoptr (GalileoQueue) self = g_object_ref (user_data);
  Loading *loading = self->loading;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GTask) task = NULL;
  gboolean more;

  do
    more = list_some (self, loading, SLICE_LENGTH);
  while (more && g_get_monotonic_time () - start < SLICE_USEC);
  if (more)
    return G_SOURCE_CONTINUE;

  task = g_steal_pointer (&loading->task);
  g_clear_pointer (&self->loading, loading_free);
  release_held_items (self);
  g_task_return_boolean (task, TRUE);

  return G_SOURCE_REMOVE;
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalileoQueue *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalileoStore) store = galileo_store_open_finish (result, &error);
  Loading *loading = store != NULL ? begin (self, store, &error) : NULL;

  if (loading == NULL) {
    release_held_items (self);
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }

  /* Below the priority of drawing. */
  loading->task = g_steal_pointer (&task);
  loading->source = g_idle_source_new ();
  g_source_set_priority (loading->source, G_PRIORITY_DEFAULT_IDLE);
  g_source_set_callback (loading->source, slice_cb, self, NULL);
  g_source_set_static_name (loading->source, "[galileo] queue load");
  self->loading = loading;
  g_source_attach (loading->source, g_main_context_get_thread_default ());
}

/*
 * As galileo_queue_set_store(), of a database's path, without stopping the main loop: the database is read in a thread, and its
 * items are listed in slices. What is appended meanwhile comes after them. If it fails, the queue goes on unkept.
 */
void
galileo_queue_open_store_async (GalileoQueue *self, const char *path, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (GALILEO_IS_QUEUE (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (self->store == NULL && self->held_items == NULL && g_hash_table_size (self->by_item) == 0);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, galileo_queue_open_store_async);
  self->held_items = g_ptr_array_new_with_free_func (g_object_unref);
  galileo_queue_notify_loading (self);
  galileo_store_open_async (path, opened_cb, task);
}

gboolean
galileo_queue_open_store_finish (GalileoQueue *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Whether what an earlier run left is still being listed. */
gboolean
galileo_queue_is_loading (GalileoQueue *self)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), FALSE);

  return self->held_items != NULL;
}

/* The store that the queue is kept in; or NULL. Owned by the queue. */
GalileoStore *
galileo_queue_get_store (GalileoQueue *self)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE (self), NULL);

  return self->store;
}

/* items: of GalileoItem. */
void
galileo_queue_hold_items (GalileoQueue *self, GPtrArray *items)
{
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (self->held_items, g_object_ref (g_ptr_array_index (items, i)));
}

void
galileo_queue_clear_loading (GalileoQueue *self)
{
  g_clear_pointer (&self->loading, loading_free);
  g_clear_pointer (&self->held_items, g_ptr_array_unref);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-inhibitor.h"

/* A site may think for a while between two answers. What stands still for longer need not keep the computer awake. */
#define QUIET_TIME_MS (10 * 1000)

struct _UploaderInhibitor {
  GObject parent_instance;

  /* owned */
  GalileoQueue *queue;
  GHashTable *acknowledged; /* GalileoItem → bytes when it was last looked at */
  guint quiet_id;

  UploaderInhibitFunc inhibit;
  UploaderUninhibitFunc uninhibit;
  gpointer data;
  guint quiet_time;
  gboolean inhibited; /* also where nobody gave a cookie for it */
  guint cookie;
};

G_DEFINE_FINAL_TYPE (UploaderInhibitor, uploader_inhibitor, G_TYPE_OBJECT)

static void
rest (UploaderInhibitor *self)
{
  g_clear_handle_id (&self->quiet_id, g_source_remove);
  if (self->inhibited && self->cookie != 0)
    self->uninhibit (self->cookie, self->data);
  self->inhibited = FALSE;
  self->cookie = 0;
}

static gboolean
quiet_cb (gpointer user_data)
{
  UploaderInhibitor *self = UPLOADER_INHIBITOR (user_data);

  self->quiet_id = 0;
  rest (self);

  return G_SOURCE_REMOVE;
}

static void
stay_awake (UploaderInhibitor *self)
{
  g_clear_handle_id (&self->quiet_id, g_source_remove);
  self->quiet_id = g_timeout_add (self->quiet_time, quiet_cb, self);
  if (self->inhibited)
    return;

  self->inhibited = TRUE;
  self->cookie = self->inhibit (self->data);
}

/* The signal comes as well when an attempt only gets from one state to the next. */
static void
progress_cb (UploaderInhibitor *self, GalileoItem *item)
{
  guint64 now = galileo_item_get_acknowledged (item);
  guint64 *before = g_hash_table_lookup (self->acknowledged, item);

  if (now > (before != NULL ? *before : 0) && !galileo_queue_get_paused (self->queue))
    stay_awake (self);
  if (before == NULL || *before != now)
    g_hash_table_insert (self->acknowledged, g_object_ref (item), g_memdup2 (&now, sizeof now));
}

/* A small file is through before its progress could be told. */
static void
finished_cb (UploaderInhibitor *self, GalileoItem *item)
{
  if (galileo_item_get_state (item) == GALILEO_ITEM_DONE && galileo_queue_get_busy (self->queue))
    stay_awake (self);
  g_hash_table_remove (self->acknowledged, item);
}

static void
idle_cb (UploaderInhibitor *self)
{
  g_hash_table_remove_all (self->acknowledged);
  rest (self);
}

static void
paused_cb (UploaderInhibitor *self)
{
  if (galileo_queue_get_paused (self->queue))
    rest (self);
}

static void
uploader_inhibitor_dispose (GObject *object)
{
  UploaderInhibitor *self = UPLOADER_INHIBITOR (object);

  rest (self);
  g_clear_object (&self->queue);
  g_clear_pointer (&self->acknowledged, g_hash_table_unref);

  G_OBJECT_CLASS (uploader_inhibitor_parent_class)->dispose (object);
}

static void
uploader_inhibitor_class_init (UploaderInhibitorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = uploader_inhibitor_dispose;
}

static void
uploader_inhibitor_init (UploaderInhibitor *self)
{
  self->acknowledged = g_hash_table_new_full (NULL, NULL, g_object_unref, g_free);
  self->quiet_time = QUIET_TIME_MS;
}

UploaderInhibitor *
uploader_inhibitor_new (GalileoQueue *queue,
                        UploaderInhibitFunc inhibit,
                        UploaderUninhibitFunc uninhibit,
                        gpointer data)
{
  UploaderInhibitor *self;

  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);
  g_return_val_if_fail (inhibit != NULL && uninhibit != NULL, NULL);

  self = g_object_new (UPLOADER_TYPE_INHIBITOR, NULL);
  self->queue = g_object_ref (queue);
  self->inhibit = inhibit;
  self->uninhibit = uninhibit;
  self->data = data;
  g_signal_connect_object (queue, "item-progress", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "item-finished", G_CALLBACK (finished_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "idle", G_CALLBACK (idle_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "notify::paused", G_CALLBACK (paused_cb), self, G_CONNECT_SWAPPED);

  return self;
}

/* For how long nothing may move until the computer may sleep. From the next time on that something moves. */
void
uploader_inhibitor_set_quiet_time (UploaderInhibitor *self, guint milliseconds)
{
  g_return_if_fail (UPLOADER_IS_INHIBITOR (self));

  self->quiet_time = milliseconds;
}

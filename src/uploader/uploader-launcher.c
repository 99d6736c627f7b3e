/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-launcher.h"

#include "uploader-words.h"

#define INTERFACE "com.canonical.Unity.LauncherEntry"
#define APP_URI "application://" APPLICATION_ID ".desktop"

/* Each one is drawn by another program. */
#define INTERVAL_MS 500

struct _UploaderLauncher {
  GObject parent_instance;

  /* owned */
  GalileoQueue *queue;
  GDBusConnection *connection; /* NULL without a bus */
  char *path;
  guint update_id; /* nothing is said before it is called */
  gboolean changed; /* meanwhile */
  gboolean visible;
};

G_DEFINE_FINAL_TYPE (UploaderLauncher, uploader_launcher, G_TYPE_OBJECT)

static void
emit (UploaderLauncher *self, gboolean visible, double fraction, guint n_left)
{
  g_auto (GVariantDict) entry = G_VARIANT_DICT_INIT (NULL);

  self->visible = visible;
  g_variant_dict_insert (&entry, "progress-visible", "b", visible);
  g_variant_dict_insert (&entry, "progress", "d", fraction);
  g_variant_dict_insert (&entry, "count-visible", "b", visible);
  g_variant_dict_insert (&entry, "count", "x", (gint64) n_left);
  g_dbus_connection_emit_signal (self->connection,
                                 NULL,
                                 self->path,
                                 INTERFACE,
                                 "Update",
                                 g_variant_new ("(s@a{sv})", APP_URI, g_variant_dict_end (&entry)),
                                 NULL);
}

static void
hide (UploaderLauncher *self)
{
  g_clear_handle_id (&self->update_id, g_source_remove);
  self->changed = FALSE;
  if (self->visible)
    emit (self, FALSE, 0.0, 0);
}

static void
show (UploaderLauncher *self)
{
  guint n_waiting, n_uploading;
  double fraction;

  g_object_get (self->queue, "n-waiting", &n_waiting, "n-uploading", &n_uploading, "fraction", &fraction, NULL);
  emit (self, TRUE, uploader_words_fraction (fraction), n_waiting + n_uploading);
}

static gboolean
update_cb (gpointer user_data)
{
  UploaderLauncher *self = UPLOADER_LAUNCHER (user_data);

  if (!self->changed) {
    self->update_id = 0;
    return G_SOURCE_REMOVE;
  }

  self->changed = FALSE;
  show (self);

  return G_SOURCE_CONTINUE;
}

static void
queue_notify_cb (UploaderLauncher *self)
{
  if (!galileo_queue_get_busy (self->queue)) {
    hide (self);
    return;
  }

  self->changed = TRUE;
  if (self->update_id == 0) {
    self->update_id = g_timeout_add (INTERVAL_MS, update_cb, self);
    update_cb (self);
  }
}

static void
uploader_launcher_dispose (GObject *object)
{
  UploaderLauncher *self = UPLOADER_LAUNCHER (object);

  hide (self);
  g_clear_object (&self->queue);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->path, g_free);

  G_OBJECT_CLASS (uploader_launcher_parent_class)->dispose (object);
}

static void
uploader_launcher_class_init (UploaderLauncherClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = uploader_launcher_dispose;
}

static void
uploader_launcher_init (UploaderLauncher *self)
{
  /* As libunity has it: one object for each program. */
  self->path = g_strdup_printf ("/com/canonical/unity/launcherentry/%u", g_str_hash (APP_URI));
}

/* connection: NULL: nothing is shown. */
UploaderLauncher *
uploader_launcher_new (GalileoQueue *queue, GDBusConnection *connection)
{
  UploaderLauncher *self;

  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);
  g_return_val_if_fail (connection == NULL || G_IS_DBUS_CONNECTION (connection), NULL);

  self = g_object_new (UPLOADER_TYPE_LAUNCHER, NULL);
  self->queue = g_object_ref (queue);
  if (connection == NULL)
    return self;

  self->connection = g_object_ref (connection);
  g_signal_connect_object (queue, "notify", G_CALLBACK (queue_notify_cb), self, G_CONNECT_SWAPPED);

  return self;
}

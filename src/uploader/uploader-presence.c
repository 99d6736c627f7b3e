/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-presence.h"

#include "uploader-background.h"
#include "uploader-inhibitor.h"
#include "uploader-launcher.h"
#include "uploader-notifier.h"
#include "uploader-words.h"

#include <glib/gi18n.h>

/* There is one notification at a time. */
#define NOTIFICATION_ID "batch"

/* Where those go that GNOME does not take. */
#define NOTIFICATIONS_NAME "org.freedesktop.Notifications"

#define BUS_PATIENCE_MS 500

struct _UploaderPresence {
  GObject parent_instance;

  /* owned */
  GalileoQueue *queue;
  GSettings *settings;
  UploaderBackground *background;
  UploaderInhibitor *inhibitor;
  UploaderLauncher *launcher;
  UploaderNotifier *notifier;
  GPtrArray *addings; /* of GalileoAdding: of a window that is gone */
  GPtrArray *files;   /* of GFile: as well */
  guint settle_id;

  /* borrowed */
  GtkApplication *application; /* NULL once it ends */

  gboolean held;
  gboolean denied;
};

enum {
  SIGNAL_RETURN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (UploaderPresence, uploader_presence, G_TYPE_OBJECT)

static gboolean
has_window (UploaderPresence *self)
{
  return gtk_application_get_windows (self->application) != NULL;
}

static gboolean
is_in_front (UploaderPresence *self)
{
  for (GList *l = gtk_application_get_windows (self->application); l != NULL; l = l->next)
    if (gtk_window_is_active (l->data))
      return TRUE;

  return FALSE;
}

static gboolean
is_working (UploaderPresence *self)
{
  for (guint i = 0; i < self->addings->len; i++)
    if (galileo_adding_get_busy (g_ptr_array_index (self->addings, i)))
      return TRUE;

  return galileo_queue_get_busy (self->queue) || galileo_queue_is_arriving (self->queue);
}

/* In the background */

/* At most as long as the desktop takes it. */
char *
uploader_presence_words_for_status (GalileoQueue *queue)
{
  GalileoWait wait = galileo_queue_get_hold (queue);
  g_autofree char *amount = NULL;
  g_autofree char *rest = NULL;
  g_autofree char *words = NULL;
  guint n_files, n_done;
  gint64 time_left;

  g_object_get (queue, "n-batch", &n_files, "n-batch-done", &n_done, "time-left", &time_left, NULL);
  if (n_files == 0)
    return g_strdup (_("Looking for files"));

  amount = g_strdup_printf (ngettext ("%u of %u file", "%u of %u files", n_files), n_done, n_files);
  if (wait != GALILEO_WAIT_TURN)
    rest = g_strdup (uploader_words_for_wait (wait));
  else
    rest = uploader_words_for_time_left (time_left);
  if (rest == NULL)
    return g_steal_pointer (&amount);

  /* Translators: for example "38 of 112 files · about 3 minutes left" */
  words = g_strdup_printf (_("%s · %s"), amount, rest);
  return uploader_words_clean (words, UPLOADER_BACKGROUND_STATUS_MAX_CHARACTERS - 1);
}

static void
update_status (UploaderPresence *self)
{
  g_autofree char *status = NULL;

  if (self->application == NULL || has_window (self))
    return;

  status = uploader_presence_words_for_status (self->queue);
  uploader_background_set_status (self->background, status);
}

static void
denied_cb (UploaderPresence *self)
{
  self->denied = TRUE;
  g_signal_emit (self, signals[SIGNAL_RETURN], 0,
                 _("The desktop does not allow uploads in the background. They go on while the window is open"));
}

/* What is paused and nobody keeps would be gone with the program. */
static gboolean
would_lose_paused (UploaderPresence *self)
{
  return galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_PAUSED) > 0 && !galileo_queue_is_kept (self->queue);
}

/* What a window that is gone has left to be asked. Files whose name is taken are in no list. */
static gboolean
has_questions (UploaderPresence *self)
{
  for (guint i = 0; i < self->addings->len; i++)
    if (galileo_adding_get_conflicts (g_ptr_array_index (self->addings, i))->len > 0)
      return TRUE;

  return self->files->len > 0;
}

/* Rather than end, and lose something. */
static void
return_if_need_be (UploaderPresence *self)
{
  if (would_lose_paused (self))
    g_signal_emit (self, signals[SIGNAL_RETURN], 0,
                   _("Some uploads are paused, and the list of uploads can't be saved"));
  else if (has_questions (self))
    g_signal_emit (self, signals[SIGNAL_RETURN], 0, NULL);
}

static gboolean
has_to_run (UploaderPresence *self)
{
  return is_working (self) || galileo_queue_is_loading (self->queue);
}

/* Without a window the program runs as long as it is held. */
static void
hold (UploaderPresence *self, gboolean held)
{
  if (self->held == held)
    return;

  self->held = held;
  if (held)
    g_application_hold (G_APPLICATION (self->application));
  else
    g_application_release (G_APPLICATION (self->application));
}

static gboolean
settle_cb (gpointer user_data)
{
  UploaderPresence *self = UPLOADER_PRESENCE (user_data);
  gboolean runs = has_to_run (self);

  self->settle_id = 0;
  if (!has_window (self) && self->held && !runs)
    return_if_need_be (self);
  hold (self, runs);

  if (!has_window (self) && is_working (self)) {
    uploader_background_enter (self->background, _("Uploads go on while the window is closed"));
    update_status (self);
  }
  return G_SOURCE_REMOVE;
}

/*
 * To stay is decided at once. The rest comes later: who is told that the queue has nothing to do may give it something, and a
 * program that quits loses its window just as one that goes into the background, but has nothing to ask any more.
 */
static void
update (UploaderPresence *self)
{
  if (self->application == NULL)
    return;

  if (has_to_run (self))
    hold (self, TRUE);
  if (has_window (self))
    uploader_background_leave (self->background);
  if (self->settle_id == 0)
    self->settle_id = g_idle_add (settle_cb, self);
}

/* In front */

static void
active_cb (UploaderPresence *self, GParamSpec *pspec, GtkWindow *window)
{
  if (self->application != NULL && gtk_window_is_active (window))
    g_application_withdraw_notification (G_APPLICATION (self->application), NOTIFICATION_ID);
}

static void
window_added_cb (UploaderPresence *self, GtkWindow *window)
{
  g_signal_connect_object (window, "notify::is-active", G_CALLBACK (active_cb), self, G_CONNECT_SWAPPED);
  update (self);
}

static gboolean
ask_bus_about (GDBusConnection *connection, const char *question, const char *name)
{
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) value = NULL;

  answer = g_dbus_connection_call_sync (connection,
                                        "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus",
                                        "org.freedesktop.DBus",
                                        question,
                                        name != NULL ? g_variant_new ("(s)", name) : NULL,
                                        NULL,
                                        G_DBUS_CALL_FLAGS_NONE,
                                        BUS_PATIENCE_MS,
                                        NULL,
                                        NULL);
  if (answer == NULL)
    return FALSE;

  value = g_variant_get_child_value (answer, 0);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_variant_get_boolean (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY)) {
    g_autofree const char **names = g_variant_get_strv (value, NULL);

    return g_strv_contains (names, NOTIFICATIONS_NAME);
  }
  return FALSE;
}

/*
 * Whether anybody shows notifications: GLib 2.74 warns of each one that nobody takes. Asked of the bus itself, which answers
 * at once, and not later: in the background the program ends with its last batch. In a sandbox the portal takes them.
 */
static gboolean
is_heard (UploaderPresence *self)
{
  GDBusConnection *connection = g_application_get_dbus_connection (G_APPLICATION (self->application));

  if (connection == NULL)
    return FALSE;

  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ||
         ask_bus_about (connection, "NameHasOwner", "org.gtk.Notifications") ||
         ask_bus_about (connection, "NameHasOwner", NOTIFICATIONS_NAME) ||
         ask_bus_about (connection, "ListActivatableNames", NULL);
}

static void
notify_batch_cb (UploaderPresence *self, GNotification *notification)
{
  if (self->application == NULL || is_in_front (self) || !g_settings_get_boolean (self->settings, "notifications"))
    return;

  if (is_heard (self))
    g_application_send_notification (G_APPLICATION (self->application), NOTIFICATION_ID, notification);
}

static guint
inhibit (gpointer data)
{
  UploaderPresence *self = UPLOADER_PRESENCE (data);

  return gtk_application_inhibit (self->application,
                                  NULL,
                                  GTK_APPLICATION_INHIBIT_SUSPEND,
                                  _("Files are being uploaded"));
}

static void
uninhibit (guint cookie, gpointer data)
{
  gtk_application_uninhibit (UPLOADER_PRESENCE (data)->application, cookie);
}

static void
uploader_presence_dispose (GObject *object)
{
  UploaderPresence *self = UPLOADER_PRESENCE (object);

  g_clear_handle_id (&self->settle_id, g_source_remove);
  g_clear_object (&self->inhibitor);
  g_clear_object (&self->launcher);
  g_clear_object (&self->notifier);
  g_clear_object (&self->background);
  if (self->application != NULL)
    hold (self, FALSE);
  self->application = NULL;
  for (guint i = 0; i < self->addings->len; i++)
    galileo_adding_cancel (g_ptr_array_index (self->addings, i));
  g_ptr_array_set_size (self->addings, 0);
  g_ptr_array_set_size (self->files, 0);
  g_clear_object (&self->settings);
  g_clear_object (&self->queue);

  G_OBJECT_CLASS (uploader_presence_parent_class)->dispose (object);
}

static void
uploader_presence_finalize (GObject *object)
{
  UploaderPresence *self = UPLOADER_PRESENCE (object);

  g_ptr_array_unref (self->addings);
  g_ptr_array_unref (self->files);

  G_OBJECT_CLASS (uploader_presence_parent_class)->finalize (object);
}

static void
uploader_presence_class_init (UploaderPresenceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = uploader_presence_dispose;
  object_class->finalize = uploader_presence_finalize;

  signals[SIGNAL_RETURN] =
    g_signal_new ("return", UPLOADER_TYPE_PRESENCE, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
uploader_presence_init (UploaderPresence *self)
{
  self->addings = g_ptr_array_new_with_free_func (g_object_unref);
  self->files = g_ptr_array_new_with_free_func (g_object_unref);
}

/* application: that has started, and outlives this. */
UploaderPresence *
uploader_presence_new (GtkApplication *application, GalileoQueue *queue, GSettings *settings)
{
  GDBusConnection *connection;
  UploaderPresence *self;

  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);
  g_return_val_if_fail (G_IS_SETTINGS (settings), NULL);

  self = g_object_new (UPLOADER_TYPE_PRESENCE, NULL);
  self->application = application;
  self->queue = g_object_ref (queue);
  self->settings = g_object_ref (settings);
  connection = g_application_get_dbus_connection (G_APPLICATION (application));
  self->background = uploader_background_new (connection);
  self->inhibitor = uploader_inhibitor_new (queue, inhibit, uninhibit, self);
  self->launcher = uploader_launcher_new (queue, connection);
  self->notifier = uploader_notifier_new (queue);

  g_signal_connect_object (self->background, "denied", G_CALLBACK (denied_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->notifier, "notify-batch", G_CALLBACK (notify_batch_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (application, "window-added", G_CALLBACK (window_added_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (application, "window-removed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "notify::busy", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "notify::loading", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "idle", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "notify", G_CALLBACK (update_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "waits-changed", G_CALLBACK (update_status), self, G_CONNECT_SWAPPED);
  update (self);

  return self;
}

gboolean
uploader_presence_get_denied (UploaderPresence *self)
{
  g_return_val_if_fail (UPLOADER_IS_PRESENCE (self), FALSE);

  return self->denied;
}

/* Goes on without its window. What it has to ask waits for the next one. */
void
uploader_presence_keep_adding (UploaderPresence *self, GalileoAdding *adding)
{
  g_return_if_fail (UPLOADER_IS_PRESENCE (self));
  g_return_if_fail (GALILEO_IS_ADDING (adding));

  g_ptr_array_add (self->addings, g_object_ref (adding));
  g_signal_connect_object (adding, "done", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}

void
uploader_presence_keep_files (UploaderPresence *self, GPtrArray *files)
{
  g_return_if_fail (UPLOADER_IS_PRESENCE (self));
  g_return_if_fail (files != NULL);

  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (self->files, g_object_ref (g_ptr_array_index (files, i)));
}

/* Returns: (transfer full): of GalileoAdding; some may be done. */
GPtrArray *
uploader_presence_take_addings (UploaderPresence *self)
{
  GPtrArray *addings;

  g_return_val_if_fail (UPLOADER_IS_PRESENCE (self), NULL);

  addings = g_steal_pointer (&self->addings);
  self->addings = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < addings->len; i++)
    g_signal_handlers_disconnect_by_func (g_ptr_array_index (addings, i), update, self);

  return addings;
}

/* Returns: (transfer full): of GFile. */
GPtrArray *
uploader_presence_take_files (UploaderPresence *self)
{
  GPtrArray *files;

  g_return_val_if_fail (UPLOADER_IS_PRESENCE (self), NULL);

  files = g_steal_pointer (&self->files);
  self->files = g_ptr_array_new_with_free_func (g_object_unref);

  return files;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-application.h"

#include "uploader-history.h"
#include "uploader-pasted.h"
#include "uploader-preferences.h"
#include "uploader-priority.h"
#include "uploader-window.h"

#include "queue/galileo-queue-service.h"
#include "queue/galileo-sleep-monitor.h"

#include <glib/gi18n.h>

/* Wrong usage, as the command line of the same name has it. */
#define EXIT_USAGE 2

/* A quarter of an hour, with the waits between. */
#define RETRIES 10

/* The program: its command line, the queue, and the one window that shows it. */
struct _UploaderApplication {
  AdwApplication parent_instance;

  /* owned */
  GalileoQueue *queue;
  GalileoStore *store; /* NULL if the queue can't be kept */
  GalileoQueueService *service;
  char *unkept;        /* why; or NULL */
  char *problem;       /* what each window has to tell for as long as it is so; or NULL */
  char *notice;        /* what is to be said once there is a window; or NULL */
  GSettings *settings;
  GalileoSleepMonitor *sleep_monitor;
  UploaderPresence *presence;
};

G_DEFINE_FINAL_TYPE (UploaderApplication, uploader_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Show the version and exit"), NULL },
  { "site", 0, 0, G_OPTION_ARG_STRING, NULL,
    N_("Upload to the site at this address"), N_("ADDRESS") },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_("[FILE…]") },
  { NULL },
};

static const struct {
  const char *action;
  const char *accelerators[3];
} accelerators[] = {
  { "win.add-files", { "<Control>o" } },
  { "win.add-folder", { "<Control><Shift>o" } },
  { "win.choose-site", { "<Control>l" } },
  { "win.find", { "<Control>f" } },
  { "win.edit-site", { "<Control>e" } },
  { "win.retry-failed", { "<Control>r" } },
  { "win.pause-all", { "<Control>p" } },
  { "win.cancel-all", { "<Control>period" } },
  { "win.clear-finished", { "<Control>d" } },
  { "win.retry", { "<Control><Shift>r" } },
  { "win.upload-again", { "<Control>u" } },
  { "win.locate", { "<Control><Shift>l" } },
  { "win.copy-link", { "<Control><Shift>c" } },
  { "win.details", { "<Alt>Return" } },
  { "win.add-site", { "<Control>n" } },
  { "win.filter::all", { "<Alt>1" } },
  { "win.filter::uploading", { "<Alt>2" } },
  { "win.filter::waiting", { "<Alt>3" } },
  { "win.filter::failed", { "<Alt>4" } },
  { "win.filter::done", { "<Alt>5" } },
  { "win.show-help-overlay", { "<Control>question" } },
  { "window.close", { "<Control>w" } },
  { "app.history", { "<Control>h" } },
  { "app.preferences", { "<Control>comma" } },
  { "app.quit", { "<Control>q" } },
};

static UploaderWindow *
get_window (UploaderApplication *self)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  for (GList *l = windows; l != NULL; l = l->next)
    if (UPLOADER_IS_WINDOW (l->data))
      return l->data;

  return NULL;
}

static UploaderWindow *
ensure_window (UploaderApplication *self)
{
  UploaderWindow *window = get_window (self);

  if (window == NULL) {
    window = uploader_window_new (GTK_APPLICATION (self), self->queue);
    uploader_window_set_presence (window, self->presence);
    uploader_window_set_problem (window, self->problem);
  }
  if (self->notice != NULL)
    uploader_window_toast (window, self->notice);
  g_clear_pointer (&self->notice, g_free);

  return window;
}

/* text: taken. Said at once, or by the window that comes. */
static void
say (UploaderApplication *self, char *text)
{
  UploaderWindow *window = get_window (self);

  g_free (self->notice);
  self->notice = text;
  if (window != NULL)
    ensure_window (self);
}

/* text: taken; or NULL if there is none any more. */
static void
set_problem (UploaderApplication *self, char *text)
{
  g_free (self->problem);
  self->problem = text;
  if (get_window (self) != NULL)
    uploader_window_set_problem (get_window (self), text);
}

static void
problem_cb (UploaderApplication *self)
{
  const GError *problem = galileo_store_get_problem (self->store);

  set_problem (self, problem != NULL ? g_strdup_printf (_("The list of uploads can't be saved: %s"), problem->message)
                                     : NULL);
  if (problem == NULL)
    say (self, g_strdup (_("The list of uploads is saved again")));
}

static void
history_limits_cb (UploaderApplication *self)
{
  if (self->store != NULL)
    galileo_store_set_history_limits (self->store,
                                      (guint) g_settings_get_int (self->settings, "history-entries"),
                                      (guint) g_settings_get_int (self->settings, "history-days"));
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UploaderApplication) self = UPLOADER_APPLICATION (user_data);
  GalileoStore *store = galileo_queue_get_store (GALILEO_QUEUE (source));
  g_autofree char *pasted = uploader_pasted_dup_folder ();
  g_autoptr (GError) error = NULL;

  if (!galileo_queue_open_store_finish (GALILEO_QUEUE (source), result, &error)) {
    self->unkept = g_strdup_printf (_("The list of uploads can't be saved: %s"), error->message);
    set_problem (self, g_strdup (self->unkept));
    galileo_queue_service_set_queue (self->service, self->queue, NULL);
    return;
  }
  if (self->queue == NULL)
    return;

  self->store = g_object_ref (store);
  galileo_queue_service_set_queue (self->service, self->queue, store);
  if (galileo_store_get_set_aside (store) != NULL)
    set_problem (self,
                 g_strdup_printf (_("The list of uploads was damaged. It begins anew; the old one is kept as “%s”"),
                                  galileo_store_get_set_aside (store)));
  g_signal_connect_object (store, "notify::problem", G_CALLBACK (problem_cb), self, G_CONNECT_SWAPPED);
  history_limits_cb (self);
  uploader_pasted_clean_async (pasted, G_LIST_MODEL (self->queue), NULL, NULL);
}

/* Goes on with what the last run left. */
static void
open_store (UploaderApplication *self)
{
  g_autofree char *path = galileo_store_dup_path ();

  galileo_queue_open_store_async (self->queue, path, opened_cb, g_object_ref (self));
}

/* What the queue goes by: settings, and what becomes of the network and the computer. */
static void
set_queue_up (UploaderApplication *self)
{
  static const struct {
    const char *key;
    const char *property;
  } settings[] = {
    { "uploads-at-once", "max-uploads" },
    { "uploads-at-once-in-all", "max-uploads-in-all" },
    { "rate-limit", "rate-limit" },
    { "pause-on-metered", "pause-on-metered" },
    { "checksum", "hash-type" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (settings); i++)
    g_settings_bind (self->settings, settings[i].key, self->queue, settings[i].property, G_SETTINGS_BIND_GET);
  galileo_queue_set_retries (self->queue, RETRIES);
  galileo_queue_set_patient (self->queue, TRUE);
  galileo_queue_set_network_monitor (self->queue, g_network_monitor_get_default ());

  self->sleep_monitor = galileo_sleep_monitor_new ();
  g_signal_connect_object (self->sleep_monitor, "woke", G_CALLBACK (galileo_queue_wake), self->queue, G_CONNECT_SWAPPED);

  open_store (self);
  g_signal_connect_object (self->settings, "changed", G_CALLBACK (history_limits_cb), self, G_CONNECT_SWAPPED);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UploaderApplication *self = UPLOADER_APPLICATION (user_data);

  adw_show_about_window (GTK_WINDOW (get_window (self)),
                         "application-name", _("Galileo Send"),
                         "application-icon", APPLICATION_ID,
                         "version", GALILEO_VERSION,
                         "developer-name", _("The Galileo Send developers"),
                         "comments", _("Uploads files to your website"),
                         "license-type", GTK_LICENSE_LGPL_2_1,
                         /* Translators: put your names here, one a line */
                         "translator-credits", _("translator-credits"),
                         NULL);
}

static GtkWindow *
find_dialog (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

    if (G_OBJECT_TYPE (window) == type)
      return window;
  }

  return NULL;
}

static void
history_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UploaderApplication *self = UPLOADER_APPLICATION (user_data);
  GtkWindow *dialog = find_dialog (UPLOADER_TYPE_HISTORY);

  if (dialog == NULL)
    dialog = GTK_WINDOW (uploader_history_new (GTK_WINDOW (get_window (self)), self->queue, self->unkept));
  gtk_window_present (dialog);
}

static void
preferences_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UploaderApplication *self = UPLOADER_APPLICATION (user_data);
  GtkWindow *dialog = find_dialog (UPLOADER_TYPE_PREFERENCES);

  if (dialog == NULL)
    dialog = GTK_WINDOW (uploader_preferences_new (GTK_WINDOW (get_window (self)), self->queue));
  gtk_window_present (dialog);
}

/* The window asks if it is still uploading. Without one there has to be one for that, if anything would be lost. */
static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UploaderApplication *self = UPLOADER_APPLICATION (user_data);
  UploaderWindow *window = get_window (self);

  if (window == NULL && !galileo_queue_is_kept (self->queue) && galileo_queue_get_busy (self->queue)) {
    g_application_activate (G_APPLICATION (self));
    window = get_window (self);
  }

  if (window != NULL)
    uploader_window_quit (window);
  else
    g_application_quit (G_APPLICATION (self));
}

static void
retry_failed (UploaderApplication *self)
{
  if (galileo_queue_is_loading (self->queue))
    return;

  g_signal_handlers_disconnect_by_func (self->queue, retry_failed, self);
  galileo_queue_retry_failed (self->queue);
}

/* A notification outlives the program that sent it, and starts another one, which has no list yet. */
static void
retry_failed_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UploaderApplication *self = UPLOADER_APPLICATION (user_data);

  g_signal_connect_object (self->queue, "notify::loading", G_CALLBACK (retry_failed), self, G_CONNECT_SWAPPED);
  retry_failed (self);
}

static void
copy_link_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UploaderApplication *self = UPLOADER_APPLICATION (user_data);

  /* The clipboard is a window's, and is empty once its program is gone. */
  g_application_activate (G_APPLICATION (self));
  uploader_window_copy_link_in_front (get_window (self), g_variant_get_string (parameter, NULL));
}

/* why: NULL: the window shows it. Nobody may be looking, so it stays. */
static void
return_cb (UploaderApplication *self, const char *why)
{
  if (why != NULL)
    set_problem (self, g_strdup (why));
  g_application_activate (G_APPLICATION (self));
}

static void
uploader_application_startup (GApplication *application)
{
  UploaderApplication *self = UPLOADER_APPLICATION (application);
  g_autoptr (GalileoEngine) engine = NULL;
  static const GActionEntry entries[] = {
    { "about", about_cb },
    { "history", history_cb },
    { "preferences", preferences_cb },
    { "quit", quit_cb },
    { "retry-failed", retry_failed_cb },
    { "copy-link", copy_link_cb, "s" },
  };

  G_APPLICATION_CLASS (uploader_application_parent_class)->startup (application);

  g_set_application_name (_("Galileo Send"));
  gtk_window_set_default_icon_name (APPLICATION_ID);

  engine = galileo_engine_new ();
  uploader_priority_lower_engine (engine);
  self->queue = galileo_queue_new (engine);
  self->settings = g_settings_new (APPLICATION_ID);
  set_queue_up (self);
  self->presence = uploader_presence_new (GTK_APPLICATION (self), self->queue, self->settings);
  g_signal_connect_object (self->presence, "return", G_CALLBACK (return_cb), self, G_CONNECT_SWAPPED);

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (size_t i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self),
                                           accelerators[i].action, accelerators[i].accelerators);
}

static void
uploader_application_shutdown (GApplication *application)
{
  UploaderApplication *self = UPLOADER_APPLICATION (application);

  galileo_queue_service_set_queue (self->service, NULL, NULL);
  if (self->presence != NULL)
    g_object_run_dispose (G_OBJECT (self->presence));
  g_clear_object (&self->presence);
  g_clear_object (&self->sleep_monitor);
  g_clear_object (&self->settings);
  g_clear_object (&self->queue);
  g_clear_object (&self->store);
  g_clear_pointer (&self->problem, g_free);
  g_clear_pointer (&self->notice, g_free);
  g_clear_pointer (&self->unkept, g_free);

  G_APPLICATION_CLASS (uploader_application_parent_class)->shutdown (application);
}

/* Before the name is ours, so that whoever sees the name finds it; what is called waits until the queue is there. */
static gboolean
uploader_application_dbus_register (GApplication *application,
                                    GDBusConnection *connection,
                                    const char *path,
                                    GError **error)
{
  UploaderApplication *self = UPLOADER_APPLICATION (application);

  if (!G_APPLICATION_CLASS (uploader_application_parent_class)->dbus_register (application, connection, path, error))
    return FALSE;

  return galileo_queue_service_export (self->service, connection, path, error);
}

static void
uploader_application_dbus_unregister (GApplication *application, GDBusConnection *connection, const char *path)
{
  galileo_queue_service_unexport (UPLOADER_APPLICATION (application)->service, connection);

  G_APPLICATION_CLASS (uploader_application_parent_class)->dbus_unregister (application, connection, path);
}

static void
uploader_application_finalize (GObject *object)
{
  /* An application that did not run unregisters only now. */
  g_autoptr (GalileoQueueService) service = UPLOADER_APPLICATION (object)->service;

  G_OBJECT_CLASS (uploader_application_parent_class)->finalize (object);
}

static void
uploader_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (ensure_window (UPLOADER_APPLICATION (application))));
}

static void
uploader_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  g_autoptr (GPtrArray) array = g_ptr_array_new_with_free_func (g_object_unref);
  UploaderWindow *window = ensure_window (UPLOADER_APPLICATION (application));

  for (int i = 0; i < n_files; i++)
    g_ptr_array_add (array, g_object_ref (files[i]));

  gtk_window_present (GTK_WINDOW (window));
  uploader_window_add_files (window, array);
}

/* Also runs in the second start, whose standard error is the one that the user sees. */
static int
uploader_application_handle_local_options (GApplication *application, GVariantDict *dict)
{
  const char *address;

  if (g_variant_dict_contains (dict, "version")) {
    g_print ("galileosend %s\n", GALILEO_VERSION);
    return 0;
  }

  if (g_variant_dict_lookup (dict, "site", "&s", &address)) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GalileoSite) site = galileo_site_new (address, &error);

    if (site == NULL) {
      g_printerr ("galileosend: --site: %s\n", error->message);
      return EXIT_USAGE;
    }
  }

  return -1;
}

static int
uploader_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  UploaderApplication *self = UPLOADER_APPLICATION (application);
  GVariantDict *dict = g_application_command_line_get_options_dict (command_line);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GalileoSite) site = NULL;
  g_autofree const char **names = NULL;
  UploaderWindow *window;
  const char *address;

  if (g_variant_dict_lookup (dict, "site", "&s", &address)) {
    g_autoptr (GError) error = NULL;

    site = galileo_site_new (address, &error);
    if (site == NULL) {
      g_application_command_line_printerr (command_line,
                                           "galileosend: --site: %s\n", error->message);
      return EXIT_USAGE;
    }
  }

  if (g_variant_dict_lookup (dict, G_OPTION_REMAINING, "^a&ay", &names))
    for (size_t i = 0; names[i] != NULL; i++)
      g_ptr_array_add (files,
                       g_application_command_line_create_file_for_arg (command_line, names[i]));

  window = ensure_window (self);
  gtk_window_present (GTK_WINDOW (window));
  if (site != NULL)
    uploader_window_set_site (window, site);
  uploader_window_add_files (window, files);

  return 0;
}

static void
uploader_application_class_init (UploaderApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = uploader_application_finalize;
  application_class->startup = uploader_application_startup;
  application_class->shutdown = uploader_application_shutdown;
  application_class->dbus_register = uploader_application_dbus_register;
  application_class->dbus_unregister = uploader_application_dbus_unregister;
  application_class->activate = uploader_application_activate;
  application_class->open = uploader_application_open;
  application_class->handle_local_options = uploader_application_handle_local_options;
  application_class->command_line = uploader_application_command_line;
}

static void
uploader_application_init (UploaderApplication *self)
{
  self->service = galileo_queue_service_new ();
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_summary (G_APPLICATION (self),
                                            _("Uploads files to your website. Folders are "
                                              "uploaded with all that is in them."));
}

UploaderApplication *
uploader_application_new (void)
{
  return g_object_new (UPLOADER_TYPE_APPLICATION,
                       "application-id", APPLICATION_ID,
                       "resource-base-path", UPLOADER_RESOURCES,
                       "flags", G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_HANDLES_OPEN,
                       NULL);
}

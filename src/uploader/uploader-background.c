/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-background.h"

#define PORTAL_NAME "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define BACKGROUND_INTERFACE "org.freedesktop.portal.Background"
#define REQUEST_INTERFACE "org.freedesktop.portal.Request"

/* The first version of the interface that takes a status. */
#define VERSION_WITH_STATUS 2

/* As the portal has it. */
typedef enum {
  RESPONSE_SUCCESS,
  RESPONSE_CANCELLED,
  RESPONSE_OTHER,
} Response;

/* The desktop draws it again each time. */
#define STATUS_INTERVAL_MS (3 * 1000)

struct _UploaderBackground {
  GObject parent_instance;

  /* owned */
  GDBusConnection *connection; /* NULL without a bus */
  GCancellable *cancellable;   /* of all that is under way; NULL while not in the background */
  char *request_path;          /* NULL unless an answer is waited for */
  guint response_id;
  guint status_id; /* nothing is said before it is called */
  char *status;    /* to be said next; or NULL */
  char *said;

  GDBusCallFlags flags;
  gboolean takes_status;
};

enum {
  SIGNAL_DENIED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (UploaderBackground, uploader_background, G_TYPE_OBJECT)

/* The status */

static void
say (UploaderBackground *self)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);

  g_free (self->said);
  self->said = g_steal_pointer (&self->status);
  g_variant_dict_insert (&options, "message", "s", self->said);

  /* Outside of a sandbox the portal refuses it, and nothing is lost. */
  g_dbus_connection_call (self->connection,
                          PORTAL_NAME,
                          PORTAL_PATH,
                          BACKGROUND_INTERFACE,
                          "SetStatus",
                          g_variant_new ("(@a{sv})", g_variant_dict_end (&options)),
                          NULL,
                          self->flags,
                          -1,
                          self->cancellable,
                          NULL,
                          NULL);
}

static gboolean
status_cb (gpointer user_data)
{
  UploaderBackground *self = UPLOADER_BACKGROUND (user_data);

  if (self->status == NULL) {
    self->status_id = 0;
    return G_SOURCE_REMOVE;
  }
  say (self);

  return G_SOURCE_CONTINUE;
}

static void
say_soon (UploaderBackground *self)
{
  if (!self->takes_status || self->status == NULL || self->status_id != 0)
    return;

  say (self);
  self->status_id = g_timeout_add (STATUS_INTERVAL_MS, status_cb, self);
}

static void
version_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UploaderBackground *self = user_data;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) version = NULL;
  g_autoptr (GError) error = NULL;

  answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (answer == NULL) {
    /* One that was cancelled may be that of an object that is gone. */
    g_debug ("No status in the background: %s", error->message);
    return;
  }

  g_variant_get (answer, "(v)", &version);
  self->takes_status = g_variant_is_of_type (version, G_VARIANT_TYPE_UINT32) &&
                       g_variant_get_uint32 (version) >= VERSION_WITH_STATUS;
  say_soon (self);
}

static void
ask_for_version (UploaderBackground *self)
{
  g_dbus_connection_call (self->connection,
                          PORTAL_NAME,
                          PORTAL_PATH,
                          "org.freedesktop.DBus.Properties",
                          "Get",
                          g_variant_new ("(ss)", BACKGROUND_INTERFACE, "version"),
                          G_VARIANT_TYPE ("(v)"),
                          self->flags,
                          -1,
                          self->cancellable,
                          version_cb,
                          self);
}

/* The request */

static void
forget_request (UploaderBackground *self)
{
  if (self->response_id != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->response_id);
  self->response_id = 0;
  g_clear_pointer (&self->request_path, g_free);
}

/* Only a plain no: a portal that does not know what to do leaves things as they are. */
static void
response_cb (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  g_autoptr (UploaderBackground) self = g_object_ref (UPLOADER_BACKGROUND (user_data));
  g_autoptr (GVariant) results = NULL;
  gboolean allowed;
  guint32 response;

  forget_request (self);
  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    return;

  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  if (!g_variant_lookup (results, "background", "b", &allowed))
    allowed = response != RESPONSE_CANCELLED;
  if (!allowed)
    g_signal_emit (self, signals[SIGNAL_DENIED], 0);
}

/* path: where the answer will come from. */
static void
await_response (UploaderBackground *self, const char *path)
{
  g_autofree char *taken = g_strdup (path);

  forget_request (self);
  self->request_path = g_steal_pointer (&taken);
  self->response_id = g_dbus_connection_signal_subscribe (self->connection,
                                                          PORTAL_NAME,
                                                          REQUEST_INTERFACE,
                                                          "Response",
                                                          self->request_path,
                                                          NULL,
                                                          G_DBUS_SIGNAL_FLAGS_NONE,
                                                          response_cb,
                                                          self,
                                                          NULL);
}

static void
requested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UploaderBackground *self = user_data;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;
  const char *path;

  answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (answer == NULL) {
    g_debug ("Nobody to ask about the background: %s", error->message);
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      forget_request (self);
    return;
  }

  /* Old portals have a path of their own. An answer that has come already has ended the waiting. */
  g_variant_get (answer, "(&o)", &path);
  if (self->request_path != NULL && !g_str_equal (path, self->request_path))
    await_response (self, path);
}

static char *
make_request_path (GDBusConnection *connection, const char *token)
{
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (connection) + 1);

  return g_strdup_printf (PORTAL_PATH "/request/%s/%s", g_strdelimit (sender, ".", '_'), token);
}

/* The answer may come before the call returns, so it is listened for before. */
static void
request (UploaderBackground *self, const char *reason)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  g_autofree char *token = g_strdup_printf ("galileosend%u", g_random_int ());
  g_autofree char *path = make_request_path (self->connection, token);

  await_response (self, path);
  g_variant_dict_insert (&options, "handle_token", "s", token);
  g_variant_dict_insert (&options, "reason", "s", reason);
  g_variant_dict_insert (&options, "autostart", "b", FALSE);
  g_variant_dict_insert (&options, "dbus-activatable", "b", FALSE);
  g_dbus_connection_call (self->connection,
                          PORTAL_NAME,
                          PORTAL_PATH,
                          BACKGROUND_INTERFACE,
                          "RequestBackground",
                          g_variant_new ("(s@a{sv})", "", g_variant_dict_end (&options)),
                          G_VARIANT_TYPE ("(o)"),
                          self->flags,
                          -1,
                          self->cancellable,
                          requested_cb,
                          self);
}

/* A question to the user that is still open has lost its point. */
static void
withdraw_request (UploaderBackground *self)
{
  if (self->request_path != NULL)
    g_dbus_connection_call (self->connection,
                            PORTAL_NAME,
                            self->request_path,
                            REQUEST_INTERFACE,
                            "Close",
                            NULL,
                            NULL,
                            G_DBUS_CALL_FLAGS_NO_AUTO_START,
                            -1,
                            NULL,
                            NULL,
                            NULL);
  forget_request (self);
}

static void
uploader_background_dispose (GObject *object)
{
  UploaderBackground *self = UPLOADER_BACKGROUND (object);

  uploader_background_leave (self);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (uploader_background_parent_class)->dispose (object);
}

static void
uploader_background_class_init (UploaderBackgroundClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = uploader_background_dispose;

  signals[SIGNAL_DENIED] =
    g_signal_new ("denied", UPLOADER_TYPE_BACKGROUND, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
uploader_background_init (UploaderBackground *self)
{
  /* Outside of a sandbox nobody has to be asked, so no portal is started for it. */
  self->flags = g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ? G_DBUS_CALL_FLAGS_NONE
                                                                   : G_DBUS_CALL_FLAGS_NO_AUTO_START;
}

/* connection: to the session bus; NULL: there is none. */
UploaderBackground *
uploader_background_new (GDBusConnection *connection)
{
  UploaderBackground *self;

  g_return_val_if_fail (connection == NULL || G_IS_DBUS_CONNECTION (connection), NULL);

  self = g_object_new (UPLOADER_TYPE_BACKGROUND, NULL);
  if (connection != NULL)
    self->connection = g_object_ref (connection);

  return self;
}

/* The last window is gone. reason: why the program goes on, for the user. */
void
uploader_background_enter (UploaderBackground *self, const char *reason)
{
  g_return_if_fail (UPLOADER_IS_BACKGROUND (self));
  g_return_if_fail (reason != NULL);

  if (self->connection == NULL || self->cancellable != NULL)
    return;

  self->cancellable = g_cancellable_new ();
  request (self, reason);
  ask_for_version (self);
}

/* There is a window again. */
void
uploader_background_leave (UploaderBackground *self)
{
  g_return_if_fail (UPLOADER_IS_BACKGROUND (self));

  if (self->cancellable == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  withdraw_request (self);
  g_clear_handle_id (&self->status_id, g_source_remove);
  g_clear_pointer (&self->status, g_free);
  g_clear_pointer (&self->said, g_free);
  self->takes_status = FALSE;
}

/* Said once it is another one than before, and not too often. */
void
uploader_background_set_status (UploaderBackground *self, const char *status)
{
  g_return_if_fail (UPLOADER_IS_BACKGROUND (self));
  g_return_if_fail (status != NULL && g_utf8_strlen (status, -1) <= UPLOADER_BACKGROUND_STATUS_MAX_CHARACTERS);

  if (self->cancellable == NULL)
    return;

  g_clear_pointer (&self->status, g_free);
  if (g_strcmp0 (status, self->said) == 0)
    return;

  self->status = g_strdup (status);
  say_soon (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-queue-reach.h"

#include "queue/galileo-queue-service.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* Where GApplication has it for this name. */
#define OBJECT_PATH "/io/github/galileosend/GalileoSend"

/* A program that is all right answers within a frame. Adding takes as long as its folders are large. */
#define ANSWER_MS (10 * 1000)

/* While the program begins or ends, which takes it less than a second, each wait is twice as long as the last. */
#define FIRST_WAIT_MS 50
#define LAST_WAIT_MS 3200

struct _CliQueueReach {
  /* owned */
  GDBusConnection *bus; /* NULL if there is none */
  char *owner;          /* the unique name of the program that has the queue, or NULL */
  GalileoEngine *engine; /* without an owner, as the next ones are */
  GalileoQueue *queue;
  GalileoStore *store;  /* NULL if there is no database, and none is to be made */
  GalileoQueueService *service;
  char *set_aside;

  gboolean looked_for_bus;
  gboolean was_running;
  gboolean makes;
};

/* GLib would start a bus where there is none, which lasts longer than this program and has nobody on it. */
static gboolean
has_bus (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return (address != NULL && *address != '\0') || g_file_test (socket, G_FILE_TEST_EXISTS);
}

static void
find_bus (CliQueueReach *self)
{
  if (self->looked_for_bus)
    return;

  self->looked_for_bus = TRUE;
  if (!has_bus ())
    return;
  self->bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  if (self->bus != NULL)
    g_dbus_connection_set_exit_on_close (self->bus, FALSE);
}

static char *
find_owner (CliQueueReach *self)
{
  g_autoptr (GVariant) answer = NULL;
  char *owner = NULL;

  if (self->bus == NULL)
    return NULL;

  answer = g_dbus_connection_call_sync (self->bus,
                                        "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus",
                                        "org.freedesktop.DBus",
                                        "GetNameOwner",
                                        g_variant_new ("(s)", APPLICATION_ID),
                                        G_VARIANT_TYPE ("(s)"),
                                        G_DBUS_CALL_FLAGS_NONE,
                                        ANSWER_MS,
                                        NULL,
                                        NULL);
  if (answer != NULL)
    g_variant_get (answer, "(s)", &owner);
  return owner;
}

static gboolean
is_there (const char *path)
{
  GStatBuf status;

  /* A folder that can't be looked into may have it: opening it says why not. */
  return g_stat (path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static void
disconnect (CliQueueReach *self)
{
  if (self->service != NULL)
    galileo_queue_service_set_queue (self->service, NULL, NULL);
  g_clear_object (&self->service);
  g_clear_object (&self->queue);
  g_clear_object (&self->store);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->owner, g_free);
}

/* Has the database for this program, and uploads nothing. */
static gboolean
open_database (CliQueueReach *self, GError **error)
{
  g_autofree char *path = galileo_store_dup_path ();

  self->engine = galileo_engine_new ();
  self->queue = galileo_queue_new (self->engine);
  galileo_queue_freeze (self->queue);

  if (self->makes || is_there (path)) {
    self->store = galileo_store_new (path, error);
    if (self->store == NULL || !galileo_queue_set_store (self->queue, self->store, error))
      return FALSE;
    g_free (self->set_aside);
    self->set_aside = g_strdup (galileo_store_get_set_aside (self->store));
  }

  self->service = galileo_queue_service_new ();
  galileo_queue_service_set_queue (self->service, self->queue, self->store);
  return TRUE;
}

static gboolean
open_any (CliQueueReach *self, GError **error)
{
  if (self->owner != NULL || self->service != NULL)
    return TRUE;

  find_bus (self);
  self->owner = find_owner (self);
  self->was_running = self->owner != NULL;
  return self->owner != NULL || open_database (self, error);
}

static GVariant *
ask (CliQueueReach *self, const char *interface, const char *method, GVariant *parameters, int timeout, GError **error)
{
  return g_dbus_connection_call_sync (self->bus,
                                      self->owner,
                                      OBJECT_PATH,
                                      interface,
                                      method,
                                      parameters,
                                      NULL,
                                      G_DBUS_CALL_FLAGS_NO_AUTO_START,
                                      timeout,
                                      NULL,
                                      error);
}

static GVariant *
call_program (CliQueueReach *self, const char *command, GVariant *parameters, GError **error)
{
  gboolean takes_long = g_str_equal (command, "Add") || g_str_equal (command, "SearchHistory");

  /* Whether it answers at all shows before what may take any time. */
  if (takes_long) {
    g_autoptr (GVariant) paused =
        ask (self,
             "org.freedesktop.DBus.Properties",
             "Get",
             g_variant_new ("(ss)", GALILEO_QUEUE_SERVICE_INTERFACE, "Paused"),
             ANSWER_MS,
             error);

    if (paused == NULL)
      return NULL;
  }

  return ask (self, GALILEO_QUEUE_SERVICE_INTERFACE, command, parameters, takes_long ? G_MAXINT : ANSWER_MS, error);
}

static void
called_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static GVariant *
call_here (CliQueueReach *self, const char *command, GVariant *parameters, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galileo_queue_service_call_async (self->service, command, parameters, called_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return galileo_queue_service_call_finish (self->service, result, error);
}

/* Whether nothing was done, and it may be otherwise in a moment. */
static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY) ||
         g_error_matches (error, GALILEO_QUEUE_SERVICE_ERROR, GALILEO_QUEUE_SERVICE_ERROR_NOT_READY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
}

/* Puts what GDBus has to say into words about the queue. */
static void
clarify (GError **error)
{
  const char *sentence = NULL;

  if (g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_BUSY))
    sentence = _("Another program has the list of uploads, and it can't be reached over the session bus; try again "
                 "when that has ended");
  else if (g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    sentence = _("The program that has the list of uploads does not answer");
  else if (g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
           g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    sentence = _("The program that has the list of uploads ended before it answered; “show” tells what it did");
  else if (g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
           g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE) ||
           g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT))
    sentence = _("The program that has the list of uploads is of another version, and does not know this");

  if (sentence != NULL) {
    g_free ((*error)->message);
    (*error)->message = g_strdup (sentence);
  } else {
    g_dbus_error_strip_remote_error (*error);
  }
}

/* Returns: (transfer full): the answer, once what it says is on the disk. parameters: a floating reference is taken. */
GVariant *
cli_queue_reach_call (CliQueueReach *self, const char *command, GVariant *parameters, GError **error)
{
  g_autoptr (GVariant) taken = g_variant_ref_sink (parameters);

  for (guint wait = FIRST_WAIT_MS;; wait *= 2) {
    g_autoptr (GError) cause = NULL;
    GVariant *answer = NULL;

    if (open_any (self, &cause) && self->owner != NULL)
      answer = call_program (self, command, taken, &cause);
    else if (self->service != NULL)
      answer = call_here (self, command, taken, &cause);
    if (answer != NULL)
      return answer;

    if (self->service == NULL || is_passing (cause))
      disconnect (self);
    if (!is_passing (cause) || wait > LAST_WAIT_MS) {
      clarify (&cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }
    g_usleep (wait * 1000);
  }
}

/* Lets others have the queue. */
void
cli_queue_reach_close (CliQueueReach *self)
{
  disconnect (self);
}

/* Whether it was a program that did the last command, which uploads as well. */
gboolean
cli_queue_reach_is_running (CliQueueReach *self)
{
  return self->was_running;
}

/* Where a damaged database was put; or NULL. */
const char *
cli_queue_reach_get_set_aside (CliQueueReach *self)
{
  return self->set_aside;
}

/* Whether the queue was reached, and did not want it so. */
gboolean
cli_queue_reach_is_refusal (const GError *error)
{
  return g_error_matches (error, GALILEO_QUEUE_SERVICE_ERROR, GALILEO_QUEUE_SERVICE_ERROR_INVALID) ||
         g_error_matches (error, GALILEO_QUEUE_SERVICE_ERROR, GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM);
}

/* makes: a database, if there is none. Without that, a queue that is not there is an empty one. */
CliQueueReach *
cli_queue_reach_new (gboolean makes)
{
  CliQueueReach *self = g_new0 (CliQueueReach, 1);

  /* GDBus gives errors of domains only that it has heard of. */
  (void) GALILEO_QUEUE_SERVICE_ERROR;
  self->makes = makes;
  return self;
}

void
cli_queue_reach_free (CliQueueReach *self)
{
  disconnect (self);
  g_clear_object (&self->bus);
  g_free (self->set_aside);
  g_free (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-service.h"

/*
 * An item is a dictionary: "id" (x), "state" (s: waiting, uploading, retrying, paused, failed, done or cancelled),
 * "name" (s, at the site), "file" (s, for people), "uri" (s), "site" (s, its address), "acknowledged" (t, bytes),
 * "attempt" (u), and where there are such: "folder" (s, at the site), "size" (x, bytes), "wait" (s, for those waiting:
 * turn, paused, metered, network, site, sign-in or name), "speed" (d, bytes a second), "retry-in" (d, seconds),
 * "reason" (s), "finished" (x, Unix time), "link" (s), "hash" (s), "verified" (b).
 */
static const char introspection[] =
    "<node><interface name='" GALILEO_QUEUE_SERVICE_INTERFACE "'>"
    /* Items in the user's order, those after one, 0: from the first; so many at most, 0: all. */
    "<method name='List'>"
    "  <arg name='after' type='x' direction='in'/>"
    "  <arg name='most' type='u' direction='in'/>"
    "  <arg name='paused' type='b' direction='out'/>"
    "  <arg name='items' type='aa{sv}' direction='out'/>"
    "</method>"
    /* Files and folders. rule, for those whose name another one has: site, rename, skip or replace; where the site's
     * own is to ask, they are renamed. What is in the queue already is skipped. failed: URIs of what is not added, and
     * why. */
    "<method name='Add'>"
    "  <arg name='address' type='s' direction='in'/>"
    "  <arg name='uris' type='as' direction='in'/>"
    "  <arg name='rule' type='s' direction='in'/>"
    "  <arg name='added' type='u' direction='out'/>"
    "  <arg name='skipped' type='u' direction='out'/>"
    "  <arg name='failed' type='a(ss)' direction='out'/>"
    "</method>"
    /* Without ids, everything; that is not counted. */
    "<method name='Pause'>"
    "  <arg name='ids' type='ax' direction='in'/>"
    "  <arg name='changed' type='u' direction='out'/>"
    "</method>"
    "<method name='Resume'>"
    "  <arg name='ids' type='ax' direction='in'/>"
    "  <arg name='changed' type='u' direction='out'/>"
    "</method>"
    "<method name='RetryFailed'>"
    "  <arg name='changed' type='u' direction='out'/>"
    "</method>"
    "<method name='Remove'>"
    "  <arg name='ids' type='ax' direction='in'/>"
    "  <arg name='changed' type='u' direction='out'/>"
    "</method>"
    "<method name='Cancel'>"
    "  <arg name='ids' type='ax' direction='in'/>"
    "  <arg name='changed' type='u' direction='out'/>"
    "</method>"
    /* place: top, up, down or bottom. */
    "<method name='Move'>"
    "  <arg name='ids' type='ax' direction='in'/>"
    "  <arg name='place' type='s' direction='in'/>"
    "  <arg name='changed' type='u' direction='out'/>"
    "</method>"
    /* format: json or csv. */
    "<method name='SearchHistory'>"
    "  <arg name='text' type='s' direction='in'/>"
    "  <arg name='format' type='s' direction='in'/>"
    "  <arg name='history' type='s' direction='out'/>"
    "</method>"
    /* Sets what is given, and gives what holds then: "uploads-at-once" (u, 0: as many as is usual), "rate-limit" (t, bytes
     * a second, 0: none), "same-name" (s: ask, rename, skip or replace), "keep-folders" (b). */
    "<method name='SetSite'>"
    "  <arg name='address' type='s' direction='in'/>"
    "  <arg name='changes' type='a{sv}' direction='in'/>"
    "  <arg name='settings' type='a{sv}' direction='out'/>"
    "</method>"
    "<property name='Paused' type='b' access='read'>"
    "  <annotation name='org.freedesktop.DBus.Property.EmitsChangedSignal' value='false'/>"
    "</property>"
    "</interface></node>";

static const GDBusErrorEntry errors[] = {
  { GALILEO_QUEUE_SERVICE_ERROR_INVALID, GALILEO_QUEUE_SERVICE_INTERFACE ".Error.Invalid" },
  { GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM, GALILEO_QUEUE_SERVICE_INTERFACE ".Error.UnknownItem" },
  { GALILEO_QUEUE_SERVICE_ERROR_NOT_READY, GALILEO_QUEUE_SERVICE_INTERFACE ".Error.NotReady" },
  { GALILEO_QUEUE_SERVICE_ERROR_NOT_SAVED, GALILEO_QUEUE_SERVICE_INTERFACE ".Error.NotSaved" },
};

GQuark
galileo_queue_service_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("galileo-queue-service-error-quark", &quark, errors, G_N_ELEMENTS (errors));
  return (GQuark) quark;
}

/* Returns: (transfer none) */
GDBusInterfaceInfo *
galileo_queue_service_get_info (void)
{
  static GDBusNodeInfo *node = NULL;

  if (g_once_init_enter (&node)) {
    GDBusNodeInfo *parsed = g_dbus_node_info_new_for_xml (introspection, NULL);

    g_assert (parsed != NULL);
    g_once_init_leave (&node, parsed);
  }
  return node->interfaces[0];
}

static void
called_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GVariant) answer = galileo_queue_service_call_finish (GALILEO_QUEUE_SERVICE (object), result, &error);

  if (answer != NULL)
    g_dbus_method_invocation_return_value (invocation, answer);
  else
    g_dbus_method_invocation_return_gerror (invocation, error);
}

static void
method_call_cb (GDBusConnection *connection,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  galileo_queue_service_call_async (user_data, method, parameters, called_cb, invocation);
}

static GVariant *
get_property_cb (GDBusConnection *connection,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *property,
                 GError **error,
                 gpointer user_data)
{
  return g_variant_new_boolean (galileo_queue_service_get_paused (user_data));
}

#define REGISTRATION "galileo-queue-service-registration"

/* Lets it be called on a connection, once. What is called is carried out in the main context of now. */
gboolean
galileo_queue_service_export (GalileoQueueService *self, GDBusConnection *connection, const char *path, GError **error)
{
  static const GDBusInterfaceVTable table = { method_call_cb, get_property_cb, NULL };
  guint id;

  g_return_val_if_fail (GALILEO_IS_QUEUE_SERVICE (self), FALSE);
  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), FALSE);

  (void) GALILEO_QUEUE_SERVICE_ERROR;
  id = g_dbus_connection_register_object (connection,
                                          path,
                                          galileo_queue_service_get_info (),
                                          &table,
                                          g_object_ref (self),
                                          g_object_unref,
                                          error);
  g_object_set_data (G_OBJECT (self), REGISTRATION, GUINT_TO_POINTER (id));
  return id != 0;
}

void
galileo_queue_service_unexport (GalileoQueueService *self, GDBusConnection *connection)
{
  guint id;

  g_return_if_fail (GALILEO_IS_QUEUE_SERVICE (self));
  g_return_if_fail (G_IS_DBUS_CONNECTION (connection));

  id = GPOINTER_TO_UINT (g_object_steal_data (G_OBJECT (self), REGISTRATION));
  if (id != 0)
    g_dbus_connection_unregister_object (connection, id);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service-fixture.h"

#include <sys/socket.h>

static GDBusConnection *
finish_connection (GAsyncResult **result)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  connection = g_dbus_connection_new_finish (*result, &error);
  g_assert_no_error (error);
  g_object_unref (*result);
  return connection;
}

static void
connect_pair (GDBusConnection **server, GDBusConnection **client)
{
  g_autofree char *guid = g_dbus_generate_guid ();
  const GDBusConnectionFlags flags[] = { G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER,
                                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT };
  GAsyncResult *results[] = { NULL, NULL };
  int descriptors[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors), ==, 0);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GSocket) socket = g_socket_new_from_fd (descriptors[i], NULL);
    g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);

    g_dbus_connection_new (G_IO_STREAM (stream), i == 0 ? guid : NULL, flags[i], NULL, NULL, called_cb, &results[i]);
  }
  *server = finish_connection (&results[0]);
  *client = finish_connection (&results[1]);
}

static GVariant *
call_over (GDBusConnection *connection, const char *interface, const char *method, GVariant *parameters, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_call (connection, NULL, "/queue", interface, method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          called_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_dbus_connection_call_finish (connection, result, error);
}

static void
test_dbus (Fixture *fixture, gconstpointer data)
{
  const char *interface = GALILEO_QUEUE_SERVICE_INTERFACE;
  g_autofree char *uri = make_file (fixture, "a.bin", "1");
  const char *uris[] = { uri, NULL };
  g_autoptr (GDBusConnection) server = NULL;
  g_autoptr (GDBusConnection) client = NULL;
  g_autoptr (GVariant) added = NULL;
  g_autoptr (GVariant) items = NULL;
  g_autoptr (GVariant) paused = NULL;
  g_autofree char *added_text = NULL;
  g_autofree char *paused_text = NULL;
  g_autoptr (GError) error = NULL;

  connect_pair (&server, &client);
  g_assert_true (galileo_queue_service_export (fixture->service, server, "/queue", &error));

  added = call_over (client, interface, "Add", new_add ("site", uris), &error);
  g_assert_no_error (error);
  added_text = g_variant_print (added, TRUE);
  g_assert_cmpstr (added_text, ==, "(uint32 1, uint32 0, @a(ss) [])");

  items = call_over (client, interface, "List", g_variant_new ("(xu)", (gint64) 0, 0), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_type_string (items), ==, "(baa{sv})");

  paused = call_over (client, "org.freedesktop.DBus.Properties", "Get", g_variant_new ("(ss)", interface, "Paused"), &error);
  g_assert_no_error (error);
  paused_text = g_variant_print (paused, TRUE);
  g_assert_cmpstr (paused_text, ==, "(<false>,)");

  g_assert_null (call_over (client, interface, "Cancel", ids ("5"), &error));
  g_assert_error (error, GALILEO_QUEUE_SERVICE_ERROR, GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM);
  g_clear_error (&error);

  galileo_queue_service_unexport (fixture->service, server);
  g_assert_null (call_over (client, interface, "Cancel", ids ("1"), &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);

  g_assert_true (g_dbus_connection_close_sync (client, NULL, NULL));
  while (!g_dbus_connection_is_closed (server))
    g_main_context_iteration (NULL, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add ("/queue-service/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("dbus", test_dbus);

  return g_test_run ();
}

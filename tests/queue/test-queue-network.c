/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue-fixture.h"

#include <gio/gio.h>

/* A network that a test switches on and off. */
#define TYPE_FAKE_MONITOR (fake_monitor_get_type ())
G_DECLARE_FINAL_TYPE (FakeMonitor, fake_monitor, FAKE, MONITOR, GObject)

struct _FakeMonitor {
  GObject parent_instance;
  gboolean available;
  gboolean metered;
  gboolean reaches; /* also without a way to everywhere */
  guint n_asked;
};

enum {
  PROP_0,
  PROP_AVAILABLE,
  PROP_METERED,
  PROP_CONNECTIVITY,
};

static gboolean
monitor_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = monitor_init;
}

static void
can_reach_async (GNetworkMonitor *monitor,
                 GSocketConnectable *connectable,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (monitor, cancellable, callback, user_data);
  FakeMonitor *self = FAKE_MONITOR (monitor);

  self->n_asked++;
  g_task_return_boolean (task, self->reaches);
}

static gboolean
can_reach_finish (GNetworkMonitor *monitor, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
monitor_iface_init (GNetworkMonitorInterface *iface)
{
  iface->can_reach_async = can_reach_async;
  iface->can_reach_finish = can_reach_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeMonitor,
                               fake_monitor,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init)
                               G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR, monitor_iface_init))

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FakeMonitor *self = FAKE_MONITOR (object);

  if (id == PROP_CONNECTIVITY)
    g_value_set_enum (value, self->available ? G_NETWORK_CONNECTIVITY_FULL : G_NETWORK_CONNECTIVITY_LOCAL);
  else
    g_value_set_boolean (value, id == PROP_AVAILABLE ? self->available : self->metered);
}

static void
fake_monitor_class_init (FakeMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = get_property;
  g_object_class_override_property (object_class, PROP_AVAILABLE, "network-available");
  g_object_class_override_property (object_class, PROP_METERED, "network-metered");
  g_object_class_override_property (object_class, PROP_CONNECTIVITY, "connectivity");
}

static void
fake_monitor_init (FakeMonitor *self)
{
  self->available = TRUE;
}

static void
set_available (FakeMonitor *self, gboolean available)
{
  self->available = available;
  g_object_notify (G_OBJECT (self), "network-available");
  g_signal_emit_by_name (self, "network-changed", available);
}

static void
set_metered (FakeMonitor *self, gboolean metered)
{
  self->metered = metered;
  g_object_notify (G_OBJECT (self), "network-metered");
}

static void
run_for (guint milliseconds)
{
  for (gint64 end = g_get_monotonic_time () + milliseconds * 1000; g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, FALSE);
}

/* Without a network nothing is tried and nothing fails; with one it goes on at once. */
static void
test_off_and_on (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (TYPE_FAKE_MONITOR, NULL);
  Fixture fixture;

  set_up (&fixture);
  monitor->available = FALSE;
  galileo_queue_set_network_monitor (fixture.queue, G_NETWORK_MONITOR (monitor));
  for (guint i = 0; i < 5; i++)
    add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  run_for (300);
  g_assert_cmpuint (monitor->n_asked, >=, 1);
  g_assert_cmpuint (fixture.n_started, ==, 0);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_WAITING), ==, 5);
  g_assert_cmpint (galileo_queue_get_wait (fixture.queue, get_item (&fixture, 0)), ==, GALILEO_WAIT_NETWORK);

  set_available (monitor, TRUE);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 5);
  g_assert_cmpuint (fixture.n_retries, ==, 0);
  tear_down (&fixture);
}

/* A site on this computer, or nearby, is reached without a way to everywhere. */
static void
test_nearby (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (TYPE_FAKE_MONITOR, NULL);
  Fixture fixture;

  set_up (&fixture);
  monitor->available = FALSE;
  monitor->reaches = TRUE;
  galileo_queue_set_network_monitor (fixture.queue, G_NETWORK_MONITOR (monitor));
  add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 1);
  tear_down (&fixture);
}

/* This computer's own monitor, wherever it stands, knows that it reaches itself. */
static void
test_real_monitor (void)
{
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_network_monitor (fixture.queue, g_network_monitor_get_default ());
  add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 1);
  tear_down (&fixture);
}

/* A wait that was begun when the network was bad ends when it is back. */
static void
test_hastened (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (TYPE_FAKE_MONITOR, NULL);
  Fixture fixture;
  gint64 start;

  set_up (&fixture);
  galileo_queue_set_retries (fixture.queue, 100);
  galileo_queue_set_network_monitor (fixture.queue, G_NETWORK_MONITOR (monitor));
  fixture.peer.n_to_cut = 3;
  add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (fixture.n_retries == 3);
  g_assert_cmpfloat (fixture.last_delay, >, 3.5);
  start = g_get_monotonic_time ();
  set_available (monitor, FALSE);
  set_available (monitor, TRUE);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 1);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 3 * G_USEC_PER_SEC);
  tear_down (&fixture);
}

static void
test_metered (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (TYPE_FAKE_MONITOR, NULL);
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_network_monitor (fixture.queue, G_NETWORK_MONITOR (monitor));
  galileo_queue_set_pause_on_metered (fixture.queue, TRUE);
  set_metered (monitor, TRUE);
  add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  run_for (200);
  g_assert_cmpuint (fixture.n_started, ==, 0);
  g_assert_cmpint (galileo_queue_get_wait (fixture.queue, get_item (&fixture, 0)), ==, GALILEO_WAIT_METERED);
  galileo_queue_set_pause_on_metered (fixture.queue, FALSE);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 1);
  tear_down (&fixture);
}

/* After a sleep a connection may be dead without anybody having said so. */
static void
test_stuck (void)
{
  Fixture fixture;
  GalileoItem *item;

  set_up (&fixture);
  fixture.peer.mute = TRUE;
  item = add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (fixture.peer.names->len == 1);
  fixture.peer.mute = FALSE;
  galileo_queue_wake (fixture.queue);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_DONE);
  g_assert_cmpuint (fixture.peer.names->len, ==, 2);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/queue-network/off-and-on", test_off_and_on);
  g_test_add_func ("/queue-network/nearby", test_nearby);
  g_test_add_func ("/queue-network/real-monitor", test_real_monitor);
  g_test_add_func ("/queue-network/hastened", test_hastened);
  g_test_add_func ("/queue-network/metered", test_metered);
  g_test_add_func ("/queue-network/stuck", test_stuck);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue-fixture.h"

#include "queue/galileo-item-private.h"

#define BIG (8 * 1000 * 1000)

static void
test_one (void)
{
  Fixture fixture;
  GalileoItem *first;

  set_up (&fixture);
  galileo_queue_set_max_uploads (fixture.queue, 1);
  galileo_engine_set_rate_limit (fixture.engine, 2000000);
  first = add_item (&fixture, BIG, NULL);
  add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (galileo_item_get_acknowledged (first) > 0);

  /* Its slot goes to the next. */
  galileo_queue_pause (fixture.queue, first);
  g_assert_cmpint (galileo_item_get_state (first), ==, GALILEO_ITEM_PAUSED);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (first), ==, GALILEO_ITEM_PAUSED);
  g_assert_cmpint (galileo_item_get_state (get_item (&fixture, 1)), ==, GALILEO_ITEM_DONE);

  /* It goes on in its connection. */
  galileo_engine_set_rate_limit (fixture.engine, 0);
  galileo_queue_resume (fixture.queue, first);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (first), ==, GALILEO_ITEM_DONE);
  g_assert_cmpuint (galileo_item_get_attempt (first), ==, 1);
  g_assert_cmpuint (fixture.peer.names->len, ==, 2);
  tear_down (&fixture);
}

/* The site does not wait for ever: then it is as after any cut. */
static void
test_cut_while_paused (void)
{
  Fixture fixture;
  GalileoItem *item;

  set_up (&fixture);
  galileo_engine_set_rate_limit (fixture.engine, 2000000);
  item = add_item (&fixture, BIG, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (galileo_item_get_acknowledged (item) > 0);
  galileo_queue_pause (fixture.queue, item);
  soup_websocket_connection_close (((Guest *) g_ptr_array_index (fixture.peer.connections, 0))->websocket, 1001, NULL);
  WAIT_UNTIL (fixture.peer.n_at_once == 0);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_PAUSED);

  galileo_engine_set_rate_limit (fixture.engine, 0);
  galileo_queue_resume (fixture.queue, item);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_DONE);
  g_assert_cmpuint (fixture.peer.n_arrived, ==, 1);
  tear_down (&fixture);
}

/* A paused one keeps its name: none that is later takes its place. */
static void
test_same_name (void)
{
  Fixture fixture;

  set_up (&fixture);
  add_item (&fixture, 1000, "same");
  add_item (&fixture, 1001, "same");
  add_item (&fixture, 1000, "other");
  galileo_queue_append (fixture.queue, fixture.items);
  galileo_queue_pause (fixture.queue, get_item (&fixture, 0));
  WAIT_UNTIL (galileo_item_get_state (get_item (&fixture, 2)) == GALILEO_ITEM_DONE);
  g_assert_cmpint (galileo_item_get_state (get_item (&fixture, 1)), ==, GALILEO_ITEM_WAITING);
  g_assert_cmpint (galileo_queue_get_wait (fixture.queue, get_item (&fixture, 1)), ==, GALILEO_WAIT_NAME);

  galileo_queue_resume (fixture.queue, get_item (&fixture, 0));
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 3);
  g_assert_false (fixture.peer.doubled);
  tear_down (&fixture);
}

/* A paused one that is cancelled gives its name away; one that waited for it and is paused takes it, and rests. */
static void
test_paused_follower (void)
{
  Fixture fixture;

  set_up (&fixture);
  for (guint i = 0; i < 3; i++)
    add_item (&fixture, 1000 + i, "same");
  galileo_queue_append (fixture.queue, fixture.items);
  galileo_queue_pause (fixture.queue, get_item (&fixture, 0));
  galileo_queue_pause (fixture.queue, get_item (&fixture, 1));
  galileo_queue_cancel (fixture.queue, get_item (&fixture, 0));
  g_assert_cmpint (galileo_queue_get_wait (fixture.queue, get_item (&fixture, 2)), ==, GALILEO_WAIT_NAME);
  galileo_queue_remove (fixture.queue, get_item (&fixture, 1));
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (get_item (&fixture, 2)), ==, GALILEO_ITEM_DONE);
  g_assert_cmpuint (fixture.peer.names->len, ==, 1);
  tear_down (&fixture);
}

/* All and one are independent of each other. */
static void
test_all (void)
{
  Fixture fixture;
  guint64 acknowledged;

  set_up (&fixture);
  galileo_engine_set_rate_limit (fixture.engine, 4000000);
  for (guint i = 0; i < 6; i++)
    add_item (&fixture, BIG, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (count (&fixture, GALILEO_ITEM_UPLOADING) == 3 && galileo_item_get_acknowledged (get_item (&fixture, 2)) > 0);
  galileo_queue_pause (fixture.queue, get_item (&fixture, 0));
  galileo_queue_set_paused (fixture.queue, TRUE);
  galileo_queue_pause (fixture.queue, get_item (&fixture, 5));
  galileo_queue_resume (fixture.queue, get_item (&fixture, 0));
  galileo_queue_pause (fixture.queue, get_item (&fixture, 0));
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_PAUSED), ==, 2);

  /* Nothing starts, and what runs comes to rest: two looks a while apart see the same. */
  galileo_engine_set_rate_limit (fixture.engine, 0);
  for (gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, FALSE);
  acknowledged = galileo_item_get_acknowledged (get_item (&fixture, 2));
  g_assert_cmpuint (acknowledged, <, BIG);
  for (gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 2; g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (galileo_item_get_acknowledged (get_item (&fixture, 2)), ==, acknowledged);
  g_assert_cmpuint (fixture.n_started, <=, 3);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 0);

  galileo_queue_set_paused (fixture.queue, FALSE);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 4);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_PAUSED), ==, 2);
  galileo_queue_resume (fixture.queue, get_item (&fixture, 0));
  galileo_queue_resume (fixture.queue, get_item (&fixture, 5));
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 6);
  g_assert_cmpuint (fixture.peer.names->len, ==, 6);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/queue-pause/one", test_one);
  g_test_add_func ("/queue-pause/cut-while-paused", test_cut_while_paused);
  g_test_add_func ("/queue-pause/same-name", test_same_name);
  g_test_add_func ("/queue-pause/paused-follower", test_paused_follower);
  g_test_add_func ("/queue-pause/all", test_all);

  return g_test_run ();
}

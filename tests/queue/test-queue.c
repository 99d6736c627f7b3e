/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue-fixture.h"

static void
test_batch (void)
{
  guint64 size, acknowledged;
  double fraction;
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_max_uploads (fixture.queue, 4);
  for (guint i = 0; i < 40; i++)
    galileo_item_set_expected (add_item (&fixture, i * 1000, NULL), i * 1000, 0);
  galileo_queue_append (fixture.queue, fixture.items);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture.queue)), ==, 40);
  g_assert_true (galileo_queue_get_busy (fixture.queue));
  wait_idle (&fixture);

  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 40);
  g_assert_cmpuint (fixture.peer.n_arrived, ==, 40);
  /* A confirmed upload gives its place away while its websocket still closes. */
  g_assert_cmpuint (fixture.peer.most_at_once, >=, 2);
  g_assert_cmpuint (fixture.n_started, ==, 40);
  g_assert_cmpuint (fixture.n_finished, ==, 40);
  g_assert_cmpuint (fixture.n_idle, ==, 1);
  g_object_get (fixture.queue, "size", &size, "acknowledged", &acknowledged, "fraction", &fraction, NULL);
  g_assert_cmpuint (size, ==, 39 * 40 / 2 * 1000);
  g_assert_cmpuint (acknowledged, ==, size);
  g_assert_cmpfloat (fraction, ==, 1.0);
  tear_down (&fixture);
}

static void
test_at_once (void)
{
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.hold = TRUE;
  for (guint i = 0; i < 10; i++)
    add_item (&fixture, 100, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  while (fixture.peer.held->len < 3)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture.n_started, ==, 3);

  galileo_queue_set_max_uploads (fixture.queue, 5);
  while (fixture.peer.held->len < 5)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture.n_started, ==, 5);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_UPLOADING), ==, 5);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_WAITING), ==, 5);

  peer_release (&fixture.peer);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 10);
  tear_down (&fixture);
}

/* Two files of one name at one site never go at the same time, and don't hold up others. */
static void
test_same_name (void)
{
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_max_uploads (fixture.queue, 8);
  for (guint i = 0; i < 6; i++)
    add_item (&fixture, 1000, "same.bin");
  for (guint i = 0; i < 6; i++)
    add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 12);
  g_assert_cmpuint (fixture.peer.n_arrived, ==, 12);
  g_assert_false (fixture.peer.doubled);
  tear_down (&fixture);
}

static void
test_retry (void)
{
  GalileoItem *item;
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.n_to_cut = 1;
  item = add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_DONE);
  g_assert_cmpuint (galileo_item_get_attempt (item), ==, 2);
  g_assert_cmpuint (fixture.n_retries, ==, 1);
  g_assert_cmpfloat (fixture.last_delay, >=, 0.9);
  g_assert_cmpfloat (fixture.last_delay, <=, 1.1);
  tear_down (&fixture);
}

static void
test_no_retries (void)
{
  GalileoItem *item;
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_retries (fixture.queue, 0);
  fixture.peer.n_to_cut = 1;
  item = add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_FAILED);
  g_assert_error ((GError *) galileo_item_get_error (item), GALILEO_ERROR, GALILEO_ERROR_INTERRUPTED);
  g_assert_cmpuint (fixture.n_retries, ==, 0);

  /* The user's retry. */
  galileo_queue_retry (fixture.queue, item);
  g_assert_cmpuint (galileo_item_get_attempt (item), ==, 0);
  g_assert_null (galileo_item_get_error (item));
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_DONE);
  tear_down (&fixture);
}

/* A message that is too big is tried again smaller, which is no attempt of its own. */
static void
test_too_big (void)
{
  GalileoItem *item;
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.biggest_message = 100000;
  item = add_item (&fixture, 600000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_DONE);
  g_assert_cmpuint (galileo_item_get_attempt (item), ==, 1);
  g_assert_cmpuint (fixture.n_retries, ==, 0);

  fixture.peer.biggest_message = 1000;
  item = add_item (&fixture, 600000, NULL);
  {
    g_autoptr (GPtrArray) one = g_ptr_array_new ();

    g_ptr_array_add (one, item);
    galileo_queue_append (fixture.queue, one);
  }
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_FAILED);
  g_assert_error ((GError *) galileo_item_get_error (item), GALILEO_ERROR, GALILEO_ERROR_MESSAGE_TOO_BIG);
  tear_down (&fixture);
}

/* A site that nobody has reached fails its files at once; files of another go on. */
static void
test_site_down (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autofree char *address =
      g_strdup_printf ("ws://127.0.0.1:%u/upload", g_socket_listener_add_any_inet_port (listener, NULL, NULL));
  g_autoptr (GalileoSite) down = galileo_site_new (address, NULL);
  Fixture fixture;

  g_socket_listener_close (listener);
  set_up (&fixture);
  for (guint i = 0; i < 20; i++) {
    GalileoItem *item = add_item (&fixture, 10, NULL);

    g_ptr_array_add (fixture.items, galileo_item_new (down, galileo_item_get_file (item), NULL));
  }
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 20);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_FAILED), ==, 20);
  g_assert_cmpuint (fixture.n_retries, ==, 0);
  for (guint i = 1; i < fixture.items->len; i += 2)
    g_assert_error ((GError *) galileo_item_get_error (g_ptr_array_index (fixture.items, i)),
                    GALILEO_ERROR,
                    GALILEO_ERROR_CONNECT);
  tear_down (&fixture);
}

/* One bad file stops nothing. */
static void
test_bad_file (void)
{
  Fixture fixture;

  set_up (&fixture);
  add_item (&fixture, 10, NULL);
  g_file_delete (galileo_item_get_file (add_item (&fixture, 10, NULL)), NULL, NULL);
  add_item (&fixture, 10, "../up");
  add_item (&fixture, 10, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 2);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_FAILED), ==, 2);
  tear_down (&fixture);
}

static void
test_cancel (void)
{
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.hold = TRUE;
  for (guint i = 0; i < 6; i++)
    add_item (&fixture, 100, i == 4 ? "0.bin" : NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  while (fixture.peer.held->len < 3)
    g_main_context_iteration (NULL, TRUE);

  /* One that runs, one that waits, one that waits for a name. */
  galileo_queue_cancel (fixture.queue, g_ptr_array_index (fixture.items, 1));
  galileo_queue_cancel (fixture.queue, g_ptr_array_index (fixture.items, 5));
  galileo_queue_cancel (fixture.queue, g_ptr_array_index (fixture.items, 4));
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_CANCELLED), ==, 3);
  g_assert_cmpuint (fixture.n_finished, ==, 3);

  galileo_queue_cancel_all (fixture.queue);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_CANCELLED), ==, 6);
  g_assert_cmpuint (fixture.peer.n_arrived, ==, 0);
  tear_down (&fixture);
}

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, guint *n_items)
{
  g_assert_cmpuint (position + removed, <=, *n_items);
  *n_items = *n_items - removed + added;
  g_assert_cmpuint (*n_items, ==, g_list_model_get_n_items (model));
}

static void
test_model (void)
{
  guint n_items = 0;
  Fixture fixture;

  set_up (&fixture);
  g_signal_connect (fixture.queue, "items-changed", G_CALLBACK (changed_cb), &n_items);
  for (guint i = 0; i < 10; i++)
    add_item (&fixture, 10, i % 3 == 0 ? "a/b" : NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  for (guint i = 0; i < 10; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (fixture.queue), i);

    g_assert_true (item == g_ptr_array_index (fixture.items, i));
  }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture.queue), 10));
  wait_idle (&fixture);

  /* Failed ones stay. */
  galileo_queue_clear_finished (fixture.queue);
  g_assert_cmpuint (n_items, ==, 4);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (fixture.queue), i);

    g_assert_true (item == g_ptr_array_index (fixture.items, 3 * i));
  }

  galileo_queue_remove (fixture.queue, g_ptr_array_index (fixture.items, 3));
  galileo_queue_remove (fixture.queue, g_ptr_array_index (fixture.items, 3));
  g_assert_cmpuint (n_items, ==, 3);
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture.queue, GALILEO_ITEM_FAILED), ==, 3);
  tear_down (&fixture);
}

/* Removed while it runs: it is cut, and others go on. */
static void
test_remove_running (void)
{
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_max_uploads (fixture.queue, 1);
  fixture.peer.hold = TRUE;
  add_item (&fixture, 100, NULL);
  add_item (&fixture, 100, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  while (fixture.peer.held->len < 1)
    g_main_context_iteration (NULL, TRUE);
  fixture.peer.hold = FALSE;
  galileo_queue_remove (fixture.queue, g_ptr_array_index (fixture.items, 0));
  wait_idle (&fixture);
  g_assert_cmpuint (fixture.peer.n_arrived, ==, 1);
  g_assert_cmpint (galileo_item_get_state (g_ptr_array_index (fixture.items, 1)), ==, GALILEO_ITEM_DONE);
  tear_down (&fixture);
}

/* Freed in the middle of everything. */
static void
test_free (void)
{
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.hold = TRUE;
  for (guint i = 0; i < 6; i++)
    add_item (&fixture, 1000000, i == 5 ? "0.bin" : NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  while (fixture.peer.held->len < 2)
    g_main_context_iteration (NULL, TRUE);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/queue/batch", test_batch);
  g_test_add_func ("/queue/at-once", test_at_once);
  g_test_add_func ("/queue/same-name", test_same_name);
  g_test_add_func ("/queue/retry", test_retry);
  g_test_add_func ("/queue/no-retries", test_no_retries);
  g_test_add_func ("/queue/too-big", test_too_big);
  g_test_add_func ("/queue/site-down", test_site_down);
  g_test_add_func ("/queue/bad-file", test_bad_file);
  g_test_add_func ("/queue/cancel", test_cancel);
  g_test_add_func ("/queue/model", test_model);
  g_test_add_func ("/queue/remove-running", test_remove_running);
  g_test_add_func ("/queue/free", test_free);

  return g_test_run ();
}

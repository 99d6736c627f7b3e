/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue-fixture.h"

/*
 * The queue against a plain model: an array of items. A view is imitated, too, which knows of the queue only what
 * items-changed tells.
 */

#define N_ITEMS 50000
#define N_STEPS 1500

typedef struct {
  GalileoEngine *engine;
  GalileoQueue *queue;
  GalileoSite *sites[3];
  GPtrArray *model;
  GPtrArray *view;
  GRand *random;
  guint n_made;
} Order;

static void
items_changed_cb (GListModel *list, guint position, guint removed, guint added, Order *order)
{
  GPtrArray *view = order->view;
  guint length = view->len, tail = length - position - removed;

  for (guint i = 0; i < removed; i++)
    g_object_unref (view->pdata[position + i]);
  g_ptr_array_set_free_func (view, NULL);
  g_ptr_array_set_size (view, (int) (MAX (length, length - removed + added)));
  memmove (view->pdata + position + added, view->pdata + position + removed, tail * sizeof (gpointer));
  g_ptr_array_set_size (view, (int) (length - removed + added));
  g_ptr_array_set_free_func (view, g_object_unref);
  for (guint i = 0; i < added; i++)
    view->pdata[position + i] = g_list_model_get_item (list, position + i);
}

static void
order_init (Order *order)
{
  guint32 seed = g_random_int ();

  g_test_message ("seed %u", seed);
  memset (order, 0, sizeof *order);
  order->random = g_rand_new_with_seed (seed);
  order->engine = galileo_engine_new ();
  order->queue = galileo_queue_new (order->engine);
  /* Nothing is to start: it is about order and counts. */
  galileo_queue_set_paused (order->queue, TRUE);
  order->model = g_ptr_array_new_with_free_func (g_object_unref);
  order->view = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < G_N_ELEMENTS (order->sites); i++) {
    g_autofree char *address = g_strdup_printf ("ws://127.0.0.1:1/%u", i);

    order->sites[i] = galileo_site_new (address, NULL);
  }
  g_signal_connect (order->queue, "items-changed", G_CALLBACK (items_changed_cb), order);
}

static void
order_clear (Order *order)
{
  g_assert_finalize_object (order->queue);
  g_assert_finalize_object (order->engine);
  for (guint i = 0; i < G_N_ELEMENTS (order->sites); i++)
    g_object_unref (order->sites[i]);
  g_ptr_array_unref (order->model);
  g_ptr_array_unref (order->view);
  g_rand_free (order->random);
}

static guint
below (Order *order, guint end)
{
  return (guint) g_rand_int_range (order->random, 0, (gint32) end);
}

static void
append (Order *order, guint n)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++) {
    /* Some names are there twice. */
    g_autofree char *name = g_strdup_printf ("%u.bin", order->n_made++ / (below (order, 8) == 0 ? 2 : 1));
    g_autofree char *path = g_strdup_printf ("/nowhere/%s", name);
    g_autoptr (GFile) file = g_file_new_for_path (path);
    GalileoItem *item = galileo_item_new (order->sites[below (order, 3)], file, name);

    g_ptr_array_add (items, item);
    g_ptr_array_add (order->model, g_object_ref (item));
  }
  galileo_queue_append (order->queue, items);
}

/* Some items of the model, in the model's order. */
static GPtrArray *
choose (Order *order)
{
  GPtrArray *chosen = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = below (order, 10) == 0 ? 200 : 1 + below (order, 4);
  guint at = below (order, order->model->len);
  guint step = 1 + below (order, 3);

  for (guint i = 0; i < n && at < order->model->len; i++, at += step)
    g_ptr_array_add (chosen, g_object_ref (g_ptr_array_index (order->model, at)));
  return chosen;
}

static guint
find (Order *order, gpointer item)
{
  guint at;

  g_assert_true (g_ptr_array_find (order->model, item, &at));
  return at;
}

/* What the queue is asked to do, done to the model. place: of the list without what is moved. */
static void
move_in_model (Order *order, GPtrArray *items, guint place)
{
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_remove_index (order->model, find (order, g_ptr_array_index (items, i)));
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_insert (order->model, (int) (place + i), g_object_ref (g_ptr_array_index (items, i)));
}

/* How many come before a position that are not moved. */
static guint
count_staying (Order *order, GPtrArray *items, guint end)
{
  guint n = end;

  for (guint i = 0; i < items->len; i++)
    n -= find (order, g_ptr_array_index (items, i)) < end;
  return n;
}

static void
move (Order *order)
{
  g_autoptr (GPtrArray) items = choose (order);
  guint first = find (order, g_ptr_array_index (items, 0));
  guint last = find (order, g_ptr_array_index (items, items->len - 1));
  guint length = order->model->len;
  guint target = below (order, length + 1);

  switch (below (order, 5)) {
  case 0:
    galileo_queue_move_to (order->queue, items, GALILEO_PLACE_TOP);
    target = 0;
    break;
  case 1:
    galileo_queue_move_to (order->queue, items, GALILEO_PLACE_UP);
    target = first > 0 ? first - 1 : 0;
    break;
  case 2:
    galileo_queue_move_to (order->queue, items, GALILEO_PLACE_DOWN);
    target = MIN (last + 2, length);
    break;
  case 3:
    galileo_queue_move_to (order->queue, items, GALILEO_PLACE_BOTTOM);
    target = length;
    break;
  default:
    galileo_queue_move (order->queue, items, target < length ? g_ptr_array_index (order->model, target) : NULL);
  }
  move_in_model (order, items, count_staying (order, items, target));
}

static void
change (Order *order)
{
  g_autoptr (GPtrArray) items = choose (order);
  guint kind = below (order, 5);

  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);
    GalileoItemState before = galileo_item_get_state (item);
    GalileoItemState after = before;

    switch (kind) {
    case 0:
      galileo_queue_pause (order->queue, item);
      after = before == GALILEO_ITEM_WAITING ? GALILEO_ITEM_PAUSED : before;
      break;
    case 1:
      galileo_queue_resume (order->queue, item);
      after = before == GALILEO_ITEM_PAUSED ? GALILEO_ITEM_WAITING : before;
      break;
    case 2:
      galileo_queue_cancel (order->queue, item);
      after = GALILEO_ITEM_CANCELLED;
      break;
    case 3:
      galileo_queue_retry (order->queue, item);
      after = before == GALILEO_ITEM_CANCELLED ? GALILEO_ITEM_WAITING : before;
      break;
    default:
      galileo_queue_remove (order->queue, item);
      g_ptr_array_remove_index (order->model, find (order, item));
    }
    if (kind < 4)
      g_assert_cmpint (galileo_item_get_state (item), ==, after);
  }
}

static void
check (Order *order)
{
  guint n_in_state[GALILEO_ITEM_N_STATES] = { 0 };

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order->queue)), ==, order->model->len);
  g_assert_cmpuint (order->view->len, ==, order->model->len);
  for (guint i = 0; i < order->model->len; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (order->queue), i);

    g_assert_true (item == g_ptr_array_index (order->model, i));
    g_assert_true (item == g_ptr_array_index (order->view, i));
    n_in_state[galileo_item_get_state (item)]++;
  }
  for (guint state = 0; state < GALILEO_ITEM_N_STATES; state++)
    g_assert_cmpuint (galileo_queue_get_n_in_state (order->queue, state), ==, n_in_state[state]);
}

static void
test_against_model (void)
{
  Order order;

  order_init (&order);
  append (&order, N_ITEMS);
  check (&order);
  for (guint i = 0; i < N_STEPS; i++) {
    if (below (&order, 50) == 0)
      append (&order, 1 + below (&order, 100));
    else if (below (&order, 2) == 0)
      move (&order);
    else
      change (&order);
    if (i % 200 == 0)
      check (&order);
    while (g_main_context_iteration (NULL, FALSE)) {
    }
  }
  check (&order);
  galileo_queue_clear_finished (order.queue);
  for (guint i = order.model->len; i > 0; i--) {
    if (galileo_item_get_state (g_ptr_array_index (order.model, i - 1)) == GALILEO_ITEM_CANCELLED)
      g_ptr_array_remove_index (order.model, i - 1);
  }
  check (&order);
  order_clear (&order);
}

/* Always into the same gap, until there is none any more between two positions. */
static void
test_narrow_gap (void)
{
  Order order;

  order_init (&order);
  append (&order, 300);
  for (guint i = 0; i < 250; i++) {
    g_autoptr (GPtrArray) items = g_ptr_array_new ();

    g_ptr_array_add (items, g_ptr_array_index (order.model, order.model->len - 1));
    galileo_queue_move (order.queue, items, g_ptr_array_index (order.model, 1 + i % 2));
    move_in_model (&order, items, 1 + i % 2);
    check (&order);
  }
  order_clear (&order);
}

/* What is moved to the top goes first, also past another of its name. */
static void
test_goes_in_order (void)
{
  g_autoptr (GPtrArray) expected = g_ptr_array_new ();
  g_autoptr (GPtrArray) moved = g_ptr_array_new ();
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_max_uploads (fixture.queue, 1);
  galileo_queue_set_paused (fixture.queue, TRUE);
  for (guint i = 0; i < 20; i++) {
    g_autofree char *name = g_strdup_printf ("%u", i % 16);

    add_item (&fixture, 10 + i, name);
  }
  galileo_queue_append (fixture.queue, fixture.items);
  for (guint i = 15; i < 18; i++)
    g_ptr_array_add (moved, get_item (&fixture, i));
  galileo_queue_move_to (fixture.queue, moved, GALILEO_PLACE_TOP);
  for (guint i = 0; i < 20; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (fixture.queue), i);

    g_ptr_array_add (expected, item);
  }
  g_assert_true (g_ptr_array_index (expected, 1) == get_item (&fixture, 16));

  galileo_queue_set_paused (fixture.queue, FALSE);
  wait_idle (&fixture);
  g_assert_cmpuint (fixture.peer.names->len, ==, 20);
  for (guint i = 0; i < 20; i++)
    g_assert_cmpstr (g_ptr_array_index (fixture.peer.names, i), ==, galileo_item_get_name (g_ptr_array_index (expected, i)));
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/queue-order/against-model", test_against_model);
  g_test_add_func ("/queue-order/narrow-gap", test_narrow_gap);
  g_test_add_func ("/queue-order/goes-in-order", test_goes_in_order);

  return g_test_run ();
}

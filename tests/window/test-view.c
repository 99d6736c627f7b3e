/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "uploader/uploader-search.h"
#include "uploader/uploader-view.h"

#define N_STEPS 500

/* A view, and what somebody believes it shows who only hears of its changes. */
typedef struct {
  GalileoQueue *queue;
  UploaderView *view;
  GPtrArray *heard; /* of GalileoItem */
  UploaderFilter filter;
  char *search;
  guint n_made;
} Fixture;

static void
heard_cb (Fixture *fixture, guint position, guint removed, guint added)
{
  g_assert_cmpuint (position + removed, <=, fixture->heard->len);
  if (removed > 0)
    g_ptr_array_remove_range (fixture->heard, position, removed);
  for (guint i = position; i < position + added; i++)
    g_ptr_array_insert (fixture->heard, (int) i, g_list_model_get_item (G_LIST_MODEL (fixture->view), i));
  g_assert_cmpuint (fixture->heard->len, ==, g_list_model_get_n_items (G_LIST_MODEL (fixture->view)));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();

  fixture->queue = galileo_queue_new (engine);
  galileo_queue_set_paused (fixture->queue, TRUE);
  fixture->view = uploader_view_new (fixture->queue);
  fixture->heard = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->search = g_strdup ("");
  g_signal_connect_swapped (fixture->view, "items-changed", G_CALLBACK (heard_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (fixture->view, fixture);
  g_assert_finalize_object (fixture->view);
  g_ptr_array_unref (fixture->heard);
  g_assert_finalize_object (fixture->queue);
  g_free (fixture->search);
}

static gboolean
is_settled (gpointer data)
{
  return uploader_view_get_settled (UPLOADER_VIEW (data));
}

static void
settle (Fixture *fixture)
{
  window_kit_wait_until (is_settled, fixture->view, "the view shows what it should");
  window_kit_settle ();
}

static void
append (Fixture *fixture, const char *name, GalileoItemState state)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (items, window_kit_new_item_in (name, state));
  galileo_queue_append (fixture->queue, items);
}

/* What is to be shown, worked out the long way. */
static GPtrArray *
expect (Fixture *fixture)
{
  GPtrArray *expected = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint finished = 0; finished < 2; finished++) {
    for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)); i++) {
      g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (fixture->queue), i);
      GalileoItemState state = galileo_item_get_state (item);
      gboolean is_finished = state == GALILEO_ITEM_DONE || state == GALILEO_ITEM_CANCELLED;

      if (is_finished == (finished == 1) && uploader_filter_matches (fixture->filter, state) &&
          strstr (galileo_item_get_name (item), fixture->search) != NULL)
        g_ptr_array_add (expected, g_object_ref (item));
    }
  }
  return expected;
}

static void
check (Fixture *fixture)
{
  g_autoptr (GPtrArray) expected = NULL;

  settle (fixture);
  expected = expect (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->view)), ==, expected->len);
  g_assert_cmpuint (fixture->heard->len, ==, expected->len);
  for (guint i = 0; i < expected->len; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (fixture->view), i);
    guint position;

    g_assert_true (item == g_ptr_array_index (expected, i));
    g_assert_true (item == g_ptr_array_index (fixture->heard, i));
    g_assert_true (uploader_view_find (fixture->view, item, &position));
    g_assert_cmpuint (position, ==, i);
  }
}

static GalileoItem *
get_random (Fixture *fixture)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (fixture->queue));

  return n == 0 ? NULL : g_list_model_get_item (G_LIST_MODEL (fixture->queue), g_random_int () % n);
}

static void
append_some (Fixture *fixture)
{
  static const GalileoItemState states[] = { GALILEO_ITEM_WAITING, GALILEO_ITEM_FAILED, GALILEO_ITEM_DONE,
                                             GALILEO_ITEM_PAUSED };
  guint n = g_random_int () % 12;

  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("%c-%u", "abc"[g_random_int () % 3], fixture->n_made++);

    append (fixture, name, states[g_random_int () % G_N_ELEMENTS (states)]);
  }
}

static void
move_some (Fixture *fixture)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GalileoItem) before = get_random (fixture);

  for (guint i = 0; before != NULL && i < 3; i++)
    g_ptr_array_add (items, get_random (fixture));
  if (before != NULL)
    galileo_queue_move (fixture->queue, items, g_random_boolean () ? before : NULL);
}

static void
take_step (Fixture *fixture)
{
  g_autoptr (GalileoItem) item = get_random (fixture);
  static const char *const searches[] = { "", "a-", "b-1", "nothing" };

  switch (g_random_int () % 12) {
  case 0:
  case 1:
    append_some (fixture);
    break;
  case 2:
    move_some (fixture);
    break;
  case 3:
    fixture->filter = g_random_int () % UPLOADER_N_FILTERS;
    uploader_view_set_filter (fixture->view, fixture->filter);
    break;
  case 4:
    g_free (fixture->search);
    fixture->search = g_strdup (searches[g_random_int () % G_N_ELEMENTS (searches)]);
    uploader_view_set_search (fixture->view, fixture->search);
    break;
  case 5:
    if (g_random_int () % 20 == 0)
      galileo_queue_clear_finished (fixture->queue);
    break;
  case 6:
    if (g_random_int () % 10 == 0)
      galileo_queue_retry_failed (fixture->queue);
    break;
  default:
    if (item == NULL)
      break;
    switch (g_random_int () % 5) {
    case 0:
      galileo_queue_cancel (fixture->queue, item);
      break;
    case 1:
      galileo_queue_pause (fixture->queue, item);
      break;
    case 2:
      galileo_queue_resume (fixture->queue, item);
      break;
    case 3:
      galileo_queue_retry (fixture->queue, item);
      break;
    default:
      galileo_queue_remove (fixture->queue, item);
    }
  }
}

static void
test_random (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < N_STEPS; i++) {
    take_step (fixture);
    /* Often several come together. */
    if (g_random_int () % 4 == 0)
      check (fixture);
  }
  check (fixture);
}

/* Who selects something and then does something to it has the same still selected. */
static void
test_selection (Fixture *fixture, gconstpointer data)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (fixture->view);
  g_autoptr (GalileoItem) second = NULL;
  g_autoptr (GPtrArray) selected = NULL;
  g_autoptr (GtkBitset) positions = NULL;

  append (fixture, "one", GALILEO_ITEM_WAITING);
  append (fixture, "two", GALILEO_ITEM_WAITING);
  append (fixture, "three", GALILEO_ITEM_WAITING);
  check (fixture);

  second = g_list_model_get_item (G_LIST_MODEL (fixture->view), 1);
  gtk_selection_model_select_item (model, 1, TRUE);
  g_assert_true (gtk_selection_model_is_selected (model, 1));
  g_assert_false (gtk_selection_model_is_selected (model, 0));

  galileo_queue_cancel (fixture->queue, second);
  check (fixture);
  g_assert_true (gtk_selection_model_is_selected (model, 2));
  selected = uploader_view_dup_selected (fixture->view);
  g_assert_cmpuint (selected->len, ==, 1);
  g_assert_true (g_ptr_array_index (selected, 0) == second);

  gtk_selection_model_select_item (model, 0, FALSE);
  positions = gtk_selection_model_get_selection (model);
  g_assert_cmpuint (gtk_bitset_get_size (positions), ==, 2);
  g_assert_true (gtk_bitset_contains (positions, 0) && gtk_bitset_contains (positions, 2));

  /* What is not shown is not selected, also when it is shown again. */
  uploader_view_set_filter (fixture->view, fixture->filter = UPLOADER_FILTER_WAITING);
  check (fixture);
  g_assert_cmpuint (uploader_view_get_n_selected (fixture->view), ==, 1);
  uploader_view_set_filter (fixture->view, fixture->filter = UPLOADER_FILTER_ALL);
  check (fixture);
  g_assert_false (gtk_selection_model_is_selected (model, 2));

  gtk_selection_model_select_all (model);
  g_assert_cmpuint (uploader_view_get_n_selected (fixture->view), ==, 3);
  galileo_queue_remove (fixture->queue, second);
  check (fixture);
  g_assert_cmpuint (uploader_view_get_n_selected (fixture->view), ==, 2);
  gtk_selection_model_unselect_all (model);
  g_assert_cmpuint (uploader_view_get_n_selected (fixture->view), ==, 0);
}

static void
test_counts (Fixture *fixture, gconstpointer data)
{
  append (fixture, "one", GALILEO_ITEM_WAITING);
  append (fixture, "two", GALILEO_ITEM_PAUSED);
  append (fixture, "three", GALILEO_ITEM_FAILED);
  append (fixture, "four", GALILEO_ITEM_DONE);
  append (fixture, "five", GALILEO_ITEM_CANCELLED);

  g_assert_cmpuint (uploader_filter_count (UPLOADER_FILTER_ALL, fixture->queue), ==, 5);
  g_assert_cmpuint (uploader_filter_count (UPLOADER_FILTER_UPLOADING, fixture->queue), ==, 0);
  g_assert_cmpuint (uploader_filter_count (UPLOADER_FILTER_WAITING, fixture->queue), ==, 2);
  g_assert_cmpuint (uploader_filter_count (UPLOADER_FILTER_FAILED, fixture->queue), ==, 1);
  g_assert_cmpuint (uploader_filter_count (UPLOADER_FILTER_DONE, fixture->queue), ==, 1);
}

static void
test_search (void)
{
  static const struct {
    const char *name;
    const char *text;
    gboolean matches;
  } cases[] = {
    { "IMG_2041.jpg", "img", TRUE },
    { "IMG_2041.jpg", "  204  ", TRUE },
    { "IMG_2041.jpg", "jpg 2041", TRUE },
    { "IMG_2041.jpg", "jpg 2042", FALSE },
    { "IMG_2041.jpg", "2018", TRUE },        /* the folder */
    { "IMG_2041.jpg", "photos.exa", TRUE },  /* the site */
    { "Fête.png", "fête", TRUE },
    { "Fête.png", "FÊTE", TRUE },
    { "Fe\u0302te.png", "fête", TRUE },
    { "Fête.png", "fete.", FALSE },
    { "plain.png", "ê", FALSE },
    { "STRASSE ß.txt", "ss.txt", TRUE },
    { "a.b", ".*", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GalileoItem) item = window_kit_new_item_in (cases[i].name, GALILEO_ITEM_WAITING);
    g_autoptr (UploaderSearch) search = uploader_search_new (cases[i].text);

    galileo_item_set_path (item, "holiday/2018");
    if (uploader_search_matches (search, item) != cases[i].matches)
      g_error ("“%s” for “%s”: not %d", cases[i].text, cases[i].name, cases[i].matches);
  }

  g_assert_null (uploader_search_new (" \t "));
}

int
main (int argc, char **argv)
{
  window_kit_init (&argc, &argv);

#define ADD(name, func) g_test_add ("/window/view/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("random", test_random);
  ADD ("selection", test_selection);
  ADD ("counts", test_counts);
#undef ADD
  g_test_add_func ("/window/search", test_search);

  return g_test_run ();
}

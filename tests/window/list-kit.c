/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "list-kit.h"

void
list_kit_set_up (ListKit *fixture, gconstpointer user_data)
{
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();

  g_settings_set_string (settings, "site-address", "ws://photos.example.org/upload");
  fixture->queue = galileo_queue_new (engine);
  galileo_queue_set_paused (fixture->queue, TRUE);
  fixture->window = uploader_window_new (NULL, fixture->queue);
  gtk_window_present (GTK_WINDOW (fixture->window));
  fixture->list = window_kit_find (GTK_WIDGET (fixture->window), GTK_TYPE_LIST_VIEW, NULL);
  fixture->view = UPLOADER_VIEW (gtk_list_view_get_model (GTK_LIST_VIEW (fixture->list)));
  window_kit_settle ();
}

void
list_kit_tear_down (ListKit *fixture, gconstpointer user_data)
{
  galileo_queue_cancel_all (fixture->queue);
  g_object_ref (fixture->window);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  window_kit_settle ();
  g_assert_finalize_object (fixture->window);
  g_assert_finalize_object (fixture->queue);
}

static gboolean
is_settled (gpointer data)
{
  return uploader_view_get_settled (UPLOADER_VIEW (data));
}

void
list_kit_settle (ListKit *fixture)
{
  window_kit_settle ();
  window_kit_wait_until (is_settled, fixture->view, "the list shows what it should");
  window_kit_settle ();
}

GalileoItem *
list_kit_append (ListKit *fixture, const char *name, GalileoItemState state)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (items, window_kit_new_item_in (name, state));
  galileo_queue_append (fixture->queue, items);
  list_kit_settle (fixture);

  return g_ptr_array_index (items, 0);
}

void
list_kit_append_one_of_each (ListKit *fixture)
{
  list_kit_append (fixture, "waiting", GALILEO_ITEM_WAITING);
  list_kit_append (fixture, "paused", GALILEO_ITEM_PAUSED);
  list_kit_append (fixture, "failed", GALILEO_ITEM_FAILED);
  list_kit_append (fixture, "done", GALILEO_ITEM_DONE);
  list_kit_append (fixture, "cancelled", GALILEO_ITEM_CANCELLED);
}

/* The names of a list's items, in order. */
static char *
dup_names (GListModel *model)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (model, i);

    g_string_append_printf (names, "%s%s", i == 0 ? "" : " ", galileo_item_get_name (item));
  }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

void
list_kit_assert_names (gpointer model, const char *expected)
{
  g_autofree char *names = dup_names (model);

  g_assert_cmpstr (names, ==, expected);
}

void
list_kit_activate (ListKit *fixture, const char *action)
{
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), action, NULL);
  list_kit_settle (fixture);
}

void
list_kit_select_names (ListKit *fixture, const char *const *names)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (fixture->view);

  gtk_selection_model_unselect_all (model);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (model), i);

    if (g_strv_contains (names, galileo_item_get_name (item)))
      gtk_selection_model_select_item (model, i, FALSE);
  }
}

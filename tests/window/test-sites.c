/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "list-kit.h"

#include "uploader/uploader-row.h"
#include "uploader/uploader-site-chooser.h"
#include "uploader/uploader-site-dialog.h"

/* The nth entry of the dialog: the address, and the name. */
static GtkEditable *
find_entry (GtkWidget *dialog, guint n)
{
  GtkWidget *entry = window_kit_find (dialog, ADW_TYPE_ENTRY_ROW, NULL);

  for (; n > 0; n--)
    entry = gtk_widget_get_next_sibling (entry);
  return GTK_EDITABLE (entry);
}

static void
press (GtkWidget *root, const char *text)
{
  GtkWidget *label = window_kit_find_label (root, text);

  g_assert_nonnull (label);
  g_signal_emit_by_name (gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON), "clicked");
  window_kit_settle ();
}

static void
press_default (GtkWidget *dialog)
{
  g_signal_emit_by_name (gtk_window_get_default_widget (GTK_WINDOW (dialog)), "clicked");
  window_kit_settle ();
}

static void
test_sites (ListKit *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GListModel *sites = galileo_queue_get_sites (fixture->queue);
  GtkWidget *dialog, *save;
  GalileoSite *site;

  g_assert_cmpuint (g_list_model_get_n_items (sites), ==, 1);
  list_kit_activate (fixture, "win.add-site");
  dialog = window_kit_find_window (UPLOADER_TYPE_SITE_DIALOG);
  g_assert_nonnull (dialog);
  save = gtk_window_get_default_widget (GTK_WINDOW (dialog));
  g_assert_false (gtk_widget_get_sensitive (save));
  gtk_editable_set_text (find_entry (dialog, 0), "gopher://example.org");
  g_assert_nonnull (window_kit_find_label (dialog, "“gopher” addresses can"));
  g_assert_false (gtk_widget_get_sensitive (save));
  gtk_editable_set_text (find_entry (dialog, 0), "www.example.org/upload");
  g_assert_nonnull (window_kit_find_label (dialog, "Files will go to"));
  gtk_editable_set_text (find_entry (dialog, 1), "Parish <b>Website");
  press_default (dialog);

  g_assert_null (window_kit_find_window (UPLOADER_TYPE_SITE_DIALOG));
  g_assert_cmpuint (g_list_model_get_n_items (sites), ==, 2);
  site = uploader_window_get_site (fixture->window);
  g_assert_cmpstr (galileo_site_get_name (site), ==, "Parish <b>Website");
  g_assert_nonnull (window_kit_find_label (window, "Parish <b>Website"));
  g_assert_nonnull (window_kit_find_label (window, "They go to Parish <b>Website"));

  /* A limit to the byte that was set elsewhere stays as it is. */
  galileo_site_set_rate_limit (site, 1234567);
  list_kit_activate (fixture, "win.edit-site");
  dialog = window_kit_find_window (UPLOADER_TYPE_SITE_DIALOG);
  g_assert_cmpstr (gtk_editable_get_text (find_entry (dialog, 1)), ==, "Parish <b>Website");
  gtk_editable_set_text (find_entry (dialog, 1), "Choir");
  gtk_switch_set_active (GTK_SWITCH (window_kit_find (dialog, GTK_TYPE_SWITCH, NULL)), TRUE);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (window_kit_find (dialog, GTK_TYPE_SPIN_BUTTON, NULL)), 5);
  press_default (dialog);
  g_assert_cmpstr (galileo_site_get_name (site), ==, "Choir");
  g_assert_cmpuint (galileo_site_get_rate_limit (site), ==, 1234567);
  g_assert_cmpuint (galileo_site_get_max_uploads (site), ==, 5);
  g_assert_true (galileo_site_get_keep_folders (site));
  g_assert_nonnull (window_kit_find_label (window, "They go to Choir"));

  list_kit_activate (fixture, "win.edit-site");
  press (window_kit_find_window (UPLOADER_TYPE_SITE_DIALOG), "Remove Site");
  g_assert_cmpuint (g_list_model_get_n_items (sites), ==, 1);
  g_assert_nonnull (window_kit_find_label (window, "They go to photos.example.org"));
  list_kit_activate (fixture, "win.edit-site");
  press (window_kit_find_window (UPLOADER_TYPE_SITE_DIALOG), "Remove Site");
  g_assert_null (uploader_window_get_site (fixture->window));
  g_assert_true (gtk_widget_get_mapped (window_kit_find_label (window, "Add a Site")));
}

/* Who mends the address means what could not go there, too. */
static void
test_redirected (ListKit *fixture, gconstpointer user_data)
{
  GtkWidget *dialog;
  GalileoItem *item;

  list_kit_append_one_of_each (fixture);
  /* Each item has come with a site of its own; it is that of the address which is changed. */
  g_signal_emit_by_name (window_kit_find (fixture->list, UPLOADER_TYPE_ROW, NULL), "site");
  list_kit_append (fixture, "other", GALILEO_ITEM_WAITING);
  list_kit_settle (fixture);
  dialog = window_kit_find_window (UPLOADER_TYPE_SITE_DIALOG);
  gtk_editable_set_text (find_entry (dialog, 0), "ws://photos.example.org/correct");
  press_default (dialog);
  list_kit_settle (fixture);

  list_kit_assert_names (fixture->queue, "paused done cancelled waiting failed other");
  for (guint i = 0; i < 6; i++) {
    g_autofree char *address = NULL;

    item = g_list_model_get_item (G_LIST_MODEL (fixture->queue), i);
    address = g_uri_to_string (galileo_site_get_address (galileo_item_get_site (item)));
    g_assert_cmpstr (address, ==, i < 3 ? "ws://photos.example.org/upload" : "ws://photos.example.org/correct");
    if (i >= 3)
      g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_WAITING);
    g_object_unref (item);
  }
  g_assert_cmpuint (g_list_model_get_n_items (galileo_queue_get_sites (fixture->queue)), ==, 1);
}

static void
test_chooser (ListKit *fixture, gconstpointer user_data)
{
  GtkWidget *chooser = window_kit_find (GTK_WIDGET (fixture->window), UPLOADER_TYPE_SITE_CHOOSER, NULL);
  g_autoptr (GalileoSite) other = galileo_site_new ("wss://www.example.org/upload", NULL);
  GtkWidget *list = window_kit_find (chooser, GTK_TYPE_LIST_BOX, NULL);

  galileo_site_set_name (other, "A Parish");
  galileo_queue_remember_site (fixture->queue, other);
  list_kit_activate (fixture, "win.choose-site");
  g_assert_true (gtk_widget_get_visible (chooser));

  /* By name, so the other is the first. */
  g_assert_nonnull (window_kit_find_label (GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0)), "A Parish"));
  g_signal_emit_by_name (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0), "activate");
  list_kit_settle (fixture);
  g_assert_true (uploader_window_get_site (fixture->window) == other);
  g_assert_false (gtk_widget_get_visible (chooser));
  g_assert_cmpuint (g_list_model_get_n_items (galileo_queue_get_sites (fixture->queue)), ==, 2);
}

int
main (int argc, char **argv)
{
  window_kit_init (&argc, &argv);

#define ADD(name, func) g_test_add ("/window/sites/" name, ListKit, NULL, list_kit_set_up, func, list_kit_tear_down)
  ADD ("dialog", test_sites);
  ADD ("redirected", test_redirected);
  ADD ("chooser", test_chooser);
#undef ADD

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "window-kit.h"

#include "uploader/uploader-preferences.h"

typedef struct {
  GalileoQueue *queue;
  GSettings *settings;
  GtkWidget *window;
} Fixture;

static const char *const keys[] = {
  "uploads-at-once", "uploads-at-once-in-all", "rate-limit", "pause-on-metered", "checksum", "notifications", "closing",
  "history-entries", "history-days",
};

static void
open_window (Fixture *fixture)
{
  fixture->window = uploader_preferences_new (NULL, fixture->queue);
  gtk_window_present (GTK_WINDOW (fixture->window));
  window_kit_settle ();
}

static void
close_window (Fixture *fixture)
{
  g_object_ref (fixture->window);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  window_kit_settle ();
  g_assert_finalize_object (fixture->window);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();

  fixture->queue = galileo_queue_new (engine);
  fixture->settings = g_settings_new (APPLICATION_ID);
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    g_settings_reset (fixture->settings, keys[i]);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_object_unref (fixture->settings);
  g_assert_finalize_object (fixture->queue);
}

static gpointer
get (Fixture *fixture, const char *name)
{
  GObject *child = gtk_widget_get_template_child (fixture->window, UPLOADER_TYPE_PREFERENCES, name);

  g_assert_nonnull (child);

  return child;
}

static void
assert_setting (Fixture *fixture, const char *key, const char *expected)
{
  g_autoptr (GVariant) value = g_settings_get_value (fixture->settings, key);
  g_autofree char *text = g_variant_print (value, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

/* A number or choice of a widget, as what its setting is then. */
static void
test_both_ways (Fixture *fixture, gconstpointer user_data)
{
  static const struct {
    const char *key;
    const char *widget;
    const char *property;
    int value;
    const char *setting;
    int other_value;
    const char *other_setting;
  } rows[] = {
    { "uploads-at-once", "at_once", "value", 7, "7", 16, "16" },
    { "uploads-at-once-in-all", "at_once_in_all", "value", 64, "64", 1, "1" },
    { "pause-on-metered", "metered", "active", FALSE, "false", TRUE, "true" },
    { "checksum", "checksum", "selected", 3, "'none'", 0, "'sha1'" },
    { "checksum", "checksum", "selected", 1, "'sha256'", 2, "'sha512'" },
    { "notifications", "notifications", "active", FALSE, "false", TRUE, "true" },
    { "closing", "closing", "selected", 1, "'background'", 2, "'quit'" },
    { "closing", "closing", "selected", 0, "'ask'", 2, "'quit'" },
    { "history-entries", "history_entries", "value", 1000000, "1000000", 0, "0" },
    { "history-days", "history_days", "value", 36500, "36500", 1, "1" },
  };

  open_window (fixture);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GVariant) setting = g_variant_parse (NULL, rows[i].setting, NULL, NULL, NULL);
    g_auto (GValue) value = G_VALUE_INIT;
    GObject *widget = get (fixture, rows[i].widget);

    g_value_init (&value, G_TYPE_INT);
    g_value_set_int (&value, rows[i].other_value);
    g_object_set_property (widget, rows[i].property, &value);
    assert_setting (fixture, rows[i].key, rows[i].other_setting);

    g_settings_set_value (fixture->settings, rows[i].key, setting);
    g_object_get_property (widget, rows[i].property, &value);
    g_assert_cmpint (g_value_get_int (&value), ==, rows[i].value);
  }
  close_window (fixture);
}

/* Whatever the settings are, looking at them and at each widget changes none. */
static void
test_opening (Fixture *fixture, gconstpointer user_data)
{
  static const guint64 limits[] = { 0, 1, 999, 12345, 1234567, 5000000, 123456789012345 };
  static const char *const widgets[] = {
    "limit_value", "at_once", "at_once_in_all", "history_entries", "history_days", "checksum",
  };

  g_settings_set_enum (fixture->settings, "checksum", 2);
  for (size_t i = 0; i < G_N_ELEMENTS (limits); i++) {
    g_settings_set_uint64 (fixture->settings, "rate-limit", limits[i]);
    open_window (fixture);
    g_assert_cmpint (gtk_widget_get_visible (get (fixture, "limit_row")), ==, limits[i] > 0);
    for (size_t k = 0; k < G_N_ELEMENTS (widgets); k++)
      gtk_widget_grab_focus (get (fixture, widgets[k]));
    gtk_spin_button_update (get (fixture, "limit_value"));
    window_kit_settle ();
    close_window (fixture);

    g_assert_cmpuint (g_settings_get_uint64 (fixture->settings, "rate-limit"), ==, limits[i]);
    assert_setting (fixture, "checksum", "'sha256'");
    for (size_t k = 0; k < G_N_ELEMENTS (keys); k++) {
      g_autoptr (GVariant) value = g_settings_get_user_value (fixture->settings, keys[k]);
      gboolean mine = g_str_equal (keys[k], "rate-limit") || g_str_equal (keys[k], "checksum");

      g_assert_true (mine || value == NULL);
    }
  }
}

static void
assert_shown_limit (Fixture *fixture, const char *value, guint unit)
{
  g_assert_true (gtk_switch_get_active (get (fixture, "limited")));
  g_assert_true (gtk_widget_get_visible (get (fixture, "limit_row")));
  g_assert_cmpstr (gtk_editable_get_text (get (fixture, "limit_value")), ==, value);
  g_assert_cmpuint (gtk_drop_down_get_selected (get (fixture, "limit_unit")), ==, unit);
}

static void
enter (Fixture *fixture, const char *text)
{
  gtk_editable_set_text (get (fixture, "limit_value"), text);
  gtk_spin_button_update (get (fixture, "limit_value"));
}

static void
test_limit (Fixture *fixture, gconstpointer user_data)
{
  open_window (fixture);
  g_assert_false (gtk_switch_get_active (get (fixture, "limited")));

  /* Another program's */
  g_settings_set_uint64 (fixture->settings, "rate-limit", 1234567);
  assert_shown_limit (fixture, "1.23", 1);
  g_settings_set_uint64 (fixture->settings, "rate-limit", 500000);
  assert_shown_limit (fixture, "500", 0);

  /* Off and on is as before, to the byte. */
  g_settings_set_uint64 (fixture->settings, "rate-limit", 1234567);
  gtk_switch_set_active (get (fixture, "limited"), FALSE);
  assert_setting (fixture, "rate-limit", "0");
  g_assert_false (gtk_widget_get_visible (get (fixture, "limit_row")));
  gtk_switch_set_active (get (fixture, "limited"), TRUE);
  assert_setting (fixture, "rate-limit", "1234567");
  assert_shown_limit (fixture, "1.23", 1);

  enter (fixture, "2.5");
  assert_setting (fixture, "rate-limit", "2500000");
  assert_shown_limit (fixture, "2.5", 1);
  enter (fixture, "0.5");
  assert_setting (fixture, "rate-limit", "500000");
  assert_shown_limit (fixture, "0.5", 1);
  enter (fixture, "80");
  gtk_drop_down_set_selected (get (fixture, "limit_unit"), 0);
  assert_setting (fixture, "rate-limit", "80000");
  assert_shown_limit (fixture, "80", 0);
  enter (fixture, "2000");
  assert_setting (fixture, "rate-limit", "2000000");
  assert_shown_limit (fixture, "2000", 0);
  enter (fixture, "-1");
  assert_setting (fixture, "rate-limit", "10");
  enter (fixture, "words");
  assert_setting (fixture, "rate-limit", "10");
  close_window (fixture);
}

/* Switched on where there has been none. */
static void
test_first_limit (Fixture *fixture, gconstpointer user_data)
{
  open_window (fixture);
  gtk_switch_set_active (get (fixture, "limited"), TRUE);
  assert_setting (fixture, "rate-limit", "1000000");
  assert_shown_limit (fixture, "1", 1);
  close_window (fixture);
}

/* The enumerations of the settings and of the queue have the same names. */
static void
test_hash_type (Fixture *fixture, gconstpointer user_data)
{
  static const GalileoHashType types[] = {
    GALILEO_HASH_NONE, GALILEO_HASH_SHA1, GALILEO_HASH_SHA256, GALILEO_HASH_SHA512,
  };

  g_settings_bind (fixture->settings, "checksum", fixture->queue, "hash-type", G_SETTINGS_BIND_GET);
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++) {
    GalileoHashType type;

    g_settings_set_string (fixture->settings, "checksum", galileo_hash_type_to_string (types[i]));
    g_object_get (fixture->queue, "hash-type", &type, NULL);
    g_assert_cmpint (type, ==, types[i]);
  }
}

static void
test_narrow (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *page;
  int minimum;

  g_settings_set_uint64 (fixture->settings, "rate-limit", 123450000);
  open_window (fixture);
  page = window_kit_find (fixture->window, ADW_TYPE_PREFERENCES_PAGE, NULL);
  gtk_widget_measure (page, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
  close_window (fixture);
}

int
main (int argc, char **argv)
{
  window_kit_init (&argc, &argv);

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

  ADD ("/window/preferences/both-ways", test_both_ways);
  ADD ("/window/preferences/opening", test_opening);
  ADD ("/window/preferences/limit", test_limit);
  ADD ("/window/preferences/first-limit", test_first_limit);
  ADD ("/window/preferences/hash-type", test_hash_type);
  ADD ("/window/preferences/narrow", test_narrow);

  return g_test_run ();
}

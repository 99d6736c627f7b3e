/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-preferences.h"

#include "uploader-history.h"

#include <math.h>

/* What the limit is when it is switched on for the first time. */
#define FIRST_LIMIT 1000000

/* The window of the settings. Each change holds at once. */
struct _UploaderPreferences {
  AdwPreferencesWindow parent_instance;

  /* owned */
  GalileoQueue *queue;
  GSettings *settings;
  guint64 limit; /* bytes a second: the one there is, or the last there was; 0 if there was none */
  gboolean showing_limit;

  /* template */
  GtkSpinButton *at_once;
  GtkSpinButton *at_once_in_all;
  GtkSwitch *limited;
  GtkWidget *limit_row;
  GtkSpinButton *limit_value;
  GtkDropDown *limit_unit;
  GtkSwitch *metered;
  AdwComboRow *checksum;
  GtkSwitch *notifications;
  AdwComboRow *closing;
  GtkSpinButton *history_entries;
  GtkSpinButton *history_days;
  GtkWidget *clear_row;
};

G_DEFINE_FINAL_TYPE (UploaderPreferences, uploader_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* As the units are listed in uploader-preferences.ui. */
static const struct {
  double bytes;
  double step;
} units[] = {
  { 1000, 100 },
  { 1000000, 1 },
};

/* As the choices are listed in uploader-preferences.ui. */
static const char *const checksums[] = { "sha1", "sha256", "sha512", "none", NULL };
static const char *const closings[] = { "ask", "background", "quit", NULL };

static gboolean
nick_to_selected (GValue *value, GVariant *variant, gpointer user_data)
{
  const char *const *nicks = user_data;

  for (guint i = 0; nicks[i] != NULL; i++) {
    if (g_str_equal (nicks[i], g_variant_get_string (variant, NULL))) {
      g_value_set_uint (value, i);
      return TRUE;
    }
  }

  return FALSE;
}

static GVariant *
selected_to_nick (const GValue *value, const GVariantType *type, gpointer user_data)
{
  const char *const *nicks = user_data;
  guint selected = g_value_get_uint (value);

  return selected < g_strv_length ((char **) nicks) ? g_variant_new_string (nicks[selected]) : NULL;
}

/*
 * The limit. Only what the user enters is written: a limit that does not come out even is shown rounded, and stays as it
 * is.
 */

/* Also in the spin button there is but the rounded number: it reads its own text when the focus leaves it. */
static double
round_for_spin_button (double value)
{
  return round (value * 100) / 100;
}

static void
show_limit (UploaderPreferences *self)
{
  guint64 limit = self->limit > 0 ? self->limit : FIRST_LIMIT;
  guint unit = G_N_ELEMENTS (units) - 1;

  while (unit > 0 && limit < units[unit].bytes)
    unit--;

  self->showing_limit = TRUE;
  gtk_drop_down_set_selected (self->limit_unit, unit);
  gtk_spin_button_set_increments (self->limit_value, units[unit].step, units[unit].step * 10);
  gtk_spin_button_set_value (self->limit_value, round_for_spin_button (limit / units[unit].bytes));
  self->showing_limit = FALSE;
}

static void
limit_setting_cb (UploaderPreferences *self)
{
  guint64 limit = g_settings_get_uint64 (self->settings, "rate-limit");

  if (limit > 0 && limit != self->limit) {
    self->limit = limit;
    show_limit (self);
  }

  self->showing_limit = TRUE;
  gtk_switch_set_active (self->limited, limit > 0);
  self->showing_limit = FALSE;
}

static void
limited_cb (UploaderPreferences *self)
{
  gboolean limited = gtk_switch_get_active (self->limited);

  gtk_widget_set_visible (self->limit_row, limited);
  if (self->showing_limit)
    return;

  if (self->limit == 0)
    self->limit = FIRST_LIMIT;
  g_settings_set_uint64 (self->settings, "rate-limit", limited ? self->limit : 0);
}

static void
limit_changed_cb (UploaderPreferences *self)
{
  guint unit = gtk_drop_down_get_selected (self->limit_unit);

  if (self->showing_limit || unit >= G_N_ELEMENTS (units))
    return;

  /* What is written is shown by what is entered already. */
  gtk_spin_button_set_increments (self->limit_value, units[unit].step, units[unit].step * 10);
  self->limit = (guint64) MAX (round (gtk_spin_button_get_value (self->limit_value) * units[unit].bytes), 1);
  g_settings_set_uint64 (self->settings, "rate-limit", self->limit);
}

/* No more decimals than it takes. */
static gboolean
limit_output_cb (UploaderPreferences *self)
{
  double value = round_for_spin_button (gtk_spin_button_get_value (self->limit_value));
  g_autofree char *text = g_strdup_printf ("%.10g", value);

  if (!g_str_equal (text, gtk_editable_get_text (GTK_EDITABLE (self->limit_value))))
    gtk_editable_set_text (GTK_EDITABLE (self->limit_value), text);

  return TRUE;
}

static void
bind_settings (UploaderPreferences *self)
{
  const struct {
    const char *key;
    gpointer widget;
    const char *property;
    const char *const *nicks; /* of an enumeration; or NULL */
  } bindings[] = {
    { "uploads-at-once", self->at_once, "value" },
    { "uploads-at-once-in-all", self->at_once_in_all, "value" },
    { "pause-on-metered", self->metered, "active" },
    { "checksum", self->checksum, "selected", checksums },
    { "notifications", self->notifications, "active" },
    { "closing", self->closing, "selected", closings },
    { "history-entries", self->history_entries, "value" },
    { "history-days", self->history_days, "value" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bindings); i++) {
    if (bindings[i].nicks == NULL)
      g_settings_bind (self->settings, bindings[i].key, bindings[i].widget, bindings[i].property,
                       G_SETTINGS_BIND_DEFAULT);
    else
      g_settings_bind_with_mapping (self->settings, bindings[i].key, bindings[i].widget, bindings[i].property,
                                    G_SETTINGS_BIND_DEFAULT, nick_to_selected, selected_to_nick,
                                    (gpointer) bindings[i].nicks, NULL);
  }

  g_settings_bind_writable (self->settings, "rate-limit", self->limited, "sensitive", FALSE);
  g_settings_bind_writable (self->settings, "rate-limit", self->limit_row, "sensitive", FALSE);
  g_signal_connect_object (self->settings, "changed::rate-limit",
                           G_CALLBACK (limit_setting_cb), self, G_CONNECT_SWAPPED);
  show_limit (self);
  limit_setting_cb (self);
}

static void
clear_cb (UploaderPreferences *self)
{
  uploader_history_ask_to_clear (GTK_WINDOW (self), galileo_queue_get_store (self->queue));
}

static void
update_clear_row (UploaderPreferences *self)
{
  gtk_widget_set_sensitive (self->clear_row,
                            !galileo_queue_is_loading (self->queue) && galileo_queue_get_store (self->queue) != NULL);
}

static void
uploader_preferences_dispose (GObject *object)
{
  UploaderPreferences *self = UPLOADER_PREFERENCES (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->queue);

  G_OBJECT_CLASS (uploader_preferences_parent_class)->dispose (object);
}

static void
uploader_preferences_class_init (UploaderPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = uploader_preferences_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, UPLOADER_RESOURCES "/uploader-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, at_once);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, at_once_in_all);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, limited);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, limit_row);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, limit_value);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, limit_unit);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, metered);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, checksum);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, notifications);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, closing);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, history_entries);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, history_days);
  gtk_widget_class_bind_template_child (widget_class, UploaderPreferences, clear_row);
  gtk_widget_class_bind_template_callback (widget_class, limited_cb);
  gtk_widget_class_bind_template_callback (widget_class, limit_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, limit_output_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
}

static void
uploader_preferences_init (UploaderPreferences *self)
{
  self->settings = g_settings_new (APPLICATION_ID);
  gtk_widget_init_template (GTK_WIDGET (self));
  bind_settings (self);
}

/* queue: whose history can be cleared */
GtkWidget *
uploader_preferences_new (GtkWindow *parent, GalileoQueue *queue)
{
  UploaderPreferences *self;

  g_return_val_if_fail (parent == NULL || GTK_IS_WINDOW (parent), NULL);
  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);

  self = g_object_new (UPLOADER_TYPE_PREFERENCES, "transient-for", parent, NULL);
  self->queue = g_object_ref (queue);
  g_signal_connect_object (queue, "notify::loading", G_CALLBACK (update_clear_row), self, G_CONNECT_SWAPPED);
  update_clear_row (self);

  return GTK_WIDGET (self);
}

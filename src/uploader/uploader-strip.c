/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-strip.h"

#include "uploader-words.h"

#include <glib/gi18n.h>

/* How the whole queue goes. It shows only while there is work. */
struct _UploaderStrip {
  GtkWidget parent_instance;

  /* owned */
  GalileoQueue *queue;
  GSignalGroup *queue_signals;
  guint update_id;

  /* template */
  GtkWidget *revealer;
  GtkLabel *amount;
  GtkLabel *pace;
  GtkProgressBar *bar;
  GtkButton *pause_button;
};

G_DEFINE_FINAL_TYPE (UploaderStrip, uploader_strip, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_QUEUE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
update_pause_button (UploaderStrip *self)
{
  gboolean paused = galileo_queue_get_paused (self->queue);
  const char *label = paused ? _("Resume All") : _("Pause All");

  gtk_button_set_icon_name (self->pause_button,
                            paused ? "media-playback-start-symbolic" : "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->pause_button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pause_button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

/* How fast it goes, or why nothing moves. */
static char *
words_for_pace (GalileoQueue *queue, double speed, gint64 time_left)
{
  GalileoWait wait = galileo_queue_get_hold (queue);
  char *pace;

  if (wait != GALILEO_WAIT_TURN)
    return g_strdup (uploader_words_for_wait (wait));

  pace = uploader_words_for_pace (speed, time_left);
  return pace != NULL ? pace : g_strdup (_("Waiting for the site…"));
}

static void
update (UploaderStrip *self)
{
  g_autofree char *amount = NULL;
  g_autofree char *pace = NULL;
  guint64 size, acknowledged;
  double fraction, speed;
  gint64 time_left;
  guint n_files, n_done;
  gboolean busy;

  if (self->queue == NULL)
    return;

  update_pause_button (self);
  busy = galileo_queue_get_busy (self->queue);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), busy);
  if (!busy)
    return;

  g_object_get (self->queue,
                "size", &size,
                "acknowledged", &acknowledged,
                "fraction", &fraction,
                "speed", &speed,
                "time-left", &time_left,
                "n-batch", &n_files,
                "n-batch-done", &n_done,
                NULL);

  amount = uploader_words_for_overall (n_done, n_files, acknowledged, size);
  pace = words_for_pace (self->queue, speed, time_left);

  gtk_label_set_text (self->amount, amount);
  gtk_label_set_text (self->pace, pace);
  gtk_progress_bar_set_fraction (self->bar, uploader_words_fraction (fraction));
}

static gboolean
update_cb (gpointer user_data)
{
  UploaderStrip *self = UPLOADER_STRIP (user_data);

  self->update_id = 0;
  update (self);

  return G_SOURCE_REMOVE;
}

/* The queue notifies its figures together: one update for all, before the next frame. */
static void
queue_notify_cb (UploaderStrip *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);
}

static void
uploader_strip_dispose (GObject *object)
{
  UploaderStrip *self = UPLOADER_STRIP (object);

  uploader_strip_set_queue (self, NULL);
  g_clear_object (&self->queue_signals);
  g_clear_pointer (&self->revealer, gtk_widget_unparent);

  G_OBJECT_CLASS (uploader_strip_parent_class)->dispose (object);
}

static void
uploader_strip_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  UploaderStrip *self = UPLOADER_STRIP (object);

  switch (property_id) {
  case PROP_QUEUE:
    g_value_set_object (value, self->queue);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
uploader_strip_set_property (GObject *object,
                             guint property_id,
                             const GValue *value,
                             GParamSpec *pspec)
{
  UploaderStrip *self = UPLOADER_STRIP (object);

  switch (property_id) {
  case PROP_QUEUE:
    uploader_strip_set_queue (self, g_value_get_object (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
uploader_strip_class_init (UploaderStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = uploader_strip_dispose;
  object_class->get_property = uploader_strip_get_property;
  object_class->set_property = uploader_strip_set_property;

  properties[PROP_QUEUE] =
    g_param_spec_object ("queue", NULL, NULL,
                         GALILEO_TYPE_QUEUE,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               UPLOADER_RESOURCES "/uploader-strip.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderStrip, revealer);
  gtk_widget_class_bind_template_child (widget_class, UploaderStrip, amount);
  gtk_widget_class_bind_template_child (widget_class, UploaderStrip, pace);
  gtk_widget_class_bind_template_child (widget_class, UploaderStrip, bar);
  gtk_widget_class_bind_template_child (widget_class, UploaderStrip, pause_button);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "uploadstrip");
}

static void
uploader_strip_init (UploaderStrip *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->queue_signals = g_signal_group_new (GALILEO_TYPE_QUEUE);
  g_signal_group_connect_swapped (self->queue_signals, "notify",
                                  G_CALLBACK (queue_notify_cb), self);
  g_signal_group_connect_swapped (self->queue_signals, "waits-changed",
                                  G_CALLBACK (queue_notify_cb), self);
}

GalileoQueue *
uploader_strip_get_queue (UploaderStrip *self)
{
  g_return_val_if_fail (UPLOADER_IS_STRIP (self), NULL);

  return self->queue;
}

void
uploader_strip_set_queue (UploaderStrip *self, GalileoQueue *queue)
{
  g_return_if_fail (UPLOADER_IS_STRIP (self));
  g_return_if_fail (queue == NULL || GALILEO_IS_QUEUE (queue));

  if (!g_set_object (&self->queue, queue))
    return;

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_signal_group_set_target (self->queue_signals, queue);
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUEUE]);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-row-private.h"

#include "uploader-words.h"

#include <glib/gi18n.h>

#define NAME_MAX_CHARACTERS 255

G_DEFINE_FINAL_TYPE (UploaderRow, uploader_row, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_ITEM,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void update (UploaderRow *self);

static void
set_label (GtkAccessible *accessible, const char *label)
{
  gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
set_css_class (gpointer widget, const char *name, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
update_badge (UploaderRow *self, GalileoItemState state)
{
  gboolean warned = FALSE;

  gtk_widget_set_visible (GTK_WIDGET (self->badge),
                          state == GALILEO_ITEM_FAILED || state == GALILEO_ITEM_DONE ||
                            state == GALILEO_ITEM_RETRYING);

  if (state == GALILEO_ITEM_DONE) {
    gtk_image_set_from_icon_name (self->badge, "object-select-symbolic");
  } else {
    gtk_image_set_from_icon_name (self->badge, "dialog-warning-symbolic");
    warned = state == GALILEO_ITEM_RETRYING;
  }

  set_css_class (self->badge, "success", state == GALILEO_ITEM_DONE);
  set_css_class (self->badge, "warning", warned);
  set_css_class (self->badge, "error", state == GALILEO_ITEM_FAILED);
}

static void
update_bar (UploaderRow *self, GalileoItemState state)
{
  gboolean active = state == GALILEO_ITEM_UPLOADING || state == GALILEO_ITEM_RETRYING ||
                    (state == GALILEO_ITEM_PAUSED && galileo_item_get_acknowledged (self->item) > 0);

  gtk_widget_set_visible (GTK_WIDGET (self->bar), active);
  if (active)
    gtk_progress_bar_set_fraction (self->bar, uploader_words_fraction (galileo_item_get_fraction (self->item)));
}

/*
 * A screen reader stands on the list's own cell, which takes no name from its child. It is told what is worth hearing:
 * a new state, and progress in steps, not each figure.
 */
static void
update_accessible (UploaderRow *self, const char *name)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *words = uploader_words_for_hearing (self->queue, self->item);
  g_autofree char *label = g_strdup_printf ("%s, %s", name, words);
  g_autofree char *progress = NULL;

  if (g_strcmp0 (label, self->spoken) == 0)
    return;

  set_label (GTK_ACCESSIBLE (self), label);
  if (parent != NULL &&
      gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (parent)) == GTK_ACCESSIBLE_ROLE_LIST_ITEM)
    set_label (GTK_ACCESSIBLE (parent), label);

  progress = g_strdup_printf (_("Progress of %s"), name);
  set_label (GTK_ACCESSIBLE (self->bar), progress);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, words, -1);

  g_free (self->spoken);
  self->spoken = g_steal_pointer (&label);
}

static void
update_place (UploaderRow *self)
{
  g_autofree char *place = uploader_words_for_place (self->item);

  gtk_label_set_text (self->place, place);
  gtk_widget_set_visible (GTK_WIDGET (self->place), *place != '\0' && !self->narrow);
}

/* A picture that is at hand, or else the icon of its kind. */
static void
update_icon (UploaderRow *self)
{
  GdkTexture *picture = NULL;

  if (self->thumbnails != NULL)
    picture = uploader_thumbnails_lookup (self->thumbnails, galileo_item_get_file (self->item),
                                          galileo_item_get_mtime (self->item));

  if (picture != NULL) {
    gtk_image_set_from_paintable (self->icon, GDK_PAINTABLE (picture));
  } else {
    g_autofree char *type = g_content_type_guess (galileo_item_get_name (self->item), NULL, 0, NULL);
    g_autoptr (GIcon) icon = g_content_type_get_icon (type);

    gtk_image_set_from_gicon (self->icon, icon);
  }
}

static gboolean
countdown_cb (gpointer user_data)
{
  update (UPLOADER_ROW (user_data));

  return G_SOURCE_CONTINUE;
}

static void
update_countdown (UploaderRow *self, gboolean wanted)
{
  if (!wanted)
    g_clear_handle_id (&self->countdown_id, g_source_remove);
  else if (self->countdown_id == 0)
    self->countdown_id = g_timeout_add_seconds (1, countdown_cb, self);
}

static void
update (UploaderRow *self)
{
  g_autofree char *words = NULL;
  g_autofree char *name = NULL;
  GalileoItemState state;

  if (self->item == NULL) {
    update_countdown (self, FALSE);
    return;
  }

  state = galileo_item_get_state (self->item);
  name = uploader_words_clean (galileo_item_get_name (self->item), NAME_MAX_CHARACTERS);
  words = uploader_words_for_item (self->queue, self->item);

  gtk_label_set_text (self->name, name);
  gtk_label_set_text (self->words, words);
  /* A reason has as many lines as it takes. To look for where one might break costs as much as all the rest of a row. */
  gtk_label_set_wrap (self->words, self->narrow || state == GALILEO_ITEM_FAILED || state == GALILEO_ITEM_RETRYING);
  set_css_class (self->words, "error", state == GALILEO_ITEM_FAILED);
  update_badge (self, state);
  update_bar (self, state);
  uploader_row_update_buttons (self, name);
  update_accessible (self, name);
  update_countdown (self, state == GALILEO_ITEM_RETRYING);
}

static gboolean
update_cb (gpointer user_data)
{
  UploaderRow *self = UPLOADER_ROW (user_data);

  self->update_id = 0;
  update (self);

  return G_SOURCE_REMOVE;
}

/* An item notifies several properties at a time: one update for all, before the next frame. */
static void
item_notify_cb (UploaderRow *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);
}

static const char *
get_tooltip (UploaderRow *self, GtkWidget *widget)
{
  /* What stands there in full needs no tooltip. */
  if (GTK_IS_LABEL (widget) && pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))))
    return gtk_label_get_text (GTK_LABEL (widget));

  return uploader_row_get_button_tooltip (self, widget);
}

static gboolean
uploader_row_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  UploaderRow *self = UPLOADER_ROW (widget);
  GtkWidget *at;

  if (self->item == NULL)
    return FALSE;

  at = keyboard ? gtk_root_get_focus (gtk_widget_get_root (widget)) :
                  gtk_widget_pick (widget, x, y, GTK_PICK_DEFAULT);
  for (; at != NULL && at != widget; at = gtk_widget_get_parent (at)) {
    const char *text = get_tooltip (self, at);

    if (text != NULL) {
      gtk_tooltip_set_text (tooltip, text);
      return TRUE;
    }
  }

  return FALSE;
}

static void
uploader_row_dispose (GObject *object)
{
  UploaderRow *self = UPLOADER_ROW (object);

  uploader_row_set_item (self, NULL);
  g_clear_object (&self->item_signals);
  g_clear_object (&self->queue_signals);
  g_clear_object (&self->queue);
  g_clear_object (&self->thumbnails);
  g_clear_pointer (&self->spoken, g_free);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (uploader_row_parent_class)->dispose (object);
}

static void
uploader_row_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  UploaderRow *self = UPLOADER_ROW (object);

  switch (property_id) {
  case PROP_ITEM:
    g_value_set_object (value, self->item);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
uploader_row_set_property (GObject *object,
                           guint property_id,
                           const GValue *value,
                           GParamSpec *pspec)
{
  UploaderRow *self = UPLOADER_ROW (object);

  switch (property_id) {
  case PROP_ITEM:
    uploader_row_set_item (self, g_value_get_object (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
uploader_row_class_init (UploaderRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = uploader_row_dispose;
  object_class->get_property = uploader_row_get_property;
  object_class->set_property = uploader_row_set_property;
  widget_class->query_tooltip = uploader_row_query_tooltip;

  properties[PROP_ITEM] =
    g_param_spec_object ("item", NULL, NULL,
                         GALILEO_TYPE_ITEM,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  uploader_row_class_install_commands (widget_class);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               UPLOADER_RESOURCES "/uploader-row.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderRow, box);
  gtk_widget_class_bind_template_child (widget_class, UploaderRow, icon);
  gtk_widget_class_bind_template_child (widget_class, UploaderRow, badge);
  gtk_widget_class_bind_template_child (widget_class, UploaderRow, name);
  gtk_widget_class_bind_template_child (widget_class, UploaderRow, place);
  gtk_widget_class_bind_template_child (widget_class, UploaderRow, words);
  gtk_widget_class_bind_template_child (widget_class, UploaderRow, bar);
  gtk_widget_class_bind_template_child (widget_class, UploaderRow, button_box);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_css_name (widget_class, "uploadrow");
}

static void
uploader_row_init (UploaderRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->item_signals = g_signal_group_new (GALILEO_TYPE_ITEM);
  g_signal_group_connect_swapped (self->item_signals, "notify", G_CALLBACK (item_notify_cb), self);
  self->queue_signals = g_signal_group_new (GALILEO_TYPE_QUEUE);
  g_signal_group_connect_swapped (self->queue_signals, "waits-changed", G_CALLBACK (item_notify_cb), self);
}

/* queue: what the items are in; or NULL. */
GtkWidget *
uploader_row_new (GalileoQueue *queue)
{
  UploaderRow *self = g_object_new (UPLOADER_TYPE_ROW, NULL);

  g_set_object (&self->queue, queue);

  return GTK_WIDGET (self);
}

GalileoItem *
uploader_row_get_item (UploaderRow *self)
{
  g_return_val_if_fail (UPLOADER_IS_ROW (self), NULL);

  return self->item;
}

void
uploader_row_set_item (UploaderRow *self, GalileoItem *item)
{
  g_return_if_fail (UPLOADER_IS_ROW (self));
  g_return_if_fail (item == NULL || GALILEO_IS_ITEM (item));

  if (!g_set_object (&self->item, item))
    return;

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_signal_group_set_target (self->item_signals, item);
  g_signal_group_set_target (self->queue_signals, item != NULL ? self->queue : NULL);
  g_clear_pointer (&self->spoken, g_free);
  uploader_row_leave_thumbnail (self);
  if (item != NULL) {
    update_icon (self);
    update_place (self);
  }
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

/* narrow: there is no room for more than the next step. */
void
uploader_row_set_narrow (UploaderRow *self, gboolean narrow)
{
  g_return_if_fail (UPLOADER_IS_ROW (self));

  if (self->narrow == narrow)
    return;

  self->narrow = narrow;
  if (self->item != NULL)
    update_place (self);
  update (self);
}

/* thumbnails: where the row gets a picture of its file from; or NULL. */
void
uploader_row_set_thumbnails (UploaderRow *self, UploaderThumbnails *thumbnails)
{
  g_return_if_fail (UPLOADER_IS_ROW (self));
  g_return_if_fail (thumbnails == NULL || UPLOADER_IS_THUMBNAILS (thumbnails));

  if (g_set_object (&self->thumbnails, thumbnails) && self->item != NULL)
    update_icon (self);
}

static void
thumbnail_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UploaderRow) self = UPLOADER_ROW (user_data);
  g_autoptr (GdkTexture) picture = uploader_thumbnails_load_finish (UPLOADER_THUMBNAILS (source), result, NULL);

  /* That of another item was cancelled. */
  if (picture != NULL && self->item != NULL)
    gtk_image_set_from_paintable (self->icon, GDK_PAINTABLE (picture));
}

/* The row is to be seen: asks for a picture of its file, once. */
void
uploader_row_load_thumbnail (UploaderRow *self)
{
  g_return_if_fail (UPLOADER_IS_ROW (self));

  if (self->thumbnails == NULL || self->item == NULL || self->thumbnail_cancellable != NULL)
    return;

  self->thumbnail_cancellable = g_cancellable_new ();
  uploader_thumbnails_load_async (self->thumbnails,
                                  galileo_item_get_file (self->item),
                                  galileo_item_get_name (self->item),
                                  galileo_item_get_mtime (self->item),
                                  gtk_image_get_pixel_size (self->icon) *
                                    gtk_widget_get_scale_factor (GTK_WIDGET (self)),
                                  self->thumbnail_cancellable,
                                  thumbnail_cb,
                                  g_object_ref (self));
}

/* It is not to be seen any more: what has not been made yet need not be. */
void
uploader_row_leave_thumbnail (UploaderRow *self)
{
  g_return_if_fail (UPLOADER_IS_ROW (self));

  g_cancellable_cancel (self->thumbnail_cancellable);
  g_clear_object (&self->thumbnail_cancellable);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-words.h"

#include <glib/gi18n.h>

#define NAME_MAX_CHARACTERS 60

static gboolean
drop_cb (UploaderWindow *self, const GValue *value)
{
  if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST) && g_value_get_boxed (value) != NULL) {
    uploader_window_add_file_list (self, g_value_get_boxed (value));
    return TRUE;
  }
  if (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE) && g_value_get_object (value) != NULL) {
    uploader_window_add_texture (self, g_value_get_object (value));
    return TRUE;
  }

  uploader_window_toast (self, _("Only files, folders and images can be dropped here"));

  return FALSE;
}

static void
update_drop_overlay_cb (UploaderWindow *self)
{
  gboolean over = gtk_drop_target_get_current_drop (self->drop_target) != NULL;
  g_autofree char *text = NULL;

  if (over) {
    if (self->site != NULL) {
      g_autofree char *name = uploader_words_isolate (galileo_site_get_name (self->site), NAME_MAX_CHARACTERS);

      /* Translators: a site's name */
      text = g_strdup_printf (_("Upload to %s"), name);
    } else {
      text = g_strdup (_("Drop Files to Add Them"));
    }
    gtk_label_set_text (self->drop_label, text);
  }

  gtk_revealer_set_reveal_child (self->drop_overlay, over);
}

/* In the capture phase, so that a text field below the pointer does not take a file for words. */
void
uploader_window_init_drop (UploaderWindow *self)
{
  /* The first of them that is there. */
  GType types[] = { GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE };
  GtkEventController *controller;

  self->drop_target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  gtk_drop_target_set_gtypes (self->drop_target, types, G_N_ELEMENTS (types));
  controller = GTK_EVENT_CONTROLLER (self->drop_target);
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_object (self->drop_target, "drop",
                           G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->drop_target, "notify::current-drop",
                           G_CALLBACK (update_drop_overlay_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include <glib/gi18n.h>

static void
add_file_list (UploaderWindow *self, GdkFileList *list)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSList) each = gdk_file_list_get_files (list);

  for (GSList *l = each; l != NULL; l = l->next)
    g_ptr_array_add (files, g_object_ref (l->data));

  uploader_window_add_files (self, files);
}

static gboolean
drop_cb (UploaderWindow *self, const GValue *value)
{
  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST) || g_value_get_boxed (value) == NULL) {
    uploader_window_toast (self, _("Only files and folders can be dropped here"));
    return FALSE;
  }

  add_file_list (self, g_value_get_boxed (value));

  return TRUE;
}

static void
update_drop_overlay_cb (UploaderWindow *self)
{
  gboolean over = gtk_drop_target_get_current_drop (self->drop_target) != NULL;
  g_autofree char *text = NULL;

  if (over) {
    if (self->site != NULL)
      /* Translators: a site's name */
      text = g_strdup_printf (_("Upload to %s"), galileo_site_get_name (self->site));
    else
      text = g_strdup (_("Drop Files to Add Them"));
    gtk_label_set_text (self->drop_label, text);
  }

  gtk_revealer_set_reveal_child (self->drop_overlay, over);
}

/* In the capture phase, so that a text field below the pointer does not take a file for words. */
void
uploader_window_init_drop (UploaderWindow *self)
{
  GtkEventController *controller;

  self->drop_target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  controller = GTK_EVENT_CONTROLLER (self->drop_target);
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_object (self->drop_target, "drop",
                           G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->drop_target, "notify::current-drop",
                           G_CALLBACK (update_drop_overlay_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
paste_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UploaderWindow) self = UPLOADER_WINDOW (user_data);
  g_autoptr (GError) error = NULL;
  const GValue *value;

  value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, &error);
  if (value == NULL) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      uploader_window_toast (self, _("The copied files can't be read. Copy them again, or drop them"));
    return;
  }

  add_file_list (self, g_value_get_boxed (value));
}

void
uploader_window_paste (UploaderWindow *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  g_autoptr (GdkContentFormats) formats = NULL;

  formats = gdk_content_formats_ref (gdk_clipboard_get_formats (clipboard));
  formats = gdk_content_formats_union_deserialize_gtypes (g_steal_pointer (&formats));
  if (!gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST)) {
    uploader_window_toast (self, _("Only files and folders can be pasted. Copy some first"));
    return;
  }

  gdk_clipboard_read_value_async (clipboard,
                                  GDK_TYPE_FILE_LIST,
                                  G_PRIORITY_DEFAULT,
                                  self->cancellable,
                                  paste_cb,
                                  g_object_ref (self));
}

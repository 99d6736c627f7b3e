/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-pasted.h"
#include "uploader-words.h"

#include <glib/gi18n.h>

#define REASON_MAX_CHARACTERS 200

#define PASTE_PATIENCE_MS 500

void
uploader_window_add_file_list (UploaderWindow *self, GdkFileList *list)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSList) each = gdk_file_list_get_files (list);

  for (GSList *l = each; l != NULL; l = l->next)
    g_ptr_array_add (files, g_object_ref (l->data));

  uploader_window_add_files (self, files);
}

static void
say_image_failed (UploaderWindow *self, const GError *error)
{
  g_autofree char *reason = uploader_words_clean (error->message, REASON_MAX_CHARACTERS);
  g_autofree char *text = g_strdup_printf (_("The image can't be added: %s"), reason);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    uploader_window_toast (self, text);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UploaderWindow) self = UPLOADER_WINDOW (user_data);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  GFile *file = uploader_pasted_save_finish (result, &error);

  if (file == NULL) {
    say_image_failed (self, error);
    return;
  }

  g_ptr_array_add (files, file);
  uploader_window_add_files (self, files);
}

/* An image has no file yet, and what the queue has must outlast the program. */
void
uploader_window_add_texture (UploaderWindow *self, GdkTexture *texture)
{
  g_autofree char *folder = uploader_pasted_dup_folder ();

  uploader_pasted_save_async (folder, texture, self->cancellable, saved_cb, g_object_ref (self));
}

static void
texture_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UploaderWindow) self = UPLOADER_WINDOW (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, &error);

  if (texture != NULL)
    uploader_window_add_texture (self, texture);
  else
    say_image_failed (self, error);
}

static void
files_cb (GObject *source, GAsyncResult *result, gpointer user_data)
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

  uploader_window_add_file_list (self, g_value_get_boxed (value));
}

/* Files if there are any, as a copied file may come with a picture of it. */
static void
paste (UploaderWindow *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  g_autoptr (GdkContentFormats) formats = NULL;

  formats = gdk_content_formats_ref (gdk_clipboard_get_formats (clipboard));
  formats = gdk_content_formats_union_deserialize_gtypes (g_steal_pointer (&formats));
  if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST))
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, self->cancellable,
                                    files_cb, g_object_ref (self));
  else if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE))
    gdk_clipboard_read_texture_async (clipboard, self->cancellable, texture_cb, g_object_ref (self));
  else
    uploader_window_toast (self, _("Only files, folders and images can be pasted. Copy some first"));
}

void
uploader_window_stop_waiting_to_paste (UploaderWindow *self)
{
  g_clear_handle_id (&self->paste_id, g_source_remove);
  if (self->paste_handler_id != 0)
    g_signal_handler_disconnect (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->paste_handler_id);
  self->paste_handler_id = 0;
}

static gboolean
waited_cb (gpointer user_data)
{
  UploaderWindow *self = UPLOADER_WINDOW (user_data);

  self->paste_id = 0;
  uploader_window_stop_waiting_to_paste (self);
  paste (self);

  return G_SOURCE_REMOVE;
}

static void
changed_cb (UploaderWindow *self)
{
  uploader_window_stop_waiting_to_paste (self);
  paste (self);
}

/* What another program has just copied is not known at once. */
void
uploader_window_paste (UploaderWindow *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  gsize n_types;

  if (self->paste_id != 0)
    return;

  gdk_content_formats_get_mime_types (gdk_clipboard_get_formats (clipboard), &n_types);
  if (n_types > 0 || gdk_clipboard_is_local (clipboard)) {
    paste (self);
    return;
  }

  self->paste_id = g_timeout_add (PASTE_PATIENCE_MS, waited_cb, self);
  self->paste_handler_id = g_signal_connect_object (clipboard, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

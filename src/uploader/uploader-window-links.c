/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include <glib/gi18n.h>

/* A window that was asked to come to the front is there by then, or it does not come. */
#define COMING_MS 2000

/* A link that is to be copied. */
typedef struct {
  UploaderWindow *window; /* borrowed: it goes with its handler */
  char *url;
  gulong handler_id;
  guint timeout_id;
} Link;

static void
link_free (gpointer data, GClosure *closure)
{
  Link *link = data;

  g_clear_handle_id (&link->timeout_id, g_source_remove);
  g_free (link->url);
  g_free (link);
}

static void
copy (Link *link)
{
  uploader_window_copy_link (link->window, link->url);
  g_signal_handler_disconnect (link->window, link->handler_id);
}

static void
active_cb (GtkWindow *window, GParamSpec *pspec, Link *link)
{
  if (gtk_window_is_active (window))
    copy (link);
}

static gboolean
timeout_cb (gpointer user_data)
{
  Link *link = user_data;

  link->timeout_id = 0;
  copy (link);

  return G_SOURCE_REMOVE;
}

void
uploader_window_copy_link (UploaderWindow *self, const char *url)
{
  g_return_if_fail (UPLOADER_IS_WINDOW (self));
  g_return_if_fail (url != NULL);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), url);
  uploader_window_toast (self, _("Link copied"));
}

/* The same of a window that is just on its way to the front: on Wayland the clipboard is only for who is there. */
void
uploader_window_copy_link_in_front (UploaderWindow *self, const char *url)
{
  Link *link;

  g_return_if_fail (UPLOADER_IS_WINDOW (self));
  g_return_if_fail (url != NULL);

  if (gtk_window_is_active (GTK_WINDOW (self))) {
    uploader_window_copy_link (self, url);
    return;
  }

  link = g_new0 (Link, 1);
  link->window = self;
  link->url = g_strdup (url);
  link->timeout_id = g_timeout_add (COMING_MS, timeout_cb, link);
  link->handler_id = g_signal_connect_data (self, "notify::is-active", G_CALLBACK (active_cb), link, link_free, 0);
}

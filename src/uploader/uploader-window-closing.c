/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include <glib/gi18n.h>

/* As the setting "closing" has it. */
typedef enum {
  CLOSING_ASK,
  CLOSING_BACKGROUND,
  CLOSING_QUIT,
} Closing;

static const struct {
  const char *response;
  Closing closing;
} answers[] = {
  { "background", CLOSING_BACKGROUND },
  { "quit", CLOSING_QUIT },
};

static gboolean
is_adding (UploaderWindow *self)
{
  return uploader_window_is_adding (self) || galileo_queue_is_arriving (self->queue);
}

/* Whether something goes on by itself. While everything is paused nothing does. */
static gboolean
is_working (UploaderWindow *self)
{
  return is_adding (self) || (galileo_queue_get_busy (self->queue) && !galileo_queue_get_paused (self->queue));
}

/* What is being looked for is in no list yet, and without a store the list itself would be gone. */
static gboolean
would_lose (UploaderWindow *self)
{
  if (uploader_window_is_adding (self))
    return TRUE;
  if (galileo_queue_is_kept (self->queue))
    return FALSE;

  return galileo_queue_get_busy (self->queue) || galileo_queue_is_arriving (self->queue) ||
         galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_PAUSED) > 0;
}

static gboolean
can_go_on_in_background (UploaderWindow *self)
{
  return self->presence != NULL && !uploader_presence_get_denied (self->presence) && is_working (self);
}

/* Leaves to the next window what this one has begun. */
static void
hand_over (UploaderWindow *self)
{
  uploader_window_finish_arrivals (self);
  for (guint i = 0; i < self->addings->len; i++) {
    GalileoAdding *adding = g_ptr_array_index (self->addings, i);

    g_signal_handlers_disconnect_by_data (adding, self);
    uploader_presence_keep_adding (self->presence, adding);
  }
  g_ptr_array_set_size (self->addings, 0);
  uploader_presence_keep_files (self->presence, self->held_files);
  g_ptr_array_set_size (self->held_files, 0);
}

/* The program ends, with whatever else would keep it. */
static void
quit (UploaderWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  uploader_window_stop_adding (self);
  if (galileo_queue_is_kept (self->queue)) {
    uploader_window_finish_arrivals (self);
  } else {
    uploader_window_clear_arrivals (self);
    galileo_queue_cancel_all (self->queue);
  }
  if (application != NULL)
    g_application_quit (G_APPLICATION (application));
}

/* Dialogs and details go with their window: alone they would keep the program. */
static void
destroy (UploaderWindow *self)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (GTK_IS_WINDOW (l->data) && gtk_window_get_transient_for (l->data) == GTK_WINDOW (self))
      gtk_window_destroy (l->data);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
leave (UploaderWindow *self, Closing closing)
{
  g_autoptr (UploaderWindow) alive = g_object_ref (self);

  if (closing == CLOSING_BACKGROUND)
    hand_over (self);
  else
    quit (self);
  destroy (self);
}

static gboolean
background_cb (gpointer user_data)
{
  leave (UPLOADER_WINDOW (user_data), CLOSING_BACKGROUND);

  return G_SOURCE_REMOVE;
}

static gboolean
quit_cb (gpointer user_data)
{
  leave (UPLOADER_WINDOW (user_data), CLOSING_QUIT);

  return G_SOURCE_REMOVE;
}

/* The dialog refers to its parent until it is gone, so the window must outlive it. */
static void
response_cb (UploaderWindow *self, const char *response, AdwMessageDialog *dialog)
{
  GtkWidget *always = adw_message_dialog_get_extra_child (dialog);

  g_clear_weak_pointer (&self->closing_dialog);

  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++) {
    if (!g_str_equal (answers[i].response, response))
      continue;

    if (always != NULL && gtk_check_button_get_active (GTK_CHECK_BUTTON (always)))
      g_settings_set_enum (self->settings, "closing", (int) answers[i].closing);
    g_idle_add_full (G_PRIORITY_DEFAULT,
                     answers[i].closing == CLOSING_BACKGROUND ? background_cb : quit_cb,
                     g_object_ref (self),
                     g_object_unref);
  }
}

static char *
words_for_question (UploaderWindow *self)
{
  guint n_waiting, n_uploading, n_paused, n;

  g_object_get (self->queue, "n-waiting", &n_waiting, "n-uploading", &n_uploading, "n-paused", &n_paused, NULL);
  n = n_waiting + n_uploading + n_paused + uploader_window_count_adding (self);

  if (!galileo_queue_is_kept (self->queue))
    return g_strdup_printf (ngettext ("%u file is not uploaded yet. The list of uploads can't be saved: if you quit, the "
                                      "file is not uploaded.",
                                      "%u files are not uploaded yet. The list of uploads can't be saved: if you quit, "
                                      "they are not uploaded.",
                                      n),
                            n);
  if (uploader_window_is_adding (self))
    return g_strdup (_("Files are still being added. If you quit, only those in the list go on when Galileo Send is "
                       "started again."));

  return g_strdup_printf (ngettext ("%u file is not uploaded yet. If you quit, it goes on when Galileo Send is started "
                                    "again.",
                                    "%u files are not uploaded yet. If you quit, they go on when Galileo Send is started "
                                    "again.",
                                    n),
                          n);
}

static void
add_responses (UploaderWindow *self, AdwMessageDialog *dialog)
{
  gboolean kept = galileo_queue_is_kept (self->queue);

  adw_message_dialog_add_response (dialog, "keep", _("_Keep Window Open"));
  adw_message_dialog_add_response (dialog, "quit", kept ? _("_Quit") : _("_Cancel Uploads and Quit"));
  if (!kept)
    adw_message_dialog_set_response_appearance (dialog, "quit", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "keep");
  adw_message_dialog_set_close_response (dialog, "keep");

  if (can_go_on_in_background (self)) {
    adw_message_dialog_add_response (dialog, "background", _("Continue in _Background"));
    adw_message_dialog_set_response_appearance (dialog, "background", ADW_RESPONSE_SUGGESTED);
    adw_message_dialog_set_default_response (dialog, "background");
  }
}

static void
ask (UploaderWindow *self)
{
  g_autofree char *body = words_for_question (self);
  AdwMessageDialog *dialog;
  GtkWidget *widget;

  if (self->closing_dialog != NULL) {
    gtk_window_present (GTK_WINDOW (self->closing_dialog));
    return;
  }

  widget = adw_message_dialog_new (GTK_WINDOW (self), _("Uploads Not Finished"), body);
  g_set_weak_pointer (&self->closing_dialog, widget);
  dialog = ADW_MESSAGE_DIALOG (widget);
  add_responses (self, dialog);

  /* What would be lost is asked about each time. */
  if (!would_lose (self)) {
    GtkWidget *always = gtk_check_button_new_with_mnemonic (_("_Always do this"));

    /* Without the mark of the mnemonic, which GTK 4.8 would read aloud. */
    gtk_accessible_update_property (GTK_ACCESSIBLE (always), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Always do this"), -1);
    gtk_widget_set_halign (always, GTK_ALIGN_CENTER);
    adw_message_dialog_set_extra_child (dialog, always);
  }
  g_signal_connect_object (dialog, "response", G_CALLBACK (response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  /* Not the check box, which comes first. */
  gtk_window_set_focus (GTK_WINDOW (dialog), gtk_window_get_default_widget (GTK_WINDOW (dialog)));
}

/* A question about files that were added has to be answered first. Returns: whether there is one. */
static gboolean
present_question (UploaderWindow *self)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next) {
    if (ADW_IS_MESSAGE_DIALOG (l->data) && l->data != (gpointer) self->closing_dialog &&
        gtk_window_get_transient_for (l->data) == GTK_WINDOW (self)) {
      gtk_window_present (l->data);
      return TRUE;
    }
  }
  return FALSE;
}

static void
close_as (UploaderWindow *self, Closing closing)
{
  if (present_question (self))
    return;

  if (!is_working (self) && !would_lose (self))
    leave (self, CLOSING_QUIT);
  else if (closing == CLOSING_BACKGROUND && can_go_on_in_background (self))
    leave (self, CLOSING_BACKGROUND);
  else if (closing == CLOSING_QUIT && !would_lose (self))
    leave (self, CLOSING_QUIT);
  else
    ask (self);
}

gboolean
uploader_window_close_request (GtkWindow *window)
{
  UploaderWindow *self = UPLOADER_WINDOW (window);

  close_as (self, (Closing) g_settings_get_enum (self->settings, "closing"));

  return GDK_EVENT_STOP;
}

/* Who quits wants the program to end: that it goes on without a window is never silent, whatever closing a window does. */
void
uploader_window_quit (UploaderWindow *self)
{
  Closing closing;

  g_return_if_fail (UPLOADER_IS_WINDOW (self));

  closing = (Closing) g_settings_get_enum (self->settings, "closing");
  close_as (self, closing == CLOSING_QUIT ? CLOSING_QUIT : CLOSING_ASK);
}

/* What the program is beside this window. With it the window can be closed while work goes on, and takes over from the last. */
void
uploader_window_set_presence (UploaderWindow *self, UploaderPresence *presence)
{
  g_autoptr (GPtrArray) addings = NULL;
  g_autoptr (GPtrArray) files = NULL;

  g_return_if_fail (UPLOADER_IS_WINDOW (self));
  g_return_if_fail (UPLOADER_IS_PRESENCE (presence));
  g_return_if_fail (self->presence == NULL);

  self->presence = g_object_ref (presence);
  addings = uploader_presence_take_addings (presence);
  for (guint i = 0; i < addings->len; i++)
    uploader_window_take_adding (self, g_ptr_array_index (addings, i));
  files = uploader_presence_take_files (presence);
  uploader_window_add_files (self, files);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-row-private.h"

#include "uploader-words.h"

#include "galileo/galileo-error.h"

#include <glib/gi18n.h>
#include <string.h>

/*
 * The buttons of a row. The next step has its name on it, and stays in a narrow window; what is always at hand is an icon,
 * or in a narrow window in the menu.
 */

static const struct {
  const char *action;
  const char *icon; /* NULL: it shows its label */
  const char *label;
} commands[UPLOADER_ROW_N_COMMANDS] = {
  [UPLOADER_ROW_COPY_LINK] = { "row.copy-link", NULL, N_("Copy Link") },
  [UPLOADER_ROW_DETAILS] = { "row.details", "help-about-symbolic", N_("Details") },
  [UPLOADER_ROW_SITE] = { "row.site", NULL, N_("Site…") },
  [UPLOADER_ROW_LOCATE] = { "row.locate", NULL, N_("Locate…") },
  [UPLOADER_ROW_RETRY] = { "row.retry", NULL, N_("Retry") },
  [UPLOADER_ROW_PAUSE] = { "row.pause", "media-playback-pause-symbolic", N_("Pause") },
  [UPLOADER_ROW_RESUME] = { "row.resume", "media-playback-start-symbolic", N_("Resume") },
  [UPLOADER_ROW_CANCEL] = { "row.cancel", "window-close-symbolic", N_("Cancel") },
  [UPLOADER_ROW_REMOVE] = { "row.remove", "list-remove-symbolic", N_("Remove From List") },
  [UPLOADER_ROW_MENU] = { "row.menu", "view-more-symbolic", N_("More") },
};

static guint signals[UPLOADER_ROW_N_COMMANDS];

static const char *
get_label (UploaderRow *self, guint command)
{
  if (command == UPLOADER_ROW_RETRY)
    return uploader_words_for_retry (galileo_item_get_state (self->item), galileo_item_get_error (self->item));

  return _(commands[command].label);
}

static void
make_button (UploaderRow *self, guint command)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *before = NULL;

  if (commands[command].icon != NULL) {
    gtk_button_set_icon_name (GTK_BUTTON (button), commands[command].icon);
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "circular");
  } else {
    /* A label of a button's own would be read out beside the name that it is given. */
    gtk_button_set_child (GTK_BUTTON (button), gtk_label_new (NULL));
    gtk_widget_add_css_class (button, "text-button");
    gtk_widget_add_css_class (button, "step");
  }
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), commands[command].action);

  for (guint i = 0; i < command; i++)
    if (self->buttons[i] != NULL)
      before = self->buttons[i];

  gtk_box_insert_child_after (GTK_BOX (self->button_box), button, before);
  self->buttons[command] = button;
}

/* One step is enough in a narrow window: first the file has to be found. */
static gboolean
fits (UploaderRow *self, guint command)
{
  if (!self->narrow || command == UPLOADER_ROW_MENU)
    return TRUE;
  if (command == UPLOADER_ROW_RETRY && uploader_words_is_file_gone (self->item))
    return FALSE;
  if (command == UPLOADER_ROW_SITE)
    return FALSE;

  return commands[command].icon == NULL;
}

/* possible: what it does can be done, be it by the menu. */
static void
update_button (UploaderRow *self, guint command, gboolean possible, const char *name)
{
  gboolean visible = possible && fits (self, command);
  g_autofree char *label = NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), commands[command].action, possible);

  if (visible && self->buttons[command] == NULL)
    make_button (self, command);
  if (self->buttons[command] == NULL)
    return;

  gtk_widget_set_visible (self->buttons[command], visible);
  if (!visible)
    return;

  if (commands[command].icon == NULL)
    gtk_label_set_text (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (self->buttons[command]))), get_label (self, command));

  /* Translators: what a button does, and the file that it does it to */
  label = g_strdup_printf (_("%s: %s"), get_label (self, command), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->buttons[command]), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

/* name: of the file, fit to be shown. */
void
uploader_row_update_buttons (UploaderRow *self, const char *name)
{
  GalileoItemState state = galileo_item_get_state (self->item);
  gboolean final = galileo_item_is_final (self->item);
  gboolean gone = uploader_words_is_file_gone (self->item);

  update_button (self, UPLOADER_ROW_COPY_LINK, galileo_item_get_url (self->item) != NULL, name);
  update_button (self, UPLOADER_ROW_DETAILS,
                 galileo_item_get_error_signals (self->item)->len > 0 || state == GALILEO_ITEM_FAILED, name);
  update_button (self, UPLOADER_ROW_SITE, state == GALILEO_ITEM_FAILED && uploader_words_is_address_wrong (self->item), name);
  update_button (self, UPLOADER_ROW_LOCATE, gone, name);
  update_button (self, UPLOADER_ROW_RETRY,
                 state == GALILEO_ITEM_FAILED || state == GALILEO_ITEM_CANCELLED || state == GALILEO_ITEM_RETRYING, name);
  update_button (self, UPLOADER_ROW_PAUSE, !final && state != GALILEO_ITEM_PAUSED, name);
  update_button (self, UPLOADER_ROW_RESUME, state == GALILEO_ITEM_PAUSED, name);
  update_button (self, UPLOADER_ROW_CANCEL, !final, name);
  update_button (self, UPLOADER_ROW_REMOVE, final, name);
  update_button (self, UPLOADER_ROW_MENU, self->narrow, name);
}

const char *
uploader_row_get_button_tooltip (UploaderRow *self, GtkWidget *widget)
{
  for (guint i = 0; i < UPLOADER_ROW_N_COMMANDS; i++)
    if (widget == self->buttons[i] && commands[i].icon != NULL)
      return get_label (self, i);

  return NULL;
}

static void
activate_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  for (guint i = 0; i < UPLOADER_ROW_N_COMMANDS; i++)
    if (g_str_equal (name, commands[i].action))
      g_signal_emit (widget, signals[i], 0);
}

/* Each is an action, and a signal of that name: the window does the work. */
void
uploader_row_class_install_commands (GtkWidgetClass *klass)
{
  for (guint i = 0; i < UPLOADER_ROW_N_COMMANDS; i++) {
    signals[i] = g_signal_new (strchr (commands[i].action, '.') + 1,
                               G_TYPE_FROM_CLASS (klass),
                               G_SIGNAL_RUN_LAST,
                               0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
    gtk_widget_class_install_action (klass, commands[i].action, NULL, activate_cb);
  }
}

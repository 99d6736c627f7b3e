/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-history-row.h"

#include "uploader-words.h"

#include <glib/gi18n.h>

#define NAME_MAX_CHARACTERS 255

/* Shows one entry of the history. Its button is the action "history.copy-link" of the window. */
struct _UploaderHistoryRow {
  GtkWidget parent_instance;

  /* template */
  GtkWidget *box;
  GtkImage *icon;
  GtkImage *badge;
  GtkLabel *name;
  GtkLabel *place;
  GtkLabel *words;
  GtkWidget *copy_button;
};

G_DEFINE_FINAL_TYPE (UploaderHistoryRow, uploader_history_row, GTK_TYPE_WIDGET)

static void
set_label (gpointer accessible, const char *label)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (accessible), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
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
update_icon (UploaderHistoryRow *self, const GalileoRecord *record)
{
  g_autofree char *type = g_content_type_guess (record->name, NULL, 0, NULL);
  g_autoptr (GIcon) icon = g_content_type_get_icon (type);
  gboolean failed = record->state == GALILEO_ITEM_FAILED;

  gtk_image_set_from_gicon (self->icon, icon);
  gtk_image_set_from_icon_name (self->badge, failed ? "dialog-warning-symbolic" : "object-select-symbolic");
  set_css_class (self->badge, "error", failed);
  set_css_class (self->badge, "success", !failed);
  set_css_class (self->words, "error", failed);
}

static void
update_copy_button (UploaderHistoryRow *self, const GalileoRecord *record, const char *name)
{
  g_autofree char *label = NULL;

  gtk_widget_set_visible (self->copy_button, record->url != NULL);
  if (record->url == NULL)
    return;

  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->copy_button), "s", record->url);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->copy_button), "history.copy-link");
  /* Translators: what a button does, and the file that it does it to */
  label = g_strdup_printf (_("%s: %s"), _("Copy Link"), name);
  set_label (self->copy_button, label);
}

/* A screen reader stands on the list's own cell, which takes no name from its child. */
static void
update_accessible (UploaderHistoryRow *self, const char *name, const char *place, const char *words)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *label = g_strdup_printf ("%s, %s, %s", name, words, place);

  set_label (self, label);
  if (parent != NULL && gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (parent)) == GTK_ACCESSIBLE_ROLE_LIST_ITEM)
    set_label (parent, label);
}

static void
uploader_history_row_dispose (GObject *object)
{
  UploaderHistoryRow *self = UPLOADER_HISTORY_ROW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (uploader_history_row_parent_class)->dispose (object);
}

static void
uploader_history_row_class_init (UploaderHistoryRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = uploader_history_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, UPLOADER_RESOURCES "/uploader-history-row.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderHistoryRow, box);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistoryRow, icon);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistoryRow, badge);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistoryRow, name);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistoryRow, place);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistoryRow, words);
  gtk_widget_class_bind_template_child (widget_class, UploaderHistoryRow, copy_button);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  /* It looks like those of the queue. */
  gtk_widget_class_set_css_name (widget_class, "uploadrow");
}

static void
uploader_history_row_init (UploaderHistoryRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
uploader_history_row_new (void)
{
  return g_object_new (UPLOADER_TYPE_HISTORY_ROW, NULL);
}

void
uploader_history_row_set_entry (UploaderHistoryRow *self, UploaderHistoryEntry *entry)
{
  const GalileoRecord *record;
  g_autofree char *name = NULL;
  g_autofree char *place = NULL;
  g_autofree char *words = NULL;

  g_return_if_fail (UPLOADER_IS_HISTORY_ROW (self));
  g_return_if_fail (UPLOADER_IS_HISTORY_ENTRY (entry));

  record = uploader_history_entry_get_record (entry);
  name = uploader_words_clean (record->name, NAME_MAX_CHARACTERS);
  place = uploader_history_entry_dup_place (entry);
  words = uploader_history_entry_dup_words (entry);

  gtk_label_set_text (self->name, name);
  gtk_label_set_text (self->place, place);
  gtk_label_set_text (self->words, words);
  update_icon (self, record);
  update_copy_button (self, record, name);
  update_accessible (self, name, place, words);
}

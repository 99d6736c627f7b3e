/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-details.h"

#include "uploader-words.h"

#include "galileo/galileo-address.h"

#include <glib/gi18n.h>
#include <string.h>

/* A signal may be a megabyte long, which no label lays out in a blink. The copied text has it all. */
#define SHOWN_MAX_CHARACTERS 4000
#define SHOWN_MAX_SIGNALS 100

/* All that is known of an item, to read and to copy into a message to the site's owner. */
struct _UploaderDetails {
  AdwWindow parent_instance;

  /* owned */
  GalileoItem *item;
  GString *text;

  /* template */
  AdwToastOverlay *toasts;
  GtkListBox *facts;
  GtkWidget *failures_group;
  GtkListBox *failures_list;
  GtkWidget *signals_group;
  GtkListBox *signals_list;
};

G_DEFINE_FINAL_TYPE (UploaderDetails, uploader_details, ADW_TYPE_WINDOW)

static void
clear (GtkListBox *list)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, 0)) != NULL)
    gtk_list_box_remove (list, GTK_WIDGET (row));
}

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);

  return label;
}

static void
add_row (GtkListBox *list, const char *title, const char *value, const char *css_class)
{
  g_autofree char *shown = uploader_words_clean (value, SHOWN_MAX_CHARACTERS);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *label = new_label (shown, css_class);

  if (title != NULL)
    gtk_box_append (GTK_BOX (box), new_label (title, "property-title"));
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_add_css_class (box, "property");

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_append (list, row);
}

static void
copy_link_cb (UploaderDetails *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), galileo_item_get_url (self->item));
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (_("Link copied")));
}

static void
add_fact (UploaderDetails *self, const char *title, const char *value)
{
  add_row (self->facts, title, value, NULL);
  g_string_append_printf (self->text, "%s: %s\n", title, value);
}

static void
add_link (UploaderDetails *self)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  GtkWidget *row, *box;

  add_fact (self, _("Link"), galileo_item_get_url (self->item));

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (button, _("Copy Link"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Copy Link"), -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (copy_link_cb), self);
  row = gtk_widget_get_last_child (GTK_WIDGET (self->facts));
  box = gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row));
  gtk_box_append (GTK_BOX (box), button);
}

/* To the second, as the site's own records have it. */
static char *
words_for_instant (GDateTime *utc)
{
  g_autoptr (GDateTime) time = g_date_time_to_local (utc);

  /* Translators: a date and a time; see g_date_time_format() */
  return g_date_time_format (time, _("%x %H:%M:%S"));
}

static void
add_end (UploaderDetails *self)
{
  GDateTime *time = galileo_item_get_finish_time (self->item);
  g_autofree char *words = NULL;

  if (time == NULL)
    return;

  words = words_for_instant (time);
  add_fact (self, galileo_item_get_state (self->item) == GALILEO_ITEM_DONE ? _("Uploaded") : _("Ended"), words);
}

static void
add_duration (UploaderDetails *self)
{
  double seconds = galileo_item_get_seconds (self->item);
  gint64 size = galileo_item_get_size (self->item);
  g_autofree char *took = NULL;

  if (galileo_item_get_state (self->item) != GALILEO_ITEM_DONE || !(seconds > 0.0))
    return;

  if (size > 0) {
    g_autofree char *speed = g_format_size ((guint64) MIN (size / seconds, 1e15));

    /* Translators: how long an upload took, and its speed, for example "12.3 s · 4.1 MB/s" */
    took = g_strdup_printf (_("%.1f s · %s/s"), seconds, speed);
  } else {
    took = g_strdup_printf (_("%.1f s"), seconds);
  }

  add_fact (self, _("Took"), took);
}

static void
add_checksum (UploaderDetails *self)
{
  const char *hash = galileo_item_get_hash (self->item);

  if (hash == NULL)
    return;

  add_fact (self,
            galileo_item_get_verified (self->item) ? _("Checksum, Verified by the Site") :
                                                     _("Checksum"),
            hash);
}

/* When each attempt failed that did, and why. */
static void
add_failures (UploaderDetails *self)
{
  GPtrArray *failures = galileo_item_get_failures (self->item);

  gtk_widget_set_visible (self->failures_group, failures != NULL);
  if (failures == NULL)
    return;

  g_string_append_printf (self->text, "\n%s:\n", _("Failed Attempts"));
  for (guint i = 0; i < failures->len; i++) {
    const GalileoFailure *failure = g_ptr_array_index (failures, i);
    g_autofree char *time = words_for_instant (failure->time);
    g_autofree char *title = NULL;

    /* Translators: an attempt to upload a file, by number, and when it failed */
    title = g_strdup_printf (_("Attempt %u, %s"), failure->attempt, time);
    add_row (self->failures_list, title, failure->reason, NULL);
    g_string_append_printf (self->text, "%s: %s\n", title, failure->reason);
  }
}

static void
add_signals (UploaderDetails *self)
{
  GPtrArray *signals = galileo_item_get_error_signals (self->item);
  guint n = signals != NULL ? signals->len : 0;

  gtk_widget_set_visible (self->signals_group, n > 0);
  if (n == 0)
    return;

  g_string_append_printf (self->text, "\n%s:\n", _("Error Signals"));
  for (guint i = 0; i < n; i++) {
    g_autofree char *text = galileo_signal_to_text (g_ptr_array_index (signals, i));

    if (i < SHOWN_MAX_SIGNALS)
      add_row (self->signals_list, NULL, text, "monospace");
    g_string_append_printf (self->text, "%s\n", text);
  }

  if (n > SHOWN_MAX_SIGNALS) {
    guint more = n - SHOWN_MAX_SIGNALS;
    g_autofree char *rest = NULL;

    rest = g_strdup_printf (ngettext ("%u more: copy the details to read it",
                                      "%u more: copy the details to read them", more),
                            more);
    add_row (self->signals_list, NULL, rest, NULL);
  }
}

/* The words quote the reason, unless they are shorter than it. */
static void
add_reason (UploaderDetails *self, const char *words)
{
  const GError *error = galileo_item_get_error (self->item);

  if (error != NULL && strstr (words, error->message) == NULL)
    add_fact (self, _("Reason"), error->message);
}

static void
update (UploaderDetails *self)
{
  g_autofree char *address = NULL;
  g_autofree char *place = NULL;
  g_autofree char *words = NULL;
  GalileoSite *site;

  g_string_truncate (self->text, 0);
  clear (self->facts);
  clear (self->failures_list);
  clear (self->signals_list);

  words = uploader_words_for_item (NULL, self->item);
  place = g_file_get_parse_name (galileo_item_get_file (self->item));
  site = galileo_item_get_site (self->item);
  address = galileo_address_to_display (galileo_site_get_address (site));

  add_fact (self, _("Name"), galileo_item_get_name (self->item));
  add_fact (self, _("Status"), words);
  add_reason (self, words);
  add_fact (self, _("Site"), address);
  if (galileo_item_get_path (self->item) != NULL)
    add_fact (self, _("Folder at the Site"), galileo_item_get_path (self->item));
  add_fact (self, _("File"), place);

  if (galileo_item_get_attempt (self->item) > 0) {
    g_autofree char *attempts = NULL;

    attempts = g_strdup_printf ("%u", galileo_item_get_attempt (self->item));
    add_fact (self, _("Attempts"), attempts);
  }

  add_end (self);
  add_duration (self);
  add_checksum (self);
  if (galileo_item_get_url (self->item) != NULL)
    add_link (self);
  add_failures (self);
  add_signals (self);
}

static void
copy_cb (UploaderDetails *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->text->str);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (_("Copied")));
}

static void
uploader_details_dispose (GObject *object)
{
  UploaderDetails *self = UPLOADER_DETAILS (object);

  g_clear_object (&self->item);

  G_OBJECT_CLASS (uploader_details_parent_class)->dispose (object);
}

static void
uploader_details_finalize (GObject *object)
{
  UploaderDetails *self = UPLOADER_DETAILS (object);

  g_string_free (self->text, TRUE);

  G_OBJECT_CLASS (uploader_details_parent_class)->finalize (object);
}

static void
uploader_details_class_init (UploaderDetailsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = uploader_details_dispose;
  object_class->finalize = uploader_details_finalize;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               UPLOADER_RESOURCES "/uploader-details.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderDetails, toasts);
  gtk_widget_class_bind_template_child (widget_class, UploaderDetails, facts);
  gtk_widget_class_bind_template_child (widget_class, UploaderDetails, failures_group);
  gtk_widget_class_bind_template_child (widget_class, UploaderDetails, failures_list);
  gtk_widget_class_bind_template_child (widget_class, UploaderDetails, signals_group);
  gtk_widget_class_bind_template_child (widget_class, UploaderDetails, signals_list);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
}

static void
uploader_details_init (UploaderDetails *self)
{
  self->text = g_string_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
uploader_details_new (GtkWindow *parent, GalileoItem *item)
{
  UploaderDetails *self;

  g_return_val_if_fail (parent == NULL || GTK_IS_WINDOW (parent), NULL);
  g_return_val_if_fail (GALILEO_IS_ITEM (item), NULL);

  self = g_object_new (UPLOADER_TYPE_DETAILS, "transient-for", parent, NULL);
  self->item = g_object_ref (item);
  g_signal_connect_object (item, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);

  return GTK_WIDGET (self);
}

/* What the Copy button copies. */
char *
uploader_details_dup_text (UploaderDetails *self)
{
  g_return_val_if_fail (UPLOADER_IS_DETAILS (self), NULL);

  return g_strdup (self->text->str);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-site-entry.h"

#include "galileo/galileo-address.h"

#include <glib/gi18n.h>

/*
 * Asks for the address of a site. While it is typed the line below says what is wrong with it, or
 * where the files will go. The signal "site-chosen" has the GalileoSite.
 */
struct _UploaderSiteEntry {
  GtkWidget parent_instance;

  /* owned */
  GalileoSite *site; /* NULL while the text is no address */

  /* template */
  GtkWidget *box;
  GtkEditable *entry;
  GtkWidget *button;
  GtkLabel *hint;
};

G_DEFINE_FINAL_TYPE (UploaderSiteEntry, uploader_site_entry, GTK_TYPE_WIDGET)

enum {
  SITE_CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
set_hint (UploaderSiteEntry *self, const char *text, gboolean wrong)
{
  gtk_label_set_label (self->hint, text);

  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self->hint), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->hint), "error");

  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");

  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static void
changed_cb (UploaderSiteEntry *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (self->entry)));
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->site);

  if (*text == '\0') {
    set_hint (self, _("For example www.example.org/upload"), FALSE);
  } else {
    self->site = galileo_site_new (text, &error);
    if (self->site == NULL) {
      set_hint (self, error->message, TRUE);
    } else {
      g_autofree char *address = galileo_address_to_display (galileo_site_get_address (self->site));
      g_autofree char *hint = NULL;

      /* Translators: the full address of a site */
      hint = g_strdup_printf (_("Files will go to %s"), address);
      set_hint (self, hint, FALSE);
    }
  }

  gtk_widget_set_sensitive (self->button, self->site != NULL);
}

static void
apply_cb (UploaderSiteEntry *self)
{
  g_autoptr (GalileoSite) site = NULL;

  if (self->site == NULL) {
    gtk_widget_error_bell (GTK_WIDGET (self));
    return;
  }

  site = g_object_ref (self->site);
  g_signal_emit (self, signals[SITE_CHOSEN], 0, site);
}

static gboolean
uploader_site_entry_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (UPLOADER_SITE_ENTRY (widget)->entry));
}

static void
uploader_site_entry_dispose (GObject *object)
{
  UploaderSiteEntry *self = UPLOADER_SITE_ENTRY (object);

  g_clear_object (&self->site);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (uploader_site_entry_parent_class)->dispose (object);
}

static void
uploader_site_entry_class_init (UploaderSiteEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = uploader_site_entry_dispose;
  widget_class->grab_focus = uploader_site_entry_grab_focus;

  signals[SITE_CHOSEN] = g_signal_new ("site-chosen",
                                       UPLOADER_TYPE_SITE_ENTRY,
                                       G_SIGNAL_RUN_LAST,
                                       0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, GALILEO_TYPE_SITE);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               UPLOADER_RESOURCES "/uploader-site-entry.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteEntry, box);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteEntry, entry);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteEntry, button);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteEntry, hint);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, apply_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "siteentry");
}

static void
uploader_site_entry_init (UploaderSiteEntry *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  changed_cb (self);
}

const char *
uploader_site_entry_get_text (UploaderSiteEntry *self)
{
  g_return_val_if_fail (UPLOADER_IS_SITE_ENTRY (self), NULL);

  return gtk_editable_get_text (self->entry);
}

void
uploader_site_entry_set_text (UploaderSiteEntry *self, const char *text)
{
  g_return_if_fail (UPLOADER_IS_SITE_ENTRY (self));
  g_return_if_fail (text != NULL);

  gtk_editable_set_text (self->entry, text);
}

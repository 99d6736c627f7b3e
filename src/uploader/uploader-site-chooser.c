/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-site-chooser.h"

#include "uploader-words.h"

#include "galileo/galileo-address.h"

#include <glib/gi18n.h>

#define NAME_MAX_CHARACTERS 60

/*
 * The sites to choose from, by name, the chosen one with a tick. The signal "site-chosen" has the GalileoSite, and "edit-site"
 * the one that is to be changed.
 */
struct _UploaderSiteChooser {
  GtkPopover parent_instance;

  /* owned */
  GListModel *sites; /* of GalileoSite */
  GalileoSite *site; /* the chosen one, or NULL */

  /* template */
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (UploaderSiteChooser, uploader_site_chooser, GTK_TYPE_POPOVER)

enum {
  SITE_CHOSEN,
  EDIT_SITE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
edit_cb (UploaderSiteChooser *self, GtkWidget *button)
{
  GtkWidget *row = gtk_widget_get_ancestor (button, GTK_TYPE_LIST_BOX_ROW);
  g_autoptr (GalileoSite) site = g_object_ref (g_object_get_data (G_OBJECT (row), "site"));

  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, signals[EDIT_SITE], 0, site);
}

static void
row_activated_cb (UploaderSiteChooser *self, GtkListBoxRow *row)
{
  g_autoptr (GalileoSite) site = g_object_ref (g_object_get_data (G_OBJECT (row), "site"));

  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, signals[SITE_CHOSEN], 0, site);
}

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 36);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);

  return label;
}

static GtkWidget *
new_row (UploaderSiteChooser *self, GalileoSite *site)
{
  g_autofree char *name = uploader_words_clean (galileo_site_get_name (site), NAME_MAX_CHARACTERS);
  g_autofree char *address = galileo_address_to_display (galileo_site_get_address (site));
  g_autofree char *label = g_strdup_printf (site == self->site ? _("%s, chosen") : "%s", name);
  g_autofree char *edit = NULL;
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *text = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *tick = gtk_image_new_from_icon_name ("object-select-symbolic");
  GtkWidget *button = gtk_button_new_from_icon_name ("document-edit-symbolic");

  gtk_widget_set_opacity (tick, site == self->site ? 1.0 : 0.0);
  gtk_box_append (GTK_BOX (box), tick);
  gtk_box_append (GTK_BOX (text), new_label (name, NULL));
  gtk_box_append (GTK_BOX (text), new_label (address, "caption"));
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (box), text);

  /* Translators: a site's name */
  edit = g_strdup_printf (_("Edit %s"), name);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, edit);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, edit, -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (edit_cb), self);
  gtk_box_append (GTK_BOX (box), button);

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data_full (G_OBJECT (row), "site", g_object_ref (site), g_object_unref);

  return row;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  GalileoSite *one = *(GalileoSite *const *) a, *other = *(GalileoSite *const *) b;

  return g_utf8_collate (galileo_site_get_name (one), galileo_site_get_name (other));
}

/* Made anew each time it is shown, as names and numbers may be others by then. */
static void
show_cb (UploaderSiteChooser *self)
{
  g_autoptr (GPtrArray) sites = g_ptr_array_new_with_free_func (g_object_unref);
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));

  for (guint i = 0; self->sites != NULL && i < g_list_model_get_n_items (self->sites); i++)
    g_ptr_array_add (sites, g_list_model_get_item (self->sites, i));
  g_ptr_array_sort (sites, compare_names);

  for (guint i = 0; i < sites->len; i++) {
    GtkWidget *widget = new_row (self, g_ptr_array_index (sites, i));

    gtk_list_box_append (self->list, widget);
    if (g_ptr_array_index (sites, i) == self->site)
      gtk_widget_grab_focus (widget);
  }
}

static void
uploader_site_chooser_dispose (GObject *object)
{
  UploaderSiteChooser *self = UPLOADER_SITE_CHOOSER (object);

  g_clear_object (&self->sites);
  g_clear_object (&self->site);

  G_OBJECT_CLASS (uploader_site_chooser_parent_class)->dispose (object);
}

static void
uploader_site_chooser_class_init (UploaderSiteChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const names[N_SIGNALS] = { "site-chosen", "edit-site" };

  G_OBJECT_CLASS (klass)->dispose = uploader_site_chooser_dispose;

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i],
                               UPLOADER_TYPE_SITE_CHOOSER,
                               G_SIGNAL_RUN_LAST,
                               0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, GALILEO_TYPE_SITE);

  gtk_widget_class_set_template_from_resource (widget_class, UPLOADER_RESOURCES "/uploader-site-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteChooser, list);
  gtk_widget_class_bind_template_callback (widget_class, show_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
}

static void
uploader_site_chooser_init (UploaderSiteChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* sites: of GalileoSite. */
void
uploader_site_chooser_set_sites (UploaderSiteChooser *self, GListModel *sites)
{
  g_return_if_fail (UPLOADER_IS_SITE_CHOOSER (self));
  g_return_if_fail (sites == NULL || G_IS_LIST_MODEL (sites));

  g_set_object (&self->sites, sites);
}

void
uploader_site_chooser_set_site (UploaderSiteChooser *self, GalileoSite *site)
{
  g_return_if_fail (UPLOADER_IS_SITE_CHOOSER (self));
  g_return_if_fail (site == NULL || GALILEO_IS_SITE (site));

  g_set_object (&self->site, site);
}

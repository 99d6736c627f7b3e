/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-site-dialog.h"

#include "galileo/galileo-address.h"

#include <glib/gi18n.h>

#define KILOBYTE 1000.0

/*
 * A site to add, or one to change: its name, its address, and what holds for uploads to it. The signal "saved" has the
 * GalileoSite, which the queue remembers from then on, and before it "moved" if that has another address than the one that was
 * to be changed; "removed" has the one that the queue has forgotten.
 */
struct _UploaderSiteDialog {
  AdwWindow parent_instance;

  /* owned */
  GalileoQueue *queue;
  GalileoSite *site; /* that is changed; NULL for a new one */
  GalileoSite *made; /* of the address that is typed; NULL while that is none */

  /* template */
  GtkWidget *save_button;
  GtkLabel *save_label;
  GtkEditable *name;
  GtkEditable *address;
  GtkLabel *hint;
  GtkSpinButton *uploads;
  GtkSpinButton *rate;
  GtkSwitch *folders;
  AdwComboRow *rule;
  GtkWidget *remove_group;
};

G_DEFINE_FINAL_TYPE (UploaderSiteDialog, uploader_site_dialog, ADW_TYPE_WINDOW)

enum {
  MOVED,
  SAVED,
  REMOVED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* In the order of the template. */
static const GalileoNameRule rules[] = {
  GALILEO_NAME_RULE_ASK,
  GALILEO_NAME_RULE_RENAME,
  GALILEO_NAME_RULE_SKIP,
  GALILEO_NAME_RULE_REPLACE,
};

static void
set_hint (UploaderSiteDialog *self, const char *text, gboolean wrong)
{
  gtk_label_set_text (self->hint, text);
  if (wrong) {
    gtk_widget_add_css_class (GTK_WIDGET (self->hint), "error");
    gtk_widget_add_css_class (GTK_WIDGET (self->address), "error");
  } else {
    gtk_widget_remove_css_class (GTK_WIDGET (self->hint), "error");
    gtk_widget_remove_css_class (GTK_WIDGET (self->address), "error");
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->address), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
address_changed_cb (UploaderSiteDialog *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (self->address)));
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->made);
  if (*text == '\0') {
    set_hint (self, _("For example www.example.org/upload"), FALSE);
  } else {
    self->made = galileo_site_new (text, &error);
    if (self->made == NULL) {
      set_hint (self, error->message, TRUE);
    } else {
      g_autofree char *address = galileo_address_to_display (galileo_site_get_address (self->made));
      g_autofree char *hint = NULL;

      /* Translators: the full address of a site */
      hint = g_strdup_printf (_("Files will go to %s"), address);
      set_hint (self, hint, FALSE);
    }
  }
  gtk_widget_set_sensitive (self->save_button, self->made != NULL);
}

/* What a spin button does not change stays as it was, to the byte. */
static void
save_rate (UploaderSiteDialog *self, GalileoSite *site)
{
  double shown = gtk_spin_button_get_value (self->rate);
  guint64 rate_limit = galileo_site_get_rate_limit (site);

  if (shown != (double) (rate_limit / (guint64) KILOBYTE))
    galileo_site_set_rate_limit (site, (guint64) (shown * KILOBYTE));
}

static gboolean
is_address_of (GalileoSite *one, GalileoSite *other)
{
  g_autofree char *this = g_uri_to_string (galileo_site_get_address (one));
  g_autofree char *that = g_uri_to_string (galileo_site_get_address (other));

  return g_str_equal (this, that);
}

static void
save_cb (UploaderSiteDialog *self)
{
  g_autoptr (GalileoSite) site = NULL;

  if (self->made == NULL) {
    gtk_widget_error_bell (GTK_WIDGET (self));
    return;
  }

  site = g_object_ref (galileo_queue_remember_site (self->queue, self->made));
  if (self->site != NULL && !is_address_of (self->site, site)) {
    galileo_queue_forget_site (self->queue, self->site);
    g_signal_emit (self, signals[MOVED], 0, site);
  }
  galileo_site_set_name (site, gtk_editable_get_text (self->name));
  galileo_site_set_max_uploads (site, (guint) gtk_spin_button_get_value_as_int (self->uploads));
  save_rate (self, site);
  galileo_site_set_keep_folders (site, gtk_switch_get_active (self->folders));
  galileo_site_set_name_rule (site, rules[adw_combo_row_get_selected (self->rule)]);
  g_signal_emit (self, signals[SAVED], 0, site);
  gtk_window_close (GTK_WINDOW (self));
}

static void
remove_cb (UploaderSiteDialog *self)
{
  g_autoptr (GalileoSite) site = g_object_ref (self->site);

  galileo_queue_forget_site (self->queue, site);
  g_signal_emit (self, signals[REMOVED], 0, site);
  gtk_window_close (GTK_WINDOW (self));
}

static void
show_site (UploaderSiteDialog *self)
{
  GUri *address = galileo_site_get_address (self->site);
  g_autofree char *text = galileo_address_to_display (address);

  if (g_strcmp0 (galileo_site_get_name (self->site), g_uri_get_host (address)) != 0)
    gtk_editable_set_text (self->name, galileo_site_get_name (self->site));
  gtk_editable_set_text (self->address, text);
  gtk_spin_button_set_value (self->uploads, galileo_site_get_max_uploads (self->site));
  gtk_spin_button_set_value (self->rate, (double) (galileo_site_get_rate_limit (self->site) / (guint64) KILOBYTE));
  gtk_switch_set_active (self->folders, galileo_site_get_keep_folders (self->site));
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (rules[i] == galileo_site_get_name_rule (self->site))
      adw_combo_row_set_selected (self->rule, i);
}

/* Zero is no number here: it has a word. */
static gboolean
uploads_output_cb (GtkSpinButton *spin)
{
  if (gtk_spin_button_get_value_as_int (spin) != 0)
    return FALSE;

  /* Translators: as many uploads at once as the preferences have it */
  gtk_editable_set_text (GTK_EDITABLE (spin), _("As Usual"));
  return TRUE;
}

static gboolean
rate_output_cb (GtkSpinButton *spin)
{
  g_autofree char *text = NULL;
  guint kilobytes = (guint) gtk_spin_button_get_value (spin);

  if (kilobytes == 0)
    /* Translators: no limit of the speed */
    text = g_strdup (_("None"));
  else
    text = g_strdup_printf (_("%u kB/s"), kilobytes);
  gtk_editable_set_text (GTK_EDITABLE (spin), text);

  return TRUE;
}

/* What was written for a number is read again: the digits count. */
static int
input_cb (GtkSpinButton *spin, double *value)
{
  *value = g_ascii_strtod (gtk_editable_get_text (GTK_EDITABLE (spin)), NULL);

  return TRUE;
}

static void
uploader_site_dialog_dispose (GObject *object)
{
  UploaderSiteDialog *self = UPLOADER_SITE_DIALOG (object);

  g_clear_object (&self->queue);
  g_clear_object (&self->site);
  g_clear_object (&self->made);

  G_OBJECT_CLASS (uploader_site_dialog_parent_class)->dispose (object);
}

static void
uploader_site_dialog_class_init (UploaderSiteDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const names[N_SIGNALS] = { "moved", "saved", "removed" };

  G_OBJECT_CLASS (klass)->dispose = uploader_site_dialog_dispose;

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i],
                               UPLOADER_TYPE_SITE_DIALOG,
                               G_SIGNAL_RUN_LAST,
                               0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, GALILEO_TYPE_SITE);

  gtk_widget_class_set_template_from_resource (widget_class, UPLOADER_RESOURCES "/uploader-site-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, save_button);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, save_label);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, name);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, address);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, hint);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, uploads);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, rate);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, folders);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, rule);
  gtk_widget_class_bind_template_child (widget_class, UploaderSiteDialog, remove_group);
  gtk_widget_class_bind_template_callback (widget_class, address_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_cb);
  gtk_widget_class_bind_template_callback (widget_class, uploads_output_cb);
  gtk_widget_class_bind_template_callback (widget_class, rate_output_cb);
  gtk_widget_class_bind_template_callback (widget_class, input_cb);
}

static void
uploader_site_dialog_init (UploaderSiteDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* site: the one to change; or NULL to add one. */
GtkWidget *
uploader_site_dialog_new (GtkWindow *parent, GalileoQueue *queue, GalileoSite *site)
{
  UploaderSiteDialog *self;

  g_return_val_if_fail (parent == NULL || GTK_IS_WINDOW (parent), NULL);
  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);
  g_return_val_if_fail (site == NULL || GALILEO_IS_SITE (site), NULL);

  self = g_object_new (UPLOADER_TYPE_SITE_DIALOG,
                       "transient-for", parent,
                       "title", site != NULL ? _("Edit Site") : _("Add Site"),
                       NULL);
  self->queue = g_object_ref (queue);
  g_set_object (&self->site, site);
  gtk_label_set_text_with_mnemonic (self->save_label, site != NULL ? _("_Save") : _("_Add"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->save_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, gtk_label_get_text (self->save_label),
                                  -1);
  gtk_widget_set_visible (self->remove_group, site != NULL);
  if (site != NULL)
    show_site (self);
  address_changed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (site != NULL ? self->name : self->address));

  return GTK_WIDGET (self);
}

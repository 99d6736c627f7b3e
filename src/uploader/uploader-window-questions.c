/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-words.h"

#include <glib/gi18n.h>

#define NAME_MAX_CHARACTERS 60

/* What is asked about files that were added: those that are in the list already, and those whose name is taken. */

static char *
dup_first_name (GPtrArray *items)
{
  return uploader_words_isolate (galileo_item_get_name (g_ptr_array_index (items, 0)), NAME_MAX_CHARACTERS);
}

static void
add_again_cb (AdwToast *toast, GalileoAdding *adding)
{
  galileo_adding_answer_duplicates (adding, TRUE);
}

/* Nothing waits for an answer: without one they are skipped. */
static void
tell_about_duplicates (UploaderWindow *self, GalileoAdding *adding)
{
  GPtrArray *items = galileo_adding_get_duplicates (adding);
  g_autofree char *name = dup_first_name (items);
  g_autofree char *words = NULL;
  g_autofree char *title = NULL;
  AdwToast *toast;

  if (items->len == 1)
    /* Translators: a file's name */
    words = g_strdup_printf (_("Already listed: “%s”"), name);
  else
    words = g_strdup_printf (ngettext ("Already listed: %u file", "Already listed: %u files", items->len),
                             items->len);

  title = g_markup_escape_text (words, -1);
  toast = adw_toast_new (title);
  adw_toast_set_button_label (toast, _("_Upload Again"));
  adw_toast_set_timeout (toast, 0);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (add_again_cb), adding, 0);
  g_object_set_data_full (G_OBJECT (toast), "adding", g_object_ref (adding), g_object_unref);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static const struct {
  const char *response;
  const char *label;
  GalileoNameRule rule;
} answers[] = {
  { "skip", N_("_Skip"), GALILEO_NAME_RULE_SKIP },
  { "replace", N_("Re_place"), GALILEO_NAME_RULE_REPLACE },
  { "rename", N_("_Rename"), GALILEO_NAME_RULE_RENAME },
};

static void
conflicts_response_cb (AdwMessageDialog *dialog, const char *response, GalileoAdding *adding)
{
  GtkCheckButton *always = GTK_CHECK_BUTTON (adw_message_dialog_get_extra_child (dialog));

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++) {
    if (!g_str_equal (answers[i].response, response))
      continue;
    if (gtk_check_button_get_active (always))
      galileo_site_set_name_rule (galileo_adding_get_site (adding), answers[i].rule);
    galileo_adding_answer_conflicts (adding, answers[i].rule);
  }
}

static char *
words_for_conflicts (GalileoAdding *adding)
{
  GPtrArray *items = galileo_adding_get_conflicts (adding);
  g_autofree char *site = uploader_words_isolate (galileo_site_get_name (galileo_adding_get_site (adding)),
                                                  NAME_MAX_CHARACTERS);
  g_autofree char *name = dup_first_name (items);

  if (items->len == 1)
    /* Translators: a file's name, and a site's */
    return g_strdup_printf (_("Another file named “%s” is going to %s, or is there. The site may keep only one of them."),
                            name,
                            site);

  /* Translators: how many files, and a site's name */
  return g_strdup_printf (ngettext ("%u file has the name of another file that is going to %s, or is there. The site may "
                                    "keep only one of each.",
                                    "%u files have the names of other files that are going to %s, or are there. The site "
                                    "may keep only one of each.",
                                    items->len),
                          items->len,
                          site);
}

static void
ask_about_conflicts (UploaderWindow *self, GalileoAdding *adding)
{
  guint n = galileo_adding_get_conflicts (adding)->len;
  g_autofree char *body = words_for_conflicts (adding);
  GtkWidget *dialog, *always;

  dialog = adw_message_dialog_new (GTK_WINDOW (self), ngettext ("Name Taken", "Names Taken", n), body);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), answers[i].response, _(answers[i].label));
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "replace", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "rename", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "rename");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "skip");

  always = gtk_check_button_new_with_mnemonic (_("_Always for this site"));
  gtk_widget_set_halign (always, GTK_ALIGN_CENTER);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), always);
  g_signal_connect_object (dialog, "response", G_CALLBACK (conflicts_response_cb), adding, 0);
  g_object_set_data_full (G_OBJECT (dialog), "adding", g_object_ref (adding), g_object_unref);
  gtk_window_present (GTK_WINDOW (dialog));
  /* Not the check box, which comes first. */
  gtk_window_set_focus (GTK_WINDOW (dialog), gtk_window_get_default_widget (GTK_WINDOW (dialog)));
}

/* adding: that is done. */
void
uploader_window_ask_about (UploaderWindow *self, GalileoAdding *adding)
{
  if (galileo_adding_get_duplicates (adding)->len > 0)
    tell_about_duplicates (self, adding);
  if (galileo_adding_get_conflicts (adding)->len > 0)
    ask_about_conflicts (self, adding);
}

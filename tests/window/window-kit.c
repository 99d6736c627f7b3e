/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "window-kit.h"

#include "galileo/galileo-error.h"
#include "queue/galileo-record.h"

#include <locale.h>
#include <stdlib.h>

/* How long a condition may take that normally comes at once. Only broken code waits that long. */
#define PATIENCE_SECONDS 30

void
window_kit_init (int *argc, char ***argv)
{
  g_autoptr (GtkCssProvider) provider = NULL;
  GtkSettings *settings;

  setlocale (LC_ALL, "");
  g_test_init (argc, argv, NULL);
  adw_init ();

  /* As the application does it. */
  provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (provider, "/io/github/galileosend/GalileoSend/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);

  /* A transition in mid-flight is no state to compare with. */
  settings = gtk_settings_get_default ();
  g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
}

void
window_kit_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static gboolean
tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
window_kit_wait_until (WindowKitCondition condition, gpointer data, const char *what)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  guint tick_id = g_timeout_add (10, tick_cb, NULL);

  while (!condition (data)) {
    if (g_get_monotonic_time () > deadline)
      g_error ("%s: not within %d s", what, PATIENCE_SECONDS);
    g_main_context_iteration (NULL, TRUE);
  }

  g_source_remove (tick_id);
}

static gboolean
has_action (GtkWidget *widget, const char *action_name)
{
  return action_name == NULL ||
         (GTK_IS_ACTIONABLE (widget) &&
          g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action_name) == 0);
}

/* The first widget of the type below root, and with the action if one is given. */
GtkWidget *
window_kit_find (GtkWidget *root, GType type, const char *action_name)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type) && has_action (root, action_name))
    return root;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = window_kit_find (child, type, action_name);

    if (found != NULL)
      return found;
  }

  return NULL;
}

/* The first visible label below root whose text is, or holds, the text. */
GtkWidget *
window_kit_find_label (GtkWidget *root, const char *text)
{
  if (!gtk_widget_get_visible (root))
    return NULL;
  if (GTK_IS_LABEL (root) && strstr (gtk_label_get_text (GTK_LABEL (root)), text) != NULL)
    return root;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = window_kit_find_label (child, text);

    if (found != NULL)
      return found;
  }

  return NULL;
}

typedef struct {
  GtkWidget *root;
  const char *text;
} Wanted;

static gboolean
is_there (gpointer data)
{
  Wanted *wanted = data;

  return window_kit_find_label (wanted->root, wanted->text) != NULL;
}

GtkWidget *
window_kit_wait_label (GtkWidget *root, const char *text)
{
  Wanted wanted = { root, text };

  window_kit_wait_until (is_there, &wanted, text);

  return window_kit_find_label (root, text);
}

guint
window_kit_count (GtkWidget *root, GType type)
{
  guint n = g_type_is_a (G_OBJECT_TYPE (root), type) ? 1 : 0;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += window_kit_count (child, type);

  return n;
}

/* The first window of the type that is there, dialogs among them; or NULL. */
GtkWidget *
window_kit_find_window (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

    if (g_type_is_a (G_OBJECT_TYPE (window), type))
      return window;
  }

  return NULL;
}

/* Whether a widget's action is enabled: seen as a user sees it, on a button that has it. */
gboolean
window_kit_get_enabled (GtkWidget *widget, const char *action_name)
{
  GtkWidget *probe = gtk_button_new ();
  gboolean enabled;

  gtk_actionable_set_action_name (GTK_ACTIONABLE (probe), action_name);
  gtk_widget_set_parent (probe, widget);
  enabled = gtk_widget_get_sensitive (probe);
  gtk_widget_unparent (probe);

  return enabled;
}

GalileoItem *
window_kit_new_item (const char *name)
{
  g_autoptr (GalileoSite) site = galileo_site_new ("ws://photos.example.org/upload", NULL);
  g_autofree char *path = g_build_filename ("/nonexistent", name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return galileo_item_new (site, file, name);
}

/*
 * One that is in a state as if an earlier run had left it so. Names that tell more: "gone" has a file that can't be read, and
 * "linked" has a link.
 */
GalileoItem *
window_kit_new_item_in (const char *name, GalileoItemState state)
{
  g_autoptr (GalileoSite) site = galileo_site_new ("ws://photos.example.org/upload", NULL);
  g_autoptr (GalileoRecord) record = galileo_record_new ();

  record->uri = g_strdup_printf ("file:///nonexistent/%s", name);
  record->name = g_strdup (name);
  record->upload_id = g_strdup (name);
  record->state = state;
  record->size = 10;
  if (state == GALILEO_ITEM_FAILED)
    record->error = g_str_equal (name, "gone")
                      ? g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_FILE, "The file is not there")
                      : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "It did not work");
  if (g_str_equal (name, "gone"))
    record->attempt = 1;
  if (g_str_equal (name, "linked"))
    record->url = g_strdup ("https://photos.example.org/1");

  return galileo_record_to_item (record, site);
}

/* A peer that takes connections and says nothing: an upload there stays in its first phase. */
GSocket *
window_kit_new_silent (char **address)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  GSocket *silent;

  silent = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_assert_true (g_socket_bind (silent, any, TRUE, NULL));
  g_assert_true (g_socket_listen (silent, NULL));
  bound = g_socket_get_local_address (silent, NULL);
  *address = g_strdup_printf ("ws://127.0.0.1:%u/upload",
                              g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));

  return silent;
}

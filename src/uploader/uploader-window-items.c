/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-window-private.h"

#include "uploader-words.h"

#include <glib/gi18n.h>

#define TOAST_NAME_MAX_CHARACTERS 60

/* The list view looks at each change of its model. For so many it is quicker to look at the whole. */
#define MANY_ITEMS 100

/* What can be done to the items that are selected. */

#define OPEN_STATES (1u << GALILEO_ITEM_WAITING | 1u << GALILEO_ITEM_UPLOADING | 1u << GALILEO_ITEM_RETRYING)
#define CANCELLABLE_STATES (OPEN_STATES | 1u << GALILEO_ITEM_PAUSED)
#define ALL_STATES ((1u << GALILEO_ITEM_N_STATES) - 1)

static void
pause_item (UploaderWindow *self, GalileoItem *item)
{
  galileo_queue_pause (self->queue, item);
}

static void
resume_item (UploaderWindow *self, GalileoItem *item)
{
  galileo_queue_resume (self->queue, item);
}

static void
retry_item (UploaderWindow *self, GalileoItem *item)
{
  galileo_queue_retry (self->queue, item);
}

static void
cancel_item (UploaderWindow *self, GalileoItem *item)
{
  galileo_queue_cancel (self->queue, item);
}

/* What is done stays so; the same file goes there once more. */
static void
upload_again (UploaderWindow *self, GPtrArray *items)
{
  g_autoptr (GPtrArray) again = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);
    GalileoItem *copy;

    if (galileo_item_get_state (item) != GALILEO_ITEM_DONE)
      continue;
    copy = galileo_item_new (galileo_item_get_site (item), galileo_item_get_file (item), galileo_item_get_name (item));
    galileo_item_set_path (copy, galileo_item_get_path (item));
    g_ptr_array_add (again, copy);
  }
  galileo_queue_append (self->queue, again);
}

static void
copy_links (UploaderWindow *self, GPtrArray *items)
{
  g_autoptr (GString) links = g_string_new (NULL);
  g_autofree char *words = NULL;
  guint n = 0;

  for (guint i = 0; i < items->len; i++) {
    const char *url = galileo_item_get_url (g_ptr_array_index (items, i));

    if (url != NULL)
      g_string_append_printf (links, "%s%s", n++ == 0 ? "" : "\n", url);
  }
  if (n == 0)
    return;

  if (n == 1) {
    uploader_window_copy_link (self, links->str);
    return;
  }

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), links->str);
  words = g_strdup_printf (ngettext ("%u link copied", "%u links copied", n), n);
  uploader_window_toast (self, words);
}

/* Pauses them; resumes them if all are paused that could be. */
static void
toggle_pause (UploaderWindow *self, GPtrArray *items)
{
  gboolean all_paused = TRUE;

  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);

    all_paused &= galileo_item_is_final (item) || galileo_item_get_state (item) == GALILEO_ITEM_PAUSED;
  }
  for (guint i = 0; i < items->len; i++) {
    if (all_paused)
      resume_item (self, g_ptr_array_index (items, i));
    else
      pause_item (self, g_ptr_array_index (items, i));
  }
}

static void
show_first_details (UploaderWindow *self, GPtrArray *items)
{
  uploader_window_show_details (self, g_ptr_array_index (items, 0));
}

static void
locate_first (UploaderWindow *self, GPtrArray *items)
{
  uploader_window_locate (self, g_ptr_array_index (items, 0));
}

/* states: of which one must be selected. each: what is done to those in such a state; or all: what is done to all at once. */
static const struct {
  const char *action;
  guint states;
  gboolean single;
  void (*each) (UploaderWindow *self, GalileoItem *item);
  void (*all) (UploaderWindow *self, GPtrArray *items);
} commands[] = {
  { "win.pause", OPEN_STATES, FALSE, pause_item, NULL },
  { "win.resume", 1u << GALILEO_ITEM_PAUSED, FALSE, resume_item, NULL },
  { "win.toggle-pause", CANCELLABLE_STATES, FALSE, NULL, toggle_pause },
  { "win.retry", 1u << GALILEO_ITEM_FAILED | 1u << GALILEO_ITEM_CANCELLED | 1u << GALILEO_ITEM_RETRYING, FALSE, retry_item, NULL },
  { "win.upload-again", 1u << GALILEO_ITEM_DONE, FALSE, NULL, upload_again },
  { "win.cancel", CANCELLABLE_STATES, FALSE, cancel_item, NULL },
  { "win.remove", ALL_STATES, FALSE, NULL, uploader_window_remove_items },
  { "win.locate", 1u << GALILEO_ITEM_FAILED, TRUE, NULL, locate_first },
  { "win.copy-link", 1u << GALILEO_ITEM_DONE, FALSE, NULL, copy_links },
  { "win.details", ALL_STATES, TRUE, NULL, show_first_details },
};

void
uploader_window_items_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderWindow *self = UPLOADER_WINDOW (widget);
  g_autoptr (GPtrArray) items = uploader_view_dup_selected (self->view);

  for (size_t i = 0; i < G_N_ELEMENTS (commands) && items->len > 0; i++) {
    if (!g_str_equal (commands[i].action, name))
      continue;
    if (commands[i].all != NULL) {
      commands[i].all (self, items);
      return;
    }
    for (guint j = 0; j < items->len; j++) {
      GalileoItem *item = g_ptr_array_index (items, j);

      if ((commands[i].states & 1u << galileo_item_get_state (item)) != 0)
        commands[i].each (self, item);
    }
  }
}

/* Whether what is selected is one item alone whose file is gone, and whether some of it has a link. */
static void
look_at_selected (UploaderWindow *self, guint n, gboolean *gone, gboolean *linked)
{
  *gone = FALSE;
  *linked = n > 1;
  if (n == 1) {
    g_autoptr (GPtrArray) items = uploader_view_dup_selected (self->view);

    *gone = items->len == 1 && uploader_words_is_file_gone (g_ptr_array_index (items, 0));
    *linked = items->len == 1 && galileo_item_get_url (g_ptr_array_index (items, 0)) != NULL;
  }
}

void
uploader_window_update_item_actions (UploaderWindow *self)
{
  guint states = uploader_view_get_selected_states (self->view);
  guint n = uploader_view_get_n_selected (self->view);
  static const char *const moves[] = { "win.move-to-top", "win.move-up", "win.move-down", "win.move-to-bottom" };
  gboolean gone, linked;

  look_at_selected (self, n, &gone, &linked);
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++) {
    gboolean enabled = (states & commands[i].states) != 0 && (!commands[i].single || n == 1);

    if (g_str_equal (commands[i].action, "win.locate"))
      enabled &= gone;
    if (g_str_equal (commands[i].action, "win.copy-link"))
      enabled &= linked;
    gtk_widget_action_set_enabled (GTK_WIDGET (self), commands[i].action, enabled);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), moves[i], n > 0);
}

/* Order */

/* Takes items beside another in the whole queue, whatever of it is shown. */
void
uploader_window_move_beside (UploaderWindow *self, GPtrArray *items, GalileoItem *item, gboolean below)
{
  guint position = galileo_queue_get_position (self->queue, item) + (below ? 1 : 0);
  g_autoptr (GalileoItem) before = g_list_model_get_item (G_LIST_MODEL (self->queue), position);

  galileo_queue_move (self->queue, items, before);
}

/* Past what is shown next to them: in the queue there may be much between the two that is shown elsewhere. */
static void
move_past (UploaderWindow *self, GPtrArray *items, gboolean down)
{
  GalileoItem *edge = g_ptr_array_index (items, down ? items->len - 1 : 0);
  g_autoptr (GalileoItem) neighbour = NULL;
  guint position;

  if (!uploader_view_find (self->view, edge, &position) || (!down && position == 0))
    return;

  neighbour = g_list_model_get_item (G_LIST_MODEL (self->view), down ? position + 1 : position - 1);
  if (neighbour != NULL)
    uploader_window_move_beside (self, items, neighbour, down);
}

void
uploader_window_move_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderWindow *self = UPLOADER_WINDOW (widget);
  g_autoptr (GPtrArray) items = uploader_view_dup_selected (self->view);
  guint position;

  if (items->len == 0)
    return;

  if (g_str_equal (name, "win.move-to-top"))
    galileo_queue_move_to (self->queue, items, GALILEO_PLACE_TOP);
  else if (g_str_equal (name, "win.move-to-bottom"))
    galileo_queue_move_to (self->queue, items, GALILEO_PLACE_BOTTOM);
  else
    move_past (self, items, g_str_equal (name, "win.move-down"));

  if (uploader_view_find (self->view, g_ptr_array_index (items, 0), &position))
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
  uploader_window_focus_item (self, g_ptr_array_index (items, 0));
}

/* Removing */

/* What Undo puts back. */
typedef struct {
  GWeakRef window;
  GPtrArray *items;   /* of GalileoItem, in the queue's order */
  GPtrArray *next;    /* of GalileoItem: the first after each that stayed; or NULL */
  GHashTable *active; /* those among them that were not final when they were removed */
} Removal;

static void
removal_free (gpointer data, GClosure *closure)
{
  Removal *removal = data;

  g_weak_ref_clear (&removal->window);
  g_ptr_array_unref (removal->items);
  g_ptr_array_unref (removal->next);
  g_hash_table_unref (removal->active);
  g_free (removal);
}

static void
undo_cb (AdwToast *toast, Removal *removal)
{
  g_autoptr (UploaderWindow) self = g_weak_ref_get (&removal->window);

  if (self == NULL || self->queue == NULL)
    return;

  for (guint i = 0; i < removal->items->len; i++) {
    GalileoItem *item = g_ptr_array_index (removal->items, i);

    uploader_window_return_item (self, item, g_ptr_array_index (removal->next, i),
                                 g_hash_table_contains (removal->active, item));
  }
}

/* Returns: the same items, in the order of the queue. */
static GPtrArray *
sort_by_queue (UploaderWindow *self, GPtrArray *items)
{
  g_autoptr (GtkBitset) positions = gtk_bitset_new_empty ();
  GPtrArray *sorted = g_ptr_array_new_with_free_func (g_object_unref);
  GtkBitsetIter iter;
  guint position;

  for (guint i = 0; i < items->len; i++)
    gtk_bitset_add (positions, galileo_queue_get_position (self->queue, g_ptr_array_index (items, i)));
  for (gboolean more = gtk_bitset_iter_init_first (&iter, positions, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    g_ptr_array_add (sorted, g_list_model_get_item (G_LIST_MODEL (self->queue), position));

  return sorted;
}

static void
unref_if_any (gpointer object)
{
  if (object != NULL)
    g_object_unref (object);
}

/* From the end: what comes after one that goes is what comes after the next, if that goes too. */
static Removal *
removal_new (UploaderWindow *self, GPtrArray *items)
{
  Removal *removal = g_new0 (Removal, 1);
  guint last = G_MAXUINT;
  GalileoItem *next = NULL;

  g_weak_ref_init (&removal->window, self);
  removal->items = sort_by_queue (self, items);
  removal->next = g_ptr_array_new_with_free_func (unref_if_any);
  g_ptr_array_set_size (removal->next, (int) items->len);
  removal->active = g_hash_table_new (NULL, NULL);

  for (guint i = items->len; i > 0; i--) {
    GalileoItem *item = g_ptr_array_index (removal->items, i - 1);
    guint position = galileo_queue_get_position (self->queue, item);

    if (position + 1 != last) {
      g_clear_object (&next);
      next = g_list_model_get_item (G_LIST_MODEL (self->queue), position + 1);
    }
    last = position;
    if (next != NULL)
      g_ptr_array_index (removal->next, i - 1) = g_object_ref (next);
    if (!galileo_item_is_final (item))
      g_hash_table_add (removal->active, item);
  }
  g_clear_object (&next);

  return removal;
}

static void
undone_cb (UploaderWindow *self)
{
  g_clear_object (&self->undo_toast);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.undo", FALSE);
}

/* The last removal can be undone for as long as there is no other: who reads slowly, or comes by keyboard, is not in time. */
void
uploader_window_undo_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (AdwToast) toast = g_steal_pointer (&UPLOADER_WINDOW (widget)->undo_toast);

  if (toast == NULL)
    return;

  g_signal_emit_by_name (toast, "button-clicked");
  adw_toast_dismiss (toast);
}

/* removal: taken. */
static void
offer_undo (UploaderWindow *self, Removal *removal, const char *words)
{
  g_autofree char *title = g_markup_escape_text (words, -1);
  AdwToast *toast = adw_toast_new (title);

  adw_toast_set_button_label (toast, _("_Undo"));
  g_set_object (&self->undo_toast, toast);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undone_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.undo", TRUE);
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_cb), removal, removal_free, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static char *
words_for_removal (GPtrArray *items)
{
  g_autofree char *name = NULL;

  if (items->len > 1)
    return g_strdup_printf (ngettext ("%u file removed", "%u files removed", items->len),
                            items->len);

  name = uploader_words_isolate (galileo_item_get_name (g_ptr_array_index (items, 0)),
                               TOAST_NAME_MAX_CHARACTERS);
  /* Translators: a file's name */
  return g_strdup_printf (_("“%s” removed"), name);
}

/* Takes items off the list, cancelling them if need be, and offers to put them back. */
void
uploader_window_remove_items (UploaderWindow *self, GPtrArray *items)
{
  g_autofree char *words = NULL;
  Removal *removal;

  g_return_if_fail (items->len > 0);

  words = words_for_removal (items);
  removal = removal_new (self, items);
  if (items->len > MANY_ITEMS)
    gtk_list_view_set_model (self->list, NULL);
  for (guint i = items->len; i > 0; i--)
    galileo_queue_remove (self->queue, g_ptr_array_index (removal->items, i - 1));
  if (items->len > MANY_ITEMS)
    gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->view));

  offer_undo (self, removal, words);
}

/* Takes off what is done or cancelled, and offers to put it back. */
void
uploader_window_clear_finished_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UploaderWindow *self = UPLOADER_WINDOW (widget);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *words = NULL;
  Removal *removal;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->queue));

  for (guint i = 0; i < n; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (self->queue), i);
    GalileoItemState state = galileo_item_get_state (item);

    if (state == GALILEO_ITEM_DONE || state == GALILEO_ITEM_CANCELLED)
      g_ptr_array_add (items, g_steal_pointer (&item));
  }
  if (items->len == 0)
    return;

  removal = removal_new (self, items);
  galileo_queue_clear_finished (self->queue);
  words = g_strdup_printf (ngettext ("%u finished file cleared", "%u finished files cleared", items->len), items->len);
  offer_undo (self, removal, words);
}

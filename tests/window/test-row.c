/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "window-kit.h"

#include "galileo/galileo-error.h"
#include "queue/galileo-item-private.h"
#include "uploader/uploader-row.h"

/* Which of the buttons cancel, retry, remove, details and copy-link show. */
#define BUTTON_C (1 << 0)
#define BUTTON_R (1 << 1)
#define BUTTON_X (1 << 2)
#define BUTTON_D (1 << 3)
#define BUTTON_L (1 << 4)

static const char *const actions[] = {
  "row.cancel", "row.retry", "row.remove", "row.details", "row.copy-link",
};

typedef struct {
  const char *name;
  void (*make) (GalileoItem *item);
  const char *words;
  guint buttons;
  gboolean bar;
} State;

static void
make_waiting (GalileoItem *item)
{
  galileo_item_set_expected (item, 8200000, 0);
}

static void
make_uploading (GalileoItem *item)
{
  galileo_item_begin_attempt (item);
  galileo_item_set_state (item, GALILEO_ITEM_UPLOADING);
  galileo_item_set_progress (item, GALILEO_UPLOAD_STATE_SENDING, 2000000, 500000, g_get_monotonic_time ());
}

static void
make_confirming (GalileoItem *item)
{
  make_uploading (item);
  galileo_item_set_progress (item, GALILEO_UPLOAD_STATE_FINISHED, 2000000, 2000000, g_get_monotonic_time ());
}

static void
make_retrying (GalileoItem *item)
{
  g_autoptr (GError) error = NULL;

  make_uploading (item);
  error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_INTERRUPTED, "Connection lost: it was cut");
  galileo_item_set_error (item, error);
  galileo_item_set_retry (item, g_get_monotonic_time () + 100 * G_USEC_PER_SEC);
  galileo_item_set_state (item, GALILEO_ITEM_RETRYING);
}

static void
add_signal (GalileoItem *item, const char *text)
{
  g_autoptr (GalileoSignal) signal = galileo_signal_parse (text, strlen (text), NULL);

  g_assert_nonnull (signal);
  galileo_item_add_signal (item, signal);
}

static void
make_refused (GalileoItem *item)
{
  g_autoptr (GError) error = NULL;

  make_uploading (item);
  add_signal (item, "{\"error\":\"a warning\"}");
  add_signal (item, "{\"error\":\"<b>Quota</b> exceeded & over\",\"fatal\":true}");
  error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_REFUSED, "refused");
  galileo_item_set_error (item, error);
  galileo_item_set_state (item, GALILEO_ITEM_FAILED);
}

static void
make_silently_refused (GalileoItem *item)
{
  g_autoptr (GError) error = NULL;

  make_uploading (item);
  add_signal (item, "{\"error\":true,\"fatal\":true}");
  error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_REFUSED, "refused");
  galileo_item_set_error (item, error);
  galileo_item_set_state (item, GALILEO_ITEM_FAILED);
}

static void
make_done (GalileoItem *item)
{
  make_confirming (item);
  galileo_item_set_result (item, "da39a3ee", TRUE, "https://photos.example.org/1");
  galileo_item_set_state (item, GALILEO_ITEM_DONE);
}

static void
make_done_after_warning (GalileoItem *item)
{
  make_confirming (item);
  add_signal (item, "{\"error\":\"Connection lost\",\"local\":true}");
  add_signal (item, "{\"error\":\"very small\"}");
  galileo_item_set_result (item, "da39a3ee", FALSE, NULL);
  galileo_item_set_state (item, GALILEO_ITEM_DONE);
}

static void
make_cancelled (GalileoItem *item)
{
  make_uploading (item);
  galileo_item_set_state (item, GALILEO_ITEM_CANCELLED);
}

static const State states[] = {
  { "waiting", make_waiting, "Waiting", BUTTON_C, FALSE },
  { "uploading", make_uploading, " of ", BUTTON_C, TRUE },
  { "confirming", make_confirming, "Waiting for the site to confirm…", BUTTON_C, TRUE },
  { "retrying", make_retrying, "Connection lost: it was cut. Trying again in 100 seconds",
    BUTTON_C | BUTTON_R, TRUE },
  { "refused", make_refused, "The site refused it: “<b>Quota</b> exceeded & over”",
    BUTTON_R | BUTTON_X | BUTTON_D, FALSE },
  { "silently refused", make_silently_refused, "The site refused it", BUTTON_R | BUTTON_X | BUTTON_D, FALSE },
  { "done", make_done, " · checksum verified by the site", BUTTON_X | BUTTON_L, FALSE },
  { "done after a warning", make_done_after_warning, ", with 1 warning", BUTTON_X | BUTTON_D, FALSE },
  { "cancelled", make_cancelled, "Cancelled", BUTTON_R | BUTTON_X, FALSE },
};

static void
check_row (GtkWidget *row, const State *state)
{
  GtkWidget *bar = window_kit_find (row, GTK_TYPE_PROGRESS_BAR, NULL);

  g_test_message ("%s", state->name);
  g_assert_nonnull (window_kit_find_label (row, "IMG <b>&amp;.jpg"));
  g_assert_nonnull (window_kit_find_label (row, state->words));
  g_assert_cmpint (gtk_widget_get_visible (bar), ==, state->bar);
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (bar)), <, 1.0);

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++) {
    GtkWidget *button = window_kit_find (row, GTK_TYPE_BUTTON, actions[i]);

    if ((state->buttons & (1u << i)) != 0) {
      g_assert_nonnull (button);
      g_assert_true (gtk_widget_get_visible (button));
      g_assert_true (gtk_widget_get_sensitive (button));
    } else {
      g_assert_true (button == NULL || !gtk_widget_get_visible (button));
    }
  }
}

/* Buttons know their actions only below a root. */
static GtkWidget *
new_row (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *row = uploader_row_new (NULL);

  gtk_window_set_child (GTK_WINDOW (window), row);

  return g_object_ref (row);
}

static void
free_row (GtkWidget *row)
{
  gtk_window_destroy (GTK_WINDOW (gtk_widget_get_root (row)));
  g_assert_finalize_object (row);
}

/* A row that gets an item in that state, and a row whose item comes into that state. */
static void
test_states (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    GalileoItem *item = window_kit_new_item ("IMG <b>&amp;.jpg");
    GtkWidget *early = new_row ();
    GtkWidget *late = new_row ();

    uploader_row_set_item (UPLOADER_ROW (early), item);
    states[i].make (item);
    window_kit_settle ();
    check_row (early, &states[i]);

    uploader_row_set_item (UPLOADER_ROW (late), item);
    check_row (late, &states[i]);

    free_row (early);
    free_row (late);
    g_assert_finalize_object (item);
  }
}

/* A list recycles its rows: what an item left behind must not show with the next. */
static void
test_recycled (void)
{
  GtkWidget *row = new_row ();

  for (guint i = 0; i < 2 * G_N_ELEMENTS (states); i++) {
    const State *state = &states[(i * 5) % G_N_ELEMENTS (states)];
    g_autoptr (GalileoItem) item = window_kit_new_item ("IMG <b>&amp;.jpg");

    state->make (item);
    uploader_row_set_item (UPLOADER_ROW (row), item);
    check_row (row, state);
    uploader_row_set_item (UPLOADER_ROW (row), NULL);
    g_assert_null (uploader_row_get_item (UPLOADER_ROW (row)));
  }

  free_row (row);
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_signals (void)
{
  static const char *const names[] = { "cancel", "retry", "remove", "details", "copy-link" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GalileoItem) item = window_kit_new_item ("IMG <b>&amp;.jpg");
    GtkWidget *row = new_row ();
    guint count = 0;

    if (i == 0)
      make_waiting (item);
    else if (i == 4)
      make_done (item);
    else
      make_refused (item);

    uploader_row_set_item (UPLOADER_ROW (row), item);
    g_signal_connect_swapped (row, names[i], G_CALLBACK (count_cb), &count);
    g_assert_true (gtk_widget_activate_action (row, actions[i], NULL));
    g_assert_cmpuint (count, ==, 1);
    free_row (row);
  }
}

static gboolean
is_shown (GtkWidget *row, const char *action)
{
  GtkWidget *button = window_kit_find (row, GTK_TYPE_BUTTON, action);

  return button != NULL && gtk_widget_get_visible (button);
}

/* Nothing is clipped in a window of 360 pixels, and nothing asks for more. */
static void
test_narrow (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    g_autoptr (GalileoItem) item = window_kit_new_item ("IMG <b>&amp;.jpg");
    GtkWidget *row = new_row ();
    GtkWidget *menu;
    int minimum;

    states[i].make (item);
    uploader_row_set_item (UPLOADER_ROW (row), item);
    gtk_widget_measure (row, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
    g_assert_cmpint (minimum, <=, 460);
    menu = window_kit_find (row, GTK_TYPE_BUTTON, "row.menu");
    g_assert_true (menu == NULL || !gtk_widget_get_visible (menu));

    uploader_row_set_narrow (UPLOADER_ROW (row), TRUE);
    menu = window_kit_find (row, GTK_TYPE_BUTTON, "row.menu");
    g_assert_true (gtk_widget_get_visible (menu));
    /* The next step stays, what is always at hand is in the menu. */
    g_assert_cmpint (is_shown (row, "row.retry"), ==, (states[i].buttons & BUTTON_R) != 0);
    g_assert_cmpint (is_shown (row, "row.copy-link"), ==, (states[i].buttons & BUTTON_L) != 0);
    g_assert_false (is_shown (row, "row.cancel") || is_shown (row, "row.remove") || is_shown (row, "row.details"));
    if ((states[i].buttons & BUTTON_C) != 0)
      g_assert_true (gtk_widget_activate_action (row, "row.cancel", NULL));
    gtk_widget_measure (row, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
    g_test_message ("%s: %d", states[i].name, minimum);
    g_assert_cmpint (minimum, <=, 320);
    free_row (row);
  }
}

/* Two steps would leave no room for the reason: first the file has to be found. */
static void
test_narrow_gone (void)
{
  g_autoptr (GError) error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_FILE, "The file is not there");
  g_autoptr (GalileoItem) item = window_kit_new_item ("IMG <b>&amp;.jpg");
  GtkWidget *row = new_row ();

  make_uploading (item);
  galileo_item_set_error (item, error);
  galileo_item_set_state (item, GALILEO_ITEM_FAILED);
  uploader_row_set_item (UPLOADER_ROW (row), item);
  g_assert_true (is_shown (row, "row.locate") && is_shown (row, "row.retry"));

  uploader_row_set_narrow (UPLOADER_ROW (row), TRUE);
  g_assert_true (is_shown (row, "row.locate"));
  g_assert_false (is_shown (row, "row.retry"));
  g_assert_true (gtk_widget_activate_action (row, "row.retry", NULL));
  free_row (row);
}

int
main (int argc, char **argv)
{
  window_kit_init (&argc, &argv);

  g_test_add_func ("/window/row/states", test_states);
  g_test_add_func ("/window/row/recycled", test_recycled);
  g_test_add_func ("/window/row/signals", test_signals);
  g_test_add_func ("/window/row/narrow", test_narrow);
  g_test_add_func ("/window/row/narrow-gone", test_narrow_gone);

  return g_test_run ();
}

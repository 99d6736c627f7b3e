/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-progress.h"

#include "cli-text.h"

#include <glib/gi18n.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define REDRAW_INTERVAL_MS 100
#define SMOOTHING_SECONDS 3.0

/* Columns of the parts right of the name, with the space before them. A row is no wider than can be
 * read at a glance. */
#define MAX_ROW_WIDTH 110
#define PERCENT_WIDTH 6
#define SPEED_WIDTH 13
#define TIME_WIDTH 10
#define MAX_BAR_CELLS 24
#define MIN_BAR_CELLS 10

/* Lines wait for the next drawing; a burst of them does not wait in memory. */
#define MAX_WAITING_BYTES (64 * 1024)

typedef struct {
  CliOutput output;
  char *text;
} WaitingLine;

struct _CliProgress {
  GObject parent_instance;

  /* owned */
  GPtrArray *items; /* of GalileoItem: what uploads */
  GArray *waiting;  /* of WaitingLine */
  GArray *drawn;    /* of guint: the width of each row on the screen */
  char *frame;      /* what is on the screen */

  /* borrowed */
  const CliTally *tally;

  gsize waiting_bytes;
  guint timeout_id;
  gint64 last_time;
  guint64 last_moved;
  double speed;
};

G_DEFINE_FINAL_TYPE (CliProgress, cli_progress, G_TYPE_OBJECT)

/* After a stop the shell has written below the bars: what is on the screen is not ours any more. */
static volatile sig_atomic_t was_stopped;

static void
continued_cb (int number)
{
  was_stopped = 1;
}

static void
line_clear (gpointer data)
{
  WaitingLine *line = data;

  g_free (line->text);
}

static void
append_bar (GString *text, double fraction, guint cells)
{
  guint full = fraction > 0.0 ? (guint) (MIN (fraction, 1.0) * cells) : 0;

  /* Plain characters: blocks and rules are two columns wide on some East Asian terminals. */
  g_string_append (text, "  [");
  for (guint i = 0; i < cells; i++)
    g_string_append_c (text, i < full ? '=' : i == full && fraction > 0.0 ? '>' : ' ');
  g_string_append_c (text, ']');
}

/* Right-aligns a part in a field of so many columns, two of which at least are the space before it.
 */
static void
append_part (GString *text, const char *part, guint columns)
{
  g_autofree char *cut = cli_text_cut (part, columns - 2);

  g_string_append_printf (text, "%*s%s", (int) (columns - cli_text_width (cut)), "", cut);
}

/*
 * Lays a row out in so many columns, the last of which stays free: writing there makes some
 * terminals wrap. What finds no room is left out, the least useful first: the bar, the time left,
 * the speed.
 */
char *
cli_progress_format_row (const CliRow *row, guint columns)
{
  guint width = MIN (columns, MAX_ROW_WIDTH) - 1;
  gboolean has_speed = width >= 34;
  gboolean has_time = width >= 48;
  gboolean has_bar = width >= 64;
  guint right = PERCENT_WIDTH + (has_speed ? SPEED_WIDTH : 0) + (has_time ? TIME_WIDTH : 0);
  g_autofree char *percent = NULL;
  g_autofree char *name = NULL;
  guint bar_cells = 0;
  GString *text;

  g_return_val_if_fail (columns > PERCENT_WIDTH + 4, NULL);

  if (has_bar) {
    bar_cells = CLAMP ((width - right) / 3 - 4, MIN_BAR_CELLS, MAX_BAR_CELLS);
    right += bar_cells + 4;
  }

  text = g_string_new (NULL);
  name = cli_text_fit (row->name, width - right);
  g_string_append (text, name);

  if (has_bar)
    append_bar (text, row->fraction, bar_cells);

  /* Only what is whole is 100 %. */
  if (row->fraction >= 0.0)
    percent = g_strdup_printf ("%d%%", (int) (MIN (row->fraction, 1.0) * 100.0));
  append_part (text, percent != NULL ? percent : "", PERCENT_WIDTH);

  if (has_speed) {
    g_autofree char *speed = row->speed >= 1.0 ? cli_text_speed (row->speed) : g_strdup ("");

    append_part (text, row->phase != NULL ? row->phase : speed, SPEED_WIDTH);
  }

  if (has_time) {
    g_autofree char *time_left =
        row->time_left >= 0 ? cli_text_duration (row->time_left) : g_strdup ("");

    append_part (text, time_left, TIME_WIDTH);
  }

  while (text->len > 0 && text->str[text->len - 1] == ' ')
    g_string_truncate (text, text->len - 1);

  return g_string_free (text, FALSE);
}

static const char *
describe_phase (GalileoItem *item)
{
  switch (galileo_item_get_phase (item)) {
  case GALILEO_UPLOAD_STATE_NEW:
  case GALILEO_UPLOAD_STATE_CONNECTING:
    return _("connecting");
  case GALILEO_UPLOAD_STATE_METADATA:
    /* Translators: for the site to ask for the first bytes; at most eleven columns */
    return _("waiting");
  case GALILEO_UPLOAD_STATE_SENT:
  case GALILEO_UPLOAD_STATE_FINISHED:
    /* Translators: everything is sent, the site has not confirmed it yet; at most eleven columns */
    return _("confirming");
  case GALILEO_UPLOAD_STATE_SENDING:
  case GALILEO_UPLOAD_STATE_CLOSING:
  case GALILEO_UPLOAD_STATE_SUCCEEDED:
  case GALILEO_UPLOAD_STATE_FAILED:
  case GALILEO_UPLOAD_STATE_CANCELLED:
  default:
    return NULL;
  }
}

static char *
format_item (GalileoItem *item, guint columns)
{
  g_autofree char *name = cli_text_escape (galileo_item_get_name (item));
  CliRow row = {
    .name = name,
    .phase = describe_phase (item),
    .fraction = galileo_item_get_fraction (item),
    .speed = galileo_item_get_speed (item),
    .time_left = galileo_item_get_time_left (item),
  };

  return cli_progress_format_row (&row, columns);
}

static guint64
get_moved (CliProgress *self)
{
  guint64 moved = self->tally->confirmed;

  for (guint i = 0; i < self->items->len; i++)
    moved += galileo_item_get_acknowledged (g_ptr_array_index (self->items, i));

  return moved;
}

static void
update_speed (CliProgress *self)
{
  gint64 now = g_get_monotonic_time ();
  guint64 moved = get_moved (self);
  double seconds = (double) (now - self->last_time) / G_USEC_PER_SEC;

  if (self->last_time != 0 && seconds > 0.0) {
    /* A failed attempt takes back what it had sent; that is no negative speed. */
    double speed = moved > self->last_moved ? (double) (moved - self->last_moved) / seconds : 0.0;

    /* Each counts like the last three seconds or, at the beginning, like all there is. */
    self->speed += (speed - self->speed) *
                   MAX (1.0 - exp (-seconds / SMOOTHING_SECONDS),
                        seconds * G_USEC_PER_SEC / (double) MAX (now - self->tally->start_time, 1));
  }

  self->last_time = now;
  self->last_moved = moved;
}

static char *
format_overall (CliProgress *self, guint columns)
{
  const CliTally *tally = self->tally;
  guint n_over = tally->n_succeeded + tally->n_failed;
  guint64 left = tally->size > self->last_moved ? tally->size - self->last_moved : 0;
  gboolean is_known = !tally->looking && tally->size > 0;
  g_autoptr (GString) name = g_string_new (NULL);
  CliRow row = {
    .fraction = is_known ? (double) (tally->size - left) / (double) tally->size : -1.0,
    .speed = self->speed,
    .time_left = is_known && self->speed >= 1.0 ? (gint64) ((double) left / self->speed) : -1,
  };

  if (tally->looking)
    /* Translators: how many files are done, of how many found so far */
    g_string_append_printf (name, _("%u/%u or more files"), n_over, tally->n_files);
  else
    g_string_append_printf (name, _("%u/%u files"), n_over, tally->n_files);
  if (tally->n_failed > 0)
    g_string_append_printf (name, ngettext (", %u failed", ", %u failed", tally->n_failed), tally->n_failed);

  row.name = name->str;
  return cli_progress_format_row (&row, columns);
}

/* Makes the rows, each with its control codes, and notes their widths. */
static char *
make_frame (CliProgress *self, guint columns, guint rows, GArray *widths)
{
  gboolean has_overall = self->tally->looking || self->tally->n_files > 1;
  guint n_items = MIN (self->items->len, rows > 3 ? rows - 3 : 1);
  GString *frame = g_string_new (NULL);

  for (guint i = 0; i < n_items + (has_overall ? 1 : 0); i++) {
    g_autofree char *row = i < n_items ? format_item (g_ptr_array_index (self->items, i), columns) :
                                         format_overall (self, columns);
    guint width = cli_text_width (row);

    g_array_append_val (widths, width);
    g_string_append_printf (frame, "\033[K%s\n", row);
  }

  return g_string_free (frame, FALSE);
}

/* Puts the cursor on the first row. Terminals wrap anew what is too wide for them after they were
 * made narrower. */
static void
append_return (CliProgress *self, GString *text, guint columns)
{
  guint n_rows = 0;

  for (guint i = 0; i < self->drawn->len; i++)
    n_rows += MAX (1, (g_array_index (self->drawn, guint, i) + columns - 1) / columns);

  g_string_append_c (text, '\r');
  if (n_rows > 0)
    g_string_append_printf (text, "\033[%uA", n_rows);
  g_array_set_size (self->drawn, 0);
}

static void
write_waiting (CliProgress *self, guint columns)
{
  for (guint i = 0; i < self->waiting->len; i++) {
    const WaitingLine *line = &g_array_index (self->waiting, WaitingLine, i);
    g_autofree char *text = NULL;

    /* Clear before writing: clearing at the right margin would take the last character. */
    if (cli_output_is_terminal (line->output))
      text = g_strconcat (
          cli_text_width (line->text) < columns ? "\033[K" : "\033[J", line->text, "\n", NULL);
    else
      text = g_strconcat (line->text, "\n", NULL);
    cli_output_write (line->output, text);
  }

  g_array_set_size (self->waiting, 0);
  self->waiting_bytes = 0;
}

/* A background job leaves the terminal to others. */
static gboolean
is_in_foreground (void)
{
  pid_t group = tcgetpgrp (STDERR_FILENO);

  return group < 0 || group == getpgrp ();
}

/*
 * Draws rows over rows and never hides the cursor, which rests below them: nothing flickers, and
 * whatever ends the process leaves the terminal in order.
 */
static void
draw (CliProgress *self, gboolean with_bars)
{
  g_autoptr (GArray) widths = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GString) start = g_string_new (NULL);
  g_autofree char *frame = NULL;
  guint columns = 80;
  guint rows = 24;

  cli_output_get_size (CLI_OUTPUT_NOTES, &columns, &rows);

  if (was_stopped) {
    was_stopped = 0;
    g_array_set_size (self->drawn, 0);
    g_clear_pointer (&self->frame, g_free);
  }

  if (with_bars && columns >= 16 && is_in_foreground ())
    frame = make_frame (self, columns, rows, widths);
  if (self->waiting->len == 0 && g_strcmp0 (frame, self->frame) == 0)
    return;

  if (self->drawn->len > 0) {
    append_return (self, start, columns);
    cli_output_write (CLI_OUTPUT_NOTES, start->str);
  }
  write_waiting (self, columns);

  g_string_assign (start, frame != NULL ? frame : "");
  if (self->frame != NULL || frame != NULL)
    g_string_append (start, "\033[J");
  cli_output_write (CLI_OUTPUT_NOTES, start->str);

  g_array_append_vals (self->drawn, widths->data, widths->len);
  g_free (self->frame);
  self->frame = g_steal_pointer (&frame);
}

static gboolean
tick_cb (gpointer user_data)
{
  CliProgress *self = user_data;

  update_speed (self);
  draw (self, TRUE);

  return G_SOURCE_CONTINUE;
}

static void
cli_progress_dispose (GObject *object)
{
  CliProgress *self = CLI_PROGRESS (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_array_unref);
  g_clear_pointer (&self->drawn, g_array_unref);
  g_clear_pointer (&self->frame, g_free);

  G_OBJECT_CLASS (cli_progress_parent_class)->dispose (object);
}

static void
cli_progress_class_init (CliProgressClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cli_progress_dispose;
}

static void
cli_progress_init (CliProgress *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->waiting = g_array_new (FALSE, FALSE, sizeof (WaitingLine));
  g_array_set_clear_func (self->waiting, line_clear);
  self->drawn = g_array_new (FALSE, FALSE, sizeof (guint));
}

/* @tally must outlive it. */
CliProgress *
cli_progress_new (const CliTally *tally)
{
  struct sigaction continued = { .sa_handler = continued_cb, .sa_flags = SA_RESTART };
  CliProgress *self = g_object_new (CLI_TYPE_PROGRESS, NULL);

  self->tally = tally;
  sigaction (SIGCONT, &continued, NULL);
  self->timeout_id = g_timeout_add (REDRAW_INTERVAL_MS, tick_cb, self);

  return self;
}

void
cli_progress_add (CliProgress *self, GalileoItem *item)
{
  g_return_if_fail (CLI_IS_PROGRESS (self));
  g_return_if_fail (GALILEO_IS_ITEM (item));

  if (!g_ptr_array_find (self->items, item, NULL))
    g_ptr_array_add (self->items, g_object_ref (item));
}

void
cli_progress_remove (CliProgress *self, GalileoItem *item)
{
  g_return_if_fail (CLI_IS_PROGRESS (self));

  g_ptr_array_remove (self->items, item);
}

/* Puts a line, without its newline, above the bars. */
void
cli_progress_print (CliProgress *self, CliOutput output, const char *line)
{
  WaitingLine waiting = { .output = output };

  g_return_if_fail (CLI_IS_PROGRESS (self));
  g_return_if_fail (line != NULL);

  waiting.text = g_strdup (line);
  g_array_append_val (self->waiting, waiting);
  self->waiting_bytes += strlen (line);

  if (self->waiting_bytes > MAX_WAITING_BYTES)
    draw (self, TRUE);
}

/* Removes the bars and writes what waits. */
void
cli_progress_stop (CliProgress *self)
{
  g_return_if_fail (CLI_IS_PROGRESS (self));

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  draw (self, FALSE);
}

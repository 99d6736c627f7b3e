/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-queue-words.h"

#include "cli-text.h"
#include "galileo/galileo-json.h"

#include <glib/gi18n.h>
#include <math.h>

/* Beyond that a name has its column's end to itself. */
#define MAX_NAME_COLUMNS 40

/* Of the history, which may be too long to be measured first. */
#define ENDED_NAME_COLUMNS 24
#define ENDED_SIZE_COLUMNS 8

static const char *
get_text (GVariant *item, const char *key)
{
  const char *text = NULL;

  return g_variant_lookup (item, key, "&s", &text) ? text : NULL;
}

static char *
describe_wait (const char *wait)
{
  static const struct {
    const char *wait;
    const char *words;
  } reasons[] = {
    { "metered", N_("waiting: the network is metered") },
    { "network", N_("waiting: there is no network") },
    { "site", N_("waiting: the site can't be reached") },
    { "sign-in", N_("waiting: signing in at the site") },
    { "name", N_("waiting: another file of its name goes first") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_strcmp0 (reasons[i].wait, wait) == 0)
      return g_strdup (_(reasons[i].words));

  return g_strdup (_("waiting"));
}

static char *
describe_uploading (GVariant *item)
{
  guint64 acknowledged = 0;
  gint64 size = 0;
  double speed = 0.0;
  guint percent;
  g_autofree char *speed_text = NULL;

  g_variant_lookup (item, "acknowledged", "t", &acknowledged);
  g_variant_lookup (item, "size", "x", &size);
  g_variant_lookup (item, "speed", "d", &speed);
  percent = size > 0 ? (guint) ((double) MIN (acknowledged, (guint64) size) * 100.0 / (double) size) : 0;
  if (speed < 1.0)
    return g_strdup_printf (_("uploading %u %%"), percent);

  speed_text = cli_text_speed (speed);
  /* Translators: how much has arrived, speed */
  return g_strdup_printf (_("uploading %u %%, %s"), percent, speed_text);
}

static char *
with_reason (GVariant *item, char *words)
{
  g_autofree char *owned = words;
  const char *reason = get_text (item, "reason");
  g_autofree char *safe = reason != NULL ? cli_text_escape (reason) : NULL;

  return safe != NULL ? g_strdup_printf ("%s: %s", owned, safe) : g_steal_pointer (&owned);
}

/* What an item does, in plain words. */
char *
cli_queue_words_state (GVariant *item)
{
  const char *state = get_text (item, "state");

  if (g_strcmp0 (state, "waiting") == 0)
    return describe_wait (get_text (item, "wait"));
  if (g_strcmp0 (state, "uploading") == 0)
    return describe_uploading (item);
  if (g_strcmp0 (state, "paused") == 0)
    return g_strdup (_("paused"));
  if (g_strcmp0 (state, "failed") == 0)
    return with_reason (item, g_strdup (_("failed")));
  if (g_strcmp0 (state, "done") == 0)
    return g_strdup (_("done"));
  if (g_strcmp0 (state, "cancelled") == 0)
    return g_strdup (_("cancelled"));
  if (g_strcmp0 (state, "retrying") == 0) {
    double seconds = 0.0;

    g_variant_lookup (item, "retry-in", "d", &seconds);
    return with_reason (item, g_strdup_printf (_("trying again in %.0f s"), ceil (seconds)));
  }
  return cli_text_escape (state != NULL ? state : "");
}

/* Lines of columns */

typedef enum {
  COLUMN_ID,
  COLUMN_NAME,
  COLUMN_SIZE,
  COLUMN_SITE,
  N_COLUMNS,
} Column;

static char *
dup_column (GVariant *item, Column column)
{
  const char *address;
  gint64 number = -1;

  switch (column) {
  case COLUMN_ID:
    g_variant_lookup (item, "id", "x", &number);
    return g_strdup_printf ("%" G_GINT64_FORMAT, number);
  case COLUMN_NAME:
    return cli_text_escape (get_text (item, "name") != NULL ? get_text (item, "name") : "");
  case COLUMN_SIZE:
    return g_variant_lookup (item, "size", "x", &number) ? g_format_size ((guint64) number) : g_strdup ("");
  case COLUMN_SITE:
  default: {
    g_autoptr (GUri) uri = NULL;

    address = get_text (item, "site");
    uri = address != NULL ? g_uri_parse (address, G_URI_FLAGS_NONE, NULL) : NULL;
    return cli_text_escape (uri != NULL ? g_uri_get_host (uri) : "");
  }
  }
}

static void
add_padded (GString *text, const char *column, guint width, gboolean to_the_right)
{
  int missing = (int) (width - MIN (width, cli_text_width (column)));

  if (to_the_right)
    g_string_append_printf (text, "%*s%s  ", missing, "", column);
  else
    g_string_append_printf (text, "%s%*s  ", column, missing, "");
}

/* A line each: number, name, size, site and what it does. */
char *
cli_queue_words_list (GPtrArray *items)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  GString *text = g_string_new (NULL);
  guint widths[N_COLUMNS] = { 0 };

  for (guint i = 0; i < items->len; i++) {
    for (Column column = 0; column < N_COLUMNS; column++) {
      char *cell = dup_column (g_ptr_array_index (items, i), column);

      widths[column] = MAX (widths[column], cli_text_width (cell));
      g_ptr_array_add (cells, cell);
    }
  }
  widths[COLUMN_NAME] = MIN (widths[COLUMN_NAME], MAX_NAME_COLUMNS);

  for (guint i = 0; i < items->len; i++) {
    g_autofree char *state = cli_queue_words_state (g_ptr_array_index (items, i));

    for (Column column = 0; column < N_COLUMNS; column++)
      add_padded (text,
                  g_ptr_array_index (cells, i * N_COLUMNS + column),
                  widths[column],
                  column == COLUMN_ID || column == COLUMN_SIZE);
    g_string_append_printf (text, "%s\n", state);
  }
  return g_string_free (text, FALSE);
}

/* One object on one line. */
char *
cli_queue_words_json (GPtrArray *items, gboolean running, gboolean paused)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *line = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "running");
  json_builder_add_boolean_value (builder, running);
  json_builder_set_member_name (builder, "paused");
  json_builder_add_boolean_value (builder, paused);
  json_builder_set_member_name (builder, "uploads");
  json_builder_begin_array (builder);
  for (guint i = 0; i < items->len; i++)
    json_builder_add_value (builder, json_gvariant_serialize (g_ptr_array_index (items, i)));
  json_builder_end_array (builder);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  line = galileo_json_to_text (root);
  return g_strconcat (line, "\n", NULL);
}

/* The history */

static const char *
get_member (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, "");
}

static char *
dup_local_time (const char *text)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);
  g_autoptr (GDateTime) local = time != NULL ? g_date_time_to_local (time) : NULL;

  return local != NULL ? g_date_time_format (local, "%Y-%m-%d %H:%M:%S") : cli_text_escape (text);
}

static void
describe_ended (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  JsonObject *object = json_node_get_object (node);
  g_autofree char *time = dup_local_time (get_member (object, "time"));
  g_autofree char *name = cli_text_escape (get_member (object, "name"));
  g_autofree char *site = cli_text_escape (get_member (object, "site"));
  g_autofree char *link = cli_text_escape (get_member (object, "link"));
  g_autofree char *reason = cli_text_escape (get_member (object, "reason"));
  g_autofree char *size = NULL;
  gint64 bytes = json_object_get_int_member_with_default (object, "bytes", -1);
  GString *text = data;

  size = bytes >= 0 ? g_format_size ((guint64) bytes) : g_strdup ("");
  g_string_append_printf (text, "%s  ", time);
  add_padded (text, name, ENDED_NAME_COLUMNS, FALSE);
  add_padded (text, size, ENDED_SIZE_COLUMNS, TRUE);
  g_string_append_printf (text, "%s  ", site);
  if (g_str_equal (get_member (object, "state"), "done"))
    g_string_append (text, *link != '\0' ? link : _("done"));
  else
    g_string_append_printf (text, "%s: %s", _("failed"), reason);
  g_string_append_c (text, '\n');
}

/* A line for each of an array as galileo_history_to_json() makes it. */
char *
cli_queue_words_history (const char *json)
{
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  GString *text = g_string_new (NULL);

  if (root != NULL && JSON_NODE_HOLDS_ARRAY (root))
    json_array_foreach_element (json_node_get_array (root), describe_ended, text);
  return g_string_free (text, FALSE);
}

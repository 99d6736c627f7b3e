/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-queue.h"

#include "cli-output.h"
#include "cli-queue-reach.h"
#include "cli-queue-site.h"
#include "cli-queue-words.h"
#include "cli-text.h"
#include "galileo/galileo-json.h"

#include <glib/gi18n.h>

#define EXIT_REFUSED 1
#define EXIT_NOT_REACHED 3

/* So many items at once: the program that answers has a window to draw. */
#define PAGE_LENGTH 2000

static void
print_note (const char *sentence)
{
  g_autofree char *safe = cli_text_escape (sentence);
  g_autofree char *line = g_strdup_printf ("galileosend-cli: %s\n", safe);

  cli_output_write (CLI_OUTPUT_NOTES, line);
}

/* A result that --json has in its own form, and --quiet not at all. sentence: taken. */
static void
print_result (const CliQueueOptions *options, char *sentence)
{
  g_autofree char *owned = sentence;
  g_autofree char *line = g_strconcat (owned, "\n", NULL);

  if (!options->quiet && !options->json)
    cli_output_write (CLI_OUTPUT_RESULTS, line);
}

static int
fail (const GError *error)
{
  print_note (error->message);
  return cli_queue_reach_is_refusal (error) ? EXIT_REFUSED : EXIT_NOT_REACHED;
}

/* Whoever works without the program must know that nothing happens yet. */
static void
note_not_running (CliQueueReach *reach, const CliQueueOptions *options)
{
  if (!cli_queue_reach_is_running (reach) && !options->quiet && !options->json)
    print_note (_("Galileo Send does not run; uploads go on when it is started"));
}

/* Showing */

static gboolean
read_page (CliQueueReach *reach, GPtrArray *items, gint64 *last, gboolean *paused, GError **error)
{
  g_autoptr (GVariant) answer = cli_queue_reach_call (reach, "List", g_variant_new ("(xu)", *last, PAGE_LENGTH), error);
  g_autoptr (GVariant) page = NULL;

  if (answer == NULL)
    return FALSE;

  g_variant_get (answer, "(b@aa{sv})", paused, &page);
  *last = 0;
  for (gsize i = 0; i < g_variant_n_children (page); i++) {
    GVariant *item = g_variant_get_child_value (page, i);

    g_variant_lookup (item, "id", "x", last);
    g_ptr_array_add (items, item);
  }
  if (g_variant_n_children (page) < PAGE_LENGTH)
    *last = 0;
  return TRUE;
}

static gboolean
read_all (CliQueueReach *reach, GPtrArray *items, gboolean *paused, GError **error)
{
  gint64 last = 0;

  while (TRUE) {
    g_autoptr (GError) cause = NULL;

    if (read_page (reach, items, &last, paused, &cause)) {
      if (last == 0)
        return TRUE;
    } else if (last != 0 && cli_queue_reach_is_refusal (cause)) {
      /* The one where it was to go on has been removed. */
      g_ptr_array_set_size (items, 0);
      last = 0;
    } else {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  }
}

static gboolean
is_unfinished (GVariant *item)
{
  const char *state = "";

  g_variant_lookup (item, "state", "&s", &state);
  return g_str_equal (state, "waiting") || g_str_equal (state, "uploading") || g_str_equal (state, "retrying");
}

static int
show (CliQueueReach *reach, const CliQueueOptions *options)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gboolean paused = FALSE;
  gboolean unfinished = FALSE;

  if (!read_all (reach, items, &paused, &error))
    return fail (error);
  cli_queue_reach_close (reach);

  if (options->json) {
    text = cli_queue_words_json (items, cli_queue_reach_is_running (reach), paused);
    cli_output_write_utf8 (CLI_OUTPUT_RESULTS, text);
    return 0;
  }

  text = cli_queue_words_list (items);
  cli_output_write (CLI_OUTPUT_RESULTS, text);
  for (guint i = 0; i < items->len; i++)
    unfinished |= is_unfinished (g_ptr_array_index (items, i));
  if (items->len == 0)
    cli_output_write (CLI_OUTPUT_RESULTS, _("The list of uploads is empty\n"));
  if (paused)
    cli_output_write (CLI_OUTPUT_RESULTS, _("Everything is paused\n"));
  if (unfinished)
    note_not_running (reach, options);
  return 0;
}

/* Adding */

static char *
dup_file_name (const char *uri)
{
  g_autoptr (GFile) file = g_file_new_for_uri (uri);

  return g_file_get_parse_name (file);
}

static void
print_added (const CliQueueOptions *options, guint n_added, guint n_skipped, GVariant *failed)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *line = NULL;
  const char *uri, *reason;
  GVariantIter iter;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "added");
  json_builder_add_int_value (builder, n_added);
  json_builder_set_member_name (builder, "skipped");
  json_builder_add_int_value (builder, n_skipped);
  json_builder_set_member_name (builder, "failed");
  json_builder_begin_array (builder);
  g_variant_iter_init (&iter, failed);
  while (g_variant_iter_next (&iter, "(&s&s)", &uri, &reason)) {
    g_autofree char *name = dup_file_name (uri);
    g_autofree char *sentence = g_strdup_printf ("%s: %s", name, reason);

    print_note (sentence);
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "file");
    json_builder_add_string_value (builder, name);
    json_builder_set_member_name (builder, "uri");
    json_builder_add_string_value (builder, uri);
    json_builder_set_member_name (builder, "reason");
    json_builder_add_string_value (builder, reason);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = galileo_json_to_text (root);

  if (options->json) {
    cli_output_write_utf8 (CLI_OUTPUT_RESULTS, line);
    cli_output_write_utf8 (CLI_OUTPUT_RESULTS, "\n");
  }
  print_result (options, g_strdup_printf (ngettext ("%u file added", "%u files added", n_added), n_added));
  if (n_skipped > 0)
    print_result (options,
                  g_strdup_printf (ngettext ("%u file skipped: it is in the list, or its name is taken",
                                             "%u files skipped: they are in the list, or their names are taken",
                                             n_skipped),
                                   n_skipped));
}

static int
add (CliQueueReach *reach, const CliQueueOptions *options)
{
  GVariantBuilder uris = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("as"));
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) failed = NULL;
  g_autoptr (GError) error = NULL;
  guint n_added, n_skipped;

  for (guint i = 0; options->files[i] != NULL; i++) {
    g_autoptr (GFile) file = g_file_new_for_path (options->files[i]);
    g_autofree char *uri = g_file_get_uri (file);

    g_variant_builder_add (&uris, "s", uri);
  }
  answer = cli_queue_reach_call (reach,
                                 "Add",
                                 g_variant_new ("(sass)", options->address, &uris, options->rule),
                                 &error);
  if (answer == NULL)
    return fail (error);
  cli_queue_reach_close (reach);

  g_variant_get (answer, "(uu@a(ss))", &n_added, &n_skipped, &failed);
  print_added (options, n_added, n_skipped, failed);
  if (n_added > 0)
    note_not_running (reach, options);
  return g_variant_n_children (failed) > 0 ? EXIT_REFUSED : 0;
}

/* What changes items */

static GVariant *
new_ids (const CliQueueOptions *options)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, options->ids->data, options->ids->len, sizeof (gint64));
}

static char *
describe_change (const CliQueueOptions *options, guint n)
{
  switch (options->command) {
  case CLI_QUEUE_PAUSE:
    return options->ids->len == 0 ? g_strdup (_("Everything is paused"))
                                  : g_strdup_printf (ngettext ("%u upload paused", "%u uploads paused", n), n);
  case CLI_QUEUE_RESUME:
    return options->ids->len == 0 ? g_strdup (_("Everything goes on, but for what is paused by itself"))
                                  : g_strdup_printf (ngettext ("%u upload goes on", "%u uploads go on", n), n);
  case CLI_QUEUE_RETRY_FAILED:
    return g_strdup_printf (ngettext ("%u upload is tried again", "%u uploads are tried again", n), n);
  case CLI_QUEUE_REMOVE:
    return g_strdup_printf (ngettext ("%u upload removed", "%u uploads removed", n), n);
  case CLI_QUEUE_CANCEL:
    return g_strdup_printf (ngettext ("%u upload cancelled", "%u uploads cancelled", n), n);
  case CLI_QUEUE_MOVE:
  case CLI_QUEUE_SHOW:
  case CLI_QUEUE_ADD:
  case CLI_QUEUE_HISTORY:
  case CLI_QUEUE_SITE:
  default:
    return g_strdup_printf (ngettext ("%u upload moved", "%u uploads moved", n), n);
  }
}

static int
change (CliQueueReach *reach, const CliQueueOptions *options, const char *command, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = cli_queue_reach_call (reach, command, parameters, &error);
  guint n;

  if (answer == NULL)
    return fail (error);
  cli_queue_reach_close (reach);

  g_variant_get (answer, "(u)", &n);
  if (options->json) {
    g_autofree char *line = g_strdup_printf ("{\"changed\":%u}\n", n);

    cli_output_write_utf8 (CLI_OUTPUT_RESULTS, line);
  }
  print_result (options, describe_change (options, n));
  return 0;
}

static int
search_history (CliQueueReach *reach, const CliQueueOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autofree char *text = NULL;
  const char *found;

  answer = cli_queue_reach_call (reach,
                                 "SearchHistory",
                                 g_variant_new ("(ss)", options->text, options->csv ? "csv" : "json"),
                                 &error);
  if (answer == NULL)
    return fail (error);
  cli_queue_reach_close (reach);

  g_variant_get (answer, "(&s)", &found);
  if (options->csv) {
    cli_output_write_utf8 (CLI_OUTPUT_RESULTS, found);
  } else if (options->json) {
    text = g_strconcat (found, "\n", NULL);
    cli_output_write_utf8 (CLI_OUTPUT_RESULTS, text);
  } else {
    text = cli_queue_words_history (found);
    cli_output_write (CLI_OUTPUT_RESULTS, *text != '\0' ? text : _("Nothing was found\n"));
  }
  return 0;
}

static int
set_site (CliQueueReach *reach, const CliQueueOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) settings = NULL;
  g_autofree char *text = NULL;

  answer = cli_queue_reach_call (reach, "SetSite", g_variant_new ("(s@a{sv})", options->address, options->changes), &error);
  if (answer == NULL)
    return fail (error);
  cli_queue_reach_close (reach);

  g_variant_get (answer, "(@a{sv})", &settings);
  text = options->json ? cli_queue_site_to_json (settings) : cli_queue_site_to_text (settings);
  if (options->json)
    cli_output_write_utf8 (CLI_OUTPUT_RESULTS, text);
  else if (!options->quiet)
    cli_output_write (CLI_OUTPUT_RESULTS, text);
  return 0;
}

static int
execute (CliQueueReach *reach, const CliQueueOptions *options)
{
  switch (options->command) {
  case CLI_QUEUE_ADD:
    return add (reach, options);
  case CLI_QUEUE_PAUSE:
    return change (reach, options, "Pause", g_variant_new ("(@ax)", new_ids (options)));
  case CLI_QUEUE_RESUME:
    return change (reach, options, "Resume", g_variant_new ("(@ax)", new_ids (options)));
  case CLI_QUEUE_RETRY_FAILED:
    return change (reach, options, "RetryFailed", g_variant_new ("()"));
  case CLI_QUEUE_REMOVE:
    return change (reach, options, "Remove", g_variant_new ("(@ax)", new_ids (options)));
  case CLI_QUEUE_CANCEL:
    return change (reach, options, "Cancel", g_variant_new ("(@ax)", new_ids (options)));
  case CLI_QUEUE_MOVE:
    return change (reach, options, "Move", g_variant_new ("(@axs)", new_ids (options), options->place));
  case CLI_QUEUE_HISTORY:
    return search_history (reach, options);
  case CLI_QUEUE_SITE:
    return set_site (reach, options);
  case CLI_QUEUE_SHOW:
  default:
    return show (reach, options);
  }
}

/* Does what --queue asks, and returns the exit status. */
int
cli_queue_execute (const CliQueueOptions *options)
{
  gboolean makes = options->command == CLI_QUEUE_ADD ||
                   (options->command == CLI_QUEUE_SITE && g_variant_n_children (options->changes) > 0) ||
                   (options->command == CLI_QUEUE_PAUSE && options->ids->len == 0);
  g_autoptr (CliQueueReach) reach = cli_queue_reach_new (makes);
  int status = execute (reach, options);

  if (cli_queue_reach_get_set_aside (reach) != NULL) {
    g_autofree char *sentence =
        g_strdup_printf (_("The list of uploads was damaged. It begins anew; the old one is kept as “%s”"),
                         cli_queue_reach_get_set_aside (reach));

    print_note (sentence);
  }
  return status;
}

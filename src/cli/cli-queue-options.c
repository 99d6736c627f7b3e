/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-queue-options.h"

#include "cli-input.h"
#include "cli-queue-site.h"
#include "galileo/galileo-address.h"

#include <glib/gi18n.h>
#include <string.h>

/* What may stand after a command, at least and at most; and how that is to be typed. */
static const struct {
  const char *name;
  CliQueueCommand command;
  guint min, max;
  const char *usage;
} commands[] = {
  { "show", CLI_QUEUE_SHOW, 0, 0, "show" },
  { "add", CLI_QUEUE_ADD, 1, G_MAXUINT, N_("add ADDRESS FILE…") },
  { "pause", CLI_QUEUE_PAUSE, 0, G_MAXUINT, N_("pause [ID…]") },
  { "resume", CLI_QUEUE_RESUME, 0, G_MAXUINT, N_("resume [ID…]") },
  { "retry-failed", CLI_QUEUE_RETRY_FAILED, 0, 0, "retry-failed" },
  { "remove", CLI_QUEUE_REMOVE, 1, G_MAXUINT, N_("remove ID…") },
  { "cancel", CLI_QUEUE_CANCEL, 1, G_MAXUINT, N_("cancel ID…") },
  { "move", CLI_QUEUE_MOVE, 2, G_MAXUINT, N_("move PLACE ID…") },
  { "history", CLI_QUEUE_HISTORY, 0, 1, N_("history [TEXT]") },
  { "site", CLI_QUEUE_SITE, 1, G_MAXUINT, N_("site ADDRESS [NAME=VALUE…]") },
};

static gboolean
fail (GError **error, const char *sentence)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, sentence);

  return FALSE;
}

/* How the queue sends is a matter of its window's settings. */
static gboolean
check_options (const CliValues *values, GError **error)
{
  const struct {
    gboolean given;
    const char *name;
  } strangers[] = {
    { values->jobs != NULL, "--jobs" },
    { values->recursive, "--recursive" },
    { values->name != NULL, "--name" },
    { values->chunk_size != NULL, "--chunk-size" },
    { values->hash != NULL, "--hash" },
    { values->retries != NULL, "--retries" },
    { values->timeout != NULL, "--timeout" },
    { values->limit_rate != NULL, "--limit-rate" },
    { values->token_file != NULL, "--token-file" },
    { values->headers != NULL, "--header" },
    { values->ca_file != NULL, "--ca-file" },
    { values->pin != NULL, "--pin" },
    { values->dry_run, "--dry-run" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++) {
    if (strangers[i].given) {
      g_set_error (error,
                   G_OPTION_ERROR,
                   G_OPTION_ERROR_FAILED,
                   _("%s does nothing with --queue; leave it out"),
                   strangers[i].name);
      return FALSE;
    }
  }
  return TRUE;
}

/* An option that only one command knows. */
static gboolean
check_owner (const CliQueueOptions *self, gboolean given, const char *option, CliQueueCommand owner, GError **error)
{
  if (!given || self->command == owner)
    return TRUE;

  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_FAILED,
               _("%s goes with --queue %s only; leave it out"),
               option,
               commands[owner].name);
  return FALSE;
}

static gboolean
check_combinations (const CliQueueOptions *self, const CliValues *values, GError **error)
{
  if (!check_owner (self, values->csv, "--csv", CLI_QUEUE_HISTORY, error) ||
      !check_owner (self, values->same_name != NULL, "--same-name", CLI_QUEUE_ADD, error) ||
      !check_owner (self, values->files_from != NULL, "--files-from", CLI_QUEUE_ADD, error) ||
      !check_owner (self, values->null, "--null", CLI_QUEUE_ADD, error))
    return FALSE;

  if (values->csv && values->json)
    return fail (error, _("--csv and --json exclude each other; leave out one of them"));
  if (values->null && values->files_from == NULL)
    return fail (error, _("--null tells how the names of --files-from end; add --files-from, or leave out --null"));

  return TRUE;
}

/* What stands after the command is an id each. */
static gboolean
read_ids (CliQueueOptions *self, const char *const *words, GError **error)
{
  for (; *words != NULL; words++) {
    guint64 number;
    gint64 id;

    if (!g_ascii_string_to_unsigned (*words, 10, 1, G_MAXINT64, &number, NULL)) {
      g_set_error (error,
                   G_OPTION_ERROR,
                   G_OPTION_ERROR_BAD_VALUE,
                   _("“%s” is no number of an upload; “galileosend-cli --queue show” lists them"),
                   *words);
      return FALSE;
    }
    id = (gint64) number;
    g_array_append_val (self->ids, id);
  }
  return TRUE;
}

static gboolean
read_place (CliQueueOptions *self, const char *word, GError **error)
{
  static const char *const places[] = { "top", "up", "down", "bottom", NULL };

  if (!g_strv_contains (places, word)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("PLACE is top, up, down or bottom, not “%s”"),
                 word);
    return FALSE;
  }
  self->place = g_strdup (word);
  return TRUE;
}

static gboolean
read_rule (CliQueueOptions *self, const char *word, GError **error)
{
  static const char *const rules[] = { "site", "rename", "skip", "replace", NULL };

  if (word != NULL && !g_strv_contains (rules, word)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--same-name takes site, rename, skip or replace, not “%s”"),
                 word);
    return FALSE;
  }
  self->rule = g_strdup (word != NULL ? word : "site");
  return TRUE;
}

static gboolean
read_address (CliQueueOptions *self, const char *word, GError **error)
{
  g_autoptr (GUri) address = galileo_address_parse (word, error);

  self->address = g_strdup (word);
  return address != NULL;
}

static gboolean
read_files (CliQueueOptions *self, const CliValues *values, const char *const *words, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GUri) address = galileo_address_parse (words[0], error);

  if (address == NULL)
    return FALSE;
  if (words[1] == NULL && values->files_from == NULL)
    return fail (error, _("The files to add are missing: galileosend-cli --queue add ADDRESS FILE…"));

  for (guint i = 1; words[i] != NULL; i++) {
    if (*words[i] == '\0')
      return fail (error, _("One of the files has an empty name; leave it out"));
    g_strv_builder_add (builder, words[i]);
  }

  if (values->files_from != NULL) {
    names = cli_input_read_names (values->files_from, values->null ? '\0' : '\n', error);
    if (names == NULL)
      return FALSE;
    for (guint i = 0; i < names->len; i++)
      g_strv_builder_add (builder, g_ptr_array_index (names, i));
  }

  self->address = g_strdup (words[0]);
  self->files = g_strv_builder_end (builder);
  return TRUE;
}

static gboolean
read_words (CliQueueOptions *self, const CliValues *values, const char *const *words, GError **error)
{
  guint n = g_strv_length ((GStrv) words);

  if (n < commands[self->command].min || n > commands[self->command].max) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_FAILED,
                 _("This is how to type it: galileosend-cli --queue %s"),
                 _(commands[self->command].usage));
    return FALSE;
  }

  switch (self->command) {
  case CLI_QUEUE_ADD:
    return read_rule (self, values->same_name, error) && read_files (self, values, words, error);
  case CLI_QUEUE_MOVE:
    return read_place (self, words[0], error) && read_ids (self, words + 1, error);
  case CLI_QUEUE_SITE:
    self->changes = cli_queue_site_parse (words + 1, error);
    return self->changes != NULL && read_address (self, words[0], error);
  case CLI_QUEUE_HISTORY:
    self->text = g_utf8_make_valid (n > 0 ? words[0] : "", -1);
    return TRUE;
  case CLI_QUEUE_SHOW:
  case CLI_QUEUE_RETRY_FAILED:
  case CLI_QUEUE_PAUSE:
  case CLI_QUEUE_RESUME:
  case CLI_QUEUE_REMOVE:
  case CLI_QUEUE_CANCEL:
  default:
    return read_ids (self, words, error);
  }
}

static gboolean
read_command (CliQueueOptions *self, const char *word, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (g_str_equal (commands[i].name, word)) {
      self->command = commands[i].command;
      return TRUE;
    }
  }

  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_FAILED,
               _("“%s” is no command for the queue; there are show, add, pause, resume, retry-failed, remove, "
                 "cancel, move, history and site"),
               word);
  return FALSE;
}

/* Errors are of G_OPTION_ERROR, or of GALILEO_ERROR for a bad address; each is one sentence. */
CliQueueOptions *
cli_queue_options_parse (const CliValues *values, GError **error)
{
  static const char *const default_words[] = { "show", NULL };
  g_autoptr (CliQueueOptions) self = g_new0 (CliQueueOptions, 1);
  const char *const *words = (const char *const *) values->rest;

  if (words == NULL || words[0] == NULL)
    words = default_words;
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->csv = values->csv;
  self->json = values->json;
  self->quiet = values->quiet;
  if (!check_options (values, error) || !read_command (self, words[0], error) ||
      !check_combinations (self, values, error) || !read_words (self, values, words + 1, error))
    return NULL;

  return g_steal_pointer (&self);
}

/* Without --queue, what goes with it only is a mistake. */
gboolean
cli_queue_options_check_unused (const CliValues *values, GError **error)
{
  if (!values->csv && values->same_name == NULL)
    return TRUE;

  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_FAILED,
               _("%s goes with --queue only; leave it out"),
               values->csv ? "--csv" : "--same-name");
  return FALSE;
}

void
cli_queue_options_free (CliQueueOptions *self)
{
  g_array_unref (self->ids);
  g_free (self->address);
  g_strfreev (self->files);
  g_free (self->rule);
  g_free (self->place);
  g_free (self->text);
  g_clear_pointer (&self->changes, g_variant_unref);
  g_free (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-values.h"

#include <glib/gi18n.h>
#include <string.h>

static GOptionContext *
new_context (CliValues *self)
{
  const GOptionEntry entries[] = {
    { "jobs", 'j', 0, G_OPTION_ARG_STRING, &self->jobs,
      N_("Upload so many files at once, 1 to 16 (3)"), N_("N") },
    { "recursive", 'r', 0, G_OPTION_ARG_NONE, &self->recursive,
      N_("Go into folders"), NULL },
    { "name", 'n', 0, G_OPTION_ARG_FILENAME, &self->name,
      N_("Store the file under this name (for one file)"), N_("NAME") },
    { "chunk-size", 0, 0, G_OPTION_ARG_STRING, &self->chunk_size,
      N_("Send at most so many bytes in one message, 1 to 8M (250000)"), N_("SIZE") },
    { "hash", 0, 0, G_OPTION_ARG_STRING, &self->hash,
      N_("Checksum to send: none, sha1, sha256 or sha512 (sha1)"), N_("TYPE") },
    { "retries", 0, 0, G_OPTION_ARG_STRING, &self->retries,
      N_("Try a file again so many times (5)"), N_("N") },
    { "timeout", 0, 0, G_OPTION_ARG_STRING, &self->timeout,
      N_("Give up an attempt when nothing moves for so long"), N_("SECONDS") },
    { "limit-rate", 0, 0, G_OPTION_ARG_STRING, &self->limit_rate,
      N_("Send at most so many bytes a second, all uploads together, 1K or more"), N_("SIZE") },
    { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &self->token_file,
      N_("Show the site the bearer token in the first line of FILE"), N_("FILE") },
    /* As bytes: what a value may hold is older than UTF-8. */
    { "header", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->headers,
      N_("Send a header with the handshake; may be repeated"), N_("'NAME: VALUE'") },
    { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &self->ca_file,
      N_("Trust the certificate authorities in PEM, not the system's"), N_("PEM") },
    { "pin", 0, 0, G_OPTION_ARG_STRING, &self->pin,
      N_("Trust the one certificate with this fingerprint, and no other"), N_("SHA256") },
    { "files-from", 0, 0, G_OPTION_ARG_FILENAME, &self->files_from,
      N_("Send the files that FILE names, one a line; “-” for standard input"), N_("FILE") },
    { "null", 0, 0, G_OPTION_ARG_NONE, &self->null,
      N_("The names of --files-from end in NUL, as find -print0 writes them"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json,
      N_("Write events as JSON, one object a line"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet,
      N_("Write errors only"), NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &self->dry_run,
      N_("List what would be sent, and connect to nothing"), NULL },
    { "queue", 0, 0, G_OPTION_ARG_NONE, &self->queue,
      N_("Look at the desktop's list of uploads, or change it; see below"), NULL },
    { "same-name", 0, 0, G_OPTION_ARG_STRING, &self->same_name,
      N_("For --queue add: what becomes of a file whose name is taken"), N_("RULE") },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &self->csv,
      N_("Write --queue history as CSV"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version,
      N_("Show the version"), NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help,
      N_("Show this help"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->rest,
      NULL, N_("ADDRESS FILE…") },
    { NULL },
  };
  GOptionContext *context = g_option_context_new (NULL);

  /* Its own --help ends the process from within the parser. */
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, N_("Uploads files to a site that speaks GalileoSend."));
  g_option_context_set_description (
      context,
      N_("ADDRESS begins with wss://, ws://, https:// or http://; a bare host stands for wss://.\n"
         "SIZE is a number of bytes, or one with K, M, G or T (1024) after it.\n"
         "“--” ends the options: a FILE after it may begin with a dash.\n"
         "\n"
         "With --queue nothing is sent. What follows is done to the desktop's list of uploads:\n"
         "  show, add ADDRESS FILE…, pause [ID…], resume [ID…], retry-failed, remove ID…,\n"
         "  cancel ID…, move top|up|down|bottom ID…, history [TEXT]\n"
         "RULE is rename, skip, replace, or site for the one that the site has.\n"
         "\n"
         "Exit status: 0 if the site confirmed every file, 1 if not, 2 for a wrong command line,\n"
         "3 if no file could be tried because of the site, 130 if interrupted.\n"
         "With --queue: 0 if all was done, 1 if something was refused, 2 as above,\n"
         "3 if the list can't be reached or saved.\n"));

  return context;
}

/*
 * GOption knows “-j 3” but not “-j3”. Splits the latter; what follows an option that takes a value is
 * that value, whatever it looks like, and after “--” stand files only.
 */
static GStrv
split_attached_values (const char *const *arguments)
{
  static const char *const long_options[] = {
    "--jobs", "--name", "--chunk-size", "--hash", "--retries", "--timeout",
    "--limit-rate", "--token-file", "--header", "--ca-file", "--pin", "--files-from", "--same-name", NULL,
  };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean value_follows = FALSE;
  gboolean options_ended = FALSE;

  g_strv_builder_add (builder, arguments[0]);
  for (const char *const *at = arguments + 1; *at != NULL; at++) {
    const char *argument = *at;
    const char *option;

    if (options_ended || value_follows || argument[0] != '-') {
      value_follows = FALSE;
      g_strv_builder_add (builder, argument);
      continue;
    }

    if (argument[1] == '-') {
      options_ended = argument[2] == '\0';
      value_follows = g_strv_contains (long_options, argument);
      g_strv_builder_add (builder, argument);
      continue;
    }

    option = strpbrk (argument, "jn");
    value_follows = option != NULL && option[1] == '\0';
    if (option != NULL && option[1] != '\0') {
      g_autofree char *head = g_strndup (argument, (gsize) (option + 1 - argument));

      g_strv_builder_add (builder, head);
      g_strv_builder_add (builder, option + 1);
    } else {
      g_strv_builder_add (builder, argument);
    }
  }

  return g_strv_builder_end (builder);
}

/* GOption takes “--dry-run=no” for “--dry-run”. */
static gboolean
check_flags (const char *const *arguments, GError **error)
{
  static const char *const flags[] = { "null",  "recursive", "json", "quiet", "dry-run",
                                       "queue", "csv",       "version", "help" };

  for (const char *const *at = arguments + 1; *at != NULL && strcmp (*at, "--") != 0; at++) {
    for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
      gsize length = strlen (flags[i]);

      if (g_str_has_prefix (*at, "--") && strncmp (*at + 2, flags[i], length) == 0 &&
          (*at)[2 + length] == '=') {
        g_set_error (error,
                     G_OPTION_ERROR,
                     G_OPTION_ERROR_BAD_VALUE,
                     _("--%s takes no value; leave out what follows in “%s”"),
                     flags[i],
                     *at);
        return FALSE;
      }
    }
  }

  return TRUE;
}

/* Reads the command line, the program's name first; self is all zero. */
gboolean
cli_values_read (CliValues *self, const char *const *arguments, GError **error)
{
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) option_error = NULL;
  g_auto (GStrv) split = NULL;

  if (!check_flags (arguments, error))
    return FALSE;

  context = new_context (self);
  split = split_attached_values (arguments);
  if (!g_option_context_parse_strv (context, &split, &option_error)) {
    g_set_error (error,
                 option_error->domain,
                 option_error->code,
                 _("%s; “galileosend-cli --help” lists the options"),
                 option_error->message);
    return FALSE;
  }

  return TRUE;
}

void
cli_values_clear (CliValues *self)
{
  g_free (self->jobs);
  g_free (self->name);
  g_free (self->chunk_size);
  g_free (self->hash);
  g_free (self->retries);
  g_free (self->timeout);
  g_free (self->limit_rate);
  g_free (self->token_file);
  g_strfreev (self->headers);
  g_free (self->ca_file);
  g_free (self->pin);
  g_free (self->files_from);
  g_free (self->same_name);
  g_strfreev (self->rest);
}

/* The text for --help. */
char *
cli_values_get_help (void)
{
  g_auto (CliValues) values = { 0 };
  g_autoptr (GOptionContext) context = new_context (&values);

  return g_option_context_get_help (context, TRUE, NULL);
}

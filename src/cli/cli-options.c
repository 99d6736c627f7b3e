/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-options.h"

#include "cli-size.h"
#include "galileo/galileo-name.h"
#include "galileo/galileo-upload.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_RETRIES 1000
#define MAX_TIMEOUT (24 * 60 * 60)

/*
 * What GOption fills in. Values are read as text: its own numbers take no ranges, and its sentences name
 * none.
 */
typedef struct {
  char *jobs;
  char *name;
  char *chunk_size;
  char *hash;
  char *retries;
  char *timeout;
  gboolean recursive;
  gboolean json;
  gboolean quiet;
  gboolean dry_run;
  gboolean version;
  gboolean help;
  GStrv rest;
} Values;

static void
values_clear (Values *values)
{
  g_free (values->jobs);
  g_free (values->name);
  g_free (values->chunk_size);
  g_free (values->hash);
  g_free (values->retries);
  g_free (values->timeout);
  g_strfreev (values->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Values, values_clear)

static GOptionContext *
new_context (Values *values)
{
  const GOptionEntry entries[] = {
    { "jobs", 'j', 0, G_OPTION_ARG_STRING, &values->jobs,
      N_("Upload so many files at once, 1 to 16 (3)"), N_("N") },
    { "recursive", 'r', 0, G_OPTION_ARG_NONE, &values->recursive,
      N_("Go into folders"), NULL },
    { "name", 'n', 0, G_OPTION_ARG_FILENAME, &values->name,
      N_("Store the file under this name (for one file)"), N_("NAME") },
    { "chunk-size", 0, 0, G_OPTION_ARG_STRING, &values->chunk_size,
      N_("Send at most so many bytes in one message, 1 to 8M (250000)"), N_("SIZE") },
    { "hash", 0, 0, G_OPTION_ARG_STRING, &values->hash,
      N_("Checksum to send: none, sha1, sha256 or sha512 (sha1)"), N_("TYPE") },
    { "retries", 0, 0, G_OPTION_ARG_STRING, &values->retries,
      N_("Try a file again so many times (5)"), N_("N") },
    { "timeout", 0, 0, G_OPTION_ARG_STRING, &values->timeout,
      N_("Give up an attempt when nothing moves for so long"), N_("SECONDS") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &values->json,
      N_("Write events as JSON, one object a line"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &values->quiet,
      N_("Write errors only"), NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &values->dry_run,
      N_("List what would be sent, and connect to nothing"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &values->version,
      N_("Show the version"), NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &values->help,
      N_("Show this help"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &values->rest,
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
         "Exit status: 0 if the site confirmed every file, 1 if not, 2 for a wrong command line,\n"
         "3 if no file could be tried because of the site, 130 if interrupted.\n"));

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
    "--jobs", "--name", "--chunk-size", "--hash", "--retries", "--timeout", NULL,
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
  static const char *const flags[] = { "recursive", "json", "quiet", "dry-run", "version", "help" };

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

static gboolean
read_number (const char *option,
             const char *text,
             guint min,
             guint max,
             guint *number,
             GError **error)
{
  guint64 value;

  if (text == NULL)
    return TRUE;

  if (!g_ascii_string_to_unsigned (text, 10, min, max, &value, NULL)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("%s takes a number from %u to %u, not “%s”"),
                 option,
                 min,
                 max,
                 text);
    return FALSE;
  }

  *number = (guint) value;
  return TRUE;
}

static gboolean
read_chunk_size (const char *text, guint64 *size, GError **error)
{
  if (text == NULL)
    return TRUE;

  if (!cli_size_parse (text, size) || *size < 1 || *size > GALILEO_UPLOAD_MAX_CHUNK_SIZE) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--chunk-size takes a size from 1 to 8M, such as 250000, 64K or 1M, not “%s”"),
                 text);
    return FALSE;
  }

  return TRUE;
}

static gboolean
read_hash_type (const char *text, GalileoHashType *type, GError **error)
{
  if (text == NULL)
    return TRUE;

  if (!galileo_hash_type_parse (text, type)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--hash takes none, sha1, sha256 or sha512, not “%s”"),
                 text);
    return FALSE;
  }

  return TRUE;
}

static gboolean
check_name (const CliOptions *self, GError **error)
{
  g_autoptr (GError) name_error = NULL;

  if (self->name == NULL)
    return TRUE;

  if (!galileo_name_check (self->name, &name_error)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 "--name: %s",
                 name_error->message);
    return FALSE;
  }

  if (self->files[1] != NULL || self->recursive) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_FAILED,
                 "%s",
                 self->recursive ? _("--name goes with exactly one file; leave out --recursive")
                                 : _("--name goes with exactly one file; name one, or leave out --name"));
    return FALSE;
  }

  return TRUE;
}

/* Takes the address and the files out of what is no option. */
static gboolean
read_rest (CliOptions *self, const char *const *rest, GError **error)
{
  if (rest == NULL || rest[0] == NULL) {
    g_set_error_literal (error,
                         G_OPTION_ERROR,
                         G_OPTION_ERROR_FAILED,
                         _("The site's address and the files to send are missing: galileosend-cli ADDRESS FILE…"));
    return FALSE;
  }

  /* A forgotten address would make a host of the first file's name, and leave that file out. */
  if (strstr (rest[0], "://") == NULL && g_file_test (rest[0], G_FILE_TEST_EXISTS)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_FAILED,
                 _("“%s” is a file; name the site's address first, or write wss:// before it if it is the site"),
                 rest[0]);
    return FALSE;
  }

  if (rest[1] == NULL) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_FAILED,
                 _("The files to send are missing: galileosend-cli %s FILE…"),
                 rest[0]);
    return FALSE;
  }

  for (guint i = 1; rest[i] != NULL; i++) {
    if (*rest[i] == '\0') {
      g_set_error_literal (error,
                           G_OPTION_ERROR,
                           G_OPTION_ERROR_FAILED,
                           _("One of the files has an empty name; leave it out"));
      return FALSE;
    }
  }

  self->address = g_strdup (rest[0]);
  self->files = g_strdupv ((GStrv) rest + 1);
  return TRUE;
}

/*
 * Reads the command line, the program's name first. Errors are of G_OPTION_ERROR, each one sentence
 * that says what is wrong and what to do.
 */
CliOptions *
cli_options_parse (const char *const *arguments, GError **error)
{
  g_autoptr (CliOptions) self = g_new0 (CliOptions, 1);
  g_auto (Values) values = { 0 };
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) option_error = NULL;
  g_auto (GStrv) split = NULL;

  g_return_val_if_fail (arguments != NULL && arguments[0] != NULL, NULL);

  if (!check_flags (arguments, error))
    return NULL;

  context = new_context (&values);
  split = split_attached_values (arguments);
  if (!g_option_context_parse_strv (context, &split, &option_error)) {
    g_set_error (error,
                 option_error->domain,
                 option_error->code,
                 _("%s; “galileosend-cli --help” lists the options"),
                 option_error->message);
    return NULL;
  }

  if (values.help || values.version) {
    self->action = values.help ? CLI_ACTION_HELP : CLI_ACTION_VERSION;
    return g_steal_pointer (&self);
  }

  self->jobs = CLI_DEFAULT_JOBS;
  self->retries = CLI_DEFAULT_RETRIES;
  self->chunk_size = GALILEO_DEFAULT_CHUNK_SIZE;
  self->hash_type = GALILEO_HASH_SHA1;
  self->name = g_steal_pointer (&values.name);
  self->recursive = values.recursive;
  self->json = values.json;
  self->quiet = values.quiet;
  self->dry_run = values.dry_run;

  if (!read_number ("--jobs", values.jobs, 1, CLI_MAX_JOBS, &self->jobs, error) ||
      !read_number ("--retries", values.retries, 0, MAX_RETRIES, &self->retries, error) ||
      !read_number ("--timeout", values.timeout, 1, MAX_TIMEOUT, &self->timeout, error) ||
      !read_chunk_size (values.chunk_size, &self->chunk_size, error) ||
      !read_hash_type (values.hash, &self->hash_type, error) ||
      !read_rest (self, (const char *const *) values.rest, error) ||
      !check_name (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
cli_options_free (CliOptions *self)
{
  g_free (self->address);
  g_strfreev (self->files);
  g_free (self->name);
  g_free (self);
}

/* The text for --help. */
char *
cli_options_get_help (void)
{
  g_auto (Values) values = { 0 };
  g_autoptr (GOptionContext) context = new_context (&values);

  return g_option_context_get_help (context, TRUE, NULL);
}

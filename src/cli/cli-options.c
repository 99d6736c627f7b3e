/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-options.h"

#include "cli-header.h"
#include "cli-input.h"
#include "cli-size.h"
#include "cli-trust.h"
#include "cli-values.h"
#include "galileo/galileo-address.h"
#include "galileo/galileo-fingerprint.h"
#include "galileo/galileo-name.h"
#include "galileo/galileo-upload.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_RETRIES 1000
#define MAX_TIMEOUT (24 * 60 * 60)
#define MIN_RATE 1024

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
read_rate_limit (const char *text, guint64 *rate, GError **error)
{
  if (text == NULL)
    return TRUE;

  if (!cli_size_parse (text, rate) || *rate < MIN_RATE) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--limit-rate takes the bytes of a second, 1K or more, such as 500K or 2M, not “%s”"),
                 text);
    return FALSE;
  }

  return TRUE;
}

static gboolean
read_pin (const char *text, char **pin, GError **error)
{
  if (text == NULL)
    return TRUE;

  *pin = galileo_fingerprint_parse (text);
  if (*pin == NULL)
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_BAD_VALUE,
                 _("--pin takes a SHA-256 fingerprint, 64 hex digits with or without colons between, not “%s”"),
                 text);

  return *pin != NULL;
}

static gboolean
fail (GError **error, const char *sentence)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, sentence);

  return FALSE;
}

/* Looks at the name to store one file under, as far as that goes before the list of names is read. */
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

  if (self->recursive)
    return fail (error, _("--name goes with exactly one file; leave out --recursive"));

  return TRUE;
}

/* Takes the address and the files out of what is no option. */
static gboolean
read_rest (CliOptions *self, const char *const *rest, gboolean more_follow, GError **error)
{
  if (rest == NULL || rest[0] == NULL)
    return fail (error, _("The site's address and the files to send are missing: galileosend-cli ADDRESS FILE…"));

  /* A forgotten address would make a host of the first file's name, and leave that file out. */
  if (strstr (rest[0], "://") == NULL && g_file_test (rest[0], G_FILE_TEST_EXISTS)) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_FAILED,
                 _("“%s” is a file; name the site's address first, or write wss:// before it if it is the site"),
                 rest[0]);
    return FALSE;
  }

  if (rest[1] == NULL && !more_follow) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_FAILED,
                 _("The files to send are missing: galileosend-cli %s FILE…"),
                 rest[0]);
    return FALSE;
  }

  for (guint i = 1; rest[i] != NULL; i++)
    if (*rest[i] == '\0')
      return fail (error, _("One of the files has an empty name; leave it out"));

  self->address = g_strdup (rest[0]);
  self->files = g_strdupv ((GStrv) rest + 1);
  return TRUE;
}

/* What goes with what, before anything is read: standard input can be read once, and a pipe not put back. */
static gboolean
check_combinations (const CliOptions *self, const CliValues *values, GError **error)
{
  g_autoptr (GUri) address = galileo_address_parse (self->address, NULL);

  if (values->null && values->files_from == NULL)
    return fail (error, _("--null tells how the names of --files-from end; add --files-from, or leave out --null"));
  if (g_strcmp0 (values->files_from, "-") == 0 && g_strcmp0 (values->token_file, "-") == 0)
    return fail (error, _("--files-from and --token-file can't both read standard input; name a file for one of them"));
  if (values->pin != NULL && values->ca_file != NULL)
    return fail (error,
                 _("--pin trusts one certificate whoever signed it, so --ca-file would do nothing; "
                   "leave out one of them"));

  /* Who asks for a certificate to be checked must not be left without any. */
  if ((values->pin != NULL || values->ca_file != NULL) && address != NULL &&
      strcmp (g_uri_get_scheme (address), "ws") == 0) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_FAILED,
                 _("%s is about certificates, and “%s” has none; write wss:// or leave out the option"),
                 values->pin != NULL ? "--pin" : "--ca-file",
                 self->address);
    return FALSE;
  }

  return TRUE;
}

static gboolean
is_this_computer (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address != NULL ? g_inet_address_get_is_loopback (address)
                         : g_ascii_strcasecmp (host, "localhost") == 0;
}

/* A warning and no refusal: there are networks where it is meant so. */
static void
warn_of_plain_text (CliOptions *self)
{
  g_autoptr (GUri) address = galileo_address_parse (self->address, NULL);

  if (address == NULL || strcmp (g_uri_get_scheme (address), "ws") != 0 ||
      is_this_computer (g_uri_get_host (address)) ||
      soup_message_headers_get_one (self->headers, "Authorization") == NULL)
    return;

  g_ptr_array_add (self->warnings,
                   g_strdup_printf (_("What signs you in goes to %s unencrypted, for all between to read; "
                                      "use wss:// if the site has it"),
                                    g_uri_get_host (address)));
}

static gboolean
read_token (CliOptions *self, const char *file, GError **error)
{
  g_autofree char *token = NULL;
  g_autofree char *value = NULL;
  gboolean exposed = FALSE;

  if (file == NULL)
    return TRUE;

  if (soup_message_headers_get_one (self->headers, "Authorization") != NULL)
    return fail (error, _("--token-file and --header both say Authorization; leave out one of them"));

  token = cli_input_read_token (file, &exposed, error);
  if (token == NULL)
    return FALSE;

  value = g_strconcat ("Bearer ", token, NULL);
  soup_message_headers_append (self->headers, "Authorization", value);
  if (exposed)
    g_ptr_array_add (self->warnings,
                     g_strdup_printf (_("Other users of this computer can get at the token in “%s”; "
                                        "close it to them with chmod go="),
                                      file));

  return TRUE;
}

static gboolean
read_headers (CliOptions *self, const char *const *fields, GError **error)
{
  for (; fields != NULL && *fields != NULL; fields++)
    if (!cli_header_add (self->headers, *fields, error))
      return FALSE;

  return TRUE;
}

static gboolean
read_authorities (CliOptions *self, const char *file, GError **error)
{
  if (file != NULL)
    self->authorities = cli_trust_load_authorities (file, error);

  return file == NULL || self->authorities != NULL;
}

/* Adds the files of a list to those of the command line. */
static gboolean
read_names (CliOptions *self, const CliValues *values, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  gsize n_named = g_strv_length (self->files);

  if (values->files_from != NULL) {
    names = cli_input_read_names (values->files_from, values->null ? '\0' : '\n', error);
    if (names == NULL)
      return FALSE;

    g_ptr_array_set_free_func (names, NULL);
    g_ptr_array_add (names, NULL);
    self->files = g_renew (char *, self->files, n_named + names->len);
    memcpy (self->files + n_named, names->pdata, names->len * sizeof (char *));
  }

  if (self->name != NULL && g_strv_length (self->files) != 1)
    return fail (error, _("--name goes with exactly one file; name one, or leave out --name"));

  return TRUE;
}

/*
 * Reads the command line, the program's name first. Errors are of G_OPTION_ERROR, or of GALILEO_ERROR
 * where --queue has a bad address; each is one sentence that says what is wrong and what to do.
 */
CliOptions *
cli_options_parse (const char *const *arguments, GError **error)
{
  g_autoptr (CliOptions) self = g_new0 (CliOptions, 1);
  g_auto (CliValues) values = { 0 };

  g_return_val_if_fail (arguments != NULL && arguments[0] != NULL, NULL);

  if (!cli_values_read (&values, arguments, error))
    return NULL;

  if (values.help || values.version) {
    self->action = values.help ? CLI_ACTION_HELP : CLI_ACTION_VERSION;
    return g_steal_pointer (&self);
  }

  if (values.queue) {
    self->action = CLI_ACTION_QUEUE;
    self->queue = cli_queue_options_parse (&values, error);
    return self->queue != NULL ? g_steal_pointer (&self) : NULL;
  }

  self->jobs = CLI_DEFAULT_JOBS;
  self->retries = CLI_DEFAULT_RETRIES;
  self->chunk_size = GALILEO_DEFAULT_CHUNK_SIZE;
  self->hash_type = GALILEO_HASH_SHA1;
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->name = g_steal_pointer (&values.name);
  self->recursive = values.recursive;
  self->json = values.json;
  self->quiet = values.quiet;
  self->dry_run = values.dry_run;

  if (!cli_queue_options_check_unused (&values, error) ||
      !read_number ("--jobs", values.jobs, 1, CLI_MAX_JOBS, &self->jobs, error) ||
      !read_number ("--retries", values.retries, 0, MAX_RETRIES, &self->retries, error) ||
      !read_number ("--timeout", values.timeout, 1, MAX_TIMEOUT, &self->timeout, error) ||
      !read_chunk_size (values.chunk_size, &self->chunk_size, error) ||
      !read_hash_type (values.hash, &self->hash_type, error) ||
      !read_rate_limit (values.limit_rate, &self->rate_limit, error) ||
      !read_pin (values.pin, &self->pin, error) ||
      !read_rest (self, (const char *const *) values.rest, values.files_from != NULL, error) ||
      !check_name (self, error) ||
      !check_combinations (self, &values, error) ||
      !read_headers (self, (const char *const *) values.headers, error) ||
      !read_authorities (self, values.ca_file, error) ||
      !read_token (self, values.token_file, error) ||
      !read_names (self, &values, error))
    return NULL;

  warn_of_plain_text (self);
  return g_steal_pointer (&self);
}

void
cli_options_free (CliOptions *self)
{
  g_clear_pointer (&self->queue, cli_queue_options_free);
  g_free (self->address);
  g_strfreev (self->files);
  g_free (self->name);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_object (&self->authorities);
  g_free (self->pin);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
  g_free (self);
}

/* The text for --help. */
char *
cli_options_get_help (void)
{
  return cli_values_get_help ();
}

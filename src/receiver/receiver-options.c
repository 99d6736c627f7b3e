/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-options.h"

#include <stdio.h>
#include <string.h>

/*
 * The command line. Numbers are read here and not by GOption, whose messages do not say what would have
 * been right.
 */

#define DEFAULT_PORT 8642
#define DEFAULT_MAX_UPLOADS 64
#define DEFAULT_CHUNK_SIZE (1024 * 1024)
#define DEFAULT_WINDOW 16
#define DEFAULT_KEEP_PARTIAL (24 * 60 * 60)

#define MAX_UPLOADS_MAX 100000
#define CHUNK_SIZE_MAX (1024 * 1024 * 1024)
#define WINDOW_MAX 1024
#define KEEP_PARTIAL_MAX (100 * 365 * 24 * 60 * 60u)

#define HANDSHAKE_LIMIT 10000
#define IDLE_LIMIT 60000
#define CLEAN_INTERVAL 60000

static gboolean
parse_number (const char *option, const char *text, guint64 min, guint64 max, guint64 *number, GError **error)
{
  if (g_ascii_string_to_unsigned (text, 10, min, max, number, NULL))
    return TRUE;

  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               "--%s=%s: it takes a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
               option,
               text,
               min,
               max);
  return FALSE;
}

/* Digits, and one letter for a power of 1024. */
static gboolean
parse_size (const char *option, const char *text, guint64 max, guint64 *size, GError **error)
{
  static const char letters[] = "KMGT";
  g_autofree char *digits = g_strdup (text);
  size_t length = strlen (digits);
  guint64 unit = 1;
  const char *letter;

  letter = length > 0 ? strchr (letters, g_ascii_toupper (digits[length - 1])) : NULL;
  if (letter != NULL) {
    unit = G_GUINT64_CONSTANT (1) << 10 * (letter - letters + 1);
    digits[length - 1] = '\0';
  }

  if (unit <= max && g_ascii_string_to_unsigned (digits, 10, 1, max / unit, size, NULL)) {
    *size *= unit;
    return TRUE;
  }

  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               "--%s=%s: it takes a number of bytes from 1 to %" G_GUINT64_FORMAT
               ", or one with K, M, G or T, such as 512M",
               option,
               text,
               max);
  return FALSE;
}

/* The tests can't wait for deadlines that are made for people. */
static void
read_deadlines (ReceiverOptions *self)
{
  const char *text = g_getenv ("GALILEOSEND_RECEIVER_DEADLINES");
  guint handshake, idle, clean;

  self->handshake_limit = HANDSHAKE_LIMIT;
  self->idle_limit = IDLE_LIMIT;
  self->clean_interval = CLEAN_INTERVAL;
  if (text != NULL) {
    int count = sscanf (text, "%u,%u,%u", &handshake, &idle, &clean);

    if (count >= 2) {
      self->handshake_limit = handshake;
      self->idle_limit = idle;
    }
    if (count == 3)
      self->clean_interval = clean;
  }
}

static gboolean
check_tls (const ReceiverOptions *self, GError **error)
{
  if ((self->certificate != NULL) == (self->key != NULL))
    return TRUE;

  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               "%s goes with %s only",
               self->key != NULL ? "--tls-key" : "--tls-certificate",
               self->key != NULL ? "--tls-certificate" : "--tls-key");
  return FALSE;
}

static gboolean
check_rest (int argc, char **argv, GError **error)
{
  if (argc <= 1)
    return TRUE;

  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_FAILED,
               "unexpected “%s”: a folder is named with --directory",
               argv[1]);
  return FALSE;
}

/*
 * receiver_options_parse:
 *
 * Reads the command line; for --help it prints the help and ends the program.
 *
 * Returns: the options, or %NULL with @error set to a sentence for the user
 */
ReceiverOptions *
receiver_options_parse (int argc, char **argv, GError **error)
{
  g_autoptr (ReceiverOptions) self = g_new0 (ReceiverOptions, 1);
  g_autoptr (GOptionContext) context = NULL;
  g_autofree char *port = NULL;
  g_autofree char *max_size = NULL;
  g_autofree char *max_uploads = NULL;
  g_autofree char *chunk_size = NULL;
  g_autofree char *window = NULL;
  g_autofree char *keep_partial = NULL;
  guint64 number;

  const GOptionEntry entries[] = {
    { "directory", 'd', 0, G_OPTION_ARG_FILENAME, &self->directory, "Put the files into DIR (.)", "DIR" },
    { "address", 'a', 0, G_OPTION_ARG_STRING, &self->address, "Listen on ADDRESS (127.0.0.1)", "ADDRESS" },
    { "port", 'p', 0, G_OPTION_ARG_STRING, &port, "Listen on PORT (8642; 0: any free port)", "PORT" },
    { "max-size", 0, 0, G_OPTION_ARG_STRING, &max_size, "Refuse bigger files", "SIZE" },
    { "max-uploads", 0, 0, G_OPTION_ARG_STRING, &max_uploads, "Take N connections at once (64)", "N" },
    { "chunk-size", 0, 0, G_OPTION_ARG_STRING, &chunk_size, "Ask for chunks of at most SIZE (1M)", "SIZE" },
    { "window", 0, 0, G_OPTION_ARG_STRING, &window, "Ask for N chunks ahead (16)", "N" },
    { "keep-partial",
      0,
      0,
      G_OPTION_ARG_STRING,
      &keep_partial,
      "Keep uploads that were cut, to go on with (86400; 0: not at all)",
      "SECONDS" },
    { "tls-certificate", 0, 0, G_OPTION_ARG_FILENAME, &self->certificate, "Speak TLS with this certificate", "PEM" },
    { "tls-key", 0, 0, G_OPTION_ARG_FILENAME, &self->key, "The key of that certificate", "PEM" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "Write one JSON object a line for each event", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet, "Tell of errors only", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, "Print the version", NULL },
    G_OPTION_ENTRY_NULL,
  };

  context = g_option_context_new (NULL);
  g_option_context_set_summary (context, "Receives files over websockets, by the GalileoSend protocol.");
  g_option_context_set_description (context,
                                    "SIZE is a number of bytes; K, M, G and T stand for powers of 1024.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error) || !check_rest (argc, argv, error) ||
      !check_tls (self, error))
    return NULL;

  self->port = DEFAULT_PORT;
  if (port != NULL) {
    if (!parse_number ("port", port, 0, G_MAXUINT16, &number, error))
      return NULL;
    self->port = (guint16) number;
  }

  self->max_uploads = DEFAULT_MAX_UPLOADS;
  if (max_uploads != NULL) {
    if (!parse_number ("max-uploads", max_uploads, 1, MAX_UPLOADS_MAX, &number, error))
      return NULL;
    self->max_uploads = (guint) number;
  }

  self->window = DEFAULT_WINDOW;
  if (window != NULL) {
    if (!parse_number ("window", window, 1, WINDOW_MAX, &number, error))
      return NULL;
    self->window = (guint) number;
  }

  self->keep_partial = DEFAULT_KEEP_PARTIAL;
  if (keep_partial != NULL) {
    if (!parse_number ("keep-partial", keep_partial, 0, KEEP_PARTIAL_MAX, &number, error))
      return NULL;
    self->keep_partial = (guint) number;
  }

  self->chunk_size = DEFAULT_CHUNK_SIZE;
  if (chunk_size != NULL && !parse_size ("chunk-size", chunk_size, CHUNK_SIZE_MAX, &self->chunk_size, error))
    return NULL;
  if (max_size != NULL && !parse_size ("max-size", max_size, G_MAXINT64, &self->max_size, error))
    return NULL;

  if (self->directory == NULL)
    self->directory = g_strdup (".");
  if (self->address == NULL)
    self->address = g_strdup ("127.0.0.1");
  read_deadlines (self);
  return g_steal_pointer (&self);
}

void
receiver_options_free (ReceiverOptions *self)
{
  if (self == NULL)
    return;

  g_free (self->directory);
  g_free (self->address);
  g_free (self->certificate);
  g_free (self->key);
  g_free (self);
}

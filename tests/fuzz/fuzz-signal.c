/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "galileo/galileo-error.h"
#include "galileo/galileo-signal.h"

#include <gio/gio.h>
#include <string.h>

/* Any bytes as a TEXT message: read, asked for everything, written, and read again. */

static const char *const keys[] = {
  "close", "error", "ready",    "chunksize", "fatal", "hash", "offset",
  "url",   "code",  "verified", "retry",     "name",  "size", "",
};

static void
check_utf8 (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

static void
check_key (const GalileoSignal *signal, const GalileoSignal *again, const char *key)
{
  const char *string = galileo_signal_get_string (signal, key);
  guint64 size = 0, size_again = 0;
  double number = 0.0, number_again = 0.0;

  if (string != NULL)
    check_utf8 (string);
  g_assert_cmpstr (string, ==, galileo_signal_get_string (again, key));
  g_assert_cmpint (galileo_signal_is_true (signal, key), ==, galileo_signal_is_true (again, key));

  g_assert_cmpint (galileo_signal_get_size (signal, key, &size), ==, galileo_signal_get_size (again, key, &size_again));
  g_assert_cmpuint (size, ==, size_again);
  g_assert_cmpuint (size, <, G_MAXINT64);

  g_assert_cmpint (galileo_signal_get_number (signal, key, &number),
                   ==,
                   galileo_signal_get_number (again, key, &number_again));
  g_assert_true (number == number_again);
}

static void
check_hash (const GalileoSignal *signal, const GalileoSignal *again)
{
  const char *type = NULL, *value = NULL;
  const char *type_again = NULL, *value_again = NULL;
  gboolean there = galileo_signal_get_hash (signal, &type, &value);

  g_assert_cmpint (there, ==, galileo_signal_get_hash (again, &type_again, &value_again));
  if (!there)
    return;

  check_utf8 (type);
  check_utf8 (value);
  g_assert_cmpstr (type, ==, type_again);
  g_assert_cmpstr (value, ==, value_again);
}

static void
check (const GalileoSignal *signal, const GalileoSignal *again)
{
  g_autofree char *message = galileo_signal_dup_message (signal);
  g_autofree char *message_again = galileo_signal_dup_message (again);

  check_utf8 (message);
  g_assert_cmpstr (message, ==, message_again);
  g_assert_cmpint (galileo_signal_get_kind (signal), ==, galileo_signal_get_kind (again));
  g_assert_cmpint (galileo_signal_get_fatal (signal), ==, galileo_signal_get_fatal (again));
  g_assert_cmpuint (galileo_signal_get_chunk_size (signal), >=, 1);
  g_assert_cmpuint (galileo_signal_get_chunk_size (signal), ==, galileo_signal_get_chunk_size (again));
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    check_key (signal, again, keys[i]);
  check_hash (signal, again);
}

/* Others that hold a signal do not see what is added to it. */
static void
check_adding (GalileoSignal *signal, const char *text)
{
  g_autoptr (GalileoSignal) more = galileo_signal_add_string (galileo_signal_ref (signal), "url", "http://x/");
  g_autofree char *text_after = NULL;
  guint64 offset;

  more = galileo_signal_add_size (g_steal_pointer (&more), "offset", 7);
  more = galileo_signal_add_boolean (g_steal_pointer (&more), "verified", TRUE);
  g_assert_cmpstr (galileo_signal_get_string (more, "url"), ==, "http://x/");
  g_assert_true (galileo_signal_get_size (more, "offset", &offset) && offset == 7);
  g_assert_true (galileo_signal_is_true (more, "verified"));

  text_after = galileo_signal_to_text (signal);
  g_assert_cmpstr (text_after, ==, text);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);

  return 0;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalileoSignal) signal = galileo_signal_parse (data != NULL ? (const char *) data : "", size, &error);
  g_autoptr (GalileoSignal) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  if (signal == NULL) {
    g_assert_true (g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_PROTOCOL) ||
                   g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
    check_utf8 (error->message);
    return 0;
  }
  g_assert_no_error (error);

  text = galileo_signal_to_text (signal);
  check_utf8 (text);
  again = galileo_signal_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  text_again = galileo_signal_to_text (again);
  g_assert_cmpstr (text, ==, text_again);
  check (signal, again);
  check_adding (signal, text);

  return 0;
}

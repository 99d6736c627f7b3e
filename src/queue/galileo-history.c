/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-history.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* What both forms tell of an upload, each as text; NULL for what there is not. */
typedef struct {
  char *time;
  const char *state;
  char *file;
  char *bytes;
  char *seconds;
  char *speed;
} Words;

static void
words_clear (Words *words)
{
  g_free (words->time);
  g_free (words->file);
  g_free (words->bytes);
  g_free (words->seconds);
  g_free (words->speed);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static gboolean
has_speed (const GalileoRecord *record)
{
  return record->state == GALILEO_ITEM_DONE && record->size > 0 && record->seconds > 0.0;
}

static double
get_speed (const GalileoRecord *record)
{
  return (double) record->size / record->seconds;
}

/* In C's notation, with so many decimals. */
static char *
dup_number (double number, int decimals)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *format = g_strdup_printf ("%%.%df", decimals);

  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, format, number));
}

static char *
dup_file (const GalileoRecord *record)
{
  g_autoptr (GFile) file = g_file_new_for_uri (record->uri);

  return g_file_get_parse_name (file);
}

static char *
dup_time (const GalileoRecord *record)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (record->finish_time / G_USEC_PER_SEC);

  return time != NULL ? g_date_time_format_iso8601 (time) : g_strdup ("");
}

static void
words_init (Words *words, const GalileoRecord *record)
{
  words->time = dup_time (record);
  words->state = record->state == GALILEO_ITEM_DONE ? "done" : "failed";
  words->file = dup_file (record);
  words->bytes = record->size >= 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, record->size) : NULL;
  words->seconds = dup_number (record->seconds, 3);
  words->speed = has_speed (record) ? dup_number (get_speed (record), 0) : NULL;
}

/* CSV as RFC 4180 has it. */
static void
add_field (GString *text, const char *field)
{
  if (field == NULL)
    return;

  /* What a spreadsheet would take for a formula is text, too: a file's name may be anything. */
  if (strchr ("=+-@\t\r", *field) != NULL && *field != '\0') {
    g_string_append (text, "\"'");
  } else if (strpbrk (field, ",\"\r\n") != NULL) {
    g_string_append_c (text, '"');
  } else {
    g_string_append (text, field);
    return;
  }

  for (; *field != '\0'; field++) {
    if (*field == '"')
      g_string_append_c (text, '"');
    g_string_append_c (text, *field);
  }
  g_string_append_c (text, '"');
}

static char *
join_signals (const GalileoRecord *record)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < record->signals->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", (char *) g_ptr_array_index (record->signals, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A line with the names of the columns, then one for each upload; times are UTC, sizes bytes, speeds bytes a second. */
char *
galileo_history_to_csv (GPtrArray *records)
{
  GString *text = g_string_new ("time,state,site,file,folder,name,bytes,seconds,speed,attempts,hash,verified,link,reason,"
                                "signals\r\n");

  for (guint i = 0; i < records->len; i++) {
    const GalileoRecord *record = g_ptr_array_index (records, i);
    g_autofree char *attempts = g_strdup_printf ("%u", record->attempt);
    g_autofree char *signals = join_signals (record);
    g_auto (Words) words = { 0 };

    words_init (&words, record);
    {
      const char *fields[] = {
        words.time,
        words.state,
        record->address,
        words.file,
        record->path,
        record->name,
        words.bytes,
        words.seconds,
        words.speed,
        attempts,
        record->hash,
        record->verified ? "yes" : "no",
        record->url,
        record->error != NULL ? record->error->message : NULL,
        signals,
      };

      for (gsize k = 0; k < G_N_ELEMENTS (fields); k++) {
        if (k > 0)
          g_string_append_c (text, ',');
        add_field (text, fields[k]);
      }
    }
    g_string_append (text, "\r\n");
  }
  return g_string_free (text, FALSE);
}

static void
add_member (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL)
    return;

  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_signals (JsonBuilder *builder, const GalileoRecord *record)
{
  json_builder_set_member_name (builder, "signals");
  json_builder_begin_array (builder);
  for (guint i = 0; i < record->signals->len; i++) {
    const char *text = g_ptr_array_index (record->signals, i);
    g_autoptr (GalileoSignal) signal = galileo_signal_parse (text, strlen (text), NULL);
    JsonNode *node = signal != NULL ? json_from_string (text, NULL) : NULL;

    if (node != NULL)
      json_builder_add_value (builder, node);
    else
      json_builder_add_string_value (builder, text);
  }
  json_builder_end_array (builder);
}

static void
add_upload (JsonBuilder *builder, const GalileoRecord *record)
{
  g_auto (Words) words = { 0 };

  words_init (&words, record);
  json_builder_begin_object (builder);
  add_member (builder, "time", words.time);
  add_member (builder, "state", words.state);
  add_member (builder, "site", record->address);
  add_member (builder, "file", words.file);
  add_member (builder, "folder", record->path);
  add_member (builder, "name", record->name);
  if (record->size >= 0) {
    json_builder_set_member_name (builder, "bytes");
    json_builder_add_int_value (builder, record->size);
  }
  json_builder_set_member_name (builder, "seconds");
  json_builder_add_double_value (builder, record->seconds);
  if (has_speed (record)) {
    json_builder_set_member_name (builder, "speed");
    json_builder_add_double_value (builder, get_speed (record));
  }
  json_builder_set_member_name (builder, "attempts");
  json_builder_add_int_value (builder, record->attempt);
  add_member (builder, "hash", record->hash);
  json_builder_set_member_name (builder, "verified");
  json_builder_add_boolean_value (builder, record->verified);
  add_member (builder, "link", record->url);
  add_member (builder, "reason", record->error != NULL ? record->error->message : NULL);
  add_signals (builder, record);
  json_builder_end_object (builder);
}

/* An array of objects with what the columns of galileo_history_to_csv() have, error signals as they were sent. */
char *
galileo_history_to_json (GPtrArray *records)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_array (builder);
  for (guint i = 0; i < records->len; i++)
    add_upload (builder, g_ptr_array_index (records, i));
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_data (generator, NULL);
}

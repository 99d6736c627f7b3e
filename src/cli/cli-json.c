/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli-json.h"

#include "cli-output.h"
#include "galileo/galileo-json.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

struct _CliJson {
  CliReport parent_instance;
};

G_DEFINE_FINAL_TYPE (CliJson, cli_json, CLI_TYPE_REPORT)

static JsonBuilder *
begin_event (const char *event)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);

  return builder;
}

static void
add_string (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  if (value == NULL) {
    json_builder_add_null_value (builder);
  } else if (g_utf8_validate (value, -1, NULL)) {
    json_builder_add_string_value (builder, value);
  } else {
    g_autofree char *valid = g_utf8_make_valid (value, -1);

    json_builder_add_string_value (builder, valid);
  }
}

static void
add_int (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

/* A size that is not known is null: −1 would be summed up by somebody. */
static void
add_size (JsonBuilder *builder, gint64 size)
{
  json_builder_set_member_name (builder, "size");
  if (size < 0)
    json_builder_add_null_value (builder);
  else
    json_builder_add_int_value (builder, size);
}

/* Multiples of 1/1024 have few decimal digits; of any other fraction json-glib writes seventeen. */
static void
add_seconds (JsonBuilder *builder, const char *key, double seconds)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_double_value (builder, round (MAX (seconds, 0.0) * 1024.0) / 1024.0);
}

/* A number beyond what JSON can hold makes a text that can't be read again; that one goes as a
 * string. */
static void
add_signal (JsonBuilder *builder, const GalileoSignal *signal)
{
  g_autofree char *text = galileo_signal_to_text (signal);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  JsonNode *node = json_from_string (valid, NULL);

  if (node != NULL)
    json_builder_add_value (builder, node);
  else
    json_builder_add_string_value (builder, valid);
}

/* Takes the builder. */
static char *
end_event (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  g_object_unref (builder);

  return galileo_json_to_text (root);
}

char *
cli_json_would_send (const char *file, const char *name, guint64 size)
{
  JsonBuilder *builder = begin_event ("would-send");

  add_string (builder, "file", file);
  add_string (builder, "name", name);
  add_size (builder, (gint64) size);

  return end_event (builder);
}

char *
cli_json_start (const char *file, const char *name, guint64 size, guint attempt)
{
  JsonBuilder *builder = begin_event ("start");

  add_string (builder, "file", file);
  add_string (builder, "name", name);
  add_size (builder, (gint64) size);
  add_int (builder, "attempt", attempt);

  return end_event (builder);
}

char *
cli_json_progress (const char *file, guint64 sent, gint64 size)
{
  JsonBuilder *builder = begin_event ("progress");

  add_string (builder, "file", file);
  add_int (builder, "sent", (gint64) sent);
  add_size (builder, size);

  return end_event (builder);
}

char *
cli_json_error (const char *file, const GalileoSignal *signal)
{
  JsonBuilder *builder = begin_event ("error");

  add_string (builder, "file", file);
  json_builder_set_member_name (builder, "signal");
  add_signal (builder, signal);

  return end_event (builder);
}

char *
cli_json_retry (const char *file, guint attempt, double delay, const GError *reason)
{
  JsonBuilder *builder = begin_event ("retry");

  add_string (builder, "file", file);
  add_int (builder, "attempt", attempt);
  add_seconds (builder, "delay", delay);
  add_string (builder, "reason", reason != NULL ? reason->message : NULL);

  return end_event (builder);
}

char *
cli_json_success (const char *file,
                  gint64 size,
                  guint64 offset,
                  double seconds,
                  const char *hash,
                  gboolean verified,
                  const char *url)
{
  JsonBuilder *builder = begin_event ("success");

  add_string (builder, "file", file);
  add_size (builder, size);
  add_int (builder, "offset", (gint64) offset);
  add_seconds (builder, "seconds", seconds);
  add_string (builder, "hash", hash);
  json_builder_set_member_name (builder, "verified");
  json_builder_add_boolean_value (builder, verified);
  add_string (builder, "url", url);

  return end_event (builder);
}

char *
cli_json_failure (const char *file, const GError *reason, GPtrArray *signals)
{
  JsonBuilder *builder = begin_event ("failure");
  g_autoptr (GalileoSignal) local = NULL;

  add_string (builder, "file", file);
  add_string (builder, "reason", reason->message);
  json_builder_set_member_name (builder, "errors");
  json_builder_begin_array (builder);
  for (guint i = 0; signals != NULL && i < signals->len; i++)
    add_signal (builder, g_ptr_array_index (signals, i));
  if (signals == NULL || signals->len == 0) {
    /* As the protocol has it: where the site said nothing, we say what we know. */
    local = galileo_signal_new_local (reason->message);
    add_signal (builder, local);
  }
  json_builder_end_array (builder);

  return end_event (builder);
}

char *
cli_json_summary (const CliTally *tally, double seconds)
{
  JsonBuilder *builder = begin_event ("summary");

  add_int (builder, "succeeded", tally->n_succeeded);
  add_int (builder, "failed", tally->n_failed);
  add_int (builder, "bytes", (gint64) tally->confirmed);
  add_seconds (builder, "seconds", seconds);

  return end_event (builder);
}

/* Takes the line. Each goes out at once and whole: a script reacts to it. */
static void
write_line (char *line)
{
  g_autofree char *owned = line;
  g_autofree char *terminated = g_strconcat (owned, "\n", NULL);

  cli_output_write_utf8 (CLI_OUTPUT_RESULTS, terminated);
}

static void
cli_json_report_would_send (CliReport *self, const char *file, const char *name, guint64 size)
{
  write_line (cli_json_would_send (file, name, size));
}

static void
cli_json_report_started (CliReport *self, const char *file, GalileoItem *item, guint64 size)
{
  write_line (
      cli_json_start (file, galileo_item_get_name (item), size, galileo_item_get_attempt (item)));
}

static void
cli_json_report_progress (CliReport *self, const char *file, GalileoItem *item)
{
  write_line (
      cli_json_progress (file, galileo_item_get_acknowledged (item), galileo_item_get_size (item)));
}

static void
cli_json_report_error_signal (CliReport *self,
                              const char *file,
                              GalileoItem *item,
                              const GalileoSignal *signal)
{
  write_line (cli_json_error (file, signal));
}

static void
cli_json_report_retry (CliReport *self, const char *file, GalileoItem *item, double delay)
{
  write_line (cli_json_retry (
      file, galileo_item_get_attempt (item) + 1, delay, galileo_item_get_error (item)));
}

static void
cli_json_report_success (CliReport *self, const char *file, GalileoItem *item)
{
  write_line (cli_json_success (file,
                                galileo_item_get_size (item),
                                galileo_item_get_offset (item),
                                galileo_item_get_seconds (item),
                                galileo_item_get_hash (item),
                                galileo_item_get_verified (item),
                                galileo_item_get_url (item)));
}

static void
cli_json_report_failure (CliReport *self, const CliFailure *failure)
{
  write_line (cli_json_failure (failure->file, failure->error, failure->signals));
}

static void
cli_json_report_summary (CliReport *self)
{
  const CliTally *tally = cli_report_get_tally (self);

  write_line (cli_json_summary (
      tally, (double) (g_get_monotonic_time () - tally->start_time) / G_USEC_PER_SEC));
}

static void
cli_json_class_init (CliJsonClass *klass)
{
  CliReportClass *report_class = CLI_REPORT_CLASS (klass);

  report_class->would_send = cli_json_report_would_send;
  report_class->started = cli_json_report_started;
  report_class->progress = cli_json_report_progress;
  report_class->error_signal = cli_json_report_error_signal;
  report_class->retry = cli_json_report_retry;
  report_class->success = cli_json_report_success;
  report_class->failure = cli_json_report_failure;
  report_class->summary = cli_json_report_summary;
}

static void
cli_json_init (CliJson *self)
{
}

CliReport *
cli_json_new (void)
{
  return g_object_new (CLI_TYPE_JSON, NULL);
}

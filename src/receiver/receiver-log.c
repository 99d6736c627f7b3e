/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-log.h"

/*
 * What happened, one line an upload for people, or one JSON object an event for programs. Each line is
 * flushed, for whoever reads may act on it at once.
 */
struct _ReceiverLog {
  FILE *out;
  FILE *err;
  gboolean json;
  gboolean quiet;
};

/*
 * Names come from outside. What could move the cursor of a terminal or turn the writing round is shown as
 * its number.
 */
static gboolean
is_plain (gunichar c)
{
  switch (g_unichar_type (c)) {
  case G_UNICODE_CONTROL:
  case G_UNICODE_FORMAT:
  case G_UNICODE_UNASSIGNED:
  case G_UNICODE_PRIVATE_USE:
  case G_UNICODE_SURROGATE:
  case G_UNICODE_LINE_SEPARATOR:
  case G_UNICODE_PARAGRAPH_SEPARATOR:
    return FALSE;
  default:
    return c != '\\';
  }
}

static void
append_escaped (GString *line, const char *text, gboolean json)
{
  for (; *text != '\0'; text = g_utf8_next_char (text)) {
    gunichar c = g_utf8_get_char (text);

    if (c == '\\' || (json && c == '"'))
      g_string_append_printf (line, "\\%c", (char) c);
    else if (is_plain (c))
      g_string_append_unichar (line, c);
    else if (c < 0x10000)
      g_string_append_printf (line, "\\u%04x", c);
    else
      /* JSON has no other way to name these than in two halves. */
      g_string_append_printf (line,
                              "\\u%04x\\u%04x",
                              0xd800 + ((c - 0x10000) >> 10),
                              0xdc00 + ((c - 0x10000) & 0x3ff));
  }
}

static void
append_text (GString *line, const char *key, const char *value)
{
  if (line->len > 1)
    g_string_append_c (line, ',');
  g_string_append_printf (line, "\"%s\":", key);

  if (value == NULL) {
    g_string_append (line, "null");
    return;
  }
  g_string_append_c (line, '"');
  append_escaped (line, value, TRUE);
  g_string_append_c (line, '"');
}

static void
append_number (GString *line, const char *key, guint64 value)
{
  g_string_append_printf (line, ",\"%s\":%" G_GUINT64_FORMAT, key, value);
}

static GString *
begin_event (const char *event, const char *upload, const char *name)
{
  GString *line = g_string_new ("{");

  append_text (line, "event", event);
  append_text (line, "upload", upload);
  append_text (line, "name", name);
  return line;
}

static GString *
begin_line (const char *word, const char *name)
{
  GString *line = g_string_new (word);

  g_string_append_c (line, ' ');
  append_escaped (line, name != NULL ? name : "a file without a name", FALSE);
  return line;
}

static void
end_line (ReceiverLog *self, GString *line)
{
  g_string_append_c (line, '\n');
  fputs (line->str, self->out);
  fflush (self->out);
  g_string_free (line, TRUE);
}

ReceiverLog *
receiver_log_new (FILE *out, FILE *err, gboolean json, gboolean quiet)
{
  ReceiverLog *self = g_new0 (ReceiverLog, 1);

  self->out = out;
  self->err = err;
  self->json = json;
  self->quiet = quiet;
  return self;
}

void
receiver_log_free (ReceiverLog *self)
{
  g_free (self);
}

/* The first line, in every mode: with --port=0 it is the only way to learn the address. */
void
receiver_log_listening (ReceiverLog *self, const char *address)
{
  fprintf (self->out, "Listening on %s\n", address);
  fflush (self->out);
}

void
receiver_log_start (ReceiverLog *self, const char *upload, const char *name, guint64 size)
{
  GString *line;

  if (self->quiet || !self->json)
    return;

  line = begin_event ("start", upload, name);
  append_number (line, "size", size);
  g_string_append_c (line, '}');
  end_line (self, line);
}

void
receiver_log_stored (ReceiverLog *self,
                     const char *upload,
                     const char *name,
                     const char *stored_as,
                     guint64 size,
                     double seconds)
{
  GString *line;

  if (self->quiet)
    return;

  if (self->json) {
    line = begin_event ("stored", upload, name);
    append_text (line, "stored_as", stored_as);
    append_number (line, "size", size);
    g_string_append_printf (line, ",\"seconds\":%.3f}", seconds);
  } else {
    line = begin_line ("Stored", name);
    if (g_strcmp0 (name, stored_as) != 0) {
      g_string_append (line, " as ");
      append_escaped (line, stored_as, FALSE);
    }
    g_string_append_printf (line, " (%" G_GUINT64_FORMAT " bytes)", size);
  }
  end_line (self, line);
}

static void
log_end (ReceiverLog *self,
         const char *event,
         const char *word,
         const char *upload,
         const char *name,
         const char *reason,
         guint64 received)
{
  GString *line;

  if (self->quiet)
    return;

  if (self->json) {
    line = begin_event (event, upload, name);
    append_text (line, "reason", reason);
    append_number (line, "received", received);
    g_string_append_c (line, '}');
  } else {
    line = begin_line (word, name);
    g_string_append (line, ": ");
    append_escaped (line, reason, FALSE);
  }
  end_line (self, line);
}

void
receiver_log_refused (ReceiverLog *self,
                      const char *upload,
                      const char *name,
                      const char *reason,
                      guint64 received)
{
  log_end (self, "refused", "Refused", upload, name, reason, received);
}

void
receiver_log_cut (ReceiverLog *self,
                  const char *upload,
                  const char *name,
                  const char *reason,
                  guint64 received)
{
  log_end (self, "cut", "Lost", upload, name, reason, received);
}

/* Trouble of the receiver itself, for its owner. */
void
receiver_log_error (ReceiverLog *self, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  fprintf (self->err, "galileosend-receiver: %s\n", message);
  fflush (self->err);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-database-private.h"

#include <string.h>

/*
 * What has ended, also after it was cleared from the queue. An entry is written with the state that it tells of, in one
 * transaction, so that both are there or none.
 */

#define DAY (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)

/* As JSON, a line each: JSON as we write it has no line breaks. */
static char *
join_signals (const GalileoRecord *record)
{
  g_autoptr (GString) text = NULL;

  if (record->signals->len == 0)
    return NULL;

  text = g_string_new (NULL);
  for (guint i = 0; i < record->signals->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", (char *) g_ptr_array_index (record->signals, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* record: of an item that is done or failed. */
gboolean
galileo_database_add_history (GalileoDatabase *self, const GalileoRecord *record, GError **error)
{
  sqlite3_stmt *statement = self->statements[GALILEO_SQL_ADD_HISTORY];
  g_autofree char *signals = join_signals (record);

  sqlite3_bind_int64 (statement, 1, record->finish_time);
  galileo_database_bind_text (statement, 2, record->address);
  galileo_database_bind_text (statement, 3, record->uri);
  galileo_database_bind_text (statement, 4, record->name);
  galileo_database_bind_text (statement, 5, record->path);
  galileo_database_bind_text (statement, 6, galileo_database_get_state_name (record->state));
  sqlite3_bind_int64 (statement, 7, record->size);
  sqlite3_bind_int64 (statement, 8, record->attempt);
  sqlite3_bind_double (statement, 9, record->seconds);
  galileo_database_bind_text (statement, 10, record->error != NULL ? record->error->message : NULL);
  galileo_database_bind_text (statement, 11, record->hash);
  sqlite3_bind_int (statement, 12, record->verified);
  galileo_database_bind_text (statement, 13, record->url);
  galileo_database_bind_text (statement, 14, signals);
  return galileo_database_run (self, statement, error);
}

/* Drops what is older than so many days, and the oldest of more than so many entries. */
gboolean
galileo_database_trim_history (GalileoDatabase *self, guint most, guint days, GError **error)
{
  sqlite3_stmt *statement = self->statements[GALILEO_SQL_DROP_OLD_HISTORY];

  sqlite3_bind_int64 (statement, 1, g_get_real_time () - days * DAY);
  if (!galileo_database_run (self, statement, error))
    return FALSE;

  statement = self->statements[GALILEO_SQL_DROP_MUCH_HISTORY];
  sqlite3_bind_int64 (statement, 1, most);
  return galileo_database_run (self, statement, error);
}

gboolean
galileo_database_clear_history (GalileoDatabase *self, GError **error)
{
  sqlite3_stmt *statement = self->statements[GALILEO_SQL_DROP_MUCH_HISTORY];

  sqlite3_bind_int64 (statement, 1, 0);
  return galileo_database_run (self, statement, error);
}

static void
history_row_cb (sqlite3_stmt *row, gpointer data)
{
  g_autoptr (GalileoRecord) record = galileo_record_new ();
  const char *message = (const char *) sqlite3_column_text (row, 10);
  const char *signals = (const char *) sqlite3_column_text (row, 14);

  record->id = sqlite3_column_int64 (row, 0);
  record->finish_time = sqlite3_column_int64 (row, 1);
  record->address = galileo_database_dup_text (row, 2);
  record->uri = galileo_database_dup_text (row, 3);
  record->name = galileo_database_dup_text (row, 4);
  record->path = galileo_database_dup_text (row, 5);
  record->size = sqlite3_column_int64 (row, 7);
  record->attempt = (guint) sqlite3_column_int (row, 8);
  record->seconds = sqlite3_column_double (row, 9);
  record->error = message != NULL ? g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, message) : NULL;
  record->hash = galileo_database_dup_text (row, 11);
  record->verified = sqlite3_column_int (row, 12) != 0;
  record->url = galileo_database_dup_text (row, 13);
  if (signals != NULL) {
    g_auto (GStrv) lines = g_strsplit (signals, "\n", -1);

    for (guint i = 0; lines[i] != NULL; i++)
      g_ptr_array_add (record->signals, g_strdup (lines[i]));
  }
  if (galileo_database_read_state (row, 6, &record->state))
    g_ptr_array_add (data, g_steal_pointer (&record));
}

/* A pattern of LIKE that finds the text anywhere. */
static char *
make_pattern (const char *text)
{
  g_autoptr (GString) pattern = g_string_new ("%");

  for (; *text != '\0'; text++) {
    if (strchr ("%_\\", *text) != NULL)
      g_string_append_c (pattern, '\\');
    g_string_append_c (pattern, *text);
  }
  g_string_append_c (pattern, '%');
  return g_string_free (g_steal_pointer (&pattern), FALSE);
}

/*
 * Returns what has ended, of GalileoRecord, the newest first. text: to be found in the name, folder, site or reason, without
 * regard to the case of A to Z; "" for all.
 */
GPtrArray *
galileo_database_search_history (GalileoDatabase *self, const char *text, guint most, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_record_free);
  g_autofree char *pattern = make_pattern (text);
  sqlite3_stmt *statement =
      galileo_database_prepare (self,
                                "SELECT id, time, address, uri, name, path, state, size, attempt, seconds, error_message,"
                                "  hash, verified, url, signals FROM history"
                                "  WHERE name LIKE ?1 ESCAPE '\\' OR path LIKE ?1 ESCAPE '\\'"
                                "    OR address LIKE ?1 ESCAPE '\\' OR error_message LIKE ?1 ESCAPE '\\'"
                                "    OR url LIKE ?1 ESCAPE '\\'"
                                "  ORDER BY id DESC LIMIT ?2",
                                error);

  if (statement == NULL)
    return NULL;

  galileo_database_bind_text (statement, 1, pattern);
  sqlite3_bind_int64 (statement, 2, most);
  if (!galileo_database_for_each_row (self, statement, history_row_cb, records, error))
    return NULL;

  return g_steal_pointer (&records);
}

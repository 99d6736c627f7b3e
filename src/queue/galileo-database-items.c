/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-database-private.h"

/* Reading */

static const char *const name_rules[] = {
  [GALILEO_NAME_RULE_ASK] = "ask",
  [GALILEO_NAME_RULE_RENAME] = "rename",
  [GALILEO_NAME_RULE_SKIP] = "skip",
  [GALILEO_NAME_RULE_REPLACE] = "replace",
};

static void
site_row_cb (sqlite3_stmt *row, gpointer data)
{
  GalileoSiteRecord *record = galileo_site_record_new ();
  const char *rule = (const char *) sqlite3_column_text (row, 4);

  record->address = galileo_database_dup_text (row, 0);
  record->pin = galileo_database_dup_text (row, 1);
  record->max_uploads = (guint) CLAMP (sqlite3_column_int64 (row, 2), 0, GALILEO_SITE_MAX_UPLOADS);
  record->rate_limit = (guint64) MAX (sqlite3_column_int64 (row, 3), 0);
  for (guint i = 0; i < G_N_ELEMENTS (name_rules); i++) {
    if (g_strcmp0 (rule, name_rules[i]) == 0)
      record->name_rule = (GalileoNameRule) i;
  }
  record->keep_folders = sqlite3_column_int (row, 5) != 0;
  record->reached = sqlite3_column_int (row, 6) != 0;
  record->name = galileo_database_dup_text (row, 7);
  record->listed = sqlite3_column_int (row, 8) != 0;
  g_ptr_array_add (data, record);
}

/* Returns all sites, of GalileoSiteRecord. */
GPtrArray *
galileo_database_load_sites (GalileoDatabase *self, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_site_record_free);

  if (!galileo_database_for_each_row (
          self,
          galileo_database_prepare (self,
                                    "SELECT address, pin, max_uploads, rate_limit, name_rule, keep_folders, reached, name,"
                                    "  listed"
                                    "  FROM sites",
                                    error),
          site_row_cb,
          records,
          error))
    return NULL;

  return g_steal_pointer (&records);
}

/* Returns NULL for a row that makes no sense. */
static GalileoRecord *
read_record (sqlite3_stmt *row)
{
  g_autoptr (GalileoRecord) record = galileo_record_new ();
  const char *domain;

  record->id = sqlite3_column_int64 (row, 0);
  record->position = sqlite3_column_double (row, 1);
  record->address = galileo_database_dup_text (row, 2);
  record->uri = galileo_database_dup_text (row, 3);
  record->name = galileo_database_dup_text (row, 4);
  record->upload_id = galileo_database_dup_text (row, 5);
  record->size = sqlite3_column_int64 (row, 7);
  record->attempt = (guint) sqlite3_column_int (row, 8);
  domain = (const char *) sqlite3_column_text (row, 9);
  if (domain != NULL)
    record->error = g_error_new_literal (g_quark_from_string (domain),
                                         sqlite3_column_int (row, 10),
                                         (const char *) sqlite3_column_text (row, 11));
  record->hash = galileo_database_dup_text (row, 12);
  record->verified = sqlite3_column_int (row, 13) != 0;
  record->url = galileo_database_dup_text (row, 14);
  record->finish_time = sqlite3_column_int64 (row, 15);
  record->seconds = sqlite3_column_double (row, 16);
  record->path = galileo_database_dup_text (row, 17);
  record->mtime = sqlite3_column_int64 (row, 18);

  return galileo_database_read_state (row, 6, &record->state) && record->id > 0 && record->size >= -1 ? g_steal_pointer (&record) : NULL;
}

typedef struct {
  GPtrArray *records;
  GHashTable *by_id;
  gint64 last_id;
} Loading;

static void
item_row_cb (sqlite3_stmt *row, gpointer data)
{
  Loading *loading = data;
  GalileoRecord *record = read_record (row);

  loading->last_id = MAX (loading->last_id, sqlite3_column_int64 (row, 0));
  if (record == NULL) {
    g_message ("The list of uploads has an item %lld that makes no sense", sqlite3_column_int64 (row, 0));
    return;
  }
  g_ptr_array_add (loading->records, record);
  g_hash_table_insert (loading->by_id, &record->id, record);
}

static void
signal_row_cb (sqlite3_stmt *row, gpointer data)
{
  Loading *loading = data;
  gint64 id = sqlite3_column_int64 (row, 0);
  GalileoRecord *record = g_hash_table_lookup (loading->by_id, &id);

  if (record != NULL)
    g_ptr_array_add (record->signals, galileo_database_dup_text (row, 1));
}

/*
 * Returns all that is there, of GalileoRecord, in the user's order. last_id: the highest that is taken, also by something
 * that can't be understood; 0 if there is none.
 */
GPtrArray *
galileo_database_load (GalileoDatabase *self, gint64 *last_id, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_record_free);
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  Loading loading = { records, by_id, 0 };

  if (!galileo_database_for_each_row (
          self,
          galileo_database_prepare (self,
                                    "SELECT items.id, position, address, uri, items.name, upload_id, state, size, attempt,"
                                    "  error_domain, error_code, error_message, hash, verified, url, finish_time, seconds,"
                                    "  path, mtime"
                                    "  FROM items JOIN sites ON site = sites.id ORDER BY position, items.id",
                                    error),
          item_row_cb,
          &loading,
          error) ||
      !galileo_database_for_each_row (
          self,
          galileo_database_prepare (self, "SELECT item, text FROM signals ORDER BY item, number", error),
          signal_row_cb,
          &loading,
          error))
    return NULL;

  *last_id = loading.last_id;
  return g_steal_pointer (&records);
}

static void
setting_row_cb (sqlite3_stmt *row, gpointer data)
{
  g_hash_table_insert (data, galileo_database_dup_text (row, 0), galileo_database_dup_text (row, 1));
}

/* Returns what galileo_database_put_setting() wrote: char * → char *. */
GHashTable *
galileo_database_load_settings (GalileoDatabase *self, GError **error)
{
  g_autoptr (GHashTable) settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (!galileo_database_for_each_row (self,
                                      galileo_database_prepare (self, "SELECT name, value FROM settings", error),
                                      setting_row_cb,
                                      settings,
                                      error))
    return NULL;

  return g_steal_pointer (&settings);
}

/* Writing */

gboolean
galileo_database_put_setting (GalileoDatabase *self, const char *name, const char *value, GError **error)
{
  sqlite3_stmt *statement = self->statements[GALILEO_SQL_PUT_SETTING];

  galileo_database_bind_text (statement, 1, name);
  galileo_database_bind_text (statement, 2, value);
  return galileo_database_run (self, statement, error);
}

/* Adds a site, or writes what it is now. */
gboolean
galileo_database_put_site (GalileoDatabase *self, const GalileoSiteRecord *record, GError **error)
{
  sqlite3_stmt *statement = self->statements[GALILEO_SQL_PUT_SITE];

  galileo_database_bind_text (statement, 1, record->address);
  galileo_database_bind_text (statement, 2, record->pin);
  sqlite3_bind_int64 (statement, 3, record->max_uploads);
  sqlite3_bind_int64 (statement, 4, (gint64) MIN (record->rate_limit, (guint64) G_MAXINT64));
  galileo_database_bind_text (statement, 5, name_rules[record->name_rule]);
  sqlite3_bind_int (statement, 6, record->keep_folders);
  sqlite3_bind_int (statement, 7, record->reached);
  galileo_database_bind_text (statement, 8, record->name);
  sqlite3_bind_int (statement, 9, record->listed);
  return galileo_database_run (self, statement, error);
}

/* The site's row, made if need be. */
static gboolean
find_site (GalileoDatabase *self, const char *address, gint64 *id, GError **error)
{
  gint64 *known = g_hash_table_lookup (self->sites, address);
  sqlite3_stmt *statement = self->statements[GALILEO_SQL_ADD_SITE];
  gboolean found;

  if (known != NULL) {
    *id = *known;
    return TRUE;
  }

  galileo_database_bind_text (statement, 1, address);
  if (!galileo_database_run (self, statement, error))
    return FALSE;

  statement = self->statements[GALILEO_SQL_FIND_SITE];
  galileo_database_bind_text (statement, 1, address);
  found = sqlite3_step (statement) == SQLITE_ROW || galileo_database_fail (self, error);
  if (found) {
    *id = sqlite3_column_int64 (statement, 0);
    g_hash_table_replace (self->sites, g_strdup (address), g_memdup2 (id, sizeof *id));
  }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return found;
}

/* Adds an item, or writes what it is now. */
gboolean
galileo_database_put (GalileoDatabase *self, const GalileoRecord *record, GError **error)
{
  sqlite3_stmt *statement = self->statements[GALILEO_SQL_PUT_ITEM];
  gint64 site;

  if (!find_site (self, record->address, &site, error))
    return FALSE;

  sqlite3_bind_int64 (statement, 1, record->id);
  sqlite3_bind_double (statement, 2, record->position);
  sqlite3_bind_int64 (statement, 3, site);
  galileo_database_bind_text (statement, 4, record->uri);
  galileo_database_bind_text (statement, 5, record->name);
  galileo_database_bind_text (statement, 6, record->upload_id);
  galileo_database_bind_text (statement, 7, galileo_database_get_state_name (record->state));
  sqlite3_bind_int64 (statement, 8, record->size);
  sqlite3_bind_int64 (statement, 9, record->attempt);
  if (record->error != NULL) {
    galileo_database_bind_text (statement, 10, g_quark_to_string (record->error->domain));
    sqlite3_bind_int (statement, 11, record->error->code);
    galileo_database_bind_text (statement, 12, record->error->message);
  }
  galileo_database_bind_text (statement, 13, record->hash);
  sqlite3_bind_int (statement, 14, record->verified);
  galileo_database_bind_text (statement, 15, record->url);
  sqlite3_bind_int64 (statement, 16, record->finish_time);
  sqlite3_bind_double (statement, 17, record->seconds);
  galileo_database_bind_text (statement, 18, record->path);
  sqlite3_bind_int64 (statement, 19, record->mtime);
  if (!galileo_database_run (self, statement, error))
    return FALSE;

  sqlite3_bind_int64 (self->statements[GALILEO_SQL_DROP_SIGNALS], 1, record->id);
  if (!galileo_database_run (self, self->statements[GALILEO_SQL_DROP_SIGNALS], error))
    return FALSE;

  statement = self->statements[GALILEO_SQL_PUT_SIGNAL];
  for (guint i = 0; i < record->signals->len; i++) {
    sqlite3_bind_int64 (statement, 1, record->id);
    sqlite3_bind_int (statement, 2, (int) i);
    galileo_database_bind_text (statement, 3, g_ptr_array_index (record->signals, i));
    if (!galileo_database_run (self, statement, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
galileo_database_remove (GalileoDatabase *self, gint64 id, GError **error)
{
  sqlite3_bind_int64 (self->statements[GALILEO_SQL_REMOVE_ITEM], 1, id);
  return galileo_database_run (self, self->statements[GALILEO_SQL_REMOVE_ITEM], error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-database.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

enum {
  ADD_SITE,
  FIND_SITE,
  PUT_ITEM,
  DROP_SIGNALS,
  PUT_SIGNAL,
  REMOVE_ITEM,
  N_STATEMENTS
};

/*
 * The queue on the disk: an SQLite database that one program has at a time. For one thread at a time, too; calls block.
 *
 * A commit is on the disk when it returns (synchronous=FULL): an item that was shown survives also a loss of power.
 */
struct _GalileoDatabase {
  sqlite3 *handle;
  char *folder;
  sqlite3_stmt *statements[N_STATEMENTS];
  GHashTable *sites; /* address → Site, of those that are known to be there */
};

typedef struct {
  gint64 id;
  char *pin;
} Site;

static const char *const sql[N_STATEMENTS] = {
  [ADD_SITE] = "INSERT INTO sites (address, pin) VALUES (?1, ?2) ON CONFLICT (address) DO UPDATE SET pin = ?2",
  [FIND_SITE] = "SELECT id FROM sites WHERE address = ?1",
  [PUT_ITEM] = "INSERT INTO items (id, position, site, uri, name, upload_id, state, size, attempt, error_domain,"
               "                   error_code, error_message, hash, verified, url, finish_time, seconds)"
               "  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
               "  ON CONFLICT (id) DO UPDATE SET position = ?2, site = ?3, uri = ?4, name = ?5, upload_id = ?6, state = ?7,"
               "    size = ?8, attempt = ?9, error_domain = ?10, error_code = ?11, error_message = ?12, hash = ?13,"
               "    verified = ?14, url = ?15, finish_time = ?16, seconds = ?17",
  [DROP_SIGNALS] = "DELETE FROM signals WHERE item = ?1",
  [PUT_SIGNAL] = "INSERT INTO signals (item, number, text) VALUES (?1, ?2, ?3)",
  [REMOVE_ITEM] = "DELETE FROM items WHERE id = ?1",
};

/* From each version to the next; the first makes a new database. Never changed once released, only added to. */
static const char *const migrations[] = {
  "CREATE TABLE sites ("
  "  id INTEGER PRIMARY KEY,"
  "  address TEXT NOT NULL UNIQUE,"
  "  pin TEXT"
  ");"
  "CREATE TABLE items ("
  "  id INTEGER PRIMARY KEY,"
  "  position REAL NOT NULL,"
  "  site INTEGER NOT NULL REFERENCES sites,"
  "  uri TEXT NOT NULL,"
  "  name TEXT NOT NULL,"
  "  upload_id TEXT NOT NULL,"
  "  state TEXT NOT NULL,"
  "  size INTEGER NOT NULL,"
  "  attempt INTEGER NOT NULL,"
  "  error_domain TEXT,"
  "  error_code INTEGER,"
  "  error_message TEXT,"
  "  hash TEXT,"
  "  verified INTEGER NOT NULL,"
  "  url TEXT,"
  "  finish_time INTEGER NOT NULL,"
  "  seconds REAL NOT NULL"
  ");"
  "CREATE TABLE signals ("
  "  item INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,"
  "  number INTEGER NOT NULL,"
  "  text TEXT NOT NULL,"
  "  PRIMARY KEY (item, number)"
  ") WITHOUT ROWID;",
};

/* As they stand in the database. */
static const struct {
  const char *name;
  GalileoItemState state;
} states[] = {
  { "waiting", GALILEO_ITEM_WAITING },
  { "failed", GALILEO_ITEM_FAILED },
  { "done", GALILEO_ITEM_DONE },
  { "cancelled", GALILEO_ITEM_CANCELLED },
};

static void
site_free (gpointer data)
{
  Site *site = data;

  g_free (site->pin);
  g_free (site);
}

static void
set_folder_error (GError **error, const char *folder)
{
  g_autofree char *name = g_filename_display_name (folder);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _("The folder “%s” can't be written to"), name);
}

static gboolean
fail (GalileoDatabase *self, GError **error)
{
  int code = self->handle != NULL ? sqlite3_extended_errcode (self->handle) : SQLITE_NOMEM;

  switch (code & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, _("Another program uses the list of uploads"));
    break;
  case SQLITE_FULL:
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, _("The disk is full"));
    break;
  case SQLITE_READONLY:
  case SQLITE_PERM:
  case SQLITE_CANTOPEN:
    set_folder_error (error, self->folder);
    break;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The file is damaged"));
    break;
  default:
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, sqlite3_errmsg (self->handle));
  }
  return FALSE;
}

static gboolean
execute (GalileoDatabase *self, const char *text, GError **error)
{
  return sqlite3_exec (self->handle, text, NULL, NULL, NULL) == SQLITE_OK || fail (self, error);
}

/* Gives the first value of the first row. */
static gboolean
query (GalileoDatabase *self, const char *text, char **value, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean ok;

  ok = sqlite3_prepare_v2 (self->handle, text, -1, &statement, NULL) == SQLITE_OK &&
       sqlite3_step (statement) == SQLITE_ROW;
  if (ok)
    *value = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  else
    fail (self, error);
  sqlite3_finalize (statement);
  return ok;
}

static gboolean
migrate (GalileoDatabase *self, GError **error)
{
  g_autofree char *text = NULL;
  gint64 version;

  if (!query (self, "PRAGMA user_version", &text, error))
    return FALSE;

  version = g_ascii_strtoll (text, NULL, 10);
  if (version < 0 || version > (gint64) G_N_ELEMENTS (migrations)) {
    g_set_error_literal (error,
                         G_IO_ERROR,
                         G_IO_ERROR_NOT_SUPPORTED,
                         _("The list of uploads is one of a newer version of this program"));
    return FALSE;
  }

  for (; version < (gint64) G_N_ELEMENTS (migrations); version++) {
    g_autofree char *step = g_strdup_printf ("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT;",
                                             migrations[version],
                                             (int) version + 1);

    if (!execute (self, step, error))
      return FALSE;
  }
  return TRUE;
}

/* was_cut: whether whoever had it last did not get to close it. */
static gboolean
prepare (GalileoDatabase *self, gboolean was_cut, GError **error)
{
  /* One program has it, so it needs no memory to share with others, and the lock ends with the program. */
  if (!execute (self, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;", error) ||
      !execute (self, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE; COMMIT;", error))
    return FALSE;

  if (was_cut) {
    g_autofree char *verdict = NULL;

    if (!query (self, "PRAGMA integrity_check(1)", &verdict, error))
      return FALSE;
    if (!g_str_equal (verdict, "ok")) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The file is damaged"));
      return FALSE;
    }
  }

  if (!migrate (self, error))
    return FALSE;

  for (guint i = 0; i < N_STATEMENTS; i++) {
    if (sqlite3_prepare_v3 (self->handle, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &self->statements[i], NULL) !=
        SQLITE_OK) {
      /* One that has the version, but not its tables. */
      if (sqlite3_errcode (self->handle) == SQLITE_ERROR)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The file is damaged"));
      else
        fail (self, error);
      return FALSE;
    }
  }
  return TRUE;
}

static GalileoDatabase *
try_open (const char *path, GError **error)
{
  g_autofree char *journal = g_strconcat (path, "-wal", NULL);
  GStatBuf status;
  gboolean was_cut = g_stat (journal, &status) == 0 && status.st_size > 0;
  GalileoDatabase *self = g_new0 (GalileoDatabase, 1);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

  self->folder = g_path_get_dirname (path);
  self->sites = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, site_free);
  if (sqlite3_open_v2 (path, &self->handle, flags, NULL) != SQLITE_OK)
    fail (self, error);
  else if (prepare (self, was_cut, error))
    return self;

  galileo_database_close (self);
  return NULL;
}

/* Moves a damaged file away, with its journal: somebody may still get something out of it. Returns its new name. */
static char *
set_aside_file (const char *path, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *journal = g_strconcat (path, "-wal", NULL);
  g_autofree char *new_path = g_strdup_printf ("%s.damaged-%s", path, time);
  g_autofree char *new_journal = NULL;

  for (guint i = 2; g_file_test (new_path, G_FILE_TEST_EXISTS); i++) {
    g_free (new_path);
    new_path = g_strdup_printf ("%s.damaged-%s-%u", path, time, i);
  }
  new_journal = g_strconcat (new_path, "-wal", NULL);

  if ((g_rename (journal, new_journal) != 0 && errno != ENOENT) || g_rename (path, new_path) != 0) {
    int number = errno;

    g_set_error (error,
                 G_IO_ERROR,
                 (int) g_io_error_from_errno (number),
                 _("The damaged file can't be moved away: %s"),
                 g_strerror (number));
    return NULL;
  }
  return g_steal_pointer (&new_path);
}

/*
 * Opens the database, makes it if there is none, and brings an old one up to date. A damaged one is put aside, and a new one
 * made; set_aside gets the path of the old one then, or NULL. Fails with G_IO_ERROR, BUSY if another program has it.
 */
GalileoDatabase *
galileo_database_open (const char *path, char **set_aside, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) cause = NULL;
  GalileoDatabase *self;

  g_return_val_if_fail (set_aside != NULL, NULL);

  *set_aside = NULL;
  if (g_mkdir_with_parents (folder, 0700) != 0) {
    set_folder_error (error, folder);
    return NULL;
  }

  self = try_open (path, &cause);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_INVALID_DATA)) {
    *set_aside = set_aside_file (path, error);
    return *set_aside != NULL ? try_open (path, error) : NULL;
  }
  if (self == NULL)
    g_propagate_error (error, g_steal_pointer (&cause));

  return self;
}

void
galileo_database_close (GalileoDatabase *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->handle);
  g_hash_table_unref (self->sites);
  g_free (self->folder);
  g_free (self);
}

/* Reading */

static char *
dup_column (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

static gboolean
read_state (sqlite3_stmt *statement, int column, GalileoItemState *state)
{
  const char *name = (const char *) sqlite3_column_text (statement, column);

  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    if (g_strcmp0 (states[i].name, name) == 0) {
      *state = states[i].state;
      return TRUE;
    }
  }
  return FALSE;
}

/* Returns NULL for a row that makes no sense. */
static GalileoRecord *
read_record (sqlite3_stmt *row)
{
  g_autoptr (GalileoRecord) record = galileo_record_new ();
  const char *domain;

  record->id = sqlite3_column_int64 (row, 0);
  record->position = sqlite3_column_double (row, 1);
  record->address = dup_column (row, 2);
  record->pin = dup_column (row, 3);
  record->uri = dup_column (row, 4);
  record->name = dup_column (row, 5);
  record->upload_id = dup_column (row, 6);
  record->size = sqlite3_column_int64 (row, 8);
  record->attempt = (guint) sqlite3_column_int (row, 9);
  domain = (const char *) sqlite3_column_text (row, 10);
  if (domain != NULL)
    record->error = g_error_new_literal (g_quark_from_string (domain),
                                         sqlite3_column_int (row, 11),
                                         (const char *) sqlite3_column_text (row, 12));
  record->hash = dup_column (row, 13);
  record->verified = sqlite3_column_int (row, 14) != 0;
  record->url = dup_column (row, 15);
  record->finish_time = sqlite3_column_int64 (row, 16);
  record->seconds = sqlite3_column_double (row, 17);

  return read_state (row, 7, &record->state) && record->id > 0 && record->size >= -1 ? g_steal_pointer (&record) : NULL;
}

/* Calls function with each row. */
static gboolean
for_each_row (GalileoDatabase *self,
              const char *text,
              void (*function) (sqlite3_stmt *row, gpointer data),
              gpointer data,
              GError **error)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (self->handle, text, -1, &statement, NULL);

  if (code == SQLITE_OK) {
    while ((code = sqlite3_step (statement)) == SQLITE_ROW)
      function (statement, data);
  }
  if (code != SQLITE_DONE)
    fail (self, error);
  sqlite3_finalize (statement);
  return code == SQLITE_DONE;
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
    g_ptr_array_add (record->signals, dup_column (row, 1));
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

  if (!for_each_row (self,
                     "SELECT items.id, position, address, pin, uri, name, upload_id, state, size, attempt, error_domain,"
                     "  error_code, error_message, hash, verified, url, finish_time, seconds"
                     "  FROM items JOIN sites ON site = sites.id ORDER BY position, items.id",
                     item_row_cb,
                     &loading,
                     error) ||
      !for_each_row (self, "SELECT item, text FROM signals ORDER BY item, number", signal_row_cb, &loading, error))
    return NULL;

  *last_id = loading.last_id;
  return g_steal_pointer (&records);
}

/* Writing */

static void
bind_text (sqlite3_stmt *statement, int parameter, const char *text)
{
  /* It stays as long as the statement needs it. */
  sqlite3_bind_text (statement, parameter, text, -1, SQLITE_STATIC);
}

static gboolean
run (GalileoDatabase *self, sqlite3_stmt *statement, GError **error)
{
  gboolean ok = sqlite3_step (statement) == SQLITE_DONE || fail (self, error);

  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return ok;
}

/* What follows is written together with commit, or not at all. */
gboolean
galileo_database_begin (GalileoDatabase *self, GError **error)
{
  return execute (self, "BEGIN IMMEDIATE", error);
}

gboolean
galileo_database_commit (GalileoDatabase *self, GError **error)
{
  return execute (self, "COMMIT", error);
}

/* Forgets what was written since begin. */
void
galileo_database_undo (GalileoDatabase *self)
{
  g_hash_table_remove_all (self->sites);
  if (!sqlite3_get_autocommit (self->handle))
    (void) execute (self, "ROLLBACK", NULL);
}

/* The site's row, made or brought up to date if need be. */
static gboolean
find_site (GalileoDatabase *self, const char *address, const char *pin, gint64 *id, GError **error)
{
  Site *site = g_hash_table_lookup (self->sites, address);
  sqlite3_stmt *statement = self->statements[ADD_SITE];
  gboolean found;

  if (site != NULL && g_strcmp0 (site->pin, pin) == 0) {
    *id = site->id;
    return TRUE;
  }

  bind_text (statement, 1, address);
  bind_text (statement, 2, pin);
  if (!run (self, statement, error))
    return FALSE;

  statement = self->statements[FIND_SITE];
  bind_text (statement, 1, address);
  found = sqlite3_step (statement) == SQLITE_ROW || fail (self, error);
  if (found) {
    *id = sqlite3_column_int64 (statement, 0);
    site = g_new0 (Site, 1);
    site->id = *id;
    site->pin = g_strdup (pin);
    g_hash_table_replace (self->sites, g_strdup (address), site);
  }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return found;
}

static const char *
get_state_name (GalileoItemState state)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    if (states[i].state == state)
      return states[i].name;
  }
  g_return_val_if_reached ("waiting");
}

/* Adds an item, or writes what it is now. */
gboolean
galileo_database_put (GalileoDatabase *self, const GalileoRecord *record, GError **error)
{
  sqlite3_stmt *statement = self->statements[PUT_ITEM];
  gint64 site;

  if (!find_site (self, record->address, record->pin, &site, error))
    return FALSE;

  sqlite3_bind_int64 (statement, 1, record->id);
  sqlite3_bind_double (statement, 2, record->position);
  sqlite3_bind_int64 (statement, 3, site);
  bind_text (statement, 4, record->uri);
  bind_text (statement, 5, record->name);
  bind_text (statement, 6, record->upload_id);
  bind_text (statement, 7, get_state_name (record->state));
  sqlite3_bind_int64 (statement, 8, record->size);
  sqlite3_bind_int64 (statement, 9, record->attempt);
  if (record->error != NULL) {
    bind_text (statement, 10, g_quark_to_string (record->error->domain));
    sqlite3_bind_int (statement, 11, record->error->code);
    bind_text (statement, 12, record->error->message);
  }
  bind_text (statement, 13, record->hash);
  sqlite3_bind_int (statement, 14, record->verified);
  bind_text (statement, 15, record->url);
  sqlite3_bind_int64 (statement, 16, record->finish_time);
  sqlite3_bind_double (statement, 17, record->seconds);
  if (!run (self, statement, error))
    return FALSE;

  sqlite3_bind_int64 (self->statements[DROP_SIGNALS], 1, record->id);
  if (!run (self, self->statements[DROP_SIGNALS], error))
    return FALSE;

  statement = self->statements[PUT_SIGNAL];
  for (guint i = 0; i < record->signals->len; i++) {
    sqlite3_bind_int64 (statement, 1, record->id);
    sqlite3_bind_int (statement, 2, (int) i);
    bind_text (statement, 3, g_ptr_array_index (record->signals, i));
    if (!run (self, statement, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
galileo_database_remove (GalileoDatabase *self, gint64 id, GError **error)
{
  sqlite3_bind_int64 (self->statements[REMOVE_ITEM], 1, id);
  return run (self, self->statements[REMOVE_ITEM], error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-database-private.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

/*
 * The queue on the disk: an SQLite database that one program has at a time. For one thread at a time, too; calls block.
 *
 * A commit is on the disk when it returns (synchronous=FULL): an item that was shown survives also a loss of power.
 */

static const char *const sql[GALILEO_SQL_N_STATEMENTS] = {
  [GALILEO_SQL_PUT_SITE] =
      "INSERT INTO sites (address, pin, max_uploads, rate_limit, name_rule, keep_folders, reached, name, listed)"
      "  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
      "  ON CONFLICT (address) DO UPDATE SET pin = ?2, max_uploads = ?3, rate_limit = ?4, name_rule = ?5,"
      "    keep_folders = ?6, reached = ?7, name = ?8, listed = ?9",
  [GALILEO_SQL_ADD_SITE] = "INSERT INTO sites (address) VALUES (?1) ON CONFLICT (address) DO NOTHING",
  [GALILEO_SQL_FIND_SITE] = "SELECT id FROM sites WHERE address = ?1",
  [GALILEO_SQL_PUT_ITEM] =
      "INSERT INTO items (id, position, site, uri, name, upload_id, state, size, attempt, error_domain,"
      "                   error_code, error_message, hash, verified, url, finish_time, seconds, path, mtime)"
      "  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)"
      "  ON CONFLICT (id) DO UPDATE SET position = ?2, site = ?3, uri = ?4, name = ?5, upload_id = ?6, state = ?7,"
      "    size = ?8, attempt = ?9, error_domain = ?10, error_code = ?11, error_message = ?12, hash = ?13,"
      "    verified = ?14, url = ?15, finish_time = ?16, seconds = ?17, path = ?18, mtime = ?19",
  [GALILEO_SQL_DROP_SIGNALS] = "DELETE FROM signals WHERE item = ?1",
  [GALILEO_SQL_PUT_SIGNAL] = "INSERT INTO signals (item, number, text) VALUES (?1, ?2, ?3)",
  [GALILEO_SQL_REMOVE_ITEM] = "DELETE FROM items WHERE id = ?1",
  [GALILEO_SQL_PUT_SETTING] =
      "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
  [GALILEO_SQL_ADD_HISTORY] =
      "INSERT INTO history (time, address, uri, name, path, state, size, attempt, seconds, error_message, hash,"
      "                     verified, url, signals)"
      "  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
  [GALILEO_SQL_DROP_OLD_HISTORY] = "DELETE FROM history WHERE time < ?1",
  [GALILEO_SQL_DROP_MUCH_HISTORY] =
      "DELETE FROM history WHERE id <= (SELECT id FROM history ORDER BY id DESC LIMIT 1 OFFSET ?1)",
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

  "ALTER TABLE sites ADD COLUMN max_uploads INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE sites ADD COLUMN rate_limit INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE sites ADD COLUMN name_rule TEXT NOT NULL DEFAULT 'ask';"
  "ALTER TABLE sites ADD COLUMN keep_folders INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE sites ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE items ADD COLUMN path TEXT;"
  "ALTER TABLE items ADD COLUMN mtime INTEGER NOT NULL DEFAULT 0;"
  "CREATE TABLE settings ("
  "  name TEXT PRIMARY KEY,"
  "  value TEXT NOT NULL"
  ") WITHOUT ROWID;"
  "CREATE TABLE history ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  time INTEGER NOT NULL,"
  "  address TEXT NOT NULL,"
  "  uri TEXT NOT NULL,"
  "  name TEXT NOT NULL,"
  "  path TEXT,"
  "  state TEXT NOT NULL,"
  "  size INTEGER NOT NULL,"
  "  attempt INTEGER NOT NULL,"
  "  seconds REAL NOT NULL,"
  "  error_message TEXT,"
  "  hash TEXT,"
  "  verified INTEGER NOT NULL,"
  "  url TEXT,"
  "  signals TEXT"
  ");"
  "CREATE INDEX history_by_time ON history (time);",

  "ALTER TABLE sites ADD COLUMN name TEXT;"
  "ALTER TABLE sites ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;",
};

/* As they stand in the database. */
static const struct {
  const char *name;
  GalileoItemState state;
} states[] = {
  { "waiting", GALILEO_ITEM_WAITING },
  { "paused", GALILEO_ITEM_PAUSED },
  { "failed", GALILEO_ITEM_FAILED },
  { "done", GALILEO_ITEM_DONE },
  { "cancelled", GALILEO_ITEM_CANCELLED },
};

static void
set_folder_error (GError **error, const char *folder)
{
  g_autofree char *name = g_filename_display_name (folder);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _("The folder “%s” can't be written to"), name);
}

/* Says what went wrong with the last call. */
gboolean
galileo_database_fail (GalileoDatabase *self, GError **error)
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
  return sqlite3_exec (self->handle, text, NULL, NULL, NULL) == SQLITE_OK || galileo_database_fail (self, error);
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
    galileo_database_fail (self, error);
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

static gboolean
prepare (GalileoDatabase *self, gboolean check, GError **error)
{
  /* One program has it, so it needs no memory to share with others, and the lock ends with the program. */
  if (!execute (self, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;", error) ||
      !execute (self, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE; COMMIT;", error))
    return FALSE;

  if (check) {
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

  for (guint i = 0; i < GALILEO_SQL_N_STATEMENTS; i++) {
    if (sqlite3_prepare_v3 (self->handle, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &self->statements[i], NULL) !=
        SQLITE_OK) {
      /* One that has the version, but not its tables. */
      if (sqlite3_errcode (self->handle) == SQLITE_ERROR)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The file is damaged"));
      else
        galileo_database_fail (self, error);
      return FALSE;
    }
  }
  return TRUE;
}

/* check: look for damage in any case, not only if whoever had it last did not get to close it. */
static GalileoDatabase *
try_open (const char *path, gboolean check, GError **error)
{
  g_autofree char *journal = g_strconcat (path, "-wal", NULL);
  GStatBuf status;
  gboolean was_cut = g_stat (journal, &status) == 0 && status.st_size > 0;
  GalileoDatabase *self = g_new0 (GalileoDatabase, 1);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

  self->folder = g_path_get_dirname (path);
  self->sites = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (sqlite3_open_v2 (path, &self->handle, flags, NULL) != SQLITE_OK)
    galileo_database_fail (self, error);
  else if (prepare (self, check || was_cut, error))
    return self;

  galileo_database_close (self);
  return NULL;
}

static gboolean
can_be_read (const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *contents = NULL;

  if (g_file_get_contents (path, &contents, NULL, &cause) || g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, cause->message);
  return FALSE;
}

/*
 * As try_open(), but a damaged one is opened again: SQLite says the same of one that the disk could not read, be it for
 * a moment or for good. Such a one must not be put aside.
 */
static GalileoDatabase *
try_open_twice (const char *path, GError **error)
{
  g_autofree char *journal = g_strconcat (path, "-wal", NULL);
  g_autoptr (GError) cause = NULL;
  GalileoDatabase *self = try_open (path, FALSE, &cause);

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    return can_be_read (path, error) && can_be_read (journal, error) ? try_open (path, TRUE, error) : NULL;

  if (self == NULL)
    g_propagate_error (error, g_steal_pointer (&cause));
  return self;
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

/* Nobody will see the damaged file in this place any more, so this must be said even if there is no new one. */
static GalileoDatabase *
begin_anew (const char *path, const char *set_aside, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GalileoDatabase *self = try_open (path, FALSE, &cause);

  if (self == NULL)
    g_set_error (error,
                 cause->domain,
                 cause->code,
                 _("It was damaged, and is kept as “%s”; a new one can't be made: %s"),
                 set_aside,
                 cause->message);
  return self;
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

  self = try_open_twice (path, &cause);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_INVALID_DATA)) {
    *set_aside = set_aside_file (path, error);
    return *set_aside != NULL ? begin_anew (path, *set_aside, error) : NULL;
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

  for (guint i = 0; i < GALILEO_SQL_N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->handle);
  g_hash_table_unref (self->sites);
  g_free (self->folder);
  g_free (self);
}

/* What the parts share */

sqlite3_stmt *
galileo_database_prepare (GalileoDatabase *self, const char *text, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (self->handle, text, -1, &statement, NULL) != SQLITE_OK)
    galileo_database_fail (self, error);
  return statement;
}

/* Calls function with each row. statement: taken. */
gboolean
galileo_database_for_each_row (GalileoDatabase *self,
                               sqlite3_stmt *statement,
                               void (*function) (sqlite3_stmt *row, gpointer data),
                               gpointer data,
                               GError **error)
{
  int code;

  if (statement == NULL)
    return FALSE;

  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    function (statement, data);
  if (code != SQLITE_DONE)
    galileo_database_fail (self, error);
  sqlite3_finalize (statement);
  return code == SQLITE_DONE;
}

/* Runs one of the prepared statements. */
gboolean
galileo_database_run (GalileoDatabase *self, sqlite3_stmt *statement, GError **error)
{
  gboolean ok = sqlite3_step (statement) == SQLITE_DONE || galileo_database_fail (self, error);

  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return ok;
}

/* text: stays as long as the statement needs it. */
void
galileo_database_bind_text (sqlite3_stmt *statement, int parameter, const char *text)
{
  sqlite3_bind_text (statement, parameter, text, -1, SQLITE_STATIC);
}

char *
galileo_database_dup_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

gboolean
galileo_database_read_state (sqlite3_stmt *statement, int column, GalileoItemState *state)
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

const char *
galileo_database_get_state_name (GalileoItemState state)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    if (states[i].state == state)
      return states[i].name;
  }
  g_return_val_if_reached ("waiting");
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

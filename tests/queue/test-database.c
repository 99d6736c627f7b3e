/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-database.h"

#include "galileo/galileo-error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("galileo-database-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "state", "queue.db", NULL);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    if (g_file_test (child, G_FILE_TEST_IS_DIR))
      remove_folder (child);
    else
      g_assert_cmpint (g_unlink (child), ==, 0);
  }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static GalileoDatabase *
open_good (Fixture *fixture)
{
  g_autofree char *set_aside = NULL;
  g_autoptr (GError) error = NULL;
  GalileoDatabase *database = galileo_database_open (fixture->path, &set_aside, &error);

  g_assert_no_error (error);
  g_assert_nonnull (database);
  g_assert_null (set_aside);
  return database;
}

static GalileoRecord *
make_record (gint64 id, double position)
{
  GalileoRecord *record = galileo_record_new ();

  record->id = id;
  record->position = position;
  record->address = g_strdup ("wss://example.org/upload");
  record->uri = g_strdup_printf ("file:///tmp/a%%20%" G_GINT64_FORMAT, id);
  record->name = g_strdup_printf ("ä \"%" G_GINT64_FORMAT "\"\n", id);
  record->upload_id = g_strdup ("id");
  return record;
}

static void
put (GalileoDatabase *database, GalileoRecord *record)
{
  g_autoptr (GError) error = NULL;

  galileo_database_begin (database, &error);
  g_assert_no_error (error);
  galileo_database_put (database, record, &error);
  g_assert_no_error (error);
  galileo_database_commit (database, &error);
  g_assert_no_error (error);
  galileo_record_free (record);
}

static GPtrArray *
load (GalileoDatabase *database)
{
  g_autoptr (GError) error = NULL;
  gint64 last_id;
  GPtrArray *records = galileo_database_load (database, &last_id, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < records->len; i++)
    g_assert_cmpint (((GalileoRecord *) records->pdata[i])->id, <=, last_id);
  return records;
}

static void
test_everything_is_kept (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoDatabase) database = open_good (fixture);
  GalileoRecord *record = make_record (7, 2.5);
  const GalileoRecord *read;

  record->path = g_strdup ("album/day 1");
  record->mtime = G_GINT64_CONSTANT (1780000000123456);
  record->state = GALILEO_ITEM_FAILED;
  record->size = G_GINT64_CONSTANT (5000000000);
  record->attempt = 4;
  record->error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_REFUSED, "The site refused it: “no”");
  g_ptr_array_add (record->signals, g_strdup ("{\"error\":\"first\"}"));
  g_ptr_array_add (record->signals, g_strdup ("{\"error\":\"second\",\"fatal\":true}"));
  record->hash = g_strdup ("00ff");
  record->verified = TRUE;
  record->url = g_strdup ("https://example.org/7");
  record->finish_time = G_GINT64_CONSTANT (1790000000123456);
  record->seconds = 1.5;
  put (database, record);
  put (database, make_record (3, 1));

  for (int i = 0; i < 2; i++) {
    g_autoptr (GPtrArray) records = load (database);

    g_assert_cmpuint (records->len, ==, 2);
    read = g_ptr_array_index (records, 0);
    g_assert_cmpint (read->id, ==, 3);
    g_assert_cmpint (read->state, ==, GALILEO_ITEM_WAITING);
    g_assert_cmpint (read->size, ==, -1);
    g_assert_null (read->error);
    g_assert_null (read->hash);
    g_assert_null (read->url);
    g_assert_cmpint (read->finish_time, ==, 0);

    read = g_ptr_array_index (records, 1);
    g_assert_cmpint (read->id, ==, 7);
    g_assert_cmpfloat (read->position, ==, 2.5);
    g_assert_cmpstr (read->address, ==, "wss://example.org/upload");
    g_assert_cmpstr (read->uri, ==, "file:///tmp/a%207");
    g_assert_cmpstr (read->name, ==, "ä \"7\"\n");
    g_assert_cmpstr (read->upload_id, ==, "id");
    g_assert_cmpint (read->state, ==, GALILEO_ITEM_FAILED);
    g_assert_cmpint (read->size, ==, G_GINT64_CONSTANT (5000000000));
    g_assert_cmpuint (read->attempt, ==, 4);
    g_assert_error (read->error, GALILEO_ERROR, GALILEO_ERROR_REFUSED);
    g_assert_cmpstr (read->error->message, ==, "The site refused it: “no”");
    g_assert_cmpuint (read->signals->len, ==, 2);
    g_assert_cmpstr (g_ptr_array_index (read->signals, 1), ==, "{\"error\":\"second\",\"fatal\":true}");
    g_assert_cmpstr (read->hash, ==, "00ff");
    g_assert_true (read->verified);
    g_assert_cmpstr (read->url, ==, "https://example.org/7");
    g_assert_cmpint (read->finish_time, ==, G_GINT64_CONSTANT (1790000000123456));
    g_assert_cmpfloat (read->seconds, ==, 1.5);
    g_assert_cmpstr (read->path, ==, "album/day 1");
    g_assert_cmpint (read->mtime, ==, G_GINT64_CONSTANT (1780000000123456));

    g_clear_pointer (&database, galileo_database_close);
    database = open_good (fixture);
  }
}

static void
test_changed_and_removed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoDatabase) database = open_good (fixture);
  g_autoptr (GPtrArray) records = NULL;
  GalileoRecord *record;
  g_autoptr (GError) error = NULL;

  for (gint64 id = 1; id <= 3; id++) {
    record = make_record (id, (double) id);
    g_ptr_array_add (record->signals, g_strdup ("{\"error\":1}"));
    put (database, record);
  }
  record = make_record (3, 0.5);
  record->state = GALILEO_ITEM_DONE;
  put (database, record);

  galileo_database_begin (database, &error);
  galileo_database_remove (database, 2, &error);
  galileo_database_remove (database, 99, &error);
  galileo_database_commit (database, &error);
  g_assert_no_error (error);

  records = load (database);
  g_assert_cmpuint (records->len, ==, 2);
  g_assert_cmpint (((GalileoRecord *) records->pdata[0])->id, ==, 3);
  g_assert_cmpint (((GalileoRecord *) records->pdata[0])->state, ==, GALILEO_ITEM_DONE);
  g_assert_cmpuint (((GalileoRecord *) records->pdata[0])->signals->len, ==, 0);
  g_assert_cmpuint (((GalileoRecord *) records->pdata[1])->signals->len, ==, 1);
}

static void
execute (Fixture *fixture, const char *sql)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  sqlite3 *handle;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_cmpint (sqlite3_open (fixture->path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (handle);
}

static void
begin (GalileoDatabase *database)
{
  g_autoptr (GError) error = NULL;

  galileo_database_begin (database, &error);
  g_assert_no_error (error);
}

static void
commit (GalileoDatabase *database)
{
  g_autoptr (GError) error = NULL;

  galileo_database_commit (database, &error);
  g_assert_no_error (error);
}

static void
test_sites_and_settings (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoDatabase) database = open_good (fixture);
  GalileoSiteRecord site = { .address = (char *) "wss://example.org/upload", .listed = TRUE };
  g_autoptr (GError) error = NULL;

  /* An item may come first: it brings a site with the usual numbers. */
  put (database, make_record (1, 1));
  for (int i = 0; i < 2; i++) {
    g_autoptr (GPtrArray) sites = galileo_database_load_sites (database, &error);
    const GalileoSiteRecord *read;

    g_assert_no_error (error);
    g_assert_cmpuint (sites->len, ==, 1);
    read = g_ptr_array_index (sites, 0);
    g_assert_cmpstr (read->address, ==, site.address);
    g_assert_cmpstr (read->pin, ==, site.pin);
    g_assert_cmpuint (read->max_uploads, ==, site.max_uploads);
    g_assert_cmpuint (read->rate_limit, ==, site.rate_limit);
    g_assert_cmpint (read->name_rule, ==, site.name_rule);
    g_assert_cmpint (read->keep_folders, ==, site.keep_folders);
    g_assert_cmpint (read->reached, ==, site.reached);
    g_assert_cmpint (read->listed, ==, site.listed);
    g_assert_cmpstr (read->name, ==, site.name);

    site.pin = (char *) "AA:BB";
    site.max_uploads = 7;
    site.rate_limit = G_GUINT64_CONSTANT (5000000000);
    site.name_rule = GALILEO_NAME_RULE_SKIP;
    site.keep_folders = TRUE;
    site.reached = TRUE;
    site.listed = FALSE;
    site.name = (char *) "Parish";
    begin (database);
    g_assert_true (galileo_database_put_site (database, &site, &error));
    g_assert_true (galileo_database_put_setting (database, "paused", "true", &error));
    g_assert_true (galileo_database_put_setting (database, "paused", i == 0 ? "false" : "true", &error));
    commit (database);
    g_clear_pointer (&database, galileo_database_close);
    database = open_good (fixture);
  }

  {
    g_autoptr (GHashTable) settings = galileo_database_load_settings (database, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (g_hash_table_size (settings), ==, 1);
    g_assert_cmpstr (g_hash_table_lookup (settings, "paused"), ==, "true");
  }
}

static void
add_history (GalileoDatabase *database, gint64 id, const char *name, gint64 time, GalileoItemState state)
{
  g_autoptr (GalileoRecord) record = make_record (id, (double) id);
  g_autoptr (GError) error = NULL;

  g_free (record->name);
  record->name = g_strdup (name);
  record->state = state;
  record->finish_time = time;
  record->size = 100 * id;
  record->seconds = 0.5;
  if (state == GALILEO_ITEM_FAILED) {
    record->error = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_REFUSED, "50% are enough");
    g_ptr_array_add (record->signals, g_strdup ("{\"error\":\"a\\nb\"}"));
    g_ptr_array_add (record->signals, g_strdup ("{\"error\":\"c\"}"));
  }
  g_assert_true (galileo_database_add_history (database, record, &error));
  g_assert_no_error (error);
}

static guint
search (GalileoDatabase *database, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = galileo_database_search_history (database, text, 1000, &error);

  g_assert_no_error (error);
  return found->len;
}

static void
test_history (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoDatabase) database = open_good (fixture);
  gint64 now = g_get_real_time ();
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) error = NULL;
  const GalileoRecord *read;

  begin (database);
  add_history (database, 1, "Old.jpg", now - G_GINT64_CONSTANT (91) * 24 * 60 * 60 * G_USEC_PER_SEC, GALILEO_ITEM_DONE);
  add_history (database, 2, "photo_1.jpg", now - 2, GALILEO_ITEM_DONE);
  add_history (database, 3, "photo 1.jpg", now - 1, GALILEO_ITEM_FAILED);
  commit (database);

  all = galileo_database_search_history (database, "", 1000, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 3);
  read = g_ptr_array_index (all, 0);
  g_assert_cmpstr (read->name, ==, "photo 1.jpg");
  g_assert_cmpint (read->state, ==, GALILEO_ITEM_FAILED);
  g_assert_cmpstr (read->error->message, ==, "50% are enough");
  g_assert_cmpuint (read->signals->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (read->signals, 0), ==, "{\"error\":\"a\\nb\"}");
  g_assert_cmpint (read->size, ==, 300);
  g_assert_cmpfloat (read->seconds, ==, 0.5);
  g_assert_cmpint (read->finish_time, ==, now - 1);
  g_assert_cmpstr (read->address, ==, "wss://example.org/upload");

  g_assert_cmpuint (search (database, "PHOTO"), ==, 2);
  /* What LIKE would take for a pattern is text. */
  g_assert_cmpuint (search (database, "o_1"), ==, 1);
  g_assert_cmpuint (search (database, "50% are"), ==, 1);
  g_assert_cmpuint (search (database, "%"), ==, 1);
  g_assert_cmpuint (search (database, "\\"), ==, 0);
  g_assert_cmpuint (search (database, "example.org"), ==, 3);

  begin (database);
  g_assert_true (galileo_database_trim_history (database, 10, 90, &error));
  commit (database);
  g_assert_cmpuint (search (database, ""), ==, 2);
  g_assert_cmpuint (search (database, "old"), ==, 0);
  begin (database);
  g_assert_true (galileo_database_trim_history (database, 1, 90, &error));
  commit (database);
  g_assert_cmpuint (search (database, ""), ==, 1);
  g_assert_cmpuint (search (database, "photo 1"), ==, 1);
  begin (database);
  g_assert_true (galileo_database_clear_history (database, &error));
  commit (database);
  g_assert_cmpuint (search (database, ""), ==, 0);
}

/* A database as the first version made it. */
static void
test_first_version (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "queue", "queue-1.sql", NULL);
  g_autoptr (GalileoDatabase) database = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GPtrArray) sites = NULL;
  g_autoptr (GError) error = NULL;
  const GalileoRecord *read;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  execute (fixture, text);

  database = open_good (fixture);
  records = load (database);
  g_assert_cmpuint (records->len, ==, 2);
  read = g_ptr_array_index (records, 0);
  g_assert_cmpstr (read->name, ==, "first.jpg");
  g_assert_cmpint (read->state, ==, GALILEO_ITEM_DONE);
  g_assert_cmpstr (read->hash, ==, "00ff");
  g_assert_null (read->path);
  g_assert_cmpint (read->mtime, ==, 0);
  read = g_ptr_array_index (records, 1);
  g_assert_cmpstr (read->name, ==, "second.jpg");
  g_assert_cmpint (read->state, ==, GALILEO_ITEM_WAITING);
  g_assert_cmpuint (read->signals->len, ==, 1);

  sites = galileo_database_load_sites (database, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sites->len, ==, 1);
  g_assert_cmpstr (((GalileoSiteRecord *) sites->pdata[0])->pin, ==, "AA:BB");
  g_assert_cmpint (((GalileoSiteRecord *) sites->pdata[0])->name_rule, ==, GALILEO_NAME_RULE_ASK);
  g_assert_null (((GalileoSiteRecord *) sites->pdata[0])->name);
  g_assert_true (((GalileoSiteRecord *) sites->pdata[0])->listed);
}

/* What is undone is gone, also the site that was known meanwhile. */
static void
test_undone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoDatabase) database = open_good (fixture);
  g_autoptr (GalileoRecord) record = make_record (1, 1);
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (galileo_database_begin (database, &error));
  g_assert_true (galileo_database_put (database, record, &error));
  galileo_database_undo (database);
  put (database, make_record (2, 2));

  records = load (database);
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpint (((GalileoRecord *) records->pdata[0])->id, ==, 2);
}

static void
test_one_program_at_a_time (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoDatabase) database = open_good (fixture);
  g_autofree char *set_aside = NULL;
  g_autoptr (GError) error = NULL;

  put (database, make_record (1, 1));
  g_assert_null (galileo_database_open (fixture->path, &set_aside, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_null (set_aside);

  g_clear_pointer (&database, galileo_database_close);
  database = open_good (fixture);
}

static void
test_newer_version (Fixture *fixture, gconstpointer data)
{
  g_autofree char *set_aside = NULL;
  g_autoptr (GError) error = NULL;

  galileo_database_close (open_good (fixture));
  execute (fixture, "PRAGMA user_version = 1000");
  g_assert_null (galileo_database_open (fixture->path, &set_aside, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_null (set_aside);
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

/* A row that a newer version might have written does not keep the others from being read. */
static void
test_strange_row (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoDatabase) database = open_good (fixture);
  g_autoptr (GPtrArray) records = NULL;
  gint64 last_id;

  put (database, make_record (1, 1));
  put (database, make_record (2, 2));
  g_clear_pointer (&database, galileo_database_close);
  execute (fixture, "UPDATE items SET state = 'sleeping' WHERE id = 2");

  database = open_good (fixture);
  records = galileo_database_load (database, &last_id, NULL);
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpint (last_id, ==, 2);
}

typedef enum {
  GARBAGE,
  BAD_PAGE,
  WRONG_TABLES,
} Damage;

static void
damage (Fixture *fixture, Damage kind)
{
  g_autofree char *contents = NULL;
  gsize length;

  switch (kind) {
  case GARBAGE:
    g_assert_true (g_file_set_contents (fixture->path, "This is no database, and never was one.", -1, NULL));
    break;
  case BAD_PAGE:
    /* Seen by the check only: what is done at opening does not read that far. */
    g_assert_true (g_file_get_contents (fixture->path, &contents, &length, NULL));
    memset (contents + length - 3000, 0x5a, 3000);
    g_assert_true (g_file_set_contents (fixture->path, contents, (gssize) length, NULL));
    break;
  case WRONG_TABLES:
    execute (fixture, "DROP TABLE signals; DROP TABLE items; CREATE TABLE items (id INTEGER)");
    break;
  default:
    g_assert_not_reached ();
  }
}

/* What a cut leaves behind, so that the next one checks. */
static void
leave_journal (Fixture *fixture)
{
  g_autofree char *journal = g_strconcat (fixture->path, "-wal", NULL);

  g_assert_true (g_file_set_contents (journal, "x", 1, NULL));
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  Damage kind = (Damage) GPOINTER_TO_INT (data);
  g_autoptr (GalileoDatabase) database = open_good (fixture);
  g_autoptr (GPtrArray) records = NULL;
  g_autofree char *set_aside = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize length_before, length_after;

  for (gint64 id = 1; id <= 100; id++)
    put (database, make_record (id, (double) id));
  g_clear_pointer (&database, galileo_database_close);
  damage (fixture, kind);
  leave_journal (fixture);
  g_file_get_contents (fixture->path, &before, &length_before, NULL);

  database = galileo_database_open (fixture->path, &set_aside, &error);
  g_assert_no_error (error);
  g_assert_nonnull (set_aside);
  g_file_get_contents (set_aside, &after, &length_after, NULL);
  g_assert_cmpmem (before, length_before, after, length_after);

  records = load (database);
  g_assert_cmpuint (records->len, ==, 0);
  put (database, make_record (1, 1));
}

static void
test_folder_is_no_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "file", "queue.db", NULL);
  g_autofree char *file = g_build_filename (fixture->folder, "file", NULL);
  g_autofree char *set_aside = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_null (galileo_database_open (path, &set_aside, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

/* Nothing of a commit that the disk has no room for is there afterwards, and what fits later is written. */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalileoDatabase) database = open_good (fixture);
  g_autoptr (GPtrArray) records = NULL;
  struct rlimit old, limit;
  gboolean ok = TRUE;
  g_autoptr (GError) error = NULL;

  put (database, make_record (1, 1));

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  limit = old;
  limit.rlim_cur = 200000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  galileo_database_begin (database, &error);
  for (gint64 id = 2; ok && id <= 20000; id++) {
    g_autoptr (GalileoRecord) record = make_record (id, (double) id);

    ok = galileo_database_put (database, record, &error);
  }
  ok = ok && galileo_database_commit (database, &error);
  g_assert_false (ok);
  g_assert_nonnull (error);
  galileo_database_undo (database);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);

  put (database, make_record (2, 2));
  records = load (database);
  g_assert_cmpuint (records->len, ==, 2);
  g_clear_pointer (&records, g_ptr_array_unref);
  g_clear_pointer (&database, galileo_database_close);
  database = open_good (fixture);
  records = load (database);
  g_assert_cmpuint (records->len, ==, 2);
}

#define ADD(name, function, data) g_test_add ("/database/" name, Fixture, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("sites-and-settings", test_sites_and_settings, NULL);
  ADD ("history", test_history, NULL);
  ADD ("first-version", test_first_version, NULL);
  ADD ("everything-is-kept", test_everything_is_kept, NULL);
  ADD ("changed-and-removed", test_changed_and_removed, NULL);
  ADD ("undone", test_undone, NULL);
  ADD ("one-program-at-a-time", test_one_program_at_a_time, NULL);
  ADD ("newer-version", test_newer_version, NULL);
  ADD ("strange-row", test_strange_row, NULL);
  ADD ("damaged/garbage", test_damaged, GINT_TO_POINTER (GARBAGE));
  ADD ("damaged/bad-page", test_damaged, GINT_TO_POINTER (BAD_PAGE));
  ADD ("damaged/wrong-tables", test_damaged, GINT_TO_POINTER (WRONG_TABLES));
  ADD ("folder-is-no-folder", test_folder_is_no_folder, NULL);
  ADD ("full-disk", test_full_disk, NULL);

  return g_test_run ();
}

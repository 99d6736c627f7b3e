/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-database.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/* The database's parts: galileo-database.c opens it and holds it together, galileo-database-items.c has the queue's items and
 * sites, galileo-database-history.c what has ended. */

typedef enum {
  GALILEO_SQL_PUT_SITE,
  GALILEO_SQL_ADD_SITE,
  GALILEO_SQL_FIND_SITE,
  GALILEO_SQL_PUT_ITEM,
  GALILEO_SQL_DROP_SIGNALS,
  GALILEO_SQL_PUT_SIGNAL,
  GALILEO_SQL_REMOVE_ITEM,
  GALILEO_SQL_PUT_SETTING,
  GALILEO_SQL_ADD_HISTORY,
  GALILEO_SQL_DROP_OLD_HISTORY,
  GALILEO_SQL_DROP_MUCH_HISTORY,
  GALILEO_SQL_N_STATEMENTS
} GalileoSql;

struct _GalileoDatabase {
  sqlite3 *handle;
  char *folder;
  sqlite3_stmt *statements[GALILEO_SQL_N_STATEMENTS];
  GHashTable *sites; /* address → id, of those that are known to be there */
};

gboolean galileo_database_fail         (GalileoDatabase *self,
                                        GError         **error);
gboolean galileo_database_run          (GalileoDatabase *self,
                                        sqlite3_stmt    *statement,
                                        GError         **error);
gboolean galileo_database_for_each_row (GalileoDatabase *self,
                                        sqlite3_stmt    *statement,
                                        void           (*function) (sqlite3_stmt *row, gpointer data),
                                        gpointer         data,
                                        GError         **error);
sqlite3_stmt *galileo_database_prepare (GalileoDatabase *self,
                                        const char      *text,
                                        GError         **error);
void     galileo_database_bind_text    (sqlite3_stmt    *statement,
                                        int              parameter,
                                        const char      *text);
char    *galileo_database_dup_text     (sqlite3_stmt    *statement,
                                        int              column);
const char *galileo_database_get_state_name (GalileoItemState state);
gboolean galileo_database_read_state   (sqlite3_stmt    *statement,
                                        int              column,
                                        GalileoItemState *state);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver-memory.h"

#include <fcntl.h>
#include <sys/stat.h>

/*
 * Which uploads were stored lately. A client whose connection breaks just before the close reaches it can't know that its
 * file is there, and comes back with the same key: it is told so, and does not send everything once more to be stored under
 * a second name.
 */
struct _ReceiverMemory {
  GHashTable *records; /* key → ReceiverRecord */
  GQueue order;        /* of the same, the oldest first */
  guint most;
};

static void
record_free (gpointer data)
{
  ReceiverRecord *record = data;

  g_free (record->key);
  g_free (record->stored_as);
  g_free (record->hash);
  g_free (record);
}

/* @most: how many are remembered */
ReceiverMemory *
receiver_memory_new (guint most)
{
  ReceiverMemory *self = g_new0 (ReceiverMemory, 1);

  self->records = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, record_free);
  self->most = most;
  g_queue_init (&self->order);

  return self;
}

void
receiver_memory_free (ReceiverMemory *self)
{
  g_queue_clear (&self->order);
  g_hash_table_unref (self->records);
  g_free (self);
}

static void
forget (ReceiverMemory *self, ReceiverRecord *record)
{
  g_queue_remove (&self->order, record);
  g_hash_table_remove (self->records, record->key);
}

/* Copies the record. */
void
receiver_memory_add (ReceiverMemory *self, const ReceiverRecord *record)
{
  ReceiverRecord *old = g_hash_table_lookup (self->records, record->key);
  ReceiverRecord *copy = g_new0 (ReceiverRecord, 1);

  if (old != NULL)
    forget (self, old);
  if (self->order.length == self->most)
    forget (self, g_queue_peek_head (&self->order));

  *copy = *record;
  copy->key = g_strdup (record->key);
  copy->stored_as = g_strdup (record->stored_as);
  copy->hash = g_strdup (record->hash);
  g_hash_table_insert (self->records, copy->key, copy);
  g_queue_push_tail (&self->order, copy);
}

/*
 * receiver_memory_recall:
 * @folder: the folder that files are stored in
 *
 * Returns: (nullable): what is known of the upload, if its file is still there as it was stored; valid until the next
 *   call that changes @self
 */
const ReceiverRecord *
receiver_memory_recall (ReceiverMemory *self, const char *key, int folder)
{
  ReceiverRecord *record = g_hash_table_lookup (self->records, key);
  struct stat info;

  if (record == NULL)
    return NULL;

  if (fstatat (folder, record->stored_as, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (info.st_mode) &&
      (guint64) info.st_size == record->size)
    return record;

  forget (self, record);
  return NULL;
}

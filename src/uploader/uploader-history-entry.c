/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-history-entry.h"

#include "uploader-words.h"

#include <string.h>

#define PLACE_MAX_CHARACTERS 255

/* Thousands of these are made at once, so what a row shows is made when it is shown. */
struct _UploaderHistoryEntry {
  GObject parent_instance;

  /* owned */
  GalileoRecord *record;
};

G_DEFINE_FINAL_TYPE (UploaderHistoryEntry, uploader_history_entry, G_TYPE_OBJECT)

static void
uploader_history_entry_finalize (GObject *object)
{
  galileo_record_free (UPLOADER_HISTORY_ENTRY (object)->record);

  G_OBJECT_CLASS (uploader_history_entry_parent_class)->finalize (object);
}

static void
uploader_history_entry_class_init (UploaderHistoryEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = uploader_history_entry_finalize;
}

static void
uploader_history_entry_init (UploaderHistoryEntry *self)
{
}

/* record: taken. */
UploaderHistoryEntry *
uploader_history_entry_new (GalileoRecord *record)
{
  UploaderHistoryEntry *self = g_object_new (UPLOADER_TYPE_HISTORY_ENTRY, NULL);

  self->record = record;

  return self;
}

const GalileoRecord *
uploader_history_entry_get_record (UploaderHistoryEntry *self)
{
  g_return_val_if_fail (UPLOADER_IS_HISTORY_ENTRY (self), NULL);

  return self->record;
}

/* Returns: an item that is in no queue; or NULL if its site's address is none any more */
GalileoItem *
uploader_history_entry_to_item (UploaderHistoryEntry *self)
{
  g_autoptr (GalileoSite) site = NULL;

  g_return_val_if_fail (UPLOADER_IS_HISTORY_ENTRY (self), NULL);

  site = galileo_site_new (self->record->address, NULL);

  return site != NULL ? galileo_record_to_item (self->record, site) : NULL;
}

/* Where to, and when: plain text. */
char *
uploader_history_entry_dup_place (UploaderHistoryEntry *self)
{
  const GalileoRecord *record;
  g_autoptr (GalileoSite) site = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *place = NULL;
  g_autofree char *clean = NULL;
  g_autofree char *when = NULL;
  const char *name;

  g_return_val_if_fail (UPLOADER_IS_HISTORY_ENTRY (self), NULL);

  record = self->record;
  site = galileo_site_new (record->address, NULL);
  name = site != NULL ? galileo_site_get_name (site) : record->address;
  place = record->path != NULL ? g_strdup_printf ("%s/%s", name, record->path) : g_strdup (name);
  clean = uploader_words_clean (place, PLACE_MAX_CHARACTERS);

  time = g_date_time_new_from_unix_utc (record->finish_time / G_USEC_PER_SEC);
  when = uploader_words_for_time (time);

  return when != NULL ? g_strdup_printf ("%s · %s", clean, when) : g_steal_pointer (&clean);
}

static guint
count_warnings (const GalileoRecord *record)
{
  guint n = 0;

  for (guint i = 0; i < record->signals->len; i++) {
    const char *text = g_ptr_array_index (record->signals, i);
    g_autoptr (GalileoSignal) signal = galileo_signal_parse (text, strlen (text), NULL);

    if (signal != NULL && !galileo_signal_is_true (signal, "local"))
      n++;
  }

  return n;
}

/* How it ended: plain text. */
char *
uploader_history_entry_dup_words (UploaderHistoryEntry *self)
{
  const GalileoRecord *record;
  UploaderFacts facts = { 0, };

  g_return_val_if_fail (UPLOADER_IS_HISTORY_ENTRY (self), NULL);

  record = self->record;
  facts.state = record->state;
  facts.size = record->size;
  facts.error = record->error;
  facts.n_warnings = count_warnings (record);
  facts.hash_sent = record->hash != NULL;
  facts.verified = record->verified;

  return uploader_words_for_facts (&facts);
}

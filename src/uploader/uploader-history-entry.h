/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-record.h"

G_BEGIN_DECLS

#define UPLOADER_TYPE_HISTORY_ENTRY (uploader_history_entry_get_type ())

/* One line of the history: a record, for a list. */
G_DECLARE_FINAL_TYPE (UploaderHistoryEntry, uploader_history_entry, UPLOADER, HISTORY_ENTRY, GObject)

UploaderHistoryEntry *uploader_history_entry_new        (GalileoRecord        *record) G_GNUC_WARN_UNUSED_RESULT;

const GalileoRecord  *uploader_history_entry_get_record (UploaderHistoryEntry *self);
GalileoItem          *uploader_history_entry_to_item    (UploaderHistoryEntry *self) G_GNUC_WARN_UNUSED_RESULT;
char                 *uploader_history_entry_dup_place  (UploaderHistoryEntry *self) G_GNUC_WARN_UNUSED_RESULT;
char                 *uploader_history_entry_dup_words  (UploaderHistoryEntry *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

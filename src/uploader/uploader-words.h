/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

/* What the words for an item depend on, and nothing else does. */
typedef struct {
  GalileoItemState state;
  GalileoWait wait;      /* of one that waits or is under way */
  GalileoUploadState phase;
  gint64 size;           /* bytes; -1 while unknown */
  guint64 acknowledged;  /* bytes */
  guint64 offset;        /* bytes that the site had before this attempt */
  gboolean from_start;   /* not the first attempt, and the site had to be sent everything again */
  double speed;          /* bytes a second; 0 if none */
  gint64 time_left;      /* seconds; -1 if not known */
  gint64 retry_in;       /* seconds until the next attempt */
  const GError *error;   /* why it failed or is retried */
  const char *site_says; /* what the server wrote into its last error signal */
  const char *finished;  /* the time at which it was; or NULL */
  guint n_warnings;      /* error signals that came before it succeeded */
  gboolean hash_sent;
  gboolean verified;
} UploaderFacts;

char       *uploader_words_for_facts     (const UploaderFacts *facts) G_GNUC_WARN_UNUSED_RESULT;
char       *uploader_words_for_item      (GalileoQueue        *queue,
                                          GalileoItem         *item) G_GNUC_WARN_UNUSED_RESULT;
char       *uploader_words_for_hearing   (GalileoQueue        *queue,
                                          GalileoItem         *item) G_GNUC_WARN_UNUSED_RESULT;
char       *uploader_words_for_place     (GalileoItem         *item) G_GNUC_WARN_UNUSED_RESULT;
gboolean    uploader_words_is_file_gone  (GalileoItem         *item);
gboolean    uploader_words_is_address_wrong (GalileoItem      *item);
const char *uploader_words_for_wait      (GalileoWait          wait);
char       *uploader_words_for_site      (GalileoItem         *item) G_GNUC_WARN_UNUSED_RESULT;
const char *uploader_words_for_retry     (GalileoItemState     state,
                                          const GError        *error);

char       *uploader_words_clean         (const char          *text,
                                          size_t               max_characters) G_GNUC_WARN_UNUSED_RESULT;
char       *uploader_words_for_time      (GDateTime           *utc) G_GNUC_WARN_UNUSED_RESULT;
char       *uploader_words_isolate       (const char          *text,
                                          size_t               max_characters) G_GNUC_WARN_UNUSED_RESULT;
char       *uploader_words_for_time_left (gint64               seconds) G_GNUC_WARN_UNUSED_RESULT;
char       *uploader_words_for_pace      (double               speed,
                                          gint64               time_left) G_GNUC_WARN_UNUSED_RESULT;
char       *uploader_words_for_overall   (guint                n_done,
                                          guint                n_files,
                                          guint64              acknowledged,
                                          guint64              size) G_GNUC_WARN_UNUSED_RESULT;

double      uploader_words_fraction      (double               fraction);

G_END_DECLS

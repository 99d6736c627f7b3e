/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "galileo/galileo-hash.h"
#include "galileo/galileo-upload.h"
#include "galileo-site.h"

G_BEGIN_DECLS

/**
 * GalileoItemState:
 * @GALILEO_ITEM_WAITING: its turn has not come
 * @GALILEO_ITEM_UPLOADING: an attempt is under way; see [property@Galileo.Item:phase]
 * @GALILEO_ITEM_RETRYING: an attempt failed, and the next follows at [property@Galileo.Item:retry-time]
 * @GALILEO_ITEM_PAUSED: the user has it rest
 * @GALILEO_ITEM_FAILED: it failed and is not tried again by itself
 * @GALILEO_ITEM_DONE: the site confirmed it
 * @GALILEO_ITEM_CANCELLED: the user cancelled it
 */
typedef enum {
  GALILEO_ITEM_WAITING,
  GALILEO_ITEM_UPLOADING,
  GALILEO_ITEM_RETRYING,
  GALILEO_ITEM_PAUSED,
  GALILEO_ITEM_FAILED,
  GALILEO_ITEM_DONE,
  GALILEO_ITEM_CANCELLED,
} GalileoItemState;

/**
 * GalileoFailure:
 * @time: when it was, UTC
 * @attempt: of which attempt
 * @reason: why, a sentence without its full stop
 *
 * An attempt that failed.
 */
typedef struct {
  GDateTime *time;
  guint attempt;
  char *reason;
} GalileoFailure;

#define GALILEO_ITEM_MAX_FAILURES 50

#define GALILEO_ITEM_N_STATES (GALILEO_ITEM_CANCELLED + 1)

#define GALILEO_TYPE_ITEM (galileo_item_get_type ())

/*
 * One file to upload: what the user asked for, and how it goes. Main thread only.
 * Read-only to everybody but the queue; each getter below is a property that notifies.
 */
G_DECLARE_FINAL_TYPE (GalileoItem, galileo_item, GALILEO, ITEM, GObject)

GalileoItem        *galileo_item_new                (GalileoSite *site,
                                                     GFile       *file,
                                                     const char  *name) G_GNUC_WARN_UNUSED_RESULT;
/* An item that has failed before anybody tried it, because of what a file finder said. */
GalileoItem        *galileo_item_new_failed         (GalileoSite  *site,
                                                     GFile        *file,
                                                     const GError *error) G_GNUC_WARN_UNUSED_RESULT;

GalileoSite        *galileo_item_get_site           (GalileoItem *self); /* "site" */
GFile              *galileo_item_get_file           (GalileoItem *self); /* "file" */
const char         *galileo_item_get_name           (GalileoItem *self); /* "name": the name at the site */
const char         *galileo_item_get_path           (GalileoItem *self); /* "path": the folder at the site; or NULL */
gint64              galileo_item_get_mtime          (GalileoItem *self); /* of the file when it was added, Unix time in µs; 0 if not known */
gint64              galileo_item_get_size           (GalileoItem *self); /* "size": bytes; -1 while unknown */
GalileoItemState    galileo_item_get_state          (GalileoItem *self); /* "state" */
GalileoUploadState  galileo_item_get_phase          (GalileoItem *self); /* "phase": where the attempt is */
guint64             galileo_item_get_acknowledged   (GalileoItem *self); /* "acknowledged": bytes the site's host has */
guint64             galileo_item_get_offset         (GalileoItem *self); /* "offset": bytes that this attempt went on from */
gboolean            galileo_item_get_resumable      (GalileoItem *self); /* "resumable": the site keeps what it has for the next attempt */
double              galileo_item_get_fraction       (GalileoItem *self); /* "fraction": 0 to 1, for a progress bar */
double              galileo_item_get_speed          (GalileoItem *self); /* "speed": bytes a second, smoothed; 0 if none */
gint64              galileo_item_get_time_left      (GalileoItem *self); /* "time-left": seconds; -1 if not known */
guint               galileo_item_get_attempt        (GalileoItem *self); /* "attempt": 1 for the first; 0 before */
gint64              galileo_item_get_retry_time     (GalileoItem *self); /* "retry-time": monotonic µs; 0 if none */
const GError       *galileo_item_get_error          (GalileoItem *self); /* "error": why it failed or is retried; or NULL */
GPtrArray          *galileo_item_get_error_signals  (GalileoItem *self); /* of GalileoSignal, all attempts, in order; transfer none */
GPtrArray          *galileo_item_get_failures       (GalileoItem *self); /* of GalileoFailure, the last GALILEO_ITEM_MAX_FAILURES of this run, in order; or NULL; transfer none */
const char         *galileo_item_get_hash           (GalileoItem *self); /* "hash": lower-case hex, or NULL */
gboolean            galileo_item_get_verified       (GalileoItem *self); /* "verified": the site compared the hash */
const char         *galileo_item_get_url            (GalileoItem *self); /* "url": from the site, or NULL */
GDateTime          *galileo_item_get_finish_time    (GalileoItem *self); /* "finish-time": when it became final, UTC; or NULL; transfer none */
double              galileo_item_get_seconds        (GalileoItem *self); /* how long the successful attempt took */

/* For items that are in no queue yet: what the file is thought to be until it is opened, and the folder to store it in. */
void                galileo_item_set_expected       (GalileoItem *self,
                                                     gint64       size,
                                                     gint64       mtime);
void                galileo_item_set_path           (GalileoItem *self,
                                                     const char  *path);
void                galileo_item_set_name           (GalileoItem *self,
                                                     const char  *name);

gboolean            galileo_item_is_final           (GalileoItem *self); /* failed, done or cancelled */

G_END_DECLS

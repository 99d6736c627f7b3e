/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-item.h"
#include "galileo-speed.h"

G_BEGIN_DECLS

struct _GalileoItem {
  GObject parent_instance;

  GalileoSite *site;
  GFile *file;
  char *name;
  char *path;
  gint64 mtime;

  GalileoItemState state;
  GalileoUploadState phase;
  gint64 size;
  guint64 acknowledged;
  guint64 offset;
  gboolean resumable;
  GalileoSpeed speed;
  guint attempt;
  gint64 retry_time;
  gint64 start_time;
  gint64 rest_time; /* since when its attempt rests; 0 if it does not */
  double seconds;
  GDateTime *finish_time;
  GError *error;
  GPtrArray *error_signals;
  GPtrArray *failures; /* NULL until there is one */
  char *hash;
  char *url;
  gboolean verified;
};

/* Properties: indices into galileo_item_props. */
enum {
  GALILEO_ITEM_PROP_0,
  GALILEO_ITEM_PROP_SITE,
  GALILEO_ITEM_PROP_FILE,
  GALILEO_ITEM_PROP_NAME,
  GALILEO_ITEM_PROP_PATH,
  GALILEO_ITEM_PROP_SIZE,
  GALILEO_ITEM_PROP_STATE,
  GALILEO_ITEM_PROP_PHASE,
  GALILEO_ITEM_PROP_ACKNOWLEDGED,
  GALILEO_ITEM_PROP_OFFSET,
  GALILEO_ITEM_PROP_RESUMABLE,
  GALILEO_ITEM_PROP_FRACTION,
  GALILEO_ITEM_PROP_SPEED,
  GALILEO_ITEM_PROP_TIME_LEFT,
  GALILEO_ITEM_PROP_ATTEMPT,
  GALILEO_ITEM_PROP_RETRY_TIME,
  GALILEO_ITEM_PROP_ERROR,
  GALILEO_ITEM_PROP_HASH,
  GALILEO_ITEM_PROP_VERIFIED,
  GALILEO_ITEM_PROP_URL,
  GALILEO_ITEM_PROP_FINISH_TIME,
  GALILEO_ITEM_N_PROPS
};

extern GParamSpec *galileo_item_props[GALILEO_ITEM_N_PROPS];

/* For the queue, which alone changes items. */

void galileo_item_set_state     (GalileoItem        *self,
                                 GalileoItemState    state);
void galileo_item_restore       (GalileoItem        *self,
                                 GalileoItemState    state,
                                 guint               attempt,
                                 gint64              finish_time,
                                 double              seconds);
void galileo_item_set_file      (GalileoItem        *self,
                                 GFile              *file);
void galileo_item_set_error     (GalileoItem        *self,
                                 const GError       *error);
void galileo_item_begin_attempt (GalileoItem        *self);
void galileo_item_forget_attempt (GalileoItem       *self);
void galileo_item_forget        (GalileoItem        *self);
void galileo_item_set_retry     (GalileoItem        *self,
                                 gint64              time);
void galileo_item_set_progress  (GalileoItem        *self,
                                 GalileoUploadState  phase,
                                 gint64              size,
                                 guint64             acknowledged,
                                 gint64              now);
void galileo_item_set_offset    (GalileoItem        *self,
                                 guint64             offset,
                                 gboolean            resumable);
void galileo_item_set_result    (GalileoItem        *self,
                                 const char         *hash,
                                 gboolean            verified,
                                 const char         *url);
void galileo_item_add_signal    (GalileoItem        *self,
                                 GalileoSignal      *signal);

void   galileo_item_rest               (GalileoItem *self,
                                        gboolean     rest);
double galileo_item_get_seconds_so_far (GalileoItem *self);

G_END_DECLS

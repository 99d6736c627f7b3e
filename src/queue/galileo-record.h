/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-item.h"

G_BEGIN_DECLS

/* What is kept of an item while the program does not run. A plain copy, for any thread. */
typedef struct {
  gint64 id;       /* of the item, for good; from 1 */
  double position; /* in the user's order */
  char *address;   /* of the site */
  char *uri;       /* of the file */
  char *name;
  char *path;      /* the folder at the site; or NULL */
  gint64 mtime;    /* of the file when it was added, Unix time in µs; 0 if not known */
  char *upload_id; /* by which the site knows what it has of the file */
  GalileoItemState state;
  gint64 size; /* bytes; -1 if not known */
  guint attempt;
  GError *error;      /* or NULL */
  GPtrArray *signals; /* of char *: the error signals, as JSON */
  char *hash;         /* or NULL */
  gboolean verified;
  char *url;          /* or NULL */
  gint64 finish_time; /* Unix time in µs; 0 if it is not final */
  double seconds;
} GalileoRecord;

GalileoRecord *galileo_record_new          (void) G_GNUC_WARN_UNUSED_RESULT;
GalileoRecord *galileo_record_new_for_item (GalileoItem         *item) G_GNUC_WARN_UNUSED_RESULT;
void           galileo_record_free         (GalileoRecord       *self);
GalileoItem   *galileo_record_to_item      (const GalileoRecord *self,
                                            GalileoSite         *site) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalileoRecord, galileo_record_free)

/* What is kept of a site. */
typedef struct {
  char *address;
  char *name; /* NULL for that of the host */
  char *pin;  /* or NULL */
  guint max_uploads;
  guint64 rate_limit;
  GalileoNameRule name_rule;
  gboolean keep_folders;
  gboolean reached;
  gboolean listed;
} GalileoSiteRecord;

GalileoSiteRecord *galileo_site_record_new          (void) G_GNUC_WARN_UNUSED_RESULT;
GalileoSiteRecord *galileo_site_record_new_for_site (GalileoSite             *site) G_GNUC_WARN_UNUSED_RESULT;
void               galileo_site_record_free         (GalileoSiteRecord       *self);
GalileoSite       *galileo_site_record_to_site      (const GalileoSiteRecord *self,
                                                     GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalileoSiteRecord, galileo_site_record_free)

G_END_DECLS

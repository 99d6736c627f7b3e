/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

#define GALILEO_SITE_MAX_UPLOADS 16

/**
 * GalileoNameRule:
 * @GALILEO_NAME_RULE_ASK: the user is asked
 * @GALILEO_NAME_RULE_RENAME: the later one gets a number: "name (2)"
 * @GALILEO_NAME_RULE_SKIP: the later one is left out
 * @GALILEO_NAME_RULE_REPLACE: the later one goes there too, once the first is through
 *
 * What becomes of a file whose name at the site is the one of another in the queue.
 */
typedef enum {
  GALILEO_NAME_RULE_ASK,
  GALILEO_NAME_RULE_RENAME,
  GALILEO_NAME_RULE_SKIP,
  GALILEO_NAME_RULE_REPLACE,
} GalileoNameRule;

#define GALILEO_TYPE_SITE (galileo_site_get_type ())

/*
 * Where files go: an address, how to present oneself there and whom to expect, and what the user wants of it. Main thread only.
 *
 * Signals: changed (): something that is worth keeping is another.
 */
G_DECLARE_FINAL_TYPE (GalileoSite, galileo_site, GALILEO, SITE, GObject)

GalileoSite        *galileo_site_new         (const char   *address,
                                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;

GUri               *galileo_site_get_address (GalileoSite  *self);
const char         *galileo_site_get_name    (GalileoSite  *self);
void                galileo_site_set_name    (GalileoSite  *self,
                                              const char   *name);
SoupMessageHeaders *galileo_site_get_headers (GalileoSite  *self);
const char         *galileo_site_get_pin     (GalileoSite  *self);
void                galileo_site_set_header  (GalileoSite  *self,
                                              const char   *name,
                                              const char   *value);
void                galileo_site_set_pin     (GalileoSite  *self,
                                              const char   *fingerprint);

/* "max_uploads": at once, 1 to GALILEO_SITE_MAX_UPLOADS, 0: as many as the queue has it (0). "rate_limit": bytes a second, 0:
 * none (0). "keep_folders": the site keeps folders, so that a file's "path" is told (false). "reached": a websocket was
 * open to it once. "listed": it is offered to whoever chooses a site (true). */
guint               galileo_site_get_max_uploads  (GalileoSite     *self);
void                galileo_site_set_max_uploads  (GalileoSite     *self,
                                                   guint            max_uploads);
guint64             galileo_site_get_rate_limit   (GalileoSite     *self);
void                galileo_site_set_rate_limit   (GalileoSite     *self,
                                                   guint64          rate_limit);
GalileoNameRule     galileo_site_get_name_rule    (GalileoSite     *self);
void                galileo_site_set_name_rule    (GalileoSite     *self,
                                                   GalileoNameRule  rule);
gboolean            galileo_site_get_keep_folders (GalileoSite     *self);
void                galileo_site_set_keep_folders (GalileoSite     *self,
                                                   gboolean         keep_folders);
gboolean            galileo_site_get_reached      (GalileoSite     *self);
void                galileo_site_set_reached      (GalileoSite     *self);
gboolean            galileo_site_get_listed       (GalileoSite     *self);
void                galileo_site_set_listed       (GalileoSite     *self,
                                                   gboolean         listed);

/* Signs in at the site, and ends the task, which is its own, with a boolean. */
typedef void (*GalileoSiteSignInFunc) (GalileoSite *self, GTask *task, gpointer data);

void                galileo_site_set_sign_in      (GalileoSite           *self,
                                                   GalileoSiteSignInFunc  function,
                                                   gpointer               data);
gboolean            galileo_site_can_sign_in      (GalileoSite           *self);
void                galileo_site_sign_in_async    (GalileoSite           *self,
                                                   GCancellable          *cancellable,
                                                   GAsyncReadyCallback    callback,
                                                   gpointer               user_data);
gboolean            galileo_site_sign_in_finish   (GalileoSite           *self,
                                                   GAsyncResult          *result,
                                                   GError               **error);

G_END_DECLS

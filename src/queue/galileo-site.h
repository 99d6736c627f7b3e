/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

#define GALILEO_TYPE_SITE (galileo_site_get_type ())

/* Where files go: an address, and how to present oneself there and whom to expect. Main thread only. */
G_DECLARE_FINAL_TYPE (GalileoSite, galileo_site, GALILEO, SITE, GObject)

GalileoSite        *galileo_site_new         (const char   *address,
                                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;

GUri               *galileo_site_get_address (GalileoSite  *self);
const char         *galileo_site_get_name    (GalileoSite  *self);
SoupMessageHeaders *galileo_site_get_headers (GalileoSite  *self);
const char         *galileo_site_get_pin     (GalileoSite  *self);
void                galileo_site_set_header  (GalileoSite  *self,
                                              const char   *name,
                                              const char   *value);
void                galileo_site_set_pin     (GalileoSite  *self,
                                              const char   *fingerprint);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-site.h"

#include "galileo/galileo-address.h"

struct _GalileoSite {
  GObject parent_instance;

  GUri *address;
  char *name;
  SoupMessageHeaders *headers;
  char *pin;
};

G_DEFINE_FINAL_TYPE (GalileoSite, galileo_site, G_TYPE_OBJECT)

static void
galileo_site_finalize (GObject *object)
{
  GalileoSite *self = GALILEO_SITE (object);

  g_clear_pointer (&self->address, g_uri_unref);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->pin, g_free);

  G_OBJECT_CLASS (galileo_site_parent_class)->finalize (object);
}

static void
galileo_site_class_init (GalileoSiteClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galileo_site_finalize;
}

static void
galileo_site_init (GalileoSite *self)
{
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
}

/* address: as people type it, see galileo_address_parse(). Fails with GALILEO_ERROR_ADDRESS. */
GalileoSite *
galileo_site_new (const char *address, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  GalileoSite *self;

  g_return_val_if_fail (address != NULL, NULL);

  uri = galileo_address_parse (address, error);
  if (uri == NULL)
    return NULL;

  self = g_object_new (GALILEO_TYPE_SITE, NULL);
  self->name = g_strdup (g_uri_get_host (uri));
  self->address = g_steal_pointer (&uri);

  return self;
}

/* A ws or wss address; owned by the site, immutable. */
GUri *
galileo_site_get_address (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), NULL);

  return self->address;
}

/* What people call it: its host. */
const char *
galileo_site_get_name (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), NULL);

  return self->name;
}

/* What every handshake with the site says besides its own headers; owned by the site. */
SoupMessageHeaders *
galileo_site_get_headers (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), NULL);

  return self->headers;
}

/* The fingerprint of the only certificate that is trusted as the site's, or NULL. */
const char *
galileo_site_get_pin (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), NULL);

  return self->pin;
}

/* This and the next hold for attempts that begin later. name, value: checked by the caller. */
void
galileo_site_set_header (GalileoSite *self, const char *name, const char *value)
{
  g_return_if_fail (GALILEO_IS_SITE (self));
  g_return_if_fail (name != NULL && value != NULL);

  soup_message_headers_replace (self->headers, name, value);
}

/* fingerprint: as galileo_fingerprint_parse() gives it, or NULL. */
void
galileo_site_set_pin (GalileoSite *self, const char *fingerprint)
{
  g_return_if_fail (GALILEO_IS_SITE (self));

  if (g_strcmp0 (self->pin, fingerprint) == 0)
    return;

  g_free (self->pin);
  self->pin = g_strdup (fingerprint);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-site.h"

#include "galileo/galileo-address.h"

struct _GalileoSite {
  GObject parent_instance;

  GUri *address;
  char *name;
  SoupMessageHeaders *headers;
  char *pin;
  guint max_uploads;
  guint64 rate_limit;
  GalileoNameRule name_rule;
  gboolean keep_folders;
  gboolean reached;
  gboolean listed;
  GalileoSiteSignInFunc sign_in;
  gpointer sign_in_data;
};

enum {
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

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

  signals[SIGNAL_CHANGED] = g_signal_new ("changed",
                                          G_TYPE_FROM_CLASS (klass),
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          0);
}

static void
galileo_site_init (GalileoSite *self)
{
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  self->listed = TRUE;
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

/* What people call it: its host, unless somebody gave it a name. */
const char *
galileo_site_get_name (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), NULL);

  return self->name;
}

/* name: NULL or empty for that of the host. */
void
galileo_site_set_name (GalileoSite *self, const char *name)
{
  g_autofree char *stripped = NULL;

  g_return_if_fail (GALILEO_IS_SITE (self));

  stripped = g_strstrip (g_strdup (name != NULL ? name : ""));
  if (*stripped == '\0')
    name = g_uri_get_host (self->address);
  else
    name = stripped;
  if (g_str_equal (self->name, name))
    return;

  g_free (self->name);
  self->name = g_strdup (name);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
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
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

guint
galileo_site_get_max_uploads (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), 0);

  return self->max_uploads;
}

void
galileo_site_set_max_uploads (GalileoSite *self, guint max_uploads)
{
  g_return_if_fail (GALILEO_IS_SITE (self));
  g_return_if_fail (max_uploads <= GALILEO_SITE_MAX_UPLOADS);

  if (self->max_uploads == max_uploads)
    return;

  self->max_uploads = max_uploads;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

guint64
galileo_site_get_rate_limit (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), 0);

  return self->rate_limit;
}

void
galileo_site_set_rate_limit (GalileoSite *self, guint64 rate_limit)
{
  g_return_if_fail (GALILEO_IS_SITE (self));

  if (self->rate_limit == rate_limit)
    return;

  self->rate_limit = rate_limit;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

GalileoNameRule
galileo_site_get_name_rule (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), GALILEO_NAME_RULE_ASK);

  return self->name_rule;
}

void
galileo_site_set_name_rule (GalileoSite *self, GalileoNameRule name_rule)
{
  g_return_if_fail (GALILEO_IS_SITE (self));

  if (self->name_rule == name_rule)
    return;

  self->name_rule = name_rule;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

gboolean
galileo_site_get_keep_folders (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), FALSE);

  return self->keep_folders;
}

void
galileo_site_set_keep_folders (GalileoSite *self, gboolean keep_folders)
{
  g_return_if_fail (GALILEO_IS_SITE (self));

  if (self->keep_folders == keep_folders)
    return;

  self->keep_folders = keep_folders;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

gboolean
galileo_site_get_reached (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), FALSE);

  return self->reached;
}

/* A websocket was open to it: an address that works. */
void
galileo_site_set_reached (GalileoSite *self)
{
  g_return_if_fail (GALILEO_IS_SITE (self));

  if (self->reached)
    return;

  self->reached = TRUE;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

gboolean
galileo_site_get_listed (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), FALSE);

  return self->listed;
}

void
galileo_site_set_listed (GalileoSite *self, gboolean listed)
{
  g_return_if_fail (GALILEO_IS_SITE (self));

  if (self->listed == listed)
    return;

  self->listed = listed;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* function: how to sign in again when the site wants it, which costs no attempt; NULL if that is not possible. */
void
galileo_site_set_sign_in (GalileoSite *self, GalileoSiteSignInFunc function, gpointer data)
{
  g_return_if_fail (GALILEO_IS_SITE (self));

  self->sign_in = function;
  self->sign_in_data = data;
}

gboolean
galileo_site_can_sign_in (GalileoSite *self)
{
  g_return_val_if_fail (GALILEO_IS_SITE (self), FALSE);

  return self->sign_in != NULL;
}

void
galileo_site_sign_in_async (GalileoSite *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (GALILEO_IS_SITE (self));
  g_return_if_fail (self->sign_in != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, galileo_site_sign_in_async);
  self->sign_in (self, g_object_ref (task), self->sign_in_data);
}

gboolean
galileo_site_sign_in_finish (GalileoSite *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-record.h"

#include "galileo-item-private.h"
#include "galileo/galileo-fingerprint.h"

#include <string.h>

GalileoRecord *
galileo_record_new (void)
{
  GalileoRecord *self = g_new0 (GalileoRecord, 1);

  self->signals = g_ptr_array_new_with_free_func (g_free);
  self->size = -1;

  return self;
}

/*
 * What an item is now, but for what the queue knows of it: id, position and upload_id. An attempt that is under way, or is
 * to come later, does not outlast the program: the item will wait for its turn.
 */
GalileoRecord *
galileo_record_new_for_item (GalileoItem *item)
{
  GalileoSite *site = galileo_item_get_site (item);
  GPtrArray *signals = galileo_item_get_error_signals (item);
  GDateTime *finish_time = galileo_item_get_finish_time (item);
  GalileoRecord *self = galileo_record_new ();

  self->address = g_uri_to_string (galileo_site_get_address (site));
  self->uri = g_file_get_uri (galileo_item_get_file (item));
  self->name = g_strdup (galileo_item_get_name (item));
  self->path = g_strdup (galileo_item_get_path (item));
  self->mtime = galileo_item_get_mtime (item);
  self->state = galileo_item_get_state (item);
  if (self->state == GALILEO_ITEM_UPLOADING || self->state == GALILEO_ITEM_RETRYING)
    self->state = GALILEO_ITEM_WAITING;
  self->size = galileo_item_get_size (item);
  self->attempt = galileo_item_get_attempt (item);
  if (galileo_item_get_error (item) != NULL)
    self->error = g_error_copy (galileo_item_get_error (item));
  for (guint i = 0; signals != NULL && i < signals->len; i++)
    g_ptr_array_add (self->signals, galileo_signal_to_text (g_ptr_array_index (signals, i)));
  self->hash = g_strdup (galileo_item_get_hash (item));
  self->verified = galileo_item_get_verified (item);
  self->url = g_strdup (galileo_item_get_url (item));
  if (finish_time != NULL)
    self->finish_time = g_date_time_to_unix (finish_time) * G_USEC_PER_SEC + g_date_time_get_microsecond (finish_time);
  self->seconds = galileo_item_get_seconds (item);

  return self;
}

void
galileo_record_free (GalileoRecord *self)
{
  if (self == NULL)
    return;

  g_free (self->address);
  g_free (self->uri);
  g_free (self->name);
  g_free (self->path);
  g_free (self->upload_id);
  g_clear_error (&self->error);
  g_ptr_array_unref (self->signals);
  g_free (self->hash);
  g_free (self->url);
  g_free (self);
}

/* The item as it was. site: the one at the record's address. */
GalileoItem *
galileo_record_to_item (const GalileoRecord *self, GalileoSite *site)
{
  g_autoptr (GFile) file = g_file_new_for_uri (self->uri);
  GalileoItem *item = galileo_item_new (site, file, self->name);

  galileo_item_set_expected (item, self->size, self->mtime);
  galileo_item_set_path (item, self->path);
  for (guint i = 0; i < self->signals->len; i++) {
    const char *text = g_ptr_array_index (self->signals, i);
    g_autoptr (GalileoSignal) signal = galileo_signal_parse (text, strlen (text), NULL);

    if (signal != NULL)
      galileo_item_add_signal (item, signal);
  }
  galileo_item_set_result (item, self->hash, self->verified, self->url);
  galileo_item_set_error (item, self->error);
  galileo_item_restore (item, self->state, self->attempt, self->finish_time, self->seconds);

  return item;
}

GalileoSiteRecord *
galileo_site_record_new (void)
{
  return g_new0 (GalileoSiteRecord, 1);
}

GalileoSiteRecord *
galileo_site_record_new_for_site (GalileoSite *site)
{
  GalileoSiteRecord *self = galileo_site_record_new ();

  self->address = g_uri_to_string (galileo_site_get_address (site));
  if (g_strcmp0 (galileo_site_get_name (site), g_uri_get_host (galileo_site_get_address (site))) != 0)
    self->name = g_strdup (galileo_site_get_name (site));
  self->pin = g_strdup (galileo_site_get_pin (site));
  self->max_uploads = galileo_site_get_max_uploads (site);
  self->rate_limit = galileo_site_get_rate_limit (site);
  self->name_rule = galileo_site_get_name_rule (site);
  self->keep_folders = galileo_site_get_keep_folders (site);
  self->reached = galileo_site_get_reached (site);
  self->listed = galileo_site_get_listed (site);

  return self;
}

void
galileo_site_record_free (GalileoSiteRecord *self)
{
  if (self == NULL)
    return;

  g_free (self->address);
  g_free (self->name);
  g_free (self->pin);
  g_free (self);
}

/* Fails with GALILEO_ERROR_ADDRESS. */
GalileoSite *
galileo_site_record_to_site (const GalileoSiteRecord *self, GError **error)
{
  GalileoSite *site = galileo_site_new (self->address, error);
  g_autofree char *pin = self->pin != NULL ? galileo_fingerprint_parse (self->pin) : NULL;

  if (site == NULL)
    return NULL;

  galileo_site_set_name (site, self->name);
  galileo_site_set_pin (site, pin);
  galileo_site_set_max_uploads (site, self->max_uploads);
  galileo_site_set_rate_limit (site, self->rate_limit);
  galileo_site_set_name_rule (site, self->name_rule);
  galileo_site_set_keep_folders (site, self->keep_folders);
  if (self->reached)
    galileo_site_set_reached (site);
  galileo_site_set_listed (site, self->listed);

  return site;
}

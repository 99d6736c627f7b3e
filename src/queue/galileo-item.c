/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-item-private.h"

#include "galileo-queue-enums.h"
#include "galileo-speed.h"
#include "galileo/galileo-enums.h"
#include "galileo/galileo-name.h"

GParamSpec *galileo_item_props[GALILEO_ITEM_N_PROPS];

G_DEFINE_FINAL_TYPE (GalileoItem, galileo_item, G_TYPE_OBJECT)

static void
galileo_item_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GalileoItem *self = GALILEO_ITEM (object);

  switch (prop_id) {
  case GALILEO_ITEM_PROP_SITE:
    g_value_set_object (value, self->site);
    break;
  case GALILEO_ITEM_PROP_FILE:
    g_value_set_object (value, self->file);
    break;
  case GALILEO_ITEM_PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case GALILEO_ITEM_PROP_PATH:
    g_value_set_string (value, self->path);
    break;
  case GALILEO_ITEM_PROP_SIZE:
    g_value_set_int64 (value, self->size);
    break;
  case GALILEO_ITEM_PROP_STATE:
    g_value_set_enum (value, self->state);
    break;
  case GALILEO_ITEM_PROP_PHASE:
    g_value_set_enum (value, self->phase);
    break;
  case GALILEO_ITEM_PROP_ACKNOWLEDGED:
    g_value_set_uint64 (value, self->acknowledged);
    break;
  case GALILEO_ITEM_PROP_OFFSET:
    g_value_set_uint64 (value, self->offset);
    break;
  case GALILEO_ITEM_PROP_RESUMABLE:
    g_value_set_boolean (value, self->resumable);
    break;
  case GALILEO_ITEM_PROP_FRACTION:
    g_value_set_double (value, galileo_item_get_fraction (self));
    break;
  case GALILEO_ITEM_PROP_SPEED:
    g_value_set_double (value, galileo_item_get_speed (self));
    break;
  case GALILEO_ITEM_PROP_TIME_LEFT:
    g_value_set_int64 (value, galileo_item_get_time_left (self));
    break;
  case GALILEO_ITEM_PROP_ATTEMPT:
    g_value_set_uint (value, self->attempt);
    break;
  case GALILEO_ITEM_PROP_RETRY_TIME:
    g_value_set_int64 (value, self->retry_time);
    break;
  case GALILEO_ITEM_PROP_ERROR:
    g_value_set_boxed (value, self->error);
    break;
  case GALILEO_ITEM_PROP_HASH:
    g_value_set_string (value, self->hash);
    break;
  case GALILEO_ITEM_PROP_VERIFIED:
    g_value_set_boolean (value, self->verified);
    break;
  case GALILEO_ITEM_PROP_URL:
    g_value_set_string (value, self->url);
    break;
  case GALILEO_ITEM_PROP_FINISH_TIME:
    g_value_set_boxed (value, self->finish_time);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
galileo_item_finalize (GObject *object)
{
  GalileoItem *self = GALILEO_ITEM (object);

  g_clear_object (&self->site);
  g_clear_object (&self->file);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->error_signals, g_ptr_array_unref);
  g_clear_pointer (&self->failures, g_ptr_array_unref);
  g_clear_pointer (&self->hash, g_free);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->finish_time, g_date_time_unref);

  G_OBJECT_CLASS (galileo_item_parent_class)->finalize (object);
}

static void
galileo_item_class_init (GalileoItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = galileo_item_get_property;
  object_class->finalize = galileo_item_finalize;

  galileo_item_props[GALILEO_ITEM_PROP_SITE] = g_param_spec_object ("site", NULL, NULL, GALILEO_TYPE_SITE, flags);
  galileo_item_props[GALILEO_ITEM_PROP_FILE] = g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE, flags);
  galileo_item_props[GALILEO_ITEM_PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  galileo_item_props[GALILEO_ITEM_PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  galileo_item_props[GALILEO_ITEM_PROP_SIZE] = g_param_spec_int64 ("size", NULL, NULL, -1, G_MAXINT64, -1, flags);
  galileo_item_props[GALILEO_ITEM_PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, GALILEO_TYPE_ITEM_STATE, GALILEO_ITEM_WAITING, flags);
  galileo_item_props[GALILEO_ITEM_PROP_PHASE] = g_param_spec_enum ("phase",
                                         NULL,
                                         NULL,
                                         GALILEO_TYPE_UPLOAD_STATE,
                                         GALILEO_UPLOAD_STATE_NEW,
                                         flags);
  galileo_item_props[GALILEO_ITEM_PROP_ACKNOWLEDGED] = g_param_spec_uint64 ("acknowledged", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  galileo_item_props[GALILEO_ITEM_PROP_OFFSET] = g_param_spec_uint64 ("offset", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  galileo_item_props[GALILEO_ITEM_PROP_RESUMABLE] = g_param_spec_boolean ("resumable", NULL, NULL, FALSE, flags);
  galileo_item_props[GALILEO_ITEM_PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0.0, 1.0, 0.0, flags);
  galileo_item_props[GALILEO_ITEM_PROP_SPEED] = g_param_spec_double ("speed", NULL, NULL, 0.0, G_MAXDOUBLE, 0.0, flags);
  galileo_item_props[GALILEO_ITEM_PROP_TIME_LEFT] = g_param_spec_int64 ("time-left", NULL, NULL, -1, G_MAXINT64, -1, flags);
  galileo_item_props[GALILEO_ITEM_PROP_ATTEMPT] = g_param_spec_uint ("attempt", NULL, NULL, 0, G_MAXUINT, 0, flags);
  galileo_item_props[GALILEO_ITEM_PROP_RETRY_TIME] = g_param_spec_int64 ("retry-time", NULL, NULL, 0, G_MAXINT64, 0, flags);
  galileo_item_props[GALILEO_ITEM_PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  galileo_item_props[GALILEO_ITEM_PROP_HASH] = g_param_spec_string ("hash", NULL, NULL, NULL, flags);
  galileo_item_props[GALILEO_ITEM_PROP_VERIFIED] = g_param_spec_boolean ("verified", NULL, NULL, FALSE, flags);
  galileo_item_props[GALILEO_ITEM_PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
  galileo_item_props[GALILEO_ITEM_PROP_FINISH_TIME] = g_param_spec_boxed ("finish-time", NULL, NULL, G_TYPE_DATE_TIME, flags);

  g_object_class_install_properties (object_class, GALILEO_ITEM_N_PROPS, galileo_item_props);
}

static void
galileo_item_init (GalileoItem *self)
{
  self->size = -1;
}

/* name: what to store it under at the site, or NULL for the file's own name. */
GalileoItem *
galileo_item_new (GalileoSite *site, GFile *file, const char *name)
{
  GalileoItem *self;

  g_return_val_if_fail (GALILEO_IS_SITE (site), NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  self = g_object_new (GALILEO_TYPE_ITEM, NULL);
  self->site = g_object_ref (site);
  self->file = g_object_ref (file);
  self->name = name != NULL ? g_strdup (name) : galileo_name_for_file (file);

  return self;
}

GalileoItem *
galileo_item_new_failed (GalileoSite *site, GFile *file, const GError *error)
{
  GalileoItem *self;

  g_return_val_if_fail (error != NULL, NULL);

  self = galileo_item_new (site, file, NULL);
  galileo_item_set_error (self, error);
  galileo_item_set_state (self, GALILEO_ITEM_FAILED);

  return self;
}

GalileoSite *
galileo_item_get_site (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  return self->site;
}

GFile *
galileo_item_get_file (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  return self->file;
}

const char *
galileo_item_get_name (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  return self->name;
}

const char *
galileo_item_get_path (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  return self->path;
}

gint64
galileo_item_get_mtime (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), 0);

  return self->mtime;
}

gint64
galileo_item_get_size (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), -1);

  return self->size;
}

GalileoItemState
galileo_item_get_state (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), GALILEO_ITEM_WAITING);

  return self->state;
}

GalileoUploadState
galileo_item_get_phase (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), GALILEO_UPLOAD_STATE_NEW);

  return self->phase;
}

guint64
galileo_item_get_acknowledged (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), 0);

  return self->acknowledged;
}

guint64
galileo_item_get_offset (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), 0);

  return self->offset;
}

gboolean
galileo_item_get_resumable (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), FALSE);

  return self->resumable;
}

/* Full only when the site confirmed it. */
double
galileo_item_get_fraction (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), 0.0);

  if (self->state == GALILEO_ITEM_DONE)
    return 1.0;
  if (self->size <= 0)
    return 0.0;

  return MIN ((double) self->acknowledged / (double) self->size, 0.999);
}

double
galileo_item_get_speed (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), 0.0);

  return self->state == GALILEO_ITEM_UPLOADING ? galileo_speed_get (&self->speed) : 0.0;
}

gint64
galileo_item_get_time_left (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), -1);

  if (self->state != GALILEO_ITEM_UPLOADING || self->size < 0)
    return -1;

  return galileo_speed_get_time_left (&self->speed, (guint64) self->size - self->acknowledged);
}

guint
galileo_item_get_attempt (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), 0);

  return self->attempt;
}

gint64
galileo_item_get_retry_time (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), 0);

  return self->retry_time;
}

const GError *
galileo_item_get_error (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  return self->error;
}

GPtrArray *
galileo_item_get_failures (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  return self->failures;
}

GPtrArray *
galileo_item_get_error_signals (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  /* Most items never see one: the array is made for those who ask. */
  if (self->error_signals == NULL)
    self->error_signals = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_signal_unref);

  return self->error_signals;
}

const char *
galileo_item_get_hash (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  return self->hash;
}

gboolean
galileo_item_get_verified (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), FALSE);

  return self->verified;
}

const char *
galileo_item_get_url (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  return self->url;
}

GDateTime *
galileo_item_get_finish_time (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), NULL);

  return self->finish_time;
}

double
galileo_item_get_seconds (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), 0.0);

  return self->seconds;
}

gboolean
galileo_item_is_final (GalileoItem *self)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (self), FALSE);

  return self->state == GALILEO_ITEM_FAILED || self->state == GALILEO_ITEM_DONE ||
         self->state == GALILEO_ITEM_CANCELLED;
}

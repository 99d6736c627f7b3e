/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-item-private.h"

#include "galileo-queue-enums.h"
#include "galileo-speed.h"
#include "galileo/galileo-enums.h"
#include "galileo/galileo-name.h"

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
  double seconds;
  GDateTime *finish_time;
  GError *error;
  GPtrArray *error_signals;
  char *hash;
  char *url;
  gboolean verified;
};

enum {
  PROP_0,
  PROP_SITE,
  PROP_FILE,
  PROP_NAME,
  PROP_PATH,
  PROP_SIZE,
  PROP_STATE,
  PROP_PHASE,
  PROP_ACKNOWLEDGED,
  PROP_OFFSET,
  PROP_RESUMABLE,
  PROP_FRACTION,
  PROP_SPEED,
  PROP_TIME_LEFT,
  PROP_ATTEMPT,
  PROP_RETRY_TIME,
  PROP_ERROR,
  PROP_HASH,
  PROP_VERIFIED,
  PROP_URL,
  PROP_FINISH_TIME,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GalileoItem, galileo_item, G_TYPE_OBJECT)

static void
notify (GalileoItem *self, guint prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop_id]);
}

static void
galileo_item_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GalileoItem *self = GALILEO_ITEM (object);

  switch (prop_id) {
  case PROP_SITE:
    g_value_set_object (value, self->site);
    break;
  case PROP_FILE:
    g_value_set_object (value, self->file);
    break;
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case PROP_PATH:
    g_value_set_string (value, self->path);
    break;
  case PROP_SIZE:
    g_value_set_int64 (value, self->size);
    break;
  case PROP_STATE:
    g_value_set_enum (value, self->state);
    break;
  case PROP_PHASE:
    g_value_set_enum (value, self->phase);
    break;
  case PROP_ACKNOWLEDGED:
    g_value_set_uint64 (value, self->acknowledged);
    break;
  case PROP_OFFSET:
    g_value_set_uint64 (value, self->offset);
    break;
  case PROP_RESUMABLE:
    g_value_set_boolean (value, self->resumable);
    break;
  case PROP_FRACTION:
    g_value_set_double (value, galileo_item_get_fraction (self));
    break;
  case PROP_SPEED:
    g_value_set_double (value, galileo_item_get_speed (self));
    break;
  case PROP_TIME_LEFT:
    g_value_set_int64 (value, galileo_item_get_time_left (self));
    break;
  case PROP_ATTEMPT:
    g_value_set_uint (value, self->attempt);
    break;
  case PROP_RETRY_TIME:
    g_value_set_int64 (value, self->retry_time);
    break;
  case PROP_ERROR:
    g_value_set_boxed (value, self->error);
    break;
  case PROP_HASH:
    g_value_set_string (value, self->hash);
    break;
  case PROP_VERIFIED:
    g_value_set_boolean (value, self->verified);
    break;
  case PROP_URL:
    g_value_set_string (value, self->url);
    break;
  case PROP_FINISH_TIME:
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

  props[PROP_SITE] = g_param_spec_object ("site", NULL, NULL, GALILEO_TYPE_SITE, flags);
  props[PROP_FILE] = g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE, flags);
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  props[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  props[PROP_SIZE] = g_param_spec_int64 ("size", NULL, NULL, -1, G_MAXINT64, -1, flags);
  props[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, GALILEO_TYPE_ITEM_STATE, GALILEO_ITEM_WAITING, flags);
  props[PROP_PHASE] = g_param_spec_enum ("phase",
                                         NULL,
                                         NULL,
                                         GALILEO_TYPE_UPLOAD_STATE,
                                         GALILEO_UPLOAD_STATE_NEW,
                                         flags);
  props[PROP_ACKNOWLEDGED] = g_param_spec_uint64 ("acknowledged", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_OFFSET] = g_param_spec_uint64 ("offset", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_RESUMABLE] = g_param_spec_boolean ("resumable", NULL, NULL, FALSE, flags);
  props[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0.0, 1.0, 0.0, flags);
  props[PROP_SPEED] = g_param_spec_double ("speed", NULL, NULL, 0.0, G_MAXDOUBLE, 0.0, flags);
  props[PROP_TIME_LEFT] = g_param_spec_int64 ("time-left", NULL, NULL, -1, G_MAXINT64, -1, flags);
  props[PROP_ATTEMPT] = g_param_spec_uint ("attempt", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_RETRY_TIME] = g_param_spec_int64 ("retry-time", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  props[PROP_HASH] = g_param_spec_string ("hash", NULL, NULL, NULL, flags);
  props[PROP_VERIFIED] = g_param_spec_boolean ("verified", NULL, NULL, FALSE, flags);
  props[PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
  props[PROP_FINISH_TIME] = g_param_spec_boxed ("finish-time", NULL, NULL, G_TYPE_DATE_TIME, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
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

/* mtime: Unix time in µs; 0 if it is not known. */
void
galileo_item_set_expected (GalileoItem *self, gint64 size, gint64 mtime)
{
  g_return_if_fail (GALILEO_IS_ITEM (self));
  g_return_if_fail (size >= -1);

  self->mtime = mtime;
  if (self->size == size)
    return;

  self->size = size;
  notify (self, PROP_SIZE);
}

/* path: relative, with "/" between its parts; or NULL. */
void
galileo_item_set_path (GalileoItem *self, const char *path)
{
  g_return_if_fail (GALILEO_IS_ITEM (self));

  g_free (self->path);
  self->path = g_strdup (path);
  notify (self, PROP_PATH);
}

void
galileo_item_set_name (GalileoItem *self, const char *name)
{
  g_return_if_fail (GALILEO_IS_ITEM (self));
  g_return_if_fail (name != NULL);

  g_free (self->name);
  self->name = g_strdup (name);
  notify (self, PROP_NAME);
}

/* How long the attempt that is under way has taken. */
double
galileo_item_get_seconds_so_far (GalileoItem *self)
{
  return self->start_time != 0 ? (double) (g_get_monotonic_time () - self->start_time) / G_USEC_PER_SEC : 0.0;
}

void
galileo_item_set_state (GalileoItem *self, GalileoItemState state)
{
  if (self->state == state)
    return;

  if (self->start_time != 0)
    self->seconds = galileo_item_get_seconds_so_far (self);
  self->state = state;
  if (state != GALILEO_ITEM_RETRYING)
    galileo_item_set_retry (self, 0);

  /* A failure is told with at least one error signal; without the site's it is this side's. */
  if (state == GALILEO_ITEM_FAILED && galileo_item_get_error_signals (self)->len == 0 && self->error != NULL)
    g_ptr_array_add (self->error_signals, galileo_signal_new_local (self->error->message));

  g_clear_pointer (&self->finish_time, g_date_time_unref);
  if (galileo_item_is_final (self))
    self->finish_time = g_date_time_new_now_utc ();
  notify (self, PROP_FINISH_TIME);
  notify (self, PROP_STATE);
  notify (self, PROP_FRACTION);
  notify (self, PROP_SPEED);
  notify (self, PROP_TIME_LEFT);
}

/* An item that nobody has yet becomes again what it was. finish_time: Unix time in µs, or 0. */
void
galileo_item_restore (GalileoItem *self,
                      GalileoItemState state,
                      guint attempt,
                      gint64 finish_time,
                      double seconds)
{
  self->state = state;
  self->attempt = attempt;
  self->seconds = seconds;
  if (state == GALILEO_ITEM_DONE && self->size > 0)
    self->acknowledged = (guint64) self->size;
  if (finish_time != 0) {
    g_autoptr (GDateTime) whole = g_date_time_new_from_unix_utc (finish_time / G_USEC_PER_SEC);

    self->finish_time = whole != NULL ? g_date_time_add (whole, finish_time % G_USEC_PER_SEC) : NULL;
  }
}

/* Another file takes the place of the one that it was; the name at the site stays. */
void
galileo_item_set_file (GalileoItem *self, GFile *file)
{
  if (g_set_object (&self->file, file))
    notify (self, PROP_FILE);
}

/* error: NULL for none. */
void
galileo_item_set_error (GalileoItem *self, const GError *error)
{
  if (self->error == NULL && error == NULL)
    return;

  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  notify (self, PROP_ERROR);
}

static void
reset_progress (GalileoItem *self)
{
  galileo_speed_reset (&self->speed);
  self->acknowledged = 0;
  self->phase = GALILEO_UPLOAD_STATE_NEW;
  galileo_item_set_offset (self, 0, FALSE);
  notify (self, PROP_ACKNOWLEDGED);
  notify (self, PROP_PHASE);
}

/* Counts one attempt more; its progress starts at nothing. */
void
galileo_item_begin_attempt (GalileoItem *self)
{
  reset_progress (self);
  galileo_item_set_error (self, NULL);
  self->start_time = g_get_monotonic_time ();
  self->attempt++;
  notify (self, PROP_ATTEMPT);
}

/* The attempt that began does not count. */
void
galileo_item_forget_attempt (GalileoItem *self)
{
  g_return_if_fail (self->attempt > 0);

  reset_progress (self);
  self->attempt--;
  notify (self, PROP_ATTEMPT);
}

/* Forgets all attempts: the user wants it tried anew. */
void
galileo_item_forget (GalileoItem *self)
{
  reset_progress (self);
  galileo_item_set_error (self, NULL);
  g_clear_pointer (&self->error_signals, g_ptr_array_unref);
  self->attempt = 0;
  self->start_time = 0;
  self->seconds = 0.0;
  notify (self, PROP_ATTEMPT);
}

/* time: of the next attempt, monotonic, in µs; 0 for none. */
void
galileo_item_set_retry (GalileoItem *self, gint64 time)
{
  if (self->retry_time == time)
    return;

  self->retry_time = time;
  notify (self, PROP_RETRY_TIME);
}

void
galileo_item_set_progress (GalileoItem *self,
                           GalileoUploadState phase,
                           gint64 size,
                           guint64 acknowledged,
                           gint64 now)
{
  if (self->size != size) {
    self->size = size;
    notify (self, PROP_SIZE);
  }
  if (self->phase != phase) {
    self->phase = phase;
    notify (self, PROP_PHASE);
  }

  galileo_speed_add (&self->speed, acknowledged, now);
  if (self->acknowledged != acknowledged) {
    self->acknowledged = acknowledged;
    notify (self, PROP_ACKNOWLEDGED);
    notify (self, PROP_FRACTION);
  }
  notify (self, PROP_SPEED);
  notify (self, PROP_TIME_LEFT);
}

/* To be called before the progress that it is part of. */
void
galileo_item_set_offset (GalileoItem *self, guint64 offset, gboolean resumable)
{
  if (self->offset != offset) {
    /* What was there already did not go fast, it did not go at all. */
    galileo_speed_reset (&self->speed);
    self->offset = offset;
    notify (self, PROP_OFFSET);
  }
  if (self->resumable != resumable) {
    self->resumable = resumable;
    notify (self, PROP_RESUMABLE);
  }
}

void
galileo_item_set_result (GalileoItem *self, const char *hash, gboolean verified, const char *url)
{
  g_free (self->hash);
  self->hash = g_strdup (hash);
  g_free (self->url);
  self->url = g_strdup (url);
  self->verified = verified;
  notify (self, PROP_HASH);
  notify (self, PROP_VERIFIED);
  notify (self, PROP_URL);
}

void
galileo_item_add_signal (GalileoItem *self, GalileoSignal *signal)
{
  g_ptr_array_add (galileo_item_get_error_signals (self), galileo_signal_ref (signal));
}

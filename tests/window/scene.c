/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scene.h"

#include "window-kit.h"

#include "galileo/galileo-error.h"
#include "queue/galileo-item-private.h"
#include "queue/galileo-queue-private.h"
#include "queue/galileo-record.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>

#define FOLDER "Corpus Christi"

#define PHOTO_WIDTH 320
#define PHOTO_HEIGHT 240
#define N_PHOTOS 8

#define KB G_GUINT64_CONSTANT (1000)
#define MB (1000 * KB)

#define SPEED_OF_ALL (11450 * KB)
#define RETRY_SECONDS 8

/* Pictures of somebody's holidays */

static const struct {
  double sky[3], horizon[3], sun[3], hill[3], meadow[3];
  double sun_x, sun_y;
} photos[N_PHOTOS] = {
  { { 0.25, 0.52, 0.86 }, { 0.84, 0.92, 0.98 }, { 1.00, 0.98, 0.85 },
    { 0.30, 0.47, 0.40 }, { 0.45, 0.64, 0.28 }, 0.75, 0.22 },
  { { 0.20, 0.16, 0.42 }, { 0.98, 0.58, 0.34 }, { 1.00, 0.86, 0.50 },
    { 0.26, 0.18, 0.34 }, { 0.12, 0.10, 0.20 }, 0.40, 0.50 },
  { { 0.55, 0.72, 0.84 }, { 0.96, 0.93, 0.84 }, { 1.00, 1.00, 0.94 },
    { 0.45, 0.53, 0.63 }, { 0.80, 0.70, 0.42 }, 0.25, 0.28 },
  { { 0.05, 0.08, 0.22 }, { 0.24, 0.34, 0.58 }, { 0.95, 0.95, 0.88 },
    { 0.07, 0.12, 0.22 }, { 0.04, 0.07, 0.12 }, 0.68, 0.24 },
  { { 0.32, 0.66, 0.78 }, { 0.88, 0.96, 0.90 }, { 1.00, 0.95, 0.70 },
    { 0.16, 0.44, 0.50 }, { 0.92, 0.84, 0.62 }, 0.55, 0.20 },
  { { 0.78, 0.46, 0.52 }, { 1.00, 0.82, 0.66 }, { 1.00, 0.97, 0.86 },
    { 0.46, 0.28, 0.38 }, { 0.58, 0.38, 0.30 }, 0.30, 0.46 },
  { { 0.62, 0.68, 0.74 }, { 0.90, 0.92, 0.94 }, { 1.00, 1.00, 1.00 },
    { 0.52, 0.58, 0.64 }, { 0.96, 0.97, 1.00 }, 0.80, 0.34 },
  { { 0.16, 0.42, 0.62 }, { 0.98, 0.88, 0.62 }, { 1.00, 0.92, 0.56 },
    { 0.56, 0.34, 0.18 }, { 0.76, 0.54, 0.20 }, 0.50, 0.42 },
};

static void
set_colour (cairo_t *cr, const double colour[3])
{
  cairo_set_source_rgb (cr, colour[0], colour[1], colour[2]);
}

static void
draw_hill (cairo_t *cr, double from, double peak, double x)
{
  cairo_move_to (cr, 0, 1);
  cairo_line_to (cr, 0, from);
  cairo_curve_to (cr, x * 0.5, peak, x, peak, 1, from + (1 - from) * 0.4);
  cairo_line_to (cr, 1, 1);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
draw_photo (cairo_t *cr, guint n)
{
  cairo_pattern_t *sky = cairo_pattern_create_linear (0, 0, 0, 0.7);
  cairo_pattern_t *glow = cairo_pattern_create_radial (photos[n].sun_x, photos[n].sun_y, 0.05,
                                                       photos[n].sun_x, photos[n].sun_y, 0.45);

  cairo_scale (cr, PHOTO_WIDTH, PHOTO_HEIGHT);
  cairo_pattern_add_color_stop_rgb (sky, 0, photos[n].sky[0], photos[n].sky[1], photos[n].sky[2]);
  cairo_pattern_add_color_stop_rgb (sky, 1, photos[n].horizon[0], photos[n].horizon[1], photos[n].horizon[2]);
  cairo_set_source (cr, sky);
  cairo_paint (cr);
  cairo_pattern_add_color_stop_rgba (glow, 0, photos[n].sun[0], photos[n].sun[1], photos[n].sun[2], 0.8);
  cairo_pattern_add_color_stop_rgba (glow, 1, photos[n].sun[0], photos[n].sun[1], photos[n].sun[2], 0);
  cairo_set_source (cr, glow);
  cairo_paint (cr);
  set_colour (cr, photos[n].sun);
  cairo_arc (cr, photos[n].sun_x, photos[n].sun_y, 0.07, 0, 2 * G_PI);
  cairo_fill (cr);
  set_colour (cr, photos[n].hill);
  draw_hill (cr, 0.72, 0.30 + 0.04 * n, 0.4 + 0.06 * n);
  set_colour (cr, photos[n].meadow);
  draw_hill (cr, 0.84, 0.66, 0.9 - 0.05 * n);

  cairo_pattern_destroy (glow);
  cairo_pattern_destroy (sky);
}

static void
save_photo (const char *path, guint n)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, PHOTO_WIDTH, PHOTO_HEIGHT);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  g_autoptr (GError) error = NULL;

  draw_photo (cr, n % N_PHOTOS);
  cairo_destroy (cr);
  pixbuf = gdk_pixbuf_get_from_surface (surface, 0, 0, PHOTO_WIDTH, PHOTO_HEIGHT);
  cairo_surface_destroy (surface);
  gdk_pixbuf_save (pixbuf, path, "jpeg", &error, NULL);
  g_assert_no_error (error);
}

/* A photograph, on the disk. Each name has one of its own kind. */
GFile *
scene_new_picture (Scene *self, const char *folder, const char *name)
{
  g_autofree char *place = g_build_filename (self->directory, folder, NULL);
  g_autofree char *path = g_build_filename (place, name, NULL);
  guint n = 0;

  for (const char *at = name; *at != '\0'; at++)
    n = g_ascii_isdigit (*at) ? n * 10 + (guint) (*at - '0') : n;
  g_assert_cmpint (g_mkdir_with_parents (place, 0700), ==, 0);
  save_photo (path, n);

  return g_file_new_for_path (path);
}

/* Files and what has become of them */

typedef struct {
  const char *name;
  GalileoItemState state;
  guint64 size;
  const char *path;
  GalileoUploadState phase; /* of an attempt */
  guint64 acknowledged;
  guint64 speed;
  guint64 offset;
  guint attempt;
  int error_code;           /* of GALILEO_ERROR */
  const char *error;
  const char *signals[3];
  gboolean hash, verified, link;
} File;

static gboolean
is_under_way (const File *file)
{
  return file->state == GALILEO_ITEM_UPLOADING || file->state == GALILEO_ITEM_RETRYING ||
         (file->state == GALILEO_ITEM_PAUSED && file->acknowledged > 0);
}

/* Two minutes past two, today. */
static gint64
get_finish_time (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_new_utc (g_date_time_get_year (now), g_date_time_get_month (now),
                                                    g_date_time_get_day_of_month (now), 14, 2, 0);

  return g_date_time_to_unix (then) * G_USEC_PER_SEC;
}

static GalileoRecord *
new_record (Scene *self, const File *file)
{
  g_autoptr (GFile) source = NULL;
  GalileoRecord *record = galileo_record_new ();

  if (g_str_has_suffix (file->name, ".jpg"))
    source = scene_new_picture (self, FOLDER, file->name);
  else
    source = g_file_new_build_filename ("/media", "camera", FOLDER, file->name, NULL);
  record->address = g_uri_to_string (galileo_site_get_address (self->site));
  record->uri = g_file_get_uri (source);
  record->name = g_strdup (file->name);
  record->path = g_strdup (file->path);
  record->mtime = 1;
  record->upload_id = g_strdup (file->name);
  /* An attempt is made once it is in the queue. */
  record->state = is_under_way (file) ? GALILEO_ITEM_WAITING : file->state;
  record->size = (gint64) file->size;
  record->attempt = file->attempt;
  if (file->error != NULL)
    record->error = g_error_new_literal (GALILEO_ERROR, file->error_code, file->error);
  for (guint i = 0; i < G_N_ELEMENTS (file->signals) && file->signals[i] != NULL; i++)
    g_ptr_array_add (record->signals, g_strdup (file->signals[i]));
  if (file->hash)
    record->hash = g_strdup ("5c3b1f6e0a9d47c2b8e1f04d6a7352c9e8b0d1f4");
  record->verified = file->verified;
  if (file->link)
    record->url = g_strdup_printf ("https://www.example.org/files/%s", file->name);
  if (file->state >= GALILEO_ITEM_FAILED) {
    record->finish_time = get_finish_time ();
    record->seconds = 2.4;
  }

  return record;
}

static GalileoQueueEntry *
look_up (Scene *self, guint position)
{
  g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (self->queue), position);

  return g_hash_table_lookup (self->queue->by_item, item);
}

/* What the queue does as an attempt goes on, with times of our own. */
static void
make_attempt (Scene *self, GalileoQueueEntry *entry, const File *file)
{
  gint64 now = g_get_monotonic_time ();

  galileo_queue_entry_leave_line (entry);
  galileo_item_begin_attempt (entry->item);
  galileo_queue_entry_set_state (entry, GALILEO_ITEM_UPLOADING);
  galileo_item_set_offset (entry->item, file->offset, file->offset > 0);
  if (file->speed > 0)
    galileo_item_set_progress (entry->item, file->phase, (gint64) file->size,
                               file->acknowledged - MIN (file->speed, file->acknowledged), now - G_USEC_PER_SEC);
  galileo_item_set_progress (entry->item, file->phase, (gint64) file->size, file->acknowledged, now);
  galileo_totals_update (&self->queue->totals, &entry->share, entry->item);

  if (file->error != NULL) {
    g_autoptr (GError) error = g_error_new_literal (GALILEO_ERROR, file->error_code, file->error);

    galileo_item_set_error (entry->item, error);
  }
  galileo_queue_entry_set_state (entry, file->state);
}

typedef struct {
  Scene *scene;
  guint n;
} Expected;

static gboolean
are_listed (gpointer data)
{
  Expected *expected = data;

  return g_list_model_get_n_items (G_LIST_MODEL (expected->scene->queue)) == expected->n;
}

static void
add_files (Scene *self, const File *files, guint n_files)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_before = g_list_model_get_n_items (G_LIST_MODEL (self->queue));
  Expected expected = { self, n_before + n_files };

  for (guint i = 0; i < n_files; i++) {
    g_autoptr (GalileoRecord) record = new_record (self, &files[i]);

    g_ptr_array_add (items, galileo_record_to_item (record, self->site));
  }
  galileo_queue_append (self->queue, items);
  window_kit_wait_until (are_listed, &expected, "the files in the queue");

  for (guint i = 0; i < n_files; i++)
    if (is_under_way (&files[i]))
      make_attempt (self, look_up (self, n_before + i), &files[i]);
}

#define REFUSED .error_code = GALILEO_ERROR_REFUSED, .error = "The site refused it: “Quota exceeded”"
#define QUOTA "{\"error\":\"Quota exceeded\",\"fatal\":true}"

/* An afternoon's work, nearly through. */
static const File batch[] = {
  { "IMG_2041.jpg", GALILEO_ITEM_UPLOADING, 8200 * KB, .phase = GALILEO_UPLOAD_STATE_SENDING,
    .acknowledged = 5100 * KB, .speed = 4100 * KB },
  { "IMG_2042.jpg", GALILEO_ITEM_UPLOADING, 7900 * KB, .phase = GALILEO_UPLOAD_STATE_FINISHED,
    .acknowledged = 7900 * KB },
  { "procession.mp4", GALILEO_ITEM_UPLOADING, 2100 * MB, .phase = GALILEO_UPLOAD_STATE_SENDING,
    .acknowledged = 968 * MB, .speed = 7300 * KB, .offset = 180 * MB },
  { "choir.wav", GALILEO_ITEM_FAILED, 640 * MB, .attempt = 1, REFUSED,
    .signals = { "{\"error\":\"The folder “Choir” is nearly full\"}", QUOTA } },
  { "IMG_2043.jpg", GALILEO_ITEM_RETRYING, 8400 * KB, .phase = GALILEO_UPLOAD_STATE_SENDING,
    .acknowledged = 3100 * KB,
    .error_code = GALILEO_ERROR_INTERRUPTED, .error = "Connection lost: the connection was cut" },
  { "IMG_2044.jpg", GALILEO_ITEM_PAUSED, 7700 * KB, .phase = GALILEO_UPLOAD_STATE_SENDING,
    .acknowledged = 2600 * KB, .speed = 4100 * KB },
  { "IMG_2045.jpg", GALILEO_ITEM_WAITING, 8000 * KB },
  { "programme.pdf", GALILEO_ITEM_DONE, 1200 * KB, .hash = TRUE, .verified = TRUE, .link = TRUE },
  { "IMG_2046.jpg", GALILEO_ITEM_DONE, 7600 * KB, .hash = TRUE, .verified = TRUE, .link = TRUE },
  { "IMG_2047.jpg", GALILEO_ITEM_DONE, 8100 * KB, .hash = TRUE, .verified = TRUE, .link = TRUE,
    .signals = { "{\"error\":\"The picture has no date\"}" } },
};

#define N_IN_BATCH 112

void
scene_add_batch (Scene *self)
{
  Expected expected = { self, N_IN_BATCH };
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  add_files (self, batch, G_N_ELEMENTS (batch));
  for (guint i = 0; i < N_IN_BATCH - G_N_ELEMENTS (batch); i++) {
    g_autofree char *name = g_strdup_printf ("IMG_%u.jpg", 2048 + i);
    const File file = { name, GALILEO_ITEM_DONE, (7500 + i * 17 % 1200) * KB,
                        .hash = TRUE, .verified = TRUE, .link = TRUE };
    g_autoptr (GalileoRecord) record = new_record (self, &file);

    g_ptr_array_add (items, galileo_record_to_item (record, self->site));
  }
  galileo_queue_append (self->queue, items);
  window_kit_wait_until (are_listed, &expected, "the files in the queue");
}

#define FAILED(code, text) .attempt = 1, .error_code = GALILEO_ERROR_##code, .error = text
#define ATTEMPT(in) .phase = GALILEO_UPLOAD_STATE_##in

static const File in_each_state[] = {
  { "IMG_2041.jpg", GALILEO_ITEM_UPLOADING, 8200 * KB, ATTEMPT (CONNECTING) },
  { "IMG_2042.jpg", GALILEO_ITEM_UPLOADING, 7900 * KB, ATTEMPT (METADATA) },
  { "IMG_2043.jpg", GALILEO_ITEM_UPLOADING, 8400 * KB, ATTEMPT (SENDING), .acknowledged = 5100 * KB, .speed = 4100 * KB },
  { "procession.mp4", GALILEO_ITEM_UPLOADING, 2100 * MB, ATTEMPT (SENDING), .acknowledged = 968 * MB, .speed = 7300 * KB,
    .offset = 180 * MB },
  { "sermon.mp3", GALILEO_ITEM_UPLOADING, 41 * MB, ATTEMPT (SENDING), .acknowledged = 9 * MB, .speed = 1200 * KB,
    .attempt = 1 },
  { "IMG_2044.jpg", GALILEO_ITEM_UPLOADING, 7700 * KB, ATTEMPT (FINISHED), .acknowledged = 7700 * KB },
  { "IMG_2045.jpg", GALILEO_ITEM_RETRYING, 8000 * KB, ATTEMPT (SENDING), .acknowledged = 3100 * KB,
    .error_code = GALILEO_ERROR_INTERRUPTED, .error = "Connection lost: the connection was cut" },
  { "IMG_2046.jpg", GALILEO_ITEM_PAUSED, 7600 * KB, ATTEMPT (SENDING), .acknowledged = 2600 * KB, .speed = 4100 * KB },
  { "IMG_2047.jpg", GALILEO_ITEM_PAUSED, 8100 * KB },
  { "IMG_2048.jpg", GALILEO_ITEM_WAITING, 7800 * KB,
    .path = "Parish/2018/Corpus Christi/Procession through the village" },
  { "IMG_2041.jpg", GALILEO_ITEM_WAITING, 6900 * KB },
  { "choir.wav", GALILEO_ITEM_FAILED, 640 * MB, .attempt = 1, REFUSED, .signals = { QUOTA } },
  { "choir-2.wav", GALILEO_ITEM_FAILED, 612 * MB, FAILED (REFUSED, "The site refused it"),
    .signals = { "{\"error\":true,\"fatal\":true}" } },
  { "IMG_2049.jpg", GALILEO_ITEM_FAILED, 8200 * KB,
    FAILED (CONNECT, "Can't reach www.example.org: connection refused; nothing listens at that address") },
  { "IMG_2050.jpg", GALILEO_ITEM_FAILED, 8200 * KB,
    FAILED (UNAUTHORIZED, "Not signed in at www.example.org, or not allowed to upload there (403 Forbidden)") },
  { "IMG_2051.jpg", GALILEO_ITEM_FAILED, 8200 * KB,
    FAILED (TLS, "The certificate of www.example.org is not trusted: it expired on 3 May") },
  { "IMG_2052.jpg", GALILEO_ITEM_FAILED, 8200 * KB,
    FAILED (STALLED, "The site stopped answering for 60 seconds after the whole file was sent. It may be out of space") },
  { "IMG_2053.jpg", GALILEO_ITEM_FAILED, 8200 * KB,
    FAILED (UNCONFIRMED, "Sent, but the site did not confirm it; it may or may not be there: the connection was cut") },
  { "bulletin.odt", GALILEO_ITEM_FAILED, 310 * KB, FAILED (CHANGED, "The file changed while it was being uploaded") },
  { "readings.txt", GALILEO_ITEM_FAILED, 12 * KB, FAILED (FILE, "The file is not there") },
  { "programme.pdf", GALILEO_ITEM_DONE, 1200 * KB, .hash = TRUE, .verified = TRUE, .link = TRUE },
  { "IMG_2054.jpg", GALILEO_ITEM_DONE, 7500 * KB, .hash = TRUE },
  { "IMG_2055.jpg", GALILEO_ITEM_DONE, 7700 * KB, .hash = TRUE, .link = TRUE,
    .signals = { "{\"error\":\"The picture has no date\"}", "{\"error\":\"very large\"}" } },
  { "a very long name of a photograph that somebody found in the attic and scanned at night, page 1 of 12.jpg",
    GALILEO_ITEM_CANCELLED, 9100 * KB },
};

void
scene_add_states (Scene *self)
{
  add_files (self, in_each_state, G_N_ELEMENTS (in_each_state));
}

static gboolean
is_flushed (gpointer data)
{
  return *(gboolean *) data;
}

static void
flushed_cb (const GError *error, gpointer data)
{
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

void
scene_add_history (Scene *self)
{
  gboolean flushed = FALSE;

  for (guint i = G_N_ELEMENTS (in_each_state); i > 0; i--) {
    const File *file = &in_each_state[i - 1];
    GalileoRecord *record;

    if (file->state < GALILEO_ITEM_FAILED)
      continue;
    record = new_record (self, file);
    record->id = i;
    galileo_store_put_end (self->store, record, NULL, NULL);
  }
  galileo_store_flush (self->store, flushed_cb, &flushed);
  window_kit_wait_until (is_flushed, &flushed, "the history on the disk");
}

GalileoItem *
scene_find (Scene *self, const char *name)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->queue)); i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (self->queue), i);

    if (g_str_equal (galileo_item_get_name (item), name))
      return item;
  }

  g_assert_not_reached ();
}

static gboolean
has_no_news (gpointer data)
{
  return GALILEO_QUEUE (data)->figures_source == NULL;
}

/* What depends on the time becomes what it is to be in the picture, right before that is taken. */
void
scene_freshen (Scene *self)
{
  GalileoTotals *totals = &self->queue->totals;
  gint64 now;

  window_kit_wait_until (has_no_news, self->queue, "the figures as they are");
  now = g_get_monotonic_time ();
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->queue)); i++) {
    GalileoItem *item = look_up (self, i)->item;

    if (galileo_item_get_state (item) == GALILEO_ITEM_RETRYING)
      galileo_item_set_retry (item, now + RETRY_SECONDS * G_USEC_PER_SEC);
  }

  galileo_speed_reset (&totals->speed);
  galileo_speed_add (&totals->speed, totals->moved - MIN (totals->moved, SPEED_OF_ALL), now - G_USEC_PER_SEC);
  galileo_speed_add (&totals->speed, totals->moved, now);
  galileo_queue_notify_figures (self->queue);
}

/* The place where it happens */

/* Returns: (transfer none) */
static GalileoSite *
add_site (Scene *self, const char *address, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalileoSite) made = galileo_site_new (address, &error);
  GalileoSite *site;

  g_assert_no_error (error);
  site = galileo_queue_remember_site (self->queue, made);
  galileo_site_set_name (site, name);
  /* Nothing starts while it is not known whether the network leads there, which nobody is asked. */
  galileo_queue_add_site (self->queue, site)->asking = TRUE;

  return site;
}

Scene *
scene_new (void)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  g_autofree char *path = NULL;
  Scene *self = g_new0 (Scene, 1);
  g_autoptr (GError) error = NULL;

  self->directory = g_dir_make_tmp ("pictures-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (self->directory, "queue.db", NULL);
  self->store = galileo_store_new (path, &error);
  g_assert_no_error (error);
  self->queue = galileo_queue_new (engine);
  g_assert_true (galileo_queue_set_store (self->queue, self->store, &error));
  self->site = add_site (self, "wss://www.example.org/upload", "Parish Website");
  add_site (self, "wss://archive.example.net/in", "Choir Archive");
  add_site (self, "wss://photos.example.com/upload", NULL);

  return self;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  g_remove (path);
}

/* After its windows. */
void
scene_free (Scene *self)
{
  g_assert_finalize_object (self->queue);
  g_assert_finalize_object (self->store);
  remove_tree (self->directory);
  g_free (self->directory);
  g_free (self);
}

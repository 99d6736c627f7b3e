/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-thumbnails.h"

#include "uploader-picture.h"
#include "uploader-priority.h"

/* Behind the uploads, which are why the program is there. */
#define NICE 15

/*
 * Small pictures of files. One thread makes them, one after the other; what was asked for last comes first, because
 * that is what is on the screen now. Only files that somebody asks for are read: a list asks for the rows that it
 * shows, and cancels for a row that it no longer shows.
 *
 * Belongs to the main thread.
 */
struct _UploaderThumbnails {
  GObject parent_instance;

  /* owned */
  GThreadPool *pool;    /* NULL until it is needed */
  GHashTable *jobs;     /* key → Job that somebody waits for */
  GHashTable *pictures; /* key → Picture */
  GQueue recent;        /* of Picture, the last used first */
};

G_DEFINE_FINAL_TYPE (UploaderThumbnails, uploader_thumbnails, G_TYPE_OBJECT)

/* A picture that was made; or that there is none, so that nobody tries again. */
typedef struct {
  char *key;
  GdkTexture *texture; /* or NULL */
  GList link;
} Picture;

/* One file to look into. The tables above and the thread both have it. */
typedef struct {
  char *key;
  GFile *file;
  int size;
  GCancellable *cancellable;

  /* the main thread's */
  UploaderThumbnails *thumbnails; /* borrowed from those who wait; NULL as soon as nobody does */
  GPtrArray *waiters;

  /* the thread's, until it is done */
  GdkTexture *texture;
} Job;

typedef struct {
  GTask *task;
  GSource *cancelled; /* or NULL */
  Job *job;           /* borrowed: it has this one */
} Waiter;

static void
picture_free (Picture *picture)
{
  g_free (picture->key);
  g_clear_object (&picture->texture);
  g_free (picture);
}

static void
waiter_free (Waiter *waiter)
{
  if (waiter->cancelled != NULL)
    g_source_destroy (waiter->cancelled);
  g_clear_pointer (&waiter->cancelled, g_source_unref);
  g_clear_object (&waiter->task);
  g_free (waiter);
}

static void
job_clear (gpointer data)
{
  Job *job = data;

  g_free (job->key);
  g_clear_object (&job->file);
  g_clear_object (&job->cancellable);
  g_clear_pointer (&job->waiters, g_ptr_array_unref);
  g_clear_object (&job->texture);
}

static void
job_release (gpointer job)
{
  g_atomic_rc_box_release_full (job, job_clear);
}

static char *
dup_key (GFile *file, gint64 mtime)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT " %s", mtime, g_file_peek_path (file));
}

static Picture *
find_picture (UploaderThumbnails *self, const char *key)
{
  Picture *picture = g_hash_table_lookup (self->pictures, key);

  if (picture != NULL) {
    g_queue_unlink (&self->recent, &picture->link);
    g_queue_push_head_link (&self->recent, &picture->link);
  }

  return picture;
}

static void
keep_picture (UploaderThumbnails *self, const char *key, GdkTexture *texture)
{
  Picture *picture = g_new0 (Picture, 1);

  if (self->recent.length >= UPLOADER_THUMBNAILS_MAX) {
    Picture *oldest = g_queue_pop_tail_link (&self->recent)->data;

    g_hash_table_remove (self->pictures, oldest->key);
  }

  picture->key = g_strdup (key);
  picture->link.data = picture;
  g_set_object (&picture->texture, texture);
  g_hash_table_insert (self->pictures, picture->key, picture);
  g_queue_push_head_link (&self->recent, &picture->link);
}

static void
return_texture (GTask *task, GdkTexture *texture)
{
  g_task_return_pointer (task, texture != NULL ? g_object_ref (texture) : NULL, g_object_unref);
}

/* Takes it from those that are waited for. */
static void
forget_job (Job *job)
{
  UploaderThumbnails *self = g_steal_pointer (&job->thumbnails);

  g_hash_table_remove (self->jobs, job->key);
}

static gboolean
done_cb (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GPtrArray) waiters = NULL;

  if (job->thumbnails == NULL)
    return G_SOURCE_REMOVE;

  waiters = g_steal_pointer (&job->waiters);
  keep_picture (job->thumbnails, job->key, job->texture);
  forget_job (job);

  for (guint i = 0; i < waiters->len; i++) {
    Waiter *waiter = g_ptr_array_index (waiters, i);

    return_texture (waiter->task, job->texture);
  }

  return G_SOURCE_REMOVE;
}

/* In the thread */
static void
work (gpointer data, gpointer user_data)
{
  Job *job = data;

  uploader_priority_lower (NICE);

  job->texture = uploader_picture_load (job->file, job->size, job->cancellable);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, done_cb, job, job_release);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Waiter *waiter = user_data;
  Job *job = waiter->job;
  g_autoptr (GTask) task = g_object_ref (waiter->task);

  g_ptr_array_remove (job->waiters, waiter);
  if (job->waiters->len == 0) {
    g_cancellable_cancel (job->cancellable);
    forget_job (job);
  }
  g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

static void
add_waiter (Job *job, GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->job = job;
  waiter->task = g_object_ref (task);
  if (cancellable != NULL) {
    waiter->cancelled = g_cancellable_source_new (cancellable);
    g_source_set_callback (waiter->cancelled, G_SOURCE_FUNC (cancelled_cb), waiter, NULL);
    g_source_attach (waiter->cancelled, NULL);
  }
  g_ptr_array_add (job->waiters, waiter);
}

static Job *
new_job (UploaderThumbnails *self, const char *key, GFile *file, int size)
{
  Job *job = g_atomic_rc_box_new0 (Job);

  job->key = g_strdup (key);
  job->file = g_object_ref (file);
  job->size = size;
  job->cancellable = g_cancellable_new ();
  job->thumbnails = self;
  job->waiters = g_ptr_array_new_with_free_func ((GDestroyNotify) waiter_free);
  g_hash_table_insert (self->jobs, job->key, job);

  return job;
}

static void
push_job (UploaderThumbnails *self, Job *job)
{
  if (self->pool == NULL)
    self->pool = g_thread_pool_new_full (work, NULL, job_release, 1, TRUE, NULL);

  g_thread_pool_push (self->pool, g_atomic_rc_box_acquire (job), NULL);
}

static void
uploader_thumbnails_finalize (GObject *object)
{
  UploaderThumbnails *self = UPLOADER_THUMBNAILS (object);

  /* Nobody waits for what the thread may still be at: who waits has a reference. */
  if (self->pool != NULL)
    g_thread_pool_free (self->pool, TRUE, FALSE);
  g_clear_pointer (&self->jobs, g_hash_table_unref);
  g_clear_pointer (&self->pictures, g_hash_table_unref);

  G_OBJECT_CLASS (uploader_thumbnails_parent_class)->finalize (object);
}

static void
uploader_thumbnails_class_init (UploaderThumbnailsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = uploader_thumbnails_finalize;
}

static void
uploader_thumbnails_init (UploaderThumbnails *self)
{
  self->jobs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, job_release);
  self->pictures = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) picture_free);
}

UploaderThumbnails *
uploader_thumbnails_new (void)
{
  return g_object_new (UPLOADER_TYPE_THUMBNAILS, NULL);
}

/* The picture of the file as it was at that time, if it is at hand. */
GdkTexture *
uploader_thumbnails_lookup (UploaderThumbnails *self, GFile *file, gint64 mtime)
{
  g_autofree char *key = NULL;
  Picture *picture;

  g_return_val_if_fail (UPLOADER_IS_THUMBNAILS (self), NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  if (g_file_peek_path (file) == NULL)
    return NULL;

  key = dup_key (file, mtime);
  picture = find_picture (self, key);

  return picture != NULL ? picture->texture : NULL;
}

/*
 * name: tells by its ending whether this may be a picture
 * mtime: when the file was last changed, in any unit: another time is another picture
 * size: the longer side in pixels of the display. A picture that is at hand keeps its size.
 *
 * Most files have no picture, and that is no error.
 */
void
uploader_thumbnails_load_async (UploaderThumbnails *self,
                                GFile *file,
                                const char *name,
                                gint64 mtime,
                                int size,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *key = NULL;
  Picture *picture;
  Job *job;

  g_return_if_fail (UPLOADER_IS_THUMBNAILS (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (name != NULL);
  g_return_if_fail (size > 0);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, uploader_thumbnails_load_async);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (!g_file_is_native (file) || g_file_peek_path (file) == NULL || !uploader_picture_can_load (name)) {
    return_texture (task, NULL);
    return;
  }

  key = dup_key (file, mtime);
  picture = find_picture (self, key);
  if (picture != NULL) {
    return_texture (task, picture->texture);
    return;
  }

  job = g_hash_table_lookup (self->jobs, key);
  if (job == NULL) {
    job = new_job (self, key, file, size);
    add_waiter (job, task);
    push_job (self, job);
  } else {
    add_waiter (job, task);
  }
  /* It isn't there any more if the thread has it already. */
  g_thread_pool_move_to_front (self->pool, job);
}

/* NULL without an error if the file has no picture. The only error is G_IO_ERROR_CANCELLED. */
GdkTexture *
uploader_thumbnails_load_finish (UploaderThumbnails *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (UPLOADER_IS_THUMBNAILS (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-transfer.h"

/*
 * The engine's half. It is made by the owner, then touched in the engine's thread alone, until the upload's connection
 * has ended there. What it posts back finds the owner's half by a weak reference, or nobody.
 */
typedef struct {
  gatomicrefcount ref_count;
  GalileoEngine *engine; /* borrowed: the transfer's owner keeps it */
  GMainContext *owner_context;
  GWeakRef transfer;

  GUri *address;
  GFile *file;
  char *name;
  char *path;
  char *id;
  guint64 max_chunk_size;
  GalileoHashType hash_type;
  guint timeout;
  SoupMessageHeaders *headers;
  char *rate_group;
  char *pin;

  GalileoUpload *upload;
  GalileoUploadState reported_state; /* the last that was posted */
  guint64 reported;
} Worker;

struct _GalileoTransfer {
  GObject parent_instance;

  GalileoEngine *engine;
  Worker *worker;
  gboolean ended;
};

enum {
  SIGNAL_UPDATE,
  SIGNAL_ERROR_SIGNAL,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalileoTransfer, galileo_transfer, G_TYPE_OBJECT)

static Worker *
worker_ref (Worker *worker)
{
  g_atomic_ref_count_inc (&worker->ref_count);

  return worker;
}

static void
worker_unref (gpointer data)
{
  Worker *worker = data;

  if (!g_atomic_ref_count_dec (&worker->ref_count))
    return;

  g_assert (worker->upload == NULL);
  g_main_context_unref (worker->owner_context);
  g_weak_ref_clear (&worker->transfer);
  g_uri_unref (worker->address);
  g_object_unref (worker->file);
  g_free (worker->name);
  g_free (worker->path);
  g_free (worker->id);
  soup_message_headers_unref (worker->headers);
  g_free (worker->rate_group);
  g_free (worker->pin);
  g_free (worker);
}

/* What goes from the engine's thread to the owner's. */
typedef struct {
  Worker *worker;
  GalileoTransferUpdate update;
  GalileoSignal *signal;
} Message;

static void
message_free (gpointer data)
{
  Message *message = data;

  worker_unref (message->worker);
  g_clear_error (&message->update.error);
  g_clear_pointer (&message->update.hash, g_free);
  g_clear_pointer (&message->update.url, g_free);
  g_clear_pointer (&message->signal, galileo_signal_unref);
  g_free (message);
}

static gboolean
receive_cb (gpointer user_data)
{
  Message *message = user_data;
  g_autoptr (GalileoTransfer) self = g_weak_ref_get (&message->worker->transfer);

  if (self == NULL)
    return G_SOURCE_REMOVE;

  if (message->signal != NULL) {
    g_signal_emit (self, signals[SIGNAL_ERROR_SIGNAL], 0, message->signal);
  } else {
    self->ended = message->update.state > GALILEO_UPLOAD_STATE_CLOSING;
    g_signal_emit (self, signals[SIGNAL_UPDATE], 0, &message->update);
  }

  return G_SOURCE_REMOVE;
}

/* Takes the message. Not g_main_context_invoke_full(): that could call it in this thread. */
static void
post (Message *message)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, receive_cb, message, message_free);
  g_source_set_static_name (source, "[galileo] transfer message");
  g_source_attach (source, message->worker->owner_context);
}

static void
post_update (Worker *worker)
{
  Message *message = g_new0 (Message, 1);
  const GError *error = galileo_upload_get_error (worker->upload);

  message->worker = worker_ref (worker);
  message->update.state = galileo_upload_get_state (worker->upload);
  message->update.size = galileo_upload_get_size (worker->upload);
  message->update.acknowledged = galileo_upload_get_acknowledged (worker->upload);
  message->update.offset = galileo_upload_get_offset (worker->upload);
  message->update.resumable = galileo_upload_get_resumable (worker->upload);
  message->update.max_chunk_size = galileo_upload_get_max_chunk_size (worker->upload);
  message->update.error = error != NULL ? g_error_copy (error) : NULL;
  message->update.hash = g_strdup (galileo_upload_get_hash (worker->upload));
  message->update.url = g_strdup (galileo_upload_get_url (worker->upload));
  message->update.verified = galileo_upload_get_verified (worker->upload);
  post (message);
}

static void
progress_cb (GalileoUpload *upload, Worker *worker)
{
  GalileoUploadState state = galileo_upload_get_state (upload);
  guint64 acknowledged = galileo_upload_get_acknowledged (upload);

  g_assert (galileo_engine_is_owner (worker->engine));

  if (state == worker->reported_state && acknowledged == worker->reported)
    return;

  worker->reported_state = state;
  worker->reported = acknowledged;
  post_update (worker);
}

static void
state_cb (GalileoUpload *upload, GParamSpec *pspec, Worker *worker)
{
  if (galileo_upload_get_state (upload) > GALILEO_UPLOAD_STATE_CLOSING)
    post_update (worker);
}

static void
error_signal_cb (GalileoUpload *upload, GalileoSignal *signal, Worker *worker)
{
  Message *message = g_new0 (Message, 1);

  message->worker = worker_ref (worker);
  message->signal = galileo_signal_ref (signal);
  post (message);
}

/* Nothing more comes from this upload. */
static void
closed_cb (GalileoUpload *upload, Worker *worker)
{
  g_signal_handlers_disconnect_by_data (upload, worker);
  g_clear_object (&worker->upload);
  worker_unref (worker);
}

static void
set_header_cb (const char *name, const char *value, gpointer user_data)
{
  galileo_upload_set_header (user_data, name, value);
}

static gboolean
start_cb (gpointer user_data)
{
  Worker *worker = user_data;

  /* Held until closed_cb(). */
  worker_ref (worker);
  worker->upload =
      galileo_upload_new (galileo_engine_get_session (worker->engine), worker->address, worker->file);
  galileo_upload_set_name (worker->upload, worker->name);
  galileo_upload_set_path (worker->upload, worker->path);
  galileo_upload_set_id (worker->upload, worker->id);
  galileo_upload_set_max_chunk_size (worker->upload, worker->max_chunk_size);
  galileo_upload_set_hash_type (worker->upload, worker->hash_type);
  galileo_upload_set_timeout (worker->upload, worker->timeout);
  galileo_upload_set_rate_group (worker->upload, worker->rate_group);
  soup_message_headers_foreach (worker->headers, set_header_cb, worker->upload);
  if (worker->pin != NULL)
    galileo_upload_set_pinned_certificate (worker->upload, worker->pin);
  g_signal_connect (worker->upload, "notify::state", G_CALLBACK (state_cb), worker);
  g_signal_connect (worker->upload, "progress", G_CALLBACK (progress_cb), worker);
  g_signal_connect (worker->upload, "error-signal", G_CALLBACK (error_signal_cb), worker);
  g_signal_connect (worker->upload, "closed", G_CALLBACK (closed_cb), worker);
  galileo_engine_start_upload (worker->engine, worker->upload);

  return G_SOURCE_REMOVE;
}

static gboolean
cancel_cb (gpointer user_data)
{
  Worker *worker = user_data;

  if (worker->upload != NULL)
    galileo_upload_cancel (worker->upload);

  return G_SOURCE_REMOVE;
}

static void
galileo_transfer_dispose (GObject *object)
{
  GalileoTransfer *self = GALILEO_TRANSFER (object);

  if (self->worker != NULL) {
    if (!self->ended)
      galileo_transfer_cancel (self);
    g_weak_ref_set (&self->worker->transfer, NULL);
    g_clear_pointer (&self->worker, worker_unref);
  }
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (galileo_transfer_parent_class)->dispose (object);
}

static void
galileo_transfer_class_init (GalileoTransferClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galileo_transfer_dispose;

  signals[SIGNAL_UPDATE] =
      g_signal_new ("update", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_ERROR_SIGNAL] = g_signal_new ("error-signal",
                                               type,
                                               G_SIGNAL_RUN_LAST,
                                               0,
                                               NULL,
                                               NULL,
                                               NULL,
                                               G_TYPE_NONE,
                                               1,
                                               GALILEO_TYPE_SIGNAL);
}

static void
galileo_transfer_init (GalileoTransfer *self)
{
}

static void
copy_header_cb (const char *name, const char *value, gpointer user_data)
{
  soup_message_headers_append (user_data, name, value);
}

/* Starts at once. Freeing the transfer cuts what is left of it, unless the upload's end has been reported: then its
 * websocket may still close in order. */
GalileoTransfer *
galileo_transfer_new (GalileoEngine *engine, const GalileoTransferOptions *options)
{
  GalileoTransfer *self;
  Worker *worker;

  g_return_val_if_fail (GALILEO_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (options != NULL, NULL);

  self = g_object_new (GALILEO_TYPE_TRANSFER, NULL);
  self->engine = g_object_ref (engine);

  worker = g_new0 (Worker, 1);
  g_atomic_ref_count_init (&worker->ref_count);
  worker->engine = engine;
  worker->owner_context = g_main_context_ref_thread_default ();
  g_weak_ref_init (&worker->transfer, self);
  worker->address = g_uri_ref (options->address);
  worker->file = g_object_ref (options->file);
  worker->name = g_strdup (options->name);
  worker->path = g_strdup (options->path);
  worker->id = g_strdup (options->id);
  worker->max_chunk_size = options->max_chunk_size;
  worker->hash_type = options->hash_type;
  worker->timeout = options->timeout;
  worker->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  if (options->headers != NULL)
    soup_message_headers_foreach (options->headers, copy_header_cb, worker->headers);
  worker->rate_group = g_strdup (options->rate_group);
  worker->pin = g_strdup (options->pin);
  self->worker = worker;

  galileo_engine_invoke (engine, start_cb, worker_ref (worker), worker_unref);

  return self;
}

/* The update with the state CANCELLED follows, unless another end was first. */
void
galileo_transfer_cancel (GalileoTransfer *self)
{
  g_return_if_fail (GALILEO_IS_TRANSFER (self));

  galileo_engine_invoke (self->engine, cancel_cb, worker_ref (self->worker), worker_unref);
}

typedef struct {
  Worker *worker;
  gboolean paused;
} Pause;

static void
pause_free (gpointer data)
{
  Pause *pause = data;

  worker_unref (pause->worker);
  g_free (pause);
}

static gboolean
pause_cb (gpointer user_data)
{
  Pause *pause = user_data;

  if (pause->worker->upload != NULL)
    galileo_upload_set_paused (pause->worker->upload, pause->paused);

  return G_SOURCE_REMOVE;
}

/* Has the upload rest, or go on, in the same connection. */
void
galileo_transfer_set_paused (GalileoTransfer *self, gboolean paused)
{
  Pause *pause;

  g_return_if_fail (GALILEO_IS_TRANSFER (self));

  pause = g_new (Pause, 1);
  *pause = (Pause) { worker_ref (self->worker), paused };
  galileo_engine_invoke (self->engine, pause_cb, pause, pause_free);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-engine.h"

#include <gio/gio.h>

/* What libsoup limits with this are handshakes: a websocket leaves its pool once it is open. */
#define MAX_HANDSHAKES_PER_HOST 64

/**
 * GalileoEngine:
 *
 * A thread with a main context of its own, for sessions and uploads.
 *
 * libsoup reads a websocket until nothing is left, so a peer that keeps sending holds up the whole context; nobody
 * else's work should live there. Speak to it with [method@Engine.invoke], and let what runs there answer with
 * [method@GLib.MainContext.invoke_full]: nothing is shared but messages.
 *
 * The engine may be made, spoken to and freed from any thread but its own. Freeing it cancels the uploads that it
 * started, and ends the thread.
 */
struct _GalileoEngine {
  GObject parent_instance;

  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;

  /* The thread's. */
  SoupSession *session;
  GPtrArray *uploads; /* not closed yet */
};

G_DEFINE_FINAL_TYPE (GalileoEngine, galileo_engine, G_TYPE_OBJECT)

static gpointer
run (gpointer data)
{
  GalileoEngine *self = data;

  g_main_context_push_thread_default (self->context);
  self->session = soup_session_new_with_options ("max-conns",
                                                 MAX_HANDSHAKES_PER_HOST,
                                                 "max-conns-per-host",
                                                 MAX_HANDSHAKES_PER_HOST,
                                                 NULL);
  self->uploads = g_ptr_array_new_with_free_func (g_object_unref);
  g_main_loop_run (self->loop);

  while (self->uploads->len > 0)
    galileo_upload_cancel (g_ptr_array_index (self->uploads, self->uploads->len - 1));
  g_ptr_array_unref (self->uploads);
  soup_session_abort (self->session);
  while (g_main_context_iteration (self->context, FALSE)) {
  }
  g_clear_object (&self->session);
  g_main_context_pop_thread_default (self->context);

  return NULL;
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_REMOVE;
}

static void
galileo_engine_finalize (GObject *object)
{
  GalileoEngine *self = GALILEO_ENGINE (object);
  g_autoptr (GSource) quit = g_idle_source_new ();

  g_assert (!galileo_engine_is_owner (self));

  g_source_set_priority (quit, G_PRIORITY_LOW);
  g_source_set_callback (quit, quit_cb, self->loop, NULL);
  g_source_attach (quit, self->context);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (galileo_engine_parent_class)->finalize (object);
}

static void
galileo_engine_class_init (GalileoEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galileo_engine_finalize;
}

static void
galileo_engine_init (GalileoEngine *self)
{
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("galileo-engine", run, self);
}

/**
 * galileo_engine_new:
 *
 * Starts an engine.
 *
 * Returns: (transfer full): a new engine, its thread running
 */
GalileoEngine *
galileo_engine_new (void)
{
  return g_object_new (GALILEO_TYPE_ENGINE, NULL);
}

/**
 * galileo_engine_get_context:
 * @self: an engine
 *
 * Returns: (transfer none): the context that the engine's thread runs
 */
GMainContext *
galileo_engine_get_context (GalileoEngine *self)
{
  g_return_val_if_fail (GALILEO_IS_ENGINE (self), NULL);

  return self->context;
}

/**
 * galileo_engine_get_session:
 * @self: an engine
 *
 * Gives the session for uploads. Only to be called in the engine's thread.
 *
 * Returns: (transfer none): the session
 */
SoupSession *
galileo_engine_get_session (GalileoEngine *self)
{
  g_return_val_if_fail (GALILEO_IS_ENGINE (self), NULL);
  g_return_val_if_fail (galileo_engine_is_owner (self), NULL);

  return self->session;
}

static void
upload_closed_cb (GalileoUpload *upload, GalileoEngine *self)
{
  g_signal_handlers_disconnect_by_func (upload, upload_closed_cb, self);
  g_ptr_array_remove_fast (self->uploads, upload);
}

/**
 * galileo_engine_start_upload:
 * @self: an engine
 * @upload: a new upload, with this engine's session
 *
 * Starts an upload and holds on to it until it is closed; freeing the engine before that cancels it. Only to be
 * called in the engine's thread.
 */
void
galileo_engine_start_upload (GalileoEngine *self, GalileoUpload *upload)
{
  g_return_if_fail (GALILEO_IS_ENGINE (self));
  g_return_if_fail (galileo_engine_is_owner (self));
  g_return_if_fail (GALILEO_IS_UPLOAD (upload));

  g_ptr_array_add (self->uploads, g_object_ref (upload));
  g_signal_connect (upload, "closed", G_CALLBACK (upload_closed_cb), self);
  galileo_upload_start (upload);
}

/**
 * galileo_engine_is_owner:
 * @self: an engine
 *
 * Returns: whether the calling thread is the engine's
 */
gboolean
galileo_engine_is_owner (GalileoEngine *self)
{
  g_return_val_if_fail (GALILEO_IS_ENGINE (self), FALSE);

  return g_main_context_is_owner (self->context);
}

/**
 * galileo_engine_invoke:
 * @self: an engine
 * @function: (scope notified): called once in the engine's thread; returns %G_SOURCE_REMOVE
 * @data: passed to @function
 * @destroy: (nullable): frees @data
 *
 * Has a function called in the engine's thread. Calls from one thread keep their order.
 */
void
galileo_engine_invoke (GalileoEngine *self, GSourceFunc function, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = NULL;

  g_return_if_fail (GALILEO_IS_ENGINE (self));
  g_return_if_fail (function != NULL);

  /* Not g_main_context_invoke_full(): that would call it in this thread if the engine's has not begun to run. */
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, function, data, destroy);
  g_source_attach (source, self->context);
}

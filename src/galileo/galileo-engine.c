/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-engine.h"

#include "galileo-proxy-cache.h"
#include "galileo-upload-private.h"

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
  GalileoLimiter *limiter;
};

G_DEFINE_FINAL_TYPE (GalileoEngine, galileo_engine, G_TYPE_OBJECT)

static gpointer
run (gpointer data)
{
  GalileoEngine *self = data;

  g_autoptr (GProxyResolver) proxies = galileo_proxy_cache_new (g_proxy_resolver_get_default ());

  g_main_context_push_thread_default (self->context);
  self->session = soup_session_new_with_options ("max-conns",
                                                 MAX_HANDSHAKES_PER_HOST,
                                                 "max-conns-per-host",
                                                 MAX_HANDSHAKES_PER_HOST,
                                                 "proxy-resolver",
                                                 proxies,
                                                 NULL);
  self->uploads = g_ptr_array_new_with_free_func (g_object_unref);
  self->limiter = galileo_limiter_new ();
  g_main_loop_run (self->loop);

  while (self->uploads->len > 0)
    galileo_upload_cancel (g_ptr_array_index (self->uploads, self->uploads->len - 1));
  g_ptr_array_unref (self->uploads);
  soup_session_abort (self->session);
  while (g_main_context_iteration (self->context, FALSE)) {
  }
  g_clear_object (&self->session);
  g_clear_object (&self->limiter);
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

  galileo_upload_set_limiter (upload, self->limiter);
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

typedef struct {
  GalileoEngine *engine; /* borrowed: it ends its thread, and with it this, before it goes */
  guint64 rate;
  GTlsDatabase *database;
} Setting;

static void
setting_free (gpointer data)
{
  Setting *setting = data;

  g_clear_object (&setting->database);
  g_free (setting);
}

static gboolean
set_rate_cb (gpointer user_data)
{
  Setting *setting = user_data;

  galileo_limiter_set_rate (setting->engine->limiter, setting->rate);

  return G_SOURCE_REMOVE;
}

static gboolean
set_database_cb (gpointer user_data)
{
  Setting *setting = user_data;

  soup_session_set_tls_database (setting->engine->session, setting->database);

  return G_SOURCE_REMOVE;
}

/**
 * galileo_engine_set_rate_limit:
 * @self: an engine
 * @bytes_per_second: bytes of file data a second; 0 for no limit
 *
 * Limits what all uploads of this engine send together, from now on. The rate is smooth: no second sees more than 1.25
 * times as much. Chunks become smaller where that takes it. May be called in any thread, also while uploads run.
 */
void
galileo_engine_set_rate_limit (GalileoEngine *self, guint64 bytes_per_second)
{
  Setting *setting;

  g_return_if_fail (GALILEO_IS_ENGINE (self));

  setting = g_new0 (Setting, 1);
  setting->engine = self;
  setting->rate = bytes_per_second;
  galileo_engine_invoke (self, set_rate_cb, setting, setting_free);
}

/**
 * galileo_engine_set_tls_database:
 * @self: an engine
 * @database: (nullable): the authorities to trust, such as [func@Gio.TlsFileDatabase.new] reads; %NULL for none but pinned
 *   certificates
 *
 * Sets who is trusted to sign the certificates of `wss` sites, in place of those that the system trusts. Holds for uploads
 * that are started later. May be called in any thread.
 */
void
galileo_engine_set_tls_database (GalileoEngine *self, GTlsDatabase *database)
{
  Setting *setting;

  g_return_if_fail (GALILEO_IS_ENGINE (self));
  g_return_if_fail (database == NULL || G_IS_TLS_DATABASE (database));

  setting = g_new0 (Setting, 1);
  setting->engine = self;
  setting->database = database != NULL ? g_object_ref (database) : NULL;
  galileo_engine_invoke (self, set_database_cb, setting, setting_free);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-engine.h"

#include "galileo-proxy-cache.h"
#include "galileo-upload-private.h"

#include <gio/gio.h>

/* What libsoup limits with this are handshakes: a websocket leaves its pool once it is open. */
#define MAX_HANDSHAKES_PER_HOST 64

/* What the thread has. It may outlive the engine. */
typedef struct {
  GMainContext *context;
  GMainLoop *loop;

  /* The thread's own. */
  SoupSession *session;
  GPtrArray *uploads; /* not closed yet */
  GalileoLimiter *limiter;
  GHashTable *groups; /* name → Group: those with a limit, or with uploads */
} GalileoEngineCore;

typedef struct {
  GalileoLimiter *limiter;
  guint n_uploads; /* not closed yet */
} Group;

/**
 * GalileoEngine:
 *
 * A thread with a main context of its own, for sessions and uploads.
 *
 * libsoup reads a websocket until nothing is left, so a peer that keeps sending holds up the whole context; nobody
 * else's work should live there. A program with a window has its uploads in an engine; one that does nothing else can
 * do without.
 *
 * Speak to it with [method@Galileo.Engine.invoke], and let what runs there answer with
 * [method@GLib.MainContext.invoke_full]: nothing is shared but messages. Uploads that run in the engine belong to its
 * thread: their methods are called there, and their signals come there. See [threads](threads.html).
 *
 * The engine may be made, spoken to and freed from any thread. Freeing it cancels the uploads that it started, and
 * waits for its thread to end; what was asked for with [method@Galileo.Engine.invoke] before is still done. Where the
 * last reference goes in the engine's own thread, that thread ends by itself soon after.
 */
struct _GalileoEngine {
  GObject parent_instance;

  GThread *thread;
  GalileoEngineCore *core;
};

G_DEFINE_FINAL_TYPE (GalileoEngine, galileo_engine, G_TYPE_OBJECT)

static void
group_free (gpointer data)
{
  Group *group = data;

  g_object_unref (group->limiter);
  g_free (group);
}

static Group *
get_group (GalileoEngineCore *self, const char *name)
{
  Group *group = g_hash_table_lookup (self->groups, name);

  if (group == NULL) {
    group = g_new0 (Group, 1);
    group->limiter = galileo_limiter_new_for_group (self->limiter);
    g_hash_table_insert (self->groups, g_strdup (name), group);
  }

  return group;
}

/* Whatever nobody has set or uses is not kept. */
static void
drop_unused_group (GalileoEngineCore *self, const char *name)
{
  Group *group = g_hash_table_lookup (self->groups, name);

  if (group->n_uploads == 0 && galileo_limiter_get_rate (group->limiter) == 0)
    g_hash_table_remove (self->groups, name);
}

static void
core_clear (gpointer data)
{
  GalileoEngineCore *core = data;

  g_main_loop_unref (core->loop);
  g_main_context_unref (core->context);
}

static void
core_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, core_clear);
}

static gpointer
run (gpointer data)
{
  GalileoEngineCore *self = data;
  g_autoptr (GProxyResolver) proxies = galileo_proxy_cache_new (NULL);

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
  self->groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, group_free);
  g_main_loop_run (self->loop);

  while (self->uploads->len > 0)
    galileo_upload_cancel (g_ptr_array_index (self->uploads, self->uploads->len - 1));
  g_ptr_array_unref (self->uploads);
  soup_session_abort (self->session);
  while (g_main_context_iteration (self->context, FALSE)) {
  }
  g_clear_object (&self->session);
  g_clear_pointer (&self->groups, g_hash_table_unref);
  g_clear_object (&self->limiter);
  g_main_context_pop_thread_default (self->context);
  core_unref (self);

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
  gboolean in_own_thread = galileo_engine_is_owner (self);

  g_source_set_priority (quit, G_PRIORITY_LOW);
  g_source_set_callback (quit, quit_cb, self->core->loop, NULL);
  g_source_attach (quit, self->core->context);

  /* A thread can't wait for itself. It goes on with what it has, and ends alone. */
  if (in_own_thread)
    g_thread_unref (self->thread);
  else
    g_thread_join (self->thread);
  core_unref (self->core);

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
  /* It loads modules, and those settings; a thread that is the first to ask for settings meanwhile loads modules. Either
   * waits for the other then, for ever. So it is asked for once here, where whoever made the engine also has its settings. */
  (void) g_proxy_resolver_get_default ();

  /* Likewise: GLib holds a lock while it sets up the session's class, which asks for types of addresses; a thread that is
   * just registering those asks for that lock. */
  g_type_class_unref (g_type_class_ref (SOUP_TYPE_SESSION));

  self->core = g_atomic_rc_box_new0 (GalileoEngineCore);
  self->core->context = g_main_context_new ();
  self->core->loop = g_main_loop_new (self->core->context, FALSE);
  self->thread = g_thread_new ("galileo-engine", run, g_atomic_rc_box_acquire (self->core));
}

/**
 * galileo_engine_new:
 *
 * Starts an engine.
 *
 * May be called in any thread.
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
 * Gives the context that the engine's thread runs, for those who attach sources of their own to it.
 *
 * May be called in any thread.
 *
 * Returns: (transfer none): the context, owned by @self
 */
GMainContext *
galileo_engine_get_context (GalileoEngine *self)
{
  g_return_val_if_fail (GALILEO_IS_ENGINE (self), NULL);

  return self->core->context;
}

/**
 * galileo_engine_get_session:
 * @self: an engine
 *
 * Gives the session for uploads of this engine. It takes the proxies and the certificate authorities of the system, and
 * keeps neither cookies nor passwords.
 *
 * Only to be called in the engine's thread.
 *
 * Returns: (transfer none): the session, owned by @self
 */
SoupSession *
galileo_engine_get_session (GalileoEngine *self)
{
  g_return_val_if_fail (GALILEO_IS_ENGINE (self), NULL);
  g_return_val_if_fail (galileo_engine_is_owner (self), NULL);

  return self->core->session;
}

static void
upload_closed_cb (GalileoUpload *upload, GalileoEngineCore *core)
{
  const char *name = galileo_upload_get_rate_group (upload);

  if (name != NULL) {
    get_group (core, name)->n_uploads--;
    drop_unused_group (core, name);
  }
  g_signal_handlers_disconnect_by_func (upload, upload_closed_cb, core);
  g_ptr_array_remove_fast (core->uploads, upload);
}

/**
 * galileo_engine_start_upload:
 * @self: an engine
 * @upload: a new upload, with the session of [method@Galileo.Engine.get_session]
 *
 * Starts an upload under this engine's rate limit and that of its [property@Galileo.Upload:rate-group], and holds on to
 * it until it is closed; freeing the engine before that cancels it.
 *
 * Only to be called in the engine's thread.
 */
void
galileo_engine_start_upload (GalileoEngine *self, GalileoUpload *upload)
{
  const char *name;

  g_return_if_fail (GALILEO_IS_ENGINE (self));
  g_return_if_fail (galileo_engine_is_owner (self));
  g_return_if_fail (GALILEO_IS_UPLOAD (upload));

  name = galileo_upload_get_rate_group (upload);
  if (name != NULL) {
    Group *group = get_group (self->core, name);

    group->n_uploads++;
    galileo_upload_set_limiter (upload, group->limiter);
  } else {
    galileo_upload_set_limiter (upload, self->core->limiter);
  }
  g_ptr_array_add (self->core->uploads, g_object_ref (upload));
  g_signal_connect (upload, "closed", G_CALLBACK (upload_closed_cb), self->core);
  galileo_upload_start (upload);
}

/**
 * galileo_engine_is_owner:
 * @self: an engine
 *
 * Tells whose thread the caller is in. Made for assertions.
 *
 * May be called in any thread.
 *
 * Returns: whether the calling thread is the engine's
 */
gboolean
galileo_engine_is_owner (GalileoEngine *self)
{
  g_return_val_if_fail (GALILEO_IS_ENGINE (self), FALSE);

  return g_main_context_is_owner (self->core->context);
}

/**
 * galileo_engine_invoke:
 * @self: an engine
 * @function: (scope notified) (closure data) (destroy destroy): called once in the engine's thread; returns
 *   %G_SOURCE_REMOVE
 * @data: passed to @function
 * @destroy: (nullable): frees @data, in the engine's thread
 *
 * Has a function called in the engine's thread. Calls from one thread keep their order.
 *
 * May be called in any thread. @function may have no part in what other threads work on.
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
  g_source_attach (source, self->core->context);
}

typedef struct {
  GalileoEngineCore *core; /* borrowed: its thread holds on to it while this can be called */
  char *group;
  guint64 rate;
  GTlsDatabase *database;
} Setting;

static void
setting_free (gpointer data)
{
  Setting *setting = data;

  g_free (setting->group);
  g_clear_object (&setting->database);
  g_free (setting);
}

static gboolean
set_rate_cb (gpointer user_data)
{
  Setting *setting = user_data;

  galileo_limiter_set_rate (setting->core->limiter, setting->rate);

  return G_SOURCE_REMOVE;
}

static gboolean
set_group_rate_cb (gpointer user_data)
{
  Setting *setting = user_data;

  galileo_limiter_set_rate (get_group (setting->core, setting->group)->limiter, setting->rate);
  drop_unused_group (setting->core, setting->group);

  return G_SOURCE_REMOVE;
}

static gboolean
set_database_cb (gpointer user_data)
{
  Setting *setting = user_data;

  soup_session_set_tls_database (setting->core->session, setting->database);

  return G_SOURCE_REMOVE;
}

/**
 * galileo_engine_set_rate_limit:
 * @self: an engine
 * @bytes_per_second: bytes of file data a second; 0 for no limit
 *
 * Limits what all uploads of this engine send together, from now on. The rate is smooth: no second sees more than 1.25
 * times as much. Chunks become smaller where that takes it.
 *
 * May be called in any thread, also while uploads run.
 */
void
galileo_engine_set_rate_limit (GalileoEngine *self, guint64 bytes_per_second)
{
  Setting *setting;

  g_return_if_fail (GALILEO_IS_ENGINE (self));

  setting = g_new0 (Setting, 1);
  setting->core = self->core;
  setting->rate = bytes_per_second;
  galileo_engine_invoke (self, set_rate_cb, setting, setting_free);
}

/**
 * galileo_engine_set_group_rate_limit:
 * @self: an engine
 * @group: the group, UTF-8, as [property@Galileo.Upload:rate-group] names it
 * @bytes_per_second: bytes of file data a second; 0 for no limit
 *
 * Limits what the uploads of a group send together, from now on: those that run, and those that are started later. The
 * limit of [method@Galileo.Engine.set_rate_limit] holds as well. Both rates are smooth: no second sees more than 1.25
 * times as much.
 *
 * Where it is the limit of all that holds them back, uploads share it evenly, whatever their group; what a group may
 * not use is there for the others. A group keeps its limit until another is set, whether it has uploads or not.
 *
 * May be called in any thread, also while uploads run.
 */
void
galileo_engine_set_group_rate_limit (GalileoEngine *self, const char *group, guint64 bytes_per_second)
{
  Setting *setting;

  g_return_if_fail (GALILEO_IS_ENGINE (self));
  g_return_if_fail (group != NULL);

  setting = g_new0 (Setting, 1);
  setting->core = self->core;
  setting->group = g_strdup (group);
  setting->rate = bytes_per_second;
  galileo_engine_invoke (self, set_group_rate_cb, setting, setting_free);
}

/**
 * galileo_engine_set_tls_database:
 * @self: an engine
 * @database: (nullable): the authorities to trust, such as [func@Gio.TlsFileDatabase.new] reads; %NULL for none but
 *   pinned certificates
 *
 * Sets who is trusted to sign the certificates of `wss` sites, in place of those that the system trusts. Holds for
 * uploads that are started later.
 *
 * May be called in any thread.
 */
void
galileo_engine_set_tls_database (GalileoEngine *self, GTlsDatabase *database)
{
  Setting *setting;

  g_return_if_fail (GALILEO_IS_ENGINE (self));
  g_return_if_fail (database == NULL || G_IS_TLS_DATABASE (database));

  setting = g_new0 (Setting, 1);
  setting->core = self->core;
  setting->database = database != NULL ? g_object_ref (database) : NULL;
  galileo_engine_invoke (self, set_database_cb, setting, setting_free);
}

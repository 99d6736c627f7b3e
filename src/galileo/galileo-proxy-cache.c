/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-proxy-cache.h"

/*
 * GalileoProxyCache:
 *
 * Asks another resolver which proxies lead to an address, and remembers the answer for some seconds: long enough for
 * thousands of small files, which would each cost a thread and the reading of settings (a tenth of all the time that they
 * take, measured); short enough that somebody who changes the settings finds them obeyed.
 *
 * Used from one context.
 */
struct _GalileoProxyCache {
  GObject parent_instance;

  GProxyResolver *resolver;
  char *uri; /* of the last question */
  GStrv proxies;
  gint64 asked_at;
};

#define MEMORY_SECONDS 5

static void proxy_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalileoProxyCache,
                               galileo_proxy_cache,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, proxy_resolver_iface_init))

/* The system's is not asked for before it is needed: it may read settings, and start helpers. */
static GProxyResolver *
get_resolver (GalileoProxyCache *self)
{
  if (self->resolver == NULL)
    self->resolver = g_object_ref (g_proxy_resolver_get_default ());

  return self->resolver;
}

static GStrv
recall (GalileoProxyCache *self, const char *uri)
{
  if (g_strcmp0 (self->uri, uri) != 0 ||
      g_get_monotonic_time () - self->asked_at >= MEMORY_SECONDS * G_USEC_PER_SEC)
    return NULL;

  return g_strdupv (self->proxies);
}

static void
memorise (GalileoProxyCache *self, const char *uri, GStrv proxies)
{
  g_free (self->uri);
  g_strfreev (self->proxies);
  self->uri = g_strdup (uri);
  self->proxies = g_strdupv (proxies);
  self->asked_at = g_get_monotonic_time ();
}

static gboolean
galileo_proxy_cache_is_supported (GProxyResolver *resolver)
{
  return g_proxy_resolver_is_supported (get_resolver (GALILEO_PROXY_CACHE (resolver)));
}

static GStrv
galileo_proxy_cache_lookup (GProxyResolver *resolver, const char *uri, GCancellable *cancellable, GError **error)
{
  GalileoProxyCache *self = GALILEO_PROXY_CACHE (resolver);
  GStrv proxies = recall (self, uri);

  if (proxies != NULL)
    return proxies;

  proxies = g_proxy_resolver_lookup (get_resolver (self), uri, cancellable, error);
  if (proxies != NULL)
    memorise (self, uri, proxies);

  return proxies;
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GStrv proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);

  if (proxies == NULL) {
    g_task_return_error (task, error);
    return;
  }

  memorise (g_task_get_source_object (task), g_task_get_task_data (task), proxies);
  g_task_return_pointer (task, proxies, (GDestroyNotify) g_strfreev);
}

static void
galileo_proxy_cache_lookup_async (GProxyResolver *resolver,
                                  const char *uri,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GalileoProxyCache *self = GALILEO_PROXY_CACHE (resolver);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GStrv proxies = recall (self, uri);

  g_task_set_source_tag (task, galileo_proxy_cache_lookup_async);
  if (proxies != NULL) {
    g_task_return_pointer (task, proxies, (GDestroyNotify) g_strfreev);
    g_object_unref (task);
    return;
  }

  g_task_set_task_data (task, g_strdup (uri), g_free);
  g_proxy_resolver_lookup_async (get_resolver (self), uri, cancellable, looked_up_cb, task);
}

static GStrv
galileo_proxy_cache_lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, resolver), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
proxy_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = galileo_proxy_cache_is_supported;
  iface->lookup = galileo_proxy_cache_lookup;
  iface->lookup_async = galileo_proxy_cache_lookup_async;
  iface->lookup_finish = galileo_proxy_cache_lookup_finish;
}

static void
galileo_proxy_cache_finalize (GObject *object)
{
  GalileoProxyCache *self = GALILEO_PROXY_CACHE (object);

  g_clear_object (&self->resolver);
  g_clear_pointer (&self->uri, g_free);
  g_clear_pointer (&self->proxies, g_strfreev);

  G_OBJECT_CLASS (galileo_proxy_cache_parent_class)->finalize (object);
}

static void
galileo_proxy_cache_class_init (GalileoProxyCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galileo_proxy_cache_finalize;
}

static void
galileo_proxy_cache_init (GalileoProxyCache *self)
{
}

/* resolver: whom to ask; NULL for the system's. */
GProxyResolver *
galileo_proxy_cache_new (GProxyResolver *resolver)
{
  GalileoProxyCache *self = g_object_new (GALILEO_TYPE_PROXY_CACHE, NULL);

  g_set_object (&self->resolver, resolver);

  return G_PROXY_RESOLVER (self);
}

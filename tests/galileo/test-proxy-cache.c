/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-proxy-cache.h"

/* A resolver that counts what it is asked. */
#define COUNTING_TYPE_RESOLVER (counting_resolver_get_type ())

G_DECLARE_FINAL_TYPE (CountingResolver, counting_resolver, COUNTING, RESOLVER, GObject)

struct _CountingResolver {
  GObject parent_instance;

  guint n_lookups;
  gboolean fails;
};

static void counting_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CountingResolver,
                               counting_resolver,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, counting_iface_init))

static gboolean
is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static GStrv
lookup (GProxyResolver *resolver, const char *uri, GCancellable *cancellable, GError **error)
{
  CountingResolver *self = COUNTING_RESOLVER (resolver);
  const char *proxies[] = { uri, "direct://", NULL };

  self->n_lookups++;
  if (self->fails) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED, "no");
    return NULL;
  }

  return g_strdupv ((GStrv) proxies);
}

static void
lookup_async (GProxyResolver *resolver,
              const char *uri,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  GError *error = NULL;
  GStrv proxies = lookup (resolver, uri, cancellable, &error);

  if (proxies != NULL)
    g_task_return_pointer (task, proxies, (GDestroyNotify) g_strfreev);
  else
    g_task_return_error (task, error);
}

static GStrv
lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
counting_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = is_supported;
  iface->lookup = lookup;
  iface->lookup_async = lookup_async;
  iface->lookup_finish = lookup_finish;
}

static void
counting_resolver_class_init (CountingResolverClass *klass)
{
}

static void
counting_resolver_init (CountingResolver *self)
{
}

static void
keep_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GStrv
ask (GProxyResolver *cache, const char *uri, gboolean async, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (!async)
    return g_proxy_resolver_lookup (cache, uri, NULL, error);

  g_proxy_resolver_lookup_async (cache, uri, NULL, keep_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return g_proxy_resolver_lookup_finish (cache, result, error);
}

/* The same question is answered from memory, another one is asked, a failure is not remembered. */
static void
test_cache (gconstpointer data)
{
  gboolean async = GPOINTER_TO_INT (data);
  CountingResolver *counting = g_object_new (COUNTING_TYPE_RESOLVER, NULL);
  g_autoptr (GProxyResolver) cache = galileo_proxy_cache_new (G_PROXY_RESOLVER (counting));
  const char *uris[] = { "ws://a", "ws://a", "ws://b", "ws://b", "ws://a" };
  const guint n_lookups[] = { 1, 1, 2, 2, 3 };
  g_autoptr (GError) error = NULL;

  g_assert_true (g_proxy_resolver_is_supported (cache));
  for (guint i = 0; i < G_N_ELEMENTS (uris); i++) {
    g_auto (GStrv) proxies = ask (cache, uris[i], async, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (proxies[0], ==, uris[i]);
    g_assert_cmpstr (proxies[1], ==, "direct://");
    g_assert_cmpuint (counting->n_lookups, ==, n_lookups[i]);
  }

  counting->fails = TRUE;
  for (guint i = 0; i < 2; i++) {
    g_assert_null (ask (cache, "ws://c", async, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED);
    g_clear_error (&error);
  }
  g_assert_cmpuint (counting->n_lookups, ==, 5);
  g_object_unref (counting);
}

/* The system's is asked where none is given. */
static void
test_system (void)
{
  g_autoptr (GProxyResolver) cache = galileo_proxy_cache_new (NULL);
  g_auto (GStrv) proxies = ask (cache, "ws://127.0.0.1/", TRUE, NULL);

  g_assert_cmpint (g_proxy_resolver_is_supported (cache),
                   ==,
                   g_proxy_resolver_is_supported (g_proxy_resolver_get_default ()));
  g_assert_cmpstr (proxies[0], ==, "direct://");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/proxy-cache/sync", GINT_TO_POINTER (FALSE), test_cache);
  g_test_add_data_func ("/proxy-cache/async", GINT_TO_POINTER (TRUE), test_cache);

  g_test_add_func ("/proxy-cache/system", test_system);

  return g_test_run ();
}

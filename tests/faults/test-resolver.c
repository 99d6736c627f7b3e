/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-resolver.h"

struct _TestResolver {
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static void
addresses_free (gpointer addresses)
{
  g_resolver_free_addresses (addresses);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
}

static gboolean
cancelled_source_cb (GCancellable *cancellable, gpointer user_data)
{
  cancelled_cb (cancellable, user_data);

  return G_SOURCE_REMOVE;
}

static void
lookup_by_name_with_flags_async (GResolver *resolver,
                                 const char *name,
                                 GResolverNameLookupFlags flags,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  GList *addresses = NULL;

  if (g_str_equal (name, "nowhere.example")) {
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "Name or service not known");
  } else if (g_str_equal (name, "broken.example")) {
    g_task_return_new_error (task,
                             G_RESOLVER_ERROR,
                             G_RESOLVER_ERROR_TEMPORARY_FAILURE,
                             "Temporary failure in name resolution");
  } else if (g_str_equal (name, "silent.example")) {
    g_autoptr (GSource) source = g_cancellable_source_new (cancellable);

    g_source_set_callback (source, G_SOURCE_FUNC (cancelled_source_cb), g_object_ref (task), NULL);
    g_source_attach (source, g_main_context_get_thread_default ());
  } else if (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) {
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "No IPv6 address");
  } else {
    if (g_str_equal (name, "two.example"))
      addresses = g_list_append (addresses, g_inet_address_new_from_string ("127.0.0.2"));
    addresses = g_list_append (addresses, g_inet_address_new_from_string ("127.0.0.1"));
    g_task_return_pointer (task, addresses, addresses_free);
  }
}

static GList *
lookup_by_name_with_flags_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
lookup_by_name_async (GResolver *resolver,
                      const char *name,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  lookup_by_name_with_flags_async (resolver,
                                   name,
                                   G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT,
                                   cancellable,
                                   callback,
                                   user_data);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_async = lookup_by_name_async;
  resolver_class->lookup_by_name_finish = lookup_by_name_with_flags_finish;
  resolver_class->lookup_by_name_with_flags_async = lookup_by_name_with_flags_async;
  resolver_class->lookup_by_name_with_flags_finish = lookup_by_name_with_flags_finish;
}

static void
test_resolver_init (TestResolver *self)
{
}

void
test_resolver_install (void)
{
  g_autoptr (GResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);

  g_resolver_set_default (resolver);
}

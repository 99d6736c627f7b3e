/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-engine.h"

static gboolean
append_cb (gpointer user_data)
{
  GAsyncQueue *queue = user_data;

  g_async_queue_push (queue, g_thread_self ());

  return G_SOURCE_REMOVE;
}

/* Calls run in the engine's thread, in order, and a freed engine has run them all. */
static void
test_invoke (void)
{
  GalileoEngine *engine = galileo_engine_new ();
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  GThread *thread;

  g_assert_false (galileo_engine_is_owner (engine));
  galileo_engine_invoke (engine, append_cb, queue, NULL);
  thread = g_async_queue_pop (queue);
  g_assert_true (thread != g_thread_self ());

  for (guint i = 0; i < 100; i++)
    galileo_engine_invoke (engine, append_cb, queue, NULL);
  g_assert_finalize_object (engine);
  g_assert_cmpint (g_async_queue_length (queue), ==, 100);
  for (guint i = 0; i < 100; i++)
    g_assert_true (g_async_queue_pop (queue) == thread);
}

/* Freed at once, before its thread may have begun. */
static void
test_free (void)
{
  for (guint i = 0; i < 50; i++) {
    GalileoEngine *engine = galileo_engine_new ();

    g_assert_finalize_object (engine);
  }
}

typedef struct {
  GalileoEngine *engine;
  GAsyncQueue *queue;
} LastReference;

static gboolean
drop_cb (gpointer user_data)
{
  LastReference *last = user_data;

  g_assert_true (galileo_engine_is_owner (last->engine));
  galileo_engine_set_rate_limit (last->engine, 1000);
  galileo_engine_invoke (last->engine, append_cb, last->queue, NULL);
  g_assert_finalize_object (last->engine);

  return G_SOURCE_REMOVE;
}

/* A callback may have the last reference, as closures of other languages do. What was asked for before still happens. */
static void
test_free_in_own_thread (void)
{
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();

  for (guint i = 0; i < 50; i++) {
    LastReference last = { .engine = galileo_engine_new (), .queue = queue };

    galileo_engine_invoke (last.engine, drop_cb, &last, NULL);
    g_assert_nonnull (g_async_queue_pop (queue));
  }
}

typedef struct {
  GalileoEngine *engine;
  GUri *address;
  GFile *file;
  GWeakRef upload;
} Job;

static gboolean
start_cb (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GalileoUpload) upload =
      galileo_upload_new (galileo_engine_get_session (job->engine), job->address, job->file);

  g_weak_ref_set (&job->upload, upload);
  galileo_engine_start_upload (job->engine, upload);

  return G_SOURCE_REMOVE;
}

/* Uploads that run when the engine is freed end with it. */
static void
test_running_upload (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autoptr (GUri) address = g_uri_build (G_URI_FLAGS_NONE, "ws", NULL, "127.0.0.1", port, "/", NULL, NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "galileo", "certificate.pem", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GSocketConnection) accepted = NULL;
  Job job = { .engine = galileo_engine_new (), .address = address, .file = file };

  g_weak_ref_init (&job.upload, NULL);
  galileo_engine_invoke (job.engine, start_cb, &job, NULL);
  accepted = g_socket_listener_accept (listener, NULL, NULL, NULL);
  g_assert_nonnull (accepted);
  g_assert_finalize_object (job.engine);
  g_assert_null (g_weak_ref_get (&job.upload));
  g_weak_ref_clear (&job.upload);
  g_socket_listener_close (listener);
}

typedef struct {
  GalileoEngine *engine;
  GTlsDatabase *database; /* what the session has */
  GMainContext *context;  /* that runs */
} Look;

static gboolean
look_cb (gpointer user_data)
{
  Look *look = user_data;

  look->database = soup_session_get_tls_database (galileo_engine_get_session (look->engine));
  look->context = g_main_context_get_thread_default ();

  return G_SOURCE_REMOVE;
}

/* Calls before this one have been done when it returns. */
static void
look (Look *self)
{
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();

  galileo_engine_invoke (self->engine, look_cb, self, NULL);
  galileo_engine_invoke (self->engine, append_cb, queue, NULL);
  g_async_queue_pop (queue);
}

/* Settings made in this thread are the session's by the time that anything asked for later runs. */
static void
test_settings (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "galileo", "certificate.pem", NULL);
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (path, NULL);
  Look result = { .engine = galileo_engine_new () };

  g_assert_nonnull (database);
  galileo_engine_set_tls_database (result.engine, database);
  look (&result);
  g_assert_true (result.database == database);
  g_assert_true (result.context == galileo_engine_get_context (result.engine));

  galileo_engine_set_tls_database (result.engine, NULL);
  look (&result);
  g_assert_null (result.database);
  g_assert_finalize_object (result.engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/invoke", test_invoke);
  g_test_add_func ("/engine/free", test_free);
  g_test_add_func ("/engine/free-in-own-thread", test_free_in_own_thread);
  g_test_add_func ("/engine/running-upload", test_running_upload);
  g_test_add_func ("/engine/settings", test_settings);

  return g_test_run ();
}

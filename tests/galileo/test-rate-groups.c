/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "upload-fixture.h"

#include "galileo/galileo-engine.h"
#include "galileo/galileo-upload-private.h"

#include <glib/gstdio.h>
#include <unistd.h>

/* Uploads that run in an engine, in groups with limits; how fast they are is counted by their peers, in this thread. */

#define MAX_STREAMS 4

typedef struct {
  GalileoEngine *engine;
  const char *group;
  ScriptedPeer *peer;
  GFile *file;
  guint64 counted; /* what had come when counting began */
  int closed;      /* atomic */

  /* Of the engine's thread. */
  GalileoUpload *upload;
  GWeakRef limiter;
} Stream;

typedef struct {
  GalileoEngine *engine;
  GAsyncQueue *queue;
  char *path;
  GFile *file;
  Stream streams[MAX_STREAMS];
  guint n_streams;
  gint64 counting_since;
} Scene;

static void
set_up (Scene *scene, guint64 size)
{
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("galileo-rate-XXXXXX", &scene->path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (fd, (off_t) size), ==, 0);
  close (fd);
  scene->file = g_file_new_for_path (scene->path);
  scene->queue = g_async_queue_new ();
  scene->engine = galileo_engine_new ();
}

static void
closed_cb (GalileoUpload *upload, Stream *stream)
{
  g_atomic_int_set (&stream->closed, TRUE);
  g_main_context_wakeup (NULL);
}

static gboolean
start_cb (gpointer user_data)
{
  Stream *stream = user_data;

  stream->upload = galileo_upload_new (galileo_engine_get_session (stream->engine), stream->peer->address, stream->file);
  galileo_upload_set_rate_group (stream->upload, stream->group);
  /* Waiting for one's turn is no stall. */
  galileo_upload_set_timeout (stream->upload, 5);
  g_signal_connect (stream->upload, "closed", G_CALLBACK (closed_cb), stream);
  galileo_engine_start_upload (stream->engine, stream->upload);
  g_weak_ref_init (&stream->limiter, stream->upload->limiter);

  return G_SOURCE_REMOVE;
}

static Stream *
start (Scene *scene, const char *group)
{
  Stream *stream = &scene->streams[scene->n_streams++];

  g_assert_cmpuint (scene->n_streams, <=, MAX_STREAMS);
  stream->engine = scene->engine;
  stream->group = group;
  stream->file = scene->file;
  stream->peer = scripted_peer_new (&upload_fixture_stop_and_wait);
  galileo_engine_invoke (scene->engine, start_cb, stream, NULL);

  return stream;
}

static gboolean
answer_cb (gpointer user_data)
{
  g_async_queue_push (user_data, GINT_TO_POINTER (1));

  return G_SOURCE_REMOVE;
}

/* What the engine was asked for before is done when this returns. */
static void
wait_for_engine (Scene *scene)
{
  galileo_engine_invoke (scene->engine, answer_cb, scene->queue, NULL);
  g_async_queue_pop (scene->queue);
}

static gboolean
cancel_cb (gpointer user_data)
{
  Stream *stream = user_data;

  galileo_upload_cancel (stream->upload);
  g_clear_object (&stream->upload);

  return G_SOURCE_REMOVE;
}

/* Returns once the upload has ended; a worker may still hold it. */
static void
cancel (Scene *scene, Stream *stream)
{
  galileo_engine_invoke (scene->engine, cancel_cb, stream, NULL);
  wait_for_engine (scene);
  g_assert_true (g_atomic_int_get (&stream->closed));
}

static gboolean
is_closed (gpointer data)
{
  Stream *stream = data;

  return g_atomic_int_get (&stream->closed);
}

static gboolean
has_limiter (Stream *stream)
{
  g_autoptr (GalileoLimiter) limiter = g_weak_ref_get (&stream->limiter);

  return limiter != NULL;
}

static void
wait_until_dropped (Scene *scene, Stream *stream)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (has_limiter (stream)) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    wait_for_engine (scene);
  }
}

static void
tear_down (Scene *scene)
{
  g_assert_finalize_object (scene->engine);
  for (guint i = 0; i < scene->n_streams; i++)
    g_clear_object (&scene->streams[i].upload);
  for (guint i = 0; i < scene->n_streams; i++) {
    Stream *stream = &scene->streams[i];

    g_assert_true (is_closed (stream));
    g_assert_false (has_limiter (stream));
    g_weak_ref_clear (&stream->limiter);
    scripted_peer_free (stream->peer);
  }
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_async_queue_unref (scene->queue);
  g_object_unref (scene->file);
  g_assert_cmpint (g_remove (scene->path), ==, 0);
  g_free (scene->path);
}

static gboolean
all_arrive (gpointer data)
{
  Scene *scene = data;

  for (guint i = 0; i < scene->n_streams; i++)
    if (scene->streams[i].peer->received->len == 0)
      return FALSE;

  return TRUE;
}

static void
begin_to_count (Scene *scene)
{
  upload_fixture_wait (all_arrive, scene);
  for (guint i = 0; i < scene->n_streams; i++)
    scene->streams[i].counted = scene->streams[i].peer->received->len;
  scene->counting_since = g_get_monotonic_time ();
}

static guint64
get_count (Stream *stream)
{
  return stream->peer->received->len - stream->counted;
}

static gboolean
has_much (gpointer data)
{
  return get_count (data) >= 400000;
}

static gboolean
has_some (gpointer data)
{
  return get_count (data) >= 20000;
}

static void
assert_arrived (Stream *stream, guint64 size)
{
  g_assert_cmpuint (stream->peer->received->len, ==, size);
  g_assert_cmpint (stream->peer->n_finished, ==, 1);
}

/* Bytes that came in so many seconds are those of a rate, but for one bucket and what was under way. */
static void
assert_rate (const char *what, guint64 bytes, double seconds, double rate)
{
  g_test_message ("%s: %.0f B/s of %.0f", what, (double) bytes / seconds, rate);
  g_assert_cmpfloat ((double) bytes, <=, rate * (seconds + 0.5));
  /* A machine with much else to do may lose some. */
  g_assert_cmpfloat ((double) bytes, >=, rate * seconds * 0.5);
}

/* Two in one group, one in another, and one in none, under a limit for all; then some limits go while uploads wait. */
static void
test_rates (void)
{
  const guint64 size = 3000000;
  Scene scene = { 0 };
  Stream *first, *second, *other, *free;
  double seconds;

  set_up (&scene, size);
  galileo_engine_set_rate_limit (scene.engine, 500000);
  galileo_engine_set_group_rate_limit (scene.engine, "a", 100000);
  first = start (&scene, "a");
  second = start (&scene, "a");
  other = start (&scene, "b");
  free = start (&scene, NULL);
  galileo_engine_set_group_rate_limit (scene.engine, "b", 200000);

  begin_to_count (&scene);
  upload_fixture_wait (has_much, free);
  seconds = (double) (g_get_monotonic_time () - scene.counting_since) / G_USEC_PER_SEC;
  assert_rate ("a", get_count (first) + get_count (second), seconds, 100000);
  assert_rate ("b", get_count (other), seconds, 200000);
  assert_rate ("none", get_count (free), seconds, 200000);
  assert_rate ("all", get_count (first) + get_count (second) + get_count (other) + get_count (free), seconds, 500000);
  g_assert_cmpuint (get_count (first), <, 2 * get_count (second) + 25000);
  g_assert_cmpuint (get_count (second), <, 2 * get_count (first) + 25000);

  /* Slower at once: what is under way arrives, and then next to nothing. */
  galileo_engine_set_group_rate_limit (scene.engine, "b", 1000);
  wait_for_engine (&scene);
  begin_to_count (&scene);
  upload_fixture_wait (has_much, free);
  g_assert_cmpuint (get_count (other), <, 100000);

  /* At their limit the two would need half a minute. */
  galileo_engine_set_rate_limit (scene.engine, 0);
  galileo_engine_set_group_rate_limit (scene.engine, "a", 0);
  upload_fixture_wait (is_closed, first);
  upload_fixture_wait (is_closed, second);
  upload_fixture_wait (is_closed, free);
  assert_arrived (first, size);
  assert_arrived (second, size);
  assert_arrived (free, size);
  g_assert_false (is_closed (other));
  g_assert_cmpuint (other->peer->received->len, <, size);
  tear_down (&scene);
}

/* Several that wait for a group's limit hold back nobody else, and go on when it is lifted. */
static void
test_slow_group (void)
{
  const guint64 size = 1000000;
  Scene scene = { 0 };
  Stream *slow[2], *other, *free;

  set_up (&scene, size);
  galileo_engine_set_rate_limit (scene.engine, 1000000);
  galileo_engine_set_group_rate_limit (scene.engine, "slow", 1000);
  slow[0] = start (&scene, "slow");
  slow[1] = start (&scene, "slow");
  upload_fixture_wait (all_arrive, &scene);
  other = start (&scene, "other");
  free = start (&scene, NULL);
  upload_fixture_wait (is_closed, other);
  upload_fixture_wait (is_closed, free);
  assert_arrived (other, size);
  assert_arrived (free, size);

  for (guint i = 0; i < G_N_ELEMENTS (slow); i++) {
    g_assert_false (is_closed (slow[i]));
    /* It would take minutes. */
    g_assert_cmpuint (slow[i]->peer->received->len, <, 100000);
  }
  begin_to_count (&scene);
  galileo_engine_set_group_rate_limit (scene.engine, "slow", 100000);
  upload_fixture_wait (has_some, slow[0]);
  galileo_engine_set_group_rate_limit (scene.engine, "slow", 0);
  for (guint i = 0; i < G_N_ELEMENTS (slow); i++) {
    upload_fixture_wait (is_closed, slow[i]);
    assert_arrived (slow[i], size);
  }
  tear_down (&scene);
}

/* A group is kept as long as it has a limit or uploads, and no longer. */
static void
test_kept (void)
{
  Scene scene = { 0 };
  Stream *limited, *unlimited, *lifted, *again;

  set_up (&scene, 1000000);
  galileo_engine_set_group_rate_limit (scene.engine, "limited", 1000);
  galileo_engine_set_group_rate_limit (scene.engine, "lifted", 1000);
  galileo_engine_set_group_rate_limit (scene.engine, "never used", 1000);
  galileo_engine_set_group_rate_limit (scene.engine, "never used", 0);
  galileo_engine_set_group_rate_limit (scene.engine, "never limited", 0);
  limited = start (&scene, "limited");
  unlimited = start (&scene, "unlimited");
  lifted = start (&scene, "lifted");
  wait_for_engine (&scene);

  cancel (&scene, unlimited);
  wait_until_dropped (&scene, unlimited);
  cancel (&scene, limited);
  g_assert_true (has_limiter (limited));
  galileo_engine_set_group_rate_limit (scene.engine, "limited", 0);
  wait_until_dropped (&scene, limited);

  /* With an upload in it, its limit may go and come. */
  galileo_engine_set_group_rate_limit (scene.engine, "lifted", 0);
  wait_for_engine (&scene);
  galileo_engine_set_group_rate_limit (scene.engine, "lifted", 2000);
  again = start (&scene, "lifted");
  wait_for_engine (&scene);
  g_assert_true (again->upload->limiter == lifted->upload->limiter);
  g_assert_cmpuint (galileo_limiter_get_rate (again->upload->limiter), ==, 2000);
  cancel (&scene, lifted);
  galileo_engine_set_group_rate_limit (scene.engine, "lifted", 0);
  wait_for_engine (&scene);
  g_assert_true (has_limiter (again));
  cancel (&scene, again);
  wait_until_dropped (&scene, again);
  tear_down (&scene);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/rate-groups/rates", test_rates);
  g_test_add_func ("/rate-groups/slow-group", test_slow_group);
  g_test_add_func ("/rate-groups/kept", test_kept);

  return g_test_run ();
}

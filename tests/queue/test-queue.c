/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-error.h"
#include "queue/galileo-queue.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

#define READY "{\"ready\":true}"
#define CLOSE "{\"close\":true}"

/*
 * A peer for many uploads: each websocket is served on its own. It answers as it should, unless a rule says otherwise, and
 * counts who is there at the same time.
 */
typedef struct {
  SoupServer *server;
  GPtrArray *connections;
  GalileoSite *site;
  guint n_at_once;
  guint most_at_once;
  GHashTable *names_at_once;
  gboolean doubled;
  guint n_arrived;
  guint n_to_cut; /* so many uploads are cut before others succeed */
  gsize biggest_message; /* a longer one is answered with 1009; 0: any length */
  gboolean hold; /* no answer to finished until it is cleared */
  GPtrArray *held;
} Peer;

typedef struct {
  Peer *peer;
  SoupWebsocketConnection *websocket;
  char *name;
} Guest;

static void
send_close (Guest *guest)
{
  guest->peer->n_arrived++;
  soup_websocket_connection_send_text (guest->websocket, CLOSE);
}

static void
message_cb (SoupWebsocketConnection *websocket, int type, GBytes *bytes, Guest *guest)
{
  Peer *peer = guest->peer;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  if (type == SOUP_WEBSOCKET_DATA_TEXT && guest->name == NULL) {
    g_autoptr (GalileoSignal) signal = galileo_signal_parse (data, length, NULL);

    guest->name = g_strdup (galileo_signal_get_string (signal, "name"));
    if (!g_hash_table_add (peer->names_at_once, g_strdup (guest->name)))
      peer->doubled = TRUE;
    if (peer->n_to_cut > 0) {
      peer->n_to_cut--;
      soup_websocket_connection_close (websocket, 1001, NULL);
      return;
    }
  } else if (type == SOUP_WEBSOCKET_DATA_TEXT) {
    if (peer->hold)
      g_ptr_array_add (peer->held, guest);
    else
      send_close (guest);
    return;
  } else if (peer->biggest_message > 0 && length > peer->biggest_message) {
    soup_websocket_connection_close (websocket, 1009, NULL);
    return;
  }

  soup_websocket_connection_send_text (websocket, READY);
}

static void
closed_cb (SoupWebsocketConnection *websocket, Guest *guest)
{
  guest->peer->n_at_once--;
  if (guest->name != NULL)
    g_hash_table_remove (guest->peer->names_at_once, guest->name);
  g_ptr_array_remove (guest->peer->held, guest);
}

static void
guest_free (gpointer data)
{
  Guest *guest = data;

  g_signal_handlers_disconnect_by_data (guest->websocket, guest);
  g_object_unref (guest->websocket);
  g_free (guest->name);
  g_free (guest);
}

static void
websocket_cb (SoupServer *server,
              SoupServerMessage *message,
              const char *path,
              SoupWebsocketConnection *websocket,
              gpointer user_data)
{
  Peer *peer = user_data;
  Guest *guest = g_new0 (Guest, 1);

  guest->peer = peer;
  guest->websocket = g_object_ref (websocket);
  soup_websocket_connection_set_max_incoming_payload_size (websocket, 1024 * 1024);
  g_ptr_array_add (peer->connections, guest);
  g_signal_connect (websocket, "message", G_CALLBACK (message_cb), guest);
  g_signal_connect (websocket, "closed", G_CALLBACK (closed_cb), guest);
  peer->n_at_once++;
  peer->most_at_once = MAX (peer->most_at_once, peer->n_at_once);
}

static void
peer_init (Peer *peer)
{
  g_autofree char *address = NULL;
  GSList *uris;

  memset (peer, 0, sizeof *peer);
  peer->connections = g_ptr_array_new_with_free_func (guest_free);
  peer->held = g_ptr_array_new ();
  peer->names_at_once = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  peer->server = soup_server_new (NULL, NULL);
  soup_server_remove_websocket_extension (peer->server, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_websocket_handler (peer->server, "/upload", NULL, NULL, websocket_cb, peer, NULL);
  g_assert_true (soup_server_listen_local (peer->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (peer->server);
  address = g_strdup_printf ("ws://127.0.0.1:%d/upload", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  peer->site = galileo_site_new (address, NULL);
}

static void
peer_clear (Peer *peer)
{
  g_ptr_array_unref (peer->connections);
  g_ptr_array_unref (peer->held);
  g_hash_table_unref (peer->names_at_once);
  soup_server_disconnect (peer->server);
  g_object_unref (peer->server);
  g_object_unref (peer->site);
}

typedef struct {
  Peer peer;
  char *folder;
  GalileoEngine *engine;
  GalileoQueue *queue;
  GPtrArray *items;
  guint n_started;
  guint n_retries;
  double last_delay;
  guint n_finished;
  guint n_idle;
} Fixture;

static void
started_cb (GalileoQueue *queue, GalileoItem *item, Fixture *fixture)
{
  fixture->n_started++;
}

static void
retry_cb (GalileoQueue *queue, GalileoItem *item, double delay, Fixture *fixture)
{
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_RETRYING);
  g_assert_nonnull (galileo_item_get_error (item));
  fixture->n_retries++;
  fixture->last_delay = delay;
}

static void
finished_cb (GalileoQueue *queue, GalileoItem *item, Fixture *fixture)
{
  g_assert_true (galileo_item_is_final (item));
  fixture->n_finished++;
}

static void
idle_cb (GalileoQueue *queue, Fixture *fixture)
{
  g_assert_false (galileo_queue_get_busy (queue));
  fixture->n_idle++;
}

static void
set_up (Fixture *fixture)
{
  memset (fixture, 0, sizeof *fixture);
  peer_init (&fixture->peer);
  fixture->folder = g_dir_make_tmp ("galileo-queue-XXXXXX", NULL);
  fixture->engine = galileo_engine_new ();
  fixture->queue = galileo_queue_new (fixture->engine);
  fixture->items = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (fixture->queue, "item-started", G_CALLBACK (started_cb), fixture);
  g_signal_connect (fixture->queue, "item-retry", G_CALLBACK (retry_cb), fixture);
  g_signal_connect (fixture->queue, "item-finished", G_CALLBACK (finished_cb), fixture);
  g_signal_connect (fixture->queue, "idle", G_CALLBACK (idle_cb), fixture);
}

/* Makes an item of a new file; name: at the site, NULL for the file's own. */
static GalileoItem *
add_item (Fixture *fixture, gsize size, const char *name)
{
  g_autofree char *base = g_strdup_printf ("%u.bin", fixture->items->len);
  g_autofree char *path = g_build_filename (fixture->folder, base, NULL);
  g_autofree char *contents = g_strnfill (size, 'x');
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_assert_true (g_file_set_contents (path, contents, (gssize) size, NULL));
  g_ptr_array_add (fixture->items, galileo_item_new (fixture->peer.site, file, name));

  return g_ptr_array_index (fixture->items, fixture->items->len - 1);
}

static void
wait_idle (Fixture *fixture)
{
  guint before = fixture->n_idle;

  while (fixture->n_idle == before)
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *fixture)
{
  for (guint i = 0; i < fixture->items->len; i++)
    g_file_delete (galileo_item_get_file (g_ptr_array_index (fixture->items, i)), NULL, NULL);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_assert_finalize_object (fixture->queue);
  g_assert_finalize_object (fixture->engine);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_ptr_array_unref (fixture->items);
  peer_clear (&fixture->peer);
  g_free (fixture->folder);
}

static guint
count (Fixture *fixture, GalileoItemState state)
{
  guint n = 0;

  for (guint i = 0; i < fixture->items->len; i++)
    n += galileo_item_get_state (g_ptr_array_index (fixture->items, i)) == state;
  g_assert_cmpuint (n, ==, galileo_queue_get_n_in_state (fixture->queue, state));

  return n;
}

static void
test_batch (void)
{
  guint64 size, acknowledged;
  double fraction;
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_max_uploads (fixture.queue, 4);
  for (guint i = 0; i < 40; i++)
    galileo_item_set_expected_size (add_item (&fixture, i * 1000, NULL), i * 1000);
  galileo_queue_append (fixture.queue, fixture.items);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture.queue)), ==, 40);
  g_assert_true (galileo_queue_get_busy (fixture.queue));
  wait_idle (&fixture);

  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 40);
  g_assert_cmpuint (fixture.peer.n_arrived, ==, 40);
  /* A confirmed upload gives its place away while its websocket still closes. */
  g_assert_cmpuint (fixture.peer.most_at_once, >=, 2);
  g_assert_cmpuint (fixture.n_started, ==, 40);
  g_assert_cmpuint (fixture.n_finished, ==, 40);
  g_assert_cmpuint (fixture.n_idle, ==, 1);
  g_object_get (fixture.queue, "size", &size, "acknowledged", &acknowledged, "fraction", &fraction, NULL);
  g_assert_cmpuint (size, ==, 39 * 40 / 2 * 1000);
  g_assert_cmpuint (acknowledged, ==, size);
  g_assert_cmpfloat (fraction, ==, 1.0);
  tear_down (&fixture);
}

static void
test_at_once (void)
{
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.hold = TRUE;
  for (guint i = 0; i < 10; i++)
    add_item (&fixture, 100, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  while (fixture.peer.held->len < 3)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture.n_started, ==, 3);

  galileo_queue_set_max_uploads (fixture.queue, 5);
  while (fixture.peer.held->len < 5)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture.n_started, ==, 5);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_UPLOADING), ==, 5);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_WAITING), ==, 5);

  fixture.peer.hold = FALSE;
  while (fixture.peer.held->len > 0)
    send_close (g_ptr_array_remove_index (fixture.peer.held, 0));
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 10);
  tear_down (&fixture);
}

/* Two files of one name at one site never go at the same time, and don't hold up others. */
static void
test_same_name (void)
{
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_max_uploads (fixture.queue, 8);
  for (guint i = 0; i < 6; i++)
    add_item (&fixture, 1000, "same.bin");
  for (guint i = 0; i < 6; i++)
    add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 12);
  g_assert_cmpuint (fixture.peer.n_arrived, ==, 12);
  g_assert_false (fixture.peer.doubled);
  tear_down (&fixture);
}

static void
test_retry (void)
{
  GalileoItem *item;
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.n_to_cut = 1;
  item = add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_DONE);
  g_assert_cmpuint (galileo_item_get_attempt (item), ==, 2);
  g_assert_cmpuint (fixture.n_retries, ==, 1);
  g_assert_cmpfloat (fixture.last_delay, >=, 0.9);
  g_assert_cmpfloat (fixture.last_delay, <=, 1.1);
  tear_down (&fixture);
}

static void
test_no_retries (void)
{
  GalileoItem *item;
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_retries (fixture.queue, 0);
  fixture.peer.n_to_cut = 1;
  item = add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_FAILED);
  g_assert_error ((GError *) galileo_item_get_error (item), GALILEO_ERROR, GALILEO_ERROR_INTERRUPTED);
  g_assert_cmpuint (fixture.n_retries, ==, 0);

  /* The user's retry. */
  galileo_queue_retry (fixture.queue, item);
  g_assert_cmpuint (galileo_item_get_attempt (item), ==, 0);
  g_assert_null (galileo_item_get_error (item));
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_DONE);
  tear_down (&fixture);
}

/* A message that is too big is tried again smaller, which is no attempt of its own. */
static void
test_too_big (void)
{
  GalileoItem *item;
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.biggest_message = 100000;
  item = add_item (&fixture, 600000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_DONE);
  g_assert_cmpuint (galileo_item_get_attempt (item), ==, 1);
  g_assert_cmpuint (fixture.n_retries, ==, 0);

  fixture.peer.biggest_message = 1000;
  item = add_item (&fixture, 600000, NULL);
  {
    g_autoptr (GPtrArray) one = g_ptr_array_new ();

    g_ptr_array_add (one, item);
    galileo_queue_append (fixture.queue, one);
  }
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_FAILED);
  g_assert_error ((GError *) galileo_item_get_error (item), GALILEO_ERROR, GALILEO_ERROR_MESSAGE_TOO_BIG);
  tear_down (&fixture);
}

/* A site that nobody has reached fails its files at once; files of another go on. */
static void
test_site_down (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autofree char *address =
      g_strdup_printf ("ws://127.0.0.1:%u/upload", g_socket_listener_add_any_inet_port (listener, NULL, NULL));
  g_autoptr (GalileoSite) down = galileo_site_new (address, NULL);
  Fixture fixture;

  g_socket_listener_close (listener);
  set_up (&fixture);
  for (guint i = 0; i < 20; i++) {
    GalileoItem *item = add_item (&fixture, 10, NULL);

    g_ptr_array_add (fixture.items, galileo_item_new (down, galileo_item_get_file (item), NULL));
  }
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 20);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_FAILED), ==, 20);
  g_assert_cmpuint (fixture.n_retries, ==, 0);
  for (guint i = 1; i < fixture.items->len; i += 2)
    g_assert_error ((GError *) galileo_item_get_error (g_ptr_array_index (fixture.items, i)),
                    GALILEO_ERROR,
                    GALILEO_ERROR_CONNECT);
  tear_down (&fixture);
}

/* One bad file stops nothing. */
static void
test_bad_file (void)
{
  Fixture fixture;

  set_up (&fixture);
  add_item (&fixture, 10, NULL);
  g_file_delete (galileo_item_get_file (add_item (&fixture, 10, NULL)), NULL, NULL);
  add_item (&fixture, 10, "../up");
  add_item (&fixture, 10, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 2);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_FAILED), ==, 2);
  tear_down (&fixture);
}

static void
test_cancel (void)
{
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.hold = TRUE;
  for (guint i = 0; i < 6; i++)
    add_item (&fixture, 100, i == 4 ? "0.bin" : NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  while (fixture.peer.held->len < 3)
    g_main_context_iteration (NULL, TRUE);

  /* One that runs, one that waits, one that waits for a name. */
  galileo_queue_cancel (fixture.queue, g_ptr_array_index (fixture.items, 1));
  galileo_queue_cancel (fixture.queue, g_ptr_array_index (fixture.items, 5));
  galileo_queue_cancel (fixture.queue, g_ptr_array_index (fixture.items, 4));
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_CANCELLED), ==, 3);
  g_assert_cmpuint (fixture.n_finished, ==, 3);

  galileo_queue_cancel_all (fixture.queue);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_CANCELLED), ==, 6);
  g_assert_cmpuint (fixture.peer.n_arrived, ==, 0);
  tear_down (&fixture);
}

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, guint *n_items)
{
  g_assert_cmpuint (position + removed, <=, *n_items);
  *n_items = *n_items - removed + added;
  g_assert_cmpuint (*n_items, ==, g_list_model_get_n_items (model));
}

static void
test_model (void)
{
  guint n_items = 0;
  Fixture fixture;

  set_up (&fixture);
  g_signal_connect (fixture.queue, "items-changed", G_CALLBACK (changed_cb), &n_items);
  for (guint i = 0; i < 10; i++)
    add_item (&fixture, 10, i % 3 == 0 ? "a/b" : NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  for (guint i = 0; i < 10; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (fixture.queue), i);

    g_assert_true (item == g_ptr_array_index (fixture.items, i));
  }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture.queue), 10));
  wait_idle (&fixture);

  /* Failed ones stay. */
  galileo_queue_clear_finished (fixture.queue);
  g_assert_cmpuint (n_items, ==, 4);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (G_LIST_MODEL (fixture.queue), i);

    g_assert_true (item == g_ptr_array_index (fixture.items, 3 * i));
  }

  galileo_queue_remove (fixture.queue, g_ptr_array_index (fixture.items, 3));
  galileo_queue_remove (fixture.queue, g_ptr_array_index (fixture.items, 3));
  g_assert_cmpuint (n_items, ==, 3);
  g_assert_cmpuint (galileo_queue_get_n_in_state (fixture.queue, GALILEO_ITEM_FAILED), ==, 3);
  tear_down (&fixture);
}

/* Removed while it runs: it is cut, and others go on. */
static void
test_remove_running (void)
{
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_max_uploads (fixture.queue, 1);
  fixture.peer.hold = TRUE;
  add_item (&fixture, 100, NULL);
  add_item (&fixture, 100, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  while (fixture.peer.held->len < 1)
    g_main_context_iteration (NULL, TRUE);
  fixture.peer.hold = FALSE;
  galileo_queue_remove (fixture.queue, g_ptr_array_index (fixture.items, 0));
  wait_idle (&fixture);
  g_assert_cmpuint (fixture.peer.n_arrived, ==, 1);
  g_assert_cmpint (galileo_item_get_state (g_ptr_array_index (fixture.items, 1)), ==, GALILEO_ITEM_DONE);
  tear_down (&fixture);
}

/* Freed in the middle of everything. */
static void
test_free (void)
{
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.hold = TRUE;
  for (guint i = 0; i < 6; i++)
    add_item (&fixture, 1000000, i == 5 ? "0.bin" : NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  while (fixture.peer.held->len < 2)
    g_main_context_iteration (NULL, TRUE);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/queue/batch", test_batch);
  g_test_add_func ("/queue/at-once", test_at_once);
  g_test_add_func ("/queue/same-name", test_same_name);
  g_test_add_func ("/queue/retry", test_retry);
  g_test_add_func ("/queue/no-retries", test_no_retries);
  g_test_add_func ("/queue/too-big", test_too_big);
  g_test_add_func ("/queue/site-down", test_site_down);
  g_test_add_func ("/queue/bad-file", test_bad_file);
  g_test_add_func ("/queue/cancel", test_cancel);
  g_test_add_func ("/queue/model", test_model);
  g_test_add_func ("/queue/remove-running", test_remove_running);
  g_test_add_func ("/queue/free", test_free);

  return g_test_run ();
}

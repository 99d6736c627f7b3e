/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue-fixture.h"

#define READY "{\"ready\":true}"
#define CLOSE "{\"close\":true}"

void
peer_send_close (Guest *guest)
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
    g_ptr_array_add (peer->names, g_strdup (guest->name));
    if (!g_hash_table_add (peer->names_at_once, g_strdup (guest->name)))
      peer->doubled = TRUE;
    if (peer->mute)
      return;
    if (peer->n_to_cut > 0) {
      peer->n_to_cut--;
      soup_websocket_connection_close (websocket, 1001, NULL);
      return;
    }
  } else if (type == SOUP_WEBSOCKET_DATA_TEXT) {
    if (peer->hold)
      g_ptr_array_add (peer->held, guest);
    else
      peer_send_close (guest);
    return;
  } else if (peer->n_cut_after_first > 0) {
    peer->n_cut_after_first--;
    soup_websocket_connection_close (websocket, 1001, NULL);
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
early_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Peer *peer = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  if (peer->wants_token && soup_message_headers_get_one (headers, "Authorization") == NULL) {
    peer->n_refused++;
    soup_server_message_set_status (message, SOUP_STATUS_UNAUTHORIZED, NULL);
  }
}

void
peer_release (Peer *peer)
{
  peer->hold = FALSE;
  while (peer->held->len > 0)
    peer_send_close (g_ptr_array_remove_index (peer->held, 0));
}

void
peer_init (Peer *peer)
{
  g_autofree char *address = NULL;
  GSList *uris;

  memset (peer, 0, sizeof *peer);
  peer->connections = g_ptr_array_new_with_free_func (guest_free);
  peer->held = g_ptr_array_new ();
  peer->names = g_ptr_array_new_with_free_func (g_free);
  peer->names_at_once = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  peer->server = soup_server_new (NULL, NULL);
  soup_server_remove_websocket_extension (peer->server, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_early_handler (peer->server, "/upload", early_cb, peer, NULL);
  soup_server_add_websocket_handler (peer->server, "/upload", NULL, NULL, websocket_cb, peer, NULL);
  g_assert_true (soup_server_listen_local (peer->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (peer->server);
  address = g_strdup_printf ("ws://127.0.0.1:%d/upload", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  peer->site = galileo_site_new (address, NULL);
}

void
peer_clear (Peer *peer)
{
  g_ptr_array_unref (peer->connections);
  g_ptr_array_unref (peer->held);
  g_ptr_array_unref (peer->names);
  g_hash_table_unref (peer->names_at_once);
  soup_server_disconnect (peer->server);
  g_object_unref (peer->server);
  g_object_unref (peer->site);
}

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

void
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
GalileoItem *
add_item_to (Fixture *fixture, GalileoSite *site, gsize size, const char *name)
{
  g_autofree char *base = g_strdup_printf ("%u.bin", fixture->items->len);
  g_autofree char *path = g_build_filename (fixture->folder, base, NULL);
  g_autofree char *contents = g_strnfill (size, 'x');
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_assert_true (g_file_set_contents (path, contents, (gssize) size, NULL));
  g_ptr_array_add (fixture->items, galileo_item_new (site, file, name));

  return get_item (fixture, fixture->items->len - 1);
}

GalileoItem *
add_item (Fixture *fixture, gsize size, const char *name)
{
  return add_item_to (fixture, fixture->peer.site, size, name);
}

GalileoItem *
get_item (Fixture *fixture, guint number)
{
  return g_ptr_array_index (fixture->items, number);
}

void
wait_idle (Fixture *fixture)
{
  guint before = fixture->n_idle;

  while (fixture->n_idle == before)
    g_main_context_iteration (NULL, TRUE);
}

void
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

guint
count (Fixture *fixture, GalileoItemState state)
{
  guint n = 0;

  for (guint i = 0; i < fixture->items->len; i++)
    n += galileo_item_get_state (g_ptr_array_index (fixture->items, i)) == state;
  g_assert_cmpuint (n, ==, galileo_queue_get_n_in_state (fixture->queue, state));

  return n;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue-fixture.h"

#include <gio/gio.h>
#include <unistd.h>

/* A site that takes connections and says nothing. */
typedef struct {
  GSocketListener *listener;
  GalileoSite *site;
} Mute;

static void
mute_init (Mute *mute, guint number)
{
  g_autofree char *address = NULL;
  guint16 port;

  mute->listener = g_socket_listener_new ();
  port = g_socket_listener_add_any_inet_port (mute->listener, NULL, NULL);
  g_assert_cmpuint (port, !=, 0);
  address = g_strdup_printf ("ws://127.0.0.1:%u/%u", port, number);
  mute->site = galileo_site_new (address, NULL);
}

static void
mute_clear (Mute *mute)
{
  g_object_unref (mute->listener);
  g_object_unref (mute->site);
}

/* Many files for sites that don't answer, before those for one that does: with a single slot for all. */
static void
test_mute_sites (void)
{
  Mute mutes[3];
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_max_uploads_in_all (fixture.queue, 1);
  for (guint i = 0; i < G_N_ELEMENTS (mutes); i++) {
    mute_init (&mutes[i], i);
    for (guint k = 0; k < 5; k++)
      add_item_to (&fixture, mutes[i].site, 1000, NULL);
  }
  for (guint i = 0; i < 5; i++)
    add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (fixture.n_started > 0);
  /* All are tried at once: none has to wait until another lends the slot. */
  g_assert_cmpuint (fixture.n_started, ==, 4);
  WAIT_UNTIL (fixture.n_finished == 5);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 5);
  /* One attempt each tries them. */
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_UPLOADING), ==, 3);
  g_assert_cmpuint (fixture.peer.most_at_once, <=, 2);
  galileo_queue_cancel_all (fixture.queue);
  tear_down (&fixture);
  for (guint i = 0; i < G_N_ELEMENTS (mutes); i++)
    mute_clear (&mutes[i]);
}

/* One that answered before and is mute now lends its slots to others. */
static void
test_becomes_mute (void)
{
  Fixture fixture, other;
  int kept;

  set_up (&fixture);
  set_up (&other);
  galileo_queue_set_max_uploads_in_all (fixture.queue, 2);
  galileo_queue_set_max_uploads (fixture.queue, 2);
  add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);

  /* Its listening socket stays, so connections are made, but nobody reads from them. */
  {
    g_autoptr (GPtrArray) more = g_ptr_array_new ();
    GSList *listeners = soup_server_get_listeners (fixture.peer.server);

    kept = dup (g_socket_get_fd (listeners->data));
    g_slist_free (listeners);
    soup_server_disconnect (fixture.peer.server);
    for (guint i = 0; i < 4; i++)
      g_ptr_array_add (more, add_item (&fixture, 1000, NULL));
    for (guint i = 0; i < 4; i++)
      g_ptr_array_add (more, add_item_to (&fixture, other.peer.site, 1000, NULL));
    galileo_queue_append (fixture.queue, more);
  }
  WAIT_UNTIL (fixture.n_finished == 5);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_UPLOADING), ==, 2);
  g_assert_cmpuint (fixture.n_retries, ==, 0);
  galileo_queue_cancel_all (fixture.queue);
  close (kept);
  tear_down (&fixture);
  tear_down (&other);
}

/* Each site has its own number, and all together one. */
static void
test_limits (void)
{
  Fixture fixture, other;

  set_up (&fixture);
  set_up (&other);
  fixture.peer.hold = other.peer.hold = TRUE;
  galileo_queue_set_max_uploads_in_all (fixture.queue, 5);
  galileo_queue_set_max_uploads (fixture.queue, 4);
  galileo_site_set_max_uploads (other.peer.site, 2);
  for (guint i = 0; i < 10; i++) {
    add_item_to (&fixture, other.peer.site, 1000, NULL);
    add_item (&fixture, 1000, NULL);
  }
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (fixture.peer.held->len + other.peer.held->len == 5);
  g_assert_cmpuint (other.peer.held->len, ==, 2);

  /* Changed while it runs. */
  galileo_site_set_max_uploads (other.peer.site, 6);
  galileo_queue_set_max_uploads_in_all (fixture.queue, 8);
  WAIT_UNTIL (fixture.peer.held->len + other.peer.held->len == 8);
  g_assert_cmpuint (fixture.peer.held->len, <=, 4);
  peer_release (&fixture.peer);
  peer_release (&other.peer);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 20);
  /* A confirmed upload gives its place away while its websocket still closes. */
  g_assert_cmpuint (fixture.peer.n_arrived + other.peer.n_arrived, ==, 20);
  tear_down (&fixture);
  tear_down (&other);
}

/* What gets something new through each time is tried again for ever. */
static void
test_progress_forgives (void)
{
  Fixture fixture;
  GalileoItem *item;

  set_up (&fixture);
  galileo_queue_set_retries (fixture.queue, 1);
  galileo_queue_set_max_chunk_size (fixture.queue, 100000);
  item = add_item (&fixture, 400000, NULL);
  fixture.peer.n_cut_after_first = 1;
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (fixture.n_retries == 1);
  /* No more than before this time: that counts, and one is all that is allowed. */
  fixture.peer.n_cut_after_first = 1;
  wait_idle (&fixture);
  g_assert_cmpint (galileo_item_get_state (item), ==, GALILEO_ITEM_FAILED);
  g_assert_cmpuint (galileo_item_get_attempt (item), ==, 2);
  tear_down (&fixture);
}

/* A site that was reached and is down: everything waits together, is tried with patience, and goes on at once. */
static void
test_patience (void)
{
  g_autofree char *address = NULL;
  g_autoptr (GSocketAddress) where = NULL;
  guint16 port;
  Fixture fixture;
  GSList *uris;

  set_up (&fixture);
  galileo_queue_set_retries (fixture.queue, 0);
  galileo_queue_set_patient (fixture.queue, TRUE);
  add_item (&fixture, 1000, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_true (galileo_site_get_reached (fixture.peer.site));
  uris = soup_server_get_uris (fixture.peer.server);
  port = (guint16) g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  soup_server_disconnect (fixture.peer.server);

  {
    g_autoptr (GPtrArray) more = g_ptr_array_new ();

    for (guint i = 0; i < 200; i++)
      g_ptr_array_add (more, add_item (&fixture, 10, NULL));
    galileo_queue_append (fixture.queue, more);
  }
  WAIT_UNTIL (fixture.n_retries >= 3);
  /* One tried, the others waited. */
  g_assert_cmpuint (fixture.n_started, <=, 1 + 3 * 3);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_FAILED), ==, 0);
  WAIT_UNTIL (count (&fixture, GALILEO_ITEM_UPLOADING) == 0);
  g_assert_cmpint (galileo_queue_get_wait (fixture.queue, get_item (&fixture, 200)), ==, GALILEO_WAIT_SITE);

  where = g_inet_socket_address_new_from_string ("127.0.0.1", port);
  g_assert_true (soup_server_listen (fixture.peer.server, where, 0, NULL));
  galileo_queue_wake (fixture.queue);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 201);
  tear_down (&fixture);
}

/* A site that nobody has ever reached is a wrong address: its files fail at once, also with patience. */
static void
test_never_reached (void)
{
  g_autoptr (GalileoSite) nobody = galileo_site_new ("ws://127.0.0.1:1/", NULL);
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_patient (fixture.queue, TRUE);
  for (guint i = 0; i < 20; i++)
    add_item_to (&fixture, nobody, 10, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_FAILED), ==, 20);
  g_assert_cmpuint (fixture.n_started, ==, 1);
  tear_down (&fixture);
}

/* A site may be slow by its own limit, which is changed while it runs, without holding up others. */
static void
test_rate_limit (void)
{
  Fixture fixture, other;
  gint64 start;

  set_up (&fixture);
  set_up (&other);
  galileo_site_set_rate_limit (fixture.peer.site, 100000);
  add_item (&fixture, 10 * 1000 * 1000, NULL);
  for (guint i = 0; i < 5; i++)
    add_item_to (&fixture, other.peer.site, 1000 * 1000, NULL);
  start = g_get_monotonic_time ();
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (fixture.n_finished == 5);
  /* 125 kB is what a second may have of 100 kB/s at most; what is acknowledged was sent. */
  g_assert_cmpuint (galileo_item_get_acknowledged (get_item (&fixture, 0)),
                    <=,
                    125000 * (1 + (g_get_monotonic_time () - start) / G_USEC_PER_SEC));
  g_assert_cmpint (galileo_item_get_state (get_item (&fixture, 0)), ==, GALILEO_ITEM_UPLOADING);

  galileo_site_set_rate_limit (fixture.peer.site, 0);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 6);
  /* 100 s at the limit. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
  tear_down (&fixture);
  tear_down (&other);
}

typedef struct {
  guint n_asked;
  gboolean works;
  GTask *task;
} Login;

static void
sign_in (GalileoSite *site, GTask *task, gpointer data)
{
  Login *login = data;

  login->n_asked++;
  login->task = task;
}

static void
login_end (Login *login, GalileoSite *site)
{
  if (login->works)
    galileo_site_set_header (site, "Authorization", "Bearer token");
  g_task_return_boolean (login->task, login->works);
  g_clear_object (&login->task);
}

/* Signing in again costs no attempt, and everybody waits for the one. */
static void
test_sign_in (void)
{
  Login login = { 0, TRUE, NULL };
  Fixture fixture;

  set_up (&fixture);
  galileo_queue_set_retries (fixture.queue, 0);
  fixture.peer.wants_token = TRUE;
  galileo_site_set_sign_in (fixture.peer.site, sign_in, &login);
  for (guint i = 0; i < 10; i++)
    add_item (&fixture, 100, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (login.n_asked == 1);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_WAITING), ==, 10);
  g_assert_cmpint (galileo_queue_get_wait (fixture.queue, get_item (&fixture, 0)), ==, GALILEO_WAIT_SIGN_IN);
  login_end (&login, fixture.peer.site);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_DONE), ==, 10);
  g_assert_cmpuint (login.n_asked, ==, 1);
  g_assert_cmpuint (galileo_item_get_attempt (get_item (&fixture, 0)), ==, 1);
  tear_down (&fixture);
}

/* Once only: then it is told what the site says. */
static void
test_sign_in_fails (gconstpointer data)
{
  Login login = { 0, FALSE, NULL };
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.wants_token = TRUE;
  galileo_site_set_sign_in (fixture.peer.site, sign_in, &login);
  for (guint i = 0; i < 3; i++)
    add_item (&fixture, 100, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (login.n_asked == 1);
  login_end (&login, fixture.peer.site);
  wait_idle (&fixture);
  g_assert_cmpuint (count (&fixture, GALILEO_ITEM_FAILED), ==, 3);
  g_assert_error (galileo_item_get_error (get_item (&fixture, 0)), GALILEO_ERROR, GALILEO_ERROR_UNAUTHORIZED);
  g_assert_cmpuint (login.n_asked, ==, 1);
  g_assert_cmpuint (fixture.peer.n_refused, ==, 2);
  tear_down (&fixture);
}

/* The queue may be gone when the answer comes. */
static void
test_sign_in_too_late (void)
{
  Login login = { 0, TRUE, NULL };
  g_autoptr (GalileoSite) site = NULL;
  Fixture fixture;

  set_up (&fixture);
  fixture.peer.wants_token = TRUE;
  site = g_object_ref (fixture.peer.site);
  galileo_site_set_sign_in (site, sign_in, &login);
  add_item (&fixture, 100, NULL);
  galileo_queue_append (fixture.queue, fixture.items);
  WAIT_UNTIL (login.n_asked == 1);
  tear_down (&fixture);
  login_end (&login, site);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/queue-sites/mute-sites", test_mute_sites);
  g_test_add_func ("/queue-sites/becomes-mute", test_becomes_mute);
  g_test_add_func ("/queue-sites/limits", test_limits);
  g_test_add_func ("/queue-sites/progress-forgives", test_progress_forgives);
  g_test_add_func ("/queue-sites/patience", test_patience);
  g_test_add_func ("/queue-sites/never-reached", test_never_reached);
  g_test_add_func ("/queue-sites/rate-limit", test_rate_limit);
  g_test_add_func ("/queue-sites/sign-in", test_sign_in);
  g_test_add_data_func ("/queue-sites/sign-in-fails", NULL, test_sign_in_fails);
  g_test_add_func ("/queue-sites/sign-in-too-late", test_sign_in_too_late);

  return g_test_run ();
}

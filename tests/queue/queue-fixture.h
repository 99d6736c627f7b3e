/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo/galileo-error.h"
#include "queue/galileo-queue.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

typedef struct _Peer Peer;

/*
 * A peer for many uploads: each websocket is served on its own. It answers as it should, unless a rule says otherwise, and
 * counts who is there at the same time.
 */
struct _Peer {
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
  GPtrArray *names; /* of char *: in the order in which they began to arrive */
  gboolean wants_token; /* a handshake without one is answered with 401 */
  guint n_refused;
  gboolean mute; /* metadata is not answered */
  guint n_cut_after_first; /* so many are cut once they have sent a chunk */
};

typedef struct {
  Peer *peer;
  SoupWebsocketConnection *websocket;
  char *name;
} Guest;

/* A queue, a peer, and what the queue told. */
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

void         peer_init      (Peer *peer);
void         peer_clear     (Peer *peer);
void         peer_send_close (Guest *guest);
void         peer_release   (Peer *peer); /* answers all that it holds, and holds no more */

void         set_up         (Fixture *fixture);
void         tear_down      (Fixture *fixture);
GalileoItem *add_item       (Fixture *fixture, gsize size, const char *name);
GalileoItem *add_item_to    (Fixture *fixture, GalileoSite *site, gsize size, const char *name);
GalileoItem *get_item       (Fixture *fixture, guint number);
void         wait_idle      (Fixture *fixture);
guint        count          (Fixture *fixture, GalileoItemState state);

/* Runs the main loop until a condition holds. */
#define WAIT_UNTIL(condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration (NULL, TRUE); \
  } G_STMT_END

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/*
 * A server in the test's own main context that answers by a script. Each field of a script is what to send at that
 * step, messages parted by newlines; NULL sends nothing. A line is a TEXT message as it stands, or one of
 *
 *   #binary            a BINARY message
 *   #close CODE        a websocket close with that code
 *   #cut               the stream ends without a close
 *   #reset             the stream ends with a TCP reset
 *   #ready N           N ready signals
 *   #offset            a ready that offers to go on from what was received, in this connection and earlier ones
 */
typedef struct {
  const char *on_open;
  const char *on_metadata;
  const char *on_chunk;      /* every one but the last */
  const char *on_last_chunk; /* the one that completes the announced size */
  const char *on_finished;
  gboolean keeps; /* what was received stays when the next connection comes */
} Script;

typedef struct {
  SoupServer *server;
  GUri *address;
  SoupWebsocketConnection *websocket;
  const Script *script;

  guint n_connections;
  SoupMessageHeaders *headers; /* of the last handshake */
  char *metadata;
  guint64 size;
  GByteArray *received;
  GArray *chunk_sizes; /* of gsize */
  guint n_finished;
  char *finished;
  gboolean closed;
  guint close_code;
} ScriptedPeer;

/* "/upload" is the websocket, "/status/NNN" answers with that status. */
ScriptedPeer *scripted_peer_new  (const Script *script);
void          scripted_peer_free (ScriptedPeer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScriptedPeer, scripted_peer_free)

G_END_DECLS

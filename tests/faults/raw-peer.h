/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * A server that speaks raw bytes by a script, so that it can do what no library would. It runs in the thread-default
 * context that it was made in, on 127.0.0.1, and reads the client's frames as strictly as RFC 6455 lets it: what it finds
 * fault with is in its complaints.
 *
 * Each field of a script is what to do at that step: lines parted by newlines. A line is a TEXT message as it stands, or
 *
 *   #accept                 the answer to the handshake, as it should be
 *   #http LINES             text as it stands, with | for CRLF and %A for the right Sec-WebSocket-Accept
 *   #hex 88 02 03 e8        these bytes
 *   #fill N XX              the byte XX (hexadecimal) N times
 *   #frame XX N YY          a frame whose first byte is XX, with N bytes YY as its payload
 *   #ready N                N ready signals
 *   #times N LINE           a TEXT message N times
 *   #make                   what the script's function make gives, as one TEXT message
 *   #close CODE [REASON]    a close frame; no more is sent by the peer itself
 *   #drip MS                from here on each byte is written by itself, MS after the last one
 *   #fin                    ends this side's stream, and goes on reading
 *   #cut                    closes the socket
 *   #reset                  closes the socket with a TCP reset
 *   #deaf                   reads no more
 *   #bye                    for TLS: ends this side's stream with a close-notify, and leaves the socket open
 *   #base XX XX             for TLS: these bytes below it
 *   #mute                   does not answer pings and closes from here on
 *
 * All that a step sends goes out as one piece, unless something is between. Otherwise the peer answers pings, and a close
 * with a close, after which it ends the stream.
 */
typedef struct {
  const char *on_connect; /* before a byte was read */
  const char *on_request; /* NULL for #accept; what else it sends is up to it */
  const char *on_open;    /* behind the answer to the handshake, in the same piece */
  const char *on_metadata;
  const char *on_first_chunk; /* NULL for on_chunk, or for on_last_chunk if it is that too */
  const char *on_chunk;
  const char *on_last_chunk; /* the one that completes the announced size */
  const char *on_finished;
  GBytes *(*make) (void);
} RawScript;

typedef struct _RawPeer RawPeer;

/* Called at each step before it is played: "connect", "request", "open", "metadata", "first-chunk", "chunk", "last-chunk",
 * "finished". */
typedef void (*RawStepFunc) (RawPeer *peer, const char *step, gpointer user_data);

struct _RawPeer {
  GUri *address;
  const RawScript *script;
  RawStepFunc step_func;
  gpointer step_data;
  GTlsCertificate *certificate; /* set it before the first connection for wss */

  /* What it saw. */
  guint n_connections;
  char *request;
  char *metadata;
  guint64 size;
  GByteArray *received;
  GArray *chunk_sizes; /* of gsize */
  guint n_finished;
  char *finished;
  guint n_pings;
  guint n_pongs;
  int close_code;          /* that of the client: -1 before it came, 1005 if it had none */
  gboolean eof;            /* the client's stream has ended */
  GPtrArray *complaints;   /* of char */

  /* Its own. */
  GSocket *listener;
  GSource *accept_source;
  GSocketConnection *base;
  GIOStream *stream;
  GSource *in_source;
  GSource *out_source;
  char *accept_key;
  GByteArray *input;
  GQueue output;
  guint drip_ms;
  gboolean dripping;
  gboolean open;
  gboolean deaf;
  gboolean mute;
  gboolean said_close;
};

RawPeer *raw_peer_new     (const RawScript *script);
/* For fault_run_own(). */
void     raw_peer_destroy (gpointer         peer);
/* Plays lines at any time, as if they were a step's. */
void     raw_peer_play    (RawPeer         *self,
                           const char      *lines);

G_END_DECLS

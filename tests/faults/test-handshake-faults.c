/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"
#include "fault-words.h"
#include "test-resolver.h"

#include <string.h>

/* Everything up to the first frame: the host, the connection, the answer to the handshake. */

#define SIZE 600000

#define HEAD "#http HTTP/1.1 101 Switching Protocols|"
#define UPGRADE "Upgrade: websocket|Connection: Upgrade|"
#define ACCEPT "Sec-WebSocket-Accept: %A|"

typedef struct {
  const char *name;
  RawScript script;
  int code;
  const char *words;
} Row;

static const Row rows[] = {
  /* Answers that are good, if unusual. */
  { "good", { FROM_METADATA }, FAULT_SUCCESS },
  { "lower-case",
    { .on_request = "#http HTTP/1.1 101 x|upgrade: WebSocket|connection: upgrade|sec-websocket-accept: %A||",
      FROM_METADATA },
    FAULT_SUCCESS },
  { "keep-alive-upgrade", { .on_request = HEAD "Upgrade: websocket|Connection: keep-alive, Upgrade|" ACCEPT "|",
    FROM_METADATA },
    FAULT_SUCCESS },
  { "without-reason", { .on_request = "#http HTTP/1.1 101|" UPGRADE ACCEPT "|", FROM_METADATA }, FAULT_SUCCESS },
  { "unknown-headers", { .on_request = HEAD "Server: x|X-Y: z|Date: never|" UPGRADE ACCEPT "|", FROM_METADATA },
    FAULT_SUCCESS },
  { "content-length-0", { .on_request = HEAD UPGRADE ACCEPT "Content-Length: 0||", FROM_METADATA }, FAULT_SUCCESS },
  { "cookies", { .on_request = HEAD UPGRADE ACCEPT "Set-Cookie: a=b|Set-Cookie: c=d; Path=/||", FROM_METADATA },
    FAULT_SUCCESS },
  { "100-first", { .on_request = "#http HTTP/1.1 100 Continue||\n#accept", FROM_METADATA }, FAULT_SUCCESS },
  { "103-first", { .on_request = "#http HTTP/1.1 103 Early Hints|Link: x||\n#accept", FROM_METADATA }, FAULT_SUCCESS },
  { "8-bit-header", { .on_request = HEAD UPGRADE ACCEPT "X: \xff\xfe\xe4||", FROM_METADATA }, FAULT_SUCCESS },
  { "signal-in-the-same-piece", { .on_open = "{\"x\":1}\n" READY, FROM_CHUNK }, FAULT_SUCCESS },
  { "all-signals-in-the-same-piece", { .on_open = "#ready 4", .on_finished = CLOSE }, FAULT_SUCCESS },
  { "fatal-in-the-same-piece",
    { .on_open = "{\"error\":\"Full\",\"fatal\":true}" }, GALILEO_ERROR_REFUSED, "Full" },
  { "close-frame-in-the-same-piece", { .on_open = "#close 1013 later" }, GALILEO_ERROR_INTERRUPTED, "1013|later" },
  { "cut-in-the-same-piece", { .on_open = "#cut" }, GALILEO_ERROR_INTERRUPTED, "cut" },
  { "64-kib-in-the-same-piece", { .on_open = "#frame 8a 65536 61\n" READY, FROM_CHUNK }, FAULT_SUCCESS },

  /* Websockets that break the rules. */
  { "wrong-accept", { .on_request = HEAD UPGRADE "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=||" },
    GALILEO_ERROR_HANDSHAKE, "breaks the rules" },
  { "empty-accept", { .on_request = HEAD UPGRADE "Sec-WebSocket-Accept: ||" }, GALILEO_ERROR_HANDSHAKE,
    "breaks the rules" },
  { "no-accept", { .on_request = HEAD UPGRADE "|" }, GALILEO_ERROR_HANDSHAKE, "breaks the rules" },
  { "no-upgrade", { .on_request = HEAD "Connection: Upgrade|" ACCEPT "|" }, GALILEO_ERROR_HANDSHAKE, "127.0.0.1" },
  { "other-upgrade", { .on_request = HEAD "Upgrade: h2c|Connection: Upgrade|" ACCEPT "|" }, GALILEO_ERROR_HANDSHAKE,
    "127.0.0.1" },
  { "no-connection", { .on_request = HEAD "Upgrade: websocket|" ACCEPT "|" }, GALILEO_ERROR_HANDSHAKE, "127.0.0.1" },
  { "connection-close", { .on_request = HEAD "Upgrade: websocket|Connection: close|" ACCEPT "|" },
    GALILEO_ERROR_HANDSHAKE, "127.0.0.1" },
  { "extension-not-asked-for",
    { .on_request = HEAD UPGRADE ACCEPT "Sec-WebSocket-Extensions: permessage-deflate||" },
    GALILEO_ERROR_HANDSHAKE, "extension" },
  { "unknown-extension",
    { .on_request = HEAD UPGRADE ACCEPT "Sec-WebSocket-Extensions: x-frobnicate; a=1||" },
    GALILEO_ERROR_HANDSHAKE, "extension" },
  { "subprotocol-not-asked-for",
    { .on_request = HEAD UPGRADE ACCEPT "Sec-WebSocket-Protocol: chat||" },
    GALILEO_ERROR_HANDSHAKE, "protocol" },
  { "101-without-headers", { .on_request = "#http HTTP/1.1 101 Switching Protocols||" }, GALILEO_ERROR_HANDSHAKE,
    "127.0.0.1" },

  /* Not HTTP, or not as it should be. */
  { "garbage", { .on_request = "#fill 100 a5\n#http ||" }, GALILEO_ERROR_HANDSHAKE, "web server|127.0.0.1" },
  { "zeros", { .on_request = "#fill 100 00\n#http ||" }, GALILEO_ERROR_HANDSHAKE, "web server" },
  { "ssh", { .on_request = "#http SSH-2.0-OpenSSH_9.2||\n#cut" }, GALILEO_ERROR_HANDSHAKE, "web server" },
  { "smtp", { .on_connect = "#http 220 mail.example ESMTP||", .on_request = "#http 500 what?||" },
    GALILEO_ERROR_HANDSHAKE, "web server" },
  { "http-0.9", { .on_request = "#http <html>hello</html>||\n#cut" }, GALILEO_ERROR_HANDSHAKE, "web server" },
  { "icy", { .on_request = "#http ICY 200 OK||\n#cut" }, GALILEO_ERROR_HANDSHAKE, "200" },
  { "status-of-letters", { .on_request = "#http HTTP/1.1 1O1 x|" UPGRADE ACCEPT "|" }, GALILEO_ERROR_HANDSHAKE,
    "web server" },
  { "status-of-2-digits", { .on_request = "#http HTTP/1.1 10 x|" UPGRADE ACCEPT "|" }, GALILEO_ERROR_HANDSHAKE, NULL },
  { "status-of-4-digits", { .on_request = "#http HTTP/1.1 1010 x|" UPGRADE ACCEPT "|" }, GALILEO_ERROR_HANDSHAKE,
    NULL },
  { "status-0", { .on_request = "#http HTTP/1.1 000 x|Content-Length: 0||" }, GALILEO_ERROR_HANDSHAKE, NULL },
  { "nul-in-status-line", { .on_request = "#http HTTP/1.1 101 Swi\n#hex 00\n#http tching|" UPGRADE ACCEPT "|" },
    GALILEO_ERROR_HANDSHAKE, "web server" },
  { "nul-in-header-value", { .on_request = HEAD UPGRADE ACCEPT "X: a\n#hex 00\n#http b||" },
    GALILEO_ERROR_HANDSHAKE, "web server" },
  { "nul-in-header-name", { .on_request = HEAD UPGRADE ACCEPT "X\n#hex 00\n#http Y: b||" },
    GALILEO_ERROR_HANDSHAKE, "web server" },
  { "header-without-colon", { .on_request = HEAD UPGRADE ACCEPT "nonsense||", FROM_METADATA }, FAULT_SUCCESS },
  { "http-1.0", { .on_request = "#http HTTP/1.0 200 OK|Content-Length: 0||" }, GALILEO_ERROR_HANDSHAKE, "200" },
  { "http-1.0-101", { .on_request = "#http HTTP/1.0 101 Switching Protocols|" UPGRADE ACCEPT "|" },
    GALILEO_ERROR_HANDSHAKE, NULL },
  { "64-kib-header", { .on_request = HEAD "X: \n#fill 65536 61\n#http |" UPGRADE ACCEPT "|" },
    GALILEO_ERROR_HANDSHAKE, "Header too big" },
  { "1-mib-header", { .on_request = HEAD "X: \n#fill 1048576 61\n#http |" UPGRADE ACCEPT "|" },
    GALILEO_ERROR_HANDSHAKE, "Header too big" },
  { "10-mib-status-line", { .on_request = "#http HTTP/1.1 101 \n#fill 10485760 61" }, GALILEO_ERROR_HANDSHAKE,
    "Header too big" },

  /* Other answers, with what may be wrong about them. */
  { "200-page", { .on_request = "#http HTTP/1.1 200 OK|Content-Type: text/html|Content-Length: 15||<html>x</html>|" },
    GALILEO_ERROR_HANDSHAKE, "not with a websocket|200" },
  { "200-until-the-end", { .on_request = "#http HTTP/1.1 200 OK|Connection: close||hello\n#cut" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "200-in-chunks", { .on_request = "#http HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|0||" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "200-in-bad-chunks", { .on_request = "#http HTTP/1.1 200 OK|Transfer-Encoding: chunked||zz|hello|0||" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "200-in-cut-chunks", { .on_request = "#http HTTP/1.1 200 OK|Transfer-Encoding: chunked||ff|hello\n#cut" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "200-cut-short", { .on_request = "#http HTTP/1.1 200 OK|Content-Length: 100||hello\n#cut" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "200-reset", { .on_request = "#http HTTP/1.1 200 OK|Content-Length: 100||hello\n#drip 20\n#fill 2 61\n#reset" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "200-bad-gzip", { .on_request = "#http HTTP/1.1 200 OK|Content-Encoding: gzip|Content-Length: 5||hello" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "200-unknown-encoding", { .on_request = "#http HTTP/1.1 200 OK|Content-Encoding: x|Content-Length: 5||hello" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "200-two-lengths", { .on_request = "#http HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 7||hello\n#cut" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "403-then-silence", { .on_request = "#http HTTP/1.1 403 Forbidden|Content-Length: 100||hello" },
    GALILEO_ERROR_UNAUTHORIZED, "403" },
  { "500-then-silence", { .on_request = "#http HTTP/1.1 500 Oops|Transfer-Encoding: chunked||5|hello" },
    GALILEO_ERROR_HANDSHAKE, "500" },
  { "200-of-16-mib", { .on_request = "#http HTTP/1.1 200 OK|Content-Length: 16777216||\n#fill 16777216 61" },
    GALILEO_ERROR_HANDSHAKE, "200" },
  { "401-basic", { .on_request = "#http HTTP/1.1 401 x|WWW-Authenticate: Basic realm=\"a\"|Content-Length: 0||" },
    GALILEO_ERROR_UNAUTHORIZED, "401" },
  { "401-digest",
    { .on_request = "#http HTTP/1.1 401 x|WWW-Authenticate: Digest realm=\"a\", nonce=\"b\", qop=\"auth\"|"
                    "Content-Length: 0||" },
    GALILEO_ERROR_UNAUTHORIZED, "401" },
  { "401-odd-challenges",
    { .on_request = "#http HTTP/1.1 401 x|WWW-Authenticate: Digest|WWW-Authenticate: ,,=|WWW-Authenticate: Bearer|"
                    "WWW-Authenticate: NTLM|WWW-Authenticate: Negotiate|WWW-Authenticate: \"|Content-Length: 0||" },
    GALILEO_ERROR_UNAUTHORIZED, "401" },
  { "301-without-location", { .on_request = "#http HTTP/1.1 301 x|Content-Length: 0||" }, GALILEO_ERROR_HANDSHAKE,
    "301" },
  { "302-without-location", { .on_request = "#http HTTP/1.1 302 x|Content-Length: 0||" }, GALILEO_ERROR_UNAUTHORIZED,
    "302" },
  { "302-to-its-own-log-in", { .on_request = "#http HTTP/1.1 302 x|Location: /login?a=b|Content-Length: 0||" },
    GALILEO_ERROR_UNAUTHORIZED, "302|/login?a=b" },
  { "301-to-no-address", { .on_request = "#http HTTP/1.1 301 x|Location: %%%|Content-Length: 0||" },
    GALILEO_ERROR_HANDSHAKE, "301" },
  { "302-to-another-scheme", { .on_request = "#http HTTP/1.1 302 x|Location: file:///etc/passwd|Content-Length: 0||" },
    GALILEO_ERROR_UNAUTHORIZED, "302" },

  /* The connection ends. */
  { "cut-at-once", { .on_connect = "#cut" }, GALILEO_ERROR_CONNECT, "127.0.0.1" },
  { "reset-at-once", { .on_connect = "#reset" }, GALILEO_ERROR_CONNECT, "127.0.0.1" },
  { "half-close-at-once", { .on_connect = "#fin" }, GALILEO_ERROR_CONNECT, "127.0.0.1" },
  { "cut-at-the-request", { .on_request = "#cut" }, GALILEO_ERROR_CONNECT, "127.0.0.1" },
  { "reset-at-the-request", { .on_request = "#reset" }, GALILEO_ERROR_CONNECT, "127.0.0.1" },
  { "cut-after-1-byte", { .on_request = "#http H\n#cut" }, GALILEO_ERROR_HANDSHAKE, "127.0.0.1" },
  { "cut-in-the-status-line", { .on_request = "#http HTTP/1.1 10\n#cut" }, GALILEO_ERROR_HANDSHAKE, "127.0.0.1" },
  { "cut-after-the-status-line", { .on_request = HEAD "\n#cut" }, GALILEO_ERROR_HANDSHAKE, "127.0.0.1" },
  { "cut-in-a-header", { .on_request = HEAD "Upgra\n#cut" }, GALILEO_ERROR_HANDSHAKE, "127.0.0.1" },
  /* libsoup takes the end of the stream for the end of the headers, and finds it cut then. */
  { "cut-before-the-empty-line", { .on_request = HEAD UPGRADE ACCEPT "\n#cut" }, GALILEO_ERROR_INTERRUPTED, "cut" },
  { "reset-before-the-empty-line", { .on_request = HEAD UPGRADE ACCEPT "\n#drip 20\n#http X:\n#reset" },
    GALILEO_ERROR_CONNECT, "127.0.0.1" },

  /* The connection does not end. */
  { "silence", { .on_request = "#mute" }, GALILEO_ERROR_CONNECT, "no answer within" },
  { "silence-and-deaf", { .on_connect = "#deaf" }, GALILEO_ERROR_CONNECT, "no answer within" },
  { "silence-after-1-byte", { .on_request = "#http H" }, GALILEO_ERROR_CONNECT, "no answer within" },
  { "silence-after-the-status-line", { .on_request = HEAD }, GALILEO_ERROR_CONNECT, "no answer within" },
  { "silence-before-the-empty-line", { .on_request = HEAD UPGRADE ACCEPT }, GALILEO_ERROR_CONNECT, "no answer within" },
  { "drip-past-the-deadline", { .on_request = "#drip 50\n#accept", FROM_METADATA }, GALILEO_ERROR_CONNECT,
    "no answer within" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *peer = fault_run_serve (run, &row->script);

  fault_run_hurry_for (run, row->code, row->words);
  fault_run_go (run);
  fault_run_expect (run, row->code, row->words);
  if (peer->n_connections != 1)
    fault_problem ("%u connections", peer->n_connections);
  fault_run_free (run);
}

static const struct {
  guint status;
  int code;
  const char *words;
} statuses[] = {
  { 200, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 201, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 204, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 206, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 300, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 301, GALILEO_ERROR_HANDSHAKE, "moved" },
  { 302, GALILEO_ERROR_UNAUTHORIZED, "Not signed in" },
  { 303, GALILEO_ERROR_UNAUTHORIZED, "Not signed in" },
  { 304, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 307, GALILEO_ERROR_UNAUTHORIZED, "Not signed in" },
  { 308, GALILEO_ERROR_HANDSHAKE, "moved" },
  { 400, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 401, GALILEO_ERROR_UNAUTHORIZED, "not allowed" },
  { 403, GALILEO_ERROR_UNAUTHORIZED, "not allowed" },
  { 404, GALILEO_ERROR_HANDSHAKE, "no upload address at /upload" },
  { 405, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 407, GALILEO_ERROR_UNAUTHORIZED, "proxy" },
  { 410, GALILEO_ERROR_HANDSHAKE, "no upload address at /upload" },
  { 418, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 426, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 429, GALILEO_ERROR_UNAVAILABLE, "just now" },
  { 500, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 501, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 502, GALILEO_ERROR_UNAVAILABLE, "just now" },
  { 503, GALILEO_ERROR_UNAVAILABLE, "just now" },
  { 504, GALILEO_ERROR_UNAVAILABLE, "just now" },
  { 599, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
  { 999, GALILEO_ERROR_HANDSHAKE, "not with a websocket" },
};

/* A status, and for those that lead elsewhere, another server that must never hear of it. */
static void
test_status (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  static const RawScript good = { FROM_METADATA };
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *elsewhere = raw_peer_new (&good);
  g_autofree char *location = g_uri_to_string (elsewhere->address);
  g_autofree char *lines = g_strdup_printf ("#http HTTP/1.1 %u Whatever|Location: %s|Content-Length: 0||",
                                            statuses[i].status,
                                            location);
  g_autofree char *words = g_strdup_printf ("%u|127.0.0.1|%s", statuses[i].status, statuses[i].words);
  const RawScript script = { .on_request = lines };
  RawPeer *peer = fault_run_serve (run, &script);

  if (strstr (statuses[i].words, "moved") != NULL) {
    g_free (words);
    words = g_strdup_printf ("%u|%s|%s", statuses[i].status, location, statuses[i].words);
  }

  fault_run_own (run, elsewhere, raw_peer_destroy);
  fault_run_go (run);
  fault_run_expect (run, statuses[i].code, words);
  if (elsewhere->n_connections > 0)
    fault_problem ("a redirect was followed");
  if (peer->n_connections != 1 || peer->metadata != NULL)
    fault_problem ("%u connections", peer->n_connections);
  fault_run_free (run);
}

/* Hosts that can't be reached. */
typedef struct {
  const char *name;
  const char *host;
  int code;
  const char *words;
} Host;

static const Host hosts[] = {
  { "unknown-host", "nowhere.example", GALILEO_ERROR_CONNECT, "Can't reach nowhere.example|no such host" },
  { "broken-name-server", "broken.example", GALILEO_ERROR_CONNECT, "Can't reach broken.example|Temporary failure" },
  { "silent-name-server", "silent.example", GALILEO_ERROR_CONNECT, "no answer within" },
  { "first-of-two-addresses-refuses", "two.example", FAULT_SUCCESS },
  { "host-by-name", "some.example", FAULT_SUCCESS },
};

static void
test_host (gconstpointer data)
{
  static const RawScript good = { FROM_METADATA };
  const Host *host = data;
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *peer = fault_run_serve (run, &good);
  g_autoptr (GUri) address =
      g_uri_build (G_URI_FLAGS_NONE, "ws", NULL, host->host, g_uri_get_port (peer->address), "/upload", NULL, NULL);

  fault_run_set_peer (run, address, peer->received);
  fault_run_hurry_for (run, host->code, host->words);
  fault_run_go (run);
  fault_run_expect (run, host->code, host->words);
  fault_run_free (run);
}

static void
test_refused (gconstpointer data)
{
  static const RawScript good = { FROM_METADATA };
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *gone = raw_peer_new (&good);

  fault_run_set_peer (run, gone->address, NULL);
  raw_peer_destroy (gone);
  fault_run_go (run);
  fault_run_expect (run, GALILEO_ERROR_CONNECT, "Can't reach 127.0.0.1|connection refused");
  fault_run_free (run);
}

/* A host that lets no more connections in, and does not say so. */
static void
test_black_hole (gconstpointer data)
{
  FaultRun *run = fault_run_new (SIZE);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GSocket) listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GUri) address = NULL;

  g_assert (g_socket_bind (listener, any_port, FALSE, NULL));
  g_socket_set_listen_backlog (listener, 0);
  g_assert (g_socket_listen (listener, NULL));
  bound = g_socket_get_local_address (listener, NULL);
  for (guint i = 0; i < 4; i++) {
    GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

    g_socket_set_blocking (socket, FALSE);
    g_socket_connect (socket, bound, NULL, NULL);
    g_ptr_array_add (sockets, socket);
  }
  address = g_uri_build (G_URI_FLAGS_NONE,
                         "ws",
                         NULL,
                         "127.0.0.1",
                         g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)),
                         "/upload",
                         NULL,
                         NULL);

  fault_run_set_peer (run, address, NULL);
  fault_run_hurry (run);
  fault_run_go (run);
  fault_run_expect (run, GALILEO_ERROR_CONNECT, "no answer within");
  g_ptr_array_set_size (sockets, 0);
  g_socket_close (listener, NULL);
  fault_run_free (run);
}

/* Answers without end, none of them the one that counts. */
static void
test_endless_100 (gconstpointer data)
{
  g_autoptr (GString) lines = g_string_new ("#drip 1");
  RawScript script = { NULL };
  FaultRun *run = fault_run_new (SIZE);

  for (guint i = 0; i < 1000; i++)
    g_string_append (lines, "\n#http HTTP/1.1 100 Continue||");
  script.on_request = lines->str;
  fault_run_serve (run, &script);
  fault_run_hurry (run);
  fault_run_go (run);
  fault_run_expect (run, GALILEO_ERROR_CONNECT, "no answer within");
  fault_run_free (run);
}

/* A sentence for people is UTF-8, whatever a header holds. */
static void
test_odd_location (gconstpointer data)
{
  g_autofree char *lines = g_strdup_printf ("#http HTTP/1.1 %u x|Location: ws://x/\xff\xfe\033[31m|Content-Length: 0||",
                                            GPOINTER_TO_UINT (data));
  const RawScript script = { .on_request = lines };
  FaultRun *run = fault_run_new (SIZE);

  fault_run_serve (run, &script);
  fault_run_go (run);
  fault_run_expect (run, GPOINTER_TO_UINT (data) == 301 ? GALILEO_ERROR_HANDSHAKE : GALILEO_ERROR_UNAUTHORIZED, NULL);
  fault_run_free (run);
}

int
main (int argc, char **argv)
{
  fault_init (&argc, &argv);
  test_resolver_install ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fault_add ("handshake", rows[i].name, &rows[i], test_row);
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++) {
    g_autofree char *name = g_strdup_printf ("status-%u", statuses[i].status);

    fault_add ("handshake", name, GUINT_TO_POINTER (i), test_status);
  }
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    fault_add ("handshake", hosts[i].name, &hosts[i], test_host);
  fault_add ("handshake", "refused", NULL, test_refused);
  fault_add ("handshake", "black-hole", NULL, test_black_hole);
  fault_add ("handshake", "endless-100", NULL, test_endless_100);
  fault_add ("handshake", "301-to-bad-utf-8", GUINT_TO_POINTER (301), test_odd_location);
  fault_add ("handshake", "302-to-bad-utf-8", GUINT_TO_POINTER (302), test_odd_location);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One upload through a proxy that does harm at a certain byte. The bytes are named by what they are part of: a first
 * upload without harm tells where that stands, and each one after it sends as many bytes as that did.
 */

#include "chaos-proxy.h"
#include "fault-kit.h"

#include "galileo/galileo-signal.h"

#include <string.h>

#define READY "{\"ready\":true}"
#define CLOSE "{\"close\":true}"
#define MISMATCH "{\"error\":\"These are other bytes\",\"fatal\":true}"

/* Three chunks: frames 1 to 3 of the client. Frame 0 is the metadata, 4 is finished, 5 the close. */
#define SIZE 600000
#define CHUNK 250000
#define LAST 3
#define FINISHED 4
#define GOODBYE 5

/* The server's frames: a ready for each chunk and one for finished, the close signal, the close. */
#define CONFIRMATION 4

#define HANDSHAKE (-1)
#define MAX_FRAMES 16

/* Of what stays as it is for so long. A second is enough where nothing moves. */
#define TIMEOUT 1

static const RawScript script = { .on_metadata = READY, .on_chunk = READY, .on_last_chunk = READY };
/* Asks for all there is at once. The client's stream is the same. */
static const RawScript script_ahead = { .on_metadata = "#ready 4" };

typedef enum {
  START,
  PAYLOAD,
  END,
} Edge;

/* What the client is up to, and so how it ends. */
typedef enum {
  CONNECTING,
  ANSWERED, /* in part */
  METADATA,
  SENDING,
  SENT,
  CONFIRMING,
  SUCCEEDED,
} Phase;

typedef struct {
  ChaosDirection direction;
  int frame;
  Edge edge;
  int delta;
} Place;

/* Bytes of each direction as the upload without harm sent them. */
typedef struct {
  GBytes *bytes;
  gsize handshake; /* its length */
  struct {
    gsize start;
    gsize payload;
    gsize end;
  } frames[MAX_FRAMES];
  guint n_frames;
} Stream;

static Stream streams[2];

typedef struct {
  FaultRun *run;
  RawPeer *peer;
  ChaosProxy *proxy;
} Upload;

/* As a receiver that checks what it got. */
static void
step_cb (RawPeer *peer, const char *step, gpointer user_data)
{
  g_autofree char *hash = NULL;

  if (!g_str_equal (step, "finished"))
    return;

  hash = g_compute_checksum_for_data (G_CHECKSUM_SHA1, peer->received->data, peer->received->len);
  raw_peer_play (peer, peer->received->len == peer->size && strstr (peer->finished, hash) != NULL ? CLOSE : MISMATCH);
}

/* The peer is none that the kit knows of: it may complain of harm that the proxy did. */
static void
upload_init (Upload *self, gsize size, const RawScript *peer_script)
{
  self->run = fault_run_new (size);
  self->peer = raw_peer_new (peer_script);
  self->peer->step_func = step_cb;
  fault_run_own (self->run, self->peer, raw_peer_destroy);
  self->proxy = chaos_proxy_new ("127.0.0.1", (guint16) g_uri_get_port (self->peer->address));
  fault_run_own (self->run, self->proxy, (GDestroyNotify) chaos_proxy_free);
}

static void
upload_connect (Upload *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) address = NULL;

  chaos_proxy_start (self->proxy, 0, &error);
  g_assert_no_error (error);
  address = g_uri_build (G_URI_FLAGS_NONE,
                         g_uri_get_scheme (self->peer->address),
                         NULL,
                         "127.0.0.1",
                         chaos_proxy_get_port (self->proxy),
                         g_uri_get_path (self->peer->address),
                         NULL,
                         NULL);
  fault_run_set_peer (self->run, address, self->peer->received);
  galileo_upload_set_timeout (fault_run_get_upload (self->run), TIMEOUT);
}

static guint
get_fired (Upload *self)
{
  ChaosCounts counts;

  chaos_proxy_get_counts (self->proxy, &counts);

  return counts.fired;
}

static void
upload_finish (Upload *self, guint fired)
{
  if (get_fired (self) != fired)
    fault_problem ("%u rules fired instead of %u", get_fired (self), fired);
  fault_run_free (self->run);
}

static void
split_stream (Stream *stream)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (stream->bytes, &length);
  const char *end = g_strstr_len ((const char *) bytes, (gssize) length, "\r\n\r\n");

  g_assert_nonnull (end);
  stream->handshake = (gsize) (end - (const char *) bytes) + 4;
  for (gsize at = stream->handshake; at < length; stream->n_frames++) {
    guint64 payload = bytes[at + 1] & 0x7f;
    gsize n_length_bytes = payload == 126 ? 2 : payload == 127 ? 8 : 0;

    g_assert_cmpuint (stream->n_frames, <, MAX_FRAMES);
    for (gsize i = 0; i < n_length_bytes; i++)
      payload = (i == 0 ? 0 : payload << 8) | bytes[at + 2 + i];
    stream->frames[stream->n_frames].start = at;
    at += 2 + n_length_bytes + (bytes[at + 1] & 0x80 ? 4 : 0);
    stream->frames[stream->n_frames].payload = at;
    at += payload;
    stream->frames[stream->n_frames].end = at;
    g_assert_cmpuint (at, <=, length);
  }
}

/* Through the proxy without harm. */
static void
test_survey (gconstpointer data)
{
  Upload upload;

  upload_init (&upload, SIZE, &script);
  chaos_proxy_set_capture (upload.proxy, TRUE);
  upload_connect (&upload);
  fault_run_go (upload.run);
  fault_run_expect (upload.run, FAULT_SUCCESS, NULL);
  for (ChaosDirection direction = CHAOS_UP; direction <= CHAOS_DOWN; direction++) {
    g_clear_pointer (&streams[direction].bytes, g_bytes_unref);
    memset (&streams[direction], 0, sizeof streams[direction]);
    streams[direction].bytes = chaos_proxy_dup_captured (upload.proxy, direction);
    split_stream (&streams[direction]);
  }
  g_assert_cmpuint (streams[CHAOS_UP].n_frames, ==, GOODBYE + 1);
  g_assert_cmpuint (streams[CHAOS_DOWN].n_frames, ==, CONFIRMATION + 2);
  upload_finish (&upload, 0);
}

static guint64
find_place (const Place *place)
{
  const Stream *stream;

  if (streams[0].bytes == NULL)
    test_survey (NULL);

  stream = &streams[place->direction];
  if (place->frame == HANDSHAKE)
    return (place->edge == END ? stream->handshake : 0) + (guint64) place->delta;

  switch (place->edge) {
  case START:
    return stream->frames[place->frame].start + (guint64) place->delta;
  case PAYLOAD:
    return stream->frames[place->frame].payload + (guint64) place->delta;
  case END:
  default:
    return stream->frames[place->frame].end + (guint64) place->delta;
  }
}

static void
add_rule (Upload *upload, ChaosAction action, const Place *place)
{
  const ChaosRule rule = { .action = action, .direction = place->direction, .offset = find_place (place) };

  chaos_proxy_add_rule (upload->proxy, &rule);
}

/*
 * Harm to the connection. Each place comes with what the client is up to when it happens at once, and when only this
 * direction ends there: then the other side may still have answered what came before.
 */
typedef enum {
  FIN = 1 << 0,
  RESET = 1 << 1,
  HALF_CLOSE = 1 << 2,
  HALF_OPEN = 1 << 3,
  STALL = 1 << 4,
  STALL_BOTH = 1 << 5,
} Harms;

static const struct {
  Harms harm;
  ChaosAction action;
  const char *name;
} harms[] = {
  { FIN, CHAOS_FIN, "fin" },
  { RESET, CHAOS_RESET, "reset" },
  { HALF_CLOSE, CHAOS_HALF_CLOSE, "half-close" },
  { HALF_OPEN, CHAOS_HALF_OPEN, "half-open" },
  { STALL, CHAOS_STALL, "stall" },
  { STALL_BOTH, CHAOS_STALL_BOTH, "stall-both" },
};

#define CUTS (FIN | RESET)
#define SILENCES (HALF_CLOSE | HALF_OPEN | STALL | STALL_BOTH)

static const struct {
  const char *name;
  Place place;
  Phase at_once;
  Phase one_way;
  Harms harms;
} spots[] = {
  { "up-0", { CHAOS_UP, HANDSHAKE, START, 0 }, CONNECTING, CONNECTING, CUTS | STALL_BOTH },
  { "up-1", { CHAOS_UP, HANDSHAKE, START, 1 }, CONNECTING, CONNECTING, CUTS | HALF_OPEN },
  { "up-in-request", { CHAOS_UP, HANDSHAKE, END, -20 }, CONNECTING, CONNECTING, CUTS | STALL | HALF_CLOSE },
  { "up-request-end", { CHAOS_UP, HANDSHAKE, END, 0 }, CONNECTING, METADATA, CUTS | STALL },
  { "up-metadata-header", { CHAOS_UP, 0, START, 1 }, METADATA, METADATA, CUTS | HALF_OPEN },
  { "up-metadata-last", { CHAOS_UP, 0, END, -1 }, METADATA, METADATA, CUTS | SILENCES },
  { "up-metadata-end", { CHAOS_UP, 0, END, 0 }, METADATA, SENDING, CUTS | STALL },
  { "up-chunk-header", { CHAOS_UP, 1, START, 3 }, SENDING, SENDING, CUTS | STALL },
  { "up-1-KiB", { CHAOS_UP, 1, PAYLOAD, 1024 }, SENDING, SENDING, CUTS | SILENCES },
  { "up-chunk-less-1", { CHAOS_UP, 1, PAYLOAD, CHUNK - 1 }, SENDING, SENDING, CUTS | STALL },
  { "up-chunk", { CHAOS_UP, 1, PAYLOAD, CHUNK }, SENDING, SENDING, CUTS | STALL },
  { "up-chunk-and-1", { CHAOS_UP, 1, PAYLOAD, CHUNK + 1 }, SENDING, SENDING, CUTS | STALL_BOTH },
  { "up-2-chunks", { CHAOS_UP, 2, END, 0 }, SENDING, SENDING, CUTS | STALL },
  { "up-last-byte", { CHAOS_UP, LAST, END, -1 }, SENT, SENT, CUTS | SILENCES },
  { "up-all-bytes", { CHAOS_UP, LAST, END, 0 }, SENT, CONFIRMING, CUTS | STALL },
  { "up-in-finished", { CHAOS_UP, FINISHED, PAYLOAD, 5 }, CONFIRMING, CONFIRMING, CUTS | SILENCES },
  { "up-finished", { CHAOS_UP, FINISHED, END, 0 }, CONFIRMING, SUCCEEDED, CUTS | STALL_BOTH },
  { "up-in-goodbye", { CHAOS_UP, GOODBYE, START, 1 }, SUCCEEDED, SUCCEEDED, CUTS },
  { "up-goodbye", { CHAOS_UP, GOODBYE, END, 0 }, SUCCEEDED, SUCCEEDED, CUTS },

  { "down-0", { CHAOS_DOWN, HANDSHAKE, START, 0 }, CONNECTING, CONNECTING, CUTS | STALL_BOTH },
  { "down-1", { CHAOS_DOWN, HANDSHAKE, START, 1 }, ANSWERED, ANSWERED, CUTS | STALL | HALF_CLOSE },
  { "down-in-answer", { CHAOS_DOWN, HANDSHAKE, END, -20 }, ANSWERED, ANSWERED, CUTS | STALL | HALF_CLOSE },
  { "down-answer", { CHAOS_DOWN, HANDSHAKE, END, 0 }, METADATA, METADATA, CUTS | STALL | HALF_CLOSE },
  { "down-in-first-ready", { CHAOS_DOWN, 0, START, 1 }, METADATA, METADATA, CUTS | STALL | HALF_CLOSE },
  { "down-first-ready-less-1", { CHAOS_DOWN, 0, END, -1 }, METADATA, METADATA, CUTS | STALL_BOTH | HALF_CLOSE },
  { "down-first-ready", { CHAOS_DOWN, 0, END, 0 }, SENDING, SENDING, CUTS | STALL },
  { "down-in-second-ready", { CHAOS_DOWN, 1, START, 1 }, SENDING, SENDING, CUTS | STALL | HALF_CLOSE | HALF_OPEN },
  { "down-in-last-ready", { CHAOS_DOWN, LAST, PAYLOAD, 1 }, SENT, SENT, CUTS | STALL | HALF_CLOSE | HALF_OPEN },
  { "down-last-ready", { CHAOS_DOWN, LAST, END, 0 }, SENT, CONFIRMING, CUTS | STALL },
  { "down-in-close", { CHAOS_DOWN, CONFIRMATION, START, 1 }, CONFIRMING, CONFIRMING, CUTS | STALL | HALF_CLOSE },
  { "down-close-less-1", { CHAOS_DOWN, CONFIRMATION, END, -1 }, CONFIRMING, CONFIRMING, CUTS | STALL | HALF_OPEN },
  { "down-close", { CHAOS_DOWN, CONFIRMATION, END, 0 }, SUCCEEDED, SUCCEEDED, CUTS | STALL | HALF_CLOSE },
  { "down-in-goodbye", { CHAOS_DOWN, CONFIRMATION + 1, START, 1 }, SUCCEEDED, SUCCEEDED, CUTS | HALF_CLOSE },
};

static void
expect_stall (FaultRun *run, Phase phase)
{
  static const char *const words[] = {
    [METADATA] = "1 second|did not ask for the file",
    [SENDING] = "Nothing moved for 1 second",
    [SENT] = "1 second|after the whole file was sent",
    [CONFIRMING] = "did not confirm it within 1 second",
  };

  if (phase == SUCCEEDED)
    fault_run_expect (run, FAULT_SUCCESS, NULL);
  else if (phase == CONNECTING || phase == ANSWERED)
    fault_run_expect (run, GALILEO_ERROR_CONNECT, "no answer within 1 second");
  else
    fault_run_expect (run, GALILEO_ERROR_STALLED, words[phase]);
}

static void
expect_cut (FaultRun *run, Phase phase, gboolean reset)
{
  switch (phase) {
  case CONNECTING:
  case ANSWERED:
    if (reset)
      fault_run_expect (run, GALILEO_ERROR_CONNECT, "Can't reach 127.0.0.1|reset");
    else if (phase == CONNECTING)
      fault_run_expect (run, GALILEO_ERROR_CONNECT, "Can't reach 127.0.0.1|without an answer");
    else
      fault_run_expect (run, GALILEO_ERROR_HANDSHAKE, "does not answer as a web server does");
    break;
  case METADATA:
  case SENDING:
    fault_run_expect (run, GALILEO_ERROR_INTERRUPTED, "Connection lost");
    break;
  case SENT:
  case CONFIRMING:
    fault_run_expect (run, GALILEO_ERROR_UNCONFIRMED, "the site did not confirm it");
    break;
  case SUCCEEDED:
  default:
    fault_run_expect (run, FAULT_SUCCESS, NULL);
  }
}

/* The index of the spot, and that of the harm above it. */
#define CASE(spot, harm) GUINT_TO_POINTER ((spot) | (harm) << 16)

static void
test_harm (gconstpointer data)
{
  guint spot = GPOINTER_TO_UINT (data) & 0xffff;
  guint harm = GPOINTER_TO_UINT (data) >> 16;
  gboolean down = spots[spot].place.direction == CHAOS_DOWN;
  Upload upload;

  upload_init (&upload, SIZE, &script);
  add_rule (&upload, harms[harm].action, &spots[spot].place);
  upload_connect (&upload);
  fault_run_go (upload.run);

  switch (harms[harm].harm) {
  case FIN:
  case RESET:
    expect_cut (upload.run, spots[spot].at_once, harms[harm].harm == RESET);
    break;
  case HALF_CLOSE:
    if (down)
      expect_cut (upload.run, spots[spot].at_once, FALSE);
    else
      expect_stall (upload.run, spots[spot].one_way);
    break;
  case HALF_OPEN:
    if (down)
      expect_cut (upload.run, spots[spot].at_once, TRUE);
    else
      expect_stall (upload.run, spots[spot].at_once);
    break;
  case STALL_BOTH:
    expect_stall (upload.run, spots[spot].at_once);
    break;
  case STALL:
  default:
    expect_stall (upload.run, spots[spot].one_way);
  }
  upload_finish (&upload, 1);
}

/* One bit turned on the way. */
static const struct {
  const char *name;
  Place place;
  const char *after; /* instead of a delta: the byte behind this text, for one way in the clear */
  int code;
  const char *words;
} flips[] = {
  { "up-websocket-key", { CHAOS_UP, HANDSHAKE }, "Sec-WebSocket-Key: ", GALILEO_ERROR_HANDSHAKE, "breaks the rules" },
  { "up-metadata-opcode", { CHAOS_UP, 0, START, 0 }, NULL, GALILEO_ERROR_STALLED, "did not ask for the file" },
  { "up-metadata-size", { CHAOS_UP, 0, END, -2 }, NULL, GALILEO_ERROR_REFUSED, "These are other bytes" },
  { "up-chunk-opcode", { CHAOS_UP, 1, START, 0 }, NULL, GALILEO_ERROR_STALLED, "Nothing moved" },
  { "up-chunk-length", { CHAOS_UP, 1, PAYLOAD, -5 }, NULL, GALILEO_ERROR_STALLED, "Nothing moved" },
  { "up-chunk-mask", { CHAOS_UP, 1, PAYLOAD, -1 }, NULL, GALILEO_ERROR_REFUSED, "These are other bytes" },
  { "up-first-byte", { CHAOS_UP, 1, PAYLOAD, 0 }, NULL, GALILEO_ERROR_REFUSED, "These are other bytes" },
  { "up-middle-byte", { CHAOS_UP, 2, PAYLOAD, CHUNK / 2 }, NULL, GALILEO_ERROR_REFUSED, "These are other bytes" },
  { "up-last-byte", { CHAOS_UP, LAST, END, -1 }, NULL, GALILEO_ERROR_REFUSED, "These are other bytes" },
  { "up-last-chunk-opcode", { CHAOS_UP, LAST, START, 0 }, NULL, GALILEO_ERROR_STALLED, "whole file was sent" },
  { "up-hash", { CHAOS_UP, FINISHED, END, -5 }, NULL, GALILEO_ERROR_REFUSED, "These are other bytes" },
  { "up-finished-opcode", { CHAOS_UP, FINISHED, START, 0 }, NULL, GALILEO_ERROR_STALLED, "did not confirm it" },
  { "down-http", { CHAOS_DOWN, HANDSHAKE, START, 0 }, NULL, GALILEO_ERROR_HANDSHAKE, "as a web server does" },
  /* 100 is followed by another status. */
  { "down-status", { CHAOS_DOWN, HANDSHAKE }, "HTTP/1.1 10", GALILEO_ERROR_CONNECT, "no answer within 1 second" },
  { "down-accept", { CHAOS_DOWN, HANDSHAKE }, "Sec-WebSocket-Accept: ", GALILEO_ERROR_HANDSHAKE, "breaks the rules" },
  { "down-ready-opcode", { CHAOS_DOWN, 0, START, 0 }, NULL, GALILEO_ERROR_PROTOCOL, "rules of websockets" },
  { "down-ready-length", { CHAOS_DOWN, 0, START, 1 }, NULL, GALILEO_ERROR_STALLED, "did not ask for the file" },
  { "down-ready-key", { CHAOS_DOWN, 0, PAYLOAD, 2 }, NULL, GALILEO_ERROR_STALLED, "did not ask for the file" },
  { "down-ready-value", { CHAOS_DOWN, 1, END, -2 }, NULL, GALILEO_ERROR_STALLED, "Nothing moved" },
  { "down-close-opcode", { CHAOS_DOWN, CONFIRMATION, START, 0 }, NULL, GALILEO_ERROR_PROTOCOL, "rules of websockets" },
  { "down-close-length", { CHAOS_DOWN, CONFIRMATION, START, 1 }, NULL, GALILEO_ERROR_STALLED, "did not confirm it" },
  { "down-close-key", { CHAOS_DOWN, CONFIRMATION, PAYLOAD, 2 }, NULL, GALILEO_ERROR_STALLED, "did not confirm it" },
};

static void
test_flip (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  Place place = flips[row].place;
  Upload upload;

  if (flips[row].after != NULL) {
    const char *bytes, *found;
    gsize length;

    find_place (&place);
    bytes = g_bytes_get_data (streams[place.direction].bytes, &length);
    found = g_strstr_len (bytes, (gssize) length, flips[row].after);
    g_assert_nonnull (found);
    place.delta = (int) (found - bytes) + (int) strlen (flips[row].after);
  }
  upload_init (&upload, SIZE, &script);
  add_rule (&upload, CHAOS_FLIP, &place);
  upload_connect (&upload);
  fault_run_go (upload.run);
  fault_run_expect (upload.run, flips[row].code, flips[row].words);
  upload_finish (&upload, 1);
}

/*
 * With a server that asks ahead the client has handed everything to the kernel long before it has left: what the site
 * has is what its host acknowledged.
 */
static const struct {
  const char *name;
  Place place;
  Phase phase;
} aheads[] = {
  { "1-KiB", { CHAOS_UP, 1, PAYLOAD, 1024 }, SENDING },
  { "chunk-and-1", { CHAOS_UP, 1, PAYLOAD, CHUNK + 1 }, SENDING },
  { "2-chunks", { CHAOS_UP, 2, END, 0 }, SENDING },
  { "last-byte", { CHAOS_UP, LAST, END, -1 }, CONFIRMING },
  { "in-finished", { CHAOS_UP, FINISHED, PAYLOAD, 5 }, CONFIRMING },
};

static void
test_ahead (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  Upload upload;

  upload_init (&upload, SIZE, &script_ahead);
  add_rule (&upload, CHAOS_STALL_BOTH, &aheads[row].place);
  upload_connect (&upload);
  fault_run_go (upload.run);
  expect_stall (upload.run, aheads[row].phase);
  upload_finish (&upload, 1);
}

/* Cancelled while nothing moves. */
static const struct {
  const char *name;
  Place place;
  ChaosAction action;
  GalileoUploadState state;
} cancels[] = {
  { "blackhole", { CHAOS_UP, HANDSHAKE, START, 0 }, CHAOS_BLACKHOLE, GALILEO_UPLOAD_STATE_CONNECTING },
  { "connecting", { CHAOS_DOWN, HANDSHAKE, END, -20 }, CHAOS_STALL_BOTH, GALILEO_UPLOAD_STATE_CONNECTING },
  { "metadata", { CHAOS_UP, 0, END, -1 }, CHAOS_STALL_BOTH, GALILEO_UPLOAD_STATE_METADATA },
  { "sending", { CHAOS_UP, 2, PAYLOAD, 1000 }, CHAOS_STALL_BOTH, GALILEO_UPLOAD_STATE_SENDING },
  { "sent", { CHAOS_UP, LAST, END, -1 }, CHAOS_STALL_BOTH, GALILEO_UPLOAD_STATE_SENT },
  { "finished", { CHAOS_DOWN, CONFIRMATION, END, -1 }, CHAOS_STALL_BOTH, GALILEO_UPLOAD_STATE_FINISHED },
  { "succeeded", { CHAOS_UP, GOODBYE, START, 1 }, CHAOS_STALL_BOTH, GALILEO_UPLOAD_STATE_SUCCEEDED },
};

static void
test_cancel (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  gboolean succeeded = cancels[row].state == GALILEO_UPLOAD_STATE_SUCCEEDED;
  gint64 start;
  Upload upload;

  upload_init (&upload, SIZE, &script);
  add_rule (&upload, cancels[row].action, &cancels[row].place);
  upload_connect (&upload);
  galileo_upload_set_timeout (fault_run_get_upload (upload.run), 0);
  fault_run_start (upload.run);
  fault_run_until (upload.run,
                   get_fired (&upload) == 1 &&
                       galileo_upload_get_state (fault_run_get_upload (upload.run)) == cancels[row].state);

  start = g_get_monotonic_time ();
  galileo_upload_cancel (fault_run_get_upload (upload.run));
  fault_run_go (upload.run);
  fault_run_expect (upload.run, succeeded ? FAULT_SUCCESS : FAULT_CANCELLED, NULL);
  if (g_get_monotonic_time () - start > G_USEC_PER_SEC)
    fault_problem ("the end took %.1f s", (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
  upload_finish (&upload, 1);
}

static void
test_blackhole (gconstpointer data)
{
  Upload upload;
  const Place anywhere = { CHAOS_UP, HANDSHAKE, START, 0 };

  upload_init (&upload, SIZE, &script);
  add_rule (&upload, CHAOS_BLACKHOLE, &anywhere);
  upload_connect (&upload);
  fault_run_go (upload.run);
  expect_stall (upload.run, CONNECTING);
  upload_finish (&upload, 1);
}

static void
test_refused (gconstpointer data)
{
  Upload upload;
  const Place anywhere = { CHAOS_UP, HANDSHAKE, START, 0 };

  upload_init (&upload, SIZE, &script);
  add_rule (&upload, CHAOS_REFUSE, &anywhere);
  upload_connect (&upload);
  fault_run_go (upload.run);
  expect_cut (upload.run, CONNECTING, TRUE);
  upload_finish (&upload, 1);
}

/* A line that is slow or long is no stall. */
static const struct {
  const char *name;
  gsize size;
  guint delay;
  guint64 rate;
  guint timeout;
  double least_seconds; /* that it must have taken, or this showed nothing */
} lines[] = {
  { "10-kB-a-second", 30000, 0, 10000, 2, 2.8 },
  { "100-kB-a-second", SIZE, 0, 250000, 1, 2.0 },
  { "delay-500-ms", 1000, 500, 0, 2, 4.0 },
  { "delay-100-ms", SIZE, 100, 0, 1, 1.2 },
};

static void
test_line (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  gint64 start = g_get_monotonic_time ();
  double seconds;
  Upload upload;

  upload_init (&upload, lines[row].size, &script);
  chaos_proxy_set_link (upload.proxy, lines[row].delay, lines[row].rate, 0);
  upload_connect (&upload);
  galileo_upload_set_timeout (fault_run_get_upload (upload.run), lines[row].timeout);
  fault_run_go (upload.run);
  fault_run_expect (upload.run, FAULT_SUCCESS, NULL);
  seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  if (seconds < lines[row].least_seconds)
    fault_problem ("took only %.1f s", seconds);
  upload_finish (&upload, 0);
}

int
main (int argc, char **argv)
{
  int status;

  fault_init (&argc, &argv);

  fault_add ("connection", "survey", NULL, test_survey);
  for (guint harm = 0; harm < G_N_ELEMENTS (harms); harm++)
    for (guint spot = 0; spot < G_N_ELEMENTS (spots); spot++)
      if (spots[spot].harms & harms[harm].harm) {
        g_autofree char *group = g_strdup_printf ("connection/%s", harms[harm].name);

        fault_add (group, spots[spot].name, CASE (spot, harm), test_harm);
      }
  for (guint row = 0; row < G_N_ELEMENTS (flips); row++)
    fault_add ("connection/flip", flips[row].name, GUINT_TO_POINTER (row), test_flip);
  for (guint row = 0; row < G_N_ELEMENTS (aheads); row++)
    fault_add ("connection/ahead", aheads[row].name, GUINT_TO_POINTER (row), test_ahead);
  for (guint row = 0; row < G_N_ELEMENTS (cancels); row++)
    fault_add ("connection/cancel", cancels[row].name, GUINT_TO_POINTER (row), test_cancel);
  for (guint row = 0; row < G_N_ELEMENTS (lines); row++)
    fault_add ("connection/line", lines[row].name, GUINT_TO_POINTER (row), test_line);
  fault_add ("connection", "blackhole", NULL, test_blackhole);
  fault_add ("connection", "refused", NULL, test_refused);

  status = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    g_clear_pointer (&streams[i].bytes, g_bytes_unref);

  return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "memory-peer.h"
#include "virtual-time.h"

#include <string.h>

/*
 * What a server, a kernel, a disk and a user may do to an upload, in any order. The input is text, so that a corpus can
 * be read and a dictionary helps: the first line has options, a letter or digit each; then one line for each thing that
 * happens, by its first letter:
 *
 *   T text    a TEXT message          B bytes   a BINARY message      P bytes  a ping
 *   F hex     bytes as they are       K n text  a close frame         E        the stream ends
 *   X         the connection is reset S n       n bytes fit, no more  G        all fits again
 *   R n       n readies               L n       a text of n KiB       J n      n MiB of a message that has no end
 *   H         the handshake is done   h         it is refused         A n      the kernel acknowledges n bytes
 *   W n       n seconds pass          D         the disk does one thing
 *   C         the user cancels        U         pauses or goes on     V        lets go of the upload
 *   c n, u n, v n                     the same, inside the n-th signal from now
 *   M         the file is modified    N         it is gone            Z        it can't be read
 */

static const gsize file_sizes[] = { 0, 1, 2, 100, 1000, 16384, 16385, 20000, 40000, 65536 };

/* More tell nothing new. */
#define MAX_LINES 200
#define MAX_READIES 60
#define MAX_KIB 20

static void
read_options (const char *line, gsize length, MemoryPeerOptions *options)
{
  options->hash_type = GALILEO_HASH_SHA1;
  for (gsize i = 0; i < length; i++) {
    switch (line[i]) {
    case 'i':
      options->has_id = TRUE;
      break;
    case 'n':
      options->hash_type = GALILEO_HASH_NONE;
      break;
    case 'h':
      options->hash_type = GALILEO_HASH_SHA512;
      break;
    case 'c':
      options->max_chunk_size = 7;
      break;
    case 'C':
      options->max_chunk_size = 17000;
      break;
    case 'd':
      options->slow_disk = TRUE;
      break;
    case 'w':
      options->slow_handshake = TRUE;
      break;
    case 'a':
      options->slow_kernel = TRUE;
      break;
    case 'p':
      options->paused = TRUE;
      break;
    case 't':
      options->timeout = 5;
      break;
    case 'l':
      options->rate = 20000;
      break;
    default:
      if (g_ascii_isdigit (line[i]))
        options->file_size = file_sizes[line[i] - '0'];
    }
  }
}

/* Reads a number before the rest of a line. */
static guint
read_number (const char **rest, gsize *length, guint most)
{
  guint number = 0;

  while (*length > 0 && **rest == ' ') {
    (*rest)++;
    (*length)--;
  }
  while (*length > 0 && g_ascii_isdigit (**rest)) {
    number = MIN (number * 10 + (guint) (**rest - '0'), most);
    (*rest)++;
    (*length)--;
  }

  return MIN (number, most);
}

static void
send_hex (MemoryPeer *peer, const char *hex, gsize length)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  int high = -1;

  for (gsize i = 0; i < length; i++) {
    int digit = g_ascii_xdigit_value (hex[i]);
    guint8 byte;

    if (digit < 0)
      continue;
    if (high < 0) {
      high = digit;
      continue;
    }
    byte = (guint8) (high << 4 | digit);
    g_byte_array_append (bytes, &byte, 1);
    high = -1;
  }
  memory_peer_send_bytes (peer, bytes->data, bytes->len);
}

static void
send_close (MemoryPeer *peer, guint code, const char *reason, gsize length)
{
  guint8 payload[125] = { (guint8) (code >> 8), (guint8) code };

  length = MIN (length, sizeof payload - 2);
  memcpy (payload + 2, reason, length);
  /* A close frame need not have a code. */
  memory_peer_send (peer, MEMORY_PEER_CLOSE, payload, code > 0 ? 2 + length : 0);
}

static void
send_long_text (MemoryPeer *peer, guint kib)
{
  g_autofree char *text = g_malloc (kib * 1024 + 1);

  memset (text, ' ', kib * 1024);
  memcpy (text, "{}", MIN (kib, 1) * 2);
  memory_peer_send (peer, MEMORY_PEER_TEXT, text, kib * 1024);
}

static void
send_readies (MemoryPeer *peer, guint n)
{
  for (guint i = 0; i < n; i++)
    memory_peer_send (peer, MEMORY_PEER_TEXT, "{\"ready\":true}", strlen ("{\"ready\":true}"));
}

static void
play_line (MemoryPeer *peer, char letter, const char *rest, gsize length)
{
  RemoteFile *file = memory_peer_get_file (peer);

  switch (letter) {
  case 'T':
    memory_peer_send (peer, MEMORY_PEER_TEXT, rest, length);
    break;
  case 'B':
    memory_peer_send (peer, MEMORY_PEER_BINARY, rest, length);
    break;
  case 'P':
    memory_peer_send (peer, MEMORY_PEER_PING, rest, MIN (length, 125));
    break;
  case 'F':
    send_hex (peer, rest, length);
    break;
  case 'K': {
    guint code = read_number (&rest, &length, 65535);

    send_close (peer, code, rest, length);
    break;
  }
  case 'E':
    memory_peer_end (peer);
    break;
  case 'X':
    memory_peer_reset (peer);
    break;
  case 'S':
    memory_peer_set_room (peer, read_number (&rest, &length, 1000000));
    break;
  case 'G':
    memory_peer_set_room (peer, G_MAXSIZE);
    break;
  case 'R':
    send_readies (peer, read_number (&rest, &length, MAX_READIES));
    break;
  case 'L':
    send_long_text (peer, read_number (&rest, &length, MAX_KIB));
    break;
  case 'J':
    memory_peer_flood (peer, (guint64) read_number (&rest, &length, 100) * 1024 * 1024);
    break;
  case 'H':
  case 'h':
    memory_peer_answer_handshake (peer, letter == 'H');
    virtual_time_settle ();
    break;
  case 'A':
    memory_peer_acknowledge (peer, read_number (&rest, &length, 1000000));
    break;
  case 'W':
    virtual_time_pass (read_number (&rest, &length, 1000));
    break;
  case 'D':
    virtual_time_work ();
    virtual_time_settle ();
    break;
  case 'C':
    memory_peer_do (peer, MEMORY_PEER_CANCEL);
    break;
  case 'U':
    memory_peer_do (peer, MEMORY_PEER_PAUSE);
    break;
  case 'V':
    memory_peer_do (peer, MEMORY_PEER_RELEASE);
    break;
  case 'c':
    memory_peer_do_inside (peer, MEMORY_PEER_CANCEL, read_number (&rest, &length, 100));
    break;
  case 'u':
    memory_peer_do_inside (peer, MEMORY_PEER_PAUSE, read_number (&rest, &length, 100));
    break;
  case 'v':
    memory_peer_do_inside (peer, MEMORY_PEER_RELEASE, read_number (&rest, &length, 100));
    break;
  case 'M':
    file->modified++;
    break;
  case 'N':
    file->gone = TRUE;
    break;
  case 'Z':
    g_clear_error (&file->read_error);
    file->read_error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "Input/output error");
    break;
  default:
    break;
  }
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  memory_peer_init ();

  return 0;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *at = (const char *) data, *end = at + size;
  MemoryPeerOptions options = { 0 };
  MemoryPeer *peer = NULL;

  for (guint n = 0; n <= MAX_LINES && at < end; n++) {
    const char *stop = memchr (at, '\n', (gsize) (end - at));

    if (stop == NULL)
      stop = end;
    if (peer == NULL) {
      read_options (at, (gsize) (stop - at), &options);
      peer = memory_peer_new (&options);
    } else if (stop - at == 1) {
      play_line (peer, *at, stop, 0);
    } else if (stop > at) {
      /* One space stands between the letter and what belongs to it. */
      gsize skip = at[1] == ' ' ? 2 : 1;

      play_line (peer, *at, at + skip, (gsize) (stop - at) - skip);
    }
    at = stop + 1;
  }
  if (peer != NULL)
    memory_peer_finish (peer);

  return 0;
}

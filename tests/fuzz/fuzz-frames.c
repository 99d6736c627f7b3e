/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "memory-peer.h"
#include "virtual-time.h"

/*
 * Any bytes as what a server sends once the handshake is done. The first byte says how they arrive: its low six bits
 * how many at a time (0 for all at once), the two high ones the size of the file. Behind them there is silence.
 */

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
  static const gsize file_sizes[] = { 0, 1, 1000, 40000 };
  MemoryPeerOptions options = { .hash_type = GALILEO_HASH_SHA1, .has_id = TRUE };
  MemoryPeer *peer;
  gsize step;

  if (size == 0)
    return 0;

  options.file_size = file_sizes[data[0] >> 6];
  step = data[0] & 0x3f;
  if (step == 0)
    step = size;

  peer = memory_peer_new (&options);
  for (gsize at = 1; at < size; at += step)
    memory_peer_send_bytes (peer, data + at, MIN (step, size - at));
  memory_peer_finish (peer);

  return 0;
}

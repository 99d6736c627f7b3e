/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo/galileo-upload.h"
#include "../galileo/remote-file.h"
#include "memory-stream.h"

G_BEGIN_DECLS

/*
 * One upload of a file in memory over websockets in memory, and the server's end of them in the hands of the test. What
 * must hold whatever the server does is asserted all the time, and at the end.
 */
typedef struct {
  gsize file_size;
  guint64 max_chunk_size; /* 0 for the default */
  GalileoHashType hash_type;
  guint timeout;
  guint64 rate;           /* bytes a second; 0 for no limit */
  gboolean has_id;
  gboolean paused;
  gboolean slow_disk;     /* works when told so */
  gboolean slow_handshake;
  gboolean slow_kernel;   /* bytes are acknowledged when told so */
} MemoryPeerOptions;

typedef struct _MemoryPeer MemoryPeer;

typedef enum {
  MEMORY_PEER_CANCEL,
  MEMORY_PEER_PAUSE,
  MEMORY_PEER_RELEASE,
} MemoryPeerDeed;

typedef enum {
  MEMORY_PEER_TEXT = 1,
  MEMORY_PEER_BINARY = 2,
  MEMORY_PEER_CLOSE = 8,
  MEMORY_PEER_PING = 9,
} MemoryPeerOpcode;

MemoryPeer    *memory_peer_new              (const MemoryPeerOptions *options) G_GNUC_WARN_UNUSED_RESULT;
/* Ends it whatever state it is in, asserts that it ended as it should, and frees it. */
void           memory_peer_finish           (MemoryPeer              *self);

/* What the server does. Nothing if there is no connection. */
void           memory_peer_send             (MemoryPeer              *self,
                                             MemoryPeerOpcode         opcode,
                                             const void              *data,
                                             gsize                    length);
void           memory_peer_send_bytes       (MemoryPeer              *self,
                                             const void              *data,
                                             gsize                    length);
void           memory_peer_end              (MemoryPeer              *self);
void           memory_peer_reset            (MemoryPeer              *self);
void           memory_peer_set_room         (MemoryPeer              *self,
                                             gsize                    room);
void           memory_peer_answer_handshake (MemoryPeer              *self,
                                             gboolean                 accept);
void           memory_peer_acknowledge      (MemoryPeer              *self,
                                             guint64                  bytes);
/* As if so many bytes had come, and no message with them. */
void           memory_peer_flood            (MemoryPeer              *self,
                                             guint64                  bytes);

/* What the user does: at once, or inside the n-th signal of the upload from now on. */
void           memory_peer_do               (MemoryPeer              *self,
                                             MemoryPeerDeed           deed);
void           memory_peer_do_inside        (MemoryPeer              *self,
                                             MemoryPeerDeed           deed,
                                             guint                    n);

/* The file; no worker is at work. */
RemoteFile    *memory_peer_get_file         (MemoryPeer              *self);

/* To be called once, before the first. */
void           memory_peer_init             (void);

G_END_DECLS

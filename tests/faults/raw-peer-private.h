/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "raw-peer.h"

G_BEGIN_DECLS

/* The two halves of a peer: raw-peer.c reads, raw-peer-output.c plays scripts and writes. */

void raw_peer_drop         (RawPeer      *self);
void raw_peer_stop_reading (RawPeer      *self);
void raw_peer_send_frame   (RawPeer      *self,
                            guint8        head,
                            const void   *data,
                            gsize         length);
void raw_peer_clear_output (RawPeer      *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  CHAOS_UP,   /* client to server */
  CHAOS_DOWN, /* server to client */
} ChaosDirection;

typedef enum {
  CHAOS_FIN,        /* both sides see the stream end */
  CHAOS_RESET,      /* both see a TCP reset */
  CHAOS_HALF_CLOSE, /* the direction ends, the other goes on */
  CHAOS_HALF_OPEN,  /* who receives in this direction sees a reset, who sends sees nothing */
  CHAOS_STALL,      /* the direction is no longer read */
  CHAOS_STALL_BOTH, /* neither is */
  CHAOS_FLIP,       /* the lowest bit of the byte at the offset is turned */
  CHAOS_BLACKHOLE,  /* the connection is accepted, and nothing more; without direction and offset */
  CHAOS_REFUSE,     /* it is reset at once; the same */
} ChaosAction;

/*
 * What happens once so many bytes of a direction were passed on. An offset of 0 is when its first byte is there, which
 * is not passed on then: that is how a server's silence at the handshake is told from no server.
 */
typedef struct {
  ChaosAction action;
  ChaosDirection direction;
  guint64 offset;
  guint connection; /* the n-th from 1, 0 for each */
} ChaosRule;

typedef struct {
  guint connections; /* that came */
  guint open;        /* of them */
  guint fired;       /* rules, in each connection */
  guint64 bytes[2];  /* passed on, by direction */
} ChaosCounts;

/* In the proxy's thread. event: "open", "fired" or "closed"; counts: of the connection alone. */
typedef void (*ChaosProxyFunc) (const char        *event,
                                guint              connection,
                                const ChaosCounts *counts,
                                gpointer           user_data);

/*
 * A TCP proxy on 127.0.0.1 in a thread of its own, which does harm by rules, or passes everything through an emulated
 * link. It goes on listening whatever became of a connection. Set it up, then start it. Whenever a rule fired or a
 * connection came or ended, the thread-default context that it was made in is woken up, so that a test can iterate that
 * until the counts are as expected.
 */
typedef struct _ChaosProxy ChaosProxy;

ChaosProxy *chaos_proxy_new          (const char      *host,
                                      guint16          port) G_GNUC_WARN_UNUSED_RESULT;
void        chaos_proxy_free         (ChaosProxy      *self);
/* delay: milliseconds one way; rate: bytes per second, 0 for any; queue: bytes before the line, 0 for 20 ms of it. */
void        chaos_proxy_set_link     (ChaosProxy      *self,
                                      guint            delay,
                                      guint64          rate,
                                      gsize            queue);
void        chaos_proxy_add_rule     (ChaosProxy      *self,
                                      const ChaosRule *rule);
/* Keeps what the first connection passes on. */
void        chaos_proxy_set_capture  (ChaosProxy      *self,
                                      gboolean         capture);
void        chaos_proxy_set_func     (ChaosProxy      *self,
                                      ChaosProxyFunc   func,
                                      gpointer         user_data);
/* port: 0 for any free one. */
gboolean    chaos_proxy_start        (ChaosProxy      *self,
                                      guint16          port,
                                      GError         **error);
guint16     chaos_proxy_get_port     (ChaosProxy      *self);
void        chaos_proxy_get_counts   (ChaosProxy      *self,
                                      ChaosCounts     *counts);
GBytes     *chaos_proxy_dup_captured (ChaosProxy      *self,
                                      ChaosDirection   direction) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChaosProxy, chaos_proxy_free)

G_END_DECLS

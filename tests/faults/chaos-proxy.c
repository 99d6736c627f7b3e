/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chaos-proxy.h"

#include "chaos-proxy-pipe.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS G_GINT64_CONSTANT (1000000)

/* A reset throws away what is still on its way, so it waits for that a little. */
#define RESET_PATIENCE (200 * NS_PER_MS)

/* The fewest bytes that a router's queue or a socket's buffer holds. */
#define MIN_QUEUE 4096
#define MAX_BUFFER (512 * 1024)
#define QUEUES_PER_SECOND 50

#define MAX_RULES 64

struct _ChaosProxy {
  GMainContext *context;
  GSocketAddress *target;
  ChaosLink links[2];
  GArray *rules; /* of ChaosRule */
  ChaosProxyFunc func;
  gpointer func_data;
  gboolean capture;

  GThread *thread;
  int listener;
  int stop;
  guint16 port;
  GList *connections; /* of Connection */

  GMutex mutex; /* guards what follows */
  ChaosCounts counts;
  GByteArray *captured[2];
};

typedef struct {
  ChaosProxy *proxy;
  guint number;
  int client;
  int server;
  gboolean connecting;
  gboolean done;
  gint64 reset_until;  /* 0 unless it is to be reset */
  guint64 fired_rules; /* a bit for each */
  ChaosCounts counts;
  ChaosPipe pipes[2];
  struct pollfd *polls; /* of client and server, for one turn */
} Connection;

static void
tell (Connection *connection, const char *event)
{
  ChaosProxy *self = connection->proxy;

  if (self->func != NULL)
    self->func (event, connection->number, &connection->counts, self->func_data);
  g_main_context_wakeup (self->context);
}

static void
close_socket (int *fd, gboolean reset)
{
  const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  if (*fd < 0)
    return;
  if (reset)
    setsockopt (*fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close (*fd);
  *fd = -1;
}

static void
connection_finish (Connection *self, gboolean reset)
{
  close_socket (&self->client, reset);
  close_socket (&self->server, reset);
  self->done = TRUE;
}

static void
connection_free (Connection *self)
{
  g_mutex_lock (&self->proxy->mutex);
  self->proxy->counts.open--;
  g_mutex_unlock (&self->proxy->mutex);

  connection_finish (self, FALSE);
  chaos_pipe_clear (&self->pipes[CHAOS_UP]);
  chaos_pipe_clear (&self->pipes[CHAOS_DOWN]);
  tell (self, "closed");
  g_free (self);
}

static void
end_direction (ChaosPipe *pipe)
{
  pipe->discards = TRUE;
  pipe->shut = TRUE;
  shutdown (pipe->to, SHUT_WR);
}

static void
fire (Connection *self, guint index, gint64 now)
{
  const ChaosRule *rule = &g_array_index (self->proxy->rules, ChaosRule, index);
  ChaosPipe *pipe = &self->pipes[rule->direction];
  ChaosPipe *other = &self->pipes[!rule->direction];

  self->fired_rules |= G_GUINT64_CONSTANT (1) << index;
  self->counts.fired++;
  g_mutex_lock (&self->proxy->mutex);
  self->proxy->counts.fired++;
  g_mutex_unlock (&self->proxy->mutex);

  switch (rule->action) {
  case CHAOS_FIN:
    end_direction (pipe);
    end_direction (other);
    break;
  case CHAOS_RESET:
    pipe->paused = other->paused = TRUE;
    self->reset_until = now + RESET_PATIENCE;
    break;
  case CHAOS_HALF_CLOSE:
    end_direction (pipe);
    break;
  case CHAOS_HALF_OPEN:
    pipe->paused = other->paused = TRUE;
    close_socket (rule->direction == CHAOS_UP ? &self->server : &self->client, TRUE);
    break;
  case CHAOS_STALL:
    pipe->paused = TRUE;
    break;
  case CHAOS_STALL_BOTH:
  case CHAOS_BLACKHOLE:
    pipe->paused = other->paused = TRUE;
    break;
  case CHAOS_REFUSE:
    connection_finish (self, TRUE);
    break;
  case CHAOS_FLIP:
  default:
    break;
  }
  tell (self, "fired");
}

static gboolean
is_pending (Connection *self, guint index)
{
  const ChaosRule *rule = &g_array_index (self->proxy->rules, ChaosRule, index);

  return (rule->connection == 0 || rule->connection == self->number) &&
         !(self->fired_rules & G_GUINT64_CONSTANT (1) << index);
}

static gboolean
is_about_whole_connection (const ChaosRule *rule)
{
  return rule->action == CHAOS_BLACKHOLE || rule->action == CHAOS_REFUSE;
}

/* The rule of a direction that comes first of all flips, or of all others; -1 for none. */
static int
find_next_rule (Connection *self, ChaosDirection direction, gboolean flips)
{
  const ChaosRule *rules = (const ChaosRule *) (gpointer) self->proxy->rules->data;
  int found = -1;

  for (guint i = 0; i < self->proxy->rules->len; i++) {
    if (rules[i].direction == direction && (rules[i].action == CHAOS_FLIP) == flips && is_pending (self, i) &&
        !is_about_whole_connection (&rules[i]) && (found < 0 || rules[i].offset < rules[found].offset))
      found = (int) i;
  }

  return found;
}

static guint64
get_offset (Connection *self, int rule)
{
  return rule < 0 ? G_MAXUINT64 : g_array_index (self->proxy->rules, ChaosRule, rule).offset;
}

static void
read_direction (Connection *self, ChaosDirection direction, gint64 now)
{
  ChaosPipe *pipe = &self->pipes[direction];
  int rule = find_next_rule (self, direction, TRUE);
  guint64 flip_at = get_offset (self, rule);

  if (chaos_pipe_read (pipe, now, flip_at) == CHAOS_PIPE_BROKEN)
    connection_finish (self, TRUE);
  else if (rule >= 0 && pipe->n_read > flip_at)
    fire (self, (guint) rule, now);
}

static void
write_direction (Connection *self, ChaosDirection direction, gint64 now)
{
  ChaosProxy *proxy = self->proxy;
  ChaosPipe *pipe = &self->pipes[direction];
  int rule = find_next_rule (self, direction, FALSE);
  guint64 offset = get_offset (self, rule);
  guint64 before = pipe->n_written;
  ChaosPipeResult result;

  g_mutex_lock (&proxy->mutex);
  result = chaos_pipe_write (pipe, now, offset, self->number == 1 ? proxy->captured[direction] : NULL);
  proxy->counts.bytes[direction] += pipe->n_written - before;
  self->counts.bytes[direction] = pipe->n_written;
  g_mutex_unlock (&proxy->mutex);

  if (result == CHAOS_PIPE_BROKEN)
    connection_finish (self, TRUE);
  else if (rule >= 0 && pipe->n_written == offset && pipe->n_due > 0)
    fire (self, (guint) rule, now);
}

static void
check_connected (Connection *self)
{
  int error = 0;
  socklen_t length = sizeof error;

  if (self->polls[1].revents == 0)
    return;

  self->connecting = FALSE;
  getsockopt (self->server, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0)
    connection_finish (self, TRUE);
}

static gboolean
has_unsent (int fd)
{
  int queued = 0;

  return fd >= 0 && ioctl (fd, SIOCOUTQ, &queued) == 0 && queued > 0;
}

static void
connection_turn (Connection *self, gint64 now)
{
  if (self->reset_until != 0) {
    if (now >= self->reset_until || (!has_unsent (self->client) && !has_unsent (self->server)))
      connection_finish (self, TRUE);
    return;
  }
  if (self->connecting) {
    check_connected (self);
    return;
  }

  for (ChaosDirection direction = CHAOS_UP; direction <= CHAOS_DOWN; direction++) {
    ChaosPipe *pipe = &self->pipes[direction];
    const struct pollfd *from = &self->polls[direction == CHAOS_UP ? 0 : 1];
    const struct pollfd *to = &self->polls[direction == CHAOS_UP ? 1 : 0];

    if (to->revents & (POLLOUT | POLLERR | POLLHUP))
      pipe->blocked = FALSE;
    if (!self->done && from->revents != 0 && chaos_pipe_wants_input (pipe, now))
      read_direction (self, direction, now);
    if (!self->done && !pipe->paused && !pipe->blocked && !pipe->shut)
      write_direction (self, direction, now);
  }

  if (!self->done && self->pipes[CHAOS_UP].ended && self->pipes[CHAOS_UP].shut && self->pipes[CHAOS_DOWN].ended &&
      self->pipes[CHAOS_DOWN].shut)
    connection_finish (self, FALSE);
}

/* Sets what to poll for, and returns when there is something to do without that. */
static gint64
connection_prepare (Connection *self, struct pollfd *polls, gint64 now)
{
  ChaosPipe *up = &self->pipes[CHAOS_UP];
  ChaosPipe *down = &self->pipes[CHAOS_DOWN];
  gint64 next = G_MAXINT64;

  self->polls = polls;
  polls[0] = (struct pollfd) { .fd = self->client };
  polls[1] = (struct pollfd) { .fd = self->server };

  if (self->reset_until != 0) {
    next = now + NS_PER_MS;
  } else if (self->connecting) {
    polls[1].events = POLLOUT;
  } else {
    polls[0].events = (short) ((chaos_pipe_wants_input (up, now) ? POLLIN : 0) |
                               (down->blocked && !down->paused ? POLLOUT : 0));
    polls[1].events = (short) ((chaos_pipe_wants_input (down, now) ? POLLIN : 0) |
                               (up->blocked && !up->paused ? POLLOUT : 0));
    next = MIN (chaos_pipe_get_next_time (up, now), chaos_pipe_get_next_time (down, now));
  }

  /* Errors are polled for whether or not one asks for them. */
  for (guint i = 0; i < 2; i++)
    if (polls[i].events == 0)
      polls[i].fd = -1;

  return next;
}

static gboolean
may_fall_silent (ChaosProxy *self)
{
  const ChaosRule *rules = (const ChaosRule *) (gpointer) self->rules->data;

  for (guint i = 0; i < self->rules->len; i++)
    if (rules[i].action == CHAOS_STALL || rules[i].action == CHAOS_STALL_BOTH || rules[i].action == CHAOS_HALF_OPEN ||
        rules[i].action == CHAOS_BLACKHOLE)
      return TRUE;

  return FALSE;
}

/* A small buffer, or the kernel would acknowledge for the far side what the line has not carried, or never will. */
static void
limit_buffer (ChaosProxy *self, int fd, ChaosDirection direction)
{
  guint64 rate = self->links[direction].rate;
  int size = (int) CLAMP (rate / QUEUES_PER_SECOND, MIN_QUEUE, MAX_BUFFER);

  if (may_fall_silent (self))
    size = MIN_QUEUE;
  if (rate > 0 || may_fall_silent (self))
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

static gboolean
connect_to_target (Connection *self)
{
  ChaosProxy *proxy = self->proxy;
  struct sockaddr_storage address;
  int yes = 1;

  if (!g_socket_address_to_native (proxy->target, &address, sizeof address, NULL))
    return FALSE;
  self->server = socket (address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (self->server < 0)
    return FALSE;
  limit_buffer (proxy, self->server, CHAOS_DOWN);
  setsockopt (self->server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  self->connecting = TRUE;

  return connect (self->server,
                  (const struct sockaddr *) (gpointer) &address,
                  (socklen_t) g_socket_address_get_native_size (proxy->target)) == 0 ||
         errno == EINPROGRESS;
}

static void
apply_rules_about_whole_connection (Connection *self, gint64 now)
{
  const ChaosRule *rules = (const ChaosRule *) (gpointer) self->proxy->rules->data;

  for (guint i = 0; i < self->proxy->rules->len && !self->done; i++)
    if (is_about_whole_connection (&rules[i]) && is_pending (self, i))
      fire (self, i, now);
}

static void
take_client (ChaosProxy *self, gint64 now)
{
  Connection *connection;
  int yes = 1;
  int client = accept4 (self->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (client < 0)
    return;

  connection = g_new0 (Connection, 1);
  connection->proxy = self;
  connection->client = client;
  connection->server = -1;
  setsockopt (client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  g_mutex_lock (&self->mutex);
  connection->number = ++self->counts.connections;
  self->counts.open++;
  g_mutex_unlock (&self->mutex);
  self->connections = g_list_prepend (self->connections, connection);
  tell (connection, "open");

  apply_rules_about_whole_connection (connection, now);
  if (!connection->done && !connection->pipes[CHAOS_UP].paused && !connect_to_target (connection))
    connection_finish (connection, TRUE);
  if (connection->done || connection->server < 0)
    return;

  chaos_pipe_init (&connection->pipes[CHAOS_UP], &self->links[CHAOS_UP], client, connection->server);
  chaos_pipe_init (&connection->pipes[CHAOS_DOWN], &self->links[CHAOS_DOWN], connection->server, client);
}

static void
drop_finished (ChaosProxy *self)
{
  for (GList *at = self->connections, *next; at != NULL; at = next) {
    Connection *connection = at->data;

    next = at->next;
    if (connection->done) {
      connection_free (connection);
      self->connections = g_list_delete_link (self->connections, at);
    }
  }
}

static gpointer
run (gpointer user_data)
{
  ChaosProxy *self = user_data;
  g_autoptr (GArray) polls = g_array_new (FALSE, TRUE, sizeof (struct pollfd));
  struct pollfd *fds;

  do {
    gint64 now = chaos_pipe_now ();
    gint64 next = G_MAXINT64;
    struct timespec timeout;
    guint n = 2;

    g_array_set_size (polls, 2 + 2 * g_list_length (self->connections));
    fds = (struct pollfd *) (gpointer) polls->data;
    fds[0] = (struct pollfd) { .fd = self->stop, .events = POLLIN };
    fds[1] = (struct pollfd) { .fd = self->listener, .events = POLLIN };
    for (GList *at = self->connections; at != NULL; at = at->next, n += 2)
      next = MIN (next, connection_prepare (at->data, fds + n, now));

    next = MAX (0, next - now);
    timeout.tv_sec = (time_t) (next / (1000 * NS_PER_MS));
    timeout.tv_nsec = (long) (next % (1000 * NS_PER_MS));
    if (ppoll (fds, n, &timeout, NULL) < 0)
      continue;

    now = chaos_pipe_now ();
    for (GList *at = self->connections; at != NULL; at = at->next)
      connection_turn (at->data, now);
    drop_finished (self);
    if (fds[1].revents != 0)
      take_client (self, now);
  } while (fds[0].revents == 0);

  return NULL;
}

ChaosProxy *
chaos_proxy_new (const char *host, guint16 port)
{
  ChaosProxy *self = g_new0 (ChaosProxy, 1);

  self->context = g_main_context_ref_thread_default ();
  self->target = g_inet_socket_address_new_from_string (host, port);
  self->rules = g_array_new (FALSE, FALSE, sizeof (ChaosRule));
  self->listener = -1;
  self->stop = -1;
  g_mutex_init (&self->mutex);

  return self;
}

void
chaos_proxy_free (ChaosProxy *self)
{
  if (self->thread != NULL) {
    eventfd_write (self->stop, 1);
    g_thread_join (self->thread);
  }
  g_list_free_full (self->connections, (GDestroyNotify) connection_free);
  if (self->listener >= 0)
    close (self->listener);
  if (self->stop >= 0)
    close (self->stop);
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&self->captured[i], g_byte_array_unref);
  g_clear_object (&self->target);
  g_main_context_unref (self->context);
  g_array_unref (self->rules);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
chaos_proxy_set_link (ChaosProxy *self, guint delay, guint64 rate, gsize queue)
{
  g_return_if_fail (self->thread == NULL);

  for (guint i = 0; i < 2; i++)
    self->links[i] = (ChaosLink) {
      .delay = delay * NS_PER_MS,
      .rate = rate,
      .queue = queue > 0 ? queue : MAX (MIN_QUEUE, (gsize) (rate / QUEUES_PER_SECOND)),
    };
}

void
chaos_proxy_add_rule (ChaosProxy *self, const ChaosRule *rule)
{
  g_return_if_fail (self->thread == NULL);
  g_return_if_fail (self->rules->len < MAX_RULES);

  g_array_append_val (self->rules, *rule);
}

void
chaos_proxy_set_capture (ChaosProxy *self, gboolean capture)
{
  g_return_if_fail (self->thread == NULL);

  self->capture = capture;
}

void
chaos_proxy_set_func (ChaosProxy *self, ChaosProxyFunc func, gpointer user_data)
{
  g_return_if_fail (self->thread == NULL);

  self->func = func;
  self->func_data = user_data;
}

gboolean
chaos_proxy_start (ChaosProxy *self, guint16 port, GError **error)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  socklen_t length = sizeof address;
  struct sockaddr *generic = (struct sockaddr *) (gpointer) &address;
  int yes = 1;

  g_return_val_if_fail (self->thread == NULL, FALSE);

  if (self->target == NULL) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The target is no numeric address");
    return FALSE;
  }

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  self->stop = eventfd (0, EFD_CLOEXEC);
  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  limit_buffer (self, self->listener, CHAOS_UP);
  setsockopt (self->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind (self->listener, generic, length) != 0 || listen (self->listener, SOMAXCONN) != 0 ||
      getsockname (self->listener, generic, &length) != 0) {
    g_set_error (error,
                 G_IO_ERROR,
                 (int) g_io_error_from_errno (errno),
                 "Can't listen on port %u: %s",
                 port,
                 g_strerror (errno));
    return FALSE;
  }

  self->port = ntohs (address.sin_port);
  for (guint i = 0; self->capture && i < 2; i++)
    self->captured[i] = g_byte_array_new ();
  self->thread = g_thread_new ("chaos-proxy", run, self);

  return TRUE;
}

guint16
chaos_proxy_get_port (ChaosProxy *self)
{
  return self->port;
}

void
chaos_proxy_get_counts (ChaosProxy *self, ChaosCounts *counts)
{
  g_mutex_lock (&self->mutex);
  *counts = self->counts;
  g_mutex_unlock (&self->mutex);
}

GBytes *
chaos_proxy_dup_captured (ChaosProxy *self, ChaosDirection direction)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (self->captured[direction] != NULL, NULL);

  g_mutex_lock (&self->mutex);
  bytes = g_bytes_new (self->captured[direction]->data, self->captured[direction]->len);
  g_mutex_unlock (&self->mutex);

  return g_steal_pointer (&bytes);
}

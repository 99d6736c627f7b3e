/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "receiver-options.h"
#include "receiver-server.h"
#include "receiver-socket.h"

#include <signal.h>
#include <stdlib.h>

#define EXIT_USAGE 2

/* For the signal handler, which has no other way to it. */
static ReceiverServer *running;

static void
stop_cb (int number)
{
  receiver_server_stop (running);
}

static void
handle_signals (ReceiverServer *server)
{
  /* The one call that must not be restarted, that for events, never is. */
  struct sigaction stop = { .sa_handler = stop_cb, .sa_flags = SA_RESTART };

  running = server;
  sigaction (SIGHUP, &stop, NULL);
  sigaction (SIGINT, &stop, NULL);
  sigaction (SIGTERM, &stop, NULL);
}

static gboolean
serve (const ReceiverOptions *options, ReceiverLog *log, GError **error)
{
  const ReceiverServerSettings settings = {
    .address = options->address,
    .certificate = options->certificate,
    .key = options->key,
    .limits = { .max_size = options->max_size, .chunk_size = options->chunk_size, .window = options->window },
    .max_uploads = options->max_uploads,
    .handshake_limit = options->handshake_limit,
    .idle_limit = options->idle_limit,
    .clean_interval = options->clean_interval,
  };
  g_autoptr (ReceiverStore) store = NULL;
  g_autoptr (ReceiverServer) server = NULL;
  g_autofree char *url = NULL;
  int listener;

  store = receiver_store_open (options->directory, options->keep_partial, error);
  if (store == NULL)
    return FALSE;

  listener = receiver_socket_listen (options->address, options->port, error);
  if (listener < 0)
    return FALSE;

  url = receiver_socket_get_url (listener, options->certificate != NULL);
  server = receiver_server_new (&settings, listener, store, log, error);
  if (server == NULL)
    return FALSE;

  receiver_store_clean (store);
  handle_signals (server);
  receiver_log_listening (log, url);
  return receiver_server_run (server, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (ReceiverOptions) options = NULL;
  g_autoptr (ReceiverLog) log = NULL;
  g_autoptr (GError) error = NULL;

  /* Both are errors of a system call as well, and that is where they are dealt with. */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);

  options = receiver_options_parse (argc, argv, &error);
  if (options == NULL) {
    fprintf (stderr, "galileosend-receiver: %s. Try galileosend-receiver --help.\n", error->message);
    return EXIT_USAGE;
  }

  if (options->version) {
    puts ("galileosend-receiver " GALILEO_VERSION);
    return EXIT_SUCCESS;
  }

  log = receiver_log_new (stdout, stderr, options->json, options->quiet);
  if (!serve (options, log, &error)) {
    receiver_log_error (log, "%s", error->message);
    return EXIT_FAILURE;
  }

  return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The proxy as a program, for tests in Python and benchmarks. The first line of standard output is "Listening on
 * 127.0.0.1:PORT", each other one a JSON object: what happened to which connection. It runs until SIGTERM.
 */

#include "chaos-proxy.h"

#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const actions[] = {
  [CHAOS_FIN] = "fin",
  [CHAOS_RESET] = "reset",
  [CHAOS_HALF_CLOSE] = "half-close",
  [CHAOS_HALF_OPEN] = "half-open",
  [CHAOS_STALL] = "stall",
  [CHAOS_STALL_BOTH] = "stall-both",
  [CHAOS_FLIP] = "flip",
  [CHAOS_BLACKHOLE] = "blackhole",
  [CHAOS_REFUSE] = "refuse",
};

/* ACTION[:up|down[:OFFSET[:CONNECTION]]] */
static gboolean
parse_rule (const char *text, ChaosRule *rule, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 4);
  guint n = g_strv_length (parts);
  guint64 connection = 0;

  memset (rule, 0, sizeof *rule);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++) {
    if (g_strcmp0 (parts[0], actions[i]) != 0)
      continue;

    rule->action = (ChaosAction) i;
    rule->direction = n > 1 && strcmp (parts[1], "down") == 0 ? CHAOS_DOWN : CHAOS_UP;
    if ((n > 1 && rule->direction == CHAOS_UP && strcmp (parts[1], "up") != 0) ||
        (n > 2 && !g_ascii_string_to_unsigned (parts[2], 10, 0, G_MAXUINT64, &rule->offset, NULL)) ||
        (n > 3 && !g_ascii_string_to_unsigned (parts[3], 10, 0, G_MAXUINT, &connection, NULL)))
      break;
    rule->connection = (guint) connection;
    return TRUE;
  }

  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               "--rule=%s: it is written ACTION[:up|down[:OFFSET[:CONNECTION]]]",
               text);
  return FALSE;
}

static void
print_cb (const char *event, guint connection, const ChaosCounts *counts, gpointer user_data)
{
  printf ("{\"event\":\"%s\",\"connection\":%u,\"fired\":%u,"
          "\"up\":%" G_GUINT64_FORMAT ",\"down\":%" G_GUINT64_FORMAT "}\n",
          event,
          connection,
          counts->fired,
          counts->bytes[CHAOS_UP],
          counts->bytes[CHAOS_DOWN]);
  fflush (stdout);
}

static ChaosProxy *
start (int *argc, char ***argv, GError **error)
{
  g_autoptr (ChaosProxy) self = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("HOST:PORT");
  g_autoptr (GSocketConnectable) target = NULL;
  g_auto (GStrv) rules = NULL;
  int port = 0;
  int delay = 0;
  gint64 rate = 0;
  gint64 queue = 0;
  const GOptionEntry entries[] = {
    { "port", 'p', 0, G_OPTION_ARG_INT, &port, "Listen on PORT (any free port)", "PORT" },
    { "delay", 0, 0, G_OPTION_ARG_INT, &delay, "Delay each way by so many milliseconds", "MS" },
    { "rate", 0, 0, G_OPTION_ARG_INT64, &rate, "Carry so many bytes per second each way", "BYTES" },
    { "queue", 0, 0, G_OPTION_ARG_INT64, &queue, "Queue so many bytes before the line (20 ms of it)", "BYTES" },
    { "rule", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &rules, "Do ACTION at a byte of a direction", "RULE" },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return NULL;
  target = g_network_address_parse (*argc == 2 ? (*argv)[1] : "", 0, error);
  if (target == NULL)
    return NULL;

  self = chaos_proxy_new (g_network_address_get_hostname (G_NETWORK_ADDRESS (target)),
                          g_network_address_get_port (G_NETWORK_ADDRESS (target)));
  chaos_proxy_set_link (self, (guint) MAX (delay, 0), (guint64) MAX (rate, 0), (gsize) MAX (queue, 0));
  chaos_proxy_set_func (self, print_cb, NULL);
  for (char **at = rules; at != NULL && *at != NULL; at++) {
    ChaosRule rule;

    if (!parse_rule (*at, &rule, error))
      return NULL;
    chaos_proxy_add_rule (self, &rule);
  }
  if (!chaos_proxy_start (self, (guint16) port, error))
    return NULL;

  return g_steal_pointer (&self);
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChaosProxy) proxy = start (&argc, &argv, &error);

  if (proxy == NULL) {
    fprintf (stderr, "chaos-proxy: %s\n", error->message);
    return EXIT_FAILURE;
  }

  printf ("Listening on 127.0.0.1:%u\n", chaos_proxy_get_port (proxy));
  fflush (stdout);
  g_unix_signal_add (SIGTERM, quit_cb, loop);
  g_unix_signal_add (SIGINT, quit_cb, loop);
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}

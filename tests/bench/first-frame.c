/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Usage: first-frame PROGRAM [ARGUMENT…]
 * Starts the program on an empty display without a window manager, says after how many milliseconds there is something in
 * the corner where its window comes, and ends it.
 */

#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xcb/xcb.h>

#define PLACE 60
#define SIZE 8
#define PATIENCE_USEC (30 * G_USEC_PER_SEC)

static gboolean
is_drawn (xcb_connection_t *server, xcb_window_t root)
{
  xcb_get_image_reply_t *reply;
  gboolean drawn = FALSE;

  reply = xcb_get_image_reply (server,
                               xcb_get_image (server, XCB_IMAGE_FORMAT_Z_PIXMAP, root, PLACE, PLACE, SIZE, SIZE, ~0u),
                               NULL);
  for (int i = 0; reply != NULL && i < xcb_get_image_data_length (reply); i += 4) {
    const guint8 *pixel = xcb_get_image_data (reply) + i;

    drawn |= pixel[0] != 0 || pixel[1] != 0 || pixel[2] != 0;
  }
  free (reply);

  return drawn;
}

int
main (int argc, char **argv)
{
  xcb_connection_t *server = xcb_connect (NULL, NULL);
  xcb_window_t root;
  gint64 start, now;
  pid_t program;

  if (argc < 2 || xcb_connection_has_error (server))
    return 2;

  root = xcb_setup_roots_iterator (xcb_get_setup (server)).data->root;
  while (is_drawn (server, root))
    g_usleep (1000);

  start = g_get_monotonic_time ();
  program = fork ();
  if (program == 0) {
    execvp (argv[1], argv + 1);
    _exit (127);
  }
  do {
    g_usleep (1000);
    now = g_get_monotonic_time ();
  } while (!is_drawn (server, root) && waitpid (program, NULL, WNOHANG) == 0 && now - start < PATIENCE_USEC);

  if (!is_drawn (server, root)) {
    g_printerr ("first-frame: %s has drawn nothing\n", argv[1]);
    kill (program, SIGTERM);
    return 1;
  }

  g_print ("%.1f\n", (double) (now - start) / 1000);
  kill (program, SIGTERM);
  waitpid (program, NULL, 0);
  while (is_drawn (server, root))
    g_usleep (1000);
  xcb_disconnect (server);

  return 0;
}

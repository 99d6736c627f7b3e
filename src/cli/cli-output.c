/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Set when a stream takes nothing any more. */
static gboolean is_broken[2];

/* To be called before anything else opens files: the next would take the place of a standard stream
 * that is closed. */
void
cli_output_init (void)
{
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
    if (fcntl (descriptor, F_GETFD) < 0 && errno == EBADF &&
        open ("/dev/null", O_RDWR) != descriptor)
      abort ();

  /* Writing to a pipe that nobody reads is an error of that write, not the end of the uploads. */
  signal (SIGPIPE, SIG_IGN);
}

static int
get_descriptor (CliOutput output)
{
  return output == CLI_OUTPUT_RESULTS ? STDOUT_FILENO : STDERR_FILENO;
}

/*
 * A reader that went away (“| head”) is no reason to stop uploading, and nobody is there to be
 * told. A full disk is said once. Neither changes the exit status: that tells what the site
 * confirmed.
 */
static void
set_broken (CliOutput output, int error_number)
{
  g_autofree char *sentence = NULL;

  is_broken[output] = TRUE;
  if (error_number == EPIPE || output == CLI_OUTPUT_NOTES)
    return;

  sentence = g_strdup_printf (
      _("galileosend-cli: Standard output can't be written: %s; uploads go on without it\n"),
      g_strerror (error_number));
  cli_output_write (CLI_OUTPUT_NOTES, sentence);
}

/* Writes a text as it is, at once. */
void
cli_output_write_utf8 (CliOutput output, const char *text)
{
  int descriptor = get_descriptor (output);
  gsize left = strlen (text);

  while (left > 0 && !is_broken[output]) {
    gssize written = write (descriptor, text, left);

    if (written >= 0) {
      text += written;
      left -= (gsize) written;
    } else if (errno == EAGAIN) {
      /* Another program may have made the terminal or pipe that we share non-blocking. */
      struct pollfd writable = { .fd = descriptor, .events = POLLOUT };

      poll (&writable, 1, -1);
    } else if (errno != EINTR) {
      set_broken (output, errno);
    }
  }
}

/* Writes a text in the encoding of the user's locale, at once. */
void
cli_output_write (CliOutput output, const char *text)
{
  g_autofree char *similar = NULL;
  g_autofree char *converted = NULL;
  const char *charset;

  if (g_get_charset (&charset)) {
    cli_output_write_utf8 (output, text);
    return;
  }

  /* Quotes and spaces become the plain ones, what has no likeness a question mark. */
  similar = g_strconcat (charset, "//TRANSLIT", NULL);
  converted = g_convert_with_fallback (text, -1, similar, "UTF-8", "?", NULL, NULL, NULL);
  cli_output_write_utf8 (output, converted != NULL ? converted : text);
}

gboolean
cli_output_is_terminal (CliOutput output)
{
  return isatty (get_descriptor (output));
}

/* The size of the terminal now. Returns false if it is none or does not know. */
gboolean
cli_output_get_size (CliOutput output, guint *columns, guint *rows)
{
  struct winsize size = { 0 };

  if (ioctl (get_descriptor (output), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return FALSE;

  *columns = size.ws_col;
  *rows = size.ws_row > 0 ? size.ws_row : 24;
  return TRUE;
}

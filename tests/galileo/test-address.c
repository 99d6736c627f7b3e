/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-address.h"
#include "galileo/galileo-error.h"

static void
test_parse (void)
{
  static const struct {
    const char *text;
    const char *address; /* NULL: refused */
  } rows[] = {
    { "ws://127.0.0.1:8642/upload", "ws://127.0.0.1:8642/upload" },
    { "wss://photos.example.org/upload", "wss://photos.example.org/upload" },
    { "http://localhost:3000/upload", "ws://localhost:3000/upload" },
    { "https://photos.example.org/upload?a=b%20c", "wss://photos.example.org/upload?a=b%20c" },
    { "photos.example.org", "wss://photos.example.org/" },
    { "photos.example.org/author/upload", "wss://photos.example.org/author/upload" },
    { "photos.example.org:8443/upload", "wss://photos.example.org:8443/upload" },
    { "localhost:8642", "wss://localhost:8642/" },
    { "  wss://photos.example.org/upload \n", "wss://photos.example.org/upload" },
    { "WSS://Photos.example.org/Upload", "wss://Photos.example.org/Upload" },
    { "ws://[::1]:8642/upload", "ws://[::1]:8642/upload" },
    { "[::1]:8642/upload", "wss://[::1]:8642/upload" },
    { "wss://photos.example.org/upload#top", "wss://photos.example.org/upload" },
    { "wss://photos.example.org/a%2Fb", "wss://photos.example.org/a%2Fb" },
    { "", NULL },
    { "   ", NULL },
    { "ftp://photos.example.org/", NULL },
    { "file:///etc/passwd", NULL },
    { "gopher://x", NULL },
    { "wss://", NULL },
    { "wss:///upload", NULL },
    { "wss://photos example.org/", NULL },
    { "wss://photos.example.org:port/", NULL },
    { "wss://photos.example.org:99999/", NULL },
    { "ws://127.0.0.1:0/upload", NULL },
    { "wss://ann:secret@photos.example.org/", NULL },
    { "ann@photos.example.org", NULL },
    { "://photos.example.org", NULL },
    { "wss://[::1/upload", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GUri) address = galileo_address_parse (rows[i].text, &error);

    g_test_message ("%s", rows[i].text);
    if (rows[i].address != NULL) {
      g_autofree char *display = NULL;

      g_assert_no_error (error);
      display = galileo_address_to_display (address);
      g_assert_cmpstr (display, ==, rows[i].address);
    } else {
      g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_ADDRESS);
      g_assert_null (address);
      g_assert_null (strstr (error->message, "secret"));
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/address/parse", test_parse);

  return g_test_run ();
}

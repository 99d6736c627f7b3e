/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "receiver/receiver-log.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  char *out;
  char *err;
  size_t out_length;
  size_t err_length;
  FILE *files[2];
} Capture;

static ReceiverLog *
capture_new (Capture *capture, gboolean json, gboolean quiet)
{
  capture->files[0] = open_memstream (&capture->out, &capture->out_length);
  capture->files[1] = open_memstream (&capture->err, &capture->err_length);
  return receiver_log_new (capture->files[0], capture->files[1], json, quiet);
}

static void
capture_clear (Capture *capture)
{
  fclose (capture->files[0]);
  fclose (capture->files[1]);
  free (capture->out);
  free (capture->err);
}

static void
write_all (ReceiverLog *log)
{
  receiver_log_listening (log, "ws://127.0.0.1:8642/upload");
  receiver_log_start (log, "ab12", "photo.jpg", 1000);
  receiver_log_stored (log, "ab12", "photo.jpg", "photo.jpg", 1000, 0.25);
  receiver_log_stored (log, "ab12", "photo.jpg", "photo (1).jpg", 1000, 12.0625);
  receiver_log_refused (log, "ab12", "../x", "The name holds a slash", 0);
  receiver_log_refused (log, "ab12", NULL, "The name is missing", 0);
  receiver_log_cut (log, "ab12", "photo.jpg", "The connection ended", G_GUINT64_CONSTANT (1) << 40);
  receiver_log_error (log, "the disk is %s", "full");
}

static void
test_text (void)
{
  Capture capture;
  g_autoptr (ReceiverLog) log = capture_new (&capture, FALSE, FALSE);

  write_all (log);
  g_assert_cmpstr (capture.out,
                   ==,
                   "Listening on ws://127.0.0.1:8642/upload\n"
                   "Stored photo.jpg (1000 bytes)\n"
                   "Stored photo.jpg as photo (1).jpg (1000 bytes)\n"
                   "Refused ../x: The name holds a slash\n"
                   "Refused a file without a name: The name is missing\n"
                   "Lost photo.jpg: The connection ended\n");
  g_assert_cmpstr (capture.err, ==, "galileosend-receiver: the disk is full\n");
  capture_clear (&capture);
}

static void
test_json (void)
{
  Capture capture;
  g_autoptr (ReceiverLog) log = capture_new (&capture, TRUE, FALSE);

  write_all (log);
  g_assert_cmpstr (
      capture.out,
      ==,
      "Listening on ws://127.0.0.1:8642/upload\n"
      "{\"event\":\"start\",\"upload\":\"ab12\",\"name\":\"photo.jpg\",\"size\":1000}\n"
      "{\"event\":\"stored\",\"upload\":\"ab12\",\"name\":\"photo.jpg\",\"stored_as\":\"photo.jpg\",\"size\":1000,"
      "\"seconds\":0.250}\n"
      "{\"event\":\"stored\",\"upload\":\"ab12\",\"name\":\"photo.jpg\",\"stored_as\":\"photo (1).jpg\",\"size\":1000,"
      "\"seconds\":12.062}\n"
      "{\"event\":\"refused\",\"upload\":\"ab12\",\"name\":\"../x\",\"reason\":\"The name holds a slash\","
      "\"received\":0}\n"
      "{\"event\":\"refused\",\"upload\":\"ab12\",\"name\":null,\"reason\":\"The name is missing\",\"received\":0}\n"
      "{\"event\":\"cut\",\"upload\":\"ab12\",\"name\":\"photo.jpg\",\"reason\":\"The connection ended\","
      "\"received\":1099511627776}\n");
  g_assert_cmpstr (capture.err, ==, "galileosend-receiver: the disk is full\n");
  capture_clear (&capture);
}

static void
test_quiet (gconstpointer json)
{
  Capture capture;
  g_autoptr (ReceiverLog) log = capture_new (&capture, GPOINTER_TO_INT (json), TRUE);

  write_all (log);
  g_assert_cmpstr (capture.out, ==, "Listening on ws://127.0.0.1:8642/upload\n");
  g_assert_cmpstr (capture.err, ==, "galileosend-receiver: the disk is full\n");
  capture_clear (&capture);
}

/* No name may start a line of its own, move the cursor or turn the writing round. */
static void
test_escapes (void)
{
  static const struct {
    const char *name;
    const char *text;
    const char *json;
  } rows[] = {
    { "a\nStored b", "a\\u000aStored b", "a\\u000aStored b" },
    { "\033[2J", "\\u001b[2J", "\\u001b[2J" },
    { "\xc2\x9b" "2J", "\\u009b2J", "\\u009b2J" },
    { "a\177", "a\\u007f", "a\\u007f" },
    { "x\u202egpj.exe", "x\\u202egpj.exe", "x\\u202egpj.exe" },
    { "a\u2028b", "a\\u2028b", "a\\u2028b" },
    { "\U000e0041", "\\udb40\\udc41", "\\udb40\\udc41" },
    { "say \"hi\"", "say \"hi\"", "say \\\"hi\\\"" },
    { "a\\b", "a\\\\b", "a\\\\b" },
    { "写真 🐚", "写真 🐚", "写真 🐚" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf ("Refused %s: No\n", rows[i].text);
    g_autofree char *json = g_strdup_printf ("\"name\":\"%s\",", rows[i].json);

    for (int is_json = 0; is_json <= 1; is_json++) {
      Capture capture;
      g_autoptr (ReceiverLog) log = capture_new (&capture, is_json, FALSE);

      receiver_log_refused (log, "ab12", rows[i].name, "No", 0);
      if (is_json)
        g_assert_nonnull (strstr (capture.out, json));
      else
        g_assert_cmpstr (capture.out, ==, text);
      capture_clear (&capture);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/log/text", test_text);
  g_test_add_func ("/log/json", test_json);
  g_test_add_data_func ("/log/quiet/text", GINT_TO_POINTER (FALSE), test_quiet);
  g_test_add_data_func ("/log/quiet/json", GINT_TO_POINTER (TRUE), test_quiet);
  g_test_add_func ("/log/escapes", test_escapes);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli-json.h"

#include "galileo/galileo-error.h"

#include <string.h>

/* Takes the line. */
static void
assert_line (char *line, const char *expected)
{
  g_autofree char *owned = line;

  g_assert_cmpstr (owned, ==, expected);
}

static GalileoSignal *
new_signal (const char *text)
{
  g_autoptr (GError) error = NULL;
  GalileoSignal *signal = galileo_signal_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return signal;
}

static void
test_start (void)
{
  assert_line (cli_json_start ("dir/a.jpg", "a.jpg", 1234, 1),
               "{\"event\":\"start\",\"file\":\"dir/a.jpg\",\"name\":\"a.jpg\",\"size\":1234,\"attempt\":1}");
}

static void
test_progress (void)
{
  assert_line (cli_json_progress ("a", G_GUINT64_CONSTANT (5368709119), G_GINT64_CONSTANT (5368709120)),
               "{\"event\":\"progress\",\"file\":\"a\",\"sent\":5368709119,\"size\":5368709120}");
}

static void
test_error (void)
{
  g_autoptr (GalileoSignal) signal = new_signal ("{\"error\":{\"code\":[1,2]},\"fatal\":true,\"extra\":null}");

  assert_line (cli_json_error ("a", signal),
               "{\"event\":\"error\",\"file\":\"a\",\"signal\":{\"error\":{\"code\":[1,2]},\"fatal\":true,\"extra\":null}}");
}

static void
test_retry (void)
{
  g_autoptr (GError) reason = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_INTERRUPTED, "It went away");

  assert_line (cli_json_retry ("a", 2, 1.5, reason),
               "{\"event\":\"retry\",\"file\":\"a\",\"attempt\":2,\"delay\":1.5,\"reason\":\"It went away\"}");
}

static void
test_success (void)
{
  assert_line (cli_json_success ("a", 3, 1, 0.12501, "a9993e36", TRUE, "https://example.org/a"),
               "{\"event\":\"success\",\"file\":\"a\",\"size\":3,\"offset\":1,\"seconds\":0.125,\"hash\":\"a9993e36\","
               "\"verified\":true,\"url\":\"https://example.org/a\"}");
  assert_line (cli_json_success ("a", 0, 0, 0.25, NULL, FALSE, NULL),
               "{\"event\":\"success\",\"file\":\"a\",\"size\":0,\"offset\":0,\"seconds\":0.25,\"hash\":null,"
               "\"verified\":false,\"url\":null}");
}

static void
test_failure (void)
{
  g_autoptr (GError) reason = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_REFUSED, "No “room”");
  g_autoptr (GPtrArray) signals = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_signal_unref);

  assert_line (cli_json_failure ("a", reason, NULL),
               "{\"event\":\"failure\",\"file\":\"a\",\"reason\":\"No “room”\","
               "\"errors\":[{\"error\":\"No “room”\",\"fatal\":true,\"local\":true}]}");

  g_ptr_array_add (signals, new_signal ("{\"error\":17}"));
  g_ptr_array_add (signals, new_signal ("{\"error\":\"No\",\"fatal\":true}"));
  assert_line (cli_json_failure ("a", reason, signals),
               "{\"event\":\"failure\",\"file\":\"a\",\"reason\":\"No “room”\","
               "\"errors\":[{\"error\":17},{\"error\":\"No\",\"fatal\":true}]}");
}

static void
test_summary (void)
{
  CliTally tally = { .n_files = 5, .n_succeeded = 3, .n_failed = 2, .confirmed = 99 };

  assert_line (cli_json_summary (&tally, 1.25),
               "{\"event\":\"summary\",\"succeeded\":3,\"failed\":2,\"bytes\":99,\"seconds\":1.25}");
}

static void
test_would_send (void)
{
  assert_line (cli_json_would_send ("d/a", "a", 7),
               "{\"event\":\"would-send\",\"file\":\"d/a\",\"name\":\"a\",\"size\":7}");
}

static void
assert_whole (const char *line)
{
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_null (strchr (line, '\n'));
  g_assert_null (strchr (line, '\r'));
}

/* Whatever a name holds, it is one line of UTF-8. */
static void
test_strange_names (void)
{
  static const char *const names[] = { "two\nlines", "caf\351.txt", "\001\177", "\"quotes\" and \\", "写真 🐚", "\360\237" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *line = cli_json_progress (names[i], 0, 0);

    assert_whole (line);
  }

  assert_line (cli_json_progress ("caf\351", 0, 0),
               "{\"event\":\"progress\",\"file\":\"caf\357\277\275\",\"sent\":0,\"size\":0}");
}

/* A site's numbers and strings may be more than JSON and UTF-8 can hold. */
static void
test_strange_signals (void)
{
  static const char *const texts[] = {
    "{\"error\":\"\\ud800\"}",
    "{\"error\":1e999}",
    "{\"error\":-1e999}",
    "{\"error\":99999999999999999999999999}",
    "{\"error\":\"two\\nlines\"}",
    "{\"error\":[[[[[[1]]]]]]}",
    "{\"error\":0.1}",
    "{\"error\":1e62}",
    "{\"error\":\"unit\\u001fseparator\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GalileoSignal) signal = galileo_signal_parse (texts[i], strlen (texts[i]), NULL);
    g_autoptr (GalileoSignal) again = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *line = NULL;

    if (signal == NULL)
      continue;
    line = cli_json_error ("a", signal);
    g_test_message ("%s", line);
    assert_whole (line);
    again = galileo_signal_parse (line, strlen (line), &error);
    g_assert_no_error (error);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/json/start", test_start);
  g_test_add_func ("/cli/json/progress", test_progress);
  g_test_add_func ("/cli/json/error", test_error);
  g_test_add_func ("/cli/json/retry", test_retry);
  g_test_add_func ("/cli/json/success", test_success);
  g_test_add_func ("/cli/json/failure", test_failure);
  g_test_add_func ("/cli/json/summary", test_summary);
  g_test_add_func ("/cli/json/would-send", test_would_send);
  g_test_add_func ("/cli/json/strange-names", test_strange_names);
  g_test_add_func ("/cli/json/strange-signals", test_strange_signals);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-error.h"
#include "galileo/galileo-signal.h"

#include <gio/gio.h>
#include <string.h>

static GalileoSignal *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GalileoSignal *signal = galileo_signal_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (signal);

  return signal;
}

static void
test_kind (void)
{
  static const struct {
    const char *text;
    GalileoSignalKind kind;
  } rows[] = {
    { "{\"ready\":true}", GALILEO_SIGNAL_READY },
    { "{\"ready\":1}", GALILEO_SIGNAL_READY },
    { "{\"ready\":\"1\"}", GALILEO_SIGNAL_READY },
    { "{\"ready\":\"yes\"}", GALILEO_SIGNAL_READY },
    { "{\"ready\":\"00\"}", GALILEO_SIGNAL_READY },
    { "{\"ready\":\"0.0\"}", GALILEO_SIGNAL_READY },
    { "{\"ready\":{}}", GALILEO_SIGNAL_READY },
    { "{\"ready\":[]}", GALILEO_SIGNAL_READY },
    { "{\"ready\":-1}", GALILEO_SIGNAL_READY },
    { "{\"ready\":0.5}", GALILEO_SIGNAL_READY },
    { " \t\r\n{ \"ready\" : true } \n", GALILEO_SIGNAL_READY },
    { "{\"ready\":false}", GALILEO_SIGNAL_OTHER },
    { "{\"ready\":null}", GALILEO_SIGNAL_OTHER },
    { "{\"ready\":0}", GALILEO_SIGNAL_OTHER },
    { "{\"ready\":0.0}", GALILEO_SIGNAL_OTHER },
    { "{\"ready\":-0}", GALILEO_SIGNAL_OTHER },
    { "{\"ready\":\"\"}", GALILEO_SIGNAL_OTHER },
    { "{\"ready\":\"0\"}", GALILEO_SIGNAL_OTHER },
    { "{}", GALILEO_SIGNAL_OTHER },
    { "{\"unknown\":true}", GALILEO_SIGNAL_OTHER },
    { "{\"Ready\":true}", GALILEO_SIGNAL_OTHER },
    { "{\"error\":\"no\"}", GALILEO_SIGNAL_ERROR },
    { "{\"error\":{}}", GALILEO_SIGNAL_ERROR },
    { "{\"error\":\"\"}", GALILEO_SIGNAL_OTHER },
    { "{\"close\":true}", GALILEO_SIGNAL_CLOSE },
    { "{\"ready\":true,\"error\":\"x\"}", GALILEO_SIGNAL_ERROR },
    { "{\"ready\":true,\"error\":\"x\",\"close\":1}", GALILEO_SIGNAL_CLOSE },
    { "{\"close\":\"0\",\"error\":false,\"ready\":true}", GALILEO_SIGNAL_READY },
    { "{\"ready\":false,\"ready\":true}", GALILEO_SIGNAL_READY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GalileoSignal) signal = parse (rows[i].text);

    g_test_message ("%s", rows[i].text);
    g_assert_cmpint (galileo_signal_get_kind (signal), ==, rows[i].kind);
  }
}

static void
test_chunk_size (void)
{
  static const struct {
    const char *value;
    guint64 size;
  } rows[] = {
    { "1000", 1000 },
    { "1", 1 },
    { "\"1000\"", 1000 },
    { "\"1e3\"", 1000 },
    { "1e3", 1000 },
    { "1.5", 1 },
    { "1000.999", 1000 },
    { "1e12", 1000000000000 },
    { "2147483648", 2147483648 },
    { "9223372036854774784", 9223372036854774784 },
    { "9223372036854775807", G_MAXINT64 },
    { "1e300", G_MAXINT64 },
    { "0", GALILEO_DEFAULT_CHUNK_SIZE },
    { "-5", GALILEO_DEFAULT_CHUNK_SIZE },
    { "-0.5", GALILEO_DEFAULT_CHUNK_SIZE },
    { "0.5", GALILEO_DEFAULT_CHUNK_SIZE },
    { "null", GALILEO_DEFAULT_CHUNK_SIZE },
    { "true", GALILEO_DEFAULT_CHUNK_SIZE },
    { "{}", GALILEO_DEFAULT_CHUNK_SIZE },
    { "[1000]", GALILEO_DEFAULT_CHUNK_SIZE },
    { "\"\"", GALILEO_DEFAULT_CHUNK_SIZE },
    { "\"many\"", GALILEO_DEFAULT_CHUNK_SIZE },
    { "\"1000 bytes\"", GALILEO_DEFAULT_CHUNK_SIZE },
    { "\"NaN\"", GALILEO_DEFAULT_CHUNK_SIZE },
    { "\"-7\"", GALILEO_DEFAULT_CHUNK_SIZE },
    { "99999999999999999999999999", G_MAXINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf ("{\"ready\":true,\"chunksize\":%s}", rows[i].value);
    g_autoptr (GalileoSignal) signal = parse (text);

    g_test_message ("%s", text);
    g_assert_cmpuint (galileo_signal_get_chunk_size (signal), ==, rows[i].size);
  }

  {
    g_autoptr (GalileoSignal) signal = parse ("{\"ready\":true}");

    g_assert_cmpuint (galileo_signal_get_chunk_size (signal), ==, GALILEO_DEFAULT_CHUNK_SIZE);
  }
}

static void
test_message (void)
{
  static const struct {
    const char *text;
    const char *message;
    gboolean fatal;
  } rows[] = {
    { "{\"error\":\"Quota exceeded\"}", "Quota exceeded", FALSE },
    { "{\"error\":\"Quota exceeded\",\"fatal\":true}", "Quota exceeded", TRUE },
    { "{\"error\":\"x\",\"fatal\":\"0\"}", "x", FALSE },
    { "{\"error\":\"x\",\"fatal\":\"false\"}", "x", TRUE },
    { "{\"error\":42,\"fatal\":1}", "42", TRUE },
    { "{\"error\":{ \"number\" : 7 }}", "{\"number\":7}", FALSE },
    { "{\"error\":[1, 2]}", "[1,2]", FALSE },
    { "{\"error\":true}", "true", FALSE },
    { "{\"error\":\"\\u00e9\\n\"}", "é\n", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GalileoSignal) signal = parse (rows[i].text);
    g_autofree char *message = galileo_signal_dup_message (signal);

    g_assert_cmpstr (message, ==, rows[i].message);
    g_assert_cmpint (galileo_signal_get_fatal (signal), ==, rows[i].fatal);
  }
}

static void
test_refused (void)
{
  static const char *const rows[] = {
    "",
    " ",
    "ready",
    "true",
    "1",
    "null",
    "\"ready\"",
    "[]",
    "[{\"ready\":true}]",
    "{",
    "}",
    "{]",
    "{\"ready\"}",
    "{\"ready\":}",
    "{\"ready\":true",
    "{\"ready\":true}}",
    "{\"ready\":true} {\"ready\":true}",
    "{\"ready\":true},",
    "{\"ready\":true,}",
    "{,\"ready\":true}",
    "{\"ready\" true}",
    "{ready:true}",
    "{'ready':true}",
    "{\"ready\":TRUE}",
    "{\"ready\":tru}",
    "{\"ready\":truex}",
    "{\"ready\":01}",
    "{\"ready\":0x10}",
    "{\"ready\":1.}",
    "{\"ready\":.5}",
    "{\"ready\":+1}",
    "{\"ready\":-}",
    "{\"ready\":1e}",
    "{\"ready\":NaN}",
    "{\"ready\":Infinity}",
    "{\"ready\":\"a\nb\"}",
    "{\"ready\":\"\\x41\"}",
    "{\"ready\":\"\\u12\"}",
    "{\"ready\":\"\\u0000\"}",
    "{\"ready\":\"a}",
    "{\"ready\":\"\\",
    "{\"ready\":[1,]}",
    "{\"ready\":[1 2]}",
    "{\"ready\":[}",
    "/* */{\"ready\":true}",
    "{\"ready\":true}// ",
    "var x = {\"ready\":true};",
    "\xef\xbb\xbf{\"ready\":true}",
    "{\"a\":\"\\qtrue\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", rows[i]);
    g_assert_null (galileo_signal_parse (rows[i], strlen (rows[i]), &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  }
}

static void
test_bytes (void)
{
  const char *latin1 = "{\"ready\":\"\xff\"}";
  g_autoptr (GError) error = NULL;

  g_assert_null (galileo_signal_parse (latin1, strlen (latin1), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_nul (void)
{
  const char text[] = "{\"ready\":true}\0{";
  g_autoptr (GError) error = NULL;

  g_assert_null (galileo_signal_parse (text, sizeof text - 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static char *
nested (guint depth, const char *open, const char *close)
{
  GString *text = g_string_new ("{\"a\":");

  for (guint i = 1; i < depth; i++)
    g_string_append (text, open);
  g_string_append (text, "1");
  for (guint i = 1; i < depth; i++)
    g_string_append (text, close);
  g_string_append_c (text, '}');

  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  static const char *const brackets[][2] = { { "[", "]" }, { "{\"a\":", "}" } };

  for (guint i = 0; i < G_N_ELEMENTS (brackets); i++) {
    g_autofree char *deepest = nested (GALILEO_SIGNAL_MAX_DEPTH, brackets[i][0], brackets[i][1]);
    g_autoptr (GalileoSignal) signal = parse (deepest);

    g_assert_cmpint (galileo_signal_get_kind (signal), ==, GALILEO_SIGNAL_OTHER);
    for (guint depth = GALILEO_SIGNAL_MAX_DEPTH + 1; depth < 200000; depth *= 7) {
      g_autofree char *deeper = nested (depth, brackets[i][0], brackets[i][1]);
      g_autoptr (GError) error = NULL;

      g_assert_null (galileo_signal_parse (deeper, strlen (deeper), &error));
      g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_PROTOCOL);
    }
  }
}

/* Brackets in strings and escapes are none. */
static void
test_depth_in_strings (void)
{
  GString *text = g_string_new ("{\"error\":\"");
  g_autoptr (GalileoSignal) signal = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "[{\\\"");
  g_string_append (text, "\"}");
  signal = parse (text->str);
  g_assert_cmpint (galileo_signal_get_kind (signal), ==, GALILEO_SIGNAL_ERROR);
  g_string_free (text, TRUE);
}

static void
test_length (void)
{
  g_autofree char *filler = g_strnfill (GALILEO_SIGNAL_MAX_LENGTH - strlen ("{\"error\":\"\"}"), 'x');
  g_autofree char *longest = g_strdup_printf ("{\"error\":\"%s\"}", filler);
  g_autofree char *longer = g_strdup_printf ("{\"error\":\"x%s\"}", filler);
  g_autoptr (GalileoSignal) signal = parse (longest);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (galileo_signal_get_kind (signal), ==, GALILEO_SIGNAL_ERROR);
  g_assert_null (galileo_signal_parse (longer, strlen (longer), &error));
  g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_PROTOCOL);
}

static void
test_size (void)
{
  static const struct {
    const char *value;
    gboolean valid;
    guint64 size;
  } rows[] = {
    { "0", TRUE, 0 },
    { "1", TRUE, 1 },
    { "9223372036854775806", TRUE, G_MAXINT64 - 1 },
    { "9223372036854775807", FALSE, 0 },
    { "-1", FALSE, 0 },
    { "9223372036854775808", FALSE, 0 },
    { "18446744073709551615", FALSE, 0 },
    { "18446744073709551621", FALSE, 0 },
    { "99999999999999999999999999", FALSE, 0 },
    { "1.5", FALSE, 0 },
    { "1e3", FALSE, 0 },
    { "\"1\"", FALSE, 0 },
    { "true", FALSE, 0 },
    { "null", FALSE, 0 },
    { "[]", FALSE, 0 },
  };
  g_autoptr (GalileoSignal) empty = parse ("{}");
  guint64 size = 77;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf ("{\"size\":%s}", rows[i].value);
    g_autoptr (GalileoSignal) signal = parse (text);

    g_test_message ("%s", text);
    size = 77;
    g_assert_cmpint (galileo_signal_get_size (signal, "size", &size), ==, rows[i].valid);
    g_assert_cmpuint (size, ==, rows[i].valid ? rows[i].size : 77);
  }

  g_assert_false (galileo_signal_get_size (empty, "size", &size));
}

static void
test_string (void)
{
  g_autoptr (GalileoSignal) signal = parse ("{\"name\":\"a\\\"b\",\"n\":1}");

  g_assert_cmpstr (galileo_signal_get_string (signal, "name"), ==, "a\"b");
  g_assert_null (galileo_signal_get_string (signal, "n"));
  g_assert_null (galileo_signal_get_string (signal, "missing"));
}

/* Half a character costs that character and no more. */
static void
test_surrogates (void)
{
  static const struct {
    const char *json;
    const char *value;
  } rows[] = {
    { "\\ud83d\\ude00", "😀" },
    { "\\uD83D\\uDE00.", "😀." },
    { "\\ud83d", "\uFFFD" },
    { "\\ude00", "\uFFFD" },
    { "a\\ud83db", "a\uFFFDb" },
    { "\\ud83d\\ud83d\\ude00", "\uFFFD😀" },
    { "\\ude00\\ud83d", "\uFFFD\uFFFD" },
    { "\\ud83d\\n", "\uFFFD\n" },
    { "\\ud83d\\u0041", "\uFFFDA" },
    { "\\\\ud83d", "\\ud83d" },
    { "\\\"\\ud83d", "\"\uFFFD" },
    { "\\u00e9", "é" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf ("{\"error\":\"%s\",\"%s\":1}", rows[i].json, rows[i].json);
    g_autoptr (GalileoSignal) signal = parse (text);

    g_test_message ("%s", text);
    g_assert_cmpstr (galileo_signal_get_string (signal, "error"), ==, rows[i].value);
    g_assert_true (galileo_signal_is_true (signal, rows[i].value));
    g_assert_cmpint (galileo_signal_get_mended (signal), ==, strstr (rows[i].value, "\uFFFD") != NULL);
  }
}

static void
test_hash (void)
{
  g_autoptr (GalileoSignal) whole = parse ("{\"finished\":true,\"hash\":{\"type\":\"sha1\",\"value\":\"00\"}}");
  g_autoptr (GalileoSignal) half = parse ("{\"finished\":true,\"hash\":{\"type\":\"sha1\"}}");
  g_autoptr (GalileoSignal) wrong = parse ("{\"finished\":true,\"hash\":\"sha1\"}");
  const char *type, *value;

  g_assert_true (galileo_signal_get_hash (whole, &type, &value));
  g_assert_cmpstr (type, ==, "sha1");
  g_assert_cmpstr (value, ==, "00");
  g_assert_false (galileo_signal_get_hash (half, &type, &value));
  g_assert_false (galileo_signal_get_hash (wrong, &type, &value));
}

static void
assert_text (GalileoSignal *signal, const char *expected)
{
  g_autofree char *text = galileo_signal_to_text (signal);

  g_assert_cmpstr (text, ==, expected);
  galileo_signal_unref (signal);
}

static void
test_make (void)
{
  assert_text (galileo_signal_new_metadata ("a \"b\" ü\t", 5), "{\"name\":\"a \\\"b\\\" ü\\t\",\"size\":5}");
  assert_text (galileo_signal_new_metadata ("x", G_MAXINT64), "{\"name\":\"x\",\"size\":9223372036854775807}");
  assert_text (galileo_signal_new_ready (0), "{\"ready\":true}");
  assert_text (galileo_signal_new_ready (1048576), "{\"ready\":true,\"chunksize\":1048576}");
  assert_text (galileo_signal_new_finished (NULL, NULL), "{\"finished\":true}");
  assert_text (galileo_signal_new_finished ("sha1", "ab"),
               "{\"finished\":true,\"hash\":{\"type\":\"sha1\",\"value\":\"ab\"}}");
  assert_text (galileo_signal_new_close (), "{\"close\":true}");
  assert_text (galileo_signal_new_error ("no", NULL, FALSE), "{\"error\":\"no\",\"fatal\":false}");
  assert_text (galileo_signal_new_error ("no", "quota", TRUE),
               "{\"error\":\"no\",\"fatal\":true,\"code\":\"quota\"}");
  assert_text (galileo_signal_new_local ("lost"), "{\"error\":\"lost\",\"fatal\":true,\"local\":true}");
  assert_text (parse ("{\"b\":1, \"a\":[null,\"x\"]}"), "{\"b\":1,\"a\":[null,\"x\"]}");
}

static void
test_add (void)
{
  g_autoptr (GalileoSignal) shared = parse ("{\"ready\":true}");
  GalileoSignal *signal = galileo_signal_new_metadata ("a", 1);

  signal = galileo_signal_add_string (signal, "upload", "é");
  signal = galileo_signal_add_size (signal, "offset", 5);
  signal = galileo_signal_add_boolean (signal, "verified", TRUE);
  signal = galileo_signal_add_size (signal, "size", 2);
  assert_text (signal, "{\"name\":\"a\",\"size\":2,\"upload\":\"é\",\"offset\":5,\"verified\":true}");

  /* Who shares it sees nothing. */
  signal = galileo_signal_add_size (galileo_signal_ref (shared), "offset", 0);
  assert_text (galileo_signal_ref (shared), "{\"ready\":true}");
  assert_text (signal, "{\"ready\":true,\"offset\":0}");
}

static void
test_number (void)
{
  g_autoptr (GalileoSignal) signal = parse (
      "{\"int\":3,\"half\":0.5,\"huge\":1e999,\"text\":\"3\",\"null\":null,\"list\":[3]}");
  const char *none[] = { "huge", "text", "null", "list", "missing" };
  double number = 7;

  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    g_assert_false (galileo_signal_get_number (signal, none[i], &number));
  g_assert_cmpfloat (number, ==, 7);

  g_assert_true (galileo_signal_get_number (signal, "int", &number));
  g_assert_cmpfloat (number, ==, 3);
  g_assert_true (galileo_signal_get_number (signal, "half", &number));
  g_assert_cmpfloat (number, ==, 0.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/signal/kind", test_kind);
  g_test_add_func ("/signal/chunk-size", test_chunk_size);
  g_test_add_func ("/signal/message", test_message);
  g_test_add_func ("/signal/refused", test_refused);
  g_test_add_func ("/signal/bytes", test_bytes);
  g_test_add_func ("/signal/nul", test_nul);
  g_test_add_func ("/signal/depth", test_depth);
  g_test_add_func ("/signal/depth-in-strings", test_depth_in_strings);
  g_test_add_func ("/signal/length", test_length);
  g_test_add_func ("/signal/size", test_size);
  g_test_add_func ("/signal/string", test_string);
  g_test_add_func ("/signal/surrogates", test_surrogates);
  g_test_add_func ("/signal/hash", test_hash);
  g_test_add_func ("/signal/make", test_make);
  g_test_add_func ("/signal/add", test_add);
  g_test_add_func ("/signal/number", test_number);

  return g_test_run ();
}

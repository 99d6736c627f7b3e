/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"
#include "fault-words.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* Names of files, and names that a caller gives. */

#define SIZE 10

typedef struct {
  const char *name;
  const char *file_name; /* NULL: it is the caller who gives it, since no file has it */
  const char *given;
  const char *arrives; /* NULL for the same */
  int code;
  const char *words;
} Row;

#define A_50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A_250 A_50 A_50 A_50 A_50 A_50
#define O_UMLAUT_25 "ööööööööööööööööööööööööö"
#define O_UMLAUT_125 O_UMLAUT_25 O_UMLAUT_25 O_UMLAUT_25 O_UMLAUT_25 O_UMLAUT_25
#define CONTROL "control character|"

static const Row rows[] = {
  { "plain", "photo.jpg", .code = FAULT_SUCCESS },
  { "spaces", "my photo 1.jpg", .code = FAULT_SUCCESS },
  { "255-bytes", A_250 "12345", .code = FAULT_SUCCESS },
  { "255-bytes-of-utf-8", O_UMLAUT_125 "12345", .code = FAULT_SUCCESS },
  { "256-bytes", .given = A_250 "123456", .code = GALILEO_ERROR_NAME, .words = "longer than 255 bytes" },
  { "256-bytes-of-utf-8", .given = O_UMLAUT_125 "123456", .code = GALILEO_ERROR_NAME,
    .words = "longer than 255 bytes" },
  { "empty", .given = "", .code = GALILEO_ERROR_NAME, .words = "empty" },
  { "dot", .given = ".", .code = GALILEO_ERROR_NAME, .words = "stands for a folder" },
  { "dot-dot", .given = "..", .code = GALILEO_ERROR_NAME, .words = "stands for a folder" },
  { "three-dots", "...", .code = FAULT_SUCCESS },
  { "hidden", ".hidden", .code = FAULT_SUCCESS },
  { "slash", .given = "a/b", .code = GALILEO_ERROR_NAME, .words = "“/”" },
  { "leading-slash", .given = "/etc/passwd", .code = GALILEO_ERROR_NAME, .words = "“/”" },
  { "trailing-slash", .given = "a/", .code = GALILEO_ERROR_NAME, .words = "“/”" },
  { "up", .given = "../a", .code = GALILEO_ERROR_NAME, .words = "“/”" },
  { "backslash", "a\\b", .code = GALILEO_ERROR_NAME, .words = "“\\”" },
  { "backslash-up", "..\\a", .code = GALILEO_ERROR_NAME, .words = "“\\”" },
  { "newline", "a\nb", .code = GALILEO_ERROR_NAME, .words = CONTROL "U+000A" },
  { "carriage-return", "a\rb", .code = GALILEO_ERROR_NAME, .words = CONTROL "U+000D" },
  { "tab", "a\tb", .code = GALILEO_ERROR_NAME, .words = CONTROL "U+0009" },
  { "escape", "a\033[31mb", .code = GALILEO_ERROR_NAME, .words = CONTROL "U+001B" },
  { "bell", "\a", .code = GALILEO_ERROR_NAME, .words = CONTROL "U+0007" },
  { "delete", "a\177", .code = GALILEO_ERROR_NAME, .words = CONTROL "U+007F" },
  { "c1-control", "a\302\205b", .code = GALILEO_ERROR_NAME, .words = CONTROL "U+0085" },
  { "right-to-left-override", "a\342\200\256gpj.exe", .code = FAULT_SUCCESS },
  { "zero-width", "a\342\200\213b", .code = FAULT_SUCCESS },
  { "byte-order-mark", "\357\273\277a", .code = FAULT_SUCCESS },
  { "line-separator", "a\342\200\250b", .code = FAULT_SUCCESS },
  { "composed", "\303\251", .code = FAULT_SUCCESS },
  { "decomposed", "e\314\201", .code = FAULT_SUCCESS },
  { "emoji", "\360\237\230\200", .code = FAULT_SUCCESS },
  { "unassigned", "\364\217\277\277", .code = FAULT_SUCCESS },
  { "quotes", "a\"b'c", .code = FAULT_SUCCESS },
  { "json", "\",\"size\":0,\"x\":\"", .code = FAULT_SUCCESS },
  { "format", "%s%n%%", .code = FAULT_SUCCESS },
  { "markup", "<b>&amp;", .code = FAULT_SUCCESS },
  { "dollar", "$(reboot)`x`;|&", .code = FAULT_SUCCESS },
  { "wildcards", "*?[a]", .code = FAULT_SUCCESS },
  { "colon", "C:a", .code = FAULT_SUCCESS },
  { "url", "http:a?b#c", .code = FAULT_SUCCESS },
  { "leading-dash", "-rf", .code = FAULT_SUCCESS },
  { "tilde", "~root", .code = FAULT_SUCCESS },
  { "con", "CON", .code = FAULT_SUCCESS },
  { "con-with-suffix", "con.txt", .code = FAULT_SUCCESS },
  { "trailing-dot", "a.", .code = FAULT_SUCCESS },
  { "trailing-space", "a ", .code = FAULT_SUCCESS },
  { "only-space", " ", .code = FAULT_SUCCESS },
  { "zero", "0", .code = FAULT_SUCCESS },
  { "null", "null", .code = FAULT_SUCCESS },
  /* A GFile stays what is read; its name goes as it can be shown. */
  { "bad-utf-8", "a\377b", .arrives = "a\357\277\275b", .code = FAULT_SUCCESS },
  { "bad-utf-8-overlong", "a\300\257b", .arrives = "a\357\277\275\357\277\275b", .code = FAULT_SUCCESS },
  { "bad-utf-8-surrogate", "\355\240\200", .arrives = "\357\277\275\357\277\275\357\277\275", .code = FAULT_SUCCESS },
  { "bad-utf-8-with-newline", "a\377\nb", .code = GALILEO_ERROR_NAME, .words = CONTROL "U+000A" },
  { "latin-1", "gr\374n", .arrives = "gr\357\277\275n", .code = FAULT_SUCCESS },
  { "given-bad-utf-8", .given = "a\377b", .code = GALILEO_ERROR_NAME, .words = "not UTF-8" },
  { "given-for-a-file", "photo.jpg", "other.png", "other.png", FAULT_SUCCESS },
};

static void
rename_file (FaultRun *run, const char *name)
{
  g_autofree char *path = g_build_filename (run->folder, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) contents = g_bytes_ref (run->contents);

  if (g_rename (run->path, path) != 0)
    fault_problem ("no file of that name: %s", g_strerror (errno));
  fault_run_allow_file (run, name);
  fault_run_set_file (run, file, contents);
}

static void
test_row (gconstpointer data)
{
  static const RawScript good = { FROM_METADATA };
  const Row *row = data;
  const char *arrives = row->arrives != NULL ? row->arrives : row->given != NULL ? row->given : row->file_name;
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *peer = fault_run_serve (run, &good);

  if (row->file_name != NULL)
    rename_file (run, row->file_name);
  if (row->given != NULL)
    galileo_upload_set_name (fault_run_get_upload (run), row->given);
  fault_run_go (run);
  fault_run_expect (run, row->code, row->words);

  if (row->code == FAULT_SUCCESS && peer->metadata != NULL) {
    g_autoptr (GalileoSignal) metadata = galileo_signal_parse (peer->metadata, strlen (peer->metadata), NULL);
    const char *name = galileo_signal_get_string (metadata, "name");

    if (g_strcmp0 (name, arrives) != 0)
      fault_problem ("it is called “%s” instead of “%s”", name, arrives);
  } else if (peer->n_connections > 0) {
    fault_problem ("a connection was made for nothing");
  }
  fault_run_free (run);
}

int
main (int argc, char **argv)
{
  fault_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fault_add ("names", rows[i].name, &rows[i], test_row);

  return g_test_run ();
}

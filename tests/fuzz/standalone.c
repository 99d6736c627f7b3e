/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

/* Runs a fuzzer's target on files and on all files of folders: for corpora, and for compilers without libFuzzer. */

static guint n_inputs;

static void
replay (const char *path)
{
  g_autofree char *data = NULL;
  g_autofree guint8 *input = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_print ("# %s\n", path);
  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);

  /* Exactly as long as it is, so that AddressSanitizer and valgrind see who reads beyond. */
  input = g_memdup2 (data, size);
  LLVMFuzzerTestOneInput (input, size);
  n_inputs++;
}

static void
replay_folder (const char *path, GDir *folder)
{
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *file = g_build_filename (path, name, NULL);

    replay (file);
  }
}

int
main (int argc, char **argv)
{
  LLVMFuzzerInitialize (&argc, &argv);

  for (int i = 1; i < argc; i++) {
    g_autoptr (GDir) folder = g_dir_open (argv[i], 0, NULL);

    if (folder != NULL)
      replay_folder (argv[i], folder);
    else
      replay (argv[i]);
  }

  g_assert_cmpuint (n_inputs, >, 0);
  g_print ("%u inputs\n", n_inputs);

  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "folder.h"

#include "receiver/receiver-memory.h"

#include <fcntl.h>
#include <unistd.h>

static void
add (ReceiverMemory *memory, const char *key, const char *name)
{
  const ReceiverRecord record = { .key = (char *) key, .stored_as = (char *) name, .size = 3 };

  receiver_memory_add (memory, &record);
}

/* The oldest goes when there are too many; what is added again is the newest. */
static void
test_most (void)
{
  g_autofree char *folder = folder_new ();
  g_autofree char *path = g_build_filename (folder, "f", NULL);
  ReceiverMemory *memory = receiver_memory_new (2);
  int fd = open (folder, O_RDONLY | O_DIRECTORY);

  g_assert_true (g_file_set_contents (path, "abc", 3, NULL));
  add (memory, "1", "f");
  add (memory, "2", "f");
  add (memory, "1", "f");
  add (memory, "3", "f");
  g_assert_nonnull (receiver_memory_recall (memory, "1", fd));
  g_assert_null (receiver_memory_recall (memory, "2", fd));
  g_assert_nonnull (receiver_memory_recall (memory, "3", fd));

  close (fd);
  receiver_memory_free (memory);
  folder_free (g_steal_pointer (&folder));
}

/* Only a file that is what was stored counts. */
static void
test_file (void)
{
  g_autofree char *folder = folder_new ();
  g_autofree char *path = g_build_filename (folder, "f", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  ReceiverMemory *memory = receiver_memory_new (10);
  int fd = open (folder, O_RDONLY | O_DIRECTORY);

  g_assert_true (g_file_set_contents (path, "abc", 3, NULL));
  g_assert_cmpint (symlink ("f", link), ==, 0);
  add (memory, "1", "f");
  add (memory, "2", "link");
  add (memory, "3", "missing");
  g_assert_cmpstr (receiver_memory_recall (memory, "1", fd)->stored_as, ==, "f");
  g_assert_null (receiver_memory_recall (memory, "2", fd));
  g_assert_null (receiver_memory_recall (memory, "3", fd));
  g_assert_null (receiver_memory_recall (memory, "4", fd));

  /* Once it was another, it is forgotten. */
  g_assert_cmpint (truncate (path, 2), ==, 0);
  g_assert_null (receiver_memory_recall (memory, "1", fd));
  g_assert_cmpint (truncate (path, 3), ==, 0);
  g_assert_null (receiver_memory_recall (memory, "1", fd));

  close (fd);
  receiver_memory_free (memory);
  folder_free (g_steal_pointer (&folder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/memory/most", test_most);
  g_test_add_func ("/memory/file", test_file);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"
#include "fault-words.h"

#include "../galileo/remote-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* What a file may be. */

static const RawScript good = { FROM_METADATA };

static const gsize sizes[] = {
  0, 1, 2, 15999, 65535, 65536, 249999, 250000, 250001, 262143, 262144, 262145, 499999, 500000, 500001,
  750000, 1048575, 1048576, 1048577, 3000000,
};

static void
test_size (gconstpointer data)
{
  gsize size = GPOINTER_TO_SIZE (data);
  FaultRun *run = fault_run_new (size);
  RawPeer *peer = fault_run_serve (run, &good);

  fault_run_go (run);
  fault_run_expect (run, FAULT_SUCCESS, NULL);
  if (peer->chunk_sizes->len != (size + GALILEO_DEFAULT_CHUNK_SIZE - 1) / GALILEO_DEFAULT_CHUNK_SIZE)
    fault_problem ("%u chunks", peer->chunk_sizes->len);
  if (galileo_upload_get_acknowledged (fault_run_get_upload (run)) != size)
    fault_problem ("%" G_GUINT64_FORMAT " bytes acknowledged",
                   galileo_upload_get_acknowledged (fault_run_get_upload (run)));
  fault_run_free (run);
}

/* What stands where the file should be. */
typedef struct {
  const char *name;
  void (*make) (FaultRun *run, const char *path);
  const char *path; /* instead of one in the folder */
  int code;
  const char *words;
} Kind;

static void
make_nothing (FaultRun *run, const char *path)
{
}

static void
make_folder (FaultRun *run, const char *path)
{
  g_assert (g_mkdir (path, 0700) == 0);
}

static void
make_pipe (FaultRun *run, const char *path)
{
  g_assert (mkfifo (path, 0600) == 0);
}

static void
close_descriptor (gpointer fd)
{
  close (GPOINTER_TO_INT (fd));
}

/* Somebody has it open for writing, and has written. */
static void
make_written_pipe (FaultRun *run, const char *path)
{
  int fd;

  make_pipe (run, path);
  fd = open (path, O_RDWR | O_CLOEXEC);
  g_assert (fd >= 0 && write (fd, "x", 1) == 1);
  fault_run_own (run, GINT_TO_POINTER (fd), close_descriptor);
}

static void
make_socket (FaultRun *run, const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0);
  fault_run_own (run, GINT_TO_POINTER (fd), close_descriptor);
}

static void
make_link (FaultRun *run, const char *path)
{
  g_assert (symlink (run->path, path) == 0);
}

static void
make_link_to_link (FaultRun *run, const char *path)
{
  g_autofree char *between = g_build_filename (run->folder, "between", NULL);

  g_assert (symlink ("file.bin", between) == 0 && symlink ("between", path) == 0);
  fault_run_allow_file (run, "between");
}

static void
make_hard_link (FaultRun *run, const char *path)
{
  g_assert (link (run->path, path) == 0);
}

static void
make_dangling_link (FaultRun *run, const char *path)
{
  g_assert (symlink ("nowhere", path) == 0);
}

static void
make_link_to_itself (FaultRun *run, const char *path)
{
  g_assert (symlink (path, path) == 0);
}

static void
make_link_loop (FaultRun *run, const char *path)
{
  g_autofree char *other = g_build_filename (run->folder, "other", NULL);

  g_assert (symlink (other, path) == 0 && symlink (path, other) == 0);
  fault_run_allow_file (run, "other");
}

static void
make_link_to_folder (FaultRun *run, const char *path)
{
  g_assert (symlink (run->folder, path) == 0);
}

static void
make_link_to_pipe (FaultRun *run, const char *path)
{
  g_autofree char *other = g_build_filename (run->folder, "pipe", NULL);

  make_pipe (run, other);
  g_assert (symlink (other, path) == 0);
  fault_run_allow_file (run, "pipe");
}

static void
make_link_to_zero (FaultRun *run, const char *path)
{
  g_assert (symlink ("/dev/zero", path) == 0);
}

static void
make_unreadable (FaultRun *run, const char *path)
{
  g_assert (link (run->path, path) == 0 && g_chmod (path, 0) == 0);
}

static void
make_write_only (FaultRun *run, const char *path)
{
  g_assert (link (run->path, path) == 0 && g_chmod (path, 0222) == 0);
}

static void
make_read_only (FaultRun *run, const char *path)
{
  g_assert (link (run->path, path) == 0 && g_chmod (path, 0444) == 0);
}

#define NO_FILE "no ordinary file"

static const Kind kinds[] = {
  { "nothing", make_nothing, .code = GALILEO_ERROR_FILE, .words = "not there" },
  { "folder", make_folder, .code = GALILEO_ERROR_FILE, .words = "a folder" },
  { "pipe", make_pipe, .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "pipe-being-written", make_written_pipe, .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "socket", make_socket, .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "link", make_link, .code = FAULT_SUCCESS },
  { "link-to-link", make_link_to_link, .code = FAULT_SUCCESS },
  { "hard-link", make_hard_link, .code = FAULT_SUCCESS },
  { "dangling-link", make_dangling_link, .code = GALILEO_ERROR_FILE, .words = "not there" },
  { "link-to-itself", make_link_to_itself, .code = GALILEO_ERROR_FILE, .words = "can't be read" },
  { "link-loop", make_link_loop, .code = GALILEO_ERROR_FILE, .words = "can't be read" },
  { "link-to-folder", make_link_to_folder, .code = GALILEO_ERROR_FILE, .words = "a folder" },
  { "link-to-pipe", make_link_to_pipe, .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "link-to-zero", make_link_to_zero, .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "unreadable", make_unreadable, .code = GALILEO_ERROR_FILE, .words = "no permission" },
  { "write-only", make_write_only, .code = GALILEO_ERROR_FILE, .words = "no permission" },
  { "read-only", make_read_only, .code = FAULT_SUCCESS },
  { "dev-zero", .path = "/dev/zero", .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "dev-null", .path = "/dev/null", .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "dev-tty", .path = "/dev/tty", .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "dev-full", .path = "/dev/full", .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "root-folder", .path = "/", .code = GALILEO_ERROR_NAME, .words = "“/”" },
  { "proc-folder", .path = "/proc/self/task", .code = GALILEO_ERROR_FILE, .words = "a folder" },
  { "below-a-file", .path = "/dev/null/x", .code = GALILEO_ERROR_FILE, .words = "can't be read" },
  /* The kernel makes these up as they are read: they have no size to announce. */
  { "proc-version", .path = "/proc/version", .code = GALILEO_ERROR_FILE, .words = NULL },
  { "proc-cpuinfo", .path = "/proc/cpuinfo", .code = GALILEO_ERROR_FILE, .words = NULL },
  { "proc-mem", .path = "/proc/self/mem", .code = GALILEO_ERROR_FILE, .words = NULL },
};

static void
test_kind (gconstpointer data)
{
  const Kind *kind = data;
  FaultRun *run = fault_run_new (600000);
  g_autofree char *path = g_build_filename (run->folder, "thing", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (kind->path != NULL ? kind->path : path);
  g_autoptr (GBytes) contents = g_bytes_ref (run->contents);
  RawPeer *peer = fault_run_serve (run, &good);

  if (kind->make != NULL)
    kind->make (run, path);
  fault_run_allow_file (run, "thing");
  fault_run_set_file (run, file, contents);
  fault_run_go (run);
  fault_run_expect (run, kind->code, kind->words);
  if (kind->code != FAULT_SUCCESS && peer->n_connections > 0)
    fault_problem ("a connection was made for nothing");
  fault_run_free (run);
}

/* Files that are no path, as on a network drive. */
typedef struct {
  const char *name;
  gboolean gone;
  gboolean refuses_to_open;
  GFileType type;
  int read_error; /* of GIOErrorEnum */
  int code;
  const char *words;
} Remote;

static const Remote remotes[] = {
  { "remote", .type = G_FILE_TYPE_REGULAR, .code = FAULT_SUCCESS },
  { "remote-gone", .type = G_FILE_TYPE_REGULAR, .gone = TRUE, .code = GALILEO_ERROR_FILE, .words = "not there" },
  { "remote-that-refuses", .type = G_FILE_TYPE_REGULAR, .refuses_to_open = TRUE, .code = GALILEO_ERROR_FILE },
  { "remote-folder", .type = G_FILE_TYPE_DIRECTORY, .code = GALILEO_ERROR_FILE, .words = "a folder" },
  { "remote-special", .type = G_FILE_TYPE_SPECIAL, .code = GALILEO_ERROR_FILE, .words = NO_FILE },
  { "remote-mountable", .type = G_FILE_TYPE_MOUNTABLE, .code = GALILEO_ERROR_FILE },
  { "remote-shortcut", .type = G_FILE_TYPE_SHORTCUT, .code = GALILEO_ERROR_FILE },
  { "remote-input-output-error", .type = G_FILE_TYPE_REGULAR, .read_error = G_IO_ERROR_CONNECTION_CLOSED,
    .code = GALILEO_ERROR_FILE, .words = "can't be read|Input/output error" },
  { "remote-not-mounted", .type = G_FILE_TYPE_REGULAR, .read_error = G_IO_ERROR_NOT_MOUNTED,
    .code = GALILEO_ERROR_FILE },
  { "remote-timed-out", .type = G_FILE_TYPE_REGULAR, .read_error = G_IO_ERROR_TIMED_OUT, .code = GALILEO_ERROR_FILE },
  { "remote-permission-denied", .type = G_FILE_TYPE_REGULAR, .read_error = G_IO_ERROR_PERMISSION_DENIED,
    .code = GALILEO_ERROR_FILE, .words = "no permission" },
};

static void
test_remote (gconstpointer data)
{
  const Remote *row = data;
  FaultRun *run = fault_run_new (3000000);
  g_autoptr (RemoteFile) file =
      remote_file_new (g_bytes_get_data (run->contents, NULL), g_bytes_get_size (run->contents));
  g_autoptr (GBytes) contents = g_bytes_ref (run->contents);

  file->gone = row->gone;
  file->refuses_to_open = row->refuses_to_open;
  file->type = row->type;
  if (row->read_error != 0)
    file->read_error = g_error_new_literal (G_IO_ERROR, row->read_error, "Input/output error");
  fault_run_serve (run, &good);
  fault_run_set_file (run, G_FILE (file), contents);
  fault_run_go (run);
  fault_run_expect (run, row->code, row->words);
  fault_run_free (run);
}

/* No descriptor is left to open it with. */
static void
test_no_descriptor (gconstpointer data)
{
  FaultRun *run = fault_run_new (1000);
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (int));
  int fd;

  fault_run_serve (run, &good);
  fault_run_get_upload (run);
  while ((fd = dup (STDERR_FILENO)) >= 0)
    g_array_append_val (taken, fd);
  fault_run_go (run);
  for (guint i = 0; i < taken->len; i++)
    close (g_array_index (taken, int, i));
  fault_run_expect (run, GALILEO_ERROR_FILE, "can't be read|Too many open files");
  fault_run_free (run);
}

/* A place that nothing here can read. */
static void
test_no_such_place (gconstpointer data)
{
  FaultRun *run = fault_run_new (10);
  g_autoptr (GFile) file = g_file_new_for_uri ("sftp://site.example/file.bin");

  fault_run_serve (run, &good);
  fault_run_set_file (run, file, NULL);
  fault_run_go (run);
  fault_run_expect (run, GALILEO_ERROR_FILE, "can't be read");
  fault_run_free (run);
}

/* Root may read whatever it likes, unless it gives that up; for this process and all its threads to come. */
static void
give_up_privileges (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct sets[2] = { 0 };

  g_assert (syscall (SYS_capget, &header, sets) == 0);
  sets[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
  g_assert (syscall (SYS_capset, &header, sets) == 0);
}

int
main (int argc, char **argv)
{
  give_up_privileges ();
  fault_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *name = g_strdup_printf ("%" G_GSIZE_FORMAT "-bytes", sizes[i]);

    fault_add ("files", name, GSIZE_TO_POINTER (sizes[i]), test_size);
  }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    fault_add ("files", kinds[i].name, &kinds[i], test_kind);
  for (guint i = 0; i < G_N_ELEMENTS (remotes); i++)
    fault_add ("files", remotes[i].name, &remotes[i], test_remote);
  fault_add ("files", "no-descriptor", NULL, test_no_descriptor);
  fault_add ("files", "no-such-place", NULL, test_no_such_place);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * For LD_PRELOAD: the n-th system call of a kind fails, as it does where a disk is full, broken or taken away.
 *
 * Only calls for files below one path count, so that nothing else in the program is disturbed. Told by the environment:
 *
 *   GALILEO_FAIL_PATH     what the files' paths begin with, without symbolic links; without it, nothing is done
 *   GALILEO_FAIL_CALL     the kind of call, one of kind_names; without it, calls are only counted
 *   GALILEO_FAIL_AT       which one fails, from 1
 *   GALILEO_FAIL_FOREVER  if set: all that come later fail as well
 *   GALILEO_FAIL_HALF     if set: half of the bytes are read or written before that
 *   GALILEO_FAIL_ERRNO    how it fails, one of errors; KILL: the program is killed instead. Without it nothing fails:
 *                         the call does half, and says so
 *   GALILEO_FAIL_REPORT   a file that gets a line "hit KIND PATH" for the first call that failed, and at a proper end
 *                         of the program "count KIND N" for each kind
 */

/* Both names of each call are defined here, so the headers must not give one of them to the other. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN, CLOSE, READ, WRITE, SYNC, TRUNCATE, RENAME, UNLINK, MKDIR, MMAP, LOCK, STAT, FSTAT, ACCESS, N_KINDS };

static const char *const kind_names[N_KINDS] = { "open",   "close", "read", "write", "sync", "truncate", "rename",
                                                 "unlink", "mkdir", "mmap", "lock",  "stat", "fstat",    "access" };

#define KILL -1

static const struct {
  const char *name;
  int number;
} errors[] = {
  { "EACCES", EACCES }, { "EAGAIN", EAGAIN }, { "EIO", EIO },       { "EMFILE", EMFILE }, { "ENOLCK", ENOLCK },
  { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC }, { "EROFS", EROFS },   { "KILL", KILL },
};

static const char *prefix;
static const char *report;
static int failing_kind = N_KINDS;
static long failing_at;
static int failing_errno;
static bool forever;
static bool half;
static atomic_long counts[N_KINDS];

__attribute__ ((constructor)) static void
read_environment (void)
{
  const char *kind = getenv ("GALILEO_FAIL_CALL");
  const char *at = getenv ("GALILEO_FAIL_AT");
  const char *name = getenv ("GALILEO_FAIL_ERRNO");
  bool known = name == NULL;

  report = getenv ("GALILEO_FAIL_REPORT");
  forever = getenv ("GALILEO_FAIL_FOREVER") != NULL;
  half = getenv ("GALILEO_FAIL_HALF") != NULL;
  failing_at = at != NULL ? atol (at) : 0;
  for (int i = 0; kind != NULL && i < N_KINDS; i++) {
    if (strcmp (kind, kind_names[i]) == 0)
      failing_kind = i;
  }
  for (size_t i = 0; name != NULL && i < sizeof errors / sizeof *errors; i++) {
    if (strcmp (name, errors[i].name) == 0) {
      failing_errno = errors[i].number;
      known = true;
    }
  }
  /* A slip in a test must not look like a program that bears everything. */
  if (!known || (kind != NULL && (failing_kind == N_KINDS || failing_at < 1))) {
    fprintf (stderr, "fail-call: the environment makes no sense\n");
    abort ();
  }
  prefix = getenv ("GALILEO_FAIL_PATH");
}

__attribute__ ((destructor)) static void
write_counts (void)
{
  FILE *file = prefix != NULL && report != NULL ? fopen (report, "a") : NULL;

  for (int i = 0; file != NULL && i < N_KINDS; i++)
    fprintf (file, "count %s %ld\n", kind_names[i], counts[i]);
  if (file != NULL)
    fclose (file);
}

/* Counts the call. Returns whether it is one that fails. */
static bool
is_hit (int kind, const char *path)
{
  long number;

  if (prefix == NULL || strncmp (path, prefix, strlen (prefix)) != 0)
    return false;

  number = atomic_fetch_add (&counts[kind], 1) + 1;
  if (kind != failing_kind || number < failing_at || (number > failing_at && !forever))
    return false;

  if (number == failing_at && report != NULL) {
    FILE *file = fopen (report, "a");

    if (file != NULL) {
      fprintf (file, "hit %s %s\n", kind_names[kind], path);
      fclose (file);
    }
  }
  return true;
}

/* As above, for a file that is open: the system knows its path. */
static bool
is_fd_hit (int kind, int fd)
{
  int number = errno;
  char link[64];
  char path[4096];
  ssize_t length;

  if (prefix == NULL)
    return false;
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink (link, path, sizeof path - 1);
  errno = number;
  path[length > 0 ? length : 0] = '\0';
  return is_hit (kind, path);
}

static int
fail (void)
{
  if (failing_errno == KILL) {
    kill (getpid (), SIGKILL);
    pause ();
  }
  errno = failing_errno;
  return -1;
}

/* What the call is without this library: `real`. */
#define REAL(name) __typeof__ (&name) real = dlsym (RTLD_NEXT, #name)

#define DEFINE_CALL(kind, type, name, parameters, arguments, hit, failed) \
  type name parameters \
  { \
    REAL (name); \
    if (hit) \
      return failed; \
    return real arguments; \
  }

#define DEFINE_PATH_CALL(kind, name, parameters, arguments, path) \
  DEFINE_CALL (kind, int, name, parameters, arguments, is_hit (kind, path), fail ())

#define DEFINE_FD_CALL(kind, name, parameters, arguments) \
  DEFINE_CALL (kind, int, name, parameters, arguments, is_fd_hit (kind, fd), fail ())

/* A mode is there only if a file may be made. */
#define GET_MODE(mode, flags) \
  if (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE) { \
    va_list list; \
    va_start (list, flags); \
    mode = va_arg (list, mode_t); \
    va_end (list); \
  }

#define DEFINE_OPEN(name) \
  int name (const char *path, int flags, ...) \
  { \
    REAL (name); \
    mode_t mode = 0; \
    GET_MODE (mode, flags) \
    return is_hit (OPEN, path) ? fail () : real (path, flags, mode); \
  }

#define DEFINE_OPENAT(name) \
  int name (int folder, const char *path, int flags, ...) \
  { \
    REAL (name); \
    mode_t mode = 0; \
    GET_MODE (mode, flags) \
    return is_hit (OPEN, path) ? fail () : real (folder, path, flags, mode); \
  }

DEFINE_OPEN (open)
DEFINE_OPEN (open64)
DEFINE_OPENAT (openat)
DEFINE_OPENAT (openat64)
DEFINE_PATH_CALL (OPEN, creat, (const char *path, mode_t mode), (path, mode), path)
DEFINE_PATH_CALL (OPEN, creat64, (const char *path, mode_t mode), (path, mode), path)

/* It fails, but the file is closed: so does Linux. */
int
close (int fd)
{
  REAL (close);
  bool hit = is_fd_hit (CLOSE, fd);
  int result = real (fd);

  return hit ? fail () : result;
}

/* Half of a transfer, then what is to happen: `done` bytes are said to be all, or it fails. */
#define DEFINE_TRANSFER(kind, name, parameters, whole, part) \
  ssize_t name parameters \
  { \
    REAL (name); \
    if (is_fd_hit (kind, fd)) { \
      ssize_t done = half && size > 1 ? real part : 0; \
      if (failing_errno != 0) \
        return fail (); \
      if (done > 0) \
        return done; \
    } \
    return real whole; \
  }

DEFINE_TRANSFER (READ, read, (int fd, void *data, size_t size), (fd, data, size), (fd, data, size / 2))
DEFINE_TRANSFER (READ, pread, (int fd, void *data, size_t size, off_t offset),
                 (fd, data, size, offset), (fd, data, size / 2, offset))
DEFINE_TRANSFER (READ, pread64, (int fd, void *data, size_t size, off64_t offset),
                 (fd, data, size, offset), (fd, data, size / 2, offset))
DEFINE_TRANSFER (WRITE, write, (int fd, const void *data, size_t size), (fd, data, size), (fd, data, size / 2))
DEFINE_TRANSFER (WRITE, pwrite, (int fd, const void *data, size_t size, off_t offset),
                 (fd, data, size, offset), (fd, data, size / 2, offset))
DEFINE_TRANSFER (WRITE, pwrite64, (int fd, const void *data, size_t size, off64_t offset),
                 (fd, data, size, offset), (fd, data, size / 2, offset))

DEFINE_FD_CALL (SYNC, fsync, (int fd), (fd))
DEFINE_FD_CALL (SYNC, fdatasync, (int fd), (fd))
DEFINE_FD_CALL (TRUNCATE, ftruncate, (int fd, off_t size), (fd, size))
DEFINE_FD_CALL (TRUNCATE, ftruncate64, (int fd, off64_t size), (fd, size))
DEFINE_PATH_CALL (RENAME, rename, (const char *path, const char *new_path), (path, new_path), path)
DEFINE_PATH_CALL (UNLINK, unlink, (const char *path), (path), path)
DEFINE_PATH_CALL (MKDIR, mkdir, (const char *path, mode_t mode), (path, mode), path)

DEFINE_CALL (MMAP, void *, mmap, (void *at, size_t size, int protection, int flags, int fd, off_t offset),
             (at, size, protection, flags, fd, offset),
             fd >= 0 && is_fd_hit (MMAP, fd), (fail (), MAP_FAILED))
DEFINE_CALL (MMAP, void *, mmap64, (void *at, size_t size, int protection, int flags, int fd, off64_t offset),
             (at, size, protection, flags, fd, offset),
             fd >= 0 && is_fd_hit (MMAP, fd), (fail (), MAP_FAILED))

static bool
is_lock (int command)
{
  switch (command) {
  case F_GETLK:
  case F_SETLK:
  case F_SETLKW:
  case F_OFD_GETLK:
  case F_OFD_SETLK:
  case F_OFD_SETLKW:
    return true;
  default:
    return false;
  }
}

/* Whatever a command takes fits into a pointer. */
#define DEFINE_FCNTL(name) \
  int name (int fd, int command, ...) \
  { \
    REAL (name); \
    va_list list; \
    void *argument; \
    va_start (list, command); \
    argument = va_arg (list, void *); \
    va_end (list); \
    return is_lock (command) && is_fd_hit (LOCK, fd) ? fail () : real (fd, command, argument); \
  }

DEFINE_FCNTL (fcntl)
DEFINE_FCNTL (fcntl64)

DEFINE_PATH_CALL (STAT, stat, (const char *path, struct stat *status), (path, status), path)
DEFINE_PATH_CALL (STAT, stat64, (const char *path, struct stat64 *status), (path, status), path)
DEFINE_PATH_CALL (STAT, lstat, (const char *path, struct stat *status), (path, status), path)
DEFINE_PATH_CALL (STAT, lstat64, (const char *path, struct stat64 *status), (path, status), path)
DEFINE_PATH_CALL (STAT, fstatat, (int folder, const char *path, struct stat *status, int flags),
                  (folder, path, status, flags), path)
DEFINE_PATH_CALL (STAT, fstatat64, (int folder, const char *path, struct stat64 *status, int flags),
                  (folder, path, status, flags), path)
DEFINE_PATH_CALL (STAT, statx, (int folder, const char *path, int flags, unsigned int mask, struct statx *status),
                  (folder, path, flags, mask, status), path)
DEFINE_FD_CALL (FSTAT, fstat, (int fd, struct stat *status), (fd, status))
DEFINE_FD_CALL (FSTAT, fstat64, (int fd, struct stat64 *status), (fd, status))
DEFINE_PATH_CALL (ACCESS, access, (const char *path, int mode), (path, mode), path)

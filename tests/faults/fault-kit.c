/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"

#include "galileo/galileo-upload-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long may pass until workers have let go of what they hold. */
#define SETTLE_SECONDS 10

/* How often to look whether they have. */
#define LOOK_MS 2

#define WATCHDOG "watchdog"

#define STATE_LETTERS "ncmsSfCOFX"

typedef struct {
  gpointer thing;
  GDestroyNotify destroy;
} Owned;

typedef struct {
  const char *name;
  GWeakRef object;
} Watched;

/* The watchdog is a thread: a case may hang inside a callback. */
static GMutex watchdog_mutex;
static GCond watchdog_cond;
static gint64 watchdog_deadline;
static FaultRun *watchdog_run;

/* The first upload of a process opens what GLib then keeps. */
static gboolean warming_up;

static gpointer
watchdog_thread (gpointer data)
{
  g_mutex_lock (&watchdog_mutex);
  for (;;) {
    if (watchdog_deadline == 0) {
      g_cond_wait (&watchdog_cond, &watchdog_mutex);
    } else if (!g_cond_wait_until (&watchdog_cond, &watchdog_mutex, watchdog_deadline) && watchdog_deadline != 0) {
      g_print ("Bail out! %s hangs after %d seconds; events so far: %s\n",
               g_test_get_path (),
               FAULT_DEADLINE,
               watchdog_run != NULL ? watchdog_run->events->str : "");
      abort ();
    }
  }

  return NULL;
}

static void
set_watchdog (FaultRun *run)
{
  g_mutex_lock (&watchdog_mutex);
  watchdog_run = run;
  watchdog_deadline = run != NULL ? g_get_monotonic_time () + FAULT_DEADLINE * G_USEC_PER_SEC : 0;
  g_cond_signal (&watchdog_cond);
  g_mutex_unlock (&watchdog_mutex);
}

void
fault_problem (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  g_test_message ("WRONG: %s", message);
  g_test_fail ();
}

/* A folder's entries, to what read_entry() makes of each. */
static GHashTable *
list_folder (const char *folder, char *(*read_entry) (const char *path))
{
  GHashTable *entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    char *value = read_entry (path);

    /* What is gone by now: the descriptor that this list itself was read by, a thread that ended. */
    if (value != NULL)
      g_hash_table_insert (entries, g_strdup (name), value);
  }

  return entries;
}

static char *
read_descriptor (const char *path)
{
  char *target = g_file_read_link (path, NULL);

  if (target != NULL && g_str_has_prefix (target, "/proc/") && g_str_has_suffix (target, "/fd"))
    g_clear_pointer (&target, g_free);

  return target;
}

static char *
read_thread (const char *path)
{
  g_autofree char *file = g_build_filename (path, "comm", NULL);
  char *name = NULL;

  if (g_file_get_contents (file, &name, NULL, NULL))
    g_strchomp (name);

  return name;
}

static char *
read_file_name (const char *path)
{
  return g_path_get_basename (path);
}

/* GLib keeps workers of tasks and of the resolver, and one for its own context. */
static gboolean
is_lasting_thread (const char *name)
{
  return g_str_has_prefix (name, "pool-") || g_str_equal (name, "gmain") || g_str_equal (name, WATCHDOG);
}

/* What the new list holds beyond the old one. */
static void
append_left_over (GString *left, const char *what, GHashTable *before, GHashTable *after, gboolean (*ignore) (const char *))
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, after);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    if ((ignore == NULL || !ignore (value)) && g_strcmp0 (g_hash_table_lookup (before, key), value) != 0)
      g_string_append_printf (left, "%s %s (%s); ", what, (char *) key, (char *) value);
  }
}

/* Every source that is attached has an id, and ids are given in turn. */
static void
append_sources (GString *left, GMainContext *context)
{
  g_autoptr (GSource) last = g_idle_source_new ();
  guint last_id = g_source_attach (last, context);

  g_source_destroy (last);
  for (guint id = 1; id < last_id; id++) {
    GSource *source = g_main_context_find_source_by_id (context, id);

    if (source != NULL)
      g_string_append_printf (left,
                              "source %s; ",
                              g_source_get_name (source) != NULL ? g_source_get_name (source) : "without name");
  }
}

static char *
find_left_over (FaultRun *self)
{
  g_autoptr (GHashTable) descriptors = list_folder ("/proc/self/fd", read_descriptor);
  g_autoptr (GHashTable) threads = list_folder ("/proc/self/task", read_thread);
  g_autoptr (GHashTable) files = list_folder (self->folder, read_file_name);
  GString *left = g_string_new (NULL);

  append_left_over (left, "descriptor", self->descriptors, descriptors, NULL);
  append_left_over (left, "thread", self->threads, threads, is_lasting_thread);
  append_left_over (left, "file", self->allowed_files, files, NULL);
  append_sources (left, self->context);
  for (guint i = 0; i < self->objects->len; i++) {
    Watched *watched = g_ptr_array_index (self->objects, i);
    g_autoptr (GObject) object = g_weak_ref_get (&watched->object);

    if (object != NULL)
      g_string_append_printf (left, "%s, with %u references; ", watched->name, object->ref_count - 1);
  }

  return g_string_free (left, left->len == 0);
}

static gboolean
look_cb (gpointer user_data)
{
  gboolean *looked = user_data;

  *looked = TRUE;

  return G_SOURCE_REMOVE;
}

/* Lets the context run for a moment, at rest if it has nothing to do. */
static void
turn (GMainContext *context)
{
  g_autoptr (GSource) look = g_timeout_source_new (LOOK_MS);
  gboolean looked = FALSE;

  g_source_set_callback (look, look_cb, &looked, NULL);
  g_source_attach (look, context);
  while (!looked)
    g_main_context_iteration (context, TRUE);
}

/* Waits until nothing is left over, as long as that may take. */
static void
check_left_over (FaultRun *self)
{
  gint64 deadline = g_get_monotonic_time () + SETTLE_SECONDS * G_USEC_PER_SEC;
  g_autofree char *left = NULL;

  while (g_main_context_iteration (self->context, FALSE)) {
  }

  while ((left = find_left_over (self)) != NULL) {
    if (g_get_monotonic_time () >= deadline) {
      fault_problem ("left over: %s", left);
      return;
    }
    g_clear_pointer (&left, g_free);
    turn (self->context);
  }
}

static void
watched_free (gpointer data)
{
  Watched *watched = data;

  g_weak_ref_clear (&watched->object);
  g_free (watched);
}

static void
watch_object (FaultRun *self, const char *name, gpointer object)
{
  Watched *watched;

  if (object == NULL)
    return;

  watched = g_new0 (Watched, 1);
  watched->name = name;
  g_weak_ref_init (&watched->object, object);
  g_ptr_array_add (self->objects, watched);
}

static void
append_event (FaultRun *self, char event)
{
  if (self->closed)
    fault_problem ("event %c after closed (%s)", event, self->events->str);
  g_string_append_c (self->events, event);
}

static void
chunk_cb (GalileoUpload *upload, double ratio, FaultRun *self)
{
  append_event (self, '*');
  self->n_chunks++;
  if (ratio <= self->last_ratio || ratio > 1.0)
    fault_problem ("ratio %g after %g", ratio, self->last_ratio);
  if (galileo_upload_get_sent (upload) > galileo_upload_get_size (upload))
    fault_problem ("more sent than there is");
  self->last_ratio = ratio;
}

static void
error_signal_cb (GalileoUpload *upload, GalileoSignal *signal, FaultRun *self)
{
  append_event (self, '!');
  self->n_error_signals++;
}

static void
succeeded_cb (GalileoUpload *upload, FaultRun *self)
{
  append_event (self, '+');
}

static void
failed_cb (GalileoUpload *upload, GPtrArray *signals, FaultRun *self)
{
  append_event (self, '-');
  if (signals->len == 0)
    fault_problem ("failed without an error signal");
}

static void
closed_cb (GalileoUpload *upload, FaultRun *self)
{
  append_event (self, '.');
  self->closed = TRUE;
}

static void
state_cb (GalileoUpload *upload, GParamSpec *pspec, FaultRun *self)
{
  append_event (self, STATE_LETTERS[galileo_upload_get_state (upload)]);

  if (galileo_upload_get_state (upload) == GALILEO_UPLOAD_STATE_CLOSING) {
    watch_object (self, "connection", upload->connection);
    watch_object (self, "reader", upload->reader);
    watch_object (self, "cancellable", upload->cancellable);
  }
}

static guint
count_events (FaultRun *self, char event)
{
  guint n = 0;

  for (const char *at = self->events->str; (at = strchr (at, event)) != NULL; at++)
    n++;

  return n;
}

/* What holds for each end, whatever led to it. */
static void
check_end (FaultRun *self)
{
  GalileoUploadState state = galileo_upload_get_state (self->upload);
  const GError *error = galileo_upload_get_error (self->upload);
  GPtrArray *signals = galileo_upload_get_error_signals (self->upload);

  if (count_events (self, 'O') + count_events (self, 'F') + count_events (self, 'X') != 1 ||
      count_events (self, 'C') != 1 || count_events (self, '.') != 1 || !g_str_has_suffix (self->events->str, "."))
    fault_problem ("not one end: %s", self->events->str);
  if (count_events (self, '+') != (state == GALILEO_UPLOAD_STATE_SUCCEEDED) ||
      count_events (self, '-') != (state == GALILEO_UPLOAD_STATE_FAILED))
    fault_problem ("end told wrongly: %s", self->events->str);

  switch (state) {
  case GALILEO_UPLOAD_STATE_SUCCEEDED:
    if (error != NULL)
      fault_problem ("succeeded with the error “%s”", error->message);
    if (self->contents == NULL || self->received == NULL ||
        self->received->len != g_bytes_get_size (self->contents) ||
        (self->received->len > 0 &&
         memcmp (self->received->data, g_bytes_get_data (self->contents, NULL), self->received->len) != 0))
      fault_problem ("succeeded, but the peer does not hold the file: %u of %" G_GSIZE_FORMAT " bytes",
                     self->received != NULL ? self->received->len : 0,
                     self->contents != NULL ? g_bytes_get_size (self->contents) : 0);
    break;
  case GALILEO_UPLOAD_STATE_FAILED:
    if (error == NULL || error->domain != GALILEO_ERROR)
      fault_problem ("failed without an error of its own domain: %s", error != NULL ? error->message : "none");
    else if (!g_utf8_validate (error->message, -1, NULL) || *error->message == '\0' ||
             g_str_has_suffix (error->message, "."))
      fault_problem ("no sentence: “%s”", error->message);
    if (signals->len != MAX (self->n_error_signals, 1))
      fault_problem ("%u error signals came, %u are kept", self->n_error_signals, signals->len);
    else if (galileo_signal_is_true (g_ptr_array_index (signals, 0), "local") != (self->n_error_signals == 0))
      fault_problem ("the error signal of this side is missing, or one too many");
    break;
  case GALILEO_UPLOAD_STATE_CANCELLED:
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      fault_problem ("cancelled with another error: %s", error != NULL ? error->message : "none");
    break;
  case GALILEO_UPLOAD_STATE_NEW:
  case GALILEO_UPLOAD_STATE_CONNECTING:
  case GALILEO_UPLOAD_STATE_METADATA:
  case GALILEO_UPLOAD_STATE_SENDING:
  case GALILEO_UPLOAD_STATE_SENT:
  case GALILEO_UPLOAD_STATE_FINISHED:
  case GALILEO_UPLOAD_STATE_CLOSING:
  default:
    fault_problem ("closed in state %d", state);
  }
}

void
fault_run_expect (FaultRun *self, int code, const char *words)
{
  GalileoUploadState state = galileo_upload_get_state (self->upload);
  const GError *error = galileo_upload_get_error (self->upload);
  const char *message = error != NULL ? error->message : "no error";
  g_auto (GStrv) parts = g_strsplit (words != NULL ? words : "", "|", -1);

  g_test_message ("%s: %s", self->events->str, message);

  if (code == FAULT_SUCCESS) {
    if (state != GALILEO_UPLOAD_STATE_SUCCEEDED)
      fault_problem ("not succeeded: %s", message);
  } else if (code == FAULT_CANCELLED) {
    if (state != GALILEO_UPLOAD_STATE_CANCELLED)
      fault_problem ("not cancelled: %s", message);
  } else if (state != GALILEO_UPLOAD_STATE_FAILED) {
    fault_problem ("not failed: state %d", state);
  } else if (!g_error_matches (error, GALILEO_ERROR, code)) {
    fault_problem ("code %d instead of %d: %s", error->code, code, message);
  }

  for (guint i = 0; parts[i] != NULL; i++) {
    if (strstr (message, parts[i]) == NULL)
      fault_problem ("no word of “%s”: %s", parts[i], message);
  }
}

static void
owned_free (gpointer data)
{
  Owned *owned = data;

  owned->destroy (owned->thing);
  g_free (owned);
}

void
fault_run_own (FaultRun *self, gpointer thing, GDestroyNotify destroy)
{
  Owned *owned = g_new0 (Owned, 1);

  owned->thing = thing;
  owned->destroy = destroy;
  g_ptr_array_add (self->owned, owned);
}

void
fault_run_set_peer (FaultRun *self, GUri *address, GByteArray *received)
{
  g_assert_null (self->upload);

  g_clear_pointer (&self->address, g_uri_unref);
  self->address = g_uri_ref (address);
  g_clear_pointer (&self->received, g_byte_array_unref);
  if (received != NULL)
    self->received = g_byte_array_ref (received);
}

RawPeer *
fault_run_serve (FaultRun *self, const RawScript *script)
{
  self->peer = raw_peer_new (script);
  fault_run_own (self, self->peer, raw_peer_destroy);
  fault_run_set_peer (self, self->peer->address, self->peer->received);

  return self->peer;
}

void
fault_run_set_file (FaultRun *self, const char *path, GBytes *contents)
{
  g_assert_null (self->upload);

  g_free (self->path);
  self->path = g_strdup (path);
  g_clear_pointer (&self->contents, g_bytes_unref);
  if (contents != NULL)
    self->contents = g_bytes_ref (contents);
}

void
fault_run_allow_file (FaultRun *self, const char *name)
{
  g_hash_table_insert (self->allowed_files, g_strdup (name), g_strdup (name));
}

GalileoUpload *
fault_run_get_upload (FaultRun *self)
{
  if (self->upload == NULL) {
    g_autoptr (GFile) file = g_file_new_for_path (self->path);

    g_assert_nonnull (self->address);
    self->upload = galileo_upload_new (self->session, self->address, file);
    watch_object (self, "upload", self->upload);
  }

  return self->upload;
}

void
fault_run_start (FaultRun *self)
{
  GalileoUpload *upload = fault_run_get_upload (self);

  g_signal_connect (upload, "chunk", G_CALLBACK (chunk_cb), self);
  g_signal_connect (upload, "error-signal", G_CALLBACK (error_signal_cb), self);
  g_signal_connect (upload, "succeeded", G_CALLBACK (succeeded_cb), self);
  g_signal_connect (upload, "failed", G_CALLBACK (failed_cb), self);
  g_signal_connect (upload, "closed", G_CALLBACK (closed_cb), self);
  g_signal_connect (upload, "notify::state", G_CALLBACK (state_cb), self);
  galileo_upload_start (upload);
}

void
fault_run_go (FaultRun *self)
{
  if (galileo_upload_get_state (fault_run_get_upload (self)) == GALILEO_UPLOAD_STATE_NEW)
    fault_run_start (self);
  fault_run_until (self, self->closed);
}

static GBytes *
make_contents (gsize size)
{
  char *contents = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    contents[i] = (char) (i * 31 + i / 251);

  return g_bytes_new_take (contents, size);
}

static void
write_file (FaultRun *self)
{
  const struct timespec long_ago[] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
  g_autoptr (GError) error = NULL;

  g_file_set_contents (self->path,
                       g_bytes_get_data (self->contents, NULL),
                       (gssize) g_bytes_get_size (self->contents),
                       &error);
  g_assert_no_error (error);
  g_assert_cmpint (utimensat (AT_FDCWD, self->path, long_ago, 0), ==, 0);
}

FaultRun *
fault_run_new (gsize size)
{
  FaultRun *self = g_new0 (FaultRun, 1);
  g_autoptr (GError) error = NULL;

  self->events = g_string_new (NULL);
  set_watchdog (self);
  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->owned = g_ptr_array_new_with_free_func (owned_free);
  self->objects = g_ptr_array_new_with_free_func (watched_free);
  self->allowed_files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->descriptors = list_folder ("/proc/self/fd", read_descriptor);
  self->threads = list_folder ("/proc/self/task", read_thread);

  self->folder = g_dir_make_tmp ("galileo-fault-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "file.bin", NULL);
  self->contents = make_contents (size);
  write_file (self);
  fault_run_allow_file (self, "file.bin");

  self->session = soup_session_new ();
  watch_object (self, "session", self->session);

  return self;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GHashTable) files = list_folder (folder, read_file_name);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, &name, NULL)) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_remove (path);
  }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Drops everything, then looks whether it is gone. */
void
fault_run_free (FaultRun *self)
{
  if (self->upload != NULL) {
    while (g_main_context_iteration (self->context, FALSE)) {
    }
    check_end (self);
  }
  for (guint i = 0; self->peer != NULL && i < self->peer->complaints->len; i++)
    fault_problem ("the client sent %s", (char *) g_ptr_array_index (self->peer->complaints, i));

  soup_session_abort (self->session);
  g_clear_object (&self->upload);
  g_clear_object (&self->session);
  while (self->owned->len > 0)
    g_ptr_array_set_size (self->owned, (int) self->owned->len - 1);
  if (!warming_up)
    check_left_over (self);

  remove_folder (self->folder);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  set_watchdog (NULL);

  g_clear_pointer (&self->address, g_uri_unref);
  g_clear_pointer (&self->received, g_byte_array_unref);
  g_clear_pointer (&self->contents, g_bytes_unref);
  g_ptr_array_unref (self->owned);
  g_ptr_array_unref (self->objects);
  g_hash_table_unref (self->allowed_files);
  g_hash_table_unref (self->descriptors);
  g_hash_table_unref (self->threads);
  g_string_free (self->events, TRUE);
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

void
fault_add (const char *group, const char *name, gconstpointer row, GTestDataFunc function)
{
  g_autofree char *path = g_strdup_printf ("/faults/%s/%s", group, name);

  g_test_add_data_func (path, row, function);
}

static void
warm_up (void)
{
  static const RawScript script = {
    .on_metadata = "{\"ready\":true}",
    .on_last_chunk = "{\"ready\":true}",
    .on_finished = "{\"close\":true}",
  };
  FaultRun *run = fault_run_new (1);

  warming_up = TRUE;
  fault_run_serve (run, &script);
  fault_run_go (run);
  g_assert (galileo_upload_get_state (run->upload) == GALILEO_UPLOAD_STATE_SUCCEEDED);
  fault_run_free (run);
  warming_up = FALSE;
}

static void
log_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer test_handler)
{
  if (level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO))
    return;

  ((GLogFunc) test_handler) (domain, level, message, NULL);
}

void
fault_init (int *argc, char ***argv)
{
  GLogFunc test_handler;
  g_autoptr (GThread) watchdog = NULL;

  g_test_init (argc, argv, NULL);
  g_test_set_nonfatal_assertions ();

  /* GTest's own handler prints what libsoup says of each frame. */
  test_handler = g_log_set_default_handler (log_cb, NULL);
  g_log_set_default_handler (log_cb, (gpointer) test_handler);
  watchdog = g_thread_new (WATCHDOG, watchdog_thread, NULL);
  warm_up ();
}

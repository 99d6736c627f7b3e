/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-kit.h"

#include "galileo/galileo-upload-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STATE_LETTERS "ncmsSfCOFX"

typedef struct {
  gpointer thing;
  GDestroyNotify destroy;
} Owned;

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
  if (g_test_subprocess ())
    g_printerr ("WRONG: %s\n", message);
  g_test_fail ();
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

  /* It may start over. */
  if (galileo_upload_get_state (upload) == GALILEO_UPLOAD_STATE_CONNECTING)
    self->last_ratio = 0.0;
  if (galileo_upload_get_state (upload) == GALILEO_UPLOAD_STATE_CLOSING) {
    left_over_watch (self->left_over, "connection", upload->connection);
    left_over_watch (self->left_over, "reader", upload->reader);
    left_over_watch (self->left_over, "cancellable", upload->cancellable);
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

/* The hash that the client sent is that of the file. */
static void
check_hash (FaultRun *self)
{
  g_autoptr (GalileoSignal) finished = NULL;
  g_autofree char *checksum = NULL;
  const char *type, *value;
  GChecksumType checksum_type;

  if (self->peer == NULL || self->peer->finished == NULL)
    return;

  finished = galileo_signal_parse (self->peer->finished, strlen (self->peer->finished), NULL);
  if (finished == NULL || !galileo_signal_get_hash (finished, &type, &value)) {
    fault_problem ("finished without a hash: %s", self->peer->finished);
    return;
  }

  checksum_type = g_str_equal (type, "sha512") ? G_CHECKSUM_SHA512 :
                  g_str_equal (type, "sha256") ? G_CHECKSUM_SHA256 : G_CHECKSUM_SHA1;
  checksum = g_compute_checksum_for_bytes (checksum_type, self->contents);
  if (!g_str_equal (checksum, value))
    fault_problem ("the %s that was sent is that of another file", type);
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
    else
      check_hash (self);
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
fault_run_set_file (FaultRun *self, GFile *file, GBytes *contents)
{
  g_assert_null (self->upload);

  g_set_object (&self->file, file);
  g_clear_pointer (&self->contents, g_bytes_unref);
  if (contents != NULL)
    self->contents = g_bytes_ref (contents);
}

void
fault_run_allow_file (FaultRun *self, const char *name)
{
  left_over_allow_file (self->left_over, name);
}

GalileoUpload *
fault_run_get_upload (FaultRun *self)
{
  if (self->upload == NULL) {
    g_assert_nonnull (self->address);
    self->upload = galileo_upload_new (self->session, self->address, self->file);
    left_over_watch (self->left_over, "upload", self->upload);
    /* Before a case's own handlers, so that what those lead to comes later here too. */
    g_signal_connect (self->upload, "chunk", G_CALLBACK (chunk_cb), self);
    g_signal_connect (self->upload, "error-signal", G_CALLBACK (error_signal_cb), self);
    g_signal_connect (self->upload, "succeeded", G_CALLBACK (succeeded_cb), self);
    g_signal_connect (self->upload, "failed", G_CALLBACK (failed_cb), self);
    g_signal_connect (self->upload, "closed", G_CALLBACK (closed_cb), self);
    g_signal_connect (self->upload, "notify::state", G_CALLBACK (state_cb), self);
  }

  return self->upload;
}

void
fault_run_hurry (FaultRun *self)
{
  galileo_upload_set_timeout (fault_run_get_upload (self), FAULT_PATIENCE);
}

void
fault_run_hurry_for (FaultRun *self, int code, const char *words)
{
  if (code == GALILEO_ERROR_STALLED ||
      (code == GALILEO_ERROR_CONNECT && words != NULL && strstr (words, "no answer within") != NULL))
    fault_run_hurry (self);
}

void
fault_run_start (FaultRun *self)
{
  galileo_upload_start (fault_run_get_upload (self));
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
  self->folder = g_dir_make_tmp ("galileo-fault-XXXXXX", &error);
  g_assert_no_error (error);
  self->left_over = left_over_new (self->context, self->folder);
  self->path = g_build_filename (self->folder, "file.bin", NULL);
  self->file = g_file_new_for_path (self->path);
  self->contents = make_contents (size);
  write_file (self);
  fault_run_allow_file (self, "file.bin");

  self->session = soup_session_new ();
  left_over_watch (self->left_over, "session", self->session);

  return self;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert (dir != NULL);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_remove (path);
  }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Drops everything, then looks whether it is gone. */
void
fault_run_free (FaultRun *self)
{
  g_autofree char *left = NULL;

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
    left = left_over_wait (self->left_over);
  if (left != NULL)
    fault_problem ("left over: %s", left);

  left_over_free (self->left_over);
  remove_folder (self->folder);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  set_watchdog (NULL);

  g_clear_pointer (&self->address, g_uri_unref);
  g_clear_pointer (&self->received, g_byte_array_unref);
  g_clear_pointer (&self->contents, g_bytes_unref);
  g_clear_object (&self->file);
  g_ptr_array_unref (self->owned);
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

void
fault_add_full (const char *group, const char *name, gpointer row, GTestDataFunc function)
{
  g_autofree char *path = g_strdup_printf ("/faults/%s/%s", group, name);

  g_test_add_data_func_full (path, row, function, g_free);
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

  setlocale (LC_ALL, "");
  g_test_init (argc, argv, NULL);
  g_test_set_nonfatal_assertions ();

  /* GTest's own handler prints what libsoup says of each frame. */
  test_handler = g_log_set_default_handler (log_cb, NULL);
  g_log_set_default_handler (log_cb, (gpointer) test_handler);
  watchdog = g_thread_new (LEFT_OVER_WATCHDOG, watchdog_thread, NULL);
  warm_up ();
}

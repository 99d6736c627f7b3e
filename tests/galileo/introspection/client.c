/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program of somebody else, in the language that C and C++ have in common. Uploads FILE to ADDRESS under an engine's
 * rate limits, and says how it ended. */

#include <galileo/galileo.h>

#if !GALILEO_CHECK_VERSION(0, 1, 0) || \
    GALILEO_CHECK_VERSION(GALILEO_MAJOR_VERSION, GALILEO_MINOR_VERSION, GALILEO_MICRO_VERSION + 1)
#error "GALILEO_CHECK_VERSION does not compare"
#endif

typedef struct {
  GalileoEngine *engine;
  GUri *address;
  GFile *file;
  GAsyncQueue *answers;
} Job;

static void
closed_cb (GalileoUpload *upload, Job *job)
{
  const GError *error = galileo_upload_get_error (upload);
  GEnumClass *states = G_ENUM_CLASS (g_type_class_ref (GALILEO_TYPE_UPLOAD_STATE));
  const char *state = g_enum_get_value (states, galileo_upload_get_state (upload))->value_nick;

  g_async_queue_push (job->answers, error == NULL ? g_strdup (state) : g_strdup_printf ("%s: %s", state, error->message));
  g_type_class_unref (states);
}

static gboolean
start_cb (gpointer data)
{
  Job *job = (Job *) data;
  g_autoptr (GalileoUpload) upload =
      galileo_upload_new (galileo_engine_get_session (job->engine), job->address, job->file);

  galileo_upload_set_hash_type (upload, GALILEO_HASH_SHA256);
  galileo_upload_set_rate_group (upload, "a site");
  g_signal_connect (upload, "closed", G_CALLBACK (closed_cb), job);
  galileo_engine_start_upload (job->engine, upload);

  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GalileoEngine) engine = galileo_engine_new ();
  g_autoptr (GalileoSignal) ready = galileo_signal_new_ready (GALILEO_DEFAULT_CHUNK_SIZE);
  g_autoptr (GAsyncQueue) answers = g_async_queue_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) address = NULL;
  g_autoptr (GFile) file = NULL;
  g_autofree char *answer = NULL;
  Job job;

  g_assert_cmpint (argc, ==, 3);
  g_assert_cmpint (galileo_signal_get_kind (ready), ==, GALILEO_SIGNAL_READY);
  g_assert_null (galileo_address_parse ("ftp://example.org/", &error));
  g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_ADDRESS);

  address = galileo_address_parse (argv[1], NULL);
  file = g_file_new_for_path (argv[2]);
  g_assert_nonnull (address);
  job.engine = engine;
  job.address = address;
  job.file = file;
  job.answers = answers;
  galileo_engine_set_rate_limit (engine, 100 * 1000 * 1000);
  galileo_engine_set_group_rate_limit (engine, "a site", 50 * 1000 * 1000);
  galileo_engine_invoke (engine, start_cb, &job, NULL);

  answer = (char *) g_async_queue_pop (answers);
  g_print ("%s %s\n", GALILEO_VERSION_STRING, answer);

  return 0;
}

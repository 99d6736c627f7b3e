/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-error.h"
#include "galileo/galileo-stall.h"

static void
test_limit (void)
{
  g_assert_cmpuint (galileo_stall_get_limit (GALILEO_UPLOAD_STATE_CONNECTING, 0, 0), ==, 15);
  g_assert_cmpuint (galileo_stall_get_limit (GALILEO_UPLOAD_STATE_METADATA, 0, 0), ==, 30);
  g_assert_cmpuint (galileo_stall_get_limit (GALILEO_UPLOAD_STATE_SENDING, 0, 0), ==, 60);
  g_assert_cmpuint (galileo_stall_get_limit (GALILEO_UPLOAD_STATE_SENT, 0, 0), ==, 60);
  g_assert_cmpuint (galileo_stall_get_limit (GALILEO_UPLOAD_STATE_FINISHED, 0, 0), ==, 60);
  g_assert_cmpuint (galileo_stall_get_limit (GALILEO_UPLOAD_STATE_FINISHED, 2000000000, 0), ==, 160);
  g_assert_cmpuint (galileo_stall_get_limit (GALILEO_UPLOAD_STATE_FINISHED, G_MAXUINT64, 0), ==, 60u + G_MAXINT32);
  g_assert_cmpuint (galileo_stall_get_limit (GALILEO_UPLOAD_STATE_METADATA, 0, 7), ==, 7);
  g_assert_cmpuint (galileo_stall_get_limit (GALILEO_UPLOAD_STATE_FINISHED, 2000000000, 7), ==, 7);
}

/* While data is on its way, every acknowledged byte is progress; afterwards bytes are pings, and none. */
static void
test_progress (void)
{
  GalileoStall stall = { 0 };
  GalileoSocketCounts counts = { .acknowledged = 100, .unacknowledged = 50 };

  galileo_stall_mark (&stall, &counts, 40);

  galileo_stall_look (&stall, &counts, TRUE);
  g_assert_cmpint (stall.progress_time, >, 0);
  g_assert_cmpuint (galileo_stall_get_delivered (&stall, 40), ==, 0);

  stall.progress_time = 0;
  galileo_stall_look (&stall, &counts, TRUE);
  g_assert_cmpint (stall.progress_time, ==, 0);

  counts = (GalileoSocketCounts){ .acknowledged = 130, .unacknowledged = 20 };
  galileo_stall_look (&stall, &counts, TRUE);
  g_assert_cmpint (stall.progress_time, >, 0);
  g_assert_cmpuint (galileo_stall_get_delivered (&stall, 40), ==, 20);

  counts = (GalileoSocketCounts){ .acknowledged = 150 };
  galileo_stall_look (&stall, &counts, TRUE);
  g_assert_cmpuint (galileo_stall_get_delivered (&stall, 40), ==, 40);

  /* A ping. */
  stall.progress_time = 0;
  counts.acknowledged = 156;
  galileo_stall_look (&stall, &counts, TRUE);
  g_assert_cmpint (stall.progress_time, ==, 0);
  g_assert_cmpuint (galileo_stall_get_delivered (&stall, 40), ==, 40);

  /* The next chunk, not drained yet. */
  counts.acknowledged = 200;
  galileo_stall_look (&stall, &counts, FALSE);
  g_assert_cmpint (stall.progress_time, >, 0);
  g_assert_cmpuint (galileo_stall_get_delivered (&stall, 1000), ==, 90);
}

static void
test_over (void)
{
  GalileoStall stall = { 0 };

  galileo_stall_touch (&stall);
  g_assert_false (galileo_stall_is_over (&stall, 1));
  stall.progress_time -= 2 * G_USEC_PER_SEC;
  g_assert_true (galileo_stall_is_over (&stall, 1));
  g_assert_false (galileo_stall_is_over (&stall, 60));
}

/* Each state has words of its own. */
static void
test_words (void)
{
  static const GalileoUploadState states[] = {
    GALILEO_UPLOAD_STATE_METADATA,
    GALILEO_UPLOAD_STATE_SENDING,
    GALILEO_UPLOAD_STATE_SENT,
    GALILEO_UPLOAD_STATE_FINISHED,
  };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    g_autoptr (GError) error = galileo_stall_error_new (states[i], 60, 2, 2);

    g_assert_error (error, GALILEO_ERROR, GALILEO_ERROR_STALLED);
    g_assert_nonnull (strstr (error->message, "60 seconds"));
    g_assert_true (g_hash_table_add (seen, g_strdup (error->message)));
  }

  /* What was handed over and has not left is still being sent. */
  for (guint i = 2; i < G_N_ELEMENTS (states); i++) {
    g_autoptr (GError) error = galileo_stall_error_new (states[i], 60, 1, 2);

    g_assert_true (g_str_has_prefix (error->message, "Nothing moved for 60 seconds after 1 byte of 2"));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/stall/limit", test_limit);
  g_test_add_func ("/stall/progress", test_progress);
  g_test_add_func ("/stall/over", test_over);
  g_test_add_func ("/stall/words", test_words);

  return g_test_run ();
}

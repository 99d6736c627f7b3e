/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo/galileo-error.h"
#include "uploader/uploader-words.h"

#include <gtk/gtk.h>

#include <locale.h>

#define NBSP "\xc2\xa0"

/* The error of a row, from its code and message. Code 0 is GALILEO_ERROR_ADDRESS, so -1 stands for none. */
typedef struct {
  UploaderFacts facts;
  int code;
  const char *message;
  const char *words;
} Row;

static const Row rows[] = {
  { { .state = GALILEO_ITEM_WAITING, .size = 8200000 }, -1, NULL, "8.2" NBSP "MB · Waiting" },
  { { .state = GALILEO_ITEM_WAITING, .size = -1 }, -1, NULL, "Waiting" },
  { { .state = GALILEO_ITEM_WAITING, .size = 0 }, -1, NULL, "0 bytes · Waiting" },

  { { .state = GALILEO_ITEM_WAITING, .size = 1000, .wait = GALILEO_WAIT_NETWORK },
    -1, NULL, "1.0" NBSP "kB · Waiting for the network" },
  { { .state = GALILEO_ITEM_WAITING, .size = 1000, .wait = GALILEO_WAIT_METERED },
    -1, NULL, "1.0" NBSP "kB · Paused while the network is metered" },
  { { .state = GALILEO_ITEM_WAITING, .size = 1000, .wait = GALILEO_WAIT_NAME },
    -1, NULL, "1.0" NBSP "kB · Another file of this name is being uploaded. This one waits" },
  { { .state = GALILEO_ITEM_WAITING, .size = 1000, .wait = GALILEO_WAIT_SITE },
    -1, NULL, "1.0" NBSP "kB · Waiting until the site can be reached" },
  { { .state = GALILEO_ITEM_WAITING, .size = 1000, .wait = GALILEO_WAIT_SIGN_IN },
    -1, NULL, "1.0" NBSP "kB · Signing in…" },
  { { .state = GALILEO_ITEM_PAUSED, .size = -1 }, -1, NULL, "Paused" },
  { { .state = GALILEO_ITEM_PAUSED, .size = 2000 }, -1, NULL, "2.0" NBSP "kB · Paused" },
  { { .state = GALILEO_ITEM_PAUSED, .size = 2000, .acknowledged = 1000 },
    -1, NULL, "1.0" NBSP "kB of 2.0" NBSP "kB · Paused" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_SENDING, .size = 2000, .acknowledged = 1000,
      .speed = 1000, .wait = GALILEO_WAIT_PAUSED },
    -1, NULL, "1.0" NBSP "kB of 2.0" NBSP "kB · Paused" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_SENT, .size = 2000, .wait = GALILEO_WAIT_PAUSED },
    -1, NULL, "2.0" NBSP "kB · Waiting for the site to confirm…" },

  { { .state = GALILEO_ITEM_UPLOADING, .size = -1 }, -1, NULL, "Connecting…" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_CONNECTING, .size = 1000 },
    -1, NULL, "1.0" NBSP "kB · Connecting…" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_METADATA, .size = 1000 },
    -1, NULL, "1.0" NBSP "kB · Waiting for the site to accept it…" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_SENDING, .size = 2100000000,
      .acknowledged = 180000000, .speed = 4100000, .time_left = 180 },
    -1, NULL,
    "180.0" NBSP "MB of 2.1" NBSP "GB · 4.1" NBSP "MB/s · about 3 minutes left" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_SENDING, .size = 2000,
      .acknowledged = 1500, .offset = 1000, .time_left = -1 },
    -1, NULL, "1.5" NBSP "kB of 2.0" NBSP "kB · continued from 1.0" NBSP "kB" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_SENDING, .size = 2000,
      .acknowledged = 1500, .from_start = TRUE, .time_left = -1 },
    -1, NULL, "1.5" NBSP "kB of 2.0" NBSP "kB · again from the start (this site can't continue)" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_SENDING, .size = 2000,
      .acknowledged = 1000, .speed = 1000, .time_left = -1 },
    -1, NULL, "1.0" NBSP "kB of 2.0" NBSP "kB · 1.0" NBSP "kB/s" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_SENDING, .size = 2000,
      .acknowledged = 1000, .speed = 0, .time_left = -1 },
    -1, NULL, "1.0" NBSP "kB of 2.0" NBSP "kB" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_SENT, .size = 2000 },
    -1, NULL, "2.0" NBSP "kB · Waiting for the site to confirm…" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_FINISHED, .size = 2000 },
    -1, NULL, "2.0" NBSP "kB · Waiting for the site to confirm…" },
  { { .state = GALILEO_ITEM_UPLOADING, .phase = GALILEO_UPLOAD_STATE_CLOSING, .size = 2000 },
    -1, NULL, "2.0" NBSP "kB · Finishing…" },

  { { .state = GALILEO_ITEM_RETRYING, .size = 2000, .retry_in = 8 },
    GALILEO_ERROR_INTERRUPTED, "Connection lost",
    "2.0" NBSP "kB · Connection lost. Trying again in 8 seconds" },
  { { .state = GALILEO_ITEM_RETRYING, .size = 2000, .retry_in = 1 },
    -1, NULL, "2.0" NBSP "kB · Connection lost. Trying again in 1 second" },
  { { .state = GALILEO_ITEM_RETRYING, .size = 2000, .retry_in = 121 },
    GALILEO_ERROR_CONNECT, "Can't reach photos.example.org: connection refused",
    "2.0" NBSP "kB · Can't reach photos.example.org: connection refused. Trying again in 3 minutes" },
  { { .state = GALILEO_ITEM_RETRYING, .size = 2000, .retry_in = 0 },
    GALILEO_ERROR_STALLED, "The site stopped answering",
    "2.0" NBSP "kB · The site stopped answering. Trying again…" },

  { { .state = GALILEO_ITEM_FAILED, .size = 2000, .site_says = "Quota exceeded" },
    GALILEO_ERROR_REFUSED, "ignored", "2.0" NBSP "kB · The site refused it: “Quota exceeded”" },
  { { .state = GALILEO_ITEM_FAILED, .size = 2000 },
    GALILEO_ERROR_REFUSED, "ignored", "2.0" NBSP "kB · The site refused it" },
  { { .state = GALILEO_ITEM_FAILED, .size = 2000, .site_says = " <b>no</b> &\n\tmore \x1b[2J\xe2\x80\xae! " },
    GALILEO_ERROR_REFUSED, "ignored",
    "2.0" NBSP "kB · The site refused it: “<b>no</b> & more \xef\xbf\xbd[2J\xef\xbf\xbd!”" },
  { { .state = GALILEO_ITEM_FAILED, .size = 2000 },
    GALILEO_ERROR_UNCONFIRMED, "ignored",
    "2.0" NBSP "kB · Sent, but the site did not confirm it. It may or may not be there" },
  { { .state = GALILEO_ITEM_FAILED, .size = 2000 },
    GALILEO_ERROR_CHANGED, "The file changed while it was being uploaded",
    "2.0" NBSP "kB · The file changed while it was being uploaded" },
  { { .state = GALILEO_ITEM_FAILED, .size = -1 },
    GALILEO_ERROR_FILE, "The file is not there", "The file is not there" },
  { { .state = GALILEO_ITEM_FAILED, .size = -1 }, -1, NULL, "The upload ended without a reason" },

  { { .state = GALILEO_ITEM_DONE, .size = 2000 }, -1, NULL, "2.0" NBSP "kB · Uploaded" },
  { { .state = GALILEO_ITEM_DONE, .size = 2000, .hash_sent = TRUE },
    -1, NULL, "2.0" NBSP "kB · Uploaded · checksum sent" },
  { { .state = GALILEO_ITEM_DONE, .size = 2000, .hash_sent = TRUE, .verified = TRUE },
    -1, NULL, "2.0" NBSP "kB · Uploaded · checksum verified by the site" },
  { { .state = GALILEO_ITEM_DONE, .size = 2000, .hash_sent = TRUE, .n_warnings = 1 },
    -1, NULL, "2.0" NBSP "kB · Uploaded, with 1 warning" },
  { { .state = GALILEO_ITEM_DONE, .size = 2000, .finished = "14:02" },
    -1, NULL, "2.0" NBSP "kB · Uploaded 14:02" },
  { { .state = GALILEO_ITEM_DONE, .size = 2000, .hash_sent = TRUE, .verified = TRUE, .finished = "14:02" },
    -1, NULL, "2.0" NBSP "kB · Uploaded 14:02 · checksum verified by the site" },
  { { .state = GALILEO_ITEM_DONE, .size = 2000, .n_warnings = 3, .finished = "14:02" },
    -1, NULL, "2.0" NBSP "kB · Uploaded 14:02, with 3 warnings" },
  { { .state = GALILEO_ITEM_DONE, .size = 2000, .n_warnings = 2 },
    -1, NULL, "2.0" NBSP "kB · Uploaded, with 2 warnings" },

  { { .state = GALILEO_ITEM_CANCELLED, .size = 2000 }, -1, NULL, "2.0" NBSP "kB · Cancelled" },
};

static void
test_facts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *words = NULL;
    UploaderFacts facts = rows[i].facts;

    if (rows[i].code >= 0)
      error = g_error_new_literal (GALILEO_ERROR, rows[i].code, rows[i].message);
    facts.error = error;

    g_test_message ("row %u", i);
    words = uploader_words_for_facts (&facts);
    g_assert_cmpstr (words, ==, rows[i].words);
  }
}

/* Whatever the state, phase and error: there are words, none of them empty, none of the forbidden ones. */
static void
test_complete (void)
{
  for (int state = 0; state < GALILEO_ITEM_N_STATES; state++)
    for (int phase = 0; phase <= GALILEO_UPLOAD_STATE_CANCELLED; phase++)
      for (int code = -1; code <= GALILEO_ERROR_STALLED; code++) {
        g_autoptr (GError) error = NULL;
        g_autofree char *words = NULL;
        UploaderFacts facts = { 0, };

        if (code >= 0)
          error = g_error_new_literal (GALILEO_ERROR, code, "A sentence");
        facts.state = (GalileoItemState) state;
        facts.phase = (GalileoUploadState) phase;
        facts.size = -1;
        facts.error = error;

        words = uploader_words_for_facts (&facts);
        g_assert_cmpuint (strlen (words), >, 3);
        g_assert_true (g_utf8_validate (words, -1, NULL));
        g_assert_null (strstr (words, "Unknown"));
        g_assert_null (strstr (words, "Error"));
      }
}

static void
test_time_left (void)
{
  static const struct {
    gint64 seconds;
    const char *words;
  } times[] = {
    { -1, NULL },
    { 0, "1 second left" },
    { 1, "1 second left" },
    { 2, "2 seconds left" },
    { 9, "9 seconds left" },
    { 10, "about 10 seconds left" },
    { 11, "about 15 seconds left" },
    { 55, "about 55 seconds left" },
    { 56, "about 1 minute left" },
    { 60, "about 1 minute left" },
    { 61, "about 2 minutes left" },
    { 7199, "about 120 minutes left" },
    { 7200, "about 2 hours left" },
    { 2 * 86400 - 1, "about 48 hours left" },
    { 2 * 86400, "about 2 days left" },
    { 100 * 86400, "months left" },
    { G_MAXINT64, "months left" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    g_autofree char *words = uploader_words_for_time_left (times[i].seconds);

    g_assert_cmpstr (words, ==, times[i].words);
  }
}

static void
test_overall (void)
{
  g_autofree char *words = uploader_words_for_overall (38, 112, 1200000000, 3400000000);
  g_autofree char *pace = uploader_words_for_pace (11400000, 170);
  g_autofree char *huge = uploader_words_for_pace (1e300, G_MAXINT64);

  g_assert_cmpstr (words, ==, "38 of 112 · 1.2" NBSP "GB of 3.4" NBSP "GB");
  g_assert_cmpstr (pace, ==, "11.4" NBSP "MB/s · about 3 minutes left");
  g_assert_nonnull (huge);
  g_assert_null (uploader_words_for_pace (0, 10));
  g_assert_null (uploader_words_for_pace (0.0 / 0.0, 10));

  g_assert_cmpfloat (uploader_words_fraction (0.5), ==, 0.5);
  g_assert_cmpfloat (uploader_words_fraction (1.0), <, 1.0);
  g_assert_cmpfloat (uploader_words_fraction (-1.0), ==, 0.0);
}

static void
test_clean (void)
{
  static const struct {
    const char *text;
    const char *clean;
  } texts[] = {
    { "", "" },
    { "  \n ", "" },
    { "plain.txt", "plain.txt" },
    { "two\nlines", "two lines" },
    { "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "co\xe2\x80\xaegp.exe", "co\xef\xbf\xbdgp.exe" },
    { "صورة.png", "صورة.png" },
    { "0123456789", "0123456789" },
    { "0123456789x", "0123456789…" },
    { "写真写真写真写真写真写真", "写真写真写真写真写真…" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree char *clean = uploader_words_clean (texts[i].text, 10);

    g_assert_cmpstr (clean, ==, texts[i].clean);
  }
}

static void
test_retry (void)
{
  g_autoptr (GError) changed = g_error_new_literal (GALILEO_ERROR, GALILEO_ERROR_CHANGED, "changed");

  g_assert_cmpstr (uploader_words_for_retry (GALILEO_ITEM_FAILED, NULL), ==, "Retry");
  g_assert_cmpstr (uploader_words_for_retry (GALILEO_ITEM_FAILED, changed), ==, "Upload Again");
  g_assert_cmpstr (uploader_words_for_retry (GALILEO_ITEM_RETRYING, NULL), ==, "Try Now");
  g_assert_cmpstr (uploader_words_for_retry (GALILEO_ITEM_CANCELLED, NULL), ==, "Upload Again");
}

/* A name that is written the other way does not turn the sentence round that it is in. */
static void
test_isolate (void)
{
  static const struct {
    const char *text;
    const char *left_to_right;
  } cases[] = {
    { "plain.jpg", "plain.jpg" },
    { "Ünïcödé 日本.jpg", "Ünïcödé 日本.jpg" },
    { "שלום.jpg", "\u2068שלום.jpg\u2069" },
    { "a مرحبا", "\u2068a مرحبا\u2069" },
    { "\u202Egpj.exe", "\uFFFDgpj.exe" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *isolated = uploader_words_isolate (cases[i].text, 100);

    g_assert_cmpstr (isolated, ==, cases[i].left_to_right);
  }

  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  {
    g_autofree char *isolated = uploader_words_isolate ("plain.jpg", 5);

    g_assert_cmpstr (isolated, ==, "\u2068plain…\u2069");
  }
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/window/words/facts", test_facts);
  g_test_add_func ("/window/words/complete", test_complete);
  g_test_add_func ("/window/words/time-left", test_time_left);
  g_test_add_func ("/window/words/overall", test_overall);
  g_test_add_func ("/window/words/clean", test_clean);
  g_test_add_func ("/window/words/retry", test_retry);

  g_test_add_func ("/window/words/isolate", test_isolate);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-words.h"

#include "galileo/galileo-error.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>

/* A row shows so much of what a server wrote; the details show the rest. */
#define SITE_SAYS_MAX_CHARACTERS 200

#define PLACE_MAX_CHARACTERS 100

#define FIRST_STRONG_ISOLATE "\xE2\x81\xA8"
#define POP_ISOLATE "\xE2\x81\xA9"

static gboolean
is_bidi_control (gunichar c)
{
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

/*
 * Makes foreign text fit for a line of a label: what would break the line, turn it round or hide in it
 * shows as a replacement character, spaces run together, and the rest of a long one is cut off.
 */
char *
uploader_words_clean (const char *text, size_t max_characters)
{
  g_autoptr (GString) clean = g_string_new (NULL);
  g_autofree char *valid = NULL;
  gboolean space = FALSE;
  size_t length = 0;

  g_return_val_if_fail (text != NULL, NULL);

  valid = g_utf8_make_valid (text, -1);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);

    if (g_unichar_isspace (c)) {
      space = clean->len > 0;
      continue;
    }

    if (length >= max_characters) {
      g_string_append (clean, "…");
      break;
    }

    if (space)
      g_string_append_c (clean, ' ');
    space = FALSE;
    g_string_append_unichar (clean, g_unichar_iscntrl (c) || is_bidi_control (c) ? 0xFFFD : c);
    length++;
  }

  return g_string_free (g_steal_pointer (&clean), FALSE);
}

static gboolean
is_right_to_left (gunichar c)
{
  return (c >= 0x0590 && c <= 0x08FF) || (c >= 0xFB1D && c <= 0xFDFF) || (c >= 0xFE70 && c <= 0xFEFF) ||
         (c >= 0x10800 && c <= 0x10FFF) || (c >= 0x1E800 && c <= 0x1EFFF);
}

/* The same for a part of a sentence, whose order it leaves alone though it may be written the other way. */
char *
uploader_words_isolate (const char *text, size_t max_characters)
{
  g_autofree char *clean = uploader_words_clean (text, max_characters);
  gboolean other = gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL;

  for (const char *at = clean; *at != '\0' && !other; at = g_utf8_next_char (at))
    other = is_right_to_left (g_utf8_get_char (at));

  return other ? g_strdup_printf (FIRST_STRONG_ISOLATE "%s" POP_ISOLATE, clean) : g_steal_pointer (&clean);
}

/* A bar is never full before the site has confirmed. */
double
uploader_words_fraction (double fraction)
{
  return CLAMP (fraction, 0.0, 0.99);
}

char *
uploader_words_for_time_left (gint64 seconds)
{
  guint n;

  if (seconds < 0)
    return NULL;

  if (seconds < 10) {
    n = MAX (seconds, 1);
    return g_strdup_printf (ngettext ("%u second left", "%u seconds left", n), n);
  }

  if (seconds <= 55) {
    n = (seconds + 4) / 5 * 5;
    return g_strdup_printf (ngettext ("about %u second left", "about %u seconds left", n), n);
  }

  if (seconds < 2 * 60 * 60) {
    n = (seconds + 59) / 60;
    return g_strdup_printf (ngettext ("about %u minute left", "about %u minutes left", n), n);
  }

  if (seconds < 2 * 24 * 60 * 60) {
    n = (seconds + 30 * 60) / (60 * 60);
    return g_strdup_printf (ngettext ("about %u hour left", "about %u hours left", n), n);
  }

  if (seconds < 100 * 24 * 60 * 60) {
    n = (seconds + 12 * 60 * 60) / (24 * 60 * 60);
    return g_strdup_printf (ngettext ("about %u day left", "about %u days left", n), n);
  }

  return g_strdup (_("months left"));
}

/* Returns: what can be said of speed and time left, or NULL */
char *
uploader_words_for_pace (double speed, gint64 time_left)
{
  g_autofree char *left = NULL;
  g_autofree char *size = NULL;

  if (!(speed >= 1.0))
    return NULL;

  size = g_format_size ((guint64) MIN (speed, 1e15));
  left = uploader_words_for_time_left (time_left);

  /* Translators: a speed, for example "4.1 MB/s" */
  if (left == NULL)
    return g_strdup_printf (_("%s/s"), size);

  /* Translators: a speed and a time, for example "4.1 MB/s · about 3 minutes left" */
  return g_strdup_printf (_("%s/s · %s"), size, left);
}

char *
uploader_words_for_overall (guint n_done, guint n_files, guint64 acknowledged, guint64 size)
{
  g_autofree char *have = g_format_size (acknowledged);
  g_autofree char *all = g_format_size (size);

  /* Translators: files and bytes, for example "38 of 112 · 1.2 GB of 3.4 GB" */
  return g_strdup_printf (_("%u of %u · %s of %s"), n_done, n_files, have, all);
}

static char *
words_for_progress (const UploaderFacts *facts)
{
  g_autofree char *have = g_format_size (facts->acknowledged);
  g_autofree char *all = g_format_size (MAX (facts->size, 0));
  g_autofree char *pace = uploader_words_for_pace (facts->speed, facts->time_left);
  g_autofree char *progress = NULL;

  /* Translators: for example "180 MB of 2.1 GB" */
  if (pace == NULL)
    progress = g_strdup_printf (_("%s of %s"), have, all);
  else
    /* Translators: for example "180 MB of 2.1 GB · 4.1 MB/s · about 3 minutes left" */
    progress = g_strdup_printf (_("%s of %s · %s"), have, all, pace);

  if (facts->offset > 0) {
    g_autofree char *offset = g_format_size (facts->offset);

    /* Translators: progress as above, for example "200 MB of 2.1 GB · 4.1 MB/s · continued from 180 MB" */
    return g_strdup_printf (_("%s · continued from %s"), progress, offset);
  }
  if (facts->from_start)
    /* Translators: progress as above */
    return g_strdup_printf (_("%s · again from the start (this site can't continue)"), progress);

  return g_steal_pointer (&progress);
}

/* A sentence without its full stop, as the errors of the libraries are. */
static char *
words_for_error (const UploaderFacts *facts)
{
  const GError *error = facts->error;

  if (g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_REFUSED)) {
    g_autofree char *says = NULL;

    if (facts->site_says == NULL)
      return g_strdup (_("The site refused it"));

    says = uploader_words_isolate (facts->site_says, SITE_SAYS_MAX_CHARACTERS);
    /* Translators: the server's own words in quotation marks */
    return g_strdup_printf (_("The site refused it: “%s”"), says);
  }

  if (g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_UNCONFIRMED))
    return g_strdup (_("Sent, but the site did not confirm it. It may or may not be there"));

  if (error != NULL && error->message != NULL && *error->message != '\0')
    return uploader_words_clean (error->message, SITE_SAYS_MAX_CHARACTERS);

  return g_strdup (_("The upload ended without a reason"));
}

static char *
words_for_retrying (const UploaderFacts *facts)
{
  g_autofree char *cause = NULL;
  guint seconds;

  if (facts->error == NULL)
    cause = g_strdup (_("Connection lost"));
  else
    cause = words_for_error (facts);

  /* Translators: why an upload was interrupted */
  if (facts->retry_in < 1)
    return g_strdup_printf (_("%s. Trying again…"), cause);

  seconds = (guint) MIN (facts->retry_in, 24 * 60 * 60);
  if (seconds < 120)
    /* Translators: why an upload was interrupted, and the seconds until it is tried again */
    return g_strdup_printf (ngettext ("%s. Trying again in %u second",
                                      "%s. Trying again in %u seconds", seconds),
                            cause, seconds);

  seconds = (seconds + 59) / 60;
  return g_strdup_printf (ngettext ("%s. Trying again in %u minute",
                                    "%s. Trying again in %u minutes", seconds),
                          cause, seconds);
}

static char *
words_for_done (const UploaderFacts *facts)
{
  g_autofree char *uploaded = NULL;

  if (facts->finished != NULL)
    /* Translators: a time, for example "Uploaded 14:02" */
    uploaded = g_strdup_printf (_("Uploaded %s"), facts->finished);
  else
    uploaded = g_strdup (_("Uploaded"));

  if (facts->n_warnings > 0)
    /* Translators: %s is "Uploaded 14:02" */
    return g_strdup_printf (ngettext ("%s, with %u warning",
                                      "%s, with %u warnings", facts->n_warnings),
                            uploaded, facts->n_warnings);

  /* Translators: %s is "Uploaded 14:02" */
  if (facts->verified)
    return g_strdup_printf (_("%s · checksum verified by the site"), uploaded);
  if (facts->hash_sent)
    return g_strdup_printf (_("%s · checksum sent"), uploaded);

  return g_steal_pointer (&uploaded);
}

static char *
words_for_phase (const UploaderFacts *facts)
{
  switch (facts->phase) {
  case GALILEO_UPLOAD_STATE_METADATA:
    return g_strdup (_("Waiting for the site to accept it…"));

  case GALILEO_UPLOAD_STATE_SENDING:
    return words_for_progress (facts);

  case GALILEO_UPLOAD_STATE_SENT:
  case GALILEO_UPLOAD_STATE_FINISHED:
    return g_strdup (_("Waiting for the site to confirm…"));

  case GALILEO_UPLOAD_STATE_CLOSING:
  case GALILEO_UPLOAD_STATE_SUCCEEDED:
  case GALILEO_UPLOAD_STATE_FAILED:
  case GALILEO_UPLOAD_STATE_CANCELLED:
    return g_strdup (_("Finishing…"));

  case GALILEO_UPLOAD_STATE_NEW:
  case GALILEO_UPLOAD_STATE_CONNECTING:
  default:
    return g_strdup (_("Connecting…"));
  }
}

/* What keeps something from starting, or from moving. */
const char *
uploader_words_for_wait (GalileoWait wait)
{
  switch (wait) {
  case GALILEO_WAIT_PAUSED:
    return _("Paused");
  case GALILEO_WAIT_METERED:
    return _("Paused while the network is metered");
  case GALILEO_WAIT_NETWORK:
    return _("Waiting for the network");
  case GALILEO_WAIT_SITE:
    return _("Waiting until the site can be reached");
  case GALILEO_WAIT_SIGN_IN:
    return _("Signing in…");
  case GALILEO_WAIT_NAME:
    return _("Another file of this name is being uploaded. This one waits");
  case GALILEO_WAIT_TURN:
  default:
    return _("Waiting");
  }
}

/* reason: why it rests */
static char *
words_for_paused (const UploaderFacts *facts, const char *reason)
{
  g_autofree char *have = g_format_size (facts->acknowledged);
  g_autofree char *all = g_format_size (MAX (facts->size, 0));

  if (facts->size < 0)
    return g_strdup (reason);
  if (facts->acknowledged == 0)
    /* Translators: the size of a file and how its upload goes, for example "8.2 MB · Waiting" */
    return g_strdup_printf (_("%s · %s"), all, reason);

  /* Translators: for example "180 MB of 2.1 GB · Paused" */
  return g_strdup_printf (_("%s of %s · %s"), have, all, reason);
}

/* The line under an item's name: plain text, never markup. */
char *
uploader_words_for_facts (const UploaderFacts *facts)
{
  g_autofree char *words = NULL;
  g_autofree char *size = NULL;

  g_return_val_if_fail (facts != NULL, NULL);

  switch (facts->state) {
  case GALILEO_ITEM_UPLOADING:
    if (facts->phase <= GALILEO_UPLOAD_STATE_SENDING &&
        (facts->wait == GALILEO_WAIT_PAUSED || facts->wait == GALILEO_WAIT_METERED))
      return words_for_paused (facts, uploader_words_for_wait (facts->wait));
    if (facts->phase == GALILEO_UPLOAD_STATE_SENDING)
      return words_for_progress (facts);
    words = words_for_phase (facts);
    break;

  case GALILEO_ITEM_PAUSED:
    return words_for_paused (facts, _("Paused"));

  case GALILEO_ITEM_RETRYING:
    words = words_for_retrying (facts);
    break;

  case GALILEO_ITEM_FAILED:
    words = words_for_error (facts);
    break;

  case GALILEO_ITEM_DONE:
    words = words_for_done (facts);
    break;

  case GALILEO_ITEM_CANCELLED:
    words = g_strdup (_("Cancelled"));
    break;

  case GALILEO_ITEM_WAITING:
  default:
    words = g_strdup (uploader_words_for_wait (facts->wait));
    break;
  }

  if (facts->size < 0)
    return g_steal_pointer (&words);

  size = g_format_size (facts->size);
  /* Translators: the size of a file and how its upload goes, for example "8.2 MB · Waiting" */
  return g_strdup_printf (_("%s · %s"), size, words);
}

/* Returns: what the server wrote into its last error signal, or NULL if that said nothing */
char *
uploader_words_for_site (GalileoItem *item)
{
  GPtrArray *signals;

  g_return_val_if_fail (GALILEO_IS_ITEM (item), NULL);

  signals = galileo_item_get_error_signals (item);
  for (guint i = signals != NULL ? signals->len : 0; i > 0; i--) {
    const GalileoSignal *signal = g_ptr_array_index (signals, i - 1);
    g_autofree char *message = NULL;

    if (galileo_signal_is_true (signal, "local"))
      continue;

    /* {"error":true} and {"error":1} say that there was one, not what it was */
    message = galileo_signal_dup_message (signal);
    if (*message == '\0' || g_str_equal (message, "true") || g_str_equal (message, "1"))
      return NULL;
    return g_steal_pointer (&message);
  }

  return NULL;
}

/* Signals made here tell of attempts that failed, not of anything that the site found wrong. */
static guint
count_warnings (GalileoItem *item)
{
  GPtrArray *signals = galileo_item_get_error_signals (item);
  guint n = 0;

  for (guint i = 0; signals != NULL && i < signals->len; i++)
    if (!galileo_signal_is_true (g_ptr_array_index (signals, i), "local"))
      n++;

  return n;
}

/* utc: or NULL. Returns: the time of day, and the date unless it is today's; or NULL */
char *
uploader_words_for_time (GDateTime *utc)
{
  g_autoptr (GDateTime) time = NULL;
  g_autoptr (GDateTime) now = NULL;
  gboolean today;

  if (utc == NULL)
    return NULL;

  time = g_date_time_to_local (utc);
  now = g_date_time_new_now_local ();
  today = g_date_time_get_day_of_year (time) == g_date_time_get_day_of_year (now) &&
          g_date_time_get_year (time) == g_date_time_get_year (now);

  /* Translators: the time of day, and a date with it; see g_date_time_format() */
  return g_date_time_format (time, today ? _("%H:%M") : _("%x %H:%M"));
}

static char *
words_for_hearing (UploaderFacts *facts)
{
  g_autofree char *size = NULL;
  int tenths;

  if (facts->state != GALILEO_ITEM_UPLOADING || facts->phase != GALILEO_UPLOAD_STATE_SENDING ||
      facts->wait == GALILEO_WAIT_PAUSED || facts->wait == GALILEO_WAIT_METERED || facts->size <= 0)
    return uploader_words_for_facts (facts);

  size = g_format_size ((guint64) facts->size);
  tenths = (int) (uploader_words_fraction ((double) facts->acknowledged / (double) facts->size) * 10);
  /* Translators: the size of a file, and how much of it is uploaded in percent, for example "8.2 MB, 40 % uploaded" */
  return g_strdup_printf (_("%s, %d %% uploaded"), size, tenths * 10);
}

/* heard: as somebody wants it who is told of each change. */
static char *
words_for_item (GalileoQueue *queue, GalileoItem *item, gboolean heard)
{
  g_autofree char *site_says = NULL;
  g_autofree char *finished = NULL;
  UploaderFacts facts = { 0, };
  gint64 retry_time;

  site_says = uploader_words_for_site (item);
  finished = uploader_words_for_time (galileo_item_get_finish_time (item));
  retry_time = galileo_item_get_retry_time (item);

  facts.state = galileo_item_get_state (item);
  facts.wait = queue != NULL ? galileo_queue_get_wait (queue, item) : GALILEO_WAIT_TURN;
  facts.phase = galileo_item_get_phase (item);
  facts.size = galileo_item_get_size (item);
  facts.acknowledged = galileo_item_get_acknowledged (item);
  facts.speed = galileo_item_get_speed (item);
  facts.time_left = galileo_item_get_time_left (item);
  facts.error = galileo_item_get_error (item);
  facts.site_says = site_says;
  facts.finished = finished;
  facts.hash_sent = galileo_item_get_hash (item) != NULL;
  facts.offset = galileo_item_get_offset (item);
  facts.from_start = galileo_item_get_attempt (item) > 1 && !galileo_item_get_resumable (item);
  facts.verified = galileo_item_get_verified (item);
  facts.n_warnings = count_warnings (item);
  if (heard)
    return words_for_hearing (&facts);
  if (retry_time > 0)
    facts.retry_in = (retry_time - g_get_monotonic_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

  return uploader_words_for_facts (&facts);
}

/* The line under an item's name. queue: that it is in; or NULL. */
char *
uploader_words_for_item (GalileoQueue *queue, GalileoItem *item)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (item), NULL);

  return words_for_item (queue, item, FALSE);
}

/* The same for a screen reader, which reads it out whenever it changes: progress goes by steps, and nothing counts down. */
char *
uploader_words_for_hearing (GalileoQueue *queue, GalileoItem *item)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (item), NULL);

  return words_for_item (queue, item, TRUE);
}

/* The folder that an item goes to at its site, or else the one that its file is in. */
char *
uploader_words_for_place (GalileoItem *item)
{
  g_autoptr (GFile) folder = NULL;
  g_autofree char *name = NULL;
  const char *path;

  g_return_val_if_fail (GALILEO_IS_ITEM (item), NULL);

  path = galileo_item_get_path (item);
  if (path != NULL && *path != '\0')
    return uploader_words_clean (path, PLACE_MAX_CHARACTERS);

  folder = g_file_get_parent (galileo_item_get_file (item));
  name = folder != NULL ? g_file_get_basename (folder) : NULL;
  if (name == NULL || g_str_equal (name, G_DIR_SEPARATOR_S))
    return g_strdup ("");
  return uploader_words_clean (name, PLACE_MAX_CHARACTERS);
}

/* Whether it failed because its file can't be read where it was. */
gboolean
uploader_words_is_file_gone (GalileoItem *item)
{
  g_return_val_if_fail (GALILEO_IS_ITEM (item), FALSE);

  return galileo_item_get_state (item) == GALILEO_ITEM_FAILED && galileo_item_get_attempt (item) > 0 &&
         g_error_matches (galileo_item_get_error (item), GALILEO_ERROR, GALILEO_ERROR_FILE);
}

/* What the button that tries again is called. */
const char *
uploader_words_for_retry (GalileoItemState state, const GError *error)
{
  if (state == GALILEO_ITEM_RETRYING)
    return _("Try Now");
  if (state == GALILEO_ITEM_CANCELLED ||
      (error != NULL && galileo_error_is_changed_file (error)))
    return _("Upload Again");
  return _("Retry");
}

/* Whether it failed for what may be a mistake in the site's address. */
gboolean
uploader_words_is_address_wrong (GalileoItem *item)
{
  const GError *error;

  g_return_val_if_fail (GALILEO_IS_ITEM (item), FALSE);

  error = galileo_item_get_error (item);

  return g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_ADDRESS) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_CONNECT) ||
         g_error_matches (error, GALILEO_ERROR, GALILEO_ERROR_HANDSHAKE);
}

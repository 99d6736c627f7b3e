/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-notifier.h"

#include "uploader-words.h"

#include <glib/gi18n.h>

#define NAME_MAX_CHARACTERS 60

struct _UploaderNotifier {
  GObject parent_instance;

  /* owned */
  GalileoQueue *queue;
  GHashTable *finished; /* of GalileoItem: since the queue was last idle */
};

enum {
  SIGNAL_NOTIFY_BATCH,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (UploaderNotifier, uploader_notifier, G_TYPE_OBJECT)

char *
uploader_notifier_title_of_batch (const UploaderBatch *batch)
{
  if (batch->n_failed == 0)
    return g_strdup (ngettext ("File Uploaded", "Files Uploaded", batch->n_done));
  if (batch->n_done == 0)
    return g_strdup (ngettext ("File Not Uploaded", "Files Not Uploaded", batch->n_failed));

  return g_strdup (_("Some Files Not Uploaded"));
}

static char *
words_for_file (const UploaderBatch *batch)
{
  if (batch->n_done > 0)
    /* Translators: a file's name, and a site's */
    return g_strdup_printf (_("“%s” was uploaded to %s"), batch->name, batch->site);

  /* Translators: a file's name, and a site's */
  return g_strdup_printf (_("“%s” was not uploaded to %s"), batch->name, batch->site);
}

char *
uploader_notifier_body_of_batch (const UploaderBatch *batch)
{
  guint n = batch->n_done + batch->n_failed;

  if (batch->name != NULL)
    return words_for_file (batch);

  if (batch->n_failed > 0)
    /* Translators: how many files were uploaded, how many there were, and how many failed */
    return g_strdup_printf (ngettext ("%u of %u file uploaded, %u failed", "%u of %u files uploaded, %u failed", n),
                            batch->n_done, n, batch->n_failed);
  if (batch->site == NULL)
    return g_strdup_printf (ngettext ("%u file uploaded", "%u files uploaded", n), n);

  /* Translators: how many files, and a site's name */
  return g_strdup_printf (ngettext ("%u file uploaded to %s", "%u files uploaded to %s", n), n, batch->site);
}

static GNotification *
make_notification (const UploaderBatch *batch)
{
  g_autofree char *title = uploader_notifier_title_of_batch (batch);
  g_autofree char *body = uploader_notifier_body_of_batch (batch);
  GNotification *notification = g_notification_new (title);

  /* A click on it activates the program, which shows its window. */
  g_notification_set_body (notification, body);
  if (batch->n_failed > 0) {
    g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
    g_notification_add_button (notification, _("Retry Failed"), "app.retry-failed");
  }
  if (batch->url != NULL)
    g_notification_add_button_with_target (notification, _("Copy Link"), "app.copy-link", "s", batch->url);

  return notification;
}

/* The queue's figures have what is paused among them: that neither succeeded nor failed. */
static void
idle_cb (UploaderNotifier *self)
{
  g_autofree char *name = NULL;
  g_autofree char *site_name = NULL;
  GalileoSite *site = NULL;
  gboolean one_site = TRUE;
  UploaderBatch batch = { 0 };
  GalileoItem *only = NULL;
  GHashTableIter iter;
  GalileoItem *item;

  g_hash_table_iter_init (&iter, self->finished);
  while (g_hash_table_iter_next (&iter, (gpointer *) &item, NULL)) {
    GalileoItemState state = galileo_item_get_state (item);

    if (state != GALILEO_ITEM_DONE && state != GALILEO_ITEM_FAILED)
      continue;

    batch.n_done += state == GALILEO_ITEM_DONE;
    batch.n_failed += state == GALILEO_ITEM_FAILED;
    only = item;
    one_site &= site == NULL || site == galileo_item_get_site (item);
    site = galileo_item_get_site (item);
  }

  if (only != NULL) {
    g_autoptr (GNotification) notification = NULL;

    if (batch.n_done + batch.n_failed == 1) {
      name = uploader_words_isolate (galileo_item_get_name (only), NAME_MAX_CHARACTERS);
      batch.name = name;
      batch.url = batch.n_done == 1 ? galileo_item_get_url (only) : NULL;
    }
    if (one_site) {
      site_name = uploader_words_isolate (galileo_site_get_name (site), NAME_MAX_CHARACTERS);
      batch.site = site_name;
    }
    notification = make_notification (&batch);
    g_signal_emit (self, signals[SIGNAL_NOTIFY_BATCH], 0, notification);
  }

  g_hash_table_remove_all (self->finished);
}

static void
finished_cb (UploaderNotifier *self, GalileoItem *item)
{
  g_hash_table_add (self->finished, g_object_ref (item));
}

static void
uploader_notifier_dispose (GObject *object)
{
  UploaderNotifier *self = UPLOADER_NOTIFIER (object);

  g_clear_object (&self->queue);
  g_clear_pointer (&self->finished, g_hash_table_unref);

  G_OBJECT_CLASS (uploader_notifier_parent_class)->dispose (object);
}

static void
uploader_notifier_class_init (UploaderNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = uploader_notifier_dispose;

  signals[SIGNAL_NOTIFY_BATCH] =
    g_signal_new ("notify-batch", UPLOADER_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_NOTIFICATION);
}

static void
uploader_notifier_init (UploaderNotifier *self)
{
  self->finished = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

UploaderNotifier *
uploader_notifier_new (GalileoQueue *queue)
{
  UploaderNotifier *self;

  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);

  self = g_object_new (UPLOADER_TYPE_NOTIFIER, NULL);
  self->queue = g_object_ref (queue);
  g_signal_connect_object (queue, "item-finished", G_CALLBACK (finished_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "idle", G_CALLBACK (idle_cb), self, G_CONNECT_SWAPPED);

  return self;
}

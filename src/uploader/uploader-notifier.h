/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-queue.h"

G_BEGIN_DECLS

/* How a batch ended, as far as it is told. */
typedef struct {
  guint n_done;
  guint n_failed;
  const char *name; /* of the only file; or NULL */
  const char *site; /* that all of them went to; or NULL */
  const char *url;  /* of the only file, if it is there and the site told it; or NULL */
} UploaderBatch;

#define UPLOADER_TYPE_NOTIFIER (uploader_notifier_get_type ())

/*
 * Tells how a batch ended when nobody looks.
 *
 * Signals:
 *   notify-batch (GNotification notification)   this is to be shown, in place of the one before
 */
G_DECLARE_FINAL_TYPE (UploaderNotifier, uploader_notifier, UPLOADER, NOTIFIER, GObject)

UploaderNotifier *uploader_notifier_new            (GalileoQueue        *queue) G_GNUC_WARN_UNUSED_RESULT;

char             *uploader_notifier_title_of_batch (const UploaderBatch *batch) G_GNUC_WARN_UNUSED_RESULT;
char             *uploader_notifier_body_of_batch  (const UploaderBatch *batch) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

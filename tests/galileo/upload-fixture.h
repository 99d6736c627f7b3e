/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "scripted-peer.h"

#include "galileo/galileo-error.h"
#include "galileo/galileo-upload.h"

G_BEGIN_DECLS

#define READY "{\"ready\":true}"
#define CLOSE "{\"close\":true}"

/* One upload to a scripted peer, with what came of it. */
typedef struct {
  char *folder;
  GFile *file;
  char *path;
  SoupSession *session;
  ScriptedPeer *peer;
  GalileoUpload *upload;

  GString *events;
  double last_ratio;
  guint n_chunks;
  guint n_error_signals;
  guint n_ended;
  gboolean closed;
} Fixture;

/* Stop and wait: a ready for each chunk, one for finished. */
extern const Script upload_fixture_stop_and_wait;

/* The file has so many bytes, no two stretches of it alike. */
void upload_fixture_set_up         (Fixture      *fixture,
                                    const Script *script,
                                    gsize         size);
void upload_fixture_start          (Fixture      *fixture);
/* Starts, and returns when the upload is closed. */
void upload_fixture_run            (Fixture      *fixture);
void upload_fixture_renew       (Fixture      *fixture);
void upload_fixture_wait        (gboolean    (*condition) (gpointer data),
                                 gpointer      data);
void upload_fixture_tear_down      (Fixture      *fixture);
void upload_fixture_assert_error   (Fixture      *fixture,
                                    GalileoError  code,
                                    const char   *words);
void upload_fixture_assert_arrived (Fixture      *fixture);

G_END_DECLS

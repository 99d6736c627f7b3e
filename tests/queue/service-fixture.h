/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-queue-service.h"

/* Nobody is at the site, and the queue is frozen: what happens is what the commands do. */
#define NOBODY "ws://127.0.0.1:1/upload"

typedef struct {
  char *folder;
  char *path;
  GalileoEngine *engine;
  GalileoStore *store;
  GalileoQueue *queue;
  GalileoQueueService *service;
} Fixture;

void      start_again   (Fixture *fixture);
void      set_up        (Fixture *fixture, gconstpointer data);
void      tear_down     (Fixture *fixture, gconstpointer data);
void      called_cb     (GObject *object, GAsyncResult *result, gpointer user_data);
GVariant *call          (Fixture *fixture, const char *command, GVariant *parameters, GError **error);
void      assert_fails  (Fixture *fixture,
                         const char *command,
                         GVariant *parameters,
                         GalileoQueueServiceError code,
                         const char *word);
guint     change        (Fixture *fixture, const char *command, GVariant *parameters);
char     *make_file     (Fixture *fixture, const char *name, const char *contents);
GVariant *new_add       (const char *rule, const char *const *uris);
guint     add           (Fixture *fixture, const char *rule, const char *const *uris, guint *n_added, guint *n_skipped);
void      fill          (Fixture *fixture, guint n);
GVariant *list          (Fixture *fixture, gint64 after, guint most, gboolean *paused);
void      assert_ids    (Fixture *fixture, const char *expected);
void      assert_states (Fixture *fixture, const char *expected);
GVariant *ids           (const char *text);
GVariant *ids_and_place (const char *text, const char *place);
char     *search        (Fixture *fixture, const char *text, const char *format);

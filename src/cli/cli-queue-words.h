/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The desktop's queue as text for people and programs. items: of GVariant, as galileo-queue-service-bus.c has them. */

char *cli_queue_words_state    (GVariant  *item) G_GNUC_WARN_UNUSED_RESULT;
char *cli_queue_words_list     (GPtrArray *items) G_GNUC_WARN_UNUSED_RESULT;
char *cli_queue_words_json     (GPtrArray *items,
                                gboolean   running,
                                gboolean   paused) G_GNUC_WARN_UNUSED_RESULT;
char *cli_queue_words_history  (const char *json) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

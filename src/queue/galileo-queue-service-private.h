/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-queue-service.h"

G_BEGIN_DECLS

/*
 * The service's parts: galileo-queue-service.c takes commands, adds files and searches the history,
 * galileo-queue-service-items.c shows and changes what is in the queue, galileo-queue-service-site.c what holds for a site, galileo-queue-service-bus.c is how others
 * call it.
 */

struct _GalileoQueueService {
  GObject parent_instance;

  /* owned */
  GalileoQueue *queue; /* NULL while the program begins or ends */
  GalileoStore *store; /* NULL if nothing is kept */
  GHashTable *addings; /* GalileoAdding → GTask: under way */
};

/* A command ends its task, at once or later, with a tuple. */
typedef void (*GalileoQueueServiceFunc) (GalileoQueueService *self, GVariant *parameters, GTask *task);

/* galileo-queue-service.c */
void     galileo_queue_service_return_invalid    (GTask               *task,
                                                  const char          *word);
void     galileo_queue_service_return_answer     (GTask               *task,
                                                  GVariant            *answer);
void     galileo_queue_service_return_when_saved (GalileoQueueService *self,
                                                  GTask               *task,
                                                  GVariant            *answer);
gboolean galileo_queue_service_find_word         (const char *const   *words,
                                                  guint                n,
                                                  const char          *word,
                                                  guint               *index);

GalileoSite *galileo_queue_service_find_site     (GalileoQueueService *self,
                                                  const char          *address,
                                                  GTask               *task) G_GNUC_WARN_UNUSED_RESULT;

/* galileo-queue-service-site.c: a command */
void     galileo_queue_service_set_site          (GalileoQueueService *self,
                                                  GVariant            *parameters,
                                                  GTask               *task);

/* galileo-queue-service-items.c: commands */
void     galileo_queue_service_list              (GalileoQueueService *self,
                                                  GVariant            *parameters,
                                                  GTask               *task);
void     galileo_queue_service_pause             (GalileoQueueService *self,
                                                  GVariant            *parameters,
                                                  GTask               *task);
void     galileo_queue_service_resume            (GalileoQueueService *self,
                                                  GVariant            *parameters,
                                                  GTask               *task);
void     galileo_queue_service_retry_failed      (GalileoQueueService *self,
                                                  GVariant            *parameters,
                                                  GTask               *task);
void     galileo_queue_service_cancel            (GalileoQueueService *self,
                                                  GVariant            *parameters,
                                                  GTask               *task);
void     galileo_queue_service_remove            (GalileoQueueService *self,
                                                  GVariant            *parameters,
                                                  GTask               *task);
void     galileo_queue_service_move              (GalileoQueueService *self,
                                                  GVariant            *parameters,
                                                  GTask               *task);

G_END_DECLS

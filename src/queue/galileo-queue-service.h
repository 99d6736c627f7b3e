/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-queue.h"

G_BEGIN_DECLS

#define GALILEO_QUEUE_SERVICE_INTERFACE "io.github.galileosend.GalileoSend.Queue"

/**
 * GALILEO_QUEUE_SERVICE_ERROR:
 *
 * Why a command was not carried out. The same on the bus, where the names begin with the interface's.
 */
#define GALILEO_QUEUE_SERVICE_ERROR (galileo_queue_service_error_quark ())

/**
 * GalileoQueueServiceError:
 * @GALILEO_QUEUE_SERVICE_ERROR_INVALID: there is no such command, or it can't be had with these parameters
 * @GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM: an id is none of an item in the queue; nothing was changed
 * @GALILEO_QUEUE_SERVICE_ERROR_NOT_READY: the program that has the queue begins or ends; the command can be tried again
 * @GALILEO_QUEUE_SERVICE_ERROR_NOT_SAVED: what was to be changed is not on the disk
 */
typedef enum {
  GALILEO_QUEUE_SERVICE_ERROR_INVALID,
  GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM,
  GALILEO_QUEUE_SERVICE_ERROR_NOT_READY,
  GALILEO_QUEUE_SERVICE_ERROR_NOT_SAVED,
} GalileoQueueServiceError;

GQuark galileo_queue_service_error_quark (void);

#define GALILEO_TYPE_QUEUE_SERVICE (galileo_queue_service_get_type ())

/*
 * Carries out commands on a queue for those who have no pointer to it: by name, with parameters and an answer as they
 * go over D-Bus, where it can be called, too. A command is answered once what it changed is on the disk. Main thread only.
 *
 * The commands are those of the interface in galileo-queue-service-bus.c, which says what they take and give.
 */
G_DECLARE_FINAL_TYPE (GalileoQueueService, galileo_queue_service, GALILEO, QUEUE_SERVICE, GObject)

GalileoQueueService *galileo_queue_service_new         (void) G_GNUC_WARN_UNUSED_RESULT;

void                 galileo_queue_service_set_queue   (GalileoQueueService  *self,
                                                        GalileoQueue         *queue,
                                                        GalileoStore         *store);

void                 galileo_queue_service_call_async  (GalileoQueueService  *self,
                                                        const char           *command,
                                                        GVariant             *parameters,
                                                        GAsyncReadyCallback   callback,
                                                        gpointer              user_data);
GVariant            *galileo_queue_service_call_finish (GalileoQueueService  *self,
                                                        GAsyncResult         *result,
                                                        GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* On D-Bus: galileo-queue-service-bus.c */
GDBusInterfaceInfo  *galileo_queue_service_get_info    (void);
gboolean             galileo_queue_service_export      (GalileoQueueService  *self,
                                                        GDBusConnection      *connection,
                                                        const char           *path,
                                                        GError              **error);
void                 galileo_queue_service_unexport    (GalileoQueueService  *self,
                                                        GDBusConnection      *connection);
gboolean             galileo_queue_service_get_paused  (GalileoQueueService  *self);

G_END_DECLS

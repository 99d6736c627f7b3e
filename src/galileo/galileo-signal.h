/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

#include "galileo-api.h"

G_BEGIN_DECLS

/**
 * GALILEO_DEFAULT_CHUNK_SIZE:
 *
 * Bytes of file data in one message where the server names no other maximum. Mojolicious closes a
 * message above 262144 bytes with code 1009; this stays under it.
 */
#define GALILEO_DEFAULT_CHUNK_SIZE 250000

/**
 * GALILEO_SIGNAL_MAX_LENGTH:
 *
 * The longest text, in bytes, that is read as a signal.
 */
#define GALILEO_SIGNAL_MAX_LENGTH (1024 * 1024)

/**
 * GALILEO_SIGNAL_MAX_DEPTH:
 *
 * How deep objects and arrays of a signal may nest.
 */
#define GALILEO_SIGNAL_MAX_DEPTH 64

/**
 * GalileoSignalKind:
 * @GALILEO_SIGNAL_OTHER: none of the keys that a client acts on is true
 * @GALILEO_SIGNAL_CLOSE: `close`: the server has the file, or wants no more of it
 * @GALILEO_SIGNAL_ERROR: `error`: the server reports an error, fatal or not
 * @GALILEO_SIGNAL_READY: `ready`: the server takes one more chunk
 *
 * What a signal asks of a client: the first of `close`, `error` and `ready` that is true.
 */
typedef enum {
  GALILEO_SIGNAL_OTHER,
  GALILEO_SIGNAL_CLOSE,
  GALILEO_SIGNAL_ERROR,
  GALILEO_SIGNAL_READY,
} GalileoSignalKind;

#define GALILEO_TYPE_SIGNAL (galileo_signal_get_type ())

typedef struct _GalileoSignal GalileoSignal;

GALILEO_API
GType galileo_signal_get_type (void);

GALILEO_API
GalileoSignal *galileo_signal_parse         (const char           *text,
                                             gsize                 length,
                                             GError              **error) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
GalileoSignal *galileo_signal_new_metadata  (const char           *name,
                                             guint64               size) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
GalileoSignal *galileo_signal_new_ready     (guint64               chunk_size) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
GalileoSignal *galileo_signal_new_finished  (const char           *hash_type,
                                             const char           *hash_value) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
GalileoSignal *galileo_signal_new_close     (void) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
GalileoSignal *galileo_signal_new_error     (const char           *message,
                                             const char           *code,
                                             gboolean              fatal) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
GalileoSignal *galileo_signal_new_local     (const char           *message) G_GNUC_WARN_UNUSED_RESULT;

GALILEO_API
GalileoSignal *galileo_signal_add_string    (GalileoSignal        *self,
                                             const char           *key,
                                             const char           *value) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
GalileoSignal *galileo_signal_add_size      (GalileoSignal        *self,
                                             const char           *key,
                                             guint64               size) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
GalileoSignal *galileo_signal_add_boolean   (GalileoSignal        *self,
                                             const char           *key,
                                             gboolean              value) G_GNUC_WARN_UNUSED_RESULT;

GALILEO_API
GalileoSignal *galileo_signal_ref           (GalileoSignal        *self);
GALILEO_API
void           galileo_signal_unref         (GalileoSignal        *self);

GALILEO_API
GalileoSignalKind galileo_signal_get_kind   (const GalileoSignal  *self);
GALILEO_API
guint64        galileo_signal_get_chunk_size (const GalileoSignal *self);
GALILEO_API
gboolean       galileo_signal_get_fatal     (const GalileoSignal  *self);
GALILEO_API
char          *galileo_signal_dup_message   (const GalileoSignal  *self) G_GNUC_WARN_UNUSED_RESULT;
GALILEO_API
gboolean       galileo_signal_get_mended    (const GalileoSignal  *self);
GALILEO_API
gboolean       galileo_signal_is_true       (const GalileoSignal  *self,
                                             const char           *key);
GALILEO_API
const char    *galileo_signal_get_string    (const GalileoSignal  *self,
                                             const char           *key);
GALILEO_API
gboolean       galileo_signal_get_size      (const GalileoSignal  *self,
                                             const char           *key,
                                             guint64              *size);
GALILEO_API
gboolean       galileo_signal_get_number    (const GalileoSignal  *self,
                                             const char           *key,
                                             double               *number);
GALILEO_API
gboolean       galileo_signal_get_hash      (const GalileoSignal  *self,
                                             const char          **type,
                                             const char          **value);
GALILEO_API
char          *galileo_signal_to_text       (const GalileoSignal  *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalileoSignal, galileo_signal_unref)

G_END_DECLS

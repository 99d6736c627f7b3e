/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-signal-private.h"

#include "galileo-error.h"
#include "galileo-json.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/**
 * GalileoSignal:
 *
 * One TEXT message of the protocol: a JSON object that does not change once it is shared.
 *
 * Both sides speak in signals: the client sends metadata and `finished`, the server `ready`, `error` and `close`. Each
 * of them has a constructor here, and what comes from the other side is read with [ctor@Galileo.Signal.parse]. That
 * does no I/O and trusts nothing: types, ranges, depth and length are checked.
 *
 * Keys beyond the specification are set with [method@Galileo.Signal.add_string] and the like, and read with
 * [method@Galileo.Signal.get_string] and the like. See [the protocol](protocol.html) for what each of them means.
 *
 * A signal is counted by references, and may be used in any thread.
 */
G_DEFINE_BOXED_TYPE (GalileoSignal, galileo_signal, galileo_signal_ref, galileo_signal_unref)

/* Takes the object. Nobody changes it once it has a second owner, so readers need no lock. */
GalileoSignal *
galileo_signal_new_for_object (JsonObject *object)
{
  GalileoSignal *self = g_new0 (GalileoSignal, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->object = object;

  return self;
}

/* Truth is JavaScript's, with one exception: "0" is false, as in Perl. */
static gboolean
node_is_true (JsonNode *node)
{
  const char *string;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return FALSE;
  if (!JSON_NODE_HOLDS_VALUE (node))
    return TRUE;

  switch (json_node_get_value_type (node)) {
  case G_TYPE_BOOLEAN:
    return json_node_get_boolean (node);
  case G_TYPE_INT64:
    return json_node_get_int (node) != 0;
  case G_TYPE_DOUBLE:
    return json_node_get_double (node) != 0.0 && !isnan (json_node_get_double (node));
  default:
    string = json_node_get_string (node);
    return *string != '\0' && strcmp (string, "0") != 0;
  }
}

static JsonNode *
get_value (const GalileoSignal *self, const char *key, GType type)
{
  JsonNode *node = json_object_get_member (self->object, key);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    return NULL;

  return node;
}

/**
 * galileo_signal_parse: (constructor)
 * @text: (array length=length) (element-type guint8): a TEXT message, UTF-8; need not end in NUL
 * @length: its length in bytes
 * @error: set to %GALILEO_ERROR_PROTOCOL if it is beyond the bounds, to `G_IO_ERROR_INVALID_DATA` if it is no JSON
 *   object
 *
 * Reads a signal.
 *
 * A signal is one JSON object of at most %GALILEO_SIGNAL_MAX_LENGTH bytes that nests at most %GALILEO_SIGNAL_MAX_DEPTH
 * levels. Which keys it has is not checked. Half a character that is written as an escape, such as `\ud83d` alone, is read as
 * U+FFFD.
 *
 * Returns: (transfer full): the signal, or %NULL with @error set
 */
GalileoSignal *
galileo_signal_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  GalileoSignal *self;
  gboolean mended;

  g_return_val_if_fail (text != NULL, NULL);

  if (length > GALILEO_SIGNAL_MAX_LENGTH) {
    g_set_error (error,
                 GALILEO_ERROR,
                 GALILEO_ERROR_PROTOCOL,
                 "it is longer than %d bytes",
                 GALILEO_SIGNAL_MAX_LENGTH);
    return NULL;
  }

  root = galileo_json_parse (text, length, GALILEO_SIGNAL_MAX_DEPTH, &mended, error);
  if (root == NULL)
    return NULL;

  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it is JSON, but not an object");
    return NULL;
  }

  self = galileo_signal_new_for_object (json_node_dup_object (root));
  self->mended = mended;

  return self;
}

/**
 * galileo_signal_ref:
 * @self: a signal
 *
 * Takes a reference. Bindings do so by themselves.
 *
 * Returns: (transfer full): @self with one reference more
 */
GalileoSignal *
galileo_signal_ref (GalileoSignal *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * galileo_signal_unref:
 * @self: (transfer full): a signal
 *
 * Drops a reference; the last one frees the signal. Bindings do so by themselves.
 */
void
galileo_signal_unref (GalileoSignal *self)
{
  g_return_if_fail (self != NULL);

  if (g_atomic_ref_count_dec (&self->ref_count)) {
    json_object_unref (self->object);
    g_free (self);
  }
}

/**
 * galileo_signal_get_kind:
 * @self: a signal
 *
 * Tells what the signal asks of a client. Keys are tested in the order `close`, `error`, `ready`, as the original
 * client does.
 *
 * Returns: the kind; %GALILEO_SIGNAL_OTHER for what a client sends itself
 */
GalileoSignalKind
galileo_signal_get_kind (const GalileoSignal *self)
{
  if (galileo_signal_is_true (self, "close"))
    return GALILEO_SIGNAL_CLOSE;
  if (galileo_signal_is_true (self, "error"))
    return GALILEO_SIGNAL_ERROR;
  if (galileo_signal_is_true (self, "ready"))
    return GALILEO_SIGNAL_READY;
  return GALILEO_SIGNAL_OTHER;
}

/**
 * galileo_signal_get_chunk_size:
 * @self: a ready signal
 *
 * Reads `chunksize`: a number, or a string that is a number, as Perl sites send it. Fractions are cut off. What is
 * missing, null, zero, negative or no number counts as %GALILEO_DEFAULT_CHUNK_SIZE.
 *
 * Returns: the most bytes that the chunk answering this signal may hold; at least 1
 */
guint64
galileo_signal_get_chunk_size (const GalileoSignal *self)
{
  double number = 0.0;
  JsonNode *node;

  g_return_val_if_fail (self != NULL, GALILEO_DEFAULT_CHUNK_SIZE);

  if ((node = get_value (self, "chunksize", G_TYPE_INT64)) != NULL) {
    number = (double) json_node_get_int (node);
  } else if ((node = get_value (self, "chunksize", G_TYPE_DOUBLE)) != NULL) {
    number = json_node_get_double (node);
  } else if ((node = get_value (self, "chunksize", G_TYPE_STRING)) != NULL) {
    const char *string = json_node_get_string (node);
    char *end = NULL;

    number = g_ascii_strtod (string, &end);
    if (end == string || *end != '\0')
      number = 0.0;
  }

  /* Not a number fails this too. No chunk gets near the upper end. */
  if (!(number >= 1.0))
    return GALILEO_DEFAULT_CHUNK_SIZE;

  return number < (double) G_MAXINT64 ? (guint64) number : G_MAXINT64;
}

/**
 * galileo_signal_get_fatal:
 * @self: an error signal
 *
 * Tells whether `fatal` is true: the server gives the upload up.
 *
 * Returns: whether it is
 */
gboolean
galileo_signal_get_fatal (const GalileoSignal *self)
{
  return galileo_signal_is_true (self, "fatal");
}

/**
 * galileo_signal_dup_message:
 * @self: an error signal
 *
 * Gives the value of `error` for people: a string as it is, anything else as compact JSON.
 *
 * Returns: (transfer full): the message, UTF-8; empty if there is no `error`
 */
char *
galileo_signal_dup_message (const GalileoSignal *self)
{
  const char *string = galileo_signal_get_string (self, "error");
  JsonNode *node;

  if (string != NULL)
    return g_strdup (string);

  node = json_object_get_member (self->object, "error");
  return node != NULL ? galileo_json_to_text (node) : g_strdup ("");
}

/**
 * galileo_signal_is_true:
 * @self: a signal
 * @key: a key
 *
 * Tells whether a value is true as JavaScript sees it, with one exception: the string `0` is false, as in Perl. So
 * `true`, numbers but 0, other strings but the empty one, objects and arrays are true.
 *
 * Returns: whether @key is there and its value is true
 */
gboolean
galileo_signal_is_true (const GalileoSignal *self, const char *key)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  return node_is_true (json_object_get_member (self->object, key));
}

/**
 * galileo_signal_get_string:
 * @self: a signal
 * @key: a key
 *
 * Reads a string.
 *
 * Returns: (transfer none) (nullable): the value of @key if it is a string, valid UTF-8, owned by @self; %NULL if it is
 *   something else or missing
 */
const char *
galileo_signal_get_string (const GalileoSignal *self, const char *key)
{
  const char *string;
  JsonNode *node;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);

  node = get_value (self, key, G_TYPE_STRING);
  if (node == NULL)
    return NULL;

  /* A lone surrogate ("\ud800") is grammatical JSON and no character. */
  string = json_node_get_string (node);
  return g_utf8_validate (string, -1, NULL) ? string : NULL;
}

/**
 * galileo_signal_get_size:
 * @self: a signal
 * @key: a key
 * @size: (out): where to put the value
 *
 * Reads a count of bytes: a whole number from 0 to 2^63 − 2, written as a number.
 *
 * Returns: whether @key has such a value; @size is left alone if not
 */
gboolean
galileo_signal_get_size (const GalileoSignal *self, const char *key, guint64 *size)
{
  gint64 number;
  JsonNode *node;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (size != NULL, FALSE);

  node = get_value (self, key, G_TYPE_INT64);
  if (node == NULL)
    return FALSE;

  number = json_node_get_int (node);
  if (number < 0 || number == G_MAXINT64)
    return FALSE;

  *size = (guint64) number;
  return TRUE;
}

/**
 * galileo_signal_get_mended:
 * @self: a signal
 *
 * Tells whether half characters were replaced in the signal's texts when it was parsed: escapes of one surrogate without
 * the other, which JSON allows and which are no characters. That does no harm to a sentence, but a file's name would be
 * another.
 *
 * Returns: whether something in it is not what was sent
 */
gboolean
galileo_signal_get_mended (const GalileoSignal *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->mended;
}

/**
 * galileo_signal_get_number:
 * @self: a signal
 * @key: a key
 * @number: (out): where to put the value
 *
 * Reads a number, whole or not, such as the seconds of `retry`.
 *
 * Returns: whether @key has such a value; @number is left alone if not
 */
gboolean
galileo_signal_get_number (const GalileoSignal *self, const char *key, double *number)
{
  JsonNode *node;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (number != NULL, FALSE);

  if ((node = get_value (self, key, G_TYPE_INT64)) != NULL) {
    *number = (double) json_node_get_int (node);
    return TRUE;
  }
  if ((node = get_value (self, key, G_TYPE_DOUBLE)) != NULL && isfinite (json_node_get_double (node))) {
    *number = json_node_get_double (node);
    return TRUE;
  }

  return FALSE;
}

static const char *
get_hash_member (JsonObject *hash, const char *key)
{
  JsonNode *node = json_object_get_member (hash, key);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;

  return json_node_get_string (node);
}

/**
 * galileo_signal_get_hash:
 * @self: a client's `finished` signal
 * @type: (out) (transfer none) (nullable): where to put the hash type, owned by @self
 * @value: (out) (transfer none) (nullable): where to put the hash, owned by @self
 *
 * Reads the optional `hash` object. Whether the type is a known one, and the value hexadecimal, is not checked.
 *
 * Returns: whether there is one with a type and a value that are strings; if not, what @type and @value are means
 *   nothing
 */
gboolean
galileo_signal_get_hash (const GalileoSignal *self, const char **type, const char **value)
{
  JsonObject *hash;
  JsonNode *node;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (type != NULL && value != NULL, FALSE);

  node = json_object_get_member (self->object, "hash");
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;

  hash = json_node_get_object (node);
  *type = get_hash_member (hash, "type");
  *value = get_hash_member (hash, "value");

  return *type != NULL && *value != NULL;
}

/**
 * galileo_signal_to_text:
 * @self: a signal
 *
 * Writes the signal with all its keys, in the order in which they were read or set.
 *
 * Returns: (transfer full): compact JSON, UTF-8
 */
char *
galileo_signal_to_text (const GalileoSignal *self)
{
  g_autoptr (JsonNode) node = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  node = json_node_init_object (json_node_alloc (), self->object);
  return galileo_json_to_text (node);
}

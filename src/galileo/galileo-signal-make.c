/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-signal-private.h"

/**
 * galileo_signal_new_metadata:
 * @name: the name to store the file under, UTF-8
 * @size: the file's size in bytes, 0 to 2^63 − 1
 *
 * Makes the client's first message.
 *
 * Returns: (transfer full): a new signal
 */
GalileoSignal *
galileo_signal_new_metadata (const char *name, guint64 size)
{
  JsonObject *object = json_object_new ();

  g_return_val_if_fail (size <= G_MAXINT64, NULL);

  json_object_set_string_member (object, "name", name);
  json_object_set_int_member (object, "size", (gint64) size);

  return galileo_signal_new_for_object (object);
}

/**
 * galileo_signal_new_ready:
 * @chunk_size: the most bytes that the answering chunk may hold, 1 to 2^63 − 1; 0 names no maximum
 *
 * Makes the server's request for one chunk.
 *
 * Returns: (transfer full): a new signal
 */
GalileoSignal *
galileo_signal_new_ready (guint64 chunk_size)
{
  JsonObject *object = json_object_new ();

  g_return_val_if_fail (chunk_size <= G_MAXINT64, NULL);

  json_object_set_boolean_member (object, "ready", TRUE);
  if (chunk_size > 0)
    json_object_set_int_member (object, "chunksize", (gint64) chunk_size);

  return galileo_signal_new_for_object (object);
}

/**
 * galileo_signal_new_finished:
 * @hash_type: (nullable): `sha1`, `sha256` or `sha512`, or %NULL for no hash
 * @hash_value: (nullable): the hash of the whole file in lower-case hexadecimal; %NULL if and only if @hash_type is
 *
 * Makes the client's last message.
 *
 * Returns: (transfer full): a new signal
 */
GalileoSignal *
galileo_signal_new_finished (const char *hash_type, const char *hash_value)
{
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "finished", TRUE);
  if (hash_type != NULL) {
    JsonObject *hash = json_object_new ();

    json_object_set_string_member (hash, "type", hash_type);
    json_object_set_string_member (hash, "value", hash_value);
    json_object_set_object_member (object, "hash", hash);
  }

  return galileo_signal_new_for_object (object);
}

/**
 * galileo_signal_new_close:
 *
 * Makes the server's confirmation that it holds the whole file. Before it does, the same message gives the upload up.
 *
 * Returns: (transfer full): a new signal
 */
GalileoSignal *
galileo_signal_new_close (void)
{
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "close", TRUE);

  return galileo_signal_new_for_object (object);
}

/**
 * galileo_signal_new_error:
 * @message: what is wrong, for people, UTF-8, not empty
 * @code: (nullable): a stable word for programs, such as `quota`
 * @fatal: whether the upload ends here
 *
 * Makes a server's error signal.
 *
 * Returns: (transfer full): a new signal
 */
GalileoSignal *
galileo_signal_new_error (const char *message, const char *code, gboolean fatal)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "error", message);
  json_object_set_boolean_member (object, "fatal", fatal);
  if (code != NULL)
    json_object_set_string_member (object, "code", code);

  return galileo_signal_new_for_object (object);
}

/**
 * galileo_signal_new_local:
 * @message: what went wrong, for people, UTF-8, not empty
 *
 * Makes the error signal of a failure that the server did not report itself: it is fatal and `local`. It is never sent.
 *
 * Returns: (transfer full): a new signal
 */
GalileoSignal *
galileo_signal_new_local (const char *message)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "error", message);
  json_object_set_boolean_member (object, "fatal", TRUE);
  json_object_set_boolean_member (object, "local", TRUE);

  return galileo_signal_new_for_object (object);
}

static void
copy_member (JsonObject *object, const char *key, JsonNode *node, gpointer user_data)
{
  json_object_set_member (user_data, key, json_node_copy (node));
}

/* Takes the signal, gives one that only the caller has and that may be changed. */
static GalileoSignal *
make_writable (GalileoSignal *self)
{
  JsonObject *copy;

  if (g_atomic_ref_count_compare (&self->ref_count, 1) && !json_object_is_immutable (self->object))
    return self;

  copy = json_object_new ();
  json_object_foreach_member (self->object, copy_member, copy);
  galileo_signal_unref (self);

  return galileo_signal_new_for_object (copy);
}

/**
 * galileo_signal_add_string:
 * @self: (transfer full): a signal
 * @key: the key to set
 * @value: its value, UTF-8
 *
 * Gives a signal with one key more, or with another value for that key: `upload` and the like, which not every peer
 * knows.
 *
 * Others that hold @self do not see it. The caller's reference goes over to the signal that is returned; in languages
 * that count references by themselves, @self stays what it was.
 *
 * Returns: (transfer full): the signal with the key
 */
GalileoSignal *
galileo_signal_add_string (GalileoSignal *self, const char *key, const char *value)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (key != NULL && value != NULL, self);

  self = make_writable (self);
  json_object_set_string_member (self->object, key, value);

  return self;
}

/**
 * galileo_signal_add_size:
 * @self: (transfer full): a signal
 * @key: the key to set
 * @size: its value: bytes, 0 to 2^63 − 2
 *
 * As [method@Galileo.Signal.add_string], with a count of bytes, such as `offset`.
 *
 * Returns: (transfer full): the signal with the key
 */
GalileoSignal *
galileo_signal_add_size (GalileoSignal *self, const char *key, guint64 size)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (key != NULL && size < G_MAXINT64, self);

  self = make_writable (self);
  json_object_set_int_member (self->object, key, (gint64) size);

  return self;
}

/**
 * galileo_signal_add_boolean:
 * @self: (transfer full): a signal
 * @key: the key to set
 * @value: its value
 *
 * As [method@Galileo.Signal.add_string], with a truth value, such as `verified`.
 *
 * Returns: (transfer full): the signal with the key
 */
GalileoSignal *
galileo_signal_add_boolean (GalileoSignal *self, const char *key, gboolean value)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (key != NULL, self);

  self = make_writable (self);
  json_object_set_boolean_member (self->object, key, value);

  return self;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-upload-private.h"

#include "galileo-enums.h"
#include "galileo-name.h"

GParamSpec *galileo_upload_props[GALILEO_UPLOAD_N_PROPS];
guint galileo_upload_signals[GALILEO_UPLOAD_N_SIGNALS];

/**
 * GalileoUpload:
 *
 * One file on its way to a server over one websocket, by the GalileoSend protocol.
 *
 * Set what should differ from the defaults, connect to the signals, and call [method@Galileo.Upload.start]. Then
 * everything happens in the thread-default main context of that call: the signals come there, and all other methods and
 * properties are to be used there too. An upload runs once: to try again, make a new one. While it runs it keeps itself
 * alive.
 *
 * The handlers of the specification are signals: `onchunk` is [signal@Galileo.Upload::chunk], `onerror`
 * [signal@Galileo.Upload::error-signal], `onsuccess` [signal@Galileo.Upload::succeeded], `onfailure`
 * [signal@Galileo.Upload::failed] and `onclose` [signal@Galileo.Upload::closed].
 *
 * An upload has succeeded if the server sent the close signal after it was given every byte, and never else.
 *
 * ### Going on after a cut
 *
 * Give uploads an id ([property@Galileo.Upload:id]), and remember it with the file. If the connection breaks
 * ([func@Galileo.Error.is_transient]), make another upload of the same file with the same id: a server that keeps what
 * it got ([property@Galileo.Upload:resumable]) takes it up from there, and [property@Galileo.Upload:offset] tells where
 * that is. Others begin at zero, and so does a file that changed in between.
 *
 * ### Pauses
 *
 * [property@Galileo.Upload:paused] lets an upload rest in its connection, and go on in it.
 *
 * ### Smaller chunks
 *
 * A server that takes no message as large as the chunk it was sent closes with 1009. Then the upload tries again by
 * itself, in a new connection and with half the chunk size, down to 16 KiB: its state goes back to
 * %GALILEO_UPLOAD_STATE_CONNECTING, [property@Galileo.Upload:sent] and the other counts begin at zero, and
 * [property@Galileo.Upload:max-chunk-size] has changed.
 */
G_DEFINE_FINAL_TYPE (GalileoUpload, galileo_upload, G_TYPE_OBJECT)

static void
galileo_upload_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GalileoUpload *self = GALILEO_UPLOAD (object);

  switch (prop_id) {
  case GALILEO_UPLOAD_PROP_SESSION:
    g_value_set_object (value, self->session);
    break;
  case GALILEO_UPLOAD_PROP_ADDRESS:
    g_value_set_boxed (value, self->address);
    break;
  case GALILEO_UPLOAD_PROP_FILE:
    g_value_set_object (value, self->file);
    break;
  case GALILEO_UPLOAD_PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case GALILEO_UPLOAD_PROP_MAX_CHUNK_SIZE:
    g_value_set_uint64 (value, self->max_chunk_size);
    break;
  case GALILEO_UPLOAD_PROP_HASH_TYPE:
    g_value_set_enum (value, self->hash_type);
    break;
  case GALILEO_UPLOAD_PROP_TIMEOUT:
    g_value_set_uint (value, self->timeout);
    break;
  case GALILEO_UPLOAD_PROP_PATH:
    g_value_set_string (value, self->path);
    break;
  case GALILEO_UPLOAD_PROP_ID:
    g_value_set_string (value, self->id);
    break;
  case GALILEO_UPLOAD_PROP_PINNED_CERTIFICATE:
    g_value_set_string (value, self->pinned_certificate);
    break;
  case GALILEO_UPLOAD_PROP_RATE_GROUP:
    g_value_set_string (value, self->rate_group);
    break;
  case GALILEO_UPLOAD_PROP_PAUSED:
    g_value_set_boolean (value, self->paused);
    break;
  case GALILEO_UPLOAD_PROP_OFFSET:
    g_value_set_uint64 (value, self->offset);
    break;
  case GALILEO_UPLOAD_PROP_RESUMABLE:
    g_value_set_boolean (value, self->resumable);
    break;
  case GALILEO_UPLOAD_PROP_STATE:
    g_value_set_enum (value, self->state);
    break;
  case GALILEO_UPLOAD_PROP_SIZE:
    g_value_set_uint64 (value, self->size);
    break;
  case GALILEO_UPLOAD_PROP_SENT:
    g_value_set_uint64 (value, self->sent);
    break;
  case GALILEO_UPLOAD_PROP_ACKNOWLEDGED:
    g_value_set_uint64 (value, self->acknowledged);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
galileo_upload_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GalileoUpload *self = GALILEO_UPLOAD (object);

  switch (prop_id) {
  case GALILEO_UPLOAD_PROP_SESSION:
    self->session = g_value_dup_object (value);
    break;
  case GALILEO_UPLOAD_PROP_ADDRESS:
    self->address = g_value_dup_boxed (value);
    break;
  case GALILEO_UPLOAD_PROP_FILE:
    self->file = g_value_dup_object (value);
    break;
  case GALILEO_UPLOAD_PROP_NAME:
    galileo_upload_set_name (self, g_value_get_string (value));
    break;
  case GALILEO_UPLOAD_PROP_MAX_CHUNK_SIZE:
    galileo_upload_set_max_chunk_size (self, g_value_get_uint64 (value));
    break;
  case GALILEO_UPLOAD_PROP_HASH_TYPE:
    galileo_upload_set_hash_type (self, (GalileoHashType) g_value_get_enum (value));
    break;
  case GALILEO_UPLOAD_PROP_TIMEOUT:
    galileo_upload_set_timeout (self, g_value_get_uint (value));
    break;
  case GALILEO_UPLOAD_PROP_PATH:
    galileo_upload_set_path (self, g_value_get_string (value));
    break;
  case GALILEO_UPLOAD_PROP_ID:
    galileo_upload_set_id (self, g_value_get_string (value));
    break;
  case GALILEO_UPLOAD_PROP_PINNED_CERTIFICATE:
    galileo_upload_set_pinned_certificate (self, g_value_get_string (value));
    break;
  case GALILEO_UPLOAD_PROP_RATE_GROUP:
    galileo_upload_set_rate_group (self, g_value_get_string (value));
    break;
  case GALILEO_UPLOAD_PROP_PAUSED:
    galileo_upload_set_paused (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
galileo_upload_constructed (GObject *object)
{
  GalileoUpload *self = GALILEO_UPLOAD (object);

  G_OBJECT_CLASS (galileo_upload_parent_class)->constructed (object);

  if (self->name == NULL && self->file != NULL)
    self->name = galileo_name_for_file (self->file);
}

static void
galileo_upload_finalize (GObject *object)
{
  GalileoUpload *self = GALILEO_UPLOAD (object);

  g_assert (self->tick == NULL && self->connection == NULL);

  g_clear_object (&self->session);
  g_clear_pointer (&self->address, g_uri_unref);
  g_clear_object (&self->file);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->pinned_certificate, g_free);
  g_clear_pointer (&self->rate_group, g_free);
  g_clear_object (&self->limiter);
  g_clear_object (&self->certificate);
  g_clear_pointer (&self->hash, g_free);
  g_clear_pointer (&self->url, g_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->error_signals, g_ptr_array_unref);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->reader);
  g_clear_pointer (&self->credits, galileo_credits_free);

  G_OBJECT_CLASS (galileo_upload_parent_class)->finalize (object);
}

static void
galileo_upload_class_init (GalileoUploadClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags option = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags figure = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = galileo_upload_get_property;
  object_class->set_property = galileo_upload_set_property;
  object_class->constructed = galileo_upload_constructed;
  object_class->finalize = galileo_upload_finalize;

  /**
   * GalileoUpload:session:
   *
   * The session that the websocket is opened with; it belongs to the context that the upload is started in.
   *
   * Set when the upload is made, and never %NULL.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, SOUP_TYPE_SESSION, construct);
  /**
   * GalileoUpload:address:
   *
   * The `ws` or `wss` address to upload to, as [func@Galileo.address_parse] gives it.
   *
   * Set when the upload is made, and never %NULL.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_ADDRESS] = g_param_spec_boxed ("address", NULL, NULL, G_TYPE_URI, construct);
  /**
   * GalileoUpload:file:
   *
   * The file to upload: a regular file that can be read, local or anywhere that GIO reaches.
   *
   * Set when the upload is made, and never %NULL.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_FILE] = g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE, construct);
  /**
   * GalileoUpload:name:
   *
   * The name to store the file under, UTF-8; what [func@Galileo.name_for_file] gives unless set. May be set before the
   * upload is started.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, option);
  /**
   * GalileoUpload:max-chunk-size:
   *
   * The most bytes of file data in one message, even where the server takes more. May be set before the upload is
   * started, and becomes smaller by itself if the server closes with 1009.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_MAX_CHUNK_SIZE] = g_param_spec_uint64 ("max-chunk-size",
                                                    NULL,
                                                    NULL,
                                                    1,
                                                    GALILEO_UPLOAD_MAX_CHUNK_SIZE,
                                                    GALILEO_DEFAULT_CHUNK_SIZE,
                                                    option);
  /**
   * GalileoUpload:hash-type:
   *
   * The hash to send with `finished`. May be set before the upload is started. A server that wants another one gets
   * that; then this changes, before the first chunk.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_HASH_TYPE] =
      g_param_spec_enum ("hash-type", NULL, NULL, GALILEO_TYPE_HASH_TYPE, GALILEO_HASH_SHA1, option);
  /**
   * GalileoUpload:timeout:
   *
   * Seconds that may pass in any state without progress; 0 for the defaults of each state: 15 to connect, 30 for the
   * first ready, 60 between chunks, and 60 and one for each 20 MB of the file for the confirmation. Progress is every
   * byte that the server sends, or acknowledges. May be set before the upload is started.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXINT, 0, option);
  /**
   * GalileoUpload:path:
   *
   * The folder to store the file in, relative, with `/` between its parts, UTF-8; only for servers that keep folders.
   * %NULL for none. May be set before the upload is started.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, option);
  /**
   * GalileoUpload:id:
   *
   * What the server is to know this upload by, so that it keeps what it has of the file when the connection breaks. May
   * be set before the upload is started.
   *
   * To go on from there, make another upload with the same id. Any text does that no other upload has, such as
   * [func@GLib.uuid_string_random] gives. %NULL for an upload that starts from zero.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, option);
  /**
   * GalileoUpload:pinned-certificate:
   *
   * The SHA-256 fingerprint of the one certificate that is accepted from the host and port of
   * [property@Galileo.Upload:address], as [func@Galileo.fingerprint_for_certificate] writes it; %NULL to accept those
   * that are trusted. May be set before the upload is started.
   *
   * A certificate that is pinned need not be signed by somebody trusted, and need not name the host; it still may not
   * have expired.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_PINNED_CERTIFICATE] =
      g_param_spec_string ("pinned-certificate", NULL, NULL, NULL, option);
  /**
   * GalileoUpload:rate-group:
   *
   * The group that this upload shares a rate limit with, beside the one of all uploads of the engine. %NULL for none.
   * May be set before the upload is started with [method@Galileo.Engine.start_upload]; others have no rate limit.
   *
   * Any text names a group, such as the site's. Its limit is set with [method@Galileo.Engine.set_group_rate_limit].
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_RATE_GROUP] = g_param_spec_string ("rate-group", NULL, NULL, NULL, option);
  /**
   * GalileoUpload:paused:
   *
   * Whether the upload rests: the server's readies stay unanswered, the connection stays open. May be changed at any
   * time. A long pause may cost the connection all the same; the upload fails then as after any cut.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_PAUSED] = g_param_spec_boolean ("paused", NULL, NULL, FALSE, option);
  /**
   * GalileoUpload:state:
   *
   * Where the upload is. Notified at every change.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_STATE] = g_param_spec_enum ("state",
                                         NULL,
                                         NULL,
                                         GALILEO_TYPE_UPLOAD_STATE,
                                         GALILEO_UPLOAD_STATE_NEW,
                                         figure);
  /**
   * GalileoUpload:size:
   *
   * The file's size in bytes; 0 until it is open.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  /**
   * GalileoUpload:sent:
   *
   * Bytes of the file that were handed to the connection, those before [property@Galileo.Upload:offset] included.
   * Notified at every chunk.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_SENT] = g_param_spec_uint64 ("sent", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  /**
   * GalileoUpload:acknowledged:
   *
   * Bytes of the file that have reached the server's host, as its TCP or the server itself acknowledged them: an
   * estimate up to framing, and what progress should be shown by. Notified at most ten times a second, and at the end.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_ACKNOWLEDGED] = g_param_spec_uint64 ("acknowledged", NULL, NULL, 0, G_MAXUINT64, 0, figure);

  /**
   * GalileoUpload:offset:
   *
   * Bytes that the server had from an earlier upload with the same [property@Galileo.Upload:id]: this one went on from
   * there. 0 if it started from the beginning. Known from the first ready on.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_OFFSET] = g_param_spec_uint64 ("offset", NULL, NULL, 0, G_MAXUINT64, 0, figure);
  /**
   * GalileoUpload:resumable:
   *
   * Whether the server said that it keeps what it has, so that another upload with the same
   * [property@Galileo.Upload:id] can go on from there. Known from the first ready on.
   */
  galileo_upload_props[GALILEO_UPLOAD_PROP_RESUMABLE] = g_param_spec_boolean ("resumable", NULL, NULL, FALSE, figure);

  g_object_class_install_properties (object_class, GALILEO_UPLOAD_N_PROPS, galileo_upload_props);

  /**
   * GalileoUpload::progress:
   * @self: the upload
   *
   * Comes ten times a second while the upload runs, whatever happened since: the time to show how it goes.
   */
  galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_PROGRESS] =
      g_signal_new ("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * GalileoUpload::chunk:
   * @self: the upload
   * @ratio: sent data to all data, above 0 and up to 1
   *
   * A chunk was handed to the connection. An empty file has none.
   */
  galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_CHUNK] =
      g_signal_new ("chunk", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
  /**
   * GalileoUpload::error-signal:
   * @self: the upload
   * @signal: the error signal
   *
   * The server sent an error signal. If it is fatal the upload fails next; if not it goes on, and may still succeed.
   */
  galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_ERROR_SIGNAL] = g_signal_new ("error-signal",
                                               type,
                                               G_SIGNAL_RUN_LAST,
                                               0,
                                               NULL,
                                               NULL,
                                               NULL,
                                               G_TYPE_NONE,
                                               1,
                                               GALILEO_TYPE_SIGNAL);
  /**
   * GalileoUpload::succeeded:
   * @self: the upload
   *
   * The server confirmed the whole file. [signal@Galileo.Upload::closed] follows.
   */
  galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_SUCCEEDED] =
      g_signal_new ("succeeded", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * GalileoUpload::failed:
   * @self: the upload
   * @error_signals: (element-type GalileoSignal): all error signals received, in order; if the server sent none, one
   *   made here that is `local` and names the cause. Never empty. Owned by the upload.
   *
   * The upload failed; [method@Galileo.Upload.get_error] tells why. Not emitted when it was cancelled.
   * [signal@Galileo.Upload::closed] follows.
   */
  galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_FAILED] =
      g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  /**
   * GalileoUpload::closed:
   * @self: the upload
   *
   * The connection has ended, and with it the upload. Comes after every end, once, up to 2 s after `succeeded`.
   */
  galileo_upload_signals[GALILEO_UPLOAD_SIGNAL_CLOSED] =
      g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galileo_upload_init (GalileoUpload *self)
{
  self->max_chunk_size = GALILEO_DEFAULT_CHUNK_SIZE;
  self->hash_type = GALILEO_HASH_SHA1;
  self->error_signals = g_ptr_array_new_with_free_func ((GDestroyNotify) galileo_signal_unref);
  self->cancellable = g_cancellable_new ();
  self->credits = galileo_credits_new ();
}

/**
 * galileo_upload_new:
 * @session: a session of the context that the upload will be started in
 * @address: a `ws` or `wss` address, as [func@Galileo.address_parse] gives it
 * @file: the file to upload
 *
 * Makes an upload. Nothing happens before [method@Galileo.Upload.start].
 *
 * Returns: (transfer full): a new upload
 */
GalileoUpload *
galileo_upload_new (SoupSession *session, GUri *address, GFile *file)
{
  g_return_val_if_fail (SOUP_IS_SESSION (session), NULL);
  g_return_val_if_fail (address != NULL, NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  return g_object_new (GALILEO_TYPE_UPLOAD, "session", session, "address", address, "file", file, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memory-stream.h"

#include <string.h>

struct _MemoryStream {
  GIOStream parent_instance;

  GInputStream *input;
  GOutputStream *output;

  GByteArray *incoming;
  gsize at; /* in incoming */
  GByteArray *written;
  gsize room;
  gboolean ended;
  gboolean reset;
  guint64 n_fed;
  guint64 n_written;
};

G_DEFINE_FINAL_TYPE (MemoryStream, memory_stream, G_TYPE_IO_STREAM)

/* Both halves know their stream, which owns them. */

#define MEMORY_TYPE_INPUT (memory_input_get_type ())

G_DECLARE_FINAL_TYPE (MemoryInput, memory_input, MEMORY, INPUT, GInputStream)

struct _MemoryInput {
  GInputStream parent_instance;

  MemoryStream *stream;
};

#define MEMORY_TYPE_OUTPUT (memory_output_get_type ())

G_DECLARE_FINAL_TYPE (MemoryOutput, memory_output, MEMORY, OUTPUT, GOutputStream)

struct _MemoryOutput {
  GOutputStream parent_instance;

  MemoryStream *stream;
};

static void input_iface_init (GPollableInputStreamInterface *iface);
static void output_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MemoryInput,
                               memory_input,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, input_iface_init))
G_DEFINE_FINAL_TYPE_WITH_CODE (MemoryOutput,
                               memory_output,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM, output_iface_init))

static gboolean
is_readable (GPollableInputStream *input)
{
  MemoryStream *stream = MEMORY_INPUT (input)->stream;

  return stream->at < stream->incoming->len || stream->ended || stream->reset;
}

static gboolean
is_writable (GPollableOutputStream *output)
{
  MemoryStream *stream = MEMORY_OUTPUT (output)->stream;

  return stream->room > 0 || stream->reset;
}

typedef struct {
  GSource source;
  MemoryStream *stream;
  GObject *half;
} HalfSource;

static gboolean
half_is_ready (GSource *source)
{
  HalfSource *self = (HalfSource *) source;

  return MEMORY_IS_INPUT (self->half) ? is_readable (G_POLLABLE_INPUT_STREAM (self->half)) :
                                        is_writable (G_POLLABLE_OUTPUT_STREAM (self->half));
}

static gboolean
half_prepare (GSource *source, int *timeout)
{
  *timeout = -1;

  return half_is_ready (source);
}

static gboolean
half_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return ((GPollableSourceFunc) (void (*) (void)) callback) (((HalfSource *) source)->half, user_data);
}

static void
half_finalize (GSource *source)
{
  g_object_unref (((HalfSource *) source)->stream);
}

/* For sources that have this one as their child. */
static gboolean
half_closure (GObject *half, gpointer data)
{
  g_auto (GValue) result = G_VALUE_INIT;
  g_auto (GValue) argument = G_VALUE_INIT;

  g_value_init (&result, G_TYPE_BOOLEAN);
  g_value_init (&argument, G_TYPE_OBJECT);
  g_value_set_object (&argument, half);
  g_closure_invoke (data, &result, 1, &argument, NULL);

  return g_value_get_boolean (&result);
}

static GSource *
create_source (GObject *half, MemoryStream *stream)
{
  static GSourceFuncs functions = {
    half_prepare, half_is_ready, half_dispatch, half_finalize, (GSourceFunc) (void (*) (void)) half_closure, NULL,
  };
  GSource *source = g_source_new (&functions, sizeof (HalfSource));

  ((HalfSource *) source)->half = half;
  ((HalfSource *) source)->stream = g_object_ref (stream);

  return source;
}

static GSource *
create_input_source (GPollableInputStream *input, GCancellable *cancellable)
{
  g_assert (cancellable == NULL);

  return create_source (G_OBJECT (input), MEMORY_INPUT (input)->stream);
}

static GSource *
create_output_source (GPollableOutputStream *output, GCancellable *cancellable)
{
  g_assert (cancellable == NULL);

  return create_source (G_OBJECT (output), MEMORY_OUTPUT (output)->stream);
}

static void
input_iface_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = is_readable;
  iface->create_source = create_input_source;
}

static void
output_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = is_writable;
  iface->create_source = create_output_source;
}

static gboolean
fail_if_reset (MemoryStream *self, GError **error)
{
  if (self->reset)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "Connection reset by peer");

  return self->reset;
}

static gssize
memory_input_read (GInputStream *input, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  MemoryStream *stream = MEMORY_INPUT (input)->stream;
  gsize length = MIN (count, stream->incoming->len - stream->at);

  if (fail_if_reset (stream, error))
    return -1;

  if (length > 0)
    memcpy (buffer, stream->incoming->data + stream->at, length);
  stream->at += length;
  if (stream->at == stream->incoming->len) {
    g_byte_array_set_size (stream->incoming, 0);
    stream->at = 0;
  }

  return (gssize) length;
}

static gssize
memory_output_write (GOutputStream *output, const void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  MemoryStream *stream = MEMORY_OUTPUT (output)->stream;
  gsize length = MIN (count, stream->room);

  if (fail_if_reset (stream, error))
    return -1;

  g_byte_array_append (stream->written, buffer, (guint) length);
  stream->n_written += length;
  stream->room -= length;

  return (gssize) length;
}

static void
memory_input_class_init (MemoryInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = memory_input_read;
}

static void
memory_input_init (MemoryInput *self)
{
}

static void
memory_output_class_init (MemoryOutputClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = memory_output_write;
}

static void
memory_output_init (MemoryOutput *self)
{
}

static GInputStream *
memory_stream_get_input (GIOStream *stream)
{
  return MEMORY_STREAM (stream)->input;
}

static GOutputStream *
memory_stream_get_output (GIOStream *stream)
{
  return MEMORY_STREAM (stream)->output;
}

/* At once, as a socket's is: the default would take a thread. */
static void
memory_stream_close_async (GIOStream *stream,
                           int priority,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_priority (task, priority);
  g_input_stream_close (MEMORY_STREAM (stream)->input, NULL, NULL);
  g_output_stream_close (MEMORY_STREAM (stream)->output, NULL, NULL);
  g_task_return_boolean (task, TRUE);
}

static gboolean
memory_stream_close_finish (GIOStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
memory_stream_finalize (GObject *object)
{
  MemoryStream *self = MEMORY_STREAM (object);

  g_object_unref (self->input);
  g_object_unref (self->output);
  g_byte_array_unref (self->incoming);
  g_byte_array_unref (self->written);

  G_OBJECT_CLASS (memory_stream_parent_class)->finalize (object);
}

static void
memory_stream_class_init (MemoryStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memory_stream_finalize;
  G_IO_STREAM_CLASS (klass)->get_input_stream = memory_stream_get_input;
  G_IO_STREAM_CLASS (klass)->get_output_stream = memory_stream_get_output;
  G_IO_STREAM_CLASS (klass)->close_async = memory_stream_close_async;
  G_IO_STREAM_CLASS (klass)->close_finish = memory_stream_close_finish;
}

static void
memory_stream_init (MemoryStream *self)
{
  MemoryInput *input = g_object_new (MEMORY_TYPE_INPUT, NULL);
  MemoryOutput *output = g_object_new (MEMORY_TYPE_OUTPUT, NULL);

  input->stream = output->stream = self;
  self->input = G_INPUT_STREAM (input);
  self->output = G_OUTPUT_STREAM (output);
  self->incoming = g_byte_array_new ();
  self->written = g_byte_array_new ();
  self->room = G_MAXSIZE;
}

MemoryStream *
memory_stream_new (void)
{
  return g_object_new (MEMORY_TYPE_STREAM, NULL);
}

void
memory_stream_feed (MemoryStream *self, const void *data, gsize length)
{
  if (self->ended || self->reset)
    return;

  g_byte_array_append (self->incoming, data, (guint) length);
  self->n_fed += length;
}

void
memory_stream_end (MemoryStream *self)
{
  self->ended = TRUE;
}

void
memory_stream_reset (MemoryStream *self)
{
  self->reset = TRUE;
}

void
memory_stream_set_room (MemoryStream *self, gsize room)
{
  self->room = room;
}

GByteArray *
memory_stream_take (MemoryStream *self)
{
  GByteArray *written = self->written;

  self->written = g_byte_array_new ();

  return written;
}

guint64
memory_stream_get_fed (MemoryStream *self)
{
  return self->n_fed;
}

guint64
memory_stream_get_written (MemoryStream *self)
{
  return self->n_written;
}

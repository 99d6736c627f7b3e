/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-wire.h"

#include "galileo-frame.h"

/*
 * GalileoWire:
 *
 * The stream between a websocket of libsoup and its connection. All that libsoup reads and writes goes through it
 * unchanged; but file data is framed and written here. libsoup masks a byte at a time, copies each message first, writes
 * once in a turn of the main loop (with TLS that is 16 KiB) and does not say when it is done: that cost half of all the
 * processor time that an upload took.
 *
 * Frames of the two never mix: libsoup is told that its stream is full while one of ours is on its way, and ours waits
 * for the end of libsoup's.
 */
struct _GalileoWire {
  GIOStream parent_instance;

  GIOStream *base;
  GOutputStream *output;
  GPollableOutputStream *base_output;
  GalileoWireFunc function;
  gpointer data;

  GByteArray *frame; /* ours, masked */
  gsize written;     /* of it */
  gboolean busy;     /* the frame, or a part of it, is still to be written, or the kernel takes no more */
  gboolean in_other; /* libsoup has written the first part of a frame, and not the last */
  GSource *writable;
};

#define GALILEO_TYPE_WIRE_OUTPUT (galileo_wire_output_get_type ())

G_DECLARE_FINAL_TYPE (GalileoWireOutput, galileo_wire_output, GALILEO, WIRE_OUTPUT, GOutputStream)

/* What libsoup writes to. */
struct _GalileoWireOutput {
  GOutputStream parent_instance;

  GalileoWire *wire; /* which owns it */
};

static void pollable_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE (GalileoWire, galileo_wire, G_TYPE_IO_STREAM)

G_DEFINE_FINAL_TYPE_WITH_CODE (GalileoWireOutput,
                               galileo_wire_output,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM, pollable_iface_init))

/* Before libsoup's own, which has the default: so what is begun ends before another frame begins. */
#define WRITE_PRIORITY (G_PRIORITY_DEFAULT - 1)

/* Whether the stream is for our frame alone: it is being written, or comes next. */
static gboolean
is_taken (GalileoWire *self)
{
  return !self->in_other && self->written < self->frame->len;
}

static gboolean writable_cb (GObject *stream, gpointer user_data);

static void
watch (GalileoWire *self)
{
  if (self->writable != NULL)
    return;

  self->writable = g_pollable_output_stream_create_source (self->base_output, NULL);
  g_source_set_callback (self->writable, G_SOURCE_FUNC (writable_cb), self, NULL);
  g_source_set_priority (self->writable, WRITE_PRIORITY);
  /* It does not; but what may not recurse is taken out of the poll and put back for each of its turns. */
  g_source_set_can_recurse (self->writable, TRUE);
  g_source_set_static_name (self->writable, "[galileo] wire");
  g_source_attach (self->writable, g_main_context_get_thread_default ());
}

static void
unwatch (GalileoWire *self)
{
  if (self->writable != NULL)
    g_source_destroy (self->writable);
  g_clear_pointer (&self->writable, g_source_unref);
}

/* Writes what the kernel takes of the frame. Returns FALSE with an error, or without one if there is more to write. */
static gboolean
write_frame (GalileoWire *self, GError **error)
{
  while (self->written < self->frame->len) {
    g_autoptr (GError) problem = NULL;
    gssize n;

    n = g_pollable_output_stream_write_nonblocking (self->base_output,
                                                    self->frame->data + self->written,
                                                    self->frame->len - self->written,
                                                    NULL,
                                                    &problem);
    if (n < 0) {
      if (!g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
    self->written += (gsize) n;
  }

  return TRUE;
}

static gboolean
writable_cb (GObject *stream, gpointer user_data)
{
  g_autoptr (GalileoWire) self = g_object_ref (user_data);
  GError *error = NULL;

  if (self->in_other) {
    /* Its turn comes when libsoup has written the rest. */
    unwatch (self);
    return G_SOURCE_REMOVE;
  }
  if (!write_frame (self, &error) && error == NULL)
    return G_SOURCE_CONTINUE;

  /* The kernel asked for more before this was called, and may have got what it wanted just now. */
  if (error == NULL && !g_pollable_output_stream_is_writable (self->base_output))
    return G_SOURCE_CONTINUE;

  unwatch (self);
  self->busy = FALSE;
  if (self->function != NULL)
    self->function (error, self->data);
  g_clear_error (&error);

  return G_SOURCE_REMOVE;
}

/* The stream that libsoup sees */

static gssize
output_write (GOutputStream *stream, const void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Only to be written to without waiting");
  return -1;
}

static gboolean
output_is_writable (GPollableOutputStream *stream)
{
  GalileoWire *wire = GALILEO_WIRE_OUTPUT (stream)->wire;

  return !is_taken (wire) && g_pollable_output_stream_is_writable (wire->base_output);
}

/* While a frame of ours is on its way the kernel takes nothing, or the frame would be gone. */
static GSource *
output_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  GalileoWire *wire = GALILEO_WIRE_OUTPUT (stream)->wire;
  g_autoptr (GSource) base = g_pollable_output_stream_create_source (wire->base_output, NULL);

  return g_pollable_source_new_full (stream, base, cancellable);
}

static gssize
output_write_nonblocking (GPollableOutputStream *stream, const void *buffer, gsize count, GError **error)
{
  GalileoWire *wire = GALILEO_WIRE_OUTPUT (stream)->wire;
  gssize n;

  if (is_taken (wire)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "A frame is being written");
    return -1;
  }

  /* libsoup writes the rest of one frame at a time. */
  n = g_pollable_output_stream_write_nonblocking (wire->base_output, buffer, count, NULL, error);
  if (n > 0)
    wire->in_other = (gsize) n < count;
  if (n > 0 && !wire->in_other && wire->busy)
    watch (wire);

  return n;
}

static void
pollable_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = output_is_writable;
  iface->create_source = output_create_source;
  iface->write_nonblocking = output_write_nonblocking;
}

static void
galileo_wire_output_class_init (GalileoWireOutputClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = output_write;
}

static void
galileo_wire_output_init (GalileoWireOutput *self)
{
}

/* The wire */

static GInputStream *
galileo_wire_get_input_stream (GIOStream *stream)
{
  return g_io_stream_get_input_stream (GALILEO_WIRE (stream)->base);
}

static GOutputStream *
galileo_wire_get_output_stream (GIOStream *stream)
{
  return GALILEO_WIRE (stream)->output;
}

static gboolean
galileo_wire_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return g_io_stream_close (GALILEO_WIRE (stream)->base, cancellable, error);
}

static void
base_closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_io_stream_close_finish (G_IO_STREAM (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
galileo_wire_close_async (GIOStream *stream,
                          int priority,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GalileoWire *self = GALILEO_WIRE (stream);
  GTask *task = g_task_new (stream, cancellable, callback, user_data);

  unwatch (self);
  g_task_set_source_tag (task, galileo_wire_close_async);
  g_io_stream_close_async (self->base, priority, cancellable, base_closed_cb, task);
}

static gboolean
galileo_wire_close_finish (GIOStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
galileo_wire_finalize (GObject *object)
{
  GalileoWire *self = GALILEO_WIRE (object);

  unwatch (self);
  g_clear_object (&self->output);
  g_clear_object (&self->base);
  g_clear_pointer (&self->frame, g_byte_array_unref);

  G_OBJECT_CLASS (galileo_wire_parent_class)->finalize (object);
}

static void
galileo_wire_class_init (GalileoWireClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = galileo_wire_finalize;
  stream_class->get_input_stream = galileo_wire_get_input_stream;
  stream_class->get_output_stream = galileo_wire_get_output_stream;
  stream_class->close_fn = galileo_wire_close;
  stream_class->close_async = galileo_wire_close_async;
  stream_class->close_finish = galileo_wire_close_finish;
}

static void
galileo_wire_init (GalileoWire *self)
{
  GalileoWireOutput *output = g_object_new (GALILEO_TYPE_WIRE_OUTPUT, NULL);

  output->wire = self;
  self->output = G_OUTPUT_STREAM (output);
  self->frame = g_byte_array_new ();
}

/*
 * base: what a websocket reads and writes; both ways pollable. function: called each time after galileo_wire_send() said
 * that there is more to wait for.
 */
GalileoWire *
galileo_wire_new (GIOStream *base, GalileoWireFunc function, gpointer data)
{
  GalileoWire *self;

  g_return_val_if_fail (G_IS_IO_STREAM (base), NULL);

  self = g_object_new (GALILEO_TYPE_WIRE, NULL);
  self->base = g_object_ref (base);
  self->base_output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (base));
  self->function = function;
  self->data = data;

  return self;
}

/* Calls nobody and writes nothing any more. libsoup may have the stream for a while yet. */
void
galileo_wire_detach (GalileoWire *self)
{
  unwatch (self);
  self->function = NULL;
}

/*
 * Sends a BINARY message. To be called only if the last one is gone. Returns whether the kernel has taken all of it and
 * takes more; if not, and error is not set, the function is called when it does.
 */
gboolean
galileo_wire_send (GalileoWire *self, GBytes *payload, GError **error)
{
  g_autoptr (GError) problem = NULL;

  g_return_val_if_fail (GALILEO_IS_WIRE (self), FALSE);
  g_return_val_if_fail (!self->busy, FALSE);

  galileo_frame_write (self->frame, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), g_random_int ());
  self->written = 0;
  self->busy = TRUE;
  if (self->in_other)
    return FALSE;

  if (write_frame (self, &problem) && g_pollable_output_stream_is_writable (self->base_output)) {
    self->busy = FALSE;
    return TRUE;
  }

  if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  else
    watch (self);
  return FALSE;
}

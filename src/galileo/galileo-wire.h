/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GALILEO_TYPE_WIRE (galileo_wire_get_type ())

G_DECLARE_FINAL_TYPE (GalileoWire, galileo_wire, GALILEO, WIRE, GIOStream)

/* What was sent has left for the kernel, and it takes more; or it could not be written: then error is set. */
typedef void (*GalileoWireFunc) (GError  *error,
                                 gpointer data);

GalileoWire *galileo_wire_new       (GIOStream       *base,
                                     GalileoWireFunc  function,
                                     gpointer         data) G_GNUC_WARN_UNUSED_RESULT;
void         galileo_wire_detach    (GalileoWire     *self);

gboolean     galileo_wire_send      (GalileoWire     *self,
                                     GBytes          *payload,
                                     GError         **error);

G_END_DECLS

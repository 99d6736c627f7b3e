/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-signal.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* galileo-signal.c reads signals, galileo-signal-make.c makes them. */
struct _GalileoSignal {
  gatomicrefcount ref_count;
  JsonObject *object;
  gboolean mended; /* something in it is not what was sent */
};

GalileoSignal *galileo_signal_new_for_object (JsonObject *object) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

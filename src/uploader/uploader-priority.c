/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "uploader-priority.h"

#include <sys/resource.h>

/* Uploads at the full speed of a fast network keep a processor busy. The window must not wait for it, nor other programs. */
#define ENGINE_NICE 10

/* nice: of the calling thread, as of nice(1). */
void
uploader_priority_lower (int nice)
{
#ifdef __linux__
  /* Elsewhere it would be the whole program's. */
  setpriority (PRIO_PROCESS, 0, nice);
#endif
}

static gboolean
lower_cb (gpointer user_data)
{
  uploader_priority_lower (ENGINE_NICE);

  return G_SOURCE_REMOVE;
}

void
uploader_priority_lower_engine (GalileoEngine *engine)
{
  g_return_if_fail (GALILEO_IS_ENGINE (engine));

  galileo_engine_invoke (engine, lower_cb, NULL, NULL);
}

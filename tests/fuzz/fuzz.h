/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What libFuzzer calls, or standalone.c where there is no libFuzzer. A finding is an abort. */
int LLVMFuzzerInitialize    (int          *argc,
                             char       ***argv);
int LLVMFuzzerTestOneInput  (const guint8 *data,
                             gsize         size);

G_END_DECLS

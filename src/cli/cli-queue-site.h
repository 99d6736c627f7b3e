/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What holds for one site, as people type and read it, and as the queue's service knows it (a{sv}). */

GVariant *cli_queue_site_parse   (const char *const  *words,
                                  GError            **error) G_GNUC_WARN_UNUSED_RESULT;
char     *cli_queue_site_to_text (GVariant           *settings) G_GNUC_WARN_UNUSED_RESULT;
char     *cli_queue_site_to_json (GVariant           *settings) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

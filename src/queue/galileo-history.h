/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo-record.h"

G_BEGIN_DECLS

/* What has ended, as text for other programs. records: of GalileoRecord, as galileo_store_search_history_finish() gives them. */
char *galileo_history_to_csv  (GPtrArray *records) G_GNUC_WARN_UNUSED_RESULT;
char *galileo_history_to_json (GPtrArray *records) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "queue/galileo-item.h"

G_BEGIN_DECLS

/* What is searched for: an item matches if each word is somewhere in its name, its folder or the name of its site. */
typedef struct _UploaderSearch UploaderSearch;

UploaderSearch *uploader_search_new     (const char           *text);
void            uploader_search_free    (UploaderSearch       *self);
gboolean        uploader_search_matches (const UploaderSearch *self,
                                         GalileoItem          *item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UploaderSearch, uploader_search_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "galileo/galileo-engine.h"

G_BEGIN_DECLS

void uploader_priority_lower        (int            nice);
void uploader_priority_lower_engine (GalileoEngine *engine);

G_END_DECLS

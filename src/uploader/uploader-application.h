/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define UPLOADER_TYPE_APPLICATION (uploader_application_get_type ())

G_DECLARE_FINAL_TYPE (UploaderApplication, uploader_application,
                      UPLOADER, APPLICATION, AdwApplication)

UploaderApplication *uploader_application_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

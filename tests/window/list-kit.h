/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "window-kit.h"

#include "uploader/uploader-view.h"
#include "uploader/uploader-window.h"

G_BEGIN_DECLS

/* Everything rests, so that an item stays in the state that it is put into. */
typedef struct {
  GalileoQueue *queue;
  UploaderWindow *window;
  GtkWidget *list;
  UploaderView *view;
} ListKit;

void         list_kit_set_up             (ListKit           *fixture,
                                          gconstpointer      user_data);
void         list_kit_tear_down          (ListKit           *fixture,
                                          gconstpointer      user_data);
void         list_kit_settle             (ListKit           *fixture);
GalileoItem *list_kit_append             (ListKit           *fixture,
                                          const char        *name,
                                          GalileoItemState   state);
void         list_kit_append_one_of_each (ListKit           *fixture);
void         list_kit_assert_names       (gpointer           model,
                                          const char        *expected);
void         list_kit_activate           (ListKit           *fixture,
                                          const char        *action);
void         list_kit_select_names       (ListKit           *fixture,
                                          const char *const *names);

#define SELECT(...) list_kit_select_names (fixture, (const char *const[]) { __VA_ARGS__, NULL })

G_END_DECLS

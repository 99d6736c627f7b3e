/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "uploader-row.h"

G_BEGIN_DECLS

/* In the order of the buttons */
enum {
  UPLOADER_ROW_COPY_LINK,
  UPLOADER_ROW_DETAILS,
  UPLOADER_ROW_SITE,
  UPLOADER_ROW_LOCATE,
  UPLOADER_ROW_RETRY,
  UPLOADER_ROW_PAUSE,
  UPLOADER_ROW_RESUME,
  UPLOADER_ROW_CANCEL,
  UPLOADER_ROW_REMOVE,
  UPLOADER_ROW_MENU,
  UPLOADER_ROW_N_COMMANDS,
};

/*
 * Shows one GalileoItem. Its buttons are the actions above; each emits the signal of that name, and the
 * window does the work.
 *
 * A list view makes two hundred rows at once. So a row makes a button when it first needs it, and asks
 * for tooltips only where the pointer rests: to set one is a question to the display server.
 */
struct _UploaderRow {
  GtkWidget parent_instance;

  /* owned */
  GalileoQueue *queue; /* that the item is in; or NULL */
  GalileoItem *item;
  GSignalGroup *item_signals;
  GSignalGroup *queue_signals;
  UploaderThumbnails *thumbnails;       /* or NULL: icons will do */
  GCancellable *thumbnail_cancellable; /* of what this item has been asked for; NULL: nothing */
  guint update_id;
  guint countdown_id;
  char *spoken; /* what a screen reader has been told */
  gboolean narrow;

  /* borrowed from the box that they are in; NULL until they were needed */
  GtkWidget *buttons[UPLOADER_ROW_N_COMMANDS];

  /* template */
  GtkWidget *box;
  GtkImage *icon;
  GtkImage *badge;
  GtkLabel *name;
  GtkLabel *place;
  GtkLabel *words;
  GtkProgressBar *bar;
  GtkWidget *button_box;
};

/* uploader-row-buttons.c */
void        uploader_row_class_install_commands (GtkWidgetClass *klass);
void        uploader_row_update_buttons         (UploaderRow    *self,
                                                 const char     *name);
const char *uploader_row_get_button_tooltip     (UploaderRow    *self,
                                                 GtkWidget      *widget);

G_END_DECLS

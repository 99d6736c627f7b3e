/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "uploader-presence.h"
#include "uploader-site-entry.h"
#include "uploader-window.h"

#include "queue/galileo-adding.h"

G_BEGIN_DECLS

struct _UploaderWindow {
  AdwApplicationWindow parent_instance;

  /* owned */
  GalileoQueue *queue;
  GalileoSite *site; /* NULL until one is chosen */
  UploaderPresence *presence; /* NULL: the program ends with this window */
  GSettings *settings;
  GCancellable *cancellable; /* of what the clipboard is asked */
  GPtrArray *addings; /* of GalileoAdding: still looking, or putting into the queue */
  guint show_finding_id;
  GPtrArray *held_files; /* of GFile: added while there was no site to send them to */
  GtkFileChooserNative *chooser;
  GQueue arrivals; /* on their way back into the list */
  guint arrivals_id;
  guint update_id;

  /* borrowed, cleared when they go */
  GtkWidget *closing_dialog;

  /* template */
  AdwToastOverlay *toasts;
  AdwWindowTitle *plain_title;
  GtkMenuButton *site_button;
  GtkLabel *site_label;
  GtkPopover *site_popover;
  UploaderSiteEntry *popover_entry;
  UploaderSiteEntry *page_entry;
  GtkRevealer *finding_bar;
  GtkLabel *finding_label;
  GtkStack *pages;
  AdwStatusPage *site_page;
  AdwStatusPage *empty_page;
  GtkRevealer *drop_overlay;
  GtkLabel *drop_label;
  GtkDropTarget *drop_target;
  GtkListView *list;
  GtkMultiSelection *selection;
};

/* uploader-window.c */
void uploader_window_queue_update  (UploaderWindow      *self);
void uploader_window_show_details  (UploaderWindow      *self,
                                    GalileoItem         *item);
void uploader_window_ask_for_site  (UploaderWindow      *self);

/* uploader-window-actions.c */
void uploader_window_class_install_actions (UploaderWindowClass *klass);
void uploader_window_init_keys             (UploaderWindow      *self);
void uploader_window_update_actions        (UploaderWindow      *self);
void uploader_window_remove_items          (UploaderWindow      *self,
                                            GPtrArray           *items);

/* uploader-window-files.c */
void uploader_window_choose_files     (UploaderWindow *self,
                                       gboolean        folders);
void uploader_window_start_held_files (UploaderWindow *self);
void uploader_window_append_item      (UploaderWindow *self,
                                       GalileoItem    *item,
                                       gboolean        retry);
void uploader_window_stop_adding      (UploaderWindow *self);
guint uploader_window_count_adding    (UploaderWindow *self);
gboolean uploader_window_is_adding    (UploaderWindow *self);
void uploader_window_locate           (UploaderWindow *self,
                                       GalileoItem    *item);
void uploader_window_clear_arrivals   (UploaderWindow *self);
void uploader_window_finish_arrivals  (UploaderWindow *self);
void uploader_window_take_adding      (UploaderWindow *self,
                                       GalileoAdding  *adding);

/* uploader-window-questions.c */
void uploader_window_ask_about (UploaderWindow *self,
                                GalileoAdding  *adding);

/* uploader-window-closing.c */
gboolean uploader_window_close_request (GtkWindow *window);

/* uploader-window-dnd.c */
void uploader_window_init_drop (UploaderWindow *self);
void uploader_window_paste     (UploaderWindow *self);

G_END_DECLS

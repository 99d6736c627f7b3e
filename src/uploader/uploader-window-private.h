/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "uploader-presence.h"
#include "uploader-row.h"
#include "uploader-site-chooser.h"
#include "uploader-site-entry.h"
#include "uploader-view.h"
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
  UploaderView *view; /* what is shown of the queue */
  GHashTable *rows;   /* of UploaderRow, as many as the list has made */
  guint menu_frames;      /* for which it is still looked at */
  GalileoItem *menu_item; /* that the menu was opened at; NULL while it is closed */
  UploaderThumbnails *thumbnails;
  AdwToast *undo_toast; /* that brings back what was removed last; or NULL */
  guint thumbnails_id;
  guint narrow_id;
  guint paste_id; /* while it is waited for what there is to paste */
  gulong paste_handler_id;
  gboolean narrow;
  int scroll_step; /* of the list, in a frame, while something is dragged near its edge */
  guint scroll_id;

  /* borrowed, cleared when they go */
  GtkWidget *closing_dialog;
  GtkWidget *item_menu;
  UploaderRow *marked_row; /* that something is dragged over */

  /* template */
  AdwToastOverlay *toasts;
  AdwWindowTitle *plain_title;
  GtkMenuButton *site_button;
  GtkLabel *site_label;
  UploaderSiteChooser *site_chooser;
  UploaderSiteEntry *page_entry;
  GtkRevealer *problem_bar;
  GtkLabel *problem_label;
  GtkRevealer *finding_bar;
  GtkLabel *finding_label;
  GtkStack *pages;
  AdwStatusPage *site_page;
  AdwStatusPage *empty_page;
  GtkRevealer *drop_overlay;
  GtkLabel *drop_label;
  GtkDropTarget *drop_target;
  GtkStack *list_stack;
  AdwStatusPage *nothing_page;
  GtkListView *list;
  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  GtkWidget *search_button;
  GtkWidget *add_menu_button;
  GtkWidget *filter_buttons[UPLOADER_N_FILTERS];
  GMenuModel *item_menu_model;
};

/* uploader-window.c */
void uploader_window_queue_update  (UploaderWindow      *self);
void uploader_window_show_details  (UploaderWindow      *self,
                                    GalileoItem         *item);
void uploader_window_update_page   (UploaderWindow      *self);
void uploader_window_notify_searching (UploaderWindow   *self);

/* uploader-window-list.c */
void        uploader_window_class_bind_list (GtkWidgetClass *widget_class);
void        uploader_window_init_list       (UploaderWindow *self);
void        uploader_window_open_list       (UploaderWindow *self);
void        uploader_window_close_list      (UploaderWindow *self);
void        uploader_window_update_list     (UploaderWindow *self);
UploaderFilter uploader_window_get_filter   (UploaderWindow *self);
void        uploader_window_set_filter      (UploaderWindow *self,
                                             UploaderFilter  filter);
gboolean    uploader_window_get_searching   (UploaderWindow *self);
void        uploader_window_set_searching   (UploaderWindow *self,
                                             gboolean        searching);
void        uploader_window_find            (UploaderWindow *self);

/* uploader-window-rows.c */
void        uploader_window_class_bind_rows (GtkWidgetClass *widget_class);
void        uploader_window_init_rows       (UploaderWindow *self);
void        uploader_window_open_rows       (UploaderWindow *self);
void        uploader_window_close_rows      (UploaderWindow *self);
void        uploader_window_sized           (UploaderWindow *self,
                                             int             width);

/* uploader-window-menu.c */
void        uploader_window_init_menu       (UploaderWindow *self);
void        uploader_window_close_menu      (UploaderWindow *self);
UploaderRow *uploader_window_get_row_at     (UploaderWindow *self,
                                             double          x,
                                             double          y);
void        uploader_window_show_menu_of    (UploaderWindow *self,
                                             UploaderRow    *row,
                                             int             x,
                                             int             y);
void        uploader_window_show_item_menu  (UploaderWindow *self);
void        uploader_window_focus_item      (UploaderWindow *self,
                                             GalileoItem    *item);

/* uploader-window-reorder.c */
void        uploader_window_init_reorder    (UploaderWindow *self);
void        uploader_window_stop_reorder    (UploaderWindow *self);

/* uploader-window-items.c */
void        uploader_window_items_cb           (GtkWidget      *widget,
                                                const char     *name,
                                                GVariant       *parameter);
void        uploader_window_move_cb            (GtkWidget      *widget,
                                                const char     *name,
                                                GVariant       *parameter);
void        uploader_window_undo_cb            (GtkWidget      *widget,
                                                const char     *name,
                                                GVariant       *parameter);
void        uploader_window_clear_finished_cb  (GtkWidget      *widget,
                                                const char     *name,
                                                GVariant       *parameter);
void        uploader_window_update_item_actions (UploaderWindow *self);
void        uploader_window_move_beside        (UploaderWindow *self,
                                                GPtrArray      *items,
                                                GalileoItem    *item,
                                                gboolean        below);
void        uploader_window_remove_items       (UploaderWindow *self,
                                                GPtrArray      *items);

/* uploader-window-sites.c */
void        uploader_window_class_bind_sites (GtkWidgetClass *widget_class);
void        uploader_window_open_sites      (UploaderWindow *self);
void        uploader_window_update_site     (UploaderWindow *self);
void        uploader_window_ask_for_site    (UploaderWindow *self);
void        uploader_window_add_site        (UploaderWindow *self);
void        uploader_window_edit_site       (UploaderWindow *self,
                                             GalileoSite    *site);

/* uploader-window-actions.c */
void uploader_window_class_install_actions (UploaderWindowClass *klass);
void uploader_window_init_keys             (UploaderWindow      *self);
void uploader_window_update_actions        (UploaderWindow      *self);

/* uploader-window-files.c */
void uploader_window_choose_files     (UploaderWindow *self,
                                       gboolean        folders);
void uploader_window_start_held_files (UploaderWindow *self);
void uploader_window_return_item      (UploaderWindow *self,
                                       GalileoItem    *item,
                                       GalileoItem    *before,
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

/* uploader-window-paste.c */
void uploader_window_paste         (UploaderWindow *self);
void uploader_window_stop_waiting_to_paste (UploaderWindow *self);
void uploader_window_add_file_list (UploaderWindow *self,
                                    GdkFileList    *list);
void uploader_window_add_texture   (UploaderWindow *self,
                                    GdkTexture     *texture);

G_END_DECLS

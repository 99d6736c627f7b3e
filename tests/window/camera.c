/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "camera.h"

#include "window-kit.h"

/*
 * Takes pictures of windows in the process that they are in: what GTK drew is drawn once more, onto a texture. So there
 * is no screen that something could be in front of, corners are round, and a popover lies over its window as with a
 * compositor.
 */

typedef struct {
  GdkFrameClock *clock;
  gint64 wanted;
} Frames;

static gboolean
are_drawn (gpointer data)
{
  Frames *frames = data;

  return gdk_frame_clock_get_frame_counter (frames->clock) >= frames->wanted;
}

/* Without a window manager no window has the focus, and a program lets the colours of one without it fade. */
static void
light_up (GtkWidget *window)
{
  gtk_widget_unset_state_flags (window, GTK_STATE_FLAG_BACKDROP);
  gtk_window_set_focus_visible (GTK_WINDOW (window), FALSE);
  if (gtk_widget_has_css_class (window, "solid-csd")) {
    gtk_widget_remove_css_class (window, "solid-csd");
    gtk_widget_add_css_class (window, "csd");
  }
}

/* What was changed is on the screen: sizes may take a frame more. */
void
camera_settle (GtkWidget *window)
{
  Frames frames = { gtk_widget_get_frame_clock (window), 0 };

  light_up (window);
  for (guint i = 0; i < 3; i++) {
    window_kit_settle ();
    frames.wanted = gdk_frame_clock_get_frame_counter (frames.clock) + 1;
    gtk_widget_queue_draw (window);
    gdk_frame_clock_request_phase (frames.clock, GDK_FRAME_CLOCK_PHASE_PAINT);
    window_kit_wait_until (are_drawn, &frames, "a frame");
  }
}

/* The one that is open; or NULL. */
GtkWidget *
camera_find_popover (GtkWidget *root)
{
  if (GTK_IS_POPOVER (root))
    return gtk_widget_get_mapped (root) ? root : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = camera_find_popover (child);

    if (found != NULL)
      return found;
  }

  return NULL;
}

/* Where a native's widget is on its surface. */
static graphene_point_t
get_inset (GtkWidget *native)
{
  double x, y;

  gtk_native_get_surface_transform (GTK_NATIVE (native), &x, &y);

  return GRAPHENE_POINT_INIT ((float) x, (float) y);
}

/* Where a popover is on its window. */
static graphene_rect_t
get_place (GtkWidget *window, GtkWidget *popover)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (popover));
  graphene_point_t outer = get_inset (window);
  graphene_point_t inner = get_inset (popover);

  return GRAPHENE_RECT_INIT ((float) gdk_popup_get_position_x (GDK_POPUP (surface)) + inner.x - outer.x,
                             (float) gdk_popup_get_position_y (GDK_POPUP (surface)) + inner.y - outer.y,
                             (float) gtk_widget_get_width (popover),
                             (float) gtk_widget_get_height (popover));
}

static gboolean
has_room (gpointer popover)
{
  int natural;

  gtk_widget_measure (popover, GTK_ORIENTATION_VERTICAL, -1, NULL, &natural, NULL, NULL);

  return gdk_surface_get_height (gtk_native_get_surface (GTK_NATIVE (popover))) >= natural;
}

static void
append (GtkSnapshot *snapshot, GtkWidget *widget, const graphene_rect_t *place)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &place->origin);
  gdk_paintable_snapshot (paintable, snapshot, place->size.width, place->size.height);
  gtk_snapshot_restore (snapshot);
}

/* The window, with the popover that is open in it: the picture is larger where that hangs over the edge. */
void
camera_take (GtkWidget *window, const char *path)
{
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  graphene_rect_t all, place;
  GtkWidget *popover;

  camera_settle (window);
  place = GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (window), (float) gtk_widget_get_height (window));
  all = place;
  append (snapshot, window, &place);
  popover = camera_find_popover (window);
  if (popover != NULL) {
    window_kit_wait_until (has_room, popover, "all that a popover offers");
    camera_settle (window);
    place = get_place (window, popover);
    append (snapshot, popover, &place);
    graphene_rect_union (&all, &place, &all);
  }

  node = gtk_snapshot_to_node (snapshot);
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, &all);
  if (!gdk_texture_save_to_png (texture, path))
    g_error ("%s: can't be written", path);
}

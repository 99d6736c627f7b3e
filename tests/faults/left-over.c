/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "left-over.h"

/* How long may pass until workers have let go of what they hold; less in a subprocess, where it is known to stay. */
#define SETTLE_SECONDS (g_test_subprocess () ? 1 : 10)

/* How often to look whether they have. */
#define LOOK_MS 2

struct _LeftOver {
  GMainContext *context;
  char *folder;
  GHashTable *descriptors;
  GHashTable *threads;
  GHashTable *allowed_files;
  GPtrArray *objects;
};

typedef struct {
  const char *name;
  GWeakRef object;
} Watched;

/* A folder's entries, to what read_entry() makes of each. */
static GHashTable *
list_folder (const char *folder, char *(*read_entry) (const char *path))
{
  GHashTable *entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    char *value = read_entry (path);

    /* What is gone by now: the descriptor that this list itself was read by, a thread that ended. */
    if (value != NULL)
      g_hash_table_insert (entries, g_strdup (name), value);
  }

  return entries;
}

static char *
read_descriptor (const char *path)
{
  char *target = g_file_read_link (path, NULL);

  if (target != NULL && g_str_has_prefix (target, "/proc/") && g_str_has_suffix (target, "/fd"))
    g_clear_pointer (&target, g_free);

  return target;
}

static char *
read_thread (const char *path)
{
  g_autofree char *file = g_build_filename (path, "comm", NULL);
  char *name = NULL;

  if (g_file_get_contents (file, &name, NULL, NULL))
    g_strchomp (name);

  return name;
}

static char *
read_file_name (const char *path)
{
  return g_path_get_basename (path);
}

/* GLib keeps workers of tasks and of the resolver, and one for its own context. */
static gboolean
is_lasting_thread (const char *name)
{
  return g_str_has_prefix (name, "pool-") || g_str_equal (name, "gmain") || g_str_equal (name, LEFT_OVER_WATCHDOG);
}

/* What the new list holds beyond the old one. */
static void
append_new (GString *left,
            const char *what,
            GHashTable *before,
            GHashTable *after,
            gboolean (*ignore) (const char *))
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, after);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    if ((ignore == NULL || !ignore (value)) && g_strcmp0 (g_hash_table_lookup (before, key), value) != 0)
      g_string_append_printf (left, "%s %s (%s); ", what, (char *) key, (char *) value);
  }
}

/* Every source that is attached has an id, and ids are given in turn. */
static void
append_sources (GString *left, GMainContext *context)
{
  g_autoptr (GSource) last = g_idle_source_new ();
  guint last_id = g_source_attach (last, context);

  g_source_destroy (last);
  for (guint id = 1; id < last_id; id++) {
    GSource *source = g_main_context_find_source_by_id (context, id);

    if (source != NULL)
      g_string_append_printf (left,
                              "source %s; ",
                              g_source_get_name (source) != NULL ? g_source_get_name (source) : "without name");
  }
}

static char *
find (LeftOver *self)
{
  g_autoptr (GHashTable) descriptors = list_folder ("/proc/self/fd", read_descriptor);
  g_autoptr (GHashTable) threads = list_folder ("/proc/self/task", read_thread);
  g_autoptr (GHashTable) files = list_folder (self->folder, read_file_name);
  GString *left = g_string_new (NULL);

  append_new (left, "descriptor", self->descriptors, descriptors, NULL);
  append_new (left, "thread", self->threads, threads, is_lasting_thread);
  append_new (left, "file", self->allowed_files, files, NULL);
  append_sources (left, self->context);
  for (guint i = 0; i < self->objects->len; i++) {
    Watched *watched = g_ptr_array_index (self->objects, i);
    g_autoptr (GObject) object = g_weak_ref_get (&watched->object);

    if (object != NULL)
      g_string_append_printf (left, "%s, with %u references; ", watched->name, object->ref_count - 1);
  }

  return g_string_free (left, left->len == 0);
}

static gboolean
look_cb (gpointer user_data)
{
  gboolean *looked = user_data;

  *looked = TRUE;

  return G_SOURCE_REMOVE;
}

/* Lets the context run for a moment, at rest if it has nothing to do. */
static void
turn (GMainContext *context)
{
  g_autoptr (GSource) look = g_timeout_source_new (LOOK_MS);
  gboolean looked = FALSE;

  g_source_set_callback (look, look_cb, &looked, NULL);
  g_source_attach (look, context);
  while (!looked)
    g_main_context_iteration (context, TRUE);
}

static void
watched_free (gpointer data)
{
  Watched *watched = data;

  g_weak_ref_clear (&watched->object);
  g_free (watched);
}

LeftOver *
left_over_new (GMainContext *context, const char *folder)
{
  LeftOver *self = g_new0 (LeftOver, 1);

  self->context = g_main_context_ref (context);
  self->folder = g_strdup (folder);
  self->descriptors = list_folder ("/proc/self/fd", read_descriptor);
  self->threads = list_folder ("/proc/self/task", read_thread);
  self->allowed_files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->objects = g_ptr_array_new_with_free_func (watched_free);

  return self;
}

void
left_over_free (LeftOver *self)
{
  g_main_context_unref (self->context);
  g_free (self->folder);
  g_hash_table_unref (self->descriptors);
  g_hash_table_unref (self->threads);
  g_hash_table_unref (self->allowed_files);
  g_ptr_array_unref (self->objects);
  g_free (self);
}

void
left_over_allow_file (LeftOver *self, const char *name)
{
  g_hash_table_insert (self->allowed_files, g_strdup (name), g_strdup (name));
}

void
left_over_watch (LeftOver *self, const char *name, gpointer object)
{
  Watched *watched;

  if (object == NULL)
    return;

  watched = g_new0 (Watched, 1);
  watched->name = name;
  g_weak_ref_init (&watched->object, object);
  g_ptr_array_add (self->objects, watched);
}

char *
left_over_wait (LeftOver *self)
{
  gint64 deadline = g_get_monotonic_time () + SETTLE_SECONDS * G_USEC_PER_SEC;
  char *left;

  while (g_main_context_iteration (self->context, FALSE)) {
  }

  while ((left = find (self)) != NULL && g_get_monotonic_time () < deadline) {
    g_free (left);
    turn (self->context);
  }

  return left;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-adding.h"

#include "galileo-file-finder.h"
#include "galileo-number-name.h"
#include "galileo-queue-private.h"

/* So many items at once go into the queue, and so long at a time: thousands must not stop the main loop. */
#define SLICE_LENGTH 10
#define SLICE_USEC (8 * 1000)

struct _GalileoAdding {
  GObject parent_instance;

  GalileoQueue *queue;
  GalileoSite *site;
  GCancellable *cancellable;
  GPtrArray *files; /* of GFile: to be looked at once the queue is loaded; or NULL */
  gboolean looking;
  gboolean is_done;
  GalileoNameRule rule;
  GPtrArray *failed; /* NULL: they go into the queue */

  GQueue arrivals;    /* of GPtrArray of GalileoFound: to be put into the queue */
  guint next_arrival; /* of the first array */
  GPtrArray *slice; /* of GalileoItem: to be put there next */
  GSource *arrivals_source;
  GPtrArray *duplicates;
  GPtrArray *conflicts;
  GHashTable *numbers; /* target → the last number that its name was given, as a pointer */
  guint n_found;
  guint n_added;
  guint n_skipped;
};

enum {
  PROP_0,
  PROP_N_FOUND,
  PROP_N_ADDED,
  PROP_N_DUPLICATES,
  PROP_N_CONFLICTS,
  PROP_N_SKIPPED,
  PROP_BUSY,
  N_PROPS
};

enum {
  SIGNAL_DONE,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalileoAdding, galileo_adding, G_TYPE_OBJECT)

static void
notify_all (GalileoAdding *self)
{
  g_object_freeze_notify (G_OBJECT (self));
  for (guint prop = PROP_0 + 1; prop < N_PROPS; prop++)
    g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
  g_object_thaw_notify (G_OBJECT (self));
}

/* Names */

/* Gives it the first name that nothing else in the queue has. */
static void
rename_item (GalileoAdding *self, GalileoItem *item)
{
  g_autofree char *name = g_strdup (galileo_item_get_name (item));
  g_autofree char *key = galileo_queue_make_target (item);
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, key));

  number = MAX (number, 1);
  do {
    g_autofree char *numbered = galileo_number_name (name, ++number);

    galileo_item_set_name (item, numbered);
  } while (galileo_queue_find_name (self->queue, item) != NULL);
  g_hash_table_insert (self->numbers, g_steal_pointer (&key), GUINT_TO_POINTER (number));
}

/* Into the queue */

static void
append (GalileoAdding *self, GPtrArray *items)
{
  self->n_added += items->len;
  galileo_queue_append (self->queue, items);
}

/* Puts what was gathered into the queue, together: one by one is dear. */
static void
flush (GalileoAdding *self)
{
  if (self->slice->len > 0)
    append (self, self->slice);
  g_ptr_array_set_size (self->slice, 0);
}

static void
gather (GalileoAdding *self, GalileoItem *item)
{
  g_ptr_array_add (self->slice, g_object_ref (item));
  if (self->slice->len >= SLICE_LENGTH)
    flush (self);
}

/* Whether something gathered is the same file or has the same name: the queue must know of it first. */
static gboolean
is_gathered (GalileoAdding *self, GalileoItem *item)
{
  for (guint i = 0; i < self->slice->len; i++) {
    GalileoItem *other = g_ptr_array_index (self->slice, i);

    if (g_str_equal (galileo_item_get_name (other), galileo_item_get_name (item)) ||
        g_file_equal (galileo_item_get_file (other), galileo_item_get_file (item)))
      return TRUE;
  }
  return FALSE;
}

static void
keep_back (GPtrArray *items, GalileoItem *item)
{
  g_ptr_array_add (items, g_object_ref (item));
}

static void
apply_rule (GalileoAdding *self, GalileoItem *item, GalileoNameRule rule)
{
  switch (rule) {
  case GALILEO_NAME_RULE_RENAME:
    flush (self);
    rename_item (self, item);
    gather (self, item);
    break;
  case GALILEO_NAME_RULE_REPLACE:
    gather (self, item);
    break;
  case GALILEO_NAME_RULE_SKIP:
    self->n_skipped++;
    break;
  case GALILEO_NAME_RULE_ASK:
  default:
    keep_back (self->conflicts, item);
  }
}

static GalileoNameRule
get_rule (GalileoAdding *self)
{
  return self->rule != GALILEO_NAME_RULE_ASK ? self->rule : galileo_site_get_name_rule (self->site);
}

/* What failed already is only to be shown. */
static void
take (GalileoAdding *self, GalileoItem *item)
{
  if (is_gathered (self, item))
    flush (self);

  if (galileo_item_is_final (item) && self->failed != NULL)
    keep_back (self->failed, item);
  else if (galileo_item_is_final (item))
    gather (self, item);
  else if (galileo_queue_find_duplicate (self->queue, item) != NULL)
    keep_back (self->duplicates, item);
  else if (galileo_queue_find_name (self->queue, item) != NULL)
    apply_rule (self, item, get_rule (self));
  else
    gather (self, item);
}

static void
become_done_if_so (GalileoAdding *self)
{
  if (self->is_done || galileo_adding_get_busy (self))
    return;

  self->is_done = TRUE;
  g_signal_emit (self, signals[SIGNAL_DONE], 0);
}

/* What can't be uploaded becomes an item like any other, which says why. */
static GalileoItem *
make_item (GalileoAdding *self, const GalileoFound *found)
{
  GalileoItem *item;

  if (found->error != NULL)
    return galileo_item_new_failed (self->site, found->file, found->error);

  item = galileo_item_new (self->site, found->file, NULL);
  galileo_item_set_expected (item, found->size, found->mtime);
  if (galileo_site_get_keep_folders (self->site))
    galileo_item_set_path (item, found->folder);

  return item;
}

static GalileoItem *
next_arrival (GalileoAdding *self)
{
  GPtrArray *found = g_queue_peek_head (&self->arrivals);
  GalileoItem *item = make_item (self, g_ptr_array_index (found, self->next_arrival));

  self->next_arrival++;
  if (self->next_arrival == found->len) {
    g_ptr_array_unref (g_queue_pop_head (&self->arrivals));
    self->next_arrival = 0;
  }
  return item;
}

static gboolean
arrivals_cb (gpointer user_data)
{
  g_autoptr (GalileoAdding) self = g_object_ref (user_data);
  gint64 start = g_get_monotonic_time ();
  gboolean more;

  do {
    for (guint i = 0; i < SLICE_LENGTH && !g_queue_is_empty (&self->arrivals); i++) {
      g_autoptr (GalileoItem) item = next_arrival (self);

      take (self, item);
    }
    flush (self);
  } while (!g_queue_is_empty (&self->arrivals) && g_get_monotonic_time () - start < SLICE_USEC);

  more = !g_queue_is_empty (&self->arrivals);
  if (!more)
    g_clear_pointer (&self->arrivals_source, g_source_unref);
  notify_all (self);
  become_done_if_so (self);

  return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Below the priority of drawing: the first items show while the others still come. */
static void
take_soon (GalileoAdding *self)
{
  if (self->arrivals_source != NULL)
    return;

  self->arrivals_source = g_idle_source_new ();
  g_source_set_priority (self->arrivals_source, G_PRIORITY_DEFAULT_IDLE);
  g_source_set_callback (self->arrivals_source, arrivals_cb, self, NULL);
  g_source_set_static_name (self->arrivals_source, "[galileo] adding");
  g_source_attach (self->arrivals_source, g_main_context_get_thread_default ());
}

static void
found_cb (GPtrArray *found, gpointer user_data)
{
  GalileoAdding *self = user_data;

  /* Items are made in slices: several hundred at once would take too long. */
  g_queue_push_tail (&self->arrivals, g_ptr_array_ref (found));
  self->n_found += found->len;
  take_soon (self);
  notify_all (self);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalileoAdding) self = user_data;

  /* Of each thing that could not be read there is an item; all that this could say is that it was cancelled. */
  (void) galileo_file_finder_run_finish (result, NULL);
  self->looking = FALSE;
  notify_all (self);
  become_done_if_so (self);
}

static void
clear_arrivals (GalileoAdding *self)
{
  if (self->arrivals_source != NULL)
    g_source_destroy (self->arrivals_source);
  g_clear_pointer (&self->arrivals_source, g_source_unref);
  g_queue_clear_full (&self->arrivals, (GDestroyNotify) g_ptr_array_unref);
  self->next_arrival = 0;
}

static void
galileo_adding_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GalileoAdding *self = GALILEO_ADDING (object);

  switch (prop_id) {
  case PROP_N_FOUND:
    g_value_set_uint (value, self->n_found);
    break;
  case PROP_N_ADDED:
    g_value_set_uint (value, self->n_added);
    break;
  case PROP_N_DUPLICATES:
    g_value_set_uint (value, self->duplicates->len);
    break;
  case PROP_N_CONFLICTS:
    g_value_set_uint (value, self->conflicts->len);
    break;
  case PROP_N_SKIPPED:
    g_value_set_uint (value, self->n_skipped);
    break;
  case PROP_BUSY:
    g_value_set_boolean (value, galileo_adding_get_busy (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
galileo_adding_dispose (GObject *object)
{
  GalileoAdding *self = GALILEO_ADDING (object);

  g_cancellable_cancel (self->cancellable);
  clear_arrivals (self);
  g_clear_object (&self->queue);
  g_clear_object (&self->site);

  G_OBJECT_CLASS (galileo_adding_parent_class)->dispose (object);
}

static void
galileo_adding_finalize (GObject *object)
{
  GalileoAdding *self = GALILEO_ADDING (object);

  g_object_unref (self->cancellable);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_ptr_array_unref (self->slice);
  g_ptr_array_unref (self->duplicates);
  g_ptr_array_unref (self->conflicts);
  g_clear_pointer (&self->failed, g_ptr_array_unref);
  g_hash_table_unref (self->numbers);

  G_OBJECT_CLASS (galileo_adding_parent_class)->finalize (object);
}

static void
galileo_adding_class_init (GalileoAddingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = galileo_adding_get_property;
  object_class->dispose = galileo_adding_dispose;
  object_class->finalize = galileo_adding_finalize;

  props[PROP_N_FOUND] = g_param_spec_uint ("n-found", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_ADDED] = g_param_spec_uint ("n-added", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_DUPLICATES] = g_param_spec_uint ("n-duplicates", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_CONFLICTS] = g_param_spec_uint ("n-conflicts", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_SKIPPED] = g_param_spec_uint ("n-skipped", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_DONE] =
      g_signal_new ("done", GALILEO_TYPE_ADDING, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galileo_adding_init (GalileoAdding *self)
{
  self->cancellable = g_cancellable_new ();
  self->slice = g_ptr_array_new_with_free_func (g_object_unref);
  self->duplicates = g_ptr_array_new_with_free_func (g_object_unref);
  self->conflicts = g_ptr_array_new_with_free_func (g_object_unref);
  self->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->arrivals);
}

GalileoAdding *
galileo_adding_new (GalileoQueue *queue, GalileoSite *site)
{
  GalileoAdding *self;

  g_return_val_if_fail (GALILEO_IS_QUEUE (queue), NULL);
  g_return_val_if_fail (GALILEO_IS_SITE (site), NULL);

  self = g_object_new (GALILEO_TYPE_ADDING, NULL);
  self->queue = g_object_ref (queue);
  self->site = g_object_ref (site);

  return self;
}

/* What holds in place of the site's rule; GALILEO_NAME_RULE_ASK: that one. Before it is started. */
void
galileo_adding_set_rule (GalileoAdding *self, GalileoNameRule rule)
{
  g_return_if_fail (GALILEO_IS_ADDING (self));
  g_return_if_fail (!self->looking && !self->is_done);

  self->rule = rule;
}

/* What can't be uploaded does not go into the queue, but where galileo_adding_get_failed() has it. Before it is started. */
void
galileo_adding_keep_failed_back (GalileoAdding *self)
{
  g_return_if_fail (GALILEO_IS_ADDING (self));
  g_return_if_fail (!self->looking && !self->is_done && self->failed == NULL);

  self->failed = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
look (GalileoAdding *self)
{
  GalileoSite *known = galileo_queue_find_site (self->queue, galileo_site_get_address (self->site));
  g_autoptr (GPtrArray) files = g_steal_pointer (&self->files);

  /* What was kept of the site holds. */
  if (known != NULL)
    g_set_object (&self->site, known);
  galileo_file_finder_run_async (files, TRUE, self->cancellable, found_cb, self, looked_cb, g_object_ref (self));
}

/* The queue knows what is there already, so it can be told what comes twice. */
static void
loading_cb (GalileoAdding *self)
{
  if (self->files != NULL && !galileo_queue_is_loading (self->queue))
    look (self);
}

/* files: of GFile; folders among them are taken with all that is in them. To be called once. */
void
galileo_adding_start (GalileoAdding *self, GPtrArray *files)
{
  g_return_if_fail (GALILEO_IS_ADDING (self));
  g_return_if_fail (files != NULL);
  g_return_if_fail (!self->looking && !self->is_done);

  self->looking = TRUE;
  self->files = g_ptr_array_ref (files);
  g_signal_connect_object (self->queue, "notify::loading", G_CALLBACK (loading_cb), self, G_CONNECT_SWAPPED);
  loading_cb (self);
  notify_all (self);
}

/* Looks no further, and drops what is not in the queue yet, with what was kept back. */
void
galileo_adding_cancel (GalileoAdding *self)
{
  g_return_if_fail (GALILEO_IS_ADDING (self));

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  g_cancellable_cancel (self->cancellable);
  if (self->files != NULL)
    self->looking = FALSE;
  g_clear_pointer (&self->files, g_ptr_array_unref);
  clear_arrivals (self);
  g_ptr_array_set_size (self->duplicates, 0);
  g_ptr_array_set_size (self->conflicts, 0);
  notify_all (self);
  become_done_if_so (self);
}

guint
galileo_adding_get_n_found (GalileoAdding *self)
{
  g_return_val_if_fail (GALILEO_IS_ADDING (self), 0);

  return self->n_found;
}

guint
galileo_adding_get_n_added (GalileoAdding *self)
{
  g_return_val_if_fail (GALILEO_IS_ADDING (self), 0);

  return self->n_added;
}

guint
galileo_adding_get_n_skipped (GalileoAdding *self)
{
  g_return_val_if_fail (GALILEO_IS_ADDING (self), 0);

  return self->n_skipped;
}

gboolean
galileo_adding_get_busy (GalileoAdding *self)
{
  g_return_val_if_fail (GALILEO_IS_ADDING (self), FALSE);

  return self->looking || !g_queue_is_empty (&self->arrivals);
}

GPtrArray *
galileo_adding_get_duplicates (GalileoAdding *self)
{
  g_return_val_if_fail (GALILEO_IS_ADDING (self), NULL);

  return self->duplicates;
}

GPtrArray *
galileo_adding_get_conflicts (GalileoAdding *self)
{
  g_return_val_if_fail (GALILEO_IS_ADDING (self), NULL);

  return self->conflicts;
}

/* NULL unless galileo_adding_keep_failed_back() was called. */
GPtrArray *
galileo_adding_get_failed (GalileoAdding *self)
{
  g_return_val_if_fail (GALILEO_IS_ADDING (self), NULL);

  return self->failed;
}

GalileoSite *
galileo_adding_get_site (GalileoAdding *self)
{
  g_return_val_if_fail (GALILEO_IS_ADDING (self), NULL);

  return self->site;
}

/* What is in the queue already: uploads it again, or skips it. */
void
galileo_adding_answer_duplicates (GalileoAdding *self, gboolean add)
{
  g_autoptr (GPtrArray) items = NULL;

  g_return_if_fail (GALILEO_IS_ADDING (self));

  items = g_steal_pointer (&self->duplicates);
  self->duplicates = g_ptr_array_new_with_free_func (g_object_unref);
  if (add)
    append (self, items);
  else
    self->n_skipped += items->len;
  notify_all (self);
}

/* What would take the name of another file. rule: not GALILEO_NAME_RULE_ASK. */
void
galileo_adding_answer_conflicts (GalileoAdding *self, GalileoNameRule rule)
{
  g_autoptr (GPtrArray) items = NULL;

  g_return_if_fail (GALILEO_IS_ADDING (self));
  g_return_if_fail (rule != GALILEO_NAME_RULE_ASK);

  items = g_steal_pointer (&self->conflicts);
  self->conflicts = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < items->len; i++)
    apply_rule (self, g_ptr_array_index (items, i), rule);
  flush (self);
  notify_all (self);
}

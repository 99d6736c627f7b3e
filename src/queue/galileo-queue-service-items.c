/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-queue-service-private.h"

#include "galileo-queue-enums.h"

#include <glib/gi18n-lib.h>

/* What is in the queue: shown, and changed. */

/* As they go over the bus, where translations of the program and its user are not to be mixed up. */
static const char *const waits[] = {
  [GALILEO_WAIT_TURN] = "turn",       [GALILEO_WAIT_PAUSED] = "paused",   [GALILEO_WAIT_METERED] = "metered",
  [GALILEO_WAIT_NETWORK] = "network", [GALILEO_WAIT_SITE] = "site",       [GALILEO_WAIT_SIGN_IN] = "sign-in",
  [GALILEO_WAIT_NAME] = "name",
};

static const char *const places[] = {
  [GALILEO_PLACE_TOP] = "top",
  [GALILEO_PLACE_UP] = "up",
  [GALILEO_PLACE_DOWN] = "down",
  [GALILEO_PLACE_BOTTOM] = "bottom",
};

static void
add_text (GVariantDict *dict, const char *key, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    return;

  valid = g_utf8_make_valid (text, -1);
  g_variant_dict_insert (dict, key, "s", valid);
}

static void
add_file (GVariantDict *dict, GFile *file)
{
  g_autofree char *name = g_file_get_parse_name (file);
  g_autofree char *uri = g_file_get_uri (file);

  add_text (dict, "file", name);
  add_text (dict, "uri", uri);
}

static void
add_site (GVariantDict *dict, GalileoSite *site)
{
  g_autofree char *address = g_uri_to_string (galileo_site_get_address (site));

  add_text (dict, "site", address);
}

static void
add_state (GVariantDict *dict, GalileoQueue *queue, GalileoItem *item)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (GALILEO_TYPE_ITEM_STATE);
  GalileoItemState state = galileo_item_get_state (item);
  gint64 retry_time = galileo_item_get_retry_time (item);

  g_variant_dict_insert (dict, "state", "s", g_enum_get_value (states, (int) state)->value_nick);
  if (state == GALILEO_ITEM_WAITING)
    g_variant_dict_insert (dict, "wait", "s", waits[galileo_queue_get_wait (queue, item)]);
  if (state == GALILEO_ITEM_UPLOADING)
    g_variant_dict_insert (dict, "speed", "d", galileo_item_get_speed (item));
  if (state == GALILEO_ITEM_RETRYING)
    g_variant_dict_insert (dict,
                           "retry-in",
                           "d",
                           (double) MAX (retry_time - g_get_monotonic_time (), 0) / G_USEC_PER_SEC);
  if (galileo_item_get_error (item) != NULL)
    add_text (dict, "reason", galileo_item_get_error (item)->message);
}

static void
add_result (GVariantDict *dict, GalileoItem *item)
{
  if (galileo_item_get_finish_time (item) != NULL)
    g_variant_dict_insert (dict, "finished", "x", g_date_time_to_unix (galileo_item_get_finish_time (item)));
  add_text (dict, "link", galileo_item_get_url (item));
  add_text (dict, "hash", galileo_item_get_hash (item));
  if (galileo_item_get_state (item) == GALILEO_ITEM_DONE)
    g_variant_dict_insert (dict, "verified", "b", galileo_item_get_verified (item));
}

static GVariant *
describe (GalileoQueue *queue, GalileoItem *item)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&dict, "id", "x", galileo_queue_get_id (queue, item));
  add_text (&dict, "name", galileo_item_get_name (item));
  add_text (&dict, "folder", galileo_item_get_path (item));
  add_file (&dict, galileo_item_get_file (item));
  add_site (&dict, galileo_item_get_site (item));
  if (galileo_item_get_size (item) >= 0)
    g_variant_dict_insert (&dict, "size", "x", galileo_item_get_size (item));
  g_variant_dict_insert (&dict, "acknowledged", "t", galileo_item_get_acknowledged (item));
  g_variant_dict_insert (&dict, "attempt", "u", galileo_item_get_attempt (item));
  add_state (&dict, queue, item);
  add_result (&dict, item);

  return g_variant_dict_end (&dict);
}

static void
return_unknown (GTask *task, gint64 id)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, id);

  g_task_return_new_error (task,
                           GALILEO_QUEUE_SERVICE_ERROR,
                           GALILEO_QUEUE_SERVICE_ERROR_UNKNOWN_ITEM,
                           _("There is no upload with the number %s"),
                           text);
}

void
galileo_queue_service_list (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  GListModel *model = G_LIST_MODEL (self->queue);
  GVariantBuilder items = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  guint n = g_list_model_get_n_items (model);
  guint first = 0, most;
  gint64 after;

  g_variant_get (parameters, "(xu)", &after, &most);
  if (after != 0) {
    GalileoItem *item = galileo_queue_find_id (self->queue, after);

    if (item == NULL) {
      g_variant_builder_clear (&items);
      return_unknown (task, after);
      return;
    }
    first = galileo_queue_get_position (self->queue, item) + 1;
  }

  for (guint i = first; i < n && (most == 0 || i - first < most); i++) {
    g_autoptr (GalileoItem) item = g_list_model_get_item (model, i);

    g_variant_builder_add_value (&items, describe (self->queue, item));
  }
  galileo_queue_service_return_answer (task,
                                       g_variant_new ("(baa{sv})", galileo_queue_get_paused (self->queue), &items));
}

/* Each item once, or NULL if one is not there, which the task is told. */
static GPtrArray *
find_items (GalileoQueueService *self, GVariant *ids, GTask *task)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GVariantIter iter;
  gint64 id;

  g_variant_iter_init (&iter, ids);
  while (g_variant_iter_next (&iter, "x", &id)) {
    GalileoItem *item = galileo_queue_find_id (self->queue, id);

    if (item == NULL) {
      return_unknown (task, id);
      return NULL;
    }
    if (g_hash_table_add (seen, item))
      g_ptr_array_add (items, g_object_ref (item));
  }
  return g_steal_pointer (&items);
}

/* Does something to each item, and counts those whose state is another then. */
static void
change_items (GalileoQueueService *self,
              GVariant *parameters,
              GTask *task,
              void (*function) (GalileoQueue *, GalileoItem *))
{
  g_autoptr (GVariant) ids = g_variant_get_child_value (parameters, 0);
  g_autoptr (GPtrArray) items = find_items (self, ids, task);
  guint n_changed = 0;

  if (items == NULL)
    return;

  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);
    GalileoItemState before = galileo_item_get_state (item);

    function (self->queue, item);
    n_changed += galileo_item_get_state (item) != before;
  }
  galileo_queue_service_return_when_saved (self, task, g_variant_new ("(u)", n_changed));
}

static gboolean
is_everything (GVariant *parameters)
{
  g_autoptr (GVariant) ids = g_variant_get_child_value (parameters, 0);

  return g_variant_n_children (ids) == 0;
}

static void
set_all_paused (GalileoQueueService *self, GTask *task, gboolean paused)
{
  galileo_queue_set_paused (self->queue, paused);
  galileo_queue_service_return_when_saved (self, task, g_variant_new ("(u)", 0));
}

void
galileo_queue_service_pause (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  if (is_everything (parameters))
    set_all_paused (self, task, TRUE);
  else
    change_items (self, parameters, task, galileo_queue_pause);
}

void
galileo_queue_service_resume (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  if (is_everything (parameters))
    set_all_paused (self, task, FALSE);
  else
    change_items (self, parameters, task, galileo_queue_resume);
}

void
galileo_queue_service_retry_failed (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  guint n = galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_FAILED);

  galileo_queue_retry_failed (self->queue);
  n -= galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_FAILED);
  galileo_queue_service_return_when_saved (self, task, g_variant_new ("(u)", n));
}

void
galileo_queue_service_cancel (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  change_items (self, parameters, task, galileo_queue_cancel);
}

void
galileo_queue_service_remove (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  g_autoptr (GVariant) ids = g_variant_get_child_value (parameters, 0);
  g_autoptr (GPtrArray) items = find_items (self, ids, task);

  if (items == NULL)
    return;

  for (guint i = 0; i < items->len; i++)
    galileo_queue_remove (self->queue, g_ptr_array_index (items, i));
  galileo_queue_service_return_when_saved (self, task, g_variant_new ("(u)", items->len));
}

void
galileo_queue_service_move (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  g_autoptr (GVariant) ids = g_variant_get_child_value (parameters, 0);
  g_autoptr (GPtrArray) items = NULL;
  const char *word;
  guint place;

  g_variant_get_child (parameters, 1, "&s", &word);
  if (!galileo_queue_service_find_word (places, G_N_ELEMENTS (places), word, &place)) {
    galileo_queue_service_return_invalid (task, word);
    return;
  }

  items = find_items (self, ids, task);
  if (items == NULL)
    return;

  galileo_queue_move_to (self->queue, items, (GalileoPlace) place);
  galileo_queue_service_return_when_saved (self, task, g_variant_new ("(u)", items->len));
}

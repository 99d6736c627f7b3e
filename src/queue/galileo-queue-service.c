/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-queue-service.h"

#include "galileo-adding.h"
#include "galileo-history.h"
#include "galileo-queue-enums.h"
#include "galileo/galileo-address.h"

#include <glib/gi18n-lib.h>

struct _GalileoQueueService {
  GObject parent_instance;

  /* owned */
  GalileoQueue *queue; /* NULL while the program begins or ends */
  GalileoStore *store; /* NULL if nothing is kept */
  GHashTable *addings; /* GalileoAdding → GTask: under way */
};

G_DEFINE_FINAL_TYPE (GalileoQueueService, galileo_queue_service, G_TYPE_OBJECT)

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

static const char *const rules[] = {
  [GALILEO_NAME_RULE_ASK] = "site",
  [GALILEO_NAME_RULE_RENAME] = "rename",
  [GALILEO_NAME_RULE_SKIP] = "skip",
  [GALILEO_NAME_RULE_REPLACE] = "replace",
};

/* Answers */

static void
return_invalid (GTask *task, const char *word)
{
  g_task_return_new_error (task,
                           GALILEO_QUEUE_SERVICE_ERROR,
                           GALILEO_QUEUE_SERVICE_ERROR_INVALID,
                           _("“%s” is not known to the program that has the list of uploads"),
                           word);
}

static void
return_not_ready (GTask *task)
{
  g_task_return_new_error (task,
                           GALILEO_QUEUE_SERVICE_ERROR,
                           GALILEO_QUEUE_SERVICE_ERROR_NOT_READY,
                           _("The program that has the list of uploads is just starting or ending"));
}

/* answer: taken. */
static void
return_answer (GTask *task, GVariant *answer)
{
  g_task_return_pointer (task, g_variant_ref_sink (answer), (GDestroyNotify) g_variant_unref);
}

typedef struct {
  GTask *task;
  GVariant *answer;
} Saving;

static void
saved_cb (const GError *error, gpointer data)
{
  Saving *saving = data;

  if (error == NULL)
    return_answer (saving->task, saving->answer);
  else
    g_task_return_new_error (saving->task,
                             GALILEO_QUEUE_SERVICE_ERROR,
                             GALILEO_QUEUE_SERVICE_ERROR_NOT_SAVED,
                             _("The list of uploads can't be saved: %s"),
                             error->message);
  g_variant_unref (saving->answer);
  g_object_unref (saving->task);
  g_free (saving);
}

/* Answers once all is on the disk that was changed; a queue that is not kept has nothing to wait for. answer: taken. */
static void
return_when_saved (GalileoQueueService *self, GTask *task, GVariant *answer)
{
  Saving *saving;

  if (self->store == NULL) {
    return_answer (task, answer);
    return;
  }

  saving = g_new0 (Saving, 1);
  saving->task = g_object_ref (task);
  saving->answer = g_variant_ref_sink (answer);
  galileo_store_flush (self->store, saved_cb, saving);
}

static gboolean
find_word (const char *const *words, guint n, const char *word, guint *index)
{
  for (*index = 0; *index < n; (*index)++)
    if (g_str_equal (words[*index], word))
      return TRUE;
  return FALSE;
}

/* Items */

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

static void
list (GalileoQueueService *self, GVariant *parameters, GTask *task)
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
  return_answer (task, g_variant_new ("(baa{sv})", galileo_queue_get_paused (self->queue), &items));
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
  return_when_saved (self, task, g_variant_new ("(u)", n_changed));
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
  return_when_saved (self, task, g_variant_new ("(u)", 0));
}

static void
pause_items (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  if (is_everything (parameters))
    set_all_paused (self, task, TRUE);
  else
    change_items (self, parameters, task, galileo_queue_pause);
}

static void
resume_items (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  if (is_everything (parameters))
    set_all_paused (self, task, FALSE);
  else
    change_items (self, parameters, task, galileo_queue_resume);
}

static void
retry_failed (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  guint before = galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_FAILED);

  galileo_queue_retry_failed (self->queue);
  return_when_saved (self,
                     task,
                     g_variant_new ("(u)", before - galileo_queue_get_n_in_state (self->queue, GALILEO_ITEM_FAILED)));
}

static void
cancel_items (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  change_items (self, parameters, task, galileo_queue_cancel);
}

static void
remove_items (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  g_autoptr (GVariant) ids = g_variant_get_child_value (parameters, 0);
  g_autoptr (GPtrArray) items = find_items (self, ids, task);

  if (items == NULL)
    return;

  for (guint i = 0; i < items->len; i++)
    galileo_queue_remove (self->queue, g_ptr_array_index (items, i));
  return_when_saved (self, task, g_variant_new ("(u)", items->len));
}

static void
move_items (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  g_autoptr (GVariant) ids = g_variant_get_child_value (parameters, 0);
  g_autoptr (GPtrArray) items = NULL;
  const char *word;
  guint place;

  g_variant_get_child (parameters, 1, "&s", &word);
  if (!find_word (places, G_N_ELEMENTS (places), word, &place)) {
    return_invalid (task, word);
    return;
  }

  items = find_items (self, ids, task);
  if (items == NULL)
    return;

  galileo_queue_move_to (self->queue, items, (GalileoPlace) place);
  return_when_saved (self, task, g_variant_new ("(u)", items->len));
}

/* Adding */

static GVariant *
describe_failed (GPtrArray *items)
{
  GVariantBuilder failed = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));

  for (guint i = 0; i < items->len; i++) {
    GalileoItem *item = g_ptr_array_index (items, i);
    g_autofree char *uri = g_file_get_uri (galileo_item_get_file (item));
    g_autofree char *reason = g_utf8_make_valid (galileo_item_get_error (item)->message, -1);

    g_variant_builder_add (&failed, "(ss)", uri, reason);
  }
  return g_variant_builder_end (&failed);
}

static void
added_cb (GalileoAdding *adding, GalileoQueueService *self)
{
  g_autoptr (GalileoAdding) alive = g_object_ref (adding);
  g_autoptr (GTask) task = g_object_ref (g_hash_table_lookup (self->addings, adding));

  g_hash_table_remove (self->addings, adding);
  galileo_adding_answer_duplicates (adding, FALSE);
  galileo_adding_answer_conflicts (adding, GALILEO_NAME_RULE_RENAME);
  return_when_saved (self,
                     task,
                     g_variant_new ("(uu@a(ss))",
                                    galileo_adding_get_n_added (adding),
                                    galileo_adding_get_n_skipped (adding),
                                    describe_failed (galileo_adding_get_failed (adding))));
}

static GalileoSite *
find_site (GalileoQueueService *self, const char *address, GError **error)
{
  g_autoptr (GalileoSite) made = galileo_site_new (address, error);
  GalileoSite *known;

  if (made == NULL)
    return NULL;

  known = galileo_queue_find_site (self->queue, galileo_site_get_address (made));
  return g_object_ref (known != NULL ? known : made);
}

static void
add (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree const char **uris = NULL;
  g_autoptr (GalileoAdding) adding = NULL;
  g_autoptr (GalileoSite) site = NULL;
  g_autoptr (GError) error = NULL;
  const char *address, *word;
  guint rule;

  g_variant_get (parameters, "(&s^a&s&s)", &address, &uris, &word);
  if (!find_word (rules, G_N_ELEMENTS (rules), word, &rule)) {
    return_invalid (task, word);
    return;
  }
  site = find_site (self, address, &error);
  if (site == NULL) {
    g_task_return_new_error (task,
                             GALILEO_QUEUE_SERVICE_ERROR,
                             GALILEO_QUEUE_SERVICE_ERROR_INVALID,
                             "%s",
                             error->message);
    return;
  }
  /* Whoever calls goes away and relies on it. */
  if (self->store == NULL) {
    g_task_return_new_error (task,
                             GALILEO_QUEUE_SERVICE_ERROR,
                             GALILEO_QUEUE_SERVICE_ERROR_NOT_SAVED,
                             _("The running program can't save its list of uploads, so nothing was added"));
    return;
  }

  for (guint i = 0; uris[i] != NULL; i++)
    g_ptr_array_add (files, g_file_new_for_uri (uris[i]));

  adding = galileo_adding_new (self->queue, site);
  galileo_adding_set_rule (adding, (GalileoNameRule) rule);
  galileo_adding_keep_failed_back (adding);
  g_signal_connect_object (adding, "done", G_CALLBACK (added_cb), self, 0);
  g_hash_table_insert (self->addings, g_object_ref (adding), g_object_ref (task));
  galileo_adding_start (adding, files);
}

/* The history */

typedef struct {
  GPtrArray *records; /* of GalileoRecord; NULL before they are found */
  gboolean csv;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_clear_pointer (&search->records, g_ptr_array_unref);
  g_free (search);
}

/* Ten thousand entries are too much for the thread that draws. */
static void
write_history (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Search *search = data;
  g_autofree char *text = search->csv ? galileo_history_to_csv (search->records) : galileo_history_to_json (search->records);
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  return_answer (task, g_variant_new ("(s)", valid));
}

static void
found_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  search->records = galileo_store_search_history_finish (result, &error);
  if (search->records != NULL)
    g_task_run_in_thread (task, write_history);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
search_history (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  const char *text, *format;
  Search *search;

  g_variant_get (parameters, "(&s&s)", &text, &format);
  if (!g_str_equal (format, "json") && !g_str_equal (format, "csv")) {
    return_invalid (task, format);
    return;
  }

  search = g_new0 (Search, 1);
  search->csv = g_str_equal (format, "csv");
  g_task_set_task_data (task, search, search_free);
  if (self->store != NULL) {
    galileo_store_search_history_async (self->store, text, NULL, found_cb, g_object_ref (task));
  } else {
    search->records = g_ptr_array_new ();
    g_task_run_in_thread (task, write_history);
  }
}

static const struct {
  const char *name;
  void (*function) (GalileoQueueService *self, GVariant *parameters, GTask *task);
} commands[] = {
  { "List", list },
  { "Add", add },
  { "Pause", pause_items },
  { "Resume", resume_items },
  { "RetryFailed", retry_failed },
  { "Remove", remove_items },
  { "Cancel", cancel_items },
  { "Move", move_items },
  { "SearchHistory", search_history },
};

/* Whether the parameters are what the interface wants. */
static gboolean
check_parameters (const char *command, GVariant *parameters)
{
  GDBusMethodInfo *info = g_dbus_interface_info_lookup_method (galileo_queue_service_get_info (), command);
  g_autoptr (GString) type = g_string_new ("(");

  for (guint i = 0; info->in_args != NULL && info->in_args[i] != NULL; i++)
    g_string_append (type, info->in_args[i]->signature);
  g_string_append_c (type, ')');
  return g_str_equal (g_variant_get_type_string (parameters), type->str);
}

static void
forget_queue (GalileoQueueService *self)
{
  GalileoAdding *adding;
  GHashTableIter iter;
  GTask *task;

  g_clear_object (&self->queue);
  g_clear_object (&self->store);

  /* Its search for files may hold an adding for some time, which must not hold the queue, nor call back. */
  g_hash_table_iter_init (&iter, self->addings);
  while (g_hash_table_iter_next (&iter, (gpointer *) &adding, (gpointer *) &task)) {
    g_signal_handlers_disconnect_by_data (adding, self);
    galileo_adding_cancel (adding);
    g_object_run_dispose (G_OBJECT (adding));
    return_not_ready (task);
  }
  g_hash_table_remove_all (self->addings);
}

static void
galileo_queue_service_dispose (GObject *object)
{
  forget_queue (GALILEO_QUEUE_SERVICE (object));

  G_OBJECT_CLASS (galileo_queue_service_parent_class)->dispose (object);
}

static void
galileo_queue_service_finalize (GObject *object)
{
  g_hash_table_unref (GALILEO_QUEUE_SERVICE (object)->addings);

  G_OBJECT_CLASS (galileo_queue_service_parent_class)->finalize (object);
}

static void
galileo_queue_service_class_init (GalileoQueueServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = galileo_queue_service_dispose;
  object_class->finalize = galileo_queue_service_finalize;
}

static void
galileo_queue_service_init (GalileoQueueService *self)
{
  self->addings = g_hash_table_new_full (NULL, NULL, g_object_unref, g_object_unref);
}

GalileoQueueService *
galileo_queue_service_new (void)
{
  return g_object_new (GALILEO_TYPE_QUEUE_SERVICE, NULL);
}

/*
 * queue: what commands are for; NULL while there is none, when they are answered with NOT_READY, also those under way. store:
 * the one that keeps it, or NULL.
 */
void
galileo_queue_service_set_queue (GalileoQueueService *self, GalileoQueue *queue, GalileoStore *store)
{
  g_return_if_fail (GALILEO_IS_QUEUE_SERVICE (self));
  g_return_if_fail (queue == NULL || GALILEO_IS_QUEUE (queue));
  g_return_if_fail (store == NULL || GALILEO_IS_STORE (store));

  forget_queue (self);
  g_set_object (&self->queue, queue);
  g_set_object (&self->store, store);
}

gboolean
galileo_queue_service_get_paused (GalileoQueueService *self)
{
  g_return_val_if_fail (GALILEO_IS_QUEUE_SERVICE (self), FALSE);

  return self->queue != NULL && galileo_queue_get_paused (self->queue);
}

/* parameters: a tuple; NULL: an empty one. A floating reference is taken. */
void
galileo_queue_service_call_async (GalileoQueueService *self,
                                  const char *command,
                                  GVariant *parameters,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GVariant) taken = NULL;
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (GALILEO_IS_QUEUE_SERVICE (self));
  g_return_if_fail (command != NULL);

  taken = g_variant_ref_sink (parameters != NULL ? parameters : g_variant_new ("()"));
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, galileo_queue_service_call_async);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (!g_str_equal (commands[i].name, command) || !check_parameters (command, taken))
      continue;

    if (self->queue != NULL)
      commands[i].function (self, taken, task);
    else
      return_not_ready (task);
    return;
  }
  return_invalid (task, command);
}

/* Returns: (transfer full): a tuple. Fails with GALILEO_QUEUE_SERVICE_ERROR, or as the disk does. */
GVariant *
galileo_queue_service_call_finish (GalileoQueueService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "galileo-queue-service-private.h"

#include "galileo-adding.h"
#include "galileo-history.h"
#include "galileo/galileo-address.h"

#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (GalileoQueueService, galileo_queue_service, G_TYPE_OBJECT)

/* As they go over the bus, where translations of the program and its user are not to be mixed up. */
static const char *const rules[] = {
  [GALILEO_NAME_RULE_ASK] = "site",
  [GALILEO_NAME_RULE_RENAME] = "rename",
  [GALILEO_NAME_RULE_SKIP] = "skip",
  [GALILEO_NAME_RULE_REPLACE] = "replace",
};

/* Answers */

void
galileo_queue_service_return_invalid (GTask *task, const char *word)
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
void
galileo_queue_service_return_answer (GTask *task, GVariant *answer)
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
    galileo_queue_service_return_answer (saving->task, saving->answer);
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
void
galileo_queue_service_return_when_saved (GalileoQueueService *self, GTask *task, GVariant *answer)
{
  Saving *saving;

  if (self->store == NULL) {
    galileo_queue_service_return_answer (task, answer);
    return;
  }

  saving = g_new0 (Saving, 1);
  saving->task = g_object_ref (task);
  saving->answer = g_variant_ref_sink (answer);
  galileo_store_flush (self->store, saved_cb, saving);
}

gboolean
galileo_queue_service_find_word (const char *const *words, guint n, const char *word, guint *index)
{
  for (*index = 0; *index < n; (*index)++)
    if (g_str_equal (words[*index], word))
      return TRUE;
  return FALSE;
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
  galileo_queue_service_return_when_saved (self,
                                           task,
                                           g_variant_new ("(uu@a(ss))",
                                                          galileo_adding_get_n_added (adding),
                                                          galileo_adding_get_n_skipped (adding),
                                                          describe_failed (galileo_adding_get_failed (adding))));
}

/* The queue's site at an address, or a new one; NULL for a bad address, which ends the task. */
GalileoSite *
galileo_queue_service_find_site (GalileoQueueService *self, const char *address, GTask *task)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalileoSite) made = galileo_site_new (address, &error);
  GalileoSite *known;

  if (made == NULL) {
    g_task_return_new_error (task,
                             GALILEO_QUEUE_SERVICE_ERROR,
                             GALILEO_QUEUE_SERVICE_ERROR_INVALID,
                             "%s",
                             error->message);
    return NULL;
  }

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
  const char *address, *word;
  guint rule;

  g_variant_get (parameters, "(&s^a&s&s)", &address, &uris, &word);
  if (!galileo_queue_service_find_word (rules, G_N_ELEMENTS (rules), word, &rule)) {
    galileo_queue_service_return_invalid (task, word);
    return;
  }
  site = galileo_queue_service_find_site (self, address, task);
  if (site == NULL)
    return;

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
  char *(*to_text) (GPtrArray *) = search->csv ? galileo_history_to_csv : galileo_history_to_json;
  g_autofree char *text = to_text (search->records);
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  galileo_queue_service_return_answer (task, g_variant_new ("(s)", valid));
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
    galileo_queue_service_return_invalid (task, format);
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
  GalileoQueueServiceFunc function;
} commands[] = {
  { "List", galileo_queue_service_list },
  { "Add", add },
  { "Pause", galileo_queue_service_pause },
  { "Resume", galileo_queue_service_resume },
  { "RetryFailed", galileo_queue_service_retry_failed },
  { "Remove", galileo_queue_service_remove },
  { "Cancel", galileo_queue_service_cancel },
  { "Move", galileo_queue_service_move },
  { "SearchHistory", search_history },
  { "SetSite", galileo_queue_service_set_site },
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
 * queue: what commands are for; NULL while there is none, when they are answered with NOT_READY, also those under way.
 * store: the one that keeps it, or NULL.
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
  galileo_queue_service_return_invalid (task, command);
}

/* Returns: (transfer full): a tuple. Fails with GALILEO_QUEUE_SERVICE_ERROR, or as the disk does. */
GVariant *
galileo_queue_service_call_finish (GalileoQueueService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

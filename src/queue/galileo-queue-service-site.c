/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "galileo-queue-service-private.h"

#include "galileo-queue-private.h"

/* What holds for one site: shown and changed. */

static const char *const rules[] = {
  [GALILEO_NAME_RULE_ASK] = "ask",
  [GALILEO_NAME_RULE_RENAME] = "rename",
  [GALILEO_NAME_RULE_SKIP] = "skip",
  [GALILEO_NAME_RULE_REPLACE] = "replace",
};

static GVariant *
describe (GalileoSite *site)
{
  GVariantBuilder settings = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  g_variant_builder_add (&settings, "{sv}", "uploads-at-once", g_variant_new_uint32 (galileo_site_get_max_uploads (site)));
  g_variant_builder_add (&settings, "{sv}", "rate-limit", g_variant_new_uint64 (galileo_site_get_rate_limit (site)));
  g_variant_builder_add (&settings, "{sv}", "same-name", g_variant_new_string (rules[galileo_site_get_name_rule (site)]));
  g_variant_builder_add (&settings, "{sv}", "keep-folders", g_variant_new_boolean (galileo_site_get_keep_folders (site)));
  return g_variant_builder_end (&settings);
}

/* site: NULL to look only whether it could be done. */
static gboolean
set (GalileoSite *site, const char *name, GVariant *value)
{
  guint rule;

  if (g_str_equal (name, "uploads-at-once") && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32) &&
      g_variant_get_uint32 (value) <= GALILEO_SITE_MAX_UPLOADS) {
    if (site != NULL)
      galileo_site_set_max_uploads (site, g_variant_get_uint32 (value));
  } else if (g_str_equal (name, "rate-limit") && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64)) {
    if (site != NULL)
      galileo_site_set_rate_limit (site, g_variant_get_uint64 (value));
  } else if (g_str_equal (name, "same-name") && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) &&
             galileo_queue_service_find_word (rules, G_N_ELEMENTS (rules), g_variant_get_string (value, NULL), &rule)) {
    if (site != NULL)
      galileo_site_set_name_rule (site, (GalileoNameRule) rule);
  } else if (g_str_equal (name, "keep-folders") && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)) {
    if (site != NULL)
      galileo_site_set_keep_folders (site, g_variant_get_boolean (value));
  } else {
    return FALSE;
  }
  return TRUE;
}

/* Returns a name that can't be set, or not to that; or NULL. It belongs to the settings. */
static const char *
find_bad (GVariant *settings)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value)) {
    gboolean good = set (NULL, name, value);

    g_variant_unref (value);
    if (!good)
      return name;
  }
  return NULL;
}

void
galileo_queue_service_set_site (GalileoQueueService *self, GVariant *parameters, GTask *task)
{
  g_autoptr (GVariant) settings = NULL;
  g_autoptr (GalileoSite) site = NULL;
  GVariantIter iter;
  const char *address, *name;
  GVariant *value;

  g_variant_get (parameters, "(&s@a{sv})", &address, &settings);
  if (find_bad (settings) != NULL) {
    galileo_queue_service_return_invalid (task, find_bad (settings));
    return;
  }
  site = galileo_queue_service_find_site (self, address, task);
  if (site == NULL)
    return;

  /* Looking makes no site. */
  if (g_variant_n_children (settings) > 0)
    galileo_queue_add_site (self->queue, site);
  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value)) {
    (void) set (site, name, value);
    g_variant_unref (value);
  }
  galileo_queue_service_return_when_saved (self, task, g_variant_new ("(@a{sv})", describe (site)));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-queue-site.h"

#include "cli-size.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define MAX_UPLOADS 16

static GVariant *
parse_uploads (const char *text)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_UPLOADS, &number, NULL))
    return NULL;
  return g_variant_new_uint32 ((guint32) number);
}

static GVariant *
parse_rate (const char *text)
{
  guint64 rate;

  return cli_size_parse (text, &rate) ? g_variant_new_uint64 (rate) : NULL;
}

static GVariant *
parse_rule (const char *text)
{
  static const char *const rules[] = { "ask", "rename", "skip", "replace", NULL };

  return g_strv_contains (rules, text) ? g_variant_new_string (text) : NULL;
}

static GVariant *
parse_boolean (const char *text)
{
  if (!g_str_equal (text, "yes") && !g_str_equal (text, "no"))
    return NULL;
  return g_variant_new_boolean (g_str_equal (text, "yes"));
}

/* In the order in which they are shown. */
static const struct {
  const char *name;
  GVariant *(*parse) (const char *text);
  const char *takes;
} settings[] = {
  { "uploads-at-once", parse_uploads, N_("a number from 1 to 16, or 0 for as many as is usual") },
  { "rate-limit", parse_rate, N_("the bytes of a second, such as 500K or 2M, or 0 for no limit") },
  { "same-name", parse_rule, N_("ask, rename, skip or replace") },
  { "keep-folders", parse_boolean, N_("yes or no") },
};

/* What is typed after the address: NAME=VALUE. Errors are of G_OPTION_ERROR, one sentence each. */
GVariant *
cli_queue_site_parse (const char *const *words, GError **error)
{
  g_autoptr (GVariantDict) dict = g_variant_dict_new (NULL);

  for (; *words != NULL; words++) {
    const char *equals = strchr (*words, '=');
    gboolean known = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS (settings) && equals != NULL; i++) {
      GVariant *value;

      if (strlen (settings[i].name) != (gsize) (equals - *words) || !g_str_has_prefix (*words, settings[i].name))
        continue;
      known = TRUE;
      value = settings[i].parse (equals + 1);
      if (value == NULL) {
        g_set_error (error,
                     G_OPTION_ERROR,
                     G_OPTION_ERROR_BAD_VALUE,
                     /* Translators: the name of a setting, what can be given for it, and what was given */
                     _("%s takes %s, not “%s”"),
                     settings[i].name,
                     _(settings[i].takes),
                     equals + 1);
        return NULL;
      }
      g_variant_dict_insert_value (dict, settings[i].name, value);
    }
    if (!known) {
      g_set_error (error,
                   G_OPTION_ERROR,
                   G_OPTION_ERROR_BAD_VALUE,
                   _("“%s” is nothing that can be set for a site; there are uploads-at-once, rate-limit, same-name and "
                     "keep-folders, each with = and a value"),
                   *words);
      return NULL;
    }
  }
  return g_variant_ref_sink (g_variant_dict_end (dict));
}

/* A line each, as it could be typed. */
char *
cli_queue_site_to_text (GVariant *values)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autoptr (GVariant) value = g_variant_lookup_value (values, settings[i].name, NULL);
    g_autofree char *word = NULL;

    if (value == NULL)
      continue;
    if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
      word = g_strdup (g_variant_get_boolean (value) ? "yes" : "no");
    else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
      word = g_variant_dup_string (value, NULL);
    else
      word = g_variant_print (value, FALSE);
    g_string_append_printf (text, "%s=%s\n", settings[i].name, word);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
cli_queue_site_to_json (GVariant *values)
{
  g_autofree char *text = json_gvariant_serialize_data (values, NULL);

  return g_strconcat (text, "\n", NULL);
}

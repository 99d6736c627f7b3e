/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli-size.h"

/*
 * Reads a SIZE: a whole number of bytes, or of multiples of 1024 with K, M, G or T after it.
 * Returns false for anything else and for what does not fit, and leaves @size alone then.
 */
gboolean
cli_size_parse (const char *text, guint64 *size)
{
  static const char units[] = "KMGT";
  guint64 number = 0;
  const char *at = text;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (size != NULL, FALSE);

  if (!g_ascii_isdigit (*at))
    return FALSE;

  for (; g_ascii_isdigit (*at); at++)
    if (!g_uint64_checked_mul (&number, number, 10) ||
        !g_uint64_checked_add (&number, number, (guint64) g_ascii_digit_value (*at)))
      return FALSE;

  if (*at != '\0') {
    gboolean known = FALSE;

    for (const char *unit = units; *unit != '\0' && !known; unit++) {
      if (!g_uint64_checked_mul (&number, number, 1024))
        return FALSE;
      known = g_ascii_toupper (*at) == *unit;
    }

    if (!known || at[1] != '\0')
      return FALSE;
  }

  *size = number;
  return TRUE;
}

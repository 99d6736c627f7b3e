/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue/galileo-item-private.h"
#include "queue/galileo-totals.h"

static GalileoItem *
new_item (GalileoSite *site, gint64 size)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/tmp/x");
  GalileoItem *item = galileo_item_new (site, file, NULL);

  galileo_item_set_expected (item, size, 0);

  return item;
}

static void
test_shares (void)
{
  g_autoptr (GalileoSite) site = galileo_site_new ("ws://localhost/upload", NULL);
  g_autoptr (GalileoItem) a = new_item (site, 100);
  g_autoptr (GalileoItem) b = new_item (site, 300);
  GalileoShare share_a = { 0 }, share_b = { 0 };
  GalileoTotals totals = { 0 };

  galileo_totals_begin (&totals);
  galileo_totals_update (&totals, &share_a, a);
  galileo_totals_update (&totals, &share_b, b);
  g_assert_cmpuint (totals.size, ==, 400);
  g_assert_cmpfloat (galileo_totals_get_fraction (&totals), ==, 0.0);

  galileo_item_set_progress (a, GALILEO_UPLOAD_STATE_SENDING, 100, 100, 1);
  galileo_totals_update (&totals, &share_a, a);
  g_assert_cmpuint (totals.acknowledged, ==, 100);
  g_assert_cmpfloat (galileo_totals_get_fraction (&totals), ==, 0.25);

  /* Never full before it is over. */
  galileo_item_set_progress (b, GALILEO_UPLOAD_STATE_SENDING, 300, 300, 1);
  galileo_totals_update (&totals, &share_b, b);
  g_assert_cmpfloat (galileo_totals_get_fraction (&totals), <, 1.0);

  /* What failed is not part of it any more, but its bytes were moved. */
  galileo_item_set_state (b, GALILEO_ITEM_FAILED);
  galileo_totals_update (&totals, &share_b, b);
  g_assert_cmpuint (totals.size, ==, 100);
  g_assert_cmpuint (totals.acknowledged, ==, 100);
  g_assert_cmpuint (totals.moved, ==, 400);

  /* Shares of an old batch count no more, until they join anew. */
  galileo_totals_begin (&totals);
  galileo_totals_update (&totals, &share_a, a);
  g_assert_cmpuint (totals.size, ==, 0);
  galileo_totals_leave (&totals, &share_a);
  g_assert_cmpuint (totals.size, ==, 0);
  galileo_totals_update (&totals, &share_a, a);
  g_assert_cmpuint (totals.size, ==, 100);
  galileo_totals_leave (&totals, &share_a);
  g_assert_cmpuint (totals.size, ==, 0);
  g_assert_cmpuint (totals.acknowledged, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/totals/shares", test_shares);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * A resolver for tests, in place of the system's: nobody is asked.
 *
 *   nowhere.example    is not known
 *   broken.example     the name server has failed
 *   silent.example     the name server does not answer, until the look-up is cancelled
 *   two.example        127.0.0.2, then 127.0.0.1
 *   everything else    127.0.0.1
 */
#define TEST_TYPE_RESOLVER (test_resolver_get_type ())

G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

/* Makes it the default for the rest of the process. */
void test_resolver_install (void);

G_END_DECLS

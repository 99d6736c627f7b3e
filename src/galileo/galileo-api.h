/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What the shared library shows: the library is compiled with everything else hidden. */
#define GALILEO_API __attribute__ ((visibility ("default"))) extern

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <galileo/galileo-address.h>
#include <galileo/galileo-engine.h>
#include <galileo/galileo-enums.h>
#include <galileo/galileo-error.h>
#include <galileo/galileo-fingerprint.h>
#include <galileo/galileo-hash.h>
#include <galileo/galileo-name.h>
#include <galileo/galileo-signal.h>
#include <galileo/galileo-upload.h>
#include <galileo/galileo-version.h>

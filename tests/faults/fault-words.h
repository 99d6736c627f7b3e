/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What a server says when all is well. */
#define READY "{\"ready\":true}"
#define CLOSE "{\"close\":true}"

/* A ready whose chunk can't be taken for that of another. */
#define READY_7 "{\"ready\":true,\"chunksize\":7}"

/* The rest of a script in which the server asks for one chunk after the other. */
#define FROM_CHUNK .on_chunk = READY, .on_last_chunk = READY, .on_finished = CLOSE
#define FROM_METADATA .on_metadata = READY, FROM_CHUNK

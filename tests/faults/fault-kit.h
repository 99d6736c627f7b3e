/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "raw-peer.h"

#include "galileo/galileo-error.h"
#include "galileo/galileo-upload.h"

G_BEGIN_DECLS

/*
 * One upload under an oracle. A case sets a peer and a file up, runs one upload to its end, says what it expects, and
 * the kit looks for all that no case may ever do:
 *
 *   FaultRun *run = fault_run_new (600000);               a context, a folder, a file of so many bytes, a session
 *   RawPeer *peer = fault_run_serve (run, &script);       a peer of its own
 *
 *   galileo_upload_set_timeout (fault_run_get_upload (run), 1);
 *   fault_run_go (run);                                   returns when the upload is closed
 *   fault_run_expect (run, GALILEO_ERROR_STALLED, "did not ask");
 *   fault_run_free (run);
 *
 * Another peer, or something before a peer, takes the place of the second line:
 *
 *   fault_run_own (run, thing, thing_destroy);            freed by the run, before it looks for leaks
 *   fault_run_set_peer (run, address, received);          where to upload to, and what arrives there in the end
 *
 * Between fault_run_new() and fault_run_free() a context of the run's own is the thread's default: whatever is made there
 * (peers, proxies) belongs to it. Looked for in every case, besides what it expects:
 *
 *   - one final state, reached once; succeeded or failed told once; closed told once, after everything else
 *   - an error that fits the state, a sentence without a full stop; a failure has at least one error signal
 *   - succeeded: the peer holds the bytes that the file had, no more and no less
 *   - no descriptor, no source in the context, no thread beyond GLib's pools, no file in the folder is left over; the
 *     upload, its connection, its reader and the session are finalized. What ends a moment later in a worker is waited for
 *
 * What is wrong is told with g_test_message() and fails the case, not the program: the other cases go on. A case that takes
 * longer than FAULT_DEADLINE ends the program, naming the case and the state that it hangs in.
 */

/* In seconds. */
#define FAULT_DEADLINE 40

/* For fault_run_expect(), besides the codes of GalileoError. */
#define FAULT_SUCCESS (-1)
#define FAULT_CANCELLED (-2)

typedef struct {
  GMainContext *context;
  char *folder; /* empty but for the file */
  char *path;   /* the file, of a name that fault_run_new() gives it */
  GBytes *contents;
  SoupSession *session;
  GByteArray *received; /* what the peer holds */

  /* What came of it: a letter for each state ("ncmsSfCOFX": O, F and X are final), * for a chunk, ! for an error signal,
   * + for succeeded, - for failed, . for closed. */
  GString *events;
  guint n_chunks;
  guint n_error_signals;
  gboolean closed;

  /* The kit's own. */
  RawPeer *peer;
  GUri *address;
  GalileoUpload *upload;
  GPtrArray *owned;
  GPtrArray *objects;
  GHashTable *allowed_files;
  GHashTable *descriptors;
  GHashTable *threads;
  double last_ratio;
} FaultRun;

/* Called when a case goes wrong, with what. */
void           fault_problem           (const char   *format,
                                        ...) G_GNUC_PRINTF (1, 2);

/* Instead of g_test_init(). */
void           fault_init              (int          *argc,
                                        char       ***argv);
/* Adds the case /faults/GROUP/NAME. */
void           fault_add               (const char   *group,
                                        const char   *name,
                                        gconstpointer row,
                                        GTestDataFunc function);

/* The file's bytes are anything, no two stretches alike; its time is long ago, so that any change shows. */
FaultRun      *fault_run_new           (gsize         size);
/* A peer that the run owns, and that the upload goes to. What the client did wrong in its eyes fails the case. */
RawPeer       *fault_run_serve         (FaultRun     *self,
                                        const RawScript *script);
/* Things are freed last first. */
void           fault_run_own           (FaultRun     *self,
                                        gpointer      thing,
                                        GDestroyNotify destroy);
/* received: NULL if that peer never holds anything. */
void           fault_run_set_peer      (FaultRun     *self,
                                        GUri         *address,
                                        GByteArray   *received);
/* Uploads what stands at another path; contents: what should arrive, NULL for nothing that ever could. */
void           fault_run_set_file      (FaultRun     *self,
                                        const char   *path,
                                        GBytes       *contents);
/* A file of that name may be left in the folder. */
void           fault_run_allow_file    (FaultRun     *self,
                                        const char   *name);
/* Made by the first call, when address and file are known. */
GalileoUpload *fault_run_get_upload    (FaultRun     *self);
void           fault_run_start         (FaultRun     *self);
/* Starts it unless that was done, and returns when it is closed. */
void           fault_run_go            (FaultRun     *self);
/* code: of GalileoError, or FAULT_SUCCESS or FAULT_CANCELLED. words: what the message must hold, parts that all have to be
 * there parted by "|"; NULL for anything. */
void           fault_run_expect        (FaultRun     *self,
                                        int           code,
                                        const char   *words);
/* Turns the context until a condition of the case holds. */
#define        fault_run_until(self, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((self)->context, TRUE); \
  } G_STMT_END
void           fault_run_free          (FaultRun     *self);

G_END_DECLS

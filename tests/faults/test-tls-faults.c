/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "certificate.h"
#include "fault-kit.h"
#include "fault-words.h"
#include "test-resolver.h"

#include "galileo/galileo-fingerprint.h"

#define SIZE 600000

#define HOST "site.example"

/* What the session trusts. */
typedef enum {
  TRUSTS_AUTHORITY, /* that of the test */
  TRUSTS_SYSTEM,
} Trust;

typedef enum {
  NO_PIN,
  RIGHT_PIN,
  WRONG_PIN,
} Pin;

/* Who signs, and what is sent along. */
typedef enum {
  BY_AUTHORITY,
  BY_ITSELF,
  BY_STRANGER,
  BY_MIDDLE,           /* an authority below the authority, which is sent along */
  BY_MIDDLE_NOT_SENT,
  BY_EXPIRED_MIDDLE,
  BY_NO_AUTHORITY,     /* signed by the authority, but not to sign others */
} Signer;

typedef struct {
  const char *name;
  CertificateSpec certificate;
  Signer signer;
  Trust trust;
  Pin pin;
  const char *host; /* of the address; NULL for HOST */
  int code;
  const char *words;
} CertificateRow;

#define UNTRUSTED "The certificate of site.example is not trusted|"

static const CertificateRow certificate_rows[] = {
  { "good", { .host = HOST }, .code = FAULT_SUCCESS },
  { "good-by-address", { .address = "127.0.0.1" }, .host = "127.0.0.1", .code = FAULT_SUCCESS },
  { "good-wildcard", { .host = "*.sites.example" }, .host = "www.sites.example", .code = FAULT_SUCCESS },
  { "good-by-middle", { .host = HOST }, BY_MIDDLE, .code = FAULT_SUCCESS },
  { "upper-case-host", { .host = "SITE.example" }, .code = FAULT_SUCCESS },
  { "authority-not-trusted", { .host = HOST }, .trust = TRUSTS_SYSTEM,
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "no authority that is trusted here has signed it" },
  { "other-authority", { .host = HOST }, BY_STRANGER,
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "no authority that is trusted here has signed it" },
  { "self-signed", { .host = HOST }, BY_ITSELF,
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "no authority that is trusted here has signed it" },
  { "middle-missing", { .host = HOST }, BY_MIDDLE_NOT_SENT,
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "no authority that is trusted here has signed it" },
  { "middle-expired", { .host = HOST }, BY_EXPIRED_MIDDLE, .code = GALILEO_ERROR_TLS, .words = UNTRUSTED },
  { "signed-by-no-authority", { .host = HOST }, BY_NO_AUTHORITY, .code = GALILEO_ERROR_TLS, .words = UNTRUSTED },
  { "expired", { .host = HOST, .from_days = -30, .to_days = -1 },
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "expired" },
  { "not-yet-valid", { .host = HOST, .from_days = 2, .to_days = 30 },
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "not valid yet" },
  { "other-host", { .host = "other.example" },
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "belongs to another host" },
  { "other-address", { .address = "127.0.0.2" }, .host = "127.0.0.1",
    .code = GALILEO_ERROR_TLS, .words = "127.0.0.1 is not trusted|belongs to another host" },
  { "address-for-a-host", { .address = "127.0.0.1" },
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "belongs to another host" },
  { "host-for-an-address", { .host = HOST }, .host = "127.0.0.1",
    .code = GALILEO_ERROR_TLS, .words = "127.0.0.1 is not trusted|belongs to another host" },
  { "wildcard-two-levels", { .host = "*.sites.example" }, .host = "a.b.sites.example",
    .code = GALILEO_ERROR_TLS, .words = "a.b.sites.example is not trusted|belongs to another host" },
  { "wildcard-of-a-top-level", { .host = "*.example" },
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "belongs to another host" },
  { "wildcard-of-all", { .host = "*" },
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "belongs to another host" },
  { "no-name", { .authority = FALSE },
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "belongs to another host" },
  { "prefix-of-the-host", { .host = "site.exampl" },
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "belongs to another host" },
  { "expired-for-another-host", { .host = "other.example", .from_days = -30, .to_days = -1 }, BY_ITSELF,
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "expired" },
  { "weak", { .host = HOST, .weak = TRUE }, .code = GALILEO_ERROR_TLS, .words = "site.example" },

  /* Pins: in place of an authority, never in place of dates. */
  { "pinned", { .host = HOST }, .pin = RIGHT_PIN, .code = FAULT_SUCCESS },
  { "pinned-self-signed", { .host = HOST }, BY_ITSELF, .pin = RIGHT_PIN, .code = FAULT_SUCCESS },
  { "pinned-other-authority", { .host = HOST }, BY_STRANGER, TRUSTS_SYSTEM, RIGHT_PIN, .code = FAULT_SUCCESS },
  { "pinned-for-another-host", { .host = "other.example" }, BY_ITSELF, .pin = RIGHT_PIN, .code = FAULT_SUCCESS },
  { "pinned-but-expired", { .host = HOST, .from_days = -30, .to_days = -1 }, BY_ITSELF, .pin = RIGHT_PIN,
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "expired" },
  { "pinned-but-not-yet-valid", { .host = HOST, .from_days = 2, .to_days = 30 }, BY_ITSELF, .pin = RIGHT_PIN,
    .code = GALILEO_ERROR_TLS, .words = UNTRUSTED "not valid yet" },
  { "other-than-pinned", { .host = HOST }, BY_ITSELF, .pin = WRONG_PIN, .code = GALILEO_ERROR_TLS,
    .words = "site.example" },
  { "other-than-pinned-but-trusted", { .host = HOST }, .pin = WRONG_PIN, .code = GALILEO_ERROR_TLS,
    .words = "site.example" },
};

static const CertificateSpec authority_spec = { .authority = TRUE, .from_days = -100, .to_days = 100 };

/* The certificate with those that are sent along. */
static char *
make_chain (const CertificateRow *row, Certificate *authority, Certificate **leaf)
{
  static const CertificateSpec expired_spec = { .authority = TRUE, .from_days = -100, .to_days = -1 };
  static const CertificateSpec no_authority_spec = { .host = "other.example" };
  g_autoptr (Certificate) issuer = NULL;

  switch (row->signer) {
  case BY_AUTHORITY:
  case BY_ITSELF:
  default:
    break;
  case BY_STRANGER:
    issuer = certificate_new (&authority_spec, NULL);
    break;
  case BY_MIDDLE:
  case BY_MIDDLE_NOT_SENT:
    issuer = certificate_new (&authority_spec, authority);
    break;
  case BY_EXPIRED_MIDDLE:
    issuer = certificate_new (&expired_spec, authority);
    break;
  case BY_NO_AUTHORITY:
    issuer = certificate_new (&no_authority_spec, authority);
    break;
  }

  *leaf = certificate_new (&row->certificate, issuer != NULL ? issuer : row->signer == BY_ITSELF ? NULL : authority);
  if (issuer == NULL || row->signer == BY_MIDDLE_NOT_SENT)
    return g_strdup (certificate_get_text (*leaf));

  return g_strconcat (certificate_get_text (*leaf), certificate_get_text (issuer), NULL);
}

static void
trust (FaultRun *run, Certificate *authority)
{
  g_autofree char *path = g_build_filename (run->folder, "authority.pem", NULL);
  g_autoptr (GTlsDatabase) database = NULL;

  g_assert (g_file_set_contents (path, certificate_get_text (authority), -1, NULL));
  database = g_tls_file_database_new (path, NULL);
  g_assert (database != NULL);
  g_object_set (run->session, "tls-database", database, NULL);
  fault_run_allow_file (run, "authority.pem");
}

static char *
dup_fingerprint (const char *text)
{
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_pem (text, -1, NULL);

  return galileo_fingerprint_for_certificate (certificate);
}

static void
test_certificate (gconstpointer data)
{
  static const RawScript good = { FROM_METADATA };
  const CertificateRow *row = data;
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *peer = fault_run_serve (run, &good);
  g_autoptr (Certificate) authority = certificate_new (&authority_spec, NULL);
  g_autoptr (Certificate) leaf = NULL;
  g_autofree char *chain = make_chain (row, authority, &leaf);
  g_autofree char *pin = NULL;

  raw_peer_set_tls (peer, row->host != NULL ? row->host : HOST, chain, certificate_get_key (leaf), NULL);
  fault_run_set_peer (run, peer->address, peer->received);
  if (row->trust == TRUSTS_AUTHORITY)
    trust (run, authority);
  if (row->pin != NO_PIN) {
    pin = dup_fingerprint (certificate_get_text (row->pin == RIGHT_PIN ? leaf : authority));
    galileo_upload_set_pinned_certificate (fault_run_get_upload (run), pin);
  }
  fault_run_go (run);
  fault_run_expect (run, row->code, row->words);
  /* Not a byte goes to a server that is not trusted. */
  if (row->code != FAULT_SUCCESS && peer->request != NULL)
    fault_problem ("a request was sent");
  fault_run_free (run);
}

/* What may happen to a TLS connection that was fine until then. */
typedef struct {
  const char *name;
  RawScript script;
  const char *priority;
  int code;
  const char *words;
} Row;

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

static const Row rows[] = {
  { "tls-1.2", { FROM_METADATA }, TLS_1_2, FAULT_SUCCESS },
  { "tls-1.3", { FROM_METADATA }, TLS_1_3, FAULT_SUCCESS },
  { "tls-1.1", { FROM_METADATA }, "NORMAL:-VERS-ALL:+VERS-TLS1.1", GALILEO_ERROR_TLS,
    "version of TLS that is not safe" },
  { "tls-1.0", { FROM_METADATA }, "NORMAL:-VERS-ALL:+VERS-TLS1.0", GALILEO_ERROR_TLS,
    "version of TLS that is not safe" },
  { "no-common-cipher", { FROM_METADATA }, TLS_1_2 ":-CIPHER-ALL:+CAMELLIA-256-CBC:+CAMELLIA-128-CBC",
    GALILEO_ERROR_TLS, "does not speak TLS as expected" },
  { "rekey-at-metadata", { .on_metadata = "#rekey\n" READY, FROM_CHUNK }, TLS_1_3, FAULT_SUCCESS },
  { "rekey-at-each-chunk", { .on_metadata = READY, .on_chunk = "#rekey\n" READY, .on_last_chunk = READY,
    .on_finished = CLOSE },
    TLS_1_3, FAULT_SUCCESS },
  /* glib-networking does not take part; what counts is that it ends. */
  { "rehandshake-at-metadata", { .on_metadata = "#rehandshake\n" READY, FROM_CHUNK }, TLS_1_2,
    GALILEO_ERROR_INTERRUPTED, NULL },
  { "dripping", { .on_metadata = "#drip 0\n" READY, FROM_CHUNK }, NULL, FAULT_SUCCESS },

  { "cut-in-the-handshake", { .on_connect = "#cut" }, NULL, GALILEO_ERROR_TLS, "does not speak TLS as expected" },
  { "reset-in-the-handshake", { .on_connect = "#reset" }, NULL, GALILEO_ERROR_CONNECT, NULL },
  { "deaf-in-the-handshake", { .on_connect = "#deaf" }, NULL, GALILEO_ERROR_CONNECT, "no answer within" },
  { "alert-in-the-handshake", { .on_connect = "#base 15 03 03 00 02 02 28\n#cut" }, NULL,
    GALILEO_ERROR_TLS, "does not speak TLS as expected" },
  { "garbage-in-the-handshake", { .on_connect = "#base 16 03 03 00 05 ff ff ff ff ff" }, NULL,
    GALILEO_ERROR_TLS, "does not speak TLS as expected" },
  { "http-in-the-handshake", { .on_connect = "#base 48 54 54 50 2f 31 2e 31 20 34 30 30 20 42 61 64 0d 0a 0d 0a" },
    NULL,
    GALILEO_ERROR_TLS, "does not speak TLS as expected|ws://" },
  { "cut-at-the-request", { .on_request = "#cut" }, NULL, GALILEO_ERROR_CONNECT, NULL },
  { "404", { .on_request = "#http HTTP/1.1 404 Not Found|Content-Length: 0||" }, NULL, GALILEO_ERROR_HANDSHAKE, "404" },
  { "301-to-plain", { .on_request = "#http HTTP/1.1 301 x|Location: ws://127.0.0.1:1/|Content-Length: 0||" }, NULL,
    GALILEO_ERROR_HANDSHAKE, "ws://127.0.0.1:1/" },
};

/* What is done at metadata and at finished: how it ends in the one and in the other. */
static const struct {
  const char *name;
  const char *lines;
  int early_code;
  int late_code;
} events[] = {
  { "cut", "#cut", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "reset", "#reset", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "half-close", "#fin", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "close-notify", "#bye", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "close-notify-and-cut", "#bye\n#cut", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "cut-in-a-record", "#base 17 03 03 00 40 01 02\n#cut", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "alert-internal-error", "#alert fatal 80", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "alert-internal-error-and-cut", "#alert fatal 80\n#cut", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "alert-bad-record", "#alert fatal 20", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "alert-in-the-clear", "#base 15 03 03 00 02 02 50", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "record-of-another-key", "#base 17 03 03 00 20 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 "
                             "11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 20",
    GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "record-too-long", "#base 17 03 03 ff ff 00 00", GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "signal-in-the-clear", "#base 81 0e 7b 22 63 6c 6f 73 65 22 3a 74 72 75 65 7d",
    GALILEO_ERROR_INTERRUPTED, GALILEO_ERROR_UNCONFIRMED },
  { "silence", "", GALILEO_ERROR_STALLED, GALILEO_ERROR_STALLED },
};

static void
run_script (const RawScript *script, const char *priority, int code, const char *words)
{
  static const CertificateSpec spec = { .host = HOST };
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *peer = fault_run_serve (run, script);
  g_autoptr (Certificate) authority = certificate_new (&authority_spec, NULL);
  g_autoptr (Certificate) leaf = certificate_new (&spec, authority);

  raw_peer_set_tls (peer, HOST, certificate_get_text (leaf), certificate_get_key (leaf), priority);
  fault_run_set_peer (run, peer->address, peer->received);
  trust (run, authority);
  fault_run_hurry_for (run, code, words);
  fault_run_go (run);
  fault_run_expect (run, code, words);
  fault_run_free (run);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;

  run_script (&row->script, row->priority, row->code, row->words);
}

typedef struct {
  guint event;
  const char *priority;
  gboolean late;
} Cell;

static void
test_event (gconstpointer data)
{
  const Cell *cell = data;
  RawScript script = { FROM_METADATA };

  if (cell->late)
    script.on_finished = events[cell->event].lines;
  else
    script.on_first_chunk = events[cell->event].lines;
  run_script (&script,
              cell->priority,
              cell->late ? events[cell->event].late_code : events[cell->event].early_code,
              NULL);
}

/* No TLS at all behind a wss address. */
static const struct {
  const char *name;
  RawScript script;
  int code;
  const char *words;
} plain_rows[] = {
  { "plain-http", { .on_connect = "#http HTTP/1.1 400 Bad Request|Content-Length: 0||\n#cut" },
    GALILEO_ERROR_TLS, "does not speak TLS as expected|ws://" },
  { "plain-http-kept-open", { .on_connect = "#http HTTP/1.1 400 Bad Request|Content-Length: 0||" },
    GALILEO_ERROR_TLS, "does not speak TLS as expected|ws://" },
  { "plain-websocket", { FROM_METADATA }, GALILEO_ERROR_CONNECT, "no answer within" },
  { "plain-ssh", { .on_connect = "#http SSH-2.0-OpenSSH_9.2|" }, GALILEO_ERROR_TLS, "does not speak TLS as expected" },
};

static void
test_plain (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *peer = fault_run_serve (run, &plain_rows[i].script);
  g_autoptr (GUri) address =
      g_uri_build (G_URI_FLAGS_NONE, "wss", NULL, HOST, g_uri_get_port (peer->address), "/upload", NULL, NULL);

  fault_run_set_peer (run, address, peer->received);
  fault_run_hurry_for (run, plain_rows[i].code, plain_rows[i].words);
  fault_run_go (run);
  fault_run_expect (run, plain_rows[i].code, plain_rows[i].words);
  fault_run_free (run);
}

/* TLS behind a ws address: the server does not understand the request, and says so its own way. */
static void
test_tls_for_plain (gconstpointer data)
{
  static const RawScript good = { FROM_METADATA };
  static const CertificateSpec spec = { .host = HOST };
  FaultRun *run = fault_run_new (SIZE);
  RawPeer *peer = fault_run_serve (run, &good);
  g_autoptr (Certificate) leaf = certificate_new (&spec, NULL);
  g_autoptr (GUri) address = NULL;

  raw_peer_set_tls (peer, HOST, certificate_get_text (leaf), certificate_get_key (leaf), NULL);
  address = g_uri_build (G_URI_FLAGS_NONE, "ws", NULL, HOST, g_uri_get_port (peer->address), "/upload", NULL, NULL);
  fault_run_set_peer (run, address, peer->received);
  fault_run_go (run);
  fault_run_expect (run, GALILEO_ERROR_HANDSHAKE, "site.example does not answer as a web server does");
  fault_run_free (run);
}

static void
add_events (const char *version, const char *priority)
{
  for (guint i = 0; i < G_N_ELEMENTS (events); i++) {
    for (guint late = 0; late < 2; late++) {
      g_autofree char *name = g_strdup_printf ("%s-at-%s-%s", events[i].name, late ? "finished" : "chunk", version);
      Cell cell = { .event = i, .priority = priority, .late = late == 1 };

      fault_add_full ("tls", name, g_memdup2 (&cell, sizeof cell), test_event);
    }
  }
}

int
main (int argc, char **argv)
{
  fault_init (&argc, &argv);
  test_resolver_install ();

  for (guint i = 0; i < G_N_ELEMENTS (certificate_rows); i++)
    fault_add ("tls", certificate_rows[i].name, &certificate_rows[i], test_certificate);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fault_add ("tls", rows[i].name, &rows[i], test_row);
  for (guint i = 0; i < G_N_ELEMENTS (plain_rows); i++)
    fault_add ("tls", plain_rows[i].name, GUINT_TO_POINTER (i), test_plain);
  fault_add ("tls", "tls-for-a-plain-address", NULL, test_tls_for_plain);
  add_events ("1.2", TLS_1_2);
  add_events ("1.3", TLS_1_3);

  return g_test_run ();
}

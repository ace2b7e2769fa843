/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/crypto/tls-creds.c - credentials: names of files and the checks that
 * tell at the start what would fail with every client.
 * Left out: reading the files again while the machine runs; dh-params.pem, for
 * which GnuTLS has groups of its own. */
#include <errno.h>
#include <gio/gio.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/crypto/secret.h"
#include "backend/crypto/tls_priv.h"
#include "backend/kind.h"

typedef struct Creds Creds;

typedef struct {
    TlsCredsClass cls;
    gnutls_credentials_type_t type;
    const char *priority; /* what GnuTLS's defaults lack for it */
    /* False with an error. */
    bool (*load)(Creds *c, const Backends *b, Opts *opts, GError **error);
    void (*unload)(Creds *c);
} Kind;

struct Creds {
    TlsCreds creds;
    const Kind *kind;
    char *dir; /* NULL: none was named */
    bool verify_peer;
    gnutls_priority_t priority;
    void *handle; /* GnuTLS's, of the kind's type and for this end */
};

bool tls_fail(GError **error, int code, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID, "%s%s%s", text,
                code != 0 ? ": " : "", code != 0 ? gnutls_strerror(code) : "");
    return false;
}

/* ---- files ---- */

static char *path_of(const Creds *c, const char *name)
{
    return g_build_filename(c->dir, name, NULL);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool require_dir(const Creds *c, GError **error)
{
    return c->dir != NULL || tls_fail(error, 0, "parameter 'dir' is missing");
}

/* Whether it can be read: GnuTLS tells little about what cannot. */
static bool require_file(const char *path, GError **error)
{
    return access(path, R_OK) == 0 ||
           tls_fail(error, 0, "cannot read '%s': %s", path, g_strerror(errno));
}

/* Names of the files of an end. */
typedef struct {
    char *ca, *crl, *cert, *key;
} Files;

static void files_finish(Files *f)
{
    g_free(f->ca);
    g_free(f->crl);
    g_free(f->cert);
    g_free(f->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Files, files_finish)

static void files_init(Files *f, const Creds *c)
{
    bool server = c->creds.server;

    f->ca = path_of(c, "ca-cert.pem");
    f->crl = path_of(c, "ca-crl.pem");
    f->cert = path_of(c, server ? "server-cert.pem" : "client-cert.pem");
    f->key = path_of(c, server ? "server-key.pem" : "client-key.pem");
}

/* ---- checks of certificates ---- */

typedef struct {
    gnutls_x509_crt_t *list;
    unsigned n;
} Certs;

static void certs_finish(Certs *c)
{
    for (unsigned i = 0; i < c->n; i++) {
        gnutls_x509_crt_deinit(c->list[i]);
    }
    gnutls_free(c->list);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Certs, certs_finish)

static bool certs_read(Certs *c, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize len;
    gnutls_datum_t datum;
    int code;

    if (!g_file_get_contents(path, &text, &len, error)) {
        return false;
    }
    datum = (gnutls_datum_t){(unsigned char *)text, (unsigned)len};
    code = gnutls_x509_crt_list_import2(&c->list, &c->n, &datum,
                                        GNUTLS_X509_FMT_PEM, 0);
    return code >= 0 ||
           tls_fail(error, code, "cannot load certificates of '%s'", path);
}

static bool check_times(const Certs *c, const char *path, GError **error)
{
    time_t now = time(NULL);

    for (unsigned i = 0; i < c->n; i++) {
        if (gnutls_x509_crt_get_expiration_time(c->list[i]) < now) {
            return tls_fail(error, 0, "the certificate '%s' has expired", path);
        }
        if (gnutls_x509_crt_get_activation_time(c->list[i]) > now) {
            return tls_fail(error, 0, "the certificate '%s' is not yet active",
                            path);
        }
    }
    return true;
}

/* Whether peers that trust the authority will take our certificate. */
static bool check_chain(const Certs *own, const Certs *ca, const Files *f,
                        bool server, GError **error)
{
    const char *purpose =
        server ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st wanted = {
        .type = GNUTLS_DT_KEY_PURPOSE_OID,
        .data = (unsigned char *)purpose,
    };
    gnutls_x509_trust_list_t trusted;
    gnutls_datum_t why = {NULL, 0};
    unsigned status = 0;
    int code = gnutls_x509_trust_list_init(&trusted, 0);

    if (code >= 0) {
        code = gnutls_x509_trust_list_add_cas(trusted, ca->list, ca->n, 0);
    }
    if (code >= 0) {
        code = gnutls_x509_trust_list_verify_crt2(trusted, own->list, own->n,
                                                  &wanted, 1, 0, &status, NULL);
    }
    gnutls_x509_trust_list_deinit(trusted, 0);
    if (code < 0 || status == 0) {
        return code >= 0 || tls_fail(error, code, "cannot check '%s'", f->cert);
    }
    gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &why,
                                                 0);
    tls_fail(error, 0, "the certificate '%s' fails against '%s': %s", f->cert,
             f->ca, why.data != NULL ? g_strchomp((char *)why.data) : "");
    gnutls_free(why.data);
    return false;
}

static bool check_certificates(const Creds *c, const Files *f, GError **error)
{
    g_auto(Certs) ca = {NULL}, own = {NULL};

    if (!certs_read(&ca, f->ca, error) || !check_times(&ca, f->ca, error)) {
        return false;
    }
    if (!is_there(f->cert)) {
        return true;
    }
    return certs_read(&own, f->cert, error) &&
           check_times(&own, f->cert, error) &&
           check_chain(&own, &ca, f, c->creds.server, error);
}

char *tls_name_of(const gnutls_datum_t *certificate)
{
    gnutls_x509_crt_t crt;
    gnutls_datum_t dn = {NULL, 0};
    char *name = NULL;

    if (gnutls_x509_crt_init(&crt) < 0) {
        return NULL;
    }
    if (gnutls_x509_crt_import(crt, certificate, GNUTLS_X509_FMT_DER) >= 0 &&
        gnutls_x509_crt_get_dn3(crt, &dn, 0) >= 0) {
        name = g_strndup((const char *)dn.data, dn.size);
        gnutls_free(dn.data);
    }
    gnutls_x509_crt_deinit(crt);
    return name;
}

/* ---- certificates ---- */

static bool load_key(const Creds *c, const Files *f, const char *password,
                     GError **error)
{
    int code;

    if (!is_there(f->cert) && !c->creds.server) {
        return true; /* a client that shows none */
    }
    code = gnutls_certificate_set_x509_key_file2(
        c->handle, f->cert, f->key, GNUTLS_X509_FMT_PEM, password, 0);
    return code >= 0 ||
           tls_fail(error, code, "cannot use '%s' with the key '%s'", f->cert,
                    f->key);
}

static bool load_trust(const Creds *c, const Files *f, GError **error)
{
    int code = gnutls_certificate_set_x509_trust_file(c->handle, f->ca,
                                                      GNUTLS_X509_FMT_PEM);

    if (code < 0) {
        return tls_fail(error, code, "cannot load '%s'", f->ca);
    }
    if (is_there(f->crl)) {
        code = gnutls_certificate_set_x509_crl_file(c->handle, f->crl,
                                                    GNUTLS_X509_FMT_PEM);
    }
    return code >= 0 || tls_fail(error, code, "cannot load '%s'", f->crl);
}

static bool load_x509(Creds *c, const Backends *b, Opts *opts, GError **error)
{
    const char *password_id = opts_get(opts, "passwordid");
    g_autofree char *password = NULL;
    g_auto(Files) f = {NULL};
    gnutls_certificate_credentials_t handle;
    bool check = true;

    if (!require_dir(c, error) ||
        !opts_get_bool(opts, "sanity-check", &check, error) ||
        !opts_check_unused(opts, error)) {
        return false;
    }
    files_init(&f, c);
    if (password_id != NULL) {
        password = secret_text(b, password_id, error);
        if (password == NULL) {
            return false;
        }
    }
    if (!require_file(f.ca, error) ||
        ((c->creds.server || is_there(f.cert)) &&
         (!require_file(f.cert, error) || !require_file(f.key, error))) ||
        (check && !check_certificates(c, &f, error))) {
        return false;
    }
    gnutls_certificate_allocate_credentials(&handle);
    c->handle = handle;
    gnutls_certificate_set_known_dh_params(handle, GNUTLS_SEC_PARAM_MEDIUM);
    return load_trust(c, &f, error) && load_key(c, &f, password, error);
}

static void unload_x509(Creds *c)
{
    gnutls_certificate_free_credentials(c->handle);
}

/* ---- nothing but encryption ---- */

static bool load_anon(Creds *c, const Backends *b, Opts *opts, GError **error)
{
    if (!opts_check_unused(opts, error)) {
        return false;
    }
    if (c->creds.server) {
        gnutls_anon_server_credentials_t handle;

        gnutls_anon_allocate_server_credentials(&handle);
        gnutls_anon_set_server_known_dh_params(handle, GNUTLS_SEC_PARAM_MEDIUM);
        c->handle = handle;
    } else {
        gnutls_anon_client_credentials_t handle;

        gnutls_anon_allocate_client_credentials(&handle);
        c->handle = handle;
    }
    return true;
}

static void unload_anon(Creds *c)
{
    if (c->creds.server) {
        gnutls_anon_free_server_credentials(c->handle);
    } else {
        gnutls_anon_free_client_credentials(c->handle);
    }
}

/* ---- keys that both ends know ---- */

/* The line "user:KEY" of a key file; NULL with an error. */
static char *find_psk(const char *path, const char *user, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    size_t len = strlen(user);

    if (!g_file_get_contents(path, &text, NULL, error)) {
        return NULL;
    }
    lines = g_strsplit_set(text, "\r\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (strncmp(*line, user, len) == 0 && (*line)[len] == ':') {
            return g_strdup(*line + len + 1);
        }
    }
    tls_fail(error, 0, "'%s' has no key of '%s'", path, user);
    return NULL;
}

static int load_psk_client(Creds *c, const char *user, const char *key)
{
    gnutls_datum_t datum = {(unsigned char *)key, (unsigned)strlen(key)};
    gnutls_psk_client_credentials_t handle;

    gnutls_psk_allocate_client_credentials(&handle);
    c->handle = handle;
    return gnutls_psk_set_client_credentials(handle, user, &datum,
                                             GNUTLS_PSK_KEY_HEX);
}

static int load_psk_server(Creds *c, const char *path)
{
    gnutls_psk_server_credentials_t handle;

    gnutls_psk_allocate_server_credentials(&handle);
    c->handle = handle;
    gnutls_psk_set_server_known_dh_params(handle, GNUTLS_SEC_PARAM_MEDIUM);
    return gnutls_psk_set_server_credentials_file(handle, path);
}

static bool load_psk(Creds *c, const Backends *b, Opts *opts, GError **error)
{
    const char *user = opts_get(opts, "username");
    g_autofree char *path = NULL, *key = NULL;
    int code;

    if (!require_dir(c, error) || !opts_check_unused(opts, error)) {
        return false;
    }
    path = path_of(c, "keys.psk");
    if (!require_file(path, error)) {
        return false;
    }
    if (!c->creds.server) {
        user = user != NULL ? user : "qemu";
        key = find_psk(path, user, error);
        if (key == NULL) {
            return false;
        }
    }
    code = c->creds.server ? load_psk_server(c, path)
                           : load_psk_client(c, user, key);
    return code >= 0 || tls_fail(error, code, "cannot load '%s'", path);
}

static void unload_psk(Creds *c)
{
    if (c->creds.server) {
        gnutls_psk_free_server_credentials(c->handle);
    } else {
        gnutls_psk_free_client_credentials(c->handle);
    }
}

/* ---- all kinds ---- */

static const Kind kinds[] = {
    {{"tls-creds-anon", tls_creds_unref},
     GNUTLS_CRD_ANON,
     "+ANON-ECDH:+ANON-DH",
     load_anon,
     unload_anon},
    {{"tls-creds-psk", tls_creds_unref},
     GNUTLS_CRD_PSK,
     "+ECDHE-PSK:+DHE-PSK:+PSK",
     load_psk,
     unload_psk},
    {{"tls-creds-x509", tls_creds_unref},
     GNUTLS_CRD_CERTIFICATE,
     NULL,
     load_x509,
     unload_x509},
};

const char *tls_creds_kind(unsigned n)
{
    return n < G_N_ELEMENTS(kinds) ? kinds[n].cls.name : NULL;
}

static bool set_priority(Creds *c, const char *wanted, GError **error)
{
    const char *more = c->kind->priority;
    g_autofree char *text =
        g_strconcat(wanted != NULL ? wanted : "NORMAL", more != NULL ? ":" : "",
                    more != NULL ? more : "", NULL);
    int code = gnutls_priority_init(&c->priority, text, NULL);

    return code >= 0 || tls_fail(error, code, "priority '%s'", text);
}

static bool load(Creds *c, const Backends *b, Opts *opts, GError **error)
{
    static const char *const ends[] = {"client", "server", NULL};
    int end = 0;

    opts_get(opts, "qom-type");
    opts_get(opts, "id");
    c->dir = g_strdup(opts_get(opts, "dir"));
    c->verify_peer = true;
    if (!opts_get_choice(opts, "endpoint", ends, &end, error) ||
        !opts_get_bool(opts, "verify-peer", &c->verify_peer, error) ||
        !set_priority(c, opts_get(opts, "priority"), error)) {
        return false;
    }
    c->creds.server = end == 1;
    return c->kind->load(c, b, opts, error);
}

TlsCreds *tls_creds_new(const char *id, const Backends *b, Opts *opts,
                        GError **error)
{
    const char *name = opts_require(opts, "qom-type", error);
    const Kind *kind =
        name != NULL ? KIND_FIND(kinds, "kind", name, error) : NULL;
    Creds *c;

    if (kind == NULL) {
        return NULL;
    }
    c = g_atomic_rc_box_new0(Creds);
    c->kind = kind;
    c->creds.cls = &kind->cls;
    c->creds.id = g_strdup(id);
    if (!load(c, b, opts, error)) {
        g_prefix_error(error, "%s '%s': ", name, id);
        tls_creds_unref(&c->creds);
        return NULL;
    }
    return &c->creds;
}

static void creds_free(void *opaque)
{
    Creds *c = opaque;

    if (c->handle != NULL) {
        c->kind->unload(c);
    }
    if (c->priority != NULL) {
        gnutls_priority_deinit(c->priority);
    }
    g_free(c->dir);
    g_free(c->creds.id);
}

TlsCreds *tls_creds_ref(TlsCreds *c)
{
    return g_atomic_rc_box_acquire(c);
}

void tls_creds_unref(TlsCreds *c)
{
    if (c != NULL) {
        g_atomic_rc_box_release_full(c, creds_free);
    }
}

TlsCreds *tls_creds_find(const Backends *b, const char *id, bool server,
                         GError **error)
{
    TlsCreds *c = backends_tls(b, id);

    if (c == NULL) {
        tls_fail(error, 0, "no TLS credentials with id '%s'", id);
        return NULL;
    }
    if (c->server != server) {
        tls_fail(error, 0, "%s '%s': expected endpoint=%s", c->cls->name, id,
                 server ? "server" : "client");
        return NULL;
    }
    return tls_creds_ref(c);
}

bool tls_creds_have_certificates(const TlsCreds *c)
{
    return ((const Creds *)c)->kind->type == GNUTLS_CRD_CERTIFICATE;
}

/* ---- sessions ---- */

static int set_up(const Creds *c, gnutls_session_t s, const char *host)
{
    int code = gnutls_priority_set(s, c->priority);

    if (code >= 0) {
        code = gnutls_credentials_set(s, c->kind->type, c->handle);
    }
    if (code < 0 || c->kind->type != GNUTLS_CRD_CERTIFICATE ||
        !c->verify_peer) {
        return code;
    }
    if (c->creds.server) {
        gnutls_certificate_server_set_request(s, GNUTLS_CERT_REQUIRE);
    } else if (host != NULL && !g_hostname_is_ip_address(host)) {
        gnutls_server_name_set(s, GNUTLS_NAME_DNS, host, strlen(host));
    }
    gnutls_session_set_verify_cert(s, c->creds.server ? NULL : host, 0);
    return code;
}

gnutls_session_t tls_session_new(const TlsCreds *creds, const char *host,
                                 GError **error)
{
    const Creds *c = (const Creds *)creds;
    gnutls_session_t s = NULL;
    int code = gnutls_init(&s, (creds->server ? GNUTLS_SERVER : GNUTLS_CLIENT) |
                                   GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);

    if (code >= 0) {
        code = set_up(c, s, host);
    }
    if (code < 0) {
        tls_fail(error, code, "cannot begin");
        if (s != NULL) {
            gnutls_deinit(s);
        }
        return NULL;
    }
    return s;
}

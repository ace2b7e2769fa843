/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/client.c - one request at a time over libsoup. Redirects are
 * followed here, not there: what authorises us at a registry must not reach
 * the host it sends us to. */
#include "store/registry/client.h"

#include <gio/gunixinputstream.h>
#include <libsoup/soup.h>
#include <string.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/registry/mirrors.h"
#include "util/json-doc.h"

enum {
    MAX_REDIRECTS = 10,
    MAX_TOKEN_BYTES = 1 << 20,
    MAX_ERROR_BYTES = 64 << 10,
    TIMEOUT_S = 30,
};

struct RegistryClient {
    const RegistryOptions *o;
    SoupSession *session;
    char *domain; /* as people write it: for errors and credentials */
    char *base;   /* "https://host:port/v2/path/" */
    char *path;   /* the repository there */
    char *scheme; /* NULL: not tried yet */
    char *host;   /* host[:port][/prefix] to ask */
    bool push;
    Credentials credentials;
    char *authorization; /* NULL: none yet */
    GTlsCertificate *client_certificate;
    TlsPolicy tls;
};

/* ---- making ---- */

static bool is_loopback(const char *host)
{
    g_autofree char *name = NULL;
    const char *colon = strrchr(host, ':');
    g_autoptr(GInetAddress) address = NULL;

    if (*host == '[') {
        name = g_strndup(host + 1, strcspn(host + 1, "]"));
    } else {
        name = g_strndup(host, colon != NULL ? (size_t)(colon - host)
                                             : strcspn(host, "/"));
    }
    address = g_inet_address_new_from_string(name);
    return strcmp(name, "localhost") == 0 ||
           (address != NULL && g_inet_address_get_is_loopback(address));
}

/* DIR/ca.crt (any .crt), and a pair .cert and .key for us. */
static bool load_certificates(RegistryClient *c, GError **error)
{
    g_autofree char *usual =
        g_build_filename("/etc/containers/certs.d", c->domain, NULL);
    const char *folder = c->o->cert_dir != NULL ? c->o->cert_dir : usual;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *file = g_build_filename(folder, name, NULL);

        if (g_str_has_suffix(name, ".crt")) {
            g_autoptr(GTlsDatabase) roots =
                g_tls_file_database_new(file, error);

            if (roots == NULL) {
                g_prefix_error(error, "%s: ", file);
                return false;
            }
            soup_session_set_tls_database(c->session, roots);
        } else if (g_str_has_suffix(name, ".cert")) {
            g_autofree char *stem = g_strndup(file, strlen(file) - 5);
            g_autofree char *key = g_strconcat(stem, ".key", NULL);

            c->client_certificate =
                g_tls_certificate_new_from_files(file, key, error);
            if (c->client_certificate == NULL) {
                g_prefix_error(error, "%s: ", file);
                return false;
            }
        }
    }
    return true;
}

static void set_base(RegistryClient *c, const char *scheme)
{
    const char *slash = strchr(c->host, '/');
    g_autofree char *host =
        slash != NULL ? g_strndup(c->host, slash - c->host) : g_strdup(c->host);

    g_free(c->scheme);
    g_free(c->base);
    c->scheme = g_strdup(scheme);
    c->base = g_strconcat(
        scheme, "://", host, "/v2/", slash != NULL ? slash + 1 : "",
        slash != NULL ? "/" : "", c->path, *c->path != '\0' ? "/" : "", NULL);
}

static SoupSession *session_new(const RegistryOptions *o)
{
    unsigned timeout = o->timeout_s > 0 ? o->timeout_s : TIMEOUT_S;
    SoupSession *s = soup_session_new_with_options(
        "timeout", timeout, "user-agent", "cuttle ", NULL);

    /* Digests are of the bytes as they are sent. */
    soup_session_remove_feature_by_type(s, SOUP_TYPE_CONTENT_DECODER);
    return s;
}

RegistryClient *client_new(const RegistryOptions *o, const char *domain,
                           const char *path, bool push, GError **error)
{
    g_autoptr(RegistryClient) c = g_new0(RegistryClient, 1);

    c->o = o;
    c->tls = o->tls;
    c->domain = g_strdup(domain);
    c->host = mirror_host(domain);
    c->path = g_strdup(path);
    c->push = push;
    c->session = session_new(o);
    if (!load_certificates(c, error)) {
        return NULL;
    }
    if (o->creds != NULL ? !credentials_parse(o->creds, &c->credentials, error)
                         : !credentials_find(o->auth_file, domain, path,
                                             &c->credentials, error)) {
        return NULL;
    }
    if (c->tls == TLS_STANDARD && is_loopback(c->host)) {
        c->tls = TLS_ANYHOW;
    }
    return g_steal_pointer(&c);
}

RegistryClient *client_new_like(const RegistryClient *c)
{
    RegistryClient *n = g_new0(RegistryClient, 1);

    n->o = c->o;
    n->tls = c->tls;
    n->domain = g_strdup(c->domain);
    n->host = g_strdup(c->host);
    n->path = g_strdup(c->path);
    n->push = c->push;
    n->session = session_new(c->o);
    soup_session_set_tls_database(n->session,
                                  soup_session_get_tls_database(c->session));
    n->base = g_strdup(c->base);
    n->scheme = g_strdup(c->scheme);
    n->authorization = g_strdup(c->authorization);
    n->credentials = (Credentials){
        .user = g_strdup(c->credentials.user),
        .password = g_strdup(c->credentials.password),
        .identity_token = g_strdup(c->credentials.identity_token)};
    n->client_certificate = c->client_certificate != NULL
                                ? g_object_ref(c->client_certificate)
                                : NULL;
    return n;
}

void client_free(RegistryClient *c)
{
    if (c == NULL) {
        return;
    }
    g_clear_object(&c->session);
    g_clear_object(&c->client_certificate);
    credentials_clear(&c->credentials);
    g_free(c->domain);
    g_free(c->host);
    g_free(c->path);
    g_free(c->base);
    g_free(c->scheme);
    g_free(c->authorization);
    g_free(c);
}

void reply_clear(Reply *r)
{
    g_clear_pointer(&r->content_type, g_free);
    g_clear_pointer(&r->content_digest, g_free);
    g_clear_pointer(&r->location, g_free);
    g_clear_object(&r->body);
}

/* ---- one exchange ---- */

static gboolean accept_any(SoupMessage *m, GTlsCertificate *certificate,
                           GTlsCertificateFlags problems, gpointer opaque)
{
    return TRUE;
}

static void set_body(SoupMessage *m, const Request *q)
{
    g_autoptr(GInputStream) stream = NULL;

    if (q->text != NULL) {
        g_autoptr(GBytes) bytes = g_bytes_new(q->text, q->size);

        soup_message_set_request_body_from_bytes(m, q->content_type, bytes);
    } else if (q->size > 0) {
        lseek(q->fd, 0, SEEK_SET);
        stream = g_unix_input_stream_new(q->fd, FALSE);
        soup_message_set_request_body(m, q->content_type, stream, q->size);
    } else if (strcmp(q->method, "GET") != 0 &&
               strcmp(q->method, "HEAD") != 0) {
        soup_message_headers_set_content_length(
            soup_message_get_request_headers(m), 0);
    }
}

static SoupMessage *exchange(RegistryClient *c, const Request *q,
                             const char *url, bool authorized,
                             GInputStream **body, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(url, SOUP_HTTP_URI_FLAGS, NULL);
    bool good = uri != NULL && g_str_has_prefix(url, "http") &&
                g_uri_get_host(uri) != NULL && *g_uri_get_host(uri) != '\0';
    g_autoptr(SoupMessage) m =
        good ? soup_message_new_from_uri(q->method, uri) : NULL;
    SoupMessageHeaders *h;

    if (m == NULL) {
        store_fail(error, "registry %s: '%.200s' is no address", c->domain,
                   url);
        return NULL;
    }
    h = soup_message_get_request_headers(m);
    soup_message_add_flags(m, SOUP_MESSAGE_NO_REDIRECT);
    if (c->tls == TLS_ANYHOW) {
        g_signal_connect(m, "accept-certificate", G_CALLBACK(accept_any), NULL);
    }
    if (c->client_certificate != NULL) {
        soup_message_set_tls_client_certificate(m, c->client_certificate);
    }
    if (q->accept != NULL) {
        soup_message_headers_replace(h, "Accept", q->accept);
    }
    if (q->from > 0) {
        soup_message_headers_set_range(h, q->from, -1);
    }
    if (authorized && c->authorization != NULL) {
        soup_message_headers_replace(h, "Authorization", c->authorization);
    }
    set_body(m, q);
    *body = soup_session_send(c->session, m, NULL, error);
    if (*body == NULL) {
        g_prefix_error(error, "registry %s: ", c->domain);
        return NULL;
    }
    return g_steal_pointer(&m);
}

/* ---- tokens ---- */

static char *read_stream(GInputStream *in, size_t max, size_t *len,
                         const char *what, GError **error)
{
    g_autoptr(GByteArray) all = g_byte_array_new();
    guint8 buffer[16384];
    gssize n;

    while ((n = g_input_stream_read(in, buffer, sizeof(buffer), NULL, error)) >
           0) {
        g_byte_array_append(all, buffer, n);
        if (all->len > max) {
            store_fail(error, "%s: more than %zu bytes", what, max);
            return NULL;
        }
    }
    if (n < 0) {
        g_prefix_error(error, "%s: ", what);
        return NULL;
    }
    *len = all->len;
    g_byte_array_append(all, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(g_steal_pointer(&all), FALSE);
}

static char *basic(const Credentials *c)
{
    g_autofree char *pair = g_strconcat(c->user, ":", c->password, NULL);
    g_autofree char *text = g_base64_encode((guchar *)pair, strlen(pair));

    return g_strconcat("Basic ", text, NULL);
}

static char *token_url(const RegistryClient *c, GHashTable *challenge)
{
    const char *realm = g_hash_table_lookup(challenge, "realm");
    const char *service = g_hash_table_lookup(challenge, "service");
    g_autofree char *usual = g_strdup_printf("repository:%s:%s", c->path,
                                             c->push ? "pull,push" : "pull");
    const char *told = g_hash_table_lookup(challenge, "scope");
    const char *scope = c->push || told == NULL ? usual : told;
    g_autofree char *s =
        g_uri_escape_string(service ? service : "", NULL, FALSE);
    g_autofree char *p = g_uri_escape_string(scope, NULL, FALSE);

    if (*c->path == '\0') {
        return g_strconcat(realm, strchr(realm, '?') ? "&" : "?", "service=", s,
                           NULL);
    }
    return g_strconcat(realm, strchr(realm, '?') ? "&" : "?", "service=", s,
                       "&scope=", p, NULL);
}

/* A token server may be another host; over plain HTTP only where the registry
 * may be spoken to so. */
static bool fetch_token(RegistryClient *c, GHashTable *challenge,
                        GError **error)
{
    const char *realm = g_hash_table_lookup(challenge, "realm");
    g_autofree char *what =
        g_strdup_printf("registry %s: token server", c->domain);
    g_autofree char *url = NULL, *text = NULL;
    g_autoptr(GInputStream) body = NULL;
    g_autoptr(SoupMessage) m = NULL;
    g_autoptr(JsonNode) node = NULL;
    const char *token, *other;
    Request q = {.method = "GET", .fd = -1};
    size_t len;

    if (realm == NULL ||
        (!g_str_has_prefix(realm, "https://") && c->tls != TLS_ANYHOW)) {
        return store_fail(error, "%s: '%.200s' is no safe address", what,
                          realm != NULL ? realm : "");
    }
    url = token_url(c, challenge);
    g_clear_pointer(&c->authorization, g_free);
    if (c->credentials.user != NULL) {
        c->authorization = basic(&c->credentials);
    }
    m = exchange(c, &q, url, true, &body, error);
    g_clear_pointer(&c->authorization, g_free);
    if (m == NULL) {
        return false;
    }
    if (soup_message_get_status(m) != 200) {
        return store_fail_code(error, STORE_ERROR_DENIED, "%s: status %u", what,
                               soup_message_get_status(m));
    }
    text = read_stream(body, MAX_TOKEN_BYTES, &len, what, error);
    node = text != NULL ? doc_parse(text, len, MAX_TOKEN_BYTES, what, error)
                        : NULL;
    if (node == NULL ||
        !doc_string(json_node_get_object(node), "token", what, &token, error) ||
        !doc_string(json_node_get_object(node), "access_token", what, &other,
                    error)) {
        return false;
    }
    token = token != NULL ? token : other;
    if (token == NULL || strpbrk(token, "\r\n") != NULL) {
        return store_fail(error, "%s: no token in its answer", what);
    }
    c->authorization = g_strconcat("Bearer ", token, NULL);
    return true;
}

/* Answers a 401; false where there is nothing to answer with. */
static bool authorize(RegistryClient *c, SoupMessage *m, GError **error)
{
    SoupMessageHeaders *h = soup_message_get_response_headers(m);
    const char *text = soup_message_headers_get_list(h, "WWW-Authenticate");
    GHashTable *challenge;
    bool good;

    if (text != NULL && g_ascii_strncasecmp(text, "Bearer ", 7) == 0) {
        challenge = soup_header_parse_param_list(text + 7);
        good = fetch_token(c, challenge, error);
        soup_header_free_param_list(challenge);
        return good;
    }
    if (c->credentials.user == NULL) {
        return store_fail_code(error, STORE_ERROR_DENIED,
                               "registry %s: login needed", c->domain);
    }
    g_free(c->authorization);
    c->authorization = basic(&c->credentials);
    return true;
}

/* ---- redirects and errors ---- */

static bool same_host(const char *a, const char *b)
{
    g_autoptr(GUri) one = g_uri_parse(a, SOUP_HTTP_URI_FLAGS, NULL);
    g_autoptr(GUri) other = g_uri_parse(b, SOUP_HTTP_URI_FLAGS, NULL);

    return one != NULL && other != NULL &&
           g_strcmp0(g_uri_get_host(one), g_uri_get_host(other)) == 0 &&
           g_uri_get_port(one) == g_uri_get_port(other) &&
           strcmp(g_uri_get_scheme(one), g_uri_get_scheme(other)) == 0;
}

/* The next address, or NULL with an error. */
static char *redirected(RegistryClient *c, SoupMessage *m, const char *url,
                        GError **error)
{
    const char *location = soup_message_headers_get_one(
        soup_message_get_response_headers(m), "Location");
    char *next =
        location != NULL
            ? g_uri_resolve_relative(url, location, SOUP_HTTP_URI_FLAGS, NULL)
            : NULL;

    if (next == NULL || !g_str_has_prefix(next, "http")) {
        store_fail(error, "registry %s: a redirect to nowhere", c->domain);
        g_free(next);
        return NULL;
    }
    if (g_str_has_prefix(url, "https://") &&
        !g_str_has_prefix(next, "https://")) {
        store_fail(error, "registry %s: a redirect away from https", c->domain);
        g_free(next);
        return NULL;
    }
    return next;
}

/* The registry's own words for a failure, if it has some. */
static char *told(GInputStream *body)
{
    g_autofree char *text = NULL;
    g_autoptr(JsonNode) node = NULL;
    JsonArray *errors;
    const char *message;
    size_t len;

    text = read_stream(body, MAX_ERROR_BYTES, &len, "error", NULL);
    node = text != NULL ? doc_parse(text, len, MAX_ERROR_BYTES, "error", NULL)
                        : NULL;
    if (node == NULL ||
        !doc_array(json_node_get_object(node), "errors", true, "error", &errors,
                   NULL) ||
        errors == NULL || json_array_get_length(errors) == 0 ||
        !doc_string(json_array_get_object_element(errors, 0), "message",
                    "error", &message, NULL) ||
        message == NULL) {
        return g_strdup("");
    }
    return g_strdup_printf(" (%.200s)", message);
}

static bool fail_status(RegistryClient *c, const Request *q, unsigned status,
                        GInputStream *body, GError **error)
{
    g_autofree char *words = told(body);
    const char *where =
        strchr(q->place, '?') != NULL || strstr(q->place, "://") != NULL
            ? "upload"
            : q->place;
    StoreError code = status == 404                    ? STORE_ERROR_NOT_FOUND
                      : status == 401 || status == 403 ? STORE_ERROR_DENIED
                                                       : STORE_ERROR_FAILED;

    return store_fail_code(error, code, "registry %s: %s%s%s: %s%s", c->domain,
                           c->path, *c->path != '\0' ? "/" : "", where,
                           status == 404 ? "not there"
                           : status == 401
                               ? "unauthorized: login needed, or another one"
                           : status == 403 ? "denied"
                           : status == 429 ? "too many requests"
                                           : "the registry failed",
                           words);
}

static void fill_reply(Reply *r, SoupMessage *m, const char *url,
                       GInputStream *body)
{
    SoupMessageHeaders *h = soup_message_get_response_headers(m);
    const char *location = soup_message_headers_get_one(h, "Location");

    *r = (Reply){.status = soup_message_get_status(m),
                 .content_type =
                     g_strdup(soup_message_headers_get_content_type(h, NULL)),
                 .content_digest = g_strdup(
                     soup_message_headers_get_one(h, "Docker-Content-Digest")),
                 .location = location != NULL
                                 ? g_uri_resolve_relative(
                                       url, location, SOUP_HTTP_URI_FLAGS, NULL)
                                 : NULL,
                 .body = g_object_ref(body)};
}

static bool is_redirect(unsigned status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 ||
           status == 308;
}

static bool send_to(RegistryClient *c, const Request *q, const char *first,
                    Reply *r, GError **error)
{
    g_autofree char *url = g_strdup(first);
    bool own = true, asked = false;

    for (unsigned i = 0; i < MAX_REDIRECTS; i++) {
        g_autoptr(GInputStream) body = NULL;
        g_autoptr(SoupMessage) m = exchange(c, q, url, own, &body, error);
        unsigned status = m != NULL ? soup_message_get_status(m) : 0;

        if (m == NULL) {
            return false;
        }
        if (status == 401 && own && !asked) {
            asked = true;
            if (!authorize(c, m, error)) {
                return false;
            }
            continue;
        }
        if (is_redirect(status)) {
            char *next = redirected(c, m, url, error);

            if (next == NULL) {
                return false;
            }
            own = own && same_host(url, next);
            g_free(url);
            url = next;
            continue;
        }
        if (status >= 400) {
            return fail_status(c, q, status, body, error);
        }
        fill_reply(r, m, url, body);
        return true;
    }
    return store_fail(error, "registry %s: more than %d redirects", c->domain,
                      MAX_REDIRECTS);
}

bool client_send(RegistryClient *c, const Request *q, Reply *r, GError **error)
{
    bool absolute = strstr(q->place, "://") != NULL;
    g_autoptr(GError) why = NULL;
    bool first = c->base == NULL;

    if (first) {
        set_base(c, "https");
    }
    g_autofree char *url =
        absolute ? g_strdup(q->place) : g_strconcat(c->base, q->place, NULL);
    if (send_to(c, q, url, r, &why)) {
        return true;
    }
    /* Not HTTPS at all: where that is allowed, plain HTTP. */
    if (first && c->tls == TLS_ANYHOW && !absolute &&
        why->domain != STORE_ERROR) {
        g_autofree char *plain = NULL;

        set_base(c, "http");
        plain = g_strconcat(c->base, q->place, NULL);
        return send_to(c, q, plain, r, error);
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

char *client_read(RegistryClient *c, Reply *r, size_t max, size_t *len,
                  GError **error)
{
    g_autofree char *what = g_strdup_printf("registry %s: answer", c->domain);

    return read_stream(r->body, max, len, what, error);
}

bool client_may_retry(const GError *error)
{
    return error->domain == G_IO_ERROR || error->domain == G_TLS_ERROR;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/web.c - the HTTP side of a websocket= address: noVNC's files as the
 * host has them installed, and the handshake of WebSockets.
 * Spec: RFC 9112; RFC 6455, 4.2.
 * Left out: everything but GET. noVNC asks for nothing else.
 * Threads: the client's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/fd.h"
#include "ui/vnc/vnc_priv.h"

enum {
    LINE_SIZE = 4096,
    MAX_HEADERS = 64,
    PATIENCE_S = 30,
    KEY_SIZE = 24, /* of Sec-WebSocket-Key */
    MAX_FILE = 16 << 20,
};

#define PAGE "/vnc_lite.html"

/* What matters of a request. */
typedef struct {
    char path[LINE_SIZE];
    char host[256], origin[256], key[256], protocols[256], upgrade[64];
} Request;

static int64_t deadline(void)
{
    return g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC;
}

static bool get_line(VncClient *c, char *line)
{
    if (!vnc_stream_read_line(c->stream, line, LINE_SIZE, deadline())) {
        return false;
    }
    g_strchomp(line);
    return true;
}

/* GET PATH HTTP/1.1, the path without its query. */
static bool parse_first(Request *r, const char *line)
{
    unsigned minor;

    if (sscanf(line, "GET %4095s HTTP/1.%1u", r->path, &minor) != 2) {
        return false;
    }
    r->path[strcspn(r->path, "?#")] = '\0';
    return true;
}

static void parse_header(Request *r, const char *line)
{
    const struct {
        const char *name;
        char *to;
        size_t size;
    } headers[] = {
        {"host:", r->host, sizeof(r->host)},
        {"origin:", r->origin, sizeof(r->origin)},
        {"upgrade:", r->upgrade, sizeof(r->upgrade)},
        {"sec-websocket-key:", r->key, sizeof(r->key)},
        {"sec-websocket-protocol:", r->protocols, sizeof(r->protocols)},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(headers); i++) {
        size_t n = strlen(headers[i].name);

        if (g_ascii_strncasecmp(line, headers[i].name, n) == 0) {
            g_strlcpy(headers[i].to, line + n + strspn(line + n, " \t"),
                      headers[i].size);
        }
    }
}

static bool get_request(VncClient *c, Request *r)
{
    char line[LINE_SIZE];

    *r = (Request){.path = ""};
    if (!get_line(c, line) || !parse_first(r, line)) {
        return false;
    }
    for (unsigned i = 0; i < MAX_HEADERS; i++) {
        if (!get_line(c, line)) {
            return false;
        }
        if (*line == '\0') {
            return true;
        }
        parse_header(r, line);
    }
    return false;
}

static bool put(VncClient *c, const void *bytes, size_t n)
{
    return vnc_stream_write(c->stream, bytes, n, deadline());
}

/* more: further header lines, each with its end. */
static bool answer(VncClient *c, const char *status, const char *more,
                   const void *body, size_t n)
{
    g_autofree char *head = g_strdup_printf(
        "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, more, n);

    return put(c, head, strlen(head)) && put(c, body, n);
}

static bool answer_text(VncClient *c, const char *status, const char *text)
{
    return answer(c, status, "Content-Type: text/plain\r\n", text,
                  strlen(text));
}

/* ---- files ---- */

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".ttf", "font/ttf"},
        {".woff", "font/woff"},
        {".mp3", "audio/mpeg"},
        {".oga", "audio/ogg"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_has_suffix(path, types[i][0])) {
            return types[i][1];
        }
    }
    return NULL;
}

/* Plain names below the folder, of a type that a page uses. */
static bool is_fine(const char *path)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";

    return *path == '/' && path[strspn(path, allowed)] == '\0' &&
           strstr(path, "..") == NULL && type_of(path) != NULL;
}

/* NULL: there is no such file. */
static GBytes *read_file(const char *path)
{
    g_autofree char *full = g_strconcat(NOVNC_DIR, path, NULL), *text = NULL;
    struct stat st;
    size_t n;

    if (stat(full, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MAX_FILE ||
        !g_file_get_contents(full, &text, &n, NULL)) {
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&text), n);
}

static bool answer_file(VncClient *c, const char *path)
{
    g_autoptr(GBytes) body = is_fine(path) ? read_file(path) : NULL;
    g_autofree char *type = NULL;

    if (body == NULL) {
        return answer_text(c, "404 Not Found",
                           "not there; the page for VNC comes from the package "
                           "novnc, if it is installed\n");
    }
    type = g_strdup_printf("Content-Type: %s\r\n", type_of(path));
    return answer(c, "200 OK", type, g_bytes_get_data(body, NULL),
                  g_bytes_get_size(body));
}

/* ---- WebSockets ---- */

/* A page of some other site must not reach a machine that asks for no password:
 * browsers say where a page is from. */
static bool is_from_here(const Request *r)
{
    const char *host = strstr(r->origin, "://");

    return *r->origin == '\0' ||
           (host != NULL && g_ascii_strcasecmp(host + 3, r->host) == 0);
}

static bool accept_socket(VncClient *c, const Request *r)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    g_autoptr(GChecksum) sha1 = g_checksum_new(G_CHECKSUM_SHA1);
    uint8_t digest[20];
    gsize n = sizeof(digest);
    g_autofree char *key = NULL, *text = NULL;

    g_checksum_update(sha1, (const guchar *)r->key, -1);
    g_checksum_update(sha1, (const guchar *)guid, -1);
    g_checksum_get_digest(sha1, digest, &n);
    key = g_base64_encode(digest, n);
    text = g_strdup_printf("HTTP/1.1 101 Switching Protocols\r\n"
                           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Accept: %s\r\n%s\r\n",
                           key,
                           strstr(r->protocols, "binary") != NULL
                               ? "Sec-WebSocket-Protocol: binary\r\n"
                               : "");
    if (!put(c, text, strlen(text))) {
        return false;
    }
    vnc_stream_start_frames(c->stream);
    return true;
}

bool vnc_web(VncClient *c)
{
    Request r;
    bool more = true;

    while (more && get_request(c, &r)) {
        if (g_ascii_strcasecmp(r.upgrade, "websocket") == 0) {
            if (strlen(r.key) != KEY_SIZE) {
                answer_text(c, "400 Bad Request", "no key\n");
                return false;
            }
            if (!c->server->password && !is_from_here(&r)) {
                answer_text(c, "403 Forbidden", "a page of another site\n");
                return false;
            }
            return accept_socket(c, &r);
        }
        more = strcmp(r.path, "/") == 0
                   ? answer(c, "302 Found", "Location: " PAGE "\r\n", "", 0)
                   : answer_file(c, r.path);
    }
    return false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/vnc.c - a VNC client that sends anything. The first byte says to
 * what kind of server and how far it behaves before it does: not at all, or
 * until it has the screen, with the right password. The rest is what it sends,
 * in frames of a WebSocket if it likes. */
#include <errno.h>
#include <glib-unix.h>
#include <rfb/rfb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/crypto/tls.h"
#include "backend/fd.h"
#include "core/backends.h"
#include "core/display.h"
#include "core/input.h"
#include "ui/vnc/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    IN_WEBSOCKET = 1,
    IN_TLS = 2,
    WITH_PASSWORD = 4,
    BEHAVED = 8, /* not with TLS */
    READ_ONLY = 16,
    LOSSY = 32,
    WIDTH = 80,
    HEIGHT = 60,
    MAX_SENT = 16384, /* what a socket takes at once */
};

static char password[] = "sesame";
static uint32_t pixels[WIDTH * HEIGHT];

/* ---- the machine ---- */

static void ignore_keys(void *opaque, const InputEvent *events, unsigned n)
{
}

/* Servers tell of those who were not let in. */
static void ignore_text(const gchar *text)
{
}

static Backends *backends(void)
{
    static const InputClass keyboard = {"keyboard", INPUT_KEYS, ignore_keys};
    static const InputClass tablet = {"tablet", INPUT_ABSOLUTE, ignore_keys};
    static Backends b;

    if (b.displays == NULL) {
        g_set_printerr_handler(ignore_text);
        backends_init(&b);
        input_add(b.inputs, &keyboard, NULL, NULL);
        input_add(b.inputs, &tablet, NULL, NULL);
        for (unsigned i = 0; i < G_N_ELEMENTS(pixels); i++) {
            pixels[i] = i * 0x010203;
        }
        display_set_scanout(display_new(b.displays, "screen", 0, NULL, NULL),
                            &(DisplayScanout){
                                .pixels = (uint8_t *)pixels,
                                .stride = WIDTH * sizeof(uint32_t),
                                .width = WIDTH,
                                .height = HEIGHT,
                                .format = PIXEL_XRGB8888,
                            });
    }
    return &b;
}

static TlsCreds *creds(void)
{
    static TlsCreds *c;

    if (c == NULL) {
        g_autoptr(Opts) opts =
            opts_parse("tls-creds-anon,endpoint=server", "qom-type", NULL);

        c = tls_creds_new("t", backends(), opts, NULL);
    }
    return tls_creds_ref(c);
}

/* A server at an abstract address that the kernel chooses. */
static VncServer *start_server(uint8_t flags, struct sockaddr_un *at,
                               socklen_t *len)
{
    Backends *b = backends();
    VncServer *s =
        vnc_server_new(b->remotes, b->inputs, b->clipboard, "vnc", "fuzz");
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    at->sun_family = AF_UNIX;
    g_assert_cmpint(bind(fd, (void *)at, sizeof(at->sun_family)), ==, 0);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    *len = sizeof(*at);
    getsockname(fd, (void *)at, len);
    s->display = displays_get(b->displays, 0);
    s->max_clients = 1;
    s->password = flags & WITH_PASSWORD;
    s->read_only = flags & READ_ONLY;
    s->lossy = flags & LOSSY;
    s->tls = flags & IN_TLS ? creds() : NULL;
    vnc_auth_set_password(&s->auth, password);
    vnc_server_listen(s, fd, flags & IN_WEBSOCKET, NULL);
    vnc_server_start(s);
    return s;
}

/* ---- the client ---- */

/* A turn of the event loop until n bytes are there; false: it is over. */
static bool get(int fd, void *to, size_t n)
{
    uint8_t *p = to;

    while (n > 0) {
        ssize_t got = recv(fd, p, n, MSG_DONTWAIT);

        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            return false;
        }
        if (got > 0) {
            p += got;
            n -= (size_t)got;
        } else if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(20);
        }
    }
    return true;
}

static void put(int fd, bool framed, const void *bytes, size_t n)
{
    const uint8_t header[] = {0x82, 0x80 | (uint8_t)n, 0, 0, 0, 0};

    if (framed) {
        send(fd, header, sizeof(header), MSG_NOSIGNAL);
    }
    send(fd, bytes, n, MSG_NOSIGNAL);
}

static bool skip(int fd, bool framed, size_t n)
{
    uint8_t bytes[32];

    return get(fd, bytes, n + (framed ? 2 : 0));
}

static bool open_page(int fd)
{
    static const char request[] =
        "GET /x HTTP/1.1\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    char byte;

    put(fd, false, request, strlen(request));
    for (unsigned matched = 0; matched < 4;) {
        if (!get(fd, &byte, 1)) {
            return false;
        }
        matched = byte == "\r\n\r\n"[matched] ? matched + 1 : byte == '\r';
    }
    return true;
}

static bool answer_challenge(int fd, bool framed)
{
    uint8_t challenge[VNC_CHALLENGE];

    if ((framed && !skip(fd, false, 2)) ||
        !get(fd, challenge, sizeof(challenge))) {
        return false;
    }
    rfbEncryptBytes(challenge, password);
    put(fd, framed, challenge, sizeof(challenge));
    return true;
}

/* Up to the screen. */
static bool behave(int fd, uint8_t flags)
{
    bool framed = flags & IN_WEBSOCKET;
    uint8_t type = flags & WITH_PASSWORD ? 2 : 1, shared = 1;

    if ((framed && !open_page(fd)) || !skip(fd, framed, 12)) {
        return false;
    }
    put(fd, framed, "RFB 003.008\n", 12);
    if (!skip(fd, framed, 2)) {
        return false;
    }
    put(fd, framed, &type, 1);
    if ((type == 2 && !answer_challenge(fd, framed)) || !skip(fd, framed, 4)) {
        return false;
    }
    put(fd, framed, &shared, 1);
    return true;
}

static gboolean drop(int fd, GIOCondition condition, void *opaque)
{
    uint8_t bytes[4096];
    ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    return n > 0 || (n < 0 && errno == EAGAIN);
}

/* Takes what comes until the server has done with the client. */
static void wait_for_end(VncServer *s, int fd)
{
    GSource *source = g_unix_fd_source_new(fd, G_IO_IN);

    g_source_set_callback(source, G_SOURCE_FUNC(drop), NULL, NULL);
    g_source_attach(source, NULL);
    while (s->clients->len > 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_destroy(source);
    g_source_unref(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sockaddr_un at;
    socklen_t len;
    VncServer *s;
    uint8_t flags;
    int fd;

    if (size == 0) {
        return 0;
    }
    flags = data[0];
    s = start_server(flags, &at, &len);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(connect(fd, (void *)&at, len), ==, 0);
    while (s->clients->len == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    if (flags & IN_TLS || !(flags & BEHAVED) || behave(fd, flags)) {
        send(fd, data + 1, MIN(size - 1, MAX_SENT), MSG_NOSIGNAL);
    }
    shutdown(fd, SHUT_WR);
    wait_for_end(s, fd);
    close(fd);
    vnc_server_free(s);
    return 0;
}

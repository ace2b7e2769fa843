/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/backend-tls.c - two pipes, one at each end of a connection, and
 * secrets. Certificates are tests/ui/vnc-tls.py's. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/crypto/secret.h"
#include "backend/crypto/tls.h"
#include "backend/fd.h"

enum { MANY = 3 << 20 };

static TlsCreds *make_creds(const char *text, GError **error)
{
    g_autoptr(Opts) opts = opts_parse(text, "qom-type", NULL);
    Backends b;
    TlsCreds *c;

    backends_init(&b);
    c = tls_creds_new("t", &b, opts, error);
    backends_finish(&b);
    return c;
}

/* A connection: [0] the client, [1] the server. */
typedef struct {
    TlsCreds *creds[2];
    TlsPipe *pipes[2];
    int plain[2];
} Pair;

static void pair_init(Pair *p, const char *client, const char *server)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;

        p->creds[i] = make_creds(i == 0 ? client : server, &error);
        g_assert_no_error(error);
        p->pipes[i] =
            tls_pipe_new(p->creds[i], fds[i], NULL, &p->plain[i], &error);
        g_assert_no_error(error);
    }
}

static void pair_finish(Pair *p)
{
    for (unsigned i = 0; i < 2; i++) {
        fd_close(&p->plain[i]);
        tls_pipe_free(p->pipes[i]);
        tls_creds_unref(p->creds[i]);
    }
}

/* Sends many bytes and is gone. */
static void *send_many(void *opaque)
{
    int fd = GPOINTER_TO_INT(opaque);

    for (unsigned sent = 0; sent < MANY;) {
        uint8_t bytes[1000];
        size_t n = MIN(sizeof(bytes), MANY - sent);

        for (size_t i = 0; i < n; i++) {
            bytes[i] = (uint8_t)((sent + i) % 251);
        }
        g_assert_cmpint(write(fd, bytes, n), ==, n);
        sent += (unsigned)n;
    }
    close(fd);
    return NULL;
}

static void read_many(int fd)
{
    static uint8_t bytes[1 << 16];
    size_t total = 0;
    ssize_t n;

    while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            g_assert_cmpuint(bytes[i], ==, (total + (size_t)i) % 251);
        }
        total += (size_t)n;
    }
    g_assert_cmpuint(total, ==, MANY);
}

static void carry_many(const char *client, const char *server)
{
    for (unsigned from = 0; from < 2; from++) {
        Pair p;
        GThread *thread;
        int fd;

        pair_init(&p, client, server);
        fd = p.plain[from];
        p.plain[from] = -1;
        thread = g_thread_new("sender", send_many, GINT_TO_POINTER(fd));
        read_many(p.plain[!from]);
        g_thread_join(thread);
        pair_finish(&p);
    }
}

static void test_anonymous(void)
{
    carry_many("tls-creds-anon", "tls-creds-anon,endpoint=server");
}

static char *make_key_file(const char *folder, const char *text)
{
    char *path = g_build_filename(folder, "keys.psk", NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static void test_known_keys(void)
{
    g_autofree char *folder = g_dir_make_tmp("tls-XXXXXX", NULL);
    g_autofree char *path =
        make_key_file(folder, "other:aa\nqemu:deadbeef\nalice:c0ffee00\n");
    g_autofree char *server =
        g_strdup_printf("tls-creds-psk,endpoint=server,dir=%s", folder);
    g_autofree char *client = g_strdup_printf("tls-creds-psk,dir=%s", folder);
    g_autofree char *alice =
        g_strdup_printf("tls-creds-psk,username=alice,dir=%s", folder);
    g_autofree char *nobody =
        g_strdup_printf("tls-creds-psk,username=nobody,dir=%s", folder);
    g_autoptr(GError) error = NULL;
    Pair p;

    carry_many(client, server);
    carry_many(alice, server);
    g_assert_null(make_creds(nobody, &error));
    g_assert_nonnull(strstr(error->message, "has no key of 'nobody'"));

    /* A key that only the client has. */
    pair_init(&p, "tls-creds-anon", server);
    g_assert_false(tls_pipe_wait(p.pipes[1], NULL));
    g_assert_false(tls_pipe_wait(p.pipes[0], NULL));
    pair_finish(&p);
    g_unlink(path);
    g_rmdir(folder);
}

/* What is wrong ends the plain side too; who leaves ends the handshake. */
static void test_end(void)
{
    static const char nonsense[] = "GET / HTTP/1.1\r\n\r\n";
    TlsCreds *c = make_creds("tls-creds-anon,endpoint=server", NULL);
    g_autoptr(GError) error = NULL;
    int fds[2], plain;
    TlsPipe *p;
    char byte;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    p = tls_pipe_new(c, fds[0], NULL, &plain, NULL);
    g_assert_cmpint(write(fds[1], nonsense, strlen(nonsense)), >, 0);
    g_assert_false(tls_pipe_wait(p, &error));
    g_assert_nonnull(error);
    g_assert_cmpint(read(plain, &byte, 1), ==, 0);
    close(plain);
    tls_pipe_free(p);
    close(fds[1]);

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    p = tls_pipe_new(c, fds[0], NULL, &plain, NULL);
    close(plain);
    g_assert_false(tls_pipe_wait(p, NULL));
    tls_pipe_free(p);
    close(fds[1]);
    tls_creds_unref(c);
}

/* A peer that takes nothing does not hold up the end. */
static void test_stuck(void)
{
    Pair p;
    static const uint8_t bytes[4096];
    int64_t start;

    pair_init(&p, "tls-creds-anon", "tls-creds-anon,endpoint=server");
    g_assert_true(tls_pipe_wait(p.pipes[0], NULL));
    fd_set_nonblocking(p.plain[0], true);
    for (unsigned idle = 0; idle < 10;) {
        if (write(p.plain[0], bytes, sizeof(bytes)) < 0) {
            idle++;
            g_usleep(5000);
        } else {
            idle = 0;
        }
    }
    start = g_get_monotonic_time();
    fd_close(&p.plain[0]);
    tls_pipe_free(g_steal_pointer(&p.pipes[0]));
    g_assert_cmpint(g_get_monotonic_time() - start, <, G_USEC_PER_SEC);
    pair_finish(&p);
}

static void test_secrets(void)
{
    static const struct {
        const char *options, *value;
    } good[] = {
        {"secret,data=a,,b", "a,b"},
        {"secret,data=YSxi,format=base64", "a,b"},
        {"secret,data=YSxiCg==,format=base64", "a,b\n"},
        {"secret,data=,format=base64", ""},
    };
    static const char *const bad[] = {
        "secret,data=YSx,format=base64",  "secret,data=YS=x,format=base64",
        "secret,data=Y===,format=base64", "secret,data=a,nix=1",
        "secret,data=a,format=hex",
    };
    Backends b;

    backends_init(&b);
    for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(Opts) opts = opts_parse(good[i].options, "qom-type", NULL);
        g_autofree char *id = g_strdup_printf("s%u", i), *text = NULL;
        GBytes *secret = secret_new(id, opts, NULL);

        g_assert_true(backends_add_secret(&b, id, secret, NULL));
        text = secret_text(&b, id, NULL);
        g_assert_cmpstr(text, ==, good[i].value);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(Opts) opts = opts_parse(bad[i], "qom-type", NULL);

        g_assert_null(secret_new("s", opts, NULL));
    }
    backends_finish(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/backend/tls/anonymous", test_anonymous);
    g_test_add_func("/backend/tls/known-keys", test_known_keys);
    g_test_add_func("/backend/tls/end", test_end);
    g_test_add_func("/backend/tls/stuck", test_stuck);
    g_test_add_func("/backend/tls/secrets", test_secrets);
    return g_test_run();
}

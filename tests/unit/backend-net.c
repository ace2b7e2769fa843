/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/backend-net.c - network and entropy back ends over loopback
 * sockets and descriptors; no privilege, no outside network. */
#include <arpa/inet.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/address.h"
#include "backend/net/hostfwd_priv.h"
#include "backend/net/net-backend.h"
#include "backend/rng/rng-backend.h"
#include "core/clock.h"
#include "util/bits.h"

/* A device that keeps the frames it had room for. */
typedef struct {
    GPtrArray *frames; /* of GBytes */
    unsigned room;
} Guest;

static bool guest_receive(void *opaque, const uint8_t *frame, size_t len)
{
    Guest *g = opaque;

    if (g->frames->len >= g->room) {
        return false;
    }
    g_ptr_array_add(g->frames, g_bytes_new(frame, len));
    return true;
}

static const NetFrontEnd guest_front = {guest_receive};

static Guest *guest_new(NetDev *n)
{
    Guest *g = g_new0(Guest, 1);

    g->frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g->room = 1000;
    g_assert_true(net_attach(n, &guest_front, g, NULL));
    return g;
}

static void guest_free(Guest *g)
{
    g_ptr_array_unref(g->frames);
    g_free(g);
}

static const uint8_t *frame_at(const Guest *g, unsigned i, size_t *len)
{
    return g_bytes_get_data(g_ptr_array_index(g->frames, i), len);
}

static gboolean on_timeout(void *flag)
{
    *(bool *)flag = true;
    return G_SOURCE_REMOVE;
}

#define TURN_UNTIL(condition)                           \
 do {                                                   \
  bool late = false;                                    \
  guint timer = g_timeout_add(2000, on_timeout, &late); \
  while (!(condition) && !late) {                       \
   g_main_context_iteration(NULL, TRUE);                \
  }                                                     \
  g_assert_false(late);                                 \
  g_source_remove(timer);                               \
 } while (0)

static NetDev *try_make(const char *text, GError **error)
{
    g_autoptr(Opts) o = opts_parse(text, "type", NULL);

    return net_backend_new("n0", o, error);
}

static NetDev *make(const char *format, ...) G_GNUC_PRINTF(1, 2);
static NetDev *make(const char *format, ...)
{
    g_autofree char *text = NULL;
    GError *error = NULL;
    NetDev *n;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    n = try_make(text, &error);
    g_assert_no_error(error);
    return n;
}

static void destroy(NetDev *n)
{
    n->cls->free(n);
}

static void expect_refusal(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(try_make(text, &error));
    g_assert_cmpstr(error->message, ==, message);
}

/* A port of the loopback that was free a moment ago, with its listener. */
static int take_port(int type, int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, type, 0);

    g_assert_cmpint(bind(fd, (struct sockaddr *)&a, len), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&a, &len), ==, 0);
    if (type == SOCK_STREAM) {
        g_assert_cmpint(listen(fd, 1), ==, 0);
    }
    *port = ntohs(a.sin_port);
    return fd;
}

static void test_refusals(void)
{
    expect_refusal("bridge", "netdev 'n0': back end 'bridge' is not available: "
                             "there are dgram, socket, stream, tap, user");
    expect_refusal("user,colour=red",
                   "netdev 'n0': invalid parameter 'colour'");
    expect_refusal("user,net=10.0.2.0/99",
                   "netdev 'n0': invalid value '10.0.2.0/99' for 'net': "
                   "expected an IPv4 network such as 10.0.2.0/24");
    expect_refusal("user,host=192.168.1.1",
                   "netdev 'n0': invalid value '192.168.1.1' for 'host': "
                   "expected an address inside 'net'");
    expect_refusal("user,hostfwd=tcp:2222",
                   "netdev 'n0': invalid value 'tcp:2222' for 'hostfwd': "
                   "expected [tcp|udp]:[host]:port-[guest]:port");
    expect_refusal("user,ipv4=off,ipv6=off",
                   "netdev 'n0': 'ipv4' and 'ipv6' are both off");
    expect_refusal("socket,listen=:1,connect=:2",
                   "netdev 'n0': exactly one of 'listen', 'connect', 'udp', "
                   "'mcast' and 'fd' is needed");
    expect_refusal("socket,connect=127.0.0.1:1",
                   "netdev 'n0': cannot connect to 127.0.0.1:1: Connection "
                   "refused");
    expect_refusal("stream,server=on",
                   "netdev 'n0': parameter 'addr.type' is missing");
    expect_refusal("stream,addr.type=inet,addr.host=h",
                   "netdev 'n0': parameter 'addr.port' is missing");
    expect_refusal("stream,addr.type=fd,addr.str=x",
                   "netdev 'n0': invalid value 'x' for 'addr.str': expected a "
                   "file descriptor's number");
    expect_refusal("stream,addr.type=fd,addr.str=0,server=on",
                   "netdev 'n0': 'server' goes with inet and unix addresses "
                   "only");
    expect_refusal("dgram,local.type=unix,local.path=x",
                   "netdev 'n0': only local.type=fd alone, or inet addresses "
                   "with a remote one, are supported");
    expect_refusal("dgram,remote.type=inet,remote.host=127.0.0.1,"
                   "remote.port=1",
                   "netdev 'n0': parameter 'local.type' is missing");
    expect_refusal("tap,fd=1,ifname=x",
                   "netdev 'n0': 'fd' excludes 'ifname', 'script' and "
                   "'downscript'");
    expect_refusal("tap,ifname=sixteen-letters-",
                   "netdev 'n0': invalid value 'sixteen-letters-' for "
                   "'ifname': expected 1 to 15 characters");
}

static void test_hostfwd_grammar(void)
{
    static const struct {
        const char *text, *name; /* NULL: refused */
        int guest_port;
    } cases[] = {
        {"tcp::2222-:22", "tcp 0.0.0.0:2222", 22},
        {":127.0.0.1:80-10.0.2.15:8080", "tcp 127.0.0.1:80", 8080},
        {"udp:127.0.0.1:53-:53", "udp 127.0.0.1:53", 53},
        {"tcp:x:1-:2", NULL, 0},
        {"sctp::1-:2", NULL, 0},
        {"tcp::1-:0", NULL, 0},
        {"tcp::65536-:1", NULL, 0},
        {"tcp::1", NULL, 0},
        {"", NULL, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = NULL;
        HostFwd f;
        bool ok = hostfwd_parse(cases[i].text, &f, NULL);

        g_test_message("%s", cases[i].text);
        g_assert_cmpint(ok, ==, cases[i].name != NULL);
        if (ok) {
            name = hostfwd_describe(&f);
            g_assert_cmpstr(name, ==, cases[i].name);
            g_assert_cmpint(f.guest_port, ==, cases[i].guest_port);
        }
    }
}

static void test_busy_port(void)
{
    int port, fd = take_port(SOCK_STREAM, &port);
    g_autofree char *text =
        g_strdup_printf("user,hostfwd=tcp:127.0.0.1:%d-:22", port);
    g_autofree char *message = g_strdup_printf(
        "netdev 'n0': cannot forward tcp 127.0.0.1:%d: Address already in use",
        port);

    expect_refusal(text, message);
    close(fd);
}

/* --- user networking, with a guest that speaks just enough --- */

static const uint8_t guest_mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
static const uint8_t guest_ip[4] = {10, 0, 2, 15}, host_ip[4] = {10, 0, 2, 2};

enum { ARP = 0x0806, IPV4 = 0x0800 };

static void put_ethernet(uint8_t *f, unsigned type)
{
    memset(f, 0xff, 6);
    memcpy(f + 6, guest_mac, 6);
    be16_store(f + 12, (uint16_t)type);
}

/* "I am 10.0.2.15; who is 10.0.2.2?" */
static void send_arp(NetDev *n)
{
    uint8_t f[42] = {0};

    put_ethernet(f, ARP);
    memcpy(f + 14, "\0\1\x08\0\6\4\0\1", 8);
    memcpy(f + 22, guest_mac, 6);
    memcpy(f + 28, guest_ip, 4);
    memcpy(f + 38, host_ip, 4);
    net_send(n, f, sizeof(f));
}

static uint16_t ip_checksum(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i += 2) {
        sum += be16_load(p + i);
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

/* A UDP datagram from the guest's port 1000 to the host's loopback. */
static void send_udp(NetDev *n, int port, const char *text)
{
    uint8_t f[256] = {0};
    size_t len = strlen(text);

    put_ethernet(f, IPV4);
    f[14] = 0x45;
    be16_store(f + 16, (uint16_t)(28 + len));
    f[22] = 64;
    f[23] = IPPROTO_UDP;
    memcpy(f + 26, guest_ip, 4);
    memcpy(f + 30, host_ip, 4);
    be16_store(f + 24, ip_checksum(f + 14, 20));
    be16_store(f + 34, 1000);
    be16_store(f + 36, (uint16_t)port);
    be16_store(f + 38, (uint16_t)(8 + len));
    memcpy(f + 42, text, len);
    net_send(n, f, 42 + len);
}

/* The frame of IP protocol p to guest port, if it came. */
static const uint8_t *find_ip(const Guest *g, int p, int port)
{
    for (unsigned i = 0; i < g->frames->len; i++) {
        size_t len;
        const uint8_t *f = frame_at(g, i, &len);

        if (len >= 42 && be16_load(f + 12) == IPV4 && f[23] == p &&
            be16_load(f + 36) == port) {
            return f;
        }
    }
    return NULL;
}

static bool has_arp_reply(const Guest *g)
{
    for (unsigned i = 0; i < g->frames->len; i++) {
        size_t len;
        const uint8_t *f = frame_at(g, i, &len);

        if (len >= 42 && be16_load(f + 12) == ARP && f[21] == 2 &&
            memcmp(f + 28, host_ip, 4) == 0) {
            return true;
        }
    }
    return false;
}

static void *send_from_vcpu(void *n)
{
    send_arp(n);
    return NULL;
}

static void test_user(void)
{
    int port, fd = take_port(SOCK_DGRAM, &port);
    NetDev *n = make("user");
    Guest *g = guest_new(n);
    GThread *vcpu = g_thread_new("vcpu", send_from_vcpu, n);
    struct sockaddr_in from;
    socklen_t from_len = sizeof(from);
    char text[16] = "";
    struct timeval soon = {.tv_sec = 2};

    TURN_UNTIL(has_arp_reply(g));
    g_thread_join(vcpu);
    send_udp(n, port, "ping");
    for (int i = 0; i < 10; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
    g_assert_cmpint(recvfrom(fd, text, sizeof(text), 0,
                             (struct sockaddr *)&from, &from_len),
                    ==, 4);
    g_assert_cmpstr(text, ==, "ping");
    g_assert_cmpint(
        sendto(fd, "pong", 4, 0, (struct sockaddr *)&from, from_len), ==, 4);
    TURN_UNTIL(find_ip(g, IPPROTO_UDP, 1000));
    g_assert_cmpmem(find_ip(g, IPPROTO_UDP, 1000) + 42, 4, "pong", 4);
    destroy(n);
    close(fd);
    guest_free(g);
}

/* A connection to the forwarded port becomes a SYN for the guest, also if the
 * guest has no room at first. */
static void test_user_forward(void)
{
    int port, fd = take_port(SOCK_STREAM, &port);
    g_autofree char *number = g_strdup_printf("%d", port);
    NetDev *n;
    Guest *g;

    close(fd);
    n = make("user,hostfwd=tcp:127.0.0.1:%d-:22", port);
    g = guest_new(n);
    send_arp(n);
    TURN_UNTIL(has_arp_reply(g));
    g->room = 0;
    fd = address_connect("127.0.0.1", number, AF_INET, NULL);
    g_assert_cmpint(fd, >=, 0);
    for (int i = 0; i < 20; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_null(find_ip(g, IPPROTO_TCP, 22));
    g->room = 100;
    net_accept_input(n);
    TURN_UNTIL(find_ip(g, IPPROTO_TCP, 22));
    g_assert_cmpuint(find_ip(g, IPPROTO_TCP, 22)[47] & 0x3f, ==, 0x02);
    close(fd);
    destroy(n);
    guest_free(g);
}

static void test_user_garbage(void)
{
    NetDev *n = make("user,ipv6=on,ipv4=on");
    Guest *g = guest_new(n);
    uint8_t f[1600];

    for (int i = 0; i < 2000; i++) {
        size_t len = (size_t)g_test_rand_int_range(0, sizeof(f));

        for (size_t k = 0; k < len; k++) {
            f[k] = (uint8_t)g_test_rand_int();
        }
        if (len > 40 && i % 4) {
            put_ethernet(f, i % 4 == 1 ? IPV4 : i % 4 == 2 ? 0x86dd : ARP);
            f[14] = i % 4 == 1 ? 0x45 : 0x60;
        }
        net_send(n, f, len);
        g_main_context_iteration(NULL, FALSE);
    }
    destroy(n);
    guest_free(g);
}

/* --- sockets --- */

static void expect_frame(const Guest *g, unsigned i, const char *text)
{
    size_t len;
    const uint8_t *f = frame_at(g, i, &len);

    g_assert_cmpmem(f, len, text, strlen(text));
}

static void put(NetDev *n, const char *text)
{
    net_send(n, (const uint8_t *)text, strlen(text));
}

static void test_stream(void)
{
    int port, fd = take_port(SOCK_STREAM, &port);
    NetDev *a, *b;
    Guest *ga, *gb;

    close(fd);
    a = make("socket,listen=127.0.0.1:%d", port);
    b = make("socket,connect=127.0.0.1:%d", port);
    ga = guest_new(a);
    gb = guest_new(b);
    put(b, "first");
    TURN_UNTIL(ga->frames->len == 1);
    put(a, "answer");
    TURN_UNTIL(gb->frames->len == 1);
    expect_frame(ga, 0, "first");
    expect_frame(gb, 0, "answer");

    ga->room = 2;
    put(b, "second");
    put(b, "third");
    put(b, "fourth");
    TURN_UNTIL(ga->frames->len == 2);
    ga->room = 10;
    net_accept_input(a);
    TURN_UNTIL(ga->frames->len == 4);
    expect_frame(ga, 2, "third");
    expect_frame(ga, 3, "fourth");
    destroy(b);
    destroy(a);
    guest_free(ga);
    guest_free(gb);
}

/* Lengths no frame has end the connection; the next peer is served. */
static void expect_talk(NetDev *a, NetDev *b)
{
    Guest *ga = guest_new(a), *gb = guest_new(b);

    put(b, "first");
    TURN_UNTIL(ga->frames->len == 1);
    put(a, "answer");
    TURN_UNTIL(gb->frames->len == 1);
    expect_frame(ga, 0, "first");
    expect_frame(gb, 0, "answer");
    destroy(b);
    destroy(a);
    guest_free(ga);
    guest_free(gb);
}

/* The same back ends, spelled with addresses. */
static void test_stream_spelling(void)
{
    g_autofree char *folder = g_dir_make_tmp("net-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "socket", NULL);
    int port, fds[2], fd = take_port(SOCK_STREAM, &port);
    NetDev *a;

    close(fd);
    a = make("stream,server=on,addr.type=inet,addr.host=127.0.0.1,"
             "addr.port=%d",
             port);
    expect_talk(a, make("stream,addr.type=inet,addr.host=127.0.0.1,"
                        "addr.port=%d",
                        port));
    a = make("stream,server=on,addr.type=unix,addr.path=%s", path);
    expect_talk(a, make("stream,server=off,addr.type=unix,addr.path=%s", path));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_cmpint(rmdir(folder), ==, 0);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    a = make("stream,addr.type=fd,addr.str=%d", fds[0]);
    expect_talk(a, make("stream,addr.type=fd,addr.str=%d", fds[1]));
}

static void test_dgram_spelling(void)
{
    int p1, p2, f1 = take_port(SOCK_DGRAM, &p1), f2;
    static const char form[] =
        "dgram,local.type=inet,local.host=127.0.0.1,local.port=%d,"
        "remote.type=inet,remote.host=127.0.0.1,remote.port=%d";
    NetDev *a;

    f2 = take_port(SOCK_DGRAM, &p2);
    close(f1);
    close(f2);
    a = make(form, p1, p2);
    expect_talk(a, make(form, p2, p1));
}

static void test_stream_garbage(void)
{
    int port, fd = take_port(SOCK_STREAM, &port);
    g_autofree char *number = g_strdup_printf("%d", port);
    NetDev *n;
    Guest *g;
    char byte;

    close(fd);
    n = make("socket,listen=127.0.0.1:%d", port);
    g = guest_new(n);
    fd = address_connect("127.0.0.1", number, AF_INET, NULL);
    g_assert_cmpint(write(fd, "\xff\xff\xff\xffxxxx", 8), ==, 8);
    for (int i = 0; i < 20; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpint(recv(fd, &byte, 1, 0), <=, 0);
    close(fd);
    fd = address_connect("127.0.0.1", number, AF_INET, NULL);
    g_assert_cmpint(write(fd, "\0\0\0\3abc", 7), ==, 7);
    TURN_UNTIL(g->frames->len == 1);
    expect_frame(g, 0, "abc");
    close(fd);
    destroy(n);
    guest_free(g);
}

static void test_udp(void)
{
    int p1, p2, f1 = take_port(SOCK_DGRAM, &p1),
                f2 = take_port(SOCK_DGRAM, &p2);
    NetDev *a, *b;
    Guest *ga, *gb;

    close(f1);
    close(f2);
    a = make("socket,udp=127.0.0.1:%d,localaddr=127.0.0.1:%d", p1, p2);
    b = make("socket,udp=127.0.0.1:%d,localaddr=127.0.0.1:%d", p2, p1);
    ga = guest_new(a);
    gb = guest_new(b);
    put(a, "to b");
    put(b, "to a");
    TURN_UNTIL(ga->frames->len == 1 && gb->frames->len == 1);
    expect_frame(gb, 0, "to b");
    expect_frame(ga, 0, "to a");
    destroy(a);
    destroy(b);
    guest_free(ga);
    guest_free(gb);
}

/* A tap is a descriptor with one frame per read, like a packet socket. */
static void test_tap_descriptor(void)
{
    int fds[2];
    NetDev *n;
    Guest *g;
    char bytes[16];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), ==, 0);
    n = make("tap,fd=%d", fds[0]);
    g = guest_new(n);
    put(n, "out");
    g_assert_cmpint(read(fds[1], bytes, sizeof(bytes)), ==, 3);
    g->room = 1;
    g_assert_cmpint(write(fds[1], "one", 3), ==, 3);
    g_assert_cmpint(write(fds[1], "two", 3), ==, 3);
    g_assert_cmpint(write(fds[1], "three", 5), ==, 5);
    TURN_UNTIL(g->frames->len == 1);
    for (int i = 0; i < 10; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    g->room = 10;
    net_accept_input(n);
    TURN_UNTIL(g->frames->len == 3);
    expect_frame(g, 1, "two");
    expect_frame(g, 2, "three");
    destroy(n);
    close(fds[1]);
    guest_free(g);
}

/* --- entropy --- */

static RngDev *make_rng(const char *text, GError **error)
{
    g_autoptr(Opts) o = opts_parse(text, "qom-type", NULL);

    return rng_backend_new("r0", o, error);
}

static void test_rng(void)
{
    g_autofree char *path = NULL;
    GError *error = NULL;
    uint8_t a[32] = {0}, b[32] = {0};
    int fd = g_file_open_tmp("cuttle-rng-XXXXXX", &path, NULL);
    g_autofree char *spec = g_strdup_printf("rng-random,filename=%s", path);
    RngDev *r = make_rng("rng-builtin,id=r0", NULL);

    g_assert_true(rng_fill(r, a, sizeof(a)));
    g_assert_true(rng_fill(r, b, sizeof(b)));
    g_assert_cmpint(memcmp(a, b, sizeof(a)), !=, 0);
    r->cls->free(r);

    g_assert_cmpint(write(fd, "0123456789", 10), ==, 10);
    close(fd);
    r = make_rng(spec, NULL);
    g_assert_true(rng_fill(r, a, 8));
    g_assert_cmpmem(a, 8, "01234567", 8);
    g_assert_false(rng_fill(r, a, 8));
    r->cls->free(r);
    g_unlink(path);

    g_assert_null(make_rng(spec, &error));
    g_assert_true(g_str_has_prefix(error->message, "rng 'r0': cannot open '"));
    g_clear_error(&error);
    g_assert_null(make_rng("rng-egd", &error));
    g_assert_cmpstr(error->message, ==,
                    "rng 'r0': kind 'rng-egd' is not available: there are "
                    "rng-builtin, rng-random");
    g_clear_error(&error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    clock_resume();
    g_test_add_func("/net/refusals", test_refusals);
    g_test_add_func("/net/hostfwd-grammar", test_hostfwd_grammar);
    g_test_add_func("/net/busy-port", test_busy_port);
    g_test_add_func("/net/user", test_user);
    g_test_add_func("/net/user-forward", test_user_forward);
    g_test_add_func("/net/user-garbage", test_user_garbage);
    g_test_add_func("/net/stream", test_stream);
    g_test_add_func("/net/stream-spelling", test_stream_spelling);
    g_test_add_func("/net/dgram-spelling", test_dgram_spelling);
    g_test_add_func("/net/stream-garbage", test_stream_garbage);
    g_test_add_func("/net/udp", test_udp);
    g_test_add_func("/net/tap-descriptor", test_tap_descriptor);
    g_test_add_func("/rng/kinds", test_rng);
    return g_test_run();
}

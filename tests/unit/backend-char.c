/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/backend-char.c - character back ends over temporary files, pipes,
 * pseudo terminals and loopback sockets. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "backend/address.h"
#include "backend/char/char-backend.h"
#include "backend/char/telnet_priv.h"
#include "core/loop.h"
#include "util/term.h"

/* A front end that takes up to `room` bytes and remembers everything. */
typedef struct {
    GString *got;
    size_t room;
    int opened, closed, breaks;
} Guest;

static size_t guest_can_receive(void *opaque)
{
    return ((Guest *)opaque)->room;
}

static void guest_receive(void *opaque, const uint8_t *bytes, size_t len)
{
    Guest *g = opaque;

    g_assert_cmpuint(len, <=, g->room);
    g_string_append_len(g->got, (const char *)bytes, (gssize)len);
}

static void guest_event(void *opaque, CharEvent event)
{
    Guest *g = opaque;

    g->opened += event == CHAR_OPENED;
    g->closed += event == CHAR_CLOSED;
    g->breaks += event == CHAR_BREAK;
}

static const CharFrontEnd guest_front = {guest_can_receive, guest_receive,
                                         guest_event};

static Guest *guest_new(CharDev *c)
{
    Guest *g = g_new0(Guest, 1);

    g->got = g_string_new(NULL);
    g->room = 256;
    g_assert_true(char_attach(c, &guest_front, g, NULL));
    return g;
}

static void guest_free(Guest *g)
{
    g_string_free(g->got, TRUE);
    g_free(g);
}

static gboolean on_timeout(void *flag)
{
    *(bool *)flag = true;
    return G_SOURCE_REMOVE;
}

/* Turns the loop until the condition holds, two seconds at most. */
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

static void turn_for(unsigned ms)
{
    bool late = false;

    g_timeout_add(ms, on_timeout, &late);
    while (!late) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static const Backends backends; /* nothing here adds to it */

static CharDev *make(const char *text)
{
    g_autoptr(Opts) o = opts_parse(text, "backend", NULL);
    GError *error = NULL;
    CharDev *c = char_backend_new(&backends, "c0", o, &error);

    g_assert_no_error(error);
    return c;
}

static void destroy(CharDev *c)
{
    c->cls->free(c);
}

static void expect_refusal(const char *text, const char *message)
{
    g_autoptr(Opts) o = opts_parse(text, "backend", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(char_backend_new(&backends, "c0", o, &error));
    g_assert_cmpstr(error->message, ==, message);
}

static size_t put(CharDev *c, const char *text)
{
    return char_write(c, (const uint8_t *)text, strlen(text));
}

static char *scratch; /* a directory */

static char *in_scratch(const char *name)
{
    return g_build_filename(scratch, name, NULL);
}

static void test_refusals(void)
{
    g_autofree char *f = in_scratch("never");
    g_autofree char *bad = g_strdup_printf("file,path=%s,colour=red", f);

    expect_refusal(
        "wx", "chardev 'c0': back end 'wx' is not available: there "
              "are file, null, pipe, pty, qemu-vdagent, socket, stdio, vc");
    expect_refusal("file", "chardev 'c0': parameter 'path' is missing");
    expect_refusal(bad, "chardev 'c0': invalid parameter 'colour'");
    g_assert_false(g_file_test(f, G_FILE_TEST_EXISTS));
    expect_refusal("file,path=/nonexistent/x",
                   "chardev 'c0': cannot open '/nonexistent/x': No such file "
                   "or directory");
    expect_refusal("socket,port=1,wait=off",
                   "chardev 'c0': 'wait' is for servers only");
    expect_refusal("socket,host=127.0.0.1,port=1",
                   "chardev 'c0': cannot connect to 127.0.0.1:1: Connection "
                   "refused");
}

static void test_file_and_log(void)
{
    g_autofree char *out = in_scratch("out");
    g_autofree char *in = in_scratch("in");
    g_autofree char *log = in_scratch("log");
    g_autofree char *spec =
        g_strdup_printf("file,path=%s,input-path=%s,logfile=%s", out, in, log);
    g_autofree char *text = NULL;
    g_autofree char *logged = NULL;
    CharDev *c;
    Guest *g;

    g_assert_true(g_file_set_contents(in, "typed", -1, NULL));
    c = make(spec);
    g_assert_true(c->open);
    g = guest_new(c);
    g_assert_cmpuint(put(c, "hello\n"), ==, 6);
    TURN_UNTIL(g->got->len == 5);
    g_assert_cmpstr(g->got->str, ==, "typed");
    destroy(c);
    g_assert_true(g_file_get_contents(out, &text, NULL, NULL));
    g_assert_true(g_file_get_contents(log, &logged, NULL, NULL));
    g_assert_cmpstr(text, ==, "hello\n");
    g_assert_cmpstr(logged, ==, "hello\n");
    guest_free(g);
}

static void test_pipe_with_slow_guest(void)
{
    g_autofree char *base = in_scratch("fifo");
    g_autofree char *in = in_scratch("fifo.in");
    g_autofree char *out = in_scratch("fifo.out");
    g_autofree char *spec = g_strdup_printf("pipe,path=%s", base);
    char bytes[8];
    CharDev *c;
    Guest *g;
    int w, r;

    g_assert_cmpint(mkfifo(in, 0600), ==, 0);
    g_assert_cmpint(mkfifo(out, 0600), ==, 0);
    c = make(spec);
    g = guest_new(c);
    g->room = 0;
    w = open(in, O_WRONLY);
    r = open(out, O_RDONLY);
    g_assert_cmpint(write(w, "abcdef", 6), ==, 6);
    turn_for(20);
    g_assert_cmpuint(g->got->len, ==, 0);
    g->room = 4;
    char_accept_input(c);
    TURN_UNTIL(g->got->len == 6);
    put(c, "xyz");
    g_assert_cmpint(read(r, bytes, sizeof(bytes)), ==, 3);
    close(w);
    close(r);
    destroy(c);
    guest_free(g);
}

/* A peer that never reads costs one short wait and loses the rest. */
static void test_stuck_peer(void)
{
    g_autofree char *base = in_scratch("stuck");
    g_autofree char *spec = g_strdup_printf("pipe,path=%s", base);
    g_autofree uint8_t *bytes = g_malloc0(3 << 20);
    int64_t start;
    CharDev *c;

    g_assert_cmpint(mkfifo(base, 0600), ==, 0);
    c = make(spec);
    start = g_get_monotonic_time();
    g_assert_cmpuint(char_write(c, bytes, 3 << 20), <, 3 << 20);
    for (int i = 0; i < 1000; i++) {
        char_write(c, bytes, 1);
    }
    g_assert_cmpint(g_get_monotonic_time() - start, <, 1000000);
    destroy(c);
}

/* What people look for the terminal's name in; standard output is TAP's. */
static char *printed;

static void keep_printed(const char *text)
{
    g_free(printed);
    printed = g_strdup(text);
}

static CharDev *make_pty(void)
{
    GPrintFunc before = g_set_print_handler(keep_printed);
    CharDev *c = make("pty");
    g_autofree char *line = g_strdup_printf(
        "char device redirected to %s (label c0)\n", c->label + 4);

    g_set_print_handler(before);
    g_assert_cmpstr(printed, ==, line);
    g_clear_pointer(&printed, g_free);
    return c;
}

static void test_pty(void)
{
    CharDev *c = make_pty();
    Guest *g = guest_new(c);
    char bytes[8] = "";
    int fd;

    g_assert_true(g_str_has_prefix(c->label, "pty:/dev/pts/"));
    g_assert_false(c->open);
    g_assert_cmpuint(put(c, "lost"), ==, 4);
    fd = open(c->label + 4, O_RDWR | O_NOCTTY);
    g_assert_cmpint(fd, >=, 0);
    TURN_UNTIL(c->open);
    put(c, "a\n");
    g_assert_cmpint(read(fd, bytes, sizeof(bytes)), ==, 2);
    g_assert_cmpstr(bytes, ==, "a\n");
    g_assert_cmpint(write(fd, "\003q", 2), ==, 2);
    TURN_UNTIL(g->got->len == 2);
    g_assert_cmpstr(g->got->str, ==, "\003q");
    close(fd);
    TURN_UNTIL(!c->open);
    destroy(c);
    guest_free(g);
}

/* Where a server with port 0 ended up: "tcp:ADDRESS,server=on". */
static int connect_to(CharDev *c)
{
    const char *start = strchr(c->label, ':') + 1;
    g_autofree char *address = g_strndup(start, strcspn(start, ","));
    g_autofree char *host = NULL;
    g_autofree char *port = NULL;
    GError *error = NULL;
    int fd;

    g_assert_true(address_split(address, &host, &port, NULL));
    fd = address_connect(host, port, AF_UNSPEC, &error);
    g_assert_no_error(error);
    return fd;
}

static void test_server(void)
{
    CharDev *c =
        make("socket,host=127.0.0.1,port=0,server=on,wait=off,nodelay");
    Guest *g = guest_new(c);
    char bytes[8];
    int fd;

    for (int round = 1; round <= 2; round++) {
        fd = connect_to(c);
        TURN_UNTIL(g->opened == round);
        g_assert_cmpint(write(fd, "hi", 2), ==, 2);
        TURN_UNTIL(g->got->len == 2 * round);
        put(c, "ok!");
        g_assert_cmpint(read(fd, bytes, sizeof(bytes)), ==, 3);
        close(fd);
        TURN_UNTIL(g->closed == round);
        g_assert_cmpuint(put(c, "nobody there"), ==, 12);
    }
    destroy(c);
    guest_free(g);
}

static void test_busy_port(void)
{
    CharDev *c = make("socket,host=127.0.0.1,port=0,server=on,wait=off");
    const char *port = strrchr(c->label, ':') + 1;
    g_autofree char *number = g_strndup(port, strcspn(port, ","));
    g_autofree char *spec = g_strdup_printf(
        "socket,host=127.0.0.1,port=%s,server=on,wait=off", number);
    g_autofree char *message =
        g_strdup_printf("chardev 'c0': cannot listen on 127.0.0.1:%s: Address "
                        "already in use",
                        number);

    expect_refusal(spec, message);
    destroy(c);
}

static void test_unix_reconnect(void)
{
    g_autofree char *path = in_scratch("sock");
    g_autofree char *spec =
        g_strdup_printf("socket,path=%s,reconnect-ms=20", path);
    CharDev *c = make(spec);
    Guest *g = guest_new(c);
    int listener, fd;

    g_assert_false(c->open);
    listener = address_listen_unix(path, NULL);
    TURN_UNTIL(g->opened == 1);
    fd = accept(listener, NULL, NULL);
    close(fd);
    TURN_UNTIL(g->opened == 2);
    g_assert_cmpint(g->closed, ==, 1);
    destroy(c);
    close(listener);
    turn_for(50); /* an attempt under way must not touch the device */
    guest_free(g);
}

static void test_telnet(void)
{
    CharDev *c =
        make("socket,host=127.0.0.1,port=0,server=on,wait=off,telnet=on");
    static const char from_peer[] = "a\377\373\001b\377\377c\377\363\r\0d";
    Guest *g = guest_new(c);
    uint8_t bytes[32];
    int fd = connect_to(c);

    TURN_UNTIL(g->opened == 1);
    g_assert_cmpint(read(fd, bytes, sizeof(telnet_greeting)), ==,
                    sizeof(telnet_greeting));
    g_assert_cmpmem(bytes, sizeof(telnet_greeting), telnet_greeting,
                    sizeof(telnet_greeting));
    g_assert_cmpint(write(fd, from_peer, sizeof(from_peer) - 1), ==,
                    sizeof(from_peer) - 1);
    TURN_UNTIL(g->got->len == 6);
    g_assert_cmpstr(g->got->str, ==, "ab\377c\rd");
    g_assert_cmpint(g->breaks, ==, 1);
    g_assert_cmpuint(put(c, "x\377y"), ==, 3);
    g_assert_cmpint(recv(fd, bytes, 4, MSG_WAITALL), ==, 4);
    g_assert_cmpmem(bytes, 4, "x\377\377y", 4);
    close(fd);
    destroy(c);
    guest_free(g);
}

static void test_mux(void)
{
    CharDev *mux =
        make("socket,host=127.0.0.1,port=0,server=on,wait=off,mux=on");
    CharDev *ports[2] = {char_mux_port(mux), char_mux_port(mux)};
    Guest *a = guest_new(ports[0]), *b = guest_new(ports[1]);
    int fd = connect_to(mux), code = -1;
    char bytes[1024] = "";

    TURN_UNTIL(a->opened && b->opened);
    g_assert_cmpint(write(fd, "1\001c2\001\001\001b\001c3", 11), ==, 11);
    TURN_UNTIL(a->got->len == 2);
    g_assert_cmpstr(a->got->str, ==, "13");
    g_assert_cmpstr(b->got->str, ==, "2\001");
    g_assert_cmpint(b->breaks, ==, 1);
    g_assert_cmpint(a->breaks, ==, 0);

    put(ports[0], "A");
    put(ports[1], "B");
    g_assert_cmpint(recv(fd, bytes, 2, MSG_WAITALL), ==, 2);
    g_assert_cmpmem(bytes, 2, "AB", 2);

    /* Even if the guest takes nothing, the escape works. */
    a->room = 0;
    g_assert_cmpint(write(fd, "waits\001x", 7), ==, 7);
    g_assert_cmpint(loop_run(&code), ==, RUN_REQUEST_QUIT);
    g_assert_cmpint(code, ==, 0);
    g_assert_cmpint(recv(fd, bytes, 20, MSG_WAITALL), ==, 20);
    g_assert_cmpmem(bytes, 20, "cuttle: Terminated\r\n", 20);
    a->room = 256;
    char_accept_input(ports[0]);
    TURN_UNTIL(a->got->len == 7);
    close(fd);
    destroy(mux);
    guest_free(a);
    guest_free(b);
}

static void test_mux_stamps_and_help(void)
{
    CharDev *mux =
        make("socket,host=127.0.0.1,port=0,server=on,wait=off,mux=on");
    CharDev *port = char_mux_port(mux);
    Guest *g = guest_new(port);
    char bytes[1024] = "";
    int fd = connect_to(mux);

    TURN_UNTIL(g->opened);
    g_assert_cmpint(write(fd, "\001t.", 3), ==, 3);
    TURN_UNTIL(g->got->len == 1);
    put(port, "one\ntwo");
    put(port, " three\n");
    g_assert_cmpint(recv(fd, bytes, 44, MSG_WAITALL), ==, 44);
    g_assert_true(g_regex_match_simple(
        "^\\[..:..:..\\....\\] one\n\\[..:..:..\\....\\] two three\n$", bytes,
        0, 0));
    g_assert_cmpint(write(fd, "\001h.", 3), ==, 3);
    TURN_UNTIL(g->got->len == 2);
    g_assert_cmpint(read(fd, bytes, sizeof(bytes) - 1), >, 100);
    g_assert_nonnull(strstr(bytes, "C-a x    end the emulator\r\n"));
    g_assert_nonnull(strstr(bytes, "C-a C-a  send C-a\r\n"));
    close(fd);
    destroy(mux);
    guest_free(g);
}

static void test_legacy(void)
{
    Backends b;
    CharDev *c;
    bool monitor;
    GError *error = NULL;

    backends_init(&b);
    g_assert_true(
        char_backend_from_legacy(&b, "serial0", "none", &c, &monitor, NULL));
    g_assert_null(c);
    g_assert_true(char_backend_from_legacy(&b, "serial0", "mon:null", &c,
                                           &monitor, NULL));
    g_assert_true(monitor);
    g_assert_true(char_mux_port(c) != c);
    g_assert_true(char_backend_from_legacy(&b, "serial1", "chardev:serial0", &c,
                                           &monitor, NULL));
    g_assert_true(c == backends_char(&b, "serial0"));
    g_assert_true(char_backend_from_legacy(
        &b, "serial2", "tcp:127.0.0.1:0,server=on,nowait", &c, &monitor, NULL));
    g_assert_true(g_str_has_prefix(c->label, "tcp:127.0.0.1:"));
    g_assert_false(char_backend_from_legacy(&b, "serial3", "tcp:4444", &c,
                                            &monitor, &error));
    g_assert_cmpstr(error->message, ==,
                    "'tcp:4444': invalid address '4444': expected host:port");
    g_clear_error(&error);
    backends_finish(&b);
}

/* --- the terminal --- */

static int open_terminal(char *path, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);

    g_assert_cmpint(grantpt(master), ==, 0);
    g_assert_cmpint(unlockpt(master), ==, 0);
    g_assert_cmpint(ptsname_r(master, path, size), ==, 0);
    return master;
}

static bool is_raw(int fd)
{
    struct termios t;

    g_assert_cmpint(tcgetattr(fd, &t), ==, 0);
    return !(t.c_lflag & (ICANON | ECHO)) && (t.c_oflag & OPOST);
}

/* A child takes the terminal and then ends in the way `how` names. */
static void check_restored(void (*how)(void))
{
    char path[64];
    int master = open_terminal(path, sizeof(path)), status, ready[2];
    int slave = open(path, O_RDWR | O_NOCTTY);
    char byte;
    pid_t pid;

    g_assert_false(is_raw(slave));
    g_assert_cmpint(pipe(ready), ==, 0);
    pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        term_make_raw(slave, false);
        byte = is_raw(slave) ? 'r' : '-';
        if (write(ready[1], &byte, 1) == 1) {
            how();
        }
        _exit(99);
    }
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'r');
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 99);
    g_assert_false(is_raw(slave));
    close(ready[0]);
    close(ready[1]);
    close(slave);
    close(master);
}

static void by_exit(void)
{
    exit(0);
}

static void by_abort(void)
{
    abort();
}

static void by_sigterm(void)
{
    raise(SIGTERM);
}

static void by_fault(void)
{
    raise(SIGBUS);
}

static void test_terminal_restored(void)
{
    check_restored(by_exit);
    check_restored(by_abort);
    check_restored(by_sigterm);
#ifndef __SANITIZE_ADDRESS__ /* which handles faults before we could */
    check_restored(by_fault);
#endif
}

static void remove_scratch(void)
{
    g_autoptr(GDir) dir = g_dir_open(scratch, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = in_scratch(name);

        g_unlink(path);
    }
    g_rmdir(scratch);
    g_free(scratch);
}

int main(int argc, char **argv)
{
    GError *error = NULL;
    int result;

    g_test_init(&argc, &argv, NULL);
    scratch = g_dir_make_tmp("cuttle-char-XXXXXX", &error);
    g_assert_no_error(error);
    g_test_add_func("/char/refusals", test_refusals);
    g_test_add_func("/char/file-and-log", test_file_and_log);
    g_test_add_func("/char/pipe-with-slow-guest", test_pipe_with_slow_guest);
    g_test_add_func("/char/stuck-peer", test_stuck_peer);
    g_test_add_func("/char/pty", test_pty);
    g_test_add_func("/char/server", test_server);
    g_test_add_func("/char/busy-port", test_busy_port);
    g_test_add_func("/char/unix-reconnect", test_unix_reconnect);
    g_test_add_func("/char/telnet", test_telnet);
    g_test_add_func("/char/mux", test_mux);
    g_test_add_func("/char/mux-stamps-and-help", test_mux_stamps_and_help);
    g_test_add_func("/char/legacy", test_legacy);
    g_test_add_func("/char/terminal-restored", test_terminal_restored);
    result = g_test_run();
    remove_scratch();
    return result;
}

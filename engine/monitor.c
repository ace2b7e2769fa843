/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/monitor.c */
#include "engine/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/files.h"
#include "container/sockets.h"
#include "engine/attach.h"
#include "engine/bundle.h"
#include "engine/log.h"

enum {
    RESTART_PAUSE = 100, /* ms before the first restart; doubles each time */
    RESTART_PAUSE_MAX = 60000,
    CLIENT_TIMEOUT = 10, /* s that a client may not read before it is let go */
};

typedef struct {
    Engine *engine;
    const Record *record;
    int told;                  /* what the starter hears from; -1: it heard */
    int go;                    /* what it lets us go by */
    pid_t pid;                 /* of the container's program; 0: it has ended */
    Fd in, out[LOG_N_STREAMS]; /* pipes, or the terminal twice */
    Fd listener, signals;
    GArray *clients; /* int */
    LogWriter *log;
    char *started;
    int status; /* as waitpid gives it */
} Monitor;

/* ---- the runtime ---- */

/* Its arguments, for both callers below. */
static GPtrArray *runtime_args(const Engine *e, const char *first, va_list list)
{
    GPtrArray *args = g_ptr_array_new();

    g_ptr_array_add(args, (void *)engine_runtime(e));
    g_ptr_array_add(args, (void *)"--root");
    g_ptr_array_add(args, (void *)engine_states(e));
    for (const char *at = first; at != NULL; at = va_arg(list, const char *)) {
        g_ptr_array_add(args, (void *)at);
    }
    g_ptr_array_add(args, NULL);
    return args;
}

/* "cuttle-runtime: why\n" */
static bool runtime_failed(const char *complaint, GError **error)
{
    g_autofree char *text = g_strstrip(g_strdup(complaint));
    static const char prefix[] = "cuttle-runtime: ";

    return fail(error, "%s",
                g_str_has_prefix(text, prefix) ? text + strlen(prefix) : text);
}

bool runtime_call(Engine *e, GError **error, ...)
{
    g_autoptr(GPtrArray) args = NULL;
    g_autofree char *complaint = NULL;
    va_list list;
    int status;

    va_start(list, error);
    args = runtime_args(e, va_arg(list, const char *), list);
    va_end(list);
    if (!g_spawn_sync(NULL, (char **)args->pdata, NULL, G_SPAWN_DEFAULT, NULL,
                      NULL, NULL, &complaint, &status, error)) {
        return false;
    }
    return status == 0 || runtime_failed(complaint, error);
}

int monitor_exit_code(const GError *error)
{
    const char *text = strstr(error->message, "exec: \"");

    if (text == NULL) {
        return 125;
    }
    return g_str_has_suffix(text, "permission denied")   ? 126
           : g_str_has_suffix(text, "Exec format error") ? 126
                                                         : 127;
}

/* ---- telling who started us ---- */

/* An empty text: all is well. */
static void tell(Monitor *m, const char *text)
{
    if (m->told >= 0) {
        fd_write_all(m->told, text, strlen(text));
        close(m->told);
        m->told = -1;
    }
}

static bool hear(int fd, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char part[1024];
    ssize_t n;

    while ((n = TEMP_FAILURE_RETRY(read(fd, part, sizeof(part)))) > 0) {
        g_string_append_len(text, part, n);
    }
    if (text->len == 0) {
        return fail(error, "the container's monitor ended before it ran");
    }
    return text->str[0] == '+' || fail(error, "%s", text->str + 1);
}

/* ---- making it ---- */

/* The container's ends of its streams; ours are in m. */
typedef struct {
    Fd in, out[LOG_N_STREAMS];
} Ends;

static void ends_clear(Ends *e)
{
    fd_clear(&e->in);
    fd_clear(&e->out[LOG_STREAM_OUT]);
    fd_clear(&e->out[LOG_STREAM_ERR]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ends, ends_clear)

static bool make_pipe(Fd *read_end, Fd *write_end, GError **error)
{
    int pair[2];

    if (pipe2(pair, O_CLOEXEC) != 0) {
        return fail_errno(error, "make a pipe");
    }
    *read_end = pair[0];
    *write_end = pair[1];
    return true;
}

static bool make_streams(Monitor *m, Ends *e, GError **error)
{
    *e = (Ends){-1, {-1, -1}};
    if (m->record->terminal || !m->record->interactive) {
        e->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (e->in < 0) {
            return fail_errno(error, "/dev/null");
        }
    } else if (!make_pipe(&e->in, &m->in, error)) {
        return false;
    }
    return make_pipe(&m->out[LOG_STREAM_OUT], &e->out[LOG_STREAM_OUT], error) &&
           make_pipe(&m->out[LOG_STREAM_ERR], &e->out[LOG_STREAM_ERR], error);
}

/* The master that the runtime sends. */
static bool take_terminal(Monitor *m, int listener, GError **error)
{
    g_auto(Fd) peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    char name[64];
    int master = -1;

    if (peer < 0 || socket_receive(peer, name, sizeof(name), &master) < 0 ||
        master < 0) {
        return fail_errno(error, "receive the container's terminal");
    }
    fd_clear(&m->out[LOG_STREAM_OUT]);
    fd_clear(&m->out[LOG_STREAM_ERR]);
    m->out[LOG_STREAM_OUT] = master;
    m->in = fcntl(master, F_DUPFD_CLOEXEC, 3);
    return true;
}

/* `create`, with the container's streams as its own: it keeps them. Its error
 * comes over the container's stderr pipe, where nothing else writes yet. */
static bool call_create(Monitor *m, const Ends *ends, const char *console,
                        const char *pid_file, GError **error)
{
    Engine *e = m->engine;
    g_autofree char *bundle = engine_path(e, m->record, "bundle");
    const char *args[] = {
        engine_runtime(e),
        "--root",
        engine_states(e),
        "create",
        "--bundle",
        bundle,
        "--pid-file",
        pid_file,
        m->record->id,
        NULL,
        NULL,
        NULL,
    };
    GPid pid;
    int status;
    char why[2048];
    ssize_t n;

    if (console != NULL) {
        args[8] = "--console-socket";
        args[9] = console;
        args[10] = m->record->id;
    }
    if (!g_spawn_async_with_fds(NULL, (char **)args, NULL,
                                G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                                ends->in, ends->out[LOG_STREAM_OUT],
                                ends->out[LOG_STREAM_ERR], error)) {
        return false;
    }
    TEMP_FAILURE_RETRY(waitpid(pid, &status, 0));
    if (status == 0) {
        return true;
    }
    n = read(m->out[LOG_STREAM_ERR], why, sizeof(why) - 1);
    why[MAX(n, 0)] = '\0';
    return runtime_failed(n > 0 ? why : "cuttle-runtime ended", error);
}

static bool read_pid(Monitor *m, const char *path, GError **error)
{
    g_autofree char *text = file_read(AT_FDCWD, path, error);

    m->pid = text != NULL ? (pid_t)strtol(text, NULL, 10) : 0;
    unlink(path);
    return m->pid > 0;
}

static bool create(Monitor *m, GError **error)
{
    g_autofree char *pid_file = engine_path(m->engine, m->record, "pid");
    g_autofree char *console = engine_path(m->engine, m->record, "console");
    bool terminal = m->record->terminal;
    g_auto(Ends) ends = {-1, {-1, -1}};
    g_auto(Fd) listener = -1;

    unlink(console);
    if (!bundle_write(m->engine, m->record, error) ||
        !make_streams(m, &ends, error)) {
        return false;
    }
    if (terminal) {
        listener = socket_listen(AT_FDCWD, console, error);
        if (listener < 0) {
            return false;
        }
    }
    return call_create(m, &ends, terminal ? console : NULL, pid_file, error) &&
           (!terminal || take_terminal(m, listener, error)) &&
           read_pid(m, pid_file, error);
}

/* ---- clients ---- */

static void send_to_clients(Monitor *m, char kind, const char *bytes,
                            size_t len)
{
    static char message[1 + ATTACH_MAX];

    message[0] = kind;
    memcpy(message + 1, bytes, len);
    for (unsigned i = m->clients->len; i-- != 0;) {
        int fd = g_array_index(m->clients, int, i);

        /* Its source ends with it (client_ready). */
        if (!socket_send(fd, message, len + 1, -1)) {
            shutdown(fd, SHUT_RDWR);
        }
    }
}

static void drop_client(Monitor *m, int fd)
{
    for (unsigned i = 0; i < m->clients->len; i++) {
        if (g_array_index(m->clients, int, i) == fd) {
            g_array_remove_index_fast(m->clients, i);
            break;
        }
    }
    close(fd);
}

static void resize(Monitor *m, const char *text)
{
    unsigned rows, columns;

    if (m->record->terminal && m->in >= 0 &&
        sscanf(text, "%u %u", &rows, &columns) == 2) {
        struct winsize size = {
            .ws_row = (unsigned short)rows,
            .ws_col = (unsigned short)columns,
        };

        ioctl(m->in, TIOCSWINSZ, &size);
    }
}

static gboolean client_ready(int fd, GIOCondition condition, gpointer opaque)
{
    static char message[ATTACH_MAX + 1];
    Monitor *m = opaque;
    int passed;
    ssize_t n = socket_receive(fd, message, ATTACH_MAX, &passed);

    fd_clear(&passed);
    if (n <= 0) {
        drop_client(m, fd);
        return G_SOURCE_REMOVE;
    }
    message[n] = '\0';
    if (message[0] == ATTACH_IN && m->in >= 0) {
        fd_write_all(m->in, message + 1, (size_t)n - 1);
    } else if (message[0] == ATTACH_END && !m->record->terminal) {
        fd_clear(&m->in);
    } else if (message[0] == ATTACH_SIZE) {
        resize(m, message + 1);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean listener_ready(int fd, GIOCondition condition, gpointer opaque)
{
    struct timeval limit = {CLIENT_TIMEOUT, 0};
    Monitor *m = opaque;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    if (peer >= 0) {
        setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        g_array_append_val(m->clients, peer);
        g_unix_fd_add(peer, G_IO_IN | G_IO_HUP | G_IO_ERR, client_ready, m);
    }
    return G_SOURCE_CONTINUE;
}

/* ---- the container's output and end ---- */

/* False at its end. */
static bool take_output(Monitor *m, LogStream stream)
{
    static char bytes[ATTACH_MAX - 1];
    ssize_t n = TEMP_FAILURE_RETRY(read(m->out[stream], bytes, sizeof(bytes)));

    if (n <= 0) {
        fd_clear(&m->out[stream]);
        return false;
    }
    log_writer_add(m->log, stream, bytes, (size_t)n);
    send_to_clients(m, stream == LOG_STREAM_OUT ? ATTACH_OUT : ATTACH_ERR,
                    bytes, (size_t)n);
    return true;
}

static gboolean output_ready(int fd, GIOCondition condition, gpointer opaque)
{
    Monitor *m = opaque;

    return take_output(m, fd == m->out[LOG_STREAM_OUT] ? LOG_STREAM_OUT
                                                       : LOG_STREAM_ERR)
               ? G_SOURCE_CONTINUE
               : G_SOURCE_REMOVE;
}

static gboolean signal_ready(int fd, GIOCondition condition, gpointer opaque)
{
    struct signalfd_siginfo info;
    Monitor *m = opaque;
    int status;
    pid_t pid;

    while (read(fd, &info, sizeof(info)) == sizeof(info)) {
    }
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == m->pid) {
            m->pid = 0;
            m->status = status;
        }
    }
    return G_SOURCE_CONTINUE;
}

static void watch(Monitor *m)
{
    for (unsigned i = 0; i < LOG_N_STREAMS; i++) {
        if (m->out[i] >= 0) {
            g_unix_fd_add(m->out[i], G_IO_IN | G_IO_HUP | G_IO_ERR,
                          output_ready, m);
        }
    }
}

/* What was written before the end is still in the pipes. */
static void drain(Monitor *m)
{
    for (unsigned i = 0; i < LOG_N_STREAMS; i++) {
        if (m->out[i] >= 0) {
            fcntl(m->out[i], F_SETFL, O_NONBLOCK);
            while (m->out[i] >= 0 && take_output(m, i)) {
            }
        }
    }
}

/* ---- one run ---- */

static int exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void finish(Monitor *m, int code, const char *why)
{
    g_autofree char *now = engine_now();
    g_autofree char *text = g_strdup_printf("%d", code);
    g_autofree char *paused = engine_path(m->engine, m->record, "paused");
    ExitState state = {
        .code = code,
        .started = m->started,
        .finished = now,
        .error = (char *)why,
    };

    unlink(paused);
    runtime_call(m->engine, NULL, "delete", "--force", m->record->id, NULL);
    engine_save_exit(m->engine, m->record, &state, NULL);
    send_to_clients(m, ATTACH_EXIT, text, strlen(text));
    fd_clear(&m->in);
}

/* The starter's byte; its end without one is the same as "no". */
static bool wait_for_go(Monitor *m)
{
    char byte;
    bool came = TEMP_FAILURE_RETRY(read(m->go, &byte, 1)) == 1;

    close(m->go);
    m->go = -1;
    return came;
}

static bool run(Monitor *m, int64_t restarts, GError **error)
{
    RunState state = {.restarts = restarts};

    if (!create(m, error)) {
        return false;
    }
    if (m->go >= 0) {
        tell(m, "+");
        if (!wait_for_go(m)) {
            return fail(error, "it was not to start after all");
        }
    }
    /* From here on clients are served: the starter's is one of them. */
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_clear_pointer(&m->started, g_free);
    m->started = engine_now();
    state.pid = m->pid;
    state.started = m->started;
    watch(m);
    return runtime_call(m->engine, error, "start", m->record->id, NULL) &&
           engine_save_run(m->engine, m->record, &state, error);
}

static int run_to_end(Monitor *m, int64_t restarts)
{
    g_autoptr(GError) error = NULL;
    int code;

    if (!run(m, restarts, &error)) {
        code = monitor_exit_code(error);
        m->pid = 0;
        drain(m);
        finish(m, code, error->message);
        if (m->told >= 0) {
            g_autofree char *text = g_strconcat("-", error->message, NULL);

            tell(m, text);
        }
        return -1;
    }
    while (m->pid != 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    drain(m);
    code = exit_code(m->status);
    finish(m, code, NULL);
    return code;
}

/* Whether it is to run once more. */
static bool again(const Monitor *m, int code, int64_t restarts)
{
    const Record *r = m->record;
    g_autofree char *stop = engine_path(m->engine, r, "stopped");

    if (access(stop, F_OK) == 0) {
        return false;
    }
    if (strcmp(r->restart, "on-failure") == 0) {
        return code > 0 && (r->restart_max == 0 || restarts < r->restart_max);
    }
    return code >= 0 && (strcmp(r->restart, "always") == 0 ||
                         strcmp(r->restart, "unless-stopped") == 0);
}

static void loop(Monitor *m)
{
    int64_t restarts = 0;
    unsigned pause = RESTART_PAUSE;
    int code = run_to_end(m, restarts);

    while (again(m, code, restarts)) {
        g_usleep(pause * 1000ul);
        pause = MIN(pause * 2, RESTART_PAUSE_MAX);
        code = run_to_end(m, ++restarts);
    }
    if (m->record->remove) {
        g_autofree char *merged = engine_path(m->engine, m->record, "merged");

        umount2(merged, MNT_DETACH);
        engine_remove(m->engine, m->record, NULL);
    }
}

/* ---- becoming one ---- */

static bool set_up(Monitor *m, GError **error)
{
    g_autofree char *log = engine_path(m->engine, m->record, "log");
    g_autofree char *socket = engine_path(m->engine, m->record, "attach");
    sigset_t set;

    if (unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) != 0) {
        return fail_errno(error, "make a mount namespace");
    }
    if (!bundle_mount(m->engine, m->record, error)) {
        return false;
    }
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    m->log = log_writer_new(log, m->record->log_driver, error);
    if (m->log == NULL) {
        return false;
    }
    unlink(socket);
    m->listener = socket_listen_packets(AT_FDCWD, socket, error);
    if (m->listener < 0) {
        return false;
    }
    g_unix_fd_add(m->signals, G_IO_IN, signal_ready, m);
    g_unix_fd_add(m->listener, G_IO_IN, listener_ready, m);
    return true;
}

/* Nothing of who started us stays: no terminal, no directory, no group. */
static void detach(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    setsid();
    (void)!chdir("/");
    for (int fd = 0; fd < 3; fd++) {
        dup2(null, fd);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    prctl(PR_SET_NAME, "cuttle-monitor", 0, 0, 0);
}

G_NORETURN static void be_monitor(Engine *e, const Record *r, int told, int go)
{
    g_autoptr(GError) error = NULL;
    Monitor m = {
        .engine = e,
        .record = r,
        .told = told,
        .go = go,
        .in = -1,
        .out = {-1, -1},
        .listener = -1,
        .signals = -1,
        .clients = g_array_new(FALSE, FALSE, sizeof(int)),
    };

    detach();
    if (set_up(&m, &error)) {
        loop(&m);
    } else {
        g_autofree char *text = g_strconcat("-", error->message, NULL);

        tell(&m, text);
    }
    log_writer_free(m.log);
    _exit(0);
}

bool monitor_start(Engine *e, const Record *r, int *go, GError **error)
{
    g_autofree char *stop = engine_path(e, r, "stopped");
    g_auto(Fd) lock = engine_lock(e, r, error);
    g_auto(Fd) hears = -1, told = -1, goes = -1, lets_go = -1;
    pid_t pid;
    bool ok;

    if (lock < 0) {
        return false;
    }
    unlink(stop);
    if (!make_pipe(&hears, &told, error) ||
        !make_pipe(&goes, &lets_go, error)) {
        return false;
    }
    pid = fork();
    if (pid < 0) {
        return fail_errno(error, "make the container's monitor");
    }
    if (pid == 0) {
        close(hears);
        close(lets_go);
        be_monitor(e, r, told, goes);
    }
    fd_clear(&told);
    ok = hear(hears, error);
    if (ok) {
        *go = fd_steal(&lets_go);
    }
    return ok;
}

/* Its next state tells: run.json, or exit.json with an error. */
bool monitor_go(Engine *e, const Record *r, int go, GError **error)
{
    bool sent = write(go, "+", 1) == 1;

    close(go);
    if (!sent) {
        return fail_errno(error, "start container '%s'", r->name);
    }
    for (;;) {
        RecordStatus status = engine_status(e, r);
        g_autoptr(ExitState) ended = NULL;

        if (status == RECORD_RUNNING || status == RECORD_PAUSED) {
            return true;
        }
        ended = engine_exit_state(e, r);
        if (status == RECORD_EXITED && ended != NULL) {
            return ended->error == NULL || fail(error, "%s", ended->error);
        }
        if (engine_gone(e, r)) {
            return true; /* it ran, ended, and was removed */
        }
        g_usleep(1000);
    }
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/lifecycle.c - start, kill, pause and delete of a container that
 * create.c made. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/container_priv.h"
#include "container/hooks.h"
#include "container/sockets.h"

enum {
    KILL_WAIT = 10000, /* ms until a killed process is given up on */
};

static bool run_hooks(Container *c, const GPtrArray *hooks, const char *stage,
                      GError **error)
{
    g_autofree char *state = NULL;

    if (hooks->len == 0) {
        return true;
    }
    state = container_state_text(c);
    return hooks_run(hooks, stage, state, error);
}

/* ---- start ---- */

/* Until the process's end of the connection is closed: by exec, without a
 * word, or by its end, after one. */
static bool hear_exec(Container *c, int fd, GError **error)
{
    g_autoptr(GString) why = g_string_new(NULL);
    char part[512];
    ssize_t n;

    while ((n = TEMP_FAILURE_RETRY(read(fd, part, sizeof(part)))) > 0) {
        g_string_append_len(why, part, n);
    }
    if (why->len != 0) {
        return fail(error, "%s", why->str);
    }
    return n == 0 || fail_errno(error, "start container '%s'", c->record.id);
}

bool container_start(Container *c, GError **error)
{
    ContainerStatus status = container_status(c);
    const Spec *s = container_spec(c, error);
    g_auto(Fd) fd = -1;
    GError *why = NULL;

    if (s == NULL) {
        return false;
    }
    if (status != CONTAINER_CREATED) {
        return fail(error, "cannot start a container that is %s: '%s'",
                    container_status_name(status), c->record.id);
    }
    fd = socket_connect(c->dir, START_SOCKET, error);
    if (fd < 0 || !hear_exec(c, fd, error)) {
        return false;
    }
    unlinkat(c->dir, START_SOCKET, 0);
    /* runtime.md, "Lifecycle", 9: a failure is logged, and no more. */
    if (!run_hooks(c, s->hooks.poststart, "poststart", &why)) {
        c->warn(why->message);
        g_error_free(why);
    }
    return true;
}

/* ---- signals ---- */

/* By descriptor, which no reused pid can take the place of. */
static bool send_signal(const Container *c, int signal, GError **error)
{
    g_auto(Fd) fd = (int)syscall(SYS_pidfd_open, (pid_t)c->record.pid, 0);

    if (fd < 0 || container_pid(c) == 0) {
        return fail(error, "container not running: '%s'", c->record.id);
    }
    return syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0 ||
           fail_errno(error, "signal container '%s'", c->record.id);
}

static bool shares_pids(Container *c)
{
    const Spec *s = container_spec(c, NULL);
    bool wanted = true;

    return s != NULL && (spec_namespace(s, "pid", &wanted) != NULL || !wanted);
}

bool container_kill(Container *c, int signal, bool all, GError **error)
{
    ContainerStatus status = container_status(c);

    /* Its other processes may outlive the first where PIDs are shared. */
    if (all || (signal == SIGKILL && shares_pids(c))) {
        return cgroup_signal(container_cgroup(c), signal, error);
    }
    if (status == CONTAINER_STOPPED) {
        return fail(error, "container not running: '%s'", c->record.id);
    }
    if (!send_signal(c, signal, error)) {
        return false;
    }
    /* A frozen process dies when it is thawed. */
    if (status == CONTAINER_PAUSED && signal == SIGKILL) {
        cgroup_freeze(container_cgroup(c), false, NULL);
    }
    return true;
}

bool container_pause(Container *c, bool pause, GError **error)
{
    ContainerStatus status = container_status(c);

    if (status != (pause ? CONTAINER_RUNNING : CONTAINER_PAUSED) &&
        !(pause && status == CONTAINER_CREATED)) {
        return fail(error, "container '%s' is not %s but %s", c->record.id,
                    pause ? "running" : "paused",
                    container_status_name(status));
    }
    return cgroup_freeze(container_cgroup(c), pause, error);
}

/* ---- delete ---- */

static bool end_process(Container *c, GError **error)
{
    pid_t pid = container_pid(c);
    g_auto(Fd) fd = -1;
    struct pollfd event;

    if (pid == 0) {
        return true;
    }
    fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (!container_kill(c, SIGKILL, false, NULL) || fd < 0) {
        return true; /* it was quicker */
    }
    event = (struct pollfd){fd, POLLIN, 0};
    /* Ours if this process made it. */
    if (TEMP_FAILURE_RETRY(poll(&event, 1, KILL_WAIT)) == 0) {
        return fail(error, "container '%s': process %d does not end",
                    c->record.id, pid);
    }
    waitpid(pid, NULL, WNOHANG);
    return true;
}

bool container_delete(Container *c, bool force, GError **error)
{
    ContainerStatus status = container_status(c);
    const Spec *s = container_spec(c, NULL);
    GError *why = NULL;

    if (status != CONTAINER_STOPPED && status != CONTAINER_CREATED && !force) {
        return fail(error,
                    "cannot delete container '%s' that is not stopped: "
                    "%s",
                    c->record.id, container_status_name(status));
    }
    if (!end_process(c, error) || !cgroup_remove(container_cgroup(c), error)) {
        return false;
    }
    if (s != NULL && !run_hooks(c, s->hooks.poststop, "poststop", &why)) {
        c->warn(why->message);
        g_error_free(why);
    }
    container_remove_directory(c);
    return true;
}

bool container_delete_leftover(const char *root, const char *id, GError **error)
{
    g_autoptr(Container) c = container_new(root, id, NULL, NULL);
    g_autofree char *path = g_build_filename(root, id, NULL);
    g_auto(Fd) dir = -1;

    if (c != NULL || strchr(id, '/') != NULL) { /* there was none */
        if (c != NULL) {
            container_remove_directory(c);
        }
        return fail_with(error, ENOENT, "container '%s' does not exist", id);
    }
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || faccessat(dir, "state.json", F_OK, 0) == 0) {
        return fail(error, "container '%s' is being made", id);
    }
    unlinkat(dir, CONFIG_FILE, 0);
    unlinkat(dir, START_SOCKET, 0);
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR) == 0 ||
           fail_errno(error, "remove '%s'", path);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/exec.c - one more process in a container that exists. As at
 * create, a process in the middle enters the namespaces and its child is the
 * caller's. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/channel.h"
#include "container/console.h"
#include "container/container_priv.h"
#include "container/namespaces.h"
#include "container/process.h"
#include "container/syscall-filter.h"

typedef struct {
    Container *container;
    const ContainerExec *options;
    const Spec *spec;
    Setup setup;
    int flags;   /* of the namespaces that are not ours */
    int pid_fd;  /* of the container's first process */
    int root;    /* its root */
    int outside; /* the runtime's end of the channel */
} Exec;

/* ---- inside ---- */

static void warn(void *opaque, const char *text)
{
    channel_send(*(int *)opaque, MESSAGE_WARNING, 0, text, -1, NULL);
}

G_NORETURN static void failed(int channel, const GError *error)
{
    channel_send(channel, MESSAGE_ERROR, 0, error->message, -1, NULL);
    _exit(1);
}

static bool open_console(const Exec *e, GError **error)
{
    const SpecProcess *p = e->options->process;
    g_auto(Fd) master = -1;

    return !p->terminal || (console_open(p, false, &master, error) &&
                            channel_send(e->setup.channel, MESSAGE_CONSOLE, 0,
                                         NULL, master, error));
}

/* An init that is denied a filter is no reason to go without one. */
static bool make_filter(const Exec *e, SeccompFilter **filter, GError **error)
{
    const SpecSeccomp *s = e->spec->linux_.seccomp;

    if (s == NULL) {
        return true;
    }
    if (seccomp_wants_listener(s)) {
        return fail(error, "linux.seccomp: exec under SCMP_ACT_NOTIFY is not "
                           "supported");
    }
    *filter = seccomp_filter_new(s, error);
    return *filter != NULL;
}

static bool set_up(const Exec *e, char **path, SeccompFilter **filter,
                   GError **error)
{
    const SpecPersonality *personality = e->spec->linux_.personality;
    const SpecProcess *p = e->options->process;
    int channel = e->setup.channel;
    Message m;

    process_reset_signals();
    if (!channel_expect(channel, MESSAGE_GO, &m, error)) {
        return false;
    }
    if (e->setup.own_user) {
        process_become_root();
    }
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    setsid();
    if (!open_console(e, error) || !process_limit(p, warn, &channel, error) ||
        (personality != NULL && !personality_set(personality, error))) {
        return false;
    }
    *path = process_find(p, error);
    return *path != NULL && make_filter(e, filter, error) &&
           process_close_others(e->options->preserve_fds, error);
}

/* The channel closes at exec: that is how the runtime hears of it. */
G_NORETURN static void inside(const Exec *e)
{
    g_autoptr(GError) error = NULL;
    SeccompFilter *filter = NULL;
    char *path = NULL;

    close(e->outside);
    close(e->container->dir);
    if (set_up(e, &path, &filter, &error)) {
        process_exec(e->options->process, path, filter, &error);
    }
    failed(e->setup.channel, error);
}

static bool enter(const Exec *e, GError **error)
{
    if (e->flags != 0 && setns(e->pid_fd, e->flags) != 0) {
        return fail_errno(error, "enter the namespaces of container '%s'",
                          e->container->record.id);
    }
    /* For a container whose root is not that of its mount namespace. */
    if (fchdir(e->root) != 0 || chroot(".") != 0) {
        return fail_errno(error, "enter the root of container '%s'",
                          e->container->record.id);
    }
    return true;
}

G_NORETURN static void middle(const Exec *e)
{
    int channel = e->setup.channel;
    GError *error = NULL;
    pid_t pid;

    if (!enter(e, &error)) {
        failed(channel, error);
    }
    pid = (pid_t)syscall(SYS_clone, CLONE_PARENT, NULL, NULL, NULL, NULL);
    if (pid == 0) {
        inside(e);
    }
    if (pid < 0) {
        fail_errno(&error, "make a process in the container");
        failed(channel, error);
    }
    channel_send(channel, MESSAGE_PID, pid, NULL, -1, NULL);
    _exit(0);
}

/* ---- outside ---- */

static bool is_same_file(const char *a, const char *b)
{
    struct stat first, second;

    return stat(a, &first) == 0 && stat(b, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static int differing_namespaces(pid_t pid)
{
    int flags = 0;

    for (const NamespaceKind *k = namespace_kinds; k->name != NULL; k++) {
        g_autofree char *theirs =
            g_strdup_printf("/proc/%d/ns/%s", pid, k->file);
        g_autofree char *ours = g_strdup_printf("/proc/self/ns/%s", k->file);

        if (!is_same_file(theirs, ours)) {
            flags |= k->flag;
        }
    }
    return flags;
}

static bool look_at(Exec *e, pid_t pid, GError **error)
{
    g_autofree char *root = g_strdup_printf("/proc/%d/root", pid);

    e->flags = differing_namespaces(pid);
    e->setup.own_user = (e->flags & CLONE_NEWUSER) != 0;
    e->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    e->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return (e->pid_fd >= 0 && e->root >= 0) ||
           fail_errno(error, "look at container '%s'", e->container->record.id);
}

static pid_t launch(Exec *e, int channel, GError **error)
{
    pid_t pid = fork();
    Message m;
    bool heard;

    if (pid == 0) {
        middle(e);
    }
    close(e->setup.channel);
    if (pid < 0) {
        fail_errno(error, "make a process");
        return 0;
    }
    heard = channel_expect(channel, MESSAGE_PID, &m, error);
    TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
    return heard ? (pid_t)m.number : 0;
}

static bool take_console(const ContainerExec *o, int master, GError **error)
{
    if (o->console != NULL) {
        *o->console = dup(master);
        return *o->console >= 0 || fail_errno(error, "terminal");
    }
    return console_send(o->console_socket, master, error);
}

/* Until the channel closes by exec. */
static bool talk(const Exec *e, int channel, GError **error)
{
    for (;;) {
        GError *why = NULL;
        Message m;
        bool heard = channel_receive(channel, &m, &why);

        if (!heard && g_error_matches(why, G_IO_ERROR, G_IO_ERROR_CLOSED)) {
            g_error_free(why);
            return true;
        }
        if (!heard) {
            g_propagate_error(error, why);
            return false;
        }
        if (m.kind == MESSAGE_WARNING) {
            e->container->warn(m.text);
        } else if (m.kind == MESSAGE_CONSOLE) {
            bool taken = take_console(e->options, m.fd, error);

            close(m.fd);
            if (!taken) {
                return false;
            }
        } else {
            return fail(error, "the new process sent message %d", m.kind);
        }
    }
}

static bool enter_cgroup(const Exec *e, pid_t pid, GError **error)
{
    const char *below = e->options->cgroup;
    g_autofree char *path = NULL;
    g_autoptr(Cgroup) groups = NULL;

    if (below == NULL) {
        return cgroup_enter(container_cgroup(e->container), pid, error);
    }
    path = g_build_filename(e->container->record.cgroup, below, NULL);
    groups = cgroup_new(path, geteuid() != 0, e->container->warn, error);
    return groups != NULL && cgroup_enter(groups, pid, error);
}

static bool check(const Exec *e, ContainerStatus status, GError **error)
{
    const ContainerExec *o = e->options;
    const char *id = e->container->record.id;

    if (status == CONTAINER_STOPPED || status == CONTAINER_CREATING) {
        return fail(error, "cannot exec in a %s container: '%s'",
                    container_status_name(status), id);
    }
    if (status == CONTAINER_PAUSED && !o->ignore_paused) {
        return fail(error, "cannot exec in a paused container: '%s'", id);
    }
    return !o->process->terminal || o->console_socket != NULL ||
           o->console != NULL ||
           fail(error, "process.terminal: needs a console socket");
}

static bool run(Exec *e, pid_t *pid, GError **error)
{
    int pair[2];
    bool ok;

    if (!channel_pair(pair, error)) {
        return false;
    }
    e->outside = pair[0];
    e->setup.channel = pair[1];
    *pid = launch(e, pair[0], error);
    ok = *pid != 0 && enter_cgroup(e, *pid, error) &&
         channel_send(pair[0], MESSAGE_GO, 0, NULL, -1, error) &&
         talk(e, pair[0], error);
    close(pair[0]);
    if (!ok && *pid != 0) {
        kill(*pid, SIGKILL);
        TEMP_FAILURE_RETRY(waitpid(*pid, NULL, 0));
    }
    return ok;
}

pid_t container_exec(Container *c, const ContainerExec *o, GError **error)
{
    ContainerStatus status = container_status(c);
    Exec e = {c, o, container_spec(c, error), .pid_fd = -1, .root = -1};
    pid_t pid = 0;
    bool ok;

    if (e.spec == NULL || !check(&e, status, error)) {
        return 0;
    }
    ok = look_at(&e, (pid_t)c->record.pid, error) && run(&e, &pid, error);
    fd_clear(&e.pid_fd);
    fd_clear(&e.root);
    return ok ? pid : 0;
}

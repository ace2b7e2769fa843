/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/init.c - the container's side of `create`: the new process sets
 * itself up inside its namespaces, tells the runtime, and waits on the start
 * socket. What it says there until it ends is why the program could not be
 * run; silence means that it runs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/channel.h"
#include "container/console.h"
#include "container/container_priv.h"
#include "container/hooks.h"
#include "container/namespaces.h"
#include "container/process.h"
#include "container/syscall-filter.h"

void setup_warn(const Setup *s, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    channel_send(s->channel, MESSAGE_WARNING, 0, text, -1, NULL);
}

static void warn(void *opaque, const char *text)
{
    setup_warn(opaque, "%s", text);
}

int setup_outside_mount(const Setup *s, unsigned i, GError **error)
{
    Message m;

    if (!channel_send(s->channel, MESSAGE_MOUNT, i, NULL, -1, error) ||
        !channel_expect(s->channel, MESSAGE_MOUNT, &m, error)) {
        return -1;
    }
    return m.fd;
}

/* ---- namespaces ---- */

static bool join_late(const Launch *l, GError **error)
{
    for (unsigned i = 0; i < l->late->len; i++) {
        int fd = g_array_index(l->late, int, i);

        if (setns(fd, 0) != 0 && errno != EINVAL) {
            return fail_errno(error, "join a namespace");
        }
    }
    return true;
}

static bool set_names(const Spec *s, GError **error)
{
    if (s->hostname != NULL &&
        sethostname(s->hostname, strlen(s->hostname)) != 0) {
        return fail_errno(error, "set hostname '%s'", s->hostname);
    }
    if (s->domainname != NULL &&
        setdomainname(s->domainname, strlen(s->domainname)) != 0) {
        return fail_errno(error, "set domainname '%s'", s->domainname);
    }
    return true;
}

static bool enter_namespaces(const Launch *l, GError **error)
{
    Message m;

    if (!channel_expect(l->setup.channel, MESSAGE_GO, &m, error)) {
        return false;
    }
    if (l->setup.own_user) {
        process_become_root();
    }
    if (!join_late(l, error)) {
        return false;
    }
    /* Only now: its root is the group we have been put in. */
    if (l->new_cgroup_view && unshare(CLONE_NEWCGROUP) != 0) {
        return fail_errno(error, "make a cgroup namespace");
    }
    if (l->new_network && !namespace_loopback_up()) {
        setup_warn(&l->setup, "the loopback device could not be brought up");
    }
    /* Nobody in a PID namespace that we share may look at our memory. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return set_names(l->setup.spec, error);
}

static void new_keyring(const Launch *l)
{
    g_autofree char *name = g_strdup_printf("_ses.%s", l->container->record.id);

    if (!l->options->no_new_keyring) {
        syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name, 0, 0, 0);
    }
}

/* ---- files ---- */

static bool run_create_hooks(const Launch *l, GError **error)
{
    const SpecHooks *h = &l->setup.spec->hooks;
    g_autofree char *state = NULL;
    Message m;

    if (h->prestart->len + h->create_runtime->len + h->create_container->len ==
        0) {
        return true;
    }
    if (!channel_send(l->setup.channel, MESSAGE_HOOKS, 0, NULL, -1, error) ||
        !channel_expect(l->setup.channel, MESSAGE_GO, &m, error)) {
        return false;
    }
    state = container_state_text((Container *)l->container);
    return hooks_run(h->create_container, "createContainer", state, error);
}

static bool open_console(const Launch *l, GError **error)
{
    const SpecProcess *p = l->setup.spec->process;
    g_auto(Fd) master = -1;

    return !p->terminal ||
           (console_open(p, l->setup.own_mounts, &master, error) &&
            channel_send(l->setup.channel, MESSAGE_CONSOLE, 0, NULL, master,
                         error));
}

static bool set_up_files(Launch *l, GError **error)
{
    Setup *s = &l->setup;

    return setup_root(s, error) && setup_mounts(s, error) &&
           setup_devices(s, error) && run_create_hooks(l, error) &&
           setup_pivot(s, error) && open_console(l, error) &&
           setup_root_flags(s, error) && setup_masks(s, error);
}

/* ---- the program ---- */

/* A filter with a listener is loaded now: the runtime, which passes the
 * listener on, does not wait for the start. */
static bool load_early(const Launch *l, SeccompFilter *filter, GError **error)
{
    const SpecSeccomp *s = l->setup.spec->linux_.seccomp;
    Message m;

    if (!seccomp_wants_listener(s)) {
        return true;
    }
    if (s->listener_path == NULL || *s->listener_path == '\0') {
        return fail(error, "linux.seccomp: SCMP_ACT_NOTIFY needs a "
                           "listenerPath");
    }
    if (l->setup.spec->process->no_new_privileges &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail_errno(error, "set no_new_privs");
    }
    return seccomp_filter_load(filter, error) &&
           channel_send(l->setup.channel, MESSAGE_SECCOMP, 0, NULL,
                        seccomp_filter_listener(filter), error) &&
           channel_expect(l->setup.channel, MESSAGE_GO, &m, error);
}

static bool make_filter(const Launch *l, SeccompFilter **filter, GError **error)
{
    const SpecSeccomp *s = l->setup.spec->linux_.seccomp;

    if (s == NULL) {
        return true;
    }
    *filter = seccomp_filter_new(s, error);
    return *filter != NULL && load_early(l, *filter, error);
}

static bool set_up(Launch *l, char **path, SeccompFilter **filter,
                   GError **error)
{
    const Spec *s = l->setup.spec;

    process_reset_signals();
    umask(0);
    if (!enter_namespaces(l, error)) {
        return false;
    }
    new_keyring(l);
    setsid();
    if (!setup_sysctl(&l->setup, error) || !set_up_files(l, error) ||
        !process_limit(s->process, warn, &l->setup, error) ||
        (s->linux_.personality != NULL &&
         !personality_set(s->linux_.personality, error))) {
        return false;
    }
    *path = process_find(s->process, error);
    return *path != NULL && make_filter(l, filter, error) &&
           process_close_others(l->options->preserve_fds, error) &&
           channel_send(l->setup.channel, MESSAGE_READY, 0, NULL, -1, error);
}

/* Blocks until `start`; its end of the connection. */
static int wait_for_start(int listener)
{
    int fd;

    do {
        fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    return fd;
}

static bool run_start_hooks(const Launch *l, GError **error)
{
    const GPtrArray *hooks = l->setup.spec->hooks.start_container;
    g_autofree char *state = NULL;

    if (hooks->len == 0) {
        return true;
    }
    state = container_state_text((Container *)l->container);
    return hooks_run(hooks, "startContainer", state, error);
}

void container_init(Launch *l)
{
    g_autoptr(GError) error = NULL;
    SeccompFilter *filter = NULL;
    char *path = NULL;
    int asked;

    close(l->outside);
    close(l->container->dir); /* the lock on it is the runtime's */
    if (!set_up(l, &path, &filter, &error)) {
        channel_send(l->setup.channel, MESSAGE_ERROR, 0, error->message, -1,
                     NULL);
        _exit(1);
    }
    close(l->setup.channel);
    asked = wait_for_start(l->start);
    if (asked < 0) {
        _exit(1);
    }
    if (run_start_hooks(l, &error)) {
        process_exec(l->setup.spec->process, path, filter, &error);
    }
    (void)!write(asked, error->message, strlen(error->message));
    _exit(1);
}

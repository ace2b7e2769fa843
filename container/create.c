/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/create.c - the runtime's side of `create`: the directory, the
 * groups, the new process, and what that asks for while it sets itself up
 * (init.c). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/channel.h"
#include "container/console.h"
#include "container/container_priv.h"
#include "container/hooks.h"
#include "container/id-map.h"
#include "container/mount-tree.h"
#include "container/namespaces.h"
#include "container/sockets.h"

/* ---- the directory ---- */

/* The configuration that counts from now on is our copy. */
static bool take_config(Container *c, const char *bundle, GError **error)
{
    g_autofree char *path = g_build_filename(bundle, CONFIG_FILE, NULL);
    g_autofree char *text = NULL;
    gsize len;

    if (!g_file_get_contents(path, &text, &len, error)) {
        return false;
    }
    c->spec = spec_parse(text, len, error);
    if (c->spec == NULL) {
        g_prefix_error(error, "'%s': ", path);
        return false;
    }
    if (c->spec->process == NULL) {
        return fail(error, "'%s': process: missing", path);
    }
    return file_replace(c->dir, CONFIG_FILE, text, 0600, error);
}

static char *absolute(const char *path, const char *base)
{
    return g_path_is_absolute(path) ? g_strdup(path)
                                    : g_build_filename(base, path, NULL);
}

static char *root_directory(const Spec *s, const char *bundle, GError **error)
{
    g_autofree char *path = absolute(s->root.path, bundle);
    g_autofree char *real = realpath(path, NULL);

    if (real == NULL) {
        fail_errno(error, "root '%s'", path);
        return NULL;
    }
    if (!g_file_test(real, G_FILE_TEST_IS_DIR)) {
        fail(error, "root '%s': not a directory", path);
        return NULL;
    }
    return g_strdup(real);
}

/* Where the configuration has none: a name of our own. SLICE:PREFIX:NAME is
 * systemd's form; without systemd its directories are made by hand. */
static char *cgroup_path(const Spec *s, const char *id, bool systemd)
{
    const char *path = s->linux_.cgroups_path;
    g_auto(GStrv) parts = g_strsplit(path != NULL ? path : "", ":", 3);

    if (systemd && g_strv_length(parts) == 3) {
        const char *slice = parts[0][0] != '\0' ? parts[0] : "system.slice";

        return g_strdup_printf("/%s/%s-%s.scope", slice, parts[1], parts[2]);
    }
    if (path == NULL || *path == '\0') {
        return g_strdup_printf("/cuttle/%s", id);
    }
    return *path == '/' ? g_strdup(path) : g_strconcat("/cuttle/", path, NULL);
}

static JsonPair *copy_map(const JsonPair *from)
{
    unsigned n = 0;
    JsonPair *to;

    while (from != NULL && from[n].name != NULL) {
        n++;
    }
    to = g_new0(JsonPair, n + 1);
    for (unsigned i = 0; i < n; i++) {
        to[i] = (JsonPair){g_strdup(from[i].name), g_strdup(from[i].value)};
    }
    return to;
}

static bool fill_record(Container *c, const ContainerCreate *o, GError **error)
{
    ContainerRecord *r = &c->record;

    r->bundle = realpath(o->bundle, NULL);
    if (r->bundle == NULL) {
        return fail_errno(error, "bundle '%s'", o->bundle);
    }
    if (!take_config(c, r->bundle, error)) {
        return false;
    }
    r->version = g_strdup(c->spec->version);
    r->rootfs = root_directory(c->spec, r->bundle, error);
    r->cgroup = cgroup_path(c->spec, r->id, o->systemd_cgroup);
    r->owner = getuid();
    r->annotations = copy_map(c->spec->annotations);
    return r->rootfs != NULL;
}

/* ---- the new process ---- */

/* Whether a namespace is new, and its path where it is not. */
typedef struct {
    int flags;      /* CLONE_NEW* of those that are new */
    GArray *joined; /* Join */
    bool new_time;
} Plan;

typedef struct {
    const NamespaceKind *kind;
    Fd fd;
} Join;

static void join_clear(void *p)
{
    Join *j = p;

    fd_clear(&j->fd);
}

static void plan_clear(Plan *p)
{
    g_clear_pointer(&p->joined, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

static bool plan_join(Plan *p, const NamespaceKind *k, const char *path,
                      GError **error)
{
    Join join = {k, open(path, O_RDONLY | O_CLOEXEC)};

    if (join.fd < 0) {
        return fail_errno(error, "%s namespace '%s'", k->name, path);
    }
    g_array_append_val(p->joined, join);
    return true;
}

static bool make_plan(Plan *p, const Spec *s, GError **error)
{
    p->joined = g_array_new(FALSE, FALSE, sizeof(Join));
    g_array_set_clear_func(p->joined, join_clear);
    for (const NamespaceKind *k = namespace_kinds; k->name != NULL; k++) {
        bool wanted;
        const char *path = spec_namespace(s, k->name, &wanted);

        if (path != NULL) {
            if (!plan_join(p, k, path, error)) {
                return false;
            }
        } else if (wanted) {
            p->flags |= k->flag;
        }
    }
    p->new_time = (p->flags & CLONE_NEWTIME) != 0;
    p->flags &= ~CLONE_NEWTIME;
    return true;
}

/* Those that cannot be joined with the rights outside may belong to the user
 * namespace: they are left for the container's process. */
static void join_now(const Plan *p, GArray *late)
{
    for (unsigned i = 0; i < p->joined->len; i++) {
        const Join *j = &g_array_index(p->joined, Join, i);

        if (j->kind->flag == CLONE_NEWUSER ||
            setns(j->fd, j->kind->flag) != 0) {
            g_array_append_val(late, j->fd);
        }
    }
}

static bool write_offset(const char *clock, const SpecTimeOffset *o,
                         GError **error)
{
    g_autofree char *text = NULL;

    if (o == NULL) {
        return true;
    }
    text = g_strdup_printf("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, clock,
                           o->secs, o->nanosecs);
    return file_write(AT_FDCWD, "/proc/self/timens_offsets", text, error);
}

/* Children of this process will be in it (time_namespaces(7)). */
static bool new_time(const Spec *s, GError **error)
{
    const SpecTimeOffsets *o = &s->linux_.time_offsets;

    if (unshare(CLONE_NEWTIME) != 0) {
        return fail_errno(error, "make a time namespace");
    }
    return write_offset("monotonic", o->monotonic, error) &&
           write_offset("boottime", o->boottime, error);
}

static pid_t clone_process(int flags)
{
    return (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
}

G_NORETURN static void middle_failed(int channel, const GError *error)
{
    channel_send(channel, MESSAGE_ERROR, 0, error->message, -1, NULL);
    _exit(1);
}

/* A process between the runtime and the container, which enters what only
 * children are put into: PID and time namespaces, and a user namespace that
 * others must be joined before. Its child is the runtime's own. */
G_NORETURN static void middle(Launch *l, const Plan *p)
{
    int channel = l->setup.channel;
    GError *error = NULL;
    pid_t pid;

    join_now(p, l->late);
    for (unsigned i = 0; i < p->joined->len; i++) {
        const Join *j = &g_array_index(p->joined, Join, i);

        if (j->kind->flag == CLONE_NEWUSER &&
            setns(j->fd, CLONE_NEWUSER) != 0) {
            fail_errno(&error, "join the user namespace");
            middle_failed(channel, error);
        }
    }
    if (p->new_time && !new_time(l->setup.spec, &error)) {
        middle_failed(channel, error);
    }
    pid = clone_process((p->flags & ~CLONE_NEWCGROUP) | CLONE_PARENT);
    if (pid == 0) {
        container_init(l);
    }
    if (pid < 0) {
        fail_errno(&error, "make the container's process");
        middle_failed(channel, error);
    }
    channel_send(channel, MESSAGE_PID, pid, NULL, -1, NULL);
    _exit(0);
}

static pid_t launch_by_middle(Launch *l, const Plan *p, int channel,
                              GError **error)
{
    pid_t pid = fork();
    Message m;
    bool heard;

    if (pid == 0) {
        middle(l, p);
    }
    if (pid < 0) {
        fail_errno(error, "make a process");
        return -1;
    }
    heard = channel_expect(channel, MESSAGE_PID, &m, error);
    TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
    return heard ? (pid_t)m.number : -1;
}

static pid_t launch(Launch *l, const Plan *p, int channel, GError **error)
{
    pid_t pid;

    if (p->new_time || p->joined->len != 0) {
        return launch_by_middle(l, p, channel, error);
    }
    pid = clone_process((p->flags & ~CLONE_NEWCGROUP) | SIGCHLD);
    if (pid == 0) {
        container_init(l);
    }
    if (pid < 0) {
        fail_errno(error, "make the container's process");
    }
    return pid;
}

/* ---- what it asks for ---- */

typedef struct {
    Container *container;
    const ContainerCreate *options;
    int channel;
} Talk;

/* Makes a bind mount's tree with the host's rights. */
static bool answer_mount(const Talk *t, int64_t number, GError **error)
{
    const Container *c = t->container;
    g_autofree char *path =
        g_strdup_printf("/proc/%" G_GINT64_FORMAT "/ns/user", c->record.pid);
    g_auto(MountOptions) o = {0};
    g_auto(Fd) user_ns = -1, tree = -1;
    const SpecMount *m;

    if (number < 0 || number >= c->spec->mounts->len) {
        return fail(error, "the container's process asked for no mount");
    }
    m = c->spec->mounts->pdata[number];
    mount_options_parse(&o, m->options);
    if (spec_has_namespace(c->spec, "user")) {
        user_ns = open(path, O_RDONLY | O_CLOEXEC);
    }
    tree = mount_tree_new(m, &o, c->record.bundle, user_ns, error);
    return tree >= 0 &&
           channel_send(t->channel, MESSAGE_MOUNT, number, NULL, tree, error);
}

static bool answer_hooks(const Talk *t, GError **error)
{
    const SpecHooks *h = &t->container->spec->hooks;
    g_autofree char *state = container_state_text(t->container);

    return hooks_run(h->prestart, "prestart", state, error) &&
           hooks_run(h->create_runtime, "createRuntime", state, error) &&
           channel_send(t->channel, MESSAGE_GO, 0, NULL, -1, error);
}

static bool answer_console(const Talk *t, int master, GError **error)
{
    if (t->options->console != NULL) {
        *t->options->console = dup(master);
        return *t->options->console >= 0 || fail_errno(error, "terminal");
    }
    return console_send(t->options->console_socket, master, error);
}

/* config-linux.md, "The Container Process State". */
static bool answer_seccomp(const Talk *t, int fd, GError **error)
{
    const SpecSeccomp *s = t->container->spec->linux_.seccomp;
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *text = NULL;
    g_auto(Fd) socket = socket_connect(AT_FDCWD, s->listener_path, error);
    JsonObject *o = json_object_new();
    JsonArray *fds = json_array_new();

    json_array_add_string_element(fds, "seccompFd");
    json_object_set_string_member(o, "ociVersion", t->container->spec->version);
    json_object_set_array_member(o, "fds", fds);
    json_object_set_int_member(o, "pid", t->container->record.pid);
    json_object_set_string_member(
        o, "metadata",
        s->listener_metadata != NULL ? s->listener_metadata : "");
    json_object_set_member(o, "state", container_state(t->container, false));
    json_node_take_object(node, o);
    text = json_to_string(node, FALSE);
    if (socket < 0) {
        g_prefix_error(error, "linux.seccomp.listenerPath: ");
        return false;
    }
    return (socket_send(socket, text, strlen(text), fd) ||
            fail_errno(error, "linux.seccomp.listenerPath '%s'",
                       s->listener_path)) &&
           channel_send(t->channel, MESSAGE_GO, 0, NULL, -1, error);
}

static bool answer(const Talk *t, Message *m, GError **error)
{
    g_auto(Fd) fd = m->fd;

    switch (m->kind) {
    case MESSAGE_MOUNT:
        return answer_mount(t, m->number, error);
    case MESSAGE_HOOKS:
        return answer_hooks(t, error);
    case MESSAGE_CONSOLE:
        return answer_console(t, fd, error);
    case MESSAGE_SECCOMP:
        return answer_seccomp(t, fd, error);
    case MESSAGE_WARNING:
        t->container->warn(m->text);
        return true;
    default:
        return fail(error, "the container's process sent message %d", m->kind);
    }
}

static bool talk(const Talk *t, GError **error)
{
    Message m;

    do {
        if (!channel_receive(t->channel, &m, error) ||
            (m.kind != MESSAGE_READY && !answer(t, &m, error))) {
            return false;
        }
    } while (m.kind != MESSAGE_READY);
    return true;
}

/* ---- before it may go ---- */

static bool set_oom_score(const Container *c, GError **error)
{
    const SpecProcess *p = c->spec->process;
    g_autofree char *path = g_strdup_printf(
        "/proc/%" G_GINT64_FORMAT "/oom_score_adj", c->record.pid);
    g_autofree char *text = NULL;
    GError *why = NULL;

    if (!p->has_oom_score_adj) {
        return true;
    }
    text = g_strdup_printf("%" G_GINT64_FORMAT, p->oom_score_adj);
    if (!file_write(AT_FDCWD, path, text, &why)) {
        /* Without CAP_SYS_RESOURCE nobody may lower it (EACCES). */
        if (error_number(why) != EACCES && error_number(why) != EPERM) {
            g_propagate_error(error, why);
            return false;
        }
        c->warn("oomScoreAdj may not be lowered here: it stays as it is");
        g_error_free(why);
    }
    return true;
}

static bool prepare(Talk *t, bool new_user, GError **error)
{
    Container *c = t->container;
    const SpecLinux *l = &c->spec->linux_;
    pid_t pid = (pid_t)c->record.pid;

    return (!new_user ||
            id_map_write(pid, l->uid_mappings, l->gid_mappings, error)) &&
           cgroup_enter(container_cgroup(c), pid, error) &&
           set_oom_score(c, error) &&
           channel_send(t->channel, MESSAGE_GO, 0, NULL, -1, error);
}

static bool make_cgroup(Container *c, GError **error)
{
    g_autoptr(Cgroup) check =
        cgroup_new(c->record.cgroup, geteuid() != 0, c->warn, error);

    return check != NULL && cgroup_make(container_cgroup(c), error) &&
           cgroup_limit(container_cgroup(c), &c->spec->linux_.resources, true,
                        error);
}

static bool check_console(const Spec *s, const ContainerCreate *o,
                          GError **error)
{
    bool has = o->console_socket != NULL || o->console != NULL;

    if (s->process->terminal && !has) {
        return fail(error, "process.terminal: needs a console socket");
    }
    return s->process->terminal || o->console_socket == NULL ||
           fail(error, "console socket: process.terminal is not set");
}

static void set_up_launch(Launch *l, Container *c, const ContainerCreate *o,
                          const Plan *p)
{
    const Spec *s = c->spec;

    l->container = c;
    l->options = o;
    l->new_user = (p->flags & CLONE_NEWUSER) != 0;
    l->new_network = (p->flags & CLONE_NEWNET) != 0;
    l->new_cgroup_view = (p->flags & CLONE_NEWCGROUP) != 0;
    l->late = g_array_new(FALSE, FALSE, sizeof(int));
    l->setup = (Setup){
        .spec = s,
        .bundle = c->record.bundle,
        .rootfs = c->record.rootfs,
        .root = -1,
        .own_user = spec_has_namespace(s, "user"),
        .own_mounts = spec_has_namespace(s, "mount"),
        .own_cgroup_view = spec_has_namespace(s, "cgroup"),
        .no_pivot = o->no_pivot,
        .cgroup = container_cgroup(c),
    };
}

static bool start_process(Container *c, const ContainerCreate *o,
                          GError **error)
{
    g_auto(Plan) plan = {0};
    g_auto(Fd) start = -1;
    Launch l = {0};
    Talk t = {c, o, -1};
    int pair[2];
    bool ok = false;

    if (!make_plan(&plan, c->spec, error)) {
        return false;
    }
    start = socket_listen(c->dir, START_SOCKET, error);
    if (start < 0 || !channel_pair(pair, error)) {
        return false;
    }
    set_up_launch(&l, c, o, &plan);
    l.start = start;
    l.setup.channel = pair[1];
    l.outside = pair[0];
    t.channel = pair[0];
    c->record.pid = launch(&l, &plan, pair[0], error);
    /* Its end is the process's alone: when that ends, we hear it. */
    close(pair[1]);
    if (c->record.pid > 0) {
        c->record.start_time = process_start_time((pid_t)c->record.pid);
        ok = prepare(&t, l.new_user, error) && talk(&t, error);
    }
    close(pair[0]);
    g_array_unref(l.late);
    return ok;
}

/* Nothing of it stays. */
static void undo(Container *c)
{
    if (c->record.pid > 0) {
        kill((pid_t)c->record.pid, SIGKILL);
        TEMP_FAILURE_RETRY(waitpid((pid_t)c->record.pid, NULL, 0));
    }
    if (c->groups != NULL) {
        cgroup_remove(c->groups, NULL);
    }
    container_remove_directory(c);
}

static char *now(void)
{
    g_autoptr(GDateTime) time = g_date_time_new_now_utc();
    g_autofree char *seconds = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");

    return g_strdup_printf("%s.%06d000Z", seconds,
                           g_date_time_get_microsecond(time));
}

static bool create(Container *c, const ContainerCreate *o, GError **error)
{
    if (!fill_record(c, o, error) || !check_console(c->spec, o, error) ||
        !make_cgroup(c, error) || !start_process(c, o, error)) {
        return false;
    }
    c->record.created = now();
    return container_save(c, error);
}

Container *container_create(const char *root, const ContainerCreate *o,
                            GError **error)
{
    Container *c = container_new(root, o->id, o->warn, error);

    if (c != NULL && !create(c, o, error)) {
        undo(c);
        g_clear_pointer(&c, container_free);
    }
    return c;
}

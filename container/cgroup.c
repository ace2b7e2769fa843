/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/cgroup.c - finds the hierarchies, makes and removes a container's
 * directories, moves and counts processes. Limits: cgroup-limits.c. */
#include "container/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/cgroup_priv.h"

enum {
    REMOVE_TRIES = 200, /* of 5 ms: a killed process needs its time to go */
};

void cgroup_warn(const Cgroup *c, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    c->warn(text);
}

/* ---- the layout ---- */

static void hierarchy_free(void *p)
{
    Hierarchy *h = p;

    fd_clear(&h->fd);
    g_strfreev(h->controllers);
    g_free(h->mount_point);
    g_free(h->name);
    g_free(h->options);
    g_free(h->directory);
    g_free(h);
}

/* Which of a v1 mount's options name controllers: not those of all mounts. */
static char **controllers_of(const char *options)
{
    static const char *const others[] = {
        "rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode",
        NULL,
    };
    g_auto(GStrv) all = g_strsplit(options, ",", -1);
    GPtrArray *some = g_ptr_array_new();

    for (unsigned i = 0; all[i] != NULL; i++) {
        if (!g_strv_contains(others, all[i]) &&
            !g_str_has_prefix(all[i], "release_agent=")) {
            g_ptr_array_add(some, g_strdup(all[i]));
        }
    }
    g_ptr_array_add(some, NULL);
    return (char **)g_ptr_array_free(some, FALSE);
}

static void add_hierarchy(Cgroup *c, const char *mount_point, bool v2,
                          const char *options)
{
    Hierarchy *h = g_new0(Hierarchy, 1);

    h->mount_point = g_strdup(mount_point);
    h->name = g_path_get_basename(mount_point);
    h->v2 = v2;
    h->fd = -1;
    h->directory = g_build_filename(mount_point, c->path, NULL);
    if (v2) {
        g_autofree char *file =
            g_build_filename(mount_point, "cgroup.controllers", NULL);
        g_autofree char *text = file_read(AT_FDCWD, file, NULL);

        h->controllers = g_strsplit(text != NULL ? text : "", " ", -1);
    } else {
        h->controllers = controllers_of(options);
        h->options = g_strjoinv(",", h->controllers);
    }
    g_ptr_array_add(c->hierarchies, h);
}

static bool has_mount_point(const Cgroup *c, const char *mount_point)
{
    for (unsigned i = 0; i < c->hierarchies->len; i++) {
        const Hierarchy *h = c->hierarchies->pdata[i];

        if (strcmp(h->mount_point, mount_point) == 0) {
            return true;
        }
    }
    return false;
}

/* One line of /proc/self/mountinfo: "36 35 0:30 / /sys/fs/cgroup/pids rw,...
 * - cgroup cgroup rw,pids". proc(5) */
static void read_mount(Cgroup *c, const char *line)
{
    g_auto(GStrv) halves = g_strsplit(line, " - ", 2);
    g_auto(GStrv) left = NULL, right = NULL;
    g_autofree char *mount_point = NULL;
    bool v2;

    if (halves[0] == NULL || halves[1] == NULL) {
        return;
    }
    right = g_strsplit(halves[1], " ", 3);
    left = g_strsplit(halves[0], " ", 6);
    if (g_strv_length(right) < 3 || g_strv_length(left) < 5) {
        return;
    }
    v2 = strcmp(right[0], "cgroup2") == 0;
    if (!v2 && strcmp(right[0], "cgroup") != 0) {
        return;
    }
    mount_point = g_strcompress(left[4]); /* octal escapes */
    if (!has_mount_point(c, mount_point)) {
        add_hierarchy(c, mount_point, v2, right[2]);
    }
}

static void find_hierarchies(Cgroup *c)
{
    g_autofree char *text = file_read(AT_FDCWD, "/proc/self/mountinfo", NULL);
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);

    for (unsigned i = 0; lines[i] != NULL; i++) {
        if (strstr(lines[i], " - cgroup") != NULL) {
            read_mount(c, lines[i]);
        }
    }
}

static bool check_path(const char *path, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    for (unsigned i = 0; parts[i] != NULL; i++) {
        if (strcmp(parts[i], "..") == 0) {
            return fail(error, "cgroup '%s': '..' is not allowed", path);
        }
    }
    return true;
}

Cgroup *cgroup_new(const char *path, bool optional, CgroupWarn *warn,
                   GError **error)
{
    Cgroup *c;

    while (*path == '/') {
        path++;
    }
    if (*path == '\0') {
        fail(error, "cgroup: the path is empty");
        return NULL;
    }
    if (!check_path(path, error)) {
        return NULL;
    }
    c = g_new0(Cgroup, 1);
    c->path = g_strdup(path);
    c->optional = optional;
    c->warn = warn;
    c->hierarchies = g_ptr_array_new_with_free_func(hierarchy_free);
    find_hierarchies(c);
    return c;
}

void cgroup_free(Cgroup *c)
{
    if (c != NULL) {
        g_ptr_array_unref(c->hierarchies);
        g_free(c->path);
        g_free(c);
    }
}

static bool hierarchy_has(const Hierarchy *h, const char *controller)
{
    return g_strv_contains((const char *const *)h->controllers, controller);
}

/* Opens the container's directory, if it is there. */
static bool hierarchy_open(Hierarchy *h)
{
    if (h->fd < 0) {
        h->fd = open(h->directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    }
    return h->fd >= 0;
}

Hierarchy *cgroup_find(const Cgroup *c, const char *controller)
{
    for (unsigned i = 0; i < c->hierarchies->len; i++) {
        Hierarchy *h = c->hierarchies->pdata[i];

        if (hierarchy_has(h, controller) && hierarchy_open(h)) {
            return h;
        }
    }
    return NULL;
}

Hierarchy *cgroup_unified(const Cgroup *c)
{
    for (unsigned i = 0; i < c->hierarchies->len; i++) {
        Hierarchy *h = c->hierarchies->pdata[i];

        if (h->v2 && hierarchy_open(h)) {
            return h;
        }
    }
    return NULL;
}

/* All is in v2: what the container sees is one directory. */
bool cgroup_is_unified(const Cgroup *c)
{
    const Hierarchy *h;

    if (c->hierarchies->len != 1) {
        return false;
    }
    h = c->hierarchies->pdata[0];
    return h->v2;
}

/* ---- directories ---- */

/* A v2 group hands controllers down only when told to. */
static void enable_controllers(const Hierarchy *h, int parent)
{
    for (unsigned i = 0; h->controllers[i] != NULL; i++) {
        if (h->controllers[i][0] != '\0') {
            g_autofree char *text = g_strconcat("+", h->controllers[i], NULL);

            file_write(parent, "cgroup.subtree_control", text, NULL);
        }
    }
}

/* A v1 cpuset is empty at first, and then takes no process. */
static void inherit_cpuset(int parent, int child)
{
    static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};

    for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *own = file_read(child, files[i], NULL);
        g_autofree char *value = file_read(parent, files[i], NULL);

        if (own != NULL && *own == '\0' && value != NULL) {
            file_write(child, files[i], value, NULL);
        }
    }
}

static bool make_directories(Cgroup *c, Hierarchy *h, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(c->path, "/", -1);
    g_auto(Fd) at = open(h->mount_point, O_DIRECTORY | O_CLOEXEC);

    if (at < 0) {
        return fail_errno(error, "cgroup '%s'", h->mount_point);
    }
    for (unsigned i = 0; parts[i] != NULL; i++) {
        g_auto(Fd) next = -1;

        if (parts[i][0] == '\0') {
            continue;
        }
        if (h->v2) {
            enable_controllers(h, at);
        }
        if (mkdirat(at, parts[i], 0755) != 0 && errno != EEXIST) {
            return fail_errno(error, "cgroup '%s': make '%s'", h->directory,
                              parts[i]);
        }
        next = openat(at, parts[i], O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0) {
            return fail_errno(error, "cgroup '%s': open '%s'", h->directory,
                              parts[i]);
        }
        if (!h->v2 && hierarchy_has(h, "cpuset")) {
            inherit_cpuset(at, next);
        }
        fd_clear(&at);
        at = fd_steal(&next);
    }
    h->fd = fd_steal(&at);
    return true;
}

/* Whether this failure is one that a rootless container lives with. */
static bool may_lack(const Cgroup *c, const GError *error)
{
    int number = error_number(error);

    return number == EROFS || number == ENOENT ||
           (c->optional && (number == EACCES || number == EPERM));
}

bool cgroup_make(Cgroup *c, GError **error)
{
    for (unsigned i = 0; i < c->hierarchies->len; i++) {
        GError *why = NULL;

        if (!make_directories(c, c->hierarchies->pdata[i], &why)) {
            if (!may_lack(c, why)) {
                g_propagate_error(error, why);
                return false;
            }
            g_error_free(why);
        }
    }
    return true;
}

bool cgroup_exists(const Cgroup *c)
{
    for (unsigned i = 0; i < c->hierarchies->len; i++) {
        if (hierarchy_open(c->hierarchies->pdata[i])) {
            return true;
        }
    }
    return false;
}

bool cgroup_enter(Cgroup *c, pid_t pid, GError **error)
{
    g_autofree char *text = g_strdup_printf("%d", pid);

    for (unsigned i = 0; i < c->hierarchies->len; i++) {
        Hierarchy *h = c->hierarchies->pdata[i];
        GError *why = NULL;

        if (hierarchy_open(h) &&
            !file_write(h->fd, "cgroup.procs", text, &why)) {
            if (!may_lack(c, why)) {
                g_propagate_prefixed_error(error, why,
                                           "cgroup '%s': ", h->directory);
                return false;
            }
            g_error_free(why);
        }
    }
    return true;
}

/* ---- processes ---- */

/* Calls fn for the directory and for all below, leaves first. */
typedef void DirectoryFn(int parent, const char *name, int fd, void *opaque);

static void walk(int parent, const char *name, unsigned depth, DirectoryFn *fn,
                 void *opaque)
{
    int fd = openat(parent, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    if (dir == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    while (depth < 64 && (entry = readdir(dir)) != NULL) {
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            walk(fd, entry->d_name, depth + 1, fn, opaque);
        }
    }
    fn(parent, name, fd, opaque);
    closedir(dir);
}

static void add_pids(int parent, const char *name, int fd, void *opaque)
{
    g_autofree char *text = file_read(fd, "cgroup.procs", NULL);
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
    GArray *pids = opaque;

    for (unsigned i = 0; lines[i] != NULL; i++) {
        pid_t pid = (pid_t)strtol(lines[i], NULL, 10);

        /* 0: of a PID namespace that we do not see. */
        if (pid > 0) {
            g_array_append_val(pids, pid);
        }
    }
}

/* The hierarchy that is asked for processes. */
static Hierarchy *any_hierarchy(const Cgroup *c)
{
    static const char *const first[] = {"pids", "freezer", "memory", "cpu"};
    Hierarchy *h = cgroup_unified(c);

    for (unsigned i = 0; h == NULL && i < G_N_ELEMENTS(first); i++) {
        h = cgroup_find(c, first[i]);
    }
    for (unsigned i = 0; h == NULL && i < c->hierarchies->len; i++) {
        if (hierarchy_open(c->hierarchies->pdata[i])) {
            h = c->hierarchies->pdata[i];
        }
    }
    return h;
}

GArray *cgroup_pids(Cgroup *c, GError **error)
{
    GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    Hierarchy *h = any_hierarchy(c);

    if (h == NULL) {
        fail(error, "cgroup '%s': there is none", c->path);
        g_array_unref(pids);
        return NULL;
    }
    walk(AT_FDCWD, h->directory, 0, add_pids, pids);
    return pids;
}

static unsigned signal_once(Cgroup *c, int signal, bool *failed)
{
    g_autoptr(GArray) pids = cgroup_pids(c, NULL);
    unsigned n = pids != NULL ? pids->len : 0;

    for (unsigned i = 0; i < n; i++) {
        if (kill(g_array_index(pids, pid_t, i), signal) != 0 &&
            errno != ESRCH) {
            *failed = true;
        }
    }
    return n;
}

bool cgroup_signal(Cgroup *c, int signal, GError **error)
{
    Hierarchy *h = cgroup_unified(c);
    bool failed = false;

    if (signal != SIGKILL) {
        signal_once(c, signal, &failed);
    } else if (h == NULL || !file_write(h->fd, "cgroup.kill", "1", NULL)) {
        /* Frozen ones die when they are thawed. */
        for (unsigned i = 0; i < 10 && signal_once(c, signal, &failed) != 0;
             i++) {
            cgroup_freeze(c, false, NULL);
            g_usleep(1000);
        }
    } else {
        cgroup_freeze(c, false, NULL);
    }
    return !failed ||
           fail(error, "cgroup '%s': a process took no signal", c->path);
}

static void remove_directory(int parent, const char *name, int fd, void *opaque)
{
    int *left = opaque;

    if (unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
        *left = errno;
    }
}

static int remove_all(Cgroup *c)
{
    int left = 0;

    for (unsigned i = 0; i < c->hierarchies->len; i++) {
        Hierarchy *h = c->hierarchies->pdata[i];

        fd_clear(&h->fd);
        walk(AT_FDCWD, h->directory, 0, remove_directory, &left);
    }
    return left;
}

bool cgroup_remove(Cgroup *c, GError **error)
{
    int left = EBUSY;

    for (unsigned i = 0; i < REMOVE_TRIES && left == EBUSY; i++) {
        left = remove_all(c);
        if (left == EBUSY) {
            cgroup_signal(c, SIGKILL, NULL);
            g_usleep(5000);
        }
    }
    return left == 0 || (c->optional && left != EBUSY) ||
           fail_with(error, left, "remove cgroup '%s'", c->path);
}

/* ---- freezing ---- */

bool cgroup_freeze(Cgroup *c, bool freeze, GError **error)
{
    Hierarchy *h = cgroup_find(c, "freezer");

    if (h != NULL) {
        return file_write(h->fd, "freezer.state", freeze ? "FROZEN" : "THAWED",
                          error);
    }
    h = cgroup_unified(c);
    if (h != NULL) {
        return file_write(h->fd, "cgroup.freeze", freeze ? "1" : "0", error);
    }
    return fail(error, "cgroup '%s': the host has no freezer", c->path);
}

bool cgroup_is_frozen(Cgroup *c)
{
    Hierarchy *h = cgroup_find(c, "freezer");
    g_autofree char *text = NULL;

    if (h != NULL) {
        text = file_read(h->fd, "freezer.state", NULL);
        return text != NULL && strcmp(text, "THAWED") != 0;
    }
    h = cgroup_unified(c);
    text = h != NULL ? file_read(h->fd, "cgroup.freeze", NULL) : NULL;
    return text != NULL && strcmp(text, "1") == 0;
}

/* ---- looking ---- */

char *cgroup_file(Cgroup *c, const char *controller, const char *name)
{
    Hierarchy *h = cgroup_find(c, controller);

    return h != NULL ? file_read(h->fd, name, NULL) : NULL;
}

/* The number behind "oom_kill " in a file of counters. */
unsigned cgroup_oom_kills(Cgroup *c)
{
    Hierarchy *h = cgroup_find(c, "memory");
    g_autofree char *text = NULL;
    const char *at;

    if (h == NULL) {
        return 0;
    }
    text =
        file_read(h->fd, h->v2 ? "memory.events" : "memory.oom_control", NULL);
    at = text != NULL ? strstr(text, "oom_kill ") : NULL;
    return at != NULL ? (unsigned)strtoul(at + strlen("oom_kill "), NULL, 10)
                      : 0;
}

GArray *cgroup_views(Cgroup *c)
{
    GArray *views = g_array_new(FALSE, FALSE, sizeof(CgroupView));

    for (unsigned i = 0; i < c->hierarchies->len; i++) {
        Hierarchy *h = c->hierarchies->pdata[i];
        CgroupView view = {h->name, h->options, h->mount_point, h->directory};

        if (hierarchy_open(h)) {
            g_array_append_val(views, view);
        }
    }
    return views;
}

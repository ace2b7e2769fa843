/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/process.c */
#include "container/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/files.h"
#include "container/syscall-filter.h"

/* ---- away from the runtime ---- */

void process_reset_signals(void)
{
    sigset_t none;

    for (int i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void process_become_root(void)
{
    (void)!setgroups(0, NULL);
    (void)!setresgid(0, 0, 0);
    (void)!setresuid(0, 0, 0);
}

bool process_close_others(unsigned preserved, GError **error)
{
    return close_range(3 + preserved, ~0u, CLOSE_RANGE_CLOEXEC) == 0 ||
           fail_errno(error, "close the runtime's files");
}

/* ---- limits ---- */

static const struct {
    const char *name;
    int resource;
} rlimits[] = {
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
};

static int find_rlimit(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rlimits); i++) {
        if (strcmp(rlimits[i].name, name) == 0) {
            return rlimits[i].resource;
        }
    }
    return -1;
}

/* A host that took CAP_SYS_RESOURCE away lets nobody raise a limit; its own is
 * the best there is. */
static bool lower_rlimit(const SpecRlimit *l, int resource, ProcessWarn *warn,
                         void *opaque, GError **error)
{
    struct rlimit now, limit = {(rlim_t)l->soft, (rlim_t)l->hard};
    g_autofree char *text = NULL;

    if (getrlimit(resource, &now) != 0) {
        return fail_errno(error, "%s", l->type);
    }
    limit.rlim_max = MIN(limit.rlim_max, now.rlim_max);
    limit.rlim_cur = MIN(limit.rlim_cur, limit.rlim_max);
    if (setrlimit(resource, &limit) != 0) {
        return fail_errno(error, "set %s", l->type);
    }
    text = g_strdup_printf("%s: may not be raised here, it stays at %ju",
                           l->type, (uintmax_t)limit.rlim_max);
    warn(opaque, text);
    return true;
}

static bool set_rlimit(const SpecRlimit *l, ProcessWarn *warn, void *opaque,
                       GError **error)
{
    struct rlimit limit = {(rlim_t)l->soft, (rlim_t)l->hard};
    int resource = find_rlimit(l->type);

    if (resource < 0) {
        return fail(error, "process.rlimits: unknown type '%s'", l->type);
    }
    if (limit.rlim_cur > limit.rlim_max) {
        return fail(error, "process.rlimits: %s: soft is above hard", l->type);
    }
    if (setrlimit(resource, &limit) == 0) {
        return true;
    }
    return errno == EPERM ? lower_rlimit(l, resource, warn, opaque, error)
                          : fail_errno(error, "set %s", l->type);
}

static bool check_rlimits(const SpecProcess *p, GError **error)
{
    guint32 seen = 0;

    SPEC_EACH(SpecRlimit, l, p->rlimits)
    {
        int resource = find_rlimit(l->type);

        if (resource >= 0 && (seen & 1u << resource)) {
            return fail(error, "process.rlimits: %s comes twice", l->type);
        }
        seen |= resource >= 0 ? 1u << resource : 0;
    }
    return true;
}

bool process_limit(const SpecProcess *p, ProcessWarn *warn, void *opaque,
                   GError **error)
{
    if (!check_rlimits(p, error)) {
        return false;
    }
    SPEC_EACH(SpecRlimit, l, p->rlimits)
    {
        if (!set_rlimit(l, warn, opaque, error)) {
            return false;
        }
    }
    return (p->scheduler == NULL || scheduler_set(p->scheduler, error)) &&
           (p->io_priority == NULL || io_priority_set(p->io_priority, error));
}

/* ---- the program's file ---- */

static const char *environment(const SpecProcess *p, const char *name)
{
    return g_environ_getenv(p->env, name);
}

/* 0, or why path cannot be run. */
static int why_not(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return errno;
    }
    if (S_ISDIR(st.st_mode)) {
        return EISDIR;
    }
    return st.st_mode & 0111 ? 0 : EACCES;
}

static char *find_in_path(const SpecProcess *p, const char *name,
                          GError **error)
{
    const char *path = environment(p, "PATH");
    g_auto(GStrv) folders = g_strsplit(path != NULL ? path : "", ":", -1);
    bool denied = false;

    for (unsigned i = 0; folders[i] != NULL; i++) {
        g_autofree char *file = g_build_filename(
            folders[i][0] != '\0' ? folders[i] : ".", name, NULL);
        int why = why_not(file);

        if (why == 0) {
            return g_steal_pointer(&file);
        }
        denied |= why == EACCES;
    }
    fail(error, "exec: \"%s\": %s", name,
         denied ? "permission denied" : "executable file not found in $PATH");
    return NULL;
}

char *process_find(const SpecProcess *p, GError **error)
{
    const char *name = p->args[0];
    g_autofree char *path = NULL;
    int why;

    if (strchr(name, '/') == NULL) {
        return find_in_path(p, name, error);
    }
    path = g_path_is_absolute(name) ? g_strdup(name)
                                    : g_build_filename(p->cwd, name, NULL);
    why = why_not(path);
    if (why == 0) {
        return g_steal_pointer(&path);
    }
    if (why == EISDIR || why == EACCES) {
        fail(error, "exec: \"%s\": %s", name,
             why == EISDIR ? "is a directory: permission denied"
                           : "permission denied");
    } else {
        fail(error, "exec: \"%s\": stat %s: %s", name, path,
             why == ENOENT ? "no such file or directory" : g_strerror(why));
    }
    return NULL;
}

/* ---- ids ---- */

static bool set_groups(const SpecUser *u, GError **error)
{
    g_autofree gid_t *groups = NULL;
    unsigned n = u->additional_gids != NULL ? u->additional_gids->len : 0;
    g_autofree char *policy = file_read(AT_FDCWD, "/proc/self/setgroups", NULL);

    /* Without a privilege groups cannot even be given up. */
    if (policy != NULL && strcmp(policy, "deny") == 0) {
        return true;
    }
    groups = g_new(gid_t, n + 1);
    for (unsigned i = 0; i < n; i++) {
        groups[i] = g_array_index(u->additional_gids, uint32_t, i);
    }
    return setgroups(n, groups) == 0 ||
           fail_errno(error, "set additional groups");
}

static bool set_ids(const SpecUser *u, GError **error)
{
    if (!set_groups(u, error)) {
        return false;
    }
    if (setresgid(u->gid, u->gid, u->gid) != 0) {
        return fail_errno(error, "become group %u", u->gid);
    }
    return setresuid(u->uid, u->uid, u->uid) == 0 ||
           fail_errno(error, "become user %u", u->uid);
}

static bool load_filter(SeccompFilter *filter, bool no_new_privileges,
                        GError **error)
{
    if (filter == NULL || seccomp_is_loaded(filter)) {
        return true;
    }
    return (no_new_privileges || capabilities_keep_admin(error)) &&
           seccomp_filter_load(filter, error);
}

bool process_drop(const SpecProcess *p, SeccompFilter *filter, GError **error)
{
    const SpecCapabilities *caps = p->capabilities;

    if (p->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail_errno(error, "set no_new_privs");
    }
    if (!capabilities_bound(caps, error)) {
        return false;
    }
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (!set_ids(&p->user, error)) {
        return false;
    }
    return load_filter(filter, p->no_new_privileges, error) &&
           capabilities_set(caps, error);
}

/* ---- exec ---- */

/* The home of a user in the container's own list; "/" for one that is not
 * there. */
static char *home_of(uid_t uid)
{
    FILE *file = fopen("/etc/passwd", "re");
    struct passwd *entry;
    char *home = NULL;

    while (file != NULL && home == NULL && (entry = fgetpwent(file)) != NULL) {
        if (entry->pw_uid == uid && entry->pw_dir[0] != '\0') {
            home = g_strdup(entry->pw_dir);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return home != NULL ? home : g_strdup("/");
}

static char **make_environment(const SpecProcess *p)
{
    char **env = g_strdupv(p->env);
    const char *home = environment(p, "HOME");

    if (env == NULL) {
        env = g_new0(char *, 1);
    }
    if (home == NULL || *home == '\0') {
        g_autofree char *own = home_of(p->user.uid);

        env = g_environ_setenv(env, "HOME", own, TRUE);
    }
    return env;
}

/* A directory that was opened outside would lead there (CVE-2024-21626). The
 * kernel says "(unreachable)" then, where the library's getcwd fails. */
static bool check_inside(GError **error)
{
    char cwd[PATH_MAX];

    return (syscall(SYS_getcwd, cwd, sizeof(cwd)) > 0 && cwd[0] == '/') ||
           fail(error, "process.cwd: is outside of the container");
}

static bool enter_directory(const char *cwd, GError **error)
{
    return (chdir(cwd) == 0 ||
            fail_errno(error, "chdir to cwd (\"%s\")", cwd)) &&
           check_inside(error);
}

bool process_exec(const SpecProcess *p, const char *path, SeccompFilter *filter,
                  GError **error)
{
    g_auto(GStrv) env = make_environment(p);
    /* As root first: a directory that only root may enter is no error, nor one
     * that only the user may. */
    bool entered = chdir(p->cwd) == 0;

    umask(p->user.has_umask ? p->user.umask : 0022);
    if (!process_drop(p, filter, error) ||
        (entered ? !check_inside(error) : !enter_directory(p->cwd, error))) {
        return false;
    }
    execve(path, p->args, env);
    return fail_errno(error, "exec: \"%s\"", p->args[0]);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/exec.c - exec: a process described by a file, or by options over
 * the container's own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/runtime/runtime.h"
#include "container/files.h"

typedef struct {
    char *process, *console_socket, *pid_file, *cwd, *user, *cgroup, *ignored;
    char **env, **caps, **gids;
    int preserve_fds;
    gboolean tty, detach, no_new_privs, ignore_paused;
} ExecOptions;

static void clear(ExecOptions *e)
{
    g_free(e->process);
    g_free(e->console_socket);
    g_free(e->pid_file);
    g_free(e->cwd);
    g_free(e->user);
    g_free(e->cgroup);
    g_free(e->ignored);
    g_strfreev(e->env);
    g_strfreev(e->caps);
    g_strfreev(e->gids);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ExecOptions, clear)

static bool parse(ExecOptions *e, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"process", 'p', 0, G_OPTION_ARG_FILENAME, &e->process,
         "the process, as config.json has it", "FILE"},
        {"console-socket", 0, 0, G_OPTION_ARG_FILENAME, &e->console_socket,
         "Unix socket that gets the terminal", "PATH"},
        {"pid-file", 0, 0, G_OPTION_ARG_FILENAME, &e->pid_file,
         "write the process id to FILE", "FILE"},
        {"cwd", 0, 0, G_OPTION_ARG_FILENAME, &e->cwd, "working directory",
         "DIR"},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &e->user, "numbers", "UID[:GID]"},
        {"additional-gids", 'g', 0, G_OPTION_ARG_STRING_ARRAY, &e->gids,
         "one more group", "GID"},
        {"env", 'e', 0, G_OPTION_ARG_STRING_ARRAY, &e->env, "one more variable",
         "NAME=VALUE"},
        {"cap", 'c', 0, G_OPTION_ARG_STRING_ARRAY, &e->caps,
         "one more capability", "CAP_NAME"},
        {"cgroup", 0, 0, G_OPTION_ARG_STRING, &e->cgroup,
         "a group below the container's", "PATH"},
        {"tty", 't', 0, G_OPTION_ARG_NONE, &e->tty, "with a terminal", NULL},
        {"detach", 'd', 0, G_OPTION_ARG_NONE, &e->detach,
         "do not wait for its end", NULL},
        {"no-new-privs", 0, 0, G_OPTION_ARG_NONE, &e->no_new_privs,
         "set no_new_privs", NULL},
        {"ignore-paused", 0, 0, G_OPTION_ARG_NONE, &e->ignore_paused,
         "also in a paused container", NULL},
        {"preserve-fds", 0, 0, G_OPTION_ARG_INT, &e->preserve_fds,
         "descriptors from 3 on that it inherits", "N"},
        {"apparmor", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &e->ignored,
         NULL, NULL},
        {NULL},
    };

    if (!runtime_parse(entries, argc, argv, 1, G_MAXINT, error)) {
        return false;
    }
    if (e->ignored != NULL) {
        return fail(error, "--apparmor: not supported here");
    }
    return (e->preserve_fds >= 0 && e->preserve_fds < 1024) ||
           fail(error, "--preserve-fds: not from 0 to 1023");
}

/* ---- a process of the container's own kind ---- */

static bool parse_id(const char *text, const char *what, uint32_t *to,
                     GError **error)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, UINT32_MAX - 1, &value,
                                    NULL)) {
        return fail(error, "%s: '%s' is not a number", what, text);
    }
    *to = (uint32_t)value;
    return true;
}

static bool set_user(SpecUser *u, const char *text, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 2);

    return parse_id(parts[0], "--user", &u->uid, error) &&
           (parts[1] == NULL || parse_id(parts[1], "--user", &u->gid, error));
}

static bool add_gids(SpecUser *u, char **gids, GError **error)
{
    for (; gids != NULL && *gids != NULL; gids++) {
        uint32_t gid;

        if (!parse_id(*gids, "--additional-gids", &gid, error)) {
            return false;
        }
        if (u->additional_gids == NULL) {
            u->additional_gids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        }
        g_array_append_val(u->additional_gids, gid);
    }
    return true;
}

static bool add_env(SpecProcess *p, char **env, GError **error)
{
    for (; env != NULL && *env != NULL; env++) {
        g_auto(GStrv) parts = g_strsplit(*env, "=", 2);

        if (parts[0] == NULL || *parts[0] == '\0' || parts[1] == NULL) {
            return fail(error, "--env: '%s' is not NAME=VALUE", *env);
        }
        p->env = g_environ_setenv(p->env, parts[0], parts[1], TRUE);
    }
    return true;
}

static char **with(char **list, const char *name)
{
    unsigned n = list != NULL ? g_strv_length(list) : 0;

    if (list != NULL && g_strv_contains((const char *const *)list, name)) {
        return list;
    }
    list = g_renew(char *, list, n + 2);
    list[n] = g_strdup(name);
    list[n + 1] = NULL;
    return list;
}

static void add_caps(SpecProcess *p, char **caps)
{
    if (caps != NULL && p->capabilities == NULL) {
        p->capabilities = g_new0(SpecCapabilities, 1);
    }
    for (; caps != NULL && *caps != NULL; caps++) {
        SpecCapabilities *c = p->capabilities;

        c->bounding = with(c->bounding, *caps);
        c->effective = with(c->effective, *caps);
        c->permitted = with(c->permitted, *caps);
    }
}

static bool adapt(SpecProcess *p, const ExecOptions *e, char **args,
                  GError **error)
{
    g_strfreev(p->args);
    p->args = g_strdupv(args);
    p->terminal = e->tty;
    p->no_new_privileges |= e->no_new_privs;
    if (e->cwd != NULL) {
        g_free(p->cwd);
        p->cwd = g_strdup(e->cwd);
    }
    add_caps(p, e->caps);
    return (e->user == NULL || set_user(&p->user, e->user, error)) &&
           add_gids(&p->user, e->gids, error) && add_env(p, e->env, error);
}

/* A copy of the container's own, to be changed: its document, read again. */
static SpecProcess *own_process(Container *c, const ExecOptions *e, char **args,
                                GError **error)
{
    const Spec *s = container_spec(c, error);
    g_autoptr(SpecProcess) p = NULL;

    if (s == NULL) {
        return NULL;
    }
    if (args[0] == NULL) {
        fail(error, "exec: no command");
        return NULL;
    }
    p = container_steal_process(c);
    return adapt(p, e, args, error) ? g_steal_pointer(&p) : NULL;
}

/* ---- the verb ---- */

static int finish(const ExecOptions *e, pid_t pid, int console)
{
    return e->detach ? EXIT_SUCCESS : runtime_foreground(pid, console);
}

int verb_exec(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    g_auto(ExecOptions) e = {0};
    g_autoptr(Container) c = NULL;
    g_autoptr(SpecProcess) p = NULL;
    g_auto(Fd) console = -1;
    ContainerExec options;
    pid_t pid;

    if (!parse(&e, &argc, &argv, error)) {
        return -1;
    }
    c = runtime_open(o, argv[1], error);
    if (c == NULL) {
        return -1;
    }
    p = e.process != NULL ? spec_load_process(e.process, error)
                          : own_process(c, &e, argv + 2, error);
    if (p == NULL) {
        return -1;
    }
    p->terminal |= e.tty;
    options = (ContainerExec){
        .process = p,
        .console_socket = e.console_socket,
        .console = e.detach || e.console_socket != NULL ? NULL : &console,
        .cgroup = e.cgroup,
        .preserve_fds = runtime_preserved_fds((unsigned)e.preserve_fds),
        .ignore_paused = e.ignore_paused,
    };
    pid = container_exec(c, &options, error);
    if (pid == 0 || !runtime_write_pid(e.pid_file, pid, error)) {
        return -1;
    }
    g_clear_pointer(&c, container_free);
    return finish(&e, pid, console);
}

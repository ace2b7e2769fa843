/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/container-exec.c - exec: the runtime becomes this process, so that
 * streams, terminal and status are the new process's own. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verbs/containers.h"
#include "container/files.h"
#include "engine/bundle.h"

static void add(GPtrArray *args, const char *text)
{
    g_ptr_array_add(args, g_strdup(text));
}

/* Names of users are looked up in the root of the running container. */
static bool add_user(GPtrArray *args, Engine *e, const Record *r,
                     const char *text, GError **error)
{
    g_autoptr(RunState) run = engine_run_state(e, r);
    g_autofree char *path = NULL;
    g_auto(BundleUser) user = {0};
    g_auto(Fd) root = -1;

    if (run == NULL) {
        return fail(error, "container %s is not running", r->name);
    }
    path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/root", run->pid);
    root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        return fail_errno(error, "container %s", r->name);
    }
    if (!bundle_user(root, text, &user, error)) {
        return false;
    }
    add(args, "--user");
    g_ptr_array_add(args, g_strdup_printf("%u:%u", user.uid, user.gid));
    return true;
}

static bool add_options(GPtrArray *args, Engine *e, const Record *r,
                        const VerbArgs *a, GError **error)
{
    const char *user = args_value(a, "user"), *cwd = args_value(a, "workdir");

    if (args_flag(a, "tty")) {
        add(args, "--tty");
    }
    if (args_flag(a, "detach")) {
        add(args, "--detach");
    }
    for (char *const *at = args_values(a, "env"); *at != NULL; at++) {
        const char *value = strchr(*at, '=') != NULL ? "" : g_getenv(*at);

        if (value != NULL) {
            add(args, "--env");
            g_ptr_array_add(args, *value == '\0' && strchr(*at, '=') != NULL
                                      ? g_strdup(*at)
                                      : g_strconcat(*at, "=", value, NULL));
        }
    }
    if (cwd != NULL) {
        add(args, "--cwd");
        add(args, cwd);
    }
    return user == NULL || add_user(args, e, r, user, error);
}

int container_become(Engine *e, const char *verb, GPtrArray *rest,
                     GError **error)
{
    g_autoptr(GPtrArray) args = g_ptr_array_new();

    g_ptr_array_add(args, (void *)engine_runtime(e));
    g_ptr_array_add(args, (void *)"--root");
    g_ptr_array_add(args, (void *)engine_states(e));
    g_ptr_array_add(args, (void *)verb);
    for (unsigned i = 0; i < rest->len; i++) {
        g_ptr_array_add(args, rest->pdata[i]);
    }
    g_ptr_array_add(args, NULL);
    fflush(stdout);
    execv(engine_runtime(e), (char **)args->pdata);
    fail_errno(error, "'%s'", engine_runtime(e));
    return -1;
}

void container_add_words(GPtrArray *to, const VerbArgs *a)
{
    for (unsigned i = 1; i < args_count(a); i++) {
        g_ptr_array_add(to, g_strdup(args_at(a, i)));
    }
}

int verb_exec(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    g_autoptr(Record) r =
        e != NULL ? engine_find(e, args_at(a, 0), error) : NULL;
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);

    if (r == NULL || !container_need_running(e, r, error) ||
        !add_options(args, e, r, a, error)) {
        return -1;
    }
    add(args, r->id);
    container_add_words(args, a);
    if (!args_flag(a, "interactive") && !args_flag(a, "tty")) {
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

        dup2(null, STDIN_FILENO);
    }
    return container_become(e, "exec", args, error);
}

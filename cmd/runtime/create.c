/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/create.c - create, start, run. */
#include <stdlib.h>
#include <unistd.h>

#include "cmd/runtime/runtime.h"
#include "container/files.h"

typedef struct {
    char *bundle, *console_socket, *pid_file;
    int preserve_fds;
    gboolean no_pivot, no_new_keyring, detach, keep;
} CreateOptions;

static void clear(CreateOptions *c)
{
    g_free(c->bundle);
    g_free(c->console_socket);
    g_free(c->pid_file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CreateOptions, clear)

static bool parse(CreateOptions *c, bool run, int *argc, char ***argv,
                  GError **error)
{
    int run_only = run ? 0 : G_OPTION_FLAG_HIDDEN;
    const GOptionEntry entries[] = {
        {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &c->bundle,
         "the directory of config.json; default: this one", "DIR"},
        {"console-socket", 0, 0, G_OPTION_ARG_FILENAME, &c->console_socket,
         "Unix socket that gets the terminal", "PATH"},
        {"pid-file", 0, 0, G_OPTION_ARG_FILENAME, &c->pid_file,
         "write the process id to FILE", "FILE"},
        {"preserve-fds", 0, 0, G_OPTION_ARG_INT, &c->preserve_fds,
         "descriptors from 3 on that it inherits", "N"},
        {"no-pivot", 0, 0, G_OPTION_ARG_NONE, &c->no_pivot,
         "move the root instead of pivot_root", NULL},
        {"no-new-keyring", 0, 0, G_OPTION_ARG_NONE, &c->no_new_keyring,
         "keep the session keyring", NULL},
        {"detach", 'd', run_only, G_OPTION_ARG_NONE, &c->detach,
         "do not wait for its end", NULL},
        {"keep", 0, run_only, G_OPTION_ARG_NONE, &c->keep,
         "do not delete it at its end", NULL},
        {NULL},
    };

    if (!runtime_parse(entries, argc, argv, 1, 1, error)) {
        return false;
    }
    return (c->preserve_fds >= 0 && c->preserve_fds < 1024) ||
           fail(error, "--preserve-fds: not from 0 to 1023");
}

static Container *create(const RuntimeOptions *o, const CreateOptions *c,
                         const char *id, int *console, GError **error)
{
    ContainerCreate options = {
        .id = id,
        .bundle = c->bundle != NULL ? c->bundle : ".",
        .console_socket = c->console_socket,
        .console = console,
        .preserve_fds = runtime_preserved_fds((unsigned)c->preserve_fds),
        .no_pivot = c->no_pivot,
        .no_new_keyring = c->no_new_keyring,
        .systemd_cgroup = o->systemd_cgroup,
        .warn = runtime_warn,
    };
    Container *made = container_create(o->root, &options, error);

    if (made != NULL &&
        !runtime_write_pid(c->pid_file, container_pid(made), error)) {
        container_delete(made, true, NULL);
        g_clear_pointer(&made, container_free);
    }
    return made;
}

int verb_create(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    g_auto(CreateOptions) c = {0};
    g_autoptr(Container) made = NULL;

    if (!parse(&c, false, &argc, &argv, error)) {
        return -1;
    }
    made = create(o, &c, argv[1], NULL, error);
    return made != NULL ? EXIT_SUCCESS : -1;
}

int verb_start(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {{NULL}};
    g_autoptr(Container) c = NULL;

    if (!runtime_parse(entries, &argc, &argv, 1, 1, error)) {
        return -1;
    }
    c = runtime_open(o, argv[1], error);
    return c != NULL && container_start(c, error) ? EXIT_SUCCESS : -1;
}

/* With its lock given up meanwhile: others look at it while it runs. */
static int wait_and_delete(const RuntimeOptions *o, const CreateOptions *c,
                           const char *id, pid_t pid, int console)
{
    int status = runtime_foreground(pid, console);
    g_autoptr(GError) error = NULL;
    g_autoptr(Container) again = NULL;

    if (!c->keep) {
        again = runtime_open(o, id, NULL);
        if (again != NULL && !container_delete(again, true, &error)) {
            runtime_warn(error->message);
        }
    }
    return status;
}

int verb_run(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    g_auto(CreateOptions) c = {0};
    g_auto(Fd) console = -1;
    Container *made;
    const char *id;
    pid_t pid;

    if (!parse(&c, true, &argc, &argv, error)) {
        return -1;
    }
    id = argv[1];
    made =
        create(o, &c, id,
               c.detach || c.console_socket != NULL ? NULL : &console, error);
    if (made == NULL) {
        return -1;
    }
    pid = container_pid(made);
    if (!container_start(made, error)) {
        container_delete(made, true, NULL);
        container_free(made);
        return -1;
    }
    container_free(made);
    return c.detach ? EXIT_SUCCESS : wait_and_delete(o, &c, id, pid, console);
}

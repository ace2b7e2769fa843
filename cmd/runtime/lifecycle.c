/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/lifecycle.c - kill, delete, pause, resume. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/runtime/runtime.h"
#include "container/files.h"
#include "container/signals.h"

int verb_kill(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    gboolean all = FALSE;
    const GOptionEntry entries[] = {
        {"all", 'a', 0, G_OPTION_ARG_NONE, &all, "all its processes", NULL},
        {NULL},
    };
    g_autoptr(Container) c = NULL;
    int signal;

    if (!runtime_parse(entries, &argc, &argv, 1, 2, error)) {
        return -1;
    }
    signal = signal_number(argc > 2 ? argv[2] : "TERM");
    if (signal <= 0) {
        fail(error, "unknown signal '%s'", argv[2]);
        return -1;
    }
    c = runtime_open(o, argv[1], error);
    return c != NULL && container_kill(c, signal, all, error) ? EXIT_SUCCESS
                                                              : -1;
}

/* --force: one that is not there is as good as deleted. */
static int delete_missing(const RuntimeOptions *o, const char *id, bool force,
                          GError *why, GError **error)
{
    if (error_number(why) == ENOENT &&
        (container_delete_leftover(o->root, id, NULL) || force)) {
        g_error_free(why);
        return EXIT_SUCCESS;
    }
    g_propagate_error(error, why);
    return -1;
}

int verb_delete(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    gboolean force = FALSE;
    const GOptionEntry entries[] = {
        {"force", 'f', 0, G_OPTION_ARG_NONE, &force, "end it first if it runs",
         NULL},
        {NULL},
    };
    g_autoptr(Container) c = NULL;
    GError *why = NULL;

    if (!runtime_parse(entries, &argc, &argv, 1, 1, error)) {
        return -1;
    }
    c = runtime_open(o, argv[1], &why);
    if (c == NULL) {
        return delete_missing(o, argv[1], force, why, error);
    }
    return container_delete(c, force, error) ? EXIT_SUCCESS : -1;
}

static int pause_or_resume(const RuntimeOptions *o, int argc, char **argv,
                           bool pause, GError **error)
{
    const GOptionEntry entries[] = {{NULL}};
    g_autoptr(Container) c = NULL;

    if (!runtime_parse(entries, &argc, &argv, 1, 1, error)) {
        return -1;
    }
    c = runtime_open(o, argv[1], error);
    return c != NULL && container_pause(c, pause, error) ? EXIT_SUCCESS : -1;
}

int verb_pause(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    return pause_or_resume(o, argc, argv, true, error);
}

int verb_resume(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    return pause_or_resume(o, argc, argv, false, error);
}

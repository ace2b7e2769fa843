/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/registry-exec.c - pull, push, login and logout in cuttle: the HTTP
 * library takes as long to load as all else of cuttle to run, so they are in
 * cuttle-registry, beside cuttle or in the folder for helper programs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verbs.h"
#include "store/error.h"

static const char program[] = "cuttle-registry";

static int run_registry(Cuttle *c, GError **error)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder =
        self != NULL ? g_path_get_dirname(self) : g_strdup(".");
    const char *folders[] = {folder, CUTTLE_LIBEXEC};

    for (unsigned i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(folders[i], program, NULL);

        execv(path, c->argv);
        if (errno != ENOENT) {
            store_fail(error, "%s: %s", path, g_strerror(errno));
            return -1;
        }
    }
    store_fail(error, "%s: not installed", program);
    return -1;
}

int verb_pull(Cuttle *c, const VerbArgs *a, GError **error)
{
    return run_registry(c, error);
}

int verb_push(Cuttle *c, const VerbArgs *a, GError **error)
{
    return run_registry(c, error);
}

int verb_login(Cuttle *c, const VerbArgs *a, GError **error)
{
    return run_registry(c, error);
}

int verb_logout(Cuttle *c, const VerbArgs *a, GError **error)
{
    return run_registry(c, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/sysctl.c - linux.sysctl. Only what belongs to a namespace that the
 * container has for itself is written: the rest would change the host. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "container/setup_priv.h"

static const struct {
    const char *name; /* a whole name, or a prefix that ends with '.' */
    const char *namespace;
} owners[] = {
    {"fs.mqueue.", "ipc"},      {"kernel.domainname", "uts"},
    {"kernel.hostname", "uts"}, {"kernel.msgmax", "ipc"},
    {"kernel.msgmnb", "ipc"},   {"kernel.msgmni", "ipc"},
    {"kernel.sem", "ipc"},      {"kernel.shm_rmid_forced", "ipc"},
    {"kernel.shmall", "ipc"},   {"kernel.shmmax", "ipc"},
    {"kernel.shmmni", "ipc"},   {"net.", "network"},
    {"user.", "user"},
};

static const char *namespace_of(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(owners); i++) {
        const char *owner = owners[i].name;

        if (g_str_has_suffix(owner, ".") ? g_str_has_prefix(name, owner)
                                         : strcmp(name, owner) == 0) {
            return owners[i].namespace;
        }
    }
    return NULL;
}

static bool check(const Setup *s, const char *name, GError **error)
{
    const char *type = namespace_of(name);

    if (strchr(name, '/') != NULL || strstr(name, "..") != NULL) {
        return fail(error, "sysctl '%s': not a name", name);
    }
    if (type == NULL) {
        return fail(error, "sysctl '%s' is not in a separate kernel namespace",
                    name);
    }
    if (!spec_has_namespace(s->spec, type)) {
        return fail(error,
                    "sysctl '%s' is not allowed in the host's %s "
                    "namespace",
                    name, type);
    }
    return true;
}

bool setup_sysctl(const Setup *s, GError **error)
{
    const JsonPair *at = s->spec->linux_.sysctl;

    for (; at != NULL && at->name != NULL; at++) {
        g_autofree char *path = g_strconcat("/proc/sys/", at->name, NULL);

        if (!check(s, at->name, error)) {
            return false;
        }
        g_strdelimit(path, ".", '/');
        if (!file_write(AT_FDCWD, path, at->value, error)) {
            g_prefix_error(error, "sysctl '%s': ", at->name);
            return false;
        }
    }
    return true;
}

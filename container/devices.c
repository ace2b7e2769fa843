/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/devices.c - the container's /dev: the devices that every container
 * has (config-linux.md, "Default Devices"), those of the configuration, and
 * links. In a user namespace nobody may make devices: the host's are bound. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "container/mount-tree.h"
#include "container/setup_priv.h"

static const SpecDevice default_devices[] = {
    {.path = (char *)"/dev/null", .major = 1, .minor = 3},
    {.path = (char *)"/dev/zero", .major = 1, .minor = 5},
    {.path = (char *)"/dev/full", .major = 1, .minor = 7},
    {.path = (char *)"/dev/random", .major = 1, .minor = 8},
    {.path = (char *)"/dev/urandom", .major = 1, .minor = 9},
    {.path = (char *)"/dev/tty", .major = 5, .minor = 0},
};

static const struct {
    const char *target, *path;
} links[] = {
    {"/proc/self/fd", "/dev/fd"},       {"/proc/self/fd/0", "/dev/stdin"},
    {"/proc/self/fd/1", "/dev/stdout"}, {"/proc/self/fd/2", "/dev/stderr"},
    {"/proc/kcore", "/dev/core"},       {"pts/ptmx", "/dev/ptmx"},
};

static mode_t type_of(const SpecDevice *d)
{
    if (d->type == NULL || *d->type == 'c' || *d->type == 'u') {
        return S_IFCHR;
    }
    return *d->type == 'b' ? S_IFBLK : *d->type == 'p' ? S_IFIFO : 0;
}

static bool bind_device(const Setup *s, const SpecDevice *d, GError **error)
{
    g_auto(Fd) tree =
        open_tree(AT_FDCWD, d->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    g_auto(Fd) target = -1;

    if (tree < 0) {
        return fail_errno(error, "device '%s'", d->path);
    }
    target = root_make_file(s->root, d->path, error);
    return target >= 0 && mount_tree_move(tree, target, d->path, error);
}

/* One that is there already is kept if it is the same device. */
static bool is_same(int parent, const char *name, mode_t type, dev_t number)
{
    struct stat st;

    return fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           (st.st_mode & S_IFMT) == type &&
           (type == S_IFIFO || st.st_rdev == number);
}

static bool make_device(const Setup *s, const SpecDevice *d, GError **error)
{
    mode_t type = type_of(d), mode = d->has_file_mode ? d->file_mode : 0666;
    dev_t number = makedev((unsigned)d->major, (unsigned)d->minor);
    g_auto(Fd) parent = -1;
    const char *name;

    if (type == 0) {
        return fail(error, "device '%s': unknown type '%s'", d->path, d->type);
    }
    if (s->own_user && type != S_IFIFO) {
        return bind_device(s, d, error);
    }
    parent = root_make_parent(s->root, d->path, &name, error);
    if (parent < 0) {
        return false;
    }
    if (mknodat(parent, name, type | (mode & 07777), number) != 0) {
        if (errno == EEXIST && is_same(parent, name, type, number)) {
            return true;
        }
        return errno == EPERM ? bind_device(s, d, error)
                              : fail_errno(error, "device '%s'", d->path);
    }
    /* Neither the umask nor a link may have a say. */
    if (fchmodat(parent, name, mode & 07777, 0) != 0 ||
        fchownat(parent, name, d->has_uid ? d->uid : 0, d->has_gid ? d->gid : 0,
                 AT_SYMLINK_NOFOLLOW) != 0) {
        return fail_errno(error, "device '%s'", d->path);
    }
    return true;
}

static bool is_configured(const Setup *s, const char *path)
{
    SPEC_EACH(SpecDevice, d, s->spec->linux_.devices)
    {
        if (strcmp(d->path, path) == 0) {
            return true;
        }
    }
    return false;
}

static bool make_link(const Setup *s, const char *target, const char *path,
                      GError **error)
{
    const char *name;
    g_auto(Fd) parent = root_make_parent(s->root, path, &name, error);

    if (parent < 0) {
        return false;
    }
    return symlinkat(target, parent, name) == 0 || errno == EEXIST ||
           fail_errno(error, "link '%s'", path);
}

/* A /dev of the host (bind-mounted) has all, and none of it is ours. */
static bool is_own_dev(const Setup *s)
{
    SPEC_EACH(SpecMount, m, s->spec->mounts)
    {
        g_autofree char *path = g_canonicalize_filename(m->destination, "/");
        g_auto(MountOptions) o = {0};

        mount_options_parse(&o, m->options);
        if (strcmp(path, "/dev") == 0 && mount_is_bind(m, &o)) {
            return false;
        }
    }
    return true;
}

static bool has_devpts(const Setup *s)
{
    SPEC_EACH(SpecMount, m, s->spec->mounts)
    {
        if (g_strcmp0(m->type, "devpts") == 0) {
            return true;
        }
    }
    return false;
}

/* A ptmx of the image's own would be the host's. */
static bool make_links(const Setup *s, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(links); i++) {
        bool ptmx = strcmp(links[i].path, "/dev/ptmx") == 0;

        if (ptmx && has_devpts(s)) {
            const char *name;
            g_auto(Fd) parent =
                root_make_parent(s->root, links[i].path, &name, error);

            if (parent < 0) {
                return false;
            }
            unlinkat(parent, name, 0);
        }
        if ((!ptmx || has_devpts(s)) &&
            !make_link(s, links[i].target, links[i].path, error)) {
            return false;
        }
    }
    return true;
}

bool setup_devices(Setup *s, GError **error)
{
    if (!s->own_mounts || !is_own_dev(s)) {
        return true;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(default_devices); i++) {
        if (!is_configured(s, default_devices[i].path) &&
            !make_device(s, &default_devices[i], error)) {
            return false;
        }
    }
    SPEC_EACH(SpecDevice, d, s->spec->linux_.devices)
    {
        if (!make_device(s, d, error)) {
            return false;
        }
    }
    return make_links(s, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/mount-cgroup.c - the container's /sys/fs/cgroup. In a cgroup
 * namespace each hierarchy is mounted anew and shows the container's group as
 * its root; without one, that directory of the host is bound. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/mount-options.h"
#include "container/mount-tree.h"
#include "container/setup_priv.h"

/* The hierarchy itself on the directory target. */
static bool mount_new(const CgroupView *v, int target, unsigned long flags)
{
    return mount("cgroup", fd_path(target).text,
                 v->options != NULL ? "cgroup" : "cgroup2", flags,
                 v->options) == 0;
}

/* The directory of the host on target. */
static bool bind(const CgroupView *v, int target, const MountOptions *o,
                 GError **error)
{
    g_auto(Fd) tree =
        open_tree(AT_FDCWD, v->directory, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

    if (tree < 0) {
        return fail_errno(error, "mount cgroup '%s'", v->directory);
    }
    return mount_tree_move(tree, target, v->directory, error) &&
           mount_tree_set(tree, o, v->directory, error);
}

static bool mount_view(const Setup *s, const CgroupView *v, int target,
                       const MountOptions *o, GError **error)
{
    MountOptions plain = *o;

    plain.flags &= ~(unsigned long)(MS_BIND | MS_REC);
    return (s->own_cgroup_view && mount_new(v, target, plain.flags)) ||
           bind(v, target, &plain, error);
}

/* Controllers mounted together have the name "cpu,cpuacct", and links of each
 * controller's name to it. */
static void link_controllers(int directory, const CgroupView *v)
{
    g_auto(GStrv) names =
        g_strsplit(v->options != NULL ? v->options : "", ",", -1);

    for (unsigned i = 0; names[i] != NULL && names[1] != NULL; i++) {
        if (strcmp(names[i], v->name) != 0) {
            (void)!symlinkat(v->name, directory, names[i]);
        }
    }
}

static bool mount_views(const Setup *s, const SpecMount *m, GArray *views,
                        const MountOptions *o, GError **error)
{
    g_auto(Fd) top = root_open(s->root, m->destination, O_PATH, error);

    if (top < 0) {
        return false;
    }
    for (unsigned i = 0; i < views->len; i++) {
        const CgroupView *v = &g_array_index(views, CgroupView, i);
        g_auto(Fd) target = root_make_directory(top, v->name, 0755, error);

        if (target < 0 || !mount_view(s, v, target, o, error)) {
            return false;
        }
        link_controllers(top, v);
    }
    return true;
}

static bool finish_tmpfs(const Setup *s, const SpecMount *m,
                         const MountOptions *o, GError **error)
{
    g_auto(Fd) top = root_open(s->root, m->destination, O_PATH, error);

    return top >= 0 && mount_tree_set(top, o, m->destination, error);
}

bool setup_cgroup_mount(Setup *s, const SpecMount *m, GError **error)
{
    g_auto(Fd) target =
        root_make_directory(s->root, m->destination, 0755, error);
    g_autoptr(GArray) views = cgroup_views(s->cgroup);
    g_auto(MountOptions) o = {0};

    if (target < 0) {
        return false;
    }
    mount_options_parse(&o, m->options);
    o.flags &= ~(unsigned long)(MS_BIND | MS_REC);
    if (cgroup_is_unified(s->cgroup) && views->len == 1) {
        return mount_view(s, &g_array_index(views, CgroupView, 0), target, &o,
                          error);
    }
    if (mount("tmpfs", fd_path(target).text, "tmpfs",
              o.flags & ~(unsigned long)MS_RDONLY, "mode=755") != 0) {
        return fail_errno(error, "mount '%s'", m->destination);
    }
    return mount_views(s, m, views, &o, error) && finish_tmpfs(s, m, &o, error);
}

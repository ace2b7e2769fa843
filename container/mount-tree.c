/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/mount-tree.c */
#include "container/mount-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/files.h"
#include "container/id-map.h"

bool mount_is_bind(const SpecMount *m, const MountOptions *o)
{
    return (o->flags & MS_BIND) || g_strcmp0(m->type, "bind") == 0;
}

/* MS_* that mount(2) has as attributes of a mount. */
static const struct {
    unsigned long flag;
    uint64_t attr;
} attrs[] = {
    {MS_RDONLY, MOUNT_ATTR_RDONLY},
    {MS_NOSUID, MOUNT_ATTR_NOSUID},
    {MS_NODEV, MOUNT_ATTR_NODEV},
    {MS_NOEXEC, MOUNT_ATTR_NOEXEC},
    {MS_NODIRATIME, MOUNT_ATTR_NODIRATIME},
    {MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW},
};

static uint64_t attrs_of(unsigned long flags, uint64_t *clear)
{
    uint64_t set = 0;

    *clear = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(attrs); i++) {
        set |= flags & attrs[i].flag ? attrs[i].attr : 0;
    }
    /* The three of access time are one field. */
    if (flags & (MS_NOATIME | MS_STRICTATIME | MS_RELATIME)) {
        *clear = MOUNT_ATTR__ATIME;
        set |= flags & MS_NOATIME       ? MOUNT_ATTR_NOATIME
               : flags & MS_STRICTATIME ? MOUNT_ATTR_STRICTATIME
                                        : MOUNT_ATTR_RELATIME;
    }
    return set;
}

static bool set_attr(int tree, uint64_t set, uint64_t clear, unsigned flags,
                     const char *what, GError **error)
{
    struct mount_attr attr = {.attr_set = set, .attr_clr = clear};

    return (set == 0 && clear == 0) ||
           mount_setattr(tree, "", AT_EMPTY_PATH | flags, &attr,
                         sizeof(attr)) == 0 ||
           fail_errno(error, "mount '%s': set attributes", what);
}

bool mount_tree_set(int tree, const MountOptions *o, const char *what,
                    GError **error)
{
    uint64_t clear, set = attrs_of(o->flags, &clear);

    return set_attr(tree, set, clear, 0, what, error) &&
           set_attr(tree, o->recursive_set, o->recursive_clear, AT_RECURSIVE,
                    what, error);
}

static bool map_ids(int tree, const SpecMount *m, const MountOptions *o,
                    int user_ns, GError **error)
{
    g_auto(Fd) own = -1;
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP};

    if (m->uid_mappings->len != 0) {
        own = id_map_namespace(m->uid_mappings, m->gid_mappings, error);
        if (own < 0) {
            return false;
        }
        user_ns = own;
    }
    if (user_ns < 0) {
        return fail(error,
                    "mount '%s': idmap needs mappings or a user "
                    "namespace",
                    m->destination);
    }
    attr.userns_fd = (uint64_t)user_ns;
    return mount_setattr(tree, "",
                         AT_EMPTY_PATH |
                             (o->idmap_recursive ? AT_RECURSIVE : 0),
                         &attr, sizeof(attr)) == 0 ||
           fail_errno(error, "mount '%s': map the ids of '%s'", m->destination,
                      m->source);
}

int mount_tree_new(const SpecMount *m, const MountOptions *o,
                   const char *bundle, int user_ns, GError **error)
{
    g_autofree char *source = NULL;
    bool recursive = (o->flags & MS_REC) != 0;
    g_auto(Fd) tree = -1;

    if (m->source == NULL || *m->source == '\0') {
        fail(error, "mount '%s': a bind mount without a source",
             m->destination);
        return -1;
    }
    source = g_path_is_absolute(m->source)
                 ? g_strdup(m->source)
                 : g_build_filename(bundle, m->source, NULL);
    tree = open_tree(AT_FDCWD, source,
                     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
                         (recursive ? AT_RECURSIVE : 0u));
    if (tree < 0) {
        fail_errno(error, "mount '%s' on '%s'", source, m->destination);
        return -1;
    }
    if ((o->idmap || o->idmap_recursive || m->uid_mappings->len != 0) &&
        !map_ids(tree, m, o, user_ns, error)) {
        return -1;
    }
    return fd_steal(&tree);
}

bool mount_tree_move(int tree, int target, const char *what, GError **error)
{
    return move_mount(tree, "", target, "",
                      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0 ||
           fail_errno(error, "mount '%s'", what);
}

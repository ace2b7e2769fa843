/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/paths.c - what of /proc and /sys a container sees as empty or may
 * only read (config-linux.md, "Masked Paths", "Readonly Paths"). Runs inside
 * the new root. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "container/mount-tree.h"
#include "container/setup_priv.h"

/* A path that the kernel does not have needs no mask. */
static bool is_missing(void)
{
    return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
}

/* An empty, read-only directory over a directory; /dev/null over a file. */
static bool mask(const char *path, GError **error)
{
    g_auto(Fd) fd = open(path, O_PATH | O_CLOEXEC), null = -1;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        return is_missing() || fail_errno(error, "mask '%s'", path);
    }
    if (S_ISDIR(st.st_mode)) {
        return mount("tmpfs", fd_path(fd).text, "tmpfs",
                     MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                     "size=0k,nr_inodes=1,mode=0555") == 0 ||
               fail_errno(error, "mask '%s'", path);
    }
    null =
        open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    /* An image may have anything there instead. */
    if (null < 0 || fstat(null, &st) != 0 || !S_ISCHR(st.st_mode) ||
        st.st_rdev != makedev(1, 3)) {
        return fail(error, "mask '%s': the container has no /dev/null", path);
    }
    return mount_tree_move(null, fd, path, error);
}

static bool make_readonly(const char *path, GError **error)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
    g_auto(Fd) fd = open(path, O_PATH | O_CLOEXEC), tree = -1;

    if (fd < 0) {
        return is_missing() || fail_errno(error, "make '%s' read-only", path);
    }
    tree = open_tree(fd, "",
                     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
                         AT_RECURSIVE);
    return (tree >= 0 &&
            mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0 &&
            mount_tree_move(tree, fd, path, NULL)) ||
           fail_errno(error, "make '%s' read-only", path);
}

bool setup_masks(Setup *s, GError **error)
{
    char **masked = s->spec->linux_.masked_paths;
    char **readonly = s->spec->linux_.readonly_paths;

    for (; s->own_mounts && readonly != NULL && *readonly != NULL; readonly++) {
        if (!make_readonly(*readonly, error)) {
            return false;
        }
    }
    for (; s->own_mounts && masked != NULL && *masked != NULL; masked++) {
        if (!mask(*masked, error)) {
            return false;
        }
    }
    return true;
}

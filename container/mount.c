/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/mount.c - the container's view of files, before and at pivot_root.
 * Every destination is opened inside the new root (openat2) and mounted on by
 * its descriptor: a link in the image never leads outside, nor can one that is
 * swapped in meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "container/copy-tree.h"
#include "container/mount-options.h"
#include "container/mount-tree.h"
#include "container/setup_priv.h"

/* ---- the root itself ---- */

/* pivot_root wants a parent that hands nothing on. */
static bool make_parent_private(const char *rootfs, GError **error)
{
    g_autofree char *path = g_strdup(rootfs);

    for (;;) {
        char *slash;

        if (mount(NULL, *path ? path : "/", NULL, MS_PRIVATE, NULL) == 0) {
            return true;
        }
        slash = strrchr(path, '/');
        if (errno != EINVAL || slash == NULL) {
            return fail_errno(error, "make the mount of '%s' private", rootfs);
        }
        *slash = '\0';
    }
}

bool setup_root(Setup *s, GError **error)
{
    const char *word = s->spec->linux_.rootfs_propagation;
    unsigned long propagation = MS_SLAVE | MS_REC;

    if (s->own_mounts) {
        if (word != NULL && *word != '\0') {
            propagation = mount_propagation(word, error);
            if (propagation == 0) {
                return false;
            }
            propagation |= MS_REC;
        }
        if (mount(NULL, "/", NULL, propagation, NULL) != 0) {
            return fail_errno(error, "set the propagation of '/'");
        }
        if (!make_parent_private(s->rootfs, error)) {
            return false;
        }
        if (mount(s->rootfs, s->rootfs, NULL, MS_BIND | MS_REC, NULL) != 0) {
            return fail_errno(error, "mount root '%s'", s->rootfs);
        }
    }
    s->root = open(s->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return s->root >= 0 || fail_errno(error, "open root '%s'", s->rootfs);
}

/* ---- destinations ---- */

static bool same_path(const char *destination, const char *path)
{
    g_autofree char *canonical = g_canonicalize_filename(destination, "/");

    return strcmp(canonical, path) == 0;
}

/* Files of /proc that may have something mounted on them: a fake of any other
 * could make us write security labels to nowhere. */
static bool may_cover(const char *destination)
{
    static const char *const files[] = {
        "/proc/cpuinfo",
        "/proc/diskstats",
        "/proc/loadavg",
        "/proc/meminfo",
        "/proc/net/dev",
        "/proc/slabinfo",
        "/proc/stat",
        "/proc/swaps",
        "/proc/uptime",
        "/proc/sys/kernel/ns_last_pid",
        NULL,
    };
    g_autofree char *path = g_canonicalize_filename(destination, "/");

    return g_strv_contains(files, path);
}

static bool check_target(const SpecMount *m, int target, GError **error)
{
    struct statfs fs;

    if (fstatfs(target, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
        !may_cover(m->destination)) {
        return fail(error, "mount '%s': not allowed inside /proc",
                    m->destination);
    }
    return true;
}

/* /proc and /sys must be where they say: behind a link, what checks them
 * later would look at something else. */
static bool is_kernel_type(const char *type)
{
    return g_strcmp0(type, "proc") == 0 || g_strcmp0(type, "sysfs") == 0;
}

static bool check_no_link(const Setup *s, const SpecMount *m, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(m->destination, "/");
    struct stat st;

    if (is_kernel_type(m->type) &&
        fstatat(s->root, path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        !S_ISDIR(st.st_mode)) {
        return fail(error, "mount '%s': is not a directory in the image",
                    m->destination);
    }
    return true;
}

static int open_target(const Setup *s, const SpecMount *m, bool directory,
                       GError **error)
{
    int fd = directory
                 ? root_make_directory(s->root, m->destination, 0755, error)
                 : root_make_file(s->root, m->destination, error);

    if (fd >= 0 && !check_target(m, fd, error)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* ---- one mount ---- */

static bool set_propagation(const SpecMount *m, int top, unsigned long flags,
                            GError **error)
{
    return flags == 0 ||
           mount(NULL, fd_path(top).text, NULL, flags, NULL) == 0 ||
           fail_errno(error, "mount '%s': set propagation", m->destination);
}

static bool mount_bind(const Setup *s, unsigned i, const SpecMount *m,
                       const MountOptions *o, GError **error)
{
    g_auto(Fd) tree = -1, target = -1;
    bool outside = s->own_user || o->idmap || o->idmap_recursive ||
                   m->uid_mappings->len != 0;
    struct stat st;

    tree = outside ? setup_outside_mount(s, i, error)
                   : mount_tree_new(m, o, s->bundle, -1, error);
    if (tree < 0) {
        return false;
    }
    if (fstat(tree, &st) != 0) {
        return fail_errno(error, "mount '%s'", m->destination);
    }
    target = open_target(s, m, S_ISDIR(st.st_mode), error);
    return target >= 0 &&
           mount_tree_move(tree, target, m->destination, error) &&
           mount_tree_set(tree, o, m->destination, error) &&
           set_propagation(m, tree,
                           o->propagation != 0 ? o->propagation
                                               : MS_PRIVATE | MS_REC,
                           error);
}

/* Where a user namespace may not mount sysfs (it lacks the network's), the
 * host's is shown. */
static bool bind_host_sys(const Setup *s, const SpecMount *m, int target,
                          GError **error)
{
    SpecMount sys = *m;
    g_auto(MountOptions) o = {.flags = MS_BIND | MS_REC};
    g_auto(Fd) tree = -1;

    sys.source = (char *)"/sys";
    tree = mount_tree_new(&sys, &o, s->bundle, -1, error);
    o.recursive_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                      MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;
    return tree >= 0 && mount_tree_move(tree, target, m->destination, error) &&
           mount_tree_set(tree, &o, m->destination, error);
}

static bool copy_up(const SpecMount *m, int from, int to, GError **error)
{
    if (!copy_tree(from, to, error)) {
        g_prefix_error(error, "mount '%s': copy up: ", m->destination);
        return false;
    }
    return true;
}

static bool mount_file_system(const Setup *s, const SpecMount *m,
                              const MountOptions *o, GError **error)
{
    g_auto(Fd) target = -1, top = -1, below = -1;
    unsigned long flags = o->flags & ~(unsigned long)MS_REC;
    const char *source = m->source != NULL ? m->source : m->type;

    target = open_target(s, m, true, error);
    if (target < 0) {
        return false;
    }
    if (o->copy_up) {
        below = openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    /* Devices are made in it first; setup_root_flags ends that. */
    if (same_path(m->destination, "/dev")) {
        flags &= ~(unsigned long)MS_RDONLY;
    }
    if (mount(source, fd_path(target).text, m->type, flags, o->data) != 0) {
        if (g_strcmp0(m->type, "sysfs") == 0 &&
            (errno == EPERM || errno == EBUSY) && s->own_user) {
            return bind_host_sys(s, m, target, error);
        }
        return fail_errno(
            error, "mount '%s' (%s) on '%s'", source != NULL ? source : "",
            m->type != NULL ? m->type : "no type", m->destination);
    }
    top = root_open(s->root, m->destination, O_PATH, error);
    return top >= 0 && set_propagation(m, top, o->propagation, error) &&
           (below < 0 || copy_up(m, below, top, error)) &&
           ((o->recursive_set == 0 && o->recursive_clear == 0) ||
            mount_tree_set(top, o, m->destination, error));
}

static bool remount(const Setup *s, const SpecMount *m, const MountOptions *o,
                    GError **error)
{
    g_auto(Fd) top = root_open(s->root, m->destination, O_PATH, error);

    return top >= 0 &&
           (mount(NULL, fd_path(top).text, NULL, o->flags, o->data) == 0 ||
            fail_errno(error, "remount '%s'", m->destination));
}

static bool setup_mount(Setup *s, unsigned i, GError **error)
{
    const SpecMount *m = s->spec->mounts->pdata[i];
    g_auto(MountOptions) o = {0};

    mount_options_parse(&o, m->options);
    if (!check_no_link(s, m, error)) {
        return false;
    }
    if (g_strcmp0(m->type, "cgroup") == 0 ||
        g_strcmp0(m->type, "cgroup2") == 0) {
        return setup_cgroup_mount(s, m, error);
    }
    if (mount_is_bind(m, &o)) {
        return mount_bind(s, i, m, &o, error);
    }
    if (o.flags & MS_REMOUNT) {
        return remount(s, m, &o, error);
    }
    return mount_file_system(s, m, &o, error);
}

bool setup_mounts(Setup *s, GError **error)
{
    for (unsigned i = 0; i < s->spec->mounts->len; i++) {
        if (!setup_mount(s, i, error)) {
            return false;
        }
    }
    return true;
}

/* ---- into the root ---- */

/* The old root is put over the new one and taken off: no directory of the
 * image is needed for it (pivot_root(2), NOTES). */
static bool pivot(Setup *s, GError **error)
{
    g_auto(Fd) old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (old < 0 || fchdir(s->root) != 0) {
        return fail_errno(error, "enter root '%s'", s->rootfs);
    }
    if (syscall(SYS_pivot_root, ".", ".") != 0) {
        return fail_errno(error, "pivot_root to '%s'", s->rootfs);
    }
    /* What is taken off here stays for everybody else. */
    if (fchdir(old) != 0 ||
        mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) != 0 ||
        umount2(".", MNT_DETACH) != 0) {
        return fail_errno(error, "leave the host's root");
    }
    return true;
}

/* For roots in an initramfs, which cannot be pivoted. The host's mounts stay
 * below; their /proc and /sys must not. */
static bool move_root(Setup *s, GError **error)
{
    if (fchdir(s->root) != 0) {
        return fail_errno(error, "enter root '%s'", s->rootfs);
    }
    umount2("/proc", MNT_DETACH);
    umount2("/sys", MNT_DETACH);
    if (mount(s->rootfs, "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0) {
        return fail_errno(error, "move root '%s'", s->rootfs);
    }
    return true;
}

bool setup_pivot(Setup *s, GError **error)
{
    if (!s->own_mounts) {
        if (fchdir(s->root) != 0 || chroot(".") != 0) {
            return fail_errno(error, "enter root '%s'", s->rootfs);
        }
    } else if (!(s->no_pivot ? move_root : pivot)(s, error)) {
        return false;
    }
    fd_clear(&s->root);
    return chdir("/") == 0 || fail_errno(error, "enter '/'");
}

/* ---- what must come last ---- */

static bool make_readonly(const char *path, GError **error)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};

    return mount_setattr(AT_FDCWD, path, 0, &attr, sizeof(attr)) == 0 ||
           fail_errno(error, "make '%s' read-only", path);
}

static bool readonly_dev(const Setup *s)
{
    SPEC_EACH(SpecMount, m, s->spec->mounts)
    {
        if (same_path(m->destination, "/dev")) {
            g_auto(MountOptions) o = {0};

            mount_options_parse(&o, m->options);
            return !mount_is_bind(m, &o) && (o.flags & MS_RDONLY);
        }
    }
    return false;
}

bool setup_root_flags(Setup *s, GError **error)
{
    const char *word = s->spec->linux_.rootfs_propagation;

    if (!s->own_mounts) {
        return true;
    }
    if (readonly_dev(s) && !make_readonly("/dev", error)) {
        return false;
    }
    if (s->spec->root.readonly && !make_readonly("/", error)) {
        return false;
    }
    return word == NULL || *word == '\0' ||
           mount(NULL, "/", NULL, mount_propagation(word, NULL), NULL) == 0 ||
           fail_errno(error, "set the propagation of '/'");
}

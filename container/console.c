/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/console.c */
#include "container/console.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "container/files.h"
#include "container/mount-tree.h"
#include "container/sockets.h"

/* The image could have put anything at /dev/ptmx. */
static bool is_ptmx(int fd)
{
    struct statfs fs;
    struct stat st;

    return fstatfs(fd, &fs) == 0 && fs.f_type == DEVPTS_SUPER_MAGIC &&
           fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
           st.st_rdev == makedev(5, 2);
}

static int open_master(GError **error)
{
    g_auto(Fd) fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    int unlock = 0;

    if (fd < 0) {
        fail_errno(error, "open '/dev/ptmx' in the container");
        return -1;
    }
    if (!is_ptmx(fd)) {
        fail(error, "'/dev/ptmx' in the container is no terminal device");
        return -1;
    }
    if (ioctl(fd, TIOCSPTLCK, &unlock) != 0) {
        fail_errno(error, "unlock the terminal");
        return -1;
    }
    return fd_steal(&fd);
}

/* By descriptor from the master, so that no path of the container decides what
 * is opened. */
static int open_slave(int master, GError **error)
{
    int fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        fail_errno(error, "open the terminal's other end");
    }
    return fd;
}

static bool bind_console(int slave, GError **error)
{
    g_auto(Fd) target =
        open("/dev/console", O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0620);
    g_auto(Fd) tree = open_tree(
        slave, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

    fd_clear(&target);
    target = open("/dev/console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (tree < 0 || target < 0) {
        return fail_errno(error, "mount '/dev/console'");
    }
    return mount_tree_move(tree, target, "/dev/console", error);
}

static bool take_over(const SpecProcess *p, int slave, GError **error)
{
    struct winsize size = {
        .ws_row = (unsigned short)p->console_size.height,
        .ws_col = (unsigned short)p->console_size.width,
    };

    if (size.ws_row != 0 && size.ws_col != 0) {
        ioctl(slave, TIOCSWINSZ, &size);
    }
    if (fchown(slave, p->user.uid, (gid_t)-1) != 0 && errno != EPERM &&
        errno != EINVAL && errno != EROFS) {
        return fail_errno(error, "give the terminal to user %u", p->user.uid);
    }
    if (ioctl(slave, TIOCSCTTY, 0) != 0) {
        return fail_errno(error, "make the terminal the controlling one");
    }
    for (int fd = 0; fd < 3; fd++) {
        if (dup2(slave, fd) < 0) {
            return fail_errno(error, "put the terminal at descriptor %d", fd);
        }
    }
    return true;
}

bool console_open(const SpecProcess *p, bool bind, int *master, GError **error)
{
    g_auto(Fd) own = open_master(error), slave = -1;

    if (own < 0) {
        return false;
    }
    slave = open_slave(own, error);
    if (slave < 0 || (bind && !bind_console(slave, error)) ||
        !take_over(p, slave, error)) {
        return false;
    }
    *master = fd_steal(&own);
    return true;
}

bool console_send(const char *path, int master, GError **error)
{
    g_auto(Fd) fd = socket_connect(AT_FDCWD, path, error);
    static const char name[] = "/dev/ptmx";

    if (fd < 0) {
        g_prefix_error(error, "console socket: ");
        return false;
    }
    return socket_send(fd, name, strlen(name), master) ||
           fail_errno(error, "console socket '%s'", path);
}

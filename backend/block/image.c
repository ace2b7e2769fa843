/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/image.c - see image_priv.h.
 * Locks are the ones QEMU takes, so the two respect each other: an open-file-
 * description read lock on byte 100+n says "I use permission n", one on byte
 * 200+n says "nobody else may use permission n". */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/block/image_priv.h"
#include "backend/fd.h"
#include "util/bits.h"

enum { /* permissions */
       PERM_CONSISTENT_READ = 0,
       PERM_WRITE = 1,
       PERM_RESIZE = 3,
       N_PERMS = 4,
};

enum {
    USED_BASE = 100,
    UNSHARED_BASE = 200,
};

static bool fail(GError **error, const char *path, const char *reason)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "disk '%s': %s", path,
                reason);
    return false;
}

static bool fail_errno(GError **error, const char *path, const char *what)
{
    int err = errno;

    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                "disk '%s': %s: %s", path, what, g_strerror(err));
    return false;
}

/* --- locks --- */

static struct flock byte_lock(short type, int byte)
{
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

static bool take_lock(int fd, int byte)
{
    struct flock l = byte_lock(F_RDLCK, byte);

    return fcntl(fd, F_OFD_SETLK, &l) == 0;
}

static bool held_by_others(int fd, int byte)
{
    struct flock l = byte_lock(F_WRLCK, byte);

    return fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
}

/* States what we use and what we cannot share, then looks whether somebody
 * stated the opposite. In that order: of two that come at once at least one
 * sees the other. A file system without locks has none to look for. */
static bool lock_image(int fd, bool writing, const char *path, GError **error)
{
    unsigned used = BIT(PERM_CONSISTENT_READ) | (writing ? BIT(PERM_WRITE) : 0);
    unsigned unshared = BIT(PERM_WRITE) | BIT(PERM_RESIZE);

    for (int p = 0; p < N_PERMS; p++) {
        if (((used & BIT(p)) && !take_lock(fd, USED_BASE + p)) ||
            ((unshared & BIT(p)) && !take_lock(fd, UNSHARED_BASE + p))) {
            return true;
        }
    }
    for (int p = 0; p < N_PERMS; p++) {
        if (((used & BIT(p)) && held_by_others(fd, UNSHARED_BASE + p)) ||
            ((unshared & BIT(p)) && held_by_others(fd, USED_BASE + p))) {
            return fail(error, path,
                        "in use by another process (locking=off ignores that)");
        }
    }
    return true;
}

/* --- what it is --- */

/* Formats whose contents a guest must not see as a disk by mistake. */
static const struct {
    const char *name;
    unsigned offset, len;
    const char *magic;
} formats[] = {
    {"qcow", 0, 4, "QFI\xfb"},
    {"qed", 0, 4, "QED\0"},
    {"vmdk", 0, 4, "KDMV"},
    {"vhdx", 0, 8, "vhdxfile"},
    {"vdi", 64, 4, "\x7f\x10\xda\xbe"},
};

static bool check_format(int fd, const char *path, GError **error)
{
    uint8_t head[512] = {0};
    ssize_t n = pread(fd, head, sizeof(head), 0);

    if (n < 0) {
        return fail_errno(error, path, "cannot read");
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        const char *name = formats[i].name;

        if (memcmp(head + formats[i].offset, formats[i].magic,
                   formats[i].len) != 0) {
            continue;
        }
        if (strcmp(name, "qcow") == 0 && head[7] >= 2) {
            name = "qcow2";
        }
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "disk '%s': %s images are not available: convert it to "
                    "raw, or say format=raw if it is one",
                    path, name);
        return false;
    }
    return true;
}

static bool measure(Image *image, const char *path, GError **error)
{
    struct stat st;

    if (fstat(image->fd, &st) < 0) {
        return fail_errno(error, path, "cannot read");
    }
    if (S_ISBLK(st.st_mode)) {
        if (ioctl(image->fd, BLKGETSIZE64, &image->file_size) < 0) {
            return fail_errno(error, path, "cannot read the size");
        }
    } else if (S_ISREG(st.st_mode)) {
        image->file_size = (uint64_t)st.st_size;
    } else {
        return fail(error, path,
                    S_ISDIR(st.st_mode) ? "is a directory"
                                        : "is neither a file nor a disk");
    }
    if (image->file_size == 0) {
        return fail(error, path, "file is empty");
    }
    fd_set_nonblocking(image->fd, false); /* now that it is no pipe */
    image->size = align_up(image->file_size, IMAGE_SECTOR);
    return true;
}

/* --- opening --- */

/* Not blocking, for a pipe in the place of an image would make us wait. */
static int open_as(const ImageRequest *r, bool read_only, int flags)
{
    return open(r->path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC |
                             O_NONBLOCK | O_NOCTTY | flags);
}

static bool open_files(Image *image, const ImageRequest *r, GError **error)
{
    image->read_only = r->read_only;
    image->fd = open_as(r, image->read_only, 0);
    if (image->fd < 0 && r->fall_back_read_only && !r->read_only &&
        (errno == EACCES || errno == EROFS || errno == EPERM)) {
        image->read_only = true;
        image->fd = open_as(r, true, 0);
    }
    if (image->fd < 0) {
        /* EISDIR is what opening a directory for writing gives. */
        return errno == EISDIR ? fail(error, r->path, "is a directory")
                               : fail_errno(error, r->path, "cannot open");
    }
    return true;
}

static bool open_direct(Image *image, const ImageRequest *r, GError **error)
{
    image->direct_fd = open_as(r, image->read_only, O_DIRECT);
    if (image->direct_fd < 0 || !fd_set_nonblocking(image->direct_fd, false)) {
        return fail_errno(error, r->path,
                          "cannot go around the host's cache (O_DIRECT)");
    }
    return true;
}

bool image_open(Image *image, const ImageRequest *r, GError **error)
{
    *image = (Image){.fd = -1, .direct_fd = -1};
    if (open_files(image, r, error) && measure(image, r->path, error) &&
        (!r->probe || check_format(image->fd, r->path, error)) &&
        (!r->lock ||
         lock_image(image->fd, !image->read_only, r->path, error)) &&
        (!r->direct || open_direct(image, r, error))) {
        return true;
    }
    image_close(image);
    return false;
}

void image_close(Image *image)
{
    fd_close(&image->fd);
    fd_close(&image->direct_fd);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/copy-tree.c */
#include "container/copy-tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "container/files.h"

enum {
    MAX_DEPTH = 256,
    MAX_XATTR = 65536, /* XATTR_SIZE_MAX */
};

static bool copy_directory(int from, int to, unsigned depth, GError **error);

static void copy_xattrs(int from, int to)
{
    char names[4096];
    g_autofree char *value = NULL;
    ssize_t n = flistxattr(from, names, sizeof(names));

    for (char *at = names; n > 0 && at < names + n; at += strlen(at) + 1) {
        ssize_t len;

        value = value != NULL ? value : g_malloc(MAX_XATTR);
        len = fgetxattr(from, at, value, MAX_XATTR);
        if (len >= 0) {
            /* A file system that has no such attribute goes without. */
            (void)!fsetxattr(to, at, value, (size_t)len, 0);
        }
    }
}

/* Owner before mode: a change of owner takes set-user-id off. */
static bool copy_attributes(int from, int to, const struct stat *st,
                            const char *name, GError **error)
{
    struct timespec times[2] = {st->st_atim, st->st_mtim};

    if (fchown(to, st->st_uid, st->st_gid) != 0 ||
        fchmod(to, st->st_mode & 07777) != 0) {
        return fail_errno(error, "'%s'", name);
    }
    copy_xattrs(from, to);
    futimens(to, times);
    return true;
}

static bool copy_bytes(int from, int to)
{
    ssize_t n;

    do {
        n = sendfile(to, from, NULL, 1 << 20);
    } while (n > 0);
    return n == 0;
}

static bool copy_file(int from, int to, const char *name, const struct stat *st,
                      GError **error)
{
    g_auto(Fd) in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    g_auto(Fd) out =
        openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (in < 0 || out < 0 || !copy_bytes(in, out)) {
        return fail_errno(error, "'%s'", name);
    }
    return copy_attributes(in, out, st, name, error);
}

static bool copy_link(int from, int to, const char *name, const struct stat *st,
                      GError **error)
{
    char target[4096];
    ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

    if (n < 0) {
        return fail_errno(error, "'%s'", name);
    }
    target[n] = '\0';
    if (symlinkat(target, to, name) != 0 ||
        fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail_errno(error, "'%s'", name);
    }
    return true;
}

static bool copy_subdirectory(int from, int to, const char *name,
                              const struct stat *st, unsigned depth,
                              GError **error)
{
    g_auto(Fd) in =
        openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    g_auto(Fd) out = -1;

    if (in < 0 || mkdirat(to, name, 0700) != 0) {
        return fail_errno(error, "'%s'", name);
    }
    out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (out < 0) {
        return fail_errno(error, "'%s'", name);
    }
    return copy_directory(in, out, depth + 1, error) &&
           copy_attributes(in, out, st, name, error);
}

static bool copy_entry(int from, int to, const char *name, unsigned depth,
                       GError **error)
{
    struct stat st;

    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail_errno(error, "'%s'", name);
    }
    switch (st.st_mode & S_IFMT) {
    case S_IFREG:
        return copy_file(from, to, name, &st, error);
    case S_IFLNK:
        return copy_link(from, to, name, &st, error);
    case S_IFDIR:
        return copy_subdirectory(from, to, name, &st, depth, error);
    default:
        if (mknodat(to, name, st.st_mode, st.st_rdev) != 0 ||
            fchownat(to, name, st.st_uid, st.st_gid, 0) != 0) {
            return fail_errno(error, "'%s'", name);
        }
        return true;
    }
}

static bool copy_directory(int from, int to, unsigned depth, GError **error)
{
    int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    bool ok = true;

    if (dir == NULL) {
        fail_errno(error, "open a directory");
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    if (depth > MAX_DEPTH) {
        ok = fail(error, "more than %d directories deep", MAX_DEPTH);
    }
    while (ok && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0) {
            ok = copy_entry(from, to, entry->d_name, depth, error);
        }
    }
    closedir(dir);
    return ok;
}

bool copy_tree(int from, int to, GError **error)
{
    g_auto(Fd) in = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_auto(Fd) out = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    if (in < 0 || out < 0 || fstat(in, &st) != 0) {
        return fail_errno(error, "open a directory");
    }
    return copy_directory(in, out, 0, error) &&
           copy_attributes(in, out, &st, ".", error);
}

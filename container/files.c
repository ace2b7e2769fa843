/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/files.c */
#include "container/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    MAX_FILE = 1 << 20, /* bytes */
    MAX_LINKS = 40,     /* as the kernel's path walk */
};

/* ---- errors ---- */

static GQuark errno_quark(void)
{
    return g_quark_from_static_string("cuttle-errno");
}

G_GNUC_PRINTF(3, 0)
static void fail_va(GError **error, int number, const char *format,
                    va_list args)
{
    g_autofree char *what = g_strdup_vprintf(format, args);

    g_set_error(error, errno_quark(), number, "%s: %s", what,
                g_strerror(number));
}

bool fail_errno(GError **error, const char *format, ...)
{
    int number = errno;
    va_list args;

    va_start(args, format);
    fail_va(error, number, format, args);
    va_end(args);
    return false;
}

bool fail_with(GError **error, int number, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fail_va(error, number, format, args);
    va_end(args);
    return false;
}

bool fail(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (error != NULL) {
        *error =
            g_error_new_valist(G_IO_ERROR, G_IO_ERROR_FAILED, format, args);
    }
    va_end(args);
    return false;
}

int error_number(const GError *error)
{
    return error != NULL && error->domain == errno_quark() ? error->code : 0;
}

/* ---- small files ---- */

bool file_write(int dir, const char *path, const char *text, GError **error)
{
    g_auto(Fd) fd = openat(dir, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0) {
        return fail_errno(error, "open '%s'", path);
    }
    if (TEMP_FAILURE_RETRY(write(fd, text, strlen(text))) < 0) {
        return fail_errno(error, "write '%.80s' to '%s'", text, path);
    }
    return true;
}

char *file_read(int dir, const char *path, GError **error)
{
    g_auto(Fd) fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    g_autoptr(GString) text = g_string_new(NULL);
    char part[4096];
    ssize_t n;

    if (fd < 0) {
        fail_errno(error, "open '%s'", path);
        return NULL;
    }
    while ((n = TEMP_FAILURE_RETRY(read(fd, part, sizeof(part)))) > 0 &&
           text->len < MAX_FILE) {
        g_string_append_len(text, part, n);
    }
    if (n < 0) {
        fail_errno(error, "read '%s'", path);
        return NULL;
    }
    if (text->len != 0 && text->str[text->len - 1] == '\n') {
        g_string_truncate(text, text->len - 1);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

bool file_replace(int dir, const char *path, const char *text, mode_t mode,
                  GError **error)
{
    g_autofree char *temporary = g_strdup_printf("%s.%d.tmp", path, getpid());
    g_auto(Fd) fd =
        openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0) {
        return fail_errno(error, "create '%s'", temporary);
    }
    if (!fd_write_all(fd, text, strlen(text)) ||
        renameat(dir, temporary, dir, path) != 0) {
        fail_errno(error, "write '%s'", path);
        unlinkat(dir, temporary, 0);
        return false;
    }
    return true;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *where)
{
    return remove(path);
}

bool tree_remove(const char *path)
{
    return nftw(path, remove_one, 64, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 ||
           errno == ENOENT;
}

FdPath fd_path(int fd)
{
    FdPath p;

    g_snprintf(p.text, sizeof(p.text), "/proc/self/fd/%d", fd);
    return p;
}

/* ---- inside a root ---- */

static int open_beneath(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    long fd;

    /* EAGAIN: something moved while the kernel walked; a few times is chance.
     */
    for (unsigned i = 0; i < 32; i++) {
        fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) {
            break;
        }
    }
    return (int)fd;
}

int root_open(int root, const char *path, int flags, GError **error)
{
    int fd = open_beneath(root, path, flags);

    if (fd < 0) {
        fail_errno(error, "open '%s' in the container", path);
    }
    return fd;
}

/* Where the last part of path starts, without slashes behind it; path is a
 * copy that is cut there. */
static char *split_last(char *path)
{
    char *slash;
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/') {
        path[--len] = '\0';
    }
    slash = strrchr(path, '/');
    if (slash == NULL) {
        return NULL;
    }
    *slash = '\0';
    return slash + 1;
}

static int make_directory(int root, const char *path, mode_t mode,
                          unsigned links, GError **error);

/* What the link name in parent (of path folder) leads to is made: images have
 * /var/run -> /run, and no /run. */
static bool make_link_target(int root, int parent, const char *folder,
                             const char *name, mode_t mode, unsigned links,
                             GError **error)
{
    char target[PATH_MAX];
    ssize_t n = readlinkat(parent, name, target, sizeof(target) - 1);
    g_autofree char *path = NULL;
    g_auto(Fd) fd = -1;

    if (n < 0) {
        return true; /* no link: made by somebody else meanwhile */
    }
    target[n] = '\0';
    if (links >= MAX_LINKS) {
        return fail_with(error, ELOOP, "open '%s' in the container", name);
    }
    path = target[0] == '/' ? g_strdup(target)
                            : g_build_filename(folder, target, NULL);
    fd = make_directory(root, path, mode, links + 1, error);
    return fd >= 0;
}

static int make_directory(int root, const char *path, mode_t mode,
                          unsigned links, GError **error)
{
    g_autofree char *copy = NULL;
    const char *name;
    g_auto(Fd) parent = -1;
    int fd = open_beneath(root, path, O_PATH | O_DIRECTORY);

    if (fd >= 0 || errno != ENOENT) {
        if (fd < 0) {
            fail_errno(error, "open directory '%s' in the container", path);
        }
        return fd;
    }
    copy = g_strdup(path);
    name = split_last(copy);
    if (name == NULL || *name == '\0') {
        name = copy;
        parent = open_beneath(root, "/", O_PATH | O_DIRECTORY);
    } else {
        parent =
            root_make_directory(root, *copy != '\0' ? copy : "/", mode, error);
    }
    if (parent < 0) {
        return -1;
    }
    if (strcmp(name, "..") == 0 ||
        (mkdirat(parent, name, mode) != 0 && errno != EEXIST)) {
        fail_errno(error, "make directory '%s' in the container", path);
        return -1;
    }
    return make_link_target(root, parent, name == copy ? "/" : copy, name, mode,
                            links, error)
               ? root_open(root, path, O_PATH | O_DIRECTORY, error)
               : -1;
}

int root_make_directory(int root, const char *path, mode_t mode, GError **error)
{
    return make_directory(root, path, mode, 0, error);
}

int root_make_parent(int root, const char *path, const char **name,
                     GError **error)
{
    g_autofree char *copy = g_strdup(path);
    const char *last = split_last(copy);

    if (last == NULL || *last == '\0' || strcmp(last, "..") == 0 ||
        strcmp(last, ".") == 0) {
        fail(error, "'%s' is not the path of a file", path);
        return -1;
    }
    *name = path + (last - copy);
    return root_make_directory(root, *copy != '\0' ? copy : "/", 0755, error);
}

int root_make_file(int root, const char *path, GError **error)
{
    g_auto(Fd) parent = -1, made = -1;
    const char *name;
    int fd = open_beneath(root, path, O_PATH);

    if (fd >= 0 || errno != ENOENT) {
        if (fd < 0) {
            fail_errno(error, "open '%s' in the container", path);
        }
        return fd;
    }
    parent = root_make_parent(root, path, &name, error);
    if (parent < 0) {
        return -1;
    }
    made =
        openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (made < 0 && errno != EEXIST) {
        fail_errno(error, "make file '%s' in the container", path);
        return -1;
    }
    return root_open(root, path, O_PATH, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/fs.c - what POSIX guarantees, spelt out. */
#include "store/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/error.h"

void fs_step(void)
{
    static int kill_at = -1;
    static int steps;

    if (G_UNLIKELY(kill_at < 0)) {
        const char *text = g_getenv("CUTTLE_TEST_KILL_AT");

        kill_at = text != NULL ? atoi(text) : 0;
    }
    if (G_UNLIKELY(kill_at > 0 && g_atomic_int_add(&steps, 1) + 1 == kill_at)) {
        kill(getpid(), SIGKILL);
    }
}

bool fs_fail(GError **error, const char *what)
{
    return store_fail(error, "%s: %s", what, g_strerror(errno));
}

char *fs_read_fd(int fd, size_t max, size_t *len)
{
    g_autofree char *data = NULL;
    size_t n = 0, room;
    struct stat st;

    if (fstat(fd, &st) < 0) {
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return NULL;
    }
    room = MIN((size_t)st.st_size, max) + 1;
    data = g_malloc(room + 1);
    while (n < room) {
        ssize_t got = read(fd, data + n, room - n);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return NULL;
        }
        if (got == 0) {
            break;
        }
        n += got;
        if (n == room && room <= max) {
            room = MIN(room * 2, max + 1);
            data = g_realloc(data, room + 1);
        }
    }
    if (n > max) {
        errno = EFBIG;
        return NULL;
    }
    data[n] = '\0';
    *len = n;
    return g_steal_pointer(&data);
}

char *fs_read_at(int dirfd, const char *name, size_t max, size_t *len)
{
    /* A fifo in the place of a file must not stop us. */
    g_auto(Fd) fd =
        openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    return fd >= 0 ? fs_read_fd(fd, max, len) : NULL;
}

int fs_open_beneath(int dirfd, const char *path, int flags)
{
    struct open_how how = {
        .flags = flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };

    return syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

bool fs_sync_dir(int dirfd)
{
    fs_step();
    return fsync(dirfd) == 0;
}

bool fs_replace_at(int dirfd, const char *name, const void *data, size_t len)
{
    g_autofree char *temporary = fs_random_name(".new");
    g_auto(Fd) fd =
        openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool good;
    int saved;

    if (fd < 0) {
        return false;
    }
    fs_step();
    good = fd_write_all(fd, data, len) && fsync(fd) == 0 &&
           fs_rename_at(dirfd, temporary, dirfd, name) && fs_sync_dir(dirfd);
    if (!good) {
        saved = errno;
        unlinkat(dirfd, temporary, 0);
        errno = saved;
    }
    return good;
}

bool fs_mkdir_at(int dirfd, const char *name, unsigned mode)
{
    fs_step();
    return mkdirat(dirfd, name, mode) == 0 || errno == EEXIST;
}

bool fs_rename_at(int from_dir, const char *from, int to_dir, const char *to)
{
    fs_step();
    return renameat(from_dir, from, to_dir, to) == 0;
}

bool fs_unlink_at(int dirfd, const char *name)
{
    fs_step();
    return unlinkat(dirfd, name, 0) == 0 || errno == ENOENT;
}

int fs_open_dir_at(int dirfd, const char *name)
{
    return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A folder that forbids itself to its owner is let in again. */
static int open_for_removal(int dirfd, const char *name)
{
    int fd = fs_open_dir_at(dirfd, name);

    if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0) {
        fd = fs_open_dir_at(dirfd, name);
    }
    if (fd >= 0 && geteuid() != 0) {
        fchmod(fd, 0700);
    }
    return fd;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Folders are closed before their subfolders are entered, so that depth costs
 * no descriptors. */
static bool remove_tree(int dirfd, const char *path)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    struct dirent *e;
    bool good = true;
    DIR *dir;
    int fd;

    if (unlinkat(dirfd, path, 0) == 0 || errno == ENOENT) {
        return true;
    }
    fd = open_for_removal(dirfd, path);
    dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        return errno == ENOENT;
    }
    while ((e = readdir(dir)) != NULL) {
        if (is_dots(e->d_name)) {
            continue;
        }
        if (e->d_type == DT_DIR || unlinkat(fd, e->d_name, 0) < 0) {
            g_ptr_array_add(folders, g_strconcat(path, "/", e->d_name, NULL));
        }
    }
    closedir(dir);
    for (guint i = 0; i < folders->len; i++) {
        good = remove_tree(dirfd, folders->pdata[i]) && good;
    }
    return (unlinkat(dirfd, path, AT_REMOVEDIR) == 0 || errno == ENOENT) &&
           good;
}

bool fs_remove_tree_at(int dirfd, const char *name)
{
    fs_step();
    return remove_tree(dirfd, name);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *fs_list_at(int dirfd, const char *name)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    int fd = fs_open_dir_at(dirfd, name);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;

    while (dir != NULL && (e = readdir(dir)) != NULL) {
        if (!is_dots(e->d_name)) {
            g_ptr_array_add(names, g_strdup(e->d_name));
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    g_ptr_array_sort(names, compare_names);
    return names;
}

int fs_lock_at(int dirfd, const char *name, int operation)
{
    g_auto(Fd) fd = openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    if (fd < 0) {
        return -1;
    }
    while (flock(fd, operation) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return fd_steal(&fd);
}

char *fs_random_name(const char *prefix)
{
    return g_strdup_printf("%s-%08x%08x", prefix, g_random_int(),
                           g_random_int());
}

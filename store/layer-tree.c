/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/layer-tree.c - every path is resolved by openat2 with the layer's
 * folder as its root; the last component is never followed. */
#include "store/layer-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/layer-attr.h"

#define WHITEOUT ".wh."
#define OPAQUE   ".wh..wh..opq"

enum { MAX_PATH = 4000 };

typedef struct {
    mode_t mode;
    struct timespec mtime;
} FolderMeta;

struct LayerTree {
    int root; /* borrowed */
    const LayerOptions *o;
    bool whiteouts;
    const char *what;
    char *parent; /* path of the folder that parent_fd is */
    int parent_fd;
    GHashTable *folders; /* path -> FolderMeta *: set at the end */
    LayerStats stats;
};

LayerTree *tree_new(int root, const LayerOptions *o, bool whiteouts,
                    const char *what)
{
    LayerTree *t = g_new0(LayerTree, 1);

    t->root = root;
    t->o = o;
    t->whiteouts = whiteouts;
    t->what = what;
    t->parent_fd = -1;
    t->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return t;
}

static void forget_parent(LayerTree *t)
{
    if (t->parent_fd >= 0) {
        close(t->parent_fd);
    }
    t->parent_fd = -1;
    g_clear_pointer(&t->parent, g_free);
}

void tree_free(LayerTree *t)
{
    if (t != NULL) {
        forget_parent(t);
        g_hash_table_unref(t->folders);
        g_free(t);
    }
}

const LayerStats *tree_stats(const LayerTree *t)
{
    return &t->stats;
}

static bool fail(const LayerTree *t, const char *path, const char *why,
                 GError **error)
{
    return store_fail(error, "%s: '%.200s': %s", t->what, path, why);
}

static bool fail_errno(const LayerTree *t, const char *path, GError **error)
{
    return fail(t, path, g_strerror(errno), error);
}

/* ---- paths ---- */

/* Without empty and "." components; NULL where one climbs. */
static char *clean_path(const char *path)
{
    g_autoptr(GString) out = g_string_new(NULL);

    while (*path != '\0') {
        size_t n = strcspn(path, "/");

        if (n == 2 && strncmp(path, "..", 2) == 0) {
            return NULL;
        }
        if (n > 0 && !(n == 1 && *path == '.')) {
            if (out->len > 0) {
                g_string_append_c(out, '/');
            }
            g_string_append_len(out, path, n);
        }
        path += n + (path[n] == '/');
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* "a/b/c" -> "a/b" and "c". */
static char *split_path(const char *path, const char **base)
{
    const char *slash = strrchr(path, '/');

    *base = slash != NULL ? slash + 1 : path;
    return slash != NULL ? g_strndup(path, slash - path) : g_strdup("");
}

static int open_in_root(const LayerTree *t, const char *path, uint64_t flags)
{
    struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };

    return syscall(SYS_openat2, t->root, *path != '\0' ? path : ".", &how,
                   sizeof(how));
}

/* The folder `path`, made if need be, links inside the layer followed; -1 with
 * errno. Kept open: members of a folder come together. */
static int open_parent(LayerTree *t, const char *path)
{
    g_autofree char *above = NULL;
    const char *base;
    int fd, up;

    if (t->parent != NULL && strcmp(t->parent, path) == 0) {
        return t->parent_fd;
    }
    fd = open_in_root(t, path, O_PATH | O_DIRECTORY);
    if (fd < 0 && errno == ENOENT && *path != '\0') {
        above = split_path(path, &base);
        up = open_parent(t, above);
        if (up < 0 || mkdirat(up, base, 0755) < 0) {
            return -1;
        }
        fd = open_in_root(t, path, O_PATH | O_DIRECTORY);
    }
    if (fd < 0) {
        return -1;
    }
    forget_parent(t);
    t->parent = g_strdup(path);
    t->parent_fd = fd;
    return fd;
}

static char *proc_path(int dirfd, const char *name)
{
    return g_strdup_printf("/proc/self/fd/%d/%s", dirfd, name);
}

/* ---- making room ---- */

static bool is_whiteout(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

/* Takes away what stands where a member goes; a folder only if the member is
 * none. *was_whiteout: a whiteout of this layer stood there. */
static bool make_room(LayerTree *t, int parent, const char *path,
                      const char *base, bool for_folder, bool *was_whiteout,
                      GError **error)
{
    struct stat st;

    *was_whiteout = false;
    if (fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT || fail_errno(t, path, error);
    }
    if (S_ISDIR(st.st_mode)) {
        if (for_folder) {
            return true;
        }
        return fs_remove_tree_at(parent, base) || fail_errno(t, path, error);
    }
    *was_whiteout = is_whiteout(&st);
    return unlinkat(parent, base, 0) == 0 || fail_errno(t, path, error);
}

/* ---- members by type ---- */

static bool write_data(LayerTree *t, int fd, struct archive *a,
                       const char *path, int64_t size, GError **error)
{
    const void *data;
    la_int64_t offset, end = 0;
    size_t len;
    int r;

    while ((r = archive_read_data_block(a, &data, &len, &offset)) ==
           ARCHIVE_OK) {
        size_t done = 0;

        while (done < len) {
            ssize_t n = pwrite(fd, (const char *)data + done, len - done,
                               offset + done);

            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n < 0) {
                return fail_errno(t, path, error);
            }
            done += n;
        }
        end = offset + len;
        t->stats.bytes += len;
    }
    if (r != ARCHIVE_EOF) {
        return fail(t, path, archive_error_string(a), error);
    }
    if (end < size && ftruncate(fd, size) < 0) {
        return fail_errno(t, path, error);
    }
    return true;
}

static bool add_file(LayerTree *t, int parent, const char *base,
                     const char *path, struct archive *a,
                     struct archive_entry *e, GError **error)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    g_auto(Fd) fd = openat(parent, base, flags, 0600);
    bool was_whiteout;

    if (fd < 0 && errno == EEXIST) {
        if (!make_room(t, parent, path, base, false, &was_whiteout, error)) {
            return false;
        }
        fd = openat(parent, base, flags, 0600);
    }
    if (fd < 0) {
        return fail_errno(t, path, error);
    }
    return write_data(t, fd, a, path, archive_entry_size(e), error);
}

static bool add_folder(LayerTree *t, int parent, const char *base,
                       const char *path, struct archive_entry *e,
                       GError **error)
{
    FolderMeta *meta = g_new0(FolderMeta, 1);
    bool was_whiteout = false;

    meta->mode = archive_entry_perm(e);
    meta->mtime.tv_sec = archive_entry_mtime(e);
    meta->mtime.tv_nsec = archive_entry_mtime_nsec(e);
    g_hash_table_insert(t->folders, g_strdup(path), meta);
    if (*path == '\0') {
        return true;
    }
    if (mkdirat(parent, base, 0755) == 0) {
        return true;
    }
    if (errno != EEXIST) {
        return fail_errno(t, path, error);
    }
    if (!make_room(t, parent, path, base, true, &was_whiteout, error)) {
        return false;
    }
    if (mkdirat(parent, base, 0755) < 0 && errno != EEXIST) {
        return fail_errno(t, path, error);
    }
    if (was_whiteout) {
        g_autofree char *name = proc_path(parent, base);

        return attr_set_opaque(name) || fail_errno(t, path, error);
    }
    return true;
}

/* Both ends are folders of the layer and a name in each: nothing is followed.
 */
static bool add_hard_link(LayerTree *t, int parent, const char *base,
                          const char *path, const char *target_path,
                          GError **error)
{
    g_autofree char *target = clean_path(target_path);
    g_autofree char *folder = NULL;
    const char *name;
    bool was_whiteout;
    struct stat st;
    g_auto(Fd) from = -1;

    if (target == NULL || *target == '\0') {
        return fail(t, path, "a hard link that leaves the layer", error);
    }
    folder = split_path(target, &name);
    from = open_in_root(t, folder, O_PATH | O_DIRECTORY);
    if (from < 0 || fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return fail(t, path, "a hard link to what is not in the layer", error);
    }
    if (S_ISDIR(st.st_mode)) {
        return fail(t, path, "a hard link to a folder", error);
    }
    if (strcmp(target, path) == 0) {
        return true;
    }
    if (!make_room(t, parent, path, base, false, &was_whiteout, error)) {
        return false;
    }
    return linkat(from, name, parent, base, 0) == 0 ||
           fail_errno(t, path, error);
}

/* Without privileges there are no device nodes; a container's /dev is made
 * when it starts. 0:0 would be a whiteout. */
static bool add_node(LayerTree *t, int parent, const char *base,
                     const char *path, struct archive_entry *e, bool *made,
                     GError **error)
{
    mode_t type = archive_entry_filetype(e);
    bool device = type == AE_IFCHR || type == AE_IFBLK;
    dev_t number =
        device ? makedev(archive_entry_rdevmajor(e), archive_entry_rdevminor(e))
               : 0;

    *made = true;
    if (mknodat(parent, base, type | 0600, number) == 0) {
        return true;
    }
    if (device && errno == EPERM) {
        t->stats.skipped_devices++;
        *made = false;
        return true;
    }
    return fail_errno(t, path, error);
}

static bool add_typed(LayerTree *t, int parent, const char *base,
                      const char *path, struct archive *a,
                      struct archive_entry *e, bool *made, GError **error)
{
    mode_t type = archive_entry_filetype(e);
    const char *hard = archive_entry_hardlink(e);
    bool was_whiteout;

    *made = true;
    if (hard != NULL) {
        *made = false; /* its attributes came with the first name */
        return add_hard_link(t, parent, base, path, hard, error);
    }
    if (type == AE_IFREG) {
        return add_file(t, parent, base, path, a, e, error);
    }
    if (type == AE_IFDIR) {
        return add_folder(t, parent, base, path, e, error);
    }
    if (type == AE_IFCHR && archive_entry_rdevmajor(e) == 0 &&
        archive_entry_rdevminor(e) == 0) {
        return fail(t, path, "a device 0:0, overlayfs' own mark", error);
    }
    if (!make_room(t, parent, path, base, false, &was_whiteout, error)) {
        return false;
    }
    switch (type) {
    case AE_IFLNK:
        return symlinkat(archive_entry_symlink(e), parent, base) == 0 ||
               fail_errno(t, path, error);
    case AE_IFCHR:
    case AE_IFBLK:
    case AE_IFIFO:
        return add_node(t, parent, base, path, e, made, error);
    default:
        *made = false; /* sockets are no one's to restore */
        return true;
    }
}

/* ---- whiteouts ---- */

static bool add_whiteout(LayerTree *t, int parent, const char *name,
                         const char *path, GError **error)
{
    struct stat st;

    if (strcmp(name, "") == 0 || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0) {
        return fail(t, path, "a whiteout of no name", error);
    }
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        /* It is of this layer: it stays, what is below it goes. */
        g_autofree char *target = proc_path(parent, name);

        return !S_ISDIR(st.st_mode) || attr_set_opaque(target) ||
               fail_errno(t, path, error);
    }
    return mknodat(parent, name, S_IFCHR, 0) == 0 || fail_errno(t, path, error);
}

static bool add_opaque(LayerTree *t, int parent, const char *path,
                       GError **error)
{
    g_autofree char *folder = proc_path(parent, ".");

    return attr_set_opaque(folder) || fail_errno(t, path, error);
}

bool tree_add(LayerTree *t, struct archive *a, struct archive_entry *e,
              GError **error)
{
    const char *raw = archive_entry_pathname(e);
    g_autofree char *path = raw != NULL ? clean_path(raw) : NULL;
    g_autofree char *folder = NULL, *name = NULL;
    const char *base;
    bool made;
    int parent;

    if (path == NULL || strlen(path) > MAX_PATH) {
        return fail(t, raw != NULL ? raw : "",
                    path == NULL ? "a path that leaves the layer"
                                 : "a path of more than 4000 bytes",
                    error);
    }
    if (++t->stats.entries > LAYER_MAX_ENTRIES) {
        return fail(t, path, "too many members", error);
    }
    if (*path == '\0' && archive_entry_filetype(e) != AE_IFDIR) {
        return fail(t, raw, "in the place of the layer's root", error);
    }
    folder = split_path(path, &base);
    parent = open_parent(t, folder);
    if (parent < 0) {
        return fail_errno(t, path, error);
    }
    if (t->whiteouts && g_str_has_prefix(base, WHITEOUT)) {
        if (strcmp(base, OPAQUE) == 0) {
            return add_opaque(t, parent, path, error);
        }
        /* .wh..wh.* was aufs' own, which nobody reads. */
        return g_str_has_prefix(base, WHITEOUT WHITEOUT) ||
               add_whiteout(t, parent, base + strlen(WHITEOUT), path, error);
    }
    if (!add_typed(t, parent, base, path, a, e, &made, error)) {
        return false;
    }
    if (!made) {
        return true;
    }
    name = proc_path(parent, *path != '\0' ? base : ".");
    return attr_apply(name, e, t->o) || fail_errno(t, path, error);
}

static int deeper_first(gconstpointer a, gconstpointer b)
{
    return strcmp(b, a);
}

bool tree_finish(LayerTree *t, GError **error)
{
    g_autoptr(GList) paths =
        g_list_sort(g_hash_table_get_keys(t->folders), deeper_first);

    forget_parent(t);
    for (GList *p = paths; p != NULL; p = p->next) {
        const FolderMeta *meta = g_hash_table_lookup(t->folders, p->data);
        struct timespec times[2] = {meta->mtime, meta->mtime};
        g_autofree char *folder = NULL;
        const char *base;
        g_auto(Fd) parent = -1;
        g_auto(Fd) fd = -1;

        folder = split_path(p->data, &base);
        parent = open_in_root(t, folder, O_PATH | O_DIRECTORY);
        fd = parent >= 0 ? fs_open_dir_at(parent, *base != '\0' ? base : ".")
                         : -1;
        if (fd < 0) {
            continue; /* a later member took its place */
        }
        if (fchmod(fd, meta->mode) < 0 ||
            (futimens(fd, times) < 0 && errno != EINVAL)) {
            return fail_errno(t, p->data, error);
        }
    }
    return true;
}

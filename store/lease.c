/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/lease.c - pins, and the work folder that a dead holder leaves. */
#include "store/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/store_priv.h"

struct Lease {
    Store *store; /* borrowed */
    char *id;
    char *path;
    int fd;   /* of the folder */
    int lock; /* held while the lease lives */
    int pins;
    unsigned n_files; /* names of blobs being written */
};

/* ---- life ---- */

bool lease_is_dead(Store *s, const char *id)
{
    g_autofree char *keep = g_strconcat(LEASES "/", id, "/keep", NULL);
    g_autofree char *name = g_strconcat(LEASES "/", id, "/lock", NULL);
    g_auto(Fd) fd = -1;

    if (faccessat(s->fd, keep, F_OK, 0) == 0) {
        return false;
    }
    fd = openat(s->fd, name, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return true;
    }
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* A new lease has its lock before gc.lock is let go, so a folder without a
 * locked file is a dead one for whoever holds gc.lock alone. */
void lease_sweep(Store *s)
{
    g_autoptr(GPtrArray) ids = fs_list_at(s->fd, LEASES);
    bool dead = false;

    for (guint i = 0; i < ids->len && !dead; i++) {
        dead = lease_is_dead(s, ids->pdata[i]);
    }
    if (!dead) {
        return;
    }
    g_auto(Fd) gc = fs_lock_at(s->fd, GC_LOCK, LOCK_EX | LOCK_NB);
    if (gc < 0) {
        return;
    }
    for (guint i = 0; i < ids->len; i++) {
        if (lease_is_dead(s, ids->pdata[i])) {
            g_autofree char *name =
                g_strconcat(LEASES "/", ids->pdata[i], NULL);

            fs_remove_tree_at(s->fd, name);
        }
    }
}

static bool open_files(Lease *l)
{
    l->fd = fs_open_dir_at(l->store->fd, l->path + strlen(l->store->path) + 1);
    if (l->fd < 0) {
        return false;
    }
    l->lock = fs_lock_at(l->fd, "lock", LOCK_EX);
    l->pins =
        openat(l->fd, "pins", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return l->lock >= 0 && l->pins >= 0;
}

Lease *lease_new(Store *s, GError **error)
{
    g_autoptr(Lease) l = g_new0(Lease, 1);
    g_autofree char *gc_name = g_strconcat(s->path, "/" GC_LOCK, NULL);
    g_auto(Fd) gc = -1;

    l->fd = l->lock = l->pins = -1;
    l->store = s;
    lease_sweep(s);
    gc = fs_lock_at(s->fd, GC_LOCK, LOCK_SH);
    if (gc < 0) {
        fs_fail(error, gc_name);
        return NULL;
    }
    l->id = fs_random_name("run");
    l->path = g_strconcat(s->path, "/" LEASES "/", l->id, NULL);
    if (!fs_mkdir_at(s->fd, l->path + strlen(s->path) + 1, 0700) ||
        !open_files(l)) {
        fs_fail(error, l->path);
        return NULL;
    }
    return g_steal_pointer(&l);
}

void lease_end(Lease *l)
{
    if (l == NULL) {
        return;
    }
    if (l->fd >= 0) {
        g_autofree char *name = g_strconcat(LEASES "/", l->id, NULL);

        fs_remove_tree_at(l->store->fd, name);
        close(l->fd);
    }
    if (l->pins >= 0) {
        close(l->pins);
    }
    if (l->lock >= 0) {
        close(l->lock);
    }
    g_free(l->id);
    g_free(l->path);
    g_free(l);
}

Store *lease_store(const Lease *l)
{
    return l->store;
}

int lease_dirfd(const Lease *l)
{
    return l->fd;
}

const char *lease_path(const Lease *l)
{
    return l->path;
}

/* ---- pins ---- */

static bool pin_line(Lease *l, const char *kind, const Digest *d)
{
    char line[sizeof(Digest) + 16];
    int n = g_snprintf(line, sizeof(line), "%s%s\n", kind, d->text);

    return fd_write_all(l->pins, line, n);
}

static bool pins_failed(Lease *l, GError **error)
{
    g_autofree char *what = g_strconcat(l->path, "/pins", NULL);

    return fs_fail(error, what);
}

bool lease_pin(Lease *l, const Digest *d, const uint64_t *size, bool *exists,
               GError **error)
{
    g_auto(Fd) gc = fs_lock_at(l->store->fd, GC_LOCK, LOCK_SH);
    uint64_t real;

    if (gc < 0 || !pin_line(l, "", d)) {
        return pins_failed(l, error);
    }
    *exists = store_blob_exists(l->store, d, &real) &&
              (size == NULL || *size == real);
    return true;
}

bool lease_pin_layer(Lease *l, const Digest *diff_id, bool *exists,
                     GError **error)
{
    g_autofree char *name =
        g_strconcat(LAYERS "/", digest_hex(diff_id), "/fs", NULL);
    g_auto(Fd) gc = fs_lock_at(l->store->fd, GC_LOCK, LOCK_SH);

    if (gc < 0 || !pin_line(l, "layer ", diff_id)) {
        return pins_failed(l, error);
    }
    *exists = faccessat(l->store->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    return true;
}

/* ---- kept leases ---- */

static bool keep_name_valid(const char *name)
{
    return *name != '\0' && *name != '.' && strchr(name, '/') == NULL &&
           strlen(name) < 200;
}

bool store_keep_lease(Store *s, const char *name, const Digest *manifest,
                      GError **error)
{
    g_autofree char *folder = g_strconcat(LEASES "/keep-", name, NULL);
    g_autofree char *line = g_strconcat(manifest->text, "\n", NULL);
    g_auto(Fd) gc = fs_lock_at(s->fd, GC_LOCK, LOCK_SH);
    g_auto(Fd) dir = -1;

    if (!keep_name_valid(name)) {
        return store_fail_code(error, STORE_ERROR_INVALID,
                               "lease '%.80s': not a name", name);
    }
    if (gc < 0 || !fs_mkdir_at(s->fd, folder, 0700)) {
        return fs_fail(error, folder);
    }
    dir = fs_open_dir_at(s->fd, folder);
    if (dir < 0 || !fs_replace_at(dir, "pins", line, strlen(line)) ||
        !fs_replace_at(dir, "keep", "", 0)) {
        return fs_fail(error, folder);
    }
    if (!store_blob_exists(s, manifest, NULL)) {
        fs_remove_tree_at(s->fd, folder);
        return store_fail_code(error, STORE_ERROR_NOT_FOUND,
                               "blob %s: not in the store", manifest->text);
    }
    return true;
}

char *store_kept_by(Store *s, const Digest *manifest)
{
    g_autoptr(GPtrArray) ids = fs_list_at(s->fd, LEASES);

    for (guint i = 0; i < ids->len; i++) {
        const char *id = ids->pdata[i];
        g_autofree char *pins = g_strconcat(LEASES "/", id, "/pins", NULL);
        g_autofree char *text = NULL;
        size_t len;

        if (!g_str_has_prefix(id, "keep-")) {
            continue;
        }
        text = fs_read_at(s->fd, pins, 4096, &len);
        if (text != NULL && g_str_has_prefix(text, manifest->text)) {
            return g_strdup(id + strlen("keep-"));
        }
    }
    return NULL;
}

bool store_drop_lease(Store *s, const char *name, GError **error)
{
    g_autofree char *folder = g_strconcat(LEASES "/keep-", name, NULL);

    if (!keep_name_valid(name)) {
        return store_fail_code(error, STORE_ERROR_INVALID,
                               "lease '%.80s': not a name", name);
    }
    return fs_remove_tree_at(s->fd, folder) || fs_fail(error, folder);
}

/* ---- blobs being written ---- */

struct BlobWriter {
    Lease *lease; /* borrowed */
    char *name;   /* in the lease's folder */
    int fd;       /* -1: finished */
    bool stands;  /* the file is there */
    uint64_t size;
    DigestHash hash;
    Digest digest; /* once finished */
};

BlobWriter *blob_writer_new(Lease *l, GError **error)
{
    BlobWriter *w = g_new0(BlobWriter, 1);

    w->lease = l;
    w->name = g_strdup_printf("blob-%u", l->n_files++);
    w->fd = openat(l->fd, w->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    digest_hash_init(&w->hash);
    if (w->fd < 0) {
        fs_fail(error, l->path);
        blob_writer_free(w);
        return NULL;
    }
    w->stands = true;
    fs_step();
    return w;
}

bool blob_writer_write(BlobWriter *w, const void *data, size_t len,
                       GError **error)
{
    digest_hash_update(&w->hash, data, len);
    w->size += len;
    if (!fd_write_all(w->fd, data, len)) {
        return fs_fail(error, w->lease->path);
    }
    return true;
}

uint64_t blob_writer_size(const BlobWriter *w)
{
    return w->size;
}

int blob_writer_open(const BlobWriter *w, GError **error)
{
    int fd;

    if (!w->stands) {
        return store_blob_open(w->lease->store, &w->digest, NULL, error);
    }
    fd = openat(w->lease->fd, w->name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fs_fail(error, w->lease->path);
    }
    return fd;
}

bool blob_writer_copy(BlobWriter *w, int fd, uint64_t limit, const char *what,
                      GError **error)
{
    enum { STEP = 1 << 20 };
    g_autofree char *buffer = g_malloc(STEP);
    uint64_t total = 0;
    ssize_t n;

    while ((n = read(fd, buffer, STEP)) != 0) {
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fs_fail(error, what);
        }
        total += n;
        if (total > limit) {
            return store_fail(error,
                              "%s: more than %" G_GUINT64_FORMAT " bytes", what,
                              limit);
        }
        if (!blob_writer_write(w, buffer, n, error)) {
            return false;
        }
    }
    return true;
}

void blob_writer_free(BlobWriter *w)
{
    if (w == NULL) {
        return;
    }
    if (w->fd >= 0) {
        close(w->fd);
    }
    if (w->stands) {
        unlinkat(w->lease->fd, w->name, 0);
    }
    g_free(w->name);
    g_free(w);
}

bool blob_writer_finish(BlobWriter *w, Digest *digest, GError **error)
{
    if (w->fd >= 0) {
        /* Cannot be written any more; also tells ours from other programs'. */
        if (fchmod(w->fd, 0444) < 0 || fdatasync(w->fd) < 0) {
            return fs_fail(error, w->lease->path);
        }
        digest_hash_final(&w->hash, &w->digest);
        close(w->fd);
        w->fd = -1;
    }
    *digest = w->digest;
    return true;
}

/* Rename under the shared lock, with the pin in place before it. *moved: the
 * store had no such blob yet. */
static bool publish(Lease *l, int dirfd, const char *name, const Digest *d,
                    uint64_t size, bool *moved, GError **error)
{
    Store *s = l->store;
    g_autofree char *what = g_strconcat("blob ", d->text, NULL);
    g_autofree char *target = g_strconcat(BLOBS "/", digest_hex(d), NULL);
    g_auto(Fd) gc = fs_lock_at(s->fd, GC_LOCK, LOCK_SH);
    g_auto(Fd) folder = fs_open_dir_at(s->fd, BLOBS);
    uint64_t has;

    *moved = false;
    if (gc < 0 || folder < 0 || !pin_line(l, "", d)) {
        return fs_fail(error, what);
    }
    if (store_blob_exists(s, d, &has) && has == size) {
        return true;
    }
    if (!fs_rename_at(dirfd, name, s->fd, target)) {
        return fs_fail(error, what);
    }
    *moved = true;
    return fs_sync_dir(folder) || fs_fail(error, what);
}

bool lease_adopt(Lease *l, int dirfd, const char *name, int fd, const Digest *d,
                 uint64_t size, GError **error)
{
    bool moved;

    if (fchmod(fd, 0444) < 0 || fdatasync(fd) < 0) {
        return fs_fail(error, name);
    }
    if (!publish(l, dirfd, name, d, size, &moved, error)) {
        return false;
    }
    if (!moved) {
        fs_unlink_at(dirfd, name);
    }
    return true;
}

bool blob_writer_publish(BlobWriter *w, GError **error)
{
    bool moved;

    if (!w->stands) {
        return true;
    }
    if (!publish(w->lease, w->lease->fd, w->name, &w->digest, w->size, &moved,
                 error)) {
        return false;
    }
    w->stands = !moved;
    return true;
}

bool blob_writer_commit(BlobWriter *w, const Digest *expected, Digest *digest,
                        uint64_t *size, GError **error)
{
    g_autoptr(BlobWriter) owned G_GNUC_UNUSED = w;
    Digest real;

    if (!blob_writer_finish(w, &real, error)) {
        return false;
    }
    if (expected != NULL && !digest_equal(expected, &real)) {
        return store_fail(error, "blob %s: its bytes have digest %s",
                          expected->text, real.text);
    }
    if (!blob_writer_publish(w, error)) {
        return false;
    }
    if (digest != NULL) {
        *digest = real;
    }
    if (size != NULL) {
        *size = w->size;
    }
    return true;
}

bool blob_put(Lease *l, const void *data, size_t len, Digest *out,
              GError **error)
{
    g_autoptr(BlobWriter) w = NULL;
    bool exists;

    digest_of(data, len, out);
    if (!lease_pin(l, out, &(uint64_t){len}, &exists, error)) {
        return false;
    }
    if (exists) {
        return true;
    }
    w = blob_writer_new(l, error);
    return w != NULL && blob_writer_write(w, data, len, error) &&
           blob_writer_commit(g_steal_pointer(&w), NULL, out, NULL, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/pull.c - manifest, then what is missing of its blobs, four at
 * a time. A blob is hashed while it comes, into partial/DIGEST; a transfer that
 * breaks off goes on where it was, in this run or a later one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/registry/client.h"
#include "store/registry/mirrors.h"
#include "store/registry/progress.h"
#include "store/store_priv.h"
#include "util/json-doc.h"

enum {
    N_THREADS = 4,
    TRIES = 5,
    RETRY_US = 300000, /* doubled each time */
    STEP = 256 << 10,
    LOOK_US = 5000, /* between looks whether all has come */
    MAX_NESTED = 4,
};

static const char accept_manifests[] =
    MEDIA_MANIFEST ", " MEDIA_INDEX ", " MEDIA_D_IMAGE ", " MEDIA_D_INDEX;

typedef struct {
    Store *store;
    Lease *lease;
    RegistryClient *client;
    Progress *progress;
    GMutex lock;   /* error; lease */
    GError *error; /* the first of any thread */
    int left;      /* atomic: blobs under way */
    Digest source; /* of the index that named what is pulled; or "" */
} Pull;

/* ---- blobs ---- */

typedef struct {
    Pull *pull;
    Descriptor *d;
    ProgressBar *bar;
} Fetch;

/* The partial file, ours alone; *size has what it holds. -1 with an error. */
static int open_partial(Pull *p, int folder, const char *name, GError **error)
{
    while (true) {
        g_auto(Fd) fd = openat(folder, name,
                               O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        struct stat st;

        if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0) {
            fs_fail(error, name);
            return -1;
        }
        if (st.st_nlink > 0) {
            return fd_steal(&fd);
        } /* another finished it, or a collection took it: again */
    }
}

/* Hashes what there is; leaves the position behind it. */
static bool hash_partial(int fd, const Descriptor *d, DigestHash *hash,
                         uint64_t *have)
{
    g_autofree char *buffer = g_malloc(STEP);
    ssize_t n;

    digest_hash_init(hash);
    *have = 0;
    lseek(fd, 0, SEEK_SET);
    while ((n = read(fd, buffer, STEP)) > 0) {
        digest_hash_update(hash, buffer, n);
        *have += n;
    }
    return n == 0 && *have <= d->size;
}

static bool start_over(int fd, DigestHash *hash, uint64_t *have)
{
    digest_hash_init(hash);
    *have = 0;
    return ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0;
}

/* One request; what it brings is kept even where it fails. */
static bool fetch_some(Fetch *f, RegistryClient *c, int fd, DigestHash *hash,
                       uint64_t *have, GError **error)
{
    g_autofree char *place = g_strconcat("blobs/", f->d->digest.text, NULL);
    Request q = {.method = "GET", .place = place, .from = *have, .fd = -1};
    g_autofree char *buffer = g_malloc(STEP);
    g_auto(Reply) r = {0};
    gssize n;

    if (!client_send(c, &q, &r, error)) {
        return false;
    }
    if (r.status != 206 && *have > 0 && !start_over(fd, hash, have)) {
        return fs_fail(error, place);
    }
    while ((n = g_input_stream_read(r.body, buffer, STEP, NULL, error)) > 0) {
        if (*have + n > f->d->size) {
            start_over(fd, hash, have);
            return store_fail(
                error,
                "blob %s: the registry sends more than its %" G_GUINT64_FORMAT
                " bytes",
                f->d->digest.text, f->d->size);
        }
        if (!fd_write_all(fd, buffer, n)) {
            return fs_fail(error, place);
        }
        digest_hash_update(hash, buffer, n);
        *have += n;
        progress_advance(f->bar, *have);
    }
    if (n < 0) {
        g_prefix_error(error, "blob %s: ", f->d->digest.text);
        return false;
    }
    if (*have < f->d->size) {
        /* As if the connection had broken: worth another try. */
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                    "blob %s: ends after %" G_GUINT64_FORMAT
                    " of %" G_GUINT64_FORMAT " bytes",
                    f->d->digest.text, *have, f->d->size);
        return false;
    }
    return true;
}

static bool fetch_all(Fetch *f, RegistryClient *c, int fd, GError **error)
{
    DigestHash hash;
    uint64_t have;
    Digest real;

    if (!hash_partial(fd, f->d, &hash, &have) &&
        !start_over(fd, &hash, &have)) {
        return fs_fail(error, f->d->digest.text);
    }
    for (unsigned i = 0; have < f->d->size || f->d->size == 0; i++) {
        g_autoptr(GError) why = NULL;
        uint64_t before = have;

        if (fetch_some(f, c, fd, &hash, &have, &why)) {
            break;
        }
        if (!client_may_retry(why) || i + 1 >= TRIES) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        if (have == before) {
            g_usleep(RETRY_US << MIN(i, 4));
        } else {
            i = 0; /* it moves */
        }
    }
    digest_hash_final(&hash, &real);
    if (!digest_equal(&real, &f->d->digest)) {
        start_over(fd, &hash, &have);
        return store_fail(error, "blob %s: the registry's bytes have digest %s",
                          f->d->digest.text, real.text);
    }
    return true;
}

static bool fetch_blob(Fetch *f, RegistryClient *c, GError **error)
{
    Pull *p = f->pull;
    const char *name = digest_hex(&f->d->digest);
    g_auto(Fd) folder = fs_open_dir_at(p->store->fd, PARTIAL);
    g_auto(Fd) fd = open_partial(p, folder, name, error);
    bool good;

    if (fd < 0) {
        return false;
    }
    if (store_blob_exists(p->store, &f->d->digest, NULL)) {
        fs_unlink_at(folder, name); /* another process was first */
        return true;
    }
    if (!fetch_all(f, c, fd, error)) {
        return false;
    }
    g_mutex_lock(&p->lock);
    good = lease_adopt(p->lease, folder, name, fd, &f->d->digest, f->d->size,
                       error);
    g_mutex_unlock(&p->lock);
    return good;
}

static void run_fetch(gpointer data, gpointer opaque)
{
    Fetch *f = data;
    Pull *p = f->pull;
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GError) error = NULL;
    bool failed;

    g_mutex_lock(&p->lock);
    failed = p->error != NULL;
    g_mutex_unlock(&p->lock);
    if (!failed) {
        g_main_context_push_thread_default(context);
        {
            g_autoptr(RegistryClient) c = client_new_like(p->client);

            failed = !fetch_blob(f, c, &error);
        }
        g_main_context_pop_thread_default(context);
    }
    g_mutex_lock(&p->lock);
    if (failed && error != NULL && p->error == NULL) {
        p->error = g_steal_pointer(&error);
    }
    g_mutex_unlock(&p->lock);
    descriptor_free(f->d);
    g_free(f);
    g_atomic_int_dec_and_test(&p->left);
}

/* Pins it, and starts a transfer if it is not there. */
static bool start_fetch(Pull *p, GThreadPool *pool, const char *word,
                        const Descriptor *d, GError **error)
{
    uint64_t size = d->size;
    bool exists;
    Fetch *f;

    if (!lease_pin(p->lease, &d->digest, &size, &exists, error)) {
        return false;
    }
    if (exists) {
        return true;
    }
    f = g_new0(Fetch, 1);
    f->pull = p;
    f->d = descriptor_dup(d);
    f->bar = progress_add(p->progress, word, d);
    g_atomic_int_inc(&p->left);
    g_thread_pool_push(pool, f, NULL);
    return true;
}

static bool fetch_image(Pull *p, const ImageManifest *m, GError **error)
{
    GThreadPool *pool =
        g_thread_pool_new(run_fetch, NULL, N_THREADS, FALSE, error);
    g_autoptr(GHashTable) seen =
        g_hash_table_new(digest_hash_func, digest_equal_func);
    bool good = pool != NULL;

    for (guint i = 0; good && i < m->layers->len; i++) {
        Descriptor *d = m->layers->pdata[i];

        good = !g_hash_table_add(seen, &d->digest) ||
               start_fetch(p, pool, "blob", d, error);
    }
    good = good && start_fetch(p, pool, "config", &m->config, error);
    while (g_atomic_int_get(&p->left) > 0) {
        g_usleep(LOOK_US);
        progress_draw(p->progress);
    }
    if (pool != NULL) {
        g_thread_pool_free(pool, FALSE, TRUE);
    }
    if (good && p->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&p->error));
        good = false;
    }
    return good;
}

/* ---- manifests ---- */

/* Text of a manifest or index; digest: what was asked for, or NULL. */
static char *get_manifest(Pull *p, const char *reference, const Digest *digest,
                          Descriptor *out, GError **error)
{
    g_autofree char *place = g_strconcat("manifests/", reference, NULL);
    Request q = {
        .method = "GET", .place = place, .accept = accept_manifests, .fd = -1};
    g_autofree char *text = NULL;
    g_auto(Reply) r = {0};
    g_autoptr(JsonNode) node = NULL;
    const char *media;
    Digest real;
    size_t len;

    if (!client_send(p->client, &q, &r, error)) {
        return NULL;
    }
    text = client_read(p->client, &r, MAX_MANIFEST_BYTES, &len, error);
    if (text == NULL) {
        return NULL;
    }
    digest_of(text, len, &real);
    if ((digest != NULL && !digest_equal(digest, &real)) ||
        (digest == NULL && r.content_digest != NULL &&
         g_str_has_prefix(r.content_digest, "sha256:") &&
         strcmp(r.content_digest, real.text) != 0)) {
        store_fail(error, "manifest %s: the registry's bytes have digest %s",
                   digest != NULL ? digest->text : r.content_digest, real.text);
        return NULL;
    }
    node = doc_parse(text, len, MAX_MANIFEST_BYTES, real.text, error);
    if (node == NULL || !doc_string(json_node_get_object(node), "mediaType",
                                    real.text, &media, error)) {
        return NULL;
    }
    if (media == NULL) {
        media = r.content_type != NULL ? r.content_type : MEDIA_MANIFEST;
    }
    *out = (Descriptor){
        .media_type = g_strdup(media), .digest = real, .size = len};
    return g_steal_pointer(&text);
}

/* Fetches one image; *out describes what the store has of it. */
static bool pull_manifest(Pull *p, const Descriptor *d, const char *text,
                          Descriptor **out, Digest *id, GError **error)
{
    g_autofree char *where = g_strconcat("manifest ", d->digest.text, NULL);
    g_autoptr(ImageManifest) m = manifest_parse(text, d->size, where, error);
    g_autoptr(Descriptor) stored = NULL;
    g_autoptr(Image) image = NULL;
    Digest digest;

    if (m == NULL || !fetch_image(p, m, error)) {
        return false;
    }
    if (strcmp(media_oci(d->media_type), d->media_type) == 0) {
        if (!blob_put(p->lease, text, d->size, &digest, error)) {
            return false;
        }
        stored = descriptor_dup(d);
    } else {
        stored = store_put_docker_manifest(p->lease, m, &d->digest, error);
    }
    image =
        stored != NULL ? store_load_image(p->store, NULL, stored, error) : NULL;
    if (image == NULL) {
        return false;
    }
    *out = g_steal_pointer(&image->descriptor);
    *id = *image_id(image);
    return true;
}

static bool pull_named(Pull *p, const char *reference, const Digest *digest,
                       const Platform *platform, bool all, const char *name,
                       unsigned depth, Digest *id, GError **error);

/* An index with one entry for each platform wanted; each becomes an entry of
 * ours that remembers the index. */
static bool pull_index(Pull *p, const Descriptor *d, const char *text,
                       const Platform *platform, bool all, const char *name,
                       unsigned depth, Digest *id, GError **error)
{
    g_autofree char *where = g_strconcat("index ", d->digest.text, NULL);
    g_autoptr(ImageIndex) index = index_parse(text, d->size, where, error);
    const Platform *want = platform != NULL ? platform : platform_host();
    g_autoptr(GString) have = g_string_new(NULL);
    const Descriptor *best = NULL;
    unsigned quality = 0;

    if (index == NULL) {
        return false;
    }
    if (depth >= MAX_NESTED) {
        return store_fail(error, "%s: indexes nested more than %d deep", where,
                          MAX_NESTED);
    }
    if (depth == 0) {
        p->source = d->digest;
    }
    for (guint i = 0; i < index->manifests->len; i++) {
        const Descriptor *child = index->manifests->pdata[i];
        unsigned match = platform_match(want, &child->platform);
        g_autofree char *words = platform_text(&child->platform);

        if (!media_is_manifest(child->media_type) &&
            !media_is_index(child->media_type)) {
            continue;
        }
        if (all && !pull_named(p, child->digest.text, &child->digest, NULL,
                               true, name, depth + 1, id, error)) {
            return false;
        }
        if (match > quality) {
            quality = match;
            best = child;
        }
        if (strstr(have->str, words) == NULL) {
            g_string_append_printf(have, "%s%s", have->len > 0 ? ", " : "",
                                   words);
        }
    }
    if (all) {
        return true;
    }
    if (best == NULL) {
        g_autofree char *words = platform_text(want);

        return store_fail_code(error, STORE_ERROR_NOT_FOUND,
                               "%s: no image for %s (it has: %s)", name, words,
                               have->len > 0 ? have->str : "none");
    }
    return pull_named(p, best->digest.text, &best->digest, platform, false,
                      name, depth + 1, id, error);
}

static bool pull_named(Pull *p, const char *reference, const Digest *digest,
                       const Platform *platform, bool all, const char *name,
                       unsigned depth, Digest *id, GError **error)
{
    g_autoptr(Descriptor) d = g_new0(Descriptor, 1);
    g_autoptr(Descriptor) stored = NULL;
    g_autofree char *text = NULL;

    text = get_manifest(p, reference, digest, d, error);
    if (text == NULL) {
        return false;
    }
    if (media_is_index(d->media_type)) {
        return pull_index(p, d, text, platform, all, name, depth, id, error);
    }
    if (!pull_manifest(p, d, text, &stored, id, error)) {
        return false;
    }
    if (platform != NULL && stored->platform.architecture != NULL &&
        platform_match(platform, &stored->platform) == 0) {
        g_autofree char *want = platform_text(platform);
        g_autofree char *has = platform_text(&stored->platform);

        return store_fail_code(error, STORE_ERROR_NOT_FOUND,
                               "%s: an image for %s, not %s", name, has, want);
    }
    if (*p->source.text != '\0') {
        descriptor_annotate(stored, ANNOTATION_SOURCE_DIGEST, p->source.text);
    }
    return store_set_name(p->store, name, stored, error);
}

static bool pull_from(Store *s, const MirrorPlace *place, const Reference *name,
                      const Platform *platform, bool all,
                      const RegistryOptions *o, Digest *id, GError **error)
{
    g_autoptr(Lease) lease = lease_new(s, error);
    g_autofree char *full = reference_name(name);
    g_autoptr(Progress) progress = NULL;
    g_autoptr(RegistryClient) client = NULL;
    RegistryOptions options = *o;
    bool pinned = *name->digest.text != '\0';
    Pull p = {.store = s, .lease = lease};
    bool good;

    if (lease == NULL) {
        return false;
    }
    if (place->insecure) {
        options.tls = TLS_ANYHOW;
    }
    client = client_new(&options, place->domain, place->path, false, error);
    if (client == NULL) {
        return false;
    }
    progress = progress_new(o->quiet);
    p.client = client;
    p.progress = progress;
    g_mutex_init(&p.lock);
    good = pull_named(&p, pinned ? name->digest.text : name->tag,
                      pinned ? &name->digest : NULL, platform, all, full, 0, id,
                      error);
    g_mutex_clear(&p.lock);
    g_clear_error(&p.error);
    return good;
}

bool registry_pull(Store *s, const Reference *name, const Platform *platform,
                   bool all, const RegistryOptions *o, Digest *id,
                   GError **error)
{
    g_autoptr(GPtrArray) places =
        mirror_places(name->domain, name->path, error);

    for (guint i = 0; places != NULL && i < places->len; i++) {
        bool last = i + 1 == places->len;

        /* A mirror that fails is passed over; the last place's error counts. */
        if (pull_from(s, places->pdata[i], name, platform, all, o, id,
                      last ? error : NULL)) {
            return true;
        }
    }
    return false;
}

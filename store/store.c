/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/store.c - the folder, its index and its blobs.
 * index.json is the truth about names: it is what skopeo, umoci and podman
 * read and write, so there is no second table to reconcile with. We replace it
 * by rename under index.lock; those programs write it in place without a lock,
 * so a reader that finds it torn looks again and falls back to the copy of our
 * last change. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/reference.h"
#include "store/store_priv.h"
#include "util/json-doc.h"

#define CONTAINERD_NAME "io.containerd.image.name"

enum { INDEX_TRIES = 5, INDEX_WAIT_US = 20000 };

static const char layout_text[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
static const char empty_index[] =
    "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_INDEX "\",\"manifests\":[]}";

/* ---- the folder ---- */

static bool check_layout(Store *s, GError **error)
{
    g_autofree char *where = g_strconcat(s->path, "/oci-layout", NULL);
    g_autofree char *text = NULL;
    g_autoptr(JsonNode) node = NULL;
    const char *version;
    size_t len;

    text = fs_read_at(s->fd, "oci-layout", 4096, &len);
    if (text == NULL && errno == ENOENT) {
        if (!fs_replace_at(s->fd, "oci-layout", layout_text,
                           strlen(layout_text))) {
            return fs_fail(error, where);
        }
        return true;
    }
    if (text == NULL) {
        return fs_fail(error, where);
    }
    node = doc_parse(text, len, 4096, where, error);
    if (node == NULL ||
        !doc_need_string(json_node_get_object(node), "imageLayoutVersion",
                         where, &version, error)) {
        return false;
    }
    return g_str_has_prefix(version, "1.") ||
           store_fail(error, "%s: layout version '%.20s' is not 1.x", where,
                      version);
}

static bool index_is_absent(Store *s)
{
    struct stat st;

    return fstatat(s->fd, INDEX_FILE, &st, 0) < 0 && errno == ENOENT;
}

static bool make_folders(Store *s, GError **error)
{
    static const char *const folders[] = {"blobs", BLOBS, LAYERS, LEASES,
                                          PARTIAL};
    struct stat st;

    for (unsigned i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (fstatat(s->fd, folders[i], &st, 0) < 0 &&
            !fs_mkdir_at(s->fd, folders[i],
                         g_str_has_prefix(folders[i], "blobs") ? 0755 : 0700)) {
            g_autofree char *what = g_strconcat(s->path, "/", folders[i], NULL);

            return fs_fail(error, what);
        }
    }
    return check_layout(s, error);
}

static char *default_root(void)
{
    return geteuid() == 0
               ? g_strdup("/var/lib/cuttle")
               : g_build_filename(g_get_user_data_dir(), "cuttle", NULL);
}

Store *store_open(const char *root, GError **error)
{
    g_autoptr(Store) s = g_new0(Store, 1);

    s->root =
        root != NULL ? g_canonicalize_filename(root, NULL) : default_root();
    s->path = g_build_filename(s->root, "store", NULL);
    s->fd = -1;
    if (g_mkdir_with_parents(s->path, 0755) < 0) {
        fs_fail(error, s->path);
        return NULL;
    }
    s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->fd < 0) {
        fs_fail(error, s->path);
        return NULL;
    }
    if (!make_folders(s, error) ||
        (index_is_absent(s) && !store_index_rewrite(s, error))) {
        return NULL;
    }
    return g_steal_pointer(&s);
}

void store_close(Store *s)
{
    if (s != NULL) {
        if (s->fd >= 0) {
            close(s->fd);
        }
        g_free(s->root);
        g_free(s->path);
        g_free(s);
    }
}

const char *store_root(const Store *s)
{
    return s->root;
}

const char *store_path(const Store *s)
{
    return s->path;
}

int store_dirfd(const Store *s)
{
    return s->fd;
}

/* ---- index.json ---- */

static ImageIndex *index_read_file(Store *s, const char *name, GError **error)
{
    g_autofree char *where = g_strconcat(s->path, "/", name, NULL);
    g_autofree char *text = NULL;
    size_t len;

    text = fs_read_at(s->fd, name, DOC_MAX_BYTES, &len);
    if (text == NULL) {
        fs_fail(error, where);
        return NULL;
    }
    return index_parse(text, len, where, error);
}

static ImageIndex *index_read(Store *s, GError **error)
{
    g_autoptr(GError) why = NULL;
    ImageIndex *index;

    for (unsigned i = 0; i < INDEX_TRIES; i++) {
        g_clear_error(&why);
        index = index_read_file(s, INDEX_FILE, &why);
        if (index != NULL) {
            return index;
        }
        if (index_is_absent(s)) {
            break;
        }
        g_usleep(INDEX_WAIT_US); /* another program may be writing it */
    }
    index = index_read_file(s, INDEX_SAVED, NULL);
    if (index == NULL && index_is_absent(s)) {
        index =
            index_parse(empty_index, strlen(empty_index), "empty index", NULL);
    }
    if (index == NULL) {
        g_propagate_error(error, g_steal_pointer(&why));
    }
    return index;
}

bool store_index_check(Store *s, GError **error)
{
    g_autoptr(ImageIndex) index = NULL;

    if (index_is_absent(s)) {
        return true;
    }
    index = index_read_file(s, INDEX_FILE, error);
    return index != NULL;
}

/* A new array of entries becomes index.json. The saved copy is another file:
 * who writes index.json in place must not reach it. */
static bool index_write(Store *s, const ImageIndex *old, JsonArray *manifests,
                        GError **error)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *before = json_node_get_object(old->json);
    g_autofree char *text = NULL;
    JsonObject *o = json_object_new();
    g_autoptr(GList) members = json_object_get_members(before);

    json_object_set_int_member(o, "schemaVersion", 2);
    json_object_set_string_member(o, "mediaType", MEDIA_INDEX);
    json_object_set_array_member(o, "manifests", manifests);
    for (GList *m = members; m != NULL; m = m->next) {
        if (!json_object_has_member(o, m->data)) {
            json_object_set_member(o, m->data,
                                   json_object_dup_member(before, m->data));
        }
    }
    json_node_take_object(node, o);
    text = doc_text(node, false);
    if (!fs_replace_at(s->fd, INDEX_SAVED, text, strlen(text)) ||
        !fs_replace_at(s->fd, INDEX_FILE, text, strlen(text))) {
        g_autofree char *what = g_strconcat(s->path, "/" INDEX_FILE, NULL);

        return fs_fail(error, what);
    }
    return true;
}

/* The full name of an entry as its writer meant it; NULL where it has none.
 * containerd and docker keep it apart from the tag; short names of other
 * programs are names made here. */
char *store_entry_name(const Descriptor *d)
{
    const char *name = descriptor_annotation(d, CONTAINERD_NAME);
    g_autoptr(Reference) r = NULL;

    if (name == NULL) {
        name = descriptor_annotation(d, ANNOTATION_REF_NAME);
    }
    if (name == NULL) {
        return NULL;
    }
    r = reference_parse_local(name, NULL);
    return r != NULL ? reference_name(r) : g_strdup(name);
}

void store_entry_free(StoreEntry *e)
{
    if (e != NULL) {
        g_free(e->name);
        descriptor_free(e->descriptor);
        g_free(e);
    }
}

GPtrArray *store_entries(Store *s, GError **error)
{
    g_autoptr(ImageIndex) index = index_read(s, error);
    GPtrArray *entries;

    if (index == NULL) {
        return NULL;
    }
    entries = g_ptr_array_new_with_free_func((GDestroyNotify)store_entry_free);
    for (guint i = 0; i < index->manifests->len; i++) {
        Descriptor *d = index->manifests->pdata[i];
        StoreEntry *e = g_new0(StoreEntry, 1);

        e->name = store_entry_name(d);
        e->descriptor = descriptor_dup(d);
        g_ptr_array_add(entries, e);
    }
    return entries;
}

/* What a change does with each old entry. */
typedef enum { ENTRY_STAYS, ENTRY_GOES, ENTRY_LOSES_NAME } EntryFate;
typedef EntryFate (*EntryRule)(const char *name, const Descriptor *d,
                               const void *opaque);

static void lose_name(Descriptor *d)
{
    if (d->annotations != NULL) {
        g_hash_table_remove(d->annotations, ANNOTATION_REF_NAME);
        g_hash_table_remove(d->annotations, CONTAINERD_NAME);
    }
}

/* Does another entry hold the manifest, so that this one may go? */
static bool is_held(const ImageIndex *index, guint except, EntryRule rule,
                    const void *opaque)
{
    const Descriptor *d = index->manifests->pdata[except];

    for (guint i = 0; i < index->manifests->len; i++) {
        const Descriptor *other = index->manifests->pdata[i];
        g_autofree char *name = store_entry_name(other);

        if (i != except && digest_equal(&other->digest, &d->digest) &&
            (rule(name, other, opaque) == ENTRY_STAYS || i < except)) {
            return true;
        }
    }
    return false;
}

/* One change of index.json: a rule over what is there, then one more entry.
 * Foreign members of entries that stay are kept. */
static bool index_change(Store *s, EntryRule rule, const void *opaque,
                         const Descriptor *add, bool add_first,
                         unsigned *changed, GError **error)
{
    g_autofree char *lock_name = g_strconcat(s->path, "/" INDEX_LOCK, NULL);
    g_auto(Fd) lock = fs_lock_at(s->fd, INDEX_LOCK, LOCK_EX);
    g_autoptr(ImageIndex) index = NULL;
    JsonArray *old, *array;
    unsigned count = 0;

    if (lock < 0) {
        return fs_fail(error, lock_name);
    }
    index = index_read(s, error);
    if (index == NULL) {
        return false;
    }
    old = json_object_get_array_member(json_node_get_object(index->json),
                                       "manifests");
    array = json_array_new();
    if (add != NULL && add_first) {
        json_array_add_object_element(array, descriptor_to_json(add));
    }
    for (guint i = 0; i < index->manifests->len; i++) {
        const Descriptor *d = index->manifests->pdata[i];
        g_autofree char *name = store_entry_name(d);
        EntryFate fate = rule(name, d, opaque);

        count += fate != ENTRY_STAYS;
        if (fate == ENTRY_STAYS) {
            json_array_add_element(
                array, json_node_copy(json_array_get_element(old, i)));
        } else if (fate == ENTRY_LOSES_NAME &&
                   !is_held(index, i, rule, opaque)) {
            g_autoptr(Descriptor) bare = descriptor_dup(d);

            lose_name(bare);
            json_array_add_object_element(array, descriptor_to_json(bare));
        }
    }
    if (add != NULL && !add_first) {
        json_array_add_object_element(array, descriptor_to_json(add));
    }
    if (changed != NULL) {
        *changed = count;
    }
    if (add == NULL && count == 0 && store_index_check(s, NULL)) {
        json_array_unref(array);
        return true;
    }
    return index_write(s, index, array, error);
}

typedef struct {
    Store *s;
    const char *name;
    const Descriptor *d;
} SetName;

/* Of index.json's word on a platform (see store_load_image) only the
 * configuration's is sure. True where both are images for the same one. */
static bool same_platform(Store *s, const Descriptor *a, const Descriptor *b)
{
    g_autoptr(Image) one = store_load_image(s, NULL, a, NULL);
    g_autoptr(Image) other = store_load_image(s, NULL, b, NULL);
    g_autofree char *first = NULL, *second = NULL;

    if (one == NULL || other == NULL ||
        one->descriptor->platform.architecture == NULL) {
        return true; /* an index, an artifact, damage: it makes room */
    }
    first = platform_text(&one->descriptor->platform);
    second = platform_text(&other->descriptor->platform);
    return strcmp(first, second) == 0;
}

static EntryFate rule_set_name(const char *name, const Descriptor *d,
                               const void *opaque)
{
    const SetName *set = opaque;

    if (name == NULL) {
        /* A manifest that waited for a name has one now. */
        return digest_equal(&d->digest, &set->d->digest) ? ENTRY_GOES
                                                         : ENTRY_STAYS;
    }
    if (strcmp(name, set->name) != 0) {
        return ENTRY_STAYS;
    }
    if (!digest_equal(&d->digest, &set->d->digest) &&
        !same_platform(set->s, d, set->d)) {
        return ENTRY_STAYS;
    }
    /* An image stays for who uses it; a list of images is made anew with each
     * change, and the old one is no use. */
    return digest_equal(&d->digest, &set->d->digest) ||
                   media_is_index(d->media_type)
               ? ENTRY_GOES
               : ENTRY_LOSES_NAME;
}

bool store_set_name(Store *s, const char *name, const Descriptor *d,
                    GError **error)
{
    g_autoptr(Descriptor) named = descriptor_dup(d);
    SetName set = {s, name, d};
    /* Programs that know one image per name take the first. */
    bool first = d->platform.architecture != NULL &&
                 platform_match(platform_host(), &d->platform) > 0;

    descriptor_annotate(named, ANNOTATION_REF_NAME, name);
    g_hash_table_remove(named->annotations, CONTAINERD_NAME);
    return index_change(s, rule_set_name, &set, named, first, NULL, error);
}

static EntryFate rule_same_digest(const char *name, const Descriptor *d,
                                  const void *opaque)
{
    return digest_equal(&d->digest, opaque) ? ENTRY_GOES : ENTRY_STAYS;
}

static EntryFate rule_stay(const char *name, const Descriptor *d,
                           const void *opaque)
{
    return ENTRY_STAYS;
}

bool store_index_rewrite(Store *s, GError **error)
{
    return index_change(s, rule_stay, NULL, NULL, false, NULL, error);
}

bool store_keep(Store *s, const Descriptor *d, GError **error)
{
    g_autoptr(GPtrArray) entries = store_entries(s, error);
    g_autoptr(Descriptor) bare = NULL;

    if (entries == NULL) {
        return false;
    }
    for (guint i = 0; i < entries->len; i++) {
        const StoreEntry *e = entries->pdata[i];

        if (digest_equal(&e->descriptor->digest, &d->digest)) {
            return true;
        }
    }
    bare = descriptor_dup(d);
    lose_name(bare);
    return index_change(s, rule_stay, NULL, bare, false, NULL, error);
}

typedef struct {
    const char *name;
    const Digest *digest;
    EntryFate fate;
} RemoveName;

static EntryFate rule_remove_name(const char *name, const Descriptor *d,
                                  const void *opaque)
{
    const RemoveName *r = opaque;

    return name != NULL && strcmp(name, r->name) == 0 &&
                   (r->digest == NULL || digest_equal(r->digest, &d->digest))
               ? r->fate
               : ENTRY_STAYS;
}

bool store_untag(Store *s, const char *name, const Digest *digest,
                 GError **error)
{
    RemoveName r = {name, digest, ENTRY_LOSES_NAME};

    return index_change(s, rule_remove_name, &r, NULL, false, NULL, error);
}

bool store_remove_name(Store *s, const char *name, const Digest *digest,
                       unsigned *removed, GError **error)
{
    RemoveName r = {name, digest, ENTRY_GOES};

    return index_change(s, rule_remove_name, &r, NULL, false, removed, error);
}

bool store_remove_digest(Store *s, const Digest *digest, unsigned *removed,
                         GError **error)
{
    return index_change(s, rule_same_digest, digest, NULL, false, removed,
                        error);
}

/* ---- blobs ---- */

char *store_blob_path(const Store *s, const Digest *d)
{
    return g_strconcat(s->path, "/" BLOBS "/", digest_hex(d), NULL);
}

int store_blob_open(Store *s, const Digest *d, const uint64_t *size,
                    GError **error)
{
    g_autofree char *name = g_strconcat(BLOBS "/", digest_hex(d), NULL);
    g_auto(Fd) fd = openat(s->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;

    if (fd < 0) {
        store_fail_code(
            error, errno == ENOENT ? STORE_ERROR_NOT_FOUND : STORE_ERROR_FAILED,
            "blob %s: %s", d->text,
            errno == ENOENT ? "not in the store" : g_strerror(errno));
        return -1;
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        store_fail(error, "blob %s: not a file", d->text);
        return -1;
    }
    if (size != NULL && (uint64_t)st.st_size != *size) {
        store_fail(error, "blob %s: has %lld bytes, not %llu", d->text,
                   (long long)st.st_size, (unsigned long long)*size);
        return -1;
    }
    return fd_steal(&fd);
}

bool store_blob_exists(Store *s, const Digest *d, uint64_t *size)
{
    g_autofree char *name = g_strconcat(BLOBS "/", digest_hex(d), NULL);
    struct stat st;

    if (fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(st.st_mode)) {
        return false;
    }
    if (size != NULL) {
        *size = st.st_size;
    }
    return true;
}

char *store_blob_read(Store *s, const Digest *d, size_t max, size_t *len,
                      GError **error)
{
    g_autofree char *name = g_strconcat(BLOBS "/", digest_hex(d), NULL);
    g_autofree char *data = fs_read_at(s->fd, name, max, len);
    Digest real;

    if (data == NULL) {
        store_fail_code(
            error, errno == ENOENT ? STORE_ERROR_NOT_FOUND : STORE_ERROR_FAILED,
            "blob %s: %s", d->text,
            errno == ENOENT  ? "not in the store"
            : errno == EFBIG ? "too large for a document"
                             : g_strerror(errno));
        return NULL;
    }
    digest_of(data, *len, &real);
    if (!digest_equal(&real, d)) {
        store_fail(error, "blob %s: damaged: its bytes have digest %s", d->text,
                   real.text);
        return NULL;
    }
    return g_steal_pointer(&data);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/layer-stream.c - reader thread -> full buffers -> caller -> free
 * buffers -> reader thread. */
#include "store/layer-stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "store/document.h"
#include "store/error.h"

enum { N_BUFFERS = 6, BUFFER_BYTES = 512 << 10, READ_BYTES = 256 << 10 };

typedef struct {
    size_t len; /* 0: the end, or an error */
    GError *error;
    uint8_t data[BUFFER_BYTES];
} Buffer;

struct LayerStream {
    int fd;
    uint64_t limit;
    char *what;
    GThread *thread;
    GAsyncQueue *full, *empty;
    int stop;        /* atomic: the caller goes away */
    Buffer *current; /* lent to the caller */
    bool ended;
    /* the thread's, until it has ended */
    DigestHash hash;
    uint64_t size;
};

/* archive_read_data goes over holes; raw data has none. */
static bool fill(LayerStream *l, struct archive *a, Buffer *b)
{
    while (b->len < BUFFER_BYTES) {
        la_ssize_t n =
            archive_read_data(a, b->data + b->len, BUFFER_BYTES - b->len);

        if (n < 0) {
            store_fail(&b->error, "%s: %s", l->what,
                       archive_error_string(a) != NULL ? archive_error_string(a)
                                                       : "cannot be unpacked");
            return false;
        }
        if (n == 0) {
            break;
        }
        b->len += n;
    }
    l->size += b->len;
    if (l->size > l->limit) {
        store_fail(&b->error,
                   "%s: more than %" G_GUINT64_FORMAT " bytes unpacked",
                   l->what, l->limit);
        return false;
    }
    digest_hash_update(&l->hash, b->data, b->len);
    return true;
}

/* NULL with an error, or without one where there are no bytes at all. */
static struct archive *open_raw(LayerStream *l, GError **error)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    int r;

    archive_read_support_filter_gzip(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    r = archive_read_open_fd(a, l->fd, READ_BYTES);
    if (r == ARCHIVE_OK) {
        r = archive_read_next_header(a, &entry);
    }
    if (r != ARCHIVE_OK) {
        if (r != ARCHIVE_EOF) {
            store_fail(error, "%s: %s", l->what, archive_error_string(a));
        }
        archive_read_free(a);
        return NULL;
    }
    return a;
}

static gpointer reader(gpointer opaque)
{
    LayerStream *l = opaque;
    Buffer *b = g_async_queue_pop(l->empty);
    struct archive *a = open_raw(l, &b->error);
    bool more = a != NULL;

    b->len = 0;
    while (more) {
        more = fill(l, a, b) && b->len > 0 && !g_atomic_int_get(&l->stop);
        if (more) {
            g_async_queue_push(l->full, b);
            b = g_async_queue_pop(l->empty);
            b->len = 0;
        }
    }
    b->len = 0;
    g_async_queue_push(l->full, b);
    if (a != NULL) {
        archive_read_free(a);
    }
    return NULL;
}

LayerStream *layer_stream_new(int fd, uint64_t limit, const char *what)
{
    LayerStream *l = g_new0(LayerStream, 1);

    l->fd = fd;
    l->limit = limit;
    l->what = g_strdup(what);
    l->full = g_async_queue_new();
    l->empty = g_async_queue_new();
    digest_hash_init(&l->hash);
    for (unsigned i = 0; i < N_BUFFERS; i++) {
        Buffer *b = g_malloc(sizeof(Buffer));

        b->len = 0;
        b->error = NULL;
        g_async_queue_push(l->empty, b);
    }
    l->thread = g_thread_new("layer", reader, l);
    return l;
}

static void drain(GAsyncQueue *queue)
{
    Buffer *b;

    while ((b = g_async_queue_try_pop(queue)) != NULL) {
        g_clear_error(&b->error);
        g_free(b);
    }
    g_async_queue_unref(queue);
}

void layer_stream_free(LayerStream *l)
{
    if (l == NULL) {
        return;
    }
    g_atomic_int_set(&l->stop, 1);
    if (l->current != NULL) {
        g_async_queue_push(l->empty, l->current);
    }
    while (!l->ended) {
        Buffer *b = g_async_queue_pop(l->full);

        l->ended = b->len == 0;
        g_async_queue_push(l->empty, b);
    }
    g_thread_join(l->thread);
    drain(l->full);
    drain(l->empty);
    g_free(l->what);
    g_free(l);
}

ssize_t layer_stream_read(LayerStream *l, const void **data, GError **error)
{
    if (l->current != NULL) {
        g_async_queue_push(l->empty, l->current);
        l->current = NULL;
    }
    if (l->ended) {
        return 0;
    }
    l->current = g_async_queue_pop(l->full);
    l->ended = l->current->len == 0;
    if (l->ended && l->current->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&l->current->error));
        return -1;
    }
    *data = l->current->data;
    return l->current->len;
}

bool layer_stream_finish(LayerStream *l, Digest *diff_id, uint64_t *size,
                         GError **error)
{
    const void *data;
    ssize_t n;

    while ((n = layer_stream_read(l, &data, error)) > 0) {
    }
    if (n < 0) {
        return false;
    }
    digest_hash_final(&l->hash, diff_id);
    if (size != NULL) {
        *size = l->size;
    }
    return true;
}

const char *layer_media_type(const uint8_t *data, size_t len)
{
    static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd};

    if (len >= 2 && data[0] == 0x1f && data[1] == 0x8b) {
        return MEDIA_LAYER "+gzip";
    }
    if (len >= sizeof(zstd) && memcmp(data, zstd, sizeof(zstd)) == 0) {
        return MEDIA_LAYER "+zstd";
    }
    return MEDIA_LAYER;
}

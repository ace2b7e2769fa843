/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/trace-file.c - the binary file of trace events (docs/tracing.md has its
 * layout; scripts/trace-read reads it).
 * Threads that trace put records into a ring of slots; one thread takes them
 * out and writes. A slot's turn says whose it is: its position for who fills
 * it, one more for who takes it, and by the ring's size more for the next
 * round. A full ring costs the record, never time; losses are counted and the
 * file tells of them. */
#include <errno.h>
#include <gio/gio.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"
#include "util/trace_priv.h"

enum {
    N_SLOTS = 1 << 14,
    SLOT_BYTES = 240,
    BUFFER_BYTES = 1 << 16,
    IDLE_MS = 50,
    LOST = UINT16_MAX, /* instead of an event: the number of those lost */
};

/* In host memory and file; numbers are little-endian. */
typedef struct {
    uint16_t size; /* with this header */
    uint16_t event;
    uint32_t thread;
    uint64_t ns; /* since the host started */
} Header;

typedef struct {
    _Atomic uint64_t turn;
    uint8_t bytes[SLOT_BYTES];
} Slot;

typedef struct {
    TraceOut out;
    char *path;
    GThread *thread;

    /* shared with who traces */
    _Atomic uint64_t head; /* next position to fill */
    _Atomic uint64_t lost;
    Slot *slots;

    /* of the thread that writes */
    _Atomic uint64_t tail; /* next position to take */
    uint64_t told;         /* of lost */
    uint64_t written;
    bool failed;
    GByteArray *buffer;

    GMutex lock; /* of what follows */
    GCond more;  /* for the thread that writes */
    GCond done;
    unsigned wanted, finished; /* flushes */
    bool ending;
} FileOut;

static uint64_t now_ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- threads that trace ------------------------------------------------- */

static uint8_t *put_u64(uint8_t *to, uint64_t v)
{
    v = GUINT64_TO_LE(v);
    memcpy(to, &v, 8);
    return to + 8;
}

static uint8_t *put_text(uint8_t *to, const char *text, size_t room)
{
    size_t len = text == NULL ? 0 : strnlen(text, MIN(room, TRACE_MAX_TEXT));
    uint16_t le = GUINT16_TO_LE((uint16_t)len);

    memcpy(to, &le, 2);
    memcpy(to + 2, text != NULL ? text : "", len);
    return to + 2 + len;
}

static void put_header(uint8_t *at, unsigned event, uint8_t *end)
{
    Header h = {GUINT16_TO_LE((uint16_t)(end - at)),
                GUINT16_TO_LE((uint16_t)event),
                GUINT32_TO_LE((uint32_t)trace_thread_id()),
                GUINT64_TO_LE(now_ns(CLOCK_MONOTONIC))};

    memcpy(at, &h, sizeof(h));
}

/* A text leaves room for what follows it. */
static void fill(uint8_t *bytes, const TraceEvent *e, const TraceValue *values)
{
    uint8_t *to = bytes + sizeof(Header);

    for (unsigned i = 0; i < e->n_args; i++) {
        size_t behind = 8 * (e->n_args - i);

        to = e->args[i].kind == TRACE_STR
                 ? put_text(to, values[i].text,
                            (size_t)(bytes + SLOT_BYTES - to) - behind)
                 : put_u64(to, values[i].number);
    }
    put_header(bytes, e->id, to);
}

static void file_put(TraceOut *out, const TraceEvent *e,
                     const TraceValue *values)
{
    FileOut *f = (FileOut *)out;
    uint64_t at = atomic_load(&f->head);
    Slot *s;

    for (;;) {
        uint64_t turn;

        s = &f->slots[at % N_SLOTS];
        turn = atomic_load(&s->turn); /* pairs with the store in take */
        if (turn == at) {
            if (atomic_compare_exchange_weak(&f->head, &at, at + 1)) {
                break;
            }
        } else if ((int64_t)(turn - at) < 0) {
            atomic_fetch_add(&f->lost, 1);
            return;
        } else {
            at = atomic_load(&f->head);
        }
    }
    fill(s->bytes, e, values);
    atomic_store(&s->turn, at + 1); /* pairs with the load in take */
    if (at - atomic_load(&f->tail) == N_SLOTS / 4) {
        g_cond_signal(&f->more); /* if it is missed, the next look is near */
    }
}

/* ---- the thread that writes --------------------------------------------- */

static void write_buffer(FileOut *f)
{
    const uint8_t *from = f->buffer->data;
    size_t len = f->buffer->len;

    while (len > 0 && !f->failed) {
        ssize_t n = write(f->out.fd, from, len);

        if (n >= 0) {
            from += n;
            len -= (size_t)n;
        } else if (errno != EINTR) {
            g_autofree char *why = g_strdup_printf("trace file '%s': %s\n",
                                                   f->path, g_strerror(errno));

            log_write(why, strlen(why));
            f->failed = true;
        }
    }
    g_byte_array_set_size(f->buffer, 0);
}

static void append(FileOut *f, const uint8_t *bytes, size_t len)
{
    g_byte_array_append(f->buffer, bytes, (guint)len);
    f->written += len;
    if (f->buffer->len >= BUFFER_BYTES) {
        write_buffer(f);
    }
}

static void take(FileOut *f)
{
    uint64_t at = f->tail;
    Slot *s;

    while (s = &f->slots[at % N_SLOTS],
           atomic_load(&s->turn) == at + 1) { /* pairs with file_put */
        uint16_t size;

        memcpy(&size, s->bytes, sizeof(size));
        size = GUINT16_FROM_LE(size);
        if (f->out.limit == 0 || f->written + size <= f->out.limit) {
            append(f, s->bytes, size);
        } else {
            atomic_fetch_add(&f->lost, 1);
        }
        atomic_store(&s->turn, at + N_SLOTS);
        atomic_store(&f->tail, ++at);
    }
}

static void tell_lost(FileOut *f)
{
    uint64_t lost = atomic_load(&f->lost);
    uint8_t bytes[sizeof(Header) + 8];

    if (lost != f->told) {
        put_header(bytes, LOST,
                   put_u64(bytes + sizeof(Header), lost - f->told));
        append(f, bytes, sizeof(bytes));
        f->told = lost;
    }
}

static void write_all(FileOut *f)
{
    take(f);
    if (f->out.limit == 0 || f->written < f->out.limit) {
        tell_lost(f);
    }
    write_buffer(f);
}

static void *file_thread(void *opaque)
{
    FileOut *f = opaque;

    g_mutex_lock(&f->lock);
    for (bool ending = false; !ending;) {
        unsigned wanted = f->wanted;

        ending = f->ending;
        g_mutex_unlock(&f->lock);
        write_all(f);
        g_mutex_lock(&f->lock);
        f->finished = wanted;
        g_cond_broadcast(&f->done);
        if (!f->ending && f->wanted == wanted) {
            g_cond_wait_until(&f->more, &f->lock,
                              g_get_monotonic_time() + IDLE_MS * 1000);
        }
    }
    g_mutex_unlock(&f->lock);
    return NULL;
}

/* ---- life --------------------------------------------------------------- */

static void file_flush(TraceOut *out)
{
    FileOut *f = (FileOut *)out;
    unsigned mine;

    g_mutex_lock(&f->lock);
    mine = ++f->wanted;
    g_cond_signal(&f->more);
    while (f->finished < mine) {
        g_cond_wait(&f->done, &f->lock);
    }
    g_mutex_unlock(&f->lock);
}

static void file_close(TraceOut *out)
{
    FileOut *f = (FileOut *)out;

    g_mutex_lock(&f->lock);
    f->ending = true;
    g_cond_signal(&f->more);
    g_mutex_unlock(&f->lock);
    g_thread_join(f->thread);
    tell_lost(f);
    write_buffer(f);
    close(out->fd);
    g_byte_array_unref(f->buffer);
    g_mutex_clear(&f->lock);
    g_cond_clear(&f->more);
    g_cond_clear(&f->done);
    g_free(f->slots);
    g_free(f->path);
    g_free(f);
}

static const TraceOutKind file_kind = {file_put, file_flush, file_close};

/* The first line: all that a reader has to know, as JSON. */
static void append_head(FileOut *f)
{
    static const char *const kinds[] = {[TRACE_UINT] = "uint",
                                        [TRACE_INT] = "int",
                                        [TRACE_HEX] = "hex",
                                        [TRACE_STR] = "str"};
    g_autoptr(GString) text = g_string_new(NULL);
    uint64_t start = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC);
    unsigned pos = 0;
    TraceEvent *e;

    g_string_printf(text,
                    "{\"cuttle-trace\": 1, \"pid\": %d, \"start-ns\": %" PRIu64
                    ", \"events\": [",
                    (int)getpid(), start);
    while ((e = trace_next(&pos, NULL)) != NULL) {
        g_string_append_printf(text, "%s{\"name\": \"%s\", \"args\": [",
                               e->id > 0 ? ", " : "", e->name);
        for (unsigned i = 0; i < e->n_args; i++) {
            g_string_append_printf(text, "%s[\"%s\", \"%s\"]",
                                   i > 0 ? ", " : "", e->args[i].name,
                                   kinds[e->args[i].kind]);
        }
        g_string_append(text, "]}");
    }
    g_string_append(text, "]}\n");
    append(f, (const uint8_t *)text->str, text->len);
}

TraceOut *trace_file_new(int fd, uint64_t limit, const char *path)
{
    FileOut *f = g_new0(FileOut, 1);

    f->out = (TraceOut){&file_kind, fd, limit};
    f->path = g_strdup(path);
    f->slots = g_new0(Slot, N_SLOTS);
    for (unsigned i = 0; i < N_SLOTS; i++) {
        f->slots[i].turn = i;
    }
    f->buffer = g_byte_array_new();
    g_mutex_init(&f->lock);
    g_cond_init(&f->more);
    g_cond_init(&f->done);
    append_head(f);
    f->thread = g_thread_new("trace", file_thread, f);
    return &f->out;
}

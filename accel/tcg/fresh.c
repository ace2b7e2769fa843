/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/fresh.c - memory that is filled from its front: a thread of its
 * own has the host provide what is needed next. A page fault for every page
 * and mapping would cost the vCPU a tenth of its time. */
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>

#include "accel/tcg/tcg_priv.h"

enum { HOST_PAGE = 4096, CHUNK = 1024 * 1024, AHEAD = CHUNK / 2 };

typedef struct {
    uint8_t *rw, *rx; /* rx: NULL, or the same memory mapped again */
    size_t size;
} Piece;

/* Writes what is there: the vCPU may be writing already. */
static void touch(uint8_t *p)
{
    uint8_t old = __atomic_load_n(p, __ATOMIC_RELAXED);

    __atomic_compare_exchange_n(p, &old, old, false, __ATOMIC_RELAXED,
                                __ATOMIC_RELAXED);
}

/* By touching, not by madvise: under a hypervisor that shadows page tables a
 * page is only there once somebody used it. */
static void populate(gpointer data, gpointer unused)
{
    g_autofree Piece *p = data;

    for (size_t i = 0; i < p->size; i += HOST_PAGE) {
        touch(p->rw + i);
        if (p->rx != NULL) {
            (void)__atomic_load_n(p->rx + i, __ATOMIC_RELAXED);
        }
    }
}

GThreadPool *fresh_start(void)
{
    return g_thread_pool_new(populate, NULL, 1, TRUE, NULL);
}

void fresh_stop(GThreadPool *pool)
{
    g_thread_pool_free(pool, TRUE, TRUE);
}

bool fresh_map(Fresh *f, size_t size, GError **error)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "code cache: %zu bytes: %s", size, strerror(errno));
        return false;
    }
    *f = (Fresh){.rw = at, .size = size};
    return true;
}

void fresh_unmap(Fresh *f)
{
    if (f->rw != NULL) {
        munmap(f->rw, f->size);
    }
    memset(f, 0, sizeof(*f));
}

void fresh_push(GThreadPool *pool, Fresh *f)
{
    Piece *p = g_new(Piece, 1);

    *p = (Piece){f->rw + f->populated,
                 f->rx != NULL ? f->rx + f->populated : NULL,
                 MIN((size_t)CHUNK, f->size - f->populated)};
    f->populated += p->size;
    f->ask_at = f->populated < f->size ? f->populated - AHEAD : SIZE_MAX;
    g_thread_pool_push(pool, p, NULL);
}

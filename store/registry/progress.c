/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/progress.c - drawn on standard error, the cursor moved up over
 * what was drawn before. */
#include "store/registry/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "util/columns.h"

enum { BAR_WIDTH = 30 };

struct ProgressBar {
    char *label;
    uint64_t size;
    gsize done; /* atomic */
};

struct Progress {
    bool quiet, terminal;
    GPtrArray *bars; /* ProgressBar * */
    unsigned drawn;  /* lines on the terminal */
};

static void bar_free(ProgressBar *b)
{
    g_free(b->label);
    g_free(b);
}

Progress *progress_new(bool quiet)
{
    Progress *p = g_new0(Progress, 1);

    p->quiet = quiet;
    p->terminal = isatty(STDERR_FILENO);
    p->bars = g_ptr_array_new_with_free_func((GDestroyNotify)bar_free);
    return p;
}

void progress_free(Progress *p)
{
    if (p != NULL) {
        progress_draw(p);
        g_ptr_array_unref(p->bars);
        g_free(p);
    }
}

ProgressBar *progress_add(Progress *p, const char *word, const Descriptor *d)
{
    ProgressBar *b = g_new0(ProgressBar, 1);

    b->label = g_strdup_printf("Copying %s %.*s", word, DIGEST_SHORT,
                               digest_hex(&d->digest));
    b->size = d->size;
    g_ptr_array_add(p->bars, b);
    if (!p->quiet && !p->terminal) {
        fprintf(stderr, "Copying %s %s\n", word, d->digest.text);
    }
    return b;
}

void progress_advance(ProgressBar *b, uint64_t done)
{
    g_atomic_pointer_set((gpointer *)&b->done, (gpointer)(gsize)done);
}

static void draw_bar(const ProgressBar *b)
{
    uint64_t done = MIN(
        (uint64_t)(gsize)g_atomic_pointer_get((gpointer *)&b->done), b->size);
    unsigned width = b->size > 0 ? done * BAR_WIDTH / b->size : BAR_WIDTH;
    g_autofree char *have = human_size(done);
    g_autofree char *all = human_size(b->size);
    char bar[BAR_WIDTH + 1];

    for (unsigned i = 0; i < BAR_WIDTH; i++) {
        bar[i] = i < width ? '=' : i == width ? '>' : '-';
    }
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r\033[K%s [%s] %s / %s\n", b->label, bar, have, all);
}

void progress_draw(Progress *p)
{
    if (p->quiet || !p->terminal || p->bars->len == 0) {
        return;
    }
    if (p->drawn > 0) {
        fprintf(stderr, "\033[%uA", p->drawn);
    }
    for (guint i = 0; i < p->bars->len; i++) {
        draw_bar(p->bars->pdata[i]);
    }
    p->drawn = p->bars->len;
    fflush(stderr);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins/hotblocks.c - which blocks of guest code run most.
 *   -plugin hotblocks.so[,limit=N]
 * A line a block, the most executed first: its address, how often it was
 * translated, its instructions, how often it was entered, its name in the ELF
 * files that the machine booted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/cuttle-plugin.h"

const int cuttle_plugin_version = CUTTLE_PLUGIN_VERSION;

typedef struct Entry {
    uint64_t pc, physical;
    size_t insns;
    unsigned translations;
    CuttleCounter entries;
    char *symbol;
    struct Entry *next; /* of the same hash */
} Entry;

enum { HASH_BITS = 16 };

static struct {
    CuttlePlugin *self;
    unsigned limit;
    Entry *table[1 << HASH_BITS];
    size_t n;
} hot = {.limit = 20};

/* The same code where it starts, of the same length. */
static Entry *entry_of(CuttleBlock *b)
{
    uint64_t pc = cuttle_block_pc(b), physical = cuttle_block_physical(b);
    size_t insns = cuttle_block_size(b);
    Entry **at = &hot.table[(pc >> 1 ^ pc >> 17) & ((1 << HASH_BITS) - 1)];
    const char *symbol;
    Entry *e;

    for (e = *at; e != NULL; e = e->next) {
        if (e->pc == pc && e->physical == physical && e->insns == insns) {
            return e;
        }
    }
    symbol = cuttle_insn_symbol(cuttle_block_insn(b, 0));
    e = malloc(sizeof(*e));
    if (e == NULL) {
        abort();
    }
    *e = (Entry){.pc = pc,
                 .physical = physical,
                 .insns = insns,
                 .entries = cuttle_counter_new(hot.self),
                 .symbol = symbol != NULL ? strdup(symbol) : NULL,
                 .next = *at};
    *at = e;
    hot.n++;
    return e;
}

static void translated(CuttleBlock *b, void *data)
{
    Entry *e = entry_of(b);

    e->translations++;
    cuttle_block_count(b, e->entries, 1);
}

static int by_entries(const void *a, const void *b)
{
    const Entry *x = *(Entry *const *)a, *y = *(Entry *const *)b;
    uint64_t nx = cuttle_counter_sum(x->entries);
    uint64_t ny = cuttle_counter_sum(y->entries);

    return nx != ny ? (nx < ny) - (nx > ny) : (x->pc > y->pc) - (x->pc < y->pc);
}

static void finish(void *data)
{
    Entry **all = calloc(hot.n + 1, sizeof(*all));
    size_t n = 0;

    for (unsigned i = 0; all != NULL && i < 1 << HASH_BITS; i++) {
        for (Entry *e = hot.table[i]; e != NULL; e = e->next) {
            all[n++] = e;
        }
    }
    qsort(all, n, sizeof(*all), by_entries);
    cuttle_log("collected %zu blocks\npc, translations, instructions, entries, "
               "symbol\n",
               n);
    for (size_t i = 0; i < n && i < hot.limit; i++) {
        cuttle_log("0x%016" PRIx64 ", %u, %zu, %" PRIu64 ", %s\n", all[i]->pc,
                   all[i]->translations, all[i]->insns,
                   cuttle_counter_sum(all[i]->entries),
                   all[i]->symbol != NULL ? all[i]->symbol : "-");
    }
    free(all);
}

int cuttle_plugin_install(CuttlePlugin *self, const CuttlePluginInfo *info,
                          int argc, char **argv)
{
    char end;

    for (int i = 0; i < argc; i++) {
        if (sscanf(argv[i], "limit=%u%c", &hot.limit, &end) != 1) {
            cuttle_error(self, "there is no argument '%s'", argv[i]);
            return 1;
        }
    }
    hot.self = self;
    cuttle_on_block(self, translated, NULL);
    cuttle_on_finish(self, finish, NULL);
    return 0;
}

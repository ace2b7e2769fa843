/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins/cache.c - a model of caches: how often code and data miss, and which
 * instructions make them miss.
 *   -plugin cache.so[,KEY=VALUE...]
 * icachesize=, iassoc=, iblksize= (bytes, ways, bytes) and the same with d, and
 * with l2 (l2cachesize= ...; l2=on: its defaults); limit=N: so many
 * instructions; physical=on: caches know physical addresses, which costs a walk
 * of the guest's page tables for each access.
 * Each vCPU has its own caches, set-associative, that replace the least
 * recently used line. Stores allocate. Nothing is prefetched, nor taken away by
 * another vCPU. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/cuttle-plugin.h"

const int cuttle_plugin_version = CUTTLE_PLUGIN_VERSION;

enum { L1I, L1D, L2, N_CACHES };

typedef struct {
    const char *prefix, *name;
    unsigned size, ways, line;
} Shape;

static Shape shapes[N_CACHES] = {
    [L1I] = {"i", "insn", 16384, 8, 64},
    [L1D] = {"d", "data", 16384, 8, 64},
    [L2] = {"l2", "l2", 2 << 20, 16, 64},
};

/* A line's address plus 1, 0: empty; the most recently used of a set first. */
typedef struct {
    uint64_t *tags;
    uint64_t accesses, misses;
} Cache;

typedef struct Insn {
    uint64_t pc, physical;
    uint64_t misses[N_CACHES];
    char *text, *symbol;
    struct Insn *next; /* of the same hash */
} Insn;

enum { HASH_BITS = 16 };

static struct {
    unsigned n_vcpus, limit;
    bool has_l2, physical;
    Cache (*caches)[N_CACHES]; /* by vCPU */
    Insn *table[1 << HASH_BITS];
    size_t n;
} model = {.limit = 32};

/* ---- a cache ---- */

static unsigned sets_of(const Shape *s)
{
    return s->size / s->line / s->ways;
}

/* Whether the line was there. */
static bool touch(Cache *c, const Shape *s, uint64_t line)
{
    uint64_t *set = &c->tags[line % sets_of(s) * s->ways];
    unsigned way = 0;
    bool hit;

    while (way < s->ways - 1 && set[way] != line + 1) {
        way++;
    }
    hit = set[way] == line + 1;
    memmove(set + 1, set, way * sizeof(*set));
    set[0] = line + 1;
    return hit;
}

static bool access_cache(unsigned vcpu, unsigned which, uint64_t address,
                         unsigned size)
{
    Cache *c = &model.caches[vcpu][which];
    const Shape *s = &shapes[which];
    uint64_t first = address / s->line, last = (address + size - 1) / s->line;
    bool hit = touch(c, s, first);

    if (last != first) {
        hit &= touch(c, s, last);
    }
    c->accesses++;
    c->misses += !hit;
    return hit;
}

static void access_all(unsigned vcpu, unsigned which, uint64_t address,
                       unsigned size, Insn *i)
{
    if (access_cache(vcpu, which, address, size)) {
        return;
    }
    __atomic_fetch_add(&i->misses[which], 1, __ATOMIC_RELAXED);
    if (model.has_l2 && !access_cache(vcpu, L2, address, size)) {
        __atomic_fetch_add(&i->misses[L2], 1, __ATOMIC_RELAXED);
    }
}

/* ---- code ---- */

static void runs(unsigned vcpu, void *data)
{
    Insn *i = data;

    access_all(vcpu, L1I, model.physical ? i->physical : i->pc, 1, i);
}

static void accesses(unsigned vcpu, uint32_t info, uint64_t address,
                     const uint64_t value[2], void *data)
{
    CuttlePhysical p;

    if (model.physical) {
        if (!cuttle_physical(vcpu, address, &p) || p.is_device) {
            return;
        }
        address = p.address;
    }
    access_all(vcpu, L1D, address, cuttle_access_size(info), data);
}

static Insn *insn_of(CuttleInsn *from, uint64_t physical)
{
    uint64_t pc = cuttle_insn_pc(from);
    Insn **at = &model.table[(pc >> 1 ^ pc >> 17) & ((1 << HASH_BITS) - 1)], *i;
    const char *symbol;

    for (i = *at; i != NULL; i = i->next) {
        if (i->pc == pc && i->physical == physical) {
            return i;
        }
    }
    symbol = cuttle_insn_symbol(from);
    i = malloc(sizeof(*i));
    if (i == NULL) {
        abort();
    }
    *i = (Insn){.pc = pc,
                .physical = physical,
                .text = strdup(cuttle_insn_text(from)),
                .symbol = symbol != NULL ? strdup(symbol) : NULL,
                .next = *at};
    *at = i;
    model.n++;
    return i;
}

static void translated(CuttleBlock *b, void *data)
{
    uint64_t offset = cuttle_block_physical(b) - cuttle_block_pc(b);

    for (size_t n = 0; n < cuttle_block_size(b); n++) {
        CuttleInsn *from = cuttle_block_insn(b, n);
        Insn *i = insn_of(from, cuttle_insn_pc(from) + offset);

        cuttle_insn_call(from, runs, CUTTLE_NOTHING, i);
        cuttle_insn_call_access(from, CUTTLE_LOADS | CUTTLE_STORES, accesses,
                                CUTTLE_NOTHING, i);
    }
}

/* ---- the end ---- */

static unsigned sort_by;

static int by_misses(const void *a, const void *b)
{
    const Insn *x = *(Insn *const *)a, *y = *(Insn *const *)b;
    uint64_t mx = x->misses[sort_by], my = y->misses[sort_by];

    return mx != my ? (mx < my) - (mx > my) : (x->pc > y->pc) - (x->pc < y->pc);
}

static void print_caches(const char *who, const Cache caches[N_CACHES])
{
    for (unsigned i = 0; i < N_CACHES; i++) {
        const Cache *c = &caches[i];

        if (i != L2 || model.has_l2) {
            cuttle_log("%-6s %-5s %16" PRIu64 " %16" PRIu64 " %9.4f%%\n", who,
                       shapes[i].name, c->accesses, c->misses,
                       c->accesses > 0
                           ? 100.0 * (double)c->misses / (double)c->accesses
                           : 0.0);
        }
    }
}

static void print_insns(Insn **all, unsigned which)
{
    sort_by = which;
    qsort(all, model.n, sizeof(*all), by_misses);
    cuttle_log("\naddress, %s misses, instruction\n", shapes[which].name);
    for (size_t i = 0; i < model.n && i < model.limit; i++) {
        if (all[i]->misses[which] == 0) {
            break;
        }
        cuttle_log("0x%" PRIx64 "%s%s%s, %" PRIu64 ", %s\n", all[i]->pc,
                   all[i]->symbol != NULL ? " (" : "",
                   all[i]->symbol != NULL ? all[i]->symbol : "",
                   all[i]->symbol != NULL ? ")" : "", all[i]->misses[which],
                   all[i]->text);
    }
}

static void finish(void *data)
{
    Insn **all = calloc(model.n + 1, sizeof(Insn *));
    Cache sum[N_CACHES] = {{0}};
    char who[16];
    size_t n = 0;

    cuttle_log("%-6s %-5s %16s %16s %10s\n", "cpu", "cache", "accesses",
               "misses", "miss rate");
    for (unsigned v = 0; v < model.n_vcpus; v++) {
        snprintf(who, sizeof(who), "%u", v);
        print_caches(who, model.caches[v]);
        for (unsigned i = 0; i < N_CACHES; i++) {
            sum[i].accesses += model.caches[v][i].accesses;
            sum[i].misses += model.caches[v][i].misses;
        }
    }
    if (model.n_vcpus > 1) {
        print_caches("all", sum);
    }
    for (unsigned h = 0; all != NULL && h < 1 << HASH_BITS; h++) {
        for (Insn *i = model.table[h]; i != NULL; i = i->next) {
            all[n++] = i;
        }
    }
    for (unsigned i = 0; i < N_CACHES && all != NULL; i++) {
        if (i != L2 || model.has_l2) {
            print_insns(all, i);
        }
    }
    free(all);
}

/* ---- the start ---- */

static bool set_number(const char *text, const char *prefix, const char *key,
                       unsigned *to)
{
    char name[32], end;

    snprintf(name, sizeof(name), "%s%s=", prefix, key);
    return strncmp(text, name, strlen(name)) == 0 &&
           sscanf(text + strlen(name), "%u%c", to, &end) == 1;
}

static bool set_shape(const char *text)
{
    for (unsigned i = 0; i < N_CACHES; i++) {
        Shape *s = &shapes[i];

        if (set_number(text, s->prefix, "cachesize", &s->size) ||
            set_number(text, s->prefix, "assoc", &s->ways) ||
            set_number(text, s->prefix, "blksize", &s->line)) {
            model.has_l2 |= i == L2;
            return true;
        }
    }
    return false;
}

static bool set_argument(const char *text)
{
    if (strcmp(text, "l2=on") == 0) {
        return model.has_l2 = true;
    }
    if (strcmp(text, "physical=on") == 0) {
        return model.physical = true;
    }
    return set_number(text, "limit", "", &model.limit) || set_shape(text);
}

static bool is_power_of_2(unsigned n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static bool make_cache(Cache *c, const Shape *s)
{
    enum { MAX_SIZE = 1 << 30, MIN_LINE = 16 };

    if (!is_power_of_2(s->line) || s->line < MIN_LINE || s->ways == 0 ||
        s->size > MAX_SIZE || s->size / s->line < s->ways ||
        s->size % s->line != 0 || s->size / s->line % s->ways != 0) {
        return false;
    }
    c->tags = calloc(s->size / s->line, sizeof(*c->tags));
    return c->tags != NULL;
}

int cuttle_plugin_install(CuttlePlugin *self, const CuttlePluginInfo *info,
                          int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (!set_argument(argv[i])) {
            cuttle_error(self, "there is no argument '%s'", argv[i]);
            return 1;
        }
    }
    model.n_vcpus = info->n_vcpus;
    model.caches = calloc(info->n_vcpus, sizeof(*model.caches));
    for (unsigned i = 0; i < info->n_vcpus * N_CACHES; i++) {
        unsigned which = i % N_CACHES;

        if (model.caches == NULL ||
            !make_cache(&model.caches[i / N_CACHES][which], &shapes[which])) {
            cuttle_error(self,
                         "a %s cache of %u bytes in %u ways and lines of %u "
                         "cannot be",
                         shapes[which].name, shapes[which].size,
                         shapes[which].ways, shapes[which].line);
            return 1;
        }
    }
    cuttle_on_block(self, translated, NULL);
    cuttle_on_finish(self, finish, NULL);
    return 0;
}

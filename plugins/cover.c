/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins/cover.c - which code of a bare program ran.
 *   -plugin cover.so,lcov=FILE[,drcov=FILE][,elf=FILE]
 * lcov= is for lcov and genhtml, and needs a program compiled with -g; drcov=
 * for what shows coverage in a disassembly. elf= is the program, by default
 * that of -kernel; it must run at the addresses it was linked for. */
#include "plugins/cover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/cuttle-plugin.h"

const int cuttle_plugin_version = CUTTLE_PLUGIN_VERSION;

typedef struct Insn {
    uint64_t pc;
    unsigned length;
    CuttleCounter count;
    struct Insn *next; /* of the same hash */
} Insn;

enum { HASH_BITS = 16 };

static struct {
    CuttlePlugin *self;
    const char *lcov, *drcov;
    char *elf;
    int fd;
    Insn *table[1 << HASH_BITS];
    size_t n;
} cover = {.fd = -1};

static Insn *insn_at(uint64_t pc, unsigned length)
{
    Insn **at = &cover.table[(pc >> 1) & ((1 << HASH_BITS) - 1)], *i;

    for (i = *at; i != NULL; i = i->next) {
        if (i->pc == pc) {
            return i;
        }
    }
    i = malloc(sizeof(*i));
    if (i == NULL) {
        abort();
    }
    *i = (Insn){pc, length, cuttle_counter_new(cover.self), *at};
    *at = i;
    cover.n++;
    return i;
}

static void translated(CuttleBlock *b, void *data)
{
    for (size_t n = 0; n < cuttle_block_size(b); n++) {
        CuttleInsn *i = cuttle_block_insn(b, n);
        size_t length;

        cuttle_insn_bytes(i, &length);
        cuttle_insn_count(
            i, insn_at(cuttle_insn_pc(i), (unsigned)length)->count, 1);
    }
}

/* ---- the end ---- */

uint64_t coverage_count(const Coverage *c, uint64_t pc)
{
    size_t low = 0, high = c->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c->insns[middle].pc == pc) {
            return c->insns[middle].count;
        } else if (c->insns[middle].pc < pc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

static int by_pc(const void *a, const void *b)
{
    const CoveredInsn *x = a, *y = b;

    return (x->pc > y->pc) - (x->pc < y->pc);
}

static void report(bool ok, const char *path)
{
    if (!ok) {
        cuttle_log("cover: %s: %s\n", path, strerror(errno));
    }
}

static void finish(void *data)
{
    CoveredInsn *all = calloc(cover.n + 1, sizeof(*all));
    Coverage c = {.insns = all, .elf = cover.elf, .fd = cover.fd};

    if (all == NULL) {
        abort();
    }
    for (unsigned h = 0; h < 1 << HASH_BITS; h++) {
        for (const Insn *i = cover.table[h]; i != NULL; i = i->next) {
            all[c.n++] =
                (CoveredInsn){i->pc, i->length, cuttle_counter_sum(i->count)};
        }
    }
    qsort(all, c.n, sizeof(*all), by_pc);
    if (cover.lcov != NULL) {
        report(coverage_write_lcov(&c, cover.lcov), cover.lcov);
    }
    if (cover.drcov != NULL) {
        report(coverage_write_drcov(&c, cover.drcov), cover.drcov);
    }
    free(all);
    free(cover.elf);
}

/* ---- the start ---- */

static bool option(const char *text, const char *name, const char **value)
{
    size_t len = strlen(name);

    if (strncmp(text, name, len) != 0 || text[len] != '=') {
        return false;
    }
    *value = strdup(text + len + 1);
    return true;
}

static int open_elf(const char *path)
{
    cover.elf = realpath(path, NULL);
    cover.fd = cover.elf != NULL ? open(cover.elf, O_RDONLY | O_CLOEXEC) : -1;
    if (cover.fd < 0) {
        cuttle_error(cover.self, "%s: %s", path, strerror(errno));
        return 1;
    }
    if (cover.lcov != NULL && !coverage_has_lines(cover.fd)) {
        cuttle_error(cover.self, "%s: has no line numbers", path);
        return 1;
    }
    return 0;
}

int cuttle_plugin_install(CuttlePlugin *self, const CuttlePluginInfo *info,
                          int argc, char **argv)
{
    const char *elf = info->kernel;

    cover.self = self;
    for (int i = 0; i < argc; i++) {
        if (!option(argv[i], "lcov", &cover.lcov) &&
            !option(argv[i], "drcov", &cover.drcov) &&
            !option(argv[i], "elf", &elf)) {
            cuttle_error(self, "there is no argument '%s'", argv[i]);
            return 1;
        }
    }
    if (cover.lcov == NULL && cover.drcov == NULL) {
        cuttle_error(self, "neither lcov= nor drcov= says where to write");
        return 1;
    }
    if (elf == NULL) {
        cuttle_error(self, "neither -kernel nor elf= names a program");
        return 1;
    }
    cuttle_on_block(self, translated, NULL);
    cuttle_on_finish(self, finish, NULL);
    return open_elf(elf);
}

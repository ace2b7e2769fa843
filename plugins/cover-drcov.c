/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins/cover-drcov.c - what ran, as DynamoRIO's tool drcov writes it.
 * Spec: drcov's documentation, "Log format", version 2: a text header, then
 * records {u32 offset, u16 size, u16 module}. A "basic block" here is a run of
 * bytes that was executed. */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugins/cover.h"

typedef struct {
    uint32_t start;
    uint16_t size;
    uint16_t module;
} Record;

typedef struct {
    uint64_t base, end, entry;
} Module;

/* From the lowest to the highest address of what is loaded. */
static bool find_module(int fd, Module *m)
{
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    GElf_Ehdr head;
    GElf_Phdr p;
    size_t n = 0;

    *m = (Module){.base = UINT64_MAX};
    if (elf != NULL && gelf_getehdr(elf, &head) != NULL &&
        elf_getphdrnum(elf, &n) == 0) {
        m->entry = head.e_entry;
    }
    for (size_t i = 0; i < n; i++) {
        if (gelf_getphdr(elf, (int)i, &p) != NULL && p.p_type == PT_LOAD) {
            m->base = p.p_vaddr < m->base ? p.p_vaddr : m->base;
            m->end =
                p.p_vaddr + p.p_memsz > m->end ? p.p_vaddr + p.p_memsz : m->end;
        }
    }
    elf_end(elf);
    errno = EINVAL;
    return m->base < m->end;
}

/* The run that starts at instruction *i, which moves behind it; false: there is
 * none. */
static bool next_run(const Coverage *c, const Module *m, size_t *i, Record *out)
{
    const CoveredInsn *insns = c->insns;
    uint64_t start, end;

    while (*i < c->n && (insns[*i].count == 0 || insns[*i].pc < m->base)) {
        ++*i;
    }
    if (*i == c->n || insns[*i].pc >= m->end ||
        insns[*i].pc - m->base > UINT32_MAX) {
        return false;
    }
    start = end = insns[*i].pc;
    while (*i < c->n && insns[*i].pc == end && insns[*i].count > 0 &&
           end + insns[*i].length - start <= UINT16_MAX) {
        end += insns[*i].length;
        ++*i;
    }
    *out = (Record){(uint32_t)(start - m->base), (uint16_t)(end - start), 0};
    return true;
}

static void write_all(const Coverage *c, const Module *m, FILE *out)
{
    size_t n = 0, i = 0;
    Record r;

    while (next_run(c, m, &i, &r)) {
        n++;
    }
    fprintf(out,
            "DRCOV VERSION: 2\nDRCOV FLAVOR: drcov\n"
            "Module Table: version 2, count 1\n"
            "Columns: id, base, end, entry, path\n"
            " 0, 0x%016" PRIx64 ", 0x%016" PRIx64 ", 0x%016" PRIx64 ", %s\n"
            "BB Table: %zu bbs\n",
            m->base, m->end, m->entry, c->elf, n);
    for (i = 0; next_run(c, m, &i, &r);) {
        fwrite(&r, sizeof(r), 1, out);
    }
}

bool coverage_write_drcov(const Coverage *c, const char *path)
{
    FILE *out;
    Module m;
    bool ok;

    elf_version(EV_CURRENT);
    if (!find_module(c->fd, &m)) {
        return false;
    }
    out = fopen(path, "wb");
    if (out == NULL) {
        return false;
    }
    write_all(c, &m, out);
    ok = !ferror(out);
    return fclose(out) == 0 && ok;
}

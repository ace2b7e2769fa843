/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/pmp.c - physical memory protection, 16 entries of granularity 4.
 * Spec: privileged architecture 3.7. */
#include "target/riscv/mmu.h"
#include "util/bits.h"

enum {
    CFG_A_SHIFT = 3,
    CFG_L = 0x80,
    A_OFF = 0,
    A_TOR = 1,
    A_NA4 = 2,
    A_NAPOT = 3,
};

/* False: the entry matches nothing. */
static bool pmp_range(const Riscv *cpu, unsigned i, PmpRange *out)
{
    uint64_t addr = cpu->pmpaddr[i];
    uint64_t below = i ? cpu->pmpaddr[i - 1] : 0;
    uint64_t span;

    switch (cpu->pmpcfg[i] >> CFG_A_SHIFT & 3) {
    case A_TOR:
        out->first = below << 2;
        out->last = (addr << 2) - 1;
        return below < addr;
    case A_NA4:
        out->first = addr << 2;
        out->last = out->first + 3;
        return true;
    case A_NAPOT:
        span = addr ^ (addr + 1); /* the trailing ones and the zero above */
        out->first = (addr & ~span) << 2;
        out->last = ((addr | span) << 2) | 3;
        return true;
    default:
        return false;
    }
}

void riscv_pmp_update(Riscv *cpu)
{
    cpu->n_pmp = 0;
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        PmpRange *r = &cpu->pmp[cpu->n_pmp];

        if (pmp_range(cpu, i, r)) {
            r->prot = cpu->pmpcfg[i] & (PROT_R | PROT_W | PROT_X);
            r->locked = cpu->pmpcfg[i] & CFG_L;
            cpu->n_pmp++;
        }
    }
}

/* The rights of the aligned block of 1 << bits bytes around gpa: the first
 * entry that has the byte decides. False: an entry has only part of the
 * block. */
static bool block_rights(const Riscv *cpu, Gpa gpa, unsigned priv,
                         unsigned bits, uint8_t *rights)
{
    const uint8_t all = PROT_R | PROT_W | PROT_X;
    Gpa first = gpa & ~bits_mask(bits);
    Gpa last = gpa | bits_mask(bits);

    for (unsigned i = 0; i < cpu->n_pmp; i++) {
        const PmpRange *r = &cpu->pmp[i];

        if (r->last < first || r->first > last) {
            continue;
        }
        if (r->first > first || r->last < last) {
            return false;
        }
        *rights = priv == PRIV_M && !r->locked ? all : r->prot;
        return true;
    }
    *rights = priv == PRIV_M ? all : 0;
    return true;
}

uint8_t riscv_pmp_rights(const Riscv *cpu, Gpa gpa, unsigned priv,
                         uint8_t *page_bits)
{
    const uint8_t sizes[] = {*page_bits, TARGET_PAGE_BITS, 2, 0};
    uint8_t rights = PROT_R | PROT_W | PROT_X;

    for (unsigned i = 0; cpu->config.pmp && i < G_N_ELEMENTS(sizes); i++) {
        if (block_rights(cpu, gpa, priv, sizes[i], &rights)) {
            *page_bits = sizes[i];
            break;
        }
    }
    return rights;
}

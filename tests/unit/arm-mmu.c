/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/arm-mmu.c - walks of both stages over tables in RAM: granules,
 * sizes, rights, hardware flags, tags; the numbers of address spaces;
 * syndromes. */
#include "target/arm/bits.h"
#include "target/arm/excp.h"
#include "target/arm/mmu.h"
#include "target/arm/syndrome.h"
#include "tests/arm/cpu.h"
#include "util/bits.h"

#define TABLES  (BENCH_RAM + 0x100000)
#define TABLES2 (BENCH_RAM + 0x800000)
#define PAGE    (BENCH_RAM + 0x400000)

enum {
    VALID = 1,
    PAGE_OR_TABLE = 2,
    AP_USER = 1 << 6,
    AP_READ_ONLY = 1 << 7,
    AF = 1 << 10,
    NG = 1 << 11,
};
#define DBM BIT(51)
#define PXN BIT(53)
#define UXN BIT(54)

enum { OK = -1 };

/* Writes the way to va's leaf at level: each table is the next granule from
 * base. Returns where the leaf is. */
static Gpa map(Bench *b, Gpa base, unsigned granule, unsigned bits, int level,
               Gva va, uint64_t leaf)
{
    unsigned stride = granule - 3;
    int first = 3 - (int)((bits - granule - 1) / stride);
    Gpa table = base;

    for (int l = first;; l++) {
        unsigned shift = granule + (unsigned)(3 - l) * stride;
        unsigned width = l == first ? bits - shift : stride;
        Gpa at = table + bits_get(va, shift, width) * 8;

        if (l == level) {
            bench_write(b, at, leaf | VALID | (l == 3 ? PAGE_OR_TABLE : 0));
            return at;
        }
        table += UINT64_C(1) << granule;
        bench_write(b, at, table | VALID | PAGE_OR_TABLE);
    }
}

static void turn_on(Bench *b, uint64_t tcr)
{
    Arm *cpu = b->cpu;

    cpu->sr[SR_TCR_EL1] = tcr | UINT64_C(5) << 32; /* IPS: 48 bits */
    cpu->sr[SR_TTBR0_EL1] = TABLES;
    cpu->sr[SR_SCTLR_EL1] |= SCTLR_M;
    arm_mmu_changed(cpu);
}

/* The fault status of an access, or OK. */
static int look(Bench *b, Gva va, MemAccess access, PageInfo *out)
{
    Arm *cpu = b->cpu;

    cpu->vcpu.exception = -1;
    if (arm_find_page(&cpu->vcpu, va, access, false, out)) {
        return OK;
    }
    g_assert_cmphex(cpu->pending.far, ==, va);
    return cpu->pending.esr & 0x3f;
}

static void test_granules(void)
{
    static const struct {
        unsigned granule, tg, bits;
        int level;
    } cases[] = {
        {12, 0, 48, 3}, {12, 0, 48, 2}, {12, 0, 48, 1}, {12, 0, 39, 3},
        {12, 0, 25, 3}, {14, 2, 48, 3}, {14, 2, 48, 2}, {14, 2, 36, 3},
        {16, 1, 48, 3}, {16, 1, 48, 2}, {16, 1, 42, 2},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench *b = bench_new("max");
        unsigned granule = cases[i].granule;
        unsigned size =
            granule + (unsigned)(3 - cases[i].level) * (granule - 3);
        Gva va = UINT64_C(0x123456789abc) & bits_mask(cases[i].bits);
        Gpa to = PAGE & ~bits_mask(size);
        PageInfo out;

        map(b, TABLES, granule, cases[i].bits, cases[i].level, va, to | AF);
        turn_on(b, (64 - cases[i].bits) | cases[i].tg << 14);
        g_assert_cmpint(look(b, va, MEM_READ, &out), ==, OK);
        g_assert_cmphex(out.gpa, ==, to | (va & bits_mask(size)));
        g_assert_cmpuint(out.page_bits, ==, size);
        g_assert_true(out.global);
        /* Above the range, and in the other half, which has no tables. */
        g_assert_cmphex(look(b, va | BIT(50), MEM_READ, &out), ==, 0x04);
        bench_free(b);
    }
}

static void test_rights(void)
{
    static const struct {
        uint64_t bits;
        uint8_t el1, el0; /* PROT_* */
    } cases[] = {
        {0, PROT_R | PROT_W | PROT_X, PROT_X},
        {AP_USER, PROT_R | PROT_W, PROT_R | PROT_W | PROT_X},
        {AP_READ_ONLY, PROT_R | PROT_X, PROT_X},
        {AP_READ_ONLY | AP_USER, PROT_R | PROT_X, PROT_R | PROT_X},
        {AP_READ_ONLY | AP_USER | PXN, PROT_R, PROT_R | PROT_X},
        {UXN | PXN, PROT_R | PROT_W, 0},
    };
    static const MemAccess accesses[] = {MEM_READ, MEM_WRITE, MEM_EXEC};
    static const uint8_t needs[] = {PROT_R, PROT_W, PROT_X};
    Bench *b = bench_new("max");
    PageInfo out;

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        map(b, TABLES, 12, 39, 3, 0x5000, PAGE | AF | cases[i].bits);
        turn_on(b, 25);
        for (unsigned n = 0; n < G_N_ELEMENTS(accesses); n++) {
            bench_set_level(b, 1);
            g_assert_cmpint(look(b, 0x5000, accesses[n], &out), ==,
                            cases[i].el1 & needs[n] ? OK : 0x0f);
            bench_set_level(b, 0);
            g_assert_cmpint(look(b, 0x5000, accesses[n], &out), ==,
                            cases[i].el0 & needs[n] ? OK : 0x0f);
        }
    }
    bench_set_level(b, 1);
    map(b, TABLES, 12, 39, 3, 0x5000, PAGE | AF | AP_USER);
    b->cpu->pstate |= PSTATE_PAN;
    g_assert_cmphex(look(b, 0x5000, MEM_READ, &out), ==, 0x0f);
    g_assert_cmpint(look(b, 0x5000, MEM_READ_ALT, &out), ==, OK);
    bench_free(b);
}

/* Faults by level; access flag and dirty state by hardware. */
static void test_flags(void)
{
    Bench *b = bench_new("max");
    Gpa leaf = map(b, TABLES, 12, 39, 3, 0x5000, PAGE | DBM | AP_READ_ONLY);
    PageInfo out;

    turn_on(b, 25);
    g_assert_cmphex(look(b, 0x5000, MEM_READ, &out), ==, 0x0b); /* AF, 3 */
    g_assert_cmphex(look(b, 0x6000, MEM_READ, &out), ==, 0x07);
    g_assert_cmphex(look(b, BIT(21), MEM_READ, &out), ==, 0x06);
    turn_on(b, 25 | TCR_HA | TCR_HD);
    g_assert_cmpint(look(b, 0x5000, MEM_READ, &out), ==, OK);
    g_assert_cmpuint(out.prot & PROT_W, ==, 0);
    g_assert_cmphex(bench_read(b, leaf) & (AF | AP_READ_ONLY), ==,
                    AF | AP_READ_ONLY);
    g_assert_cmpint(look(b, 0x5000, MEM_WRITE, &out), ==, OK);
    g_assert_cmpuint(out.prot & PROT_W, ==, PROT_W);
    g_assert_cmphex(bench_read(b, leaf) & AP_READ_ONLY, ==, 0);
    bench_free(b);
}

static void test_tags(void)
{
    Bench *b = bench_new("max");
    Gva tagged = UINT64_C(0xab) << 56 | 0x5123;
    PageInfo out;

    map(b, TABLES, 12, 39, 3, 0x5000, PAGE | AF | NG);
    turn_on(b, 25);
    g_assert_cmphex(look(b, tagged, MEM_READ, &out), ==, 0x04);
    turn_on(b, 25 | TCR_TBI0);
    g_assert_cmpint(look(b, tagged, MEM_READ, &out), ==, OK);
    g_assert_cmphex(out.gpa, ==, PAGE | 0x123);
    g_assert_false(out.global);
    bench_free(b);
}

/* The same registers are the same space, whatever was there between; a domain
 * is kept by all that have the same rules. */
static void test_spaces(void)
{
    Bench *b = bench_new("cortex-a57");
    Arm *cpu = b->cpu;
    TargetContext first, other, again;

    turn_on(b, 25 | TCR_AS);
    cpu->sr[SR_TTBR0_EL1] = TABLES | UINT64_C(7) << 48;
    arm_ttbr_changed(cpu);
    arm_context(&cpu->vcpu, &first);
    cpu->sr[SR_TTBR0_EL1] = TABLES | UINT64_C(8) << 48;
    arm_ttbr_changed(cpu);
    arm_context(&cpu->vcpu, &other);
    cpu->sr[SR_TTBR0_EL1] = TABLES | UINT64_C(7) << 48;
    arm_ttbr_changed(cpu);
    arm_context(&cpu->vcpu, &again);
    g_assert_cmphex(first.space, ==, again.space);
    g_assert_cmphex(first.space, !=, other.space);
    g_assert_cmpuint(first.domain, ==, other.domain);
    g_assert_cmpint(first.asid, ==, 7);
    g_assert_cmpint(other.asid, ==, 8);
    turn_on(b, 24 | TCR_AS);
    arm_context(&cpu->vcpu, &other);
    g_assert_cmpuint(first.domain, !=, other.domain);
    bench_free(b);
}

/* Stage 1 behind stage 2: results, and who is told of what is missing. */
static void test_stage2(void)
{
    Bench *b = bench_new("max,has_el2=on");
    Arm *cpu = b->cpu;
    PageInfo out;

    bench_set_level(b, 1);
    map(b, TABLES, 12, 39, 3, 0x5000, PAGE | AF);
    /* The machine's memory is its own, but for one page. */
    for (Gpa p = TABLES; p < TABLES + 0x4000; p += 4096) {
        map(b, TABLES2, 12, 39, 3, p, p | AF | 3 << 6);
    }
    map(b, TABLES2, 12, 39, 3, PAGE, (PAGE + 0x1000) | AF | 1 << 6);
    cpu->sr[SR_VTTBR_EL2] = TABLES2 | UINT64_C(3) << 48;
    cpu->sr[SR_VTCR_EL2] = 25 | 1 << 6 | 5 << 16;
    cpu->sr[SR_HCR_EL2] = HCR_VM | HCR_RW;
    turn_on(b, 25);
    g_assert_cmpint(look(b, 0x5010, MEM_READ, &out), ==, OK);
    g_assert_cmphex(out.gpa, ==, PAGE + 0x1010);
    g_assert_cmphex(look(b, 0x5010, MEM_WRITE, &out), ==, 0x0f);
    g_assert_cmpuint(cpu->pending.el, ==, 2);
    g_assert_true(cpu->pending.has_ipa);
    g_assert_cmphex(cpu->pending.ipa, ==, PAGE | 0x10);
    g_assert_cmphex(look(b, 0x6000, MEM_READ, &out), ==, 0x07);
    g_assert_cmpuint(cpu->pending.el, ==, 1);
    map(b, TABLES2, 12, 39, 3, TABLES + 0x2000, 0);
    g_assert_cmphex(look(b, 0x5010, MEM_READ, &out), ==, 0x0b);
    g_assert_cmpuint(cpu->pending.el, ==, 2);
    g_assert_cmphex(cpu->pending.esr & BIT(7), ==, BIT(7)); /* S1PTW */
    bench_free(b);
}

/* What a hypervisor is told of an access that it emulates: bits 24 to 14. */
static void test_syndrome(void)
{
    /* clang-format off */
    static const struct { uint32_t insn; unsigned isv_to_sse, srt, sf_ar; } cases[] = {
        {0xf9400041, 0xe, 1, 2},  /* ldr x1, [x2] */
        {0xb9000043, 0xc, 3, 0},  /* str w3, [x2] */
        {0x39c00044, 0x9, 4, 0},  /* ldrsb w4, [x2] */
        {0x79800045, 0xb, 5, 2},  /* ldrsh x5, [x2] */
        {0x385ff046, 0x8, 6, 0},  /* ldurb w6, [x2, #-1] */
        {0x78656847, 0xa, 7, 0},  /* ldrh w7, [x2, x5] */
        {0x88dffc48, 0xc, 8, 1},  /* ldar w8, [x2] */
        {0xc89ffc49, 0xe, 9, 3},  /* stlr x9, [x2] */
        {0x08df7c4a, 0x8, 10, 0}, /* ldlarb w10, [x2] */
        {0xb8bfc04b, 0xc, 11, 1}, /* ldapr w11, [x2] */
        {0xd940004c, 0xe, 12, 3}, /* ldapur x12, [x2] */
        {0xf8408440, 0, 0, 0},    /* ldr x0, [x2], #8 */
        {0xa9400440, 0, 0, 0},    /* ldp x0, x1, [x2] */
        {0x885ffc40, 0, 0, 0},    /* ldaxr w0, [x2] */
        {0x48a07c40, 0, 0, 0},    /* cash w0, w0, [x2] */
        {0xfd400040, 0, 0, 0},    /* ldr d0, [x2] */
    };
    /* clang-format on */
    Bench *b = bench_new("max,has_el2=on");

    bench_set_level(b, 1);
    b->cpu->vcpu.pc = BENCH_RAM;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint32_t iss;

        bench_write(b, BENCH_RAM, cases[i].insn);
        iss = arm_access_syndrome(b->cpu);
        g_test_message("%08x: %x", cases[i].insn, iss);
        g_assert_cmphex(iss >> 21, ==, cases[i].isv_to_sse);
        g_assert_cmpuint(iss >> 16 & 31, ==, cases[i].srt);
        g_assert_cmpuint(iss >> 14 & 3, ==, cases[i].sf_ar);
    }
    bench_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arm/mmu/granules", test_granules);
    g_test_add_func("/arm/mmu/rights", test_rights);
    g_test_add_func("/arm/mmu/flags", test_flags);
    g_test_add_func("/arm/mmu/tags", test_tags);
    g_test_add_func("/arm/mmu/spaces", test_spaces);
    g_test_add_func("/arm/mmu/stage2", test_stage2);
    g_test_add_func("/arm/mmu/syndrome", test_syndrome);
    return g_test_run();
}
